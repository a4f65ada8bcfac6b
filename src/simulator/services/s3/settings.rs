//! The settings of a bucket: policy, access control list, public access block, ownership, versioning, encryption,
//! lifecycle, tags.

use std::collections::BTreeSet;

use super::super::{Context, RestAnswer};
use crate::wire::rest_xml::{Node, Reply, malformed};
use crate::world::{
    Bucket, Encryption, LifecycleRule, PublicAccessBlock, Refusal, Tags, Versioning, World,
    canonical_user,
};

const OWNERSHIPS: [&str; 3] = [
    "BucketOwnerEnforced",
    "BucketOwnerPreferred",
    "ObjectWriter",
];
const ALGORITHMS: [&str; 3] = ["AES256", "aws:kms", "aws:kms:dsse"];
const CANNED_ACLS: [&str; 4] = [
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
];
/// How many tags a bucket may have (user guide, "Using cost allocation S3 bucket tags").
const TAGS: usize = 50;
/// How many lifecycle rules a bucket may have (API reference, `PutBucketLifecycleConfiguration`).
const RULES: usize = 1_000;

/// Changes the bucket, if the caller may, and answers with that status.
fn change(
    world: &mut World,
    context: &Context<'_>,
    status: u16,
    change: impl FnOnce(&mut Bucket) -> Result<(), Refusal>,
) -> RestAnswer {
    context.bucket(world)?;
    change(world.known_bucket_mut(context.bucket_name())?)?;
    Ok(Reply::status(status))
}

/// `GetBucketPolicy`.
pub(super) fn get_policy(world: &World, context: &Context<'_>) -> RestAnswer {
    let bucket = context.bucket(world)?;
    let policy = bucket.policy.clone().ok_or_else(no_policy)?;
    let mut reply = Reply::status(200).with("content-type", "application/json");
    reply.body = policy.into();
    Ok(reply)
}

/// `GetBucketPolicyStatus`.
pub(super) fn get_policy_status(world: &World, context: &Context<'_>) -> RestAnswer {
    let bucket = context.bucket(world)?;
    if bucket.policy.is_none() {
        return Err(no_policy());
    }
    Ok(Reply::xml("PolicyStatus", |xml| {
        xml.text("IsPublic", bucket.is_public());
    }))
}

fn no_policy() -> Refusal {
    Refusal::new("NoSuchBucketPolicy", "The bucket policy does not exist")
}

/// `PutBucketPolicy`.
pub(super) fn put_policy(world: &mut World, context: &Context<'_>) -> RestAnswer {
    context.bucket(world)?;
    let text = std::str::from_utf8(context.payload).map_err(|_| {
        Refusal::new(
            "MalformedPolicy",
            "Policies must be valid JSON and the first byte must be '{'",
        )
    })?;
    world.put_bucket_policy(context.bucket_name(), text)?;
    Ok(Reply::status(204))
}

/// `DeleteBucketPolicy`.
pub(super) fn delete_policy(world: &mut World, context: &Context<'_>) -> RestAnswer {
    change(world, context, 204, |bucket| {
        bucket.policy = None;
        Ok(())
    })
}

/// `GetBucketAcl`.
pub(super) fn get_acl(world: &World, context: &Context<'_>) -> RestAnswer {
    const SCHEMA: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let bucket = context.bucket(world)?;
    let owner = canonical_user(&bucket.owner);
    let groups: &[(&str, &str)] = match bucket.acl.as_str() {
        "public-read" => &[("AllUsers", "READ")],
        "public-read-write" => &[("AllUsers", "READ"), ("AllUsers", "WRITE")],
        "authenticated-read" => &[("AuthenticatedUsers", "READ")],
        _ => &[],
    };
    Ok(Reply::xml("AccessControlPolicy", |xml| {
        xml.element("Owner", |xml| xml.text("ID", &owner));
        xml.element("AccessControlList", |xml| {
            xml.element("Grant", |xml| {
                xml.tagged(
                    "Grantee",
                    &format!("{SCHEMA} xsi:type=\"CanonicalUser\""),
                    |xml| {
                        xml.text("ID", &owner);
                    },
                );
                xml.text("Permission", "FULL_CONTROL");
            });
            for (group, permission) in groups {
                xml.element("Grant", |xml| {
                    xml.tagged("Grantee", &format!("{SCHEMA} xsi:type=\"Group\""), |xml| {
                        xml.text(
                            "URI",
                            format!("http://acs.amazonaws.com/groups/global/{group}"),
                        );
                    });
                    xml.text("Permission", permission);
                });
            }
        });
    }))
}

/// `PutBucketAcl` with a canned list; grants one by one are not simulated.
pub(super) fn put_acl(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let acl = context
        .header("x-amz-acl")
        .ok_or_else(|| {
            Refusal::new(
                "NotImplemented",
                "Only canned access control lists are simulated.",
            )
        })?
        .to_owned();
    change(world, context, 200, |bucket| {
        if bucket.enforces_owner() {
            return Err(Refusal::new(
                "AccessControlListNotSupported",
                "The bucket does not allow ACLs",
            ));
        }
        if !CANNED_ACLS.contains(&acl.as_str()) {
            return Err(Refusal::new(
                "InvalidArgument",
                "The canned ACL is not valid.",
            ));
        }
        let blocked = bucket
            .public_access_block
            .is_some_and(|block| block.block_public_acls);
        if blocked && acl != "private" {
            return Err(Refusal::access_denied(
                "public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
            ));
        }
        bucket.acl = acl;
        Ok(())
    })
}

/// `GetPublicAccessBlock`.
pub(super) fn get_public_access_block(world: &World, context: &Context<'_>) -> RestAnswer {
    let block = context.bucket(world)?.public_access_block.ok_or_else(|| {
        Refusal::new(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )
    })?;
    Ok(Reply::xml("PublicAccessBlockConfiguration", |xml| {
        xml.text("BlockPublicAcls", block.block_public_acls);
        xml.text("IgnorePublicAcls", block.ignore_public_acls);
        xml.text("BlockPublicPolicy", block.block_public_policy);
        xml.text("RestrictPublicBuckets", block.restrict_public_buckets);
    }))
}

/// `PutPublicAccessBlock`; what is not said is off.
pub(super) fn put_public_access_block(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let document = context.document("PublicAccessBlockConfiguration")?;
    let flag = |name: &str| match document.text_of(name).map(str::to_lowercase).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(malformed()),
    };
    let block = PublicAccessBlock {
        block_public_acls: flag("BlockPublicAcls")?,
        ignore_public_acls: flag("IgnorePublicAcls")?,
        block_public_policy: flag("BlockPublicPolicy")?,
        restrict_public_buckets: flag("RestrictPublicBuckets")?,
    };
    change(world, context, 200, |bucket| {
        bucket.public_access_block = Some(block);
        Ok(())
    })
}

/// `DeletePublicAccessBlock`.
pub(super) fn delete_public_access_block(world: &mut World, context: &Context<'_>) -> RestAnswer {
    change(world, context, 204, |bucket| {
        bucket.public_access_block = None;
        Ok(())
    })
}

/// `GetBucketOwnershipControls`.
pub(super) fn get_ownership(world: &World, context: &Context<'_>) -> RestAnswer {
    let ownership = context.bucket(world)?.ownership.clone().ok_or_else(|| {
        Refusal::new(
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        )
    })?;
    Ok(Reply::xml("OwnershipControls", |xml| {
        xml.element("Rule", |xml| xml.text("ObjectOwnership", ownership));
    }))
}

/// `PutBucketOwnershipControls`; a bucket with public access control lists must give them up first.
pub(super) fn put_ownership(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let document = context.document("OwnershipControls")?;
    let wanted = document
        .child("Rule")
        .and_then(|rule| rule.text_of("ObjectOwnership"))
        .ok_or_else(malformed)?;
    let wanted = ownership(wanted)?.to_owned();
    change(world, context, 200, |bucket| {
        if wanted == "BucketOwnerEnforced" && bucket.acl != "private" {
            return Err(Refusal::new(
                "InvalidBucketAclWithObjectOwnership",
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            ));
        }
        bucket.ownership = Some(wanted);
        Ok(())
    })
}

/// A value of `ObjectOwnership`.
pub(super) fn ownership(text: &str) -> Result<&str, Refusal> {
    Some(text)
        .filter(|text| OWNERSHIPS.contains(text))
        .ok_or_else(malformed)
}

/// `DeleteBucketOwnershipControls`.
pub(super) fn delete_ownership(world: &mut World, context: &Context<'_>) -> RestAnswer {
    change(world, context, 204, |bucket| {
        bucket.ownership = None;
        Ok(())
    })
}

/// `GetBucketVersioning`; a bucket that never kept versions has no status.
pub(super) fn get_versioning(world: &World, context: &Context<'_>) -> RestAnswer {
    let status = match context.bucket(world)?.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some("Enabled"),
        Versioning::Suspended => Some("Suspended"),
    };
    Ok(Reply::xml("VersioningConfiguration", |xml| {
        xml.optional("Status", status);
    }))
}

/// `PutBucketVersioning`.
pub(super) fn put_versioning(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let versioning = match context
        .document("VersioningConfiguration")?
        .text_of("Status")
    {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => return Err(malformed()),
    };
    change(world, context, 200, |bucket| {
        bucket.versioning = versioning;
        Ok(())
    })
}

/// `GetBucketEncryption`.
pub(super) fn get_encryption(world: &World, context: &Context<'_>) -> RestAnswer {
    let encryption = &context.bucket(world)?.encryption;
    Ok(Reply::xml("ServerSideEncryptionConfiguration", |xml| {
        xml.element("Rule", |xml| {
            xml.element("ApplyServerSideEncryptionByDefault", |xml| {
                xml.text("SSEAlgorithm", &encryption.algorithm);
                xml.optional("KMSMasterKeyID", encryption.kms_key.as_ref());
            });
            xml.text("BucketKeyEnabled", encryption.bucket_key);
        });
    }))
}

/// `PutBucketEncryption`.
pub(super) fn put_encryption(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let document = context.document("ServerSideEncryptionConfiguration")?;
    let rule = document.child("Rule").ok_or_else(malformed)?;
    let default = rule
        .child("ApplyServerSideEncryptionByDefault")
        .ok_or_else(malformed)?;
    let algorithm = default
        .text_of("SSEAlgorithm")
        .filter(|algorithm| ALGORITHMS.contains(algorithm))
        .ok_or_else(malformed)?;
    let kms_key = default.text_of("KMSMasterKeyID").map(str::to_owned);
    if algorithm == "AES256" && kms_key.is_some() {
        return Err(Refusal::new(
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        ));
    }
    let encryption = Encryption {
        algorithm: algorithm.to_owned(),
        kms_key,
        bucket_key: rule.text_of("BucketKeyEnabled") == Some("true"),
    };
    change(world, context, 200, |bucket| {
        bucket.encryption = encryption;
        Ok(())
    })
}

/// `DeleteBucketEncryption`: back to what every bucket has.
pub(super) fn delete_encryption(world: &mut World, context: &Context<'_>) -> RestAnswer {
    change(world, context, 204, |bucket| {
        bucket.encryption = Encryption::default();
        Ok(())
    })
}

/// `GetBucketLifecycleConfiguration`.
pub(super) fn get_lifecycle(world: &World, context: &Context<'_>) -> RestAnswer {
    let rules = &context.bucket(world)?.lifecycle;
    if rules.is_empty() {
        return Err(Refusal::new(
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
        ));
    }
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| Node::parse(rule.document.as_bytes()))
        .collect::<Result<_, _>>()?;
    Ok(Reply::xml("LifecycleConfiguration", |xml| {
        for rule in &rules {
            xml.node(rule);
        }
    })
    .with(
        "x-amz-transition-default-minimum-object-size",
        "all_storage_classes_128K",
    ))
}

/// `PutBucketLifecycleConfiguration`.
pub(super) fn put_lifecycle(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let document = context.document("LifecycleConfiguration")?;
    let rules: Vec<_> = document
        .all("Rule")
        .enumerate()
        .map(|(at, rule)| lifecycle_rule(at, rule))
        .collect::<Result<_, _>>()?;
    let ids: BTreeSet<_> = rules.iter().map(|rule| &rule.id).collect();
    if ids.len() < rules.len() {
        return Err(Refusal::new("InvalidArgument", "Rule ID must be unique"));
    }
    if rules.is_empty() || rules.len() > RULES {
        return Err(malformed());
    }
    change(world, context, 200, |bucket| {
        bucket.lifecycle = rules;
        Ok(())
    })
    .map(|reply| {
        reply.with(
            "x-amz-transition-default-minimum-object-size",
            "all_storage_classes_128K",
        )
    })
}

/// A rule has a status, a filter or a prefix, and something to do.
fn lifecycle_rule(at: usize, rule: &Node) -> Result<LifecycleRule, Refusal> {
    const DEEDS: [&str; 5] = [
        "AbortIncompleteMultipartUpload",
        "Expiration",
        "NoncurrentVersionExpiration",
        "NoncurrentVersionTransition",
        "Transition",
    ];
    let mut rule = rule.clone();
    let enabled = match rule.text_of("Status") {
        Some("Enabled") => true,
        Some("Disabled") => false,
        _ => return Err(malformed()),
    };
    let filter = rule.child("Filter");
    let prefix = match (filter, rule.text_of("Prefix")) {
        (Some(filter), None) if filter.children.is_empty() => Some(String::new()),
        (Some(filter), None) => filter.text_of("Prefix").map(str::to_owned),
        (None, Some(prefix)) => Some(prefix.to_owned()),
        _ => return Err(malformed()),
    };
    if !DEEDS.iter().any(|deed| rule.child(deed).is_some()) {
        return Err(Refusal::new(
            "InvalidRequest",
            "At least one action needs to be specified in a rule",
        ));
    }
    let days = rule
        .child("Expiration")
        .and_then(|expiration| expiration.text_of("Days"));
    let expiration_days = days
        .map(|days| {
            days.parse().ok().filter(|days| *days > 0).ok_or_else(|| {
                Refusal::new(
                    "InvalidArgument",
                    "'Days' for Expiration action must be a positive integer",
                )
            })
        })
        .transpose()?;
    let id = match rule.text_of("ID").filter(|id| !id.is_empty()) {
        Some(id) if id.len() > 255 => {
            return Err(Refusal::new(
                "InvalidArgument",
                "ID length should not exceed allowed limit of 255",
            ));
        }
        Some(id) => id.to_owned(),
        None => {
            let id = format!("rule-{}", at + 1);
            rule.children.retain(|child| child.name != "ID");
            rule.children.insert(0, Node::leaf("ID", &id));
            id
        }
    };
    Ok(LifecycleRule {
        id,
        enabled,
        prefix,
        expiration_days,
        document: rule.text(),
    })
}

/// `DeleteBucketLifecycle`.
pub(super) fn delete_lifecycle(world: &mut World, context: &Context<'_>) -> RestAnswer {
    change(world, context, 204, |bucket| {
        bucket.lifecycle.clear();
        Ok(())
    })
}

/// `GetBucketTagging`.
pub(super) fn get_tagging(world: &World, context: &Context<'_>) -> RestAnswer {
    let tags = &context.bucket(world)?.tags;
    if tags.is_empty() {
        return Err(Refusal::new("NoSuchTagSet", "The TagSet does not exist"));
    }
    Ok(Reply::xml("Tagging", |xml| {
        xml.element("TagSet", |xml| {
            for (key, value) in tags {
                xml.element("Tag", |xml| {
                    xml.text("Key", key);
                    xml.text("Value", value);
                });
            }
        });
    }))
}

/// `PutBucketTagging`: the tags replace those that were there.
pub(super) fn put_tagging(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let document = context.document("Tagging")?;
    let tags = tags(document.child("TagSet").ok_or_else(malformed)?)?;
    change(world, context, 204, |bucket| {
        bucket.tags = tags;
        Ok(())
    })
}

/// A set of tags (user guide, "Using cost allocation S3 bucket tags"; error `InvalidTag`).
pub(super) fn tags(set: &Node) -> Result<Tags, Refusal> {
    let invalid = |message: &str| Refusal::new("InvalidTag", message);
    let mut tags = Tags::new();
    for tag in set.all("Tag") {
        let key = tag.text_of("Key").ok_or_else(malformed)?;
        let value = tag.text_of("Value").ok_or_else(malformed)?;
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(invalid("The TagValue you have provided is invalid"));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("System tags cannot be added/updated by requester"));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
    }
    if tags.len() > TAGS {
        return Err(Refusal::new(
            "BadRequest",
            "Bucket tag count cannot be greater than 50",
        ));
    }
    Ok(tags)
}

/// `DeleteBucketTagging`.
pub(super) fn delete_tagging(world: &mut World, context: &Context<'_>) -> RestAnswer {
    change(world, context, 204, |bucket| {
        bucket.tags.clear();
        Ok(())
    })
}
