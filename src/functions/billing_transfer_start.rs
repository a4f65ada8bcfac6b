//! `billing_transfer_start`: a transfer begins with a month, and other tools want an instant.

use crate::attributes::{Month, Timestamp};
use crate::framework::{Function, Model, Result};

/// Gives the first moment of a month, at which a billing transfer of that month begins: `2027-01` becomes
/// `2027-01-01T00:00:00Z`.
#[derive(Clone, Debug, Model)]
pub struct Parameters {
    /// Month in which the transfer begins, such as `2027-01`.
    pub month: Month,
}

/// The function.
#[derive(Debug)]
pub struct BillingTransferStart;

impl Function for BillingTransferStart {
    const NAME: &'static str = "billing_transfer_start";
    const SUMMARY: &'static str = "Tell the instant at which a billing transfer begins";
    type Parameters = Parameters;
    type Output = Timestamp;

    fn call(Parameters { month }: Parameters) -> Result<Timestamp> {
        Ok(month.start().into())
    }
}
