//! `awsbilling_org_members`: everybody in the organization, from one paged list.

use std::time::Duration;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::Aws;
use crate::aws::organizations::Account;
use crate::aws::types::{AccountId, AccountState, JoinedMethod, OrganizationId};
use crate::framework::{Computed, Cx, DataSource, Diagnostic, Model, Page, Permission, Result};

/// Lists the accounts of the calling account's organization. AWS answers the management account and
/// delegated administrators only.
#[derive(Clone, Debug, Model)]
pub struct Members {
    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the organization.
    pub organization_id: Computed<OrganizationId>,

    /// ID of the account that manages the organization and pays for it.
    pub management_account_id: Computed<AccountId>,

    /// Accounts of the organization in the order of their IDs, the management account included.
    pub accounts: Computed<Vec<Member>>,
}

/// Account of an organization.
#[derive(Clone, Debug, Model)]
pub struct Member {
    /// ID of the account.
    pub id: AccountId,

    /// ARN of the account.
    pub arn: String,

    /// Name of the account.
    pub name: String,

    /// E-mail address of the account's owner.
    pub email: String,

    /// State of the account.
    pub state: AccountState,

    /// Way in which the account came into the organization.
    pub joined_method: JoinedMethod,

    /// Time at which the account came into the organization, in RFC 3339.
    pub joined_at: Option<Timestamp>,

    /// Whether this account manages the organization.
    pub is_management_account: bool,
}

/// The data source.
#[derive(Debug)]
pub struct OrgMembers {
    aws: Aws,
}

impl DataSource for OrgMembers {
    const NAME: &'static str = "org_members";
    const PAGE: Page = Page {
        subcategory: "Leaving an organization",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListAccounts", "always"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Members;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: Members) -> Result<Members> {
        let role = config.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let Some(organization) = organizations.organization(cx).await? else {
            return Err(Diagnostic::error("Account has no organization").detail(
                "The account of these credentials belongs to no organization, so there are no members \
                 to list. Use the management account (the provider's profile, or assume_role).",
            ));
        };
        // Accounts come and go by other providers' processes, which a list shared in this one misses.
        let members = organizations.members_within(cx, Duration::ZERO).await?;
        let management = &organization.management_account_id;
        let accounts: Vec<_> = members
            .iter()
            .map(|member| Member::of(member, management))
            .collect();
        Ok(Members {
            organization_id: organization.id.into(),
            management_account_id: organization.management_account_id.into(),
            accounts: accounts.into(),
            ..config
        })
    }
}

impl Member {
    fn of(account: &Account, management_account_id: &AccountId) -> Self {
        Self {
            id: account.id.clone(),
            arn: account.arn.clone(),
            name: account.name.clone(),
            email: account.email.clone(),
            state: account.state.clone(),
            joined_method: account.joined_method.clone(),
            joined_at: account.joined_at.map(Timestamp::from),
            is_management_account: account.id == *management_account_id,
        }
    }
}
