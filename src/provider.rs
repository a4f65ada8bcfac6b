//! `provider "awsbilling"`: the provider block, and the list of all that the provider offers.
//!
//! Names, environment variables and precedence are those of the `aws` provider, so that a configuration
//! that works there works here.

use std::collections::{BTreeMap, BTreeSet};

use crate::attributes::AssumeRole;
use crate::aws::config::{
    AssumeRoleWithWebIdentity, Endpoints, IgnoreTags, RetryMode as AwsRetryMode, SecretText,
    Settings, WebIdentityToken,
};
use crate::aws::types::{AccountId, Region, RoleArn, SessionName};
use crate::aws::{self, Aws};
use crate::framework::attribute::Partial;
use crate::framework::timeouts::Limit;
use crate::framework::{
    Catalog, Choice, Client, Cx, Diagnostic, Diagnostics, Model, Provider, Result, Secret,
};
use crate::{data_sources, functions, resources};

/// Joins AWS accounts to the billing partner that pays for them, and shows what AWS knows of it.
///
/// Credentials are looked for in this block first, and then where the AWS CLI finds them: in the
/// environment, the shared files, and the container or instance. Organizations and billing are global
/// services, so a Region is not needed.
#[derive(Clone, Debug, Model)]
#[model(conflicts(allowed_account_ids, forbidden_account_ids))]
pub struct ProviderBlock {
    /// Region whose partition and STS endpoint are used; `AWS_REGION` and the profile are asked next.
    pub region: Option<Region>,

    /// Region whose STS endpoint is used, where it differs from `region`.
    pub sts_region: Option<Region>,

    /// Profile of the shared files; `AWS_PROFILE` is asked next.
    pub profile: Option<String>,

    /// Access key ID; `AWS_ACCESS_KEY_ID` is asked next.
    pub access_key: Option<String>,

    /// Secret access key; `AWS_SECRET_ACCESS_KEY` is asked next.
    pub secret_key: Option<Secret<String>>,

    /// Session token of temporary credentials; `AWS_SESSION_TOKEN` is asked next.
    pub token: Option<Secret<String>>,

    /// Paths of shared configuration files, instead of `~/.aws/config`.
    pub shared_config_files: Option<Vec<String>>,

    /// Paths of shared credentials files, instead of `~/.aws/credentials`.
    pub shared_credentials_files: Option<Vec<String>>,

    /// Roles to assume, each with the credentials of the one before.
    #[attr(block)]
    pub assume_role: Vec<AssumeRole>,

    /// Role to assume with a token of an identity provider.
    #[attr(block)]
    pub assume_role_with_web_identity: Option<WebIdentity>,

    /// Account IDs that the credentials must belong to; any other account is refused. Conflicts with
    /// `forbidden_account_ids`.
    pub allowed_account_ids: Option<BTreeSet<AccountId>>,

    /// Account IDs that the credentials must not belong to. Conflicts with `allowed_account_ids`.
    pub forbidden_account_ids: Option<BTreeSet<AccountId>>,

    /// URLs to call instead of AWS's, for tests and private networks.
    #[attr(block)]
    pub endpoints: Option<EndpointUrls>,

    /// Greatest number of times that a call is sent; `AWS_MAX_ATTEMPTS` is asked next.
    pub max_retries: Option<i64>,

    /// Way in which the pace of retries is found; `AWS_RETRY_MODE` is asked next.
    pub retry_mode: Option<RetryMode>,

    /// URL of the proxy for plain requests; `HTTP_PROXY` is asked next.
    pub http_proxy: Option<String>,

    /// URL of the proxy for encrypted requests; `HTTPS_PROXY` is asked next.
    pub https_proxy: Option<String>,

    /// Hosts that are reached without a proxy, separated by commas; `NO_PROXY` is asked next.
    pub no_proxy: Option<String>,

    /// Path of a PEM file of certificate authorities to trust; `AWS_CA_BUNDLE` is asked next.
    pub custom_ca_bundle: Option<String>,

    /// Tags that every taggable resource gets, unless the resource says otherwise.
    #[attr(block)]
    pub default_tags: Option<DefaultTags>,

    /// Tags that are left to others: neither shown nor changed.
    #[attr(block)]
    pub ignore_tags: Option<IgnoredTags>,

    /// Whether to skip asking STS whether the credentials are valid.
    pub skip_credentials_validation: Option<bool>,

    /// Whether to skip asking for the account of the credentials.
    pub skip_requesting_account_id: Option<bool>,

    /// Whether to skip looking for the credentials of an EC2 instance.
    pub skip_metadata_api_check: Option<bool>,

    /// Whether to accept a Region that this version does not know.
    pub skip_region_validation: Option<bool>,

    /// Whether to call FIPS endpoints; `AWS_USE_FIPS_ENDPOINT` is asked next.
    pub use_fips_endpoint: Option<bool>,

    /// Whether to call endpoints that also answer over IPv6; `AWS_USE_DUALSTACK_ENDPOINT` is asked next.
    pub use_dualstack_endpoint: Option<bool>,

    /// Whether to write a bucket's name into the path of an S3 URL instead of its host, for endpoints
    /// that are not AWS's.
    pub s3_use_path_style: Option<bool>,
}

/// Role to assume with a token of an identity provider.
#[derive(Clone, Debug, Model)]
#[model(exactly_one_of(web_identity_token, web_identity_token_file))]
pub struct WebIdentity {
    /// ARN of the role to assume.
    pub role_arn: RoleArn,

    /// Token of the identity provider. Either this or `web_identity_token_file` is required.
    pub web_identity_token: Option<Secret<String>>,

    /// Path of a file that holds the token. Either this or `web_identity_token` is required.
    pub web_identity_token_file: Option<String>,

    /// Length of the role session, such as `15m` or `1h`.
    pub duration: Option<Limit>,

    /// Policy in JSON that narrows what the session may do.
    pub policy: Option<String>,

    /// ARNs of managed policies that narrow what the session may do.
    pub policy_arns: Option<BTreeSet<String>>,

    /// Name of the role session, as CloudTrail in the role's account shows it.
    pub session_name: Option<SessionName>,
}

/// URLs to call instead of AWS's.
#[derive(Clone, Debug, Model)]
pub struct EndpointUrls {
    /// URL of Cost and Usage Reports; `AWS_ENDPOINT_URL_COST_AND_USAGE_REPORT_SERVICE` is asked next.
    pub cur: Option<String>,

    /// URL of IAM; `AWS_ENDPOINT_URL_IAM` is asked next.
    pub iam: Option<String>,

    /// URL of AWS Organizations; `AWS_ENDPOINT_URL_ORGANIZATIONS` is asked next.
    pub organizations: Option<String>,

    /// URL of S3; `AWS_ENDPOINT_URL_S3` is asked next.
    pub s3: Option<String>,

    /// URL of AWS STS; `AWS_ENDPOINT_URL_STS` is asked next.
    pub sts: Option<String>,
}

/// Tags that every taggable resource gets.
#[derive(Clone, Debug, Model)]
pub struct DefaultTags {
    /// Tags by key; `TF_AWS_DEFAULT_TAGS_<key>` adds further ones.
    pub tags: Option<BTreeMap<String, String>>,
}

/// Tags that are left to others.
#[derive(Clone, Debug, Model)]
pub struct IgnoredTags {
    /// Keys to leave alone.
    pub keys: Option<BTreeSet<String>>,

    /// Beginnings of keys to leave alone.
    pub key_prefixes: Option<BTreeSet<String>>,
}

/// Way in which the pace of retries is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum RetryMode {
    /// Waits longer after each failure.
    Standard,
    /// Slows further calls down after throttling, too.
    Adaptive,
}

/// The provider.
#[derive(Debug)]
pub struct AwsBilling;

impl Provider for AwsBilling {
    const NAME: &'static str = "awsbilling";
    type Config = ProviderBlock;
    type Client = Aws;

    fn validate(config: &PartialProviderBlock, problems: &mut Diagnostics) {
        if let Partial::Known(Some(attempts)) = config.max_retries
            && !(0..=1000).contains(&attempts)
        {
            problems.push(
                Diagnostic::error("Invalid attribute value")
                    .detail(format!("max_retries is 0 to 1000, got {attempts}."))
                    .at("max_retries"),
            );
        }
    }

    async fn configure(cx: &Cx, block: ProviderBlock, terraform_version: &str) -> Result<Aws> {
        Aws::configure(cx, Settings::from(block), terraform_version).await
    }

    fn catalog() -> Catalog<Aws> {
        Catalog::new()
            .resource::<resources::BillingTransferAccept>()
            .resource::<resources::BillingTransferInvitation>()
            .resource::<resources::OrgDeletion>()
            .resource::<resources::OrgDeparture>()
            .resource::<resources::CostAnalyzerConnection>()
            .resource::<resources::CurBackfillAccess>()
            .resource::<resources::CurBucket>()
            .resource::<resources::CurReportDefinition>()
            .resource::<resources::OrgHandshakeAccept>()
            .resource::<resources::OrgMemberAccount>()
            .resource::<resources::OrgMemberRemoval>()
            .resource::<resources::OrganizationResource>()
            .resource::<resources::PartnerAccountInvitation>()
            .fleet::<resources::OrgHandshakeAccepts>()
            .fleet::<resources::OrgMemberRemovals>()
            .fleet::<resources::PartnerAccountInvitations>()
            .data_source::<data_sources::AccountStanding>()
            .data_source::<data_sources::BillingTransfers>()
            .data_source::<data_sources::CostAnalyzerProfile>()
            .data_source::<data_sources::CurBucketPolicy>()
            .data_source::<data_sources::CurDelivery>()
            .data_source::<data_sources::CurReportDefinitions>()
            .data_source::<data_sources::OrgMembers>()
            .data_source::<data_sources::PendingInvitations>()
            .data_source::<data_sources::RemovalReadiness>()
            .data_source::<data_sources::SentInvitations>()
            .function::<functions::AccountIdNormalize>()
            .function::<functions::BillingTransferStart>()
            .function::<functions::CurBucketPolicy>()
            .function::<functions::CurManifestKey>()
            .function::<functions::CurReportPrefix>()
            .function::<functions::HandshakeArnParse>()
            .function::<functions::OrganizationArnParse>()
    }
}

impl Client for Aws {
    fn default_tags(&self) -> &BTreeMap<String, String> {
        Self::default_tags(self)
    }
}

impl From<ProviderBlock> for Settings {
    fn from(block: ProviderBlock) -> Self {
        let secret = |text: Option<Secret<String>>| text.map(|text| SecretText::new(text.expose()));
        let endpoints = block.endpoints.map(|urls| Endpoints {
            cur: urls.cur,
            iam: urls.iam,
            organizations: urls.organizations,
            s3: urls.s3,
            sts: urls.sts,
        });
        let ignore_tags = block.ignore_tags.map(|ignored| IgnoreTags {
            keys: list(ignored.keys),
            key_prefixes: list(ignored.key_prefixes),
        });
        Self {
            region: block.region,
            sts_region: block.sts_region,
            profile: block.profile,
            access_key: block.access_key,
            secret_key: secret(block.secret_key),
            token: secret(block.token),
            shared_config_files: block.shared_config_files.unwrap_or_default(),
            shared_credentials_files: block.shared_credentials_files.unwrap_or_default(),
            assume_role: block
                .assume_role
                .iter()
                .map(aws::AssumeRole::from)
                .collect(),
            assume_role_with_web_identity: block
                .assume_role_with_web_identity
                .and_then(web_identity),
            allowed_account_ids: list(block.allowed_account_ids),
            forbidden_account_ids: list(block.forbidden_account_ids),
            endpoints: endpoints.unwrap_or_default(),
            max_retries: block
                .max_retries
                .and_then(|attempts| attempts.try_into().ok()),
            retry_mode: block.retry_mode.map(|mode| match mode {
                RetryMode::Standard => AwsRetryMode::Standard,
                RetryMode::Adaptive => AwsRetryMode::Adaptive,
            }),
            http_proxy: block.http_proxy,
            https_proxy: block.https_proxy,
            no_proxy: block.no_proxy,
            custom_ca_bundle: block.custom_ca_bundle,
            default_tags: block
                .default_tags
                .and_then(|tags| tags.tags)
                .unwrap_or_default(),
            ignore_tags: ignore_tags.unwrap_or_default(),
            skip_credentials_validation: block.skip_credentials_validation.unwrap_or_default(),
            skip_requesting_account_id: block.skip_requesting_account_id.unwrap_or_default(),
            skip_metadata_api_check: block.skip_metadata_api_check.unwrap_or_default(),
            skip_region_validation: block.skip_region_validation.unwrap_or_default(),
            use_fips_endpoint: block.use_fips_endpoint,
            use_dualstack_endpoint: block.use_dualstack_endpoint,
            s3_use_path_style: block.s3_use_path_style.unwrap_or_default(),
        }
    }
}

fn web_identity(written: WebIdentity) -> Option<AssumeRoleWithWebIdentity> {
    let token = match (written.web_identity_token, written.web_identity_token_file) {
        (Some(token), _) => WebIdentityToken::Text(SecretText::new(token.expose())),
        (None, Some(file)) => WebIdentityToken::File(file),
        (None, None) => return None,
    };
    Some(AssumeRoleWithWebIdentity {
        role_arn: written.role_arn,
        session_name: written.session_name,
        token,
        duration: written.duration.as_ref().map(Limit::duration),
        policy: written.policy,
        policy_arns: list(written.policy_arns),
    })
}

fn list<T>(set: Option<BTreeSet<T>>) -> Vec<T> {
    set.into_iter().flatten().collect()
}
