//! Quantities, and the line of the table that sets one beside its floor.

use std::fmt;
use std::time::Duration;

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Milliseconds,
    Mebibytes,
    Kibibytes,
    Calls,
    Files,
    Instructions,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Mebibytes => "MiB",
            Self::Kibibytes => "KiB",
            Self::Calls => "calls",
            Self::Files => "files",
            Self::Instructions => "instructions",
        }
    }
}

/// A number with its unit, and between which numbers most of its samples lay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quantity {
    pub(crate) value: f64,
    unit: Unit,
    spread: Option<(f64, f64)>,
}

impl Quantity {
    pub(crate) fn new(value: f64, unit: Unit) -> Self {
        Self {
            value,
            unit,
            spread: None,
        }
    }

    pub(crate) fn seconds(duration: Duration) -> Self {
        Self::new(duration.as_secs_f64(), Unit::Seconds)
    }

    pub(crate) fn bytes(bytes: u64, unit: Unit) -> Self {
        let kibibytes = bytes as f64 / 1024.0;
        match unit {
            Unit::Mebibytes => Self::new(kibibytes / 1024.0, unit),
            _ => Self::new(kibibytes, Unit::Kibibytes),
        }
    }

    /// Median of durations in milliseconds, with their tenth and ninetieth percentile.
    pub(crate) fn median(samples: &[Duration]) -> Self {
        let mut sorted: Vec<f64> = samples.iter().map(|d| d.as_secs_f64() * 1000.0).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |tenths: usize| sorted[(sorted.len() - 1) * tenths / 10];
        Self {
            value: at(5),
            unit: Unit::Milliseconds,
            spread: Some((at(1), at(9))),
        }
    }
}

/// A number with as many digits as say something.
fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit.name();
        match self.unit {
            Unit::Calls | Unit::Files => write!(f, "{} {unit}", self.value),
            _ => write!(f, "{} {unit}", rounded(self.value)),
        }?;
        if let Some((low, high)) = self.spread {
            write!(f, " ({}–{})", rounded(low), rounded(high))?;
        }
        Ok(())
    }
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    what: String,
    measured: String,
    floor: String,
    compared: String,
    target: String,
    quantity: Option<Quantity>,
    /// What the target is held against: the comparison, or the figure where there is none.
    judged: Option<f64>,
}

impl Row {
    pub(crate) const HEADER: &'static str =
        "| What | Measured | Floor | Compared | Target |\n| --- | --- | --- | --- | --- |";

    pub(crate) fn new(what: impl Into<String>, quantity: Quantity) -> Self {
        Self {
            measured: quantity.to_string(),
            quantity: Some(quantity),
            judged: Some(quantity.value),
            ..Self::skipped(what, "")
        }
    }

    /// A line that says why there is no figure.
    pub(crate) fn skipped(what: impl Into<String>, why: &str) -> Self {
        Self {
            what: what.into(),
            measured: why.to_owned(),
            floor: String::new(),
            compared: String::new(),
            target: String::new(),
            quantity: None,
            judged: None,
        }
    }

    /// Says more of the figure.
    pub(crate) fn detail(mut self, detail: &str) -> Self {
        self.measured = format!("{}: {detail}", self.measured);
        self
    }

    /// Sets the figure beside something that it contains, by the difference.
    pub(crate) fn more_than(mut self, floor: Quantity, of: &str) -> Self {
        if let Some(quantity) = self.quantity {
            let more = Quantity::new(quantity.value - floor.value, quantity.unit);
            self.compared = format!("{more} more");
            self.judged = Some(more.value);
        }
        self.floor = format!("{floor}, {of}");
        self
    }

    /// Sets the figure beside something that it cannot be below, by the ratio.
    pub(crate) fn times(mut self, floor: Quantity, of: &str) -> Self {
        if let Some(quantity) = self.quantity {
            let ratio = quantity.value / floor.value;
            self.compared = format!("{ratio:.2} ×");
            self.judged = Some(ratio);
        }
        self.floor = format!("{floor}, {of}");
        self
    }

    /// Holds the comparison, or the figure where there is none, against the target of the name.
    pub(crate) fn target(self, name: &str, bound: f64) -> Self {
        self.target_and(name, bound, "", true)
    }

    /// Like [`target`](Self::target), with something else that must be so.
    pub(crate) fn target_and(mut self, name: &str, bound: f64, else_: &str, is_so: bool) -> Self {
        let Some(judged) = self.judged else {
            return self;
        };
        let verdict = if judged <= bound && is_so {
            "met"
        } else {
            "**missed**"
        };
        self.target = format!("{name} ≤ {}{else_}: {verdict}", rounded(bound));
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            measured,
            floor,
            compared,
            target,
            ..
        } = self;
        write!(
            f,
            "| {what} | {measured} | {floor} | {compared} | {target} |"
        )
    }
}
