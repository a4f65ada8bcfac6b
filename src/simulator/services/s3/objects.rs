//! Objects: putting and getting them.

use std::ops::RangeInclusive;

use super::super::{Context, RestAnswer};
use crate::checksum::{self, Algorithm};
use crate::clock::http_date;
use crate::wire::rest_xml::Reply;
use crate::world::{Encryption, Object, Refusal, Versioning, World};

/// How long a key may be (user guide, "Naming Amazon S3 objects").
const KEY_BYTES: usize = 1_024;
const METADATA: &str = "x-amz-meta-";

/// `PutObject`.
pub(super) fn put(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let key = context.key();
    let bucket = context.reach(world)?;
    context.permit(world, bucket, Some(key))?;
    if key.len() > KEY_BYTES {
        return Err(Refusal::new("KeyTooLongError", "Your key is too long"));
    }
    let acl = context.header("x-amz-acl");
    if bucket.enforces_owner() && acl.is_some_and(|acl| acl != "bucket-owner-full-control") {
        return Err(Refusal::new(
            "AccessControlListNotSupported",
            "The bucket does not allow ACLs",
        ));
    }
    check_preconditions(context, bucket.object(key))?;
    let encryption = match context.header("x-amz-server-side-encryption") {
        None => bucket.encryption.clone(),
        Some(algorithm) => Encryption {
            algorithm: algorithm.to_owned(),
            kms_key: context
                .header("x-amz-server-side-encryption-aws-kms-key-id")
                .map(str::to_owned),
            bucket_key: false,
        },
    };
    let headers = context.input["Headers"].as_object().into_iter().flatten();
    let metadata = headers.filter_map(|(name, value)| {
        Some((
            name.strip_prefix(METADATA)?.to_owned(),
            value.as_str()?.to_owned(),
        ))
    });
    let chosen = Algorithm::ALL.into_iter().find(|algorithm| {
        let announced = context.header("x-amz-trailer") == Some(algorithm.header());
        announced || context.header(algorithm.header()).is_some()
    });
    let algorithm = chosen.unwrap_or(Algorithm::Crc64Nvme);
    let object = Object {
        body: context.payload.clone(),
        etag: format!("\"{}\"", checksum::md5_hex(context.payload)),
        content_type: context
            .header("content-type")
            .unwrap_or("binary/octet-stream")
            .to_owned(),
        metadata: metadata.collect(),
        checksum: (algorithm.header().to_owned(), algorithm.of(context.payload)),
        encryption,
    };
    let reply = describe(Reply::status(200), &object).with(&object.checksum.0, &object.checksum.1);
    let version = world.put_object(context.bucket_name(), key, object)?;
    Ok(match version {
        Some(version) => reply.with("x-amz-version-id", version),
        None => reply,
    })
}

/// `If-None-Match: *` puts what is not there, `If-Match` what is as it was (user guide, "Add preconditions to S3
/// operations with conditional requests").
fn check_preconditions(context: &Context<'_>, current: Option<&Object>) -> Result<(), Refusal> {
    let absent = context.header("if-none-match") == Some("*");
    let wanted = context.header("if-match");
    let unchanged = wanted.is_none_or(|tag| current.is_some_and(|object| same_tag(tag, object)));
    if (absent && current.is_some()) || !unchanged {
        return Err(failed_precondition());
    }
    Ok(())
}

fn failed_precondition() -> Refusal {
    Refusal::new(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
}

fn same_tag(tag: &str, object: &Object) -> bool {
    tag == "*" || tag.trim_matches('"') == object.etag.trim_matches('"')
}

/// `GetObject` and `HeadObject`. Without permission to list the bucket, what is not there is denied like all else.
pub(super) fn get(world: &World, context: &Context<'_>) -> RestAnswer {
    let key = context.key();
    let bucket = context.reach(world)?;
    context.permit(world, bucket, Some(key))?;
    let id = context.query("versionId");
    let Some(version) = bucket.version(key, id) else {
        context.permit_action(world, bucket, None, "s3:ListBucket")?;
        return Err(match id {
            None => Refusal::new("NoSuchKey", "The specified key does not exist."),
            Some(_) => Refusal::new("NoSuchVersion", "The specified version does not exist."),
        });
    };
    let Some(object) = &version.object else {
        return Err(match id {
            None => Refusal::new("NoSuchKey", "The specified key does not exist."),
            Some(_) => Refusal::new(
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            ),
        });
    };
    if context
        .header("if-match")
        .is_some_and(|tag| !same_tag(tag, object))
    {
        return Err(failed_precondition());
    }
    if context
        .header("if-none-match")
        .is_some_and(|tag| same_tag(tag, object))
    {
        return Err(Refusal::new("NotModified", "Not Modified"));
    }
    let mut reply = describe(Reply::status(200), object)
        .with("accept-ranges", "bytes")
        .with("last-modified", http_date(version.at))
        .with("content-type", &object.content_type);
    for (name, value) in &object.metadata {
        reply = reply.with(&format!("{METADATA}{name}"), value);
    }
    if bucket.versioning != Versioning::Never {
        reply = reply.with("x-amz-version-id", &version.id);
    }
    let Some(range) = context
        .header("range")
        .and_then(|range| parse_range(range, object.body.len()))
    else {
        if context.header("x-amz-checksum-mode") == Some("ENABLED") {
            reply = reply
                .with(&object.checksum.0, &object.checksum.1)
                .with("x-amz-checksum-type", "FULL_OBJECT");
        }
        reply.body = object.body.clone();
        return Ok(reply);
    };
    let range = range?;
    reply.status = 206;
    reply = reply.with(
        "content-range",
        format!(
            "bytes {}-{}/{}",
            range.start(),
            range.end(),
            object.body.len()
        ),
    );
    reply.body = object.body.slice(range);
    Ok(reply)
}

fn describe(reply: Reply, object: &Object) -> Reply {
    let encryption = &object.encryption;
    let reply = reply
        .with("etag", &object.etag)
        .with("x-amz-server-side-encryption", &encryption.algorithm);
    match &encryption.kms_key {
        Some(key) => reply.with("x-amz-server-side-encryption-aws-kms-key-id", key),
        None => reply,
    }
}

/// A range of bytes (RFC 9110, "Range Requests"); what is no range is as if it had not been said.
fn parse_range(header: &str, length: usize) -> Option<Result<RangeInclusive<usize>, Refusal>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.parse::<usize>().ok();
    let end = length.checked_sub(1);
    let range = match (first, last) {
        ("", count) => {
            let count = number(count)?;
            end.filter(|_| count > 0)
                .map(|end| length.saturating_sub(count)..=end)
        }
        (first, "") => {
            let first = number(first)?;
            end.filter(|end| first <= *end).map(|end| first..=end)
        }
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            end.filter(|end| first <= *end)
                .map(|end| first..=last.min(end))
        }
    };
    Some(
        range.ok_or_else(|| Refusal::new("InvalidRange", "The requested range is not satisfiable")),
    )
}
