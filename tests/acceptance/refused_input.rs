//! Bad input is refused at plan time: all of it at once, each with its path.

use crate::harness::Sandbox;

#[test]
fn all_of_it_at_once() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    let notes = "x".repeat(1025);
    terraform.write(&format!(
        r#"
resource "awsbilling_partner_account_invitation" "example" {{
  account_id = "11112222333"
  email      = "owner@example.com"
  notes      = "{notes}"
  on_destroy = "terminate"
  tags       = {{ "aws:reserved" = "x" }}
  timeouts   = {{ create = "5 minutes" }}
}}
"#
    ));
    terraform
        .plan()
        .failed()
        .says("An AWS account ID is 12 digits, got \"11112222333\".")
        .says("Only one of `account_id` or `email` can be set")
        .says("Notes are at most 1,024 characters, got 1025.")
        .says("Expected \"cancel\", \"remove_account\" or \"keep\", got \"terminate\".")
        .says("The prefix \"aws:\" is reserved for AWS")
        .says("Expected a length of time such as \"30s\"")
        .says("main.tf line 12") // timeouts: the line of the attribute, not of the resource.
        .says("main.tf line 11");
    assert!(
        aws.operations().is_empty(),
        "AWS was called for a configuration that is wrong"
    );
}

#[test]
fn an_account_id_with_hyphens_is_refused_with_the_remedy() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    let invitation = |value: &str| {
        format!(
            "resource \"awsbilling_partner_account_invitation\" \"example\" {{\n  account_id = {value}\n}}\n"
        )
    };
    terraform.write(&invitation("\"1111-2222-3333\""));
    terraform
        .plan()
        .failed()
        .says("provider::awsbilling::account_id_normalize");
    terraform.write(&invitation(
        "provider::awsbilling::account_id_normalize(\"1111-2222-3333\")",
    ));
    terraform.plan().says("+ account_id = \"111122223333\"");
}

#[test]
fn an_acceptance_needs_its_sender() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write("resource \"awsbilling_org_handshake_accept\" \"example\" {}\n");
    terraform
        .plan()
        .failed()
        .says("One of `organization_id`, `management_account_id` or `handshake_id` must be set.");
}

#[test]
fn functions_refuse_what_they_cannot_read() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform
        .write("output \"x\" {\n  value = provider::awsbilling::handshake_arn_parse(\"h-1\")\n}\n");
    terraform.plan().failed().says("A handshake ARN is like");
}
