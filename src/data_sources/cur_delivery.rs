//! `awsbilling_cur_delivery`: does data flow, and how far back does it reach?
//!
//! AWS says when it delivered last and nothing of what; the manifests in the bucket say the rest. Of a report
//! that a billing transfer has ended AWS says nothing at all; the transfer does.

use std::collections::BTreeMap;

use time::{Date, Duration, OffsetDateTime};

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::cost_and_usage::Report;
use crate::aws::manifest::{Manifest, month_of};
use crate::aws::s3::Object;
use crate::aws::takeover::Takeover;
use crate::aws::types::{AccountId, BucketName, DeliveryStatus, ReportName};
use crate::aws::{Aws, S3};
use crate::framework::{
    Choice, Computed, Cx, DataSource, Diagnostic, Diagnostics, Model, Page, Permission, Result,
};

/// Shows whether AWS delivers a cost and usage report, and which months are in its bucket.
///
/// AWS begins within 24 hours after a report was defined, and an analyzer shows data after 24 to 72 hours.
/// Nothing here waits: read it again with the next plan.
#[derive(Clone, Debug, Model)]
pub struct Delivery {
    /// Name of the report.
    pub report_name: ReportName,

    /// Time at which the report was defined, in RFC 3339, to tell how long the first delivery has been
    /// waited for. AWS does not show it.
    pub created_at: Option<Timestamp>,

    /// Number of months before the current one that a backfill needs, for `backfill_ready`.
    pub backfill_months: Option<i64>,

    /// Role to assume in the account of the report, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the account that owns the report.
    pub account_id: Computed<AccountId>,

    /// Name of the bucket that takes the files.
    pub s3_bucket: Computed<BucketName>,

    /// What the keys of all objects of the report begin with, without a slash at the end.
    pub key_prefix: Computed<String>,

    /// How the delivery fares: `never_delivered` if it is overdue, `pending_first_delivery` within 24 hours
    /// of `created_at` or where that is not given, `flowing`, `stale` if the last one is more than 48 hours
    /// ago, `bill_transferred` if that is so because another organization has taken the bill over, or
    /// `error`.
    pub state: Computed<State>,

    /// Sentence that says what the state means and what to do.
    pub explanation: Computed<String>,

    /// Number of full hours since `created_at`; null where that is not given.
    pub hours_since_creation: Computed<i64>,

    /// Time of the last delivery, in RFC 3339; null before the first.
    pub last_delivery_at: Computed<Timestamp>,

    /// Outcome of the last delivery; null before the first.
    pub last_status: Computed<DeliveryStatus>,

    /// ID of the management account that has taken the bill over, where that is why nothing comes any more;
    /// null otherwise, and where these credentials may not see it.
    pub bill_paid_by: Computed<AccountId>,

    /// First moment that `bill_paid_by` pays for, in RFC 3339.
    pub bill_paid_since: Computed<Timestamp>,

    /// Months that are in the bucket, the oldest first.
    pub months: Computed<Vec<DeliveredMonth>>,

    /// Columns of the newest month, with their groups, such as `lineItem/UnblendedCost`.
    pub columns: Computed<Vec<String>>,

    /// Whether the months before the current one reach back `backfill_months` without a gap; null where that
    /// is not given.
    pub backfill_ready: Computed<bool>,
}

/// Month that is in the bucket.
#[derive(Clone, Debug, Model)]
pub struct DeliveredMonth {
    /// Month, such as `2026-11`.
    pub billing_period: String,

    /// Key of its manifest.
    pub manifest_key: String,

    /// Time at which its manifest was written, in RFC 3339.
    pub delivered_at: Option<Timestamp>,

    /// Number of its files.
    pub files: i64,

    /// Size of its files in bytes.
    pub bytes: i64,
}

/// How the delivery of a report fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Choice)]
pub enum State {
    /// Nothing has come although it should have.
    NeverDelivered,
    /// Nothing has come yet.
    PendingFirstDelivery,
    /// Files come.
    Flowing,
    /// Files came, and come no more.
    Stale,
    /// Files come no more, because another organization has taken the bill over.
    BillTransferred,
    /// AWS says that it cannot deliver.
    Error,
}

/// How long AWS takes to deliver first.
///
/// Source: AWS Data Exports user guide, "Creating Cost and Usage Reports".
const FIRST_DELIVERY: Duration = Duration::hours(24);

/// The data source.
#[derive(Debug)]
pub struct CurDelivery {
    aws: Aws,
}

impl DataSource for CurDelivery {
    const NAME: &'static str = "cur_delivery";
    const PAGE: Page = Page {
        subcategory: "Cost and usage reports",
        permissions: &[
            Permission::new("cur:DescribeReportDefinitions", "always"),
            Permission::new("s3:ListBucket", "on the report's bucket"),
            Permission::new("s3:GetObject", "on the report's manifests"),
            Permission::new(
                "organizations:ListOutboundResponsibilityTransfers",
                "to say whether a billing transfer has ended the report (optional)",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Delivery;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn validate(config: &PartialDelivery, problems: &mut Diagnostics) {
        if let Some(months) = config.backfill_months.given()
            && !(1..=36).contains(months)
        {
            problems.push(
                Diagnostic::error("Invalid attribute value")
                    .detail(format!(
                        "A backfill reaches back 1 to 36 months, got {months}."
                    ))
                    .at("backfill_months"),
            );
        }
    }

    async fn read(&self, cx: &Cx, config: Delivery) -> Result<Delivery> {
        let role = config.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        let Some(report) = reports.report(cx, &config.report_name).await? else {
            return Err(Diagnostic::error("Report not found")
                .detail(format!(
                    "Account {} has no report {}. The data source awsbilling_cur_report_definitions lists \
                     those that it has.",
                    caller.account_id, config.report_name
                ))
                .at("report_name"));
        };
        let now = self.aws.now(cx);
        let s3 = self.aws.s3(cx, role.as_ref(), &report.region).await?;
        let contents = Contents::of(cx, &s3, &report).await?;
        let newest = contents.newest_manifest(cx, &s3, &report).await?;
        let waited = config
            .created_at
            .map(|created| now - OffsetDateTime::from(created));
        let mut state = state(&report, waited, now);
        let last_seen = match state {
            State::Stale => report.last_delivery_at,
            State::NeverDelivered => config.created_at.map(OffsetDateTime::from),
            _ => None,
        };
        let takeover = match last_seen {
            Some(last_seen) => self.aws.takeover(cx, role.as_ref(), last_seen).await,
            None => None,
        };
        if takeover.is_some() {
            state = State::BillTransferred;
        }
        let ready = config
            .backfill_months
            .map(|months| contents.reach_back(now.date(), months));
        Ok(Delivery {
            account_id: caller.account_id.into(),
            s3_bucket: report.bucket.clone().into(),
            key_prefix: report.key_prefix().into(),
            state: state.into(),
            explanation: explanation(state, &report, takeover.as_ref()).into(),
            bill_paid_by: takeover.as_ref().and_then(|it| it.by.clone()).into(),
            bill_paid_since: takeover.map(|it| Timestamp::from(it.since)).into(),
            hours_since_creation: waited.map(Duration::whole_hours).into(),
            last_delivery_at: report.last_delivery_at.map(Timestamp::from).into(),
            last_status: report.last_status.clone().into(),
            months: contents.months().into(),
            columns: newest.column_names().into(),
            backfill_ready: ready.into(),
            ..config
        })
    }
}

/// What the bucket has of a report, month by month.
struct Contents(BTreeMap<Date, Month>);

/// One month in the bucket.
struct Month {
    manifest: Object,
    files: i64,
    bytes: i64,
}

impl Contents {
    async fn of(cx: &Cx, s3: &S3, report: &Report) -> Result<Self> {
        let (place, name) = (report.key_prefix(), report.name.as_str());
        let objects = s3.objects(cx, &report.bucket, &format!("{place}/")).await?;
        let mut months = BTreeMap::new();
        for object in &objects {
            if let Some(start) = month_of(&object.key, &place, name) {
                let manifest = object.clone();
                months.insert(
                    start,
                    Month {
                        manifest,
                        files: 0,
                        bytes: 0,
                    },
                );
            }
        }
        let sizes: BTreeMap<_, _> = objects
            .iter()
            .map(|one| (one.key.as_str(), one.size))
            .collect();
        for month in months.values_mut() {
            let manifest = read_manifest(cx, s3, report, &month.manifest.key).await?;
            let found = manifest
                .report_keys
                .iter()
                .filter_map(|key| sizes.get(key.as_str()));
            month.bytes = found.clone().sum();
            month.files = i64::try_from(found.count()).unwrap_or(i64::MAX);
        }
        Ok(Self(months))
    }

    async fn newest_manifest(&self, cx: &Cx, s3: &S3, report: &Report) -> Result<Manifest> {
        match self.0.values().next_back() {
            None => Ok(Manifest::default()),
            Some(month) => read_manifest(cx, s3, report, &month.manifest.key).await,
        }
    }

    fn months(&self) -> Vec<DeliveredMonth> {
        let months = self.0.iter().map(|(start, month)| DeliveredMonth {
            billing_period: format!("{:04}-{:02}", start.year(), u8::from(start.month())),
            manifest_key: month.manifest.key.clone(),
            delivered_at: month.manifest.modified_at.map(Timestamp::from),
            files: month.files,
            bytes: month.bytes,
        });
        months.collect()
    }

    /// Whether each of so many months before today's is there, with files.
    fn reach_back(&self, today: Date, months: i64) -> bool {
        let mut start = today.replace_day(1).unwrap_or(today);
        (0..months).all(|_| {
            let before = start.saturating_sub(Duration::DAY);
            start = before.replace_day(1).unwrap_or(before);
            self.0.get(&start).is_some_and(|month| month.files > 0)
        })
    }
}

async fn read_manifest(cx: &Cx, s3: &S3, report: &Report, key: &str) -> Result<Manifest> {
    let content = s3.read(cx, &report.bucket, key).await?;
    // A manifest may be gone since the list, and nobody promises what it looks like.
    let manifest = content.as_deref().and_then(Manifest::parse);
    Ok(manifest.unwrap_or_default())
}

fn state(report: &Report, waited: Option<Duration>, now: OffsetDateTime) -> State {
    let failed = report
        .last_status
        .as_ref()
        .is_some_and(|status| *status != DeliveryStatus::Success);
    match report.last_delivery_at {
        _ if failed => State::Error,
        Some(_) if report.overdue_since(now).is_some() => State::Stale,
        Some(_) => State::Flowing,
        None if waited.is_some_and(|waited| waited > FIRST_DELIVERY) => State::NeverDelivered,
        None => State::PendingFirstDelivery,
    }
}

fn explanation(state: State, report: &Report, takeover: Option<&Takeover>) -> String {
    let (name, bucket) = (&report.name, &report.bucket);
    if let Some(takeover) = takeover {
        return takeover.explanation(name);
    }
    match state {
        State::Flowing => format!("AWS delivers report {name} into bucket {bucket}."),
        State::PendingFirstDelivery => format!(
            "AWS has not delivered report {name} yet, which takes up to 24 hours after it was defined."
        ),
        State::NeverDelivered => format!(
            "AWS should have delivered report {name} by now. Check that bucket {bucket} has the policy of the \
             data source awsbilling_cur_bucket_policy, and that the account has costs; then ask AWS Support."
        ),
        State::Stale | State::BillTransferred => format!(
            "AWS delivers at least once a day, and has not delivered report {name} for more than two days. \
             Check the policy of bucket {bucket}. If the account belongs to an organization, ask its \
             management account whether a billing transfer has begun: that ends reports."
        ),
        State::Error => match &report.last_status {
            Some(DeliveryStatus::ErrorNoBucket) => format!(
                "AWS cannot deliver report {name}, because bucket {bucket} does not exist in Region {}. Create \
                 it again, or have the report delivered elsewhere.",
                report.region
            ),
            _ => format!(
                "AWS cannot deliver report {name}, because the policy of bucket {bucket} does not let it \
                 write. Give the bucket the policy of the data source awsbilling_cur_bucket_policy."
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use time::macros::datetime;

    use super::*;
    use crate::aws::types::{Region, S3Prefix};
    use crate::framework::DomainText;

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    fn report(last: Option<OffsetDateTime>, status: Option<DeliveryStatus>) -> Report {
        Report {
            name: ReportName::parse("hourly").unwrap(),
            time_unit: "HOURLY".into(),
            format: "Parquet".into(),
            compression: "Parquet".into(),
            schema_elements: [].into(),
            bucket: BucketName::parse("example").unwrap(),
            prefix: S3Prefix::parse("cur").unwrap(),
            region: Region::parse("us-east-1").unwrap(),
            artifacts: [].into(),
            refresh_closed_reports: true,
            versioning: "OVERWRITE_REPORT".into(),
            billing_view_arn: None,
            last_delivery_at: last,
            last_status: status,
        }
    }

    #[test]
    fn the_state_follows_from_what_aws_said_last_and_when() {
        let hours = |hours| Some(Duration::hours(hours));
        let before = |hours| Some(NOW - Duration::hours(hours));
        let success = Some(DeliveryStatus::Success);
        let cases = [
            (None, None, None, State::PendingFirstDelivery),
            (None, None, hours(24), State::PendingFirstDelivery),
            (None, None, hours(25), State::NeverDelivered),
            (before(48), success.clone(), None, State::Flowing),
            (before(49), success, None, State::Stale),
            (
                before(1),
                Some(DeliveryStatus::ErrorPermissions),
                None,
                State::Error,
            ),
            (
                None,
                Some(DeliveryStatus::ErrorNoBucket),
                hours(25),
                State::Error,
            ),
        ];
        for (last, status, waited, expected) in cases {
            let report = report(last, status);
            let state = state(&report, waited, NOW);
            assert_eq!(state, expected, "{last:?} {waited:?}");
            assert!(explanation(state, &report, None).ends_with('.'));
        }
    }
}
