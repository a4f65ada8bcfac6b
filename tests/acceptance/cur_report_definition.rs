//! `awsbilling_cur_report_definition`: what AWS would refuse is refused before it is asked.

use std::ops::Bound;

use aws_simulator::world::BucketSpec;
use aws_simulator::{Effect, Fault};
use serde_json::json;

use crate::harness::Sandbox;

/// A report for Athena, with some attributes written otherwise.
fn config(changes: &[(&str, &str)]) -> String {
    let usual = [
        ("report_name", "\"hourly\""),
        ("time_unit", "\"HOURLY\""),
        ("format", "\"Parquet\""),
        ("compression", "\"Parquet\""),
        ("additional_artifacts", "[\"ATHENA\"]"),
        ("report_versioning", "\"OVERWRITE_REPORT\""),
        ("s3_bucket", "\"example-reports\""),
        ("s3_prefix", "\"cur\""),
        ("s3_region", "\"us-east-1\""),
    ];
    let mut lines = Vec::new();
    for (name, value) in usual {
        let changed = changes.iter().find(|(changed, _)| *changed == name);
        lines.push(format!(
            "  {name} = {}",
            changed.map_or(value, |(_, value)| value)
        ));
    }
    for (name, value) in changes {
        if !usual.iter().any(|(known, _)| known == name) {
            lines.push(format!("  {name} = {value}"));
        }
    }
    format!(
        "resource \"awsbilling_cur_report_definition\" \"example\" {{\n{}\n}}\n",
        lines.join("\n")
    )
}

#[test]
fn every_broken_rule_is_said_at_plan_time_at_once() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(&[
        ("report_name", "\"my report\""),
        ("time_unit", "\"WEEKLY\""),
        ("format", "\"textORcsv\""),
        ("additional_artifacts", "[\"ATHENA\", \"REDSHIFT\"]"),
        ("additional_schema_elements", "[\"TAGS\"]"),
        ("report_versioning", "\"CREATE_NEW_REPORT\""),
        ("s3_prefix", "\"cur//daily/\""),
    ]));
    terraform
        .plan()
        .failed()
        .says("A report name is 1 to 256 letters, digits")
        .says("Expected one of \"HOURLY\", \"DAILY\", \"MONTHLY\", got \"WEEKLY\".")
        .says("\"ATHENA\" stands alone")
        .says("A report for Athena has the format \"Parquet\".")
        .says("The format \"Parquet\" has the compression \"Parquet\"")
        .says("got \"TAGS\"")
        .says("A report for Athena has report_versioning = \"OVERWRITE_REPORT\".")
        .says("An S3 prefix neither begins nor ends with a slash");
    assert!(
        aws.operations().is_empty(),
        "AWS was called for a configuration that is wrong"
    );
}

#[test]
fn a_report_for_redshift_is_not_parquet() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(&[("additional_artifacts", "[\"REDSHIFT\"]")]));
    terraform
        .plan()
        .failed()
        .says("A report for Redshift or QuickSight has the format \"textORcsv\"");
    terraform.write(&config(&[
        ("additional_artifacts", "[\"REDSHIFT\", \"QUICKSIGHT\"]"),
        ("format", "\"textORcsv\""),
        ("compression", "\"GZIP\""),
        ("s3_prefix", "\"\""),
    ]));
    assert_eq!(terraform.plan().code, Some(2));
}

#[test]
fn a_plan_names_the_report_in_the_region_that_serves_it() {
    let aws = Sandbox::new();
    let terraform = aws.terraform().with("AWS_REGION", "eu-central-1");
    terraform.write(&config(&[]));
    let arn = format!("arn:aws:cur:us-east-1:{}:definition/hourly", aws.partner.id);
    terraform
        .plan()
        .says(&arn)
        .says(&format!("+ account_id = \"{}\"", aws.partner.id));
}

#[test]
fn a_region_that_is_new_is_a_reason_to_warn() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(&[("s3_region", "\"mx-central-1\"")]));
    let plan = terraform
        .plan()
        .says("Warning: Region not known to take reports");
    assert_eq!(plan.code, Some(2));
}

#[test]
fn what_is_not_known_yet_breaks_no_rule() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    let unknown = "resource \"terraform_data\" \"later\" { input = \"cur\" }\n";
    let prefix = "terraform_data.later.output";
    let report = config(&[
        ("s3_prefix", prefix),
        ("format", prefix),
        ("s3_bucket", prefix),
    ]);
    terraform.write(&format!("{unknown}{report}"));
    assert_eq!(terraform.plan().code, Some(2));
}

const REPORT: &str = "awsbilling_cur_report_definition.example";

/// A partner with a bucket that takes reports.
fn with_bucket() -> Sandbox {
    let aws = Sandbox::new();
    aws.simulator.world(|world| {
        let bucket = BucketSpec::new(&aws.partner, "example-reports").taking_reports();
        world.arrange_bucket(&bucket).unwrap();
    });
    aws
}

fn csv(changes: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("format", "\"textORcsv\""),
        ("compression", "\"GZIP\""),
        ("additional_artifacts", "[]"),
    ];
    all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    all.extend(changes);
    config(&all)
}

#[test]
fn basic() {
    let aws = with_bucket();
    let terraform = aws.terraform().with("AWS_REGION", "eu-central-1");
    terraform.apply(&config(&[("tags", "{ team = \"billing\" }")]));
    terraform.expect(
        REPORT,
        &[
            ("account_id", json!(aws.partner.id.as_str())),
            ("last_delivery_at", json!(null)),
            ("last_status", json!(null)),
            ("refresh_closed_reports", json!(true)),
        ],
    );
    terraform.expect_empty_plan();
    terraform.expect_import(REPORT, "hourly");
    aws.simulator.pass_days(1);
    terraform.refresh();
    terraform.expect(REPORT, &[("last_status", json!("SUCCESS"))]);
    assert!(terraform.state(REPORT)["last_delivery_at"].is_string());
    terraform.expect_empty_plan();
    terraform.destroy().succeeded();
    aws.simulator.world(|world| {
        assert!(world.report(&aws.partner.id, "hourly").is_none());
        let bucket = world.bucket("example-reports").unwrap();
        assert!(
            bucket.objects(Bound::Unbounded).next().is_some(),
            "delivered files stay"
        );
    });
}

#[test]
fn what_can_be_changed_is_changed_in_place() {
    let aws = with_bucket();
    let terraform = aws.terraform();
    terraform.apply(&csv(&[("tags", "{ a = \"1\", b = \"2\" }")]));
    terraform.write(&csv(&[
        ("compression", "\"ZIP\""),
        ("s3_prefix", "\"moved\""),
        ("refresh_closed_reports", "false"),
        ("tags", "{ b = \"3\" }"),
    ]));
    terraform
        .plan()
        .says("Warning: Report will be delivered elsewhere");
    terraform
        .try_apply()
        .succeeded()
        .says("1 changed, 0 destroyed");
    aws.simulator.world(|world| {
        let report = world.report(&aws.partner.id, "hourly").unwrap();
        assert_eq!(report.definition.compression, "ZIP");
        assert_eq!(report.definition.prefix, "moved");
        assert!(!report.definition.refresh_closed_reports);
        let tags: Vec<_> = report.tags.iter().collect();
        assert_eq!(tags, [(&"b".to_owned(), &"3".to_owned())]);
    });
    terraform.expect_empty_plan();
}

#[test]
fn what_cannot_be_changed_is_replaced_and_the_loss_is_said() {
    let aws = with_bucket();
    let terraform = aws.terraform();
    terraform.apply(&csv(&[]));
    terraform.write(&csv(&[(
        "additional_schema_elements",
        "[\"SPLIT_COST_ALLOCATION_DATA\"]",
    )]));
    terraform
        .plan()
        .says("must be replaced")
        .says("Warning: Report will be replaced")
        .says("define a second report");
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
}

#[test]
fn drift_is_shown_and_repaired() {
    let aws = with_bucket();
    let (terraform, console) = (aws.terraform(), aws.terraform());
    terraform.apply(&csv(&[]));
    console.write(&csv(&[("compression", "\"ZIP\"")]));
    console.import(REPORT, "hourly").succeeded();
    console.try_apply().succeeded();
    terraform
        .plan()
        .says("~ compression")
        .says("\"ZIP\" -> \"GZIP\"");
    console.destroy().succeeded();
    terraform.try_apply().succeeded().says("1 added");
    terraform.expect_empty_plan();
}

#[test]
fn a_report_that_is_there_is_adopted_only_if_it_is_the_same() {
    let aws = with_bucket();
    let (terraform, other) = (aws.terraform(), aws.terraform());
    terraform.apply(&csv(&[]));
    other.write(&csv(&[("compression", "\"ZIP\"")]));
    other
        .try_apply()
        .failed()
        .says("Report exists already")
        .says("Import it with terraform import");
    other.apply(&csv(&[("tags", "{ team = \"billing\" }")]));
    other.expect_empty_plan();
}

#[test]
fn a_bucket_policy_that_comes_late_is_waited_for() {
    let aws = Sandbox::new();
    aws.simulator.world(|world| {
        let bucket = BucketSpec::new(&aws.partner, "example-reports");
        world.arrange_bucket(&bucket).unwrap();
    });
    let terraform = aws.terraform();
    terraform.write(&csv(&[("timeouts", "{ create = \"3s\" }")]));
    terraform
        .try_apply()
        .failed()
        .says("Bucket does not let AWS deliver reports")
        .says("awsbilling_cur_bucket_policy")
        .says("Failed to verify customer bucket permission");
    assert!(
        aws.count("PutReportDefinition") > 1,
        "the race is waited out"
    );

    aws.simulator.clear_calls();
    terraform.write(&csv(&[]));
    let arguments = ["apply", "-no-color", "-auto-approve"];
    let applying = terraform.command(&arguments).spawn().unwrap();
    while aws.count("PutReportDefinition") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    aws.simulator.world(|world| {
        let policy = BucketSpec::new(&aws.partner, "example-other").taking_reports();
        world.arrange_bucket(&policy).unwrap();
        let taking = world
            .bucket("example-other")
            .unwrap()
            .policy
            .clone()
            .unwrap();
        let bucket = world.bucket_mut("example-reports").unwrap();
        bucket.policy = Some(taking.replace("example-other", "example-reports"));
    });
    let output = applying.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    terraform.expect_empty_plan();
}

#[test]
fn one_list_serves_all_reports() {
    let aws = with_bucket();
    aws.simulator
        .switch(|switches| switches.report_limit = Some(100));
    let terraform = aws.terraform();
    let many = csv(&[
        ("report_name", "\"report-${count.index}\""),
        ("count", "12"),
    ]);
    terraform.apply(&many);
    aws.simulator.clear_calls();
    terraform.expect_empty_plan();
    assert_eq!(
        aws.count("DescribeReportDefinitions"),
        3,
        "three pages of five"
    );
    assert_eq!(aws.count("ListTagsForResource"), 0);
}

#[test]
fn an_answer_without_text_becomes_a_checklist() {
    let aws = with_bucket();
    let empty = Effect::Error {
        code: "ValidationException".to_owned(),
        reason: None,
        message: String::new(),
        status: None,
    };
    aws.simulator
        .fault(Fault::new(empty).on("PutReportDefinition"));
    let terraform = aws.terraform();
    terraform.write(&csv(&[]));
    terraform
        .try_apply()
        .failed()
        .says("AWS refused the report without saying why")
        .says("- bucket example-reports exists, in Region us-east-1")
        .says("AWS: PutReportDefinition, ValidationException");
}

#[test]
fn a_lost_answer_makes_no_second_report() {
    let aws = with_bucket();
    aws.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("PutReportDefinition")
            .times(1),
    );
    let terraform = aws.terraform();
    terraform.apply(&csv(&[("tags", "{ team = \"billing\" }")]));
    terraform.expect_empty_plan();
}

#[test]
fn too_many_reports_are_explained() {
    let aws = with_bucket();
    let terraform = aws.terraform();
    terraform.write(&csv(&[
        ("report_name", "\"report-${count.index}\""),
        ("count", "6"),
    ]));
    terraform.try_apply().failed().says("Too many reports");
}

#[test]
fn the_data_source_lists_all_reports() {
    let aws = with_bucket();
    let terraform = aws.terraform();
    let report = csv(&[("report_name", "\"report-${count.index}\""), ("count", "3")]);
    terraform.apply(&format!(
        "{report}\ndata \"awsbilling_cur_report_definitions\" \"all\" {{\n  depends_on = [{REPORT}]\n}}\n\
         output \"names\" {{\n  value = \
         data.awsbilling_cur_report_definitions.all.reports[*].report_name\n}}\n"
    ));
    assert_eq!(
        terraform.output("names"),
        json!(["report-0", "report-1", "report-2"])
    );
}
