//! Deleting objects, one or many at once.

use super::super::{Context, RestAnswer};
use crate::checksum::Algorithm;
use crate::wire::rest_xml::{Reply, malformed};
use crate::world::{Refusal, World};

/// How many objects one request may name (API reference, `DeleteObjects`).
const OBJECTS: usize = 1_000;

/// `DeleteObject`.
pub(super) fn delete_object(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let key = context.key();
    let bucket = context.reach(world)?;
    context.permit(world, bucket, Some(key))?;
    let deletion = world.delete_object(context.bucket_name(), key, context.query("versionId"))?;
    let mut reply = Reply::status(204);
    if let Some(version) = deletion.version {
        reply = reply.with("x-amz-version-id", version);
    }
    if deletion.marker {
        reply = reply.with("x-amz-delete-marker", true);
    }
    Ok(reply)
}

/// `DeleteObjects`; each object that may not be deleted is told in the answer.
pub(super) fn delete_objects(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let checked = context.header("content-md5").is_some()
        || Algorithm::ALL
            .iter()
            .any(|algorithm| context.header(algorithm.header()).is_some());
    if !checked {
        return Err(Refusal::new(
            "InvalidRequest",
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
        ));
    }
    context.reach(world)?;
    let document = context.document("Delete")?;
    let objects: Vec<_> = document.all("Object").collect();
    if objects.is_empty() || objects.len() > OBJECTS {
        return Err(malformed());
    }
    let quiet = document.text_of("Quiet") == Some("true");
    let mut outcomes = Vec::new();
    for object in objects {
        let key = object.text_of("Key").ok_or_else(malformed)?;
        let version = object.text_of("VersionId");
        let action = match version {
            Some(_) => "s3:DeleteObjectVersion",
            None => "s3:DeleteObject",
        };
        let bucket = world.known_bucket(context.bucket_name())?;
        let outcome = context
            .permit_action(world, bucket, Some(key), action)
            .and_then(|()| world.delete_object(context.bucket_name(), key, version));
        outcomes.push((key, version, outcome));
    }
    Ok(Reply::xml("DeleteResult", |xml| {
        for (key, version, outcome) in &outcomes {
            match outcome {
                Ok(_) if quiet => {}
                Ok(deletion) => xml.element("Deleted", |xml| {
                    xml.text("Key", key);
                    xml.optional("VersionId", version.as_ref());
                    if deletion.marker {
                        xml.text("DeleteMarker", true);
                        xml.optional("DeleteMarkerVersionId", deletion.version.as_ref());
                    }
                }),
                Err(refusal) => xml.element("Error", |xml| {
                    xml.text("Key", key);
                    xml.optional("VersionId", version.as_ref());
                    xml.text("Code", "AccessDenied");
                    xml.text("Message", &refusal.message);
                }),
            }
        }
    }))
}
