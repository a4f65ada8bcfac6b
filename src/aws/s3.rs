//! S3 in domain words: a bucket for reports, its settings and its objects.
//!
//! Every call names the account that must own the bucket, so that a name taken over by someone else is
//! never trusted. A bucket's policy and tags can only be written as a whole: changes of one bucket wait for
//! each other, and what others wrote is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder as Override;
use aws_sdk_s3::types as sdk;
use time::OffsetDateTime;

use super::call;
use super::error::{Call, Failure};
use super::policy::PolicyDocument;
use super::types::{AccountId, BucketName, Region, Tags, tags};
use crate::framework::{Cx, Diagnostic, DomainText};

/// Largest object that is read into memory: a manifest with thousands of files is smaller.
const LARGEST_READ: i64 = 16 * 1024 * 1024;

/// Most objects that one call deletes (`DeleteObjects` in the Amazon S3 API reference).
const DELETE_AT_ONCE: usize = 1000;

/// Region whose buckets are created without naming it.
const CLASSIC: &str = "us-east-1";

/// What all sessions of the process have in common: one change of a bucket at a time.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<HashMap<BucketName, Arc<tokio::sync::Mutex<()>>>>);

impl Shared {
    fn queue(&self, bucket: &BucketName) -> Arc<tokio::sync::Mutex<()>> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(bucket.clone()).or_default())
    }
}

/// S3 in one Region, as one session sees it; cheap to clone.
#[derive(Clone, Debug)]
pub struct S3 {
    client: Client,
    region: Option<Region>,
    owner: Option<AccountId>,
    shared: Arc<Shared>,
}

/// How objects of a bucket are encrypted unless they say otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// With keys that S3 manages.
    Managed,
    /// With a key of KMS.
    Kms(String),
}

/// An object, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Key of the object.
    pub key: String,
    /// Size in bytes.
    pub size: i64,
    /// When it was written.
    pub modified_at: Option<OffsetDateTime>,
}

/// Makes the customized form of a call: in the bucket's Region.
macro_rules! in_region {
    ($s3:expr, $call:expr) => {
        $call.customize().config_override($s3.settings())
    };
}

impl S3 {
    /// S3 with the credentials of the client, which belong to the account.
    pub(super) fn new(client: Client, owner: Option<AccountId>, shared: Arc<Shared>) -> Self {
        Self {
            client,
            region: None,
            owner,
            shared,
        }
    }

    /// S3 in the Region.
    pub(super) fn within(self, region: &Region) -> Self {
        Self {
            region: Some(region.clone()),
            ..self
        }
    }

    fn settings(&self) -> Override {
        match &self.region {
            Some(region) => {
                Override::new().region(aws_sdk_s3::config::Region::new(region.to_string()))
            }
            None => Override::new(),
        }
    }

    fn owner(&self) -> Option<String> {
        self.owner.as_ref().map(ToString::to_string)
    }

    /// Region of the bucket; `None` if there is no such bucket.
    pub async fn region_of(&self, cx: &Cx, bucket: &BucketName) -> Result<Option<Region>, Failure> {
        let call =
            Call::new("HeadBucket", format!("look at bucket {bucket}")).allowed_by("s3:ListBucket");
        let head = self.client.head_bucket().bucket(bucket.as_str());
        let head = head.set_expected_bucket_owner(self.owner());
        let Some(answer) = found(call::read(cx, &call, in_region!(self, head).send()).await)?
        else {
            return Ok(None);
        };
        let named = answer.bucket_region().map(Region::parse);
        let named = named.transpose().map_err(Failure::bug)?;
        Ok(named.or_else(|| self.region.clone()))
    }

    /// Creates the bucket. One that the account owns already is a success.
    pub async fn create(&self, cx: &Cx, bucket: &BucketName) -> Result<(), Failure> {
        let call = Call::new("CreateBucket", format!("create bucket {bucket}"))
            .allowed_by("s3:CreateBucket");
        let elsewhere = self
            .region
            .as_ref()
            .filter(|region| region.as_str() != CLASSIC);
        let location = elsewhere.map(|region| {
            sdk::CreateBucketConfiguration::builder()
                .location_constraint(region.as_str().into())
                .build()
        });
        let create = self
            .client
            .create_bucket()
            .bucket(bucket.as_str())
            .set_create_bucket_configuration(location);
        let created = call::write(cx, &call, (), |wire| {
            in_region!(self, create.clone()).interceptor(wire).send()
        });
        match created.await {
            Err(failure) if failure.is("BucketAlreadyOwnedByYou") => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Deletes the bucket, which must be empty. One that is gone already is a success.
    pub async fn delete(&self, cx: &Cx, bucket: &BucketName) -> Result<(), Failure> {
        let call = Call::new("DeleteBucket", format!("delete bucket {bucket}"))
            .allowed_by("s3:DeleteBucket");
        let delete = self.client.delete_bucket().bucket(bucket.as_str());
        let delete = delete.set_expected_bucket_owner(self.owner());
        let deleted = call::write(cx, &call, (), |wire| {
            in_region!(self, delete.clone()).interceptor(wire).send()
        });
        found(deleted.await).map(drop)
    }

    /// Deletes every object of the bucket, in all its versions.
    pub async fn empty(&self, cx: &Cx, bucket: &BucketName) -> Result<(), Failure> {
        let versions = self.versions(cx, bucket).await?;
        let call = Call::new("DeleteObjects", format!("empty bucket {bucket}"))
            .allowed_by("s3:DeleteObjectVersion");
        for some in versions.chunks(DELETE_AT_ONCE) {
            let these = sdk::Delete::builder()
                .set_objects(Some(some.to_vec()))
                .quiet(true)
                .build()
                .map_err(Failure::bug)?;
            let delete = self.client.delete_objects().bucket(bucket.as_str());
            let delete = delete.delete(these).set_expected_bucket_owner(self.owner());
            let deleted = call::write(cx, &call, (), |wire| {
                in_region!(self, delete.clone()).interceptor(wire).send()
            });
            // An answer may be a success and yet name objects that are still there.
            if let Some(kept) = deleted.await?.errors().first() {
                return Err(still_there(bucket, kept));
            }
        }
        Ok(())
    }

    async fn versions(
        &self,
        cx: &Cx,
        bucket: &BucketName,
    ) -> Result<Vec<sdk::ObjectIdentifier>, Failure> {
        let call = Call::new("ListObjectVersions", format!("list bucket {bucket}"))
            .allowed_by("s3:ListBucketVersions");
        let (mut versions, mut from) = (Vec::new(), (None, None));
        loop {
            let list = self
                .client
                .list_object_versions()
                .bucket(bucket.as_str())
                .set_key_marker(from.0)
                .set_version_id_marker(from.1)
                .set_expected_bucket_owner(self.owner());
            let page = call::read(cx, &call, in_region!(self, list).send()).await?;
            let kept = page
                .versions()
                .iter()
                .map(|one| (&one.key, &one.version_id));
            let gone = page
                .delete_markers()
                .iter()
                .map(|one| (&one.key, &one.version_id));
            for (key, version) in kept.chain(gone) {
                let id = sdk::ObjectIdentifier::builder()
                    .set_key(key.clone())
                    .set_version_id(version.clone());
                versions.push(id.build().map_err(Failure::bug)?);
            }
            if !page.is_truncated().unwrap_or_default() {
                return Ok(versions);
            }
            from = (page.next_key_marker, page.next_version_id_marker);
        }
    }

    /// Whether nothing in the bucket can be made public.
    pub async fn blocks_public_access(
        &self,
        cx: &Cx,
        bucket: &BucketName,
    ) -> Result<bool, Failure> {
        let call = Call::new("GetPublicAccessBlock", format!("look at bucket {bucket}"))
            .allowed_by("s3:GetBucketPublicAccessBlock");
        let get = self
            .client
            .get_public_access_block()
            .bucket(bucket.as_str());
        let get = get.set_expected_bucket_owner(self.owner());
        let answer = found(call::read(cx, &call, in_region!(self, get).send()).await)?;
        let all = |found: &sdk::PublicAccessBlockConfiguration| {
            [
                found.block_public_acls,
                found.ignore_public_acls,
                found.block_public_policy,
                found.restrict_public_buckets,
            ]
            .iter()
            .all(|one| *one == Some(true))
        };
        let found = answer.and_then(|answer| answer.public_access_block_configuration);
        Ok(found.as_ref().is_some_and(all))
    }

    /// Keeps everything in the bucket from being made public.
    pub async fn block_public_access(&self, cx: &Cx, bucket: &BucketName) -> Result<(), Failure> {
        let call = Call::new(
            "PutPublicAccessBlock",
            format!("block public access to bucket {bucket}"),
        )
        .allowed_by("s3:PutBucketPublicAccessBlock");
        let all = sdk::PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let put = self
            .client
            .put_public_access_block()
            .bucket(bucket.as_str())
            .public_access_block_configuration(all)
            .set_expected_bucket_owner(self.owner());
        let put = call::write(cx, &call, (), |wire| {
            in_region!(self, put.clone()).interceptor(wire).send()
        });
        put.await.map(drop)
    }

    /// Whether the bucket's owner owns all objects in it, and no ACL counts.
    pub async fn enforces_owner(&self, cx: &Cx, bucket: &BucketName) -> Result<bool, Failure> {
        let call = Call::new(
            "GetBucketOwnershipControls",
            format!("look at bucket {bucket}"),
        )
        .allowed_by("s3:GetBucketOwnershipControls");
        let get = self
            .client
            .get_bucket_ownership_controls()
            .bucket(bucket.as_str());
        let get = get.set_expected_bucket_owner(self.owner());
        let answer = found(call::read(cx, &call, in_region!(self, get).send()).await)?;
        let rules = answer.and_then(|answer| answer.ownership_controls);
        let enforced = sdk::ObjectOwnership::BucketOwnerEnforced;
        Ok(rules.is_some_and(|found| {
            found
                .rules()
                .iter()
                .any(|rule| rule.object_ownership == enforced)
        }))
    }

    /// Makes the bucket's owner the owner of all objects in it.
    pub async fn enforce_owner(&self, cx: &Cx, bucket: &BucketName) -> Result<(), Failure> {
        let call = Call::new(
            "PutBucketOwnershipControls",
            format!("make the account owner of all objects in bucket {bucket}"),
        )
        .allowed_by("s3:PutBucketOwnershipControls");
        let rule = sdk::OwnershipControlsRule::builder()
            .object_ownership(sdk::ObjectOwnership::BucketOwnerEnforced)
            .build()
            .map_err(Failure::bug)?;
        let rules = sdk::OwnershipControls::builder()
            .rules(rule)
            .build()
            .map_err(Failure::bug)?;
        let put = self
            .client
            .put_bucket_ownership_controls()
            .bucket(bucket.as_str())
            .ownership_controls(rules)
            .set_expected_bucket_owner(self.owner());
        let put = call::write(cx, &call, (), |wire| {
            in_region!(self, put.clone()).interceptor(wire).send()
        });
        put.await.map(drop)
    }

    /// How the bucket encrypts its objects.
    pub async fn encryption(&self, cx: &Cx, bucket: &BucketName) -> Result<Encryption, Failure> {
        let call = Call::new("GetBucketEncryption", format!("look at bucket {bucket}"))
            .allowed_by("s3:GetEncryptionConfiguration");
        let get = self.client.get_bucket_encryption().bucket(bucket.as_str());
        let get = get.set_expected_bucket_owner(self.owner());
        let answer = found(call::read(cx, &call, in_region!(self, get).send()).await)?;
        let rules = answer.and_then(|answer| answer.server_side_encryption_configuration);
        let key = rules
            .iter()
            .flat_map(sdk::ServerSideEncryptionConfiguration::rules)
            .find_map(|rule| {
                rule.apply_server_side_encryption_by_default()?
                    .kms_master_key_id
                    .clone()
            });
        Ok(key.map_or(Encryption::Managed, Encryption::Kms))
    }

    /// Says how the bucket encrypts its objects.
    pub async fn set_encryption(
        &self,
        cx: &Cx,
        bucket: &BucketName,
        encryption: &Encryption,
    ) -> Result<(), Failure> {
        let call = Call::new("PutBucketEncryption", format!("encrypt bucket {bucket}"))
            .allowed_by("s3:PutEncryptionConfiguration");
        let (algorithm, key) = match encryption {
            Encryption::Managed => (sdk::ServerSideEncryption::Aes256, None),
            Encryption::Kms(key) => (sdk::ServerSideEncryption::AwsKms, Some(key.clone())),
        };
        let default = sdk::ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(key)
            .build()
            .map_err(Failure::bug)?;
        let rule = sdk::ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default)
            // One data key for many objects keeps the bill of KMS small.
            .bucket_key_enabled(matches!(encryption, Encryption::Kms(_)))
            .build();
        let rules = sdk::ServerSideEncryptionConfiguration::builder()
            .rules(rule)
            .build()
            .map_err(Failure::bug)?;
        let put = self
            .client
            .put_bucket_encryption()
            .bucket(bucket.as_str())
            .server_side_encryption_configuration(rules)
            .set_expected_bucket_owner(self.owner());
        let put = call::write(cx, &call, (), |wire| {
            in_region!(self, put.clone()).interceptor(wire).send()
        });
        put.await.map(drop)
    }

    /// The bucket's policy, empty if it has none; `None` if there is no such bucket.
    pub async fn policy(
        &self,
        cx: &Cx,
        bucket: &BucketName,
    ) -> Result<Option<PolicyDocument>, Failure> {
        let call = Call::new(
            "GetBucketPolicy",
            format!("read the policy of bucket {bucket}"),
        )
        .allowed_by("s3:GetBucketPolicy");
        let get = self.client.get_bucket_policy().bucket(bucket.as_str());
        let get = get.set_expected_bucket_owner(self.owner());
        match call::read(cx, &call, in_region!(self, get).send()).await {
            Ok(answer) => {
                let text = answer.policy().unwrap_or_default();
                let unreadable =
                    || Failure::bug(format!("Bucket {bucket} has an unreadable policy."));
                PolicyDocument::parse(text).ok_or_else(unreadable).map(Some)
            }
            Err(failure) if failure.is("NoSuchBucketPolicy") => Ok(Some(PolicyDocument::of([]))),
            failed => found(failed).map(|_| None),
        }
    }

    /// Changes the bucket's policy, after all other changes of it. A bucket that is gone needs none.
    pub async fn change_policy(
        &self,
        cx: &Cx,
        bucket: &BucketName,
        change: impl FnOnce(&mut PolicyDocument),
    ) -> Result<(), Failure> {
        let queue = self.shared.queue(bucket);
        let turn = cx.unless_interrupted(queue.lock_owned()).await?;
        let Some(before) = self.policy(cx, bucket).await? else {
            return Ok(());
        };
        let mut wanted = before.clone();
        change(&mut wanted);
        if wanted == before {
            return Ok(());
        }
        if wanted.is_empty() {
            return self.delete_policy(cx, bucket, turn).await;
        }
        let call = Call::new(
            "PutBucketPolicy",
            format!("write the policy of bucket {bucket}"),
        )
        .allowed_by("s3:PutBucketPolicy");
        let put = self
            .client
            .put_bucket_policy()
            .bucket(bucket.as_str())
            .policy(wanted.to_string())
            .set_expected_bucket_owner(self.owner());
        let put = call::write(cx, &call, turn, |wire| {
            in_region!(self, put.clone()).interceptor(wire).send()
        });
        put.await.map(drop)
    }

    async fn delete_policy(
        &self,
        cx: &Cx,
        bucket: &BucketName,
        turn: tokio::sync::OwnedMutexGuard<()>,
    ) -> Result<(), Failure> {
        let call = Call::new(
            "DeleteBucketPolicy",
            format!("delete the policy of bucket {bucket}"),
        )
        .allowed_by("s3:DeleteBucketPolicy");
        let delete = self.client.delete_bucket_policy().bucket(bucket.as_str());
        let delete = delete.set_expected_bucket_owner(self.owner());
        let deleted = call::write(cx, &call, turn, |wire| {
            in_region!(self, delete.clone()).interceptor(wire).send()
        });
        found(deleted.await).map(drop)
    }

    /// Days after which the objects of the bucket expire by our own lifecycle rule.
    pub async fn expiry(&self, cx: &Cx, bucket: &BucketName) -> Result<Option<i64>, Failure> {
        let rules = self.lifecycle(cx, bucket).await?;
        let ours = rules.iter().find(|rule| is_our_rule(rule));
        let days = ours.and_then(|rule| rule.expiration()?.days());
        Ok(days.map(i64::from))
    }

    /// Makes the objects of the bucket expire, or stay. Rules that others wrote are kept.
    pub async fn set_expiry(
        &self,
        cx: &Cx,
        bucket: &BucketName,
        days: Option<i64>,
    ) -> Result<(), Failure> {
        let queue = self.shared.queue(bucket);
        let turn = cx.unless_interrupted(queue.lock_owned()).await?;
        let mut rules = self.lifecycle(cx, bucket).await?;
        rules.retain(|rule| !is_our_rule(rule));
        rules.extend(days.map(expiry_rule).transpose()?);
        let intent = format!("say when the objects of bucket {bucket} expire");
        if rules.is_empty() {
            let call = Call::new("DeleteBucketLifecycle", intent)
                .allowed_by("s3:PutLifecycleConfiguration");
            let delete = self
                .client
                .delete_bucket_lifecycle()
                .bucket(bucket.as_str());
            let delete = delete.set_expected_bucket_owner(self.owner());
            let deleted = call::write(cx, &call, turn, |wire| {
                in_region!(self, delete.clone()).interceptor(wire).send()
            });
            return found(deleted.await).map(drop);
        }
        let call = Call::new("PutBucketLifecycleConfiguration", intent)
            .allowed_by("s3:PutLifecycleConfiguration");
        let lifecycle = sdk::BucketLifecycleConfiguration::builder()
            .set_rules(Some(rules))
            .build()
            .map_err(Failure::bug)?;
        let put = self
            .client
            .put_bucket_lifecycle_configuration()
            .bucket(bucket.as_str())
            .lifecycle_configuration(lifecycle)
            .set_expected_bucket_owner(self.owner());
        let put = call::write(cx, &call, turn, |wire| {
            in_region!(self, put.clone()).interceptor(wire).send()
        });
        put.await.map(drop)
    }

    async fn lifecycle(
        &self,
        cx: &Cx,
        bucket: &BucketName,
    ) -> Result<Vec<sdk::LifecycleRule>, Failure> {
        let call = Call::new(
            "GetBucketLifecycleConfiguration",
            format!("look at bucket {bucket}"),
        )
        .allowed_by("s3:GetLifecycleConfiguration");
        let get = self
            .client
            .get_bucket_lifecycle_configuration()
            .bucket(bucket.as_str());
        let get = get.set_expected_bucket_owner(self.owner());
        let answer = found(call::read(cx, &call, in_region!(self, get).send()).await)?;
        Ok(answer.and_then(|answer| answer.rules).unwrap_or_default())
    }

    /// Region of a bucket that may be anywhere; `None` if there is no such bucket.
    pub async fn location_of(
        &self,
        cx: &Cx,
        bucket: &BucketName,
    ) -> Result<Option<Region>, Failure> {
        let call = Call::new("GetBucketLocation", format!("find bucket {bucket}"))
            .allowed_by("s3:GetBucketLocation");
        let get = self.client.get_bucket_location().bucket(bucket.as_str());
        let get = get.set_expected_bucket_owner(self.owner());
        let Some(answer) = found(call::read(cx, &call, in_region!(self, get).send()).await)? else {
            return Ok(None);
        };
        // The first two Regions of S3 are answered by old names.
        let name = match answer
            .location_constraint()
            .map(sdk::BucketLocationConstraint::as_str)
        {
            None | Some("") => CLASSIC,
            Some("EU") => "eu-west-1",
            Some(name) => name,
        };
        Region::parse(name).map(Some).map_err(Failure::bug)
    }

    /// Tags of the bucket.
    pub async fn tags_of(&self, cx: &Cx, bucket: &BucketName) -> Result<Tags, Failure> {
        let call = Call::new(
            "GetBucketTagging",
            format!("list the tags of bucket {bucket}"),
        )
        .allowed_by("s3:GetBucketTagging");
        let get = self.client.get_bucket_tagging().bucket(bucket.as_str());
        let get = get.set_expected_bucket_owner(self.owner());
        let answer = found(call::read(cx, &call, in_region!(self, get).send()).await)?;
        let found = answer.map(|answer| answer.tag_set).unwrap_or_default();
        Ok(tags(found.into_iter().map(|tag| (tag.key, tag.value))))
    }

    /// Adds tags and takes others away; those that neither names stay.
    pub async fn change_tags(
        &self,
        cx: &Cx,
        bucket: &BucketName,
        gone: &[String],
        new: &Tags,
    ) -> Result<(), Failure> {
        let queue = self.shared.queue(bucket);
        let turn = cx.unless_interrupted(queue.lock_owned()).await?;
        let mut tags = self.tags_of(cx, bucket).await?;
        tags.retain(|key, _| !gone.contains(key));
        tags.extend(new.clone());
        let call = Call::new("PutBucketTagging", format!("tag bucket {bucket}"))
            .allowed_by("s3:PutBucketTagging");
        let built = tags
            .iter()
            .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build());
        let built: Vec<_> = built.collect::<Result<_, _>>().map_err(Failure::bug)?;
        let tagging = sdk::Tagging::builder()
            .set_tag_set(Some(built))
            .build()
            .map_err(Failure::bug)?;
        let put = self
            .client
            .put_bucket_tagging()
            .bucket(bucket.as_str())
            .tagging(tagging)
            .set_expected_bucket_owner(self.owner());
        let put = call::write(cx, &call, turn, |wire| {
            in_region!(self, put.clone()).interceptor(wire).send()
        });
        put.await.map(drop)
    }

    /// Objects whose keys begin so, in the order of their keys; none in a bucket that does not exist.
    pub async fn objects(
        &self,
        cx: &Cx,
        bucket: &BucketName,
        prefix: &str,
    ) -> Result<Vec<Object>, Failure> {
        let call =
            Call::new("ListObjectsV2", format!("list bucket {bucket}")).allowed_by("s3:ListBucket");
        let (mut objects, mut token) = (Vec::new(), None);
        loop {
            let list = self
                .client
                .list_objects_v2()
                .bucket(bucket.as_str())
                .prefix(prefix)
                .set_continuation_token(token)
                .set_expected_bucket_owner(self.owner());
            let page = call::read(cx, &call, in_region!(self, list).send()).await;
            let Some(page) = found(page)? else {
                return Ok(objects);
            };
            objects.extend(page.contents().iter().filter_map(object));
            token = page
                .next_continuation_token
                .filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(objects);
            }
        }
    }

    /// Content of an object of moderate size; `None` if there is no such object.
    pub async fn read(
        &self,
        cx: &Cx,
        bucket: &BucketName,
        key: &str,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let call =
            Call::new("GetObject", format!("read s3://{bucket}/{key}")).allowed_by("s3:GetObject");
        let get = self.client.get_object().bucket(bucket.as_str()).key(key);
        let get = get.set_expected_bucket_owner(self.owner());
        let Some(answer) = found(call::read(cx, &call, in_region!(self, get).send()).await)? else {
            return Ok(None);
        };
        if answer.content_length().unwrap_or_default() > LARGEST_READ {
            return Err(Failure::bug(format!(
                "s3://{bucket}/{key} is too large to be read."
            )));
        }
        let body = cx.unless_interrupted(answer.body.collect()).await?;
        let broken = |error| Failure::bug(format!("s3://{bucket}/{key} broke off: {error}."));
        Ok(Some(body.map_err(broken)?.into_bytes().to_vec()))
    }
}

fn still_there(bucket: &BucketName, kept: &sdk::Error) -> Failure {
    Failure::explained(Diagnostic::error("Bucket cannot be emptied").detail(format!(
        "S3 has not deleted {} and perhaps more objects of bucket {bucket}. Allow s3:DeleteObject and \
         s3:DeleteObjectVersion in a policy of the caller, and look for a retention or a bucket policy that \
         denies it.\n\nAWS: DeleteObjects, {}",
        kept.key().unwrap_or("an object"),
        kept.code().unwrap_or("Unknown")
    )))
}

/// ID of the lifecycle rule that is ours.
const EXPIRY_RULE: &str = "AwsBillingExpireReports";

fn is_our_rule(rule: &sdk::LifecycleRule) -> bool {
    rule.id() == Some(EXPIRY_RULE)
}

fn expiry_rule(days: i64) -> Result<sdk::LifecycleRule, Failure> {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    sdk::LifecycleRule::builder()
        .id(EXPIRY_RULE)
        .status(sdk::ExpirationStatus::Enabled)
        .filter(sdk::LifecycleRuleFilter::builder().prefix("").build())
        .expiration(sdk::LifecycleExpiration::builder().days(days).build())
        .build()
        .map_err(Failure::bug)
}

fn object(found: &sdk::Object) -> Option<Object> {
    let modified = found.last_modified();
    Some(Object {
        key: found.key()?.to_owned(),
        size: found.size().unwrap_or_default(),
        modified_at: modified
            .and_then(|time| OffsetDateTime::from_unix_timestamp(time.secs()).ok()),
    })
}

/// Takes S3's word that something does not exist for an answer.
fn found<T>(outcome: Result<T, Failure>) -> Result<Option<T>, Failure> {
    const MISSING: [&str; 8] = [
        "NoSuchBucket",
        "NoSuchKey",
        "NotFound",
        "NoSuchTagSet",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "NoSuchLifecycleConfiguration",
    ];
    match outcome {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if MISSING.iter().any(|code| failure.is(code)) => Ok(None),
        Err(failure) => Err(failure),
    }
}
