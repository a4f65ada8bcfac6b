//! AWS Cost and Usage Reports (API version 2017-01-06), JSON 1.1: the seven operations.
//!
//! The rule a reader would not guess: where settings contradict each other the service says `ValidationException` and
//! nothing more, so such refusals have an empty message here too.

use serde::Deserialize;
use serde_json::{Value, json};
use time::macros::format_description;

use super::Operation::{self, Read, Write};
use super::input::{self, Complaint, Misfit, Shape, TagFault, TagInput, any, pattern};
use super::{Answer, Context};
use crate::world::{
    Refusal, Report, ReportDefinition, Resource, Tags, World, definition_arn, home_region,
};

/// The prefix of `X-Amz-Target`.
pub(super) const TARGET: &str = "AWSOrigamiServiceGatewayService";

const NAME: Shape = Shape {
    name: "ReportName",
    min: 0,
    max: 256,
    form: pattern!(r"^[0-9A-Za-z!\-_.*'()]+$"),
};
const BUCKET: Shape = Shape {
    name: "S3Bucket",
    min: 0,
    max: 256,
    form: pattern!(r"^[A-Za-z0-9_.\-]+$"),
};
const PREFIX: Shape = Shape {
    name: "S3Prefix",
    min: 0,
    max: 256,
    form: pattern!(r"^[0-9A-Za-z!\-_.*'()/]*$"),
};
const BILLING_VIEW: Shape = Shape {
    name: "BillingViewArn",
    min: 0,
    max: 128,
    form: pattern!(r"^(arn:aws(-cn)?:billing::[0-9]{12}:billingview/)?[a-zA-Z0-9_+=.\-@].{1,30}$"),
};
const TOKEN: Shape = Shape {
    name: "NextToken",
    min: 0,
    max: 256,
    form: pattern!(r"^[A-Za-z0-9_.\-=]*$"),
};
const TAG_KEY: Shape = Shape {
    name: "TagKeys",
    min: 1,
    max: 128,
    form: any,
};

const TIME_UNITS: [&str; 3] = ["HOURLY", "DAILY", "MONTHLY"];
const FORMATS: [&str; 2] = ["textORcsv", "Parquet"];
const COMPRESSIONS: [&str; 3] = ["ZIP", "GZIP", "Parquet"];
const ARTIFACTS: [&str; 3] = ["REDSHIFT", "QUICKSIGHT", "ATHENA"];
const SCHEMA_ELEMENTS: [&str; 3] = [
    "RESOURCES",
    "SPLIT_COST_ALLOCATION_DATA",
    "MANUAL_DISCOUNT_COMPATIBILITY",
];
const VERSIONINGS: [&str; 2] = ["CREATE_NEW_REPORT", "OVERWRITE_REPORT"];
const REGIONS: [&str; 28] = [
    "af-south-1",
    "ap-east-1",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ca-central-1",
    "eu-central-1",
    "eu-central-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "cn-north-1",
    "cn-northwest-1",
];
/// The one size of a page (service model, `MaxResults`: least and most).
const PAGE: usize = 5;
const TAGS: usize = 200;

pub(super) fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "DeleteReportDefinition" => Write(delete),
        "DescribeReportDefinitions" => Read(describe),
        "ListTagsForResource" => Read(list_tags),
        "ModifyReportDefinition" => Write(modify),
        "PutReportDefinition" => Write(put),
        "TagResource" => Write(tag),
        "UntagResource" => Write(untag),
        _ => return None,
    })
}

/// Tags at creation need a permission of their own (Service Authorization Reference, "AWS Cost and Usage Report").
pub(super) fn further_actions(operation: &str, input: &Value) -> Vec<String> {
    let tagged = input["Tags"]
        .as_array()
        .is_some_and(|tags| !tags.is_empty());
    if operation == "PutReportDefinition" && tagged {
        return vec!["cur:TagResource".to_owned()];
    }
    Vec::new()
}

/// A definition as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    report_name: Option<String>,
    time_unit: Option<String>,
    format: Option<String>,
    compression: Option<String>,
    additional_schema_elements: Option<Vec<String>>,
    #[serde(rename = "S3Bucket")]
    bucket: Option<String>,
    #[serde(rename = "S3Prefix")]
    prefix: Option<String>,
    #[serde(rename = "S3Region")]
    region: Option<String>,
    additional_artifacts: Option<Vec<String>>,
    refresh_closed_reports: Option<bool>,
    report_versioning: Option<String>,
    billing_view_arn: Option<String>,
}

impl Definition {
    /// The definition, if it has the form of the service model and its settings go together.
    fn checked(self) -> Result<ReportDefinition, Refusal> {
        let definition = ReportDefinition {
            name: NAME
                .required(self.report_name.as_ref())
                .map_err(invalid)?
                .to_owned(),
            time_unit: one_of("TimeUnit", self.time_unit.as_ref(), &TIME_UNITS)?,
            format: one_of("Format", self.format.as_ref(), &FORMATS)?,
            compression: one_of("Compression", self.compression.as_ref(), &COMPRESSIONS)?,
            schema_elements: all_of(
                "AdditionalSchemaElements",
                Some(required(
                    "AdditionalSchemaElements",
                    self.additional_schema_elements,
                )?),
                &SCHEMA_ELEMENTS,
            )?,
            bucket: BUCKET
                .required(self.bucket.as_ref())
                .map_err(invalid)?
                .to_owned(),
            prefix: PREFIX
                .required(self.prefix.as_ref())
                .map_err(invalid)?
                .to_owned(),
            region: one_of("S3Region", self.region.as_ref(), &REGIONS)?,
            artifacts: all_of("AdditionalArtifacts", self.additional_artifacts, &ARTIFACTS)?,
            refresh_closed_reports: self.refresh_closed_reports.unwrap_or(true),
            versioning: match &self.report_versioning {
                None => VERSIONINGS[0].to_owned(),
                versioning => one_of("ReportVersioning", versioning.as_ref(), &VERSIONINGS)?,
            },
            billing_view_arn: BILLING_VIEW
                .optional(self.billing_view_arn.as_ref())
                .map_err(invalid)?
                .map(str::to_owned),
        };
        check_prefix(&definition.prefix)?;
        if !goes_together(&definition) {
            return Err(Refusal::new("ValidationException", ""));
        }
        Ok(definition)
    }
}

/// The rule about prefixes that the service states only when it refuses one: `^.+[^/|.]$`, if there is any.
fn check_prefix(prefix: &str) -> Result<(), Refusal> {
    let rule = pattern!(r"^.+[^/|.]$");
    if prefix.is_empty() || rule(prefix) {
        return Ok(());
    }
    Err(Refusal::new(
        "ValidationException",
        "S3Prefix failed to satisfy constraint: Member must satisfy regular expression pattern: ^.+[^/|.]$",
    ))
}

/// Which settings go together (API reference, `ReportDefinition`; user guide, "Creating Cost and Usage Reports").
fn goes_together(definition: &ReportDefinition) -> bool {
    let parquet = definition.format == "Parquet";
    if parquet != (definition.compression == "Parquet") {
        return false;
    }
    if definition.has_artifact("ATHENA") {
        return parquet
            && definition.overwrites()
            && !definition.prefix.is_empty()
            && definition
                .artifacts
                .iter()
                .all(|artifact| artifact == "ATHENA");
    }
    let for_text = definition.has_artifact("REDSHIFT") || definition.has_artifact("QUICKSIGHT");
    !(for_text && parquet)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    report_definition: Option<Definition>,
    report_name: Option<String>,
    tags: Option<Vec<TagInput>>,
    tag_keys: Option<Vec<String>>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Request {
    /// The request, if it reached the region that has the service; clients of other regions have nobody to ask (AWS
    /// General Reference, "AWS Cost and Usage Reports endpoints and quotas").
    fn of(world: &World, context: &Context<'_>) -> Result<Self, Refusal> {
        let home = home_region(partition(world, context)?);
        if context.region.is_some_and(|region| region != home) {
            return Err(Refusal::new(
                "InvalidSignatureException",
                "Credential should be scoped to a valid region.",
            ));
        }
        input::parse(context.input)
    }

    fn name(&self) -> Result<&str, Refusal> {
        NAME.required(self.report_name.as_ref()).map_err(invalid)
    }

    fn tags(&self) -> Result<Tags, Refusal> {
        if self.tags.as_ref().is_some_and(|tags| tags.len() > TAGS) {
            return Err(invalid((Misfit::TooLong, "Tags")));
        }
        input::tags(self.tags.as_ref()).map_err(|fault| match fault {
            TagFault::Misfit(complaint) => invalid(complaint),
            TagFault::Duplicate => Refusal::new("ValidationException", "Tag keys must be unique."),
            TagFault::System => Refusal::new(
                "ValidationException",
                "Tag keys that begin with aws: are reserved.",
            ),
        })
    }
}

fn partition<'w>(world: &'w World, context: &Context<'_>) -> Result<&'w str, Refusal> {
    let account = world.account(context.caller()?.account.as_str());
    Ok(account.map_or("aws", |account| account.partition.as_str()))
}

/// Whether the caller may do what the operation does, to a report or to all of them.
fn permit(world: &World, context: &Context<'_>, name: Option<&str>) -> Result<(), Refusal> {
    let caller = context.caller()?;
    let arn = match name {
        Some(name) => definition_arn(partition(world, context)?, &caller.account, name),
        None => "*".to_owned(),
    };
    let resource = Resource {
        arn: &arn,
        owner: &caller.account,
        policy: None,
    };
    world.permit(
        Some(caller),
        &format!("cur:{}", context.operation),
        &resource,
        &[],
    )
}

fn put(world: &mut World, context: &Context<'_>) -> Answer {
    let mut request = Request::of(world, context)?;
    let definition = required("ReportDefinition", request.report_definition.take())?.checked()?;
    permit(world, context, Some(&definition.name))?;
    let tags = request.tags()?;
    world.put_report(&context.caller()?.account, definition, tags)?;
    Ok(json!({}))
}

fn modify(world: &mut World, context: &Context<'_>) -> Answer {
    let mut request = Request::of(world, context)?;
    let definition = required("ReportDefinition", request.report_definition.take())?.checked()?;
    let name = request.name()?;
    permit(world, context, Some(name))?;
    world.modify_report(&context.caller()?.account, name, definition)?;
    Ok(json!({}))
}

fn delete(world: &mut World, context: &Context<'_>) -> Answer {
    let request = Request::of(world, context)?;
    let name = request.name()?;
    permit(world, context, Some(name))?;
    world.delete_report(&context.caller()?.account, name)?;
    Ok(json!({"ResponseMessage": format!("Successfully deleted report {name}")}))
}

/// Five on each page; the token is the name of the last one.
fn describe(world: &World, context: &Context<'_>) -> Answer {
    let request = Request::of(world, context)?;
    permit(world, context, None)?;
    if request
        .max_results
        .is_some_and(|size| usize::try_from(size) != Ok(PAGE))
    {
        return Err(Refusal::new("ValidationException", "MaxResults must be 5."));
    }
    let token = TOKEN
        .optional(request.next_token.as_ref())
        .map_err(invalid)?;
    let after = token.map(read_token).transpose()?.unwrap_or_default();
    let account = &context.caller()?.account;
    let mut reports: Vec<_> = world.reports_of(account, &after).take(PAGE + 1).collect();
    let more = reports.len() > PAGE;
    reports.truncate(PAGE);
    let shown: Vec<_> = reports.iter().map(|report| show(report)).collect();
    let mut answer = json!({"ReportDefinitions": shown});
    if let Some(last) = reports.last().filter(|_| more) {
        answer["NextToken"] = json!(write_token(&last.definition.name));
    }
    Ok(answer)
}

/// A name has characters that a token may not have.
fn write_token(name: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE.encode(name)
}

fn read_token(token: &str) -> Result<String, Refusal> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| invalid((Misfit::Pattern, "NextToken")))
}

fn show(report: &Report) -> Value {
    let definition = &report.definition;
    let mut shown = json!({
        "ReportName": definition.name,
        "TimeUnit": definition.time_unit,
        "Format": definition.format,
        "Compression": definition.compression,
        "AdditionalSchemaElements": definition.schema_elements,
        "S3Bucket": definition.bucket,
        "S3Prefix": definition.prefix,
        "S3Region": definition.region,
        "AdditionalArtifacts": definition.artifacts,
        "RefreshClosedReports": definition.refresh_closed_reports,
        "ReportVersioning": definition.versioning,
    });
    if let Some(arn) = &definition.billing_view_arn {
        shown["BillingViewArn"] = json!(arn);
    }
    if let Some(status) = report.last_status {
        shown["ReportStatus"] = json!({"lastStatus": status.as_str()});
        let stamp = format_description!("[year][month][day]T[hour][minute][second]Z");
        if let Some(at) = report.last_delivery {
            shown["ReportStatus"]["lastDelivery"] = json!(at.format(stamp).unwrap_or_default());
        }
    }
    shown
}

fn list_tags(world: &World, context: &Context<'_>) -> Answer {
    let request = Request::of(world, context)?;
    let name = request.name()?;
    permit(world, context, Some(name))?;
    let tags = &world.known_report(&context.caller()?.account, name)?.tags;
    let tags = tags
        .iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}));
    Ok(json!({"Tags": tags.collect::<Vec<_>>()}))
}

fn tag(world: &mut World, context: &Context<'_>) -> Answer {
    let request = Request::of(world, context)?;
    let name = request.name()?;
    permit(world, context, Some(name))?;
    if request.tags.is_none() {
        return Err(invalid((Misfit::Missing, "Tags")));
    }
    let added = request.tags()?;
    let tags = world.report_tags_mut(&context.caller()?.account, name)?;
    let mut together = tags.clone();
    together.extend(added);
    if together.len() > TAGS {
        return Err(invalid((Misfit::TooLong, "Tags")));
    }
    *tags = together;
    Ok(json!({}))
}

fn untag(world: &mut World, context: &Context<'_>) -> Answer {
    let request = Request::of(world, context)?;
    let name = request.name()?;
    permit(world, context, Some(name))?;
    let keys = request
        .tag_keys
        .as_ref()
        .ok_or_else(|| invalid((Misfit::Missing, "TagKeys")))?;
    for key in keys {
        TAG_KEY.required(Some(key)).map_err(invalid)?;
    }
    let tags = world.report_tags_mut(&context.caller()?.account, name)?;
    tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}

fn required<T>(name: &'static str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| invalid((Misfit::Missing, name)))
}

fn one_of(name: &'static str, value: Option<&String>, values: &[&str]) -> Result<String, Refusal> {
    let value = required(name, value)?;
    if values.contains(&value.as_str()) {
        return Ok(value.clone());
    }
    Err(invalid((Misfit::NotInEnum, name)))
}

fn all_of(
    name: &'static str,
    list: Option<Vec<String>>,
    values: &[&str],
) -> Result<Vec<String>, Refusal> {
    let list = list.unwrap_or_default();
    list.iter()
        .map(|value| one_of(name, Some(value), values))
        .collect()
}

/// What the service says of a value that has not the modelled form.
fn invalid((misfit, name): Complaint) -> Refusal {
    let constraint = match misfit {
        Misfit::Missing => "must not be null",
        Misfit::TooShort => "must have length greater than or equal to the least",
        Misfit::TooLong => "must have length less than or equal to the most",
        Misfit::Pattern => "must satisfy the regular expression pattern",
        Misfit::NotInEnum => "must satisfy enum value set",
    };
    Refusal::new(
        "ValidationException",
        format!(
            "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member {constraint}"
        ),
    )
}
