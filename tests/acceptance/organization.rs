//! `awsbilling_organization`: founding, enabling all features, and what guards it.

use aws_simulator::{Account, Effect, Fault};
use serde_json::json;

use crate::harness::{Sandbox, Terraform};

const ORGANIZATION: &str = "awsbilling_organization.example";

fn config(more: &str) -> String {
    format!("resource \"awsbilling_organization\" \"example\" {{\n  {more}\n}}\n")
}

/// An account without an organization, and its Terraform.
fn founder(aws: &Sandbox) -> (Account, Terraform) {
    let founder = aws.customer("Example Corp");
    let terraform = aws.terraform_as(&founder);
    (founder, terraform)
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let (founder, terraform) = founder(&aws);
    terraform.apply(&config(""));
    let id = aws.simulator.organization_of(&founder).unwrap();
    terraform.expect(
        ORGANIZATION,
        &[
            ("id", json!(id.as_str())),
            ("feature_set", json!("ALL")),
            ("enabled_feature_set", json!("ALL")),
            ("pending_approvals", json!([])),
            ("deletion_protection", json!(true)),
            ("management_account_id", json!(founder.id.as_str())),
        ],
    );
    let root = terraform.state(ORGANIZATION)["root_id"].to_string();
    assert!(root.starts_with("\"r-"), "{root}");
    terraform.expect_empty_plan();
    terraform.expect_import(ORGANIZATION, id.as_str());
}

#[test]
fn is_deleted_only_when_unprotected_and_empty() {
    let aws = Sandbox::new();
    let (founder, terraform) = founder(&aws);
    terraform.apply(&config(""));
    terraform
        .destroy()
        .failed()
        .says("Error: Organization protected from deletion")
        .says("set deletion_protection = false and apply");

    terraform.apply(&config("deletion_protection = false"));
    let id = aws.simulator.organization_of(&founder).unwrap();
    let organization = aws_simulator::Organization {
        id: id.clone(),
        management: founder.clone(),
    };
    let member = aws.simulator.create_member(&organization, "Member");
    terraform
        .destroy()
        .failed()
        .says("Error: Organization not empty")
        .says(&format!("{} (Member)", member.id));
    assert_eq!(aws.simulator.organization_of(&founder), Some(id));

    aws.simulator.remove(&organization, &member).unwrap();
    terraform.destroy().succeeded();
    assert_eq!(aws.simulator.organization_of(&founder), None);
}

#[test]
fn an_organization_that_exists_is_imported() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Error: Account belongs to an organization already")
        .says("import it by its ID");
    terraform
        .import(ORGANIZATION, aws.organization.id.as_str())
        .succeeded();
    terraform.expect_empty_plan();

    terraform.run(&["state", "rm", ORGANIZATION]).succeeded();
    terraform
        .import(ORGANIZATION, "o-anotherorganization")
        .failed()
        .says("Cannot import non-existent organization");
    terraform.import(ORGANIZATION, "example").failed().says(
        "Expected import identifier with format: organization_id, optionally followed by ,role_arn and ,external_id",
    );
}

#[test]
fn all_features_wait_for_the_members_and_are_finished_by_the_next_apply() {
    let aws = Sandbox::new();
    let (founder, terraform) = founder(&aws);
    terraform.apply(&config("feature_set = \"CONSOLIDATED_BILLING\""));
    let id = aws.simulator.organization_of(&founder).unwrap();
    let organization = aws_simulator::Organization {
        id,
        management: founder.clone(),
    };
    let member = aws.simulator.create_member(&organization, "Member");

    terraform.write(&config("feature_set = \"ALL\""));
    terraform
        .plan()
        .says("Warning: All features will be enabled");
    terraform
        .try_apply()
        .succeeded()
        .says("Warning: Members have not agreed to all features yet")
        .says(member.id.as_str());
    terraform.expect(
        ORGANIZATION,
        &[
            ("feature_set", json!("ALL")),
            ("enabled_feature_set", json!("CONSOLIDATED_BILLING")),
        ],
    );
    let pending = &terraform.state(ORGANIZATION)["pending_approvals"];
    assert_eq!(pending.as_array().unwrap().len(), 1);
    assert_eq!(pending[0]["account_id"], json!(member.id.as_str()));
    terraform.expect_empty_plan();

    let asked = pending[0]["handshake_id"].as_str().unwrap();
    aws.simulator.accept(&member, asked).unwrap();
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2), "finishing is left: {}", plan.text);
    terraform.try_apply().succeeded();
    terraform.expect(ORGANIZATION, &[("enabled_feature_set", json!("ALL"))]);
    terraform.expect_empty_plan();

    terraform.write(&config("feature_set = \"CONSOLIDATED_BILLING\""));
    terraform
        .plan()
        .failed()
        .says("Error: All features cannot be taken back");
}

#[test]
fn without_invited_members_all_features_are_enabled_at_once() {
    let aws = Sandbox::new();
    let (_, terraform) = founder(&aws);
    terraform.apply(&config("feature_set = \"CONSOLIDATED_BILLING\""));
    terraform.apply(&config(""));
    terraform.expect(ORGANIZATION, &[("enabled_feature_set", json!("ALL"))]);
    terraform.expect_empty_plan();
}

#[test]
fn a_deleted_organization_is_noticed() {
    let aws = Sandbox::new();
    let (founder, terraform) = founder(&aws);
    terraform.apply(&config(""));
    aws.simulator
        .world(|world| world.delete_organization(&founder.id))
        .unwrap();
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2));
    plan.says("Warning: Organization no longer exists");
}

#[test]
fn survives_a_lost_response() {
    let aws = Sandbox::new();
    let (founder, terraform) = founder(&aws);
    aws.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("CreateOrganization")
            .times(1),
    );
    terraform.apply(&config(""));
    assert!(aws.simulator.organization_of(&founder).is_some());
    terraform.expect_empty_plan();
}

#[test]
fn refused_input_and_refusals_of_aws_are_explained() {
    let aws = Sandbox::new();
    let poor = aws.simulator.create_account(Sandbox::penniless("Poor"));
    let terraform = aws.terraform_as(&poor);
    terraform.write(&config("feature_set = \"SOME\""));
    terraform
        .plan()
        .failed()
        .says("Expected \"ALL\" or \"CONSOLIDATED_BILLING\", got \"SOME\".");
    terraform.write(&config(""));
    terraform
        .try_apply()
        .failed()
        .says("MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED")
        .says("Add a payment method");
}
