//! `awsbilling_cost_analyzer_connection`: a role for one analyzer and one report.

use aws_simulator::world::{BucketSpec, ReportSpec};
use aws_simulator::{Account, AccountSpec};
use serde_json::json;

use crate::harness::Sandbox;
use crate::reader::Reader;

fn connection(attributes: &str) -> String {
    format!("resource \"awsbilling_cost_analyzer_connection\" \"example\" {{\n{attributes}\n}}\n")
}

#[test]
fn what_is_not_published_is_asked_for() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&connection(
        "analyzer = \"opsnow\"\nreport_name = \"hourly\"",
    ));
    terraform
        .plan()
        .failed()
        .says("OpsNow has not published which AWS account or role it uses. Set principals.")
        .says("OpsNow gives an external ID when it assumes the role. Set external_id.")
        .says("OpsNow offers a CloudFormation template");
    terraform.write(&connection(
        "analyzer = \"custom\"\nreport_name = \"hourly\"\nprincipals = [\"somebody\"]\nrole_name = \"a b\"",
    ));
    terraform
        .plan()
        .failed()
        .says("A principal is an account ID, or the ARN")
        .says("A role's name is 1 to 64 letters")
        .says("Set external_id.");
    assert!(
        aws.operations().is_empty(),
        "AWS was called for a configuration that is wrong"
    );
}

const CONNECTION: &str = "awsbilling_cost_analyzer_connection.example";

/// Account from which Spot Cloud Analyzer calls.
const SPOT: &str = "884866656237";

/// A bucket with a report as Cloud Analyzer needs it, and another report beside it.
fn with_reports() -> Sandbox {
    let aws = Sandbox::new();
    aws.simulator.world(|world| {
        let bucket = BucketSpec::new(&aws.partner, "example-reports").taking_reports();
        world.arrange_bucket(&bucket).unwrap();
        for name in ["hourly", "hourly-2"] {
            let report = json!({
                "account": aws.partner.id,
                "definition": {
                    "name": name, "bucket": "example-reports", "prefix": "cur", "format": "Parquet",
                    "compression": "Parquet", "schema_elements": ["RESOURCES"], "artifacts": ["ATHENA"],
                    "versioning": "OVERWRITE_REPORT",
                },
            });
            let report: ReportSpec = serde_json::from_value(report).unwrap();
            world.arrange_report(&report).unwrap();
        }
    });
    aws
}

fn spot(attributes: &str) -> String {
    connection(&format!(
        "analyzer = \"spot_cloud_analyzer\"\nreport_name = \"hourly\"\n{attributes}"
    ))
}

fn account(aws: &Sandbox, id: &str) -> Account {
    aws.simulator.create_account(AccountSpec {
        id: Some(id.into()),
        ..AccountSpec::named("Analyzer")
    })
}

#[test]
fn basic() {
    let aws = with_reports();
    let terraform = aws.terraform();
    terraform.write(&spot("tags = { team = \"billing\" }"));
    let arn = format!(
        "arn:aws:iam::{}:role/awsbilling-spot-cloud-analyzer",
        aws.partner.id
    );
    terraform
        .plan()
        .says("Warning: Role without an external ID")
        .says(&arn);
    terraform.try_apply().succeeded();
    terraform.expect(
        CONNECTION,
        &[
            ("role_arn", json!(arn)),
            ("external_id", json!(null)),
            ("status", json!("pending_first_delivery")),
        ],
    );
    terraform.expect_empty_plan();
    terraform.expect_import(CONNECTION, "awsbilling-spot-cloud-analyzer");
    aws.simulator.pass_days(1);
    terraform.refresh();
    terraform.expect(CONNECTION, &[("status", json!("ready"))]);
    terraform.destroy().succeeded();
    aws.simulator.world(|world| {
        assert!(
            world
                .role(&aws.partner.id, "awsbilling-spot-cloud-analyzer")
                .is_none()
        );
    });
}

#[test]
fn the_analyzer_reads_the_report_and_nothing_else() {
    let aws = with_reports();
    let (spot_account, stranger) = (account(&aws, SPOT), aws.customer("Stranger"));
    let terraform = aws.terraform();
    terraform.apply(&spot("external_id = \"tenant-1\""));
    aws.simulator.pass_days(1);
    let role = terraform.state(CONNECTION)["role_arn"]
        .as_str()
        .unwrap()
        .to_owned();
    let (own, other) = (aws.key_of("hourly"), aws.key_of("hourly-2"));

    let analyzer = Reader::of(&aws, &spot_account.key);
    let session = analyzer
        .assuming(&role, Some("tenant-1"))
        .expect("the analyzer is let in");
    assert!(session.may_read("example-reports", &own));
    assert!(session.may_list("example-reports", "cur/hourly/"));
    assert!(
        !session.may_read("example-reports", &other),
        "another report"
    );
    assert!(!session.may_list("example-reports", "cur/"), "other keys");
    assert!(!session.may_write("example-reports", &own));

    assert!(
        analyzer.assuming(&role, Some("tenant-2")).is_none(),
        "a wrong external ID"
    );
    assert!(analyzer.assuming(&role, None).is_none(), "no external ID");
    let stranger = Reader::of(&aws, &stranger.key);
    assert!(
        stranger.assuming(&role, Some("tenant-1")).is_none(),
        "another account"
    );

    terraform.write(&spot("external_id = \"tenant-2\""));
    terraform
        .try_apply()
        .succeeded()
        .says("1 changed, 0 destroyed");
    assert!(
        analyzer.assuming(&role, Some("tenant-1")).is_none(),
        "it was rotated"
    );
    assert!(analyzer.assuming(&role, Some("tenant-2")).is_some());
    terraform.expect_empty_plan();
}

#[test]
fn drift_of_trust_and_permissions_is_said_and_repaired() {
    let aws = with_reports();
    let terraform = aws.terraform();
    terraform.apply(&spot(""));
    aws.simulator.world(|world| {
        let role = world
            .role_mut(&aws.partner.id, "awsbilling-spot-cloud-analyzer")
            .unwrap();
        let somebody = json!({"AWS": "arn:aws:iam::111122223333:root"});
        role.trust_policy["Statement"][0]["Principal"] = somebody;
        role.policies.clear();
    });
    terraform.refresh();
    let state = terraform.state(CONNECTION);
    assert_eq!(state["status"], "critical");
    assert_eq!(state["status_reasons"].as_array().unwrap().len(), 2);
    terraform.try_apply().succeeded().says("1 changed");
    terraform.expect(CONNECTION, &[("status", json!("pending_first_delivery"))]);
    terraform.expect_empty_plan();
}

#[test]
fn a_report_that_does_not_fit_is_refused_at_plan_time_or_connected_with_a_warning() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    let report = r#"
resource "awsbilling_cur_report_definition" "daily" {
  report_name          = "daily"
  time_unit            = "DAILY"
  format               = "Parquet"
  compression          = "Parquet"
  additional_artifacts = ["ATHENA"]
  report_versioning    = "OVERWRITE_REPORT"
  s3_bucket            = "example-reports"
  s3_prefix            = "cur"
  s3_region            = "us-east-1"
}
"#;
    let refers = "report_name = awsbilling_cur_report_definition.daily.report_name";
    let strict = connection(&format!("analyzer = \"spot_cloud_analyzer\"\n{refers}"));
    terraform.write(&format!("{report}{strict}"));
    terraform
        .plan()
        .failed()
        .says("Error: Report does not meet the analyzer's requirements")
        .says("Spot Cloud Analyzer needs time_unit = \"HOURLY\"; the report daily has \"DAILY\".")
        .says("needs additional_schema_elements = [\"RESOURCES\"]")
        .says("set conformance = \"warn\" to connect anyway");
    let lenient = connection(&format!(
        "analyzer = \"spot_cloud_analyzer\"\nconformance = \"warn\"\n{refers}"
    ));
    terraform.write(&format!("{report}{lenient}"));
    let plan = terraform
        .plan()
        .says("Warning: Report does not meet the analyzer's requirements");
    assert_eq!(plan.code, Some(2));
    let own = "requirements = { time_units = [\"DAILY\"], additional_schema_elements = [] }";
    let fitting = connection(&format!(
        "analyzer = \"spot_cloud_analyzer\"\n{own}\n{refers}"
    ));
    terraform.write(&format!("{report}{fitting}"));
    let plan = terraform.plan().does_not_say("does not meet");
    assert_eq!(plan.code, Some(2));
}

#[test]
fn a_role_of_somebody_else_is_not_taken_over() {
    let aws = with_reports();
    aws.role(&aws.partner, "awsbilling-spot-cloud-analyzer", &aws.partner);
    let terraform = aws.terraform();
    terraform.write(&spot(""));
    terraform.try_apply().failed().says("Role exists already");
    terraform
        .import(CONNECTION, "awsbilling-spot-cloud-analyzer")
        .failed()
        .says("Role is no analyzer's connection");
}

#[test]
fn analyzers_that_exclude_each_other_are_told_so_at_plan_time() {
    let aws = with_reports();
    let terraform = aws.terraform();
    let engine = r#"
resource "awsbilling_cost_analyzer_connection" "engine" {
  analyzer    = "spot_billing_engine"
  report_name = "hourly"
  principals  = ["111122223333"]
  external_id = "tenant-1"
  conformance = "warn"
}
"#;
    terraform.write(&format!("{}{engine}", spot("")));
    terraform
        .plan()
        .says("Analyzers exclude each other")
        .says("no report can be as both require")
        .says("Define a second report");
}
