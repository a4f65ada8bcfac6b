//! Responsibility transfers: inviting, showing, naming, ending. Answering them is a matter of handshakes.

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::super::input::{self, Misfit, TagInput};
use super::super::{Answer, Context};
use super::handshakes::{self, Party};
use super::paging::{Page, PageRequest};
use super::{invalid, invalid_tags, shapes};
use crate::clock::{epoch, from_epoch};
use crate::world::{AccountId, Recipient, Refusal, Transfer, TransferInvitation, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invite {
    r#type: Option<String>,
    target: Option<Party>,
    notes: Option<String>,
    start_timestamp: Option<Value>,
    source_name: Option<String>,
    tags: Option<Vec<TagInput>>,
}

/// The request's `Target` is whom the invitation is sent to: the *source* of the transfer.
pub(super) fn invite(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Invite = input::parse(context.input)?;
    check_type(request.r#type.as_deref())?;
    let target = request
        .target
        .as_ref()
        .ok_or_else(|| invalid((Misfit::Missing, "Target")))?;
    let start = request
        .start_timestamp
        .as_ref()
        .ok_or_else(|| invalid((Misfit::Missing, "StartTimestamp")))?;
    let invitation = TransferInvitation {
        source: handshakes::recipient(target)?,
        name: shapes::TRANSFER_NAME
            .required(request.source_name.as_ref())
            .map_err(invalid)?
            .to_owned(),
        start: timestamp(start)?,
        notes: shapes::NOTES
            .optional(request.notes.as_ref())
            .map_err(invalid)?
            .map(str::to_owned),
        tags: input::tags(request.tags.as_ref()).map_err(invalid_tags)?,
    };
    let handshake = world
        .invite_to_transfer(&context.caller()?.account, invitation)?
        .clone();
    Ok(handshakes::answer(world, &handshake))
}

/// Billing is the only responsibility that can be transferred.
fn check_type(kind: Option<&str>) -> Result<(), Refusal> {
    match kind {
        Some("BILLING") => Ok(()),
        None => Err(invalid((Misfit::Missing, "Type"))),
        Some(_) => Err(invalid((Misfit::NotInEnum, "Type"))),
    }
}

fn timestamp(value: &Value) -> Result<OffsetDateTime, Refusal> {
    from_epoch(value).ok_or_else(|| {
        Refusal::new(
            "SerializationException",
            "A timestamp is a number of seconds.",
        )
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneTransfer {
    id: Option<String>,
    name: Option<String>,
    end_timestamp: Option<Value>,
}

impl OneTransfer {
    fn id(&self) -> Result<&str, Refusal> {
        shapes::TRANSFER_ID
            .required(self.id.as_ref())
            .map_err(invalid)
    }
}

pub(super) fn describe(world: &World, context: &Context<'_>) -> Answer {
    let request: OneTransfer = input::parse(context.input)?;
    let caller = &context.caller()?.account;
    let transfer = world.visible_transfer(caller, request.id()?)?;
    Ok(json!({"ResponsibilityTransfer": show(world, caller, transfer)}))
}

pub(super) fn update(world: &mut World, context: &Context<'_>) -> Answer {
    let request: OneTransfer = input::parse(context.input)?;
    let caller = &context.caller()?.account;
    let name = shapes::TRANSFER_NAME
        .required(request.name.as_ref())
        .map_err(invalid)?;
    let transfer = world.rename_transfer(caller, request.id()?, name)?.clone();
    Ok(json!({"ResponsibilityTransfer": show(world, caller, &transfer)}))
}

pub(super) fn terminate(world: &mut World, context: &Context<'_>) -> Answer {
    let request: OneTransfer = input::parse(context.input)?;
    let caller = &context.caller()?.account;
    let end = request.end_timestamp.as_ref().map(timestamp).transpose()?;
    let transfer = world
        .terminate_transfer(caller, request.id()?, end)?
        .clone();
    Ok(json!({"ResponsibilityTransfer": show(world, caller, &transfer)}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    r#type: Option<String>,
    id: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(super) fn list_inbound(world: &World, context: &Context<'_>) -> Answer {
    let request: List = input::parse(context.input)?;
    let caller = &context.caller()?.account;
    let wanted = shapes::TRANSFER_ID
        .optional(request.id.as_ref())
        .map_err(invalid)?;
    if let Some(id) = wanted {
        world.visible_transfer(caller, id)?;
    }
    list(world, context, &request, |transfer| {
        transfer.target == *caller && wanted.is_none_or(|id| transfer.id == id)
    })
}

pub(super) fn list_outbound(world: &World, context: &Context<'_>) -> Answer {
    let request: List = input::parse(context.input)?;
    let caller = &context.caller()?.account;
    list(world, context, &request, |transfer| {
        world.is_source(transfer, caller)
    })
}

fn list(
    world: &World,
    context: &Context<'_>,
    request: &List,
    wanted: impl Fn(&Transfer) -> bool,
) -> Answer {
    check_type(request.r#type.as_deref())?;
    let page = Page::new(world, context, &request.page)?;
    let caller = &context.caller()?.account;
    world.managed_by(caller)?;
    let after = page.after().map(str::to_owned);
    let transfers = world
        .transfers()
        .filter(|transfer| wanted(transfer))
        .filter(|transfer| {
            after
                .as_deref()
                .is_none_or(|after| transfer.id.as_str() > after)
        });
    Ok(page.cut(
        "ResponsibilityTransfers",
        transfers,
        |transfer| transfer.id.as_str(),
        |transfer| show(world, caller, transfer),
    ))
}

/// The ARN is that of the side which asks (API reference, the pattern of `ResponsibilityTransferArn`).
fn show(world: &World, caller: &AccountId, transfer: &Transfer) -> Value {
    let direction = if transfer.target == *caller {
        "inbound"
    } else {
        "outbound"
    };
    let partition = world
        .account(caller.as_str())
        .map_or("aws", |account| account.partition.as_str());
    let organization = world
        .managed_by(caller)
        .map(|organization| organization.id.as_str())
        .unwrap_or_default();
    let mut shown = json!({
        "Arn": format!(
            "arn:{partition}:organizations::{caller}:transfer/{organization}/billing/{direction}/{}",
            transfer.id
        ),
        "Name": transfer.name,
        "Id": transfer.id,
        "Type": "BILLING",
        "Status": transfer.status.as_str(),
        "Source": source(world, &transfer.source),
        "Target": participant(world, &transfer.target),
        "StartTimestamp": epoch(transfer.start),
    });
    if let Some(end) = transfer.end {
        shown["EndTimestamp"] = epoch(end);
    }
    if transfer.status == crate::world::TransferStatus::Requested {
        shown["ActiveHandshakeId"] = json!(transfer.handshake);
    }
    shown
}

fn source(world: &World, source: &Recipient) -> Value {
    match source {
        Recipient::Account(id) => participant(world, id),
        Recipient::Email(email) => json!({
            "ManagementAccountId": world.account_by_email(email),
            "ManagementAccountEmail": email,
        }),
    }
}

fn participant(world: &World, id: &AccountId) -> Value {
    json!({
        "ManagementAccountId": id,
        "ManagementAccountEmail": world.account(id.as_str()).map(|account| &account.email),
    })
}
