//! `cur_report_prefix`: where in its bucket a report lies.

use crate::aws::cost_and_usage::key_prefix;
use crate::aws::types::{ReportName, S3Prefix};
use crate::framework::{Function, Model, Result};

/// Joins the prefix and the name of a cost and usage report into what the keys of all its objects begin
/// with, such as `cur/hourly`, without a slash at the end. This is what an analyzer asks for as the
/// prefix including the report's name, and what a policy allows to be read.
#[derive(Clone, Debug, Model)]
pub struct Parameters {
    /// Prefix of the report, possibly empty.
    pub s3_prefix: S3Prefix,

    /// Name of the report.
    pub report_name: ReportName,
}

/// The function.
#[derive(Debug)]
pub struct CurReportPrefix;

impl Function for CurReportPrefix {
    const NAME: &'static str = "cur_report_prefix";
    const SUMMARY: &'static str = "Find where in its bucket a report lies";
    type Parameters = Parameters;
    type Output = String;

    fn call(parameters: Parameters) -> Result<String> {
        Ok(key_prefix(&parameters.s3_prefix, &parameters.report_name))
    }
}
