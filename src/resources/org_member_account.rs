//! `awsbilling_org_member_account`: an account that the organization creates, and pays for.
//!
//! An account is not a thing that can be made again: its e-mail address is spent for good. So nothing here
//! ever replaces one, and destroying forgets it unless the configuration says otherwise.

use crate::attributes::{AssumeRole, Tags, Timestamp};
use crate::aws::organizations::{Account, NewAccount, Organization};
use crate::aws::types::{
    AccessRoleName, AccountId, AccountName, AccountState, Email, JoinedMethod, OrganizationId,
    Tags as AwsTags,
};
use crate::aws::{Aws, Organizations};
use crate::framework::{
    Change, Choice, Computed, Cx, Diagnostic, DomainText, ImportId, Model, Page, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::{imported, note_scale, recall_scale, set_tags, wanted_tags, while_checking};

/// Creates a member account in the organization of the calling management account, which pays for it.
///
/// The account has a role by which the management account reaches it. It has no password and no payment
/// method of its own; it needs the latter only to stand alone one day. An account with the same e-mail
/// address that the organization has created before is adopted.
///
/// ~> Destroying this resource only forgets the account, unless `on_destroy` says otherwise. A closed
/// account cannot be opened again after 90 days, and its e-mail address never serves another account.
#[derive(Clone, Debug, Model)]
pub struct MemberAccount {
    /// Name of the account, 1 to 128 characters. Afterwards the account's own console changes it; then
    /// change it here, too.
    pub name: AccountName,

    /// E-mail address of the account's owner, which no other AWS account may have or have had. Afterwards
    /// the account's own console changes it; then change it here, too.
    pub email: Email,

    /// Name of the role that AWS makes in the account for the management account. AWS calls it
    /// `OrganizationAccountAccessRole` if nothing is said. A change after the creation has no effect.
    pub role_name: Option<AccessRoleName>,

    /// Whether users of the account may see its bills. AWS allows it if nothing is said. A change after
    /// the creation has no effect.
    pub iam_user_access_to_billing: Option<bool>,

    /// Tags of the account.
    #[attr(tags)]
    pub tags: Tags,

    /// What destroying the resource does: `keep` the account as it is, `remove` it from the organization so
    /// that it stands alone, or `close` it for good.
    #[attr(default = OnDestroy::Keep)]
    pub on_destroy: OnDestroy,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "15m", update = "10m", delete = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the account.
    #[attr(stable, identity)]
    pub account_id: Computed<AccountId>,

    /// ARN of the account.
    #[attr(stable)]
    pub arn: Computed<String>,

    /// ID of the organization that the account is a member of.
    #[attr(stable, identity = "optional")]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the root or organizational unit that the account is in.
    #[attr(stable)]
    pub parent_id: Computed<String>,

    /// State of the account.
    #[attr(stable)]
    pub state: Computed<AccountState>,

    /// Way in which the account came into the organization.
    #[attr(stable)]
    pub joined_method: Computed<JoinedMethod>,

    /// Time at which the account was created in the organization or joined it, in RFC 3339.
    #[attr(stable)]
    pub joined_at: Computed<Timestamp>,

    /// Tags together with the provider's `default_tags`.
    #[attr(tags_all)]
    pub tags_all: Computed<AwsTags>,
}

/// What destroying a member account does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum OnDestroy {
    /// Leaves the account as it is.
    Keep,
    /// Removes the account from the organization.
    Remove,
    /// Closes the account.
    Close,
}

/// The resource.
#[derive(Debug)]
pub struct OrgMemberAccount {
    aws: Aws,
}

impl Resource for OrgMemberAccount {
    const NAME: &'static str = "org_member_account";
    const PAGE: Page = Page {
        subcategory: "Running an organization",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListAccounts", "always"),
            Permission::new(
                "organizations:DescribeAccount",
                "to look up few accounts of a large organization",
            ),
            Permission::new("organizations:CreateAccount", "to create"),
            Permission::new("organizations:DescribeCreateAccountStatus", "to create"),
            Permission::new("organizations:ListTagsForResource", "with tags"),
            Permission::new("organizations:TagResource", "with tags"),
            Permission::new("organizations:UntagResource", "with tags"),
            Permission::new(
                "organizations:RemoveAccountFromOrganization",
                "to destroy with `on_destroy = \"remove\"`",
            ),
            Permission::new(
                "organizations:CloseAccount",
                "to destroy with `on_destroy = \"close\"`",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = MemberAccount;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<MemberAccount>) -> Result<()> {
        warn_of_on_destroy(cx, change);
        if let Some(prior) = &change.prior {
            return refuse_changes_by_others(prior, change);
        }
        let planned = &change.planned;
        let Some(role) = planned.assume_role.known() else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        // An organization that this very apply creates is not there yet.
        let Some(organization) = organizations.organization(cx).await? else {
            return Ok(());
        };
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        if caller != organization.management_account_id {
            return Err(not_the_manager(&caller, &organization));
        }
        if let (Some(email), Some(name)) = (planned.email.known(), planned.name.known())
            && let Some(account) = organizations.members(cx).await?.by_email(email)
        {
            refuse_stranger(account, name)?;
        }
        change.planned.organization_id = organization.id.into();
        Ok(())
    }

    async fn plan_destroy(&self, cx: &Cx, state: MemberAccount) -> Result<()> {
        let what = match state.on_destroy {
            OnDestroy::Keep => return Ok(()),
            OnDestroy::Remove => {
                "removes it from the organization. The account then pays for itself, and needs a payment \
                 method, a verified phone number and a support plan"
            }
            OnDestroy::Close => {
                "closes it. Everything in it stops, and after 90 days it is gone for good, and its e-mail \
                 address with it"
            }
        };
        cx.warn(
            Diagnostic::warning("Account will not be kept").detail(format!(
                "Destroying account {} ({}) {what}.",
                state.id(),
                state.name
            )),
        );
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: MemberAccount) -> Result<MemberAccount> {
        let organizations = self.organizations(cx, &plan).await?;
        let organization = payer(cx, &organizations).await?;
        let known = organizations.members(cx).await?;
        note_scale(cx, &organizations, None);
        if let Some(account) = known.by_email(&plan.email) {
            refuse_stranger(account, &plan.name)?;
            cx.warn(adopted(account));
            let adopted = plan.seen_as(account, &organization);
            adopted
                .set_tags(cx, &organizations, &AwsTags::new())
                .await?;
            return Ok(adopted);
        }
        let new = NewAccount {
            name: plan.name.clone(),
            email: plan.email.clone(),
            role_name: plan.role_name.clone(),
            iam_user_access_to_billing: plan.iam_user_access_to_billing,
            tags: plan.wanted_tags().clone(),
        };
        let id = organizations.create_account(cx, &new).await?;
        let account = wait_for_member(cx, &organizations, &id).await?;
        Ok(plan.seen_as(&account, &organization))
    }

    async fn read(&self, cx: &Cx, state: MemberAccount) -> Result<Option<MemberAccount>> {
        let organizations = self.organizations(cx, &state).await?;
        recall_scale(cx, &organizations);
        let check = same_organization(cx, &organizations, &state);
        let look = async {
            Ok(match state.account_id.known() {
                Some(id) => organizations.member_at_once(cx, id).await?,
                None => None,
            })
        };
        let (organization, account) = while_checking(check, look).await?;
        note_scale(cx, &organizations, None);
        let Some(account) = &account else {
            cx.warn(gone(&state, &organization));
            return Ok(None);
        };
        if let AccountState::PendingClosure | AccountState::Closed | AccountState::Suspended =
            account.state
        {
            cx.warn(closed(account));
        }
        let mut seen = state.seen_as(account, &organization);
        seen.name = observed("name", &account.name)?;
        seen.email = observed("e-mail address", &account.email)?;
        // One call per account, so asked only where there are tags to compare.
        if !seen.wanted_tags().is_empty() {
            let tags = organizations.tags_of(cx, account.id.as_str()).await?;
            seen = seen.tagged(tags, &self.aws);
        }
        Ok(Some(seen))
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: MemberAccount,
        plan: MemberAccount,
    ) -> Result<MemberAccount> {
        let organizations = self.organizations(cx, &plan).await?;
        plan.set_tags(cx, &organizations, prior.wanted_tags())
            .await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx, state: MemberAccount) -> Result<()> {
        if state.on_destroy == OnDestroy::Keep {
            return Ok(());
        }
        let organizations = self.organizations(cx, &state).await?;
        same_organization(cx, &organizations, &state).await?;
        let Some(id) = state.account_id.known() else {
            return Ok(());
        };
        if organizations.member(cx, id).await?.is_none() {
            return Ok(());
        }
        match state.on_destroy {
            OnDestroy::Close => organizations.close_account(cx, id).await?,
            _ => organizations.remove_account(cx, id).await?,
        };
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<MemberAccount> {
        let (account_id, assume_role) = imported(&id, "account_id")?;
        let role = assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let organization = payer(cx, &organizations).await?;
        let Some(account) = organizations.member(cx, &account_id).await? else {
            return Err(
                Diagnostic::error("Cannot import non-existent account").detail(format!(
                    "Account {account_id} is not a member of organization {}. Invite it with \
                     awsbilling_partner_account_invitation.",
                    organization.id
                )),
            );
        };
        let tags = organizations.tags_of(cx, account_id.as_str()).await?;
        let imported = MemberAccount {
            name: observed("name", &account.name)?,
            email: observed("e-mail address", &account.email)?,
            role_name: None,
            iam_user_access_to_billing: None,
            tags: Tags::default(),
            on_destroy: OnDestroy::Keep,
            assume_role,
            timeouts: Timeouts::none(),
            account_id: Computed::Null,
            arn: Computed::Null,
            organization_id: Computed::Null,
            parent_id: Computed::Null,
            state: Computed::Null,
            joined_method: Computed::Null,
            joined_at: Computed::Null,
            tags_all: AwsTags::new().into(),
        };
        Ok(imported
            .seen_as(&account, &organization)
            .tagged(tags, &self.aws))
    }
}

impl OrgMemberAccount {
    async fn organizations(&self, cx: &Cx, account: &MemberAccount) -> Result<Organizations> {
        let role = account.assume_role.as_ref().map(Into::into);
        Ok(self.aws.organizations(cx, role.as_ref()).await?)
    }
}

impl MemberAccount {
    fn id(&self) -> &str {
        self.account_id.known().map_or("?", AccountId::as_str)
    }

    fn wanted_tags(&self) -> &AwsTags {
        wanted_tags(&self.tags_all)
    }

    async fn set_tags(
        &self,
        cx: &Cx,
        organizations: &Organizations,
        before: &AwsTags,
    ) -> Result<()> {
        match self.account_id.known() {
            Some(id) => set_tags(cx, organizations, id.as_str(), before, self.wanted_tags()).await,
            None => Ok(()),
        }
    }

    fn seen_as(self, account: &Account, organization: &Organization) -> Self {
        Self {
            account_id: account.id.clone().into(),
            arn: account.arn.clone().into(),
            organization_id: organization.id.clone().into(),
            parent_id: account.parent_id.clone().into(),
            state: account.state.clone().into(),
            joined_method: account.joined_method.clone().into(),
            joined_at: account.joined_at.map(Timestamp::from).into(),
            ..self
        }
    }

    fn tagged(self, at_aws: AwsTags, aws: &Aws) -> Self {
        let at_aws = aws.without_ignored(at_aws);
        Self {
            tags: self.tags.observed(&at_aws, aws.default_tags()),
            tags_all: at_aws.into(),
            ..self
        }
    }
}

/// What AWS says, in the type of the configuration.
fn observed<T: DomainText>(what: &str, text: &str) -> Result<T> {
    T::parse(text)
        .map_err(|fault| Diagnostic::bug(format!("AWS names an unexpected {what}: {fault}")))
}

/// The organization that creates accounts.
async fn payer(cx: &Cx, organizations: &Organizations) -> Result<Organization> {
    organizations.organization(cx).await?.ok_or_else(|| {
        Diagnostic::error("Account has no organization").detail(
            "Only the management account of an organization can create accounts, and the account of these \
             credentials belongs to none. Create an organization (awsbilling_organization), or use another \
             account (the provider's profile, or assume_role).",
        )
    })
}

/// In another organization the account would look lost, and the next apply would create it again.
async fn same_organization(
    cx: &Cx,
    organizations: &Organizations,
    state: &MemberAccount,
) -> Result<Organization> {
    let current = payer(cx, organizations).await?;
    match state.organization_id.known() {
        Some(known) if *known != current.id => {
            Err(Diagnostic::error("Credentials of another organization").detail(format!(
                "Account {} is a member of organization {known}, and the account of these credentials \
                 belongs to organization {}. Use credentials of the management account (the provider's \
                 profile, or assume_role).",
                state.id(),
                current.id
            )))
        }
        _ => Ok(current),
    }
}

/// Waits until the new account shows among the members.
async fn wait_for_member(
    cx: &Cx,
    organizations: &Organizations,
    id: &AccountId,
) -> Result<Account> {
    const POLL: std::time::Duration = std::time::Duration::from_secs(2);
    loop {
        let members = organizations.members_within(cx, POLL).await?;
        if let Some(account) = members.get(id) {
            return Ok(account.clone());
        }
        cx.sleep(POLL).await?;
    }
}

/// Adopts only an account that the organization has created under this name: any other one has a story
/// that the configuration does not know.
fn refuse_stranger(account: &Account, name: &AccountName) -> Result<()> {
    if account.joined_method == JoinedMethod::Created && account.name == name.as_str() {
        return Ok(());
    }
    Err(Diagnostic::error("E-mail address in use")
        .detail(format!(
            "Account {} ({}) of the organization has this e-mail address, and an address serves one \
             account. To manage that account, import it by its ID. To create another, choose another \
             address.",
            account.id, account.name
        ))
        .at("email"))
}

/// Refuses what Organizations cannot change, instead of replacing the account.
fn refuse_changes_by_others(prior: &MemberAccount, change: &Change<MemberAccount>) -> Result<()> {
    let planned = &change.planned;
    let name = planned.name.known().filter(|name| **name != prior.name);
    let email = planned.email.known().filter(|email| **email != prior.email);
    let (attribute, before, after) = match (name, email) {
        (Some(name), _) => ("name", prior.name.to_string(), name.to_string()),
        (None, Some(email)) => ("email", prior.email.to_string(), email.to_string()),
        (None, None) => return Ok(()),
    };
    Err(Diagnostic::error("Account cannot be changed this way")
        .detail(format!(
            "The {attribute} of account {} is \"{before}\", and the configuration says \"{after}\". AWS \
             Organizations cannot change it, and the account is never replaced by another. Change it in \
             the account settings of the console first, and apply then; or write \"{before}\" again.",
            prior.id()
        ))
        .at(attribute))
}

/// Says, when it is written, that a destroy will not keep the account.
fn warn_of_on_destroy(cx: &Cx, change: &Change<MemberAccount>) {
    let before = change.prior.as_ref().map(|prior| prior.on_destroy);
    let what = match change.planned.on_destroy.known() {
        Some(OnDestroy::Remove) if before != Some(OnDestroy::Remove) => {
            "With on_destroy = \"remove\", destroying this resource removes the account from the \
             organization. The account then pays for itself."
        }
        Some(OnDestroy::Close) if before != Some(OnDestroy::Close) => {
            "With on_destroy = \"close\", destroying this resource closes the account, and everything in \
             it stops. An organization may close 250 accounts within 30 days, or a fifth of its accounts \
             if that is more, three at a time."
        }
        _ => return,
    };
    cx.warn(
        Diagnostic::warning("Destroy will not keep the account")
            .detail(what)
            .at("on_destroy"),
    );
}

fn not_the_manager(caller: &AccountId, organization: &Organization) -> Diagnostic {
    Diagnostic::error("Account cannot create accounts").detail(format!(
        "Only the management account of an organization can create accounts. These credentials belong to \
         account {caller}, a member of organization {} that account {} manages. Use credentials of that \
         account, or set assume_role.",
        organization.id, organization.management_account_id
    ))
}

fn adopted(account: &Account) -> Diagnostic {
    Diagnostic::warning("Existing account adopted").detail(format!(
        "The organization has created account {} ({}) for {} before, and it has been adopted.",
        account.id, account.name, account.email
    ))
}

fn gone(state: &MemberAccount, organization: &Organization) -> Diagnostic {
    Diagnostic::warning("Account left the organization").detail(format!(
        "Account {} ({}) is no longer a member of organization {}. Its e-mail address is still in use, so \
         applying cannot create it again: invite it with awsbilling_partner_account_invitation, or take \
         this resource out of the configuration.",
        state.id(),
        state.name,
        organization.id
    ))
}

fn closed(account: &Account) -> Diagnostic {
    Diagnostic::warning("Account is closed or suspended").detail(format!(
        "The state of account {} ({}) is {}. AWS Support can open a closed account again within 90 days. \
         Otherwise take this resource out of the configuration.",
        account.id, account.name, account.state
    ))
}
