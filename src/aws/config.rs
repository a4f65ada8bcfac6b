//! The provider block as plain values.

use std::collections::BTreeMap;
use std::time::Duration;

use super::types::{AccountId, ExternalId, Region, RoleArn, SessionName, Tags};

/// Everything that the provider block can say about AWS; what is absent comes from the environment.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `region`: Region whose partition and STS endpoint are used. Organizations itself is global.
    pub region: Option<Region>,
    /// `sts_region`: Region whose STS endpoint is used, where it differs.
    pub sts_region: Option<Region>,
    /// `profile`: profile of the shared files.
    pub profile: Option<String>,
    /// `access_key`: access key ID.
    pub access_key: Option<String>,
    /// `secret_key`: secret access key.
    pub secret_key: Option<SecretText>,
    /// `token`: session token of temporary credentials.
    pub token: Option<SecretText>,
    /// `shared_config_files`: instead of `~/.aws/config`.
    pub shared_config_files: Vec<String>,
    /// `shared_credentials_files`: instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<String>,
    /// `assume_role`: roles to assume, each with the credentials of the one before.
    pub assume_role: Vec<AssumeRole>,
    /// `assume_role_with_web_identity`: role to assume with a token of an identity provider.
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// `allowed_account_ids`: accounts that the credentials must belong to.
    pub allowed_account_ids: Vec<AccountId>,
    /// `forbidden_account_ids`: accounts that the credentials must not belong to.
    pub forbidden_account_ids: Vec<AccountId>,
    /// `endpoints`: URLs to call instead of AWS's, by service.
    pub endpoints: Endpoints,
    /// `max_retries`: number of times that a call is sent at most.
    pub max_retries: Option<u32>,
    /// `retry_mode`: how the pace of retries is found.
    pub retry_mode: Option<RetryMode>,
    /// `http_proxy`: proxy for plain requests, and for encrypted ones without a proxy of their own.
    pub http_proxy: Option<String>,
    /// `https_proxy`: proxy for encrypted requests.
    pub https_proxy: Option<String>,
    /// `no_proxy`: hosts that are reached without a proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// `custom_ca_bundle`: PEM file of certificate authorities to trust instead of the machine's.
    pub custom_ca_bundle: Option<String>,
    /// `default_tags`: tags that every resource gets.
    pub default_tags: Tags,
    /// `ignore_tags`: tags that are left to others.
    pub ignore_tags: IgnoreTags,
    /// `skip_credentials_validation`: do not ask STS whether the credentials are valid.
    pub skip_credentials_validation: bool,
    /// `skip_requesting_account_id`: do not ask for the account of the credentials.
    pub skip_requesting_account_id: bool,
    /// `skip_metadata_api_check`: do not look for credentials of an EC2 instance.
    pub skip_metadata_api_check: bool,
    /// `skip_region_validation`: take a Region that this version does not know.
    pub skip_region_validation: bool,
    /// `use_fips_endpoint`: call FIPS endpoints.
    pub use_fips_endpoint: Option<bool>,
    /// `use_dualstack_endpoint`: call endpoints that answer over IPv6 too.
    pub use_dualstack_endpoint: Option<bool>,
}

/// A role to assume, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssumeRole {
    /// Role to assume.
    pub role_arn: RoleArn,
    /// How long its credentials last; AWS gives an hour unless told otherwise.
    pub duration: Option<Duration>,
    /// Text that the role's trust policy asks for.
    pub external_id: Option<ExternalId>,
    /// Policy in JSON that narrows what the session may do.
    pub policy: Option<String>,
    /// Managed policies that narrow what the session may do.
    pub policy_arns: Vec<String>,
    /// Name of the session, as it shows in logs of the role's account.
    pub session_name: Option<SessionName>,
    /// Who is behind the session, as it shows in all logs.
    pub source_identity: Option<String>,
    /// Tags of the session.
    pub tags: BTreeMap<String, String>,
    /// Keys of the tags that go on to sessions made from this one.
    pub transitive_tag_keys: Vec<String>,
}

impl AssumeRole {
    /// The role with nothing more said.
    pub fn new(role_arn: RoleArn) -> Self {
        Self {
            role_arn,
            duration: None,
            external_id: None,
            policy: None,
            policy_arns: Vec::new(),
            session_name: None,
            source_identity: None,
            tags: BTreeMap::new(),
            transitive_tag_keys: Vec::new(),
        }
    }
}

/// A role to assume with a token of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRoleWithWebIdentity {
    /// Role to assume.
    pub role_arn: RoleArn,
    /// Name of the session, as it shows in logs of the role's account.
    pub session_name: Option<SessionName>,
    /// Where the token comes from.
    pub token: WebIdentityToken,
    /// How long its credentials last; AWS gives an hour unless told otherwise.
    pub duration: Option<Duration>,
    /// Policy in JSON that narrows what the session may do.
    pub policy: Option<String>,
    /// Managed policies that narrow what the session may do.
    pub policy_arns: Vec<String>,
}

/// Token of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebIdentityToken {
    /// `web_identity_token`: the token itself.
    Text(SecretText),
    /// `web_identity_token_file`: file that holds it, read anew for each session.
    File(String),
}

/// URLs to call instead of AWS's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// `endpoints.organizations`.
    pub organizations: Option<String>,
    /// `endpoints.sts`.
    pub sts: Option<String>,
}

/// How the pace of retries is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryMode {
    /// Waits longer after each failure.
    Standard,
    /// Also slows down further calls after throttling.
    Adaptive,
}

/// Tags that are left to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoreTags {
    /// Keys to leave alone.
    pub keys: Vec<String>,
    /// Beginnings of keys to leave alone.
    pub key_prefixes: Vec<String>,
}

/// Text that is never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Takes the text out of sight.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(sensitive value)")
    }
}
