//! Provider functions: pure, offline, the same result for the same arguments.

use std::marker::PhantomData;

use super::attribute::{Field, kind_type};
use super::diagnostic::Diagnostic;
use super::erased;
use super::model::{self, Model};
use super::path::Step;
use super::schema::Text;
use super::type_::Type;
use super::value::Value;

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

/// A function as its author writes it: the fields of a model are its parameters, in order.
pub trait Function: Sized + Send + Sync + 'static {
    /// Verb without the provider's name: `account_id_normalize`.
    const NAME: &'static str;
    /// One sentence: what it computes.
    const SUMMARY: &'static str;
    /// Parameters.
    type Parameters: Model;
    /// Result.
    type Output: Field;

    /// Computes the result. An error names the parameter at fault by its field, if one is.
    fn call(parameters: Self::Parameters) -> Result<Self::Output, Diagnostic>;
}

/// A function whose types are forgotten.
pub(super) struct Erased<F>(PhantomData<fn() -> F>);

impl<F> Erased<F> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F: Function> erased::Function for Erased<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn signature(&self) -> Signature {
        let block = F::Parameters::block();
        let parameters = block.attributes.into_iter().map(|attribute| Parameter {
            type_: attribute.value_type(),
            name: attribute.name,
            description: attribute.description,
        });
        Signature {
            parameters: parameters.collect(),
            variadic: None,
            returns: kind_type(&F::Output::kind()),
            summary: F::SUMMARY.into(),
            description: block.description,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let signature = self.signature();
        let names = signature.parameters.iter().map(|p| p.name.to_string());
        let object = Value::map(names.zip(arguments));
        let blame = |problem: &Diagnostic| FunctionError {
            text: problem.detail.clone(),
            argument: signature.parameters.iter().position(|p| {
                problem.path.steps().first() == Some(&Step::Attribute(p.name.clone().into()))
            }),
        };
        let parameters = model::decode(&object).map_err(|problems| {
            problems.iter().next().map_or_else(
                || blame(&Diagnostic::bug("The arguments could not be read.")),
                blame,
            )
        })?;
        F::call(parameters)
            .map(|output| output.write())
            .map_err(|problem| blame(&problem))
    }
}
