//! `account_id_normalize`: the console shows account IDs with hyphens, APIs take digits.

use crate::aws::types::normalized_account_id;
use crate::framework::{Diagnostic, Function, Model, Result};

/// Takes the hyphens and spaces out of an AWS account ID, as in `1111-2222-3333`, and checks that 12
/// digits remain.
#[derive(Clone, Debug, Model)]
pub struct Parameters {
    /// Account ID as the console or a person writes it.
    pub account_id: String,
}

/// The function.
#[derive(Debug)]
pub struct AccountIdNormalize;

impl Function for AccountIdNormalize {
    const NAME: &'static str = "account_id_normalize";
    const SUMMARY: &'static str = "Write an AWS account ID as 12 digits";
    type Parameters = Parameters;
    type Output = String;

    fn call(Parameters { account_id }: Parameters) -> Result<String> {
        normalized_account_id(&account_id).ok_or_else(|| {
            Diagnostic::error("Invalid account ID")
                .detail(format!(
                    "An AWS account ID has 12 digits, possibly with hyphens or spaces between them, \
                     got \"{account_id}\"."
                ))
                .at("account_id")
        })
    }
}
