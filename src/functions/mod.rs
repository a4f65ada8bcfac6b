//! Functions: pure and offline.

mod account_id_normalize;
mod billing_transfer_start;
mod cur_bucket_policy;
mod cur_manifest_key;
mod cur_report_prefix;
mod handshake_arn_parse;
mod organization_arn_parse;

pub use account_id_normalize::AccountIdNormalize;
pub use billing_transfer_start::BillingTransferStart;
pub use cur_bucket_policy::CurBucketPolicy;
pub use cur_manifest_key::CurManifestKey;
pub use cur_report_prefix::CurReportPrefix;
pub use handshake_arn_parse::HandshakeArnParse;
pub use organization_arn_parse::OrganizationArnParse;
