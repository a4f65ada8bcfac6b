//! `data.awsbilling_management_account_security`.

use aws_simulator::world::PasswordPolicy;
use aws_simulator::{Account, AccountSpec};
use serde_json::{Value, json};

use crate::harness::{Sandbox, Terraform};

const CONFIG: &str = r#"
data "awsbilling_management_account_security" "example" {}

output "found" { value = data.awsbilling_management_account_security.example }
"#;

fn found(terraform: &Terraform) -> Value {
    terraform.apply(CONFIG);
    terraform.output("found")
}

fn codes(found: &Value) -> Vec<(&str, &str)> {
    let findings = found["findings"].as_array().unwrap().iter();
    findings
        .map(|one| {
            assert!(!one["remedy"].as_str().unwrap().is_empty());
            (
                one["severity"].as_str().unwrap(),
                one["code"].as_str().unwrap(),
            )
        })
        .collect()
}

fn set_policy(aws: &Sandbox, account: &Account, minimum_length: u16, require_symbols: bool) {
    let policy = PasswordPolicy {
        minimum_length,
        require_symbols,
        require_numbers: true,
        require_uppercase: true,
        require_lowercase: true,
        users_may_change: true,
        max_age_days: None,
        reuse_prevention: None,
        hard_expiry: false,
    };
    aws.simulator.world(|world| {
        let account = world.account_mut(account.id.as_str()).unwrap();
        account.password_policy = Some(policy);
    });
}

#[test]
fn a_guarded_management_account_has_no_findings() {
    let aws = Sandbox::new();
    set_policy(&aws, &aws.partner, 8, true);
    let found = found(&aws.terraform());
    assert_eq!(codes(&found), []);
    for (name, value) in [
        ("account_id", json!(aws.partner.id)),
        ("organization_id", json!(aws.organization.id)),
        ("is_management_account", json!(true)),
        ("root_mfa_enabled", json!(true)),
        ("root_access_keys_present", json!(false)),
        ("root_signing_certificates_present", json!(false)),
        ("has_password_policy", json!(true)),
        ("has_strong_password_policy", json!(true)),
        ("secure", json!(true)),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
}

#[test]
fn a_missing_policy_is_a_finding_and_no_error() {
    let aws = Sandbox::new();
    let found = found(&aws.terraform());
    assert_eq!(codes(&found), [("medium", "NO_PASSWORD_POLICY")]);
    assert_eq!(found["secure"], json!(false));
    assert_eq!(found["has_password_policy"], json!(false));
    let remedy = found["findings"][0]["remedy"].as_str().unwrap();
    assert!(remedy.contains("awsbilling_account_password_policy"));
}

#[test]
fn everything_that_is_wrong_is_found() {
    let aws = Sandbox::new();
    let careless = aws.simulator.create_account(AccountSpec {
        root_mfa: false,
        root_access_keys: true,
        root_signing_certificates: true,
        ..AccountSpec::named("Careless")
    });
    set_policy(&aws, &careless, 7, false);
    let found = found(&aws.terraform_as(&careless));
    assert_eq!(
        codes(&found),
        [
            ("critical", "ROOT_WITHOUT_MFA"),
            ("critical", "ROOT_ACCESS_KEYS"),
            ("high", "ROOT_SIGNING_CERTIFICATES"),
            ("medium", "WEAK_PASSWORD_POLICY"),
            ("medium", "NOT_MANAGEMENT_ACCOUNT"),
        ]
    );
    assert_eq!(found["has_strong_password_policy"], json!(false));
    assert_eq!(found["organization_id"], Value::Null);
    let weakness = found["findings"][3]["message"].as_str().unwrap();
    assert!(
        weakness.contains("at least 8 characters (it is 7), for a special character"),
        "{weakness}"
    );
}

#[test]
fn a_member_is_told_who_manages() {
    let aws = Sandbox::new();
    let member = aws.simulator.create_member(&aws.organization, "Member");
    set_policy(&aws, &member, 8, true);
    let found = found(&aws.terraform_as(&member));
    assert_eq!(codes(&found), [("medium", "NOT_MANAGEMENT_ACCOUNT")]);
    assert_eq!(found["is_management_account"], json!(false));
    assert_eq!(found["organization_id"], json!(aws.organization.id));
    let message = found["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains(aws.partner.id.as_str()), "{message}");
}
