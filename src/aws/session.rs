//! Sessions: who calls AWS.

use time::OffsetDateTime;

use super::config::{AssumeRole, Settings};
use super::error::Failure;
use super::organizations::Organizations;
use super::types::{AccountId, Tags};
use crate::framework::{Cx, Diagnostic};

/// Access to AWS, made from the provider block; cheap to clone.
#[derive(Clone, Debug)]
pub struct Aws;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// Account of the credentials.
    pub account_id: AccountId,
    /// ARN of the user, or of the role or its session.
    pub arn: String,
    /// AWS partition, such as `aws`.
    pub partition: String,
}

#[expect(
    clippy::unused_async,
    clippy::todo,
    clippy::missing_panics_doc,
    reason = "interface first"
)]
#[expect(unused_variables, reason = "interface first")]
impl Aws {
    /// Finds credentials, checks whose they are, and makes everything that calls will share.
    pub async fn configure(
        cx: &Cx,
        settings: Settings,
        terraform_version: &str,
    ) -> Result<Self, Diagnostic> {
        todo!()
    }
    /// Organizations, with the provider's credentials or those of a role.
    pub async fn organizations(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<Organizations, Failure> {
        todo!()
    }
    /// Whose credentials are used.
    pub async fn caller(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<CallerIdentity, Failure> {
        todo!()
    }
    /// Time of day at AWS, by whose clock its rules are judged.
    pub fn now(&self, cx: &Cx) -> OffsetDateTime {
        todo!()
    }
    /// Tags that the provider block adds to every resource.
    pub fn default_tags(&self) -> &Tags {
        todo!()
    }
    /// Takes out the tags that the provider block says to ignore, and AWS's own.
    pub fn without_ignored(&self, tags: Tags) -> Tags {
        todo!()
    }
}
