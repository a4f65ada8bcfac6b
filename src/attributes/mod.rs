//! Attributes that many resources and data sources share, each defined once.

mod assume_role;
mod month;
mod requirements;
mod tags;
mod timestamp;

pub use assume_role::AssumeRole;
pub use month::Month;
pub use requirements::Requirements;
pub use tags::{Tags, changed_tags};
pub use timestamp::Timestamp;
