//! A fleet: one resource for all accounts, beside a `terraform_data` that holds the same map.
//!
//! AWS is next door here: what its distance costs is what the refresh of single invitations measures, and it
//! is the same list.

use crate::Options;
use crate::figure::{Quantity, Row, Unit};
use crate::harness::{Sandbox, Terraform};
use crate::refresh::LIST_RATE;
use crate::stage::{self, PAGE, run};
use aws_simulator::Account;

const PLAN: [&str; 3] = ["plan", "-no-color", "-detailed-exitcode"];
const PLAN_FROM_STATE: [&str; 4] = ["plan", "-no-color", "-detailed-exitcode", "-refresh=false"];

/// A number of accounts, and how much longer than Terraform's own resource a plan of them may take.
const SIZES: [(usize, f64); 2] = [(1_000, 0.3), (10_000, 3.0)];

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    for (number, seconds_more) in SIZES {
        let aws = stage::sandbox(number + 10);
        let accounts = stage::customers(&aws, number);
        for account in &accounts {
            aws.simulator.invite(&aws.organization, account).unwrap();
        }
        let ours = imported(&aws, &accounts);
        let theirs = held_by_terraform(&aws, &accounts);

        let floor = Quantity::seconds(run(&theirs, &PLAN).elapsed);
        let from_state = Quantity::seconds(run(&ours, &PLAN_FROM_STATE).elapsed);
        print(
            Row::new(
                format!("Plan of a fleet of {number} without refresh"),
                from_state,
            )
            .more_than(floor, "`terraform_data` with the same map")
            .target("B12", seconds_more),
        );
        aws.simulator.clear_calls();
        let refreshed = run(&ours, &PLAN);
        let limit = stage::paged_limit(number.div_ceil(PAGE), LIST_RATE, 0);
        let calls = stage::calls(&aws);
        print(
            Row::new(
                format!("Plan of a fleet of {number} with refresh, AWS next door"),
                Quantity::seconds(refreshed.elapsed),
            )
            .more_than(
                Quantity::new(floor.value + limit, Unit::Seconds),
                "AWS's rate and `terraform_data` with the same map",
            )
            .target("B12", seconds_more),
        );
        print(
            Row::new(
                format!("API calls to refresh a fleet of {number}"),
                Quantity::new(calls.all as f64, Unit::Calls),
            )
            .detail(&calls.text)
            .more_than(
                Quantity::new((number.div_ceil(PAGE) + 1) as f64, Unit::Calls),
                "full pages",
            )
            .target_and("B7", 3.0, " more, 0 throttled", calls.throttled == 0),
        );
        let what = format!("Resident memory, fleet of {number} refreshed, peak");
        print(match refreshed.peak {
            Some(peak) => Row::new(what, peak),
            None => Row::skipped(what, "This system does not tell."),
        });
    }
}

/// Terraform with the open invitations in one fleet.
fn imported(aws: &Sandbox, accounts: &[Account]) -> Terraform {
    let terraform = aws.terraform();
    let fleet = format!(
        "{}resource \"awsbilling_partner_account_invitations\" \"all\" {{\n  accounts = {{ for id in \
         local.accounts : id => {{}} }}\n}}\n",
        local(accounts)
    );
    let import = format!(
        "import {{\n  to = awsbilling_partner_account_invitations.all\n  id = \"{}\"\n}}\n",
        aws.organization.id
    );
    terraform.apply(&format!("{fleet}{import}"));
    terraform.write(&fleet);
    terraform
}

fn held_by_terraform(aws: &Sandbox, accounts: &[Account]) -> Terraform {
    let terraform = aws.terraform();
    let configuration = format!(
        "{}resource \"terraform_data\" \"all\" {{\n  input = {{ for id in local.accounts : id => {{ \
         notes = null, tags = null, on_destroy = null }} }}\n}}\n",
        local(accounts)
    );
    terraform.put("main.tf", &configuration);
    terraform.run(&["init"]).succeeded();
    terraform.try_apply().succeeded();
    terraform
}

fn local(accounts: &[Account]) -> String {
    let ids: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
    format!(
        "locals {{\n  accounts = [\"{}\"]\n}}\n\n",
        ids.join("\", \"")
    )
}
