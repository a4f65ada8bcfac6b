//! Amazon S3 (API version 2006-03-01), REST XML: buckets, their settings, objects and versions.
//!
//! Buckets are addressed in the path or in the host name. A bucket answers in its own region only, told by the region
//! that the request was signed for.

mod address;
mod buckets;
mod deletion;
mod listing;
mod objects;
mod settings;

use bytes::Bytes;
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::Operation::{self, RestRead, RestWrite};
use super::{Context, Request, Service};
use crate::checksum;
use crate::wire::Protocol;
use crate::wire::chunked::Chunked;
use crate::wire::rest_xml::{Node, Subject, malformed};
use crate::wire::signature::Signature;
use crate::world::{Bucket, Refusal, Resource, World};
use address::Address;

/// Whether a request is for S3: it is signed for it, or not signed and no form.
pub(super) fn is_meant(parts: &Parts) -> bool {
    match Signature::of(&parts.headers) {
        Ok(signature) => signature.service == "s3",
        Err(_) if parts.headers.contains_key("authorization") => false,
        Err(_) => !parts.headers.contains_key("x-amz-target") && parts.uri.path() != "/",
    }
}

/// Finds out what is asked: operation, bucket, key, parameters and content.
pub(super) fn identify(parts: &Parts, body: &Bytes) -> Result<Request, Refusal> {
    let Address { bucket, key, query } = Address::of(parts);
    let operation = operation_name(parts, bucket.as_deref(), key.as_deref(), &query)
        .ok_or_else(|| Protocol::RestXml.unknown_operation())?;
    let mut input = Map::new();
    input.extend(bucket.map(|bucket| ("Bucket".to_owned(), json!(bucket))));
    input.extend(key.map(|key| ("Key".to_owned(), json!(key))));
    input.insert("Query".to_owned(), json!(query));
    input.insert("Headers".to_owned(), headers(parts));
    Ok(Request {
        service: Service::S3,
        operation: operation.to_owned(),
        input: Value::Object(input),
        payload: payload(parts, body)?,
        region: None,
    })
}

/// The headers that mean something to an operation, and are fit for the log.
fn headers(parts: &Parts) -> Value {
    const MEANT: [&str; 6] = [
        "content-md5",
        "content-type",
        "if-match",
        "if-none-match",
        "range",
        "x-amz-acl",
    ];
    const HIDDEN: [&str; 4] = [
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-user-agent",
    ];
    let named = parts.headers.iter().filter(|(name, _)| {
        let name = name.as_str();
        MEANT.contains(&name) || (name.starts_with("x-amz-") && !HIDDEN.contains(&name))
    });
    named
        .filter_map(|(name, value)| Some((name.to_string(), json!(value.to_str().ok()?))))
        .collect::<Map<_, _>>()
        .into()
}

/// The content, out of its chunks, if it is what its checksums say (user guide, "Checking object integrity"; error
/// `BadDigest`).
fn payload(parts: &Parts, body: &Bytes) -> Result<Bytes, Refusal> {
    let incomplete = || Refusal::new("IncompleteBody", "The request body terminated unexpectedly");
    let chunked = if Chunked::is_announced(&parts.headers) {
        Some(Chunked::parse(body).ok_or_else(incomplete)?)
    } else {
        None
    };
    let payload = chunked
        .as_ref()
        .map_or_else(|| body.clone(), |chunked| Bytes::from(chunked.data()));
    for algorithm in checksum::Algorithm::ALL {
        let name = algorithm.header();
        let said = parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        let said = said.or_else(|| chunked.as_ref()?.trailer(name));
        if said.is_some_and(|said| said != algorithm.of(&payload)) {
            return Err(Refusal::new(
                "BadDigest",
                format!(
                    "The value of {name} that you specified did not match the calculated checksum."
                ),
            ));
        }
    }
    if let Some(said) = parts.headers.get("content-md5")
        && said.as_bytes() != checksum::md5_base64(&payload).as_bytes()
    {
        return Err(Refusal::new(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
        ));
    }
    Ok(payload)
}

/// The settings of a bucket: the query parameter, and the operations that read, write and delete it.
const SETTINGS: [(&str, [Option<&str>; 3]); 11] = [
    ("acl", [Some("GetBucketAcl"), Some("PutBucketAcl"), None]),
    (
        "encryption",
        [
            Some("GetBucketEncryption"),
            Some("PutBucketEncryption"),
            Some("DeleteBucketEncryption"),
        ],
    ),
    (
        "lifecycle",
        [
            Some("GetBucketLifecycleConfiguration"),
            Some("PutBucketLifecycleConfiguration"),
            Some("DeleteBucketLifecycle"),
        ],
    ),
    ("location", [Some("GetBucketLocation"), None, None]),
    (
        "ownershipControls",
        [
            Some("GetBucketOwnershipControls"),
            Some("PutBucketOwnershipControls"),
            Some("DeleteBucketOwnershipControls"),
        ],
    ),
    (
        "policy",
        [
            Some("GetBucketPolicy"),
            Some("PutBucketPolicy"),
            Some("DeleteBucketPolicy"),
        ],
    ),
    ("policyStatus", [Some("GetBucketPolicyStatus"), None, None]),
    (
        "publicAccessBlock",
        [
            Some("GetPublicAccessBlock"),
            Some("PutPublicAccessBlock"),
            Some("DeletePublicAccessBlock"),
        ],
    ),
    (
        "tagging",
        [
            Some("GetBucketTagging"),
            Some("PutBucketTagging"),
            Some("DeleteBucketTagging"),
        ],
    ),
    (
        "versioning",
        [
            Some("GetBucketVersioning"),
            Some("PutBucketVersioning"),
            None,
        ],
    ),
    ("versions", [Some("ListObjectVersions"), None, None]),
];

/// Query parameters that an operation without a setting may have; any other asks for what is not simulated.
const PARAMETERS: [&str; 13] = [
    "bucket-region",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "list-type",
    "max-buckets",
    "max-keys",
    "prefix",
    "start-after",
    "versionId",
    "x-id",
    "delete",
];

fn operation_name(
    parts: &Parts,
    bucket: Option<&str>,
    key: Option<&str>,
    query: &std::collections::BTreeMap<String, String>,
) -> Option<&'static str> {
    let method = parts.method.as_str();
    if bucket.is_some() && key.is_none() {
        for (name, [read, write, delete]) in SETTINGS {
            if query.contains_key(name) {
                return match method {
                    "GET" => read,
                    "PUT" => write,
                    "DELETE" => delete,
                    _ => None,
                };
            }
        }
    }
    if parts.headers.contains_key("x-amz-copy-source")
        || !query.keys().all(|name| PARAMETERS.contains(&name.as_str()))
    {
        return None;
    }
    Some(match (method, bucket, key) {
        ("GET", None, None) => "ListBuckets",
        ("PUT", Some(_), None) => "CreateBucket",
        ("HEAD", Some(_), None) => "HeadBucket",
        ("DELETE", Some(_), None) => "DeleteBucket",
        ("GET", Some(_), None) if query.get("list-type").is_some_and(|kind| kind == "2") => {
            "ListObjectsV2"
        }
        ("POST", Some(_), None) if query.contains_key("delete") => "DeleteObjects",
        ("GET", Some(_), Some(_)) => "GetObject",
        ("HEAD", Some(_), Some(_)) => "HeadObject",
        ("PUT", Some(_), Some(_)) => "PutObject",
        ("DELETE", Some(_), Some(_)) => "DeleteObject",
        _ => return None,
    })
}

pub(super) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "CreateBucket" => RestWrite(buckets::create),
        "DeleteBucket" => RestWrite(buckets::delete),
        "DeleteBucketEncryption" => RestWrite(settings::delete_encryption),
        "DeleteBucketLifecycle" => RestWrite(settings::delete_lifecycle),
        "DeleteBucketOwnershipControls" => RestWrite(settings::delete_ownership),
        "DeleteBucketPolicy" => RestWrite(settings::delete_policy),
        "DeleteBucketTagging" => RestWrite(settings::delete_tagging),
        "DeleteObject" => RestWrite(deletion::delete_object),
        "DeleteObjects" => RestWrite(deletion::delete_objects),
        "DeletePublicAccessBlock" => RestWrite(settings::delete_public_access_block),
        "GetBucketAcl" => RestRead(settings::get_acl),
        "GetBucketEncryption" => RestRead(settings::get_encryption),
        "GetBucketLifecycleConfiguration" => RestRead(settings::get_lifecycle),
        "GetBucketLocation" => RestRead(buckets::location),
        "GetBucketOwnershipControls" => RestRead(settings::get_ownership),
        "GetBucketPolicy" => RestRead(settings::get_policy),
        "GetBucketPolicyStatus" => RestRead(settings::get_policy_status),
        "GetBucketTagging" => RestRead(settings::get_tagging),
        "GetBucketVersioning" => RestRead(settings::get_versioning),
        "GetObject" | "HeadObject" => RestRead(objects::get),
        "GetPublicAccessBlock" => RestRead(settings::get_public_access_block),
        "HeadBucket" => RestRead(buckets::head),
        "ListBuckets" => RestRead(buckets::list),
        "ListObjectVersions" => RestRead(listing::versions),
        "ListObjectsV2" => RestRead(listing::objects),
        "PutBucketAcl" => RestWrite(settings::put_acl),
        "PutBucketEncryption" => RestWrite(settings::put_encryption),
        "PutBucketLifecycleConfiguration" => RestWrite(settings::put_lifecycle),
        "PutBucketOwnershipControls" => RestWrite(settings::put_ownership),
        "PutBucketPolicy" => RestWrite(settings::put_policy),
        "PutBucketTagging" => RestWrite(settings::put_tagging),
        "PutBucketVersioning" => RestWrite(settings::put_versioning),
        "PutObject" => RestWrite(objects::put),
        "PutPublicAccessBlock" => RestWrite(settings::put_public_access_block),
        _ => return None,
    })
}

/// The IAM action of an operation, where it is not the operation's own name (Service Authorization Reference, "Actions,
/// resources, and condition keys for Amazon S3").
pub(super) fn action(operation: &str, input: &Value) -> String {
    let version = !input["Query"]["versionId"].is_null();
    let name = match operation {
        "DeleteBucketEncryption" | "PutBucketEncryption" => "PutEncryptionConfiguration",
        "DeleteBucketLifecycle" | "PutBucketLifecycleConfiguration" => "PutLifecycleConfiguration",
        "DeleteBucketOwnershipControls" => "PutBucketOwnershipControls",
        "DeleteBucketTagging" => "PutBucketTagging",
        "DeleteObject" if version => "DeleteObjectVersion",
        "DeleteObjects" => "DeleteObject",
        "DeletePublicAccessBlock" | "PutPublicAccessBlock" => "PutBucketPublicAccessBlock",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" => "GetLifecycleConfiguration",
        "GetObject" | "HeadObject" if version => "GetObjectVersion",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "HeadBucket" | "ListObjectsV2" => "ListBucket",
        "HeadObject" => "GetObject",
        "ListBuckets" => "ListAllMyBuckets",
        "ListObjectVersions" => "ListBucketVersions",
        other => other,
    };
    format!("s3:{name}")
}

/// What an answer is about.
pub(super) fn subject(world: &World, input: &Value) -> Subject {
    let text = |name: &str| input.get(name)?.as_str().map(str::to_owned);
    let bucket = text("Bucket");
    let known = bucket.as_deref().and_then(|name| world.bucket(name));
    Subject {
        region: known.map(|bucket| bucket.region.clone()),
        key: text("Key"),
        bucket,
    }
}

impl<'a> Context<'a> {
    fn bucket_name(&self) -> &'a str {
        self.input["Bucket"].as_str().unwrap_or_default()
    }

    fn key(&self) -> &'a str {
        self.input["Key"].as_str().unwrap_or_default()
    }

    fn query(&self, name: &str) -> Option<&'a str> {
        self.input["Query"].get(name)?.as_str()
    }

    fn header(&self, name: &str) -> Option<&'a str> {
        self.input["Headers"].get(name)?.as_str()
    }

    /// The document that was sent, which must have this root.
    fn document(&self, root: &str) -> Result<Node, Refusal> {
        Some(Node::parse(self.payload)?)
            .filter(|node| node.name == root)
            .ok_or_else(malformed)
    }

    /// The bucket, if it answers here and the caller may do to it what the operation does.
    fn bucket<'w>(&self, world: &'w World) -> Result<&'w Bucket, Refusal> {
        let bucket = self.reach(world)?;
        self.permit(world, bucket, None)?;
        Ok(bucket)
    }

    /// The bucket, if it answers here: it exists, in the region that was signed for, and belongs to whom the caller
    /// expects (API reference, "Error responses": `PermanentRedirect`, `AuthorizationHeaderMalformed`; user guide,
    /// "Verifying bucket ownership with bucket owner condition").
    fn reach<'w>(&self, world: &'w World) -> Result<&'w Bucket, Refusal> {
        let bucket = world.known_bucket(self.bucket_name())?;
        let location_anywhere = self.operation == "GetBucketLocation";
        match self.region {
            Some("us-east-1") if location_anywhere => {}
            Some(region) if region == bucket.region => {}
            Some(region @ "us-east-1") => {
                return Err(Refusal::new(
                    "AuthorizationHeaderMalformed",
                    format!(
                        "The authorization header is malformed; the region '{region}' is wrong; expecting '{}'",
                        bucket.region
                    ),
                ));
            }
            Some(_) => {
                return Err(Refusal::new(
                    "PermanentRedirect",
                    "The bucket you are attempting to access must be addressed using the specified endpoint. \
                     Please send all future requests to this endpoint.",
                ));
            }
            None => {}
        }
        if self
            .header("x-amz-expected-bucket-owner")
            .is_some_and(|expected| bucket.owner != *expected)
        {
            return Err(Refusal::access_denied("Access Denied"));
        }
        Ok(bucket)
    }

    /// Whether the caller may do what the operation does, to the bucket or to one of its objects.
    fn permit(&self, world: &World, bucket: &Bucket, key: Option<&str>) -> Result<(), Refusal> {
        self.permit_action(world, bucket, key, &action(self.operation, self.input))
    }

    fn permit_action(
        &self,
        world: &World,
        bucket: &Bucket,
        key: Option<&str>,
        action: &str,
    ) -> Result<(), Refusal> {
        let arn = key.map_or_else(|| bucket.arn(), |key| bucket.object_arn(key));
        let policy = bucket.effective_policy();
        let resource = Resource {
            arn: &arn,
            owner: &bucket.owner,
            policy: policy.as_ref(),
        };
        let mut facts = Vec::new();
        for (fact, parameter) in [
            ("s3:prefix", "prefix"),
            ("s3:delimiter", "delimiter"),
            ("s3:max-keys", "max-keys"),
        ] {
            facts.extend(self.query(parameter).map(|value| (fact, value.to_owned())));
        }
        facts.extend(
            self.header("x-amz-acl")
                .map(|acl| ("s3:x-amz-acl", acl.to_owned())),
        );
        world.permit(self.caller, action, &resource, &facts)
    }
}
