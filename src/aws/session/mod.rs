//! Sessions: with whose credentials AWS is called.
//!
//! Nothing else makes a client. The provider block gives the first session; every `assume_role` of a
//! resource gives another, made once for all resources that say the same.

mod observer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use time::OffsetDateTime;

use self::observer::{Observer, ServerClock, UserAgent};
use super::account_management::AccountManagement;
use super::billing::Billing;
use super::config::{self, AssumeRole, Environment, IgnoreTags, Settings};
use super::cost_and_usage::{self, CostAndUsage};
use super::cost_explorer::{self, CostExplorer};
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
    base: Arc<Session>,
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
///
/// A client of the SDK costs memory and time, so each is made when the first call needs it.
#[derive(Debug)]
struct Session {
    sdk: SdkConfig,
    /// Known from the start but for the provider's own session when it was told not to ask.
    caller: Option<CallerIdentity>,
    sts: OnceLock<Sts>,
    organizations: OnceLock<Organizations>,
    account_management: OnceLock<AccountManagement>,
    cost_and_usage: OnceLock<CostAndUsage>,
    cost_explorer: OnceLock<CostExplorer>,
    billing: OnceLock<Billing>,
    iam: OnceLock<Iam>,
    s3: OnceLock<S3>,
}

impl Session {
    /// Nothing reached yet.
    fn new(sdk: SdkConfig, caller: Option<CallerIdentity>) -> Self {
        Self {
            sdk,
            caller,
            sts: OnceLock::new(),
            organizations: OnceLock::new(),
            account_management: OnceLock::new(),
            cost_and_usage: OnceLock::new(),
            cost_explorer: OnceLock::new(),
            billing: OnceLock::new(),
            iam: OnceLock::new(),
            s3: OnceLock::new(),
        }
    }

    fn account(&self) -> Option<AccountId> {
        self.caller.as_ref().map(|caller| caller.account_id.clone())
    }
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
            base: Arc::new(base),
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
        let session = self.session(cx, role).await?;
        Ok(self.0.factory.organizations(&session))
    }

    /// Account Management, with the provider's credentials or those of a role.
    pub async fn account_management(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<AccountManagement, Failure> {
        let session = self.session(cx, role).await?;
        Ok(self.0.factory.account_management(&session))
    }

    /// Cost and Usage Reports, with the provider's credentials or those of a role.
    pub async fn cost_and_usage(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<CostAndUsage, Failure> {
        let session = self.session(cx, role).await?;
        Ok(self.0.factory.cost_and_usage(&session))
    }

    /// Cost Explorer, with the provider's credentials or those of a role.
    pub async fn cost_explorer(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<CostExplorer, Failure> {
        let session = self.session(cx, role).await?;
        Ok(self.0.factory.cost_explorer(&session))
    }

    /// AWS Billing, with the provider's credentials or those of a role.
    pub async fn billing(&self, cx: &Cx, role: Option<&AssumeRole>) -> Result<Billing, Failure> {
        let session = self.session(cx, role).await?;
        Ok(self.0.factory.billing(&session))
    }

    /// IAM, with the provider's credentials or those of a role.
    pub async fn iam(&self, cx: &Cx, role: Option<&AssumeRole>) -> Result<Iam, Failure> {
        let session = self.session(cx, role).await?;
        Ok(self.0.factory.iam(&session))
    }

    /// S3 in a Region, with the provider's credentials or those of a role.
    pub async fn s3(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
        region: &Region,
    ) -> Result<S3, Failure> {
        let session = self.session(cx, role).await?;
        Ok(self.0.factory.s3(&session).within(region))
    }

    /// Whose credentials are used.
    pub async fn caller(
        &self,
        cx: &Cx,
        role: Option<&AssumeRole>,
    ) -> Result<CallerIdentity, Failure> {
        let session = self.session(cx, role).await?;
        if let Some(caller) = &session.caller {
            return Ok(caller.clone());
        }
        let sts = self.0.factory.sts(&session);
        cx.unless_interrupted(sts.caller_identity()).await?
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
    pub fn without_ignored(&self, mut tags: Tags) -> Tags {
        tags.retain(|key, _| !self.0.ignore_tags.covers(key));
        tags
    }

    async fn session(&self, cx: &Cx, role: Option<&AssumeRole>) -> Result<Arc<Session>, Failure> {
        let Some(role) = role else {
            return Ok(Arc::clone(&self.0.base));
        };
        let shared = {
            let mut roles = self.0.roles.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(roles.entry(role.clone()).or_insert_with(|| {
                // Nothing makes a session stale: its credentials renew themselves.
                Arc::new(Snapshot::new(Epoch::default()))
            }))
        };
        let make = || {
            let factory = self.0.factory.clone();
            let (sts, role) = (factory.sts(&self.0.base), role.clone());
            async move { factory.of(Source::Role(sts, role)).await }
        };
        cx.unless_interrupted(shared.read(make)).await?
    }
}

impl Factory {
    /// The session of the provider block, at the end of its chain of roles.
    async fn base(&self, settings: &Settings) -> Result<Session, Diagnostic> {
        let source = match &settings.assume_role_with_web_identity {
            Some(role) => {
                let without = Session::new(self.sdk.clone(), None);
                Source::WebIdentity(self.sts(&without), role.clone())
            }
            None => Source::Found(self.found()?),
        };
        let mut session = self.of(source).await?;
        for role in &settings.assume_role {
            session = self
                .of(Source::Role(self.sts(&session), role.clone()))
                .await?;
        }
        if session.caller.is_none() && settings.asks_for_account() {
            session.caller = Some(self.sts(&session).caller_identity().await?);
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
        Ok(Session::new(sdk, caller))
    }

    fn organizations(&self, of: &Session) -> Organizations {
        let make = || {
            let mut config = aws_sdk_organizations::config::Builder::from(&of.sdk)
                .retry_partition(unmetered("organizations"))
                .interceptor(self.observer(of));
            if let Some(url) = &self.endpoints.organizations {
                config = config.endpoint_url(url);
            }
            let client = aws_sdk_organizations::Client::from_conf(config.build());
            Organizations::new(client, of.account(), Arc::clone(&self.shared))
        };
        of.organizations.get_or_init(make).clone()
    }

    fn account_management(&self, of: &Session) -> AccountManagement {
        let make = || {
            let mut config = aws_sdk_account::config::Builder::from(&of.sdk)
                .retry_partition(unmetered("account"))
                .interceptor(self.observer(of));
            if let Some(url) = &self.endpoints.account {
                config = config.endpoint_url(url);
            }
            let client = aws_sdk_account::Client::from_conf(config.build());
            AccountManagement::new(client, Arc::clone(&self.shared))
        };
        of.account_management.get_or_init(make).clone()
    }

    /// One Region of the partition serves reports, whatever the provider's Region is.
    fn cost_and_usage(&self, of: &Session) -> CostAndUsage {
        let make = || {
            let provider_region = of.sdk.region().map(AsRef::as_ref).unwrap_or_default();
            let region = cost_and_usage::home(provider_region);
            let mut config = aws_sdk_costandusagereport::config::Builder::from(&of.sdk)
                .region(aws_config::Region::new(region))
                .retry_partition(unmetered("cur"))
                .interceptor(self.observer(of));
            if let Some(url) = &self.endpoints.cur {
                config = config.endpoint_url(url);
            }
            let client = aws_sdk_costandusagereport::Client::from_conf(config.build());
            CostAndUsage::new(client, &self.reports)
        };
        of.cost_and_usage.get_or_init(make).clone()
    }

    /// One Region of the partition serves Cost Explorer, whatever the provider's Region is.
    fn cost_explorer(&self, of: &Session) -> CostExplorer {
        let make = || {
            let provider_region = of.sdk.region().map(AsRef::as_ref).unwrap_or_default();
            let region = cost_explorer::home(provider_region);
            let mut config = aws_sdk_costexplorer::config::Builder::from(&of.sdk)
                .region(aws_config::Region::new(region))
                .retry_partition(unmetered("ce"))
                .interceptor(self.observer(of));
            if let Some(url) = &self.endpoints.ce {
                config = config.endpoint_url(url);
            }
            CostExplorer::new(aws_sdk_costexplorer::Client::from_conf(config.build()))
        };
        of.cost_explorer.get_or_init(make).clone()
    }

    /// One Region of the partition serves AWS Billing, the one of Cost Explorer.
    fn billing(&self, of: &Session) -> Billing {
        let make = || {
            let provider_region = of.sdk.region().map(AsRef::as_ref).unwrap_or_default();
            let region = cost_explorer::home(provider_region);
            let mut config = aws_sdk_billing::config::Builder::from(&of.sdk)
                .region(aws_config::Region::new(region))
                .retry_partition(unmetered("billing"))
                .interceptor(self.observer(of));
            if let Some(url) = &self.endpoints.billing {
                config = config.endpoint_url(url);
            }
            Billing::new(aws_sdk_billing::Client::from_conf(config.build()))
        };
        of.billing.get_or_init(make).clone()
    }

    fn iam(&self, of: &Session) -> Iam {
        let make = || {
            let mut config = aws_sdk_iam::config::Builder::from(&of.sdk)
                .retry_partition(unmetered("iam"))
                .interceptor(self.observer(of));
            if let Some(url) = &self.endpoints.iam {
                config = config.endpoint_url(url);
            }
            Iam::new(aws_sdk_iam::Client::from_conf(config.build()))
        };
        of.iam.get_or_init(make).clone()
    }

    fn s3(&self, of: &Session) -> S3 {
        let make = || {
            let mut config = aws_sdk_s3::config::Builder::from(&of.sdk)
                .force_path_style(self.s3_use_path_style)
                .retry_partition(unmetered("s3"))
                .interceptor(self.observer(of));
            if let Some(url) = &self.endpoints.s3 {
                config = config.endpoint_url(url);
            }
            let client = aws_sdk_s3::Client::from_conf(config.build());
            S3::new(client, of.account(), Arc::clone(&self.buckets))
        };
        of.s3.get_or_init(make).clone()
    }

    fn sts(&self, of: &Session) -> Sts {
        let make = || {
            let retries = of
                .sdk
                .retry_config()
                .cloned()
                .unwrap_or_else(RetryConfig::standard);
            let attempts = retries.max_attempts().min(STS_MAX_ATTEMPTS);
            let mut config = aws_sdk_sts::config::Builder::from(&of.sdk)
                .retry_config(retries.with_max_attempts(attempts))
                .retry_partition(unmetered("sts"))
                .interceptor(self.observer(of));
            if let Some(region) = &self.sts_region {
                config = config.region(aws_config::Region::new(region.clone()));
            }
            if let Some(url) = &self.endpoints.sts {
                config = config.endpoint_url(url);
            }
            Sts::new(aws_sdk_sts::Client::from_conf(config.build()))
        };
        of.sts.get_or_init(make).clone()
    }

    fn observer(&self, of: &Session) -> Observer {
        Observer {
            account: of.account(),
            pace: self.shared.pace(),
            clock: Arc::clone(&self.clock),
            user_agent: Arc::clone(&self.user_agent),
        }
    }
}
