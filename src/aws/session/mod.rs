//! Sessions: with whose credentials AWS is called.
//!
//! Nothing else makes a client. The provider block gives the first session; every `assume_role` of a
//! resource gives another, made once for all resources that say the same.

mod observer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use time::OffsetDateTime;

use self::observer::{Observer, ServerClock, UserAgent};
use super::account_management::AccountManagement;
use super::config::{self, AssumeRole, Environment, IgnoreTags, Settings};
use super::cost_and_usage::{self, CostAndUsage};
use super::error::Failure;
use super::iam::Iam;
use super::organizations::{self, Organizations};
use super::retry::unmetered;
use super::s3::{self, S3};
use super::snapshot::{Epoch, Snapshot};
use super::sts::{Renewing, Source, Sts};
use super::types::{AccountId, Region, Tags};
use crate::framework::{Cx, Diagnostic};

/// STS is asked before anything else: with few attempts, a wrong endpoint is told within seconds.
const STS_MAX_ATTEMPTS: u32 = 5;

/// Access to AWS, made from the provider block; cheap to clone.
#[derive(Clone, Debug)]
pub struct Aws(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base: Session,
    factory: Factory,
    roles: Mutex<HashMap<AssumeRole, Arc<Snapshot<Session>>>>,
    default_tags: Tags,
    ignore_tags: IgnoreTags,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// Account of the credentials.
    pub account_id: AccountId,
    /// ARN of the user, or of the session of a role.
    pub arn: String,
    /// AWS partition, such as `aws`.
    pub partition: String,
}

impl CallerIdentity {
    /// Region that serves cost and usage reports in the caller's partition.
    pub fn home_of_reports(&self) -> &'static str {
        cost_and_usage::home_of_partition(&self.partition)
    }
}

/// One set of credentials, and what is reached with it.
#[derive(Clone, Debug)]
struct Session {
    sdk: SdkConfig,
    sts: Sts,
    organizations: Organizations,
    account_management: AccountManagement,
    cost_and_usage: CostAndUsage,
    iam: Iam,
    s3: S3,
    /// Known from the start but for the provider's own session when it was told not to ask.
    caller: Option<CallerIdentity>,
}

/// What all sessions have in common.
#[derive(Clone, Debug)]
struct Factory {
    sdk: SdkConfig,
    sts_region: Option<String>,
    endpoints: config::Endpoints,
    clock: Arc<ServerClock>,
    user_agent: Arc<UserAgent>,
    shared: Arc<organizations::Shared>,
    reports: cost_and_usage::Shared,
    buckets: Arc<s3::Shared>,
    s3_use_path_style: bool,
}

impl Aws {
    /// Finds credentials, checks whose they are, and makes what all calls will share.
    ///
    /// Fails with a message for the provider block: no credentials, a role that cannot be assumed, an
    /// account that is not allowed.
    pub async fn configure(
        cx: &Cx,
        settings: Settings,
        terraform_version: &str,
    ) -> Result<Self, Diagnostic> {
        let environment = Environment::process();
        let settings = settings.with_environment(&environment);
        settings.check()?;
        let appended = environment.get("TF_APPEND_USER_AGENT");
        let user_agent = UserAgent::new(terraform_version, appended);
        let configured = Box::pin(Self::with(settings, &environment, user_agent));
        cx.unless_interrupted(configured).await?
    }

    async fn with(
        settings: Settings,
        environment: &Environment,
        user_agent: UserAgent,
    ) -> Result<Self, Diagnostic> {
        let factory = Factory {
            sdk: config::load(&settings, environment).await?,
            sts_region: settings.sts_region.as_ref().map(ToString::to_string),
            endpoints: settings.endpoints.clone(),
            clock: Arc::default(),
            user_agent: Arc::new(user_agent),
            shared: Arc::default(),
            reports: cost_and_usage::Shared::default(),
            buckets: Arc::default(),
            s3_use_path_style: settings.s3_use_path_style,
        };
        let base = factory.base(&settings).await?;
        if let Some(caller) = &base.caller {
            settings.check_account(&caller.account_id)?;
        }
        Ok(Self(Arc::new(Inner {
            base,
            factory,
            roles: Mutex::default(),
            default_tags: settings.default_tags,
            ignore_tags: settings.ignore_tags,
        })))
    }

    /// Organizations, with the provider's credentials or those of a role.
    pub async fn organizations(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<Organizations, Failure> {
        Ok(self.session(cx, role).await?.organizations)
    }

    /// Account Management, with the provider's credentials or those of a role.
    pub async fn account_management(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<AccountManagement, Failure> {
        Ok(self.session(cx, role).await?.account_management)
    }

    /// Cost and Usage Reports, with the provider's credentials or those of a role.
    pub async fn cost_and_usage(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<CostAndUsage, Failure> {
        Ok(self.session(cx, role).await?.cost_and_usage)
    }

    /// IAM, with the provider's credentials or those of a role.
    pub async fn iam(&self, cx: &Cx, role: Option<&AssumeRole>) -> Result<Iam, Failure> {
        Ok(self.session(cx, role).await?.iam)
    }

    /// S3 in a Region, with the provider's credentials or those of a role.
    pub async fn s3(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
        region: &Region,
    ) -> Result<S3, Failure> {
        Ok(self.session(cx, role).await?.s3.within(region))
    }

    /// Whose credentials are used.
    pub async fn caller(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<CallerIdentity, Failure> {
        let session = self.session(cx, role).await?;
        match session.caller {
            Some(caller) => Ok(caller),
            None => cx.unless_interrupted(session.sts.caller_identity()).await?,
        }
    }

    /// Time of day at AWS, by whose clock its rules are judged; the machine's until AWS has answered.
    pub fn now(&self, cx: &Cx) -> OffsetDateTime {
        self.0.factory.clock.now().unwrap_or_else(|| cx.now())
    }

    /// Tags that the provider block adds to every resource.
    pub fn default_tags(&self) -> &Tags {
        &self.0.default_tags
    }

    /// Takes out the tags that the provider block leaves to others, and AWS's own.
    pub fn without_ignored(&self, tags: Tags) -> Tags {
        tags.into_iter()
            .filter(|(key, _)| !self.0.ignore_tags.covers(key))
            .collect()
    }

    async fn session(&self, cx: &Cx, role: Option<&AssumeRole>) -> Result<Session, Failure> {
        let Some(role) = role else {
            return Ok(self.0.base.clone());
        };
        let shared = {
            let mut roles = self.0.roles.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(roles.entry(role.clone()).or_insert_with(|| {
                // Nothing makes a session stale: its credentials renew themselves.
                Arc::new(Snapshot::new(Epoch::default()))
            }))
        };
        let make = || {
            let (factory, sts, role) = (
                self.0.factory.clone(),
                self.0.base.sts.clone(),
                role.clone(),
            );
            async move { factory.of(Source::Role(sts, role)).await }
        };
        let session = cx.unless_interrupted(shared.read(make)).await??;
        Ok(Session::clone(&session))
    }
}

impl Factory {
    /// The session of the provider block, at the end of its chain of roles.
    async fn base(&self, settings: &Settings) -> Result<Session, Diagnostic> {
        let source = match &settings.assume_role_with_web_identity {
            Some(role) => Source::WebIdentity(self.sts(&self.sdk, None), role.clone()),
            None => Source::Found(self.found()?),
        };
        let mut session = self.of(source).await?;
        for role in &settings.assume_role {
            session = self.of(Source::Role(session.sts, role.clone())).await?;
        }
        if session.caller.is_none() && settings.asks_for_account() {
            let caller = session.sts.caller_identity().await?;
            session = self.session(session.sdk, Some(caller));
        }
        Ok(session)
    }

    /// Credentials that the provider block, the environment or the machine gives.
    fn found(&self) -> Result<SharedCredentialsProvider, Failure> {
        let missing = || Failure::bug("The SDK was given no credentials provider.");
        self.sdk.credentials_provider().ok_or_else(missing)
    }

    /// The session of the credentials, which are fetched here so that a fault shows at once.
    async fn of(&self, source: Source) -> Result<Session, Failure> {
        let (first, caller) = source.fetch().await?;
        let credentials = SharedCredentialsProvider::new(Renewing::new(first, source));
        let sdk = self
            .sdk
            .clone()
            .into_builder()
            .credentials_provider(credentials)
            .build();
        Ok(self.session(sdk, caller))
    }

    fn session(&self, sdk: SdkConfig, caller: Option<CallerIdentity>) -> Session {
        let account = caller.as_ref().map(|caller| caller.account_id.clone());
        let sts = self.sts(&sdk, account.clone());
        let organizations = Organizations::new(
            self.organizations(&sdk, account.clone()),
            account.clone(),
            Arc::clone(&self.shared),
        );
        let account_management = AccountManagement::new(
            self.account_management(&sdk, account.clone()),
            Arc::clone(&self.shared),
        );
        let cost_and_usage = self.cost_and_usage(&sdk, account.clone());
        let iam = Iam::new(self.iam(&sdk, account.clone()));
        let s3 = S3::new(
            self.s3(&sdk, account.clone()),
            account,
            Arc::clone(&self.buckets),
        );
        Session {
            sdk,
            sts,
            organizations,
            account_management,
            cost_and_usage,
            iam,
            s3,
            caller,
        }
    }

    fn organizations(
        &self,
        sdk: &SdkConfig,
        account: Option<AccountId>,
    ) -> aws_sdk_organizations::Client {
        let mut config = aws_sdk_organizations::config::Builder::from(sdk)
            .retry_partition(unmetered("organizations"))
            .interceptor(self.observer(account));
        if let Some(url) = &self.endpoints.organizations {
            config = config.endpoint_url(url);
        }
        aws_sdk_organizations::Client::from_conf(config.build())
    }

    fn account_management(
        &self,
        sdk: &SdkConfig,
        account: Option<AccountId>,
    ) -> aws_sdk_account::Client {
        let mut config = aws_sdk_account::config::Builder::from(sdk)
            .retry_partition(unmetered("account"))
            .interceptor(self.observer(account));
        if let Some(url) = &self.endpoints.account {
            config = config.endpoint_url(url);
        }
        aws_sdk_account::Client::from_conf(config.build())
    }

    /// One Region of the partition serves reports, whatever the provider's Region is.
    fn cost_and_usage(&self, sdk: &SdkConfig, account: Option<AccountId>) -> CostAndUsage {
        let provider_region = sdk.region().map(AsRef::as_ref).unwrap_or_default();
        let region = cost_and_usage::home(provider_region);
        let mut config = aws_sdk_costandusagereport::config::Builder::from(sdk)
            .region(aws_config::Region::new(region))
            .retry_partition(unmetered("cur"))
            .interceptor(self.observer(account));
        if let Some(url) = &self.endpoints.cur {
            config = config.endpoint_url(url);
        }
        let client = aws_sdk_costandusagereport::Client::from_conf(config.build());
        CostAndUsage::new(client, &self.reports)
    }

    fn iam(&self, sdk: &SdkConfig, account: Option<AccountId>) -> aws_sdk_iam::Client {
        let mut config = aws_sdk_iam::config::Builder::from(sdk)
            .retry_partition(unmetered("iam"))
            .interceptor(self.observer(account));
        if let Some(url) = &self.endpoints.iam {
            config = config.endpoint_url(url);
        }
        aws_sdk_iam::Client::from_conf(config.build())
    }

    fn s3(&self, sdk: &SdkConfig, account: Option<AccountId>) -> aws_sdk_s3::Client {
        let mut config = aws_sdk_s3::config::Builder::from(sdk)
            .force_path_style(self.s3_use_path_style)
            .retry_partition(unmetered("s3"))
            .interceptor(self.observer(account));
        if let Some(url) = &self.endpoints.s3 {
            config = config.endpoint_url(url);
        }
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn sts(&self, sdk: &SdkConfig, account: Option<AccountId>) -> Sts {
        let retries = sdk
            .retry_config()
            .cloned()
            .unwrap_or_else(RetryConfig::standard);
        let attempts = retries.max_attempts().min(STS_MAX_ATTEMPTS);
        let mut config = aws_sdk_sts::config::Builder::from(sdk)
            .retry_config(retries.with_max_attempts(attempts))
            .retry_partition(unmetered("sts"))
            .interceptor(self.observer(account));
        if let Some(region) = &self.sts_region {
            config = config.region(aws_config::Region::new(region.clone()));
        }
        if let Some(url) = &self.endpoints.sts {
            config = config.endpoint_url(url);
        }
        Sts::new(aws_sdk_sts::Client::from_conf(config.build()))
    }

    fn observer(&self, account: Option<AccountId>) -> Observer {
        Observer {
            account,
            pace: self.shared.pace(),
            clock: Arc::clone(&self.clock),
            user_agent: Arc::clone(&self.user_agent),
        }
    }
}
