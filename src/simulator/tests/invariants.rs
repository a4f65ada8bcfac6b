//! Whatever happens, the world stays sound.

use std::time::Duration;

use aws_simulator::world::{
    AccountId, FeatureSet, HandshakeAction, HandshakeId, HandshakeState, Invitation, Recipient,
    Tags, TransferId, TransferInvitation, TransferStatus, World,
};
use proptest::prelude::*;

/// One step that somebody takes; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Found(usize),
    Delete(usize),
    Invite(usize, usize, bool),
    Accept(usize, usize),
    Decline(usize, usize),
    Cancel(usize, usize),
    Create(usize, u8),
    Close(usize, usize),
    Remove(usize, usize),
    Leave(usize),
    Transfer(usize, usize),
    Terminate(usize, usize),
    EnableAllFeatures(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0_usize..8;
    prop_oneof![
        n().prop_map(Step::Found),
        n().prop_map(Step::Delete),
        (n(), n(), any::<bool>()).prop_map(|(by, whom, email)| Step::Invite(by, whom, email)),
        (n(), 0_usize..30).prop_map(|(by, which)| Step::Accept(by, which)),
        (n(), 0_usize..30).prop_map(|(by, which)| Step::Decline(by, which)),
        (n(), 0_usize..30).prop_map(|(by, which)| Step::Cancel(by, which)),
        (n(), any::<u8>()).prop_map(|(by, address)| Step::Create(by, address)),
        (n(), n()).prop_map(|(by, whom)| Step::Close(by, whom)),
        (n(), n()).prop_map(|(by, whom)| Step::Remove(by, whom)),
        n().prop_map(Step::Leave),
        (n(), n()).prop_map(|(by, whom)| Step::Transfer(by, whom)),
        (n(), 0_usize..10).prop_map(|(by, which)| Step::Terminate(by, which)),
        n().prop_map(Step::EnableAllFeatures),
        (0_u64..40).prop_map(Step::Pass),
    ]
}

fn take(world: &mut World, step: &Step) {
    let accounts: Vec<AccountId> = world.accounts().map(|account| account.id.clone()).collect();
    let handshakes: Vec<HandshakeId> = world
        .handshakes()
        .map(|handshake| handshake.id.clone())
        .collect();
    let account = |n: &usize| accounts[n % accounts.len()].clone();
    let handshake = |n: &usize| {
        handshakes
            .get(n % handshakes.len().max(1))
            .map_or("h-none", HandshakeId::as_str)
    };
    // Refusals are answers like any other; what counts is the world afterwards.
    let _ = match step {
        Step::Found(by) => world
            .create_organization(&account(by), features(*by))
            .map(|_| ()),
        Step::Delete(by) => world.delete_organization(&account(by)),
        Step::Invite(by, whom, by_email) => {
            let id = account(whom);
            let email = world.account(id.as_str()).unwrap().email.clone();
            let recipient = if *by_email {
                Recipient::Email(email)
            } else {
                Recipient::Account(id)
            };
            world
                .invite(&account(by), Invitation::to(recipient))
                .map(|_| ())
        }
        Step::Accept(by, which) => world.accept(&account(by), handshake(which)).map(|_| ()),
        Step::Decline(by, which) => world.decline(&account(by), handshake(which)).map(|_| ()),
        Step::Cancel(by, which) => world.cancel(&account(by), handshake(which)).map(|_| ()),
        Step::Create(by, address) => {
            let email = format!("{address}@created.example.com");
            world
                .create_account(&account(by), "Created", &email, None, Tags::new())
                .map(|_| ())
        }
        Step::Close(by, whom) => world.close_account(&account(by), account(whom).as_str()),
        Step::Remove(by, whom) => world.remove_account(&account(by), account(whom).as_str()),
        Step::Leave(by) => world.leave_organization(&account(by)),
        Step::Transfer(by, whom) => {
            if let Some(organization) = world.account(account(by).as_str()).unwrap().organization()
            {
                let id = organization.clone();
                let organization = world.organization_mut(id.as_str()).unwrap();
                organization.inbound_transfer_quota = 2;
            }
            let start = next_month(world.now());
            world
                .invite_to_transfer(
                    &account(by),
                    TransferInvitation {
                        source: Recipient::Account(account(whom)),
                        name: "Bill".to_owned(),
                        start,
                        notes: None,
                        tags: Tags::new(),
                    },
                )
                .map(|_| ())
        }
        Step::Terminate(by, which) => {
            let transfers: Vec<_> = world
                .transfers()
                .map(|transfer| transfer.id.clone())
                .collect();
            let transfer = transfers
                .get(which % transfers.len().max(1))
                .map_or("rt-none", TransferId::as_str);
            world
                .terminate_transfer(&account(by), transfer, None)
                .map(|_| ())
        }
        Step::EnableAllFeatures(by) => world.enable_all_features(&account(by)).map(|_| ()),
        Step::Pass(days) => {
            world.pass(Duration::from_secs(86_400 * days));
            Ok(())
        }
    };
}

/// Some organizations have the bill alone in common.
fn features(n: usize) -> FeatureSet {
    if n.is_multiple_of(3) {
        FeatureSet::ConsolidatedBilling
    } else {
        FeatureSet::All
    }
}

fn next_month(now: time::OffsetDateTime) -> time::OffsetDateTime {
    let later = now.replace_day(1).unwrap() + time::Duration::days(32);
    later
        .replace_day(1)
        .unwrap()
        .replace_time(time::Time::MIDNIGHT)
}

fn check_transfers(world: &World) {
    let now = world.now();
    let open: Vec<_> = world
        .transfers()
        .filter(|transfer| transfer.is_open(now))
        .collect();
    for transfer in &open {
        let target = &transfer.target_organization;
        let target = world.organization(target.as_str());
        let target = target.expect("who pays is there while a transfer is open");
        let inbound = open
            .iter()
            .filter(|other| other.target_organization == target.id);
        assert!(
            inbound.count() <= target.inbound_transfer_quota,
            "quotas hold"
        );
        if let Some(source) = &transfer.source_organization {
            assert_ne!(*source, target.id, "nobody pays for itself");
            assert!(world.organization(source.as_str()).is_some());
        }
        let requested = transfer.status == TransferStatus::Requested;
        let pending = world
            .handshake(transfer.handshake.as_str())
            .is_some_and(|handshake| handshake.state == HandshakeState::Pending);
        assert_eq!(requested, pending, "a transfer follows its handshake");
    }
    let payers = open.iter().filter(|transfer| transfer.covers(now));
    let mut sources: Vec<_> = payers
        .map(|transfer| transfer.source_organization.clone())
        .collect();
    let number = sources.len();
    sources.sort();
    sources.dedup();
    assert_eq!(sources.len(), number, "one payer for one bill");
}

fn check(world: &World) {
    check_transfers(world);
    for organization in world.organizations() {
        assert!(
            organization.members.contains(&organization.management),
            "an organization has its management account"
        );
        for member in &organization.members {
            let account = world.account(member.as_str()).unwrap();
            assert_eq!(
                account.organization(),
                Some(&organization.id),
                "both sides agree about membership"
            );
        }
        assert!(
            organization.occupied() <= organization.account_limit,
            "limits hold"
        );
        let pending = world.handshakes().filter(|handshake| {
            handshake.organization == organization.id
                && handshake.state == HandshakeState::Pending
                && handshake.action == HandshakeAction::Invite
        });
        let pending: Vec<_> = pending
            .map(|handshake| handshake.recipient.clone())
            .collect();
        assert_eq!(
            organization.occupied(),
            organization.members.len() + pending.len(),
            "each pending invitation counts"
        );
    }
    for account in world.accounts() {
        if let Some(id) = account.organization() {
            assert!(
                world
                    .organization(id.as_str())
                    .unwrap()
                    .members
                    .contains(&account.id)
            );
        }
        let received = world
            .received(&account.id, None)
            .filter(|h| h.state == HandshakeState::Pending && h.action == HandshakeAction::Invite);
        let senders: Vec<_> = received.map(|handshake| &handshake.organization).collect();
        let mut unique = senders.clone();
        unique.dedup();
        unique.sort();
        unique.dedup();
        assert_eq!(
            unique.len(),
            senders.len(),
            "one pending invitation per organization and account"
        );
    }
    for handshake in world.handshakes() {
        assert_eq!(
            handshake.state == HandshakeState::Pending,
            handshake.closed_at.is_none()
        );
        assert!(handshake.state != HandshakeState::Pending || handshake.expires_at > world.now());
        assert!(
            handshake
                .closed_at
                .is_none_or(|closed_at| closed_at + time::Duration::days(30) > world.now())
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_steps_keep_the_world_sound(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::default();
        for n in 0..8 {
            world.open_account(format!("Account {n}").as_str()).unwrap();
        }
        for step in &steps {
            take(&mut world, step);
            check(&world);
        }
    }

    #[test]
    fn equal_steps_give_equal_worlds(steps in prop::collection::vec(step(), 1..60)) {
        let run = || {
            let mut world = World::default();
            for n in 0..8 {
                world.open_account(format!("Account {n}").as_str()).unwrap();
            }
            for step in &steps {
                take(&mut world, step);
            }
            format!("{world:?}")
        };
        prop_assert_eq!(run(), run());
    }
}
