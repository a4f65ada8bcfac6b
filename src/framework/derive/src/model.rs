//! `#[derive(Model)]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Data, DeriveInput, Expr, Field, Fields, GenericArgument, Ident, LitInt, LitStr, PathArguments,
    Token, Type,
};

use crate::{Errors, prose};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "`Model` is derived for structs; for an enum of words derive `Choice`",
        ));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "a model needs named fields: each field is an attribute",
        ));
    };
    let mut errors = Errors::default();
    let doc = errors.collect(prose::sentence(&input.attrs, &input.ident));
    if !input.generics.params.is_empty() {
        errors.push(syn::Error::new_spanned(
            &input.generics,
            "a model describes one object and has no generic parameters",
        ));
    }
    let fields: Vec<_> = named
        .named
        .iter()
        .filter_map(|field| errors.collect(ModelField::parse(field)))
        .collect();
    for (position, field) in fields.iter().enumerate() {
        if fields[..position].iter().any(|f| f.name == field.name) {
            errors.push(syn::Error::new_spanned(
                &field.ident,
                format!("the name `{}` stands for another field, too", field.name),
            ));
        }
    }
    // A relation to a field that was refused would be refused, too, and only distract.
    let relations = (fields.len() == named.named.len())
        .then(|| errors.collect(Relations::parse(input, &fields)))
        .flatten();
    let (Some(doc), Some(relations)) = (doc, relations) else {
        return errors.finish(TokenStream::new());
    };
    errors.finish(expand(input, &doc, &fields, &relations))
}

fn expand(
    input: &DeriveInput,
    doc: &str,
    fields: &[ModelField],
    relations: &Relations,
) -> TokenStream {
    let (name, visibility) = (&input.ident, &input.vis);
    let partial = format_ident!("Partial{name}");
    let partial_doc = format!("[`{name}`] where each value may be unknown.");
    let attributes = fields.iter().filter(|f| !f.block).map(ModelField::schema);
    let blocks = fields.iter().filter(|f| f.block).map(ModelField::schema);
    let reads = fields.iter().map(ModelField::read);
    let partial_reads = fields.iter().map(ModelField::partial_read);
    let partial_fields = fields.iter().map(ModelField::partial_field);
    let (idents, names): (Vec<_>, Vec<_>) = fields.iter().map(|f| (&f.ident, &f.name)).unzip();
    let types = fields.iter().map(|f| &f.type_);
    let acceptance = fields.iter().map(ModelField::acceptance);
    let plain = fields.iter().map(|f| {
        let (type_, has_default) = (&f.type_, f.default.is_some());
        quote!(!#has_default && <#type_ as Field>::PLAIN)
    });
    let misuse = if fields.iter().any(|f| f.block) {
        quote!(::std::option::Option::Some(
            "a model with blocks can only be a block itself: an attribute holds no blocks"
        ))
    } else {
        quote!(::std::option::Option::None)
    };
    let computed = fields.iter().filter(|f| f.is_computed()).map(|f| {
        let (ident, name) = (&f.ident, &f.name);
        quote!((#name, Field::write(&partial.#ident)))
    });
    let Relations {
        version,
        constraints,
    } = relations;

    quote! {
        #[doc = #partial_doc]
        #[derive(Clone, Debug)]
        #visibility struct #partial { #(#partial_fields)* }

        const _: () = {
            use ::awsbilling::framework::attribute::{Computed, Field, Partial};
            use ::awsbilling::framework::model::{self, Constraint, Model};
            use ::awsbilling::framework::schema::{self, Block, Kind, Nesting};
            use ::awsbilling::framework::{Diagnostics, Value};

            impl Model for #name {
                const VERSION: i64 = #version;
                type Partial = #partial;

                fn block() -> Block {
                    Block {
                        description: #doc.into(),
                        deprecation: ::std::option::Option::None,
                        attributes: ::std::vec![#(#attributes),*],
                        blocks: ::std::vec![#(#blocks),*],
                    }
                }

                fn constraints() -> &'static [Constraint] {
                    &[#(#constraints),*]
                }

                fn partial(value: &Value, at: &::awsbilling::framework::Place<'_>, problems: &mut Diagnostics) -> Self::Partial {
                    #partial { #(#partial_reads)* }
                }

                fn computed(
                    partial: &Self::Partial,
                ) -> ::std::vec::Vec<(&'static str, Value)> {
                    ::std::vec![#(#computed),*]
                }
            }

            #(#acceptance)*

            impl Field for #name {
                const PLAIN: bool = true #(&& #plain)*;
                const MISUSE: ::std::option::Option<&'static str> = #misuse;

                fn kind() -> Kind {
                    Kind::Nested {
                        nesting: Nesting::Single,
                        attributes: <Self as Model>::block().attributes,
                    }
                }

                fn read(
                    value: &Value,
                    at: &::awsbilling::framework::Place<'_>,
                    problems: &mut Diagnostics,
                ) -> ::std::option::Option<Self> {
                    if !model::is_object(value, at, problems) {
                        return ::std::option::Option::None;
                    }
                    #(#reads)*
                    ::std::option::Option::Some(Self { #(#idents: #idents?,)* })
                }

                fn write(&self) -> Value {
                    Value::map::<&str>([#((#names, Field::write(&self.#idents))),*])
                }

                fn check(config: &Value, at: &::awsbilling::framework::Place<'_>, problems: &mut Diagnostics) {
                    if !model::is_object(config, at, problems) {
                        return;
                    }
                    #(model::check::<#types>(config, #names, at, problems);)*
                    model::check_constraints::<Self>(config, at, problems);
                }
            }
        };
    }
}

/// A field with its policy.
#[allow(clippy::struct_excessive_bools)] // Each is one word of `#[attr(…)]`.
struct ModelField {
    ident: Ident,
    name: String,
    type_: Type,
    wrapper: String,
    doc: String,
    block: bool,
    default: Option<Expr>,
    optional: bool,
    stable: bool,
    replace: bool,
    sensitive: bool,
    identity: Option<&'static str>,
    deprecated: Option<LitStr>,
    role: Option<TokenStream>,
    timeouts: Option<TokenStream>,
}

impl ModelField {
    fn parse(field: &Field) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new_spanned(field, "needs a name"));
        };
        let doc = errors.collect(prose::sentence(&field.attrs, &ident));
        let mut parsed = Self {
            name: ident.unraw().to_string(),
            ident,
            type_: field.ty.clone(),
            wrapper: wrapper(&field.ty),
            doc: doc.unwrap_or_default(),
            block: false,
            default: None,
            optional: false,
            stable: false,
            replace: false,
            sensitive: false,
            identity: None,
            deprecated: None,
            role: None,
            timeouts: None,
        };
        let mut given = Vec::new();
        let mut understood = true;
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("attr")) {
            let policies = attribute.parse_nested_meta(|meta| {
                let policy = meta.path.get_ident().map(ToString::to_string);
                if given.contains(&policy) {
                    return Err(meta.error("the policy stands twice"));
                }
                given.push(policy);
                parsed.policy(&meta)
            });
            understood &= errors.collect(policies).is_some();
        }
        if !is_attribute_name(&parsed.name) {
            errors.push(syn::Error::new_spanned(
                &parsed.ident,
                "the name of an attribute has small letters, digits and underscores only",
            ));
        }
        if understood {
            parsed.contradictions(field, &mut errors);
        }
        errors.finish(parsed)
    }

    fn policy(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let Some(name) = meta.path.get_ident().map(ToString::to_string) else {
            return Err(meta.error("unknown policy"));
        };
        match name.as_str() {
            "block" => self.block = true,
            "optional" => self.optional = true,
            "stable" => self.stable = true,
            "replace" => self.replace = true,
            "sensitive" => self.sensitive = true,
            "tags" => self.role = Some(quote!(schema::Role::Tags)),
            "tags_all" => self.role = Some(quote!(schema::Role::TagsAll)),
            "default" => self.default = Some(meta.value()?.parse()?),
            "name" => self.name = meta.value()?.parse::<LitStr>()?.value(),
            "deprecated" => self.deprecated = Some(meta.value()?.parse()?),
            "identity" => self.identity = Some(identity(meta)?),
            "timeouts" => {
                let operations = operations(meta)?;
                self.role = Some(quote!(schema::Role::Timeouts(&[#operations])));
                self.timeouts = Some(operations);
            }
            other => {
                return Err(meta.error(format!(
                    "unknown policy `{other}`; known are block, default, deprecated, identity, \
                     name, optional, replace, sensitive, stable, tags, tags_all and timeouts"
                )));
            }
        }
        Ok(())
    }

    /// Refuses policies that make no sense together.
    fn contradictions(&self, field: &Field, errors: &mut Errors) {
        let computed = self.is_computed();
        let option = self.wrapper == "Option";
        let rules = [
            (
                self.default.is_some() && (computed || option),
                "a default needs a plain type: with a default the value is always there",
            ),
            (
                self.stable && !computed,
                "only a `Computed` field can be stable: the user decides the others",
            ),
            (
                self.optional && !computed,
                "only a `Computed` field can be marked optional; use `Option` instead",
            ),
            (
                self.replace && computed && !self.optional,
                "AWS decides this field, so a change of it cannot ask for a new object",
            ),
            (
                self.identity.is_some() && (self.sensitive || is_secret(&self.type_)),
                "a secret cannot be part of the identity, which is shown",
            ),
            (
                self.block && self.has_value_policy(),
                "a block has no value of its own: policies belong to the attributes within",
            ),
            (
                (self.wrapper == "Timeouts") != self.timeouts.is_some(),
                "`Timeouts` and `#[attr(timeouts(create = \"…\"))]` go together",
            ),
        ];
        for (broken, message) in rules {
            if broken {
                errors.push(syn::Error::new_spanned(&field.ty, message));
            }
        }
    }

    /// Whether a policy is given that only the value of an attribute can have.
    fn has_value_policy(&self) -> bool {
        self.default.is_some()
            || self.optional
            || self.stable
            || self.replace
            || self.sensitive
            || self.identity.is_some()
            || self.role.is_some()
            || self.deprecated.is_some()
    }

    fn is_computed(&self) -> bool {
        self.wrapper == "Computed"
    }

    /// An assertion that only the compiler can judge, because it is about the type and not its name.
    fn acceptance(&self) -> TokenStream {
        let type_ = &self.type_;
        let span = at(type_);
        let as_what = if self.block {
            quote_spanned!(span=> model::BlockField)
        } else {
            quote_spanned!(span=> Field)
        };
        quote_spanned! {span=>
            const _: () = model::accept(<#type_ as #as_what>::MISUSE);
        }
    }

    fn schema(&self) -> TokenStream {
        let (name, doc, type_) = (&self.name, &self.doc, &self.type_);
        if self.block {
            return quote!(model::nested_block::<#type_>(#name, #doc));
        }
        let mut attribute = match inner(type_) {
            Some(inner) if self.optional => {
                quote!(model::optional_computed::<#inner>(#name, #doc))
            }
            _ => quote!(model::attribute::<#type_>(#name, #doc)),
        };
        if let Some(default) = &self.default {
            attribute = quote_spanned! {at(default)=>
                model::with_default(#attribute, &{ let value: #type_ = (#default).into(); value })
            };
        }
        let mut policy = TokenStream::new();
        if self.stable {
            policy.extend(quote!(attribute.stable = true;));
        }
        if self.replace {
            policy.extend(quote!(attribute.replace = true;));
        }
        if self.sensitive {
            policy.extend(quote!(attribute.sensitive = true;));
        }
        if let Some(identity) = self.identity {
            let identity = format_ident!("{identity}");
            policy.extend(quote! {
                attribute.identity = ::std::option::Option::Some(schema::Identity::#identity);
            });
        }
        if let Some(message) = &self.deprecated {
            policy.extend(quote! {
                attribute.deprecation = ::std::option::Option::Some(#message.into());
            });
        }
        if let Some(role) = &self.role {
            policy.extend(quote!(attribute.role = ::std::option::Option::Some(#role);));
        }
        if let Some(operations) = &self.timeouts {
            policy.extend(quote! {
                attribute.kind = ::awsbilling::framework::timeouts::kind(&[#operations]);
            });
        }
        if policy.is_empty() {
            return attribute;
        }
        quote!({ let mut attribute = #attribute; #policy attribute })
    }

    fn default_value(&self) -> TokenStream {
        let type_ = &self.type_;
        let Some(default) = &self.default else {
            return quote!(::std::option::Option::None);
        };
        quote_spanned! {at(default)=>
            ::std::option::Option::Some((|| -> #type_ { (#default).into() }) as fn() -> #type_)
        }
    }

    fn read(&self) -> TokenStream {
        let (ident, name, type_) = (&self.ident, &self.name, &self.type_);
        let default = self.default_value();
        quote!(let #ident = model::read::<#type_>(value, #name, #default, at, problems);)
    }

    fn partial_field(&self) -> TokenStream {
        let (ident, type_) = (&self.ident, &self.type_);
        let doc = &self.doc;
        let type_ = if self.is_computed() {
            quote!(#type_)
        } else {
            quote!(::awsbilling::framework::attribute::Partial<#type_>)
        };
        quote!(#[doc = #doc] pub #ident: #type_,)
    }

    fn partial_read(&self) -> TokenStream {
        let (ident, name, type_) = (&self.ident, &self.name, &self.type_);
        let default = self.default_value();
        let read = quote!(model::read::<#type_>(value, #name, #default, at, problems));
        if self.is_computed() {
            quote!(#ident: #read.unwrap_or(Computed::Unknown),)
        } else {
            quote!(#ident: Partial::from(#read),)
        }
    }
}

/// Where an error in generated code is shown: at what the author wrote, though lints know that the code
/// is generated.
fn at(written: &impl Spanned) -> Span {
    Span::call_site().located_at(written.span())
}

/// The type in angle brackets: `T` of `Computed<T>`.
fn inner(type_: &Type) -> Option<&Type> {
    let Type::Path(path) = type_ else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// Whether `Secret` or `WriteOnly` stands anywhere in the type.
fn is_secret(type_: &Type) -> bool {
    ["Secret", "WriteOnly"].contains(&wrapper(type_).as_str())
        || inner(type_).is_some_and(is_secret)
}

/// Name of the outermost type: `Option`, `Computed`, `Timeouts`.
fn wrapper(type_: &Type) -> String {
    match type_ {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn identity(meta: &ParseNestedMeta<'_>) -> syn::Result<&'static str> {
    if !meta.input.peek(Token![=]) {
        return Ok("Required");
    }
    let word: LitStr = meta.value()?.parse()?;
    match word.value().as_str() {
        "optional" => Ok("Optional"),
        _ => Err(syn::Error::new_spanned(word, "expected \"optional\"")),
    }
}

/// `create = "20m", delete = "5m"` as pairs.
fn operations(meta: &ParseNestedMeta<'_>) -> syn::Result<TokenStream> {
    let content;
    syn::parenthesized!(content in meta.input);
    let operations = Punctuated::<Operation, Token![,]>::parse_terminated(&content)?;
    if operations.is_empty() {
        return Err(meta.error("expected operations, as in `timeouts(create = \"20m\")`"));
    }
    let pairs = operations.iter().map(|operation| {
        let (name, default) = (operation.name.to_string(), &operation.default);
        quote!((#name, #default),)
    });
    Ok(pairs.collect())
}

/// `create = "20m"`.
struct Operation {
    name: Ident,
    default: LitStr,
}

impl Parse for Operation {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        if !["create", "read", "update", "delete"].contains(&name.to_string().as_str()) {
            return Err(syn::Error::new_spanned(
                name,
                "expected create, read, update or delete",
            ));
        }
        input.parse::<Token![=]>()?;
        let default: LitStr = input.parse()?;
        if !is_length_of_time(&default.value()) {
            return Err(syn::Error::new_spanned(
                default,
                "expected a length of time such as \"30s\", \"20m\" or \"1h30m\"",
            ));
        }
        Ok(Self { name, default })
    }
}

fn is_attribute_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Whether the text is whole numbers, each with a unit.
fn is_length_of_time(text: &str) -> bool {
    let mut rest = text;
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) {
        let (number, tail) = rest.split_at(end);
        let unit = ["ms", "s", "m", "h"]
            .into_iter()
            .find(|unit| tail.starts_with(unit));
        let Some(unit) = unit.filter(|_| !number.is_empty()) else {
            return false;
        };
        rest = &tail[unit.len()..];
    }
    rest.is_empty() && !text.is_empty()
}

/// What `#[model(…)]` says of the whole.
struct Relations {
    version: LitInt,
    constraints: Vec<TokenStream>,
}

impl Relations {
    fn parse(input: &DeriveInput, fields: &[ModelField]) -> syn::Result<Self> {
        let mut relations = Self {
            version: LitInt::new("0", input.ident.span()),
            constraints: Vec::new(),
        };
        for attribute in input.attrs.iter().filter(|a| a.path().is_ident("model")) {
            attribute.parse_nested_meta(|meta| relations.relation(&meta, fields))?;
        }
        Ok(relations)
    }

    fn relation(&mut self, meta: &ParseNestedMeta<'_>, fields: &[ModelField]) -> syn::Result<()> {
        let name = meta
            .path
            .get_ident()
            .map(ToString::to_string)
            .unwrap_or_default();
        if name == "version" {
            self.version = meta.value()?.parse()?;
            return Ok(());
        }
        let content;
        syn::parenthesized!(content in meta.input);
        let idents = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
        let mut names = Vec::new();
        for ident in &idents {
            let Some(field) = fields.iter().find(|field| field.ident == *ident) else {
                return Err(syn::Error::new_spanned(
                    ident,
                    "the struct has no such field",
                ));
            };
            names.push(&field.name);
        }
        self.constraints.push(match (name.as_str(), &names[..]) {
            ("exactly_one_of", _) => quote!(Constraint::ExactlyOneOf(&[#(#names),*])),
            ("at_least_one_of", _) => quote!(Constraint::AtLeastOneOf(&[#(#names),*])),
            ("conflicts", _) => quote!(Constraint::Conflicts(&[#(#names),*])),
            ("requires", [name, needed]) => quote!(Constraint::Requires(#name, #needed)),
            ("requires", _) => return Err(meta.error("expected two fields: who needs whom")),
            _ => {
                return Err(meta.error(
                    "unknown relation; known are exactly_one_of, at_least_one_of, conflicts, \
                     requires and version",
                ));
            }
        });
        Ok(())
    }
}
