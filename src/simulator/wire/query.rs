//! AWS Query: a form in, XML out. Inside, both are JSON values: `Tags.member.1.Key=a` is `{"Tags": [{"Key": "a"}]}`,
//! and a list is written as `member` elements.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use quick_xml::escape::escape;
use serde_json::{Map, Value};

use crate::world::Refusal;

pub(crate) const CONTENT_TYPE: &str = "text/xml";

/// A form, taken apart.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) version: String,
    pub(crate) input: Value,
}

/// Reads a form; `None` if it names no action.
pub(crate) fn parse(body: &[u8]) -> Option<Form> {
    let mut fields: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let action = fields.remove("Action")?;
    let version = fields.remove("Version").unwrap_or_default();
    let mut root = Tree::default();
    for (name, value) in fields {
        root.insert(name.split('.'), value);
    }
    Some(Form {
        action,
        version,
        input: root.into_value(),
    })
}

#[derive(Default)]
struct Tree {
    text: Option<String>,
    branches: BTreeMap<String, Tree>,
}

impl Tree {
    fn insert<'a>(&mut self, mut path: impl Iterator<Item = &'a str>, text: String) {
        match path.next() {
            Some(name) => self
                .branches
                .entry(name.to_owned())
                .or_default()
                .insert(path, text),
            None => self.text = Some(text),
        }
    }

    fn into_value(mut self) -> Value {
        if let Some(members) = self.branches.remove("member") {
            let mut numbered: Vec<(u32, Tree)> = members
                .branches
                .into_iter()
                .filter_map(|(number, tree)| Some((number.parse().ok()?, tree)))
                .collect();
            numbered.sort_by_key(|(number, _)| *number);
            return Value::Array(
                numbered
                    .into_iter()
                    .map(|(_, tree)| tree.into_value())
                    .collect(),
            );
        }
        match self.text {
            Some(text) if self.branches.is_empty() => Value::String(text),
            _ => Value::Object(
                self.branches
                    .into_iter()
                    .map(|(name, tree)| (name, tree.into_value()))
                    .collect(),
            ),
        }
    }
}

/// The answer to an action: its result, then the request ID.
pub(crate) fn answer(action: &str, namespace: &str, result: &Value, request_id: &str) -> Bytes {
    let mut xml = format!("<{action}Response xmlns=\"{namespace}\">");
    if result
        .as_object()
        .is_some_and(|members| !members.is_empty())
    {
        element(&mut xml, &format!("{action}Result"), result);
    }
    // Writing to a string cannot fail.
    let _ = write!(
        xml,
        "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    );
    Bytes::from(xml)
}

/// The body of a refusal (IAM and STS API references, "Common errors", and each action's errors).
pub(crate) fn refusal(refusal: &Refusal, namespace: &str, request_id: &str) -> (u16, Bytes) {
    let status = refusal.status.unwrap_or(match refusal.code.as_ref() {
        "AccessDenied"
        | "AccessDeniedException"
        | "SignatureDoesNotMatch"
        | "InvalidClientTokenId"
        | "ExpiredToken"
        | "MissingAuthenticationToken" => 403,
        "NoSuchEntity" => 404,
        "EntityAlreadyExists" | "DeleteConflict" | "LimitExceeded" => 409,
        "ServiceFailure" | "InternalFailure" => 500,
        "ServiceUnavailable" => 503,
        _ => 400,
    });
    let code = if refusal.code == "AccessDeniedException" {
        "AccessDenied"
    } else {
        &refusal.code
    };
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let xml = format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>",
        escape(code),
        escape(refusal.message.as_str()),
    );
    (status, Bytes::from(xml))
}

fn element(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(members) => wrap(xml, name, |xml| children(xml, members)),
        // A map is written as its entries, each an element of its own without a list around them (AWS Query protocol).
        Value::Array(entries) if name == "entry" => {
            for entry in entries {
                element(xml, name, entry);
            }
        }
        Value::Array(items) => wrap(xml, name, |xml| {
            for item in items {
                element(xml, "member", item);
            }
        }),
        Value::String(text) => wrap(xml, name, |xml| xml.push_str(&escape(text.as_str()))),
        other => wrap(xml, name, |xml| xml.push_str(&other.to_string())),
    }
}

fn children(xml: &mut String, members: &Map<String, Value>) {
    for (name, value) in members {
        element(xml, name, value);
    }
}

fn wrap(xml: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    let _ = write!(xml, "<{name}>");
    content(xml);
    let _ = write!(xml, "</{name}>");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_becomes_a_tree() {
        let form = parse(b"Action=CreateRole&Version=2010-05-08&Tags.member.2.Key=b&Tags.member.1.Key=a+c&RoleName=x").unwrap();
        assert_eq!(form.action, "CreateRole");
        assert_eq!(
            form.input,
            json!({"RoleName": "x", "Tags": [{"Key": "a c"}, {"Key": "b"}]})
        );
    }

    #[test]
    fn an_answer_is_escaped() {
        let xml = answer(
            "Get",
            "urn:x",
            &json!({"Name": "a<b", "List": [{"Id": 1}]}),
            "id",
        );
        let xml = std::str::from_utf8(&xml).unwrap();
        assert!(
            xml.contains(
                "<GetResult><List><member><Id>1</Id></member></List><Name>a&lt;b</Name></GetResult>"
            ),
            "{xml}"
        );
    }
}
