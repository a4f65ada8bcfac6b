//! Accounts that an organization creates, shows and closes.

use aws_sdk_organizations::types::{
    AccountJoinedMethod, AccountState, AccountStatus, CreateAccountFailureReason,
    CreateAccountState,
};
use aws_simulator::world::{Departure, Event};

use crate::clients::{code, credentials, reason, sts, sts_with};
use crate::stage::{Stage, account};

impl Stage {
    async fn create(&self, email: &str) -> aws_sdk_organizations::types::CreateAccountStatus {
        let create = self
            .as_partner()
            .create_account()
            .account_name("New")
            .email(email);
        let begun = create.send().await.unwrap().create_account_status.unwrap();
        assert_eq!(begun.state, Some(CreateAccountState::InProgress));
        let ask = self
            .as_partner()
            .describe_create_account_status()
            .create_account_request_id(begun.id().unwrap());
        ask.send().await.unwrap().create_account_status.unwrap()
    }
}

#[tokio::test]
async fn a_created_account_is_reached_by_its_role() {
    let stage = Stage::new().await;
    let created = stage.create("new@example.com").await;
    assert_eq!(created.state, Some(CreateAccountState::Succeeded));
    let id = created.account_id().unwrap();
    let shown = stage
        .as_partner()
        .describe_account()
        .account_id(id)
        .send()
        .await
        .unwrap()
        .account
        .unwrap();
    assert_eq!(shown.joined_method, Some(AccountJoinedMethod::Created));
    assert_eq!(shown.email(), Some("new@example.com"));

    let role = format!("arn:aws:iam::{id}:role/OrganizationAccountAccessRole");
    let assume = sts(&stage.simulator, &stage.partner)
        .assume_role()
        .role_arn(&role)
        .role_session_name("me");
    let session = assume.send().await.unwrap().credentials.unwrap();
    let key = stage
        .simulator
        .world(|world| world.access_key(session.access_key_id()).unwrap().clone());
    let identity = sts_with(&stage.simulator, credentials(&key))
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(id));
    let stranger = sts(&stage.simulator, &stage.customer)
        .assume_role()
        .role_arn(&role)
        .role_session_name("me");
    assert_eq!(code(stranger.send().await), "AccessDenied");
}

#[tokio::test]
async fn a_created_account_cannot_be_removed_as_it_is() {
    let stage = Stage::new().await;
    let created = stage.create("new@example.com").await;
    let remove = || {
        stage
            .as_partner()
            .remove_account_from_organization()
            .account_id(created.account_id().unwrap())
            .send()
    };
    assert_eq!(
        reason(remove().await),
        "ConstraintViolationException/WAIT_PERIOD_ACTIVE"
    );
    stage.simulator.pass_days(4);
    assert_eq!(
        reason(remove().await),
        "ConstraintViolationException/MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"
    );
}

#[tokio::test]
async fn an_address_is_used_once() {
    let stage = Stage::new().await;
    stage.create("new@example.com").await;
    let second = stage.create("NEW@example.com").await;
    assert_eq!(second.state, Some(CreateAccountState::Failed));
    assert_eq!(
        second.failure_reason,
        Some(CreateAccountFailureReason::EmailAlreadyExists)
    );
    let unknown = stage
        .as_partner()
        .describe_create_account_status()
        .create_account_request_id("car-12345678");
    assert_eq!(
        code(unknown.send().await),
        "CreateAccountStatusNotFoundException"
    );
}

#[tokio::test]
async fn creation_respects_the_account_limit() {
    let stage = Stage::new().await;
    let organization = stage.organization.id.as_str();
    stage
        .simulator
        .world(|world| world.organization_mut(organization).unwrap().account_limit = 1);
    let create = stage
        .as_partner()
        .create_account()
        .account_name("New")
        .email("new@example.com");
    assert_eq!(
        reason(create.send().await),
        "ConstraintViolationException/ACCOUNT_NUMBER_LIMIT_EXCEEDED"
    );
}

#[tokio::test]
async fn an_account_is_shown_with_state_and_retired_status() {
    let stage = Stage::new().await;
    let member = stage.member();
    let describe = |id: &str| stage.as_partner().describe_account().account_id(id).send();
    let shown = describe(member.id.as_str()).await.unwrap().account.unwrap();
    let (partner, organization) = (&stage.partner.id, &stage.organization.id);
    let arn = format!(
        "arn:aws:organizations::{partner}:account/{organization}/{}",
        member.id
    );
    assert_eq!(shown.arn(), Some(arn.as_str()));
    assert_eq!(shown.name(), Some("Member"));
    assert_eq!(shown.state, Some(AccountState::Active));
    #[allow(deprecated)]
    {
        assert_eq!(shown.status, Some(AccountStatus::Active));
    }
    assert_eq!(shown.paths().len(), 1);
    assert_eq!(
        code(describe(stage.customer.id.as_str()).await),
        "AccountNotFoundException"
    );
    let by_member = stage
        .as_(&member)
        .describe_account()
        .account_id(member.id.as_str())
        .send()
        .await;
    assert_eq!(code(by_member), "AccessDeniedException");
}

#[tokio::test]
async fn a_closed_account_goes_after_ninety_days() {
    let stage = Stage::new().await;
    let member = stage.member();
    let close = |id: &str| stage.as_partner().close_account().account_id(id).send();
    let shown = async || {
        let describe = stage
            .as_partner()
            .describe_account()
            .account_id(member.id.as_str());
        describe
            .send()
            .await
            .unwrap()
            .account
            .unwrap()
            .state
            .unwrap()
    };
    close(member.id.as_str()).await.unwrap();
    assert_eq!(shown().await, AccountState::PendingClosure);
    assert_eq!(
        code(close(member.id.as_str()).await),
        "AccountAlreadyClosedException"
    );
    stage.simulator.pass_days(1);
    assert_eq!(shown().await, AccountState::Closed);
    stage.simulator.pass_days(89);
    assert_eq!(stage.simulator.organization_of(&member), None);
    let cleaned = stage.simulator.world(|world| {
        world.events().iter().any(|event| {
            matches!(
                event,
                Event::Departed {
                    departure: Departure::Cleaned,
                    ..
                }
            )
        })
    });
    assert!(cleaned);
    let invite = stage.invite(account(&member)).await;
    assert_eq!(reason(invite), "InvalidInputException/TARGET_NOT_SUPPORTED");
}

#[tokio::test]
async fn closing_has_limits() {
    let stage = Stage::new().await;
    let close = |id: &str| stage.as_partner().close_account().account_id(id).send();
    assert_eq!(
        reason(close(stage.partner.id.as_str()).await),
        "ConstraintViolationException/CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
    );
    assert_eq!(
        code(close(stage.customer.id.as_str()).await),
        "AccountNotFoundException"
    );
    for _ in 0..3 {
        close(stage.member().id.as_str()).await.unwrap();
    }
    let fourth = stage.member();
    assert_eq!(
        reason(close(fourth.id.as_str()).await),
        "ConstraintViolationException/CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"
    );
    for _ in 0..247 {
        stage.simulator.pass(std::time::Duration::from_secs(1));
        let member = stage.member();
        stage.simulator.world(|world| {
            world
                .close_account(&stage.partner.id, member.id.as_str())
                .unwrap();
        });
    }
    stage.simulator.pass(std::time::Duration::from_secs(1));
    assert_eq!(
        reason(close(fourth.id.as_str()).await),
        "ConstraintViolationException/CLOSE_ACCOUNT_QUOTA_EXCEEDED"
    );
    stage.simulator.pass_days(30);
    close(fourth.id.as_str()).await.unwrap();
}
