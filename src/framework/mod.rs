//! What Terraform means: values, schemas, and the rules of planning and applying. Knows no gRPC and no
//! AWS.

mod apply;
pub mod attribute;
pub mod consistency;
pub mod context;
pub mod data_source;
pub mod diagnostic;
pub mod ephemeral;
pub mod erased;
pub mod fleet;
pub mod function;
mod identity;
pub mod import;
pub mod json;
pub mod model;
pub mod page;
pub mod path;
mod plan;
pub mod provider;
mod read;
pub mod resource;
pub mod schema;
pub mod server;
pub mod timeouts;
pub mod type_;
mod upgrade;
mod validate;
pub mod value;

pub use attribute::{Computed, DomainText, Field, Partial, Secret, WriteOnly};
pub use context::{Clock, Cx, Interrupted};
pub use data_source::DataSource;
pub use diagnostic::{Diagnostic, Diagnostics, Result, Severity};
pub use ephemeral::EphemeralResource;
pub use fleet::Fleet;
pub use function::Function;
pub use import::ImportId;
pub use model::{Choice, Model};
pub use page::{Page, Permission};
pub use path::{Path, Step};
pub use provider::{Catalog, Client, Provider};
pub use resource::{Change, Resource};
pub use server::Server;
pub use timeouts::Timeouts;
pub use type_::Type;
pub use value::{Number, Value};
