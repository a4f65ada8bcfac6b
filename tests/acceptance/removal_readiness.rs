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

/// The first pays the bill of the second.
fn transfer(aws: &Sandbox, target: &Account, source: &Account) {
    let start = time::macros::datetime!(2026-10-01 00:00 UTC);
    aws.simulator.world(|world| {
        world
            .arrange_transfer(&source.id, &target.id, "example", start)
            .unwrap();
    });
}

#[test]
fn an_open_billing_transfer_keeps_the_organization() {
    let aws = Sandbox::new();
    let customer = aws.customer("Customer");
    aws.simulator.create_organization(&customer);
    let member = aws.simulator.create_member(&aws.organization, "Member");
    transfer(&aws, &aws.partner, &customer);
    for (payer, direction) in [(&aws.partner, "inbound"), (&customer, "outbound")] {
        let terraform = aws.terraform_as(payer);
        let seen = found(&terraform, &format!("account_ids = [\"{}\"]", payer.id));
        let open = &seen["open_billing_transfers"][0];
        assert_eq!(
            (&open["direction"], &open["status"]),
            (&json!(direction), &json!("ACCEPTED"))
        );
        let blockers = of(&seen, payer)["blockers"].as_array().unwrap();
        assert_eq!(
            blockers[1]["code"],
            "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"
        );
        assert_eq!(seen["organization_blockers"][0], blockers[1]);
        let remedy = blockers[1]["remedy"].to_string();
        assert!(remedy.contains("end_month"), "{remedy}");
    }
    // Members may go all the same.
    let seen = found(&aws.terraform(), "");
    assert_eq!(of(&seen, &member)["ready"], json!(true));
    assert_eq!(seen["all_ready"], json!(true));

    // Once its end is settled, there is a time to wait for.
    let ended = aws.simulator.world(|world| {
        let id = world.transfers().next().unwrap().id.to_string();
        let end = world.terminate_transfer(&aws.partner.id, &id, None);
        end.map(|transfer| transfer.end.unwrap())
    });
    let seen = found(&aws.terraform(), "");
    let remedy = seen["organization_blockers"][0]["remedy"].to_string();
    assert!(
        remedy.contains("2026-11-30T23:59:59Z"),
        "{remedy} {ended:?}"
    );
    aws.simulator.pass_days(11);
    let seen = found(&aws.terraform(), "");
    assert_eq!(seen["open_billing_transfers"], json!([]));
    assert_eq!(seen["organization_blockers"], json!([]));
}

#[test]
fn transfers_that_may_not_be_seen_are_said() {
    let aws = Sandbox::new();
    for denied in [
        "ListInboundResponsibilityTransfers",
        "ListOutboundResponsibilityTransfers",
    ] {
        aws.simulator
            .fault(aws_simulator::Fault::new(aws_simulator::Effect::Refuse).on(denied));
    }
    let seen = found(&aws.terraform(), "");
    assert_eq!(seen["open_billing_transfers"], json!(null));
    assert_eq!(seen["unseen"].as_array().unwrap().len(), 2);
}

#[test]
fn asks_lists_and_not_accounts() {
    let aws = Sandbox::new();
    for n in 0..200 {
        aws.simulator
            .create_member(&aws.organization, format!("Member {n}").as_str());
    }
    let terraform = aws.terraform();
    terraform.write(&config(""));
    aws.simulator.clear_calls();
    terraform.plan();
    assert_eq!(aws.count("ListAccounts"), 11, "201 accounts, 20 a page");
    for once in [
        "DescribeOrganization",
        "ListDelegatedAdministrators",
        "ListInboundResponsibilityTransfers",
        "ListOutboundResponsibilityTransfers",
    ] {
        assert_eq!(aws.count(once), 1, "{once}");
    }
    let organizations = aws.simulator.calls().into_iter();
    let organizations = organizations.filter(|call| call.service == "organizations");
    assert_eq!(
        organizations.count(),
        15,
        "nothing is asked of single accounts"
    );

    let terraform = aws.terraform_as(&aws.customer("Standalone"));
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Error: Account has no organization");
}
