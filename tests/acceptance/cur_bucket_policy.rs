//! The policy that lets AWS deliver, as a data source and as a function.

use serde_json::Value;

use crate::harness::Sandbox;

#[test]
fn data_source_and_function_agree() {
    let aws = Sandbox::new();
    let terraform = aws.terraform().with("AWS_REGION", "eu-west-1");
    let account = &aws.partner.id;
    terraform.apply(&format!(
        r#"
data "awsbilling_cur_bucket_policy" "example" {{
  bucket = "example-reports"
}}

output "asked" {{
  value = data.awsbilling_cur_bucket_policy.example.json
}}

output "made" {{
  value = provider::awsbilling::cur_bucket_policy("arn:aws:s3:::example-reports", "{account}")
}}
"#
    ));
    let asked = terraform.output("asked");
    assert_eq!(asked, terraform.output("made"));
    let policy: Value = serde_json::from_str(asked.as_str().unwrap()).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        let condition = &statement["Condition"];
        assert_eq!(
            condition["StringEquals"]["aws:SourceAccount"][0],
            account.as_str()
        );
        let source = condition["StringLike"]["aws:SourceArn"][0]
            .as_str()
            .unwrap();
        assert!(
            source.contains(":us-east-1:"),
            "the Region of reports, not the bucket's: {source}"
        );
    }
    terraform.expect_empty_plan();
}

#[test]
fn functions_know_where_a_report_lies() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(
        r#"
output "prefix" {
  value = provider::awsbilling::cur_report_prefix("cur", "hourly")
}

output "manifest" {
  value = provider::awsbilling::cur_manifest_key("cur", "hourly", "2026-12")
}
"#,
    );
    assert_eq!(terraform.output("prefix"), "cur/hourly");
    let manifest = "cur/hourly/20261201-20270101/hourly-Manifest.json";
    assert_eq!(terraform.output("manifest"), manifest);
    terraform.write(
        "output \"x\" {\n  value = provider::awsbilling::cur_manifest_key(\"cur\", \"hourly\", \"2026\")\n}\n",
    );
    terraform
        .plan()
        .failed()
        .says("A billing period is a month such as \"2026-11\"");
    terraform.write(
        "output \"x\" {\n  value = provider::awsbilling::cur_bucket_policy(\"example\", \"111122223333\")\n}\n",
    );
    terraform
        .plan()
        .failed()
        .says("The ARN of a bucket is like");
}
