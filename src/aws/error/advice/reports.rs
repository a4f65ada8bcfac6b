//! Words for the codes of Cost and Usage Reports, S3 and IAM.
//!
//! Meanings follow the AWS Cost and Usage Report API reference, the Amazon S3 API reference ("Error
//! responses") and the IAM API reference.

use super::{Advice, advice};

/// Words for a code of one of these services.
pub(super) fn of(code: &str) -> Option<Advice> {
    of_cost_and_usage(code)
        .or_else(|| of_s3(code))
        .or_else(|| of_iam(code))
}

fn of_cost_and_usage(code: &str) -> Option<Advice> {
    Some(match code {
        "DuplicateReportNameException" => advice(
            "Report exists already",
            "The account has another report with this name.",
            "Choose another report_name, or import the existing report.",
        ),
        "ReportLimitReachedException" => advice(
            "Too many reports",
            "The account has as many report definitions as AWS allows.",
            "Delete a report definition that nobody reads (the data source \
             awsbilling_cur_report_definitions lists them), or have the analyzers share one.",
        ),
        "ResourceNotFoundException" => advice(
            "Report not found",
            "The account has no report with this name.",
            "Check the report's name and whose credentials are used.",
        ),
        "InternalErrorException" => advice(
            "AWS has a fault",
            "AWS could not complete the request for an internal reason, however often it was repeated.",
            "Apply again later. If it lasts, look at health.aws.amazon.com or ask AWS Support.",
        ),
        "ValidationException" => advice(
            "Invalid request",
            "AWS does not accept a value in the request.",
            "Check the values in the configuration against AWS's own words below.",
        ),
        _ => return None,
    })
}

fn of_s3(code: &str) -> Option<Advice> {
    Some(match code {
        "NoSuchBucket" | "NotFound" => advice(
            "Bucket not found",
            "The S3 bucket does not exist.",
            "Check the bucket's name, and that it was created before.",
        ),
        "BucketAlreadyExists" => advice(
            "Bucket name taken",
            "Another AWS account owns a bucket with this name: names are unique across all of AWS.",
            "Choose another name.",
        ),
        "BucketAlreadyOwnedByYou" => advice(
            "Bucket exists already",
            "The account has a bucket with this name.",
            "Import it, or choose another name.",
        ),
        "BucketNotEmpty" => advice(
            "Bucket not empty",
            "The bucket still has objects, and deleting it would delete them.",
            "Keep the bucket, or set force_destroy = true, apply, and destroy again.",
        ),
        "TooManyBuckets" => advice(
            "Too many buckets",
            "The account has as many buckets as its quota allows.",
            "Delete a bucket that is not needed, or have AWS raise the quota (Service Quotas, Amazon S3).",
        ),
        "IllegalLocationConstraintException"
        | "InvalidLocationConstraint"
        | "PermanentRedirect"
        | "AuthorizationHeaderMalformed" => advice(
            "Bucket in another Region",
            "The bucket is not in the Region that the configuration names.",
            "Write the bucket's own Region. If the Region needs opting in, enable it for the account first.",
        ),
        "MalformedPolicy" => advice(
            "Bucket policy not accepted",
            "S3 does not accept the bucket policy, for example because it names a principal that does not \
             exist.",
            "Check the principals in the configuration, and the statements that the policy had before.",
        ),
        "OperationAborted" => advice(
            "Bucket busy",
            "Another change of the bucket, or the deletion of one with the same name, is still on its way.",
            "Apply again in a few minutes.",
        ),
        "InvalidBucketName" => advice(
            "Bucket name not valid",
            "S3 does not accept the bucket's name.",
            "Choose a name of 3 to 63 lower-case letters, digits, dots and hyphens.",
        ),
        _ => return None,
    })
}

fn of_iam(code: &str) -> Option<Advice> {
    Some(match code {
        "EntityAlreadyExists" => advice(
            "Role exists already",
            "The account has a role with this name.",
            "Choose another role_name, or import the existing role.",
        ),
        "NoSuchEntity" => advice(
            "Role not found",
            "The account has no role, or the role no policy, with this name.",
            "Check the name and whose credentials are used.",
        ),
        "LimitExceeded" => advice(
            "IAM quota reached",
            "The account or the role has as much of this as IAM allows.",
            "Delete what is not needed, or have AWS raise the quota (Service Quotas, IAM).",
        ),
        "DeleteConflict" => advice(
            "Role still in use",
            "Something is still attached to the role.",
            "Detach what was attached outside of this resource, then apply again.",
        ),
        "MalformedPolicyDocument" => advice(
            "Policy not accepted",
            "IAM does not accept the policy, for example because a principal does not exist.",
            "Check principals, actions and external ID in the configuration.",
        ),
        "ValidationError" | "InvalidInput" => advice(
            "Invalid request",
            "IAM does not accept a value in the request.",
            "Check the values in the configuration against AWS's own words below.",
        ),
        "EntityTemporarilyUnmodifiable" | "ConcurrentModification" => advice(
            "Role busy",
            "Another change of the role is still on its way.",
            "Apply again in a few minutes.",
        ),
        _ => return None,
    })
}

/// Words for a refusal for lack of permission.
pub(super) fn denied(action: &str) -> Advice {
    let hint = match action.split(':').next() {
        Some("s3") => {
            " A bucket policy that denies it, or a bucket of another account, refuses it, too."
        }
        Some("cur") => {
            " Service control policies must allow it, too, and the account's root user must once have \
             activated IAM access to billing (Account, IAM user and role access to Billing information)."
        }
        _ => " A permissions boundary or a service control policy that denies it refuses it, too.",
    };
    Advice {
        summary: "Access denied",
        fact: format!("The credentials may not use the action {action}.").into(),
        remedy: format!(
            "Check whose credentials are used (profile, assume_role), and allow {action} in a policy of the \
             caller.{hint}"
        )
        .into(),
    }
}
