//! What AWS does not let the caller see. A look-up that only completes the picture fails nothing: it is said.

use crate::aws::Failure;
use crate::framework::{Model, Result};

/// Look-up that AWS refused.
#[derive(Clone, Debug, Model)]
pub struct Unseen {
    /// IAM action that was refused.
    pub action: String,

    /// Reason, as far as AWS gives one, and who may look.
    pub reason: String,
}

/// The answer of a look-up that needs the management account or a delegated administrator; `None` where the
/// caller may not make it, which is noted.
pub(super) fn where_allowed<T>(
    answer: Result<T, Failure>,
    operation: &str,
    unseen: &mut Vec<Unseen>,
) -> Result<Option<T>> {
    let failure = match answer {
        Ok(answer) => return Ok(Some(answer)),
        Err(failure) => failure,
    };
    if failure.code() != Some("AccessDeniedException") {
        return Err(failure.into());
    }
    unseen.push(Unseen {
        action: format!("organizations:{operation}"),
        reason: "AWS refuses it to these credentials: AccessDeniedException. The organization's management \
                 account and its delegated administrators may look, if their policies allow the action."
            .to_owned(),
    });
    Ok(None)
}
