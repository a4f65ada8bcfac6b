//! Months in UTC, by which bills are made out.

use time::{Date, Duration, Month, OffsetDateTime, Time};

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CalendarMonth {
    year: i32,
    month: Month,
}

impl CalendarMonth {
    /// The month that the time is in.
    pub(crate) fn of(time: OffsetDateTime) -> Self {
        let time = time.to_offset(time::UtcOffset::UTC);
        Self {
            year: time.year(),
            month: time.month(),
        }
    }

    pub(crate) fn next(self) -> Self {
        let year = if self.month == Month::December {
            self.year + 1
        } else {
            self.year
        };
        Self {
            year,
            month: self.month.next(),
        }
    }

    /// 00:00:00 on its first day.
    pub(crate) fn start(self) -> OffsetDateTime {
        // Every month has a first day; the years of this world are far from the calendar's ends.
        Date::from_calendar_date(self.year, self.month, 1)
            .unwrap_or(Date::MAX)
            .with_time(Time::MIDNIGHT)
            .assume_utc()
    }

    /// 23:59:59 on its last day.
    pub(crate) fn end(self) -> OffsetDateTime {
        self.next().start() - Duration::SECOND
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn december_is_followed_by_january() {
        let december = CalendarMonth::of(datetime!(2026-12-15 10:00 UTC));
        assert_eq!(december.start(), datetime!(2026-12-01 00:00 UTC));
        assert_eq!(december.end(), datetime!(2026-12-31 23:59:59 UTC));
        assert_eq!(december.next().start(), datetime!(2027-01-01 00:00 UTC));
    }

    #[test]
    fn a_month_is_that_of_utc() {
        let month = CalendarMonth::of(datetime!(2027-01-01 00:30 +1));
        assert_eq!(month.start(), datetime!(2026-12-01 00:00 UTC));
    }
}
