//! What a report delivers as the clock moves.

use std::io::Read as _;
use std::time::Duration;

use aws_sdk_costandusagereport::types::{
    AdditionalArtifact, CompressionFormat, LastStatus, ReportDefinition, ReportFormat,
    ReportVersioning, SchemaElement,
};
use aws_simulator::world::{Bucket, EPOCH};
use aws_simulator::{Account, Simulator};
use serde_json::Value;

use crate::reports::{definition, put, stage};

const HALF_A_DAY: Duration = Duration::from_hours(12);

fn keys(simulator: &Simulator) -> Vec<String> {
    simulator.world(|world| {
        let all = std::ops::Bound::Included("");
        let objects = world.bucket("reports").unwrap().objects(all);
        objects.map(|(key, ..)| key.to_owned()).collect()
    })
}

fn content(simulator: &Simulator, key: &str) -> Vec<u8> {
    simulator.world(|world| {
        let bucket: &Bucket = world.bucket("reports").unwrap();
        bucket
            .object(key)
            .unwrap_or_else(|| panic!("{key}"))
            .body
            .to_vec()
    })
}

fn manifest(simulator: &Simulator, key: &str) -> Value {
    serde_json::from_slice(&content(simulator, key)).unwrap()
}

fn inflate(gzip: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(gzip)
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn status(simulator: &Simulator, account: &Account) -> (Option<&'static str>, bool) {
    simulator.world(|world| {
        let report = world.report(&account.id, "report").unwrap();
        (
            report
                .last_status
                .map(aws_simulator::world::DeliveryStatus::as_str),
            report.last_delivery == Some(world.now()),
        )
    })
}

#[tokio::test]
async fn the_first_files_come_within_a_day_and_the_next_each_day() {
    let (simulator, _, client) = stage().await;
    put(&client, definition("report")).await.unwrap();
    simulator.pass(Duration::from_secs(12 * 3_600 - 1));
    assert!(keys(&simulator).is_empty());
    simulator.pass(Duration::from_secs(1));
    let top = "cur/report/20261101-20261201";
    let manifest = manifest(&simulator, &format!("{top}/report-Manifest.json"));
    let assembly = manifest["assemblyId"].as_str().unwrap().to_owned();
    let data = format!("{top}/{assembly}/report-00001.csv.gz");
    assert_eq!(
        keys(&simulator)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>(),
        [
            data.clone(),
            format!("{top}/{assembly}/report-Manifest.json"),
            format!("{top}/report-Manifest.json"),
        ]
        .into()
    );
    assert_eq!(manifest["reportKeys"], serde_json::json!([data]));
    assert_eq!(manifest["bucket"], "reports");
    assert_eq!(manifest["compression"], "GZIP");
    assert_eq!(manifest["contentType"], "text/csv");
    assert_eq!(manifest["billingPeriod"]["start"], "20261101T000000.000Z");
    assert_eq!(manifest["billingPeriod"]["end"], "20261201T000000.000Z");
    let shown = client.describe_report_definitions().send().await.unwrap();
    let shown = shown.report_definitions()[0].report_status().unwrap();
    assert_eq!(shown.last_status(), Some(&LastStatus::Success));
    assert_eq!(shown.last_delivery(), Some("20261120T210000Z"));

    let text = inflate(&content(&simulator, &data));
    let mut lines = text.lines();
    let columns: Vec<_> = manifest["columns"].as_array().unwrap().iter().collect();
    let header = columns.iter().map(|column| {
        format!(
            "{}/{}",
            column["category"].as_str().unwrap(),
            column["name"].as_str().unwrap()
        )
    });
    assert_eq!(lines.next().unwrap(), header.collect::<Vec<_>>().join(","));
    assert!(text.contains("lineItem/ResourceId"));
    // Two products on each of twenty days.
    assert_eq!(lines.count(), 40);

    simulator.pass_days(1);
    assert_eq!(
        keys(&simulator).len(),
        5,
        "a second delivery keeps the first"
    );
}

#[tokio::test]
async fn an_overwritten_report_has_one_set_of_files_for_each_month() {
    let (simulator, _, client) = stage().await;
    let mut report = definition("report");
    report.report_versioning = Some(ReportVersioning::OverwriteReport);
    report.additional_artifacts = Some(vec![
        AdditionalArtifact::Redshift,
        AdditionalArtifact::Quicksight,
    ]);
    put(&client, report).await.unwrap();
    simulator.pass_days(3);
    let top = "cur/report/20261101-20261201";
    assert_eq!(
        keys(&simulator),
        [
            format!("{top}/report-00001.csv.gz"),
            format!("{top}/report-Manifest.json"),
            format!("{top}/report-QuickSightManifest.json"),
            format!("{top}/report-RedshiftCommands.sql"),
            format!("{top}/report-RedshiftManifest.json"),
        ]
    );
}

fn athena() -> ReportDefinition {
    let mut report = definition("report");
    report.format = ReportFormat::Parquet;
    report.compression = CompressionFormat::Parquet;
    report.report_versioning = Some(ReportVersioning::OverwriteReport);
    report.additional_artifacts = Some(vec![AdditionalArtifact::Athena]);
    report
}

#[tokio::test]
async fn a_report_for_athena_is_partitioned_by_month() {
    let (simulator, _, client) = stage().await;
    put(&client, athena()).await.unwrap();
    simulator.pass_days(1);
    let data = "cur/report/report/year=2026/month=11/report-00001.snappy.parquet";
    assert_eq!(
        keys(&simulator),
        [
            "cur/report/20261101-20261201/report-Manifest.json",
            "cur/report/20261101-20261201/report-create-table.sql",
            "cur/report/cost_and_usage_data_status/cost_and_usage_data_status.parquet",
            "cur/report/crawler-cfn.yml",
            data,
        ]
    );
    let file = content(&simulator, data);
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    let length: [u8; 4] = file[file.len() - 8..file.len() - 4].try_into().unwrap();
    let footer = &file[file.len() - 8 - u32::from_le_bytes(length) as usize..file.len() - 8];
    let named = |name: &[u8]| footer.windows(name.len()).any(|window| window == name);
    assert!(named(b"line_item_usage_amount") && named(b"line_item_resource_id"));
    let manifest = manifest(
        &simulator,
        "cur/report/20261101-20261201/report-Manifest.json",
    );
    assert_eq!(manifest["columns"][0]["name"], "line_item_id");
    assert_eq!(manifest["contentType"], "Parquet");
}

#[tokio::test]
async fn a_zip_file_holds_the_report() {
    let (simulator, _, client) = stage().await;
    let mut report = definition("report");
    report.compression = CompressionFormat::Zip;
    report.additional_schema_elements = vec![
        SchemaElement::SplitCostAllocationData,
        SchemaElement::ManualDiscountCompatibility,
    ];
    put(&client, report).await.unwrap();
    simulator.pass_days(1);
    let data = keys(&simulator)
        .into_iter()
        .find(|key| key.ends_with(".csv.zip"))
        .unwrap();
    let file = content(&simulator, &data);
    let number = |at: usize, bytes: usize| {
        file[at..at + bytes]
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    assert!(file.starts_with(b"PK\x03\x04"));
    let (packed, name) = (number(18, 4), number(26, 2));
    assert_eq!(&file[30..30 + name], b"report-00001.csv");
    let start = 30 + name;
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(&file[start..start + packed])
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text.len(), number(22, 4));
    assert!(text.contains("splitLineItem/SplitCost") && text.contains("discount/TotalDiscount"));
    // The directory stands behind the data and points at the beginning; the end says where it is.
    let directory = start + packed;
    assert_eq!(&file[directory..directory + 4], b"PK\x01\x02");
    assert_eq!(
        &file[directory + 46..directory + 46 + name],
        b"report-00001.csv"
    );
    assert_eq!(&file[file.len() - 22..file.len() - 18], b"PK\x05\x06");
    assert_eq!(number(file.len() - 6, 4), directory);
    assert_eq!(number(file.len() - 10, 4), file.len() - 22 - directory);
}

#[tokio::test]
async fn a_status_says_what_is_wrong_until_it_is_mended() {
    let (simulator, account, client) = stage().await;
    put(&client, definition("report")).await.unwrap();
    assert_eq!(status(&simulator, &account), (None, false));
    let policy = simulator.world(|world| world.bucket_mut("reports").unwrap().policy.take());
    simulator.pass(HALF_A_DAY);
    assert_eq!(
        status(&simulator, &account),
        (Some("ERROR_PERMISSIONS"), false)
    );
    simulator.world(|world| world.bucket_mut("reports").unwrap().policy = policy);
    simulator.pass_days(1);
    assert_eq!(status(&simulator, &account), (Some("SUCCESS"), true));
    simulator.world(|world| world.bucket_mut("reports").unwrap().region = "eu-west-1".to_owned());
    simulator.pass_days(1);
    assert_eq!(
        status(&simulator, &account),
        (Some("ERROR_NO_BUCKET"), false)
    );
}

#[tokio::test]
async fn a_month_is_closed_in_the_first_days_of_the_next_and_refreshed_when_corrected() {
    let (simulator, account, client) = stage().await;
    put(&client, athena()).await.unwrap();
    simulator.pass_days(12);
    let november = "cur/report/20261101-20261201/report-Manifest.json";
    let assembly = || manifest(&simulator, november)["assemblyId"].clone();
    let open = assembly();
    assert!(
        keys(&simulator).contains(&"cur/report/20261201-20270101/report-Manifest.json".to_owned())
    );
    simulator.pass_days(1);
    let still_open = assembly();
    assert_ne!(still_open, open, "a bill is not final on the second day");
    simulator.pass_days(10);
    let closed = assembly();
    simulator.pass_days(1);
    assert_eq!(assembly(), closed);
    simulator.world(|world| world.correct_bill(&account.id, 2026, 11));
    simulator.pass_days(1);
    assert_ne!(assembly(), closed);
}

#[tokio::test]
async fn support_brings_months_back() {
    let (simulator, account, client) = stage().await;
    put(&client, definition("report")).await.unwrap();
    simulator
        .world(|world| world.backfill(&account.id, "report", 12))
        .unwrap();
    let months: std::collections::BTreeSet<_> = keys(&simulator)
        .iter()
        .filter_map(|key| key.split('/').nth(2).map(str::to_owned))
        .collect();
    assert_eq!(months.len(), 13);
    assert!(months.contains("20251101-20251201"));
    let delivered =
        simulator.world(|world| world.report(&account.id, "report").unwrap().last_delivery);
    assert_eq!(delivered, Some(EPOCH));
}

#[tokio::test]
async fn a_billing_transfer_ends_the_reports_that_were_there_when_it_began() {
    let (simulator, account, client) = stage().await;
    let payer = simulator.create_account("Payer");
    simulator.create_organization(&payer);
    simulator.create_organization(&account);
    put(&client, definition("report")).await.unwrap();
    let january = time::macros::datetime!(2027-01-01 00:00 UTC);
    simulator
        .world(|world| world.arrange_transfer(&account.id, &payer.id, "customer", january))
        .unwrap();
    simulator.pass_days(42);
    assert_eq!(
        status(&simulator, &account),
        (Some("SUCCESS"), false),
        "the day before is delivered, and nothing since"
    );
    let last = |name: &str| {
        simulator.world(|world| {
            let report = world.report(&account.id, name).unwrap();
            report.last_delivery.map(time::OffsetDateTime::date)
        })
    };
    let before = time::macros::date!(2026 - 12 - 31);
    assert_eq!(last("report"), Some(before));
    let files = keys(&simulator).len();
    simulator.pass_days(10);
    assert_eq!(keys(&simulator).len(), files);

    // What is configured anew after the beginning is delivered, and revives nothing.
    put(&client, definition("anew")).await.unwrap();
    simulator.pass_days(1);
    assert!(last("anew").is_some());
    assert_eq!(last("report"), Some(before));
}

#[tokio::test]
async fn a_transfer_that_was_withdrawn_before_it_began_ends_no_report() {
    let (simulator, account, client) = stage().await;
    let payer = simulator.create_account("Payer");
    simulator.create_organization(&payer);
    simulator.create_organization(&account);
    put(&client, definition("report")).await.unwrap();
    let january = time::macros::datetime!(2027-01-01 00:00 UTC);
    simulator
        .world(|world| {
            let id = world.arrange_transfer(&account.id, &payer.id, "customer", january)?;
            world
                .terminate_transfer(&account.id, id.as_str(), None)
                .map(drop)
        })
        .unwrap();
    simulator.pass_days(60);
    assert!(simulator.world(|world| {
        let report = world.report(&account.id, "report").unwrap();
        report.last_delivery > Some(january)
    }));
}
