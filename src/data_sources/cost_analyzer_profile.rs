//! `awsbilling_cost_analyzer_profile`: what is known of a cost analyzer, and where from.

use std::collections::BTreeSet;

use crate::analyzers::{AS_OF, Analyzer, ExternalIdUse};
use crate::attributes::Requirements;
use crate::aws::Aws;
use crate::framework::{Computed, Cx, DataSource, Model, Page, Result};

/// Shows what a cost analyzer has published: whom its role must trust, what the role must be allowed, and
/// what it requires of a report. Nothing that is not published is made up: it is null or empty, and
/// `where_to_find` says where the analyzer shows it.
#[derive(Clone, Debug, Model)]
pub struct ProfileShown {
    /// Analyzer.
    pub analyzer: Analyzer,

    /// Name of the analyzer as its maker writes it.
    pub title: Computed<String>,

    /// ARNs that a role must trust; empty if they are not published.
    pub principals: Computed<BTreeSet<String>>,

    /// Whether the analyzer gives an external ID: `required` or `not_used`.
    pub external_id: Computed<ExternalIdUse>,

    /// Sentence that says where the analyzer shows its principal and external ID.
    pub where_to_find: Computed<String>,

    /// Name that the role gets unless told otherwise.
    pub role_name: Computed<String>,

    /// Path that the role gets unless told otherwise.
    pub path: Computed<String>,

    /// Actions that the analyzer uses beside reading the report.
    pub actions: Computed<BTreeSet<String>>,

    /// Names of the AWS managed policies that the analyzer uses.
    pub managed_policies: Computed<BTreeSet<String>>,

    /// What the analyzer requires of a report; null where it requires nothing, or has not published it.
    pub requirements: Computed<Requirements>,

    /// What else there is to know.
    pub remarks: Computed<String>,

    /// Document that all this was read off.
    pub source: Computed<String>,

    /// Month in which it was read.
    pub as_of: Computed<String>,
}

/// The data source.
#[derive(Debug)]
pub struct CostAnalyzerProfile;

impl DataSource for CostAnalyzerProfile {
    const NAME: &'static str = "cost_analyzer_profile";
    const PAGE: Page = Page {
        subcategory: "Cost analyzers",
        permissions: &[],
    };
    type Model = ProfileShown;
    type Client = Aws;

    fn new(_: Aws) -> Self {
        Self
    }

    async fn read(&self, _: &Cx, config: ProfileShown) -> Result<ProfileShown> {
        let profile = config.analyzer.profile();
        let texts = |list: &[&str]| {
            list.iter()
                .map(ToString::to_string)
                .collect::<BTreeSet<_>>()
        };
        Ok(ProfileShown {
            analyzer: config.analyzer,
            title: profile.title.to_owned().into(),
            principals: texts(profile.principals).into(),
            external_id: profile.external_id.into(),
            where_to_find: profile.where_to_find.to_owned().into(),
            role_name: profile.role_name.to_owned().into(),
            path: profile.path.to_owned().into(),
            actions: texts(profile.actions).into(),
            managed_policies: texts(profile.managed_policies).into(),
            requirements: profile.requirements().into(),
            remarks: profile.remarks.to_owned().into(),
            source: profile.source.to_owned().into(),
            as_of: AS_OF.to_owned().into(),
        })
    }
}
