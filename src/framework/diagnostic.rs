//! What the provider says to the person who must act: errors and warnings, each tied to the attribute
//! that can fix it.
//!
//! A warning is not an `Err`: `Err` carries the one diagnostic that ended the work, warnings go to the
//! [context](super::Cx), and a phase that finds several faults collects them in [`Diagnostics`].

use super::path::{Path, Step};

/// Outcome of work that a user's action can make fail.
pub type Result<T, E = Diagnostic> = std::result::Result<T, E>;

/// How grave a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Terraform stops.
    Error,
    /// Terraform goes on, and the user has something to act on.
    Warning,
}

/// One message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether Terraform stops.
    pub severity: Severity,
    /// General and short: sentence case, no values, no full stop.
    pub summary: String,
    /// Which object, what happened, and what to do next.
    pub detail: String,
    /// Attribute that can fix it; empty where the configuration cannot.
    pub path: Path,
}

impl Diagnostic {
    /// Starts an error with its general summary.
    pub fn error(summary: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: String::new(),
            path: Path::root(),
        }
    }

    /// Starts a warning with its general summary.
    pub fn warning(summary: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(summary)
        }
    }

    /// An error that only the provider's authors can fix.
    pub fn bug(detail: impl std::fmt::Display) -> Self {
        Self::error("Provider error").detail(format!(
            "{detail}\n\nThis is always a problem with the provider and should be reported to its \
             developers."
        ))
    }

    /// Says which object is meant, what happened and what to do next.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Points at the attribute that can fix it.
    #[must_use]
    pub fn at(mut self, path: impl Into<Path>) -> Self {
        self.path = path.into();
        self
    }

    /// Says that the object it speaks of stands within another.
    #[must_use]
    pub fn within(mut self, outer: Step) -> Self {
        self.path = self.path.within(outer);
        self
    }

    /// The same message, without stopping Terraform.
    #[must_use]
    pub fn into_warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// The same message, stopping Terraform.
    #[must_use]
    pub fn into_error(self) -> Self {
        Self {
            severity: Severity::Error,
            ..self
        }
    }

    /// Whether it stops Terraform.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.severity {
            Severity::Error => write!(f, "Error: {}", self.summary)?,
            Severity::Warning => write!(f, "Warning: {}", self.summary)?,
        }
        if !self.path.is_root() {
            write!(f, " (at {})", self.path)?;
        }
        write!(f, "\n\n{}", self.detail)
    }
}

impl std::error::Error for Diagnostic {}

/// All messages of one phase, in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing to say yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether any of the messages stops Terraform.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Keeps the value of a success and collects the message of a failure.
    pub fn collect<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|diagnostic| self.push(diagnostic)).ok()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.0.extend(iter);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}
