//! The people of most tests: a partner with an organization, a customer on its own, and another organization.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::operation::accept_handshake::{
    AcceptHandshakeError, AcceptHandshakeOutput,
};
use aws_sdk_organizations::operation::invite_account_to_organization::{
    InviteAccountToOrganizationError, InviteAccountToOrganizationOutput,
};
use aws_sdk_organizations::types::{HandshakeParty, HandshakePartyType};
use aws_simulator::{Account, Organization, Simulator};

use crate::clients::{Outcome, organizations};

pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) partner: Account,
    pub(crate) organization: Organization,
    pub(crate) customer: Account,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let simulator = Simulator::start().await.unwrap();
        let partner = simulator.create_account("Partner");
        let organization = simulator.create_organization(&partner);
        let customer = simulator.create_account("Customer");
        Self {
            simulator,
            partner,
            organization,
            customer,
        }
    }

    /// A second organization and one of its members.
    pub(crate) fn elsewhere(&self) -> (Organization, Account) {
        let management = self.simulator.create_account("Elsewhere");
        let organization = self.simulator.create_organization(&management);
        let member = self
            .simulator
            .create_member(&organization, "Elsewhere Member");
        (organization, member)
    }

    pub(crate) fn member(&self) -> Account {
        self.simulator.create_member(&self.organization, "Member")
    }

    pub(crate) fn as_(&self, account: &Account) -> Client {
        organizations(&self.simulator, account)
    }

    pub(crate) fn as_partner(&self) -> Client {
        self.as_(&self.partner)
    }

    pub(crate) fn as_customer(&self) -> Client {
        self.as_(&self.customer)
    }

    pub(crate) async fn invite(
        &self,
        target: HandshakeParty,
    ) -> Outcome<InviteAccountToOrganizationOutput, InviteAccountToOrganizationError> {
        self.as_partner()
            .invite_account_to_organization()
            .target(target)
            .send()
            .await
    }

    /// Invites an account that can be invited; answers the handshake's ID.
    pub(crate) async fn invited(&self, target: &Account) -> String {
        let handshake = self
            .invite(account(target))
            .await
            .unwrap()
            .handshake
            .unwrap();
        handshake.id.unwrap()
    }

    pub(crate) async fn accept(
        &self,
        account: &Account,
        handshake: &str,
    ) -> Outcome<AcceptHandshakeOutput, AcceptHandshakeError> {
        self.as_(account)
            .accept_handshake()
            .handshake_id(handshake)
            .send()
            .await
    }

    pub(crate) fn is_member(&self, account: &Account) -> bool {
        self.simulator.organization_of(account).as_ref() == Some(&self.organization.id)
    }
}

pub(crate) fn party(kind: HandshakePartyType, id: &str) -> HandshakeParty {
    HandshakeParty::builder()
        .r#type(kind)
        .id(id)
        .build()
        .unwrap()
}

pub(crate) fn account(account: &Account) -> HandshakeParty {
    party(HandshakePartyType::Account, account.id.as_str())
}

pub(crate) fn email(address: &str) -> HandshakeParty {
    party(HandshakePartyType::Email, address)
}
