//! Delivery of cost and usage reports (user guide, "Understanding your report versions", "Configuring Athena",
//! "Loading report data to other resources").
//!
//! The first files come half a day after a report was defined (AWS says within 24 hours), then once a day. A month that
//! is over is brought once more on each of the first five days of the next, until its bill is final.
//!
//! The rule a reader would not guess: a billing transfer ends the deliveries of the reports that the source's accounts had
//! when it began, and their status keeps saying what it said last.

mod archive;
mod bill;
mod parquet;

use bytes::Bytes;
use serde_json::{Value, json};
use time::macros::format_description;
use time::{Date, Duration, Month as MonthName, OffsetDateTime};

use super::reports::definition_arn;
use super::{
    Account, AccountId, Bucket, DeliveryStatus, Encryption, Object, Report, ReportDefinition,
    Resource, World, ids,
};
use crate::checksum::{self, Algorithm};
use crate::clock;
use bill::Bill;

/// When the first files come after a report was defined.
pub(super) const FIRST_DELIVERY: Duration = Duration::hours(12);
/// When the next files come.
pub(super) const INTERVAL: Duration = Duration::hours(24);
/// For how many days a month's bill is not final.
const CLOSING_DAYS: u8 = 5;
/// The service that writes.
const SERVICE: &str = "billingreports.amazonaws.com";

/// A billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    start: Date,
}

impl Month {
    pub(super) fn new(year: i32, month: u8) -> Option<Self> {
        let month = MonthName::try_from(month).ok()?;
        let start = Date::from_calendar_date(year, month, 1).ok()?;
        Some(Self { start })
    }

    pub(super) fn of(time: OffsetDateTime) -> Self {
        let date = time.date();
        // Every month has a first day.
        let start = date.replace_day(1).unwrap_or(date);
        Self { start }
    }

    pub(super) fn previous(self) -> Self {
        Self::of((self.start - Duration::DAY).midnight().assume_utc())
    }

    fn start(self) -> OffsetDateTime {
        self.start.midnight().assume_utc()
    }

    fn end(self) -> OffsetDateTime {
        let days = i64::from(self.start.month().length(self.start.year()));
        (self.start + Duration::days(days)).midnight().assume_utc()
    }

    /// `20261101-20261201`.
    fn range(self) -> String {
        let day = |time: OffsetDateTime| clock::date(time).replace('-', "");
        format!("{}-{}", day(self.start()), day(self.end()))
    }
}

/// The policy by which a bucket takes reports, as the console writes it (user guide, "Setting up an Amazon S3 bucket for
/// Cost and Usage Reports").
pub(super) fn bucket_policy(bucket: &Bucket) -> Value {
    let (arn, owner) = (bucket.arn(), &bucket.owner);
    let condition = json!({"StringLike": {
        "aws:SourceArn": definition_arn(&bucket.partition, owner, "*"),
        "aws:SourceAccount": owner,
    }});
    let statement = |actions: &[&str], resource: String| {
        json!({"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": actions, "Resource": resource,
            "Condition": condition})
    };
    json!({"Version": "2012-10-17", "Statement": [
        statement(&["s3:GetBucketAcl", "s3:GetBucketPolicy"], arn.clone()),
        statement(&["s3:PutObject"], format!("{arn}/*")),
    ]})
}

impl World {
    /// Whether a report could be delivered now: the bucket is the account's own, in the region that the definition
    /// names, and its policy lets the service look at it and write.
    pub(super) fn delivery_status(
        &self,
        account: &AccountId,
        definition: &ReportDefinition,
    ) -> DeliveryStatus {
        let Some(bucket) = self.bucket(&definition.bucket) else {
            return DeliveryStatus::ErrorNoBucket;
        };
        if bucket.region != definition.region || bucket.owner != *account {
            return DeliveryStatus::ErrorNoBucket;
        }
        let policy = bucket.policy_document();
        let facts = [
            (
                "aws:SourceArn",
                definition_arn(&bucket.partition, account, &definition.name),
            ),
            ("aws:SourceAccount", account.to_string()),
        ];
        let object = bucket.object_arn(&format!("{}/x", folder(definition)));
        let needs = [
            ("s3:GetBucketPolicy", bucket.arn()),
            ("s3:PutObject", object),
        ];
        let allowed = needs.iter().all(|(action, arn)| {
            let resource = Resource {
                arn,
                owner: account,
                policy: policy.as_ref(),
            };
            Self::service_may(SERVICE, action, &resource, &facts)
        });
        if allowed {
            DeliveryStatus::Success
        } else {
            DeliveryStatus::ErrorPermissions
        }
    }

    /// Delivers a report, as of a time: the month of that time, and those that are due besides.
    pub(super) fn deliver(&mut self, key: &(AccountId, String), at: OffsetDateTime) {
        let Some(report) = self.reports.get(key) else {
            return;
        };
        if self.is_inactive(report, at) {
            return;
        }
        let (account, definition) = (report.account.clone(), report.definition.clone());
        let status = self.delivery_status(&account, &definition);
        let mut months = report.due_months.clone();
        let current = Month::of(at);
        months.insert(current);
        if at.day() <= CLOSING_DAYS && Month::of(report.created_at) < current {
            months.insert(current.previous());
        }
        if status == DeliveryStatus::Success {
            for month in months {
                for (key, body) in self.files(&account, &definition, month, at) {
                    let object = self.delivered(&definition.bucket, &key, body);
                    // The bucket was there a moment ago.
                    let _ = self.put_object_at(&definition.bucket, &key, object, at);
                }
            }
        }
        if let Some(report) = self.reports.get_mut(key) {
            report.last_status = Some(status);
            if status == DeliveryStatus::Success {
                report.last_delivery = Some(at);
                report.due_months.clear();
            }
        }
    }

    /// Whether a billing transfer has begun since the report was defined: what is configured by then becomes inactive, and
    /// is to be configured anew (billing user guide, "Transfer billing management to external accounts", "CUR
    /// reconfiguration requirement"). The console shows such a report as unhealthy; `ReportStatus` in the API has no value
    /// for it. That the end of the transfer revives nothing is not documented either way.
    fn is_inactive(&self, report: &Report, at: OffsetDateTime) -> bool {
        let organization = self
            .accounts
            .get(&report.account)
            .and_then(Account::organization);
        organization.is_some()
            && self.transfers().any(|transfer| {
                transfer.source_organization.as_ref() == organization
                    && transfer.has_begun(at)
                    && report.created_at < transfer.start
            })
    }

    fn delivered(&self, bucket: &str, key: &str, body: Bytes) -> Object {
        let content_type = match key.rsplit('.').next() {
            Some("json") => "application/json",
            Some("gz") => "application/x-gzip",
            Some("zip") => "application/zip",
            _ => "binary/octet-stream",
        };
        let algorithm = Algorithm::Crc64Nvme;
        Object {
            etag: format!("\"{}\"", checksum::md5_hex(&body)),
            content_type: content_type.to_owned(),
            metadata: std::collections::BTreeMap::new(),
            checksum: (algorithm.header().to_owned(), algorithm.of(&body)),
            encryption: self
                .bucket(bucket)
                .map_or_else(Encryption::default, |bucket| bucket.encryption.clone()),
            body,
        }
    }

    /// The files of one month with their keys.
    fn files(
        &self,
        account: &AccountId,
        definition: &ReportDefinition,
        month: Month,
        at: OffsetDateTime,
    ) -> Vec<(String, Bytes)> {
        let bill = Bill::new(self, account, definition, month, at);
        let layout = Layout::new(account, definition, month, at);
        let data = match definition.format.as_str() {
            "Parquet" => parquet::file(&bill.parquet_columns(), &bill.rows()),
            _ => archive::compress(
                &definition.compression,
                &format!("{}-00001.csv", definition.name),
                bill.csv().as_bytes(),
            ),
        };
        let data_key = layout.data_key();
        let manifest = layout.manifest(account, &bill, &data_key);
        let mut files = vec![(data_key.clone(), Bytes::from(data))];
        let manifest_name = format!("{}-Manifest.json", definition.name);
        files.push((
            format!("{}/{manifest_name}", layout.range_folder()),
            manifest.clone(),
        ));
        if !definition.overwrites() {
            files.push((
                format!("{}/{manifest_name}", layout.data_folder()),
                manifest,
            ));
        }
        files.extend(layout.artifacts(&bill, &data_key));
        files
    }
}

/// What the keys of a report begin with.
fn folder(definition: &ReportDefinition) -> String {
    match definition.prefix.as_str() {
        "" => definition.name.clone(),
        prefix => format!("{prefix}/{}", definition.name),
    }
}

/// Where the files of one delivery go.
struct Layout<'a> {
    definition: &'a ReportDefinition,
    month: Month,
    assembly_id: String,
    report_id: String,
}

impl<'a> Layout<'a> {
    fn new(
        account: &AccountId,
        definition: &'a ReportDefinition,
        month: Month,
        at: OffsetDateTime,
    ) -> Self {
        let subject = format!("{account}/{}/{}/{at}", definition.name, month.range());
        let report_id = ids::uuid(&format!("report/{account}/{}", definition.name));
        Self {
            definition,
            month,
            assembly_id: ids::uuid(&format!("assembly/{subject}")),
            report_id: report_id.replace('-', ""),
        }
    }

    /// `prefix/name/20261101-20261201`.
    fn range_folder(&self) -> String {
        format!("{}/{}", folder(self.definition), self.month.range())
    }

    /// Where data is: by year and month for Parquet that is overwritten, by delivery where each is kept.
    fn data_folder(&self) -> String {
        let Self {
            definition, month, ..
        } = self;
        if !definition.overwrites() {
            return format!("{}/{}", self.range_folder(), self.assembly_id);
        }
        match definition.format.as_str() {
            "Parquet" => format!(
                "{}/{}/year={}/month={}",
                folder(definition),
                definition.name,
                month.start.year(),
                u8::from(month.start.month())
            ),
            _ => self.range_folder(),
        }
    }

    fn data_key(&self) -> String {
        let ending = match self.definition.compression.as_str() {
            "ZIP" => "csv.zip",
            "Parquet" => "snappy.parquet",
            _ => "csv.gz",
        };
        format!(
            "{}/{}-00001.{ending}",
            self.data_folder(),
            self.definition.name
        )
    }

    fn manifest(&self, account: &AccountId, bill: &Bill<'_>, data_key: &str) -> Bytes {
        let stamp = format_description!("[year][month][day]T[hour][minute][second].000Z");
        let time = |time: OffsetDateTime| time.format(stamp).unwrap_or_default();
        let definition = self.definition;
        let content_type = match definition.format.as_str() {
            "Parquet" => "Parquet",
            _ => "text/csv",
        };
        let artifacts: Vec<_> = self
            .artifact_keys()
            .into_iter()
            .map(|(kind, key)| json!({"artifactType": kind, "name": key}))
            .collect();
        let manifest = json!({
            "assemblyId": self.assembly_id,
            "account": account,
            "columns": bill.manifest_columns(),
            "charset": "UTF-8",
            "compression": definition.compression,
            "contentType": content_type,
            "reportId": self.report_id,
            "reportName": definition.name,
            "billingPeriod": {"start": time(self.month.start()), "end": time(self.month.end())},
            "bucket": definition.bucket,
            "reportKeys": [data_key],
            "additionalArtifactKeys": artifacts,
        });
        Bytes::from(manifest.to_string())
    }

    /// The keys of what comes for a data warehouse or a dashboard.
    fn artifact_keys(&self) -> Vec<(&'static str, String)> {
        let (place, name) = (self.place(), &self.definition.name);
        let mut keys = Vec::new();
        if self.definition.has_artifact("REDSHIFT") {
            keys.push((
                "RedshiftCommands",
                format!("{place}/{name}-RedshiftCommands.sql"),
            ));
            keys.push((
                "RedshiftManifest",
                format!("{place}/{name}-RedshiftManifest.json"),
            ));
        }
        if self.definition.has_artifact("QUICKSIGHT") {
            keys.push((
                "QuickSightManifest",
                format!("{place}/{name}-QuickSightManifest.json"),
            ));
        }
        keys
    }

    /// Where what comes with the data is.
    fn place(&self) -> String {
        if self.definition.overwrites() {
            self.range_folder()
        } else {
            self.data_folder()
        }
    }

    fn artifacts(&self, bill: &Bill<'_>, data_key: &str) -> Vec<(String, Bytes)> {
        let Self { definition, .. } = self;
        let url = format!("s3://{}/{data_key}", definition.bucket);
        let table = definition.name.replace(['-', '.'], "_").to_lowercase();
        let columns = |kind: &str| {
            let names = bill.parquet_columns();
            names
                .iter()
                .map(|name| format!("{name} {kind}"))
                .collect::<Vec<_>>()
                .join(",\n")
        };
        let mut files: Vec<_> = self
            .artifact_keys()
            .into_iter()
            .map(|(kind, key)| {
                let content = match kind {
                    "RedshiftCommands" => format!(
                        "CREATE TABLE {table} (\n{}\n);\nCOPY {table} FROM '{url}' GZIP CSV IGNOREHEADER 1;\n",
                        columns("VARCHAR(65535)")
                    ),
                    "RedshiftManifest" => json!({"entries": [{"url": url, "mandatory": true}]}).to_string(),
                    _ => json!({"fileLocations": [{"URIs": [url]}]}).to_string(),
                };
                (key, Bytes::from(content))
            })
            .collect();
        if definition.has_artifact("ATHENA") {
            let (top, name) = (folder(definition), &definition.name);
            let location = format!("s3://{}/{top}/{name}/", definition.bucket);
            let create = format!(
                "CREATE EXTERNAL TABLE IF NOT EXISTS {table} (\n{}\n)\nPARTITIONED BY (year STRING, month STRING)\nSTORED AS PARQUET\nLOCATION '{location}';\n",
                columns("STRING")
            );
            let crawler = format!(
                "AWSTemplateFormatVersion: 2010-09-09\nResources:\n  CostAndUsageReportCrawler:\n    Type: AWS::Glue::Crawler\n    Properties:\n      Targets:\n        S3Targets:\n          - Path: {location}\n"
            );
            let status = parquet::file(&["status".to_owned()], &[vec!["READY".to_owned()]]);
            files.push((
                format!("{}/{name}-create-table.sql", self.range_folder()),
                Bytes::from(create),
            ));
            files.push((format!("{top}/crawler-cfn.yml"), Bytes::from(crawler)));
            files.push((
                format!("{top}/cost_and_usage_data_status/cost_and_usage_data_status.parquet"),
                Bytes::from(status),
            ));
        }
        files
    }
}
