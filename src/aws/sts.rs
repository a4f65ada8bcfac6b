//! AWS STS: who calls, and credentials of roles.

use std::sync::{Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::Client;
use aws_sdk_sts::types::{
    AssumedRoleUser, Credentials as StsCredentials, PolicyDescriptorType, Tag,
};

use super::config::{AssumeRole, AssumeRoleWithWebIdentity, WebIdentityToken};
use super::error::{Call, Failure};
use super::session::CallerIdentity;
use super::types::{AccountId, RoleArn, SessionName};
use crate::framework::{Diagnostic, DomainText};

/// Session name where the configuration gives none.
const SESSION_NAME: &str = "terraform-provider-awsbilling";

/// STS, with one set of credentials.
#[derive(Clone, Debug)]
pub(super) struct Sts(Client);

/// Credentials of a role, and who has them.
#[derive(Debug)]
struct RoleSession {
    credentials: Credentials,
    caller: CallerIdentity,
}

impl Sts {
    /// STS with the credentials and connections of the client.
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    /// Whose the credentials are.
    pub(super) async fn caller_identity(&self) -> Result<CallerIdentity, Failure> {
        let call = Call::new("GetCallerIdentity", "find out whose the credentials are");
        let answer = self.0.get_caller_identity().send().await;
        let answer = answer.map_err(|error| Failure::of_service(&call, error))?;
        let identity = || {
            let arn = answer.arn()?.to_owned();
            let account_id = AccountId::parse(answer.account()?).ok()?;
            let partition = arn.split(':').nth(1)?.to_owned();
            Some(CallerIdentity {
                account_id,
                arn,
                partition,
            })
        };
        identity()
            .ok_or_else(|| Failure::bug("GetCallerIdentity did not name an account and an ARN."))
    }

    /// Assumes a role with these credentials.
    async fn assume_role(&self, role: &AssumeRole) -> Result<RoleSession, Failure> {
        let call = Call::new("AssumeRole", format!("assume role {}", role.role_arn));
        let answer = self
            .0
            .assume_role()
            .role_arn(role.role_arn.as_str())
            .role_session_name(session_name(role.session_name.as_ref()))
            .set_duration_seconds(seconds(role.duration))
            .set_external_id(role.external_id.as_ref().map(|id| id.as_str().to_owned()))
            .set_policy(role.policy.clone())
            .set_policy_arns(policy_arns(&role.policy_arns))
            .set_source_identity(role.source_identity.clone())
            .set_tags(tags(role)?)
            .set_transitive_tag_keys(
                Some(role.transitive_tag_keys.clone()).filter(|keys| !keys.is_empty()),
            )
            .send()
            .await
            .map_err(|error| Failure::of_service(&call, error))?;
        role_session(
            &role.role_arn,
            answer.credentials(),
            answer.assumed_role_user(),
        )
    }

    /// Assumes a role with a token of an identity provider; no other credentials are needed.
    async fn assume_role_with_web_identity(
        &self,
        role: &AssumeRoleWithWebIdentity,
    ) -> Result<RoleSession, Failure> {
        let intent = format!("assume role {} with a web identity", role.role_arn);
        let call = Call::new("AssumeRoleWithWebIdentity", intent);
        let answer = self
            .0
            .assume_role_with_web_identity()
            .role_arn(role.role_arn.as_str())
            .role_session_name(session_name(role.session_name.as_ref()))
            .web_identity_token(token(&role.token).await?)
            .set_duration_seconds(seconds(role.duration))
            .set_policy(role.policy.clone())
            .set_policy_arns(policy_arns(&role.policy_arns))
            .send()
            .await
            .map_err(|error| Failure::of_service(&call, error))?;
        role_session(
            &role.role_arn,
            answer.credentials(),
            answer.assumed_role_user(),
        )
    }
}

async fn token(token: &WebIdentityToken) -> Result<String, Failure> {
    match token {
        WebIdentityToken::Text(text) => Ok(text.expose().to_owned()),
        WebIdentityToken::File(path) => {
            let text = tokio::fs::read_to_string(path).await.map_err(|error| {
                let detail = format!("Could not read \"{path}\": {error}.");
                let fault = Diagnostic::error("Web identity token not readable").detail(detail);
                Failure::explained(fault.at("assume_role_with_web_identity"))
            })?;
            Ok(text.trim().to_owned())
        }
    }
}

fn session_name(name: Option<&SessionName>) -> &str {
    name.map_or(SESSION_NAME, SessionName::as_str)
}

fn seconds(duration: Option<std::time::Duration>) -> Option<i32> {
    duration.map(|duration| i32::try_from(duration.as_secs()).unwrap_or(i32::MAX))
}

fn policy_arns(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let described = arns
        .iter()
        .map(|arn| PolicyDescriptorType::builder().arn(arn).build());
    Some(described.collect::<Vec<_>>()).filter(|arns| !arns.is_empty())
}

fn tags(role: &AssumeRole) -> Result<Option<Vec<Tag>>, Failure> {
    let tags = role
        .tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    let tags: Vec<Tag> = tags.collect::<Result<_, _>>().map_err(Failure::bug)?;
    Ok(Some(tags).filter(|tags| !tags.is_empty()))
}

fn role_session(
    role: &RoleArn,
    credentials: Option<&StsCredentials>,
    user: Option<&AssumedRoleUser>,
) -> Result<RoleSession, Failure> {
    let credentials =
        credentials.ok_or_else(|| Failure::bug("STS gave no credentials for a role."))?;
    let expires = (*credentials.expiration())
        .try_into()
        .map_err(Failure::bug)?;
    Ok(RoleSession {
        credentials: Credentials::new(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            Some(credentials.session_token().to_owned()),
            Some(expires),
            "assumed role",
        ),
        caller: CallerIdentity {
            account_id: role.account_id.clone(),
            arn: user.map_or_else(|| role.to_string(), |user| user.arn().to_owned()),
            partition: role.partition.clone(),
        },
    })
}

/// Where the credentials of a session come from.
#[derive(Debug)]
pub(super) enum Source {
    /// What the provider block, the environment or the machine gives.
    Found(SharedCredentialsProvider),
    /// A role, assumed with the credentials of another session.
    Role(Sts, AssumeRole),
    /// A role, assumed with a token.
    WebIdentity(Sts, AssumeRoleWithWebIdentity),
}

impl Source {
    /// Fetches credentials, and says whose they are where that is known without asking.
    pub(super) async fn fetch(&self) -> Result<(Credentials, Option<CallerIdentity>), Failure> {
        let session = match self {
            Self::Found(found) => {
                let credentials = found.provide_credentials().await;
                let credentials = credentials.map_err(|error| Failure::of_credentials(&error))?;
                return Ok((credentials, None));
            }
            Self::Role(sts, role) => sts.assume_role(role).await?,
            Self::WebIdentity(sts, role) => sts.assume_role_with_web_identity(role).await?,
        };
        Ok((session.credentials, Some(session.caller)))
    }
}

/// Credentials that were fetched already: handed out once, and fetched anew when the SDK asks again
/// because they are about to expire.
#[derive(Debug)]
pub(super) struct Renewing {
    first: Mutex<Option<Credentials>>,
    source: Source,
}

impl Renewing {
    pub(super) fn new(first: Credentials, source: Source) -> Self {
        Self {
            first: Mutex::new(Some(first)),
            source,
        }
    }

    async fn next(&self) -> Result<Credentials, CredentialsError> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match first {
            Some(first) => Ok(first),
            None => match self.source.fetch().await {
                Ok((credentials, _)) => Ok(credentials),
                Err(failure) => Err(CredentialsError::provider_error(failure)),
            },
        }
    }
}

impl ProvideCredentials for Renewing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.next())
    }
}
