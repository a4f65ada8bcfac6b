//! What a fleet says of its objects: each message names the object it is about, and thousands of the same
//! kind are a few and a list.

use std::collections::BTreeMap;

use super::shape::Shape;
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::{Path, Step};

/// Messages of one kind that are told in full.
const TOLD: usize = 3;

/// Keys of further objects that are named.
const NAMED: usize = 50;

/// Messages about the objects of a fleet.
#[derive(Default)]
pub(super) struct Report {
    /// By severity and summary, then by key: in the same order whatever finished first.
    errors: Kinds,
    warnings: Kinds,
}

type Kinds = BTreeMap<String, BTreeMap<String, Vec<Diagnostic>>>;

impl Report {
    /// Adds what was said about the object of the key.
    pub(super) fn add(&mut self, key: &str, said: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in said {
            let kinds = if diagnostic.is_error() {
                &mut self.errors
            } else {
                &mut self.warnings
            };
            let kind = kinds.entry(diagnostic.summary.clone()).or_default();
            kind.entry(key.to_owned()).or_default().push(diagnostic);
        }
    }

    /// The warnings, then the errors.
    pub(super) fn told(self, shape: &Shape) -> (Diagnostics, Diagnostics) {
        (told(shape, self.warnings), told(shape, self.errors))
    }
}

fn told(shape: &Shape, kinds: Kinds) -> Diagnostics {
    let mut told = Diagnostics::new();
    for objects in kinds.into_values() {
        let mut rest = Vec::new();
        for (position, (key, said)) in objects.into_iter().enumerate() {
            if position < TOLD {
                told.extend(said.into_iter().map(|said| about(shape, &key, said)));
            } else {
                rest.push((key, said));
            }
        }
        told.extend(more(shape, &rest));
    }
    told
}

/// Points the message at the object's entry, or at the attribute that holds for all.
fn about(shape: &Shape, key: &str, said: Diagnostic) -> Diagnostic {
    let shared = match said.path.steps().first() {
        Some(Step::Attribute(name)) => shape.is_shared(name),
        _ => false,
    };
    let path = if shared {
        said.path.clone()
    } else {
        Path::from(shape.attribute).key(key)
    };
    let detail = if said.detail.contains(key) {
        said.detail.clone()
    } else {
        format!("{}[{key:?}]: {}", shape.attribute, said.detail)
    };
    said.detail(detail).at(path)
}

/// One message for all others of the kind.
fn more(shape: &Shape, rest: &[(String, Vec<Diagnostic>)]) -> Option<Diagnostic> {
    let first = rest.first()?.1.first()?.clone();
    let named: Vec<_> = rest
        .iter()
        .take(NAMED)
        .map(|(key, _)| key.as_str())
        .collect();
    let unnamed = match rest.len() - named.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let detail = format!(
        "The same is said of {} more of {}: {}{unnamed}.",
        rest.len(),
        shape.attribute,
        named.join(", ")
    );
    Some(first.detail(detail).at(shape.attribute))
}
