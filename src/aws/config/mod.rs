//! The provider block as plain values, and what the environment adds to it.
//!
//! Names, environment variables and precedence are those of the hashicorp/aws provider and the AWS CLI:
//! what is written, then the environment, then the shared files, then the container or instance.

mod environment;
mod http;
mod sdk;

use std::collections::BTreeMap;
use std::time::Duration;

pub(super) use environment::Environment;
pub(super) use sdk::load;

use super::types::{AccountId, ExternalId, Region, RoleArn, SessionName, Tags, is_system_tag};
use crate::framework::Diagnostic;

/// Everything that the provider block can say about AWS; what is absent comes from the environment.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the provider block has these switches"
)]
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
    /// `s3_use_path_style`: write a bucket's name into the path of a URL instead of its host.
    pub s3_use_path_style: bool,
}

impl Settings {
    /// Adds what the environment says where the provider block says nothing.
    pub(super) fn with_environment(mut self, environment: &Environment) -> Self {
        let text = |names: &[&str]| environment.first(names).map(str::to_owned);
        self.https_proxy = self
            .https_proxy
            .or_else(|| self.http_proxy.clone())
            .or_else(|| text(&["HTTPS_PROXY", "https_proxy"]));
        self.http_proxy = self
            .http_proxy
            .or_else(|| text(&["HTTP_PROXY", "http_proxy"]));
        self.no_proxy = self.no_proxy.or_else(|| text(&["NO_PROXY", "no_proxy"]));
        self.custom_ca_bundle = self.custom_ca_bundle.or_else(|| text(&["AWS_CA_BUNDLE"]));
        for (key, value) in environment.with_prefix("TF_AWS_DEFAULT_TAGS_") {
            self.default_tags
                .entry(key.to_owned())
                .or_insert_with(|| value.to_owned());
        }
        let listed = |name| {
            environment
                .get(name)
                .into_iter()
                .flat_map(|list| list.split(','))
        };
        let listed = |name| {
            listed(name)
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
        };
        self.ignore_tags
            .keys
            .extend(listed("TF_AWS_IGNORE_TAGS_KEYS"));
        self.ignore_tags
            .key_prefixes
            .extend(listed("TF_AWS_IGNORE_TAGS_KEY_PREFIXES"));
        self
    }

    /// Says what does not fit together.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        let fault = |summary: &str, detail: &str, at: &str| {
            Err(Diagnostic::error(summary).detail(detail).at(at))
        };
        if self.access_key.is_some() != self.secret_key.is_some() {
            return fault(
                "Incomplete access key",
                "access_key and secret_key belong together: give both, or neither.",
                if self.access_key.is_some() {
                    "secret_key"
                } else {
                    "access_key"
                },
            );
        }
        if self.token.is_some() && self.access_key.is_none() {
            return fault(
                "Incomplete access key",
                "token belongs to access_key and secret_key: give all three, or none.",
                "token",
            );
        }
        if !self.allowed_account_ids.is_empty() && !self.forbidden_account_ids.is_empty() {
            return fault(
                "Conflicting attributes",
                "Give allowed_account_ids or forbidden_account_ids, not both.",
                "forbidden_account_ids",
            );
        }
        let checks_account =
            !self.allowed_account_ids.is_empty() || !self.forbidden_account_ids.is_empty();
        if checks_account && !self.asks_for_account() {
            return fault(
                "Conflicting attributes",
                "allowed_account_ids and forbidden_account_ids need to know the account of the credentials: \
                 do not skip both skip_credentials_validation and skip_requesting_account_id.",
                "skip_requesting_account_id",
            );
        }
        if let Some(region) = &self.region
            && !self.skip_region_validation
            && partition_of(region.as_str()).is_none()
        {
            return Err(Diagnostic::error("Region not known")
                .detail(format!(
                    "\"{region}\" is not a Region of an AWS partition that this version of the provider knows. \
                     Correct it, or set skip_region_validation to true."
                ))
                .at("region"));
        }
        Ok(())
    }

    /// Whether STS is asked whose the credentials are: once for both purposes.
    pub(super) fn asks_for_account(&self) -> bool {
        !(self.skip_credentials_validation && self.skip_requesting_account_id)
    }

    /// Says whether the account may be worked on.
    pub(super) fn check_account(&self, account: &AccountId) -> Result<(), Diagnostic> {
        let allowed = &self.allowed_account_ids;
        let refused = |why: &str, at: &str| {
            let detail = format!(
                "The credentials belong to account {account}, {why}.\n\nCheck which credentials are used: \
                 profile, assume_role, and the variables AWS_PROFILE and AWS_ACCESS_KEY_ID."
            );
            Err(Diagnostic::error("Account not allowed")
                .detail(detail)
                .at(at))
        };
        if !allowed.is_empty() && !allowed.contains(account) {
            return refused("which is not in allowed_account_ids", "allowed_account_ids");
        }
        if self.forbidden_account_ids.contains(account) {
            return refused("which is in forbidden_account_ids", "forbidden_account_ids");
        }
        Ok(())
    }
}

/// AWS partition that a Region belongs to.
///
/// Source: `partitions.json`, which AWS's SDKs share.
pub(super) fn partition_of(region: &str) -> Option<&'static str> {
    const PARTITIONS: &[(&str, &[&str])] = &[
        ("aws-us-gov", &["us-gov-"]),
        ("aws-iso-f", &["us-isof-", "eu-isof-"]),
        ("aws-iso-e", &["eu-isoe-"]),
        ("aws-iso-b", &["us-isob-"]),
        ("aws-iso", &["us-iso-"]),
        ("aws-eusc", &["eusc-"]),
        ("aws-cn", &["cn-"]),
        (
            "aws",
            &[
                "us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-",
            ],
        ),
    ];
    let belongs =
        |(_, prefixes): &&(&str, &[&str])| prefixes.iter().any(|prefix| region.starts_with(prefix));
    PARTITIONS
        .iter()
        .find(belongs)
        .map(|(partition, _)| *partition)
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
    /// `endpoints.account`.
    pub account: Option<String>,
    /// `endpoints.billing`.
    pub billing: Option<String>,
    /// `endpoints.ce`.
    pub ce: Option<String>,
    /// `endpoints.cur`.
    pub cur: Option<String>,
    /// `endpoints.iam`.
    pub iam: Option<String>,
    /// `endpoints.organizations`.
    pub organizations: Option<String>,
    /// `endpoints.s3`.
    pub s3: Option<String>,
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

impl IgnoreTags {
    /// Whether the tag is left to others, or is AWS's own.
    pub(super) fn covers(&self, key: &str) -> bool {
        is_system_tag(key)
            || self.keys.iter().any(|ignored| ignored == key)
            || self
                .key_prefixes
                .iter()
                .any(|prefix| key.starts_with(prefix.as_str()))
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::framework::DomainText;

    fn tags<const N: usize>(tags: [(&str, &str); N]) -> Tags {
        tags.map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn tags_of_the_environment_fill_in() {
        let environment = Environment::of([
            ("TF_AWS_DEFAULT_TAGS_team", "environment"),
            ("TF_AWS_DEFAULT_TAGS_stage", "test"),
            ("TF_AWS_IGNORE_TAGS_KEYS", "owner, contact"),
            ("TF_AWS_IGNORE_TAGS_KEY_PREFIXES", "kube/"),
        ]);
        let settings = Settings {
            default_tags: tags([("team", "block")]),
            ..Settings::default()
        };
        let settings = settings.with_environment(&environment);
        assert_eq!(
            settings.default_tags,
            tags([("team", "block"), ("stage", "test")])
        );
        assert_eq!(settings.ignore_tags.keys, ["owner", "contact"]);
        assert_eq!(settings.ignore_tags.key_prefixes, ["kube/"]);
    }

    #[test]
    fn proxies_of_the_environment_fill_in() {
        let environment = Environment::of([
            ("HTTP_PROXY", "http://plain:1"),
            ("https_proxy", "http://encrypted:1"),
            ("NO_PROXY", "localhost"),
        ]);
        let of = |settings: Settings| {
            let settings = settings.with_environment(&environment);
            (
                settings.http_proxy.unwrap(),
                settings.https_proxy.unwrap(),
                settings.no_proxy.unwrap(),
            )
        };
        let text = |text: &str| Some(text.to_owned());
        let expected =
            |http: &str, https: &str, no: &str| (http.to_owned(), https.to_owned(), no.to_owned());
        let found = of(Settings::default());
        assert_eq!(
            found,
            expected("http://plain:1", "http://encrypted:1", "localhost")
        );
        let found = of(Settings {
            http_proxy: text("http://mine:1"),
            ..Settings::default()
        });
        assert_eq!(
            found,
            expected("http://mine:1", "http://mine:1", "localhost")
        );
        let found = of(Settings {
            https_proxy: text("http://mine:1"),
            no_proxy: text("x"),
            ..Settings::default()
        });
        assert_eq!(found, expected("http://plain:1", "http://mine:1", "x"));
    }

    #[test]
    fn a_bundle_of_the_environment_fills_in() {
        let environment = Environment::of([("AWS_CA_BUNDLE", "/environment")]);
        let settings = Settings::default().with_environment(&environment);
        assert_eq!(settings.custom_ca_bundle.as_deref(), Some("/environment"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let settings = Settings {
            secret_key: Some(SecretText::new("s3cr3t")),
            token: Some(SecretText::new("s3cr3t")),
            assume_role: vec![AssumeRole {
                external_id: Some(ExternalId::parse("s3cr3t").unwrap()),
                ..AssumeRole::new(RoleArn::parse("arn:aws:iam::111122223333:role/Example").unwrap())
            }],
            ..Settings::default()
        };
        assert!(!format!("{settings:?}").contains("s3cr3t"));
    }

    #[test]
    fn a_region_tells_its_partition() {
        for (region, partition) in [
            ("us-east-1", Some("aws")),
            ("us-gov-west-1", Some("aws-us-gov")),
            ("cn-northwest-1", Some("aws-cn")),
            ("us-isob-east-1", Some("aws-iso-b")),
            ("eusc-de-east-1", Some("aws-eusc")),
            ("xx-moon-1", None),
        ] {
            assert_eq!(partition_of(region), partition, "{region}");
        }
    }
}
