//! One call, from its signature to its answer.
//!
//! A call meets, in this order: its signature, faults, pace, permissions, other writes to the same organization, and
//! then the service. Its entry in the log is filled in on the way.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};

use crate::calls::Call;
use crate::clock;
use crate::fault::Effect;
use crate::server::{Cut, HttpResponse, Shared, respond};
use crate::services::{self, Context, Operation, Output, Request, Service};
use crate::state::State;
use crate::wire::rest_xml::{self, Reply, Subject};
use crate::wire::signature::Signature;
use crate::wire::{Protocol, Unauthenticated, json, query, rest_json};
use crate::world::{Caller, OrganizationId, Refusal, Resource, request_id};

/// Carries out a call, and logs it.
pub(crate) async fn call(shared: Shared, parts: Parts, body: Bytes) -> Result<HttpResponse, Cut> {
    let target = header(&parts, "x-amz-target");
    let mut exchange = Exchange::new(shared, &parts);
    let answer = exchange.carry_out(target, &parts, &body).await;
    let answered = exchange.record.answered;
    let response = exchange.finish(answer);
    if answered { Ok(response) } else { Err(Cut) }
}

/// What a call comes to.
type Outcome = Result<Output, Refusal>;

struct Exchange {
    shared: Shared,
    protocol: Protocol,
    namespace: &'static str,
    subject: Subject,
    /// A `HEAD` request, whose refusal has no body to say why.
    bodiless: bool,
    record: Call,
}

impl Exchange {
    fn new(shared: Shared, parts: &Parts) -> Self {
        let request_id = request_id(shared.lock().next_request());
        let record = Call {
            request_id,
            answered: true,
            ..Call::default()
        };
        Self {
            shared,
            protocol: services::protocol(parts),
            namespace: Service::Sts.namespace(),
            subject: Subject::default(),
            bodiless: parts.method == Method::HEAD,
            record,
        }
    }

    async fn carry_out(&mut self, target: Option<&str>, parts: &Parts, body: &Bytes) -> Outcome {
        let request = Request::identify(parts, target, body)?;
        self.namespace = request.service.namespace();
        request.service.name().clone_into(&mut self.record.service);
        self.record.operation.clone_from(&request.operation);
        self.record.parameters = request.loggable_input();
        self.subject = request.subject(&self.shared.lock().world);

        let caller = authenticate(&self.shared.lock(), parts, body, &request);
        let caller = caller.map_err(|fault| fault.refusal(self.protocol))?;
        self.record.account = caller.as_ref().map(|caller| caller.account.clone());
        self.record.caller = caller.as_ref().map(|caller| caller.arn.clone());
        self.record.actions = request.actions(&self.shared.lock().world);

        let lagging = self.meet_faults(&request).await?;
        self.execute(&request, caller.as_ref(), lagging).await
    }

    /// Lets faults have their way; answers whether a read is to lag.
    async fn meet_faults(&mut self, request: &Request) -> Result<bool, Refusal> {
        let account = self.record.account.as_ref();
        let verdict =
            self.shared
                .lock()
                .faults
                .judge(&self.record.service, &self.record.operation, account);
        if verdict.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
        }
        match verdict.effect {
            None | Some(Effect::Delay { .. } | Effect::LagReads { .. }) => Ok(verdict.lagging),
            Some(Effect::LoseResponse) => {
                self.record.answered = false;
                Ok(verdict.lagging)
            }
            Some(Effect::CutConnection) => {
                self.record.answered = false;
                Err(Refusal::new(
                    "ConnectionCut",
                    "The connection was cut before the call took effect.",
                ))
            }
            Some(Effect::Throttle) => Err(request.service.throttled()),
            Some(Effect::ExpireCredentials) => Err(Unauthenticated::Expired.refusal(self.protocol)),
            Some(Effect::Refuse) => {
                let caller = self.record.caller.as_deref().unwrap_or("anonymous");
                let message = format!(
                    "User: {caller} is not authorized to perform: {}",
                    request.action()
                );
                Err(Refusal::access_denied(message))
            }
            Some(Effect::Error {
                code,
                reason,
                message,
                status,
            }) => Err(Refusal {
                code: code.into(),
                reason: reason.map(Into::into),
                message,
                status,
            }),
        }
    }

    async fn execute(
        &mut self,
        request: &Request,
        caller: Option<&Caller>,
        lagging: bool,
    ) -> Outcome {
        let operation = request
            .resolve()
            .ok_or_else(|| self.protocol.unknown_operation())?;
        {
            let mut state = self.shared.lock();
            state.check_pace(Instant::now(), request, caller)?;
            authorize(&state, caller, &self.record.actions)?;
        }
        self.record.reached = true;
        let _busy = match operation {
            Operation::Write(_) => Busy::begin(&self.shared, request, caller).await?,
            Operation::Read(_) | Operation::RestRead(_) | Operation::RestWrite(_) => None,
        };
        let context = Context::new(caller, request);
        let mut state = self.shared.lock();
        match operation {
            Operation::Read(read) => read(state.view(lagging), &context).map(Output::Document),
            Operation::Write(write) => state
                .write(request.service, lagging, |world| write(world, &context))
                .map(Output::Document),
            Operation::RestRead(read) => read(state.view(lagging), &context).map(Output::Reply),
            Operation::RestWrite(write) => state
                .write(request.service, lagging, |world| write(world, &context))
                .map(Output::Reply),
        }
    }

    fn finish(mut self, outcome: Outcome) -> HttpResponse {
        let reply = self.reply(&outcome);
        let mut state = self.shared.lock();
        let now = state.world.now();
        self.record.time = clock::iso(now);
        self.record.status = reply.status;
        if let Err(refusal) = outcome {
            self.record.error = Some(refusal.code.into_owned());
            self.record.reason = refusal.reason.map(Cow::into_owned);
        }
        let request_id = match self.protocol {
            Protocol::RestXml => "x-amz-request-id",
            Protocol::Json | Protocol::RestJson | Protocol::Query => "x-amzn-requestid",
        };
        let mut builder = Response::builder()
            .header(request_id, &self.record.request_id)
            .header("date", clock::http_date(now))
            // Simulated time is no measure for a client's clock: the age says that the date is not of this moment.
            .header("age", "0");
        for (name, value) in &reply.headers {
            builder = builder.header(name, value);
        }
        state.calls.push(self.record);
        respond(builder, reply.status, reply.body)
    }

    fn reply(&self, outcome: &Outcome) -> Reply {
        let Call {
            operation,
            request_id,
            ..
        } = &self.record;
        let (status, content_type, body) = match (self.protocol, outcome) {
            (Protocol::RestXml, Err(refusal)) => return self.rest_refusal(refusal),
            (Protocol::RestJson, Err(refusal)) => return rest_json::refusal(refusal),
            (_, Ok(Output::Reply(reply))) => return self.with_region(reply.clone()),
            (Protocol::Json, Err(refusal)) => {
                let (status, body) = json::refusal(refusal);
                (status, json::CONTENT_TYPE, body)
            }
            (Protocol::Query, Err(refusal)) => {
                let (status, body) = query::refusal(refusal, self.namespace, request_id);
                (status, query::CONTENT_TYPE, body)
            }
            (Protocol::Json, Ok(Output::Document(output))) => {
                (200, json::CONTENT_TYPE, json::answer(output))
            }
            (Protocol::RestJson, Ok(Output::Document(output))) => {
                (200, rest_json::CONTENT_TYPE, rest_json::answer(output))
            }
            (Protocol::Query | Protocol::RestXml, Ok(Output::Document(output))) => {
                let body = query::answer(operation, self.namespace, output, request_id);
                (200, query::CONTENT_TYPE, body)
            }
        };
        Reply {
            body,
            ..Reply::status(status).with("content-type", content_type)
        }
    }

    fn rest_refusal(&self, refusal: &Refusal) -> Reply {
        let mut reply = rest_xml::refusal(refusal, &self.subject, &self.record.request_id);
        if self.bodiless || reply.status == 304 {
            reply.body = Bytes::new();
        }
        self.with_region(reply)
    }

    /// Whatever S3 answers about a bucket says where the bucket is.
    fn with_region(&self, reply: Reply) -> Reply {
        match &self.subject.region {
            Some(region) => reply.with("x-amz-bucket-region", region),
            None => reply,
        }
    }
}

/// An organization that is being written to, if writes take their time.
struct Busy<'a> {
    shared: &'a Shared,
    organization: OrganizationId,
}

impl<'a> Busy<'a> {
    async fn begin(
        shared: &'a Shared,
        request: &Request,
        caller: Option<&Caller>,
    ) -> Result<Option<Self>, Refusal> {
        let (busy, latency) = {
            let mut state = shared.lock();
            let Some(latency) = state.world.switches.write_latency_ms else {
                return Ok(None);
            };
            let changed = caller.and_then(|caller| request.organization(&state.world, caller));
            let Some(organization) = changed else {
                return Ok(None);
            };
            state.begin_write(&organization)?;
            (
                Self {
                    shared,
                    organization,
                },
                latency,
            )
        };
        tokio::time::sleep(Duration::from_millis(latency)).await;
        Ok(Some(busy))
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.shared.lock().end_write(&self.organization);
    }
}

/// Who sent the request, if it is signed as it must be.
fn authenticate(
    state: &State,
    parts: &Parts,
    body: &[u8],
    request: &Request,
) -> Result<Option<Caller>, Unauthenticated> {
    if request.is_anonymous() {
        return Ok(None);
    }
    let signature = match Signature::of(&parts.headers) {
        Err(Unauthenticated::MissingToken) if request.may_be_anonymous() => return Ok(None),
        signature => signature?,
    };
    let key = state
        .world
        .access_key(signature.access_key)
        .ok_or(Unauthenticated::UnknownKey)?;
    if signature.service != request.service.name() {
        return Err(Unauthenticated::WrongSignature);
    }
    if header(parts, "x-amz-security-token") != key.session_token.as_deref() {
        return Err(Unauthenticated::WrongSessionToken);
    }
    signature.verify(parts, body, &key.secret)?;
    if key
        .expires_at
        .is_some_and(|expires_at| expires_at <= state.world.now())
    {
        return Err(Unauthenticated::Expired);
    }
    Ok(Some(state.world.caller(key)))
}

/// Whether the caller holds every permission; the role that Organizations makes for itself has an error of its own
/// (API reference, `AccessDeniedForDependencyException`).
fn authorize(state: &State, caller: Option<&Caller>, actions: &[String]) -> Result<(), Refusal> {
    let Some(caller) = caller else { return Ok(()) };
    for action in actions {
        state
            .world
            .authorize(caller, action)
            .map_err(|refusal| match action.as_str() {
                "iam:CreateServiceLinkedRole" => Refusal::dependency_denied(refusal.message),
                _ => refusal,
            })?;
        // What Cost Explorer knows is no resource of its own, so that the action alone decides.
        if action.starts_with("ce:") {
            let everything = Resource {
                arn: "*",
                owner: &caller.account,
                policy: None,
            };
            state.world.permit(Some(caller), action, &everything, &[])?;
        }
    }
    Ok(())
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}
