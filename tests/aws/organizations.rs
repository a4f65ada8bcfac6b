//! Invitations, members and lists, with all that can go wrong on the way.

use std::time::{Duration, Instant};

use aws_simulator::{AccountSpec, Effect, Fault};
use awsbilling::aws::organizations::{
    Invitation, Invitee, Organizations, Removal, Scale, Standing, Target,
};
use awsbilling::aws::types::{Email, HandshakeState, JoinedMethod, Notes, Tags};
use awsbilling::framework::{Diagnostic, DomainText, Interrupted};
use futures_util::future::{join_all, try_join_all};
use tokio_util::sync::CancellationToken;

use crate::harness::{World, cancellable, cx, id, target};

fn no_tags() -> Tags {
    Tags::new()
}

fn error(code: &str) -> Effect {
    Effect::Error {
        code: code.to_owned(),
        reason: None,
        message: String::new(),
        status: None,
    }
}

#[tokio::test]
async fn an_invitation_goes_from_the_partner_to_the_member() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let customer = world.organizations(&world.customer).await;
    let notes = Notes::parse("Welcome to the partner.").unwrap();
    let tags = Tags::from([("customer".to_owned(), "example".to_owned())]);

    let invited = partner
        .invite(&cx(), &target(&world.customer), Some(&notes), &tags)
        .await
        .unwrap();
    let Invitation::New(sent) = invited else {
        panic!("{invited:?}")
    };
    assert!(sent.is_pending());
    assert_eq!(sent.notes.as_deref(), Some("Welcome to the partner."));
    assert_eq!(
        sent.organization_id.as_str(),
        world.organization.id.as_str()
    );
    assert_eq!(sent.management_account_id, id(&world.partner));
    assert_eq!(sent.account_id, Some(id(&world.customer)));
    let days = (sent.expires_at.unwrap() - sent.requested_at.unwrap()).whole_days();
    assert_eq!(days, 15);

    assert_eq!(customer.organization(&cx()).await.unwrap(), None);
    let received = customer.received_invitations(&cx()).await.unwrap();
    assert_eq!(received[0].id, sent.id);
    let accepted = customer.accept(&cx(), &received[0]).await.unwrap();
    assert_eq!(accepted.state, HandshakeState::Accepted);

    let organization = customer
        .organization(&cx())
        .await
        .unwrap()
        .expect("the customer has joined");
    assert_eq!(organization.management_account_id, id(&world.partner));
    let member = partner
        .member(&cx(), &id(&world.customer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(member.joined_method, JoinedMethod::Invited);
    assert_eq!(
        partner
            .tags_of(&cx(), world.customer.id.as_str())
            .await
            .unwrap(),
        tags
    );
}

#[tokio::test]
async fn an_account_is_invited_by_its_email_address() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let email = world
        .simulator
        .world(|w| w.account(world.customer.id.as_str()).unwrap().email.clone());
    let target = Target::Email(Email::parse(&email).unwrap());
    let sent = partner
        .invite(&cx(), &target, None, &no_tags())
        .await
        .unwrap()
        .into_handshake();
    assert_eq!(
        (sent.email.as_deref(), sent.account_id.as_ref()),
        (Some(email.as_str()), None)
    );
    assert_eq!(
        partner.invitation_to(&cx(), &target).await.unwrap(),
        Some(sent)
    );
}

#[tokio::test]
async fn a_pending_invitation_is_adopted() {
    let world = World::new().await;
    let pending = world
        .simulator
        .invite(&world.organization, &world.customer)
        .unwrap();
    let partner = world.organizations(&world.partner).await;
    let invited = partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap();
    let Invitation::Adopted(adopted) = invited else {
        panic!("{invited:?}")
    };
    assert_eq!(adopted.id.as_str(), pending.as_str());
}

#[tokio::test]
async fn a_pending_invitation_that_shows_late_is_adopted() {
    let world = World::new().await;
    world
        .simulator
        .fault(Fault::new(Effect::LagReads { reads: 2 }).on("ListHandshakesForOrganization"));
    let partner = world.organizations(&world.partner).await;
    let pending = world
        .simulator
        .invite(&world.organization, &world.customer)
        .unwrap();
    let invited = partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap();
    let Invitation::Adopted(adopted) = invited else {
        panic!("{invited:?}")
    };
    assert_eq!(adopted.id.as_str(), pending.as_str());
}

#[tokio::test]
async fn a_lost_response_does_not_become_a_second_invitation() {
    for max_retries in [1, 3] {
        let world = World::new().await;
        let mut settings = world.settings(&world.partner.key);
        settings.max_retries = Some(max_retries);
        let aws = crate::harness::configure(settings).await.unwrap();
        let partner = aws.organizations(&cx(), None).await.unwrap();
        world.simulator.fault(
            Fault::new(Effect::LoseResponse)
                .on("InviteAccountToOrganization")
                .times(1),
        );

        let invited = partner
            .invite(&cx(), &target(&world.customer), None, &no_tags())
            .await
            .unwrap();
        let Invitation::Adopted(adopted) = invited else {
            panic!("{max_retries}: {invited:?}")
        };
        let sent = world
            .simulator
            .world(|w| w.handshakes().map(|h| h.id.to_string()).collect::<Vec<_>>());
        assert_eq!(sent, [adopted.id.to_string()], "{max_retries}");
    }
}

#[tokio::test]
async fn an_invitation_that_never_arrived_is_a_failure() {
    let world = World::new().await;
    let mut settings = world.settings(&world.partner.key);
    settings.max_retries = Some(1);
    let aws = crate::harness::configure(settings).await.unwrap();
    let partner = aws.organizations(&cx(), None).await.unwrap();
    world
        .simulator
        .fault(Fault::new(Effect::CutConnection).on("InviteAccountToOrganization"));
    let failed = partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap_err();
    assert_eq!(Diagnostic::from(failed).summary, "AWS not reached");
}

#[tokio::test]
async fn many_invitations_keep_to_the_rate_of_aws() {
    let world = World::new().await;
    world.simulator.switch(|switches| switches.pace = true);
    let partner = world.organizations(&world.partner).await;
    // The organization's quota is ten accounts, and pending invitations count.
    let customers: Vec<_> = (0..9)
        .map(|n| world.simulator.create_account(format!("C{n}").as_str()))
        .collect();
    let start = Instant::now();
    let cx = cx();
    let (targets, none) = (customers.iter().map(target).collect::<Vec<_>>(), no_tags());
    try_join_all(
        targets
            .iter()
            .map(|target| partner.invite(&cx, target, None, &none)),
    )
    .await
    .unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!(
        seconds > 1.2,
        "9 invitations with a burst of 5 and 3 a second, in {seconds} s"
    );
    assert_eq!(world.outcomes("InviteAccountToOrganization"), vec![None; 9]);
}

#[tokio::test]
async fn throttling_all_the_same_is_waited_out() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    world
        .simulator
        .fault(Fault::new(Effect::Throttle).on("ListAccounts").times(2));
    assert_eq!(partner.members(&cx()).await.unwrap().len(), 1);
    assert_eq!(world.count("ListAccounts"), 3);
}

#[tokio::test]
async fn writes_to_one_organization_wait_for_each_other() {
    let world = World::new().await;
    world
        .simulator
        .switch(|switches| switches.write_latency_ms = Some(100));
    let partner = world.organizations(&world.partner).await;
    let customers: Vec<_> = (0..5)
        .map(|n| world.simulator.create_account(format!("C{n}").as_str()))
        .collect();
    let cx = cx();
    let (targets, none) = (customers.iter().map(target).collect::<Vec<_>>(), no_tags());
    try_join_all(
        targets
            .iter()
            .map(|target| partner.invite(&cx, target, None, &none)),
    )
    .await
    .unwrap();
    assert_eq!(
        world.outcomes("InviteAccountToOrganization"),
        vec![None; 5],
        "no conflict was met"
    );
}

#[tokio::test]
async fn the_write_of_another_is_waited_out() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let conflict = error("ConcurrentModificationException");
    world.simulator.fault(
        Fault::new(conflict)
            .on("InviteAccountToOrganization")
            .times(2),
    );
    let invited = partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap();
    assert!(matches!(invited, Invitation::New(_)));
    assert_eq!(world.count("InviteAccountToOrganization"), 3);
}

#[tokio::test]
async fn an_organization_being_finalized_is_waited_for() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let finalizing = error("FinalizingOrganizationException");
    world.simulator.fault(
        Fault::new(finalizing)
            .on("InviteAccountToOrganization")
            .times(1),
    );
    partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap();
    assert_eq!(world.count("InviteAccountToOrganization"), 2);
}

#[tokio::test]
async fn lists_are_read_to_their_end_through_empty_pages() {
    let world = World::new().await;
    let limit = 60;
    world
        .simulator
        .switch(|switches| switches.empty_pages = true);
    let members: Vec<_> = (0..45)
        .map(|n| {
            world
                .simulator
                .create_member(&world.organization, format!("M{n}").as_str())
        })
        .collect();
    let partner = world.organizations(&world.partner).await;
    let listed = partner.members(&cx()).await.unwrap();
    assert!(listed.len() < limit);
    assert_eq!(
        listed.len(),
        46,
        "the management account is a member as well"
    );
    assert!(
        members
            .iter()
            .all(|member| listed.get(&id(member)).is_some())
    );
    assert!(
        world.count("ListAccounts") >= 3 * 2,
        "an empty page stands before each"
    );
}

#[tokio::test]
async fn a_hundred_reads_take_one_list() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let sent = partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap();
    let (cx, target) = (cx(), target(&world.customer));
    let reads = join_all((0..100).map(|_| partner.invitation_to(&cx, &target))).await;
    let handshake = sent.into_handshake();
    assert!(
        reads
            .into_iter()
            .all(|read| read.unwrap().as_ref() == Some(&handshake))
    );
    assert_eq!(world.count("ListHandshakesForOrganization"), 1);
}

#[tokio::test]
async fn a_write_enters_the_list_without_another_call() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    assert_eq!(
        partner
            .sent_invitations(&cx())
            .await
            .unwrap()
            .iter()
            .count(),
        0
    );
    let sent = partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap();
    let sent = sent.into_handshake();
    let listed = partner.sent_invitations(&cx()).await.unwrap();
    assert_eq!(listed.iter().collect::<Vec<_>>(), [&sent]);
    partner.cancel(&cx(), &sent.id).await.unwrap();
    let cancelled = partner
        .invitation_to(&cx(), &target(&world.customer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(cancelled.state, HandshakeState::Canceled);
    assert_eq!(world.count("ListHandshakesForOrganization"), 1);
}

#[tokio::test]
async fn the_newest_pending_invitation_counts() {
    let world = World::new().await;
    let first = world
        .simulator
        .invite(&world.organization, &world.customer)
        .unwrap();
    world
        .simulator
        .cancel(&world.organization, first.as_str())
        .unwrap();
    world.simulator.pass_days(1);
    let second = world
        .simulator
        .invite(&world.organization, &world.customer)
        .unwrap();
    let partner = world.organizations(&world.partner).await;
    let found = partner
        .invitation_to(&cx(), &target(&world.customer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.id.as_str(), second.as_str());
}

#[tokio::test]
async fn both_words_for_pending_are_understood() {
    for requested in [false, true] {
        let world = World::new().await;
        world
            .simulator
            .switch(|switches| switches.requested_state = requested);
        let partner = world.organizations(&world.partner).await;
        let sent = partner
            .invite(&cx(), &target(&world.customer), None, &no_tags())
            .await
            .unwrap();
        assert!(sent.into_handshake().is_pending());
    }
}

#[tokio::test]
async fn what_is_done_already_is_a_success() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let customer = world.organizations(&world.customer).await;

    let invite = || async {
        partner
            .invite(&cx(), &target(&world.customer), None, &no_tags())
            .await
            .unwrap()
    };
    let sent = invite().await.into_handshake();
    partner.cancel(&cx(), &sent.id).await.unwrap();
    partner.cancel(&cx(), &sent.id).await.unwrap();

    let sent = invite().await.into_handshake();
    customer.decline(&cx(), &sent).await.unwrap();
    customer.decline(&cx(), &sent).await.unwrap();

    let sent = invite().await.into_handshake();
    customer.accept(&cx(), &sent).await.unwrap();
    let again = customer.accept(&cx(), &sent).await.unwrap();
    assert_eq!(again.state, HandshakeState::Accepted);

    let account = id(&world.customer);
    assert_eq!(
        partner.remove_account(&cx(), &account).await.unwrap(),
        Removal::Removed
    );
    assert_eq!(partner.member(&cx(), &account).await.unwrap(), None);
    assert_eq!(
        partner.remove_account(&cx(), &account).await.unwrap(),
        Removal::AlreadyGone
    );
    assert_eq!(customer.leave(&cx()).await.unwrap(), Removal::AlreadyGone);
}

#[tokio::test]
async fn a_member_leaves() {
    let world = World::new().await;
    let member = world.simulator.create_member(&world.organization, "Member");
    let organizations = world.organizations(&member).await;
    assert!(organizations.organization(&cx()).await.unwrap().is_some());
    assert_eq!(organizations.leave(&cx()).await.unwrap(), Removal::Removed);
    assert_eq!(organizations.organization(&cx()).await.unwrap(), None);
}

#[tokio::test]
async fn a_handshake_is_found_by_its_id_until_aws_forgets_it() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let sent = partner
        .invite(&cx(), &target(&world.customer), None, &no_tags())
        .await
        .unwrap();
    let sent = sent.into_handshake();
    assert_eq!(
        partner.handshake(&cx(), &sent.id).await.unwrap(),
        Some(sent.clone())
    );
    partner.cancel(&cx(), &sent.id).await.unwrap();
    world.simulator.pass_days(31);
    assert_eq!(partner.handshake(&cx(), &sent.id).await.unwrap(), None);
}

#[tokio::test]
async fn tags_are_added_changed_and_taken_away() {
    let world = World::new().await;
    let member = world.simulator.create_member(&world.organization, "Member");
    let partner = world.organizations(&world.partner).await;
    let tag = |key: &str, value: &str| Tags::from([(key.to_owned(), value.to_owned())]);
    partner
        .tag(&cx(), member.id.as_str(), &tag("team", "red"))
        .await
        .unwrap();
    partner
        .tag(&cx(), member.id.as_str(), &tag("team", "blue"))
        .await
        .unwrap();
    partner
        .tag(&cx(), member.id.as_str(), &tag("cost", "1"))
        .await
        .unwrap();
    partner
        .untag(&cx(), member.id.as_str(), &["cost".to_owned()])
        .await
        .unwrap();
    assert_eq!(
        partner.tags_of(&cx(), member.id.as_str()).await.unwrap(),
        tag("team", "blue")
    );
}

#[tokio::test]
async fn a_refusal_tells_what_to_do_and_which_request_it_was() {
    let world = World::new().await;
    let member = world.simulator.create_member(
        &world.organization,
        AccountSpec {
            payment_method: aws_simulator::PaymentMethod::Missing,
            ..AccountSpec::named("Member")
        },
    );
    let partner = world.organizations(&world.partner).await;
    let failure = partner
        .remove_account(&cx(), &id(&member))
        .await
        .unwrap_err();
    assert_eq!(
        failure.reason(),
        Some("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED")
    );
    let request = world.simulator.calls().last().unwrap().request_id.clone();
    let diagnostic = Diagnostic::from(failure);
    assert_eq!(diagnostic.summary, "Payment method missing");
    let expected = format!(
        "AWS: RemoveAccountFromOrganization, ConstraintViolationException \
         MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED (request {request})"
    );
    assert!(
        diagnostic.detail.ends_with(&expected),
        "{}",
        diagnostic.detail
    );
    assert!(
        diagnostic
            .detail
            .contains(&format!("remove account {}", member.id))
    );
}

#[tokio::test]
async fn access_denied_names_the_action() {
    let world = World::new().await;
    world
        .simulator
        .fault(Fault::new(Effect::Refuse).on("ListAccounts"));
    let partner = world.organizations(&world.partner).await;
    let failure = partner.members(&cx()).await.unwrap_err();
    assert!(
        failure.to_string().contains("organizations:ListAccounts"),
        "{failure}"
    );
}

#[tokio::test]
async fn waiting_for_a_turn_ends_with_cancellation() {
    let world = World::new().await;
    let customer = world.organizations(&world.customer).await;
    let (cx, cancel) = cancellable();
    // Two describe calls are free, the third waits a second for its turn.
    let handshake = world
        .simulator
        .invite(&world.organization, &world.customer)
        .unwrap();
    let handshake = DomainText::parse(handshake.as_str()).unwrap();
    for _ in 0..2 {
        customer.handshake(&cx, &handshake).await.unwrap();
    }
    let start = Instant::now();
    let (third, ()) = tokio::join!(
        customer.handshake(&cx, &handshake),
        cancel_after(100, &cancel)
    );
    assert_eq!(
        third.unwrap_err().interrupted(),
        Some(Interrupted::Cancelled)
    );
    assert!(start.elapsed() < Duration::from_millis(800));
    assert_eq!(world.count("DescribeHandshake"), 2);
}

#[tokio::test]
async fn a_write_on_its_way_is_awaited_after_cancellation() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let slow = Effect::Delay { milliseconds: 500 };
    world
        .simulator
        .fault(Fault::new(slow).on("InviteAccountToOrganization"));
    let (cx, cancel) = cancellable();
    let (target, none) = (target(&world.customer), no_tags());
    let invite = partner.invite(&cx, &target, None, &none);
    let (invited, ()) = tokio::join!(invite, cancel_after(100, &cancel));
    assert!(matches!(invited.unwrap(), Invitation::New(_)));
}

#[tokio::test]
async fn a_write_between_attempts_ends_with_cancellation() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    world
        .simulator
        .fault(Fault::new(Effect::Throttle).on("InviteAccountToOrganization"));
    let (cx, cancel) = cancellable();
    let (target, none) = (target(&world.customer), no_tags());
    let start = Instant::now();
    let invite = partner.invite(&cx, &target, None, &none);
    let (invited, ()) = tokio::join!(invite, cancel_after(1500, &cancel));
    assert_eq!(
        invited.unwrap_err().interrupted(),
        Some(Interrupted::Cancelled)
    );
    assert!(start.elapsed() < Duration::from_secs(3));
    let sent = world.count("InviteAccountToOrganization");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        world.count("InviteAccountToOrganization"),
        sent,
        "nothing is sent afterwards"
    );
}

async fn cancel_after(milliseconds: u64, token: &CancellationToken) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    token.cancel();
}

#[tokio::test]
async fn whoever_removes_others_asks_nothing_again() {
    let world = World::new().await;
    let partner = world.organizations(&world.partner).await;
    let members: Vec<_> = (0..3)
        .map(|n| {
            world
                .simulator
                .create_member(&world.organization, format!("M{n}").as_str())
        })
        .collect();
    let cx = cx();
    for member in &members {
        partner.organization(&cx).await.unwrap();
        partner.members(&cx).await.unwrap();
        partner.delegated_administrators(&cx).await.unwrap();
        let id = id(member);
        assert_eq!(
            partner.remove_account(&cx, &id).await.unwrap(),
            Removal::Removed
        );
        assert!(partner.member(&cx, &id).await.unwrap().is_none());
    }
    for listed in [
        "DescribeOrganization",
        "ListAccounts",
        "ListDelegatedAdministrators",
    ] {
        assert_eq!(world.count(listed), 1, "{listed}");
    }
}

/// The members of a partner whose list has eleven pages, and the partner's organizations.
async fn crowd(world: &World) -> (Organizations, Vec<aws_simulator::Account>) {
    world.simulator.world(|w| {
        let organization = w.organization_mut(world.organization.id.as_str());
        organization.unwrap().account_limit = 300;
    });
    let member = |n| {
        let name = format!("Member {n}");
        let of = &world.organization;
        world.simulator.create_member(of, name.as_str())
    };
    let members = (0..215).map(member).collect();
    (world.organizations(&world.partner).await, members)
}

#[tokio::test]
async fn few_accounts_of_many_are_described() {
    let world = World::new().await;
    let (partner, members) = crowd(&world).await;
    partner.recall(Scale {
        accounts: 216,
        asked: 3,
    });
    let cx = cx();
    let look = async |account| partner.member_at_once(&cx, &id(account)).await.unwrap();
    for member in &members[200..203] {
        assert_eq!(look(member).await.unwrap().id, id(member));
        assert_eq!(look(member).await.unwrap().id, id(member));
    }
    assert_eq!(look(&world.customer).await, None);
    assert_eq!(world.count("DescribeAccount"), 4, "each once");
    assert_eq!(world.count("ListAccounts"), 0);

    partner
        .remove_account(&cx, &id(&members[200]))
        .await
        .unwrap();
    assert_eq!(look(&members[200]).await, None, "the removal is seen");
}

#[tokio::test]
async fn many_accounts_are_listed() {
    let world = World::new().await;
    let (partner, members) = crowd(&world).await;
    let earlier = Scale {
        accounts: 216,
        asked: 11,
    };
    partner.recall(earlier);
    let cx = cx();
    let found = join_all(members.iter().map(|member| async {
        let found = partner.member_at_once(&cx, &id(member)).await.unwrap();
        assert_eq!(found.unwrap().id, id(member));
    }));
    found.await;
    assert_eq!(world.count("DescribeAccount"), 0);
    assert_eq!(world.count("ListAccounts"), 11);
    let seen = Scale {
        accounts: 216,
        asked: 215,
    };
    assert_eq!(partner.scale(None), Some(seen));
    assert_eq!(seen.to_string().parse(), Ok(seen));
}

#[tokio::test]
async fn a_list_ends_when_all_is_found_that_was_looked_for() {
    let world = World::new().await;
    let (partner, mut members) = crowd(&world).await;
    members.sort_by(|a, b| a.id.cmp(&b.id));
    let listed = partner.members(&cx()).await.unwrap();
    let first = listed.iter().next().unwrap().id.clone();
    let partner = world.organizations(&world.partner).await;
    partner.member_at_once(&cx(), &first).await.unwrap();
    assert!(
        world.count("ListAccounts") < 11,
        "the list goes on for nobody"
    );
}

#[tokio::test]
async fn a_refused_description_is_looked_up_in_the_list() {
    let world = World::new().await;
    let (partner, members) = crowd(&world).await;
    let earlier = Scale {
        accounts: 216,
        asked: 1,
    };
    partner.recall(earlier);
    world
        .simulator
        .fault(Fault::new(error("AccessDeniedException")).on("DescribeAccount"));
    let found = partner.member_at_once(&cx(), &id(&members[7])).await;
    assert_eq!(found.unwrap().unwrap().id, id(&members[7]));
}

#[tokio::test]
async fn the_only_invitation_of_many_is_described() {
    let world = World::new().await;
    let (partner, _) = crowd(&world).await;
    world.simulator.world(|w| {
        let organization = w.organization_mut(world.organization.id.as_str());
        organization.unwrap().account_limit = 600;
    });
    let customers: Vec<_> = (0..200)
        .map(|n| world.simulator.create_account(format!("C{n}").as_str()))
        .collect();
    for customer in &customers {
        world
            .simulator
            .invite(&world.organization, customer)
            .unwrap();
    }
    let cx = cx();
    let sent = partner.sent_invitations(&cx).await.unwrap();
    // The last of the list, wherever AWS puts it.
    let last = sent.iter().max_by_key(|sent| sent.id.to_string()).unwrap();
    let partner = world.organizations(&world.partner).await;
    let target = last.target().unwrap();
    let invitee = Invitee {
        target: &target,
        account_id: last.account_id.as_ref(),
        open: Some(&last.id),
    };
    let standing = partner.standing(&cx, invitee).await.unwrap();
    assert_eq!(standing, Standing::Invited(last.clone()));
    assert!(world.count("DescribeHandshake") <= 1);
    assert_eq!(world.count("ListAccounts"), 0);
}
