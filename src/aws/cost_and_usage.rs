//! Cost and Usage Reports in domain words.
//!
//! AWS lists five definitions at a time and describes none alone, so all readers share one list. Its
//! answer to a request that breaks a rule is a `ValidationException` that often has no text at all; every
//! rule is therefore checked before anything is sent, and what remains is explained here.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_costandusagereport::Client;
use aws_sdk_costandusagereport::types as sdk;
use time::format_description::FormatItem;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

use super::call;
use super::config::partition_of;
use super::error::{Call, Failure};
use super::retry::Patience;
use super::snapshot::{Epoch, Snapshot};
use super::types::{
    Artifact, BucketName, Compression, DeliveryStatus, Region, ReportFormat, ReportName,
    ReportVersioning, S3Prefix, SchemaElement, Tags, TimeUnit, tags,
};
use crate::framework::{Cx, Diagnostic, DomainText};

/// Smallest and largest page (`MaxResults` in the AWS Cost and Usage Report API reference).
const PAGE: i32 = 5;

/// AWS delivers at least once a day: two days without files are one too many.
///
/// Source: AWS Data Exports user guide, "What are AWS Cost and Usage Reports?".
const OVERDUE: Duration = Duration::hours(48);

/// How AWS writes the time of a delivery (`LastDelivery`).
const LAST_DELIVERY: &[FormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// Definition of a report, and what became of its last delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Name of the report.
    pub name: ReportName,
    /// What a line stands for.
    pub time_unit: TimeUnit,
    /// Format of the files.
    pub format: ReportFormat,
    /// Compression of the files.
    pub compression: Compression,
    /// What it has besides the standard columns.
    pub schema_elements: BTreeSet<SchemaElement>,
    /// Bucket that takes the files.
    pub bucket: BucketName,
    /// Prefix of the files' keys, possibly empty.
    pub prefix: S3Prefix,
    /// Region of the bucket.
    pub region: Region,
    /// Services that it is prepared for.
    pub artifacts: BTreeSet<Artifact>,
    /// Whether months that are closed are delivered again when their costs change.
    pub refresh_closed_reports: bool,
    /// What a delivery does to the ones before.
    pub versioning: ReportVersioning,
    /// Billing view, where it is not the account's own.
    pub billing_view_arn: Option<String>,
    /// When files were delivered last.
    pub last_delivery_at: Option<OffsetDateTime>,
    /// What became of the last delivery.
    pub last_status: Option<DeliveryStatus>,
}

impl Report {
    /// Whether the other has the same definition, whatever was delivered.
    pub fn is_defined_like(&self, other: &Self) -> bool {
        let undelivered = |report: &Self| Self {
            last_delivery_at: None,
            last_status: None,
            ..report.clone()
        };
        undelivered(self) == undelivered(other)
    }

    /// When it was delivered last, if nothing has come for too long since.
    pub fn overdue_since(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.last_delivery_at.filter(|last| now - *last > OVERDUE)
    }

    /// What the keys of all its objects begin with, without a slash at the end.
    pub fn key_prefix(&self) -> String {
        key_prefix(&self.prefix, &self.name)
    }
}

/// What the keys of all objects of a report begin with, without a slash at the end.
///
/// Source: AWS Data Exports user guide, "Understanding your report versions".
pub fn key_prefix(prefix: &S3Prefix, name: &ReportName) -> String {
    if prefix.as_str().is_empty() {
        name.to_string()
    } else {
        format!("{prefix}/{name}")
    }
}

/// Key of the manifest of a month, given by its first day.
///
/// Source: AWS Data Exports user guide, "Understanding your report versions".
pub fn manifest_key(prefix: &S3Prefix, name: &ReportName, start: Date) -> String {
    let place = key_prefix(prefix, name);
    format!("{place}/{}/{name}-Manifest.json", period(start))
}

/// Folder of a month, given by its first day: `20261101-20261201`.
fn period(start: Date) -> String {
    let length = i64::from(start.month().length(start.year()));
    let end = start.saturating_add(Duration::days(length));
    let day = |date: Date| {
        format!(
            "{:04}{:02}{:02}",
            date.year(),
            u8::from(date.month()),
            date.day()
        )
    };
    format!("{}-{}", day(start), day(end))
}

/// Region that serves reports, in the partition of another.
///
/// Source: AWS General Reference, "AWS Billing and Cost Management endpoints and quotas".
pub(super) fn home(region: &str) -> &'static str {
    home_of_partition(partition_of(region).unwrap_or("aws"))
}

/// Region that serves reports in a partition.
pub(super) fn home_of_partition(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-northwest-1",
        _ => "us-east-1",
    }
}

/// What all sessions of the process have in common: writes to reports, counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared(Epoch);

/// Cost and Usage Reports, as one session sees them; cheap to clone.
#[derive(Clone, Debug)]
pub struct CostAndUsage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    writes: Epoch,
    reports: Snapshot<Vec<Report>>,
}

/// What putting a report did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// A report with the same name and the same definition was there.
    Adopted,
}

impl CostAndUsage {
    /// Reports with the credentials of the client.
    pub(super) fn new(client: Client, shared: &Shared) -> Self {
        Self(Arc::new(Inner {
            client,
            writes: shared.0.clone(),
            reports: Snapshot::new(shared.0.clone()),
        }))
    }

    /// All reports of the account, in the order of AWS.
    pub async fn reports(&self, cx: &Cx) -> Result<Arc<Vec<Report>>, Failure> {
        let list = || {
            let client = self.0.client.clone();
            async move {
                let call = Call::new("DescribeReportDefinitions", "list the account's reports")
                    .allowed_by("cur:DescribeReportDefinitions");
                let mut pages = client
                    .describe_report_definitions()
                    .max_results(PAGE)
                    .into_paginator()
                    .send();
                let mut reports = Vec::new();
                while let Some(page) = pages.next().await {
                    let page = page.map_err(|error| Failure::of_service(&call, error))?;
                    for definition in page.report_definitions() {
                        reports.push(report(definition)?);
                    }
                }
                Ok(reports)
            }
        };
        cx.unless_interrupted(self.0.reports.read(list)).await?
    }

    /// The report with the name.
    pub async fn report(&self, cx: &Cx, name: &ReportName) -> Result<Option<Report>, Failure> {
        let reports = self.reports(cx).await?;
        Ok(reports.iter().find(|report| report.name == *name).cloned())
    }

    /// Creates the report. A bucket whose policy AWS does not see yet is tried again for two minutes.
    pub async fn put(&self, cx: &Cx, report: &Report, tags: &Tags) -> Result<Put, Failure> {
        let call = Call::new(
            "PutReportDefinition",
            format!("create report {}", report.name),
        )
        .allowed_by("cur:PutReportDefinition");
        let put = self
            .0
            .client
            .put_report_definition()
            .report_definition(definition(report)?)
            .set_tags(sdk_tags(tags)?);
        let mut patience = Patience::BUCKET_PERMISSION;
        loop {
            let answer = call::write(cx, &call, self.0.writes.write(), |wire| {
                put.clone().customize().interceptor(wire).send()
            });
            let Err(failure) = answer.await else {
                return Ok(Put::Created);
            };
            if failure.is("DuplicateReportNameException") || failure.may_have_taken_effect() {
                return self.adopt(cx, report, failure).await;
            }
            if !is_about_bucket(&failure) {
                return Err(explained(failure, report));
            }
            // The reason why AWS refuses says more than that the time is up.
            match patience.wait() {
                Some(wait) if cx.sleep(wait).await.is_ok() => {}
                _ => return Err(explained(failure, report)),
            }
        }
    }

    /// Takes a report that is there already for the one that was to be created, if it is the same: it may
    /// come from a call whose answer was lost.
    async fn adopt(&self, cx: &Cx, wanted: &Report, failure: Failure) -> Result<Put, Failure> {
        match self.report(cx, &wanted.name).await {
            Ok(Some(found)) if found.is_defined_like(wanted) => Ok(Put::Adopted),
            Ok(Some(found)) if failure.is("DuplicateReportNameException") => {
                Err(Failure::explained(exists_already(&found, wanted)))
            }
            _ => Err(failure),
        }
    }

    /// Changes the definition of the report.
    pub async fn modify(&self, cx: &Cx, report: &Report) -> Result<(), Failure> {
        let call = Call::new(
            "ModifyReportDefinition",
            format!("change report {}", report.name),
        )
        .allowed_by("cur:ModifyReportDefinition");
        let modify = self
            .0
            .client
            .modify_report_definition()
            .report_name(report.name.as_str())
            .report_definition(definition(report)?);
        let mut patience = Patience::BUCKET_PERMISSION;
        loop {
            let answer = call::write(cx, &call, self.0.writes.write(), |wire| {
                modify.clone().customize().interceptor(wire).send()
            });
            let Err(failure) = answer.await else {
                return Ok(());
            };
            match patience.wait().filter(|_| is_about_bucket(&failure)) {
                Some(wait) if cx.sleep(wait).await.is_ok() => {}
                _ => return Err(explained(failure, report)),
            }
        }
    }

    /// Deletes the definition; delivered files stay. One that is gone already is a success.
    pub async fn delete(&self, cx: &Cx, name: &ReportName) -> Result<(), Failure> {
        let call = Call::new("DeleteReportDefinition", format!("delete report {name}"))
            .allowed_by("cur:DeleteReportDefinition");
        let delete = self
            .0
            .client
            .delete_report_definition()
            .report_name(name.as_str());
        let deleted = call::write(cx, &call, self.0.writes.write(), |wire| {
            delete.clone().customize().interceptor(wire).send()
        });
        match deleted.await {
            Ok(_) => Ok(()),
            // AWS answers so for a report that it does not know.
            Err(failure) if failure.is("ValidationException") => {
                match self.report(cx, name).await? {
                    None => Ok(()),
                    Some(_) => Err(failure),
                }
            }
            Err(failure) => Err(failure),
        }
    }

    /// Tags of the report.
    pub async fn tags_of(&self, cx: &Cx, name: &ReportName) -> Result<Tags, Failure> {
        let call = Call::new(
            "ListTagsForResource",
            format!("list the tags of report {name}"),
        )
        .allowed_by("cur:ListTagsForResource");
        let list = self
            .0
            .client
            .list_tags_for_resource()
            .report_name(name.as_str());
        let answer = call::read(cx, &call, list.send()).await?;
        let found = answer.tags().iter();
        Ok(tags(found.map(|tag| (tag.key.clone(), tag.value.clone()))))
    }

    /// Adds tags, or gives existing ones a new value.
    pub async fn tag(&self, cx: &Cx, name: &ReportName, tags: &Tags) -> Result<(), Failure> {
        let call =
            Call::new("TagResource", format!("tag report {name}")).allowed_by("cur:TagResource");
        let tag = self
            .0
            .client
            .tag_resource()
            .report_name(name.as_str())
            .set_tags(sdk_tags(tags)?);
        let tagged = call::write(cx, &call, (), |wire| {
            tag.clone().customize().interceptor(wire).send()
        });
        tagged.await.map(drop)
    }

    /// Takes tags away.
    pub async fn untag(&self, cx: &Cx, name: &ReportName, keys: &[String]) -> Result<(), Failure> {
        let call = Call::new(
            "UntagResource",
            format!("take tags away from report {name}"),
        )
        .allowed_by("cur:UntagResource");
        let untag = self
            .0
            .client
            .untag_resource()
            .report_name(name.as_str())
            .set_tag_keys(Some(keys.to_vec()));
        let untagged = call::write(cx, &call, (), |wire| {
            untag.clone().customize().interceptor(wire).send()
        });
        untagged.await.map(drop)
    }
}

/// Whether AWS could not make sure of its access to the bucket.
///
/// There is no code of its own for this. If AWS finds other words, nothing is lost but the second attempt.
fn is_about_bucket(failure: &Failure) -> bool {
    let says = |text: &str| {
        failure
            .message()
            .is_some_and(|message| message.to_lowercase().contains(text))
    };
    failure.is("ValidationException") && (says("bucket permission") || says("bucket policy"))
}

/// Says what AWS left unsaid.
fn explained(failure: Failure, report: &Report) -> Failure {
    let Report {
        name,
        bucket,
        region,
        ..
    } = report;
    if is_about_bucket(&failure) {
        let refused = Diagnostic::from(failure);
        return Failure::explained(
            Diagnostic::error("Bucket does not let AWS deliver reports")
                .detail(format!(
                    "AWS could not make sure that it may write report {name} into bucket {bucket}.\n\nGive \
                     the bucket the policy that the data source awsbilling_cur_bucket_policy makes, or \
                     create it with awsbilling_cur_bucket, and make this report depend on it. The bucket \
                     must be in Region {region}. In a policy of your own, aws:SourceArn names the Region \
                     us-east-1 whatever the bucket's Region is, and stands under StringLike.\n\n{}",
                    refused.detail
                ))
                .at("s3_bucket"),
        );
    }
    if failure.is("ValidationException") && failure.message().is_none() {
        let refused = Diagnostic::from(failure);
        let signature = refused.detail.rsplit('\n').next().unwrap_or_default();
        return Failure::explained(
            Diagnostic::error("AWS refused the report without saying why").detail(format!(
                "AWS takes the definition of report {name} for invalid, and its answer has no text. What the \
                 provider can check was in order. Check what it cannot:\n\n\
                 - bucket {bucket} exists, in Region {region}, and its policy lets \
                 billingreports.amazonaws.com write into it (data source awsbilling_cur_bucket_policy);\n\
                 - the bucket is in a Region that needs no opting in, or one enabled for the account;\n\
                 - billing_view_arn, if written, names a billing view of this account;\n\
                 - SPLIT_COST_ALLOCATION_DATA was opted into in the Cost Management preferences;\n\
                 - the account is not one whose bill another organization has taken over.\n\n{signature}"
            )),
        );
    }
    failure
}

fn exists_already(found: &Report, wanted: &Report) -> Diagnostic {
    Diagnostic::error("Report exists already")
        .detail(format!(
            "The account has a report {} with other settings: it has time_unit {}, format {}, compression \
             {}, report_versioning {} and delivers to s3://{}/{}. Import it with terraform import, or choose \
             another report_name for this one, which was to deliver to s3://{}/{}.",
            found.name,
            found.time_unit,
            found.format,
            found.compression,
            found.versioning,
            found.bucket,
            found.prefix,
            wanted.bucket,
            wanted.prefix
        ))
        .at("report_name")
}

fn report(found: &sdk::ReportDefinition) -> Result<Report, Failure> {
    let status = found.report_status();
    let delivered = status.and_then(sdk::ReportStatus::last_delivery);
    let region = found.s3_region().as_str();
    Ok(Report {
        name: ReportName::parse(found.report_name()).map_err(Failure::bug)?,
        time_unit: found.time_unit().as_str().into(),
        format: found.format().as_str().into(),
        compression: found.compression().as_str().into(),
        schema_elements: words(found.additional_schema_elements(), |word| {
            word.as_str().into()
        }),
        bucket: BucketName::parse(found.s3_bucket()).map_err(Failure::bug)?,
        prefix: S3Prefix::parse(found.s3_prefix()).map_err(Failure::bug)?,
        region: Region::parse(region).map_err(Failure::bug)?,
        artifacts: words(found.additional_artifacts(), |word| word.as_str().into()),
        // AWS's default (`RefreshClosedReports` in the API reference).
        refresh_closed_reports: found.refresh_closed_reports().unwrap_or_default(),
        versioning: found
            .report_versioning()
            .map_or(ReportVersioning::CreateNewReport, |word| {
                word.as_str().into()
            }),
        billing_view_arn: found.billing_view_arn().map(str::to_owned),
        last_delivery_at: delivered.and_then(|text| {
            let time = time::PrimitiveDateTime::parse(text, LAST_DELIVERY).ok()?;
            Some(time.assume_utc())
        }),
        last_status: status
            .and_then(sdk::ReportStatus::last_status)
            .map(|word| word.as_str().into()),
    })
}

fn words<S, T: Ord>(found: &[S], word: impl Fn(&S) -> T) -> BTreeSet<T> {
    let mut words = BTreeSet::new();
    words.extend(found.iter().map(word));
    words
}

fn definition(report: &Report) -> Result<sdk::ReportDefinition, Failure> {
    let elements = report.schema_elements.iter();
    let artifacts = report.artifacts.iter();
    sdk::ReportDefinition::builder()
        .report_name(report.name.as_str())
        .time_unit(report.time_unit.as_str().into())
        .format(report.format.as_str().into())
        .compression(report.compression.as_str().into())
        .set_additional_schema_elements(Some(elements.map(|word| word.as_str().into()).collect()))
        .s3_bucket(report.bucket.as_str())
        .s3_prefix(report.prefix.as_str())
        .s3_region(report.region.as_str().into())
        .set_additional_artifacts(Some(artifacts.map(|word| word.as_str().into()).collect()))
        .refresh_closed_reports(report.refresh_closed_reports)
        .report_versioning(report.versioning.as_str().into())
        .set_billing_view_arn(report.billing_view_arn.clone())
        .build()
        .map_err(Failure::bug)
}

fn sdk_tags(tags: &Tags) -> Result<Option<Vec<sdk::Tag>>, Failure> {
    let tags = tags
        .iter()
        .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build());
    let tags: Vec<sdk::Tag> = tags.collect::<Result<_, _>>().map_err(Failure::bug)?;
    Ok(Some(tags).filter(|tags| !tags.is_empty()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use time::macros::date;

    use super::*;

    #[test]
    fn a_manifest_lies_in_the_folder_of_its_month() {
        let (prefix, name) = (
            S3Prefix::parse("cur").unwrap(),
            ReportName::parse("hourly").unwrap(),
        );
        let key = |start| manifest_key(&prefix, &name, start);
        assert_eq!(
            key(date!(2026 - 12 - 01)),
            "cur/hourly/20261201-20270101/hourly-Manifest.json"
        );
        assert_eq!(
            key(date!(2028 - 02 - 01)),
            "cur/hourly/20280201-20280301/hourly-Manifest.json"
        );
        let none = S3Prefix::parse("").unwrap();
        assert_eq!(key_prefix(&none, &name), "hourly");
    }

    #[test]
    fn reports_have_one_home_in_each_partition() {
        assert_eq!(home("eu-central-1"), "us-east-1");
        assert_eq!(home("cn-north-1"), "cn-northwest-1");
        assert_eq!(home(""), "us-east-1");
    }
}
