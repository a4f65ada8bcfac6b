//! `awsbilling_org_member_removals`: thousands of members that shall not be any.
//!
//! Each account is treated as by `awsbilling_org_member_removal`, whose code does the work.

#![allow(
    clippy::zero_sized_map_values,
    reason = "`accounts` is written like that of the other fleets, and leaves room for settings"
)]

use std::collections::BTreeMap;

use super::org_member_removal::OrgMemberRemoval;
use super::{invalid_import_id, split_import_id, with_role};
use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::Aws;
use crate::aws::types::{AccountId, OrganizationId};
use crate::framework::{
    Computed, Cx, DomainText, Fleet, ImportId, Model, Page, Resource, Result, Timeouts,
};

/// Removes many member accounts from the organization of the calling management account, in one resource.
///
/// Each account is treated as by `awsbilling_org_member_removal`. An account that is to join a partner need
/// not be removed: it can accept the partner's invitation while it is still a member.
///
/// Accounts fail one by one: an apply that could not remove some of them keeps what was done. If the fleet
/// is new, such an apply ends with warnings, because an error would make Terraform forget all removals and
/// do them again; later ones end with an error. Either way `results` says why an account is still a member,
/// and the next apply tries again.
///
/// ~> Destroying this resource, or taking an account out of `accounts`, does **not** bring an account back.
#[derive(Clone, Debug, Model)]
pub struct MemberRemovals {
    /// Accounts to remove, each under its 12-digit ID, with `{}`: there is nothing to set. One that becomes
    /// a member again is removed again by the next apply, with a warning.
    pub accounts: BTreeMap<AccountId, RemovedAccount>,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait. AWS takes two removals a second.
    #[attr(timeouts(create = "2h", update = "2h"))]
    pub timeouts: Timeouts,

    /// ID of the organization that the accounts are removed from.
    #[attr(stable)]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the management account that removed them.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// What became of each removal, under the same key as in `accounts`.
    pub results: Computed<BTreeMap<AccountId, RemovalResult>>,
}

/// Removal of one account, of which the key says all: `{}`.
#[derive(Clone, Debug, Model)]
pub struct RemovedAccount {}

/// What became of one removal.
#[derive(Clone, Debug, Model)]
pub struct RemovalResult {
    /// Name of the account when it was removed; null if it was no member.
    #[attr(stable)]
    pub account_name: Computed<String>,

    /// E-mail address of the account's owner when it was removed; null if it was no member.
    #[attr(stable)]
    pub account_email: Computed<String>,

    /// Time at which Terraform removed the account, in RFC 3339; null if it was no member.
    #[attr(stable)]
    pub removed_at: Computed<Timestamp>,

    /// Why the account is still a member; null where it is none. The next apply tries again.
    pub problem: Computed<String>,
}

/// The resource.
#[derive(Debug)]
pub struct OrgMemberRemovals;

impl Fleet for OrgMemberRemovals {
    const NAME: &'static str = "org_member_removals";
    const PAGE: Page = OrgMemberRemoval::PAGE;
    const OBJECTS: &'static str = "accounts";
    type Model = MemberRemovals;
    type One = OrgMemberRemoval;

    fn named_by(_: &str) -> &'static str {
        "account_id"
    }

    /// AWS keeps no list of those that are gone, so the ID names them.
    async fn import(_: Aws, _: &Cx, id: ImportId) -> Result<Vec<(String, ImportId)>> {
        const FORMAT: &str = "account_id/account_id/…";
        let ImportId::Text(text) = id else {
            return Err(invalid_import_id(FORMAT, ""));
        };
        let invalid = |_| invalid_import_id(FORMAT, &text);
        let (accounts, role) = split_import_id(&text).map_err(invalid)?;
        accounts
            .split('/')
            .map(|account| {
                AccountId::parse(account).map_err(invalid)?;
                Ok((account.to_owned(), with_role(account, role.as_ref())))
            })
            .collect()
    }
}
