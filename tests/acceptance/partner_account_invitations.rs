//! `awsbilling_partner_account_invitations`: many accounts, each with a fate of its own.

use std::fmt::Write as _;

use aws_simulator::{Account, Effect, Fault};
use serde_json::{Value, json};

use crate::harness::{Said, Sandbox, Terraform};

const FLEET: &str = "awsbilling_partner_account_invitations.example";

/// A fleet of the accounts, each with what its entry says.
fn fleet(accounts: &[(&Account, &str)]) -> String {
    fleet_with("", accounts)
}

fn fleet_with(more: &str, accounts: &[(&Account, &str)]) -> String {
    let entries = accounts
        .iter()
        .fold(String::new(), |mut all, (account, entry)| {
            writeln!(all, "    \"{}\" = {{ {entry} }}", account.id).unwrap();
            all
        });
    format!(
        "resource \"awsbilling_partner_account_invitations\" \"example\" {{\n  {more}\n  accounts = {{\n\
         {entries}  }}\n}}\n"
    )
}

fn entry(terraform: &Terraform, account: &Account) -> Value {
    terraform.state(FLEET)["results"][account.id.as_str()].clone()
}

/// What the next plan makes of the entries of a fleet, in the words of the plan.
fn planned(terraform: &Terraform) -> Said {
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2), "{}", plan.text);
    plan
}

/// AWS's answer to an organization without a payment method.
fn refusal() -> Fault {
    let effect = Effect::Error {
        code: "HandshakeConstraintViolationException".to_owned(),
        reason: Some("PAYMENT_INSTRUMENT_REQUIRED".to_owned()),
        message: "Payment method missing.".to_owned(),
        status: None,
    };
    Fault::new(effect).on("InviteAccountToOrganization")
}

fn customers<const N: usize>(aws: &Sandbox) -> [Account; N] {
    std::array::from_fn(|number| aws.customer(&format!("Customer {number}")))
}

#[test]
fn accounts_are_invited_join_and_leave_one_by_one() {
    let aws = Sandbox::new();
    let [first, second, third] = customers(&aws);
    let terraform = aws.terraform();
    let config = fleet(&[(&first, ""), (&second, "notes = \"Welcome\"")]);
    terraform.apply(&config);
    assert_eq!(entry(&terraform, &first)["state"], "OPEN");
    assert_eq!(entry(&terraform, &first)["problem"], json!(null));
    assert_eq!(
        entry(&terraform, &second)["handshake_id"],
        aws.handshake_of(&second)
    );
    let organization = json!(aws.organization.id.as_str());
    terraform.expect(FLEET, &[("organization_id", organization)]);
    terraform.expect_empty_plan();

    aws.accept(&first);
    terraform.refresh();
    assert_eq!(entry(&terraform, &first)["state"], "ACCEPTED");
    terraform.expect_empty_plan();

    // One more, one less: the plan shows these two and not the one that stays.
    terraform.write(&fleet(&[(&first, ""), (&third, "")]));
    planned(&terraform)
        .says("1 to change")
        .says(third.id.as_str())
        .says(second.id.as_str())
        .says("1 unchanged element hidden")
        .does_not_say(first.id.as_str());
    terraform.try_apply().succeeded();
    assert_eq!(aws.handshakes_of(&second)[0].1, "Canceled");
    assert_eq!(aws.handshakes_of(&third)[0].1, "Pending");
    terraform.expect_empty_plan();

    terraform.destroy().succeeded();
    assert!(aws.is_member(&first), "a destroy removes nobody by itself");
    assert_eq!(aws.handshakes_of(&third)[0].1, "Canceled");
}

#[test]
fn an_account_may_be_named_by_the_address_of_its_owner() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let email = aws
        .simulator
        .world(|world| world.account(customer.id.as_str()).unwrap().email.clone());
    let terraform = aws.terraform();
    let config = format!(
        "resource \"awsbilling_partner_account_invitations\" \"example\" {{\n  accounts = {{ \"{email}\" = {{}} }}\n}}\n"
    );
    terraform.apply(&config).says("1 added");
    terraform.expect_empty_plan();
    assert_eq!(
        terraform.state(FLEET)["results"][&email]["account_id"],
        json!(null)
    );
    aws.accept(&customer);
    terraform.refresh();
    let entry = terraform.state(FLEET)["results"][&email].clone();
    assert_eq!(entry["account_id"], customer.id.as_str());
    terraform.expect_empty_plan();
}

#[test]
fn bad_accounts_are_refused_at_plan_time_all_at_once() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(
        "resource \"awsbilling_partner_account_invitations\" \"example\" {\n  accounts = {\n    \
         \"1234\" = {}\n    \"nobody\" = { notes = \"a\" }\n    \"111122223333\" = { on_destroy = \"leave\" }\n  }\n}\n",
    );
    terraform
        .plan()
        .failed()
        .says("got \"1234\"")
        .says("got \"nobody\"")
        .says("accounts[\"111122223333\"].on_destroy");
}

#[test]
fn a_new_fleet_keeps_those_that_could_be_invited() {
    let aws = Sandbox::new();
    let [first, second, third] = customers(&aws);
    aws.simulator.fault(refusal().times(1));
    let terraform = aws.terraform();
    let config = fleet(&[(&first, ""), (&second, ""), (&third, "")]);
    let said = terraform.apply(&config);
    said.says("Warning: Fleet is not complete")
        .says("1 of 3 accounts");
    let problems: Vec<_> = [&first, &second, &third]
        .into_iter()
        .filter(|account| entry(&terraform, account)["problem"].is_string())
        .collect();
    assert_eq!(problems.len(), 1);
    let sent = aws.count("InviteAccountToOrganization");

    // The next plan is about the missing one alone, and its apply sends that and nothing else.
    planned(&terraform)
        .says("1 to change")
        .says(problems[0].id.as_str());
    terraform.try_apply().succeeded();
    assert_eq!(aws.count("InviteAccountToOrganization"), sent + 1);
    assert_eq!(aws.count("CancelHandshake"), 0);
    terraform.expect_empty_plan();
}

#[test]
fn a_later_failure_is_an_error_and_loses_nothing() {
    let aws = Sandbox::new();
    let [first, second, third] = customers(&aws);
    let terraform = aws.terraform();
    terraform.apply(&fleet(&[(&first, "")]));
    aws.simulator.fault(refusal().times(1));
    let config = fleet(&[(&first, ""), (&second, ""), (&third, "")]);
    terraform.write(&config);
    terraform
        .try_apply()
        .failed()
        .says("Error: Payment method missing");
    let sent = |account| !aws.handshakes_of(account).is_empty();
    assert!(sent(&second) != sent(&third), "one of them was refused");
    for account in [&second, &third] {
        let entry = entry(&terraform, account);
        assert_eq!(entry["state"] == "OPEN", sent(account));
        assert_eq!(entry["problem"].is_null(), sent(account));
    }
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
    for account in [&first, &second, &third] {
        assert_eq!(
            aws.handshakes_of(account).len(),
            1,
            "nobody was invited twice"
        );
    }
}

#[test]
fn a_new_fleet_of_which_nothing_could_be_made_is_an_error() {
    let aws = Sandbox::new();
    let [first, second] = customers(&aws);
    aws.simulator.fault(refusal());
    let terraform = aws.terraform();
    terraform.write(&fleet(&[(&first, ""), (&second, "")]));
    terraform
        .try_apply()
        .failed()
        .says("Error: Payment method missing");
    assert_eq!(terraform.addresses().len(), 0, "there is nothing to keep");
}

#[test]
fn invitations_that_were_lost_are_sent_again_and_the_rest_left_alone() {
    let aws = Sandbox::new();
    let [declined, cancelled, open] = customers(&aws);
    let terraform = aws.terraform();
    let config = fleet(&[(&declined, ""), (&cancelled, ""), (&open, "")]);
    terraform.apply(&config);
    let id = aws.handshake_of(&declined);
    aws.simulator.decline(&declined, &id).unwrap();
    let id = aws.handshake_of(&cancelled);
    aws.simulator.cancel(&aws.organization, &id).unwrap();
    planned(&terraform)
        .says("Warning: Invitation declined")
        .says("Warning: Invitation cancelled")
        .says("1 unchanged element hidden");
    terraform.refresh();
    let problem = entry(&terraform, &declined)["problem"].clone();
    assert!(
        problem
            .as_str()
            .unwrap()
            .starts_with("Invitation declined: "),
        "{problem}"
    );
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
    assert_eq!(aws.handshakes_of(&declined).len(), 2);
    assert_eq!(aws.handshakes_of(&cancelled).len(), 2);
    assert_eq!(aws.handshakes_of(&open).len(), 1);
}

#[test]
fn a_change_of_one_account_touches_no_other() {
    let aws = Sandbox::new();
    let [first, second] = customers(&aws);
    let terraform = aws.terraform();
    terraform.apply(&fleet(&[
        (&first, "notes = \"a\""),
        (&second, "tags = { team = \"x\" }"),
    ]));
    let untouched = aws.handshake_of(&second);
    terraform.apply(&fleet(&[
        (&first, "notes = \"b\""),
        (&second, "tags = { team = \"x\" }"),
    ]));
    assert_eq!(
        aws.handshakes_of(&first).len(),
        2,
        "notes are changed by a new invitation"
    );
    assert_eq!(aws.handshake_of(&second), untouched);
    terraform.expect_empty_plan();

    // After the account has joined, its tags change in place and drift is seen.
    aws.accept(&second);
    terraform.apply(&fleet(&[
        (&first, "notes = \"b\""),
        (&second, "tags = { team = \"y\" }"),
    ]));
    let tags = aws.simulator.world(|world| {
        world
            .tags(&aws.partner.id, second.id.as_str())
            .unwrap()
            .clone()
    });
    assert_eq!(tags.get("team").map(String::as_str), Some("y"));
    terraform.expect_empty_plan();
}

#[test]
fn a_member_is_removed_only_where_that_was_written_out() {
    let aws = Sandbox::new();
    let [kept, removed] = customers(&aws);
    let terraform = aws.terraform();
    let entries = [(&kept, ""), (&removed, "on_destroy = \"remove_account\"")];
    terraform.write(&fleet(&entries));
    terraform
        .plan()
        .says("Warning: Destroy will remove the account");
    terraform.try_apply().succeeded();
    aws.accept(&kept);
    aws.accept(&removed);
    terraform.refresh();
    terraform.write(&fleet(&[]));
    planned(&terraform)
        .says("Warning: Account will be removed from the organization")
        .says(removed.id.as_str());
    terraform.try_apply().succeeded();
    assert!(aws.is_member(&kept) && !aws.is_member(&removed));
    terraform.expect_empty_plan();
}

#[test]
fn everything_that_exists_is_imported() {
    let aws = Sandbox::new();
    let [joined, open, closed] = customers(&aws);
    let terraform = aws.terraform();
    terraform.apply(&fleet(&[
        (&joined, ""),
        (&open, "notes = \"Hello\""),
        (&closed, ""),
    ]));
    aws.accept(&joined);
    let id = aws.handshake_of(&closed);
    aws.simulator.decline(&closed, &id).unwrap();
    terraform.write(&fleet(&[(&joined, ""), (&open, "notes = \"Hello\"")]));
    terraform.expect_import(FLEET, aws.organization.id.as_str());
    terraform.import(FLEET, "o-someotherorg").failed();
}

#[test]
fn accounts_are_refreshed_from_shared_lists() {
    let aws = Sandbox::new();
    let customers: Vec<_> = (0..45)
        .map(|n| aws.customer(&format!("Customer {n}")))
        .collect();
    let entries: Vec<_> = customers.iter().map(|account| (account, "")).collect();
    aws.simulator.world(|world| {
        world
            .organization_mut(aws.organization.id.as_str())
            .unwrap()
            .account_limit = 100;
    });
    let terraform = aws.terraform();
    terraform.apply(&fleet(&entries));
    assert_eq!(aws.count("InviteAccountToOrganization"), 45);
    aws.simulator.clear_calls();
    terraform.expect_empty_plan();
    let pages = aws.count("ListHandshakesForOrganization") + aws.count("ListAccounts");
    // All are open, so nobody is looked for among the members.
    assert_eq!(pages, 3, "{:?}", aws.operations());
    assert_eq!(
        aws.count("DescribeHandshake") + aws.count("DescribeAccount"),
        0
    );
}

#[test]
fn waiting_begins_when_all_invitations_are_sent() {
    let aws = Sandbox::new();
    let customers: [Account; 3] = customers(&aws);
    let terraform = aws.terraform();
    let entries: Vec<_> = customers.iter().map(|account| (account, "")).collect();
    let waiting = |limits: &str| {
        let more = format!("wait_for_acceptance = true\n  timeouts = {{ {limits} }}");
        fleet_with(&more, &entries)
    };
    terraform
        .apply(&waiting("create = \"1s\", update = \"1s\""))
        .says("Warning: Invitation not accepted yet")
        .does_not_say("Fleet is not complete");
    assert!(
        customers
            .iter()
            .all(|account| aws.handshakes_of(account).len() == 1)
    );

    // The next plan is to wait again; where that fails it is an error, and everything stands.
    planned(&terraform);
    terraform
        .try_apply()
        .failed()
        .says("Error: Invitation not accepted yet");
    for account in &customers {
        aws.accept(account);
    }
    terraform.apply(&waiting("create = \"1s\", update = \"1m\""));
    assert!(
        customers
            .iter()
            .all(|account| entry(&terraform, account)["state"] == "ACCEPTED")
    );
    terraform.expect_empty_plan();
    assert!(
        customers
            .iter()
            .all(|account| aws.handshakes_of(account).len() == 1)
    );
}

#[test]
fn few_accounts_of_a_large_organization_are_looked_up_one_by_one() {
    let aws = Sandbox::new();
    for n in 0..60 {
        aws.simulator
            .create_member(&aws.organization, format!("Member {n}").as_str());
    }
    let [customer] = customers(&aws);
    let terraform = aws.terraform();
    terraform.apply(&fleet(&[(&customer, "")]));
    aws.accept(&customer);
    terraform.refresh();
    aws.simulator.clear_calls();
    terraform.expect_empty_plan();
    assert_eq!(aws.count("DescribeAccount"), 1, "{:?}", aws.operations());
    assert_eq!(aws.count("ListAccounts"), 0, "{:?}", aws.operations());
}
