//! Cost analyzers: whom a role must trust for each, and what each demands of a report.
//!
//! Everything here is data that the analyzer's maker has published, with its source. What is not published
//! is left out, and asked of the user; whatever is here, the user can say otherwise.

mod cloudability;
mod cloudhealth;
mod cloudzero;
mod custom;
mod datadog;
mod doit;
mod nops;
mod opsnow;
mod spot_billing_engine;
mod spot_cloud_analyzer;
mod vantage;

use std::collections::BTreeSet;

use crate::attributes::Requirements;
use crate::aws::cost_and_usage::Report;
use crate::aws::types::{Artifact, Region};
use crate::framework::{Choice, DomainText};

/// Cost analyzer that has a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Choice)]
pub enum Analyzer {
    /// Spot Cloud Analyzer.
    SpotCloudAnalyzer,
    /// Spot Billing Engine.
    SpotBillingEngine,
    /// CloudHealth.
    Cloudhealth,
    /// DoiT.
    Doit,
    /// OpsNow.
    Opsnow,
    /// Vantage.
    Vantage,
    /// CloudZero.
    Cloudzero,
    /// Datadog Cloud Cost Management.
    Datadog,
    /// IBM Cloudability.
    Cloudability,
    /// Analyzer of nOps.
    Nops,
    /// Another analyzer.
    Custom,
}

impl Analyzer {
    /// What is known of the analyzer.
    pub fn profile(self) -> &'static Profile {
        match self {
            Self::SpotCloudAnalyzer => &spot_cloud_analyzer::PROFILE,
            Self::SpotBillingEngine => &spot_billing_engine::PROFILE,
            Self::Cloudhealth => &cloudhealth::PROFILE,
            Self::Doit => &doit::PROFILE,
            Self::Opsnow => &opsnow::PROFILE,
            Self::Vantage => &vantage::PROFILE,
            Self::Cloudzero => &cloudzero::PROFILE,
            Self::Datadog => &datadog::PROFILE,
            Self::Cloudability => &cloudability::PROFILE,
            Self::Nops => &nops::PROFILE,
            Self::Custom => &custom::PROFILE,
        }
    }
}

/// Whether an analyzer gives an external ID when it assumes a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum ExternalIdUse {
    /// It does, and the role must ask for it.
    Required,
    /// It does not, so nothing tells its customers apart.
    NotUsed,
}

/// When the profiles were read off their sources.
pub const AS_OF: &str = "2026-11";

/// What is known of an analyzer.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The analyzer.
    pub analyzer: Analyzer,
    /// Its name as its maker writes it.
    pub title: &'static str,
    /// Where this was published.
    pub source: &'static str,
    /// ARNs that a role must trust; none if they are not published.
    pub principals: &'static [&'static str],
    /// Whether it gives an external ID.
    pub external_id: ExternalIdUse,
    /// Where its user finds what is not here, as a sentence.
    pub where_to_find: &'static str,
    /// Name for its role.
    pub role_name: &'static str,
    /// Path for its role.
    pub path: &'static str,
    /// Actions that it uses beside reading the report; none of them writes.
    pub actions: &'static [&'static str],
    /// AWS managed policies that it uses; none of them writes.
    pub managed_policies: &'static [&'static str],
    /// What it demands of a report.
    pub demands: Demands,
    /// What else there is to know, as sentences.
    pub remarks: &'static str,
}

impl Profile {
    const fn of(analyzer: Analyzer, title: &'static str, role_name: &'static str) -> Self {
        Self {
            analyzer,
            title,
            source: "",
            principals: &[],
            external_id: ExternalIdUse::Required,
            where_to_find: "",
            role_name,
            path: "/",
            actions: &[],
            managed_policies: &[],
            demands: Demands::NONE,
            remarks: "",
        }
    }

    /// ARNs of its managed policies in the partition.
    pub fn managed_policy_arns(&self, partition: &str) -> BTreeSet<String> {
        let arn = |name: &&str| format!("arn:{partition}:iam::aws:policy/{name}");
        self.managed_policies.iter().map(arn).collect()
    }

    /// What it demands of a report.
    pub fn requirements(&self) -> Requirements {
        let demands = &self.demands;
        Requirements {
            time_units: set(demands.time_units),
            formats: set(demands.formats),
            compressions: set(demands.compressions),
            report_versionings: set(demands.report_versionings),
            additional_schema_elements: set(demands.additional_schema_elements),
            additional_artifacts: set(demands.additional_artifacts),
            refresh_closed_reports: demands.refresh_closed_reports.then_some(true),
            s3_regions: set(demands.s3_regions),
        }
    }
}

/// What an analyzer demands of a report, in AWS's words; an empty list demands nothing.
#[derive(Clone, Copy, Debug)]
pub struct Demands {
    time_units: &'static [&'static str],
    formats: &'static [&'static str],
    compressions: &'static [&'static str],
    report_versionings: &'static [&'static str],
    additional_schema_elements: &'static [&'static str],
    additional_artifacts: &'static [&'static str],
    refresh_closed_reports: bool,
    s3_regions: &'static [&'static str],
}

impl Demands {
    const NONE: Self = Self {
        time_units: &[],
        formats: &[],
        compressions: &[],
        report_versionings: &[],
        additional_schema_elements: &[],
        additional_artifacts: &[],
        refresh_closed_reports: false,
        s3_regions: &[],
    };
}

fn set<T: DomainText + Ord>(words: &[&str]) -> Option<BTreeSet<T>> {
    let mut set = BTreeSet::new();
    set.extend(words.iter().filter_map(|word| T::parse(word).ok()));
    Some(set).filter(|set| !set.is_empty())
}

/// An attribute of a report that is not as an analyzer needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Name of the attribute.
    pub attribute: &'static str,
    /// What it must be, as it would be written.
    pub needed: String,
    /// What it is.
    pub found: String,
}

impl Requirements {
    /// What is written here, and where nothing is, what the other says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            time_units: self.time_units.or(other.time_units),
            formats: self.formats.or(other.formats),
            compressions: self.compressions.or(other.compressions),
            report_versionings: self.report_versionings.or(other.report_versionings),
            additional_schema_elements: self
                .additional_schema_elements
                .or(other.additional_schema_elements),
            additional_artifacts: self.additional_artifacts.or(other.additional_artifacts),
            refresh_closed_reports: self.refresh_closed_reports.or(other.refresh_closed_reports),
            s3_regions: self.s3_regions.or(other.s3_regions),
        }
    }

    /// Where the report is not as it is required to be.
    pub fn deviations(&self, report: &Report) -> Vec<Deviation> {
        let mut found = Vec::new();
        one_of(
            &mut found,
            "time_unit",
            self.time_units.as_ref(),
            &report.time_unit,
        );
        one_of(&mut found, "format", self.formats.as_ref(), &report.format);
        one_of(
            &mut found,
            "compression",
            self.compressions.as_ref(),
            &report.compression,
        );
        one_of(
            &mut found,
            "report_versioning",
            self.report_versionings.as_ref(),
            &report.versioning,
        );
        one_of(
            &mut found,
            "s3_region",
            self.s3_regions.as_ref(),
            &report.region,
        );
        all_of(
            &mut found,
            "additional_schema_elements",
            self.additional_schema_elements.as_ref(),
            &report.schema_elements,
        );
        all_of(
            &mut found,
            "additional_artifacts",
            self.additional_artifacts.as_ref(),
            &report.artifacts,
        );
        if let Some(needed) = self.refresh_closed_reports
            && needed != report.refresh_closed_reports
        {
            found.push(Deviation {
                attribute: "refresh_closed_reports",
                needed: needed.to_string(),
                found: report.refresh_closed_reports.to_string(),
            });
        }
        found
    }

    /// Attributes by which no report can be as both require.
    pub fn excludes(&self, other: &Self) -> Vec<&'static str> {
        let artifacts: BTreeSet<_> = [&self.additional_artifacts, &other.additional_artifacts]
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        let refresh = (self.refresh_closed_reports, other.refresh_closed_reports);
        let checks = [
            (
                "time_unit",
                disjoint(self.time_units.as_ref(), other.time_units.as_ref()),
            ),
            (
                "format",
                disjoint(self.formats.as_ref(), other.formats.as_ref()),
            ),
            (
                "compression",
                disjoint(self.compressions.as_ref(), other.compressions.as_ref()),
            ),
            (
                "report_versioning",
                disjoint(
                    self.report_versionings.as_ref(),
                    other.report_versionings.as_ref(),
                ),
            ),
            (
                "s3_region",
                disjoint(self.s3_regions.as_ref(), other.s3_regions.as_ref()),
            ),
            (
                "additional_artifacts",
                artifacts.len() > 1 && artifacts.contains(&Artifact::Athena),
            ),
            (
                "refresh_closed_reports",
                matches!(refresh, (Some(a), Some(b)) if a != b),
            ),
        ];
        let excluding = checks.into_iter().filter(|(_, excludes)| *excludes);
        excluding.map(|(attribute, _)| attribute).collect()
    }

    /// Regions that the bucket may be in; `None` for any.
    pub fn regions(&self) -> Option<&BTreeSet<Region>> {
        self.s3_regions.as_ref()
    }
}

fn one_of<T: DomainText + Ord>(
    deviations: &mut Vec<Deviation>,
    attribute: &'static str,
    needed: Option<&BTreeSet<T>>,
    found: &T,
) {
    if let Some(needed) = needed
        && !needed.contains(found)
    {
        let words: Vec<_> = needed.iter().map(|word| format!("\"{word}\"")).collect();
        deviations.push(Deviation {
            attribute,
            needed: words.join(" or "),
            found: format!("\"{found}\""),
        });
    }
}

fn all_of<T: DomainText + Ord>(
    deviations: &mut Vec<Deviation>,
    attribute: &'static str,
    needed: Option<&BTreeSet<T>>,
    found: &BTreeSet<T>,
) {
    if let Some(needed) = needed
        && !needed.is_subset(found)
    {
        deviations.push(Deviation {
            attribute,
            needed: list(needed),
            found: list(found),
        });
    }
}

fn list<T: DomainText>(words: &BTreeSet<T>) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(", "))
}

fn disjoint<T: Ord>(a: Option<&BTreeSet<T>>, b: Option<&BTreeSet<T>>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.is_disjoint(b))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::aws::types::{BucketName, Principal, ReportName, S3Prefix};

    fn all() -> impl Iterator<Item = &'static Profile> {
        let words = Analyzer::VALUES.iter();
        words.map(|word| Analyzer::parse(word).unwrap().profile())
    }

    #[test]
    fn profiles_hold_what_aws_knows() {
        for profile in all() {
            let demands = &profile.demands;
            let words = |demanded: &[&str], read: usize| {
                assert_eq!(
                    demanded.len(),
                    read,
                    "{}: a word twice or unknown",
                    profile.title
                );
            };
            let required = profile.requirements();
            words(
                demands.time_units,
                required.time_units.map_or(0, |set| set.len()),
            );
            words(
                demands.s3_regions,
                required.s3_regions.map_or(0, |set| set.len()),
            );
            assert!(
                profile
                    .principals
                    .iter()
                    .all(|arn| Principal::parse(arn).is_ok())
            );
            for sentence in [profile.where_to_find, profile.remarks] {
                assert!(sentence.ends_with('.'), "{}: {sentence}", profile.title);
            }
            let read_only = ["Get", "List", "Describe"];
            for action in profile.actions {
                let verb = action.split(':').nth(1).unwrap();
                assert!(
                    read_only.iter().any(|word| verb.starts_with(word)),
                    "{action} may write"
                );
            }
        }
    }

    #[test]
    fn no_report_serves_cloud_analyzer_and_billing_engine() {
        let [analyzer, engine] = [Analyzer::SpotCloudAnalyzer, Analyzer::SpotBillingEngine]
            .map(|analyzer| analyzer.profile().requirements());
        let expected = ["format", "compression", "additional_artifacts"];
        assert_eq!(analyzer.excludes(&engine), expected);
        assert_eq!(analyzer.excludes(&analyzer), [""; 0]);
    }

    #[test]
    fn every_deviation_is_named_with_what_is_needed() {
        let report = Report {
            name: ReportName::parse("daily").unwrap(),
            time_unit: "DAILY".into(),
            format: "Parquet".into(),
            compression: "Parquet".into(),
            schema_elements: BTreeSet::new(),
            bucket: BucketName::parse("example").unwrap(),
            prefix: S3Prefix::parse("cur").unwrap(),
            region: Region::parse("us-east-1").unwrap(),
            artifacts: [Artifact::Athena].into(),
            refresh_closed_reports: false,
            versioning: "OVERWRITE_REPORT".into(),
            billing_view_arn: None,
            last_delivery_at: None,
            last_status: None,
        };
        let required = Analyzer::SpotCloudAnalyzer.profile().requirements();
        let deviations = required.deviations(&report);
        let named: Vec<_> = deviations.iter().map(|one| one.attribute).collect();
        assert_eq!(
            named,
            [
                "time_unit",
                "additional_schema_elements",
                "refresh_closed_reports"
            ]
        );
        assert_eq!(deviations[0].needed, "\"HOURLY\"");
        assert_eq!(deviations[1].needed, "[\"RESOURCES\"]");
        let own = Requirements {
            time_units: Some(["DAILY".into()].into()),
            ..Requirements::default()
        };
        assert_eq!(
            own.or(required).deviations(&report).len(),
            2,
            "the user may say otherwise"
        );
    }
}
