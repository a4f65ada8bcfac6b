//! Spot Billing Engine reads a report prepared for Redshift.

use super::{Analyzer, Demands, ExternalIdUse, Profile};

/// Spot Billing Engine.
pub(super) const PROFILE: Profile = Profile {
    source: "Spot documentation, \"Billing Engine: connect AWS\" and \"Billing Engine policy\" (github.com/spotinst/help)",
    external_id: ExternalIdUse::Required,
    where_to_find: "The connect wizard of Billing Engine offers a CloudFormation template: open it, and take the account to trust and, if it has one, the external ID from there.",
    actions: &["ce:GetDimensionValues"],
    demands: Demands {
        time_units: &["HOURLY"],
        formats: &["textORcsv"],
        compressions: &["GZIP"],
        additional_schema_elements: &["RESOURCES"],
        additional_artifacts: &["REDSHIFT"],
        refresh_closed_reports: true,
        ..Demands::NONE
    },
    remarks: "The guide uses the prefix CUR. The wizard asks for the bucket, its Region, and the prefix including the name of the report (function cur_report_prefix).",
    ..Profile::of(
        Analyzer::SpotBillingEngine,
        "Spot Billing Engine",
        "awsbilling-spot-billing-engine",
    )
};
