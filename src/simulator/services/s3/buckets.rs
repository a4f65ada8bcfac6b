//! Buckets: making, finding and deleting them.

use super::super::{Context, RestAnswer};
use crate::clock::iso_milliseconds;
use crate::wire::rest_xml::{Node, Reply};
use crate::world::{Refusal, Resource, World, canonical_user};

/// The regions that S3 takes as a location constraint (AWS General Reference, "Amazon S3 endpoints and quotas").
const REGIONS: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];
const US_EAST_1: &str = "us-east-1";

/// `CreateBucket` (API reference; user guide, "General purpose bucket naming rules").
pub(super) fn create(world: &mut World, context: &Context<'_>) -> RestAnswer {
    let name = context.bucket_name();
    if !is_bucket_name(name) {
        return Err(Refusal::new(
            "InvalidBucketName",
            "The specified bucket is not valid.",
        ));
    }
    let configuration = if context.payload.is_empty() {
        Node::default()
    } else {
        context.document("CreateBucketConfiguration")?
    };
    let endpoint = context.region.unwrap_or(US_EAST_1);
    let region = region(configuration.text_of("LocationConstraint"), endpoint)?;
    let caller = context.caller()?;
    let arn = format!("arn:aws:s3:::{name}");
    let resource = Resource {
        arn: &arn,
        owner: &caller.account,
        policy: None,
    };
    world.permit(Some(caller), "s3:CreateBucket", &resource, &[])?;
    let ownership = context.header("x-amz-object-ownership");
    if context
        .header("x-amz-acl")
        .is_some_and(|acl| acl != "private")
        && ownership.is_none_or(|ownership| ownership == "BucketOwnerEnforced")
    {
        return Err(Refusal::new(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        ));
    }
    let tags = match configuration.child("Tags") {
        Some(tags) => super::settings::tags(tags)?,
        None => crate::world::Tags::new(),
    };
    world.create_bucket(&caller.account, name, region)?;
    let bucket = world.known_bucket_mut(name)?;
    if let Some(ownership) = ownership {
        bucket.ownership = Some(super::settings::ownership(ownership)?.to_owned());
    }
    bucket.tags.extend(tags);
    Ok(Reply::status(200).with("location", format!("/{name}")))
}

/// Where the bucket is to be: the endpoint's own region, or, from `us-east-1`, any other by its name (API reference,
/// `CreateBucketConfiguration`; errors `InvalidLocationConstraint`, `IllegalLocationConstraintException`).
fn region<'a>(constraint: Option<&'a str>, endpoint: &'a str) -> Result<&'a str, Refusal> {
    let illegal = |constraint: &str| {
        Refusal::new(
            "IllegalLocationConstraintException",
            format!(
                "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
            ),
        )
    };
    match constraint.filter(|constraint| !constraint.is_empty()) {
        None if endpoint == US_EAST_1 => Ok(US_EAST_1),
        None => Err(illegal("unspecified")),
        Some("EU") if matches!(endpoint, US_EAST_1 | "eu-west-1") => Ok("eu-west-1"),
        Some(region) if region == US_EAST_1 || !REGIONS.contains(&region) => Err(Refusal::new(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        )),
        Some(region) if endpoint == US_EAST_1 || region == endpoint => Ok(region),
        Some(region) => Err(illegal(region)),
    }
}

fn is_bucket_name(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let address =
        name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok());
    (3..=63).contains(&name.len())
        && name.chars().all(|c| edge(c) || c == '-' || c == '.')
        && name.starts_with(edge)
        && name.ends_with(edge)
        && !name.contains("..")
        && !address
        && !["xn--", "sthree-", "amzn-s3-demo-"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        && !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
}

/// `DeleteBucket`.
pub(super) fn delete(world: &mut World, context: &Context<'_>) -> RestAnswer {
    context.bucket(world)?;
    world.delete_bucket(context.bucket_name())?;
    Ok(Reply::status(204))
}

/// `HeadBucket`.
pub(super) fn head(world: &World, context: &Context<'_>) -> RestAnswer {
    context.bucket(world)?;
    Ok(Reply::status(200).with("x-amz-access-point-alias", false))
}

/// `GetBucketLocation`; nothing stands for `us-east-1`.
pub(super) fn location(world: &World, context: &Context<'_>) -> RestAnswer {
    let bucket = context.bucket(world)?;
    Ok(Reply::xml("LocationConstraint", |xml| {
        if bucket.region != US_EAST_1 {
            xml.characters(&bucket.region);
        }
    }))
}

/// `ListBuckets`: those of the caller's account, from all regions or from one.
pub(super) fn list(world: &World, context: &Context<'_>) -> RestAnswer {
    let caller = context.caller()?;
    let resource = Resource {
        arn: "*",
        owner: &caller.account,
        policy: None,
    };
    world.permit(Some(caller), "s3:ListAllMyBuckets", &resource, &[])?;
    let size = match context.query("max-buckets") {
        None => 10_000,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=10_000).contains(size))
            .ok_or_else(|| {
                Refusal::new(
                    "InvalidArgument",
                    "Argument maxBuckets must be an integer between 1 and 10000",
                )
            })?,
    };
    let prefix = context.query("prefix").unwrap_or_default();
    let after = context.query("continuation-token").unwrap_or_default();
    let region = context.query("bucket-region");
    let mut buckets: Vec<_> = world
        .buckets()
        .filter(|bucket| bucket.owner == caller.account)
        .filter(|bucket| bucket.name.starts_with(prefix) && bucket.name.as_str() > after)
        .filter(|bucket| region.is_none_or(|region| bucket.region == region))
        .take(size + 1)
        .collect();
    let more = buckets.len() > size;
    buckets.truncate(size);
    Ok(Reply::xml("ListAllMyBucketsResult", |xml| {
        xml.element("Owner", |xml| {
            xml.text("ID", canonical_user(&caller.account));
        });
        xml.element("Buckets", |xml| {
            for bucket in &buckets {
                xml.element("Bucket", |xml| {
                    xml.text("Name", &bucket.name);
                    xml.text("CreationDate", iso_milliseconds(bucket.created_at));
                    xml.text("BucketRegion", &bucket.region);
                    xml.text("BucketArn", bucket.arn());
                });
            }
        });
        if let Some(last) = buckets.last().filter(|_| more) {
            xml.text("ContinuationToken", &last.name);
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_the_rules() {
        for good in ["abc", "a.b", "my-bucket-1", &"a".repeat(63)] {
            assert!(is_bucket_name(good), "{good}");
        }
        for bad in [
            "ab",
            "Abc",
            "a_b",
            "-ab",
            "ab-",
            "a..b",
            "192.168.0.1",
            "xn--abc",
            "abc-s3alias",
            &"a".repeat(64),
        ] {
            assert!(!is_bucket_name(bad), "{bad}");
        }
    }
}
