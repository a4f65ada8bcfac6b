//! Invitations, from both sides.

use aws_sdk_organizations::types::{
    AccountJoinedMethod, AccountState, ActionType, HandshakeFilter, HandshakePartyType,
    HandshakeResourceType, HandshakeState, Tag,
};
use aws_simulator::world::HandshakeId;
use aws_simulator::{AccountSpec, Simulator};

use crate::clients::{code, reason};
use crate::stage::{Stage, account, email, party};

#[tokio::test]
async fn a_partner_invites_and_a_standalone_account_accepts() {
    let stage = Stage::new().await;
    let invitation = stage
        .as_partner()
        .invite_account_to_organization()
        .target(account(&stage.customer))
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
    let (sender, organization) = (&stage.partner.id, &stage.organization.id);
    let arn = format!("arn:aws:organizations::{sender}:handshake/{organization}/invite/{id}");
    assert_eq!(invitation.arn(), Some(arn.as_str()));
    let sender = party(HandshakePartyType::Organization, organization.as_str());
    assert_eq!(invitation.parties(), [sender, account(&stage.customer)]);
    let kinds: Vec<_> = invitation
        .resources()
        .iter()
        .map(|r| r.r#type().unwrap().clone())
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
        .map(|r| r.value().unwrap())
        .collect();
    assert_eq!(nested, [partner_email(&stage).as_str(), "Partner", "ALL"]);
    let life = invitation.expiration_timestamp().unwrap().secs()
        - invitation.requested_timestamp().unwrap().secs();
    assert_eq!(life, 15 * 86_400);

    let received = stage
        .as_customer()
        .list_handshakes_for_account()
        .send()
        .await
        .unwrap();
    assert_eq!(received.handshakes(), std::slice::from_ref(&invitation));
    let accepted = stage
        .accept(&stage.customer, id)
        .await
        .unwrap()
        .handshake
        .unwrap();
    assert_eq!(accepted.state, Some(HandshakeState::Accepted));

    let members = stage
        .as_partner()
        .list_accounts()
        .send()
        .await
        .unwrap()
        .accounts
        .unwrap();
    assert_eq!(members.len(), 2);
    let member = members
        .iter()
        .find(|member| member.id() == Some(stage.customer.id.as_str()))
        .unwrap();
    assert_eq!(member.joined_method, Some(AccountJoinedMethod::Invited));
    assert_eq!(member.state, Some(AccountState::Active));
    let seen = stage
        .as_customer()
        .describe_organization()
        .send()
        .await
        .unwrap()
        .organization
        .unwrap();
    assert_eq!(seen.id(), Some(organization.as_str()));
    assert_eq!(seen.master_account_id(), Some(stage.partner.id.as_str()));
}

fn partner_email(stage: &Stage) -> String {
    stage.simulator.world(|world| {
        world
            .account(stage.partner.id.as_str())
            .unwrap()
            .email
            .clone()
    })
}

#[tokio::test]
async fn an_invitation_by_address_reaches_the_account_that_has_it() {
    let stage = Stage::new().await;
    let invited = stage.simulator.create_account(AccountSpec {
        email: Some("Owner@Customer.example.com".to_owned()),
        ..AccountSpec::named("By address")
    });
    let invitation = stage
        .invite(email("owner@customer.example.com"))
        .await
        .unwrap()
        .handshake
        .unwrap();
    assert_eq!(
        invitation.resources()[1].r#type(),
        Some(&HandshakeResourceType::Email)
    );
    let received = stage
        .as_(&invited)
        .list_handshakes_for_account()
        .send()
        .await
        .unwrap();
    assert_eq!(received.handshakes(), std::slice::from_ref(&invitation));
    stage
        .accept(&invited, invitation.id().unwrap())
        .await
        .unwrap();
    assert!(stage.is_member(&invited));
}

#[tokio::test]
async fn an_address_that_no_account_has_can_be_invited() {
    let stage = Stage::new().await;
    stage.invite(email("nobody@example.com")).await.unwrap();
    assert_eq!(
        code(stage.invite(email("NOBODY@example.com")).await),
        "DuplicateHandshakeException"
    );
}

#[tokio::test]
async fn an_address_may_be_invited_before_an_account_has_it() {
    let stage = Stage::new().await;
    let invitation = stage
        .invite(email("late@example.com"))
        .await
        .unwrap()
        .handshake
        .unwrap();
    let late = stage.simulator.create_account(AccountSpec {
        email: Some("late@example.com".to_owned()),
        ..AccountSpec::named("Late")
    });
    assert_eq!(
        code(stage.invite(account(&late)).await),
        "DuplicateHandshakeException"
    );
    stage.accept(&late, invitation.id().unwrap()).await.unwrap();
    assert!(stage.is_member(&late));
}

#[tokio::test]
async fn a_second_invitation_is_a_duplicate_until_the_first_is_closed() {
    let stage = Stage::new().await;
    let first = stage.invited(&stage.customer).await;
    assert_eq!(
        reason(stage.invite(account(&stage.customer)).await),
        "DuplicateHandshakeException/"
    );
    let address = stage
        .simulator
        .world(|w| w.account(stage.customer.id.as_str()).unwrap().email.clone());
    assert_eq!(
        code(stage.invite(email(&address)).await),
        "DuplicateHandshakeException"
    );
    stage
        .as_partner()
        .cancel_handshake()
        .handshake_id(first)
        .send()
        .await
        .unwrap();
    stage.invited(&stage.customer).await;
}

#[tokio::test]
async fn two_organizations_may_invite_the_same_account() {
    let stage = Stage::new().await;
    let (elsewhere, _) = stage.elsewhere();
    stage.invited(&stage.customer).await;
    stage.simulator.invite(&elsewhere, &stage.customer).unwrap();
    let received = stage
        .as_customer()
        .list_handshakes_for_account()
        .send()
        .await
        .unwrap();
    assert_eq!(received.handshakes().len(), 2);
    let sent = stage
        .as_partner()
        .list_handshakes_for_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(sent.handshakes().len(), 1);
}

#[tokio::test]
async fn a_pending_invitation_may_be_called_requested() {
    let stage = Stage::new().await;
    stage
        .simulator
        .switch(|switches| switches.requested_state = true);
    let invitation = stage
        .invite(account(&stage.customer))
        .await
        .unwrap()
        .handshake
        .unwrap();
    assert_eq!(invitation.state, Some(HandshakeState::Requested));
}

#[tokio::test]
async fn only_the_recipient_answers_and_only_the_sender_withdraws() {
    let stage = Stage::new().await;
    let id = stage.invited(&stage.customer).await;
    let (_, stranger) = stage.elsewhere();
    assert_eq!(
        code(stage.accept(&stage.partner, &id).await),
        "AccessDeniedException"
    );
    let decline = stage
        .as_partner()
        .decline_handshake()
        .handshake_id(&id)
        .send()
        .await;
    assert_eq!(code(decline), "AccessDeniedException");
    let cancel = stage
        .as_customer()
        .cancel_handshake()
        .handshake_id(&id)
        .send()
        .await;
    assert_eq!(code(cancel), "AccessDeniedException");
    assert_eq!(
        code(stage.accept(&stranger, &id).await),
        "HandshakeNotFoundException"
    );
    let look = stage
        .as_(&stranger)
        .describe_handshake()
        .handshake_id(&id)
        .send()
        .await;
    assert_eq!(code(look), "HandshakeNotFoundException");
    for party in [&stage.partner, &stage.customer] {
        let seen = stage
            .as_(party)
            .describe_handshake()
            .handshake_id(&id)
            .send()
            .await
            .unwrap();
        assert_eq!(seen.handshake.unwrap().state, Some(HandshakeState::Open));
    }
}

#[tokio::test]
async fn the_same_answer_twice_is_told_apart_from_another_answer() {
    let stage = Stage::new().await;
    let id = stage.invited(&stage.customer).await;
    let declined = stage
        .as_customer()
        .decline_handshake()
        .handshake_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(
        declined.handshake.unwrap().state,
        Some(HandshakeState::Declined)
    );
    let again = stage
        .as_customer()
        .decline_handshake()
        .handshake_id(&id)
        .send()
        .await;
    assert_eq!(code(again), "HandshakeAlreadyInStateException");
    assert_eq!(
        code(stage.accept(&stage.customer, &id).await),
        "InvalidHandshakeTransitionException"
    );
    let cancel = stage
        .as_partner()
        .cancel_handshake()
        .handshake_id(&id)
        .send()
        .await;
    assert_eq!(code(cancel), "InvalidHandshakeTransitionException");

    let id = stage.invited(&stage.customer).await;
    stage.accept(&stage.customer, &id).await.unwrap();
    assert_eq!(
        code(stage.accept(&stage.customer, &id).await),
        "HandshakeAlreadyInStateException"
    );

    let member = stage.simulator.create_account("Third");
    let id = stage.invited(&member).await;
    stage
        .as_partner()
        .cancel_handshake()
        .handshake_id(&id)
        .send()
        .await
        .unwrap();
    let again = stage
        .as_partner()
        .cancel_handshake()
        .handshake_id(&id)
        .send()
        .await;
    assert_eq!(code(again), "HandshakeAlreadyInStateException");
}

#[tokio::test]
async fn an_invitation_expires_after_fifteen_days() {
    let stage = Stage::new().await;
    let id = stage.invited(&stage.customer).await;
    stage.simulator.pass_days(14);
    let seen = async || {
        let describe = stage.as_partner().describe_handshake().handshake_id(&id);
        describe
            .send()
            .await
            .unwrap()
            .handshake
            .unwrap()
            .state
            .unwrap()
    };
    assert_eq!(seen().await, HandshakeState::Open);
    stage.simulator.pass_days(1);
    assert_eq!(seen().await, HandshakeState::Expired);
    assert_eq!(
        code(stage.accept(&stage.customer, &id).await),
        "InvalidHandshakeTransitionException"
    );
    stage.invited(&stage.customer).await;
}

#[tokio::test]
async fn a_closed_handshake_is_forgotten_after_thirty_days() {
    let stage = Stage::new().await;
    let accepted = stage.invited(&stage.customer).await;
    stage.accept(&stage.customer, &accepted).await.unwrap();
    let other = stage.simulator.create_account("Other");
    let expired = stage.invited(&other).await;
    stage.simulator.pass_days(29);
    let sent = stage
        .as_partner()
        .list_handshakes_for_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(sent.handshakes().len(), 2);
    stage.simulator.pass_days(1);
    let look = stage
        .as_partner()
        .describe_handshake()
        .handshake_id(&accepted)
        .send()
        .await;
    assert_eq!(code(look), "HandshakeNotFoundException");
    let received = stage
        .as_customer()
        .list_handshakes_for_account()
        .send()
        .await
        .unwrap();
    assert!(received.handshakes().is_empty());
    assert!(stage.is_member(&stage.customer));
    stage.simulator.pass_days(14);
    let sent = stage
        .as_partner()
        .list_handshakes_for_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(sent.handshakes()[0].id(), Some(expired.as_str()));
    stage.simulator.pass_days(1);
    let sent = stage
        .as_partner()
        .list_handshakes_for_organization()
        .send()
        .await
        .unwrap();
    assert!(sent.handshakes().is_empty());
}

#[tokio::test]
async fn lists_can_be_filtered_by_action() {
    let stage = Stage::new().await;
    stage.invited(&stage.customer).await;
    let filter = |action| HandshakeFilter::builder().action_type(action).build();
    let list = stage.as_customer().list_handshakes_for_account();
    let invitations = list
        .clone()
        .filter(filter(ActionType::InviteAccountToOrganization))
        .send()
        .await
        .unwrap();
    assert_eq!(invitations.handshakes().len(), 1);
    let others = list
        .clone()
        .filter(filter(ActionType::EnableAllFeatures))
        .send()
        .await
        .unwrap();
    assert!(others.handshakes().is_empty());
    let unknown = list
        .clone()
        .filter(filter(ActionType::from("OTHER")))
        .send()
        .await;
    assert_eq!(reason(unknown), "InvalidInputException/INVALID_ENUM");
    let both = HandshakeFilter::builder()
        .action_type(ActionType::InviteAccountToOrganization)
        .parent_handshake_id("h-12345678")
        .build();
    assert_eq!(
        reason(list.filter(both).send().await),
        "InvalidInputException/MAX_LIMIT_EXCEEDED_FILTER"
    );
}

#[tokio::test]
async fn only_the_management_account_invites_and_lists_what_was_sent() {
    let stage = Stage::new().await;
    let member = stage.member();
    let invite = |client: aws_sdk_organizations::Client| {
        client
            .invite_account_to_organization()
            .target(account(&stage.customer))
            .send()
    };
    assert_eq!(
        code(invite(stage.as_(&member)).await),
        "AccessDeniedException"
    );
    assert_eq!(
        code(invite(stage.as_customer()).await),
        "AWSOrganizationsNotInUseException"
    );
    let list =
        |client: aws_sdk_organizations::Client| client.list_handshakes_for_organization().send();
    assert_eq!(
        code(list(stage.as_(&member)).await),
        "AccessDeniedException"
    );
    assert_eq!(
        code(list(stage.as_customer()).await),
        "AWSOrganizationsNotInUseException"
    );
}

#[tokio::test]
async fn a_member_of_this_very_organization_cannot_be_invited() {
    let stage = Stage::new().await;
    let member = stage.member();
    let expected = "HandshakeConstraintViolationException/ALREADY_IN_AN_ORGANIZATION";
    assert_eq!(reason(stage.invite(account(&member)).await), expected);
    assert_eq!(
        reason(stage.invite(account(&stage.partner)).await),
        expected
    );
}

#[tokio::test]
async fn a_member_of_another_organization_can_be_invited() {
    let stage = Stage::new().await;
    let (elsewhere, member) = stage.elsewhere();
    stage.invited(&member).await;
    stage.invited(&elsewhere.management).await;
}

#[tokio::test]
async fn an_account_that_is_not_there_cannot_be_invited() {
    let stage = Stage::new().await;
    let target = party(HandshakePartyType::Account, "123412341234");
    assert_eq!(
        reason(stage.invite(target).await),
        "InvalidInputException/TARGET_NOT_SUPPORTED"
    );
}

#[tokio::test]
async fn an_unverified_partner_cannot_invite() {
    let stage = Stage::new().await;
    let id = stage.invited(&stage.customer).await;
    stage.simulator.world(|world| {
        world
            .account_mut(stage.partner.id.as_str())
            .unwrap()
            .email_verified = false;
    });
    let other = stage.simulator.create_account("Other");
    assert_eq!(
        code(stage.invite(account(&other)).await),
        "AccountOwnerNotVerifiedException"
    );
    assert_eq!(
        reason(stage.accept(&stage.customer, &id).await),
        "HandshakeConstraintViolationException/MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED"
    );
}

#[tokio::test]
async fn accounts_of_another_partition_stay_apart() {
    let stage = Stage::new().await;
    let abroad = stage.simulator.create_account(AccountSpec {
        partition: Some("aws-cn".to_owned()),
        ..AccountSpec::named("Abroad")
    });
    assert_eq!(
        reason(stage.invite(account(&abroad)).await),
        "HandshakeConstraintViolationException/ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD"
    );
}

#[tokio::test]
async fn pending_invitations_count_against_the_account_limit() {
    let stage = Stage::new().await;
    let mut last = String::new();
    for n in 0..9 {
        last = stage
            .invited(
                &stage
                    .simulator
                    .create_account(format!("Account {n}").as_str()),
            )
            .await;
    }
    let tenth = stage.invite(account(&stage.customer)).await;
    assert_eq!(
        reason(tenth),
        "HandshakeConstraintViolationException/ACCOUNT_NUMBER_LIMIT_EXCEEDED"
    );
    stage
        .as_partner()
        .cancel_handshake()
        .handshake_id(last)
        .send()
        .await
        .unwrap();
    stage.invited(&stage.customer).await;
}

#[tokio::test]
async fn accepting_is_limited_too() {
    let stage = Stage::new().await;
    let id = stage.invited(&stage.customer).await;
    let organization = stage.organization.id.as_str();
    stage
        .simulator
        .world(|world| world.organization_mut(organization).unwrap().account_limit = 1);
    assert_eq!(
        reason(stage.accept(&stage.customer, &id).await),
        "HandshakeConstraintViolationException/ACCOUNT_NUMBER_LIMIT_EXCEEDED"
    );
}

#[tokio::test]
async fn a_day_has_twenty_invitations_of_which_accepted_ones_do_not_count() {
    let stage = Stage::new().await;
    let accepted = stage.invited(&stage.customer).await;
    stage.accept(&stage.customer, &accepted).await.unwrap();
    let other = stage.simulator.create_account("Other");
    let withdraw = |id: HandshakeId| {
        stage
            .simulator
            .cancel(&stage.organization, id.as_str())
            .unwrap();
    };
    for _ in 0..20 {
        withdraw(stage.simulator.invite(&stage.organization, &other).unwrap());
    }
    assert_eq!(
        reason(stage.invite(account(&other)).await),
        "HandshakeConstraintViolationException/HANDSHAKE_RATE_LIMIT_EXCEEDED"
    );
    stage.simulator.pass_days(1);
    stage.invited(&other).await;
}

#[tokio::test]
async fn a_new_organization_may_still_be_finalizing() {
    let simulator = Simulator::start().await.unwrap();
    simulator.switch(|switches| switches.finalizing = true);
    let (founder, other) = (
        simulator.create_account("Founder"),
        simulator.create_account("Other"),
    );
    let client = crate::clients::organizations(&simulator, &founder);
    client.create_organization().send().await.unwrap();
    let invite = client
        .invite_account_to_organization()
        .target(account(&other));
    assert_eq!(
        code(invite.clone().send().await),
        "FinalizingOrganizationException"
    );
    let create = client
        .create_account()
        .email("new@example.com")
        .account_name("New");
    assert_eq!(code(create.send().await), "FinalizingOrganizationException");
    simulator.pass(std::time::Duration::from_hours(1));
    invite.send().await.unwrap();
}

#[tokio::test]
async fn tags_attach_when_the_account_joins_and_go_when_it_leaves() {
    let stage = Stage::new().await;
    let tag = Tag::builder()
        .key("cost-center")
        .value("7")
        .build()
        .unwrap();
    let invite = stage
        .as_partner()
        .invite_account_to_organization()
        .target(account(&stage.customer))
        .tags(tag.clone());
    let id = invite.send().await.unwrap().handshake.unwrap().id.unwrap();
    let tags = || {
        stage
            .as_partner()
            .list_tags_for_resource()
            .resource_id(stage.customer.id.as_str())
            .send()
    };
    assert_eq!(code(tags().await), "TargetNotFoundException");
    stage.accept(&stage.customer, &id).await.unwrap();
    assert_eq!(tags().await.unwrap().tags(), [tag]);
    stage.simulator.leave(&stage.customer).unwrap();
    let id = stage.invited(&stage.customer).await;
    stage.accept(&stage.customer, &id).await.unwrap();
    assert!(tags().await.unwrap().tags().is_empty());
}

#[tokio::test]
async fn a_tag_policy_is_checked_when_inviting() {
    let stage = Stage::new().await;
    let organization = stage.organization.id.as_str();
    stage.simulator.world(|world| {
        world
            .organization_mut(organization)
            .unwrap()
            .required_tag_keys
            .insert("owner".to_owned());
    });
    assert_eq!(
        reason(stage.invite(account(&stage.customer)).await),
        "ConstraintViolationException/TAG_POLICY_VIOLATION"
    );
    let tag = Tag::builder().key("owner").value("me").build().unwrap();
    let invite = stage
        .as_partner()
        .invite_account_to_organization()
        .target(account(&stage.customer))
        .tags(tag);
    invite.send().await.unwrap();
}

#[tokio::test]
async fn the_actions_that_an_invitation_needs_are_logged() {
    let stage = Stage::new().await;
    let tag = Tag::builder().key("owner").value("me").build().unwrap();
    let invite = stage
        .as_partner()
        .invite_account_to_organization()
        .target(account(&stage.customer))
        .tags(tag);
    let id = invite.send().await.unwrap().handshake.unwrap().id.unwrap();
    stage.accept(&stage.customer, &id).await.unwrap();
    let actions: Vec<_> = stage
        .simulator
        .calls()
        .into_iter()
        .flat_map(|call| call.actions)
        .collect();
    assert_eq!(
        actions,
        [
            "organizations:InviteAccountToOrganization",
            "organizations:TagResource",
            "organizations:AcceptHandshake",
            "iam:CreateServiceLinkedRole",
        ]
    );
}
