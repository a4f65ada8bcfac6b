//! How well an account is guarded: what passwords must be like, and what is known of its root user.
//!
//! The rule a reader would not guess: a policy is replaced as a whole, and what a request leaves out falls
//! back to AWS's default instead of staying. So every request says everything.

use aws_sdk_iam::types::{self as sdk, SummaryKeyType};

use super::{Iam, found};
use crate::aws::call;
use crate::aws::error::{Call, Failure};
use crate::framework::Cx;

/// What the passwords of an account's users must be like.
///
/// Source: `PasswordPolicy` in the IAM API reference.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a rule of its own at AWS"
)]
pub struct PasswordPolicy {
    /// Least number of characters, 6 to 128.
    pub minimum_length: i32,
    /// Whether a sign that is neither letter nor digit is needed.
    pub require_symbols: bool,
    /// Whether a digit is needed.
    pub require_numbers: bool,
    /// Whether a letter from A to Z is needed.
    pub require_uppercase: bool,
    /// Whether a letter from a to z is needed.
    pub require_lowercase: bool,
    /// Whether all users may change their own passwords.
    pub users_may_change: bool,
    /// Days after which a password expires, 1 to 1,095; 0 for never.
    pub max_age: i32,
    /// Number of earlier passwords that are refused, 1 to 24; 0 for none.
    pub reuse_prevention: i32,
    /// Whether only an administrator can replace an expired password.
    pub hard_expiry: bool,
}

/// Fewest characters of a password that guards a management account.
///
/// Source: AWS Billing user guide, "Consolidated billing process": a password of at least eight characters
/// with upper-case and lower-case letters, a digit and a special character.
pub const SHORTEST_STRONG: i32 = 8;

impl PasswordPolicy {
    /// What a strong password would need, and the policy does not ask for; nothing if it is strong.
    pub fn weaknesses(&self) -> Vec<String> {
        let length = (self.minimum_length < SHORTEST_STRONG).then(|| {
            format!(
                "at least {SHORTEST_STRONG} characters (it is {})",
                self.minimum_length
            )
        });
        let kinds = [
            (self.require_uppercase, "an upper-case letter"),
            (self.require_lowercase, "a lower-case letter"),
            (self.require_numbers, "a digit"),
            (self.require_symbols, "a special character"),
        ];
        let missing = kinds.iter().filter(|(required, _)| !required);
        length
            .into_iter()
            .chain(missing.map(|(_, kind)| (*kind).to_owned()))
            .collect()
    }
}

/// What IAM tells of an account's root user.
///
/// Source: `GetAccountSummary` in the IAM API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootUser {
    /// Whether signing in needs a second factor.
    pub mfa: bool,
    /// Whether it has access keys.
    pub access_keys: bool,
    /// Whether it has signing certificates, where IAM tells.
    pub signing_certificates: Option<bool>,
    /// Whether it has a password, where IAM tells: a member's root user may have none.
    pub password: Option<bool>,
}

impl Iam {
    /// The account's password policy; `None` where AWS's own default holds.
    pub async fn password_policy(&self, cx: &Cx) -> Result<Option<PasswordPolicy>, Failure> {
        let call = Call::new(
            "GetAccountPasswordPolicy",
            "look at the account's password policy",
        )
        .allowed_by("iam:GetAccountPasswordPolicy");
        let get = self.0.get_account_password_policy().send();
        let answer = found(call::read(cx, &call, get).await)?;
        Ok(answer
            .as_ref()
            .and_then(|answer| answer.password_policy())
            .map(PasswordPolicy::from))
    }

    /// Replaces the account's password policy, or makes one.
    pub async fn put_password_policy(
        &self,
        cx: &Cx,
        policy: &PasswordPolicy,
    ) -> Result<(), Failure> {
        let call = Call::new(
            "UpdateAccountPasswordPolicy",
            "set the account's password policy",
        )
        .allowed_by("iam:UpdateAccountPasswordPolicy");
        // AWS takes no zero: what is not limited is left out.
        let limit = |days: i32| Some(days).filter(|days| *days > 0);
        let update = self
            .0
            .update_account_password_policy()
            .minimum_password_length(policy.minimum_length)
            .require_symbols(policy.require_symbols)
            .require_numbers(policy.require_numbers)
            .require_uppercase_characters(policy.require_uppercase)
            .require_lowercase_characters(policy.require_lowercase)
            .allow_users_to_change_password(policy.users_may_change)
            .set_max_password_age(limit(policy.max_age))
            .set_password_reuse_prevention(limit(policy.reuse_prevention))
            .hard_expiry(policy.hard_expiry);
        let updated = call::write(cx, &call, (), |wire| {
            update.clone().customize().interceptor(wire).send()
        });
        updated.await.map(drop)
    }

    /// Deletes the account's password policy. One that is gone already is a success.
    pub async fn delete_password_policy(&self, cx: &Cx) -> Result<(), Failure> {
        let call = Call::new(
            "DeleteAccountPasswordPolicy",
            "delete the account's password policy",
        )
        .allowed_by("iam:DeleteAccountPasswordPolicy");
        let delete = self.0.delete_account_password_policy();
        let deleted = call::write(cx, &call, (), |wire| {
            delete.clone().customize().interceptor(wire).send()
        });
        found(deleted.await).map(drop)
    }

    /// What is known of the account's root user.
    pub async fn root_user(&self, cx: &Cx) -> Result<RootUser, Failure> {
        let call = Call::new("GetAccountSummary", "look at the account's root user")
            .allowed_by("iam:GetAccountSummary");
        let get = self.0.get_account_summary().send();
        let answer = call::read(cx, &call, get).await?;
        let set = |key: SummaryKeyType| {
            let count = answer.summary_map().and_then(|map| map.get(&key));
            count.map(|count| *count > 0)
        };
        let told = |key: SummaryKeyType| {
            let missing = || Failure::bug(format!("GetAccountSummary does not tell {key}."));
            set(key.clone()).ok_or_else(missing)
        };
        Ok(RootUser {
            mfa: told(SummaryKeyType::AccountMfaEnabled)?,
            access_keys: told(SummaryKeyType::AccountAccessKeysPresent)?,
            signing_certificates: set(SummaryKeyType::AccountSigningCertificatesPresent),
            password: set(SummaryKeyType::AccountPasswordPresent),
        })
    }
}

impl From<&sdk::PasswordPolicy> for PasswordPolicy {
    fn from(policy: &sdk::PasswordPolicy) -> Self {
        Self {
            // AWS's default, which every policy that says nothing else has.
            minimum_length: policy.minimum_password_length().unwrap_or(6),
            require_symbols: policy.require_symbols(),
            require_numbers: policy.require_numbers(),
            require_uppercase: policy.require_uppercase_characters(),
            require_lowercase: policy.require_lowercase_characters(),
            users_may_change: policy.allow_users_to_change_password(),
            max_age: policy.max_password_age().unwrap_or(0),
            reuse_prevention: policy.password_reuse_prevention().unwrap_or(0),
            hard_expiry: policy.hard_expiry().unwrap_or(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_weak_where_it_asks_for_less_than_the_guide() {
        let strong = PasswordPolicy {
            minimum_length: 8,
            require_symbols: true,
            require_numbers: true,
            require_uppercase: true,
            require_lowercase: true,
            users_may_change: true,
            max_age: 0,
            reuse_prevention: 0,
            hard_expiry: false,
        };
        assert!(strong.weaknesses().is_empty());
        let weak = PasswordPolicy {
            minimum_length: 7,
            require_symbols: false,
            ..strong
        };
        assert_eq!(
            weak.weaknesses(),
            ["at least 8 characters (it is 7)", "a special character"]
        );
    }
}
