//! `awsbilling_cur_report_definition`: what AWS would refuse is refused before it is asked.

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
