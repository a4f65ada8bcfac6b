//! What went wrong at AWS, as a type.

use crate::framework::{Diagnostic, Interrupted};

/// A call that AWS refused, or that never reached it; turns into the user's message with `?`.
#[derive(Clone, Debug)]
pub struct Failure(Box<Diagnostic>);

impl From<Interrupted> for Failure {
    fn from(why: Interrupted) -> Self {
        Self(Box::new(why.into()))
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        *failure.0
    }
}
