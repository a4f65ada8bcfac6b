//! Handshakes, from both sides: invitations to join, billing transfers, all features.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::{self, Misfit, TagInput};
use super::super::{Answer, Context};
use super::paging::{Page, PageRequest};
use super::{invalid, invalid_tags, shapes};
use crate::clock::{epoch, iso};
use crate::world::{
    AccountId, Handshake, HandshakeAction, HandshakeState, Invitation, Recipient, Refusal,
    TransferId, World,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InviteAccountToOrganization {
    target: Option<Party>,
    notes: Option<String>,
    tags: Option<Vec<TagInput>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Party {
    id: Option<String>,
    r#type: Option<String>,
}

pub(super) fn invite(world: &mut World, context: &Context<'_>) -> Answer {
    let request: InviteAccountToOrganization = input::parse(context.input)?;
    let target = request
        .target
        .as_ref()
        .ok_or_else(|| invalid((Misfit::Missing, "Target")))?;
    let recipient = recipient(target)?;
    let notes = shapes::NOTES
        .optional(request.notes.as_ref())
        .map_err(invalid)?
        .map(str::to_owned);
    let tags = input::tags(request.tags.as_ref()).map_err(invalid_tags)?;
    let invitation = Invitation {
        recipient,
        notes,
        tags,
    };
    let handshake = world
        .invite(&context.caller()?.account, invitation)?
        .clone();
    Ok(answer(world, &handshake))
}

pub(super) fn recipient(target: &Party) -> Result<Recipient, Refusal> {
    let id = shapes::PARTY_ID
        .required(target.id.as_ref())
        .map_err(invalid)?;
    match target.r#type.as_deref() {
        None => Err(invalid((Misfit::Missing, "Type"))),
        Some("ACCOUNT") if AccountId::is_valid(id) => Ok(Recipient::Account(id.into())),
        Some("ACCOUNT") => Err(invalid((Misfit::Pattern, "Id"))),
        Some("EMAIL") if (shapes::EMAIL.form)(id) => Ok(Recipient::Email(id.to_owned())),
        Some("EMAIL") => Err(Refusal::invalid_input(
            "INVALID_EMAIL_ADDRESS_TARGET",
            "Id is not an e-mail address.",
        )),
        Some("ORGANIZATION") => Err(Refusal::invalid_input(
            "INVALID_PARTY_TYPE_TARGET",
            "An organization cannot be invited, only an account.",
        )),
        Some(_) => Err(invalid((Misfit::NotInEnum, "Type"))),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneHandshake {
    handshake_id: Option<String>,
}

fn handshake_id(context: &Context<'_>) -> Result<String, Refusal> {
    let request: OneHandshake = input::parse(context.input)?;
    shapes::HANDSHAKE_ID
        .required(request.handshake_id.as_ref())
        .map_err(invalid)
        .map(str::to_owned)
}

pub(super) fn accept(world: &mut World, context: &Context<'_>) -> Answer {
    let handshake = world
        .accept(&context.caller()?.account, &handshake_id(context)?)?
        .clone();
    Ok(answer(world, &handshake))
}

pub(super) fn decline(world: &mut World, context: &Context<'_>) -> Answer {
    let handshake = world
        .decline(&context.caller()?.account, &handshake_id(context)?)?
        .clone();
    Ok(answer(world, &handshake))
}

pub(super) fn cancel(world: &mut World, context: &Context<'_>) -> Answer {
    let handshake = world
        .cancel(&context.caller()?.account, &handshake_id(context)?)?
        .clone();
    Ok(answer(world, &handshake))
}

pub(super) fn describe(world: &World, context: &Context<'_>) -> Answer {
    let handshake = world.visible_handshake(&context.caller()?.account, &handshake_id(context)?)?;
    Ok(answer(world, handshake))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListHandshakes {
    filter: Option<Filter>,
    #[serde(flatten)]
    page: PageRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    action_type: Option<String>,
    parent_handshake_id: Option<String>,
}

const ACTIONS: [&str; 5] = [
    "INVITE",
    "ENABLE_ALL_FEATURES",
    "APPROVE_ALL_FEATURES",
    "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
    "TRANSFER_RESPONSIBILITY",
];

/// Which handshakes a list shows.
enum Wanted {
    All,
    Action(String),
    PartsOf(String),
}

impl Wanted {
    fn includes(&self, handshake: &Handshake) -> bool {
        match self {
            Self::All => true,
            Self::Action(action) => handshake.action.as_str() == action,
            Self::PartsOf(parent) => handshake
                .parent
                .as_ref()
                .is_some_and(|id| id == parent.as_str()),
        }
    }
}

impl ListHandshakes {
    fn wanted(&self) -> Result<Wanted, Refusal> {
        let Some(filter) = &self.filter else {
            return Ok(Wanted::All);
        };
        let parent = shapes::HANDSHAKE_ID
            .optional(filter.parent_handshake_id.as_ref())
            .map_err(invalid)?;
        match (filter.action_type.as_deref(), parent) {
            (Some(_), Some(_)) => Err(Refusal::invalid_input(
                "MAX_LIMIT_EXCEEDED_FILTER",
                "A filter takes one member, not several.",
            )),
            (Some(action), None) if ACTIONS.contains(&action) => {
                Ok(Wanted::Action(action.to_owned()))
            }
            (Some(_), None) => Err(invalid((Misfit::NotInEnum, "ActionType"))),
            (None, Some(parent)) => Ok(Wanted::PartsOf(parent.to_owned())),
            (None, None) => Ok(Wanted::All),
        }
    }
}

/// Starts enabling all features (API reference, `EnableAllFeatures`).
pub(super) fn enable_all_features(world: &mut World, context: &Context<'_>) -> Answer {
    let handshake = world
        .enable_all_features(&context.caller()?.account)?
        .clone();
    Ok(answer(world, &handshake))
}

pub(super) fn list_for_account(world: &World, context: &Context<'_>) -> Answer {
    let request: ListHandshakes = input::parse(context.input)?;
    let wanted = request.wanted()?;
    let page = Page::new(world, context, &request.page)?;
    let after = page.after().map(str::to_owned);
    let received = world
        .received(&context.caller()?.account, after.as_deref())
        .filter(|handshake| wanted.includes(handshake));
    Ok(page.cut(
        "Handshakes",
        received,
        |handshake| handshake.id.as_str(),
        |handshake| show(world, handshake),
    ))
}

pub(super) fn list_for_organization(world: &World, context: &Context<'_>) -> Answer {
    let request: ListHandshakes = input::parse(context.input)?;
    let wanted = request.wanted()?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let after = page.after().map(str::to_owned);
    let sent = world
        .sent(organization, after.as_deref())
        .filter(|handshake| wanted.includes(handshake));
    Ok(page.cut(
        "Handshakes",
        sent,
        |handshake| handshake.id.as_str(),
        |handshake| show(world, handshake),
    ))
}

pub(super) fn answer(world: &World, handshake: &Handshake) -> Value {
    json!({"Handshake": show(world, handshake)})
}

/// The members and their nesting are those of AWS's example responses (API reference, `InviteAccountToOrganization`).
fn show(world: &World, handshake: &Handshake) -> Value {
    let (kind, id) = match &handshake.recipient {
        Recipient::Account(id) => ("ACCOUNT", id.as_str()),
        Recipient::Email(email) => ("EMAIL", email.as_str()),
    };
    let organization = json!({"Id": handshake.organization, "Type": "ORGANIZATION"});
    let parties = if is_process(handshake) {
        json!([organization])
    } else {
        json!([organization, {"Id": id, "Type": kind}])
    };
    let mut resources = vec![sender(handshake)];
    if !is_process(handshake) {
        resources.push(json!({"Type": kind, "Value": id}));
    }
    if let Some(parent) = &handshake.parent {
        resources.push(json!({"Type": "PARENT_HANDSHAKE", "Value": parent}));
    }
    if let HandshakeAction::TransferResponsibility(transfer) = &handshake.action {
        resources.push(show_transfer(world, transfer));
    }
    if let Some(notes) = &handshake.notes {
        resources.push(json!({"Type": "NOTES", "Value": notes}));
    }
    json!({
        "Id": handshake.id,
        "Arn": handshake.arn,
        "Action": handshake.action.as_str(),
        "State": state(world, handshake),
        "RequestedTimestamp": epoch(handshake.requested_at),
        "ExpirationTimestamp": epoch(handshake.expires_at),
        "Parties": parties,
        "Resources": resources,
    })
}

/// The handshake that stands for the whole process of enabling all features is sent to nobody in particular.
fn is_process(handshake: &Handshake) -> bool {
    handshake.action == HandshakeAction::EnableAllFeatures && handshake.parent.is_none()
}

/// Invitations to join say `MASTER_…` in AWS's examples; the names of the newer types stand in transfers.
fn sender(handshake: &Handshake) -> Value {
    let mut about = vec![];
    if let HandshakeAction::TransferResponsibility(_) = handshake.action {
        about.push(json!({"Type": "MANAGEMENT_ACCOUNT", "Value": handshake.sender}));
        about.push(json!({"Type": "MANAGEMENT_EMAIL", "Value": handshake.sender_email}));
        about.push(json!({"Type": "MANAGEMENT_NAME", "Value": handshake.sender_name}));
    } else {
        about.push(json!({"Type": "MASTER_EMAIL", "Value": handshake.sender_email}));
        about.push(json!({"Type": "MASTER_NAME", "Value": handshake.sender_name}));
    }
    about
        .push(json!({"Type": "ORGANIZATION_FEATURE_SET", "Value": handshake.feature_set.as_str()}));
    json!({"Type": "ORGANIZATION", "Value": handshake.organization, "Resources": about})
}

/// The types are the model's; how they are nested, AWS does not document.
fn show_transfer(world: &World, id: &TransferId) -> Value {
    let start = world
        .transfers()
        .find(|transfer| transfer.id == *id)
        .map(|transfer| iso(transfer.start));
    json!({
        "Type": "RESPONSIBILITY_TRANSFER",
        "Value": id,
        "Resources": [
            {"Type": "TRANSFER_TYPE", "Value": "BILLING"},
            {"Type": "TRANSFER_START_TIMESTAMP", "Value": start},
        ],
    })
}

/// The model contradicts itself about what a pending invitation is called; AWS's examples say `OPEN`. For the process of
/// enabling all features it is clear: `REQUESTED`, and `OPEN` once all have agreed.
fn state(world: &World, handshake: &Handshake) -> &'static str {
    match handshake.state {
        HandshakeState::Pending if is_process(handshake) => {
            if world.all_agreed(handshake) {
                "OPEN"
            } else {
                "REQUESTED"
            }
        }
        HandshakeState::Pending if world.switches.requested_state => "REQUESTED",
        HandshakeState::Pending => "OPEN",
        HandshakeState::Canceled => "CANCELED",
        HandshakeState::Accepted => "ACCEPTED",
        HandshakeState::Declined => "DECLINED",
        HandshakeState::Expired => "EXPIRED",
    }
}
