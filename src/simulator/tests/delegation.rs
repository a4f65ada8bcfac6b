//! Trusted access and delegated administrators.

use aws_sdk_organizations::types::OrganizationFeatureSet;
use aws_simulator::{Account, OrganizationSpec};

use crate::clients::{code, reason};
use crate::stage::Stage;

const SERVICE: &str = "config.amazonaws.com";

impl Stage {
    async fn register(&self, account: &Account) -> Result<(), String> {
        let register = self.as_partner().register_delegated_administrator();
        let outcome = register
            .account_id(account.id.as_str())
            .service_principal(SERVICE)
            .send()
            .await;
        if outcome.is_ok() {
            Ok(())
        } else {
            Err(reason(outcome))
        }
    }

    async fn trust(&self) {
        self.as_partner()
            .enable_aws_service_access()
            .service_principal(SERVICE)
            .send()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_delegated_administrator_sees_what_the_management_account_sees() {
    let stage = Stage::new().await;
    let member = stage.member();
    let list = || stage.as_(&member).list_accounts().send();
    assert_eq!(code(list().await), "AccessDeniedException");
    stage.trust().await;
    stage.register(&member).await.unwrap();
    assert_eq!(list().await.unwrap().accounts().len(), 2);
    stage
        .as_(&member)
        .list_handshakes_for_organization()
        .send()
        .await
        .unwrap();

    let administrators = stage
        .as_partner()
        .list_delegated_administrators()
        .send()
        .await
        .unwrap();
    assert_eq!(
        administrators.delegated_administrators()[0].id(),
        Some(member.id.as_str())
    );
    assert!(
        administrators.delegated_administrators()[0]
            .delegation_enabled_date()
            .is_some()
    );
    let others = stage
        .as_partner()
        .list_delegated_administrators()
        .service_principal("ram.amazonaws.com");
    assert!(
        others
            .send()
            .await
            .unwrap()
            .delegated_administrators()
            .is_empty()
    );
    let services = stage
        .as_partner()
        .list_delegated_services_for_account()
        .account_id(member.id.as_str());
    assert_eq!(
        services.send().await.unwrap().delegated_services()[0].service_principal(),
        Some(SERVICE)
    );
    let trusted = stage
        .as_partner()
        .list_aws_service_access_for_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(
        trusted.enabled_service_principals()[0].service_principal(),
        Some(SERVICE)
    );
}

#[tokio::test]
async fn registration_has_conditions() {
    let stage = Stage::new().await;
    let member = stage.member();
    let constraint = |reason: &str| Err(format!("ConstraintViolationException/{reason}"));
    assert_eq!(
        stage.register(&member).await,
        constraint("SERVICE_ACCESS_NOT_ENABLED")
    );
    stage.trust().await;
    assert_eq!(
        stage.register(&stage.partner).await,
        constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
    );
    assert_eq!(
        stage.register(&stage.customer).await,
        Err("AccountNotFoundException/".to_owned())
    );
    stage.register(&member).await.unwrap();
    assert_eq!(
        stage.register(&member).await,
        Err("AccountAlreadyRegisteredException/".to_owned())
    );
    let other = stage.member();
    let deregister = stage.as_partner().deregister_delegated_administrator();
    let deregister = deregister
        .account_id(other.id.as_str())
        .service_principal(SERVICE)
        .send()
        .await;
    assert_eq!(code(deregister), "AccountNotRegisteredException");
    let services = stage
        .as_partner()
        .list_delegated_services_for_account()
        .account_id(other.id.as_str());
    assert_eq!(code(services.send().await), "AccountNotRegisteredException");
    let odd = stage
        .as_partner()
        .enable_aws_service_access()
        .service_principal("nonsense")
        .send()
        .await;
    assert_eq!(
        reason(odd),
        "InvalidInputException/UNRECOGNIZED_SERVICE_PRINCIPAL"
    );
    let by_member = stage
        .as_(&member)
        .enable_aws_service_access()
        .service_principal(SERVICE)
        .send()
        .await;
    assert_eq!(code(by_member), "AccessDeniedException");
}

#[tokio::test]
async fn consolidated_billing_has_no_delegation() {
    let stage = Stage::new().await;
    let billing = OrganizationSpec {
        feature_set: aws_simulator::world::FeatureSet::ConsolidatedBilling,
        ..OrganizationSpec::default()
    };
    stage
        .simulator
        .create_organization_with(&stage.customer, billing);
    let enable = stage
        .as_customer()
        .enable_aws_service_access()
        .service_principal(SERVICE)
        .send()
        .await;
    assert_eq!(
        reason(enable),
        "ConstraintViolationException/ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"
    );
    let seen = stage
        .as_customer()
        .describe_organization()
        .send()
        .await
        .unwrap()
        .organization
        .unwrap();
    assert_eq!(
        seen.feature_set,
        Some(OrganizationFeatureSet::ConsolidatedBilling)
    );
}
