//! Who is asking: signatures, keys, sessions.

use aws_credential_types::Credentials;
use aws_simulator::Simulator;

use crate::clients::{code, credentials, organizations, organizations_with, sts, sts_with};

#[tokio::test]
async fn a_signed_request_is_known_by_its_account() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let identity = sts(&simulator, &account)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(account.id.as_str()));
    assert_eq!(
        identity.arn(),
        Some(format!("arn:aws:iam::{}:user/administrator", account.id).as_str())
    );
    assert!(identity.user_id().unwrap().starts_with("AIDA"));
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let wrong = Credentials::new(&account.key.id, "not the secret", None, None, "test");
    let sts = sts_with(&simulator, wrong.clone());
    assert_eq!(
        code(sts.get_caller_identity().send().await),
        "SignatureDoesNotMatch"
    );
    let organizations = organizations_with(&simulator, wrong);
    assert_eq!(
        code(organizations.list_accounts().send().await),
        "InvalidSignatureException"
    );
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let unknown = Credentials::new("AKIAUNKNOWNUNKNOWN00", "secret", None, None, "test");
    let sts = sts_with(&simulator, unknown.clone());
    assert_eq!(
        code(sts.get_caller_identity().send().await),
        "InvalidClientTokenId"
    );
    let organizations = organizations_with(&simulator, unknown);
    assert_eq!(
        code(organizations.list_accounts().send().await),
        "UnrecognizedClientException"
    );
}

#[tokio::test]
async fn a_token_that_does_not_belong_to_the_key_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let odd = Credentials::new(
        &account.key.id,
        &account.key.secret,
        Some("a token".to_owned()),
        None,
        "test",
    );
    let sts = sts_with(&simulator, odd);
    assert_eq!(
        code(sts.get_caller_identity().send().await),
        "InvalidClientTokenId"
    );
}

#[tokio::test]
async fn signatures_hold_however_far_the_clock_is_moved() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let client = organizations_with(&simulator, credentials(&account.key));
    for _ in 0..3 {
        simulator.pass_days(1_000);
        assert_eq!(
            code(client.describe_organization().send().await),
            "AWSOrganizationsNotInUseException"
        );
    }
    assert_eq!(simulator.calls().len(), 3);
}

#[test]
fn blocking_tests_use_the_simulator_too() {
    let simulator = Simulator::start_blocking().unwrap();
    let account = simulator.create_account("Partner");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = organizations(&simulator, &account);
    assert_eq!(
        code(runtime.block_on(client.list_roots().send())),
        "AWSOrganizationsNotInUseException"
    );
}
