//! Names of accounts and addresses of their root users, by Account Management.

use aws_simulator::{Account, OrganizationSpec};

use crate::clients::{account_with, code, credentials};
use crate::stage::Stage;

const SERVICE: &str = "account.amazonaws.com";

impl Stage {
    fn managing(&self, account: &Account) -> aws_sdk_account::Client {
        account_with(&self.simulator, credentials(&account.key))
    }

    fn trust_account_management(&self) {
        let trusted = self
            .simulator
            .world(|world| world.enable_service_access(&self.partner.id, SERVICE));
        trusted.unwrap();
    }

    async fn name(&self, by: &Account, id: Option<&Account>, name: &str) -> Result<(), String> {
        let id = id.map(|account| account.id.to_string());
        let put = self.managing(by).put_account_name().account_name(name);
        let outcome = put.set_account_id(id).send().await;
        if outcome.is_ok() {
            Ok(())
        } else {
            Err(code(outcome))
        }
    }

    fn facts(&self, account: &Account) -> (String, String) {
        self.simulator.world(|world| {
            let account = world.account(account.id.as_str()).unwrap();
            (account.name.clone(), account.email.clone())
        })
    }
}

fn denied<T>() -> Result<T, String> {
    Err("AccessDeniedException".to_owned())
}

#[tokio::test]
async fn a_member_is_named_with_trusted_access_alone() {
    let stage = Stage::new().await;
    let member = stage.member();
    let name = |name| stage.name(&stage.partner, Some(&member), name);
    assert_eq!(name("Renamed").await, denied());
    stage.trust_account_management();
    assert_eq!(name("Renamed").await, Ok(()));
    assert_eq!(stage.facts(&member).0, "Renamed");
    let told = stage.managing(&stage.partner).get_account_information();
    let told = told.account_id(member.id.as_str()).send().await.unwrap();
    assert_eq!(told.account_name(), Some("Renamed"));
    assert!(told.account_created_date().is_some());
}

#[tokio::test]
async fn who_may_name_whom() {
    let stage = Stage::new().await;
    let (member, other) = (stage.member(), stage.member());
    stage.trust_account_management();
    // The management account names itself without its ID, and so does everybody else.
    let (partner, customer) = (&stage.partner, &stage.customer);
    assert_eq!(stage.name(partner, Some(partner), "Itself").await, denied());
    assert_eq!(stage.name(partner, None, "Itself").await, Ok(()));
    assert_eq!(stage.name(customer, None, "Itself").await, Ok(()));
    assert_eq!(stage.name(partner, Some(customer), "Other").await, denied());
    assert_eq!(stage.name(&member, Some(&other), "Other").await, denied());
    stage.simulator.world(|world| {
        world
            .register_delegated_administrator(&stage.partner.id, member.id.as_str(), SERVICE)
            .unwrap();
    });
    assert_eq!(stage.name(&member, Some(&other), "Other").await, Ok(()));
}

#[tokio::test]
async fn a_name_keeps_to_the_model() {
    let stage = Stage::new().await;
    for wrong in ["", "<b>", "Zoë", &"x".repeat(51)] {
        assert_eq!(
            stage.name(&stage.customer, None, wrong).await,
            Err("ValidationException".to_owned()),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn an_organization_without_all_features_manages_no_accounts() {
    let stage = Stage::new().await;
    let payer = stage.simulator.create_account("Payer");
    let billing = OrganizationSpec {
        feature_set: aws_simulator::world::FeatureSet::ConsolidatedBilling,
        ..OrganizationSpec::default()
    };
    let organization = stage.simulator.create_organization_with(&payer, billing);
    let member = stage.simulator.create_member(&organization, "Member");
    assert_eq!(stage.name(&payer, Some(&member), "Renamed").await, denied());
}

#[tokio::test]
async fn a_new_address_is_confirmed_with_the_code_that_was_sent_there() {
    let stage = Stage::new().await;
    let member = stage.member();
    stage.trust_account_management();
    let client = stage.managing(&stage.partner);
    let start = |email: &str| {
        let start = client.start_primary_email_update();
        start
            .account_id(member.id.as_str())
            .primary_email(email)
            .send()
    };
    let accept = |email: &str, code: &str| {
        let accept = client.accept_primary_email_update().primary_email(email);
        accept.account_id(member.id.as_str()).otp(code).send()
    };
    let new = "new@example.com";
    assert_eq!(
        code(accept(new, "abc123").await),
        "ResourceNotFoundException"
    );
    let taken = stage.facts(&stage.customer).1;
    assert_eq!(code(start(&taken).await), "ConflictException");
    start(new).await.unwrap();
    let before = stage.facts(&member).1;
    assert_ne!(before, new, "the address stays until it is confirmed");

    let sent = || {
        let update = stage.simulator.world(|world| {
            world
                .account(member.id.as_str())
                .unwrap()
                .email_update
                .clone()
        });
        update.unwrap().code
    };
    let first = sent();
    start(new).await.unwrap();
    assert_eq!(code(accept(new, &first).await), "ValidationException");
    assert_eq!(
        code(accept("other@example.com", &sent()).await),
        "ValidationException"
    );
    accept(new, &sent()).await.unwrap();
    assert_eq!(stage.facts(&member).1, new);
    let told = client.get_primary_email().account_id(member.id.as_str());
    assert_eq!(told.send().await.unwrap().primary_email(), Some(new));
    let holder = stage
        .simulator
        .world(|world| world.account_by_email(new).cloned());
    assert_eq!(holder, Some(member.id.clone()));
}

#[tokio::test]
async fn one_time_passwords_are_not_logged() {
    let stage = Stage::new().await;
    let accept = stage.managing(&stage.partner).accept_primary_email_update();
    let accept = accept
        .account_id("111122223333")
        .primary_email("a@example.com");
    assert_eq!(
        code(accept.otp("abc123").send().await),
        "AccessDeniedException"
    );
    let call = stage.simulator.calls().pop().unwrap();
    assert_eq!(call.operation, "AcceptPrimaryEmailUpdate");
    assert!(!call.parameters.to_string().contains("abc123"));
    assert_eq!(call.actions, ["account:AcceptPrimaryEmailUpdate"]);
}
