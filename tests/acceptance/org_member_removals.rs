//! `awsbilling_org_member_removals`: many absences that last.

use std::fmt::Write as _;

use aws_simulator::Account;
use serde_json::json;

use crate::harness::Sandbox;

const FLEET: &str = "awsbilling_org_member_removals.example";

fn config(accounts: &[&Account]) -> String {
    let entries = accounts.iter().fold(String::new(), |mut all, account| {
        writeln!(all, "    \"{}\" = {{}}", account.id).unwrap();
        all
    });
    format!(
        "resource \"awsbilling_org_member_removals\" \"example\" {{\n  accounts = {{\n{entries}  }}\n}}\n"
    )
}

fn members<const N: usize>(aws: &Sandbox) -> [Account; N] {
    let member = |n| {
        aws.simulator
            .create_member(&aws.organization, format!("Member {n}").as_str())
    };
    std::array::from_fn(member)
}

#[test]
fn members_go_and_none_comes_back() {
    let aws = Sandbox::new();
    let [first, second, third] = members(&aws);
    let terraform = aws.terraform();
    terraform.write(&config(&[&first, &second]));
    terraform.plan().says("Warning: Account will stand alone");
    terraform.try_apply().succeeded();
    assert!(!aws.is_member(&first) && !aws.is_member(&second) && aws.is_member(&third));
    let entry = terraform.state(FLEET)["results"][first.id.as_str()].clone();
    assert_eq!(entry["account_name"], "Member 0");
    assert!(entry["removed_at"].is_string());
    terraform.expect(
        FLEET,
        &[("organization_id", json!(aws.organization.id.as_str()))],
    );
    terraform.expect_empty_plan();
    terraform.expect_import(FLEET, &format!("{}/{}", first.id, second.id));
    terraform.destroy().succeeded();
    assert!(!aws.is_member(&first));
    assert_eq!(aws.count("InviteAccountToOrganization"), 0);
}

#[test]
fn blockers_of_each_account_are_told_at_plan_time() {
    let aws = Sandbox::new();
    let [young, ready] = members(&aws);
    aws.simulator
        .world(|world| world.arrange_created(&young.id, 1))
        .unwrap();
    let terraform = aws.terraform();
    terraform.write(&config(&[&young, &ready, &aws.partner]));
    terraform
        .plan()
        .failed()
        .says("Error: Account was created less than four days ago")
        .says(young.id.as_str())
        .says("Error: Management account cannot be removed")
        .says(aws.partner.id.as_str());
}

#[test]
fn one_that_cannot_go_keeps_nobody_else() {
    let aws = Sandbox::new();
    let [penniless, ready] = [
        aws.simulator
            .create_member(&aws.organization, Sandbox::penniless("Penniless")),
        aws.simulator.create_member(&aws.organization, "Ready"),
    ];
    let terraform = aws.terraform();
    terraform
        .apply(&config(&[&penniless, &ready]))
        .says("Warning: Fleet is not complete");
    assert!(aws.is_member(&penniless) && !aws.is_member(&ready));
    terraform.write(&config(&[&penniless, &ready]));
    terraform.try_apply().failed().says(penniless.id.as_str());
    assert!(!aws.is_member(&ready));
}

#[test]
fn a_member_that_came_back_is_removed_again() {
    let aws = Sandbox::new();
    let [first, second] = members(&aws);
    let terraform = aws.terraform();
    terraform.apply(&config(&[&first, &second]));
    let invitation = aws.simulator.invite(&aws.organization, &first).unwrap();
    aws.simulator.accept(&first, invitation.as_str()).unwrap();
    terraform.plan().says("Warning: Account is a member again");
    terraform.try_apply().succeeded();
    assert!(!aws.is_member(&first));
    assert_eq!(aws.count("RemoveAccountFromOrganization"), 3);
    terraform.expect_empty_plan();
}
