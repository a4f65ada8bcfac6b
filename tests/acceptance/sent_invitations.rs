//! `data.awsbilling_sent_invitations`.

use serde_json::json;

use crate::harness::Sandbox;

fn config(filter: &str) -> String {
    format!(
        "data \"awsbilling_sent_invitations\" \"all\" {{\n  {filter}\n}}\n\noutput \"found\" {{\n  value = \
         data.awsbilling_sent_invitations.all.invitations\n}}\n"
    )
}

#[test]
fn lists_all_or_those_in_some_states() {
    let aws = Sandbox::new();
    let (first, second) = (aws.customer("First"), aws.customer("Second"));
    let declined = aws.simulator.invite(&aws.organization, &first).unwrap();
    aws.simulator.decline(&first, declined.as_str()).unwrap();
    let open = aws.simulator.invite(&aws.organization, &second).unwrap();

    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let found = terraform.output("found");
    assert_eq!(found.as_array().unwrap().len(), 2);

    terraform.apply(&config("states = [\"OPEN\", \"REQUESTED\"]"));
    let found = terraform.output("found");
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["handshake_id"], json!(open.as_str()));
    assert_eq!(found[0]["account_id"], json!(second.id.as_str()));
    assert_eq!(found[0]["is_pending"], json!(true));
}

#[test]
fn a_standalone_account_is_told_so() {
    let aws = Sandbox::new();
    let terraform = aws.terraform_as(&aws.customer("Example Corp"));
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Error: Account has no organization");
}

#[test]
fn an_invitation_about_to_expire_is_said_in_the_plan() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&format!(
        "resource \"awsbilling_partner_account_invitation\" \"example\" {{\n  account_id = \"{}\"\n}}\n",
        customer.id
    ));
    terraform.plan().does_not_say("Invitation expires soon");
    aws.simulator.pass_days(14);
    terraform.plan().says("Warning: Invitation expires soon");
    terraform.expect_empty_plan();
}
