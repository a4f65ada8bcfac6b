//! `data.awsbilling_removal_readiness`.

use aws_simulator::Account;
use serde_json::{Value, json};

use crate::harness::{Sandbox, Terraform};

fn config(filter: &str) -> String {
    format!(
        "data \"awsbilling_removal_readiness\" \"all\" {{\n  {filter}\n}}\n\noutput \"found\" {{\n  value = \
         data.awsbilling_removal_readiness.all\n}}\n"
    )
}

fn of<'a>(found: &'a Value, account: &Account) -> &'a Value {
    let accounts = found["accounts"].as_array().unwrap();
    accounts
        .iter()
        .find(|one| one["id"] == account.id.as_str())
        .unwrap()
}

fn found(terraform: &Terraform, filter: &str) -> Value {
    terraform.apply(&config(filter));
    terraform.output("found")
}

#[test]
fn names_what_is_in_the_way_of_each() {
    let aws = Sandbox::new();
    let old = aws.simulator.create_member(&aws.organization, "Old");
    let young = aws
        .simulator
        .create_created_member(&aws.organization, "Young", 1);
    let administrator = aws
        .simulator
        .create_member(&aws.organization, "Administrator");
    aws.simulator.world(|world| {
        let (payer, id) = (&aws.partner.id, administrator.id.as_str());
        world
            .enable_service_access(payer, "guardduty.amazonaws.com")
            .unwrap();
        world
            .register_delegated_administrator(payer, id, "guardduty.amazonaws.com")
            .unwrap();
    });
    let terraform = aws.terraform();
    let all = found(&terraform, "");
    assert_eq!(all["accounts"].as_array().unwrap().len(), 3);
    assert_eq!(all["all_ready"], json!(false));
    assert_eq!(of(&all, &old)["ready"], json!(true));
    assert_eq!(
        of(&all, &young)["blockers"][0]["code"],
        json!("WAIT_PERIOD_ACTIVE")
    );
    assert!(of(&all, &young)["waits_until"].is_string());
    let busy = of(&all, &administrator);
    assert_eq!(
        busy["delegated_services"],
        json!(["guardduty.amazonaws.com"])
    );
    let remedy = busy["blockers"][0]["remedy"].to_string();
    assert!(
        remedy.contains("deregister-delegated-administrator"),
        "{remedy}"
    );

    aws.simulator.pass_days(4);
    let later = found(&terraform, "");
    assert_eq!(of(&later, &young)["ready"], json!(true));
}

#[test]
fn judges_the_accounts_that_are_named() {
    let aws = Sandbox::new();
    let stranger = aws.customer("Stranger");
    let terraform = aws.terraform();
    let filter = format!(
        "account_ids = [\"{}\", \"{}\"]",
        aws.partner.id, stranger.id
    );
    let some = found(&terraform, &filter);
    assert_eq!(
        of(&some, &stranger)["blockers"][0]["code"],
        json!("NOT_A_MEMBER")
    );
    assert_eq!(
        of(&some, &aws.partner)["blockers"][0]["code"],
        json!("ACCOUNT_CANNOT_LEAVE_ORGANIZATION")
    );
}

#[test]
fn asks_lists_and_not_accounts() {
    let aws = Sandbox::new();
    for n in 0..60 {
        aws.simulator
            .create_member(&aws.organization, format!("Member {n}").as_str());
    }
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform.plan();
    assert_eq!(aws.count("ListAccounts"), 4, "61 accounts, 20 a page");
    assert_eq!(aws.count("ListDelegatedAdministrators"), 1);
    assert_eq!(aws.count("DescribeAccount"), 0);
    assert_eq!(aws.count("ListDelegatedServicesForAccount"), 0);

    let terraform = aws.terraform_as(&aws.customer("Standalone"));
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Error: Account has no organization");
}
