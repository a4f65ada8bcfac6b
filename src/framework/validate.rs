//! Validation: everything wrong with what the user wrote, all of it at once, offline.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::model::Model;
use super::path::Place;
use super::schema::Schema;
use super::value::Value;

/// Checks each value by its type's rule, the relations that the model states, and then those that
/// only the author's code knows.
pub(super) fn check<M: Model>(
    config: &Value,
    relations: impl FnOnce(&M::Partial, &mut Diagnostics),
) -> Diagnostics {
    let mut problems = Diagnostics::new();
    M::check(config, &Place::ROOT, &mut problems);
    // What is wrong was just reported; the relations see it as unknown.
    let known = M::partial(config, &Place::ROOT, &mut Diagnostics::new());
    relations(&known, &mut problems);
    if problems.is_empty() {
        return problems;
    }
    let schema = M::schema();
    problems
        .into_iter()
        .map(|problem| shown(&schema, problem))
        .collect()
}

/// Points the message at what Terraform can show, and names the rest of the path in words.
fn shown(schema: &Schema, problem: Diagnostic) -> Diagnostic {
    let path = schema.shown(&problem.path);
    if path == problem.path {
        return problem;
    }
    let detail = format!("{}: {}", problem.path, problem.detail);
    problem.detail(detail).at(path)
}
