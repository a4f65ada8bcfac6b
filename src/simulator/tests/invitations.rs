//! Invitations, from both sides.

use aws_sdk_organizations::types::{
    AccountJoinedMethod, AccountState, ActionType, HandshakeParty, HandshakePartyType,
    HandshakeResourceType, HandshakeState,
};
use aws_simulator::{Account, Simulator};

use crate::clients::organizations;

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

#[tokio::test]
async fn a_partner_invites_and_a_standalone_account_accepts() {
    let simulator = Simulator::start().await.unwrap();
    let partner = simulator.create_account("Partner");
    let organization = simulator.create_organization(&partner);
    let customer = simulator.create_account("Customer");
    let (theirs, ours) = (
        organizations(&simulator, &customer),
        organizations(&simulator, &partner),
    );

    let invitation = ours
        .invite_account_to_organization()
        .target(account(&customer))
        .notes("welcome")
        .send()
        .await
        .unwrap()
        .handshake
        .unwrap();
    assert_eq!(invitation.state, Some(HandshakeState::Open));
    assert_eq!(
        invitation.action,
        Some(ActionType::InviteAccountToOrganization)
    );
    let id = invitation.id().unwrap();
    let arn = format!(
        "arn:aws:organizations::{}:handshake/{}/invite/{id}",
        partner.id, organization.id
    );
    assert_eq!(invitation.arn(), Some(arn.as_str()));
    assert_eq!(
        invitation.parties(),
        [
            party(HandshakePartyType::Organization, organization.id.as_str()),
            account(&customer)
        ]
    );
    let kinds: Vec<_> = invitation
        .resources()
        .iter()
        .map(|resource| resource.r#type().unwrap().clone())
        .collect();
    assert_eq!(
        kinds,
        [
            HandshakeResourceType::Organization,
            HandshakeResourceType::Account,
            HandshakeResourceType::Notes
        ]
    );
    let nested: Vec<_> = invitation.resources()[0]
        .resources()
        .iter()
        .map(|resource| resource.value().unwrap())
        .collect();
    assert_eq!(nested.len(), 3);
    assert_eq!(nested[1..], ["Partner", "ALL"]);
    let life = invitation.expiration_timestamp().unwrap().secs()
        - invitation.requested_timestamp().unwrap().secs();
    assert_eq!(life, 15 * 86_400);

    let received = theirs
        .list_handshakes_for_account()
        .send()
        .await
        .unwrap()
        .handshakes
        .unwrap();
    assert_eq!(received, [invitation.clone()]);
    let accepted = theirs
        .accept_handshake()
        .handshake_id(id)
        .send()
        .await
        .unwrap()
        .handshake
        .unwrap();
    assert_eq!(accepted.state, Some(HandshakeState::Accepted));

    let members = ours.list_accounts().send().await.unwrap().accounts.unwrap();
    assert_eq!(members.len(), 2);
    let member = members
        .iter()
        .find(|member| member.id() == Some(customer.id.as_str()))
        .unwrap();
    assert_eq!(member.joined_method, Some(AccountJoinedMethod::Invited));
    assert_eq!(member.state, Some(AccountState::Active));
    let seen = theirs
        .describe_organization()
        .send()
        .await
        .unwrap()
        .organization
        .unwrap();
    assert_eq!(seen.id(), Some(organization.id.as_str()));
    assert_eq!(seen.master_account_id(), Some(partner.id.as_str()));
}
