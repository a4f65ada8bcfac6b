//! Cost and usage reports: which definitions are taken, and what becomes of them.

use aws_sdk_costandusagereport::Client;
use aws_sdk_costandusagereport::types::{
    AdditionalArtifact, AwsRegion, CompressionFormat, ReportDefinition, ReportFormat,
    ReportVersioning, SchemaElement, Tag, TimeUnit,
};
use aws_simulator::world::BucketSpec;
use aws_simulator::{Account, Simulator};
use serde_json::json;

use crate::clients::{code, credentials, cur, cur_in};

/// A change to a definition.
type Change = fn(&mut ReportDefinition);

pub(crate) async fn stage() -> (Simulator, Account, Client) {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Customer");
    let bucket = BucketSpec::new(&account, "reports").taking_reports();
    simulator
        .world(|world| world.arrange_bucket(&bucket))
        .unwrap();
    let client = cur(&simulator, &account);
    (simulator, account, client)
}

pub(crate) fn definition(name: &str) -> ReportDefinition {
    ReportDefinition::builder()
        .report_name(name)
        .time_unit(TimeUnit::Hourly)
        .format(ReportFormat::Csv)
        .compression(CompressionFormat::Gzip)
        .additional_schema_elements(SchemaElement::Resources)
        .s3_bucket("reports")
        .s3_prefix("cur")
        .s3_region(AwsRegion::from("us-east-1"))
        .report_versioning(ReportVersioning::CreateNewReport)
        .build()
        .unwrap()
}

/// Defines a report; answers the error's code and message if there is one.
pub(crate) async fn put(
    client: &Client,
    definition: ReportDefinition,
) -> Result<(), (String, String)> {
    let request = client.put_report_definition().report_definition(definition);
    let Err(refused) = request.send().await else {
        return Ok(());
    };
    let error = refused.into_service_error();
    let error = error.meta();
    Err((
        error.code().unwrap_or_default().to_owned(),
        error.message().unwrap_or_default().to_owned(),
    ))
}

/// The whole matrix, held against the sentences of the user guide written as they stand there.
#[tokio::test]
async fn settings_that_do_not_go_together_are_refused_without_a_word() {
    let (simulator, _, client) = stage().await;
    simulator.switch(|switches| switches.report_limit = Some(10_000));
    let artifacts: [&[AdditionalArtifact]; 6] = [
        &[],
        &[AdditionalArtifact::Athena],
        &[AdditionalArtifact::Redshift],
        &[AdditionalArtifact::Quicksight],
        &[AdditionalArtifact::Redshift, AdditionalArtifact::Quicksight],
        &[AdditionalArtifact::Athena, AdditionalArtifact::Redshift],
    ];
    let mut number = 0;
    let mut taken = 0;
    for format in [ReportFormat::Csv, ReportFormat::Parquet] {
        for compression in [
            CompressionFormat::Gzip,
            CompressionFormat::Zip,
            CompressionFormat::Parquet,
        ] {
            for versioning in [
                ReportVersioning::CreateNewReport,
                ReportVersioning::OverwriteReport,
            ] {
                for artifacts in artifacts {
                    for prefix in ["", "cur"] {
                        number += 1;
                        let mut report = definition(&format!("report-{number}"));
                        report.format = format.clone();
                        report.compression = compression.clone();
                        report.report_versioning = Some(versioning.clone());
                        report.additional_artifacts = Some(artifacts.to_vec());
                        prefix.clone_into(&mut report.s3_prefix);
                        let athena = artifacts.contains(&AdditionalArtifact::Athena);
                        let alone = artifacts.len() == 1;
                        let text = format == ReportFormat::Csv;
                        let fits = if athena {
                            alone
                                && !text
                                && compression == CompressionFormat::Parquet
                                && versioning == ReportVersioning::OverwriteReport
                                && prefix == "cur"
                        } else if artifacts.is_empty() {
                            text != (compression == CompressionFormat::Parquet)
                        } else {
                            text && compression != CompressionFormat::Parquet
                        };
                        let outcome = put(&client, report.clone()).await;
                        taken += u32::from(fits);
                        match outcome {
                            Ok(()) => assert!(fits, "{report:?}"),
                            Err((code, message)) => {
                                assert!(!fits, "{report:?}");
                                assert_eq!(
                                    (code.as_str(), message.as_str()),
                                    ("ValidationException", "")
                                );
                            }
                        }
                    }
                }
            }
        }
    }
    // Text has four artifact sets in two compressions, versionings and prefixes; Parquet none in four, and one Athena.
    assert_eq!(taken, 4 * 8 + 4 + 1);
}

#[tokio::test]
async fn names_prefixes_and_regions_have_their_forms() {
    let (_simulator, _, client) = stage().await;
    let spoilt: [Change; 12] = [
        |report| report.report_name = "my report".to_owned(),
        |report| report.report_name = "a".repeat(257),
        |report| report.report_name = String::new(),
        |report| report.s3_prefix = "cur/".to_owned(),
        |report| report.s3_prefix = "cur.".to_owned(),
        |report| report.s3_prefix = "c".to_owned(),
        |report| report.s3_prefix = "cur reports".to_owned(),
        |report| report.s3_bucket = "re/ports".to_owned(),
        |report| report.s3_region = AwsRegion::from("il-central-1"),
        |report| report.time_unit = TimeUnit::from("WEEKLY"),
        |report| report.additional_schema_elements = vec![SchemaElement::from("TAGS")],
        |report| report.billing_view_arn = Some("x".to_owned()),
    ];
    for spoil in spoilt {
        let mut report = definition("report");
        spoil(&mut report);
        let refused = put(&client, report.clone()).await.unwrap_err();
        assert_eq!(refused.0, "ValidationException", "{report:?}");
        assert!(!refused.1.is_empty());
    }
    let mut report = definition("my.report_(1)!*'-");
    report.s3_prefix = "a/b//c".to_owned();
    report.billing_view_arn = Some("arn:aws:billing::111122223333:billingview/primary".to_owned());
    put(&client, report.clone()).await.unwrap();
    let shown = client.describe_report_definitions().send().await.unwrap();
    let shown = &shown.report_definitions()[0];
    assert_eq!(shown.billing_view_arn(), report.billing_view_arn());
    assert_eq!(shown.report_status(), None);
}

#[tokio::test]
async fn the_bucket_must_take_reports() {
    let (simulator, account, client) = stage().await;
    let other = simulator.create_account("Other");
    let specs = [
        BucketSpec::new(&account, "closed"),
        BucketSpec::new(&account, "ireland")
            .in_region("eu-west-1")
            .taking_reports(),
        BucketSpec::new(&other, "foreign").taking_reports(),
    ];
    for spec in &specs {
        simulator.world(|world| world.arrange_bucket(spec)).unwrap();
    }
    for bucket in ["closed", "ireland", "foreign", "nothing"] {
        let mut report = definition("report");
        bucket.clone_into(&mut report.s3_bucket);
        let (code, message) = put(&client, report).await.unwrap_err();
        assert_eq!(code, "ValidationException");
        assert_eq!(
            message, "Failed to verify customer bucket permission",
            "{bucket}"
        );
    }
    let mut report = definition("report");
    report.s3_bucket = "ireland".to_owned();
    report.s3_region = AwsRegion::from("eu-west-1");
    put(&client, report).await.unwrap();
}

#[tokio::test]
async fn a_source_of_another_region_or_operator_is_no_permission() {
    let (simulator, account, client) = stage().await;
    let with = |operator: &str, region: &str| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": ["billingreports.amazonaws.com", "bcm-data-exports.amazonaws.com"]},
            "Action": ["s3:PutObject", "s3:GetBucketPolicy"],
            "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
            "Condition": {operator: {
                "aws:SourceAccount": account.id.as_str(),
                "aws:SourceArn": [format!("arn:aws:cur:{region}:{}:definition/*", account.id)],
            }},
        }]})
    };
    for (operator, region, taken) in [
        ("StringEquals", "us-east-1", false),
        ("StringLike", "eu-west-1", false),
        ("StringLike", "us-east-1", true),
    ] {
        let mut spec = BucketSpec::new(&account, "reports");
        spec.policy = Some(with(operator, region));
        simulator
            .world(|world| world.arrange_bucket(&spec))
            .unwrap();
        assert_eq!(
            put(&client, definition("report")).await.is_ok(),
            taken,
            "{operator} {region}"
        );
    }
}

#[tokio::test]
async fn a_name_is_taken_once_and_there_are_five_reports() {
    let (simulator, _, client) = stage().await;
    put(&client, definition("report-0")).await.unwrap();
    let again = put(&client, definition("report-0")).await.unwrap_err();
    assert_eq!(again.0, "DuplicateReportNameException");
    for number in 1..5 {
        put(&client, definition(&format!("report-{number}")))
            .await
            .unwrap();
    }
    let sixth = || put(&client, definition("report-5"));
    assert_eq!(sixth().await.unwrap_err().0, "ReportLimitReachedException");
    simulator.switch(|switches| switches.report_limit = Some(6));
    sixth().await.unwrap();
}

#[tokio::test]
async fn a_page_has_five_reports() {
    let (simulator, _, client) = stage().await;
    simulator.switch(|switches| switches.report_limit = Some(20));
    for number in 0..7 {
        put(&client, definition(&format!("report-{number}")))
            .await
            .unwrap();
    }
    let describe = || client.describe_report_definitions();
    let first = describe().max_results(5).send().await.unwrap();
    assert_eq!(first.report_definitions().len(), 5);
    let second = describe()
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(second.report_definitions().len(), 2);
    assert_eq!(second.next_token(), None);
    assert_eq!(
        code(describe().max_results(4).send().await),
        "ValidationException"
    );
}

#[tokio::test]
async fn the_service_is_in_one_region() {
    let (simulator, account, client) = stage().await;
    let elsewhere = cur_in(&simulator, credentials(&account.key), "eu-west-1");
    assert_eq!(
        code(elsewhere.describe_report_definitions().send().await),
        "InvalidSignatureException"
    );
    client.describe_report_definitions().send().await.unwrap();
}

#[tokio::test]
async fn what_can_be_changed_is_changed_in_place() {
    let (simulator, _, client) = stage().await;
    put(&client, definition("report")).await.unwrap();
    let modify = |report: ReportDefinition| {
        client
            .modify_report_definition()
            .report_name("report")
            .report_definition(report)
            .send()
    };
    let mut report = definition("report");
    report.s3_prefix = "other".to_owned();
    report.compression = CompressionFormat::Zip;
    report.refresh_closed_reports = Some(false);
    report.additional_artifacts = Some(vec![AdditionalArtifact::Redshift]);
    modify(report.clone()).await.unwrap();
    let shown = client.describe_report_definitions().send().await.unwrap();
    assert_eq!(shown.report_definitions(), [report.clone()]);
    let lasting: [Change; 4] = [
        |report| report.report_name = "another".to_owned(),
        |report| report.time_unit = TimeUnit::Daily,
        |report| report.additional_schema_elements = Vec::new(),
        |report| report.report_versioning = Some(ReportVersioning::OverwriteReport),
    ];
    for change in lasting {
        let mut changed = report.clone();
        change(&mut changed);
        assert_eq!(code(modify(changed).await), "ValidationException");
    }
    simulator.world(|world| world.bucket_mut("reports").unwrap().policy = None);
    assert_eq!(code(modify(report).await), "ValidationException");
}

#[tokio::test]
async fn tags_are_kept_from_the_beginning() {
    let (simulator, _, client) = stage().await;
    let tag = |key: &str| Tag::builder().key(key).value("1").build().unwrap();
    let request = client
        .put_report_definition()
        .report_definition(definition("report"));
    request.tags(tag("a")).send().await.unwrap();
    let call = simulator.calls().pop().unwrap();
    assert_eq!(call.actions, ["cur:PutReportDefinition", "cur:TagResource"]);
    client
        .tag_resource()
        .report_name("report")
        .tags(tag("b"))
        .send()
        .await
        .unwrap();
    client
        .untag_resource()
        .report_name("report")
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let tags = client
        .list_tags_for_resource()
        .report_name("report")
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("b")]);
    let many = (0..201)
        .map(|number| tag(&format!("key-{number}")))
        .collect();
    let many = client
        .tag_resource()
        .report_name("report")
        .set_tags(Some(many))
        .send()
        .await;
    assert_eq!(code(many), "ValidationException");
    let nowhere = client
        .list_tags_for_resource()
        .report_name("nothing")
        .send()
        .await;
    assert_eq!(code(nowhere), "ResourceNotFoundException");
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let (_simulator, _, client) = stage().await;
    put(&client, definition("report")).await.unwrap();
    let delete = || {
        client
            .delete_report_definition()
            .report_name("report")
            .send()
    };
    assert!(delete().await.unwrap().response_message().is_some());
    assert_eq!(code(delete().await), "ValidationException");
    assert!(
        client
            .describe_report_definitions()
            .send()
            .await
            .unwrap()
            .report_definitions()
            .is_empty()
    );
}
