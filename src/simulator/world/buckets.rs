//! Buckets and their settings (S3 API reference and user guide).
//!
//! Names are unique in the whole world, whoever owns them; a bucket stays in the region it was made in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::evaluation::{self, strings};
use super::objects::Version;
use super::trust::items;
use super::{AccountId, Refusal, Tags, World};

/// A bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The name.
    pub name: String,
    /// The account it belongs to.
    pub owner: AccountId,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Where it is.
    pub region: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Its policy, as it was written.
    pub policy: Option<String>,
    /// What keeps the public out; all of it for a new bucket.
    pub public_access_block: Option<PublicAccessBlock>,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
    pub ownership: Option<String>,
    /// The canned access control list.
    pub acl: String,
    /// How versions are kept.
    pub versioning: Versioning,
    /// How objects are encrypted.
    pub encryption: Encryption,
    /// What happens to objects with time.
    pub lifecycle: Vec<LifecycleRule>,
    /// Its tags.
    pub tags: Tags,
    /// Every version of every object, by key, oldest first.
    pub(super) objects: BTreeMap<String, Vec<Version>>,
}

/// What keeps the public out (API reference, `PublicAccessBlockConfiguration`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub struct PublicAccessBlock {
    /// Requests with public access control lists are refused.
    pub block_public_acls: bool,
    /// Public access control lists have no effect.
    pub ignore_public_acls: bool,
    /// Public policies are refused.
    pub block_public_policy: bool,
    /// A public policy lets in the owner's account and AWS services alone.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// What a new bucket has (user guide, "Default settings for new S3 buckets", since April 2023).
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// How versions are kept (API reference, `GetBucketVersioning`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versioning {
    /// Not at all; the answer has no status.
    #[default]
    Never,
    /// Each write makes a version.
    Enabled,
    /// No longer; the versions stay.
    Suspended,
}

/// How objects are encrypted (API reference, `ServerSideEncryptionByDefault`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The key, if one was named.
    pub kms_key: Option<String>,
    /// Whether a bucket key saves calls to KMS.
    pub bucket_key: bool,
}

impl Default for Encryption {
    /// What every bucket has that says nothing else (user guide, "Setting default server-side encryption behavior",
    /// since January 2023).
    fn default() -> Self {
        Self {
            algorithm: "AES256".to_owned(),
            kms_key: None,
            bucket_key: false,
        }
    }
}

/// A rule about what happens to objects with time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleRule {
    /// The name, given or made up.
    pub id: String,
    /// Whether it is applied.
    pub enabled: bool,
    /// Which keys it is about, if it says so by nothing but a prefix.
    pub prefix: Option<String>,
    /// After how many days objects expire, if they do.
    pub expiration_days: Option<u32>,
    /// The rule, as it was written.
    pub document: String,
}

/// A bucket to arrange.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketSpec {
    /// The account it belongs to.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// Where it is; `us-east-1` if nothing is said.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// Its policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Value>,
    /// Whether its policy lets cost and usage reports in, as the console would write it; not together with `policy`.
    #[serde(default)]
    pub takes_reports: bool,
}

fn us_east_1() -> String {
    "us-east-1".to_owned()
}

impl BucketSpec {
    /// A bucket in `us-east-1` without a policy.
    pub fn new(account: impl Into<AccountId>, name: &str) -> Self {
        Self {
            account: account.into(),
            name: name.to_owned(),
            region: us_east_1(),
            policy: None,
            takes_reports: false,
        }
    }

    /// In another region.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// With a policy that lets cost and usage reports in.
    #[must_use]
    pub fn taking_reports(mut self) -> Self {
        self.takes_reports = true;
        self
    }
}

impl Bucket {
    /// `arn:aws:s3:::name`.
    pub fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.name)
    }

    /// The ARN of an object.
    pub fn object_arn(&self, key: &str) -> String {
        format!("{}/{key}", self.arn())
    }

    /// The policy, read.
    pub(crate) fn policy_document(&self) -> Option<Value> {
        serde_json::from_str(self.policy.as_deref()?).ok()
    }

    /// The policy as it takes effect: a public one lets nobody in whom the owner wants to keep out.
    pub(crate) fn effective_policy(&self) -> Option<Value> {
        let restricted = self
            .public_access_block
            .is_some_and(|block| block.restrict_public_buckets);
        self.policy_document()
            .filter(|document| !(restricted && evaluation::is_public(document)))
    }

    /// Whether everybody is let in.
    pub(crate) fn is_public(&self) -> bool {
        self.policy_document()
            .is_some_and(|document| evaluation::is_public(&document))
    }

    /// Whether access control lists are switched off.
    pub(crate) fn enforces_owner(&self) -> bool {
        self.ownership.as_deref() == Some("BucketOwnerEnforced")
    }
}

/// How many buckets an account may have (user guide, "Bucket quotas").
const BUCKETS: usize = 10_000;
/// How long a policy may be (user guide, "Bucket policies": 20 KB).
const POLICY_BYTES: usize = 20 * 1_024;

impl World {
    /// Every bucket, by name.
    pub fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        self.buckets.values()
    }

    /// A bucket by its name.
    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// A bucket, to arrange it.
    pub fn bucket_mut(&mut self, name: &str) -> Option<&mut Bucket> {
        self.buckets.get_mut(name)
    }

    /// A bucket by its name, or S3's answer that there is none.
    pub(crate) fn known_bucket(&self, name: &str) -> Result<&Bucket, Refusal> {
        self.bucket(name).ok_or_else(no_bucket)
    }

    /// As [`World::known_bucket`], to change it.
    pub(crate) fn known_bucket_mut(&mut self, name: &str) -> Result<&mut Bucket, Refusal> {
        self.buckets.get_mut(name).ok_or_else(no_bucket)
    }

    /// Arranges a bucket; an existing one of the same account keeps its objects.
    pub fn arrange_bucket(&mut self, spec: &BucketSpec) -> Result<(), Refusal> {
        if self
            .bucket(&spec.name)
            .is_none_or(|bucket| bucket.owner != spec.account)
        {
            self.create_bucket(&spec.account, &spec.name, &spec.region)?;
        }
        let document = match &spec.policy {
            Some(policy) => policy.clone(),
            None if spec.takes_reports => {
                self.known_account(&spec.account)?;
                super::delivery::bucket_policy(self.known_bucket(&spec.name)?)
            }
            None => return Ok(()),
        };
        self.put_bucket_policy(&spec.name, &document.to_string())
    }

    /// Creates a bucket (API reference, `CreateBucket`). Asking again for one's own bucket is an error, except in
    /// `us-east-1`, where it succeeds for historical reasons and changes nothing.
    pub(crate) fn create_bucket(
        &mut self,
        owner: &AccountId,
        name: &str,
        region: &str,
    ) -> Result<(), Refusal> {
        let partition = self.known_account(owner)?.partition.clone();
        if let Some(bucket) = self.buckets.get(name) {
            return match bucket.owner == *owner {
                true if bucket.region == region && region == "us-east-1" => Ok(()),
                true => Err(Refusal::new(
                    "BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.",
                )),
                false => Err(Refusal::new(
                    "BucketAlreadyExists",
                    "The requested bucket name is not available. The bucket namespace is shared by all users of the system.",
                )),
            };
        }
        if self
            .buckets
            .values()
            .filter(|bucket| bucket.owner == *owner)
            .count()
            >= BUCKETS
        {
            return Err(Refusal::new(
                "TooManyBuckets",
                "You have attempted to create more buckets than allowed",
            ));
        }
        let bucket = Bucket {
            name: name.to_owned(),
            owner: owner.clone(),
            partition,
            region: region.to_owned(),
            created_at: self.now,
            policy: None,
            public_access_block: Some(PublicAccessBlock::ALL),
            ownership: Some("BucketOwnerEnforced".to_owned()),
            acl: "private".to_owned(),
            versioning: Versioning::Never,
            encryption: Encryption::default(),
            lifecycle: Vec::new(),
            tags: Tags::new(),
            objects: BTreeMap::new(),
        };
        self.buckets.insert(name.to_owned(), bucket);
        Ok(())
    }

    /// Deletes a bucket without objects, versions and delete markers (API reference, `DeleteBucket`).
    pub(crate) fn delete_bucket(&mut self, name: &str) -> Result<(), Refusal> {
        if !self.known_bucket(name)?.objects.is_empty() {
            return Err(Refusal::new(
                "BucketNotEmpty",
                "The bucket you tried to delete is not empty",
            ));
        }
        self.buckets.remove(name);
        Ok(())
    }

    /// Writes a bucket's policy (API reference, `PutBucketPolicy`).
    pub(crate) fn put_bucket_policy(&mut self, name: &str, text: &str) -> Result<(), Refusal> {
        let bucket = self.known_bucket(name)?;
        let document = self.checked_policy(bucket, text)?;
        let blocked = bucket
            .public_access_block
            .is_some_and(|block| block.block_public_policy);
        if blocked && evaluation::is_public(&document) {
            return Err(Refusal::access_denied(
                "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            ));
        }
        self.known_bucket_mut(name)?.policy = Some(text.to_owned());
        Ok(())
    }

    /// What S3 checks about a policy (user guide, "Bucket policies" and "Troubleshoot access denied errors"; error
    /// `MalformedPolicy`).
    fn checked_policy(&self, bucket: &Bucket, text: &str) -> Result<Value, Refusal> {
        if text.len() > POLICY_BYTES {
            return Err(malformed(
                "Policy exceeds the maximum allowed document size.",
            ));
        }
        let document: Value = serde_json::from_str(text)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| {
                malformed("Policies must be valid JSON and the first byte must be '{'")
            })?;
        if !matches!(
            document.get("Version").and_then(Value::as_str),
            None | Some("2012-10-17" | "2008-10-17")
        ) {
            return Err(malformed("The policy must contain a valid version string"));
        }
        let statements = items(document.get("Statement"));
        if statements.is_empty() {
            return Err(malformed("Could not parse the policy: Statement is empty!"));
        }
        let mut ids = Vec::new();
        for statement in statements {
            self.check_statement(bucket, statement)?;
            if let Some(id) = statement.get("Sid").and_then(Value::as_str) {
                if ids.contains(&id) {
                    return Err(malformed(
                        "Statement IDs (SID) in a single policy must be unique.",
                    ));
                }
                ids.push(id);
            }
        }
        Ok(document)
    }

    fn check_statement(&self, bucket: &Bucket, statement: &Value) -> Result<(), Refusal> {
        let either = |one, other| statement.get(one).or_else(|| statement.get(other));
        let effect = statement.get("Effect").and_then(Value::as_str);
        if !matches!(effect, Some("Allow" | "Deny")) {
            return Err(malformed("Missing required field Effect"));
        }
        let principal = either("Principal", "NotPrincipal")
            .ok_or_else(|| malformed("Missing required field Principal"))?;
        self.check_principal(principal)?;
        let actions = either("Action", "NotAction")
            .ok_or_else(|| malformed("Missing required field Action"))?;
        if strings(actions).any(|action| action != "*" && !action.to_lowercase().starts_with("s3:"))
        {
            return Err(malformed("Policy has invalid action"));
        }
        let resources = either("Resource", "NotResource")
            .ok_or_else(|| malformed("Missing required field Resource"))?;
        let arn = bucket.arn();
        let inside = |resource: &str| {
            resource == arn
                || resource
                    .strip_prefix(&arn)
                    .is_some_and(|rest| rest.starts_with(['/', '*']))
        };
        if !strings(resources).all(inside) {
            return Err(malformed("Policy has invalid resource"));
        }
        Ok(())
    }

    /// A principal that does not exist is refused. Accounts that are not part of this world are taken to exist.
    fn check_principal(&self, principal: &Value) -> Result<(), Refusal> {
        let invalid = || malformed("Invalid principal in policy");
        let kinds = match principal {
            Value::String(text) if text == "*" => return Ok(()),
            Value::Object(kinds) if !kinds.is_empty() => kinds,
            _ => return Err(invalid()),
        };
        for (kind, names) in kinds {
            let known = match kind.as_str() {
                "AWS" => strings(names).all(|name| self.principal_may_exist(name)),
                "Service" => strings(names).all(|name| name.ends_with(".amazonaws.com")),
                "Federated" | "CanonicalUser" => true,
                _ => false,
            };
            if !known {
                return Err(invalid());
            }
        }
        Ok(())
    }

    /// Whether the world knows no better than that there is such a principal.
    pub(super) fn principal_may_exist(&self, name: &str) -> bool {
        if name == "*" || evaluation::account_of(name).is_some() {
            return true;
        }
        let parts: Vec<&str> = name.splitn(6, ':').collect();
        let ["arn", _, "iam" | "sts", "", account, resource] = parts[..] else {
            return false;
        };
        match resource.split_once('/') {
            Some(("role", _)) if self.account(account).is_some() => {
                self.role_by_arn(name).is_some()
            }
            Some(("role" | "user" | "assumed-role" | "federated-user", _)) => {
                AccountId::is_valid(account)
            }
            _ => false,
        }
    }
}

fn no_bucket() -> Refusal {
    Refusal::new("NoSuchBucket", "The specified bucket does not exist")
}

fn malformed(message: &str) -> Refusal {
    Refusal::new("MalformedPolicy", message)
}
