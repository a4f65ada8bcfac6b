//! Months as users write them: `2027-01`.
//!
//! A billing transfer begins with the first moment of a month and ends with the last second of one, in UTC.

use std::fmt;

use time::{Date, Duration, OffsetDateTime};

use crate::framework::DomainText;

/// Month of a year, such as `2027-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i32,
    month: time::Month,
}

impl Month {
    /// The month that the instant is in.
    pub fn of(instant: OffsetDateTime) -> Self {
        let date = instant.to_offset(time::UtcOffset::UTC).date();
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        let month = self.month.next();
        let year = self.year + i32::from(month == time::Month::January);
        Self { year, month }
    }

    /// First moment of the month, in UTC.
    pub fn start(self) -> OffsetDateTime {
        let first = Date::from_calendar_date(self.year, self.month, 1);
        // Years have four digits by the parse, so there is always such a date.
        first.unwrap_or(Date::MAX).midnight().assume_utc()
    }

    /// Last second of the month, in UTC.
    pub fn end(self) -> OffsetDateTime {
        self.next().start() - Duration::SECOND
    }
}

impl DomainText for Month {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('-');
        let digits = |part: &str, length: usize| {
            let all = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| part.parse::<u16>().ok()).flatten()
        };
        parts
            .and_then(|(year, month)| {
                let month = u8::try_from(digits(month, 2)?).ok()?;
                Some(Self {
                    year: digits(year, 4)?.into(),
                    month: time::Month::try_from(month).ok()?,
                })
            })
            .filter(|month| month.year > 0 && month.year < 9999)
            .ok_or_else(|| format!("A month is written like \"2027-01\", got \"{text}\"."))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, u8::from(self.month))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::attributes::Timestamp;

    #[test]
    fn a_month_begins_and_ends_in_utc() {
        let month = Month::parse("2027-12").unwrap();
        let text = |at| Timestamp::from(at).to_string();
        assert_eq!(text(month.start()), "2027-12-01T00:00:00Z");
        assert_eq!(text(month.end()), "2027-12-31T23:59:59Z");
        assert_eq!(month.next().to_string(), "2028-01");
        assert_eq!(Month::of(month.end()), month);
        assert_eq!(Month::of(month.next().start()), month.next());
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for wrong in [
            "2027-13",
            "2027-1",
            "27-01",
            "2027/01",
            "2027-01-01",
            "",
            "+027-01",
        ] {
            assert!(Month::parse(wrong).is_err(), "{wrong}");
        }
    }
}
