//! Manifests: what AWS writes beside the files of a report, month by month.
//!
//! The fields are those that manifests have in practice; AWS documents that a manifest lists files,
//! columns and billing period, and not how they are called. Every field is therefore optional here.

use serde::Deserialize;
use time::{Date, Month};

/// Manifest of one month of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manifest {
    /// Delivery that it describes.
    pub assembly_id: Option<String>,
    /// Keys of the files of the month.
    pub report_keys: Vec<String>,
    /// Columns of the files.
    pub columns: Vec<Column>,
}

/// Column of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Group of columns, such as `lineItem`.
    pub category: String,
    /// Name within the group.
    pub name: String,
}

impl Manifest {
    /// Reads a manifest; `None` if the content is none.
    pub fn parse(content: &[u8]) -> Option<Self> {
        serde_json::from_slice(content).ok()
    }

    /// Names of the columns with their groups, such as `lineItem/UnblendedCost`.
    pub fn column_names(&self) -> Vec<String> {
        let names = self.columns.iter();
        names
            .map(|column| match column.category.as_str() {
                "" => column.name.clone(),
                group => format!("{group}/{}", column.name),
            })
            .collect()
    }
}

/// First day of the month whose manifest has this key; `None` for the key of anything else.
///
/// A report that keeps its versions has another manifest within the folder of each, which is not meant.
pub fn month_of(key: &str, place: &str, report: &str) -> Option<Date> {
    let rest = key.strip_prefix(place)?.strip_prefix('/')?;
    let (period, file) = rest.split_once('/')?;
    if file != format!("{report}-Manifest.json") {
        return None;
    }
    let (start, end) = period.split_once('-')?;
    let digits = |text: &str| text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(start) || !digits(end) {
        return None;
    }
    let month = Month::try_from(start[4..6].parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(start[..4].parse().ok()?, month, 1).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use time::macros::date;

    use super::*;

    #[test]
    fn a_manifest_names_its_month_by_its_folder() {
        let month = |key| month_of(key, "cur/hourly", "hourly");
        let key = "cur/hourly/20261101-20261201/hourly-Manifest.json";
        assert_eq!(month(key), Some(date!(2026 - 11 - 01)));
        for other in [
            "cur/hourly/20261101-20261201/0a1b/hourly-Manifest.json",
            "cur/hourly/20261101-20261201/hourly-00001.csv.gz",
            "cur/hourly-2/20261101-20261201/hourly-Manifest.json",
            "cur/hourly/2026110x-20261201/hourly-Manifest.json",
        ] {
            assert_eq!(month(other), None, "{other}");
        }
    }

    #[test]
    fn what_a_manifest_does_not_say_is_empty() {
        let manifest =
            br#"{"reportKeys":["a"],"columns":[{"category":"bill","name":"PayerAccountId"}]}"#;
        let manifest = Manifest::parse(manifest).unwrap();
        assert_eq!(manifest.column_names(), ["bill/PayerAccountId"]);
        assert_eq!(Manifest::parse(b"{}"), Some(Manifest::default()));
        assert_eq!(Manifest::parse(b"<Error/>"), None);
    }
}
