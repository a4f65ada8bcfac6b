//! AWS Account Management (API version 2021-02-01), REST JSON: names of accounts and addresses of their root users.

use http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Operation::{self, Read, Write};
use super::input::{self, Complaint, Misfit, Shape, any, pattern};
use super::{Answer, Context, Request, Service};
use crate::clock::iso;
use crate::wire::signature::Signature;
use crate::wire::{Protocol, rest_json};
use crate::world::{AccountState, Refusal, World};

/// Whether a request is for this service, which paths alone do not tell: it is signed for it.
pub(super) fn is_meant(parts: &Parts) -> bool {
    Signature::of(&parts.headers).is_ok_and(|signature| signature.service == "account")
}

/// Finds out what is asked: the operation is in the path.
pub(super) fn identify(parts: &Parts, body: &bytes::Bytes) -> Result<Request, Refusal> {
    let operation = match parts.uri.path() {
        "/acceptPrimaryEmailUpdate" => "AcceptPrimaryEmailUpdate",
        "/getAccountInformation" => "GetAccountInformation",
        "/getPrimaryEmail" => "GetPrimaryEmail",
        "/putAccountName" => "PutAccountName",
        "/startPrimaryEmailUpdate" => "StartPrimaryEmailUpdate",
        _ => return Err(Protocol::RestJson.unknown_operation()),
    };
    Ok(Request {
        service: Service::Account,
        operation: operation.to_owned(),
        input: rest_json::parse(body)?,
        payload: bytes::Bytes::new(),
        region: None,
    })
}

pub(super) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AcceptPrimaryEmailUpdate" => Write(accept_email_update),
        "GetAccountInformation" => Read(information),
        "GetPrimaryEmail" => Read(email),
        "PutAccountName" => Write(put_name),
        "StartPrimaryEmailUpdate" => Write(start_email_update),
        _ => return None,
    })
}

const ACCOUNT_ID: Shape = Shape {
    name: "AccountId",
    min: 0,
    max: 12,
    form: pattern!(r"^\d{12}$"),
};
const ACCOUNT_NAME: Shape = Shape {
    name: "AccountName",
    min: 1,
    max: 50,
    form: pattern!(r"^[ -;=?-~]+$"),
};
const PRIMARY_EMAIL: Shape = Shape {
    name: "PrimaryEmail",
    min: 5,
    max: 64,
    form: any,
};
const OTP: Shape = Shape {
    name: "Otp",
    min: 0,
    max: 6,
    form: pattern!(r"^[a-zA-Z0-9]{6}$"),
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    account_id: Option<String>,
    account_name: Option<String>,
    primary_email: Option<String>,
    otp: Option<String>,
}

impl Input {
    fn of(context: &Context<'_>) -> Result<Self, Refusal> {
        input::parse(context.input)
    }

    fn own_or_named(&self) -> Result<Option<&str>, Refusal> {
        ACCOUNT_ID
            .optional(self.account_id.as_ref())
            .map_err(invalid)
    }

    fn named(&self) -> Result<&str, Refusal> {
        ACCOUNT_ID
            .required(self.account_id.as_ref())
            .map_err(invalid)
    }

    fn email(&self) -> Result<&str, Refusal> {
        PRIMARY_EMAIL
            .required(self.primary_email.as_ref())
            .map_err(invalid)
    }
}

fn put_name(world: &mut World, context: &Context<'_>) -> Answer {
    let input = Input::of(context)?;
    let name = ACCOUNT_NAME
        .required(input.account_name.as_ref())
        .map_err(invalid)?;
    world.put_account_name(&context.caller()?.account, input.own_or_named()?, name)?;
    Ok(Value::Null)
}

fn information(world: &World, context: &Context<'_>) -> Answer {
    let input = Input::of(context)?;
    let id = world.account_managed_by(&context.caller()?.account, input.own_or_named()?)?;
    let account = world
        .account(id.as_str())
        .ok_or_else(Refusal::account_not_found)?;
    let state = match account.state {
        AccountState::Active => "ACTIVE",
        AccountState::Suspended | AccountState::PendingClosure => "SUSPENDED",
        AccountState::Closed => "CLOSED",
    };
    Ok(json!({
        "AccountId": account.id,
        "AccountName": account.name,
        "AccountCreatedDate": iso(account.created_at),
        "AccountState": state,
    }))
}

fn email(world: &World, context: &Context<'_>) -> Answer {
    let input = Input::of(context)?;
    let id = world.account_managed_by(&context.caller()?.account, Some(input.named()?))?;
    let account = world
        .account(id.as_str())
        .ok_or_else(Refusal::account_not_found)?;
    Ok(json!({"PrimaryEmail": account.email}))
}

fn start_email_update(world: &mut World, context: &Context<'_>) -> Answer {
    let input = Input::of(context)?;
    world.start_email_update(&context.caller()?.account, input.named()?, input.email()?)?;
    Ok(json!({"Status": "PENDING"}))
}

fn accept_email_update(world: &mut World, context: &Context<'_>) -> Answer {
    let input = Input::of(context)?;
    let code = OTP.required(input.otp.as_ref()).map_err(invalid)?;
    let (id, email) = (input.named()?, input.email()?);
    world.accept_email_update(&context.caller()?.account, id, email, code)?;
    Ok(json!({"Status": "ACCEPTED"}))
}

/// API reference, `ValidationException`: there is one reason for all of these.
fn invalid((misfit, name): Complaint) -> Refusal {
    let complaint = match misfit {
        Misfit::Missing => "is required",
        Misfit::TooShort => "is too short",
        Misfit::TooLong => "is too long",
        Misfit::Pattern => "does not have the required form",
        Misfit::NotInEnum => "is none of the possible values",
    };
    Refusal::validation(format!("{name} {complaint}."))
}
