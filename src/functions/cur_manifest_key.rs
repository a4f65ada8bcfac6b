//! `cur_manifest_key`: the manifest lists the files of one month.

use time::{Date, Month};

use crate::aws::cost_and_usage::manifest_key;
use crate::aws::types::{ReportName, S3Prefix};
use crate::framework::{Diagnostic, Function, Model, Result};

/// Finds the key of the manifest of a cost and usage report for one month, such as
/// `cur/hourly/20261101-20261201/hourly-Manifest.json`. The manifest names all files and columns of the
/// month.
#[derive(Clone, Debug, Model)]
pub struct Parameters {
    /// Prefix of the report, possibly empty.
    pub s3_prefix: S3Prefix,

    /// Name of the report.
    pub report_name: ReportName,

    /// Month, such as `2026-11`.
    pub billing_period: String,
}

/// The function.
#[derive(Debug)]
pub struct CurManifestKey;

impl Function for CurManifestKey {
    const NAME: &'static str = "cur_manifest_key";
    const SUMMARY: &'static str = "Find the key of a report's manifest";
    type Parameters = Parameters;
    type Output = String;

    fn call(parameters: Parameters) -> Result<String> {
        let Parameters {
            s3_prefix,
            report_name,
            billing_period,
        } = parameters;
        let start = first_day(&billing_period).ok_or_else(|| {
            Diagnostic::error("Invalid billing period")
                .detail(format!(
                    "A billing period is a month such as \"2026-11\", got \"{billing_period}\"."
                ))
                .at("billing_period")
        })?;
        Ok(manifest_key(&s3_prefix, &report_name, start))
    }
}

/// First day of a month that was written as `2026-11`.
fn first_day(month: &str) -> Option<Date> {
    let (year, number) = month.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || number.len() != 2 || !digits(year) || !digits(number) {
        return None;
    }
    let number = Month::try_from(number.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, number, 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_four_digits_and_two() {
        assert!(first_day("2026-12").is_some());
        for wrong in [
            "2026-13",
            "2026-1",
            "26-01",
            "2026",
            "2026-11-01",
            "+026-01",
        ] {
            assert!(first_day(wrong).is_none(), "{wrong}");
        }
    }
}
