//! The permissions that a page asks for are those that the calls need: none is missing, none is needless.
//!
//! Each resource and data source lives a whole life here, in every mode that its page tells of, and nothing
//! else calls AWS meanwhile. The simulator logs the IAM actions that each call needs.

use std::collections::{BTreeMap, BTreeSet};

use aws_simulator::world::{
    AccountId, Invitation, Recipient, ReportSpec, TransferInvitation, Versioning,
};
use aws_simulator::{PaymentMethod, Simulator};
use awsbilling::framework::{Page, Provider};
use awsbilling::provider::AwsBilling;
use serde_json::{Value, json};

use crate::harness::{Terraform, account, at_once, sown};

const PAYER: &str = "999988887777";
const CUSTOMER: &str = "111122223333";
const MEMBER: &str = "444455556666";
const OTHER: &str = "222233334444";

/// A partner with two members, a customer on its own, another payer, and a role to reach each side.
const WORLD: &str = r#"{
  "accounts": [
    { "name": "Payer", "id": "999988887777", "email": "payer@partner.example.com" },
    { "name": "First", "id": "444455556666", "email": "first@partner.example.com" },
    { "name": "Second", "id": "444455557777", "email": "second@partner.example.com" },
    { "name": "Customer", "id": "111122223333", "email": "owner@customer.example.com" },
    { "name": "Other", "id": "222233334444", "email": "payer@other.example.com" }
  ],
  "organizations": [
    {
      "id": "o-examplepartner",
      "management": "999988887777",
      "inbound_transfer_quota": 5,
      "units": [{ "name": "Workloads" }],
      "members": [{ "id": "444455556666" }, { "id": "444455557777" }]
    },
    { "id": "o-exampleother", "management": "222233334444" }
  ],
  "roles": [
    { "account": "999988887777", "name": "example", "trusts": ["999988887777"] },
    { "account": "111122223333", "name": "example", "trusts": ["111122223333"] },
    { "account": "222233334444", "name": "example", "trusts": ["222233334444"] },
    { "account": "444455556666", "name": "example", "trusts": ["222233334444"] },
    { "account": "444455557777", "name": "example", "trusts": ["444455556666"] }
  ],
  "buckets": [{ "account": "111122223333", "name": "example-reports", "takes_reports": true }],
  "reports": [
    {
      "account": "111122223333",
      "definition": { "name": "existing", "bucket": "example-reports", "prefix": "cur" },
      "history_months": 1
    }
  ]
}"#;

/// The world, with so many more members that their list has several pages, and the others on the last.
fn world() -> String {
    let mut world: Value = serde_json::from_str(WORLD).unwrap();
    for n in 0..50 {
        let id = format!("0000{n:08}");
        let email = format!("more-{n}@partner.example.com");
        let account = json!({ "name": format!("More {n}"), "id": id, "email": email });
        world["accounts"].as_array_mut().unwrap().push(account);
        let members = world["organizations"][0]["members"].as_array_mut();
        members.unwrap().push(json!({ "id": id }));
    }
    world.to_string()
}

/// What happens to an object.
enum Step {
    /// Applies the arguments.
    Apply(&'static str),
    /// Applies the arguments, which ends with an error that asks a person to do something. `UNIT` stands for the ID
    /// of the payer's organizational unit, here and in `Apply`, and `CODE` for the newest one-time password.
    Refused(&'static str),
    /// Forgets the object, and imports it by the ID; `HANDSHAKE` stands for that of the newest invitation.
    Import(&'static str),
    /// Destroys the object.
    Destroy,
    /// What somebody does in the console.
    ByHand(fn(&Simulator)),
}

use Step::{Apply, ByHand, Destroy, Import, Refused};

/// Everything that can happen to a resource or a data source, and whose credentials it uses.
struct Life {
    of: &'static str,
    by: &'static str,
    steps: &'static [Step],
}

const LIVES: &[Life] = &[
    Life {
        of: "resource awsbilling_partner_account_invitation",
        by: PAYER,
        steps: &[
            Apply(r#"account_id = "111122223333", tags = { a = "1", b = "1" }"#),
            Apply(
                r#"account_id = "111122223333", tags = { a = "1", b = "1" }, notes = "Welcome.""#,
            ),
            Import("111122223333"),
            Import("HANDSHAKE"),
            ByHand(accept),
            Apply(
                r#"account_id = "111122223333", tags = { a = "2" }, on_destroy = "remove_account""#,
            ),
            Destroy,
            Apply(
                r#"email = "owner@customer.example.com", assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_org_handshake_accept",
        by: CUSTOMER,
        steps: &[
            ByHand(|simulator| invite(simulator, PAYER)),
            Apply(r#"organization_id = "o-examplepartner", on_destroy = "leave""#),
            Import("111122223333"),
            Apply(r#"organization_id = "o-examplepartner", on_destroy = "leave""#),
            Destroy,
            ByHand(|simulator| invite(simulator, PAYER)),
            Apply(
                r#"handshake_id = "HANDSHAKE", assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
            ),
            Destroy,
            ByHand(|simulator| invite(simulator, "222233334444")),
            Apply(r#"management_account_id = "222233334444", leave_current_organization = true"#),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_org_member_removal",
        by: PAYER,
        steps: &[
            Apply(r#"account_id = "444455556666""#),
            Apply(r#"account_id = "444455556666", timeouts = { create = "1m" }"#),
            Import("444455556666"),
            Destroy,
            Apply(
                r#"account_id = "444455557777", assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_partner_account_invitations",
        by: PAYER,
        steps: &[
            Apply(r#"accounts = { "111122223333" = { tags = { a = "1", b = "1" } } }"#),
            Apply(
                r#"accounts = { "111122223333" = { tags = { a = "1", b = "1" }, notes = "Welcome." } }"#,
            ),
            ByHand(accept),
            Apply(
                r#"accounts = { "111122223333" = { tags = { a = "2" } } }, on_destroy = "remove_account""#,
            ),
            Import("o-examplepartner"),
            Apply(
                r#"accounts = { "111122223333" = { tags = { a = "2" } } }, on_destroy = "remove_account""#,
            ),
            Destroy,
            Apply(
                r#"accounts = { "owner@customer.example.com" = {} }, assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_org_handshake_accepts",
        by: CUSTOMER,
        steps: &[
            ByHand(|simulator| invite(simulator, PAYER)),
            Apply(
                r#"organization_id = "o-examplepartner", accounts = { "111122223333" = {} }, on_destroy = "leave""#,
            ),
            Destroy,
            ByHand(|simulator| invite(simulator, PAYER)),
            Apply(
                r#"organization_id = "o-examplepartner", accounts = { "111122223333" = { assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" } } }"#,
            ),
            Import("arn:aws:iam::111122223333:role/example"),
            Destroy,
            ByHand(|simulator| invite(simulator, "222233334444")),
            Apply(
                r#"organization_id = "o-exampleother", accounts = { "111122223333" = {} }, leave_current_organization = true"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_org_member_removals",
        by: PAYER,
        steps: &[
            Apply(r#"accounts = { "444455556666" = {} }"#),
            Import("444455556666"),
            Destroy,
            Apply(
                r#"accounts = { "444455557777" = {} }, assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_billing_transfer_invitation",
        by: PAYER,
        steps: &[
            Apply(
                r#"account_id = "222233334444", name = "a", start_month = "2027-01", tags = { a = "1" }"#,
            ),
            Apply(
                r#"account_id = "222233334444", name = "b", start_month = "2027-01", tags = { b = "1" }"#,
            ),
            Apply(r#"account_id = "222233334444", name = "b", start_month = "2026-12""#),
            Import("222233334444"),
            ByHand(hand_the_bill_over),
            Apply(
                r#"account_id = "222233334444", name = "b", start_month = "2026-12", on_destroy = "terminate", assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_billing_transfer_accept",
        by: OTHER,
        steps: &[
            ByHand(invite_to_transfer),
            Apply(r#"organization_id = "o-examplepartner""#),
            Apply(
                r#"organization_id = "o-examplepartner", on_destroy = "terminate", assume_role = { role_arn = "arn:aws:iam::222233334444:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_org_deletion",
        by: OTHER,
        steps: &[
            Apply(r#"organization_id = "o-exampleother""#),
            Import("o-exampleother"),
            Apply(
                r#"organization_id = "o-exampleother", assume_role = { role_arn = "arn:aws:iam::222233334444:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_org_departure",
        by: MEMBER,
        steps: &[
            Apply(r#"organization_id = "o-examplepartner""#),
            Import("o-examplepartner"),
            Destroy,
            Apply(
                r#"organization_id = "o-examplepartner", assume_role = { role_arn = "arn:aws:iam::444455557777:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_org_member_account",
        by: PAYER,
        steps: &[
            Apply(r#"name = "First", email = "a@new.example.com", tags = { a = "1" }"#),
            Apply(
                r#"name = "First", email = "a@new.example.com", tags = { b = "1" }, on_destroy = "remove""#,
            ),
            Apply(
                r#"name = "First", email = "a@new.example.com", parent_id = "UNIT", tags = { b = "1" }, on_destroy = "remove""#,
            ),
            ByHand(trust_account_management),
            Apply(
                r#"name = "Renamed", email = "a@new.example.com", tags = { b = "1" }, on_destroy = "remove""#,
            ),
            ByHand(rename_by_hand),
            Apply(
                r#"name = "Renamed", email = "a@new.example.com", tags = { b = "1" }, on_destroy = "remove""#,
            ),
            Refused(
                r#"name = "Renamed", email = "c@new.example.com", tags = { b = "1" }, on_destroy = "remove""#,
            ),
            Apply(
                r#"name = "Renamed", email = "c@new.example.com", email_confirmation_code = "CODE", tags = { b = "1" }, on_destroy = "remove""#,
            ),
            ByHand(readdress_by_hand),
            Apply(
                r#"name = "Renamed", email = "d@new.example.com", tags = { b = "1" }, on_destroy = "remove""#,
            ),
            ByHand(show_no_paths),
            ByHand(make_independent),
            Destroy,
            Apply(
                r#"name = "Second", email = "b@new.example.com", on_destroy = "close", assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_organization",
        by: CUSTOMER,
        steps: &[
            Apply(r#"feature_set = "CONSOLIDATED_BILLING", deletion_protection = false"#),
            Apply("deletion_protection = false"),
            Destroy,
            Apply(
                r#"deletion_protection = false, assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_account_password_policy",
        by: CUSTOMER,
        steps: &[
            Apply("max_password_age = 90"),
            Import("111122223333"),
            Apply("minimum_password_length = 20"),
            Destroy,
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#),
            Destroy,
        ],
    },
    Life {
        of: "data awsbilling_management_account_security",
        by: OTHER,
        steps: &[
            Apply(""),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::222233334444:role/example" }"#),
        ],
    },
    Life {
        of: "data awsbilling_consolidated_bill",
        by: PAYER,
        steps: &[
            Apply(""),
            ByHand(pay_for_other),
            Apply(
                r#"source_account_id = "222233334444", assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#,
            ),
        ],
    },
    Life {
        of: "data awsbilling_account_standing",
        by: OTHER,
        steps: &[
            Apply(""),
            ByHand(delegate),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::444455556666:role/example" }"#),
        ],
    },
    Life {
        of: "data awsbilling_billing_transfers",
        by: OTHER,
        steps: &[
            Apply(""),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::222233334444:role/example" }"#),
        ],
    },
    Life {
        of: "data awsbilling_removal_readiness",
        by: PAYER,
        steps: &[
            ByHand(delegate),
            Apply(""),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#),
        ],
    },
    Life {
        of: "data awsbilling_sent_invitations",
        by: PAYER,
        steps: &[
            Apply(""),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#),
        ],
    },
    Life {
        of: "data awsbilling_org_members",
        by: PAYER,
        steps: &[
            Apply(""),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::999988887777:role/example" }"#),
        ],
    },
    Life {
        of: "data awsbilling_pending_invitations",
        by: CUSTOMER,
        steps: &[
            ByHand(|simulator| invite(simulator, PAYER)),
            Apply(r#"organization_id = "o-examplepartner""#),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#),
        ],
    },
    Life {
        of: "resource awsbilling_cur_report_definition",
        by: CUSTOMER,
        steps: &[
            Apply(
                r#"report_name = "hourly", time_unit = "HOURLY", format = "textORcsv", s3_bucket = "example-reports", s3_prefix = "cur", s3_region = "us-east-1", compression = "GZIP", tags = { a = "1", b = "1" }"#,
            ),
            Import("hourly"),
            Apply(
                r#"report_name = "hourly", time_unit = "HOURLY", format = "textORcsv", s3_bucket = "example-reports", s3_prefix = "cur", s3_region = "us-east-1", compression = "ZIP", tags = { a = "2" }"#,
            ),
            ByHand(transfer_the_bill),
            Destroy,
            Apply(
                r#"report_name = "hourly", time_unit = "HOURLY", format = "textORcsv", s3_bucket = "example-reports", s3_prefix = "cur", s3_region = "us-east-1", compression = "ZIP", assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_cur_bucket",
        by: CUSTOMER,
        steps: &[
            Apply(
                r#"bucket = "example-new", region = "us-east-1", expire_after_days = 30, tags = { a = "1" }"#,
            ),
            Import("example-new"),
            Apply(
                r#"bucket = "example-new", region = "us-east-1", force_destroy = true, data_exports = false"#,
            ),
            ByHand(deliver),
            Destroy,
            Apply(
                r#"bucket = "example-new", region = "us-east-1", assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_cost_analyzer_connection",
        by: CUSTOMER,
        steps: &[
            Apply(
                r#"analyzer = "spot_cloud_analyzer", report_name = "existing", conformance = "warn", managed_policy_arns = ["arn:aws:iam::aws:policy/SecurityAudit"], tags = { a = "1" }"#,
            ),
            Import("awsbilling-spot-cloud-analyzer"),
            Apply(
                r#"analyzer = "spot_cloud_analyzer", report_name = "existing", conformance = "warn", permissions_boundary = "arn:aws:iam::aws:policy/SecurityAudit", external_id = "tenant", tags = { b = "1" }"#,
            ),
            Apply(
                r#"analyzer = "spot_cloud_analyzer", report_name = "existing", conformance = "warn""#,
            ),
            ByHand(transfer_the_bill),
            Destroy,
            Apply(
                r#"analyzer = "spot_cloud_analyzer", report_name = "existing", conformance = "warn", assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "resource awsbilling_cur_backfill_access",
        by: CUSTOMER,
        steps: &[
            Apply(r#"report_name = "existing", principals = ["999988887777"]"#),
            Import("existing"),
            ByHand(leave_only_backfill),
            Destroy,
            Apply(
                r#"report_name = "existing", principals = ["222233334444"], assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
            ),
            Destroy,
        ],
    },
    Life {
        of: "data awsbilling_cost_analyzer_profile",
        by: CUSTOMER,
        steps: &[Apply(r#"analyzer = "custom""#)],
    },
    Life {
        of: "data awsbilling_cur_bucket_policy",
        by: CUSTOMER,
        steps: &[Apply(
            r#"bucket = "example-reports", assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
        )],
    },
    Life {
        of: "data awsbilling_cur_delivery",
        by: CUSTOMER,
        steps: &[
            ByHand(transfer_the_bill),
            Apply(
                r#"report_name = "existing", assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#,
            ),
        ],
    },
    Life {
        of: "data awsbilling_cur_report_definitions",
        by: CUSTOMER,
        steps: &[
            Apply(""),
            Apply(r#"assume_role = { role_arn = "arn:aws:iam::111122223333:role/example" }"#),
        ],
    },
];

/// What one call needs for some of the objects that it names, which the simulator checks and does not log:
/// `DeleteObjects`, with the versions of objects.
const UNLOGGED: [&str; 1] = ["s3:DeleteObjectVersion"];

/// AWS delivers a report into the bucket that Terraform has made.
fn deliver(simulator: &Simulator) {
    simulator.world(|world| {
        let report = json!({
            "account": CUSTOMER,
            "definition": {"name": "new", "bucket": "example-new", "prefix": "cur"},
            "history_months": 1,
        });
        let report: ReportSpec = serde_json::from_value(report).unwrap();
        world.arrange_report(&report).unwrap();
        // What comes from now on is kept in versions.
        world.bucket_mut("example-new").unwrap().versioning = Versioning::Enabled;
        world
            .backfill(&AccountId::from(CUSTOMER), "new", 1)
            .unwrap();
    });
}

/// Somebody takes everything out of the bucket's policy that is not Terraform's.
fn leave_only_backfill(simulator: &Simulator) {
    simulator.world(|world| {
        let policy = &mut world.bucket_mut("example-reports").unwrap().policy;
        let mut document: Value = serde_json::from_str(policy.as_deref().unwrap()).unwrap();
        let statements = document["Statement"].as_array_mut().unwrap();
        statements.retain(|one| {
            one["Sid"]
                .as_str()
                .is_some_and(|sid| sid.contains("Backfill"))
        });
        *policy = Some(document.to_string());
    });
}

/// The payer invites the customer.
fn invite(simulator: &Simulator, payer: &str) {
    let customer = Recipient::Account(AccountId::from(CUSTOMER));
    simulator.world(|world| {
        let sent = world.invite(&AccountId::from(payer), Invitation::to(customer));
        sent.unwrap();
    });
}

/// The customer accepts the newest invitation.
fn accept(simulator: &Simulator) {
    let handshake = newest_invitation(simulator);
    simulator.world(|world| {
        world
            .accept(&AccountId::from(CUSTOMER), &handshake)
            .unwrap();
    });
}

/// The payer invites the other payer to hand its bill over.
fn invite_to_transfer(simulator: &Simulator) {
    let invitation = TransferInvitation {
        source: Recipient::Account(AccountId::from(OTHER)),
        name: "example".to_owned(),
        start: time::macros::datetime!(2027-01-01 00:00 UTC),
        notes: None,
        tags: BTreeMap::new(),
    };
    simulator.world(|world| {
        let sent = world.invite_to_transfer(&AccountId::from(PAYER), invitation);
        sent.unwrap();
    });
}

/// The other payer hands its bill over.
fn hand_the_bill_over(simulator: &Simulator) {
    simulator.world(|world| {
        let open = world
            .transfers()
            .find(|transfer| transfer.status == aws_simulator::world::TransferStatus::Requested);
        let handshake = open.unwrap().handshake.to_string();
        world.accept(&AccountId::from(OTHER), &handshake).unwrap();
    });
}

/// The payer has paid the other payer's bill for months.
fn pay_for_other(simulator: &Simulator) {
    simulator.world(|world| {
        let (source, target) = (AccountId::from(OTHER), AccountId::from(PAYER));
        let start = time::macros::datetime!(2026-09-01 00:00 UTC);
        let transfer = world.arrange_transfer(&source, &target, "example", start);
        transfer.unwrap();
    });
}

/// The payer may manage its members' names and addresses.
fn trust_account_management(simulator: &Simulator) {
    let service = "account.amazonaws.com";
    simulator.world(|world| {
        world
            .enable_service_access(&AccountId::from(PAYER), service)
            .unwrap();
    });
}

/// The owner gives the account another name.
fn rename_by_hand(simulator: &Simulator) {
    simulator.world(|world| {
        let id = world.account_by_email("a@new.example.com").unwrap().clone();
        let account = world.account_mut(id.as_str()).unwrap();
        "By hand".clone_into(&mut account.name);
    });
}

/// The owner gives the account another address.
fn readdress_by_hand(simulator: &Simulator) {
    simulator.world(|world| {
        let id = world.account_by_email("c@new.example.com").unwrap().clone();
        let account = world.account_mut(id.as_str()).unwrap();
        "d@new.example.com".clone_into(&mut account.email);
    });
}

fn show_no_paths(simulator: &Simulator) {
    simulator.switch(|switches| switches.omit_paths = true);
}

/// The customer has founded an organization, and the payer has taken its bill over; by now its reports no
/// longer come.
fn transfer_the_bill(simulator: &Simulator) {
    let customer = account(simulator, CUSTOMER);
    simulator.create_organization(&customer);
    simulator.world(|world| {
        let january = time::macros::datetime!(2027-01-01 00:00 UTC);
        world
            .arrange_transfer(&customer.id, &AccountId::from(PAYER), "example", january)
            .unwrap();
    });
    simulator.pass_days(50);
}

/// The newest account can stand alone.
fn make_independent(simulator: &Simulator) {
    simulator.world(|world| {
        let id = world.account_by_email("c@new.example.com").unwrap().clone();
        world.arrange_created(&id, 10).unwrap();
        let account = world.account_mut(id.as_str()).unwrap();
        account.payment_method = PaymentMethod::Valid;
        account.phone_verified = true;
        account.agreement_accepted = true;
    });
}

/// A member administers a service.
fn delegate(simulator: &Simulator) {
    simulator.world(|world| {
        let (payer, service) = (AccountId::from(PAYER), "guardduty.amazonaws.com");
        world.enable_service_access(&payer, service).unwrap();
        world
            .register_delegated_administrator(&payer, MEMBER, service)
            .unwrap();
    });
}

/// ID of the payer's organizational unit.
fn unit(simulator: &Simulator) -> String {
    let ids = simulator.world(|world| {
        let payers = world.organization("o-examplepartner").unwrap();
        payers.units.keys().cloned().collect::<Vec<_>>()
    });
    ids.concat()
}

/// The one-time password that AWS has sent.
fn newest_password(simulator: &Simulator) -> String {
    simulator.world(|world| {
        let sent = world.accounts().find_map(|it| it.email_update.as_ref());
        sent.map(|update| update.code.clone()).unwrap_or_default()
    })
}

fn newest_invitation(simulator: &Simulator) -> String {
    let sent = simulator.handshakes();
    // Those of one instant differ by whether they are still open.
    let newest = sent
        .iter()
        .max_by_key(|handshake| (handshake.requested_at, handshake.closed_at.is_none()));
    newest
        .map(|handshake| handshake.id.to_string())
        .unwrap_or_default()
}

impl Life {
    /// The actions that all its calls need.
    fn actions(&self) -> BTreeSet<String> {
        let (block, type_name) = self.of.split_once(' ').unwrap();
        let simulator = sown(&world());
        let terraform = Terraform::of(&simulator, self.by);
        for step in self.steps {
            let filled = |text: &str| {
                let filled = text.replace("HANDSHAKE", &newest_invitation(&simulator));
                filled
                    .replace("UNIT", &unit(&simulator))
                    .replace("CODE", &newest_password(&simulator))
            };
            let object = |arguments: &str| {
                let lines = one_by_line(&filled(arguments));
                format!("{block} \"{type_name}\" \"example\" {{\n{lines}\n}}\n")
            };
            match step {
                Apply(arguments) => {
                    terraform.apply(&object(arguments));
                    terraform.expect_empty_plan();
                }
                Refused(arguments) => {
                    terraform.write(&object(arguments));
                    terraform.try_apply().failed();
                }
                Import(id) => {
                    let address = format!("{type_name}.example");
                    terraform.run(&["state", "rm", &address]).succeeded();
                    terraform.import(&address, &filled(id)).succeeded();
                }
                Destroy => drop(terraform.destroy().succeeded()),
                ByHand(deed) => deed(&simulator),
            }
        }
        let calls = simulator.calls();
        calls.into_iter().flat_map(|call| call.actions).collect()
    }
}

/// The arguments as a block has them. Only those at the top begin a line.
fn one_by_line(arguments: &str) -> String {
    let mut depth = 0;
    let break_line = |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 { '\n' } else { c }
    };
    arguments.chars().map(break_line).collect()
}

/// The pages of everything that calls AWS, by block and type.
fn pages() -> BTreeMap<String, &'static Page> {
    let catalog = AwsBilling::catalog();
    let named = |block: &str, name: &str| format!("{block} {}_{name}", AwsBilling::NAME);
    let resources = catalog.resources.iter();
    let resources = resources.map(|r| (named("resource", r.name()), r.page()));
    let data_sources = catalog.data_sources.iter();
    let data_sources = data_sources.map(|d| (named("data", d.name()), d.page()));
    resources.chain(data_sources).collect()
}

#[test]
fn pages_ask_for_what_the_calls_need() {
    let pages = pages();
    at_once(LIVES.iter().collect(), |life| {
        let asked = pages[life.of].permissions.iter();
        let asked: BTreeSet<_> = asked
            .map(|permission| permission.action.to_owned())
            .collect();
        let needed = life.actions();
        let missing: Vec<_> = needed.difference(&asked).collect();
        let unseen = |action: &&String| UNLOGGED.contains(&action.as_str());
        let needless: Vec<_> = asked
            .difference(&needed)
            .filter(|action| !unseen(action))
            .collect();
        assert!(
            missing.is_empty() && needless.is_empty(),
            "the page of {} lacks {missing:?}, and asks needlessly for {needless:?}",
            life.of
        );
    });
    let lived: BTreeSet<_> = LIVES.iter().map(|life| life.of).collect();
    let on_offer: BTreeSet<_> = pages.keys().map(String::as_str).collect();
    assert_eq!(lived, on_offer, "each has a life here");
}
