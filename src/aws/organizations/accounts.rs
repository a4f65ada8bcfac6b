//! Accounts that an organization creates and closes.

use std::time::Duration;

use aws_sdk_organizations::types::{
    CreateAccountFailureReason, CreateAccountState, CreateAccountStatus, IamUserAccessToBilling,
};

use super::super::error::{Call, Failure};
use super::super::types::AccountId;
use super::caller::Organizational;
use super::model::{NewAccount, Removal};
use super::{Organizations, done_before, sdk_tags};
use crate::framework::{Cx, Diagnostic, DomainText};

/// How often to ask whether the account is ready, which takes AWS a minute or so.
const CREATION_POLL: Duration = Duration::from_secs(2);

impl Organizations {
    /// Creates a member account and waits until it is there.
    pub async fn create_account(&self, cx: &Cx, new: &NewAccount) -> Result<AccountId, Failure> {
        let call = Call::new(
            "CreateAccount",
            format!("create an account for {}", new.email),
        );
        let billing = |allowed: bool| {
            if allowed {
                IamUserAccessToBilling::Allow
            } else {
                IamUserAccessToBilling::Deny
            }
        };
        let create = self
            .0
            .client
            .create_account()
            .account_name(new.name.as_str())
            .email(new.email.as_str())
            .set_role_name(new.role_name.as_ref().map(ToString::to_string))
            .set_iam_user_access_to_billing(new.iam_user_access_to_billing.map(billing))
            .set_tags(sdk_tags(&new.tags)?);
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                create.clone().customize().interceptor(wire).send()
            });
        let (answer, touched) = write.await?;
        let missing = || Failure::bug("AWS creates an account and names no request.");
        let mut status = answer.create_account_status.ok_or_else(missing)?;
        let request = status.id.clone().ok_or_else(missing)?;
        loop {
            if let Some(id) = outcome(new, &status)? {
                // The account shows in lists from now on at the latest.
                drop(touched);
                return Ok(id);
            }
            cx.sleep(CREATION_POLL).await?;
            status = self.creation(cx, &request).await?;
        }
    }

    async fn creation(&self, cx: &Cx, request: &str) -> Result<CreateAccountStatus, Failure> {
        let call = Call::new(
            "DescribeCreateAccountStatus",
            format!("see what became of request {request}"),
        );
        let send = || {
            self.0
                .client
                .describe_create_account_status()
                .create_account_request_id(request)
                .send()
        };
        let answer = cx
            .unless_interrupted(self.0.caller.read(&call, Organizational::Own, send))
            .await??;
        answer
            .create_account_status
            .ok_or_else(|| Failure::bug("AWS tells nothing of the account that it creates."))
    }

    /// Begins to close a member account, which AWS does within minutes. One that is closed is a success.
    pub async fn close_account(&self, cx: &Cx, id: &AccountId) -> Result<Removal, Failure> {
        let call = Call::new("CloseAccount", format!("close account {id}"));
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                let close = self.0.client.close_account().account_id(id.as_str());
                close.customize().interceptor(wire).send()
            });
        match done_before(write.await.map(drop), "AccountAlreadyClosedException") {
            Err(failure) if failure.is("AccountNotFoundException") => Ok(Removal::AlreadyGone),
            outcome => outcome,
        }
    }
}

/// The account, if it is ready; an error if AWS could not create it.
fn outcome(new: &NewAccount, status: &CreateAccountStatus) -> Result<Option<AccountId>, Failure> {
    match &status.state {
        Some(CreateAccountState::Succeeded) => {
            let id = status.account_id.as_deref().unwrap_or_default();
            AccountId::parse(id).map(Some).map_err(Failure::bug)
        }
        Some(CreateAccountState::Failed) => Err(not_created(new, status.failure_reason.as_ref())),
        _ => Ok(None),
    }
}

/// Why AWS created no account, and what to do about it.
///
/// Source: AWS Organizations API reference, `CreateAccountStatus`, `FailureReason`.
fn not_created(new: &NewAccount, reason: Option<&CreateAccountFailureReason>) -> Failure {
    use CreateAccountFailureReason as Reason;
    let (summary, remedy) = match reason {
        Some(Reason::AccountLimitExceeded) => (
            "Organization at its account limit",
            "Have AWS Support raise the quota of accounts (Service Quotas, AWS Organizations), or cancel \
             invitations that are no longer needed; then apply again.",
        ),
        Some(Reason::EmailAlreadyExists) => (
            "E-mail address in use",
            "Another AWS account has this e-mail address, also if that account is closed. Use another \
             address. If it is a member of this organization, import it; if it is an account of yours \
             elsewhere, invite it with awsbilling_partner_account_invitation.",
        ),
        Some(Reason::InvalidEmail) => (
            "E-mail address not valid",
            "Correct email in the configuration.",
        ),
        Some(Reason::InvalidAddress) => (
            "Address not valid",
            "Correct the contact address of the management account, then apply again.",
        ),
        Some(Reason::ConcurrentAccountModification) => (
            "Account being changed",
            "Another request for the same account is on its way. Apply again in a few minutes.",
        ),
        Some(Reason::InvalidPaymentInstrument | Reason::MissingPaymentInstrument) => (
            "Payment method missing",
            "Add a valid payment method to the management account in its Billing and Cost Management \
             console, then apply again.",
        ),
        Some(
            Reason::FailedBusinessValidation
            | Reason::InvalidIdentityForBusinessValidation
            | Reason::MissingBusinessValidation
            | Reason::PendingBusinessValidatioNv
            | Reason::UnknownBusinessValidation,
        ) => (
            "Business validation not complete",
            "Complete the validation of the business with AWS, which some countries ask for; then apply \
             again.",
        ),
        Some(Reason::GovcloudAccountAlreadyExists) => (
            "AWS GovCloud account exists already",
            "Use another e-mail address.",
        ),
        Some(Reason::InternalFailure) => (
            "AWS could not create the account",
            "AWS has a fault. Apply again later. If it lasts, ask AWS Support.",
        ),
        Some(Reason::UpdateExistingResourcePolicyWithTagsNotSupported) => (
            "Tags not possible beside the organization's policy",
            "The organization has a resource policy that AWS cannot extend by tags at the same time. To \
             create the account, leave out tags; add them afterwards.",
        ),
        _ => (
            "Account could not be created",
            "Apply again. If it lasts, ask AWS Support.",
        ),
    };
    let reason = reason.map_or("no reason", Reason::as_str);
    Failure::explained(Diagnostic::error(summary).detail(format!(
        "AWS did not create the account \"{}\" for {}.\n\n{remedy}\n\nAWS: CreateAccount, {reason}",
        new.name, new.email
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::aws::types::{AccountName, Email, Tags};

    #[test]
    fn every_reason_has_its_own_words() {
        let new = NewAccount {
            name: AccountName::parse("Example").unwrap(),
            email: Email::parse("owner@example.com").unwrap(),
            role_name: None,
            iam_user_access_to_billing: None,
            tags: Tags::new(),
        };
        for name in CreateAccountFailureReason::values() {
            let reason = CreateAccountFailureReason::from(*name);
            let words = not_created(&new, Some(&reason)).to_string();
            assert!(words.contains(name), "{words}");
            assert!(
                !words.contains("Account could not be created"),
                "{name}: {words}"
            );
        }
    }
}
