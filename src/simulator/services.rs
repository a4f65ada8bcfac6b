//! The services: what each operation asks for and answers. Requests are checked against the service model here; what
//! they do is the world's affair.

pub(crate) mod account;
pub(crate) mod billing;
pub(crate) mod cost_and_usage;
pub(crate) mod cost_explorer;
pub(crate) mod iam;
mod input;
pub(crate) mod organizations;
pub(crate) mod s3;
pub(crate) mod sts;

use bytes::Bytes;
use http::request::Parts;
use serde_json::Value;
use time::OffsetDateTime;

use crate::wire::rest_xml::{Reply, Subject};
use crate::wire::signature::Signature;
use crate::wire::{Protocol, json, query};
use crate::world::{Caller, OrganizationId, Refusal, World};

/// A service that is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Account,
    Organizations,
    Sts,
    Iam,
    S3,
    CostAndUsage,
    CostExplorer,
    Billing,
}

/// What an operation answers.
pub(crate) type Answer = Result<Value, Refusal>;

/// What an operation of REST XML answers.
pub(crate) type RestAnswer = Result<Reply, Refusal>;

/// An answer of either kind.
pub(crate) enum Output {
    Document(Value),
    Reply(Reply),
}

/// What an operation is given.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// `None` for the operations that need no signature.
    caller: Option<&'a Caller>,
    operation: &'a str,
    input: &'a Value,
    /// The content that comes with the input of REST XML.
    payload: &'a Bytes,
    /// The region that the request is signed for.
    region: Option<&'a str>,
    /// The machine's clock. Only the end of a session is told by it, because clients hold that against their own.
    wall_clock: OffsetDateTime,
}

impl<'a> Context<'a> {
    pub(crate) fn new(caller: Option<&'a Caller>, request: &'a Request) -> Self {
        Self {
            caller,
            operation: &request.operation,
            input: &request.input,
            payload: &request.payload,
            region: request.region.as_deref(),
            wall_clock: OffsetDateTime::now_utc(),
        }
    }

    fn caller(&self) -> Result<&'a Caller, Refusal> {
        self.caller.ok_or_else(|| {
            Refusal::new(
                "MissingAuthenticationToken",
                "The request carries no signature.",
            )
        })
    }
}

/// What an operation does to the world.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Read(fn(&World, &Context<'_>) -> Answer),
    Write(fn(&mut World, &Context<'_>) -> Answer),
    RestRead(fn(&World, &Context<'_>) -> RestAnswer),
    RestWrite(fn(&mut World, &Context<'_>) -> RestAnswer),
}

/// How a request talks, which is known before its service is.
pub(crate) fn protocol(parts: &Parts) -> Protocol {
    if parts.headers.contains_key("x-amz-target") {
        Protocol::Json
    } else if account::is_meant(parts) {
        Protocol::RestJson
    } else if s3::is_meant(parts) {
        Protocol::RestXml
    } else {
        Protocol::Query
    }
}

/// A request whose service and operation are known.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) service: Service,
    pub(crate) operation: String,
    pub(crate) input: Value,
    pub(crate) payload: Bytes,
    /// The region that it is signed for.
    pub(crate) region: Option<String>,
}

impl Request {
    /// Finds out which service is meant: by the target's prefix, by the version that a form names, or by what it is
    /// signed for.
    pub(crate) fn identify(
        parts: &Parts,
        target: Option<&str>,
        body: &Bytes,
    ) -> Result<Self, Refusal> {
        let request = match protocol(parts) {
            Protocol::RestJson => account::identify(parts, body),
            Protocol::RestXml => s3::identify(parts, body),
            Protocol::Json | Protocol::Query => Self::identify_by_content(target, body),
        };
        let region = Signature::of(&parts.headers).ok();
        Ok(Self {
            region: region.map(|signature| signature.region.to_owned()),
            ..request?
        })
    }

    fn identify_by_content(target: Option<&str>, body: &[u8]) -> Result<Self, Refusal> {
        if let Some(target) = target {
            let (prefix, operation) =
                json::target(target).ok_or_else(|| Protocol::Json.unknown_operation())?;
            let service = match prefix {
                organizations::TARGET => Service::Organizations,
                cost_and_usage::TARGET => Service::CostAndUsage,
                cost_explorer::TARGET => Service::CostExplorer,
                billing::TARGET => Service::Billing,
                _ => return Err(Protocol::Json.unknown_operation()),
            };
            return Ok(Self {
                service,
                operation: operation.to_owned(),
                input: json::parse(body)?,
                payload: Bytes::new(),
                region: None,
            });
        }
        let form = query::parse(body).ok_or_else(|| Protocol::Query.unknown_operation())?;
        let service = match form.version.as_str() {
            sts::VERSION => Service::Sts,
            iam::VERSION => Service::Iam,
            _ => return Err(Protocol::Query.unknown_operation()),
        };
        Ok(Self {
            service,
            operation: form.action,
            input: form.input,
            payload: Bytes::new(),
            region: None,
        })
    }

    pub(crate) fn resolve(&self) -> Option<Operation> {
        match self.service {
            Service::Account => account::operation(&self.operation),
            Service::Organizations => organizations::operation(&self.operation),
            Service::Sts => sts::operation(&self.operation),
            Service::Iam => iam::operation(&self.operation),
            Service::S3 => s3::operation(&self.operation),
            Service::CostAndUsage => cost_and_usage::operation(&self.operation),
            Service::CostExplorer => cost_explorer::operation(&self.operation),
            Service::Billing => billing::operation(&self.operation),
        }
    }

    /// Whether the operation may be called without a signature.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.service == Service::Sts && self.operation == "AssumeRoleWithWebIdentity"
    }

    /// Whether the operation may be called by nobody in particular, if it is not signed.
    pub(crate) fn may_be_anonymous(&self) -> bool {
        self.service == Service::S3
    }

    /// The IAM action of the operation.
    pub(crate) fn action(&self) -> String {
        if self.service == Service::S3 {
            return s3::action(&self.operation, &self.input);
        }
        format!("{}:{}", self.service.name(), self.operation)
    }

    /// The IAM actions that the caller needs (STS API reference, `GetCallerIdentity`: no permissions are required).
    pub(crate) fn actions(&self, world: &World) -> Vec<String> {
        let mut actions = match (self.service, self.operation.as_str()) {
            (Service::Sts, "GetCallerIdentity") => Vec::new(),
            _ => vec![self.action()],
        };
        actions.extend(match self.service {
            Service::Organizations => {
                organizations::further_actions(world, &self.operation, &self.input)
            }
            Service::Sts => sts::further_actions(&self.operation, &self.input),
            Service::Iam => iam::further_actions(&self.operation, &self.input),
            Service::CostAndUsage => cost_and_usage::further_actions(&self.operation, &self.input),
            Service::CostExplorer => cost_explorer::further_actions(&self.input),
            Service::Account | Service::S3 | Service::Billing => Vec::new(),
        });
        actions
    }

    /// The organization that a write changes.
    pub(crate) fn organization(&self, world: &World, caller: &Caller) -> Option<OrganizationId> {
        match self.service {
            Service::Organizations => {
                organizations::changed_organization(world, caller, &self.operation, &self.input)
            }
            Service::Account
            | Service::Sts
            | Service::Iam
            | Service::S3
            | Service::CostAndUsage
            | Service::CostExplorer
            | Service::Billing => None,
        }
    }

    /// What a refusal of REST XML is about.
    pub(crate) fn subject(&self, world: &World) -> Subject {
        match self.service {
            Service::S3 => s3::subject(world, &self.input),
            _ => Subject::default(),
        }
    }

    /// The input as the log of calls keeps it.
    pub(crate) fn loggable_input(&self) -> Value {
        let mut input = self.input.clone();
        for secret in ["WebIdentityToken", "TokenCode", "Otp"] {
            if let Some(value) = input.get_mut(secret) {
                *value = Value::from("(not logged)");
            }
        }
        input
    }
}

impl Service {
    /// The name that signatures are scoped to, and that IAM actions begin with.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Organizations => "organizations",
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::S3 => "s3",
            Self::CostAndUsage => "cur",
            Self::CostExplorer => "ce",
            Self::Billing => "billing",
        }
    }

    pub(crate) fn protocol(self) -> Protocol {
        match self {
            Self::Account => Protocol::RestJson,
            Self::Organizations | Self::CostAndUsage | Self::CostExplorer | Self::Billing => {
                Protocol::Json
            }
            Self::Sts | Self::Iam => Protocol::Query,
            Self::S3 => Protocol::RestXml,
        }
    }

    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::Account
            | Self::Organizations
            | Self::S3
            | Self::CostAndUsage
            | Self::CostExplorer
            | Self::Billing => "",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        }
    }

    /// How the service says that it is asked too often.
    pub(crate) fn throttled(self) -> Refusal {
        let code = match (self, self.protocol()) {
            (Self::CostAndUsage | Self::Billing, _) => "ThrottlingException",
            (Self::CostExplorer, _) => "LimitExceededException",
            (_, Protocol::Json | Protocol::RestJson) => "TooManyRequestsException",
            (_, Protocol::Query) => "Throttling",
            (_, Protocol::RestXml) => "SlowDown",
        };
        Refusal::new(code, "Rate exceeded")
    }
}
