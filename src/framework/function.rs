//! Provider functions: pure, offline, the same result for the same arguments.

use super::schema::Text;
use super::type_::Type;

/// Parameters and result of a function, and its page.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Positional parameters.
    pub parameters: Vec<Parameter>,
    /// Parameter that takes any number of further arguments.
    pub variadic: Option<Parameter>,
    /// Type of the result.
    pub returns: Type,
    /// One sentence.
    pub summary: Text,
    /// Markdown for the page.
    pub description: Text,
}

/// One parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name for the page and for messages.
    pub name: Text,
    /// Type that Terraform converts the argument to.
    pub type_: Type,
    /// Sentence for the page.
    pub description: Text,
}

/// Why a function has no result for its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong and what is expected.
    pub text: String,
    /// Position of the argument at fault.
    pub argument: Option<usize>,
}
