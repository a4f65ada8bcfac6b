//! Import: an object that exists, named by the user, becomes state.

use std::collections::BTreeMap;

use super::apply::settle;
use super::context::Cx;
use super::diagnostic::Diagnostics;
use super::erased::{ImportRequest, ImportResponse, Resource};
use super::provider::Client;
use super::schema::Schema;
use super::value::Value;

/// What names the object to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportId {
    /// Text of the command or of the `import` block's `id`.
    Text(String),
    /// Attributes of the `import` block's `identity`, those that were given.
    Identity(BTreeMap<String, String>),
}

impl ImportId {
    fn from_request(id: String, identity: Option<Value>) -> Self {
        let Some(Value::Map(attributes)) = identity else {
            return Self::Text(id);
        };
        let given = attributes.into_iter().filter_map(|(name, value)| {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                _ => return None,
            };
            Some((name.into(), text))
        });
        Self::Identity(given.collect())
    }
}

/// The imported object need not be whole: what it leaves unknown is null until the refresh that
/// follows. An identity, which never changes afterwards, is given only when all of it is known.
pub(super) async fn import<C: Client>(
    resource: &dyn Resource<C>,
    schema: &Schema,
    client: C,
    cx: &Cx,
    request: ImportRequest,
) -> ImportResponse {
    let id = ImportId::from_request(request.id, request.identity.clone());
    let mut response = ImportResponse {
        state: None,
        private: Vec::new(),
        identity: request.identity,
        deferred: None,
        diagnostics: Diagnostics::new(),
    };
    match resource.import(client, cx, id).await {
        Ok(mut state) => {
            response.identity = super::identity::lasting(schema, None, &state);
            settle(&mut state);
            response.state = Some(state);
        }
        Err(problems) => response.diagnostics = problems,
    }
    response.private = cx.private_bytes();
    response
}
