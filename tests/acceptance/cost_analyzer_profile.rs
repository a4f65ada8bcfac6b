//! `awsbilling_cost_analyzer_profile`: what is published, and nothing else.

use serde_json::json;

use crate::harness::Sandbox;

#[test]
fn a_profile_shows_what_is_published() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(
        r#"
data "awsbilling_cost_analyzer_profile" "example" {
  analyzer = "spot_cloud_analyzer"
}

data "awsbilling_cost_analyzer_profile" "unpublished" {
  analyzer = "opsnow"
}

output "example" {
  value = data.awsbilling_cost_analyzer_profile.example
}

output "unpublished" {
  value = data.awsbilling_cost_analyzer_profile.unpublished
}
"#,
    );
    let shown = terraform.output("example");
    assert_eq!(
        shown["requirements"]["additional_artifacts"],
        json!(["ATHENA"])
    );
    assert_eq!(shown["requirements"]["s3_regions"], json!(null));
    assert_eq!(shown["external_id"], "not_used");
    assert_eq!(shown["as_of"], "2026-11");
    let unpublished = terraform.output("unpublished");
    assert_eq!(unpublished["principals"], json!([]));
    assert!(
        unpublished["where_to_find"]
            .as_str()
            .unwrap()
            .contains("CloudFormation")
    );
    terraform.expect_empty_plan();
}

#[test]
fn an_analyzer_without_a_profile_is_named() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform
        .write("data \"awsbilling_cost_analyzer_profile\" \"x\" {\n  analyzer = \"abacus\"\n}\n");
    terraform.plan().failed().says("got \"abacus\".");
}
