//! How well an account is guarded: the summary of its root user, and the policy for passwords.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Answer, Context, input};
use crate::world::{PasswordPolicy, Refusal, World};

/// IAM API reference, `GetAccountSummary`. The counts are those of the accounts here, the quotas AWS's defaults.
pub(super) fn summary(world: &World, context: &Context<'_>) -> Answer {
    let id = &context.caller()?.account;
    let account = world
        .account(id.as_str())
        .ok_or_else(|| no_such_entity("There is no such account."))?;
    let roles = world.roles(id, None).count();
    let flag = |set: bool| usize::from(set);
    let entries = [
        ("AccountAccessKeysPresent", flag(account.root_access_keys)),
        ("AccountMFAEnabled", flag(account.root_mfa)),
        ("AccountPasswordPresent", 1),
        (
            "AccountSigningCertificatesPresent",
            flag(account.root_signing_certificates),
        ),
        ("AccessKeysPerUserQuota", 2),
        ("Groups", 0),
        ("GroupsQuota", 300),
        ("MFADevices", flag(account.root_mfa)),
        ("MFADevicesInUse", flag(account.root_mfa)),
        ("Roles", roles),
        ("RolesQuota", 1_000),
        ("Users", 1),
        ("UsersQuota", 5_000),
    ];
    let entries: Vec<Value> = entries
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    Ok(json!({"SummaryMap": {"entry": entries}}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    minimum_password_length: Option<String>,
    require_symbols: Option<String>,
    require_numbers: Option<String>,
    require_uppercase_characters: Option<String>,
    require_lowercase_characters: Option<String>,
    allow_users_to_change_password: Option<String>,
    max_password_age: Option<String>,
    password_reuse_prevention: Option<String>,
    hard_expiry: Option<String>,
}

/// What is not given falls back to AWS's default, it does not stay (IAM API reference, `UpdateAccountPasswordPolicy`).
pub(super) fn update_password_policy(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Update = input::parse(context.input)?;
    let policy = PasswordPolicy {
        minimum_length: number(
            "MinimumPasswordLength",
            request.minimum_password_length.as_deref(),
            6,
            128,
        )?
        .unwrap_or(6),
        require_symbols: flag("RequireSymbols", request.require_symbols.as_deref())?,
        require_numbers: flag("RequireNumbers", request.require_numbers.as_deref())?,
        require_uppercase: flag(
            "RequireUppercaseCharacters",
            request.require_uppercase_characters.as_deref(),
        )?,
        require_lowercase: flag(
            "RequireLowercaseCharacters",
            request.require_lowercase_characters.as_deref(),
        )?,
        users_may_change: flag(
            "AllowUsersToChangePassword",
            request.allow_users_to_change_password.as_deref(),
        )?,
        max_age_days: number(
            "MaxPasswordAge",
            request.max_password_age.as_deref(),
            1,
            1_095,
        )?,
        reuse_prevention: number(
            "PasswordReusePrevention",
            request.password_reuse_prevention.as_deref(),
            1,
            24,
        )?,
        hard_expiry: flag("HardExpiry", request.hard_expiry.as_deref())?,
    };
    let id = context.caller()?.account.as_str();
    if let Some(account) = world.account_mut(id) {
        account.password_policy = Some(policy);
    }
    Ok(json!({}))
}

pub(super) fn get_password_policy(world: &World, context: &Context<'_>) -> Answer {
    let policy = world
        .account(context.caller()?.account.as_str())
        .and_then(|account| account.password_policy.as_ref())
        .ok_or_else(no_policy)?;
    Ok(json!({"PasswordPolicy": {
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.require_symbols,
        "RequireNumbers": policy.require_numbers,
        "RequireUppercaseCharacters": policy.require_uppercase,
        "RequireLowercaseCharacters": policy.require_lowercase,
        "AllowUsersToChangePassword": policy.users_may_change,
        "ExpirePasswords": policy.max_age_days.is_some(),
        "MaxPasswordAge": policy.max_age_days,
        "PasswordReusePrevention": policy.reuse_prevention,
        "HardExpiry": policy.hard_expiry,
    }}))
}

pub(super) fn delete_password_policy(world: &mut World, context: &Context<'_>) -> Answer {
    world
        .account_mut(context.caller()?.account.as_str())
        .and_then(|account| account.password_policy.take())
        .ok_or_else(no_policy)?;
    Ok(json!({}))
}

fn number(name: &str, text: Option<&str>, least: u16, most: u16) -> Result<Option<u16>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => Err(Refusal::new(
            "ValidationError",
            format!("{name} must be between {least} and {most}."),
        )),
    }
}

fn flag(name: &str, text: Option<&str>) -> Result<bool, Refusal> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::new(
            "MalformedInput",
            format!("{name} must be true or false."),
        )),
    }
}

fn no_policy() -> Refusal {
    no_such_entity("The account has no password policy.")
}

fn no_such_entity(message: &str) -> Refusal {
    Refusal::new("NoSuchEntity", message)
}
