//! Invitations, from both sides.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::input::{self, Misfit, TagInput};
use super::super::{Answer, Context};
use super::paging::{Page, PageRequest};
use super::{invalid, invalid_tags, shapes};
use crate::clock::epoch;
use crate::world::{AccountId, Handshake, HandshakeState, Invitation, Recipient, Refusal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InviteAccountToOrganization {
    target: Option<Party>,
    notes: Option<String>,
    tags: Option<Vec<TagInput>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Party {
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

fn recipient(target: &Party) -> Result<Recipient, Refusal> {
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

impl ListHandshakes {
    /// Whether the filter lets invitations through: they are the only handshakes here, and have no parents.
    fn shows_invitations(&self) -> Result<bool, Refusal> {
        let Some(filter) = &self.filter else {
            return Ok(true);
        };
        let parent = shapes::HANDSHAKE_ID
            .optional(filter.parent_handshake_id.as_ref())
            .map_err(invalid)?;
        match (filter.action_type.as_deref(), parent) {
            (Some(_), Some(_)) => Err(Refusal::invalid_input(
                "MAX_LIMIT_EXCEEDED_FILTER",
                "A filter takes one member, not several.",
            )),
            (Some(action), None) if ACTIONS.contains(&action) => Ok(action == "INVITE"),
            (Some(_), None) => Err(invalid((Misfit::NotInEnum, "ActionType"))),
            (None, parent) => Ok(parent.is_none()),
        }
    }
}

pub(super) fn list_for_account(world: &World, context: &Context<'_>) -> Answer {
    let request: ListHandshakes = input::parse(context.input)?;
    let shows = request.shows_invitations()?;
    let page = Page::new(world, context, &request.page)?;
    let after = page.after().map(str::to_owned);
    let received = world
        .received(&context.caller()?.account, after.as_deref())
        .filter(|_| shows);
    Ok(page.cut(
        "Handshakes",
        received,
        |handshake| handshake.id.as_str(),
        |handshake| show(world, handshake),
    ))
}

pub(super) fn list_for_organization(world: &World, context: &Context<'_>) -> Answer {
    let request: ListHandshakes = input::parse(context.input)?;
    let shows = request.shows_invitations()?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let after = page.after().map(str::to_owned);
    let sent = world.sent(organization, after.as_deref()).filter(|_| shows);
    Ok(page.cut(
        "Handshakes",
        sent,
        |handshake| handshake.id.as_str(),
        |handshake| show(world, handshake),
    ))
}

fn answer(world: &World, handshake: &Handshake) -> Value {
    json!({"Handshake": show(world, handshake)})
}

/// The members and their nesting are those of AWS's example responses (API reference, `InviteAccountToOrganization`).
fn show(world: &World, handshake: &Handshake) -> Value {
    let (kind, id) = match &handshake.recipient {
        Recipient::Account(id) => ("ACCOUNT", id.as_str()),
        Recipient::Email(email) => ("EMAIL", email.as_str()),
    };
    let mut resources = vec![
        json!({
            "Type": "ORGANIZATION",
            "Value": handshake.organization,
            "Resources": [
                {"Type": "MASTER_EMAIL", "Value": handshake.sender_email},
                {"Type": "MASTER_NAME", "Value": handshake.sender_name},
                {"Type": "ORGANIZATION_FEATURE_SET", "Value": handshake.feature_set.as_str()},
            ],
        }),
        json!({"Type": kind, "Value": id}),
    ];
    if let Some(notes) = &handshake.notes {
        resources.push(json!({"Type": "NOTES", "Value": notes}));
    }
    json!({
        "Id": handshake.id,
        "Arn": handshake.arn,
        "Action": "INVITE",
        "State": state(world, handshake.state),
        "RequestedTimestamp": epoch(handshake.requested_at),
        "ExpirationTimestamp": epoch(handshake.expires_at),
        "Parties": [{"Id": handshake.organization, "Type": "ORGANIZATION"}, {"Id": id, "Type": kind}],
        "Resources": resources,
    })
}

/// The model contradicts itself about what a pending invitation is called; AWS's examples say `OPEN`.
fn state(world: &World, state: HandshakeState) -> &'static str {
    match state {
        HandshakeState::Pending if world.switches.requested_state => "REQUESTED",
        HandshakeState::Pending => "OPEN",
        HandshakeState::Canceled => "CANCELED",
        HandshakeState::Accepted => "ACCEPTED",
        HandshakeState::Declined => "DECLINED",
        HandshakeState::Expired => "EXPIRED",
    }
}
