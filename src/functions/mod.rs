//! Functions: pure and offline.

mod account_id_normalize;
mod billing_transfer_start;
mod handshake_arn_parse;
mod organization_arn_parse;

pub use account_id_normalize::AccountIdNormalize;
pub use billing_transfer_start::BillingTransferStart;
pub use handshake_arn_parse::HandshakeArnParse;
pub use organization_arn_parse::OrganizationArnParse;
