//! From the provider block to the SDK's configuration: Region, credentials, retries, timeouts.

use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::{RetryConfig, RetryMode as SdkRetryMode};
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region as SdkRegion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::service_config::ServiceConfigKey;

use super::super::retry::DEFAULT_MAX_ATTEMPTS;
use super::super::types::Region;
use super::environment::Environment;
use super::{RetryMode, Settings, http};
use crate::framework::Diagnostic;

/// An attempt without an answer for this long has none; AWS's slowest operations take some seconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);

/// Organizations is global: of the standard partition's Regions, this one serves it.
const DEFAULT_REGION: &str = "us-east-1";

/// The SDK's configuration with the credentials that the provider block names or the machine has.
pub(in crate::aws) async fn load(
    settings: &Settings,
    environment: &Environment,
) -> Result<SdkConfig, Diagnostic> {
    let http = http::client(settings)?;
    let files = profile_files(settings);
    let region = region(settings, environment, &files).await;
    let base = ProviderConfig::without_region()
        .with_region(region.clone())
        .with_http_client(http.clone());

    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(region)
        .profile_files(files.clone())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        )
        .credentials_provider(credentials(settings, files, &base));
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(fips) = settings.use_fips_endpoint {
        loader = loader.use_fips(fips);
    }
    if let Some(dual_stack) = settings.use_dualstack_endpoint {
        loader = loader.use_dual_stack(dual_stack);
    }
    let sdk = loader.load().await;
    let retries = retries(settings, &sdk);
    Ok(sdk.into_builder().retry_config(retries).build())
}

fn profile_files(settings: &Settings) -> EnvConfigFiles {
    let config = &settings.shared_config_files;
    let credentials = &settings.shared_credentials_files;
    let files = EnvConfigFiles::builder()
        .include_default_config_file(config.is_empty())
        .include_default_credentials_file(credentials.is_empty());
    let files = config.iter().fold(files, |files, path| {
        files.with_file(EnvConfigFileKind::Config, path)
    });
    let add = |files: aws_runtime::env_config::file::Builder, path| {
        files.with_file(EnvConfigFileKind::Credentials, path)
    };
    credentials.iter().fold(files, add).build()
}

async fn region(
    settings: &Settings,
    environment: &Environment,
    files: &EnvConfigFiles,
) -> Option<SdkRegion> {
    let named = settings.region.as_ref().map(Region::as_str);
    let named = named.or_else(|| environment.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]));
    let mut profile = ProfileFileRegionProvider::builder().profile_files(files.clone());
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
    }
    RegionProviderChain::first_try(named.map(|name| SdkRegion::new(name.to_owned())))
        .or_else(profile.build())
        .or_else(SdkRegion::from_static(DEFAULT_REGION))
        .region()
        .await
}

/// Credentials in the order of the AWS CLI: those written out, a profile that is named, environment,
/// shared files, web identity, container, instance.
fn credentials(
    settings: &Settings,
    files: EnvConfigFiles,
    base: &ProviderConfig,
) -> SharedCredentialsProvider {
    if let (Some(id), Some(secret)) = (&settings.access_key, &settings.secret_key) {
        let token = settings
            .token
            .as_ref()
            .map(|token| token.expose().to_owned());
        let keys = Credentials::new(id, secret.expose(), token, None, "provider block");
        return SharedCredentialsProvider::new(keys);
    }
    let mut profile = ProfileFileCredentialsProvider::builder()
        .profile_files(files)
        .configure(base);
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
        return SharedCredentialsProvider::new(profile.build());
    }
    let chain = CredentialsProviderChain::first_try(
        "Environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("Profile", profile.build())
    .or_else(
        "WebIdentity",
        WebIdentityTokenCredentialsProvider::builder()
            .configure(base)
            .build(),
    )
    .or_else(
        "Container",
        EcsCredentialsProvider::builder().configure(base).build(),
    );
    SharedCredentialsProvider::new(if settings.skip_metadata_api_check {
        chain
    } else {
        chain.or_else(
            "Instance",
            ImdsCredentialsProvider::builder().configure(base).build(),
        )
    })
}

/// What the provider block says, then environment and profile, then [`DEFAULT_MAX_ATTEMPTS`].
fn retries(settings: &Settings, sdk: &SdkConfig) -> RetryConfig {
    let found = sdk
        .retry_config()
        .cloned()
        .unwrap_or_else(RetryConfig::standard);
    let attempts = settings
        .max_retries
        .or_else(|| configured_max_attempts(sdk));
    let mode = match settings.retry_mode {
        None => found.mode(),
        Some(RetryMode::Standard) => SdkRetryMode::Standard,
        Some(RetryMode::Adaptive) => SdkRetryMode::Adaptive,
    };
    // Zero would be "never send"; whoever writes it means "never repeat".
    let attempts = attempts.unwrap_or(DEFAULT_MAX_ATTEMPTS).max(1);
    found.with_retry_mode(mode).with_max_attempts(attempts)
}

/// The SDK's own answer cannot be told apart from its default.
fn configured_max_attempts(sdk: &SdkConfig) -> Option<u32> {
    let key = ServiceConfigKey::builder()
        .service_id("Organizations")
        .env("AWS_MAX_ATTEMPTS")
        .profile("max_attempts")
        .build()
        .ok()?;
    sdk.service_config()?.load_config(key)?.parse().ok()
}
