//! Pages of at most twenty items. A token says after which item the next page begins, so that a list stays right while
//! items come and go.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Context;
use crate::world::{Refusal, World};

/// The members that every list operation takes.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PageRequest {
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// The largest and the usual page (API reference, `ListAccounts`, `MaxResults`).
const PAGE: usize = 20;

/// One page to be cut.
pub(super) struct Page<'a> {
    operation: &'a str,
    size: usize,
    /// The page is to be empty, with a token for the same place.
    blank: bool,
    after: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        world: &World,
        context: &Context<'a>,
        request: &PageRequest,
    ) -> Result<Self, Refusal> {
        let size = match request.max_results {
            None => PAGE,
            Some(size) => match usize::try_from(size) {
                Ok(0) | Err(_) => {
                    return Err(Refusal::invalid_input(
                        "MIN_VALUE_EXCEEDED",
                        "MaxResults is too small.",
                    ));
                }
                Ok(size) if size > PAGE => {
                    return Err(Refusal::invalid_input(
                        "MAX_VALUE_EXCEEDED",
                        "MaxResults is too large.",
                    ));
                }
                Ok(size) => size,
            },
        };
        let operation = context.operation;
        let Some(token) = &request.next_token else {
            return Ok(Self {
                operation,
                size,
                blank: world.switches.empty_pages,
                after: None,
            });
        };
        let (seen_blank, after) = read(token, operation).ok_or_else(|| {
            Refusal::invalid_input(
                "INVALID_NEXT_TOKEN",
                "NextToken is not one that this operation gave.",
            )
        })?;
        Ok(Self {
            operation,
            size,
            blank: world.switches.empty_pages && !seen_blank,
            after,
        })
    }

    /// The item after which the page begins.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Cuts the page from what comes after that item.
    pub(super) fn cut<T>(
        self,
        member: &str,
        items: impl Iterator<Item = T>,
        key: impl Fn(&T) -> &str,
        show: impl Fn(&T) -> Value,
    ) -> Value {
        if self.blank {
            return json!({member: [], "NextToken": write(self.operation, true, self.after.as_deref())});
        }
        let mut items: Vec<T> = items.take(self.size + 1).collect();
        let more = items.len() > self.size;
        items.truncate(self.size);
        let mut answer = json!({member: items.iter().map(show).collect::<Vec<_>>()});
        if let Some(last) = items.last().filter(|_| more) {
            answer["NextToken"] = json!(write(self.operation, false, Some(key(last))));
        }
        answer
    }
}

fn write(operation: &str, seen_blank: bool, after: Option<&str>) -> String {
    let plain = format!(
        "{operation}/{}/{}",
        u8::from(seen_blank),
        after.unwrap_or_default()
    );
    let mut token = String::with_capacity(2 * plain.len());
    for byte in plain.bytes() {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    token
}

fn read(token: &str, operation: &str) -> Option<(bool, Option<String>)> {
    let digits: Option<Vec<u8>> = token
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let plain = String::from_utf8(digits?).ok()?;
    let (seen_blank, after) = plain
        .strip_prefix(operation)?
        .strip_prefix('/')?
        .split_once('/')?;
    Some((
        seen_blank == "1",
        (!after.is_empty()).then(|| after.to_owned()),
    ))
}
