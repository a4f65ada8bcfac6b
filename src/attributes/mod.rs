//! Attributes that many resources and data sources share, each defined once.

mod assume_role;
mod month;
mod tags;
mod timestamp;

pub use assume_role::AssumeRole;
pub use month::Month;
pub use tags::Tags;
pub use timestamp::Timestamp;
