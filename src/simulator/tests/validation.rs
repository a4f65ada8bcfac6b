//! Requests that the service model does not allow.

use aws_sdk_organizations::types::{HandshakePartyType, OrganizationFeatureSet};

use crate::clients::{code, reason};
use crate::stage::{Stage, account, email, party};

#[tokio::test]
async fn a_target_must_be_an_account_or_an_address() {
    let stage = Stage::new().await;
    let cases = [
        (
            party(HandshakePartyType::Account, "12345678901"),
            "INVALID_PATTERN",
        ),
        (
            party(HandshakePartyType::Account, ""),
            "MIN_LENGTH_EXCEEDED",
        ),
        (
            party(HandshakePartyType::Account, &"1".repeat(65)),
            "MAX_LENGTH_EXCEEDED",
        ),
        (email("nobody"), "INVALID_EMAIL_ADDRESS_TARGET"),
        (
            party(HandshakePartyType::Organization, "o-exampleorgid"),
            "INVALID_PARTY_TYPE_TARGET",
        ),
        (
            party(HandshakePartyType::from("OTHER"), "111122223333"),
            "INVALID_ENUM",
        ),
    ];
    for (target, expected) in cases {
        assert_eq!(
            reason(stage.invite(target).await),
            format!("InvalidInputException/{expected}")
        );
    }
}

#[tokio::test]
async fn notes_have_a_length() {
    let stage = Stage::new().await;
    let invite = stage
        .as_partner()
        .invite_account_to_organization()
        .target(account(&stage.customer));
    let long = invite.clone().notes("ä".repeat(1_025)).send().await;
    assert_eq!(reason(long), "InvalidInputException/MAX_LENGTH_EXCEEDED");
    invite.notes("ä".repeat(1_024)).send().await.unwrap();
}

#[tokio::test]
async fn identifiers_have_a_form() {
    let stage = Stage::new().await;
    let accept = stage
        .as_customer()
        .accept_handshake()
        .handshake_id("h-short")
        .send()
        .await;
    assert_eq!(reason(accept), "InvalidInputException/INVALID_PATTERN");
    let accept = stage
        .as_customer()
        .accept_handshake()
        .handshake_id("h-12345678")
        .send()
        .await;
    assert_eq!(code(accept), "HandshakeNotFoundException");
    let describe = stage
        .as_partner()
        .describe_account()
        .account_id("1111-2222-3333")
        .send()
        .await;
    assert_eq!(
        reason(describe),
        "InvalidInputException/MAX_LENGTH_EXCEEDED"
    );
    let describe = stage
        .as_partner()
        .describe_account()
        .account_id("11112222333")
        .send()
        .await;
    assert_eq!(reason(describe), "InvalidInputException/INVALID_PATTERN");
    let parent = stage
        .as_partner()
        .list_accounts_for_parent()
        .parent_id("nothing")
        .send()
        .await;
    assert_eq!(reason(parent), "InvalidInputException/INVALID_PATTERN");
}

#[tokio::test]
async fn what_is_required_must_be_there() {
    let stage = Stage::new().await;
    let describe = stage.as_partner().describe_account().send().await;
    assert_eq!(reason(describe), "InvalidInputException/INPUT_REQUIRED");
    let create = stage
        .as_customer()
        .create_organization()
        .feature_set(OrganizationFeatureSet::from("SOME"));
    assert_eq!(
        reason(create.send().await),
        "InvalidInputException/INVALID_ENUM"
    );
    let create = stage
        .as_partner()
        .create_account()
        .account_name("New")
        .email("new@example.com");
    let create = create.role_name("AWSServiceRoleForNothing").send().await;
    assert_eq!(reason(create), "InvalidInputException/INVALID_ROLE_NAME");
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let stage = Stage::new().await;
    let policies = stage.as_partner().list_create_account_status().send().await;
    assert_eq!(reason(policies), "UnknownOperationException/");
    let users = crate::clients::iam(&stage.simulator, &stage.partner)
        .list_users()
        .send()
        .await;
    assert_eq!(code(users), "InvalidAction");
}
