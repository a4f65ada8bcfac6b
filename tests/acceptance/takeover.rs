//! What a billing transfer does to the reports that were there before, as all that reads reports tells it.

use std::time::Duration;

use aws_simulator::{Effect, Fault, Simulator};
use serde_json::json;

use crate::harness::{Terraform, sown};

const PAYER: &str = "999988887777";
const MANAGER: &str = "111122223333";
const MEMBER: &str = "111122224444";

const REPORT: &str = "awsbilling_cur_report_definition.example";
const CONNECTION: &str = "awsbilling_cost_analyzer_connection.example";

/// A payer, and a customer's organization with a member; manager and member each have a report, and in
/// January the payer takes the customer's bill over.
fn world() -> Simulator {
    let report = |account: &str, bucket: &str| {
        json!({
            "account": account,
            "definition": {
                "name": "hourly", "bucket": bucket, "prefix": "cur", "format": "Parquet",
                "compression": "Parquet", "schema_elements": ["RESOURCES"], "artifacts": ["ATHENA"],
                "versioning": "OVERWRITE_REPORT",
            },
        })
    };
    let world = json!({
        "clock": "2026-11-20T09:00:00Z",
        "accounts": [
            { "name": "Payer", "id": PAYER, "email": "payer@partner.example.com" },
            { "name": "Manager", "id": MANAGER, "email": "manager@customer.example.com" },
            { "name": "Member", "id": MEMBER, "email": "member@customer.example.com" },
        ],
        "organizations": [
            { "id": "o-examplepartner", "management": PAYER },
            { "id": "o-examplecustomer", "management": MANAGER, "members": [{ "id": MEMBER }] },
        ],
        "transfers": [
            { "source": MANAGER, "target": PAYER, "name": "customer", "start": "2027-01-01T00:00:00Z" },
        ],
        "buckets": [
            { "account": MANAGER, "name": "example-manager", "takes_reports": true },
            { "account": MEMBER, "name": "example-member", "takes_reports": true },
        ],
        "reports": [report(MANAGER, "example-manager"), report(MEMBER, "example-member")],
    });
    sown(&world.to_string())
}

const DELIVERY: &str = r#"
data "awsbilling_cur_delivery" "example" {
  report_name = "hourly"
}
output "delivery" {
  value = data.awsbilling_cur_delivery.example
}
"#;

/// The report as a resource, an analyzer that reads it, and a look at what comes.
fn configuration() -> String {
    format!(
        r#"{DELIVERY}
resource "awsbilling_cur_report_definition" "example" {{
  report_name                = "hourly"
  time_unit                  = "HOURLY"
  format                     = "Parquet"
  compression                = "Parquet"
  additional_schema_elements = ["RESOURCES"]
  additional_artifacts       = ["ATHENA"]
  report_versioning          = "OVERWRITE_REPORT"
  s3_bucket                  = "example-manager"
  s3_prefix                  = "cur"
  s3_region                  = "us-east-1"
}}

resource "awsbilling_cost_analyzer_connection" "example" {{
  analyzer    = "spot_cloud_analyzer"
  report_name = "hourly"
}}
"#
    )
}

fn looks(simulator: &Simulator) -> usize {
    let calls = simulator.calls();
    let looks = calls
        .iter()
        .filter(|call| call.operation == "ListOutboundResponsibilityTransfers");
    looks.count()
}

/// The manager with everything applied while the reports flow.
fn flowing() -> (Simulator, Terraform) {
    let simulator = world();
    let terraform = Terraform::of(&simulator, MANAGER);
    terraform.write(&configuration());
    terraform.import(REPORT, "hourly").succeeded();
    simulator.pass_days(2);
    terraform.try_apply().succeeded();
    (simulator, terraform)
}

#[test]
fn a_report_that_flows_is_not_asked_about() {
    let (simulator, terraform) = flowing();
    // Less than two days without files: it may be late.
    simulator.pass_days(41);
    let plan = terraform.plan();
    plan.does_not_say("billing transfer");
    assert_eq!(looks(&simulator), 0);
    assert_eq!(terraform.output("delivery")["state"], "flowing");
    terraform.expect(REPORT, &[("bill_paid_by", json!(null))]);
    terraform.expect(CONNECTION, &[("status", json!("ready"))]);
}

#[test]
fn a_transfer_that_has_begun_is_told_by_all_who_read_the_report() {
    let (simulator, terraform) = flowing();
    simulator.pass_days(43);
    simulator.clear_calls();
    terraform
        .plan()
        .says("Warning: Report ended by a billing transfer")
        .says("management account 999988887777 has paid since 2027-01-01");
    assert_eq!(looks(&simulator), 1, "all readers share one list");

    terraform.try_apply().succeeded();
    let delivery = terraform.output("delivery");
    assert_eq!(delivery["state"], "bill_transferred");
    assert_eq!(delivery["bill_paid_by"], PAYER);
    assert_eq!(delivery["bill_paid_since"], "2027-01-01T00:00:00Z");
    assert_eq!(delivery["last_status"], "SUCCESS", "AWS says no more");
    terraform.expect(REPORT, &[("bill_paid_by", json!(PAYER))]);
    let connection = terraform.state(CONNECTION);
    assert_eq!(connection["status"], "critical");
    let reasons = connection["status_reasons"].to_string();
    assert!(reasons.contains("the payer makes"), "{reasons}");
    terraform.expect_empty_plan();
}

#[test]
fn a_report_that_was_made_anew_is_not_blamed_on_the_transfer() {
    let (simulator, terraform) = flowing();
    simulator.pass_days(50);
    let replace = format!("-replace={REPORT}");
    terraform
        .run(&["apply", "-no-color", "-auto-approve", &replace])
        .succeeded();
    simulator.pass_days(2);
    terraform.try_apply().succeeded();
    assert_eq!(terraform.output("delivery")["state"], "flowing");

    // It stops for another reason, which AWS does not tell either.
    simulator.world(|world| {
        let stranger = world.account(PAYER).unwrap().id.clone();
        world.bucket_mut("example-manager").unwrap().owner = stranger;
    });
    simulator.pass_days(5);
    terraform
        .plan()
        .does_not_say("Report ended by a billing transfer");
}

#[test]
fn a_look_that_is_denied_fails_nothing() {
    let (simulator, terraform) = flowing();
    simulator.fault(
        Fault::new(Effect::Error {
            code: "AccessDeniedException".to_owned(),
            reason: None,
            message: String::new(),
            status: None,
        })
        .on("ListOutboundResponsibilityTransfers"),
    );
    simulator.pass_days(43);
    terraform
        .try_apply()
        .succeeded()
        .does_not_say("Report ended by a billing transfer");
    let delivery = terraform.output("delivery");
    assert_eq!(delivery["state"], "stale");
    assert_eq!(delivery["bill_paid_by"], json!(null));
    terraform.expect(REPORT, &[("bill_paid_by", json!(null))]);
}

#[test]
fn a_member_is_sent_to_its_management_account() {
    let simulator = world();
    let terraform = Terraform::of(&simulator, MEMBER);
    simulator.pass_days(45);
    terraform.apply(DELIVERY);
    let delivery = terraform.output("delivery");
    assert_eq!(delivery["state"], "stale");
    let explanation = delivery["explanation"].as_str().unwrap();
    assert!(
        explanation.contains("ask its management account whether a billing transfer has begun"),
        "{explanation}"
    );
}

#[test]
fn a_report_that_never_came_is_explained_where_its_age_is_known() {
    let simulator = world();
    simulator.pass(Duration::from_hours(41 * 24 + 8));
    let terraform = Terraform::of(&simulator, MANAGER);
    simulator.world(|world| {
        let report = json!({
            "account": MANAGER,
            "definition": { "name": "late", "bucket": "example-manager", "prefix": "cur" },
        });
        let report = serde_json::from_value(report).unwrap();
        world.arrange_report(&report).unwrap();
    });
    simulator.pass_days(4);
    for (created, state) in [
        ("2026-12-31T20:00:00Z", "bill_transferred"),
        ("2027-01-02T20:00:00Z", "never_delivered"),
    ] {
        terraform.apply(&format!(
            "data \"awsbilling_cur_delivery\" \"example\" {{\n  report_name = \"late\"\n  created_at = \
             \"{created}\"\n}}\noutput \"state\" {{\n  value = data.awsbilling_cur_delivery.example.state\n}}\n"
        ));
        assert_eq!(terraform.output("state"), state, "{created}");
    }
}
