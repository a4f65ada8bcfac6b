//! `timeouts = { create = "30m" }`: the longest time that the user lets an operation wait.

use std::fmt;
use std::time::Duration;

use super::attribute::{DomainText, Field};
use super::diagnostic::Diagnostics;
use super::path::Place;
use super::schema::{Attribute, Kind, Mode, Nesting};
use super::type_::Type;
use super::value::Value;

/// Time limit of an operation for which neither the user nor the schema sets one.
pub const DEFAULT: Duration = Duration::from_mins(20);

/// An operation that may have a limit, its name in the configuration and its default.
pub type Operation = (&'static str, &'static str);

/// Limits as the user wrote them.
///
/// The framework applies them to the context; a resource only carries them.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeouts(Value);

impl Timeouts {
    /// None written.
    pub fn none() -> Self {
        Self(Value::Null)
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::none()
    }
}

impl Field for Timeouts {
    const MODE: Mode = Mode::Optional;

    fn kind() -> Kind {
        kind(&[])
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let before = problems.iter().count();
        if let Value::Map(limits) = value {
            for (operation, limit) in limits {
                Option::<Limit>::read(limit, &at.attribute(operation), problems);
            }
        }
        let sound = problems.iter().count() == before && value.is_wholly_known();
        sound.then(|| Self(value.clone()))
    }

    fn write(&self) -> Value {
        self.0.clone()
    }
}

/// Nested attributes for the operations.
pub fn kind(operations: &[Operation]) -> Kind {
    let attributes = operations.iter().map(|(name, default)| Attribute {
        name: (*name).into(),
        description: format!(
            "Longest time for the {name} operation, as a number with a unit, such as `30s` or \
             `1h30m`. Default value: `{default}`."
        )
        .into(),
        ..Attribute::new(Kind::Value(Type::String), Mode::Optional)
    });
    Kind::Nested {
        nesting: Nesting::Single,
        attributes: attributes.collect(),
    }
}

/// The limit of an operation: what the object says, else the schema's default.
pub fn limit(operations: &[Operation], timeouts: &Value, operation: &str) -> Duration {
    let written = timeouts.get(operation).as_str();
    let default = operations
        .iter()
        .find(|(name, _)| *name == operation)
        .map(|(_, default)| *default);
    written
        .or(default)
        .and_then(|text| Limit::parse(text).ok())
        .map_or(DEFAULT, |limit| limit.duration)
}

/// Length of time as Go writes it: `30s`, `2h45m`, `1.5h`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    text: String,
    duration: Duration,
}

impl Limit {
    /// The length of time.
    pub fn duration(&self) -> Duration {
        self.duration
    }
}

impl DomainText for Limit {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "Expected a length of time such as \"30s\", \"10m\" or \"2h45m\", got {text:?}."
            )
        };
        let mut rest = text;
        let mut seconds = 0.0_f64;
        while !rest.is_empty() {
            let digits = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .ok_or_else(wrong)?;
            let (amount, tail) = rest.split_at(digits);
            let end = tail
                .find(|c: char| c.is_ascii_digit() || c == '.')
                .unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(end);
            let unit = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return Err(wrong()),
            };
            seconds += amount.parse::<f64>().map_err(|_| wrong())? * unit;
            rest = tail;
        }
        if text.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            text: text.to_owned(),
            duration: Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?,
        })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_written_as_in_go() {
        let cases = [
            ("30s", 30_000),
            ("2h45m", 9_900_000),
            ("1.5h", 5_400_000),
            ("250ms", 250),
        ];
        for (text, millis) in cases {
            let parsed = Limit::parse(text).map(|limit| limit.duration.as_millis());
            assert_eq!(parsed, Ok(millis), "{text}");
        }
        for text in ["", "30", "s", "5 minutes", "1d", "-1s", "1..5s"] {
            assert!(Limit::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    const OPERATIONS: &[Operation] = &[("create", "90s")];

    fn written(create: Value) -> Value {
        Value::map([("create", create)])
    }

    #[test]
    fn the_user_decides_before_the_schema_and_that_before_the_rest() {
        let limit = |timeouts: &Value, operation| limit(OPERATIONS, timeouts, operation).as_secs();
        assert_eq!(limit(&written("5m".into()), "create"), 300);
        assert_eq!(limit(&written(Value::Null), "create"), 90);
        assert_eq!(limit(&Value::Null, "create"), 90);
        assert_eq!(limit(&Value::Null, "delete"), 20 * 60);
    }

    #[test]
    fn a_wrong_limit_is_refused_with_its_path() {
        let mut problems = Diagnostics::new();
        let at = Place::ROOT.attribute("timeouts");
        assert!(Timeouts::read(&written("soon".into()), &at, &mut problems).is_none());
        let paths: Vec<_> = problems.iter().map(|p| p.path.to_string()).collect();
        assert_eq!(paths, ["timeouts.create"]);
    }

    #[test]
    fn limits_are_carried_as_they_were_written() {
        let (value, mut problems) = (written("5m".into()), Diagnostics::new());
        let read = Timeouts::read(&value, &Place::ROOT, &mut problems);
        assert_eq!(read.map(|timeouts| timeouts.write()), Some(value));
        let unknown = written(Value::UNKNOWN);
        assert_eq!(Timeouts::read(&unknown, &Place::ROOT, &mut problems), None);
        assert!(problems.is_empty());
        assert_eq!(Timeouts::none().write(), Value::Null);
    }
}
