//! Accounts that an organization creates.

use std::borrow::Cow;

use time::{Duration, OffsetDateTime};

use super::{AccountId, AccountSpec, JoinedMethod, NewRole, PaymentMethod, Refusal, Tags, World};

/// What became of a request to create an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreationState {
    /// The account is there.
    Succeeded(AccountId),
    /// There is none; AWS's reason code.
    Failed(Cow<'static, str>),
}

/// A request to create an account.
#[derive(Clone, Debug)]
pub struct Creation {
    /// `car-` and 32 characters.
    pub id: String,
    /// The name asked for.
    pub account_name: String,
    /// When it was asked for.
    pub requested_at: OffsetDateTime,
    /// What became of it.
    pub state: CreationState,
}

/// The role by which the management account reaches an account that it created, unless another name is given (API
/// reference, `CreateAccount`).
const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

impl World {
    /// Creates a member account (API reference, `CreateAccount`). AWS works on it in the background; here it is done at
    /// once, and the first question about it already finds the result.
    pub fn create_account(
        &mut self,
        caller: &AccountId,
        name: &str,
        email: &str,
        role: Option<&str>,
        tags: Tags,
    ) -> Result<&Creation, Refusal> {
        let organization = self.managed_by(caller)?;
        self.check_finalized(organization)?;
        Self::check_tag_policy(organization, &tags)?;
        if organization.occupied() >= organization.account_limit {
            return Err(Refusal::constraint(
                "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                "The organization has as many accounts and pending invitations as it may have.",
            ));
        }
        let arranged = organization.creation_failure.clone();
        let (organization, now) = (organization.id.clone(), self.now);
        let state = if let Some(reason) = arranged {
            CreationState::Failed(reason.into())
        } else if self.account_by_email(email).is_some() {
            CreationState::Failed("EMAIL_ALREADY_EXISTS".into())
        } else {
            let account = self.open_created_account(name, email)?;
            self.enrol(&account, &organization, JoinedMethod::Created, now, tags);
            let trusted = self.known_account(caller)?.root_arn();
            self.create_role(
                &account,
                NewRole::trusting(role.unwrap_or(ACCESS_ROLE), &trusted),
            )?;
            CreationState::Succeeded(account)
        };
        let id = self.ids.create_account_request();
        let creation = Creation {
            id: id.clone(),
            account_name: name.to_owned(),
            requested_at: now,
            state,
        };
        let organization = self.managed_by_mut(caller)?;
        Ok(organization.creations.entry(id).or_insert(creation))
    }

    /// A created account has no payment method, no verified phone and no agreement of its own (user guide,
    /// "Considerations before removing an account from an organization").
    fn open_created_account(&mut self, name: &str, email: &str) -> Result<AccountId, Refusal> {
        let id = self.open_account(AccountSpec {
            email: Some(email.to_owned()),
            payment_method: PaymentMethod::Missing,
            phone_verified: false,
            agreement_accepted: false,
            ..AccountSpec::named(name)
        })?;
        let now = self.now;
        if let Some(account) = self.accounts.get_mut(&id) {
            account.created_at = now;
        }
        Ok(id)
    }

    /// Arranges that a member was created by its organization, some days ago.
    pub fn arrange_created(&mut self, account: &AccountId, days_ago: u32) -> Result<(), Refusal> {
        let created_at = self.now - Duration::days(i64::from(days_ago));
        let account = self
            .accounts
            .get_mut(account)
            .ok_or_else(Refusal::account_not_found)?;
        let membership = account
            .membership
            .as_mut()
            .ok_or_else(Refusal::not_in_use)?;
        membership.method = JoinedMethod::Created;
        membership.joined_at = created_at;
        account.created_at = created_at;
        Ok(())
    }
}
