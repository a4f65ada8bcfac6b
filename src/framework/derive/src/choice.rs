//! `#[derive(Choice)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Variant};

use crate::{Errors, prose};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "`Choice` is derived for enums",
        ));
    };
    let mut errors = Errors::default();
    let mut choices: Vec<(&Ident, String)> = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.push(syn::Error::new_spanned(
                variant,
                "a choice is a word and carries no data",
            ));
        }
        errors.collect(prose::sentence(&variant.attrs, variant));
        if let Some(word) = errors.collect(word(variant)) {
            choices.push((&variant.ident, word));
        }
    }
    if data.variants.is_empty() {
        errors.push(syn::Error::new_spanned(
            &input.ident,
            "a choice needs at least one word",
        ));
    }
    for (position, (variant, word)) in choices.iter().enumerate() {
        if choices[..position].iter().any(|(_, other)| other == word) {
            errors.push(syn::Error::new_spanned(
                variant,
                format!("the word \"{word}\" stands for another variant, too"),
            ));
        }
    }
    let name = &input.ident;
    let (variants, words): (Vec<_>, Vec<_>) = choices.into_iter().unzip();
    let expected = match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            let rest: Vec<_> = rest.iter().map(|word| format!("\"{word}\"")).collect();
            format!("{} or \"{last}\"", rest.join(", "))
        }
        Some((last, _)) => format!("\"{last}\""),
        None => String::new(),
    };
    errors.finish(quote! {
        impl #name {
            /// The word in the configuration.
            pub const fn as_str(self) -> &'static str {
                match self { #(Self::#variants => #words,)* }
            }
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::awsbilling::framework::DomainText for #name {
            const VALUES: &'static [&'static str] = &[#(#words),*];

            fn parse(text: &str) -> ::std::result::Result<Self, ::std::string::String> {
                match text {
                    #(#words => ::std::result::Result::Ok(Self::#variants),)*
                    _ => ::std::result::Result::Err(::std::format!(
                        "Expected {}, got {text:?}.", #expected
                    )),
                }
            }
        }
    })
}

/// The word of a variant: given, or its name in snake case.
fn word(variant: &Variant) -> syn::Result<String> {
    for attribute in &variant.attrs {
        if attribute.path().is_ident("choice") {
            return Ok(attribute.parse_args::<LitStr>()?.value());
        }
    }
    let mut word = String::new();
    for (position, letter) in variant.ident.to_string().chars().enumerate() {
        if letter.is_uppercase() && position > 0 {
            word.push('_');
        }
        word.extend(letter.to_lowercase());
    }
    Ok(word)
}
