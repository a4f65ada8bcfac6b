//! How well an account is guarded.

use aws_sdk_iam::types::SummaryKeyType;
use aws_simulator::{Account, AccountSpec};

use crate::clients::{code, iam};
use crate::stage::Stage;

impl Stage {
    fn guard(&self, account: &Account) -> aws_sdk_iam::Client {
        iam(&self.simulator, account)
    }
}

#[tokio::test]
async fn a_summary_tells_of_the_root_user() {
    let stage = Stage::new().await;
    let careless = stage.simulator.create_account(AccountSpec {
        root_mfa: false,
        root_access_keys: true,
        ..AccountSpec::named("Careless")
    });
    for (account, mfa, keys) in [(&stage.partner, 1, 0), (&careless, 0, 1)] {
        let summary = stage.guard(account).get_account_summary().send().await;
        let map = summary.unwrap().summary_map.unwrap();
        assert_eq!(map[&SummaryKeyType::AccountMfaEnabled], mfa);
        assert_eq!(map[&SummaryKeyType::AccountAccessKeysPresent], keys);
    }
}

#[tokio::test]
async fn a_password_policy_is_replaced_as_a_whole() {
    let stage = Stage::new().await;
    let guard = stage.guard(&stage.partner);
    let none = guard.get_account_password_policy().send().await;
    assert_eq!(code(none), "NoSuchEntity");
    guard
        .update_account_password_policy()
        .minimum_password_length(14)
        .require_symbols(true)
        .max_password_age(90)
        .password_reuse_prevention(24)
        .hard_expiry(true)
        .send()
        .await
        .unwrap();
    let get = || guard.get_account_password_policy().send();
    let policy = get().await.unwrap().password_policy.unwrap();
    assert_eq!(policy.minimum_password_length(), Some(14));
    assert!(policy.require_symbols() && !policy.require_numbers());
    assert!(policy.expire_passwords());
    assert_eq!(policy.max_password_age(), Some(90));
    assert_eq!(policy.password_reuse_prevention(), Some(24));
    assert_eq!(policy.hard_expiry(), Some(true));

    let update = guard.update_account_password_policy();
    update.require_numbers(true).send().await.unwrap();
    let policy = get().await.unwrap().password_policy.unwrap();
    assert_eq!(policy.minimum_password_length(), Some(6));
    assert!(!policy.require_symbols() && policy.require_numbers());
    assert!(!policy.expire_passwords() && policy.max_password_age().is_none());

    guard.delete_account_password_policy().send().await.unwrap();
    let again = guard.delete_account_password_policy().send().await;
    assert_eq!(code(again), "NoSuchEntity");
}

#[tokio::test]
async fn a_password_policy_has_bounds() {
    let stage = Stage::new().await;
    let guard = stage.guard(&stage.partner);
    let update = || guard.update_account_password_policy();
    for refused in [
        update().minimum_password_length(5),
        update().minimum_password_length(129),
        update().max_password_age(0),
        update().max_password_age(1_096),
        update().password_reuse_prevention(25),
    ] {
        assert_eq!(code(refused.send().await), "ValidationError");
    }
}
