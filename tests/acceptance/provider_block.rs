//! The provider block: whose credentials are used, and whose are refused.

use serde_json::json;

use crate::harness::{Sandbox, Terraform};

fn config(block: &str) -> String {
    format!(
        r#"
provider "awsbilling" {{
  {block}
}}

data "awsbilling_pending_invitations" "mine" {{}}

output "account_id" {{
  value = data.awsbilling_pending_invitations.mine.account_id
}}
"#
    )
}

fn account_of(terraform: &Terraform, block: &str) -> serde_json::Value {
    terraform.apply(&config(block));
    terraform.output("account_id")
}

#[test]
fn credentials_are_found_in_the_order_users_know() {
    let aws = Sandbox::new();
    let by_profile = aws.customer("By profile");
    let by_block = aws.customer("By block");
    let terraform = aws.terraform().profile("customer", &by_profile);
    assert_eq!(
        account_of(&terraform, ""),
        json!(aws.partner.id.as_str()),
        "environment"
    );
    assert_eq!(
        account_of(&terraform, "profile = \"customer\""),
        json!(by_profile.id.as_str()),
        "a profile in the block wins over keys in the environment"
    );
    let keys = format!(
        "access_key = \"{}\"\n  secret_key = \"{}\"",
        by_block.key.id, by_block.key.secret
    );
    assert_eq!(
        account_of(&terraform, &keys),
        json!(by_block.id.as_str()),
        "block"
    );
    let bare = terraform
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY")
        .with("AWS_PROFILE", "customer");
    assert_eq!(
        account_of(&bare, ""),
        json!(by_profile.id.as_str()),
        "AWS_PROFILE"
    );
}

#[test]
fn no_credentials_are_explained() {
    let aws = Sandbox::new();
    let terraform = aws
        .terraform()
        .without("AWS_ACCESS_KEY_ID")
        .without("AWS_SECRET_ACCESS_KEY");
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("AWS_PROFILE")
        .says("profile");
}

#[test]
fn a_role_is_assumed_with_its_external_id() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let arn = aws.role_asking_for(&customer, "Billing", &aws.partner, "tenant-1");
    let terraform = aws.terraform();
    let block = |id: &str| {
        format!("assume_role {{\n    role_arn = \"{arn}\"\n    external_id = \"{id}\"\n  }}")
    };
    assert_eq!(
        account_of(&terraform, &block("tenant-1")),
        json!(customer.id.as_str())
    );
    terraform.write(&config(&block("tenant-2")));
    terraform
        .plan()
        .failed()
        .says("sts:AssumeRole")
        .says(&arn)
        .does_not_say("tenant-2");
}

#[test]
fn only_allowed_accounts_are_used() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config("allowed_account_ids = [\"111122223333\"]"));
    terraform
        .plan()
        .failed()
        .says(aws.partner.id.as_str())
        .says("allowed_account_ids");
    terraform.write(&config(&format!(
        "forbidden_account_ids = [\"{}\"]",
        aws.partner.id
    )));
    terraform.plan().failed().says("forbidden_account_ids");
    let allowed = format!("allowed_account_ids = [\"{}\"]", aws.partner.id);
    assert_eq!(
        account_of(&terraform, &allowed),
        json!(aws.partner.id.as_str())
    );
}

#[test]
fn secrets_stay_out_of_logs_and_messages() {
    let aws = Sandbox::new();
    let terraform = aws.terraform().with("TF_LOG", "TRACE");
    terraform.write(&config(""));
    let said = terraform.try_apply().succeeded();
    assert!(said.text.contains("tf_rpc"), "the provider logs nothing");
    said.does_not_say(&aws.partner.key.secret);
}

#[test]
fn an_unknown_provider_configuration_is_an_error_only_when_it_is_needed() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(
        r#"
resource "terraform_data" "profile" {
  input = "nobody"
}

provider "awsbilling" {
  profile = terraform_data.profile.output
}

resource "awsbilling_partner_account_invitation" "example" {
  account_id = "111122223333"
}
"#,
    );
    // Creating can be planned; only the apply needs credentials.
    assert_eq!(terraform.plan().code, Some(2));
}

#[test]
fn endpoints_of_reports_buckets_roles_and_bills_are_those_of_the_block() {
    let aws = Sandbox::new();
    let terraform = aws.terraform().without("AWS_ENDPOINT_URL");
    let url = aws.simulator.endpoint();
    terraform.apply(&format!(
        r#"
provider "awsbilling" {{
  s3_use_path_style = true

  endpoints {{
    billing       = "{url}"
    ce            = "{url}"
    cur           = "{url}"
    iam           = "{url}"
    organizations = "{url}"
    s3            = "{url}"
    sts           = "{url}"
  }}
}}

resource "awsbilling_cur_bucket" "example" {{
  bucket = "example-reports"
  region = "us-east-1"
}}

resource "awsbilling_cur_report_definition" "example" {{
  report_name = "daily"
  time_unit   = "DAILY"
  format      = "textORcsv"
  compression = "GZIP"
  s3_bucket   = awsbilling_cur_bucket.example.bucket
  s3_region   = awsbilling_cur_bucket.example.region
  s3_prefix   = "cur"
}}

resource "awsbilling_cost_analyzer_connection" "example" {{
  analyzer    = "cloudhealth"
  report_name = awsbilling_cur_report_definition.example.report_name
  external_id = "tenant-1"
}}

data "awsbilling_consolidated_bill" "example" {{}}

data "awsbilling_consolidated_bill" "transferred" {{
  source_account_id = "111122223333"
  allow_unavailable = true
}}
"#
    ));
    terraform.expect_empty_plan();
}
