//! Doc comments as sentences for the user.

use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Words with which a description does not start: they delay the word that matters.
const IDLE_OPENINGS: [&str; 5] = ["A", "An", "The", "Specifies", "This"];

/// The doc comment as Markdown, lines of a paragraph joined; an error where it is missing or no
/// sentence.
pub(crate) fn sentence(attributes: &[Attribute], of: &impl Spanned) -> syn::Result<String> {
    let text = doc(attributes);
    let error = |message: &str| Err(syn::Error::new(of.span(), message));
    let opening = text.split_whitespace().next().unwrap_or_default();
    if text.is_empty() {
        return error("needs a doc comment: it is the sentence that users read on the page");
    }
    if !opening.starts_with(|c: char| c.is_uppercase() || c == '`') {
        return error("the doc comment must start with a capital letter");
    }
    if IDLE_OPENINGS.contains(&opening) {
        return error("the doc comment must start with a verb or a noun, not with an article");
    }
    if !text.ends_with('.') {
        return error("the doc comment must end with a full stop");
    }
    Ok(text)
}

fn doc(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(line),
                    ..
                }) => Some(line.value()),
                _ => None,
            },
            _ => None,
        });
    for line in lines {
        let line = line.trim();
        let starts_block = line.is_empty() || line.starts_with(['*', '-', '~', '!', '|']);
        match text.chars().last() {
            None | Some('\n') => {}
            Some(_) if starts_block => text.push('\n'),
            Some(_) => text.push(' '),
        }
        text.push_str(line);
        if line.is_empty() && !text.is_empty() {
            text.push('\n');
        }
    }
    text.trim().to_owned()
}
