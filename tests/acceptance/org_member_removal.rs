//! `awsbilling_org_member_removal`: an absence that lasts.

use aws_simulator::Account;
use serde_json::json;

use crate::harness::Sandbox;

const REMOVAL: &str = "awsbilling_org_member_removal.example";

fn config(account: &Account) -> String {
    format!(
        "resource \"awsbilling_org_member_removal\" \"example\" {{\n  account_id = \"{}\"\n}}\n",
        account.id
    )
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let member = aws
        .simulator
        .create_member(&aws.organization, "Example Corp");
    let terraform = aws.terraform();
    terraform.write(&config(&member));
    terraform
        .plan()
        .says("Warning: Account will stand alone")
        .says("it can accept the invitation without being removed")
        .says("shared reserved instances and savings plans, and activated cost allocation tags")
        .does_not_say("Warning: Account is a delegated administrator");
    terraform.try_apply().succeeded();
    assert!(!aws.is_member(&member));
    terraform.expect(
        REMOVAL,
        &[
            ("account_name", json!("Example Corp")),
            ("organization_id", json!(aws.organization.id.as_str())),
        ],
    );
    assert!(terraform.state(REMOVAL)["removed_at"].is_string());
    terraform.expect_empty_plan();
    terraform.expect_import(REMOVAL, member.id.as_str());
    terraform.destroy().succeeded();
    assert!(!aws.is_member(&member));
    assert_eq!(
        aws.count("InviteAccountToOrganization"),
        0,
        "destroy brings nobody back"
    );
}

#[test]
fn an_account_that_is_gone_already_is_a_success() {
    let aws = Sandbox::new();
    let stranger = aws.customer("Stranger");
    let terraform = aws.terraform();
    terraform.apply(&config(&stranger));
    terraform.expect(
        REMOVAL,
        &[("removed_at", json!(null)), ("account_name", json!(null))],
    );
    assert_eq!(aws.count("RemoveAccountFromOrganization"), 0);
    terraform.expect_empty_plan();
}

#[test]
fn an_account_that_came_back_is_removed_again_with_a_warning() {
    let aws = Sandbox::new();
    let member = aws
        .simulator
        .create_member(&aws.organization, "Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&member));
    let invitation = aws.simulator.invite(&aws.organization, &member).unwrap();
    aws.simulator.accept(&member, invitation.as_str()).unwrap();

    terraform.plan().says("Warning: Account is a member again");
    terraform.try_apply().succeeded();
    assert!(!aws.is_member(&member));
}

#[test]
fn blockers_are_explained_at_plan_time() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(&aws.partner));
    terraform
        .plan()
        .failed()
        .says("Error: Management account cannot be removed");

    let young = aws.simulator.create_member(&aws.organization, "Young");
    aws.simulator
        .world(|world| world.arrange_created(&young.id, 1))
        .unwrap();
    terraform.write(&config(&young));
    terraform
        .plan()
        .failed()
        .says("Error: Account was created less than four days ago")
        .says("Apply again then.");
    aws.simulator.pass_days(4);
    assert_eq!(
        terraform.plan().code,
        Some(2),
        "AWS's clock decides, not the machine's"
    );

    let administrator = aws
        .simulator
        .create_member(&aws.organization, "Administrator");
    aws.simulator.world(|world| {
        let (payer, id) = (&aws.partner.id, administrator.id.as_str());
        world
            .enable_service_access(payer, "guardduty.amazonaws.com")
            .unwrap();
        world
            .register_delegated_administrator(payer, id, "guardduty.amazonaws.com")
            .unwrap();
    });
    terraform.write(&config(&administrator));
    terraform
        .plan()
        .says("Warning: Account is a delegated administrator");
    terraform
        .try_apply()
        .failed()
        .says("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
        .says("deregister");
}

#[test]
fn what_only_aws_knows_is_explained_at_apply() {
    let aws = Sandbox::new();
    let member = aws
        .simulator
        .create_member(&aws.organization, Sandbox::penniless("Example Corp"));
    let terraform = aws.terraform();
    terraform.write(&config(&member));
    terraform
        .try_apply()
        .failed()
        .says("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED")
        .says("payment method");
    assert!(terraform.addresses().is_empty());
}

#[test]
fn imports_only_an_absence() {
    let aws = Sandbox::new();
    let member = aws
        .simulator
        .create_member(&aws.organization, "Example Corp");
    let terraform = aws.terraform();
    terraform.write(&config(&member));
    terraform
        .import(REMOVAL, member.id.as_str())
        .failed()
        .says("Cannot import non-existent removal");
    terraform.import(REMOVAL, "12").failed().says(
        "Expected import identifier with format: account_id, optionally followed by ,role_arn and ,external_id",
    );
}

#[test]
fn another_account_is_another_removal() {
    let aws = Sandbox::new();
    let first = aws.simulator.create_member(&aws.organization, "First");
    let second = aws.simulator.create_member(&aws.organization, "Second");
    let terraform = aws.terraform();
    terraform.apply(&config(&first));
    terraform.write(&config(&second));
    terraform.plan().says("must be replaced");
    terraform.try_apply().succeeded();
    assert!(!aws.is_member(&first) && !aws.is_member(&second));
}
