//! `awsbilling_org_member_account`: created once, never replaced, kept by default.

use aws_simulator::{Effect, Fault};
use serde_json::json;

use crate::harness::Sandbox;

const ACCOUNT: &str = "awsbilling_org_member_account.example";

fn config(more: &str) -> String {
    format!(
        r#"
resource "awsbilling_org_member_account" "example" {{
  name  = "Example Sandbox"
  email = "sandbox@example.com"
  {more}
}}
"#
    )
}

/// ID and state of the account with the e-mail address of the configuration.
fn account(aws: &Sandbox) -> (String, String) {
    aws.simulator.world(|world| {
        let id = world.account_by_email("sandbox@example.com").unwrap();
        let account = world.account(id.as_str()).unwrap();
        (id.to_string(), account.state.as_str().to_owned())
    })
}

fn is_member(aws: &Sandbox, id: &str) -> bool {
    let organization = aws.simulator.world(|world| {
        let account = world.account(id).unwrap();
        account.organization().cloned()
    });
    organization.as_ref() == Some(&aws.organization.id)
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(
        "role_name = \"Onboarding\"\n  iam_user_access_to_billing = false\n  tags = { team = \"billing\" }",
    ));
    let (id, _) = account(&aws);
    assert!(is_member(&aws, &id));
    terraform.expect(
        ACCOUNT,
        &[
            ("account_id", json!(id)),
            ("organization_id", json!(aws.organization.id.as_str())),
            ("state", json!("ACTIVE")),
            ("joined_method", json!("CREATED")),
            ("tags_all", json!({ "team": "billing" })),
        ],
    );
    let parent = terraform.state(ACCOUNT)["parent_id"].to_string();
    assert!(parent.starts_with("\"r-"), "{parent}");
    terraform.expect_empty_plan();

    terraform.destroy().succeeded();
    assert!(is_member(&aws, &id), "destroy keeps the account by default");
}

#[test]
fn imports_by_account() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config("tags = { team = \"billing\" }"));
    let (id, _) = account(&aws);
    terraform.expect_import(ACCOUNT, &id);
    terraform.run(&["state", "rm", ACCOUNT]).succeeded();
    terraform
        .import(ACCOUNT, "111122223333")
        .failed()
        .says("Cannot import non-existent account");
    terraform.import(ACCOUNT, "12").failed().says(
        "Expected import identifier with format: account_id, optionally followed by ,role_arn and ,external_id",
    );
}

#[test]
fn tags_change_in_place_and_drift_is_put_right() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config("tags = { team = \"billing\", stage = \"test\" }"));
    terraform.apply(&config("tags = { team = \"finance\" }"));
    terraform
        .expect(ACCOUNT, &[("tags_all", json!({ "team": "finance" }))])
        .expect_empty_plan();
    let (id, _) = account(&aws);
    aws.simulator
        .world(|world| {
            world.tag(
                &aws.partner.id,
                &id,
                [("team".to_owned(), "other".to_owned())].into(),
            )
        })
        .unwrap();
    assert_eq!(terraform.plan().code, Some(2));
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
    assert_eq!(aws.count("CreateAccount"), 1);
}

#[test]
fn is_never_replaced() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    for (before, after) in [
        ("Example Sandbox", "Other name"),
        ("sandbox@example.com", "other@example.com"),
    ] {
        terraform.write(&config("").replace(before, after));
        terraform
            .plan()
            .failed()
            .says("Error: Account cannot be changed this way")
            .says("never replaced");
    }
    // What the owner changed in the console is taken over by writing the same.
    let (id, _) = account(&aws);
    aws.simulator.world(|world| {
        world.account_mut(&id).unwrap().name = "Other name".to_owned();
    });
    terraform.write(&config("").replace("Example Sandbox", "Other name"));
    terraform.refresh();
    terraform.expect_empty_plan();
}

#[test]
fn is_removed_or_closed_only_where_written_out() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform.plan().does_not_say("Destroy will");
    terraform.write(&config("on_destroy = \"close\""));
    terraform
        .plan()
        .says("Warning: Destroy will not keep the account");
    terraform.try_apply().succeeded();
    terraform
        .run(&["plan", "-destroy", "-no-color"])
        .says("Warning: Account will not be kept")
        .does_not_say("What the organization gave the account ends");
    terraform.destroy().succeeded();
    assert_eq!(account(&aws).1, "PENDING_CLOSURE");

    // A created account cannot stand alone, and AWS's reason is explained.
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config("on_destroy = \"remove\""));
    terraform
        .run(&["plan", "-destroy", "-no-color"])
        .says("Warning: Account will not be kept")
        .says("What the organization gave the account ends");
    terraform.destroy().failed().says("WAIT_PERIOD_ACTIVE");
    aws.simulator.pass_days(5);
    terraform
        .destroy()
        .failed()
        .says("which it needs to stand alone");
    assert_eq!(aws.count("CloseAccount"), 0);
}

#[test]
fn quotas_of_closing_are_explained() {
    for (reason, remedy) in [
        ("CLOSE_ACCOUNT_QUOTA_EXCEEDED", "30 days old"),
        (
            "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
            "which takes minutes",
        ),
    ] {
        let aws = Sandbox::new();
        let terraform = aws.terraform();
        terraform.apply(&config("on_destroy = \"close\""));
        aws.simulator.fault(
            Fault::new(Effect::Error {
                code: "ConstraintViolationException".to_owned(),
                reason: Some(reason.to_owned()),
                message: String::new(),
                status: None,
            })
            .on("CloseAccount"),
        );
        terraform.destroy().failed().says(reason).says(remedy);
        assert_eq!(
            terraform.addresses(),
            [ACCOUNT],
            "the account stays in the state"
        );
    }
}

#[test]
fn an_account_that_is_there_is_adopted_and_a_stranger_is_not() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let (id, _) = account(&aws);
    terraform.run(&["state", "rm", ACCOUNT]).succeeded();
    terraform
        .try_apply()
        .succeeded()
        .says("Warning: Existing account adopted");
    terraform.expect(ACCOUNT, &[("account_id", json!(id))]);
    assert_eq!(aws.count("CreateAccount"), 1);

    terraform.run(&["state", "rm", ACCOUNT]).succeeded();
    terraform.write(&config("").replace("Example Sandbox", "Other name"));
    terraform
        .plan()
        .failed()
        .says("Error: E-mail address in use")
        .says("import it by its ID");
}

#[test]
fn an_address_of_an_account_elsewhere_is_refused_with_the_remedy() {
    let aws = Sandbox::new();
    aws.simulator.create_account(aws_simulator::AccountSpec {
        email: Some("sandbox@example.com".to_owned()),
        ..aws_simulator::AccountSpec::named("Stranger")
    });
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform
        .try_apply()
        .failed()
        .says("Error: E-mail address in use")
        .says("awsbilling_partner_account_invitation")
        .says("EMAIL_ALREADY_EXISTS");
    assert!(terraform.addresses().is_empty());
}

#[test]
fn survives_a_lost_response() {
    let aws = Sandbox::new();
    aws.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("CreateAccount")
            .times(1),
    );
    let terraform = aws.terraform();
    terraform.write(&config(""));
    // The SDK repeats the call, and AWS says that the address is taken: by the account just created.
    terraform.try_apply();
    terraform.try_apply().succeeded();
    assert!(is_member(&aws, &account(&aws).0));
    terraform.expect_empty_plan();
}

#[test]
fn an_account_that_left_or_was_closed_is_noticed() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let (id, _) = account(&aws);
    aws.simulator
        .world(|world| world.close_account(&aws.partner.id, &id))
        .unwrap();
    terraform
        .plan()
        .says("Warning: Account is closed or suspended");

    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let (id, _) = account(&aws);
    let other = aws.customer("Other Partner");
    let others = aws.simulator.create_organization(&other);
    aws.simulator.pass_days(5);
    let gone = aws_simulator::Account {
        key: aws.simulator.keys(id.as_str()),
        id: id.as_str().into(),
    };
    let invitation = aws.simulator.invite(&others, &gone).unwrap();
    aws.simulator.accept(&gone, invitation.as_str()).unwrap();
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2));
    plan.says("Warning: Account left the organization");
}

#[test]
fn only_the_management_account_creates_accounts() {
    let aws = Sandbox::new();
    let member = aws.simulator.create_member(&aws.organization, "Member");
    let terraform = aws.terraform_as(&member);
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Error: Account cannot create accounts");
    terraform.write(&config("role_name = \"AWSServiceRoleForX\"").replace("Example Sandbox", ""));
    terraform
        .plan()
        .failed()
        .says("An account's name is 1 to 128 characters, got 0.")
        .says("AWS keeps role names like");
}
