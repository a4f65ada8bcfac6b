//! What goes wrong on the way.

use std::time::{Duration, Instant};

use aws_sdk_organizations::types::HandshakeState;
use aws_simulator::{Effect, Fault};

use crate::clients::{code, reason, sts};
use crate::stage::{Stage, account};

#[tokio::test]
async fn an_operation_is_throttled_for_as_long_as_said() {
    let stage = Stage::new().await;
    stage
        .simulator
        .fault(Fault::new(Effect::Throttle).on("ListAccounts").times(2));
    let list = || stage.as_partner().list_accounts().send();
    for _ in 0..2 {
        assert_eq!(code(list().await), "TooManyRequestsException");
    }
    list().await.unwrap();
    stage.simulator.fault(Fault::new(Effect::Throttle));
    assert_eq!(
        code(
            sts(&stage.simulator, &stage.partner)
                .get_caller_identity()
                .send()
                .await
        ),
        "Throttling"
    );
    stage.simulator.clear_faults();
    list().await.unwrap();
}

#[tokio::test]
async fn a_fault_may_be_for_one_account() {
    let stage = Stage::new().await;
    let id = stage
        .simulator
        .fault(Fault::new(Effect::Refuse).of(&stage.partner));
    assert_eq!(
        code(stage.as_partner().list_accounts().send().await),
        "AccessDeniedException"
    );
    stage
        .as_customer()
        .list_handshakes_for_account()
        .send()
        .await
        .unwrap();
    stage.simulator.clear_fault(id);
    stage.as_partner().list_accounts().send().await.unwrap();
}

#[tokio::test]
async fn any_error_can_be_asked_for() {
    let stage = Stage::new().await;
    stage.simulator.fault(Fault::new(Effect::Error {
        code: "ConstraintViolationException".to_owned(),
        reason: Some("WAIT_PERIOD_ACTIVE".to_owned()),
        message: "Wait.".to_owned(),
        status: None,
    }));
    assert_eq!(
        reason(stage.as_partner().list_accounts().send().await),
        "ConstraintViolationException/WAIT_PERIOD_ACTIVE"
    );
}

#[tokio::test]
async fn a_lost_response_has_had_its_effect() {
    let stage = Stage::new().await;
    stage.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("InviteAccountToOrganization")
            .times(1),
    );
    let lost = stage.invite(account(&stage.customer)).await.unwrap_err();
    assert!(lost.as_service_error().is_none(), "{lost:?}");
    assert_eq!(
        code(stage.invite(account(&stage.customer)).await),
        "DuplicateHandshakeException"
    );
    let sent = stage
        .as_partner()
        .list_handshakes_for_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(sent.handshakes().len(), 1);
    let calls = stage.simulator.calls();
    assert!(!calls[0].answered && calls[0].reached && calls[0].error.is_none());
}

#[tokio::test]
async fn a_cut_connection_has_had_no_effect() {
    let stage = Stage::new().await;
    stage.simulator.fault(
        Fault::new(Effect::CutConnection)
            .on("InviteAccountToOrganization")
            .times(1),
    );
    let cut = stage.invite(account(&stage.customer)).await.unwrap_err();
    assert!(cut.as_service_error().is_none(), "{cut:?}");
    assert!(!stage.simulator.calls()[0].reached);
    stage.invited(&stage.customer).await;
}

#[tokio::test]
async fn a_call_can_be_delayed() {
    let stage = Stage::new().await;
    stage
        .simulator
        .fault(Fault::new(Effect::Delay { milliseconds: 120 }).times(1));
    let start = Instant::now();
    stage.as_partner().list_accounts().send().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn reads_can_lag_behind_a_write() {
    let stage = Stage::new().await;
    stage
        .simulator
        .fault(Fault::new(Effect::LagReads { reads: 2 }).on("ListHandshakesForOrganization"));
    let seen = async || {
        let list = stage
            .as_partner()
            .list_handshakes_for_organization()
            .send()
            .await
            .unwrap();
        list.handshakes()
            .iter()
            .map(|handshake| handshake.state.clone().unwrap())
            .collect::<Vec<_>>()
    };
    assert!(seen().await.is_empty());
    let id = stage.invited(&stage.customer).await;
    stage
        .as_partner()
        .describe_handshake()
        .handshake_id(&id)
        .send()
        .await
        .unwrap();
    assert!(seen().await.is_empty());
    assert!(seen().await.is_empty());
    assert_eq!(seen().await, [HandshakeState::Open]);
    stage.accept(&stage.customer, &id).await.unwrap();
    assert_eq!(seen().await, [HandshakeState::Open]);
    assert_eq!(seen().await, [HandshakeState::Open]);
    assert_eq!(seen().await, [HandshakeState::Accepted]);
}

#[tokio::test]
async fn credentials_can_expire_in_the_middle() {
    let stage = Stage::new().await;
    stage
        .simulator
        .fault(Fault::new(Effect::ExpireCredentials).after(1).times(1));
    let list = || stage.as_partner().list_accounts().send();
    list().await.unwrap();
    assert_eq!(code(list().await), "ExpiredTokenException");
    list().await.unwrap();
}

#[tokio::test]
async fn writes_to_one_organization_may_collide() {
    let stage = Stage::new().await;
    stage
        .simulator
        .switch(|switches| switches.write_latency_ms = Some(1_000));
    let other = stage.simulator.create_account("Other");
    let (elsewhere, _) = stage.elsewhere();
    let abroad = stage.as_(&elsewhere.management);
    let (one, two, far) = tokio::join!(
        stage.invite(account(&stage.customer)),
        stage.invite(account(&other)),
        abroad
            .invite_account_to_organization()
            .target(account(&stage.customer))
            .send(),
    );
    far.unwrap();
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    won.unwrap();
    assert_eq!(code(lost), "ConcurrentModificationException");
    // Whoever comes later finds the organization free again.
    stage
        .simulator
        .switch(|switches| switches.write_latency_ms = Some(1));
    let again = stage.invite(account(&other)).await;
    let again = if again.is_err() {
        stage.invite(account(&stage.customer)).await
    } else {
        again
    };
    again.unwrap();
}

#[tokio::test]
async fn acceptances_write_to_the_organization_that_invited() {
    let stage = Stage::new().await;
    let other = stage.simulator.create_account("Other");
    let (first, second) = (
        stage.invited(&stage.customer).await,
        stage.invited(&other).await,
    );
    stage
        .simulator
        .switch(|switches| switches.write_latency_ms = Some(1_000));
    let (one, two) = tokio::join!(
        stage.accept(&stage.customer, &first),
        stage.accept(&other, &second)
    );
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    won.unwrap();
    assert_eq!(code(lost), "ConcurrentModificationException");
}

#[tokio::test]
async fn calls_can_be_held_to_the_documented_rates() {
    let stage = Stage::new().await;
    stage.simulator.switch(|switches| switches.pace = true);
    let describe = || stage.as_partner().describe_organization().send();
    let mut outcomes = Vec::new();
    // One a second and two at once are allowed, so even a slow machine asks too often.
    for _ in 0..20 {
        outcomes.push(describe().await.map_err(|error| code(Err::<(), _>(error))));
    }
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok());
    assert!(outcomes.iter().any(|outcome| {
        outcome
            .as_ref()
            .is_err_and(|code| code == "TooManyRequestsException")
    }));
    stage.simulator.switch(|switches| switches.pace = false);
    describe().await.unwrap();
}

#[tokio::test]
async fn a_client_that_retries_gets_through() {
    use aws_sdk_organizations::config::retry::RetryConfig;
    let stage = Stage::new().await;
    stage
        .simulator
        .fault(Fault::new(Effect::LoseResponse).on("ListAccounts").times(1));
    stage
        .simulator
        .fault(Fault::new(Effect::Throttle).on("ListAccounts").times(1));
    let retry = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = stage
        .as_partner()
        .config()
        .to_builder()
        .retry_config(retry)
        .build();
    aws_sdk_organizations::Client::from_conf(config)
        .list_accounts()
        .send()
        .await
        .unwrap();
    let outcomes: Vec<_> = stage
        .simulator
        .calls()
        .iter()
        .map(|call| (call.answered, call.status))
        .collect();
    assert_eq!(outcomes, [(false, 200), (true, 400), (true, 200)]);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_undo_what_it_asked_for() {
    let stage = Stage::new().await;
    let delay = Fault::new(Effect::Delay {
        milliseconds: 1_000,
    })
    .on("InviteAccountToOrganization");
    stage.simulator.fault(delay.times(1));
    let invite = stage.invite(account(&stage.customer));
    assert!(
        tokio::time::timeout(Duration::from_millis(500), invite)
            .await
            .is_err()
    );
    let patience = Instant::now() + Duration::from_secs(20);
    while stage.simulator.handshakes().is_empty() && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(stage.simulator.handshakes().len(), 1);
}

#[tokio::test]
async fn a_refused_write_is_nothing_to_lag_behind() {
    let stage = Stage::new().await;
    stage
        .simulator
        .fault(Fault::new(Effect::LagReads { reads: 5 }).on("DescribeHandshake"));
    let id = stage.invited(&stage.customer).await;
    let look = || {
        stage
            .as_partner()
            .describe_handshake()
            .handshake_id(&id)
            .send()
    };
    assert_eq!(code(look().await), "HandshakeNotFoundException");
    assert_eq!(
        code(stage.invite(account(&stage.customer)).await),
        "DuplicateHandshakeException"
    );
    sts(&stage.simulator, &stage.partner)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    for _ in 0..4 {
        assert_eq!(code(look().await), "HandshakeNotFoundException");
    }
    look().await.unwrap();
}
