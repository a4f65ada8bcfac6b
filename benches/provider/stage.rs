//! AWS and Terraform arranged for many accounts.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use aws_simulator::{Account, Effect, Fault, OrganizationSpec, Simulator};

use crate::figure::Quantity;
use crate::harness::{Sandbox, Terraform};
use crate::process::Watch;

/// Round trip to AWS, in milliseconds.
const ROUND_TRIP: u64 = 120;

/// Size of a page of every list of Organizations.
pub(crate) const PAGE: usize = 20;

/// Time in which every bucket of AWS fills.
const BUCKETS_FILL: Duration = Duration::from_secs(3);

/// Time that a command took, and the most memory of a provider that it started.
pub(crate) struct Run {
    pub(crate) elapsed: Duration,
    pub(crate) peak: Option<Quantity>,
}

/// A partner whose organization may grow, with nobody in it.
pub(crate) fn sandbox(account_limit: usize) -> Sandbox {
    let simulator = Simulator::start_blocking().unwrap();
    let partner = simulator.create_account("Example Partner");
    let spec = OrganizationSpec {
        account_limit: Some(account_limit),
        ..OrganizationSpec::default()
    };
    let organization = simulator.create_organization_with(&partner, spec);
    Sandbox {
        simulator,
        partner,
        organization,
    }
}

/// A partner with open invitations, all of them in Terraform's state.
pub(crate) fn invited(number: usize) -> (Sandbox, Terraform) {
    let aws = sandbox(number + 10);
    let accounts = customers(&aws, number);
    for account in &accounts {
        aws.simulator.invite(&aws.organization, account).unwrap();
    }
    let terraform = aws.terraform();
    let mut imports = invitations(&accounts);
    for (index, account) in accounts.iter().enumerate() {
        write!(
            imports,
            "import {{\n  to = awsbilling_partner_account_invitation.all[{index}]\n  id = \"{}\"\n}}\n",
            account.id
        )
        .unwrap();
    }
    terraform.apply(&imports);
    terraform.write(&invitations(&accounts));
    (aws, terraform)
}

/// Accounts that stand alone.
pub(crate) fn customers(aws: &Sandbox, number: usize) -> Vec<Account> {
    let accounts = (0..number).map(|n| aws.customer(&format!("Customer {n}")));
    accounts.collect()
}

/// Configuration that invites the accounts.
pub(crate) fn invitations(accounts: &[Account]) -> String {
    counted(
        "awsbilling_partner_account_invitation",
        "account_id",
        accounts,
    )
}

/// Configuration of one resource for each account.
pub(crate) fn counted(resource: &str, attribute: &str, accounts: &[Account]) -> String {
    let ids: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
    format!(
        "locals {{\n  accounts = [\"{}\"]\n}}\n\nresource \"{resource}\" \"all\" {{\n  count = {}\n  \
         {attribute} = local.accounts[count.index]\n}}\n",
        ids.join("\", \""),
        accounts.len()
    )
}

/// Terraform with as many objects of its own, which cost nothing but Terraform's work.
pub(crate) fn terraform_data(aws: &Sandbox, number: usize) -> Terraform {
    let terraform = aws.terraform();
    let ids: Vec<String> = (0..number).map(|n| format!("{n:012}")).collect();
    let configuration = format!(
        "locals {{\n  accounts = [\"{}\"]\n}}\n\nresource \"terraform_data\" \"all\" {{\n  count = \
         {number}\n  input = local.accounts[count.index]\n}}\n",
        ids.join("\", \"")
    );
    // Unlike `write`, this does not name our provider as well.
    terraform.put("main.tf", &configuration);
    terraform.run(&["init"]).succeeded();
    terraform.try_apply().succeeded();
    terraform
}

/// Holds the simulator to AWS's documented rates and a round trip, and forgets the calls so far.
pub(crate) fn far_away(aws: &Sandbox) {
    aws.simulator.switch(|switches| switches.pace = true);
    aws.simulator.fault(Fault::new(Effect::Delay {
        milliseconds: ROUND_TRIP,
    }));
    std::thread::sleep(BUCKETS_FILL);
    aws.simulator.clear_calls();
}

/// Runs a command that must succeed.
pub(crate) fn run(terraform: &Terraform, arguments: &[&str]) -> Run {
    let begun = Instant::now();
    let child = terraform.command(arguments).spawn().unwrap();
    let watch = Watch::over(child.id());
    let output = child.wait_with_output().unwrap();
    let elapsed = begun.elapsed();
    let text = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&text)
    );
    Run {
        elapsed,
        peak: watch.peak(),
    }
}

/// Calls so far by operation, and how many of them were throttled.
pub(crate) fn calls(aws: &Sandbox) -> (usize, String) {
    let mut counted: std::collections::BTreeMap<String, usize> = [].into();
    let (mut all, mut throttled) = (0, 0);
    for call in aws.simulator.calls() {
        all += 1;
        throttled += usize::from(call.error.as_deref() == Some("TooManyRequestsException"));
        *counted.entry(call.operation).or_default() += 1;
    }
    let operations: Vec<String> = counted
        .iter()
        .map(|(operation, count)| format!("{count} {operation}"))
        .collect();
    (
        all,
        format!("{}; {throttled} throttled", operations.join(", ")),
    )
}

/// Least time for so many calls at a sustained rate after a burst.
pub(crate) fn limit(calls: usize, per_second: f64, burst: f64) -> f64 {
    ((calls as f64 - burst) / per_second).max(0.0)
}

/// Least time for a list that is fetched page by page: each page names the next.
pub(crate) fn paged_limit(pages: usize, per_second: f64, burst: f64) -> f64 {
    let round_trips = pages as f64 * Duration::from_millis(ROUND_TRIP).as_secs_f64();
    limit(pages, per_second, burst).max(round_trips)
}
