//! `awsbilling_cur_bucket`: a bucket that AWS may deliver into, and nobody else may read.

use crate::harness::Sandbox;

#[test]
fn bad_input_is_refused_at_plan_time() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(
        r#"
resource "awsbilling_cur_bucket" "example" {
  bucket            = "Example_Reports"
  region            = "us-east-1"
  kms_key_arn       = "alias/example"
  expire_after_days = 0
}
"#,
    );
    terraform
        .plan()
        .failed()
        .says("An S3 bucket's name has lower-case letters, digits, dots and hyphens only")
        .says("The ARN of a KMS key is like")
        .says("Objects expire after at least one day, got 0.");
    assert!(
        aws.operations().is_empty(),
        "AWS was called for a configuration that is wrong"
    );
}

#[test]
fn a_region_that_needs_opting_in_is_a_reason_to_warn() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(
        "resource \"awsbilling_cur_bucket\" \"example\" {\n  bucket = \"example-reports\"\n  region = \
         \"eu-south-1\"\n}\n",
    );
    let plan = terraform.plan().says("Warning: Region needs opting in");
    assert_eq!(plan.code, Some(2));
}
