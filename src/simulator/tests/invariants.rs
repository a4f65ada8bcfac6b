//! Whatever happens, the world stays sound.

use std::time::Duration;

use aws_simulator::world::{
    AccountId, FeatureSet, HandshakeId, HandshakeState, Invitation, Recipient, Tags, World,
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
            .create_organization(&account(by), FeatureSet::All)
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
        Step::Pass(days) => {
            world.pass(Duration::from_secs(86_400 * days));
            Ok(())
        }
    };
}

fn check(world: &World) {
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
            handshake.organization == organization.id && handshake.state == HandshakeState::Pending
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
            .filter(|h| h.state == HandshakeState::Pending);
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
