//! AWS Security Token Service (API version 2011-06-15), Query.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use time::Duration;

use super::Operation::{self, Read, Write};
use super::input::{self, Complaint, Misfit, Shape, TagInput, any, pattern};
use super::{Answer, Context};
use crate::clock::iso;
use crate::world::{AccessKey, Assumption, Caller, Refusal, WebAssumption, World};

/// The version that forms name.
pub(super) const VERSION: &str = "2011-06-15";

const ROLE_ARN: Shape = Shape {
    name: "RoleArn",
    min: 20,
    max: 2_048,
    form: any,
};
const SESSION_NAME: Shape = Shape {
    name: "RoleSessionName",
    min: 2,
    max: 64,
    form: pattern!(r"^[\w+=,.@-]*$"),
};
const EXTERNAL_ID: Shape = Shape {
    name: "ExternalId",
    min: 2,
    max: 1_224,
    form: pattern!(r"^[\w+=,.@:/-]*$"),
};
const TOKEN: Shape = Shape {
    name: "WebIdentityToken",
    min: 4,
    max: 20_000,
    form: any,
};
const SESSION_SECONDS: std::ops::RangeInclusive<i64> = 900..=43_200;

pub(super) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "AssumeRole" => Write(assume_role),
        "AssumeRoleWithWebIdentity" => Write(assume_role_with_web_identity),
        "GetCallerIdentity" => Read(get_caller_identity),
        _ => return None,
    })
}

/// Session tags need a permission of their own (IAM user guide, "Pass session tags in AWS STS").
pub(super) fn further_actions(operation: &str, input: &Value) -> Vec<String> {
    if operation == "AssumeRole" && input.get("Tags").is_some() {
        return vec!["sts:TagSession".to_owned()];
    }
    Vec::new()
}

fn get_caller_identity(_: &World, context: &Context<'_>) -> Answer {
    let caller = context.caller()?;
    Ok(json!({"Account": caller.account, "Arn": caller.arn, "UserId": caller.user_id}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole {
    role_arn: Option<String>,
    role_session_name: Option<String>,
    external_id: Option<String>,
    duration_seconds: Option<String>,
    tags: Option<Vec<TagInput>>,
    web_identity_token: Option<String>,
}

impl AssumeRole {
    fn role_arn(&self) -> Result<String, Refusal> {
        ROLE_ARN
            .required(self.role_arn.as_ref())
            .map_err(invalid)
            .map(str::to_owned)
    }

    fn session_name(&self) -> Result<String, Refusal> {
        SESSION_NAME
            .required(self.role_session_name.as_ref())
            .map_err(invalid)
            .map(str::to_owned)
    }

    fn duration(&self) -> Result<Option<Duration>, Refusal> {
        let Some(text) = &self.duration_seconds else {
            return Ok(None);
        };
        match text.parse() {
            Ok(seconds) if SESSION_SECONDS.contains(&seconds) => {
                Ok(Some(Duration::seconds(seconds)))
            }
            _ => Err(Refusal::new(
                "ValidationError",
                "DurationSeconds must be between 900 and 43200.",
            )),
        }
    }
}

fn assume_role(world: &mut World, context: &Context<'_>) -> Answer {
    let request: AssumeRole = input::parse(context.input)?;
    let external_id = EXTERNAL_ID
        .optional(request.external_id.as_ref())
        .map_err(invalid)?
        .map(str::to_owned);
    let tags = input::tags(request.tags.as_ref())
        .map_err(|_| Refusal::new("ValidationError", "Tags are not valid."))?;
    let assumption = Assumption {
        role_arn: request.role_arn()?,
        session_name: request.session_name()?,
        external_id,
        duration: request.duration()?,
        tags: !tags.is_empty(),
    };
    let (key, session) = world.assume_role(context.caller()?, &assumption)?;
    Ok(session_answer(world, context, &key, &session))
}

fn assume_role_with_web_identity(world: &mut World, context: &Context<'_>) -> Answer {
    let request: AssumeRole = input::parse(context.input)?;
    let token = TOKEN
        .required(request.web_identity_token.as_ref())
        .map_err(invalid)?;
    let claims = claims(token).ok_or_else(|| {
        Refusal::new(
            "InvalidIdentityToken",
            "The token cannot be read as a JSON web token.",
        )
    })?;
    let subject = claims.get("sub").cloned();
    let assumption = WebAssumption {
        role_arn: request.role_arn()?,
        session_name: request.session_name()?,
        duration: request.duration()?,
        claims,
    };
    let (key, session) = world.assume_role_with_web_identity(&assumption)?;
    let mut answer = session_answer(world, context, &key, &session);
    answer["SubjectFromWebIdentityToken"] = json!(subject);
    Ok(answer)
}

/// The payload of a token; its signature is not looked at.
fn claims(token: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1)?.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&payload).ok()
}

/// Clients compare the end of a session with their own clock, so it is told by the machine's clock: as far from now
/// there as it is from now here.
fn session_answer(
    world: &World,
    context: &Context<'_>,
    key: &AccessKey,
    session: &Caller,
) -> Value {
    let left = key
        .expires_at
        .map_or(Duration::ZERO, |expires_at| expires_at - world.now());
    json!({
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "Credentials": {
            "AccessKeyId": key.id,
            "SecretAccessKey": key.secret,
            "SessionToken": key.session_token,
            "Expiration": iso(context.wall_clock + left),
        },
    })
}

/// STS API reference, "Common errors": `ValidationError`.
fn invalid((misfit, name): Complaint) -> Refusal {
    let complaint = match misfit {
        Misfit::Missing => "is required",
        Misfit::TooShort => "is too short",
        Misfit::TooLong => "is too long",
        Misfit::Pattern | Misfit::NotInEnum => "does not have the required form",
    };
    Refusal::new("ValidationError", format!("{name} {complaint}."))
}
