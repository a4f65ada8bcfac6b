//! `awsbilling_org_deletion`: only the organization that is written out, only when it is empty.

use aws_simulator::{Effect, Fault};
use serde_json::json;

use crate::harness::Sandbox;

const DELETION: &str = "awsbilling_org_deletion.example";

fn config(organization: &str) -> String {
    format!(
        "resource \"awsbilling_org_deletion\" \"example\" {{\n  organization_id = \"{organization}\"\n}}\n"
    )
}

fn exists(aws: &Sandbox) -> bool {
    aws.simulator
        .world(|world| world.organization(aws.organization.id.as_str()).is_some())
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let id = aws.organization.id.as_str();
    let terraform = aws.terraform();
    terraform.write(&config(id));
    terraform
        .plan()
        .says("Warning: Organization will be deleted")
        .says("It cannot be undone.")
        .says("With it end its delegated administrators, service control policies");
    assert_eq!(aws.count("DeleteOrganization"), 0);
    terraform.try_apply().succeeded();
    assert!(!exists(&aws));
    terraform.expect(
        DELETION,
        &[
            ("organization_id", json!(id)),
            ("management_account_id", json!(aws.partner.id.as_str())),
        ],
    );
    assert!(terraform.state(DELETION)["deleted_at"].is_string());
    terraform.expect_empty_plan();
    terraform.expect_import(DELETION, id);

    terraform.destroy().succeeded();
    assert_eq!(aws.count("CreateOrganization"), 0, "destroy founds nothing");
}

#[test]
fn names_the_accounts_that_are_still_there() {
    let aws = Sandbox::new();
    for n in 0..12 {
        aws.simulator
            .create_member(&aws.organization, format!("Member {n}").as_str());
    }
    let terraform = aws.terraform();
    terraform.write(&config(aws.organization.id.as_str()));
    terraform
        .plan()
        .says("Now 12 accounts besides the management account are in it");
    terraform
        .try_apply()
        .failed()
        .says("Error: Organization not empty")
        .says("(Member ")
        .says("and 2 more")
        .says("awsbilling_org_member_removal");
    assert_eq!(aws.count("DeleteOrganization"), 0);
    assert!(exists(&aws) && terraform.addresses().is_empty());
}

#[test]
fn deletes_no_other_organization_than_the_one_written_out() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config("o-anotherorganization"));
    terraform
        .plan()
        .failed()
        .says("Error: Organization ID does not match")
        .says("Nothing is deleted.");

    let member = aws
        .simulator
        .create_member(&aws.organization, "Example Corp");
    let terraform = aws.terraform_as(&member);
    terraform.write(&config(aws.organization.id.as_str()));
    terraform
        .plan()
        .failed()
        .says("Error: Account does not manage the organization")
        .says("awsbilling_org_departure");
    assert!(exists(&aws));

    terraform.write(&config("example"));
    terraform
        .plan()
        .failed()
        .says("An organization ID is \"o-\"");
}

#[test]
fn an_organization_that_is_gone_already_is_a_success() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    aws.simulator
        .world(|world| world.delete_organization(&aws.partner.id))
        .unwrap();
    terraform.apply(&config(aws.organization.id.as_str()));
    terraform.expect(DELETION, &[("deleted_at", json!(null))]);
    assert_eq!(aws.count("DeleteOrganization"), 0);
    terraform.expect_empty_plan();
}

#[test]
fn the_deletion_lasts_when_the_account_has_joined_another_organization() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(aws.organization.id.as_str()));
    let other = aws.customer("Other Partner");
    let others = aws.simulator.create_organization(&other);
    let invitation = aws.simulator.invite(&others, &aws.partner).unwrap();
    aws.simulator
        .accept(&aws.partner, invitation.as_str())
        .unwrap();
    terraform.expect_empty_plan();
    terraform.expect_import(DELETION, aws.organization.id.as_str());
}

#[test]
fn survives_a_lost_response() {
    let aws = Sandbox::new();
    aws.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("DeleteOrganization")
            .times(1),
    );
    let terraform = aws.terraform();
    terraform.apply(&config(aws.organization.id.as_str()));
    assert!(!exists(&aws));
    terraform.expect_empty_plan();
}

#[test]
fn refusals_of_aws_are_explained() {
    for (code, reason, remedy) in [
        (
            "ConstraintViolationException",
            Some("ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"),
            "Cancel the pending invitation or end the transfer",
        ),
        (
            "OrganizationNotEmptyException",
            None,
            "Let the members join another organization or remove them",
        ),
    ] {
        let aws = Sandbox::new();
        aws.simulator.fault(
            Fault::new(Effect::Error {
                code: code.to_owned(),
                reason: reason.map(str::to_owned),
                message: String::new(),
                status: None,
            })
            .on("DeleteOrganization"),
        );
        let terraform = aws.terraform();
        terraform.write(&config(aws.organization.id.as_str()));
        terraform.try_apply().failed().says(code).says(remedy);
        assert!(terraform.addresses().is_empty());
    }
}

#[test]
fn imports_only_an_absence() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(aws.organization.id.as_str()));
    terraform
        .import(DELETION, aws.organization.id.as_str())
        .failed()
        .says("Cannot import non-existent deletion");
    terraform.import(DELETION, "12").failed().says(
        "Expected import identifier with format: organization_id, optionally followed by ,role_arn and ,external_id",
    );
}
