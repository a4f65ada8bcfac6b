//! What the framework says, in the wire's messages. Values are not here: see
//! [`dynamic_value`](super::dynamic_value).

use std::collections::BTreeMap;

use prost::bytes::Bytes;

use super::wire::tfplugin6 as wire;
use crate::framework::erased::{Deferred, IdentitySchema, Schemas};
use crate::framework::function::{FunctionError, Parameter, Signature};
use crate::framework::schema::{Attribute, Block, Kind, Mode, NestedBlock, Nesting, Schema, Text};
use crate::framework::{Diagnostic, Diagnostics, Path, Severity, Step, Type};

/// What we can do beyond the oldest version of the protocol.
pub(super) const CAPABILITIES: wire::ServerCapabilities = wire::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: false,
};

const MARKDOWN: i32 = wire::StringKind::Markdown as i32;

/// All schemas at once.
pub(super) fn provider_schema(schemas: &Schemas) -> wire::get_provider_schema::Response {
    wire::get_provider_schema::Response {
        provider: Some(schema(&schemas.provider)),
        resource_schemas: named(&schemas.resources, |resource| schema(&resource.schema)),
        data_source_schemas: named(&schemas.data_sources, |data_source| schema(data_source)),
        functions: functions(schemas),
        ephemeral_resource_schemas: named(&schemas.ephemerals, |ephemeral| schema(ephemeral)),
        server_capabilities: Some(CAPABILITIES),
        ..Default::default()
    }
}

/// Names alone.
pub(super) fn metadata(schemas: &Schemas) -> wire::get_metadata::Response {
    use wire::get_metadata::{
        DataSourceMetadata, EphemeralMetadata, FunctionMetadata, ResourceMetadata,
    };
    wire::get_metadata::Response {
        server_capabilities: Some(CAPABILITIES),
        resources: schemas
            .resources
            .keys()
            .map(|name| ResourceMetadata {
                type_name: name.to_string(),
            })
            .collect(),
        data_sources: schemas
            .data_sources
            .keys()
            .map(|name| DataSourceMetadata {
                type_name: name.to_string(),
            })
            .collect(),
        functions: schemas
            .functions
            .keys()
            .map(|name| FunctionMetadata {
                name: name.to_string(),
            })
            .collect(),
        ephemeral_resources: schemas
            .ephemerals
            .keys()
            .map(|name| EphemeralMetadata {
                type_name: name.to_string(),
            })
            .collect(),
        ..Default::default()
    }
}

/// What each of them says, by name.
fn named<T, W>(all: &BTreeMap<Text, T>, said: impl Fn(&T) -> W) -> BTreeMap<String, W> {
    let mut named = BTreeMap::new();
    named.extend(all.iter().map(|(name, of)| (name.to_string(), said(of))));
    named
}

/// Functions by name.
pub(super) fn functions(schemas: &Schemas) -> BTreeMap<String, wire::Function> {
    named(&schemas.functions, function)
}

/// Shape of a resource's identity.
pub(super) fn identity_schema(identity: &IdentitySchema) -> wire::ResourceIdentitySchema {
    let attributes = identity.attributes.iter().map(|attribute| {
        wire::resource_identity_schema::IdentityAttribute {
            name: attribute.name.to_string(),
            r#type: type_json(&attribute.type_),
            required_for_import: attribute.required_for_import,
            optional_for_import: !attribute.required_for_import,
            description: attribute.description.to_string(),
        }
    });
    wire::ResourceIdentitySchema {
        version: identity.version,
        identity_attributes: attributes.collect(),
    }
}

fn schema(schema: &Schema) -> wire::Schema {
    wire::Schema {
        version: schema.version,
        block: Some(block(&schema.block)),
    }
}

fn block(block: &Block) -> wire::schema::Block {
    wire::schema::Block {
        attributes: block.attributes.iter().map(attribute).collect(),
        block_types: block.blocks.iter().map(nested_block).collect(),
        description: block.description.to_string(),
        description_kind: MARKDOWN,
        deprecated: block.deprecation.is_some(),
        deprecation_message: block.deprecation.as_deref().unwrap_or_default().to_owned(),
        ..Default::default()
    }
}

fn nested_block(nested: &NestedBlock) -> wire::schema::NestedBlock {
    use wire::schema::nested_block::NestingMode;
    let nesting = match nested.nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::NestedBlock {
        type_name: nested.name.to_string(),
        block: Some(block(&nested.block)),
        nesting: nesting.into(),
        min_items: 0,
        max_items: 0,
    }
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    let (plain, nested) = match &attribute.kind {
        Kind::Value(type_) => (type_json(type_), None),
        Kind::Nested {
            nesting,
            attributes,
        } => (Bytes::new(), Some(object(*nesting, attributes))),
    };
    wire::schema::Attribute {
        name: attribute.name.to_string(),
        r#type: plain,
        nested_type: nested,
        description: attribute.description.to_string(),
        description_kind: MARKDOWN,
        required: attribute.mode == Mode::Required,
        optional: matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed),
        computed: attribute.mode.is_computed(),
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecation.is_some(),
        deprecation_message: attribute
            .deprecation
            .as_deref()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    use wire::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..Default::default()
    }
}

fn function(signature: &Signature) -> wire::Function {
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return {
            r#type: type_json(&signature.returns),
        }),
        summary: signature.summary.to_string(),
        description: signature.description.to_string(),
        description_kind: MARKDOWN,
        deprecation_message: String::new(),
    }
}

/// Terraform itself answers null for a null argument and unknown for an unknown one.
fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.to_string(),
        r#type: type_json(&parameter.type_),
        allow_null_value: false,
        allow_unknown_values: false,
        description: parameter.description.to_string(),
        description_kind: MARKDOWN,
    }
}

fn type_json(type_: &Type) -> Bytes {
    type_.to_json().to_string().into()
}

/// Messages in order.
pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

/// One message.
pub(super) fn diagnostic(diagnostic: Diagnostic) -> wire::Diagnostic {
    use wire::diagnostic::Severity as WireSeverity;
    let severity = match diagnostic.severity {
        Severity::Error => WireSeverity::Error,
        Severity::Warning => WireSeverity::Warning,
    };
    let path = &diagnostic.path;
    wire::Diagnostic {
        severity: severity.into(),
        attribute: (!path.is_root()).then(|| attribute_path(path)),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
    }
}

/// A path step by step.
pub(super) fn attribute_path(path: &Path) -> wire::AttributePath {
    use wire::attribute_path::step::Selector;
    let steps = path.steps().iter().cloned().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.into()),
            Step::Key(key) => Selector::ElementKeyString(key),
            Step::Index(index) => Selector::ElementKeyInt(index),
        };
        wire::attribute_path::Step {
            selector: Some(selector),
        }
    });
    wire::AttributePath {
        steps: steps.collect(),
    }
}

/// Why an answer must wait.
pub(super) fn deferred(deferred: Deferred) -> wire::Deferred {
    use wire::deferred::Reason;
    let reason = match deferred {
        Deferred::ResourceConfigUnknown => Reason::ResourceConfigUnknown,
        Deferred::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
        Deferred::AbsentPrerequisite => Reason::AbsentPrereq,
    };
    wire::Deferred {
        reason: reason.into(),
    }
}

/// Why a function has no result.
pub(super) fn function_error(error: FunctionError) -> wire::FunctionError {
    wire::FunctionError {
        text: error.text,
        function_argument: error.argument.and_then(|position| position.try_into().ok()),
    }
}

/// A moment in time.
pub(super) fn timestamp(moment: time::OffsetDateTime) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: moment.unix_timestamp(),
        nanos: i32::try_from(moment.nanosecond()).unwrap_or_default(),
    }
}
