//! How AWS is reached.

pub mod config;
pub mod error;
pub mod organizations;
mod pace;
pub mod retry;
pub mod session;
mod snapshot;
mod sts;
pub mod types;

pub use config::{AssumeRole, Settings};
pub use error::Failure;
pub use organizations::Organizations;
pub use session::{Aws, CallerIdentity};
