//! Resources, one file each.

mod account_password_policy;
mod billing_transfer_accept;
mod billing_transfer_invitation;
mod cost_analyzer_connection;
mod cur_backfill_access;
mod cur_bucket;
mod cur_report_definition;
mod moves;
mod org_deletion;
mod org_departure;
mod org_handshake_accept;
mod org_handshake_accepts;
mod org_member_account;
mod org_member_removal;
mod org_member_removals;
mod organization;
mod partner_account_invitation;
mod partner_account_invitations;
mod planned;

pub use account_password_policy::AccountPasswordPolicy;
pub use billing_transfer_accept::BillingTransferAccept;
pub use billing_transfer_invitation::BillingTransferInvitation;
pub use cost_analyzer_connection::CostAnalyzerConnection;
pub use cur_backfill_access::CurBackfillAccess;
pub use cur_bucket::CurBucket;
pub use cur_report_definition::CurReportDefinition;
pub use org_deletion::OrgDeletion;
pub use org_departure::OrgDeparture;
pub use org_handshake_accept::OrgHandshakeAccept;
pub use org_handshake_accepts::OrgHandshakeAccepts;
pub use org_member_account::OrgMemberAccount;
pub use org_member_removal::OrgMemberRemoval;
pub use org_member_removals::OrgMemberRemovals;
pub use organization::OrganizationResource;
pub use partner_account_invitation::PartnerAccountInvitation;
pub use partner_account_invitations::PartnerAccountInvitations;

use std::pin::pin;

use futures_util::future::{Either, select};

use crate::attributes::{AssumeRole, changed_tags};
use crate::aws::Organizations;
use crate::aws::organizations::Scale;
use crate::aws::types::{AccountId, ExternalId, RoleArn, Tags};
use crate::framework::{Computed, Cx, Diagnostic, DomainText, ImportId, Result};

/// What may follow the object's own name in an import ID.
///
/// An import reads no configuration, so an object that only the resource's own `assume_role` reaches
/// needs the role in the ID, and the external ID if the role asks for one.
const IMPORT_ROLE: &str = "optionally followed by ,role_arn and ,external_id";

/// Splits an import ID into the object's own name and the role to reach it with. The external ID comes
/// last, because it may hold commas.
fn split_import_id(id: &str) -> Result<(&str, Option<AssumeRole>), String> {
    let mut parts = id.splitn(3, ',');
    let name = parts.next().unwrap_or_default();
    let Some(role_arn) = parts.next() else {
        return Ok((name, None));
    };
    let external_id = parts.next().map(ExternalId::parse).transpose()?;
    let role = AssumeRole::of(RoleArn::parse(role_arn)?);
    Ok((
        name,
        Some(AssumeRole {
            external_id,
            ..role
        }),
    ))
}

/// The import ID of an object that is reached with the role.
fn with_role(name: &str, role: Option<&AssumeRole>) -> ImportId {
    let parts = role.map(|role| {
        let external_id = role.external_id.as_ref().map(ToString::to_string);
        [Some(role.role_arn.to_string()), external_id]
    });
    let parts = parts.into_iter().flatten().flatten();
    ImportId::Text(parts.fold(name.to_owned(), |id, part| format!("{id},{part}")))
}

/// Refuses an import ID, and says what is expected of the part before the role.
fn invalid_import_id(name: &str, got: &str) -> Diagnostic {
    Diagnostic::error("Invalid import ID").detail(format!(
        "Expected import identifier with format: {name}, {IMPORT_ROLE}. Got: {got:?}"
    ))
}

/// What an import ID, or that attribute of an identity, names, and the role to reach it with.
fn imported<T: DomainText>(id: &ImportId, attribute: &str) -> Result<(T, Option<AssumeRole>)> {
    imported_by(id, attribute, attribute)
}

/// Like [`imported`], where the import ID goes by another name than the attribute of the identity.
fn imported_by<T: DomainText>(
    id: &ImportId,
    attribute: &str,
    name: &str,
) -> Result<(T, Option<AssumeRole>)> {
    let (text, role) = match id {
        ImportId::Identity(identity) => {
            let text = identity.get(attribute);
            (text.map(String::as_str).unwrap_or_default(), None)
        }
        ImportId::Text(text) => split_import_id(text).map_err(|_| invalid_import_id(name, text))?,
    };
    let named = T::parse(text).map_err(|_| invalid_import_id(name, text))?;
    Ok((named, role))
}

/// Refuses credentials of an account other than the object's: everything would look lost.
fn check_owner(object: &str, owner: &Computed<AccountId>, caller: &AccountId) -> Result<()> {
    let Some(owner) = owner.known().filter(|owner| *owner != caller) else {
        return Ok(());
    };
    Err(
        Diagnostic::error("Credentials of another account").detail(format!(
            "{object} belongs to account {owner}, and the credentials to account {caller}. Use \
             credentials of account {owner} (the provider's profile, or assume_role)."
        )),
    )
}

/// The tags that an object should have; none before they are known.
fn wanted_tags(tags_all: &Computed<Tags>) -> &Tags {
    static NONE: Tags = Tags::new();
    tags_all.known().unwrap_or(&NONE)
}

/// Note beside an object, or the objects of a fleet: how large their organization is, see [`Scale`].
const SCALE: &str = "organization";

/// Tells the session what the last operation noted, so that it looks accounts up the cheaper way.
fn recall_scale(cx: &Cx, organizations: &Organizations) {
    if let Some(seen) = cx.common(SCALE).and_then(|note| note.parse::<Scale>().ok()) {
        organizations.recall(seen);
    }
}

/// Notes for the next operation what this one has seen, having asked for the account.
fn note_scale(cx: &Cx, organizations: &Organizations, asked_for: Option<&AccountId>) {
    if let Some(seen) = organizations.scale(asked_for) {
        cx.set_common(SCALE, seen.to_string());
    }
}

/// Works while it is being checked whether the work makes sense: an error of the check comes first, also
/// before those that follow from it.
async fn while_checking<C, T>(
    check: impl Future<Output = Result<C>>,
    work: impl Future<Output = Result<T>>,
) -> Result<(C, T)> {
    match select(pin!(check), pin!(work)).await {
        Either::Left((checked, work)) => Ok((checked?, work.await?)),
        Either::Right((done, check)) => Ok((check.await?, done?)),
    }
}

/// Gives an object of Organizations the tags that it should have, and takes away those that only the state had.
async fn set_tags(
    cx: &Cx,
    organizations: &Organizations,
    resource_id: &str,
    before: &Tags,
    wanted: &Tags,
) -> Result<()> {
    let (gone, new) = changed_tags(before, wanted);
    if !gone.is_empty() {
        organizations.untag(cx, resource_id, &gone).await?;
    }
    if !new.is_empty() {
        organizations.tag(cx, resource_id, &new).await?;
    }
    Ok(())
}
