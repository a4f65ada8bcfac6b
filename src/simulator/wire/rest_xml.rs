//! REST XML, as S3 speaks it: the operation is in the method, the path and the query; errors have no envelope.
//!
//! The rule a reader would not guess: lists are flattened or wrapped as each operation pleases, so answers are written
//! element by element and not derived from a tree.

use std::fmt::{Display, Write as _};

use bytes::Bytes;
use quick_xml::escape::{escape, resolve_predefined_entity, unescape};
use quick_xml::events::Event;

use crate::world::Refusal;

pub(crate) const CONTENT_TYPE: &str = "application/xml";
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// An answer of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// An answer without content.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A document.
    pub(crate) fn xml(root: &str, write: impl FnOnce(&mut Xml)) -> Self {
        let mut xml = Xml(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
        // Writing to a string cannot fail.
        let _ = write!(xml.0, "<{root} xmlns=\"{NAMESPACE}\">");
        write(&mut xml);
        let _ = write!(xml.0, "</{root}>");
        Self {
            body: Bytes::from(xml.0),
            ..Self::status(200).with("content-type", CONTENT_TYPE)
        }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// A document that is being written.
pub(crate) struct Xml(String);

impl Xml {
    /// An element with children.
    pub(crate) fn element(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<{name}>");
        write(self);
        let _ = write!(self.0, "</{name}>");
    }

    /// An element with attributes and children.
    pub(crate) fn tagged(&mut self, name: &str, attributes: &str, write: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<{name} {attributes}>");
        write(self);
        let _ = write!(self.0, "</{name}>");
    }

    /// An element with text.
    pub(crate) fn text(&mut self, name: &str, text: impl Display) {
        let text = text.to_string();
        let _ = write!(self.0, "<{name}>{}</{name}>", escape(text.as_str()));
    }

    /// An element with text, if there is any.
    pub(crate) fn optional(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// Text alone.
    pub(crate) fn characters(&mut self, text: &str) {
        self.0.push_str(&escape(text));
    }

    /// An element as it was read.
    pub(crate) fn node(&mut self, node: &Node) {
        self.element(&node.name, |xml| {
            xml.characters(&node.text);
            for child in &node.children {
                xml.node(child);
            }
        });
    }
}

/// An element that was read; namespaces and attributes are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// Reads a document, or answers with the refusal that S3 has for what is none (API reference, "Error responses").
    pub(crate) fn parse(document: &[u8]) -> Result<Self, Refusal> {
        Self::read(document).ok_or_else(malformed)
    }

    fn read(document: &[u8]) -> Option<Self> {
        let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(document).ok()?);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) => open.push(Self::named(tag.local_name().as_ref())?),
                Event::Empty(tag) => {
                    let node = Self::named(tag.local_name().as_ref())?;
                    open.last_mut()?.children.push(node);
                }
                Event::End(_) => {
                    let mut node = open.pop()?;
                    if !node.children.is_empty() {
                        // What stands between elements is there to be read by people.
                        node.text.clear();
                    }
                    open.last_mut()?.children.push(node);
                }
                Event::Text(text) => {
                    let text = text.decode().ok()?;
                    open.last_mut()?.text.push_str(&unescape(&text).ok()?);
                }
                Event::GeneralRef(name) => {
                    let name = name.decode().ok()?;
                    let node = open.last_mut()?;
                    match resolve_predefined_entity(&name) {
                        Some(text) => node.text.push_str(text),
                        None => node.text.push_str(&unescape(&format!("&{name};")).ok()?),
                    }
                }
                Event::CData(text) => open.last_mut()?.text.push_str(&text.decode().ok()?),
                Event::Eof => break,
                _ => {}
            }
        }
        let mut root = open.pop().filter(|_| open.is_empty())?;
        root.children.pop().filter(|_| root.children.is_empty())
    }

    fn named(name: &[u8]) -> Option<Self> {
        Some(Self {
            name: std::str::from_utf8(name).ok()?.to_owned(),
            ..Self::default()
        })
    }

    /// An element with text.
    pub(crate) fn leaf(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            children: Vec::new(),
        }
    }

    /// The element as a document.
    pub(crate) fn text(&self) -> String {
        let mut xml = Xml(String::new());
        xml.node(self);
        xml.0
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every child of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of that name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

/// A document that is not what the operation takes.
pub(crate) fn malformed() -> Refusal {
    Refusal::new(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// What a refusal is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    /// Where the bucket is; S3 says so with whatever it answers about a bucket.
    pub(crate) region: Option<String>,
}

/// A refusal (S3 API reference, "Error responses": codes and statuses).
pub(crate) fn refusal(refusal: &Refusal, subject: &Subject, request_id: &str) -> Reply {
    let code = match refusal.code.as_ref() {
        "AccessDeniedException" => "AccessDenied",
        code => code,
    };
    let status = refusal.status.unwrap_or_else(|| status(code));
    let mut xml = Xml(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    xml.element("Error", |xml| {
        xml.text("Code", code);
        xml.text("Message", &refusal.message);
        match code {
            "AuthorizationHeaderMalformed" => xml.optional("Region", subject.region.as_ref()),
            "PermanentRedirect" => {
                if let (Some(bucket), Some(region)) = (&subject.bucket, &subject.region) {
                    xml.text("Endpoint", format!("{bucket}.s3.{region}.amazonaws.com"));
                }
            }
            _ => {}
        }
        match code {
            "NoSuchKey" => xml.optional("Key", subject.key.as_ref()),
            _ => xml.optional("BucketName", subject.bucket.as_ref()),
        }
        xml.text("RequestId", request_id);
        xml.text("HostId", request_id);
    });
    Reply {
        body: Bytes::from(xml.0),
        ..Reply::status(status).with("content-type", CONTENT_TYPE)
    }
}

fn status(code: &str) -> u16 {
    match code {
        "PermanentRedirect" => 301,
        "NotModified" => 304,
        "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" => 403,
        "NoSuchBucket"
        | "NoSuchBucketPolicy"
        | "NoSuchKey"
        | "NoSuchLifecycleConfiguration"
        | "NoSuchPublicAccessBlockConfiguration"
        | "NoSuchTagSet"
        | "NoSuchVersion"
        | "NotFound"
        | "OwnershipControlsNotFoundError"
        | "ServerSideEncryptionConfigurationNotFoundError" => 404,
        "MethodNotAllowed" => 405,
        "BucketAlreadyExists"
        | "BucketAlreadyOwnedByYou"
        | "BucketNotEmpty"
        | "OperationAborted" => 409,
        "MissingContentLength" => 411,
        "PreconditionFailed" => 412,
        "InvalidRange" => 416,
        "InternalError" => 500,
        "NotImplemented" => 501,
        "SlowDown" | "ServiceUnavailable" => 503,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let node = Node::parse(
            b"<?xml version=\"1.0\"?><Tagging xmlns=\"urn:x\"><TagSet>\n <Tag><Key>a&amp;b</Key><Value/></Tag></TagSet></Tagging>",
        )
        .unwrap();
        assert_eq!(node.name, "Tagging");
        let tag = node.child("TagSet").unwrap().child("Tag").unwrap();
        assert_eq!(tag.text_of("Key"), Some("a&b"));
        assert_eq!(tag.text_of("Value"), Some(""));
        for odd in [&b"<a>"[..], b"", b"a", b"<a/><b/>", b"<a></b>"] {
            assert_eq!(Node::parse(odd).unwrap_err().code, "MalformedXML");
        }
    }

    #[test]
    fn what_was_read_is_written_again() {
        let text = "<Rule><ID>x &lt; y</ID><Filter><Prefix>a/</Prefix></Filter></Rule>";
        assert_eq!(Node::parse(text.as_bytes()).unwrap().text(), text);
    }
}
