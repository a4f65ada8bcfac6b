//! AWS and Terraform arranged for many accounts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use aws_simulator::world::Recipient;
use aws_simulator::{Account, Effect, Fault, OrganizationSpec, Simulator};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::figure::Quantity;
use crate::harness::{Sandbox, Terraform};
use crate::process::Watch;

/// Usual round trip to AWS, in milliseconds.
pub(crate) const ROUND_TRIP: u64 = 120;

const INVITATION: &str = "awsbilling_partner_account_invitation";

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
    let sent = aws.simulator.handshakes().into_iter();
    let sent = sent.filter_map(|handshake| match handshake.recipient {
        Recipient::Account(id) => Some((id.to_string(), handshake.id.to_string())),
        Recipient::Email(_) => None,
    });
    let sent: BTreeMap<_, _> = sent.collect();
    let names = accounts.iter().map(|account| {
        let id = account.id.to_string();
        (id.clone(), sent[&id].clone())
    });
    let terraform = in_state(&aws, &names.collect::<Vec<_>>());
    terraform.write(&invitations(&accounts));
    (aws, terraform)
}

/// A partner with so many members.
pub(crate) fn crowd(members: usize) -> (Sandbox, Vec<Account>) {
    let aws = sandbox(members + 10);
    let member = |n| {
        let name = format!("Member {n}");
        aws.simulator
            .create_member(&aws.organization, name.as_str())
    };
    let members = (0..members).map(member).collect();
    (aws, members)
}

/// Terraform with these members in its state, as an earlier plan left them.
pub(crate) fn managing(aws: &Sandbox, members: &[Account]) -> Terraform {
    let names = members
        .iter()
        .map(|member| (member.id.to_string(), String::new()));
    let terraform = in_state(aws, &names.collect::<Vec<_>>());
    terraform.write(&invitations(members));
    terraform
}

/// Terraform with the accounts and their handshakes in its state: the first is imported, and the others
/// are written after its likeness, because importing thousands takes Terraform many minutes.
fn in_state(aws: &Sandbox, names: &[(String, String)]) -> Terraform {
    let terraform = aws.terraform();
    aws.simulator.switch(|switches| switches.pace = false);
    let (first, handshake) = &names[0];
    terraform.apply(&format!(
        "resource \"{INVITATION}\" \"all\" {{\n  count = 1\n  account_id = \"{first}\"\n}}\n\n\
         import {{\n  to = {INVITATION}.all[0]\n  id = \"{first}\"\n}}\n"
    ));
    let likeness = |instance: &Value, index: usize| {
        let (account, of) = &names[index];
        let mut instance = instance.clone();
        // The first process has asked for one account; one that refreshed all has asked for all.
        if let Some(notes) = instance["private"].as_str() {
            let notes = String::from_utf8(BASE64.decode(notes).unwrap()).unwrap();
            let notes = notes.replace("\"1/", &format!("\"{}/", names.len()));
            instance["private"] = BASE64.encode(notes).into();
        }
        let text = instance.to_string().replace(first.as_str(), account);
        if handshake.is_empty() {
            text
        } else {
            text.replace(handshake.as_str(), of)
        }
    };
    multiply(&terraform, names.len(), likeness);
    terraform
}

/// Writes so many instances into the state, each after the likeness of the only one in it.
fn multiply(terraform: &Terraform, number: usize, likeness: impl Fn(&Value, usize) -> String) {
    let mut state: Value =
        serde_json::from_str(&terraform.run(&["state", "pull"]).succeeded().text).unwrap();
    let only = state["resources"][0]["instances"][0].take();
    let alike = (0..number).map(|index| {
        let mut instance: Value = serde_json::from_str(&likeness(&only, index)).unwrap();
        instance["index_key"] = json!(index);
        instance
    });
    state["resources"][0]["instances"] = alike.collect();
    state["serial"] = json!(state["serial"].as_u64().unwrap_or_default() + 1);
    terraform.put("terraform.tfstate", &state.to_string());
}

/// Accounts that stand alone.
pub(crate) fn customers(aws: &Sandbox, number: usize) -> Vec<Account> {
    let accounts = (0..number).map(|n| aws.customer(&format!("Customer {n}")));
    accounts.collect()
}

/// Configuration that invites the accounts.
pub(crate) fn invitations(accounts: &[Account]) -> String {
    counted(INVITATION, "account_id", accounts)
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
    let id = |n: usize| format!("\"{n:012}\"");
    let configuration = |number: usize| {
        let ids: Vec<String> = (0..number).map(id).collect();
        format!(
            "locals {{\n  accounts = [{}]\n}}\n\nresource \"terraform_data\" \"all\" {{\n  count = \
             {number}\n  input = local.accounts[count.index]\n}}\n",
            ids.join(", ")
        )
    };
    // Unlike `write`, this does not name our provider as well.
    terraform.put("main.tf", &configuration(1));
    terraform.run(&["init"]).succeeded();
    terraform.try_apply().succeeded();
    multiply(&terraform, number, |instance, index| {
        instance.to_string().replace(&id(0), &id(index))
    });
    terraform.put("main.tf", &configuration(number));
    terraform
}

/// Terraform that takes the provider from the folder.
pub(crate) fn taking(terraform: Terraform, provider: &str, folder: &Path) -> Terraform {
    let settings = folder.join("terraform.rc");
    let overrides = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"{provider}\" = \"{}\"\n  }}\n  direct {{}}\n}}\n",
        folder.display()
    );
    fs::write(&settings, overrides).unwrap();
    terraform.with("TF_CLI_CONFIG_FILE", &settings.display().to_string())
}

/// Holds the simulator to AWS's documented rates and a round trip of so many milliseconds, and forgets the
/// calls so far.
pub(crate) fn far_away(aws: &Sandbox, round_trip: u64) {
    aws.simulator.clear_faults();
    aws.simulator.switch(|switches| switches.pace = true);
    aws.simulator.fault(Fault::new(Effect::Delay {
        milliseconds: round_trip,
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

/// Calls so far.
pub(crate) struct Calls {
    pub(crate) all: usize,
    pub(crate) throttled: usize,
    /// How many of each operation, and how many were throttled.
    pub(crate) text: String,
}

/// Calls so far by operation, and how many of them were throttled.
pub(crate) fn calls(aws: &Sandbox) -> Calls {
    let mut counted: BTreeMap<String, usize> = [].into();
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
    Calls {
        all,
        throttled,
        text: format!("{}; {throttled} throttled", operations.join(", ")),
    }
}

/// Least time for so many calls at a sustained rate after a burst.
pub(crate) fn limit(calls: usize, per_second: f64, burst: f64) -> f64 {
    ((calls as f64 - burst) / per_second).max(0.0)
}

/// Least time for a list that is fetched page by page: each page names the next.
pub(crate) fn paged_limit(pages: usize, (per_second, burst): (f64, f64), round_trip: u64) -> f64 {
    let round_trips = pages as f64 * Duration::from_millis(round_trip).as_secs_f64();
    limit(pages, per_second, burst).max(round_trips)
}
