//! `awsbilling_account_password_policy`: what the passwords of an account's users must be like.
//!
//! An account has one policy or none, so creating it may overwrite what somebody set by hand; the plan says
//! what that was. IAM replaces a policy as a whole, so every attribute is always sent.

use crate::attributes::AssumeRole;
use crate::aws::Aws;
use crate::aws::Iam;
use crate::aws::iam::PasswordPolicy;
use crate::aws::types::AccountId;
use crate::framework::{
    Change, Computed, Cx, Diagnostic, Diagnostics, ImportId, Model, Page, Partial, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::{check_owner, imported};

/// Sets the password policy of an account: what the passwords of its IAM users must be like.
///
/// The defaults are those of a strong policy: at least 14 characters with upper-case and lower-case
/// letters, a digit and a special character, none of the last 24 passwords again, and no expiry. AWS asks
/// for at least eight such characters where an account manages an organization; a policy that asks for less
/// is accepted with a warning.
///
/// An account has one policy. IAM replaces it as a whole, so attributes that are not written get the
/// defaults of this resource, whatever the account had before. The policy concerns IAM users and not the
/// root user, whose password AWS judges itself, and not users of IAM Identity Center.
///
/// ~> Destroying this resource deletes the policy, and AWS's own default holds again.
#[derive(Clone, Debug, Model)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a rule of its own at AWS"
)]
pub struct AccountPolicy {
    /// Least number of characters, 6 to 128.
    #[attr(default = 14)]
    pub minimum_password_length: i64,

    /// Whether to require a special character.
    #[attr(default = true)]
    pub require_symbols: bool,

    /// Whether to require a digit.
    #[attr(default = true)]
    pub require_numbers: bool,

    /// Whether to require a letter from A to Z.
    #[attr(default = true)]
    pub require_uppercase_characters: bool,

    /// Whether to require a letter from a to z.
    #[attr(default = true)]
    pub require_lowercase_characters: bool,

    /// Whether to let all users change their own passwords.
    #[attr(default = true)]
    pub allow_users_to_change_password: bool,

    /// Days after which a password expires, 1 to 1095; `0` for never.
    #[attr(default = 0)]
    pub max_password_age: i64,

    /// Number of earlier passwords that a user cannot choose again, 1 to 24; `0` for none.
    #[attr(default = 24)]
    pub password_reuse_prevention: i64,

    /// Whether to keep users whose password has expired from setting a new one in the console. Then only
    /// an administrator can.
    #[attr(default = false)]
    pub hard_expiry: bool,

    /// Role to assume in the account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "5m", update = "5m", delete = "5m"))]
    pub timeouts: Timeouts,

    /// ID of the account.
    #[attr(stable, identity)]
    pub account_id: Computed<AccountId>,

    /// Whether passwords expire.
    #[attr(stable)]
    pub expire_passwords: Computed<bool>,
}

/// The resource.
#[derive(Debug)]
pub struct AccountPasswordPolicy {
    aws: Aws,
}

impl Resource for AccountPasswordPolicy {
    const NAME: &'static str = "account_password_policy";
    const PAGE: Page = Page {
        subcategory: "Running an organization",
        permissions: &[
            Permission::new("iam:GetAccountPasswordPolicy", "always"),
            Permission::new("iam:UpdateAccountPasswordPolicy", "to create and update"),
            Permission::new("iam:DeleteAccountPasswordPolicy", "to destroy"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = AccountPolicy;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    /// Source: `UpdateAccountPasswordPolicy` in the IAM API reference.
    fn validate(config: &PartialAccountPolicy, problems: &mut Diagnostics) {
        let mut check = |at: &str, value: &Partial<i64>, least: i64, most: i64, none: &str| {
            let Some(value) = value.known() else { return };
            let is_none = !none.is_empty() && *value == 0;
            if !is_none && !(least..=most).contains(value) {
                problems.push(
                    Diagnostic::error("Invalid attribute value")
                        .detail(format!("{at} is {least} to {most}{none}, got {value}."))
                        .at(at),
                );
            }
        };
        let length = &config.minimum_password_length;
        check("minimum_password_length", length, 6, 128, "");
        let age = &config.max_password_age;
        check("max_password_age", age, 1, 1095, ", or 0 for no expiry");
        let reuse = &config.password_reuse_prevention;
        check(
            "password_reuse_prevention",
            reuse,
            1,
            24,
            ", or 0 for no such rule",
        );
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<AccountPolicy>) -> Result<()> {
        if let Some(age) = change.planned.max_password_age.known() {
            change.planned.expire_passwords = (*age > 0).into();
        }
        let wanted = wanted(&change.planned)?;
        let before = match &change.prior {
            Some(prior) => Some(prior.policy()?),
            None => None,
        };
        if let Some(wanted) = wanted
            .as_ref()
            .filter(|wanted| before.as_ref() != Some(wanted))
        {
            warn_of_weakness(cx, wanted);
            warn_of_lockout(cx, wanted, before.as_ref());
        }
        if !change.is_creation() {
            return Ok(());
        }
        let Some(role) = change.planned.assume_role.known() else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let account = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let found = self.aws.iam(cx, role.as_ref()).await?;
        if let Some(found) = found.password_policy(cx).await?
            && wanted.is_none_or(|wanted| wanted != found)
        {
            cx.warn(overwritten(&account, &found));
        }
        change.planned.account_id = account.into();
        Ok(())
    }

    async fn plan_destroy(&self, cx: &Cx, state: AccountPolicy) -> Result<()> {
        cx.warn(
            Diagnostic::warning("Password policy will be deleted").detail(format!(
                "{} falls back to AWS's default policy: at least 8 characters of three kinds, no expiry, \
                 and earlier passwords may be used again. Passwords that exist stay as they are. To keep \
                 the policy and only forget it, remove it from the state with a removed block \
                 (destroy = false).",
                state.object()
            )),
        );
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: AccountPolicy) -> Result<AccountPolicy> {
        let (account, iam) = self.account(cx, &plan).await?;
        plan.check_account(&account)?;
        let policy = plan.policy()?;
        iam.put_password_policy(cx, &policy).await?;
        Ok(plan.showing(&policy, account))
    }

    async fn read(&self, cx: &Cx, state: AccountPolicy) -> Result<Option<AccountPolicy>> {
        let (account, iam) = self.account(cx, &state).await?;
        state.check_account(&account)?;
        let found = iam.password_policy(cx).await?;
        Ok(found.map(|found| state.showing(&found, account)))
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: AccountPolicy,
        plan: AccountPolicy,
    ) -> Result<AccountPolicy> {
        let (account, iam) = self.account(cx, &plan).await?;
        prior.check_account(&account)?;
        let policy = plan.policy()?;
        if policy != prior.policy()? {
            iam.put_password_policy(cx, &policy).await?;
        }
        Ok(plan.showing(&policy, account))
    }

    async fn delete(&self, cx: &Cx, state: AccountPolicy) -> Result<()> {
        let (account, iam) = self.account(cx, &state).await?;
        state.check_account(&account)?;
        Ok(iam.delete_password_policy(cx).await?)
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<AccountPolicy> {
        let (account_id, assume_role) = imported(&id, "account_id")?;
        let imported = AccountPolicy::of(account_id, assume_role);
        let (account, iam) = self.account(cx, &imported).await?;
        imported.check_account(&account)?;
        let Some(found) = iam.password_policy(cx).await? else {
            return Err(
                Diagnostic::error("Cannot import non-existent password policy").detail(format!(
                    "Account {account} has no password policy: AWS's default holds. Create the resource \
                     instead of importing it."
                )),
            );
        };
        Ok(imported.showing(&found, account))
    }
}

impl AccountPasswordPolicy {
    async fn account(&self, cx: &Cx, policy: &AccountPolicy) -> Result<(AccountId, Iam)> {
        let role = policy.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let iam = self.aws.iam(cx, role.as_ref()).await?;
        Ok((caller.account_id, iam))
    }
}

impl AccountPolicy {
    /// The policy of an account, of which nothing else is known yet.
    fn of(account_id: AccountId, assume_role: Option<AssumeRole>) -> Self {
        Self {
            minimum_password_length: 0,
            require_symbols: false,
            require_numbers: false,
            require_uppercase_characters: false,
            require_lowercase_characters: false,
            allow_users_to_change_password: false,
            max_password_age: 0,
            password_reuse_prevention: 0,
            hard_expiry: false,
            assume_role,
            timeouts: Timeouts::none(),
            account_id: account_id.into(),
            expire_passwords: Computed::Null,
        }
    }

    /// Takes what AWS says.
    fn showing(self, found: &PasswordPolicy, account: AccountId) -> Self {
        Self {
            minimum_password_length: found.minimum_length.into(),
            require_symbols: found.require_symbols,
            require_numbers: found.require_numbers,
            require_uppercase_characters: found.require_uppercase,
            require_lowercase_characters: found.require_lowercase,
            allow_users_to_change_password: found.users_may_change,
            max_password_age: found.max_age.into(),
            password_reuse_prevention: found.reuse_prevention.into(),
            hard_expiry: found.hard_expiry,
            expire_passwords: (found.max_age > 0).into(),
            account_id: account.into(),
            assume_role: self.assume_role,
            timeouts: self.timeouts,
        }
    }

    fn policy(&self) -> Result<PasswordPolicy> {
        Ok(PasswordPolicy {
            minimum_length: small(self.minimum_password_length)?,
            require_symbols: self.require_symbols,
            require_numbers: self.require_numbers,
            require_uppercase: self.require_uppercase_characters,
            require_lowercase: self.require_lowercase_characters,
            users_may_change: self.allow_users_to_change_password,
            max_age: small(self.max_password_age)?,
            reuse_prevention: small(self.password_reuse_prevention)?,
            hard_expiry: self.hard_expiry,
        })
    }

    fn object(&self) -> String {
        match self.account_id.known() {
            Some(account) => format!("Account {account}"),
            None => "The account".to_owned(),
        }
    }

    /// Every account has a policy of its own, so one of another would be taken for this one.
    fn check_account(&self, caller: &AccountId) -> Result<()> {
        check_owner("The password policy", &self.account_id, caller)
    }
}

/// The policy as it will be, if all of it is known.
fn wanted(planned: &PartialAccountPolicy) -> Result<Option<PasswordPolicy>> {
    let known = || {
        Some((
            *planned.minimum_password_length.known()?,
            *planned.max_password_age.known()?,
            *planned.password_reuse_prevention.known()?,
            *planned.require_symbols.known()?,
            *planned.require_numbers.known()?,
            *planned.require_uppercase_characters.known()?,
            *planned.require_lowercase_characters.known()?,
            *planned.allow_users_to_change_password.known()?,
            *planned.hard_expiry.known()?,
        ))
    };
    let Some((length, age, reuse, symbols, numbers, upper, lower, change, hard)) = known() else {
        return Ok(None);
    };
    Ok(Some(PasswordPolicy {
        minimum_length: small(length)?,
        require_symbols: symbols,
        require_numbers: numbers,
        require_uppercase: upper,
        require_lowercase: lower,
        users_may_change: change,
        max_age: small(age)?,
        reuse_prevention: small(reuse)?,
        hard_expiry: hard,
    }))
}

/// A number whose bounds were checked; one that became known only now may still be out of them.
fn small(number: i64) -> Result<i32> {
    i32::try_from(number).map_err(|_| {
        Diagnostic::error("Invalid attribute value").detail(format!(
            "{number} is no length, number of days or number of passwords that AWS accepts."
        ))
    })
}

fn warn_of_weakness(cx: &Cx, wanted: &PasswordPolicy) {
    let weaknesses = wanted.weaknesses();
    if !weaknesses.is_empty() {
        cx.warn(Diagnostic::warning("Weak password policy").detail(format!(
            "AWS advises strong passwords where an account manages an organization, and the policy \
                 does not ask for all of that. Ask for {}.",
            weaknesses.join(", for ")
        )));
    }
}

fn warn_of_lockout(cx: &Cx, wanted: &PasswordPolicy, before: Option<&PasswordPolicy>) {
    let locks = |policy: &PasswordPolicy| policy.hard_expiry && policy.max_age > 0;
    if locks(wanted) && !before.is_some_and(locks) {
        cx.warn(
            Diagnostic::warning("Expired passwords will lock users out")
                .detail(format!(
                    "A user whose password is older than {} days cannot sign in to the console until an \
                     administrator sets another, and passwords that are older now expire at once. Keep an \
                     administrator who does not sign in with a password of IAM (a role, or access keys), or \
                     leave hard_expiry out.",
                    wanted.max_age
                ))
                .at("hard_expiry"),
        );
    }
}

/// Says what an existing policy is before it goes.
fn overwritten(account: &AccountId, found: &PasswordPolicy) -> Diagnostic {
    let kinds = [
        (found.require_uppercase, "upper-case letters"),
        (found.require_lowercase, "lower-case letters"),
        (found.require_numbers, "digits"),
        (found.require_symbols, "special characters"),
    ];
    let kinds = kinds.iter().filter(|(required, _)| *required);
    let kinds: Vec<_> = kinds.map(|(_, kind)| *kind).collect();
    let kinds = match kinds.as_slice() {
        [] => "no kind of character".to_owned(),
        some => some.join(", "),
    };
    let limit = |number: i32, none: &str, some: &str| match number {
        0 => none.to_owned(),
        number => format!("{number} {some}"),
    };
    let flag = |set: bool| if set { "yes" } else { "no" };
    Diagnostic::warning("Password policy will be overwritten").detail(format!(
        "Account {account} has a password policy that Terraform did not make: at least {} characters; \
         required: {kinds}; users change their own: {}; expiry: {}; remembered: {}; hard expiry: {}. \
         Applying replaces all of it. To keep it, import it first: terraform import <address> {account}.",
        found.minimum_length,
        flag(found.users_may_change),
        limit(found.max_age, "none", "days"),
        limit(found.reuse_prevention, "none", "passwords"),
        flag(found.hard_expiry),
    ))
}
