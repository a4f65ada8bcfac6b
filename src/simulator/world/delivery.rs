//! Delivery of reports.

use serde_json::{Value, json};

use super::Bucket;

/// The policy that lets reports into a bucket.
pub(super) fn bucket_policy(bucket: &Bucket) -> Value {
    let arn = bucket.arn();
    json!({"Version": "2012-10-17", "Statement": [{"Sid": arn}]})
}
