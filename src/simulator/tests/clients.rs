//! SDK clients for the simulator, and how its errors are read.

use std::fmt::Debug;

use aws_credential_types::Credentials;
use aws_sdk_organizations::config::http::HttpResponse;
use aws_sdk_organizations::config::retry::RetryConfig;
use aws_sdk_organizations::config::timeout::TimeoutConfig;
use aws_sdk_organizations::config::{BehaviorVersion, Region};
use aws_sdk_organizations::error::{ProvideErrorMetadata, SdkError};
use aws_simulator::Simulator;
use aws_simulator::world::AccessKey;

pub(crate) fn credentials(key: &AccessKey) -> Credentials {
    Credentials::new(
        &key.id,
        &key.secret,
        key.session_token.clone(),
        None,
        "test",
    )
}

macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub(crate) fn $name(simulator: &Simulator, credentials: Credentials) -> $sdk::Client {
            let config = $sdk::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("us-east-1"))
                .endpoint_url(simulator.endpoint())
                .credentials_provider(credentials)
                .retry_config(RetryConfig::disabled())
                .timeout_config(TimeoutConfig::disabled())
                .build();
            $sdk::Client::from_conf(config)
        }
    };
}

client!(account_with, aws_sdk_account);
client!(cur_with, aws_sdk_costandusagereport);
client!(organizations_with, aws_sdk_organizations);
client!(sts_with, aws_sdk_sts);
client!(iam_with, aws_sdk_iam);
client!(billing_with, aws_sdk_billing);
client!(cost_explorer_with, aws_sdk_costexplorer);

pub(crate) fn organizations(
    simulator: &Simulator,
    account: &aws_simulator::Account,
) -> aws_sdk_organizations::Client {
    organizations_with(simulator, credentials(&account.key))
}

pub(crate) fn sts(simulator: &Simulator, account: &aws_simulator::Account) -> aws_sdk_sts::Client {
    sts_with(simulator, credentials(&account.key))
}

/// S3 in a region; the endpoint is an address, so buckets are in the path.
pub(crate) fn s3_with(
    simulator: &Simulator,
    credentials: Credentials,
    region: &str,
) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(simulator.endpoint())
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

pub(crate) fn s3(simulator: &Simulator, account: &aws_simulator::Account) -> aws_sdk_s3::Client {
    s3_with(simulator, credentials(&account.key), "us-east-1")
}

pub(crate) fn cur_in(
    simulator: &Simulator,
    credentials: Credentials,
    region: &str,
) -> aws_sdk_costandusagereport::Client {
    let config = cur_with(simulator, credentials).config().to_builder();
    let config = config.region(Region::new(region.to_owned())).build();
    aws_sdk_costandusagereport::Client::from_conf(config)
}

pub(crate) fn cur(
    simulator: &Simulator,
    account: &aws_simulator::Account,
) -> aws_sdk_costandusagereport::Client {
    cur_with(simulator, credentials(&account.key))
}

pub(crate) fn iam(simulator: &Simulator, account: &aws_simulator::Account) -> aws_sdk_iam::Client {
    iam_with(simulator, credentials(&account.key))
}

pub(crate) fn billing(
    simulator: &Simulator,
    account: &aws_simulator::Account,
) -> aws_sdk_billing::Client {
    billing_with(simulator, credentials(&account.key))
}

pub(crate) fn cost_explorer(
    simulator: &Simulator,
    account: &aws_simulator::Account,
) -> aws_sdk_costexplorer::Client {
    cost_explorer_with(simulator, credentials(&account.key))
}

/// What a call to Organizations comes to.
pub(crate) type Outcome<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// The error code of a refused call.
pub(crate) fn code<T: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(
    result: Result<T, SdkError<E, R>>,
) -> String {
    let error = result.expect_err("the call was to be refused");
    error
        .code()
        .unwrap_or_else(|| panic!("not an answer of the service: {error:?}"))
        .to_owned()
}

/// Error code and reason, as `Code/REASON`, read from the response itself.
pub(crate) fn reason<T: Debug, E: ProvideErrorMetadata + Debug>(result: Outcome<T, E>) -> String {
    let error = result.expect_err("the call was to be refused");
    let response = error.raw_response().expect("an answer of the service");
    assert_eq!(response.status().as_u16(), 400);
    let body: serde_json::Value = serde_json::from_slice(response.body().bytes().unwrap()).unwrap();
    let text = |name: &str| {
        body.get(name)
            .and_then(|value| value.as_str())
            .unwrap_or("")
            .to_owned()
    };
    assert_eq!(error.code(), Some(text("__type").as_str()));
    assert!(!text("Message").is_empty());
    format!("{}/{}", text("__type"), text("Reason"))
}
