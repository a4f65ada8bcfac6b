//! `data.awsbilling_account_standing`: the case of each account, and its next steps.

use aws_simulator::Account;
use serde_json::{Value, json};

use crate::harness::Sandbox;

fn standing(aws: &Sandbox, account: &Account) -> Value {
    let terraform = aws.terraform_as(account);
    terraform.apply(&format!(
        "data \"awsbilling_account_standing\" \"mine\" {{\n  partner_organization_id = \"{}\"\n}}\n\noutput \
         \"found\" {{\n  value = data.awsbilling_account_standing.mine\n}}\n",
        aws.organization.id
    ));
    terraform.output("found")
}

/// The resources of the next steps, in order.
fn steps(found: &Value) -> Vec<String> {
    let steps = found["next_steps"].as_array().unwrap().iter();
    steps
        .map(|step| step["resource"].as_str().unwrap_or("by people").to_owned())
        .collect()
}

#[test]
fn case_1_is_invited_and_accepts() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let found = standing(&aws, &customer);
    assert_eq!(found["case"], json!(1));
    assert_eq!(found["standing"], json!("standalone"));
    assert_eq!(found["organization_id"], json!(null));
    assert_eq!(found["loses"], json!([]));
    assert_eq!(
        steps(&found),
        [
            "awsbilling_partner_account_invitation",
            "awsbilling_org_handshake_accept"
        ]
    );

    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let found = standing(&aws, &customer);
    assert_eq!(steps(&found), ["awsbilling_org_handshake_accept"]);
    assert_eq!(
        found["pending_invitations"][0]["organization_id"],
        json!(aws.organization.id.as_str())
    );

    aws.accept(&customer);
    let found = standing(&aws, &customer);
    assert_eq!(found["has_joined"], json!(true));
    assert_eq!((&found["case"], steps(&found).len()), (&json!(null), 0));
    assert_eq!(
        found["management_account_id"],
        json!(aws.partner.id.as_str())
    );
}

#[test]
fn case_2_moves_in_one_step() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let customer = aws.simulator.create_member(&formers, "Example Corp");
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let found = standing(&aws, &customer);
    assert_eq!(found["case"], json!(2));
    assert_eq!(found["organization_id"], json!(formers.id.as_str()));
    assert_eq!(found["linked_accounts"], json!(null));
    assert_eq!(
        steps(&found),
        ["by people", "awsbilling_org_handshake_accept"]
    );
    assert!(!found["loses"].as_array().unwrap().is_empty());
}

#[test]
fn case_3_dissolves_its_organization_first() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let own = aws.simulator.create_organization(&customer);
    let member = aws.simulator.create_member(&own, "Member");
    aws.simulator.world(|world| {
        let (payer, id) = (&customer.id, member.id.as_str());
        world
            .enable_service_access(payer, "guardduty.amazonaws.com")
            .unwrap();
        world
            .register_delegated_administrator(payer, id, "guardduty.amazonaws.com")
            .unwrap();
    });
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let found = standing(&aws, &customer);
    assert_eq!(found["case"], json!(3));
    assert_eq!(found["standing"], json!("management"));
    assert_eq!(found["linked_accounts"], json!(1));
    assert_eq!(
        found["delegated_administrators"],
        json!([member.id.as_str()])
    );
    assert_eq!(found["service_access"], json!(["guardduty.amazonaws.com"]));
    assert_eq!(
        steps(&found),
        [
            "by people",
            "awsbilling_org_handshake_accept",
            "awsbilling_org_deletion",
            "awsbilling_org_handshake_accept"
        ]
    );
    let text = found["summary"].as_str().unwrap();
    assert!(
        text.contains(&format!(
            "Organization {} is deleted when it is empty",
            own.id
        )),
        "{text}"
    );
}

#[test]
fn looks_through_a_role() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let role = aws.role(&customer, "Onboarding", &aws.partner);
    let terraform = aws.terraform();
    terraform.apply(&format!(
        "data \"awsbilling_account_standing\" \"mine\" {{\n  assume_role = {{ role_arn = \"{role}\" \
         }}\n}}\n\noutput \"found\" {{\n  value = data.awsbilling_account_standing.mine.account_id\n}}\n"
    ));
    assert_eq!(terraform.output("found"), json!(customer.id.as_str()));
}
