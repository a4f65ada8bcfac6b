//! AWS Account Management: the name of an account, and the address of its root user.
//!
//! The rule a reader would not guess: what the management account does to a member needs trusted access of the
//! organization for Account Management, and what it does to itself must not name an account.

use super::{AccountId, FeatureSet, Organization, Refusal, World, ids};

/// The service principal of Account Management (Account Management reference guide, "Enabling trusted access for AWS
/// Account Management").
const SERVICE: &str = "account.amazonaws.com";

/// A new address of an account's root user, until its owner has confirmed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailUpdate {
    /// The address.
    pub email: String,
    /// The one-time password that AWS sends there.
    pub code: String,
}

impl World {
    /// The account that a request is about: the caller's own unless it names one (API reference, `PutAccountName`,
    /// `AccountId`).
    pub fn account_managed_by(
        &self,
        caller: &AccountId,
        id: Option<&str>,
    ) -> Result<AccountId, Refusal> {
        let Some(id) = id else {
            return Ok(caller.clone());
        };
        let (organization, _) = self.membership(caller).map_err(|_| not_permitted())?;
        check_manages_accounts(organization, caller)?;
        if organization.management.as_str() == id {
            return Err(Refusal::access_denied(
                "The management account can only be managed by itself, without AccountId.",
            ));
        }
        let member = self.member(organization, id).map_err(|_| not_permitted())?;
        Ok(member.id.clone())
    }

    /// Names an account anew (API reference, `PutAccountName`).
    pub fn put_account_name(
        &mut self,
        caller: &AccountId,
        id: Option<&str>,
        name: &str,
    ) -> Result<(), Refusal> {
        let id = self.account_managed_by(caller, id)?;
        let account = self.accounts.get_mut(&id).ok_or_else(not_permitted)?;
        name.clone_into(&mut account.name);
        Ok(())
    }

    /// Sends a one-time password to a new address; a later request replaces an earlier one (API reference,
    /// `StartPrimaryEmailUpdate`: members only, by the management account or the delegated administrator). Of addresses
    /// in use AWS says only that they cannot be taken (knowledge centre, "organizations-change-member-email"); the
    /// modelled `ConflictException` stands for that.
    pub fn start_email_update(
        &mut self,
        caller: &AccountId,
        id: &str,
        email: &str,
    ) -> Result<(), Refusal> {
        let id = self.account_managed_by(caller, Some(id))?;
        if self.account_by_email(email).is_some() {
            return Err(Refusal::new(
                "ConflictException",
                "The address is in use by an account.",
            ));
        }
        let code = ids::one_time_password(&self.ids.session());
        let update = EmailUpdate {
            email: email.to_owned(),
            code,
        };
        let account = self.accounts.get_mut(&id).ok_or_else(not_permitted)?;
        account.email_update = Some(update);
        Ok(())
    }

    /// Confirms the new address (API reference, `AcceptPrimaryEmailUpdate`: the address must be the one that the request
    /// began with). AWS does not document what a wrong password is called; the modelled `ValidationException` stands for
    /// it, and `ResourceNotFoundException` for the lack of a request.
    pub fn accept_email_update(
        &mut self,
        caller: &AccountId,
        id: &str,
        email: &str,
        code: &str,
    ) -> Result<(), Refusal> {
        let id = self.account_managed_by(caller, Some(id))?;
        let account = self.known_account(&id)?;
        let before = account.email.to_lowercase();
        let update = account.email_update.as_ref().ok_or_else(|| {
            Refusal::new(
                "ResourceNotFoundException",
                "There is no request to change the address.",
            )
        })?;
        if !update.email.eq_ignore_ascii_case(email) || update.code != code {
            return Err(Refusal::validation("The address or the code is wrong."));
        }
        let email = update.email.clone();
        if self.account_by_email(&email).is_some() {
            return Err(Refusal::new(
                "ConflictException",
                "The address is in use by an account.",
            ));
        }
        self.emails.remove(&before);
        self.emails.insert(email.to_lowercase(), id.clone());
        self.claim_invitations(&id, &email);
        if let Some(account) = self.accounts.get_mut(&id) {
            account.email = email;
            account.email_update = None;
        }
        Ok(())
    }
}

/// Account Management API reference, `AccountId`: management account or delegated administrator, all features, trusted
/// access. All of it is refused as `AccessDeniedException`, the only modelled error that fits.
fn check_manages_accounts(organization: &Organization, caller: &AccountId) -> Result<(), Refusal> {
    let delegated = organization
        .delegated_administrators
        .get(caller)
        .is_some_and(|services| services.contains_key(SERVICE));
    if organization.management != *caller && !delegated {
        return Err(not_permitted());
    }
    if organization.feature_set != FeatureSet::All {
        return Err(Refusal::access_denied(
            "The organization must have all features enabled.",
        ));
    }
    if !organization.service_access.contains_key(SERVICE) {
        return Err(Refusal::access_denied(
            "The organization must first enable trusted access with AWS Account Management.",
        ));
    }
    Ok(())
}

fn not_permitted() -> Refusal {
    Refusal::access_denied("The caller is not authorized to manage this account.")
}
