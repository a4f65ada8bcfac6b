//! Pages, tokens, and lists of ten thousand.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::clients::{code, reason};
use crate::stage::Stage;

impl Stage {
    fn members(&self, number: usize) {
        for n in 0..number {
            self.simulator
                .create_member(&self.organization, format!("Member {n}").as_str());
        }
    }

    async fn pages(&self) -> Vec<Vec<String>> {
        let (client, mut pages, mut token) = (self.as_partner(), Vec::new(), None);
        loop {
            let page = client
                .list_accounts()
                .set_next_token(token)
                .send()
                .await
                .unwrap();
            pages.push(
                page.accounts()
                    .iter()
                    .map(|account| account.id().unwrap().to_owned())
                    .collect::<Vec<_>>(),
            );
            token = page.next_token;
            if token.is_none() {
                return pages;
            }
        }
    }
}

#[tokio::test]
async fn a_page_has_at_most_twenty_items() {
    let stage = Stage::new().await;
    stage.members(40);
    let pages = stage.pages().await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 1]);
    let all: BTreeSet<_> = pages.concat().into_iter().collect();
    assert_eq!(all.len(), 41);
    let small = stage
        .as_partner()
        .list_accounts()
        .max_results(7)
        .send()
        .await
        .unwrap();
    assert_eq!(small.accounts().len(), 7);
    let sizes = [(0, "MIN_VALUE_EXCEEDED"), (21, "MAX_VALUE_EXCEEDED")];
    for (size, expected) in sizes {
        let refused = stage
            .as_partner()
            .list_accounts()
            .max_results(size)
            .send()
            .await;
        assert_eq!(reason(refused), format!("InvalidInputException/{expected}"));
    }
}

#[tokio::test]
async fn a_full_last_page_has_no_token() {
    let stage = Stage::new().await;
    stage.members(19);
    assert_eq!(
        stage.pages().await.iter().map(Vec::len).collect::<Vec<_>>(),
        [20]
    );
}

#[tokio::test]
async fn pages_may_be_empty_with_a_token() {
    let stage = Stage::new().await;
    stage.members(25);
    let plain = stage.pages().await.concat();
    stage
        .simulator
        .switch(|switches| switches.empty_pages = true);
    let pages = stage.pages().await;
    assert_eq!(
        pages.iter().map(Vec::len).collect::<Vec<_>>(),
        [0, 20, 0, 6]
    );
    assert_eq!(pages.concat(), plain);
}

#[tokio::test]
async fn a_list_stays_right_while_members_go() {
    let stage = Stage::new().await;
    stage.members(30);
    let first = stage.as_partner().list_accounts().send().await.unwrap();
    let last = first.accounts().last().unwrap().id().unwrap();
    assert_ne!(stage.partner.id, last);
    stage
        .simulator
        .world(|world| world.remove_account(&stage.partner.id, last).unwrap());
    let second = stage
        .as_partner()
        .list_accounts()
        .set_next_token(first.next_token)
        .send()
        .await
        .unwrap();
    assert_eq!(second.accounts().len(), 11);
}

#[tokio::test]
async fn a_token_belongs_to_its_operation() {
    let stage = Stage::new().await;
    stage.members(30);
    let token = stage
        .as_partner()
        .list_accounts()
        .send()
        .await
        .unwrap()
        .next_token
        .unwrap();
    let other = stage
        .as_partner()
        .list_handshakes_for_organization()
        .next_token(token)
        .send()
        .await;
    assert_eq!(reason(other), "InvalidInputException/INVALID_NEXT_TOKEN");
    let nonsense = stage
        .as_partner()
        .list_accounts()
        .next_token("nonsense")
        .send()
        .await;
    assert_eq!(reason(nonsense), "InvalidInputException/INVALID_NEXT_TOKEN");
}

#[tokio::test]
async fn handshakes_are_listed_in_pages_on_both_sides() {
    let stage = Stage::new().await;
    stage.simulator.world(|world| {
        world
            .organization_mut(stage.organization.id.as_str())
            .unwrap()
            .account_limit = 100;
    });
    for n in 0..25 {
        let account = stage
            .simulator
            .create_account(format!("Account {n}").as_str());
        stage
            .simulator
            .invite(&stage.organization, &account)
            .unwrap();
        let sender = stage
            .simulator
            .create_account(format!("Sender {n}").as_str());
        let organization = stage.simulator.create_organization(&sender);
        stage
            .simulator
            .invite(&organization, &stage.customer)
            .unwrap();
    }
    let sent = stage
        .as_partner()
        .list_handshakes_for_organization()
        .send()
        .await
        .unwrap();
    let rest = stage
        .as_partner()
        .list_handshakes_for_organization()
        .set_next_token(sent.next_token.clone());
    assert_eq!(
        (
            sent.handshakes().len(),
            rest.send().await.unwrap().handshakes().len()
        ),
        (20, 5)
    );
    let received = stage
        .as_customer()
        .list_handshakes_for_account()
        .send()
        .await
        .unwrap();
    let rest = stage
        .as_customer()
        .list_handshakes_for_account()
        .set_next_token(received.next_token.clone());
    assert_eq!(
        (
            received.handshakes().len(),
            rest.send().await.unwrap().handshakes().len()
        ),
        (20, 5)
    );
}

#[tokio::test]
async fn the_root_is_the_parent_of_every_account() {
    let stage = Stage::new().await;
    let member = stage.member();
    let roots = stage.as_partner().list_roots().send().await.unwrap();
    let root = roots.roots()[0].id().unwrap();
    let parents = stage
        .as_partner()
        .list_parents()
        .child_id(member.id.as_str())
        .send()
        .await
        .unwrap();
    assert_eq!(parents.parents()[0].id(), Some(root));
    let children = stage
        .as_partner()
        .list_accounts_for_parent()
        .parent_id(root)
        .send()
        .await
        .unwrap();
    assert_eq!(children.accounts().len(), 2);
    let elsewhere = stage
        .as_partner()
        .list_accounts_for_parent()
        .parent_id("r-zzzz")
        .send()
        .await;
    assert_eq!(code(elsewhere), "ParentNotFoundException");
    let stranger = stage
        .as_partner()
        .list_parents()
        .child_id(stage.customer.id.as_str())
        .send()
        .await;
    assert_eq!(code(stranger), "ChildNotFoundException");
}

#[tokio::test]
async fn ten_thousand_members_are_listed_quickly() {
    let stage = Stage::new().await;
    stage.members(9_999);
    let start = Instant::now();
    let all: BTreeSet<_> = stage.pages().await.concat().into_iter().collect();
    assert_eq!(all.len(), 10_000);
    // Five hundred pages take well under a second; a scan for each page would take far longer than this.
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}
