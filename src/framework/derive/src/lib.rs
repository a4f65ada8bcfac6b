//! Derives of the framework: `Model` makes a struct the schema of an object, `Choice` makes an enum
//! a word that the user chooses.
//!
//! A derive collects all its errors before it gives up, and a missing or careless doc comment is one of
//! them: the comment becomes the page that the user reads.

mod choice;
mod model;
mod prose;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the schema of an object. The table of `#[attr(…)]` is in `framework::model`.
#[proc_macro_derive(Model, attributes(attr, model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), model::derive)
}

/// Makes an enum without data a text attribute with fixed words: the variants in snake case, or
/// `#[choice("WORD")]`.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    expand(&parse_macro_input!(input as DeriveInput), choice::derive)
}

fn expand(
    input: &DeriveInput,
    derive: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    derive(input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// All errors of one derive.
#[derive(Default)]
struct Errors(Option<syn::Error>);

impl Errors {
    fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    fn collect<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    fn finish<T>(self, value: T) -> syn::Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}
