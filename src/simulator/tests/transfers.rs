//! Billing transfers: who invites pays.

use aws_sdk_organizations::operation::invite_organization_to_transfer_responsibility::{
    InviteOrganizationToTransferResponsibilityError as InviteError,
    InviteOrganizationToTransferResponsibilityOutput as Invited,
};
use aws_sdk_organizations::primitives::{DateTime, DateTimeFormat};
use aws_sdk_organizations::types::{
    ActionType, HandshakeFilter, HandshakeParty, HandshakeResourceType, HandshakeState,
    ResponsibilityTransfer, ResponsibilityTransferStatus as Status, ResponsibilityTransferType,
    Tag,
};
use aws_simulator::world::BillingObstacle;
use aws_simulator::{Account, Organization, OrganizationSpec};

use crate::clients::{Outcome, code, reason};
use crate::stage::{Stage, account, email};

const JANUARY: &str = "2027-01-01T00:00:00Z";

fn time(text: &str) -> DateTime {
    DateTime::from_str(text, DateTimeFormat::DateTime).unwrap()
}

impl Stage {
    /// The partner may take bills on, and the customer has an organization of its own.
    async fn with_quota(quota: usize) -> (Self, Organization) {
        let stage = Self::new().await;
        let customer = stage.simulator.create_organization(&stage.customer);
        stage.quota(&stage.organization, quota);
        (stage, customer)
    }

    fn quota(&self, organization: &Organization, quota: usize) {
        self.simulator.world(|world| {
            world
                .organization_mut(organization.id.as_str())
                .unwrap()
                .inbound_transfer_quota = quota;
        });
    }

    async fn ask(
        &self,
        by: &Account,
        target: HandshakeParty,
        start: &str,
    ) -> Outcome<Invited, InviteError> {
        self.as_(by)
            .invite_organization_to_transfer_responsibility()
            .r#type(ResponsibilityTransferType::Billing)
            .target(target)
            .start_timestamp(time(start))
            .source_name("Customer bill")
            .send()
            .await
    }

    /// Asks for the transfer of a bill; answers the handshake's ID.
    async fn asked(&self, by: &Account, target: &Account) -> String {
        let outcome = self.ask(by, account(target), JANUARY).await;
        outcome.unwrap().handshake.unwrap().id.unwrap()
    }

    /// Asks and accepts; answers the transfer's ID.
    async fn agreed(&self, by: &Account, target: &Account) -> String {
        let handshake = self.asked(by, target).await;
        self.accept(target, &handshake).await.unwrap();
        let inbound = self.inbound(by).await;
        let found = inbound.iter().find(|transfer| {
            transfer.source().unwrap().management_account_id() == Some(target.id.as_str())
        });
        found.unwrap().id().unwrap().to_owned()
    }

    async fn inbound(&self, account: &Account) -> Vec<ResponsibilityTransfer> {
        let list = self
            .as_(account)
            .list_inbound_responsibility_transfers()
            .r#type(ResponsibilityTransferType::Billing);
        list.send().await.unwrap().responsibility_transfers.unwrap()
    }

    async fn outbound(&self, account: &Account) -> Vec<ResponsibilityTransfer> {
        let list = self
            .as_(account)
            .list_outbound_responsibility_transfers()
            .r#type(ResponsibilityTransferType::Billing);
        list.send().await.unwrap().responsibility_transfers.unwrap()
    }

    async fn terminate(&self, by: &Account, id: &str, end: Option<&str>) -> String {
        let terminate = self
            .as_(by)
            .terminate_responsibility_transfer()
            .id(id)
            .set_end_timestamp(end.map(time));
        match terminate.send().await {
            Ok(output) => output
                .responsibility_transfer
                .unwrap()
                .status
                .unwrap()
                .to_string(),
            refused @ Err(_) => reason(refused),
        }
    }

    /// Another organization, whose management account is answered too.
    fn further(&self, name: &str) -> (Organization, Account) {
        let management = self.simulator.create_account(name);
        (self.simulator.create_organization(&management), management)
    }
}

#[tokio::test]
async fn who_invites_pays_and_each_side_has_its_own_direction() {
    let (stage, customer) = Stage::with_quota(1).await;
    let handshake = stage
        .ask(&stage.partner, account(&stage.customer), JANUARY)
        .await
        .unwrap()
        .handshake
        .unwrap();
    assert_eq!(handshake.action, Some(ActionType::TransferResponsibility));
    assert!(
        handshake
            .arn()
            .unwrap()
            .contains("/transfer_responsibility/h-")
    );
    assert_eq!(
        handshake.expiration_timestamp,
        Some(time("2026-12-31T00:00:00Z"))
    );
    let named = handshake
        .resources()
        .iter()
        .find(|r| r.r#type() == Some(&HandshakeResourceType::ResponsibilityTransfer))
        .unwrap();
    let start = named
        .resources()
        .iter()
        .find(|r| r.r#type() == Some(&HandshakeResourceType::TransferStartTimestamp));
    assert_eq!(start.unwrap().value(), Some(JANUARY));

    let received = stage
        .as_customer()
        .list_handshakes_for_account()
        .filter(
            HandshakeFilter::builder()
                .action_type(ActionType::TransferResponsibility)
                .build(),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(received.handshakes(), std::slice::from_ref(&handshake));
    let requested = &stage.inbound(&stage.partner).await[0];
    assert_eq!(requested.status, Some(Status::Requested));
    assert_eq!(requested.active_handshake_id, handshake.id);

    stage
        .accept(&stage.customer, handshake.id().unwrap())
        .await
        .unwrap();
    let (inbound, outbound) = (
        &stage.inbound(&stage.partner).await[0],
        &stage.outbound(&stage.customer).await[0],
    );
    assert!(stage.outbound(&stage.partner).await.is_empty());
    assert!(stage.inbound(&stage.customer).await.is_empty());
    assert_eq!(inbound.status, Some(Status::Accepted));
    assert_eq!(inbound.id, outbound.id);
    assert_eq!(inbound.start_timestamp, Some(time(JANUARY)));
    let party = |participant: &Option<aws_sdk_organizations::types::TransferParticipant>| {
        participant
            .as_ref()
            .unwrap()
            .management_account_id
            .clone()
            .unwrap()
    };
    assert_eq!(party(&inbound.target), stage.partner.id.as_str());
    assert_eq!(party(&inbound.source), stage.customer.id.as_str());
    let arn = |account: &Account, organization: &Organization, direction: &str| {
        format!(
            "arn:aws:organizations::{}:transfer/{}/billing/{direction}/{}",
            account.id,
            organization.id,
            inbound.id().unwrap()
        )
    };
    assert_eq!(
        inbound.arn(),
        Some(arn(&stage.partner, &stage.organization, "inbound").as_str())
    );
    assert_eq!(
        outbound.arn(),
        Some(arn(&stage.customer, &customer, "outbound").as_str())
    );
}

#[tokio::test]
async fn a_start_is_the_first_of_one_of_the_next_two_months() {
    let (stage, _) = Stage::with_quota(1).await;
    for (start, expected) in [
        ("2027-01-01T00:00:01Z", "START_DATE_NOT_BEGINNING_OF_DAY"),
        ("2027-01-02T00:00:00Z", "START_DATE_NOT_BEGINNING_OF_MONTH"),
        ("2026-11-01T00:00:00Z", "START_DATE_TOO_EARLY"),
        ("2027-02-01T00:00:00Z", "START_DATE_TOO_LATE"),
    ] {
        let refused = stage
            .ask(&stage.partner, account(&stage.customer), start)
            .await;
        assert_eq!(reason(refused), format!("InvalidInputException/{expected}"));
    }
    stage.simulator.pass_days(10);
    let late = stage
        .ask(
            &stage.partner,
            account(&stage.customer),
            "2026-12-01T00:00:00Z",
        )
        .await;
    assert_eq!(reason(late), "InvalidInputException/INVALID_START_DATE");
}

#[tokio::test]
async fn an_invitation_is_accepted_a_day_before_the_start() {
    let (stage, _) = Stage::with_quota(1).await;
    let handshake = stage.asked(&stage.partner, &stage.customer).await;
    // 30 December 2026, 23:59:59, and a second later.
    let until = 40 * 86_400 + 15 * 3_600 - 1;
    stage.simulator.pass(std::time::Duration::from_secs(until));
    let describe = || async {
        let one = stage
            .as_customer()
            .describe_handshake()
            .handshake_id(&handshake);
        one.send().await.unwrap().handshake.unwrap().state.unwrap()
    };
    assert_eq!(describe().await, HandshakeState::Open);
    stage.simulator.pass(std::time::Duration::from_secs(1));
    assert_eq!(describe().await, HandshakeState::Expired);
    assert_eq!(
        code(stage.accept(&stage.customer, &handshake).await),
        "InvalidHandshakeTransitionException"
    );
    assert_eq!(
        stage.inbound(&stage.partner).await[0].status,
        Some(Status::Expired)
    );
}

#[tokio::test]
async fn inbound_transfers_need_a_quota_that_pending_ones_use_up() {
    let (stage, _) = Stage::with_quota(0).await;
    let (_, other) = stage.further("Other");
    let expected =
        "ConstraintViolationException/RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION";
    let ask = |whom: &Account| stage.ask(&stage.partner, account(whom), JANUARY);
    assert_eq!(reason(ask(&stage.customer).await), expected);
    stage.quota(&stage.organization, 1);
    let first = stage.asked(&stage.partner, &stage.customer).await;
    assert_eq!(reason(ask(&other).await), expected);
    stage
        .as_customer()
        .decline_handshake()
        .handshake_id(&first)
        .send()
        .await
        .unwrap();
    ask(&other).await.unwrap();
    let statuses: Vec<_> = stage
        .inbound(&stage.partner)
        .await
        .into_iter()
        .map(|transfer| transfer.status.unwrap())
        .collect();
    assert!(statuses.contains(&Status::Declined) && statuses.contains(&Status::Requested));
}

#[tokio::test]
async fn one_bill_goes_to_one_payer() {
    let (stage, _) = Stage::with_quota(5).await;
    let (distributor_organization, distributor) = stage.further("Distributor");
    stage.quota(&distributor_organization, 5);
    let other = stage.asked(&distributor, &stage.customer).await;
    let duplicate = stage.asked(&stage.partner, &stage.customer).await;
    let again = stage
        .ask(&stage.partner, account(&stage.customer), JANUARY)
        .await;
    assert_eq!(code(again), "DuplicateHandshakeException");
    stage.accept(&stage.customer, &duplicate).await.unwrap();
    let again = stage
        .ask(&stage.partner, account(&stage.customer), JANUARY)
        .await;
    assert_eq!(
        reason(again),
        "HandshakeConstraintViolationException/RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"
    );
    assert_eq!(
        reason(stage.accept(&stage.customer, &other).await),
        "ConstraintViolationException/RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION"
    );
}

#[tokio::test]
async fn a_chain_has_two_levels_and_a_size() {
    let (stage, customer) = Stage::with_quota(5).await;
    let (distributor_organization, distributor) = stage.further("Distributor");
    stage.quota(&distributor_organization, 5);
    stage.quota(&customer, 5);
    let (_, below) = stage.further("Below");
    stage.agreed(&stage.partner, &stage.customer).await;
    stage.agreed(&distributor, &stage.partner).await;
    let third = stage.ask(&stage.customer, account(&below), JANUARY).await;
    assert_eq!(
        reason(third),
        "ConstraintViolationException/RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION"
    );
    let back = stage
        .ask(&stage.customer, account(&stage.partner), JANUARY)
        .await;
    assert_eq!(
        reason(back),
        "HandshakeConstraintViolationException/RESPONSIBILITY_TRANSFER_ALREADY_EXISTS"
    );
    stage.simulator.world(|world| {
        let top = distributor_organization.id.as_str();
        world.organization_mut(top).unwrap().chain_transfer_quota = 2;
    });
    let wide = stage.ask(&stage.partner, account(&below), JANUARY).await;
    assert_eq!(
        reason(wide),
        "ConstraintViolationException/RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION"
    );
}

#[tokio::test]
async fn what_stands_against_a_bill_is_told_to_who_accepts() {
    use BillingObstacle as O;
    let (stage, _) = Stage::with_quota(1).await;
    let handshake = stage.asked(&stage.partner, &stage.customer).await;
    let put = |account: &Account, obstacle: Option<O>| {
        stage.simulator.world(|world| {
            world
                .account_mut(account.id.as_str())
                .unwrap()
                .billing_obstacles = obstacle.into_iter().collect();
        });
    };
    let (constraint, handshake_constraint) = (
        "ConstraintViolationException",
        "HandshakeConstraintViolationException",
    );
    for (obstacle, error, expected) in [
        (
            O::LegacyPermissionsStillInUse,
            handshake_constraint,
            "LEGACY_PERMISSIONS_STILL_IN_USE",
        ),
        (O::PastDueInvoice, handshake_constraint, "PAST_DUE_INVOICE"),
        (
            O::UnusedPrepaymentBalance,
            handshake_constraint,
            "UNUSED_PREPAYMENT_BALANCE",
        ),
        (
            O::TargetAccountValidationFailure,
            handshake_constraint,
            "TARGET_ACCOUNT_VALIDATION_FAILURE",
        ),
        (O::UnsupportedPricing, constraint, "UNSUPPORTED_PRICING"),
        (
            O::UnmetBillingPrerequisite,
            constraint,
            "UNMET_BILLING_PREREQUISITE",
        ),
        (
            O::AccountNotActiveForTransferResponsibility,
            constraint,
            "ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY",
        ),
        (
            O::DeletionInProgress,
            constraint,
            "TRANSFER_RESPONSIBILITY_SOURCE_DELETION_IN_PROGRESS",
        ),
    ] {
        put(&stage.customer, Some(obstacle));
        assert_eq!(
            reason(stage.accept(&stage.customer, &handshake).await),
            format!("{error}/{expected}")
        );
    }
    put(&stage.customer, None);
    put(&stage.partner, Some(O::DeletionInProgress));
    assert_eq!(
        reason(stage.accept(&stage.customer, &handshake).await),
        "ConstraintViolationException/TRANSFER_RESPONSIBILITY_TARGET_DELETION_IN_PROGRESS"
    );
    put(&stage.partner, Some(O::UnmetBillingPrerequisite));
    let (_, other) = stage.further("Other");
    let refused = stage.ask(&stage.partner, account(&other), JANUARY).await;
    assert_eq!(
        reason(refused),
        "ConstraintViolationException/UNMET_BILLING_PREREQUISITE"
    );
    put(&stage.partner, Some(O::PastDueInvoice));
    stage.accept(&stage.customer, &handshake).await.unwrap();
}

#[tokio::test]
async fn only_another_management_account_is_invited() {
    let (stage, customer) = Stage::with_quota(5).await;
    let member = stage.simulator.create_member(&customer, "Member");
    let standalone = stage.simulator.create_account("Alone");
    let own = stage.member();
    for (target, expected) in [
        (&member, "TARGET_ACCOUNT_VALIDATION_FAILURE"),
        (&standalone, "TARGET_ACCOUNT_VALIDATION_FAILURE"),
        (&own, "SOURCE_AND_TARGET_CANNOT_MATCH"),
        (&stage.partner, "SOURCE_AND_TARGET_CANNOT_MATCH"),
    ] {
        let refused = stage.ask(&stage.partner, account(target), JANUARY).await;
        assert_eq!(
            reason(refused),
            format!("HandshakeConstraintViolationException/{expected}")
        );
    }
    let by_member = stage.ask(&own, account(&stage.customer), JANUARY).await;
    assert_eq!(code(by_member), "AccessDeniedException");
    let billing_only = stage.simulator.create_account("Billing only");
    let spec = OrganizationSpec {
        feature_set: aws_simulator::world::FeatureSet::ConsolidatedBilling,
        ..OrganizationSpec::default()
    };
    stage
        .simulator
        .create_organization_with(&billing_only, spec);
    let refused = stage
        .ask(&billing_only, account(&stage.customer), JANUARY)
        .await;
    assert_eq!(
        reason(refused),
        "ConstraintViolationException/ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"
    );
    let handshake = stage.asked(&stage.partner, &billing_only).await;
    assert_eq!(
        reason(stage.accept(&billing_only, &handshake).await),
        "ConstraintViolationException/ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"
    );
}

#[tokio::test]
async fn an_invitation_by_address_is_cancelled() {
    let (stage, _) = Stage::with_quota(1).await;
    let address = stage.simulator.world(|world| {
        let id = stage.customer.id.as_str();
        world.account(id).unwrap().email.clone()
    });
    let outcome = stage.ask(&stage.partner, email(&address), JANUARY).await;
    let handshake = outcome.unwrap().handshake.unwrap().id.unwrap();
    // An invitation to join is another matter, and outlives it.
    let to_join = stage.invited(&stage.customer).await;
    stage
        .as_partner()
        .cancel_handshake()
        .handshake_id(&handshake)
        .send()
        .await
        .unwrap();
    let transfer = &stage.inbound(&stage.partner).await[0];
    assert_eq!(transfer.status, Some(Status::Canceled));
    assert_eq!(transfer.active_handshake_id, None);
    let source = transfer.source().unwrap();
    assert_eq!(
        source.management_account_id(),
        Some(stage.customer.id.as_str())
    );
    let duplicate = stage.invite(account(&stage.customer)).await;
    assert_eq!(code(duplicate), "DuplicateHandshakeException");
    assert!(to_join.starts_with("h-"));
}

#[tokio::test]
async fn either_side_withdraws_with_the_end_of_a_month() {
    let (stage, _) = Stage::with_quota(1).await;
    let handshake = stage.asked(&stage.partner, &stage.customer).await;
    let id = stage.inbound(&stage.partner).await[0].id.clone().unwrap();
    assert_eq!(
        stage.terminate(&stage.partner, &id, None).await,
        "InvalidResponsibilityTransferTransitionException/"
    );
    stage.accept(&stage.customer, &handshake).await.unwrap();
    stage.simulator.pass_days(60);
    for (end, expected) in [
        ("2027-01-31T23:59:58Z", "END_DATE_NOT_END_OF_MONTH"),
        ("2027-01-30T23:59:59Z", "END_DATE_NOT_END_OF_MONTH"),
        ("2026-12-31T23:59:59Z", "END_DATE_TOO_EARLY"),
        ("2027-03-31T23:59:59Z", "END_DATE_TOO_LATE"),
    ] {
        assert_eq!(
            stage.terminate(&stage.customer, &id, Some(end)).await,
            format!("InvalidInputException/{expected}")
        );
    }
    stage.simulator.world(|world| {
        let partner = stage.organization.id.as_str();
        world
            .organization_mut(partner)
            .unwrap()
            .withdrawal_notice_days = 30;
    });
    assert_eq!(
        stage.terminate(&stage.customer, &id, None).await,
        "InvalidInputException/INVALID_END_DATE"
    );
    let end = Some("2027-02-28T23:59:59.999Z");
    assert_eq!(
        stage.terminate(&stage.customer, &id, end).await,
        "WITHDRAWN"
    );
    let transfer = &stage.inbound(&stage.partner).await[0];
    assert_eq!(transfer.end_timestamp, Some(time("2027-02-28T23:59:59Z")));
    assert_eq!(
        stage.terminate(&stage.partner, &id, None).await,
        "ResponsibilityTransferAlreadyInStatusException/"
    );
    let rename = stage
        .as_partner()
        .update_responsibility_transfer()
        .id(&id)
        .name("New");
    assert_eq!(
        reason(rename.send().await),
        "ConstraintViolationException/TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED"
    );
}

#[tokio::test]
async fn a_transfer_that_has_not_begun_is_withdrawn_and_never_begins() {
    for by_source in [true, false] {
        let (stage, _) = Stage::with_quota(1).await;
        let id = stage.agreed(&stage.partner, &stage.customer).await;
        let by = if by_source {
            &stage.customer
        } else {
            &stage.partner
        };
        let end = Some("2026-11-30T23:59:59Z");
        assert_eq!(stage.terminate(by, &id, end).await, "WITHDRAWN");
        let transfer = &stage.inbound(&stage.partner).await[0];
        assert_eq!(transfer.end_timestamp, Some(time("2026-11-30T23:59:59Z")));
        assert!(transfer.start_timestamp > transfer.end_timestamp);
        for _ in 0..4 {
            stage.simulator.pass_days(20);
            let pays = stage.simulator.world(|world| {
                let now = world.now();
                world.transfers().any(|transfer| transfer.covers(now))
            });
            assert!(!pays, "nobody pays for another");
        }
        // Its end is over, so that nothing keeps the organization.
        let delete = stage.as_(&stage.customer).delete_organization();
        delete.send().await.unwrap();
    }
}

#[tokio::test]
async fn an_organization_stays_while_its_bill_is_on_the_way() {
    let (stage, _) = Stage::with_quota(1).await;
    let delete = |by: &Account| stage.as_(by).delete_organization().send();
    let expected = "ConstraintViolationException/ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS";
    let id = stage.agreed(&stage.partner, &stage.customer).await;
    assert_eq!(reason(delete(&stage.customer).await), expected);
    assert_eq!(reason(delete(&stage.partner).await), expected);
    stage.simulator.pass_days(60);
    assert_eq!(
        stage.terminate(&stage.partner, &id, None).await,
        "WITHDRAWN"
    );
    assert_eq!(reason(delete(&stage.customer).await), expected);
    stage.simulator.pass_days(20);
    delete(&stage.customer).await.unwrap();
}

#[tokio::test]
async fn a_transfer_is_named_tagged_and_seen_by_its_sides_only() {
    let (stage, _) = Stage::with_quota(1).await;
    let id = stage.agreed(&stage.partner, &stage.customer).await;
    let renamed = stage
        .as_partner()
        .update_responsibility_transfer()
        .id(&id)
        .name("Renamed")
        .send()
        .await
        .unwrap();
    assert_eq!(
        renamed.responsibility_transfer.unwrap().name(),
        Some("Renamed")
    );
    let tag = Tag::builder().key("team").value("billing").build().unwrap();
    stage
        .as_partner()
        .tag_resource()
        .resource_id(&id)
        .tags(tag.clone())
        .send()
        .await
        .unwrap();
    let tags = stage
        .as_partner()
        .list_tags_for_resource()
        .resource_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag]);
    let describe = |by: &Account| {
        stage
            .as_(by)
            .describe_responsibility_transfer()
            .id(&id)
            .send()
    };
    describe(&stage.customer).await.unwrap();
    let (_, stranger) = stage.further("Stranger");
    assert_eq!(
        code(describe(&stranger).await),
        "ResponsibilityTransferNotFoundException"
    );
    let missing = stage
        .as_partner()
        .list_inbound_responsibility_transfers()
        .r#type(ResponsibilityTransferType::Billing)
        .id("rt-12345678");
    assert_eq!(
        code(missing.send().await),
        "ResponsibilityTransferNotFoundException"
    );
    let odd = stage
        .as_partner()
        .list_inbound_responsibility_transfers()
        .r#type(ResponsibilityTransferType::from("SUPPORT"));
    assert_eq!(
        reason(odd.send().await),
        "InvalidInputException/INVALID_ENUM"
    );
}
