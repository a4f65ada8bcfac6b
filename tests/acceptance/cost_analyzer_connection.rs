//! `awsbilling_cost_analyzer_connection`: a role for one analyzer and one report.

use crate::harness::Sandbox;

fn connection(attributes: &str) -> String {
    format!("resource \"awsbilling_cost_analyzer_connection\" \"example\" {{\n{attributes}\n}}\n")
}

#[test]
fn what_is_not_published_is_asked_for() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&connection(
        "analyzer = \"opsnow\"\nreport_name = \"hourly\"",
    ));
    terraform
        .plan()
        .failed()
        .says("OpsNow has not published which AWS account or role it uses. Set principals.")
        .says("OpsNow gives an external ID when it assumes the role. Set external_id.")
        .says("OpsNow offers a CloudFormation template");
    terraform.write(&connection(
        "analyzer = \"custom\"\nreport_name = \"hourly\"\nprincipals = [\"somebody\"]\nrole_name = \"a b\"",
    ));
    terraform
        .plan()
        .failed()
        .says("A principal is an account ID, or the ARN")
        .says("A role's name is 1 to 64 letters")
        .says("Set external_id.");
    assert!(
        aws.operations().is_empty(),
        "AWS was called for a configuration that is wrong"
    );
}
