//! Listing objects and versions.

use std::collections::BTreeSet;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::{Context, RestAnswer};
use crate::clock::iso_milliseconds;
use crate::wire::rest_xml::{Reply, Xml};
use crate::world::{Refusal, World, canonical_user};

/// The most that one page has, and what it has if nothing is said.
const PAGE: usize = 1_000;

/// What is to be listed.
struct Request<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    size: usize,
    encode: bool,
}

impl<'a> Request<'a> {
    fn of(context: &Context<'a>) -> Result<Self, Refusal> {
        let size = match context.query("max-keys") {
            None => PAGE,
            Some(text) => text.parse::<usize>().map_err(|_| {
                Refusal::new(
                    "InvalidArgument",
                    "Argument max-keys must be an integer between 0 and 2147483647",
                )
            })?,
        };
        Ok(Self {
            prefix: context.query("prefix").unwrap_or_default(),
            delimiter: context.query("delimiter").filter(|text| !text.is_empty()),
            size: size.min(PAGE),
            encode: context.query("encoding-type") == Some("url"),
        })
    }

    /// What a key is rolled up into, up to the first delimiter behind the prefix.
    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let behind = &key[self.prefix.len()..];
        let at = behind.find(delimiter)?;
        Some(&key[..self.prefix.len() + at + delimiter.len()])
    }

    fn write(&self, text: &str) -> String {
        if self.encode {
            utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
        } else {
            text.to_owned()
        }
    }

    fn head(&self, xml: &mut Xml, bucket: &str, more: bool) {
        xml.text("Name", bucket);
        xml.text("Prefix", self.write(self.prefix));
        xml.optional("Delimiter", self.delimiter.map(|text| self.write(text)));
        xml.text("MaxKeys", self.size);
        xml.text("IsTruncated", more);
    }

    fn common_prefixes(&self, xml: &mut Xml, prefixes: &BTreeSet<&str>) {
        for prefix in prefixes {
            xml.element("CommonPrefixes", |xml| {
                xml.text("Prefix", self.write(prefix));
            });
        }
    }
}

/// `ListObjectsV2`: keys in order; common prefixes count like keys. The token says behind what the next page begins.
pub(super) fn objects(world: &World, context: &Context<'_>) -> RestAnswer {
    let bucket = context.bucket(world)?;
    let request = Request::of(context)?;
    let token = context.query("continuation-token");
    let after = match token {
        None => context.query("start-after").unwrap_or_default().to_owned(),
        Some(token) => read_token(token)?,
    };
    let (mut found, mut prefixes, mut last, mut more) = (Vec::new(), BTreeSet::new(), None, false);
    let from = request.prefix.max(after.as_str());
    for (key, object, at) in bucket.objects(Bound::Included(from)) {
        if !key.starts_with(request.prefix) {
            if key > request.prefix {
                break;
            }
            continue;
        }
        let common = request.common_prefix(key);
        let place = common.unwrap_or(key);
        if place <= after.as_str() || prefixes.contains(place) {
            continue;
        }
        if found.len() + prefixes.len() == request.size {
            more = true;
            break;
        }
        last = Some(place);
        match common {
            Some(common) => {
                prefixes.insert(common);
            }
            None => found.push((key, object, at)),
        }
    }
    let owner =
        (context.query("fetch-owner") == Some("true")).then(|| canonical_user(&bucket.owner));
    Ok(Reply::xml("ListBucketResult", |xml| {
        request.head(xml, &bucket.name, more);
        xml.text("KeyCount", found.len() + prefixes.len());
        xml.optional("ContinuationToken", token);
        xml.optional("StartAfter", context.query("start-after"));
        xml.optional(
            "NextContinuationToken",
            last.filter(|_| more).map(|last| STANDARD.encode(last)),
        );
        for (key, object, at) in &found {
            xml.element("Contents", |xml| {
                xml.text("Key", request.write(key));
                xml.text("LastModified", iso_milliseconds(*at));
                xml.text("ETag", &object.etag);
                xml.text("Size", object.body.len());
                xml.text("StorageClass", "STANDARD");
                if let Some(owner) = &owner {
                    xml.element("Owner", |xml| xml.text("ID", owner));
                }
            });
        }
        request.common_prefixes(xml, &prefixes);
    }))
}

fn read_token(token: &str) -> Result<String, Refusal> {
    STANDARD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            Refusal::new(
                "InvalidArgument",
                "The continuation token provided is incorrect",
            )
        })
}

/// `ListObjectVersions`: by key, the newest first.
pub(super) fn versions(world: &World, context: &Context<'_>) -> RestAnswer {
    let bucket = context.bucket(world)?;
    let request = Request::of(context)?;
    let key_marker = context.query("key-marker").unwrap_or_default();
    let version_marker = context.query("version-id-marker");
    // Behind the marker are later keys, and under its own key the versions behind the named one.
    let mut passed = version_marker.is_none();
    let behind = bucket.versions().filter(|(key, version, _)| {
        if *key != key_marker || key_marker.is_empty() {
            return *key > key_marker;
        }
        let take = passed && version_marker.is_some();
        passed |= version_marker == Some(version.id.as_str());
        take
    });
    let mut page: Vec<_> = behind
        .filter(|(key, ..)| key.starts_with(request.prefix))
        .take(request.size + 1)
        .collect();
    let more = page.len() > request.size;
    page.truncate(request.size);
    let owner = canonical_user(&bucket.owner);
    Ok(Reply::xml("ListVersionsResult", |xml| {
        request.head(xml, &bucket.name, more);
        xml.text("KeyMarker", request.write(key_marker));
        xml.text("VersionIdMarker", version_marker.unwrap_or_default());
        if let Some((key, version, _)) = page.last().filter(|_| more) {
            xml.text("NextKeyMarker", request.write(key));
            xml.text("NextVersionIdMarker", &version.id);
        }
        for (key, version, latest) in &page {
            let name = match version.object {
                Some(_) => "Version",
                None => "DeleteMarker",
            };
            xml.element(name, |xml| {
                xml.text("Key", request.write(key));
                xml.text("VersionId", &version.id);
                xml.text("IsLatest", latest);
                xml.text("LastModified", iso_milliseconds(version.at));
                if let Some(object) = &version.object {
                    xml.text("ETag", &object.etag);
                    xml.text("Size", object.body.len());
                    xml.text("StorageClass", "STANDARD");
                }
                xml.element("Owner", |xml| xml.text("ID", &owner));
            });
        }
    }))
}
