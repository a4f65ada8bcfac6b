//! The shapes in which our pages and stories arrange many accounts, beside `count`.
//!
//! Terraform's own work on a shape is not ours; but which shape we show is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_simulator::Account;

use crate::Options;
use crate::figure::{Quantity, Row};
use crate::harness::Terraform;
use crate::stage::{self, run};

const NUMBER: usize = 1_000;

const PLAN: [&str; 2] = ["plan", "-no-color"];

/// Accounts by a name, as in the story of a startup.
const LOCAL_MAP: &str = "
resource \"awsbilling_partner_account_invitation\" \"all\" {
  for_each   = local.accounts
  account_id = each.value
}
";

/// A variable with accounts by a name, as in the guides.
const TYPED_VARIABLE: &str = "
variable \"accounts\" {
  type = map(string)
}

resource \"awsbilling_partner_account_invitation\" \"all\" {
  for_each   = var.accounts
  account_id = each.value
}
";

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let aws = stage::sandbox(NUMBER + 10);
    let accounts = stage::customers(&aws, NUMBER);
    let plan = |arrange: &dyn Fn(&Terraform)| {
        let terraform = aws.terraform();
        arrange(&terraform);
        Quantity::seconds(run(&terraform, &PLAN).elapsed)
    };
    let counted = plan(&|terraform| {
        terraform.write(&stage::invitations(&accounts));
    });
    let mapped = plan(&|terraform| {
        let mut entries = String::new();
        for account in &accounts {
            writeln!(entries, "    \"customer-{0}\" = \"{0}\"", account.id).unwrap();
        }
        terraform.write(&format!(
            "locals {{\n  accounts = {{\n{entries}  }}\n}}\n{LOCAL_MAP}"
        ));
    });
    let typed = plan(&|terraform| {
        let named =
            |account: &Account| (format!("customer-{}", account.id), account.id.to_string());
        let accounts: BTreeMap<_, _> = accounts.iter().map(named).collect();
        terraform.put(
            "terraform.tfvars.json",
            &serde_json::json!({ "accounts": accounts }).to_string(),
        );
        terraform.write(TYPED_VARIABLE);
    });
    for (what, measured) in [
        ("`for_each` over a local map", mapped),
        ("`for_each` over a variable of type `map(string)`", typed),
    ] {
        print(
            Row::new(
                format!("Plan to invite {NUMBER} accounts, {what}"),
                measured,
            )
            .times(counted, "`count` over a list")
            .target("B13", 3.0),
        );
    }
}
