//! `awsbilling_cur_bucket`: a bucket that AWS may deliver into, and nobody else may read.

use std::collections::BTreeSet;

use aws_simulator::world::{BucketSpec, ReportSpec};
use serde_json::{Value, json};

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

const BUCKET: &str = "awsbilling_cur_bucket.example";

fn config(attributes: &str) -> String {
    format!(
        "resource \"awsbilling_cur_bucket\" \"example\" {{\n  bucket = \"example-reports\"\n  region = \
         \"eu-west-1\"\n{attributes}\n}}\n"
    )
}

/// The policy of the bucket, statement by statement.
fn statements(aws: &Sandbox) -> Vec<Value> {
    aws.simulator.world(|world| {
        let policy = world.bucket("example-reports").unwrap().policy.clone();
        let policy: Value = serde_json::from_str(&policy.unwrap()).unwrap();
        policy["Statement"].as_array().unwrap().clone()
    })
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config("  tags = { team = \"billing\" }"));
    let account = aws.partner.id.as_str();
    terraform.expect(
        BUCKET,
        &[
            ("arn", json!("arn:aws:s3:::example-reports")),
            ("account_id", json!(account)),
            ("public_access_blocked", json!(true)),
            ("owner_enforced", json!(true)),
            ("kms_key_policy_statement", json!(null)),
        ],
    );
    aws.simulator.world(|world| {
        let bucket = world.bucket("example-reports").unwrap();
        assert_eq!(bucket.region, "eu-west-1");
        assert_eq!(bucket.ownership.as_deref(), Some("BucketOwnerEnforced"));
        assert_eq!(bucket.tags.get("team").map(String::as_str), Some("billing"));
    });
    assert_eq!(statements(&aws).len(), 3);
    terraform.expect_empty_plan();
    terraform.expect_import(BUCKET, "example-reports");
    terraform.destroy().succeeded();
    assert!(
        aws.simulator
            .world(|world| world.bucket("example-reports").is_none())
    );
}

#[test]
fn settings_change_in_place() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let key = "arn:aws:kms:eu-west-1:111122223333:key/example";
    terraform.apply(&config(&format!(
        "  kms_key_arn = \"{key}\"\n  expire_after_days = 400\n  data_exports = false"
    )));
    let statement = terraform.state(BUCKET)["kms_key_policy_statement"].clone();
    assert!(statement.as_str().unwrap().contains("kms:GenerateDataKey*"));
    aws.simulator.world(|world| {
        let bucket = world.bucket("example-reports").unwrap();
        assert_eq!(bucket.encryption.kms_key.as_deref(), Some(key));
        assert_eq!(bucket.lifecycle.len(), 1);
    });
    assert_eq!(statements(&aws).len(), 2);
    terraform.expect_empty_plan();
    terraform.apply(&config(""));
    aws.simulator.world(|world| {
        let bucket = world.bucket("example-reports").unwrap();
        assert_eq!(bucket.encryption.algorithm, "AES256");
        assert!(bucket.lifecycle.is_empty());
    });
    terraform.expect_empty_plan();
}

#[test]
fn drift_of_our_statements_is_repaired_and_those_of_others_stay() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    aws.simulator.world(|world| {
        let bucket = world.bucket_mut("example-reports").unwrap();
        let policy = bucket.policy.as_mut().unwrap();
        let mut document: Value = serde_json::from_str(policy).unwrap();
        let statements = document["Statement"].as_array_mut().unwrap();
        statements.remove(0);
        statements.push(json!({
            "Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
            "Resource": "arn:aws:s3:::example-reports/*",
        }));
        *policy = document.to_string();
        bucket.ownership = Some("ObjectWriter".to_owned());
        bucket.public_access_block = None;
    });
    assert_eq!(terraform.plan().code, Some(2));
    terraform.try_apply().succeeded();
    let sids: BTreeSet<_> = statements(&aws)
        .iter()
        .map(|one| one["Sid"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "AwsBillingCheckBucket",
        "AwsBillingDeliverExports",
        "AwsBillingDeliverReports",
        "Theirs",
    ];
    assert_eq!(sids, expected.map(str::to_owned).into());
    aws.simulator.world(|world| {
        let bucket = world.bucket("example-reports").unwrap();
        assert_eq!(bucket.ownership.as_deref(), Some("BucketOwnerEnforced"));
        assert!(bucket.public_access_block.is_some());
    });
    terraform.expect_empty_plan();
}

#[test]
fn a_bucket_that_is_there_is_neither_adopted_nor_taken_over() {
    let aws = Sandbox::new();
    let other = aws.customer("Other");
    aws.simulator.world(|world| {
        let mine = BucketSpec::new(&aws.partner, "example-reports").in_region("eu-west-1");
        world.arrange_bucket(&mine).unwrap();
    });
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform
        .try_apply()
        .failed()
        .says("Bucket exists already")
        .says("Import it");
    let stranger = aws.terraform_as(&other);
    stranger.write(&config(""));
    stranger.try_apply().failed().says("Bucket name taken");
    terraform.import(BUCKET, "example-reports").succeeded();
    terraform.try_apply().succeeded();
    assert_eq!(statements(&aws).len(), 3);
    terraform.expect_empty_plan();
}

#[test]
fn reports_are_deleted_only_if_that_is_written_out() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let report = json!({
        "account": aws.partner.id,
        "definition": {"name": "x", "bucket": "example-reports", "region": "eu-west-1"},
        "history_months": 2,
    });
    let report: ReportSpec = serde_json::from_value(report).unwrap();
    aws.simulator
        .world(|world| world.arrange_report(&report))
        .unwrap();
    terraform
        .destroy()
        .failed()
        .says("Bucket not empty")
        .says("force_destroy = true");
    terraform.apply(&config("  force_destroy = true"));
    terraform
        .destroy()
        .succeeded()
        .says("Warning: Reports will be deleted");
    assert!(
        aws.simulator
            .world(|world| world.bucket("example-reports").is_none())
    );
}

#[test]
fn a_bucket_that_is_gone_is_created_again() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let s3 = aws.terraform();
    s3.write(&config(""));
    s3.import(BUCKET, "example-reports").succeeded();
    s3.destroy().succeeded();
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
}
