//! Every combination of a report's settings: the plan accepts exactly what the simulated service accepts.
//!
//! The simulator was written from the service model and knows nothing of the provider's rules, so that the
//! two cannot be wrong in the same way by accident. Where they differ on purpose, the difference is named.

use aws_sdk_costandusagereport as cur;
use aws_sdk_costandusagereport::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_costandusagereport::types as sdk;
use aws_simulator::world::BucketSpec;
use awsbilling::framework::erased::Provider as _;
use awsbilling::framework::{Server, Value};
use awsbilling::provider::AwsBilling;

use crate::harness::Sandbox;

const FORMATS: [&str; 2] = ["textORcsv", "Parquet"];
const COMPRESSIONS: [&str; 3] = ["GZIP", "ZIP", "Parquet"];
const VERSIONINGS: [&str; 2] = ["CREATE_NEW_REPORT", "OVERWRITE_REPORT"];
const ARTIFACTS: [&[&str]; 8] = [
    &[],
    &["ATHENA"],
    &["REDSHIFT"],
    &["QUICKSIGHT"],
    &["ATHENA", "REDSHIFT"],
    &["ATHENA", "QUICKSIGHT"],
    &["QUICKSIGHT", "REDSHIFT"],
    &["ATHENA", "QUICKSIGHT", "REDSHIFT"],
];

/// Prefixes, and whether the provider refuses one that the service takes: a slash at the beginning, or two
/// in a row, makes keys that analyzers do not find.
const PREFIXES: [(&str, bool); 11] = [
    ("", false),
    ("cur", false),
    ("cur/daily", false),
    ("CUR", false),
    ("a.b/c", false),
    ("x", false),
    ("cur/", false),
    ("cur.", false),
    ("cur|x", false),
    ("/cur", true),
    ("cur//daily", true),
];

/// One combination.
struct Settings {
    format: &'static str,
    compression: &'static str,
    versioning: &'static str,
    artifacts: &'static [&'static str],
    prefix: &'static str,
    stricter: bool,
}

fn all() -> Vec<Settings> {
    let mut all = Vec::new();
    for format in FORMATS {
        for compression in COMPRESSIONS {
            for versioning in VERSIONINGS {
                for artifacts in ARTIFACTS {
                    for (prefix, stricter) in PREFIXES {
                        all.push(Settings {
                            format,
                            compression,
                            versioning,
                            artifacts,
                            prefix,
                            stricter,
                        });
                    }
                }
            }
        }
    }
    all
}

impl Settings {
    fn name(&self) -> String {
        format!(
            "{} {} {} {:?} {:?}",
            self.format, self.compression, self.versioning, self.artifacts, self.prefix
        )
    }

    /// Whether the provider finds nothing wrong, as at plan time.
    fn planned(&self, server: &Server<AwsBilling>) -> bool {
        let set = |words: &[&str]| Value::set(words.iter().map(|word| Value::from(*word)));
        let schema = &server.schemas().resources["awsbilling_cur_report_definition"].schema;
        let mut config = Value::map(
            schema
                .block
                .attributes
                .iter()
                .map(|one| (one.name.to_string(), Value::Null)),
        );
        let written = [
            ("report_name", Value::from("report")),
            ("time_unit", "HOURLY".into()),
            ("format", self.format.into()),
            ("compression", self.compression.into()),
            ("report_versioning", self.versioning.into()),
            ("additional_artifacts", set(self.artifacts)),
            ("s3_bucket", "example-reports".into()),
            ("s3_prefix", self.prefix.into()),
            ("s3_region", "us-east-1".into()),
        ];
        if let Value::Map(attributes) = &mut config {
            attributes.extend(written.map(|(name, value)| (name.into(), value)));
        }
        let problems = server.validate_resource("awsbilling_cur_report_definition", config);
        !problems.has_errors()
    }

    /// Whether the service creates the report.
    async fn created(&self, client: &cur::Client) -> bool {
        let artifacts = self
            .artifacts
            .iter()
            .map(|word| sdk::AdditionalArtifact::from(*word));
        let definition = sdk::ReportDefinition::builder()
            .report_name("report")
            .time_unit(sdk::TimeUnit::Hourly)
            .format(self.format.into())
            .compression(self.compression.into())
            .report_versioning(self.versioning.into())
            .set_additional_schema_elements(Some(Vec::new()))
            .set_additional_artifacts(Some(artifacts.collect()))
            .s3_bucket("example-reports")
            .s3_prefix(self.prefix)
            .s3_region("us-east-1".into())
            .build()
            .unwrap();
        let put = client.put_report_definition().report_definition(definition);
        let created = put.send().await.is_ok();
        if created {
            let delete = client.delete_report_definition().report_name("report");
            delete.send().await.unwrap();
        }
        created
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_accepts_exactly_what_the_service_accepts() {
    let aws = tokio::task::spawn_blocking(Sandbox::new).await.unwrap();
    aws.simulator.world(|world| {
        let bucket = BucketSpec::new(&aws.partner, "example-reports").taking_reports();
        world.arrange_bucket(&bucket).unwrap();
    });
    let key = &aws.partner.key;
    let config = cur::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(aws.simulator.endpoint())
        .credentials_provider(Credentials::new(&key.id, &key.secret, None, None, "test"))
        .build();
    let client = cur::Client::from_conf(config);
    let server = Server::<AwsBilling>::new();
    let (mut accepted, mut differing) = (0, Vec::new());
    for settings in all() {
        let (planned, created) = (settings.planned(&server), settings.created(&client).await);
        accepted += usize::from(created);
        if planned != (created && !settings.stricter) {
            differing.push(format!(
                "{}: planned {planned}, created {created}",
                settings.name()
            ));
        }
    }
    assert!(
        accepted > 50,
        "the service refused nearly everything: {accepted}"
    );
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    tokio::task::spawn_blocking(move || drop(aws))
        .await
        .unwrap();
}
