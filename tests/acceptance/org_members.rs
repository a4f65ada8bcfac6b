//! `data.awsbilling_org_members`.

use serde_json::json;

use crate::harness::Sandbox;

const CONFIG: &str = r#"
data "awsbilling_org_members" "mine" {}

output "members" {
  value = data.awsbilling_org_members.mine
}
"#;

#[test]
fn lists_every_account_over_all_pages() {
    let aws = Sandbox::new();
    aws.simulator.switch(|switches| switches.empty_pages = true);
    for n in 0..45 {
        aws.simulator
            .create_member(&aws.organization, format!("Member {n}").as_str());
    }
    let terraform = aws.terraform();
    terraform.apply(CONFIG);
    let members = terraform.output("members");
    let accounts = members["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 46);
    let managing: Vec<_> = accounts
        .iter()
        .filter(|a| a["is_management_account"] == true)
        .collect();
    assert_eq!(managing.len(), 1);
    assert_eq!(managing[0]["id"], json!(aws.partner.id.as_str()));
    assert_eq!(
        members["organization_id"],
        json!(aws.organization.id.as_str())
    );
    assert!(accounts.iter().all(|account| account["state"] == "ACTIVE"));
}

#[test]
fn a_standalone_account_is_told_so() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform_as(&customer);
    terraform.write(CONFIG);
    terraform
        .plan()
        .failed()
        .says("Error: Account has no organization");
}
