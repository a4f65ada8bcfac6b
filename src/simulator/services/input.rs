//! Requests held against the service model: what is required, how long, of which form.

use regex_lite::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::world::{Refusal, Tags};

/// Reads a request; a member of another type than the model's is a `SerializationException`.
pub(super) fn parse<T: DeserializeOwned>(input: &Value) -> Result<T, Refusal> {
    T::deserialize(input).map_err(|error| Refusal::new("SerializationException", error.to_string()))
}

/// What the model says about a string.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) form: fn(&str) -> bool,
}

/// How a value fails its shape, before a service gives that its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    Missing,
    TooShort,
    TooLong,
    Pattern,
    NotInEnum,
}

/// A misfit, and the member that it is about.
pub(super) type Complaint = (Misfit, &'static str);

impl Shape {
    pub(super) fn required<'a>(&self, value: Option<&'a String>) -> Result<&'a str, Complaint> {
        self.optional(value)?.ok_or((Misfit::Missing, self.name))
    }

    pub(super) fn optional<'a>(
        &self,
        value: Option<&'a String>,
    ) -> Result<Option<&'a str>, Complaint> {
        let Some(value) = value else { return Ok(None) };
        let length = value.chars().count();
        let misfit = if length < self.min {
            Misfit::TooShort
        } else if length > self.max {
            Misfit::TooLong
        } else if !(self.form)(value) {
            Misfit::Pattern
        } else {
            return Ok(Some(value));
        };
        Err((misfit, self.name))
    }
}

pub(super) fn any(_: &str) -> bool {
    true
}

/// A form given by a pattern of the model, compiled once.
macro_rules! pattern {
    ($pattern:literal) => {
        |text: &str| {
            static PATTERN: std::sync::OnceLock<Option<regex_lite::Regex>> =
                std::sync::OnceLock::new();
            $crate::services::input::fits(
                PATTERN
                    .get_or_init(|| regex_lite::Regex::new($pattern).ok())
                    .as_ref(),
                text,
            )
        }
    };
}
pub(super) use pattern;

/// Whether the whole text matches. A pattern that does not compile matches nothing, which every test would show.
pub(super) fn fits(pattern: Option<&Regex>, text: &str) -> bool {
    pattern.is_some_and(|pattern| pattern.is_match(text))
}

/// One tag of a request.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    pub(super) key: Option<String>,
    pub(super) value: Option<String>,
}

/// Why tags cannot be taken.
#[derive(Clone, Copy)]
pub(super) enum TagFault {
    Misfit(Complaint),
    Duplicate,
    System,
}

const TAG_KEY: Shape = Shape {
    name: "Key",
    min: 1,
    max: 128,
    form: any,
};
const TAG_VALUE: Shape = Shape {
    name: "Value",
    min: 0,
    max: 256,
    form: any,
};

/// Reads tags: each key once, none reserved for AWS (user guide, "Tagging Organizations resources").
pub(super) fn tags(input: Option<&Vec<TagInput>>) -> Result<Tags, TagFault> {
    let misfit = TagFault::Misfit;
    let mut tags = Tags::new();
    for tag in input.into_iter().flatten() {
        let key = TAG_KEY.required(tag.key.as_ref()).map_err(misfit)?;
        let value = TAG_VALUE.required(tag.value.as_ref()).map_err(misfit)?;
        if key.to_lowercase().starts_with("aws:") {
            return Err(TagFault::System);
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(TagFault::Duplicate);
        }
    }
    Ok(tags)
}
