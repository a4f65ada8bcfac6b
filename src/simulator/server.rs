//! The listener: HTTP in, one of the services or the admin interface behind it.
//!
//! A call passes, in this order: signature, faults, pace, permissions, overlap with other writes, and then the service.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::admin;
use crate::calls::Call;
use crate::clock;
use crate::fault::{Effect, Verdict};
use crate::services::{Context, Operation, Request, Service};
use crate::state::State;
use crate::wire::signature::Signature;
use crate::wire::{Protocol, Unauthenticated, json, query};
use crate::world::{Caller, OrganizationId, Refusal, request_id};

/// What connections share.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// The state. A test that panicked while it held the lock has failed already; others go on.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection is to be cut instead of answered.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connection cut by a fault")
    }
}

impl std::error::Error for Cut {}

/// Serves connections until the future is dropped; ends only if the listener cannot be used at all.
pub(crate) async fn serve(listener: TcpListener, shared: Shared) -> std::io::Result<Infallible> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, shared.clone()));
            }
            Err(error) => {
                // The machine is out of something, such as file descriptors, that others may give back.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, shared: Shared) {
    // Small answers must not wait for more to send; without this they would merely be slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(shared.clone(), request));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection ended");
    }
}

type HttpResponse = Response<Full<Bytes>>;

async fn answer(shared: Shared, request: http::Request<Incoming>) -> Result<HttpResponse, Cut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    if let Some(path) = parts.uri.path().strip_prefix(admin::PREFIX) {
        let answer = admin::answer(&mut shared.lock(), &parts.method, path, &body);
        return Ok(respond(
            answer.status,
            answer.content_type,
            answer.body,
            |headers| headers,
        ));
    }
    // A caller that hangs up does not undo what it asked for.
    let carried_out = tokio::spawn(async move { call(&shared, &parts, &body).await });
    carried_out.await.unwrap_or(Err(Cut))
}

/// What is known of a call while it is on its way.
struct Exchange<'a> {
    shared: &'a Shared,
    protocol: Protocol,
    namespace: &'static str,
    request: Option<Request>,
    caller: Option<Caller>,
    actions: Vec<String>,
    reached: bool,
    request_id: String,
}

async fn call(shared: &Shared, parts: &Parts, body: &[u8]) -> Result<HttpResponse, Cut> {
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let request_id = request_id(shared.lock().next_request());
    let protocol = if target.is_some() {
        Protocol::Json
    } else {
        Protocol::Query
    };
    let mut exchange = Exchange {
        shared,
        protocol,
        namespace: Service::Sts.namespace(),
        request: None,
        caller: None,
        actions: Vec::new(),
        reached: false,
        request_id,
    };
    let request = match Request::identify(target, body) {
        Ok(request) => request,
        Err(refusal) => return Ok(exchange.finish(Err(refusal), true)),
    };
    exchange.namespace = request.service.namespace();
    let caller = authenticate(&shared.lock(), parts, body, &request);
    let request = exchange.request.insert(request);
    exchange.caller = match caller {
        Ok(caller) => caller,
        Err(fault) => return Ok(exchange.finish(Err(fault.refusal(protocol)), true)),
    };
    let verdict = {
        let mut state = shared.lock();
        exchange.actions = request.actions(&state.world);
        let account = exchange.caller.as_ref().map(|caller| &caller.account);
        state
            .faults
            .judge(request.service.name(), &request.operation, account)
    };
    exchange.carry_out(verdict).await
}

impl Exchange<'_> {
    async fn carry_out(mut self, verdict: Verdict) -> Result<HttpResponse, Cut> {
        if verdict.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
        }
        let mut answered = true;
        let ended = match verdict.effect {
            None => None,
            Some(Effect::LoseResponse) => {
                answered = false;
                None
            }
            Some(Effect::CutConnection) => {
                self.finish(
                    Err(Refusal::new(
                        "ConnectionCut",
                        "The connection was cut before the call.",
                    )),
                    false,
                );
                return Err(Cut);
            }
            Some(effect) => self.refusal(effect),
        };
        let result = match ended {
            Some(refusal) => Err(refusal),
            None => self.execute(verdict.lagging).await,
        };
        let response = self.finish(result, answered);
        if answered { Ok(response) } else { Err(Cut) }
    }

    fn refusal(&self, effect: Effect) -> Option<Refusal> {
        match effect {
            Effect::Throttle => self
                .request
                .as_ref()
                .map(|request| request.service.throttled()),
            Effect::Error {
                code,
                reason,
                message,
                status,
            } => Some(Refusal {
                code: code.into(),
                reason: reason.map(Into::into),
                message,
                status,
            }),
            Effect::ExpireCredentials => Some(Unauthenticated::Expired.refusal(self.protocol)),
            Effect::Refuse => {
                let caller = self
                    .caller
                    .as_ref()
                    .map_or("anonymous", |caller| caller.arn.as_str());
                let action = self
                    .request
                    .as_ref()
                    .map(Request::action)
                    .unwrap_or_default();
                Some(Refusal::access_denied(format!(
                    "User: {caller} is not authorized to perform: {action}"
                )))
            }
            Effect::LoseResponse
            | Effect::CutConnection
            | Effect::Delay { .. }
            | Effect::LagReads { .. } => None,
        }
    }

    async fn execute(&mut self, lagging: bool) -> Result<serde_json::Value, Refusal> {
        let Some(request) = &self.request else {
            return Err(self.protocol.unknown_operation());
        };
        let operation = request
            .resolve()
            .ok_or_else(|| self.protocol.unknown_operation())?;
        let caller = self.caller.as_ref();
        let (organization, latency) = {
            let mut state = self.shared.lock();
            state.check_pace(Instant::now(), request, caller)?;
            authorize(&state, caller, &self.actions)?;
            self.reached = true;
            let latency = state.world.switches.write_latency_ms;
            let organization = caller.and_then(|caller| request.organization(&state.world, caller));
            match (operation, latency, organization) {
                (Operation::Write(_), Some(latency), Some(organization)) => {
                    state.begin_write(&organization)?;
                    (Some(organization), latency)
                }
                _ => (None, 0),
            }
        };
        let _busy = organization.map(|organization| Busy {
            shared: self.shared,
            organization,
        });
        if latency > 0 {
            tokio::time::sleep(Duration::from_millis(latency)).await;
        }
        let mut state = self.shared.lock();
        let context = Context::new(caller, request);
        match operation {
            Operation::Read(read) => read(state.view(lagging), &context),
            Operation::Write(write) => state.write(request.service, |world| write(world, &context)),
        }
    }

    /// Logs the call and makes its response.
    fn finish(&self, result: Result<serde_json::Value, Refusal>, answered: bool) -> HttpResponse {
        let operation = self
            .request
            .as_ref()
            .map_or("", |request| request.operation.as_str());
        let (status, body) = match (&result, self.protocol) {
            (Ok(output), Protocol::Json) => (200, json::answer(output)),
            (Ok(output), Protocol::Query) => (
                200,
                query::answer(operation, self.namespace, output, &self.request_id),
            ),
            (Err(refusal), Protocol::Json) => json::refusal(refusal),
            (Err(refusal), Protocol::Query) => {
                query::refusal(refusal, self.namespace, &self.request_id)
            }
        };
        let mut state = self.shared.lock();
        let now = state.world.now();
        let (error, reason) = match result {
            Ok(_) => (None, None),
            Err(refusal) => (
                Some(refusal.code.into_owned()),
                refusal.reason.map(std::borrow::Cow::into_owned),
            ),
        };
        state.calls.push(Call {
            time: clock::iso(now),
            service: self
                .request
                .as_ref()
                .map_or("", |request| request.service.name())
                .to_owned(),
            operation: operation.to_owned(),
            account: self.caller.as_ref().map(|caller| caller.account.clone()),
            caller: self.caller.as_ref().map(|caller| caller.arn.clone()),
            actions: self.actions.clone(),
            parameters: self
                .request
                .as_ref()
                .map_or_else(Default::default, Request::loggable_input),
            error,
            reason,
            status,
            answered,
            reached: self.reached,
            request_id: self.request_id.clone(),
        });
        drop(state);
        let content_type = match self.protocol {
            Protocol::Json => json::CONTENT_TYPE,
            Protocol::Query => query::CONTENT_TYPE,
        };
        respond(status, content_type, body, |headers| {
            headers
                .header("x-amzn-requestid", &self.request_id)
                .header("date", clock::http_date(now))
                // Simulated time is no measure for a client's clock: the age says that the date is not of this moment.
                .header("age", "0")
        })
    }
}

/// An organization that is being written to.
struct Busy<'a> {
    shared: &'a Shared,
    organization: OrganizationId,
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
    let signature = Signature::of(&parts.headers)?;
    let key = state
        .world
        .access_key(signature.access_key)
        .ok_or(Unauthenticated::UnknownKey)?;
    if signature.service != request.service.name() {
        return Err(Unauthenticated::WrongSignature);
    }
    let token = parts
        .headers
        .get("x-amz-security-token")
        .and_then(|token| token.to_str().ok());
    if token != key.session_token.as_deref() {
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
    }
    Ok(())
}

fn respond(
    status: u16,
    content_type: &str,
    body: Bytes,
    headers: impl FnOnce(http::response::Builder) -> http::response::Builder,
) -> HttpResponse {
    let builder = Response::builder()
        .status(status)
        .header("content-type", content_type);
    headers(builder).body(Full::new(body)).unwrap_or_else(|_| {
        // Only a status outside of HTTP's range can lead here: a fault asked for it.
        let mut response = Response::new(Full::new(Bytes::from_static(
            b"a fault asked for an impossible status",
        )));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}
