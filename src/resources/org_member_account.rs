//! `awsbilling_org_member_account`: an account that the organization creates, and pays for.
//!
//! An account is not a thing that can be made again: its e-mail address is spent for good. So nothing here
//! ever replaces one, and destroying forgets it unless the configuration says otherwise. An account whose
//! creation failed half-way is kept whatever the configuration says: Terraform would destroy it next.

use crate::attributes::{AssumeRole, Tags, Timestamp};
use crate::aws::organizations::{Account, NewAccount, Organization};
use crate::aws::types::{
    AccessRoleName, AccountId, AccountName, AccountState, Email, FeatureSet, JoinedMethod,
    OneTimePassword, OrganizationId, ParentId, Tags as AwsTags,
};
use crate::aws::{AccountManagement, Aws, Failure, Organizations, account_management};
use crate::framework::{
    Change, Choice, Computed, Cx, Diagnostic, DomainText, ImportId, Model, Page, Partial,
    Permission, Resource, Result, Timeouts, WriteOnly,
};
use crate::resources::moves::LOSES;
use crate::resources::{imported, note_scale, recall_scale, set_tags, wanted_tags, while_checking};

/// Creates a member account in the organization of the calling management account, which pays for it.
///
/// The account has a role by which the management account reaches it. It has no password and no payment
/// method of its own; it needs the latter only to stand alone one day. An account with the same e-mail
/// address that the organization has created before is adopted.
///
/// Name and e-mail address change in place. AWS lets a management account do this where the organization has
/// all features, and trusted access for Account Management (the service principal `account.amazonaws.com`).
/// AWS Organizations shows such a change within four hours. A new e-mail address needs two applies: the first
/// has AWS send a one-time password to it and ends with an error that says so, the second hands the password
/// over in `email_confirmation_code`. Until then the account and the state keep the old address.
///
/// ~> Destroying this resource only forgets the account, unless `on_destroy` says otherwise. A closed
/// account cannot be opened again after 90 days, and its e-mail address never serves another account.
#[derive(Clone, Debug, Model)]
pub struct MemberAccount {
    /// Name of the account, 1 to 128 characters; a changed name 1 to 50 printable ASCII characters without
    /// angle brackets.
    pub name: AccountName,

    /// E-mail address of the account's owner, which no other AWS account may have or have had.
    pub email: Email,

    /// One-time password that AWS has sent to a changed `email`, 6 letters or digits. Write it for the apply
    /// that completes the change, and take it out afterwards. Needs Terraform 1.11 or later.
    pub email_confirmation_code: WriteOnly<OneTimePassword>,

    /// ID of the root or organizational unit that the account is in. A new account is created in the root and
    /// then moved. Where nothing is said, the account is left where it is.
    #[attr(optional, stable)]
    pub parent_id: Computed<ParentId>,

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
            Permission::new("organizations:MoveAccount", "with `parent_id`"),
            Permission::new(
                "organizations:ListParents",
                "where AWS's list of accounts does not tell where each is",
            ),
            Permission::new("account:PutAccountName", "to change `name`"),
            Permission::new(
                "account:GetAccountInformation",
                "after a change of `name` that Organizations does not show yet; without it the next plan \
                 may repeat the change",
            ),
            Permission::new("account:StartPrimaryEmailUpdate", "to change `email`"),
            Permission::new("account:AcceptPrimaryEmailUpdate", "to change `email`"),
            Permission::new(
                "account:GetPrimaryEmail",
                "after a change of `email` that Organizations does not show yet; without it the next plan \
                 may repeat the change",
            ),
            Permission::new(
                "organizations:ListAWSServiceAccessForOrganization",
                "to change `name` or `email`; without it the plan does not warn of missing trusted access",
            ),
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
            return self.plan_update(cx, prior, change).await;
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
                 method, a verified phone number and a support plan."
            }
            OnDestroy::Close => {
                "closes it. Everything in it stops, and after 90 days it is gone for good, and its e-mail \
                 address with it."
            }
        };
        let loses = match state.on_destroy {
            OnDestroy::Remove => format!("\n\n{LOSES}"),
            _ => String::new(),
        };
        cx.warn(
            Diagnostic::warning("Account will not be kept").detail(format!(
                "Destroying account {} ({}) {what}{loses}",
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
            let adopted = settle(cx, &organizations, plan, account, &organization).await?;
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
        cx.save(&plan.clone().half_made(&id));
        let account = wait_for_member(cx, &organizations, &id).await?;
        settle(cx, &organizations, plan, &account, &organization).await
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
        let parent = organizations.parent_of(cx, account).await?;
        let (name, email) = self.lasting_facts(cx, &state, account).await?;
        let mut seen = state.seen_as(account, parent, &organization);
        (seen.name, seen.email) = (name, email);
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
        let Some(id) = prior.account_id.known() else {
            return Err(Diagnostic::bug("The state names no account."));
        };
        let mut done = plan.clone().keeping(&prior);
        if let Some(parent) = plan.parent_id.known()
            && prior.parent_id.known() != Some(parent)
        {
            let account = organizations.member(cx, id).await?;
            let account = account.ok_or_else(|| not_a_member(id))?;
            let moved = organizations.move_account(cx, &account, parent).await;
            moved.map_err(|failure| Diagnostic::from(failure).at("parent_id"))?;
            done.parent_id = plan.parent_id.clone();
            cx.save(&done);
        }
        plan.set_tags(cx, &organizations, prior.wanted_tags())
            .await?;
        (done.tags, done.tags_all) = (plan.tags.clone(), plan.tags_all.clone());
        cx.save(&done);
        if plan.name != prior.name {
            let accounts = self.account_management(cx, &plan).await?;
            let renamed = accounts.rename(cx, id, plan.name.as_str()).await;
            renamed.map_err(|failure| Diagnostic::from(failure).at("name"))?;
            done.name = plan.name.clone();
            cx.save(&done);
        }
        if plan.email != prior.email {
            self.change_email(cx, id, &prior, &plan).await?;
        }
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
        let parent = organizations.parent_of(cx, &account).await?;
        let imported = MemberAccount {
            name: observed("name", &account.name)?,
            email: observed("e-mail address", &account.email)?,
            email_confirmation_code: WriteOnly::default(),
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
            .seen_as(&account, parent, &organization)
            .tagged(tags, &self.aws))
    }
}

impl OrgMemberAccount {
    async fn organizations(&self, cx: &Cx, account: &MemberAccount) -> Result<Organizations> {
        let role = account.assume_role.as_ref().map(Into::into);
        Ok(self.aws.organizations(cx, role.as_ref()).await?)
    }

    async fn account_management(
        &self,
        cx: &Cx,
        account: &MemberAccount,
    ) -> Result<AccountManagement> {
        let role = account.assume_role.as_ref().map(Into::into);
        Ok(self.aws.account_management(cx, role.as_ref()).await?)
    }

    /// Says what a change of name or e-mail address needs, as far as it can be told now.
    async fn plan_update(
        &self,
        cx: &Cx,
        prior: &MemberAccount,
        change: &Change<MemberAccount>,
    ) -> Result<()> {
        let planned = &change.planned;
        let name = planned.name.known().filter(|name| **name != prior.name);
        let email = planned.email.known().filter(|email| **email != prior.email);
        if let Some(name) = name {
            refuse_name(name)?;
        }
        if let Some(email) = email {
            warn_of_confirmation(cx, prior, email, &change.config.email_confirmation_code);
        }
        let attribute = match (name, email) {
            (Some(_), _) => "name",
            (None, Some(_)) => "email",
            (None, None) => return Ok(()),
        };
        let Some(role) = planned.assume_role.known() else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        if let Some(missing) = missing_trust(cx, &organizations).await? {
            cx.warn(missing.at(attribute));
        }
        Ok(())
    }

    /// Name and e-mail address, as far as AWS Organizations and Account Management agree on them.
    ///
    /// Organizations shows a change hours later. So where it differs from the state, the service that made the
    /// change is asked; where that is not allowed, the word of Organizations counts.
    async fn lasting_facts(
        &self,
        cx: &Cx,
        state: &MemberAccount,
        account: &Account,
    ) -> Result<(AccountName, Email)> {
        let mut facts = (account.name.clone(), account.email.clone());
        if account.name != state.name.as_str() {
            let accounts = self.account_management(cx, state).await?;
            let told = accounts.name_of(cx, &account.id).await;
            facts.0 = where_told(told)?.unwrap_or(facts.0);
        }
        // Addresses that differ in case mean the same owner, and the configuration's writing stays.
        if account.email.eq_ignore_ascii_case(state.email.as_str()) {
            facts.1 = state.email.to_string();
        } else {
            let accounts = self.account_management(cx, state).await?;
            let told = accounts.email_of(cx, &account.id).await;
            facts.1 = where_told(told)?.unwrap_or(facts.1);
        }
        Ok((
            observed("name", &facts.0)?,
            observed("e-mail address", &facts.1)?,
        ))
    }

    /// Begins the change of the e-mail address, or completes it.
    async fn change_email(
        &self,
        cx: &Cx,
        id: &AccountId,
        prior: &MemberAccount,
        plan: &MemberAccount,
    ) -> Result<()> {
        let accounts = self.account_management(cx, plan).await?;
        if let Some(password) = plan.email_confirmation_code.expose() {
            let confirmed = accounts.confirm_email(cx, id, &plan.email, password).await;
            return confirmed
                .map_err(|failure| Diagnostic::from(failure).at("email_confirmation_code"));
        }
        let requested = accounts.request_email(cx, id, &plan.email).await;
        requested.map_err(|failure| Diagnostic::from(failure).at("email"))?;
        Err(to_be_confirmed(id, prior, plan))
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

    /// What is known of an account of which AWS has told the ID only. It is kept whatever `on_destroy` says.
    fn half_made(self, id: &AccountId) -> Self {
        Self {
            on_destroy: OnDestroy::Keep,
            parent_id: Computed::Null,
            account_id: id.clone().into(),
            ..self
        }
    }

    /// The plan, with what takes calls to change as it was before.
    fn keeping(self, prior: &Self) -> Self {
        Self {
            name: prior.name.clone(),
            email: prior.email.clone(),
            parent_id: prior.parent_id.clone(),
            tags: prior.tags.clone(),
            tags_all: prior.tags_all.clone(),
            ..self
        }
    }

    fn seen_as(self, account: &Account, parent: ParentId, organization: &Organization) -> Self {
        Self {
            account_id: account.id.clone().into(),
            arn: account.arn.clone().into(),
            organization_id: organization.id.clone().into(),
            parent_id: parent.into(),
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

/// Puts an account that is there into the place that the plan says.
async fn settle(
    cx: &Cx,
    organizations: &Organizations,
    plan: MemberAccount,
    account: &Account,
    organization: &Organization,
) -> Result<MemberAccount> {
    let present = organizations.parent_of(cx, account).await?;
    let wanted = plan.parent_id.known().cloned();
    let on_destroy = plan.on_destroy;
    let made = plan.seen_as(account, present, organization);
    // Terraform destroys what failed half-way before it creates it anew: the account must survive that, and
    // is then adopted.
    let mut made = MemberAccount {
        on_destroy: OnDestroy::Keep,
        ..made
    };
    cx.save(&made);
    if let Some(wanted) = wanted {
        let moved = organizations.move_account(cx, account, &wanted).await;
        moved.map_err(|failure| not_moved(failure, account))?;
        made.parent_id = wanted.into();
        cx.save(&made);
    }
    Ok(MemberAccount { on_destroy, ..made })
}

/// What AWS says of a fact that is not always its to tell: `None` where the caller may not ask.
fn where_told<T>(told: Result<Option<T>, Failure>) -> Result<Option<T>> {
    match told {
        Err(failure) if failure.code() == Some("AccessDeniedException") => Ok(None),
        told => Ok(told?),
    }
}

/// Refuses a name that AWS takes for a new account and not for a renamed one.
///
/// Source: AWS Account Management API reference, `PutAccountName`, `AccountName`.
fn refuse_name(name: &AccountName) -> Result<()> {
    let text = name.as_str();
    let printable = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'>');
    if text.len() <= 50 && text.bytes().all(printable) {
        return Ok(());
    }
    Err(Diagnostic::error("Name not accepted")
        .detail(format!(
            "AWS renames accounts to 1 to 50 printable ASCII characters without angle brackets, and \
             \"{name}\" is not such a name. Choose another one."
        ))
        .at("name"))
}

/// What the organization lacks so that its management account may change names and e-mail addresses, as far
/// as the caller may see it.
async fn missing_trust(cx: &Cx, organizations: &Organizations) -> Result<Option<Diagnostic>> {
    let Some(organization) = organizations.organization(cx).await? else {
        return Ok(None);
    };
    if organization.feature_set != FeatureSet::All {
        return Ok(Some(
            Diagnostic::warning("All features needed").detail(format!(
                "AWS lets a management account change names and e-mail addresses of members only where the \
                 organization has all features, and organization {} has not. Enable them (feature_set of \
                 awsbilling_organization), or change the account in its own console first.",
                organization.id
            )),
        ));
    }
    let trusted = match organizations.service_access(cx).await {
        Ok(services) => services
            .iter()
            .any(|it| it == account_management::SERVICE_PRINCIPAL),
        Err(failure) if failure.interrupted().is_some() => return Err(failure.into()),
        // Whoever may not look will be told by the change itself.
        Err(_) => true,
    };
    let missing = || {
        Diagnostic::warning("Trusted access missing").detail(format!(
            "AWS lets a management account change names and e-mail addresses of members only with trusted \
             access for Account Management, and organization {} has not enabled it. Unless this apply does, \
             AWS will refuse the change. Enable it once with the management account: aws organizations \
             enable-aws-service-access --service-principal {}.",
            organization.id,
            account_management::SERVICE_PRINCIPAL
        ))
    };
    Ok((!trusted).then(missing))
}

/// Says before the apply that a new e-mail address takes two of them.
fn warn_of_confirmation(
    cx: &Cx,
    prior: &MemberAccount,
    email: &Email,
    password: &Partial<WriteOnly<OneTimePassword>>,
) {
    if password
        .known()
        .is_none_or(|known| known.expose().is_some())
    {
        return;
    }
    cx.warn(
        Diagnostic::warning("New e-mail address to be confirmed")
            .detail(format!(
                "Applying has AWS send a one-time password to {email}, and ends with an error that asks for \
                 it: account {} keeps {} until then. Write the password into email_confirmation_code and \
                 apply again. If it has arrived already, write it now: every apply without it has a new one \
                 sent.",
                prior.id(),
                prior.email
            ))
            .at("email"),
    );
}

fn to_be_confirmed(id: &AccountId, prior: &MemberAccount, plan: &MemberAccount) -> Diagnostic {
    Diagnostic::error("New e-mail address to be confirmed")
        .detail(format!(
            "AWS has sent a one-time password to {}. Until it is confirmed, account {id} keeps {}, and so \
             does the state.\n\nWrite the password into email_confirmation_code and apply again; take it out \
             afterwards. To keep the old address, write it into email again.",
            plan.email, prior.email
        ))
        .at("email_confirmation_code")
}

/// The account is there and in the state, whatever became of the move.
fn not_moved(failure: Failure, account: &Account) -> Diagnostic {
    let mut diagnostic = Diagnostic::from(failure).at("parent_id");
    let kept = format!(
        "\n\nAccount {} ({}) was created and is kept. Terraform calls it tainted and plans to replace it: \
         applying that forgets the account, adopts it again and moves it, and neither closes nor removes it.",
        account.id, account.name
    );
    diagnostic.detail.push_str(&kept);
    diagnostic
}

fn not_a_member(id: &AccountId) -> Diagnostic {
    Diagnostic::error("Account not found").detail(format!(
        "Account {id} is not a member of the organization any more. Plan again."
    ))
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
