//! Access keys, sessions, and who is behind them.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::{AccountId, Refusal, Role, World, ids, trust};

/// Who holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An administrator of the account, by an IAM user.
    User {
        /// The user's name.
        name: String,
    },
    /// Somebody who assumed a role of the account.
    Session {
        /// The role's name.
        role: String,
        /// The session's name.
        session: String,
    },
}

/// An access key, lasting or of a session.
#[derive(Clone)]
pub struct AccessKey {
    /// `AKIA…` or `ASIA…`.
    pub id: String,
    /// What requests are signed with.
    pub secret: String,
    /// What a session's requests carry besides.
    pub session_token: Option<String>,
    /// When a session ends, by the simulated clock.
    pub expires_at: Option<OffsetDateTime>,
    /// The account it belongs to.
    pub account: AccountId,
    /// Who holds it.
    pub principal: Principal,
    /// Actions that its holder is denied; `*` at the end stands for any rest.
    pub denied_actions: BTreeSet<String>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user or session.
    pub arn: String,
    /// The unique ID, as `GetCallerIdentity` shows it.
    pub user_id: String,
    /// The key the request was signed with.
    pub access_key: String,
    /// Who holds it.
    pub principal: Principal,
    /// The ARN of the role behind a session.
    pub role_arn: Option<String>,
}

/// A request to assume a role.
#[derive(Clone, Debug)]
pub(crate) struct Assumption {
    pub(crate) role_arn: String,
    pub(crate) session_name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) duration: Option<Duration>,
    pub(crate) tags: bool,
}

/// A request to assume a role with somebody else's word for who is asking.
#[derive(Clone, Debug)]
pub(crate) struct WebAssumption {
    pub(crate) role_arn: String,
    pub(crate) session_name: String,
    pub(crate) duration: Option<Duration>,
    pub(crate) claims: Value,
}

/// The session lengths of STS (API reference, `AssumeRole`, `DurationSeconds`).
const DEFAULT_SESSION: Duration = Duration::hours(1);
const LONGEST_CHAINED_SESSION: Duration = Duration::hours(1);

impl World {
    /// The account's first access key, made if there is none.
    pub fn keys(&mut self, account: &AccountId) -> AccessKey {
        let id = ids::access_key("AKIA", &format!("{account}/administrator"));
        match self.keys.get(&id) {
            Some(key) => key.clone(),
            None => self.add_user(account, "administrator"),
        }
    }

    /// A further user of the account, with a key of its own.
    pub fn add_user(&mut self, account: &AccountId, name: &str) -> AccessKey {
        let subject = format!("{account}/{name}");
        let key = AccessKey {
            id: ids::access_key("AKIA", &subject),
            secret: ids::secret(&subject),
            session_token: None,
            expires_at: None,
            account: account.clone(),
            principal: Principal::User {
                name: name.to_owned(),
            },
            denied_actions: BTreeSet::new(),
        };
        self.keys.insert(key.id.clone(), key.clone());
        key
    }

    /// The key with this ID.
    pub fn access_key(&self, id: &str) -> Option<&AccessKey> {
        self.keys.get(id)
    }

    /// The key with this ID, to deny its holder something or to let it expire.
    pub fn access_key_mut(&mut self, id: &str) -> Option<&mut AccessKey> {
        self.keys.get_mut(id)
    }

    /// Who is behind a key.
    pub fn caller(&self, key: &AccessKey) -> Caller {
        let account = &key.account;
        let partition = self
            .accounts
            .get(account)
            .map_or("aws", |account| account.partition.as_str());
        let (arn, user_id, role_arn) = match &key.principal {
            Principal::User { name } => {
                let arn = format!("arn:{partition}:iam::{account}:user/{name}");
                let user_id = ids::principal("AIDA", &arn);
                (arn, user_id, None)
            }
            Principal::Session { role, session } => {
                let role_arn = self.role(account, role).map_or_else(
                    || format!("arn:{partition}:iam::{account}:role/{role}"),
                    |role| role.arn.clone(),
                );
                let user_id = format!("{}:{session}", ids::principal("AROA", &role_arn));
                (
                    format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}"),
                    user_id,
                    Some(role_arn),
                )
            }
        };
        Caller {
            account: account.clone(),
            arn,
            user_id,
            access_key: key.id.clone(),
            principal: key.principal.clone(),
            role_arn,
        }
    }

    /// A user of an account, by the name.
    pub(crate) fn user(&self, account: &AccountId, name: &str) -> Option<Caller> {
        let key = self.keys.values().find(|key| {
            key.account == *account
                && matches!(&key.principal, Principal::User { name: known } if known == name)
        })?;
        Some(self.caller(key))
    }

    /// Whether the caller may do something. Everybody may do everything in the own account, unless the key, the role
    /// or, for members that are not the management account, a service control policy denies it (user guide, "Service
    /// control policies": they affect members only).
    pub fn authorize(&self, caller: &Caller, action: &str) -> Result<(), Refusal> {
        let by_key = self
            .keys
            .get(&caller.access_key)
            .is_some_and(|key| denies(&key.denied_actions, action));
        let by_role = match &caller.principal {
            Principal::Session { role, .. } => self
                .role(&caller.account, role)
                .is_some_and(|role| denies(&role.denied_actions, action)),
            Principal::User { .. } => false,
        };
        if by_key || by_role {
            return Err(denied(caller, action, "an identity-based policy"));
        }
        let by_organization = self.accounts.get(&caller.account).is_some_and(|account| {
            denies(&account.denied_actions, action)
                && account
                    .organization()
                    .is_some_and(|id| self.organizations[id].management != account.id)
        });
        if by_organization {
            return Err(denied(caller, action, "a service control policy"));
        }
        Ok(())
    }

    /// Trusts tokens of an identity provider, by its issuer without the scheme, such as
    /// `token.actions.githubusercontent.com`.
    pub fn trust_web_identity_issuer(&mut self, issuer: &str) {
        self.web_identity_issuers
            .insert(without_scheme(issuer).to_owned());
    }

    /// Opens a session of a role (API reference, `AssumeRole`).
    pub(crate) fn assume_role(
        &mut self,
        caller: &Caller,
        request: &Assumption,
    ) -> Result<(AccessKey, Caller), Refusal> {
        let denied = |action| denied_on(caller, action, &request.role_arn);
        let role = self
            .role_by_arn(&request.role_arn)
            .ok_or_else(|| denied("sts:AssumeRole"))?;
        let mut facts = vec![
            (
                "aws:PrincipalArn",
                caller
                    .role_arn
                    .clone()
                    .unwrap_or_else(|| caller.arn.clone()),
            ),
            ("aws:PrincipalAccount", caller.account.to_string()),
            ("sts:RoleSessionName", request.session_name.clone()),
        ];
        if let Some(external_id) = &request.external_id {
            facts.push(("sts:ExternalId", external_id.clone()));
        }
        let question = trust::Question {
            who: trust::Who::Caller(caller),
            facts: &facts,
        };
        for action in ["sts:AssumeRole", "sts:TagSession"]
            .into_iter()
            .take(if request.tags { 2 } else { 1 })
        {
            if !trust::allows(&role.trust_policy, action, &question) {
                return Err(denied(action));
            }
        }
        let longest = match caller.principal {
            Principal::Session { .. } => LONGEST_CHAINED_SESSION,
            Principal::User { .. } => role.max_session,
        };
        let duration = session_length(request.duration, role, longest)?;
        Ok(self.open_session(
            &role.account.clone(),
            &role.name.clone(),
            &request.session_name,
            duration,
        ))
    }

    /// Opens a session of a role for the subject of a token (API reference, `AssumeRoleWithWebIdentity`). The token's
    /// signature is not checked; its issuer must be one that the world trusts.
    pub(crate) fn assume_role_with_web_identity(
        &mut self,
        request: &WebAssumption,
    ) -> Result<(AccessKey, Caller), Refusal> {
        let claim = |name: &str| {
            request
                .claims
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let issuer = without_scheme(&claim("iss")).to_owned();
        if !self.web_identity_issuers.contains(&issuer) {
            return Err(Refusal::new(
                "InvalidIdentityToken",
                "No OpenIDConnect provider was found for the token's issuer.",
            ));
        }
        let refused = || {
            Refusal::new(
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            )
        };
        let role = self.role_by_arn(&request.role_arn).ok_or_else(refused)?;
        let (subject, audience) = (format!("{issuer}:sub"), format!("{issuer}:aud"));
        let facts = [
            (subject.as_str(), claim("sub")),
            (audience.as_str(), claim("aud")),
        ];
        let provider = format!("oidc-provider/{issuer}");
        let question = trust::Question {
            who: trust::Who::Provider(&provider),
            facts: &facts,
        };
        if !trust::allows(
            &role.trust_policy,
            "sts:AssumeRoleWithWebIdentity",
            &question,
        ) {
            return Err(refused());
        }
        let duration = session_length(request.duration, role, role.max_session)?;
        Ok(self.open_session(
            &role.account.clone(),
            &role.name.clone(),
            &request.session_name,
            duration,
        ))
    }

    fn open_session(
        &mut self,
        account: &AccountId,
        role: &str,
        session: &str,
        duration: Duration,
    ) -> (AccessKey, Caller) {
        let subject = format!("{account}/{role}/{session}/{}", self.ids.session());
        let key = AccessKey {
            id: ids::access_key("ASIA", &subject),
            secret: ids::secret(&subject),
            session_token: Some(ids::session_token(&subject)),
            expires_at: Some(self.now + duration),
            account: account.clone(),
            principal: Principal::Session {
                role: role.to_owned(),
                session: session.to_owned(),
            },
            denied_actions: BTreeSet::new(),
        };
        self.keys.insert(key.id.clone(), key.clone());
        let caller = self.caller(&key);
        (key, caller)
    }

    /// Ended sessions stay known for a while, so that their holders hear that they ended.
    pub(super) fn age_sessions(&mut self) {
        let forgotten = self.now.saturating_sub(Duration::days(30));
        self.keys.retain(|_, key| {
            key.expires_at
                .is_none_or(|expires_at| expires_at > forgotten)
        });
    }
}

fn session_length(
    asked: Option<Duration>,
    role: &Role,
    longest: Duration,
) -> Result<Duration, Refusal> {
    let duration = asked.unwrap_or(DEFAULT_SESSION.min(role.max_session));
    if duration > longest {
        return Err(Refusal::new(
            "ValidationError",
            "The requested DurationSeconds exceeds the longest session that this role allows.",
        ));
    }
    Ok(duration)
}

fn denies(denied: &BTreeSet<String>, action: &str) -> bool {
    denied
        .iter()
        .any(|pattern| trust::matches(&pattern.to_lowercase(), &action.to_lowercase()))
}

fn denied(caller: &Caller, action: &str, policy: &str) -> Refusal {
    Refusal::access_denied(format!(
        "User: {} is not authorized to perform: {action} with an explicit deny in {policy}",
        caller.arn
    ))
}

fn denied_on(caller: &Caller, action: &str, resource: &str) -> Refusal {
    Refusal::access_denied(format!(
        "User: {} is not authorized to perform: {action} on resource: {resource}",
        caller.arn
    ))
}

fn without_scheme(issuer: &str) -> &str {
    issuer.trim_start_matches("https://")
}
