//! `data.awsbilling_pending_invitations`.

use serde_json::json;

use crate::harness::Sandbox;

fn config(filter: &str) -> String {
    format!(
        r#"
data "awsbilling_pending_invitations" "mine" {{
  {filter}
}}

output "invitations" {{
  value = data.awsbilling_pending_invitations.mine.invitations
}}
"#
    )
}

#[test]
fn lists_open_invitations_of_all_or_of_one_sender() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let other = aws.customer("Other Partner");
    let others = aws.simulator.create_organization(&other);
    let answered = aws.simulator.invite(&others, &customer).unwrap();
    aws.simulator.decline(&customer, answered.as_str()).unwrap();
    let first = aws.simulator.invite(&aws.organization, &customer).unwrap();
    let second = aws.simulator.invite(&others, &customer).unwrap();
    let terraform = aws.terraform_as(&customer);

    let listed = |filter: &str| {
        terraform.apply(&config(filter));
        let invitations = terraform.output("invitations");
        let ids = invitations.as_array().unwrap().iter();
        let mut ids: Vec<_> = ids.map(|found| found["handshake_id"].clone()).collect();
        ids.sort_by_key(ToString::to_string);
        ids
    };
    let mut both = vec![json!(first.as_str()), json!(second.as_str())];
    both.sort_by_key(ToString::to_string);
    assert_eq!(listed(""), both);
    let by_organization = format!("organization_id = \"{}\"", aws.organization.id);
    assert_eq!(listed(&by_organization), [json!(first.as_str())]);
    let by_account = format!("management_account_id = \"{}\"", other.id);
    assert_eq!(listed(&by_account), [json!(second.as_str())]);
}
