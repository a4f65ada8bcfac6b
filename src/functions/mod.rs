//! Functions: pure and offline.

mod account_id_normalize;
mod handshake_arn_parse;

pub use account_id_normalize::AccountIdNormalize;
pub use handshake_arn_parse::HandshakeArnParse;
