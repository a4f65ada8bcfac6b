//! Account Management in domain words: the name of a member account, and the address of its root user.
//!
//! The rule a reader would not guess: AWS Organizations shows a change up to four hours after it was made
//! (AWS Account Management reference guide, "Update your AWS account name"), and this service at once.

use std::sync::Arc;

use aws_sdk_account::Client;

use super::call;
use super::error::{Call, Failure};
use super::organizations::Shared;
use super::types::{AccountId, Email, OneTimePassword};
use crate::framework::Cx;

/// Service principal that needs trusted access in the organization, so that its management account may manage
/// its members.
pub const SERVICE_PRINCIPAL: &str = "account.amazonaws.com";

/// Account Management, as one session sees it; cheap to clone.
///
/// All of it concerns members of the session's organization, and needs the management account or a delegated
/// administrator, all features, and trusted access.
#[derive(Clone, Debug)]
pub struct AccountManagement {
    client: Client,
    shared: Arc<Shared>,
}

impl AccountManagement {
    /// Account Management with the credentials of the client.
    pub(super) fn new(client: Client, shared: Arc<Shared>) -> Self {
        Self { client, shared }
    }

    /// The member's name, as it is now.
    pub async fn name_of(&self, cx: &Cx, id: &AccountId) -> Result<Option<String>, Failure> {
        let call = Call::new(
            "GetAccountInformation",
            format!("look up the name of account {id}"),
        )
        .allowed_by("account:GetAccountInformation");
        let get = self.client.get_account_information();
        let get = get.account_id(id.as_str()).send();
        Ok(call::read(cx, &call, get).await?.account_name)
    }

    /// Gives the member another name.
    pub async fn rename(&self, cx: &Cx, id: &AccountId, name: &str) -> Result<(), Failure> {
        let call = Call::new("PutAccountName", format!("rename account {id}"))
            .allowed_by("account:PutAccountName");
        let put = self.client.put_account_name();
        let put = put.account_id(id.as_str()).account_name(name);
        let put = call::write(cx, &call, self.shared.changes_members(), |wire| {
            put.clone().customize().interceptor(wire).send()
        });
        put.await.map(drop)
    }

    /// The address of the member's root user, as it is now.
    pub async fn email_of(&self, cx: &Cx, id: &AccountId) -> Result<Option<String>, Failure> {
        let call = Call::new(
            "GetPrimaryEmail",
            format!("look up the e-mail address of account {id}"),
        )
        .allowed_by("account:GetPrimaryEmail");
        let get = self
            .client
            .get_primary_email()
            .account_id(id.as_str())
            .send();
        Ok(call::read(cx, &call, get).await?.primary_email)
    }

    /// Has a one-time password sent to the new address, and changes nothing yet. It replaces an earlier one.
    pub async fn request_email(
        &self,
        cx: &Cx,
        id: &AccountId,
        email: &Email,
    ) -> Result<(), Failure> {
        let call = Call::new(
            "StartPrimaryEmailUpdate",
            format!("have a one-time password for account {id} sent to {email}"),
        )
        .allowed_by("account:StartPrimaryEmailUpdate");
        let start = self.client.start_primary_email_update();
        let start = start.account_id(id.as_str()).primary_email(email.as_str());
        let started = call::write(cx, &call, (), |wire| {
            start.clone().customize().interceptor(wire).send()
        });
        started.await.map(drop)
    }

    /// Makes the new address that of the root user, with the one-time password that was sent there.
    pub async fn confirm_email(
        &self,
        cx: &Cx,
        id: &AccountId,
        email: &Email,
        password: &OneTimePassword,
    ) -> Result<(), Failure> {
        let call = Call::new(
            "AcceptPrimaryEmailUpdate",
            format!("change the e-mail address of account {id} to {email}"),
        )
        .allowed_by("account:AcceptPrimaryEmailUpdate");
        let accept = self.client.accept_primary_email_update();
        let accept = accept.account_id(id.as_str()).primary_email(email.as_str());
        let accept = accept.otp(password.as_str());
        let accepted = call::write(cx, &call, self.shared.changes_members(), |wire| {
            accept.clone().customize().interceptor(wire).send()
        });
        accepted.await.map(drop)
    }
}
