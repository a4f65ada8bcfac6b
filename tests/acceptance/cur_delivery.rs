//! `awsbilling_cur_delivery`: from nothing to a flow, and what can stop it.

use aws_simulator::world::{BucketSpec, ReportSpec};
use serde_json::{Value, json};

use crate::harness::{Sandbox, Terraform};

/// A report that was defined now.
fn with_report(history_months: u32) -> Sandbox {
    let aws = Sandbox::new();
    let report = json!({
        "account": aws.partner.id,
        "definition": {"name": "hourly", "bucket": "example-reports", "prefix": "cur"},
        "history_months": history_months,
    });
    let report: ReportSpec = serde_json::from_value(report).unwrap();
    aws.simulator.world(|world| {
        let bucket = BucketSpec::new(&aws.partner, "example-reports").taking_reports();
        world.arrange_bucket(&bucket).unwrap();
        world.arrange_report(&report).unwrap();
    });
    aws
}

/// What the data source shows.
fn delivery(terraform: &Terraform, attributes: &str) -> Value {
    terraform.apply(&format!(
        "data \"awsbilling_cur_delivery\" \"example\" {{\n  report_name = \"hourly\"\n{attributes}\n}}\n\
         output \"delivery\" {{\n  value = data.awsbilling_cur_delivery.example\n}}\n"
    ));
    terraform.output("delivery")
}

#[test]
fn a_report_starts_to_flow_within_a_day_and_goes_stale_without_files() {
    let aws = with_report(0);
    let terraform = aws.terraform();
    let created = aws.simulator.world(|world| world.now());
    let created = format!("  created_at = \"{}T00:00:00Z\"", created.date());
    let pending = delivery(&terraform, &created);
    assert_eq!(pending["state"], "pending_first_delivery");
    assert_eq!(pending["months"], json!([]));
    assert_eq!(pending["columns"], json!([]));
    assert!(pending["hours_since_creation"].as_i64().unwrap() < 24);

    aws.simulator.pass_days(1);
    let flowing = delivery(&terraform, &created);
    assert_eq!(flowing["state"], "flowing");
    assert_eq!(flowing["last_status"], "SUCCESS");
    let month = &flowing["months"][0];
    assert_eq!(month["files"], 1);
    assert!(month["bytes"].as_i64().unwrap() > 0);
    assert!(
        month["manifest_key"]
            .as_str()
            .unwrap()
            .starts_with("cur/hourly/")
    );
    let columns = flowing["columns"].as_array().unwrap();
    assert!(
        columns.contains(&json!("lineItem/UnblendedCost")),
        "{columns:?}"
    );
}

#[test]
fn what_keeps_aws_from_delivering_is_said() {
    let aws = with_report(0);
    let terraform = aws.terraform();
    aws.simulator
        .world(|world| world.bucket_mut("example-reports").unwrap().policy = None);
    aws.simulator.pass_days(1);
    let refused = delivery(&terraform, "");
    assert_eq!(refused["state"], "error");
    assert_eq!(refused["last_status"], "ERROR_PERMISSIONS");
    let explanation = refused["explanation"].as_str().unwrap();
    assert!(
        explanation.contains("awsbilling_cur_bucket_policy"),
        "{explanation}"
    );
}

#[test]
fn history_is_counted_without_gaps() {
    let aws = with_report(3);
    let terraform = aws.terraform();
    let enough = delivery(&terraform, "  backfill_months = 3");
    assert_eq!(enough["backfill_ready"], true);
    assert_eq!(enough["months"].as_array().unwrap().len(), 4);
    let more = delivery(&terraform, "  backfill_months = 4");
    assert_eq!(more["backfill_ready"], false);
    assert_eq!(delivery(&terraform, "")["backfill_ready"], json!(null));
}

#[test]
fn bad_input_is_refused() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(
        "data \"awsbilling_cur_delivery\" \"example\" {\n  report_name = \"hourly\"\n  backfill_months = 37\n}\n",
    );
    terraform
        .plan()
        .failed()
        .says("A backfill reaches back 1 to 36 months, got 37.");
    terraform
        .write("data \"awsbilling_cur_delivery\" \"example\" {\n  report_name = \"hourly\"\n}\n");
    terraform.plan().failed().says("has no report hourly");
}
