//! The admin interface: JSON over HTTP under `/_admin/`, for what tests and curious users arrange and look at.
//!
//! | Request | Meaning |
//! |---|---|
//! | `POST accounts` | open an account: an [`AccountSpec`]; answers its ID and keys |
//! | `PATCH accounts/ID` | change `payment_method`, `phone_verified`, `agreement_accepted`, `email_verified`, `denied_actions`, `iam_billing_access`, `root_mfa`, `root_access_keys`, `root_signing_certificates`, `billing_obstacles` |
//! | `POST accounts/ID/keys` | `{"user": …, "denied_actions": […]}`: a further key |
//! | `POST organizations` | an organization with members: a [`SeedOrganization`] |
//! | `PATCH organizations/ID` | change `account_limit`, `required_tag_keys`, `inbound_transfer_quota`, `chain_transfer_quota`, `withdrawal_notice_days` |
//! | `POST roles` | a [`RoleSpec`] |
//! | `POST buckets` | a [`BucketSpec`] |
//! | `POST reports` | a [`ReportSpec`] |
//! | `POST reports/ACCOUNT/NAME/backfill` | `{"months": …}`: deliver whole months before this one at once |
//! | `POST issuers` | `{"issuer": …}`: trust tokens of this issuer |
//! | `POST handshakes/ID/accept`, `decline`, `cancel` | as the account's owner would in the console |
//! | `POST seed` | a [`Seed`] |
//! | `GET clock`, `POST clock` | `{"seconds": …}`, `{"days": …}` or `{"to": …}` |
//! | `GET switches`, `PATCH switches` | [`Switches`] |
//! | `GET faults`, `POST faults`, `DELETE faults`, `DELETE faults/ID` | [`Fault`] |
//! | `GET calls`, `DELETE calls` | the log of calls |
//! | `GET state`, `GET summary` | what AWS looks like now: JSON, text |
//! | `POST reset` | back to the seed |

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::clock;
use crate::fault::Fault;
use crate::seed::{Seed, SeedOrganization};
use crate::state::State;
use crate::summary;
use crate::world::{
    AccessKey, AccountId, AccountSpec, BillingObstacle, BucketSpec, PaymentMethod, Recipient,
    Refusal, ReportSpec, RoleSpec, Switches,
};

/// Where the interface begins.
pub(crate) const PREFIX: &str = "/_admin/";

/// An HTTP answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
}

/// Why a request is not carried out.
enum Fail {
    NotFound,
    Invalid(String),
}

impl From<Refusal> for Fail {
    fn from(refusal: Refusal) -> Self {
        Self::Invalid(refusal.to_string())
    }
}

type Result<T> = std::result::Result<T, Fail>;

/// Answers a request; `path` is what follows the prefix.
pub(crate) fn answer(state: &mut State, method: &Method, path: &str, body: &[u8]) -> Answer {
    if *method == Method::GET && path == "summary" {
        let body = Bytes::from(summary::text(&state.world));
        return Answer {
            status: 200,
            content_type: "text/plain; charset=utf-8",
            body,
        };
    }
    let (status, value) = match route(state, method, path, body) {
        Ok(value) => (200, value),
        Err(Fail::NotFound) => (
            404,
            json!({"error": format!("there is no {method} {PREFIX}{path}")}),
        ),
        Err(Fail::Invalid(error)) => (400, json!({"error": error})),
    };
    Answer {
        status,
        content_type: "application/json",
        body: Bytes::from(value.to_string()),
    }
}

fn route(state: &mut State, method: &Method, path: &str, body: &[u8]) -> Result<Value> {
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    match (method.as_str(), segments.as_slice()) {
        ("POST", ["accounts"]) => open_account(state, parse(body)?),
        ("PATCH", ["accounts", id]) => change_account(state, id, parse(body)?),
        ("POST", ["accounts", id, "keys"]) => add_key(state, id, parse(body)?),
        ("POST", ["organizations"]) => add_organization(state, parse(body)?),
        ("PATCH", ["organizations", id]) => change_organization(state, id, parse(body)?),
        ("POST", ["roles"]) => {
            Ok(json!({"arn": state.world.arrange_role(&parse::<RoleSpec>(body)?)?}))
        }
        ("POST", ["buckets"]) => {
            state.world.arrange_bucket(&parse::<BucketSpec>(body)?)?;
            Ok(json!({}))
        }
        ("POST", ["reports"]) => {
            state.world.arrange_report(&parse::<ReportSpec>(body)?)?;
            Ok(json!({}))
        }
        ("POST", ["reports", account, name, "backfill"]) => {
            let account = AccountId::from(*account);
            let months = parse::<Backfill>(body)?.months;
            state.world.backfill(&account, name, months)?;
            Ok(json!({}))
        }
        ("POST", ["issuers"]) => {
            state
                .world
                .trust_web_identity_issuer(&parse::<Issuer>(body)?.issuer);
            Ok(json!({}))
        }
        ("POST", ["handshakes", id, step]) => move_handshake(state, id, step),
        ("POST", ["seed"]) => sow(state, body),
        ("GET", ["clock"]) => Ok(show_clock(state)),
        ("POST", ["clock"]) => move_clock(state, &parse(body)?),
        ("GET", ["switches"]) => Ok(json!(state.world.switches)),
        ("PATCH", ["switches"]) => change_switches(state, parse(body)?),
        ("GET", ["faults"]) => Ok(list_faults(state)),
        ("POST", ["faults"]) => Ok(json!({"id": state.faults.set(parse::<Fault>(body)?)})),
        ("DELETE", ["faults"]) => {
            state.faults.clear();
            Ok(json!({}))
        }
        ("DELETE", ["faults", id]) => {
            let known = id.parse().is_ok_and(|id| state.faults.remove(id));
            if known {
                Ok(json!({}))
            } else {
                Err(Fail::NotFound)
            }
        }
        ("GET", ["calls"]) => Ok(json!(state.calls)),
        ("DELETE", ["calls"]) => {
            state.calls.clear();
            Ok(json!({}))
        }
        ("GET", ["state"]) => Ok(summary::json(&state.world)),
        ("POST", ["reset"]) => {
            state.reset()?;
            Ok(json!({}))
        }
        _ => Err(Fail::NotFound),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Fail::Invalid(error.to_string()))
}

fn show_key(key: &AccessKey) -> Value {
    json!({"access_key_id": key.id, "secret_access_key": key.secret})
}

fn open_account(state: &mut State, spec: AccountSpec) -> Result<Value> {
    let id = state.world.open_account(spec)?;
    let key = state.world.keys(&id);
    let mut answer = show_key(&key);
    answer["id"] = json!(id);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    payment_method: Option<PaymentMethod>,
    phone_verified: Option<bool>,
    agreement_accepted: Option<bool>,
    email_verified: Option<bool>,
    denied_actions: Option<BTreeSet<String>>,
    iam_billing_access: Option<bool>,
    root_mfa: Option<bool>,
    root_access_keys: Option<bool>,
    root_signing_certificates: Option<bool>,
    billing_obstacles: Option<BTreeSet<BillingObstacle>>,
}

fn change_account(state: &mut State, id: &str, change: AccountChange) -> Result<Value> {
    let account = state.world.account_mut(id).ok_or(Fail::NotFound)?;
    set(&mut account.payment_method, change.payment_method);
    set(&mut account.phone_verified, change.phone_verified);
    set(&mut account.agreement_accepted, change.agreement_accepted);
    set(&mut account.email_verified, change.email_verified);
    set(&mut account.denied_actions, change.denied_actions);
    set(&mut account.iam_billing_access, change.iam_billing_access);
    set(&mut account.root_mfa, change.root_mfa);
    set(&mut account.root_access_keys, change.root_access_keys);
    set(
        &mut account.root_signing_certificates,
        change.root_signing_certificates,
    );
    set(&mut account.billing_obstacles, change.billing_obstacles);
    Ok(json!({}))
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    user: Option<String>,
    #[serde(default)]
    denied_actions: BTreeSet<String>,
}

fn add_key(state: &mut State, id: &str, new: NewKey) -> Result<Value> {
    let id = state.world.account(id).ok_or(Fail::NotFound)?.id.clone();
    let key = match new.user {
        Some(user) => state.world.add_user(&id, &user),
        None => state.world.keys(&id),
    };
    if let Some(key) = state.world.access_key_mut(&key.id) {
        key.denied_actions = new.denied_actions;
    }
    Ok(show_key(&key))
}

fn add_organization(state: &mut State, organization: SeedOrganization) -> Result<Value> {
    let id = organization.id.clone();
    let seed = Seed {
        organizations: vec![organization],
        ..Seed::default()
    };
    seed.sow(&mut state.world)?;
    Ok(json!({"id": id}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganizationChange {
    account_limit: Option<usize>,
    required_tag_keys: Option<BTreeSet<String>>,
    inbound_transfer_quota: Option<usize>,
    chain_transfer_quota: Option<usize>,
    withdrawal_notice_days: Option<u32>,
}

fn change_organization(state: &mut State, id: &str, change: OrganizationChange) -> Result<Value> {
    let organization = state.world.organization_mut(id).ok_or(Fail::NotFound)?;
    set(&mut organization.account_limit, change.account_limit);
    set(
        &mut organization.required_tag_keys,
        change.required_tag_keys,
    );
    set(
        &mut organization.inbound_transfer_quota,
        change.inbound_transfer_quota,
    );
    set(
        &mut organization.chain_transfer_quota,
        change.chain_transfer_quota,
    );
    set(
        &mut organization.withdrawal_notice_days,
        change.withdrawal_notice_days,
    );
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Backfill {
    months: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issuer {
    issuer: String,
}

fn move_handshake(state: &mut State, id: &str, step: &str) -> Result<Value> {
    let handshake = state.world.handshake(id).ok_or(Fail::NotFound)?;
    let sender = handshake.sender.clone();
    let recipient: Option<AccountId> = match &handshake.recipient {
        Recipient::Account(id) => Some(id.clone()),
        Recipient::Email(email) => state.world.account_by_email(email).cloned(),
    };
    let recipient = || {
        recipient
            .clone()
            .ok_or_else(|| Fail::Invalid("no account has the invited address".to_owned()))
    };
    match step {
        "accept" => state.world.accept(&recipient()?, id)?,
        "decline" => state.world.decline(&recipient()?, id)?,
        "cancel" => state.world.cancel(&sender, id)?,
        _ => return Err(Fail::NotFound),
    };
    Ok(json!({}))
}

fn sow(state: &mut State, body: &[u8]) -> Result<Value> {
    let document = std::str::from_utf8(body).map_err(|error| Fail::Invalid(error.to_string()))?;
    let seed = Seed::parse(document).map_err(|error| Fail::Invalid(error.to_string()))?;
    state.sow(seed)?;
    Ok(json!({}))
}

fn show_clock(state: &State) -> Value {
    json!({"now": clock::iso(state.world.now())})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    #[serde(default)]
    seconds: u64,
    #[serde(default)]
    days: u64,
    #[serde(default, with = "time::serde::rfc3339::option")]
    to: Option<OffsetDateTime>,
}

fn move_clock(state: &mut State, step: &ClockMove) -> Result<Value> {
    if let Some(to) = step.to {
        state.world.set_time(to)?;
    }
    state.world.pass(Duration::from_secs(
        step.days
            .saturating_mul(86_400)
            .saturating_add(step.seconds),
    ));
    Ok(show_clock(state))
}

/// Switches that are not named keep their position.
fn change_switches(state: &mut State, change: Value) -> Result<Value> {
    let mut all = json!(state.world.switches);
    if let (Some(all), Value::Object(change)) = (all.as_object_mut(), change) {
        all.extend(change);
    }
    let switches: Switches =
        serde_json::from_value(all).map_err(|error| Fail::Invalid(error.to_string()))?;
    state.world.switches = switches;
    Ok(json!(state.world.switches))
}

fn list_faults(state: &State) -> Value {
    state
        .faults
        .list()
        .iter()
        .map(|(id, fault)| json!({"id": id, "fault": fault}))
        .collect()
}
