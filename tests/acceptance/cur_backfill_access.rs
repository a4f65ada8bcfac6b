//! `awsbilling_cur_backfill_access`: one report's objects, for the analyzer alone.

use aws_simulator::world::{BucketSpec, ReportSpec};
use aws_simulator::{Account, AccountSpec};
use serde_json::json;

use crate::harness::Sandbox;
use crate::reader::Reader;

const ACCESS: &str = "awsbilling_cur_backfill_access.example";

fn config(principals: &str) -> String {
    format!(
        "resource \"awsbilling_cur_backfill_access\" \"example\" {{\n  report_name = \"hourly\"\n  \
         principals = [{principals}]\n}}\n"
    )
}

/// Two reports with history, in one bucket.
fn with_reports() -> Sandbox {
    let aws = Sandbox::new();
    aws.simulator.world(|world| {
        let bucket = BucketSpec::new(&aws.partner, "example-reports").taking_reports();
        world.arrange_bucket(&bucket).unwrap();
        for name in ["hourly", "hourly-2"] {
            let report = json!({
                "account": aws.partner.id,
                "definition": {"name": name, "bucket": "example-reports", "prefix": "cur"},
                "history_months": 1,
            });
            let report: ReportSpec = serde_json::from_value(report).unwrap();
            world.arrange_report(&report).unwrap();
        }
    });
    aws
}

fn analyzer(aws: &Sandbox) -> Account {
    aws.simulator.create_account(AccountSpec::named("Analyzer"))
}

#[test]
fn basic() {
    let aws = with_reports();
    let (analyzer, stranger) = (analyzer(&aws), aws.customer("Stranger"));
    let terraform = aws.terraform();
    terraform.apply(&config(&format!("\"{}\"", analyzer.id)));
    terraform.expect(
        ACCESS,
        &[
            ("s3_bucket", json!("example-reports")),
            ("key_prefix", json!("cur/hourly")),
        ],
    );
    terraform.expect_empty_plan();
    let (own, other) = (aws.key_of("hourly"), aws.key_of("hourly-2"));
    let reader = Reader::of(&aws, &analyzer.key);
    assert!(reader.may_read("example-reports", &own));
    assert!(
        !reader.may_read("example-reports", &other),
        "another report"
    );
    assert!(!Reader::of(&aws, &stranger.key).may_read("example-reports", &own));

    let arn = format!("\"arn:aws:iam::{}:root\"", analyzer.id);
    terraform.apply(&config(&arn));
    terraform.expect_import(ACCESS, "hourly");
    terraform.destroy().succeeded();
    assert!(!reader.may_read("example-reports", &own));
    aws.simulator.world(|world| {
        let policy = world
            .bucket("example-reports")
            .unwrap()
            .policy
            .clone()
            .unwrap();
        assert!(
            policy.contains("billingreports.amazonaws.com"),
            "the rest of the policy stays"
        );
    });
}

#[test]
fn drift_is_repaired() {
    let aws = with_reports();
    let analyzer = analyzer(&aws);
    let terraform = aws.terraform();
    let access = config(&format!("\"{}\"", analyzer.id));
    terraform.apply(&access);
    aws.simulator
        .world(|world| world.bucket_mut("example-reports").unwrap().policy = None);
    terraform.try_apply().succeeded().says("1 added");
    assert!(Reader::of(&aws, &analyzer.key).may_read("example-reports", &aws.key_of("hourly")));
    terraform.expect_empty_plan();
}

#[test]
fn bad_input_is_refused_at_plan_time() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Access is given to at least one principal.");
    terraform.write(&config("\"somebody\""));
    terraform
        .plan()
        .failed()
        .says("A principal is an account ID, or the ARN");
}

#[test]
fn a_report_that_does_not_exist_is_named() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config("\"111122223333\""));
    terraform.try_apply().failed().says("Report not found");
}
