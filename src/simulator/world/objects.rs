//! Objects and their versions (S3 user guide, "Retaining multiple versions of objects").

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;
use time::{Duration, OffsetDateTime};

use super::{Bucket, Refusal, Versioning, World};

/// What was put under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The content.
    pub body: Bytes,
    /// The entity tag, in quotes.
    pub etag: String,
    /// Its kind of content.
    pub content_type: String,
    /// The user's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// The header of a checksum and the checksum.
    pub checksum: (String, String),
    /// How it is encrypted.
    pub encryption: super::Encryption,
}

/// One version of what is under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// `null` for what was put while no versions were kept.
    pub(crate) id: String,
    /// When it was put.
    pub(crate) at: OffsetDateTime,
    /// `None` for a delete marker.
    pub(crate) object: Option<Object>,
}

/// The ID of what was put while no versions were kept.
const NULL: &str = "null";

/// What deleting came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deletion {
    /// The version that was deleted, or the marker that was made.
    pub(crate) version: Option<String>,
    /// Whether a delete marker was made or deleted.
    pub(crate) marker: bool,
}

impl Bucket {
    /// The objects from a key on, or after it.
    pub fn objects<'a>(
        &'a self,
        from: Bound<&str>,
    ) -> impl Iterator<Item = (&'a str, &'a Object, OffsetDateTime)> + use<'a> {
        self.objects
            .range::<str, _>((from, Bound::Unbounded))
            .filter_map(|(key, versions)| {
                let current = versions.last()?;
                Some((key.as_str(), current.object.as_ref()?, current.at))
            })
    }

    /// The object under a key.
    pub fn object(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)?.last()?.object.as_ref()
    }

    /// Every version of every object by key, the newest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, &Version, bool)> {
        self.objects.iter().flat_map(|(key, versions)| {
            let versions = versions.iter().rev().enumerate();
            versions.map(|(age, version)| (key.as_str(), version, age == 0))
        })
    }

    /// A version of what is under a key; the current one if none is named.
    pub(crate) fn version(&self, key: &str, id: Option<&str>) -> Option<&Version> {
        let versions = self.objects.get(key)?;
        match id {
            None => versions.last(),
            Some(id) => versions.iter().find(|version| version.id == id),
        }
    }

    fn put_version(&mut self, key: &str, version: Version) {
        let versions = self.objects.entry(key.to_owned()).or_default();
        if version.id == NULL {
            versions.retain(|known| known.id != NULL);
        }
        versions.push(version);
    }
}

impl World {
    fn version_id(&mut self, versioning: Versioning) -> String {
        match versioning {
            Versioning::Enabled => self.ids.object_version(),
            Versioning::Never | Versioning::Suspended => NULL.to_owned(),
        }
    }

    /// Puts an object; answers the version's ID if versions are kept.
    pub fn put_object(
        &mut self,
        bucket: &str,
        key: &str,
        object: Object,
    ) -> Result<Option<String>, Refusal> {
        let at = self.now;
        self.put_object_at(bucket, key, object, at)
    }

    pub(super) fn put_object_at(
        &mut self,
        bucket: &str,
        key: &str,
        object: Object,
        at: OffsetDateTime,
    ) -> Result<Option<String>, Refusal> {
        let versioning = self.known_bucket(bucket)?.versioning;
        let id = self.version_id(versioning);
        let version = Version {
            id: id.clone(),
            at,
            object: Some(object),
        };
        self.known_bucket_mut(bucket)?.put_version(key, version);
        Ok((versioning != Versioning::Never).then_some(id))
    }

    /// Deletes an object, or one version of it; what is not there is deleted already (API reference, `DeleteObject`).
    pub(crate) fn delete_object(
        &mut self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Deletion, Refusal> {
        let now = self.now;
        let versioning = self.known_bucket(bucket)?.versioning;
        if version.is_none() && versioning != Versioning::Never {
            let id = self.version_id(versioning);
            let marker = Version {
                id: id.clone(),
                at: now,
                object: None,
            };
            self.known_bucket_mut(bucket)?.put_version(key, marker);
            return Ok(Deletion {
                version: Some(id),
                marker: true,
            });
        }
        let wanted = version.unwrap_or(NULL);
        let bucket = self.known_bucket_mut(bucket)?;
        let Some(versions) = bucket.objects.get_mut(key) else {
            return Ok(Deletion::default());
        };
        let marker = versions
            .iter()
            .any(|known| known.id == wanted && known.object.is_none());
        versions.retain(|known| known.id != wanted);
        if versions.is_empty() {
            bucket.objects.remove(key);
        }
        Ok(Deletion {
            version: version.map(str::to_owned),
            marker,
        })
    }

    /// Lets objects expire whose lifecycle rule says so by prefix and days alone; others stay (user guide, "Expiring
    /// objects").
    pub(super) fn age_objects(&mut self) {
        let mut expired = Vec::new();
        for bucket in self.buckets.values() {
            for rule in bucket.lifecycle.iter().filter(|rule| rule.enabled) {
                let (Some(prefix), Some(days)) = (&rule.prefix, rule.expiration_days) else {
                    continue;
                };
                let until = self.now.saturating_sub(Duration::days(i64::from(days)));
                let old = bucket.objects(Bound::Included(prefix.as_str()));
                let old = old
                    .take_while(|(key, ..)| key.starts_with(prefix))
                    .filter(|(_, _, at)| *at <= until);
                expired.extend(old.map(|(key, ..)| (bucket.name.clone(), key.to_owned())));
            }
        }
        for (bucket, key) in expired {
            // Each bucket was there a moment ago.
            let _ = self.delete_object(&bucket, &key, None);
        }
    }
}
