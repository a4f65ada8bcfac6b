//! `awsbilling_org_departure`: a member leaves, and no more.

use aws_simulator::{Account, Organization};
use serde_json::json;

use crate::harness::{Sandbox, Terraform};

const DEPARTURE: &str = "awsbilling_org_departure.example";

fn config(organization: &Organization, more: &str) -> String {
    format!(
        "resource \"awsbilling_org_departure\" \"example\" {{\n  organization_id = \"{}\"\n  {more}\n}}\n",
        organization.id
    )
}

fn member(aws: &Sandbox) -> (Account, Terraform) {
    let member = aws
        .simulator
        .create_member(&aws.organization, "Example Corp");
    let terraform = aws.terraform_as(&member);
    (member, terraform)
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let (member, terraform) = member(&aws);
    terraform.write(&config(&aws.organization, ""));
    terraform
        .plan()
        .says("Warning: Account will stand alone")
        .says("shared reserved instances and savings plans, and activated cost allocation tags")
        .says("must be deregistered before")
        .does_not_say("Account need not leave first");
    terraform.try_apply().succeeded();
    assert_eq!(aws.simulator.organization_of(&member), None);
    terraform.expect(DEPARTURE, &[("account_id", json!(member.id.as_str()))]);
    assert!(terraform.state(DEPARTURE)["left_at"].is_string());
    terraform.expect_empty_plan();
    terraform.expect_import(DEPARTURE, aws.organization.id.as_str());
    terraform.destroy().succeeded();
    assert_eq!(aws.simulator.organization_of(&member), None);
}

#[test]
fn leaves_only_after_the_next_invitation_was_seen() {
    let aws = Sandbox::new();
    let (member, _) = member(&aws);
    let next = aws.customer("Next Partner");
    let nexts = aws.simulator.create_organization(&next);
    let terraform = aws.terraform_as(&member);
    let more = format!(
        "next_organization_id = \"{}\"\n  timeouts = {{ create = \"1s\" }}",
        nexts.id
    );
    terraform.write(&config(&aws.organization, &more));
    terraform
        .plan()
        .says("Warning: Account need not leave first");
    terraform
        .try_apply()
        .failed()
        .says("Error: No invitation from the next organization");
    assert!(aws.is_member(&member));
    assert_eq!(aws.count("LeaveOrganization"), 0);

    aws.simulator.invite(&nexts, &member).unwrap();
    terraform
        .plan()
        .says("with awsbilling_org_handshake_accept alone it moves in one step");
    terraform.try_apply().succeeded();
    assert!(!aws.is_member(&member));
    terraform.expect_empty_plan();
}

#[test]
fn an_open_invitation_is_pointed_at() {
    let aws = Sandbox::new();
    let (member, terraform) = member(&aws);
    let next = aws.customer("Next Partner");
    let nexts = aws.simulator.create_organization(&next);
    aws.simulator.invite(&nexts, &member).unwrap();
    terraform.write(&config(&aws.organization, ""));
    terraform
        .plan()
        .says("Warning: Account need not leave first")
        .says(&format!("the invitation of organization {}", nexts.id));
}

#[test]
fn leaves_no_other_organization() {
    let aws = Sandbox::new();
    let (member, terraform) = member(&aws);
    let other = aws.customer("Other Partner");
    let others = aws.simulator.create_organization(&other);
    terraform.write(&config(&others, ""));
    terraform.plan().says("Warning: Account is not a member");
    terraform.try_apply().succeeded();
    assert!(aws.is_member(&member));
    terraform.expect(DEPARTURE, &[("left_at", json!(null))]);
    terraform.expect_empty_plan();
}

#[test]
fn a_management_account_is_told_the_way_out() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(&aws.organization, ""));
    terraform
        .plan()
        .failed()
        .says("Error: Management account cannot leave")
        .says("awsbilling_org_deletion");
}

#[test]
fn what_only_aws_knows_is_explained_at_apply() {
    let aws = Sandbox::new();
    let poor = aws
        .simulator
        .create_member(&aws.organization, Sandbox::penniless("Example Corp"));
    let terraform = aws.terraform_as(&poor);
    terraform.write(&config(&aws.organization, ""));
    terraform
        .try_apply()
        .failed()
        .says("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED")
        .says("payment method");
    assert!(aws.is_member(&poor) && terraform.addresses().is_empty());
}

#[test]
fn an_account_that_came_back_leaves_again_with_a_warning() {
    let aws = Sandbox::new();
    let (member, terraform) = member(&aws);
    terraform.apply(&config(&aws.organization, ""));
    let invitation = aws.simulator.invite(&aws.organization, &member).unwrap();
    aws.simulator.accept(&member, invitation.as_str()).unwrap();
    terraform.plan().says("Warning: Account is a member again");
    terraform.try_apply().succeeded();
    assert_eq!(aws.simulator.organization_of(&member), None);
}

#[test]
fn imports_only_an_absence_and_reads_only_its_own_account() {
    let aws = Sandbox::new();
    let (member, terraform) = member(&aws);
    terraform.write(&config(&aws.organization, ""));
    terraform
        .import(DEPARTURE, aws.organization.id.as_str())
        .failed()
        .says("Cannot import non-existent departure");
    terraform.try_apply().succeeded();

    let role = aws.role(&aws.partner, "Onboarding", &member);
    terraform.write(&config(
        &aws.organization,
        &format!("assume_role = {{ role_arn = \"{role}\" }}"),
    ));
    terraform.run(&["state", "rm", DEPARTURE]).succeeded();
    let id = format!("{},{role}", aws.organization.id);
    terraform
        .import(DEPARTURE, &id)
        .failed()
        .says(&format!("Account {} is a member", aws.partner.id));
}
