//! Cost and usage reports as they are defined (AWS Cost and Usage Reports, API reference, and user guide "AWS Cost and
//! Usage Reports"). What their delivery comes to is in `delivery`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::delivery::{FIRST_DELIVERY, Month};
use super::{AccountId, Refusal, Tags, World, delivery};

/// How many reports an account may have, unless [`super::Switches::report_limit`] says otherwise (API reference,
/// `ReportLimitReachedException`).
const REPORTS: usize = 5;

/// What a report is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportDefinition {
    /// The name.
    pub name: String,
    /// `HOURLY`, `DAILY` or `MONTHLY`.
    #[serde(default = "hourly")]
    pub time_unit: String,
    /// `textORcsv` or `Parquet`.
    #[serde(default = "csv")]
    pub format: String,
    /// `GZIP`, `ZIP` or `Parquet`.
    #[serde(default = "gzip")]
    pub compression: String,
    /// `RESOURCES`, `SPLIT_COST_ALLOCATION_DATA`, `MANUAL_DISCOUNT_COMPATIBILITY`.
    #[serde(default)]
    pub schema_elements: Vec<String>,
    /// The bucket.
    pub bucket: String,
    /// What keys begin with.
    #[serde(default)]
    pub prefix: String,
    /// The bucket's region.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// `ATHENA`, `REDSHIFT`, `QUICKSIGHT`.
    #[serde(default)]
    pub artifacts: Vec<String>,
    /// Whether months are delivered again that were closed already.
    #[serde(default = "yes")]
    pub refresh_closed_reports: bool,
    /// `CREATE_NEW_REPORT` or `OVERWRITE_REPORT`.
    #[serde(default = "create_new")]
    pub versioning: String,
    /// Whose view of the bill it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_view_arn: Option<String>,
}

fn hourly() -> String {
    "HOURLY".to_owned()
}
fn csv() -> String {
    "textORcsv".to_owned()
}
fn gzip() -> String {
    "GZIP".to_owned()
}
fn us_east_1() -> String {
    "us-east-1".to_owned()
}
fn yes() -> bool {
    true
}
fn create_new() -> String {
    "CREATE_NEW_REPORT".to_owned()
}

impl ReportDefinition {
    /// Whether a value of `AdditionalArtifacts` is asked for.
    pub fn has_artifact(&self, artifact: &str) -> bool {
        self.artifacts.iter().any(|known| known == artifact)
    }

    /// Whether a value of `AdditionalSchemaElements` is asked for.
    pub fn has_schema_element(&self, element: &str) -> bool {
        self.schema_elements.iter().any(|known| known == element)
    }

    /// Whether each delivery replaces the one before.
    pub fn overwrites(&self) -> bool {
        self.versioning == "OVERWRITE_REPORT"
    }
}

/// What the last delivery came to (API reference, `ReportStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// The objects are there.
    Success,
    /// The bucket's policy does not let them in.
    ErrorPermissions,
    /// There is no such bucket of the account in that region.
    ErrorNoBucket,
}

impl DeliveryStatus {
    /// The value of `lastStatus`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::ErrorPermissions => "ERROR_PERMISSIONS",
            Self::ErrorNoBucket => "ERROR_NO_BUCKET",
        }
    }
}

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// The account it is about.
    pub account: AccountId,
    /// What it is to be.
    pub definition: ReportDefinition,
    /// Its tags.
    pub tags: Tags,
    /// When it was defined.
    pub created_at: OffsetDateTime,
    /// When it was last delivered.
    pub last_delivery: Option<OffsetDateTime>,
    /// What the last delivery came to.
    pub last_status: Option<DeliveryStatus>,
    pub(super) next_delivery: OffsetDateTime,
    /// Closed months that the next delivery brings as well.
    pub(super) due_months: BTreeSet<Month>,
}

impl Report {
    /// `arn:aws:cur:us-east-1:111122223333:definition/name`.
    pub fn arn(&self, partition: &str) -> String {
        definition_arn(partition, &self.account, &self.definition.name)
    }
}

/// The one region in which a partition has the service (AWS General Reference, "AWS Cost and Usage Reports endpoints").
pub(crate) fn home_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-northwest-1",
        _ => "us-east-1",
    }
}

/// The ARN of a report.
pub(crate) fn definition_arn(partition: &str, account: &AccountId, name: &str) -> String {
    let region = home_region(partition);
    format!("arn:{partition}:cur:{region}:{account}:definition/{name}")
}

/// A report to arrange, its bucket being there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSpec {
    /// The account it is about.
    pub account: AccountId,
    /// What it is to be.
    pub definition: ReportDefinition,
    /// How many whole months before this one are delivered already, besides the days of this one.
    #[serde(default)]
    pub history_months: u32,
}

impl World {
    /// Every report, by account and name.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.reports.values()
    }

    /// A report by account and name.
    pub fn report(&self, account: &AccountId, name: &str) -> Option<&Report> {
        self.reports.get(&(account.clone(), name.to_owned()))
    }

    /// The reports of an account after the given name.
    pub(crate) fn reports_of<'a>(
        &'a self,
        account: &'a AccountId,
        after: &str,
    ) -> impl Iterator<Item = &'a Report> + use<'a> {
        let start = (account.clone(), after.to_owned());
        self.reports
            .range((Bound::Excluded(start), Bound::Unbounded))
            .map(|(_, report)| report)
            .take_while(move |report| report.account == *account)
    }

    /// A report, or the service's answer that there is none.
    pub(crate) fn known_report(&self, account: &AccountId, name: &str) -> Result<&Report, Refusal> {
        self.report(account, name).ok_or_else(|| no_report(name))
    }

    /// Arranges a report with its history; one of that name stays as it is.
    pub fn arrange_report(&mut self, spec: &ReportSpec) -> Result<(), Refusal> {
        if self.report(&spec.account, &spec.definition.name).is_some() {
            return Ok(());
        }
        self.put_report(&spec.account, spec.definition.clone(), Tags::new())?;
        if spec.history_months > 0 {
            self.backfill(&spec.account, &spec.definition.name, spec.history_months)?;
        }
        Ok(())
    }

    /// Delivers this month so far and whole months before it at once, as AWS Support does on request.
    pub fn backfill(
        &mut self,
        account: &AccountId,
        name: &str,
        months: u32,
    ) -> Result<(), Refusal> {
        self.known_report(account, name)?;
        let now = self.now;
        let key = (account.clone(), name.to_owned());
        if let Some(report) = self.reports.get_mut(&key) {
            let mut month = Month::of(now);
            for _ in 0..months {
                month = month.previous();
                report.due_months.insert(month);
            }
        }
        self.deliver(&key, now);
        Ok(())
    }

    /// Corrects a closed month's bill: reports that refresh closed months bring it with the next delivery (user guide,
    /// "Automatically refresh your report").
    pub fn correct_bill(&mut self, account: &AccountId, year: i32, month: u8) {
        let Some(month) = Month::new(year, month) else {
            return;
        };
        for report in self.reports.values_mut() {
            if report.account == *account && report.definition.refresh_closed_reports {
                report.due_months.insert(month);
            }
        }
    }

    /// Defines a report (API reference, `PutReportDefinition`).
    pub(crate) fn put_report(
        &mut self,
        account: &AccountId,
        definition: ReportDefinition,
        tags: Tags,
    ) -> Result<(), Refusal> {
        let key = (account.clone(), definition.name.clone());
        if self.reports.contains_key(&key) {
            return Err(Refusal::new(
                "DuplicateReportNameException",
                "A report with the specified name already exists in the account. Specify a different report name.",
            ));
        }
        let limit = self.switches.report_limit.unwrap_or(REPORTS);
        if self.reports_of(account, "").count() >= limit {
            return Err(Refusal::new(
                "ReportLimitReachedException",
                format!(
                    "This account already has {limit} reports defined. To define a new report, you must delete an existing report."
                ),
            ));
        }
        self.check_delivery(account, &definition)?;
        let report = Report {
            account: account.clone(),
            definition,
            tags,
            created_at: self.now,
            last_delivery: None,
            last_status: None,
            next_delivery: self.now + FIRST_DELIVERY,
            due_months: BTreeSet::new(),
        };
        self.reports.insert(key, report);
        Ok(())
    }

    /// Changes a report (API reference, `ModifyReportDefinition`). The name, the time unit, the content and the
    /// versioning stay as they were defined (user guide, "Editing your Cost and Usage Reports configuration").
    pub(crate) fn modify_report(
        &mut self,
        account: &AccountId,
        name: &str,
        definition: ReportDefinition,
    ) -> Result<(), Refusal> {
        let known = &self
            .report(account, name)
            .ok_or_else(|| unknown_report(name))?
            .definition;
        let elements = |definition: &ReportDefinition| {
            definition
                .schema_elements
                .iter()
                .cloned()
                .collect::<BTreeSet<_>>()
        };
        let lasting = known.name == definition.name
            && known.time_unit == definition.time_unit
            && known.versioning == definition.versioning
            && elements(known) == elements(&definition)
            && known.billing_view_arn == definition.billing_view_arn;
        if !lasting {
            return Err(invalid(""));
        }
        self.check_delivery(account, &definition)?;
        if let Some(report) = self.reports.get_mut(&(account.clone(), name.to_owned())) {
            report.definition = definition;
        }
        Ok(())
    }

    /// Deletes a report; what it delivered stays (API reference, `DeleteReportDefinition`).
    pub(crate) fn delete_report(&mut self, account: &AccountId, name: &str) -> Result<(), Refusal> {
        match self.reports.remove(&(account.clone(), name.to_owned())) {
            Some(_) => Ok(()),
            None => Err(unknown_report(name)),
        }
    }

    /// The tags of a report, to change them.
    pub(crate) fn report_tags_mut(
        &mut self,
        account: &AccountId,
        name: &str,
    ) -> Result<&mut Tags, Refusal> {
        self.reports
            .get_mut(&(account.clone(), name.to_owned()))
            .map(|report| &mut report.tags)
            .ok_or_else(|| no_report(name))
    }

    /// The service looks whether it could deliver before it takes a definition.
    fn check_delivery(
        &self,
        account: &AccountId,
        definition: &ReportDefinition,
    ) -> Result<(), Refusal> {
        match self.delivery_status(account, definition) {
            DeliveryStatus::Success => Ok(()),
            _ => Err(invalid("Failed to verify customer bucket permission")),
        }
    }

    /// Lets reports arrive whose time has come, in the order of time.
    pub(super) fn age_reports(&mut self) {
        let mut due: BTreeMap<OffsetDateTime, Vec<_>> = BTreeMap::new();
        for (key, report) in &self.reports {
            let mut at = report.next_delivery;
            while at <= self.now {
                due.entry(at).or_default().push(key.clone());
                at += delivery::INTERVAL;
            }
        }
        for (at, keys) in due {
            for key in keys {
                self.deliver(&key, at);
                if let Some(report) = self.reports.get_mut(&key) {
                    report.next_delivery = at + delivery::INTERVAL;
                }
            }
        }
    }
}

fn no_report(name: &str) -> Refusal {
    Refusal::new(
        "ResourceNotFoundException",
        format!("The specified report ({name}) in the request doesn't exist."),
    )
}

/// Deleting and modifying model no `ResourceNotFoundException`.
fn unknown_report(name: &str) -> Refusal {
    invalid(&format!("The report {name} doesn't exist."))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new("ValidationException", message)
}
