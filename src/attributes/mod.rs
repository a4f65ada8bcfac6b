//! Attributes that many resources and data sources share, each defined once.

mod assume_role;
mod tags;
mod timestamp;

pub use assume_role::AssumeRole;
pub use tags::{Tags, changed_tags};
pub use timestamp::Timestamp;
