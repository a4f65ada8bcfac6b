//! `awsbilling_org_handshake_accepts`: many accounts join, each by a role of its own.

use std::fmt::Write as _;

use aws_simulator::{Account, Effect, Fault};
use serde_json::json;

use crate::harness::Sandbox;

const FLEET: &str = "awsbilling_org_handshake_accepts.example";

/// A partner's sandbox with accounts that have an invitation each, and the roles that lead to them.
struct Customers {
    aws: Sandbox,
    accounts: Vec<(Account, String)>,
}

impl Customers {
    fn new(count: usize) -> Self {
        let aws = Sandbox::new();
        let accounts = (0..count).map(|number| {
            let account = aws.customer(&format!("Customer {number}"));
            aws.simulator.invite(&aws.organization, &account).unwrap();
            let role = aws.role(&account, "onboarding", &aws.partner);
            (account, role)
        });
        let accounts = accounts.collect();
        Self { aws, accounts }
    }

    fn config(&self, more: &str) -> String {
        let pairs = self
            .accounts
            .iter()
            .map(|(account, role)| (account, role.as_str()));
        self.config_of(more, pairs)
    }

    fn config_of<'a>(
        &self,
        more: &str,
        accounts: impl Iterator<Item = (&'a Account, &'a str)>,
    ) -> String {
        let entries = accounts.fold(String::new(), |mut all, (account, role)| {
            let role = format!("{{ assume_role = {{ role_arn = \"{role}\" }} }}");
            writeln!(all, "    \"{}\" = {role}", account.id).unwrap();
            all
        });
        format!(
            "resource \"awsbilling_org_handshake_accepts\" \"example\" {{\n  organization_id = \"{}\"\n  \
             {more}\n  accounts = {{\n{entries}  }}\n}}\n",
            self.aws.organization.id
        )
    }

    fn members(&self) -> usize {
        let accounts = self.accounts.iter();
        accounts
            .filter(|(account, _)| self.aws.is_member(account))
            .count()
    }
}

#[test]
fn all_join_and_a_destroy_lets_them_stay() {
    let customers = Customers::new(3);
    let terraform = customers.aws.terraform();
    terraform.apply(&customers.config(""));
    assert_eq!(customers.members(), 3);
    let payer = json!(customers.aws.partner.id.as_str());
    terraform.expect(FLEET, &[("management_account_id", payer)]);
    terraform.expect_empty_plan();
    let roles: Vec<_> = customers
        .accounts
        .iter()
        .map(|(_, role)| role.as_str())
        .collect();
    terraform.expect_import(FLEET, &roles.join(","));
    terraform.destroy().succeeded();
    assert_eq!(customers.members(), 3);
}

#[test]
fn a_role_that_leads_to_another_account_accepts_nothing() {
    let customers = Customers::new(2);
    let [(first, role), (second, _)] = &customers.accounts[..] else {
        unreachable!()
    };
    let terraform = customers.aws.terraform();
    let crossed = [(first, role.as_str()), (second, role.as_str())].into_iter();
    terraform.write(&customers.config_of("", crossed));
    terraform
        .plan()
        .failed()
        .says("Error: Credentials of another account")
        .says(second.id.as_str());
    terraform.try_apply().failed();
    assert_eq!(customers.members(), 0);
}

#[test]
fn those_that_cannot_join_are_told_and_joined_later() {
    let customers = Customers::new(3);
    let aws = &customers.aws;
    let (late, _) = &customers.accounts[1];
    let id = aws.handshake_of(late);
    aws.simulator.cancel(&aws.organization, &id).unwrap();
    let terraform = aws.terraform();
    let config = customers.config("timeouts = { create = \"2s\", update = \"1m\" }");
    terraform
        .apply(&config)
        .says("Warning: No invitation from the expected sender")
        .says("1 of 3 accounts");
    assert_eq!(customers.members(), 2);
    let problem = terraform.state(FLEET)["results"][late.id.as_str()]["problem"].clone();
    assert!(problem.is_string(), "{problem}");
    aws.simulator.invite(&aws.organization, late).unwrap();
    terraform.try_apply().succeeded();
    assert_eq!(customers.members(), 3);
    terraform.expect_empty_plan();
}

#[test]
fn an_account_that_left_accepts_again_when_it_is_invited_again() {
    let customers = Customers::new(2);
    let (gone, _) = &customers.accounts[0];
    let terraform = customers.aws.terraform();
    terraform.apply(&customers.config(""));
    let simulator = &customers.aws.simulator;
    simulator.leave(gone).unwrap();
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2));
    plan.says("Warning: Account left the organization")
        .says(gone.id.as_str());
    simulator.invite(&customers.aws.organization, gone).unwrap();
    terraform.try_apply().succeeded();
    assert_eq!(customers.members(), 2);
}

#[test]
fn leaving_must_be_written_out() {
    let customers = Customers::new(2);
    let terraform = customers.aws.terraform();
    let config = customers.config("on_destroy = \"leave\"");
    terraform.write(&config);
    terraform
        .plan()
        .says("Warning: Destroy will leave the organization");
    terraform.try_apply().succeeded();
    terraform
        .run(&["plan", "-destroy", "-no-color"])
        .says("Warning: Account will leave its organization");
    terraform.destroy().succeeded();
    assert_eq!(customers.members(), 0);
}

#[test]
fn a_member_that_cannot_be_read_does_not_hide_the_others() {
    let customers = Customers::new(2);
    let (silent, _) = &customers.accounts[0];
    let terraform = customers.aws.terraform();
    terraform.apply(&customers.config(""));
    let refusal = Fault::new(Effect::Refuse)
        .on("DescribeOrganization")
        .of(silent.id.clone());
    let fault = customers.aws.simulator.fault(refusal);
    terraform.plan().failed().says(silent.id.as_str());
    customers.aws.simulator.clear_fault(fault);
    terraform.expect_empty_plan();
}

#[test]
fn accounts_without_a_report_are_warned_unless_nobody_needs_it() {
    let customers = Customers::new(2);
    let terraform = customers.aws.terraform();
    terraform.write(&customers.config(""));
    terraform
        .plan()
        .says("Warning: No report has the account's history")
        .says(&format!(
            "Account {} pays its own bill",
            customers.accounts[0].0.id
        ));
    terraform.write(&customers.config("warn_without_report = false"));
    terraform
        .plan()
        .does_not_say("No report has the account's history");
}
