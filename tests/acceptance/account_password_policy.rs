//! `awsbilling_account_password_policy`: one policy for each account, replaced as a whole.

use aws_simulator::Account;
use aws_simulator::world::PasswordPolicy;
use serde_json::json;

use crate::harness::Sandbox;

const ADDRESS: &str = "awsbilling_account_password_policy.example";

fn config(arguments: &str) -> String {
    format!("resource \"awsbilling_account_password_policy\" \"example\" {{\n{arguments}\n}}\n")
}

impl Sandbox {
    fn policy_of(&self, account: &Account) -> Option<PasswordPolicy> {
        let id = account.id.as_str();
        self.simulator
            .world(|world| world.account(id).unwrap().password_policy.clone())
    }

    fn set_policy(&self, account: &Account, policy: Option<PasswordPolicy>) {
        let id = account.id.as_str();
        self.simulator
            .world(|world| world.account_mut(id).unwrap().password_policy = policy);
    }
}

/// What the resource sets if nothing is said.
fn strong() -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: 14,
        require_symbols: true,
        require_numbers: true,
        require_uppercase: true,
        require_lowercase: true,
        users_may_change: true,
        max_age_days: None,
        reuse_prevention: Some(24),
        hard_expiry: false,
    }
}

#[test]
fn lives_with_strong_defaults() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    let created = terraform.apply(&config(""));
    created
        .does_not_say("overwritten")
        .does_not_say("Weak password policy");
    assert_eq!(aws.policy_of(&aws.partner), Some(strong()));
    terraform.expect(
        ADDRESS,
        &[
            ("account_id", json!(aws.partner.id)),
            ("expire_passwords", json!(false)),
            ("max_password_age", json!(0)),
            ("minimum_password_length", json!(14)),
        ],
    );
    terraform.expect_empty_plan();
    terraform.expect_import(ADDRESS, aws.partner.id.as_str());

    terraform.apply(&config(
        "minimum_password_length = 20\nmax_password_age = 90\npassword_reuse_prevention = 0\n\
         allow_users_to_change_password = false",
    ));
    let changed = PasswordPolicy {
        minimum_length: 20,
        max_age_days: Some(90),
        reuse_prevention: None,
        users_may_change: false,
        ..strong()
    };
    assert_eq!(aws.policy_of(&aws.partner), Some(changed));
    terraform.expect(ADDRESS, &[("expire_passwords", json!(true))]);
    terraform.expect_empty_plan();

    // What is left out falls back to the resource's defaults, not to AWS's.
    terraform.apply(&config("minimum_password_length = 20"));
    let fallen_back = PasswordPolicy {
        minimum_length: 20,
        ..strong()
    };
    assert_eq!(aws.policy_of(&aws.partner), Some(fallen_back));

    terraform
        .run(&["plan", "-no-color", "-destroy"])
        .says("Password policy will be deleted")
        .says("falls back to AWS's default policy");
    terraform.destroy().succeeded();
    assert_eq!(aws.policy_of(&aws.partner), None);
}

#[test]
fn says_what_it_overwrites() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    let by_hand = PasswordPolicy {
        minimum_length: 30,
        require_symbols: false,
        max_age_days: Some(60),
        ..strong()
    };
    aws.set_policy(&aws.partner, Some(by_hand));
    terraform.write(&config(""));
    terraform
        .plan()
        .says("Password policy will be overwritten")
        .says("at least 30 characters")
        .says("upper-case letters, lower-case letters, digits;")
        .says("expiry: 60 days; remembered: 24 passwords")
        .says(&format!("terraform import <address> {}", aws.partner.id));

    // The same policy is taken over without a word.
    aws.set_policy(&aws.partner, Some(strong()));
    terraform
        .try_apply()
        .succeeded()
        .does_not_say("overwritten");
}

#[test]
fn what_is_changed_or_deleted_by_hand_is_set_again() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    aws.set_policy(
        &aws.partner,
        Some(PasswordPolicy {
            minimum_length: 6,
            ..strong()
        }),
    );
    terraform
        .plan()
        .says("minimum_password_length")
        .says("6 -> 14");
    aws.set_policy(&aws.partner, None);
    terraform.plan().says("1 to add");
    terraform.try_apply().succeeded();
    assert_eq!(aws.policy_of(&aws.partner), Some(strong()));

    aws.set_policy(&aws.partner, None);
    terraform
        .run(&["destroy", "-no-color", "-auto-approve", "-refresh=false"])
        .succeeded();
}

#[test]
fn warns_of_what_is_weak_and_of_what_locks_out() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform
        .apply(&config(
            "minimum_password_length = 7\nrequire_numbers = false",
        ))
        .says("Weak password policy")
        .says("Ask for at least 8 characters (it is 7), for a digit.");
    terraform.plan().does_not_say("Weak password policy");
    // Without an age nothing expires.
    terraform
        .apply(&config("hard_expiry = true"))
        .does_not_say("lock users out");
    terraform
        .apply(&config("hard_expiry = true\nmax_password_age = 90"))
        .says("Expired passwords will lock users out")
        .says("older than 90 days")
        .says("Keep an administrator who does not sign in with a password");
    terraform.plan().does_not_say("lock users out");
}

#[test]
fn every_range_is_checked_in_the_plan() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(
        "minimum_password_length = 5\nmax_password_age = 1096\npassword_reuse_prevention = 25",
    ));
    terraform
        .plan()
        .failed()
        .says("minimum_password_length is 6 to 128, got 5.")
        .says("max_password_age is 1 to 1095, or 0 for no expiry, got 1096.")
        .says("password_reuse_prevention is 1 to 24, or 0 for no such rule, got 25.");
    terraform.write(&config(
        "minimum_password_length = 129\nmax_password_age = -1\npassword_reuse_prevention = -1",
    ));
    terraform
        .plan()
        .failed()
        .says("got 129.")
        .says("1095, or 0 for no expiry, got -1.")
        .says("24, or 0 for no such rule, got -1.");
    assert_eq!(aws.count("UpdateAccountPasswordPolicy"), 0);
}

#[test]
fn belongs_to_one_account() {
    let aws = Sandbox::new();
    let other = aws.customer("Other");
    let role = aws.role(&other, "example", &aws.partner);
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform
        .import(ADDRESS, other.id.as_str())
        .failed()
        .says("Credentials of another account")
        .says(&format!("belongs to account {}", other.id));
    terraform
        .import(ADDRESS, aws.partner.id.as_str())
        .failed()
        .says("Cannot import non-existent password policy");
    terraform
        .import(ADDRESS, "example")
        .failed()
        .says("Expected import identifier with format: account_id");

    let elsewhere = format!("assume_role = {{ role_arn = \"{role}\" }}");
    terraform.apply(&config(&elsewhere));
    assert_eq!(aws.policy_of(&other), Some(strong()));
    assert_eq!(aws.policy_of(&aws.partner), None);
    terraform.expect_import(ADDRESS, &format!("{},{role}", other.id));

    // Without the role the policy of another account would be taken for this one.
    terraform.write(&config("minimum_password_length = 20"));
    terraform
        .try_apply()
        .failed()
        .says("Credentials of another account");
    assert_eq!(aws.policy_of(&other), Some(strong()));
}
