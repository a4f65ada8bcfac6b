//! `awsbilling_management_account_security`: how well the account is guarded that pays for all others.
//!
//! The rule a reader would not guess: an account without a password policy is no error. AWS's default holds
//! then, which asks for three of the four kinds of characters, so it is a finding.

use crate::attributes::AssumeRole;
use crate::aws::Aws;
use crate::aws::iam::{PasswordPolicy, RootUser};
use crate::aws::organizations::Organization;
use crate::aws::types::{AccountId, OrganizationId};
use crate::framework::{Choice, Computed, Cx, DataSource, Model, Page, Permission, Result};

/// Says how well the account of the credentials is guarded: its root user, and the passwords of its users.
/// It is meant for the management account of an organization, which can reach and pays for all others.
///
/// What AWS tells no program stays to be checked by hand: who reads the root user's mailbox, whose telephone
/// number the account has, and whether the root user's password is strong.
#[derive(Clone, Debug, Model)]
pub struct Security {
    /// Role to assume in the account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the account.
    pub account_id: Computed<AccountId>,

    /// ID of the account's organization; null if it has none.
    pub organization_id: Computed<OrganizationId>,

    /// Whether the account manages its organization.
    pub is_management_account: Computed<bool>,

    /// Whether the root user signs in with a second factor.
    pub root_mfa_enabled: Computed<bool>,

    /// Whether the root user has access keys.
    pub root_access_keys_present: Computed<bool>,

    /// Whether the root user has signing certificates; null if IAM does not tell.
    pub root_signing_certificates_present: Computed<bool>,

    /// Whether the account has a password policy. If not, AWS's default holds.
    pub has_password_policy: Computed<bool>,

    /// Whether the password policy asks for at least eight characters with upper-case and lower-case
    /// letters, a digit and a special character.
    pub has_strong_password_policy: Computed<bool>,

    /// What was found, the worst first.
    pub findings: Computed<Vec<Finding>>,

    /// Whether nothing was found.
    pub secure: Computed<bool>,
}

/// Finding about the account.
#[derive(Clone, Debug, Model)]
pub struct Finding {
    /// Code of the finding: `ROOT_WITHOUT_MFA`, `ROOT_ACCESS_KEYS`, `ROOT_SIGNING_CERTIFICATES`,
    /// `NO_PASSWORD_POLICY`, `WEAK_PASSWORD_POLICY` or `NOT_MANAGEMENT_ACCOUNT`.
    pub code: String,

    /// Weight of the finding.
    pub severity: Severity,

    /// What is the case.
    pub message: String,

    /// What to do about it.
    pub remedy: String,
}

/// Weight of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Severity {
    /// Gives everything to who has one password or one key.
    Critical,
    /// Leaves an old way in open.
    High,
    /// Lets passwords be weak, or concerns another account than was meant.
    Medium,
}

/// The data source.
#[derive(Debug)]
pub struct ManagementAccountSecurity {
    aws: Aws,
}

impl DataSource for ManagementAccountSecurity {
    const NAME: &'static str = "management_account_security";
    const PAGE: Page = Page {
        subcategory: "Running an organization",
        permissions: &[
            Permission::new("iam:GetAccountPasswordPolicy", "always"),
            Permission::new("iam:GetAccountSummary", "always"),
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Security;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: Security) -> Result<Security> {
        let role = config.assume_role.as_ref().map(Into::into);
        let account = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let organization = organizations.organization(cx).await?;
        let iam = self.aws.iam(cx, role.as_ref()).await?;
        let root = iam.root_user(cx).await?;
        let policy = iam.password_policy(cx).await?;

        let manages = |found: &Organization| found.management_account_id == account;
        let findings: Vec<_> = of_root(&account, root)
            .into_iter()
            .chain(of_passwords(&account, policy.as_ref()))
            .chain(of_place(&account, organization.as_ref()))
            .collect();
        Ok(Security {
            is_management_account: organization.as_ref().is_some_and(manages).into(),
            organization_id: organization.map(|organization| organization.id).into(),
            root_mfa_enabled: root.mfa.into(),
            root_access_keys_present: root.access_keys.into(),
            root_signing_certificates_present: root.signing_certificates.into(),
            has_password_policy: policy.is_some().into(),
            has_strong_password_policy: policy
                .is_some_and(|policy| policy.weaknesses().is_empty())
                .into(),
            secure: findings.is_empty().into(),
            findings: findings.into(),
            account_id: account.into(),
            ..config
        })
    }
}

/// Source: AWS Organizations user guide, "Best practices for the management account"; IAM user guide,
/// "Root user best practices for your AWS account".
fn of_root(account: &AccountId, root: RootUser) -> Vec<Finding> {
    // A root user without a password, as a member's may be, cannot sign in at all.
    let can_sign_in = root.password != Some(false);
    let mfa = (!root.mfa && can_sign_in).then(|| Finding {
        code: "ROOT_WITHOUT_MFA".to_owned(),
        severity: Severity::Critical,
        message: format!("The root user of account {account} signs in with its password alone."),
        remedy: "Sign in as the root user, open Security credentials, and assign an MFA device; better, \
                 assign two. No API does this."
            .to_owned(),
    });
    let keys = root.access_keys.then(|| Finding {
        code: "ROOT_ACCESS_KEYS".to_owned(),
        severity: Severity::Critical,
        message: format!(
            "The root user of account {account} has access keys, which no policy can restrict."
        ),
        remedy: "Let what uses them use a role. Then sign in as the root user, open Security credentials, \
                 deactivate the keys, and delete them."
            .to_owned(),
    });
    let certificates = root.signing_certificates.unwrap_or(false).then(|| Finding {
        code: "ROOT_SIGNING_CERTIFICATES".to_owned(),
        severity: Severity::High,
        message: format!(
            "The root user of account {account} has X.509 signing certificates, which sign requests as \
             access keys do."
        ),
        remedy: "Sign in as the root user, open Security credentials, and delete the certificates."
            .to_owned(),
    });
    mfa.into_iter().chain(keys).chain(certificates).collect()
}

/// Source: AWS Billing user guide, "Consolidated billing process"; IAM user guide, "Set an account password
/// policy for IAM users", for AWS's default.
fn of_passwords(account: &AccountId, policy: Option<&PasswordPolicy>) -> Option<Finding> {
    let Some(policy) = policy else {
        return Some(Finding {
            code: "NO_PASSWORD_POLICY".to_owned(),
            severity: Severity::Medium,
            message: format!(
                "Account {account} has no password policy. AWS's default asks for eight characters of three \
                 kinds out of four."
            ),
            remedy:
                "Set one with the resource awsbilling_account_password_policy, whose defaults are \
                     strong."
                    .to_owned(),
        });
    };
    let weaknesses = policy.weaknesses();
    (!weaknesses.is_empty()).then(|| Finding {
        code: "WEAK_PASSWORD_POLICY".to_owned(),
        severity: Severity::Medium,
        message: format!(
            "The password policy of account {account} does not ask for {}.",
            weaknesses.join(", for ")
        ),
        remedy: "Set a stronger one with the resource awsbilling_account_password_policy."
            .to_owned(),
    })
}

fn of_place(account: &AccountId, organization: Option<&Organization>) -> Option<Finding> {
    let message = match organization {
        Some(found) if found.management_account_id == *account => return None,
        Some(found) => format!(
            "Account {account} is a member of organization {}, which account {} manages.",
            found.id, found.management_account_id
        ),
        None => format!("Account {account} belongs to no organization, so it manages none."),
    };
    Some(Finding {
        code: "NOT_MANAGEMENT_ACCOUNT".to_owned(),
        severity: Severity::Medium,
        message,
        remedy: "Use credentials of the management account (the provider's profile, or assume_role). For an \
                 account that shall manage an organization, create one with awsbilling_organization."
            .to_owned(),
    })
}
