//! What an analyzer requires of a report: shown by its profile, and the user's to say otherwise.

use std::collections::BTreeSet;

use crate::aws::types::{
    Artifact, Compression, Region, ReportFormat, ReportVersioning, SchemaElement, TimeUnit,
};
use crate::framework::Model;

/// What an analyzer requires of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Model)]
pub struct Requirements {
    /// Time units, of which the report must have one.
    pub time_units: Option<BTreeSet<TimeUnit>>,

    /// Formats, of which the report must have one.
    pub formats: Option<BTreeSet<ReportFormat>>,

    /// Compressions, of which the report must have one.
    pub compressions: Option<BTreeSet<Compression>>,

    /// Ways of versioning, of which the report must have one.
    pub report_versionings: Option<BTreeSet<ReportVersioning>>,

    /// Schema elements, of which the report must have all.
    pub additional_schema_elements: Option<BTreeSet<SchemaElement>>,

    /// Artifacts, of which the report must have all.
    pub additional_artifacts: Option<BTreeSet<Artifact>>,

    /// Whether closed months must be refreshed.
    pub refresh_closed_reports: Option<bool>,

    /// Regions, in one of which the bucket must be.
    pub s3_regions: Option<BTreeSet<Region>>,
}
