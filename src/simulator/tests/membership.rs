//! Joining from elsewhere, leaving, removal, and the end of an organization.

use std::time::Duration;

use aws_sdk_organizations::types::OrganizationFeatureSet;
use aws_simulator::world::{Departure, Event};
use aws_simulator::{Account, AccountSpec, PaymentMethod};

use crate::clients::{code, reason};
use crate::stage::Stage;

impl Stage {
    async fn leave(&self, account: &Account) -> String {
        reason(self.as_(account).leave_organization().send().await)
    }

    async fn remove(&self, account: &Account) -> String {
        let remove = self
            .as_partner()
            .remove_account_from_organization()
            .account_id(account.id.as_str());
        reason(remove.send().await)
    }
}

#[tokio::test]
async fn a_member_of_another_organization_moves_in_one_step() {
    let stage = Stage::new().await;
    let (elsewhere, member) = stage.elsewhere();
    let id = stage.invited(&member).await;
    stage.accept(&member, &id).await.unwrap();
    assert!(stage.is_member(&member));
    let left = stage.simulator.world(|world| {
        world.events().iter().any(|event| {
            matches!(event, Event::Departed { organization, account, departure: Departure::Left, .. }
                if *organization == elsewhere.id && *account == member.id)
        })
    });
    assert!(left);
}

#[tokio::test]
async fn a_direct_transfer_needs_no_payment_method() {
    let stage = Stage::new().await;
    let (elsewhere, _) = stage.elsewhere();
    let poor = AccountSpec {
        payment_method: PaymentMethod::Missing,
        phone_verified: false,
        ..AccountSpec::named("Poor")
    };
    let member = stage.simulator.create_member(&elsewhere, poor);
    let id = stage.invited(&member).await;
    stage.accept(&member, &id).await.unwrap();
}

#[tokio::test]
async fn a_standalone_account_needs_a_payment_method_to_join() {
    let stage = Stage::new().await;
    let poor = AccountSpec {
        payment_method: PaymentMethod::Missing,
        ..AccountSpec::named("Poor")
    };
    let account = stage.simulator.create_account(poor);
    let id = stage.invited(&account).await;
    assert_eq!(
        reason(stage.accept(&account, &id).await),
        "HandshakeConstraintViolationException/PAYMENT_INSTRUMENT_REQUIRED"
    );
}

#[tokio::test]
async fn a_management_account_must_delete_its_organization_first() {
    let stage = Stage::new().await;
    let founder = stage.simulator.create_account("Founder");
    let own = stage.as_(&founder);
    own.create_organization().send().await.unwrap();
    let id = stage.invited(&founder).await;
    assert_eq!(
        code(stage.accept(&founder, &id).await),
        "MasterCannotLeaveOrganizationException"
    );
    own.delete_organization().send().await.unwrap();
    stage.accept(&founder, &id).await.unwrap();
    assert!(stage.is_member(&founder));
}

#[tokio::test]
async fn a_created_account_stays_for_four_days() {
    let stage = Stage::new().await;
    let (elsewhere, _) = stage.elsewhere();
    let member = stage
        .simulator
        .create_created_member(&elsewhere, "Young", 3);
    let id = stage.invited(&member).await;
    let expected = "ConstraintViolationException/WAIT_PERIOD_ACTIVE";
    assert_eq!(reason(stage.accept(&member, &id).await), expected);
    assert_eq!(stage.leave(&member).await, expected);
    let remove = stage
        .as_(&elsewhere.management)
        .remove_account_from_organization()
        .account_id(member.id.as_str());
    assert_eq!(reason(remove.send().await), expected);
    stage.simulator.pass_days(1);
    stage.accept(&member, &id).await.unwrap();
}

/// What takes an account's independence away.
type Spoil = fn(&mut aws_simulator::world::Account);

#[tokio::test]
async fn an_account_that_cannot_live_on_its_own_stays() {
    let stage = Stage::new().await;
    let member = stage.member();
    let cases: [(Spoil, &str); 4] = [
        (
            |account| account.payment_method = PaymentMethod::Missing,
            "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        ),
        (
            |account| account.payment_method = PaymentMethod::Unsupported,
            "INVALID_PAYMENT_INSTRUMENT",
        ),
        (
            |account| account.phone_verified = false,
            "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        ),
        (
            |account| account.agreement_accepted = false,
            "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        ),
    ];
    for (spoil, expected) in cases {
        stage.simulator.world(|world| {
            let account = world.account_mut(member.id.as_str()).unwrap();
            account.payment_method = PaymentMethod::Valid;
            (account.phone_verified, account.agreement_accepted) = (true, true);
            spoil(account);
        });
        let expected = format!("ConstraintViolationException/{expected}");
        assert_eq!(stage.leave(&member).await, expected);
        assert_eq!(stage.remove(&member).await, expected);
    }
}

#[tokio::test]
async fn a_delegated_administrator_stays() {
    let stage = Stage::new().await;
    let (elsewhere, member) = stage.elsewhere();
    let management = stage.as_(&elsewhere.management);
    let service = "config.amazonaws.com";
    management
        .enable_aws_service_access()
        .service_principal(service)
        .send()
        .await
        .unwrap();
    let register = management.register_delegated_administrator();
    register
        .account_id(member.id.as_str())
        .service_principal(service)
        .send()
        .await
        .unwrap();
    let id = stage.invited(&member).await;
    let expected = "ConstraintViolationException/CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG";
    assert_eq!(reason(stage.accept(&member, &id).await), expected);
    assert_eq!(stage.leave(&member).await, expected);
    let remove = management
        .remove_account_from_organization()
        .account_id(member.id.as_str());
    assert_eq!(reason(remove.send().await), expected);
    let deregister = management.deregister_delegated_administrator();
    deregister
        .account_id(member.id.as_str())
        .service_principal(service)
        .send()
        .await
        .unwrap();
    stage.accept(&member, &id).await.unwrap();
}

#[tokio::test]
async fn membership_may_not_change_too_quickly_if_that_is_switched_on() {
    let stage = Stage::new().await;
    stage
        .simulator
        .switch(|switches| switches.membership_change_interval_s = Some(3_600));
    let member = stage.member();
    stage.simulator.leave(&member).unwrap();
    let id = stage.invited(&member).await;
    assert_eq!(
        reason(stage.accept(&member, &id).await),
        "HandshakeConstraintViolationException/ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED"
    );
    stage.simulator.pass(Duration::from_hours(1));
    stage.accept(&member, &id).await.unwrap();
}

#[tokio::test]
async fn a_member_that_joined_meanwhile_cannot_accept_again() {
    let stage = Stage::new().await;
    let id = stage.invited(&stage.customer).await;
    stage.simulator.world(|world| {
        let now = world.now();
        let method = aws_simulator::world::JoinedMethod::Invited;
        world
            .arrange_membership(&stage.customer.id, &stage.organization.id, method, now)
            .unwrap();
    });
    assert_eq!(
        reason(stage.accept(&stage.customer, &id).await),
        "HandshakeConstraintViolationException/ALREADY_IN_AN_ORGANIZATION"
    );
}

#[tokio::test]
async fn a_member_is_removed_by_its_management_account_alone() {
    let stage = Stage::new().await;
    let (member, other) = (
        stage.member(),
        stage.simulator.create_member(&stage.organization, "Other"),
    );
    let remove = |by: &Account, who: &str| {
        stage
            .as_(by)
            .remove_account_from_organization()
            .account_id(who)
            .send()
    };
    assert_eq!(
        code(remove(&other, member.id.as_str()).await),
        "AccessDeniedException"
    );
    assert_eq!(
        code(remove(&stage.customer, member.id.as_str()).await),
        "AWSOrganizationsNotInUseException"
    );
    assert_eq!(
        code(remove(&stage.partner, stage.customer.id.as_str()).await),
        "AccountNotFoundException"
    );
    let own = remove(&stage.partner, stage.partner.id.as_str()).await;
    assert_eq!(code(own), "MasterCannotLeaveOrganizationException");
    remove(&stage.partner, member.id.as_str()).await.unwrap();
    assert_eq!(stage.simulator.organization_of(&member), None);
    assert_eq!(
        code(remove(&stage.partner, member.id.as_str()).await),
        "AccountNotFoundException"
    );
}

#[tokio::test]
async fn leaving_is_for_members() {
    let stage = Stage::new().await;
    let member = stage.member();
    stage
        .as_(&member)
        .leave_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(
        stage.leave(&member).await,
        "AWSOrganizationsNotInUseException/"
    );
    assert_eq!(
        stage.leave(&stage.partner).await,
        "MasterCannotLeaveOrganizationException/"
    );
}

#[tokio::test]
async fn an_organization_is_deleted_when_it_is_empty() {
    let stage = Stage::new().await;
    let member = stage.member();
    let delete = |by: &Account| stage.as_(by).delete_organization().send();
    assert_eq!(code(delete(&member).await), "AccessDeniedException");
    assert_eq!(
        code(delete(&stage.partner).await),
        "OrganizationNotEmptyException"
    );
    stage
        .simulator
        .remove(&stage.organization, &member)
        .unwrap();
    let id = stage.invited(&stage.customer).await;
    delete(&stage.partner).await.unwrap();
    assert_eq!(
        code(delete(&stage.partner).await),
        "AWSOrganizationsNotInUseException"
    );
    assert_eq!(
        code(stage.accept(&stage.customer, &id).await),
        "InvalidHandshakeTransitionException"
    );
}

#[tokio::test]
async fn an_account_founds_one_organization() {
    let stage = Stage::new().await;
    let create = |by: &Account| stage.as_(by).create_organization();
    let founded = create(&stage.customer)
        .feature_set(OrganizationFeatureSet::ConsolidatedBilling)
        .send()
        .await
        .unwrap();
    let founded = founded.organization.unwrap();
    assert_eq!(
        founded.feature_set,
        Some(OrganizationFeatureSet::ConsolidatedBilling)
    );
    assert_eq!(
        founded.master_account_id(),
        Some(stage.customer.id.as_str())
    );
    assert_eq!(
        code(create(&stage.customer).send().await),
        "AlreadyInOrganizationException"
    );
    assert_eq!(
        code(create(&stage.member()).send().await),
        "AlreadyInOrganizationException"
    );
    let poor = AccountSpec {
        payment_method: PaymentMethod::Missing,
        ..AccountSpec::named("Poor")
    };
    let poor = stage.simulator.create_account(poor);
    assert_eq!(
        reason(create(&poor).send().await),
        "ConstraintViolationException/MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"
    );
}

#[tokio::test]
async fn a_service_control_policy_may_keep_a_member() {
    let stage = Stage::new().await;
    let (_, member) = stage.elsewhere();
    let id = stage.invited(&member).await;
    let deny = |actions: &[&str]| {
        stage.simulator.world(|world| {
            let account = world.account_mut(member.id.as_str()).unwrap();
            account.denied_actions = actions.iter().map(|action| (*action).to_owned()).collect();
        });
    };
    deny(&["organizations:LeaveOrganization"]);
    assert_eq!(stage.leave(&member).await, "AccessDeniedException/");
    deny(&["organizations:Accept*"]);
    assert_eq!(
        reason(stage.accept(&member, &id).await),
        "AccessDeniedException/"
    );
    deny(&["iam:CreateServiceLinkedRole"]);
    assert_eq!(
        reason(stage.accept(&member, &id).await),
        "AccessDeniedForDependencyException/ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE"
    );
    deny(&[]);
    stage.accept(&member, &id).await.unwrap();
}

#[tokio::test]
async fn a_service_control_policy_does_not_reach_the_management_account() {
    let stage = Stage::new().await;
    let member = stage.member();
    for account in [&stage.partner, &member, &stage.customer] {
        stage.simulator.world(|world| {
            let account = world.account_mut(account.id.as_str()).unwrap();
            account
                .denied_actions
                .insert("organizations:Describe*".to_owned());
        });
    }
    stage
        .as_partner()
        .describe_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(stage.as_(&member).describe_organization().send().await),
        "AccessDeniedException"
    );
    let alone = stage.as_customer().describe_organization().send().await;
    assert_eq!(code(alone), "AWSOrganizationsNotInUseException");
}
