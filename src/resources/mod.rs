//! Resources, one file each.

mod org_handshake_accept;
mod org_member_removal;
mod partner_account_invitation;

pub use org_handshake_accept::OrgHandshakeAccept;
pub use org_member_removal::OrgMemberRemoval;
pub use partner_account_invitation::PartnerAccountInvitation;

use crate::attributes::AssumeRole;
use crate::aws::types::RoleArn;
use crate::framework::{Diagnostic, DomainText, Result};

/// The parts that an import ID may have: what to import, and the role to reach it with.
///
/// An import reads no configuration, so an object that only the resource's own `assume_role` reaches
/// needs the role in the ID.
fn split_import_id<'a>(id: &'a str, format: &str) -> Result<(&'a str, Option<AssumeRole>)> {
    let Some((target, role_arn)) = id.split_once(',') else {
        return Ok((id, None));
    };
    let role_arn = RoleArn::parse(role_arn).map_err(|_| invalid_import_id(format, id))?;
    Ok((target, Some(AssumeRole::of(role_arn))))
}

fn invalid_import_id(format: &str, got: &str) -> Diagnostic {
    Diagnostic::error("Invalid import ID").detail(format!(
        "Expected import identifier with format: {format}. Got: {got:?}"
    ))
}
