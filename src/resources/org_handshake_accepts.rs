//! `awsbilling_org_handshake_accepts`: the customer's side of joining, for thousands of accounts.
//!
//! Each account is treated as by `awsbilling_org_handshake_accept`, whose code does the work. The key of an
//! entry is the account that accepts; credentials of another account are refused before anything is
//! accepted.

use std::collections::BTreeMap;

use super::org_handshake_accept::{OnDestroy, OrgHandshakeAccept};
use super::with_role;
use crate::attributes::AssumeRole;
use crate::aws::Aws;
use crate::aws::types::{AccountId, FeatureSet, HandshakeId, OrganizationId, RoleArn};
use crate::framework::{
    Computed, Cx, Diagnostic, DomainText, Fleet, ImportId, Model, Page, Permission, Result,
    Timeouts,
};

/// Accepts the invitations of one organization for many accounts, in one resource.
///
/// Each account is treated as by `awsbilling_org_handshake_accept`: a standalone account joins, a member of
/// another organization moves in one step. The guide on
/// [one account or thousands](../guides/one-account-or-thousands.md) says when to take a fleet.
///
/// Accounts fail one by one: an apply that could not accept for some of them keeps all others. If the fleet
/// is new, such an apply ends with warnings, because an error would make Terraform start all over; later
/// ones end with an error. Either way `results` says why an account has not joined, and the next apply
/// tries again.
///
/// ~> Taking an account out of `accounts`, or destroying the fleet, only forgets it: the account stays a
/// member, unless `on_destroy = "leave"` is written out.
#[derive(Clone, Debug, Model)]
pub struct Acceptances {
    /// ID of the organization whose invitations are accepted, and of no other.
    #[attr(replace)]
    pub organization_id: OrganizationId,

    /// Accounts that accept, each under its 12-digit ID.
    pub accounts: BTreeMap<AccountId, Accepted>,

    /// Whether the accounts leave their current organization before accepting, instead of moving in one
    /// step. An account leaves only after the invitation was seen, and needs a payment method, a verified
    /// phone number and a support plan of its own.
    #[attr(default = false)]
    pub leave_current_organization: bool,

    /// Whether to warn in the plan of each account that pays its own bill and has no cost and usage report
    /// when it joins: then no analyzer ever reads what the account cost before.
    #[attr(default = true)]
    pub warn_without_report: bool,

    /// What happens to an account that is taken out of `accounts`, or when the fleet is destroyed: `keep`
    /// the membership, or `leave` the organization.
    #[attr(default = OnDestroy::Keep)]
    pub on_destroy: OnDestroy,

    /// Longest times to wait. AWS takes five acceptances a second into one organization.
    #[attr(timeouts(create = "2h", update = "2h", delete = "2h"))]
    pub timeouts: Timeouts,

    /// ID of the organization's management account, which pays from now on.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// ARN of the organization that the accounts belong to.
    #[attr(stable)]
    pub organization_arn: Computed<String>,

    /// E-mail address of the organization's management account, as far as AWS tells a member.
    #[attr(stable)]
    pub management_account_email: Computed<String>,

    /// Feature set of the organization: with `CONSOLIDATED_BILLING` it shares the bill and nothing else.
    #[attr(stable)]
    pub feature_set: Computed<FeatureSet>,

    /// What became of each acceptance, under the same key as in `accounts`.
    pub results: Computed<BTreeMap<AccountId, AcceptanceResult>>,
}

/// Acceptance of one account.
#[derive(Clone, Debug, Model)]
pub struct Accepted {
    /// Role to assume in the account. Only the account of the provider's own credentials needs none.
    pub assume_role: Option<AssumeRole>,

    /// Whether this account leaves its current organization first, in place of what the fleet says.
    pub leave_current_organization: Option<bool>,

    /// What happens when this account is taken out, in place of the fleet's `on_destroy`.
    pub on_destroy: Option<OnDestroy>,
}

/// What became of one acceptance.
#[derive(Clone, Debug, Model)]
pub struct AcceptanceResult {
    /// ID of the handshake that was accepted; null if the account was a member before.
    pub handshake_id: Computed<HandshakeId>,

    /// ID of the organization that the account belonged to before; null if it belonged to none.
    #[attr(stable)]
    pub previous_organization_id: Computed<OrganizationId>,

    /// Why the account is no member; null where it is one. The next apply tries again.
    pub problem: Computed<String>,
}

/// The resource.
#[derive(Debug)]
pub struct OrgHandshakeAccepts;

impl Fleet for OrgHandshakeAccepts {
    const NAME: &'static str = "org_handshake_accepts";
    const PAGE: Page = Page {
        subcategory: "Joining a partner",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new(
                "organizations:ListHandshakesForAccount",
                "to find the invitations",
            ),
            Permission::new("organizations:AcceptHandshake", "to accept"),
            Permission::new(
                "iam:CreateServiceLinkedRole",
                "to accept: AWS makes the role AWSServiceRoleForOrganizations in each account",
            ),
            Permission::new(
                "organizations:LeaveOrganization",
                "with `leave_current_organization`, or to give up an account with `on_destroy = \"leave\"`",
            ),
            Permission::new(
                "cur:DescribeReportDefinitions",
                "to warn of accounts without a report, with `warn_without_report` (optional)",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    const OBJECTS: &'static str = "accounts";
    type Model = Acceptances;
    type One = OrgHandshakeAccept;

    fn named_by(_: &str) -> &'static str {
        "account_id"
    }

    /// Each account is reached by a role of its own, so the ID names the roles, and they the accounts.
    async fn import(_: Aws, _: &Cx, id: ImportId) -> Result<Vec<(String, ImportId)>> {
        let ImportId::Text(text) = id else {
            return Err(invalid_import_id(""));
        };
        let invalid = |_| invalid_import_id(&text);
        text.split(',')
            .map(|role| {
                let role = AssumeRole::of(RoleArn::parse(role).map_err(invalid)?);
                let account = role.role_arn.account_id.to_string();
                let id = with_role(&account, Some(&role));
                Ok((account, id))
            })
            .collect()
    }
}

fn invalid_import_id(got: &str) -> Diagnostic {
    Diagnostic::error("Invalid import ID").detail(format!(
        "Expected the ARNs of the roles that lead to the accounts, separated by commas: \
         role_arn,role_arn,… Got: {got:?}"
    ))
}
