//! Import: an object that exists, named by the user, becomes state.

use std::collections::BTreeMap;

use super::context::Cx;
use super::diagnostic::Diagnostic;
use super::erased::{ImportRequest, ImportResponse, Resource};
use super::provider::Client;
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
        let given = attributes
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        Self::Identity(given.collect())
    }
}

pub(super) async fn import<C: Client>(
    resource: &dyn Resource<C>,
    client: C,
    cx: &Cx,
    request: ImportRequest,
) -> ImportResponse {
    let identity = request.identity.clone();
    let id = ImportId::from_request(request.id, request.identity);
    let mut diagnostics = super::Diagnostics::new();
    let state = match resource.import(client, cx, id).await {
        Ok(state) if state.is_wholly_known() => Some(state),
        Ok(_) => {
            diagnostics.push(Diagnostic::bug("The imported object is not wholly known."));
            None
        }
        Err(problems) => {
            diagnostics.extend(problems);
            None
        }
    };
    ImportResponse {
        state,
        private: cx.private_bytes(),
        identity,
        deferred: None,
        diagnostics,
    }
}
