//! The simulated time as AWS writes it. The clock itself stands still until somebody moves it: [`crate::world::World::pass`].

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);
const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const ISO_MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const READABLE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Seconds since 1970, as the JSON protocols write time.
pub(crate) fn epoch(time: OffsetDateTime) -> Value {
    let milliseconds = time.unix_timestamp_nanos() / 1_000_000;
    match i64::try_from(milliseconds) {
        Ok(milliseconds) if milliseconds % 1_000 == 0 => json!(milliseconds / 1_000),
        #[allow(
            clippy::cast_precision_loss,
            reason = "milliseconds of this age fit into 53 bits"
        )]
        Ok(milliseconds) => json!(milliseconds as f64 / 1_000.0),
        Err(_) => Value::Null,
    }
}

/// Reads seconds since 1970, to the millisecond, as the JSON protocols write time.
pub(crate) fn from_epoch(value: &Value) -> Option<OffsetDateTime> {
    if let Some(seconds) = value.as_i64() {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    let milliseconds = (value.as_f64()? * 1_000.0).round();
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what is too large or no number becomes a time out of range"
    )]
    OffsetDateTime::from_unix_timestamp_nanos(milliseconds as i128 * 1_000_000).ok()
}

/// `2026-11-20T09:00:00Z`, as the Query protocol writes time.
pub(crate) fn iso(time: OffsetDateTime) -> String {
    write(time, ISO)
}

/// `2026-11-20T09:00:00.000Z`, as S3 writes time in documents.
pub(crate) fn iso_milliseconds(time: OffsetDateTime) -> String {
    write(time, ISO_MILLISECONDS)
}

/// `Fri, 20 Nov 2026 09:00:00 GMT`, as HTTP writes time.
pub(crate) fn http_date(time: OffsetDateTime) -> String {
    write(time, HTTP_DATE)
}

/// `2026-11-20 09:00 UTC`, for people.
pub(crate) fn readable(time: OffsetDateTime) -> String {
    write(time, READABLE)
}

/// `2026-11-20`, for people.
pub(crate) fn date(time: OffsetDateTime) -> String {
    write(time, DATE)
}

fn write(time: OffsetDateTime, format: &[BorrowedFormatItem<'_>]) -> String {
    // A well-formed description of date and time cannot fail for a date-time.
    time.to_offset(time::UtcOffset::UTC)
        .format(format)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::EPOCH;

    #[test]
    fn time_is_written_as_aws_writes_it() {
        assert_eq!(http_date(EPOCH), "Fri, 20 Nov 2026 09:00:00 GMT");
        assert_eq!(iso(EPOCH), "2026-11-20T09:00:00Z");
        assert_eq!(epoch(EPOCH), json!(1_795_165_200));
        assert_eq!(
            epoch(EPOCH + time::Duration::milliseconds(250)),
            json!(1_795_165_200.25)
        );
    }
}
