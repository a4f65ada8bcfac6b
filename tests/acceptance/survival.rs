//! Interruptions: what was done is kept, and the next apply goes on from there.

use std::time::{Duration, Instant};

use aws_simulator::{Account, Effect, Fault};

use crate::harness::{Sandbox, Terraform};

const INVITATIONS: &str = r#"
locals {
  accounts = { for id in ["IDS"] : id => {} }
}

resource "awsbilling_partner_account_invitation" "all" {
  for_each   = local.accounts
  account_id = each.key
}
"#;

fn sandbox(invitations: usize) -> (Sandbox, Vec<Account>, String) {
    let aws = Sandbox::new();
    let accounts: Vec<_> = (0..invitations)
        .map(|n| aws.customer(&format!("Customer {n}")))
        .collect();
    let ids: Vec<_> = accounts
        .iter()
        .map(|account| account.id.to_string())
        .collect();
    let config = INVITATIONS.replace("IDS", &ids.join("\", \""));
    (aws, accounts, config)
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(
            Instant::now() < deadline,
            "{what} did not happen within a minute"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(name: &str, target: &str) {
    let sent = std::process::Command::new("kill")
        .args(["-s", name, "--", target])
        .status();
    assert!(sent.unwrap().success(), "kill -{name} {target}");
}

/// Applies the configuration with slow invitations, presses Ctrl-C after the second, and returns what
/// Terraform said and how many invitations were sent.
fn interrupted_apply(
    aws: &Sandbox,
    terraform: &Terraform,
    accounts: &[Account],
    arguments: &[&str],
) -> (String, usize) {
    use std::os::unix::process::CommandExt;

    let slow = Fault::new(Effect::Delay { milliseconds: 300 }).on("InviteAccountToOrganization");
    let slow = aws.simulator.fault(slow);
    // A group of its own, to be interrupted as a terminal does it: Terraform and the provider at once.
    let apply = terraform
        .command(&[&["apply", "-no-color", "-auto-approve"], arguments].concat())
        .process_group(0)
        .spawn()
        .unwrap();
    wait_until("the second invitation", || {
        aws.count("InviteAccountToOrganization") >= 2
    });
    signal("INT", &format!("-{}", apply.id()));
    let output = apply.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !output.status.success(),
        "the apply was not interrupted:\n{text}"
    );
    aws.simulator.clear_fault(slow);

    let sent = accounts
        .iter()
        .map(|account| aws.handshakes_of(account).len());
    let sent: usize = sent.sum();
    assert!(
        (1..accounts.len()).contains(&sent),
        "{sent} invitations were sent:\n{text}"
    );
    (text, sent)
}

/// Goes on with the apply, and asserts that every account has one invitation and never had another.
fn goes_on(aws: &Sandbox, terraform: &Terraform, accounts: &[Account]) {
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
    for account in accounts {
        let sent = aws.handshakes_of(account).len();
        assert_eq!(sent, 1, "account {} was invited twice", account.id);
    }
    assert_eq!(aws.count("CancelHandshake"), 0);
}

#[test]
fn ctrl_c_keeps_what_was_done() {
    let (aws, accounts, config) = sandbox(8);
    let terraform = aws.terraform();
    terraform.write(&config);
    let (text, sent) = interrupted_apply(&aws, &terraform, &accounts, &["-parallelism=2"]);
    assert_eq!(
        terraform.addresses().len(),
        sent,
        "the state does not hold what was done:\n{text}"
    );
    goes_on(&aws, &terraform, &accounts);
}

#[test]
fn ctrl_c_stops_a_fleet_and_taints_nothing() {
    let (aws, accounts, _) = sandbox(8);
    let entries = accounts
        .iter()
        .map(|account| format!("    \"{}\" = {{}}", account.id));
    let entries: Vec<_> = entries.collect();
    let config = format!(
        "resource \"awsbilling_partner_account_invitations\" \"all\" {{\n  accounts = {{\n{}\n  }}\n}}\n",
        entries.join("\n")
    );
    let terraform = aws.terraform();
    terraform.write(&config);
    interrupted_apply(&aws, &terraform, &accounts, &[]);
    goes_on(&aws, &terraform, &accounts);
}

#[test]
fn a_killed_provider_costs_no_second_invitation() {
    let (aws, accounts, config) = sandbox(4);
    let slow = Fault::new(Effect::Delay { milliseconds: 500 }).on("InviteAccountToOrganization");
    let slow = aws.simulator.fault(slow);
    let terraform = aws.terraform();
    terraform.write(&config);
    let apply = terraform
        .command(&["apply", "-no-color", "-auto-approve"])
        .spawn()
        .unwrap();
    wait_until("an invitation under way", || {
        aws.count("InviteAccountToOrganization") >= 1
    });
    let children = std::process::Command::new("pgrep")
        .args(["-P", &apply.id().to_string()])
        .output();
    for child in String::from_utf8(children.unwrap().stdout).unwrap().lines() {
        signal("KILL", child);
    }
    let output = apply.wait_with_output().unwrap();
    assert!(!output.status.success());

    aws.simulator.clear_fault(slow);
    goes_on(&aws, &terraform, &accounts);
}
