//! What Terraform means: values, schemas, and the rules of planning and applying. Knows no gRPC and no
//! AWS.

pub mod attribute;
pub mod context;
pub mod diagnostic;
pub mod erased;
pub mod function;
pub mod json;
pub mod path;
pub mod schema;
pub mod type_;
pub mod value;

pub use attribute::DomainText;
pub use context::{Clock, Cx, Interrupted};
pub use diagnostic::{Diagnostic, Diagnostics, Result, Severity};
pub use path::{Path, Step};
pub use type_::Type;
pub use value::{Number, Value};
