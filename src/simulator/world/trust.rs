//! Trust policies: who may assume a role (IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements").
//!
//! What is not understood here never allows anything: such an `Allow` does not apply, such a `Deny` does.

use serde_json::Value;

use super::{Caller, Refusal};

/// Who asks.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    /// A user or session.
    Caller(&'a Caller),
    /// The subject of a token, vouched for by this provider (`oidc-provider/…`).
    Provider(&'a str),
    /// An AWS service on its own behalf, such as `billingreports.amazonaws.com`.
    Service(&'a str),
    /// Somebody who did not sign.
    Anonymous,
}

/// What a policy is asked.
pub(super) struct Question<'a> {
    pub(super) who: Who<'a>,
    /// Condition keys and their values in this request.
    pub(super) facts: &'a [(&'a str, String)],
}

/// Reads a policy, refused as IAM refuses it (`MalformedPolicyDocument`).
pub(super) fn parse(document: &str) -> Result<Value, Refusal> {
    let malformed = |message: &str| Refusal::new("MalformedPolicyDocument", message.to_owned());
    let policy: Value =
        serde_json::from_str(document).map_err(|_| malformed("The policy is not valid JSON."))?;
    let statements = items(policy.get("Statement"));
    if statements.is_empty() {
        return Err(malformed("The policy has no statement."));
    }
    for statement in statements {
        if !matches!(
            statement.get("Effect").and_then(Value::as_str),
            Some("Allow" | "Deny")
        ) {
            return Err(malformed("A statement needs the effect Allow or Deny."));
        }
        if statement.get("Action").is_none() && statement.get("NotAction").is_none() {
            return Err(malformed("A statement needs actions."));
        }
    }
    Ok(policy)
}

/// Whether the policy allows the action: some statement does, and none denies it.
pub(super) fn allows(policy: &Value, action: &str, question: &Question<'_>) -> bool {
    let applies = |effect: Effect| {
        items(policy.get("Statement")).into_iter().any(|statement| {
            statement.get("Effect").and_then(Value::as_str) == Some(effect.name())
                && acts(statement, action, effect)
                && names(statement, question.who, effect)
                && meets(statement.get("Condition"), question.facts, effect)
        })
    };
    applies(Effect::Allow) && !applies(Effect::Deny)
}

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

impl Effect {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }

    /// Whether a statement that is not understood is taken to apply.
    pub(super) fn in_doubt(self) -> bool {
        self == Self::Deny
    }
}

fn acts(statement: &Value, action: &str, effect: Effect) -> bool {
    let Some(actions) = statement.get("Action") else {
        return effect.in_doubt();
    };
    let action = action.to_lowercase();
    items(Some(actions))
        .into_iter()
        .filter_map(Value::as_str)
        .any(|pattern| matches(&pattern.to_lowercase(), &action))
}

fn names(statement: &Value, who: Who<'_>, effect: Effect) -> bool {
    match (statement.get("Principal"), who) {
        (None, _) => effect.in_doubt(),
        (Some(Value::String(any)), Who::Caller(_)) => any == "*",
        (Some(Value::Object(kinds)), Who::Caller(caller)) => items(kinds.get("AWS"))
            .iter()
            .filter_map(|name| name.as_str())
            .any(|name| names_caller(name, caller)),
        (Some(Value::Object(kinds)), Who::Provider(provider)) => items(kinds.get("Federated"))
            .iter()
            .filter_map(|name| name.as_str())
            .any(|name| {
                name.rsplit_once(":oidc-provider/")
                    .is_some_and(|(_, issuer)| provider.ends_with(issuer))
            }),
        _ => false,
    }
}

/// An account as a whole (`arn:…:root` or its ID), a role, a session or a user.
fn names_caller(name: &str, caller: &Caller) -> bool {
    name == "*"
        || caller.account == name
        || name == caller.arn
        || caller.role_arn.as_deref() == Some(name)
        || name
            .strip_suffix(":root")
            .and_then(|arn| arn.rsplit(':').next())
            .is_some_and(|id| caller.account == id)
}

pub(super) fn meets(condition: Option<&Value>, facts: &[(&str, String)], effect: Effect) -> bool {
    let Some(Value::Object(operators)) = condition else {
        return condition.is_none();
    };
    operators.iter().all(|(operator, keys)| {
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator.as_str(), false),
        };
        let Some((compare, negated)) = comparison(operator) else {
            return effect.in_doubt();
        };
        let Value::Object(keys) = keys else {
            return effect.in_doubt();
        };
        keys.iter().all(|(key, wanted)| {
            let found = facts
                .iter()
                .find(|(fact, _)| fact.eq_ignore_ascii_case(key))
                .map(|(_, value)| value);
            let Some(found) = found else {
                return negated || if_exists;
            };
            let any = items(Some(wanted)).iter().any(|wanted| match wanted {
                Value::String(wanted) => compare(wanted, found),
                Value::Bool(wanted) => compare(&wanted.to_string(), found),
                _ => false,
            });
            any != negated
        })
    })
}

/// A comparison of what a policy wants with what was found.
type Compare = fn(&str, &str) -> bool;

/// A condition operator, and whether it holds when nothing compares (IAM user guide, "IAM JSON policy elements:
/// Condition operators"). Without the key a negated operator holds, as does one that ends in `IfExists`.
fn comparison(operator: &str) -> Option<(Compare, bool)> {
    let equal: Compare = |wanted, found| wanted == found;
    let ignoring_case: Compare = |wanted, found| wanted.eq_ignore_ascii_case(found);
    Some(match operator {
        "StringEquals" => (equal, false),
        "StringNotEquals" => (equal, true),
        "StringEqualsIgnoreCase" | "Bool" => (ignoring_case, false),
        "StringNotEqualsIgnoreCase" => (ignoring_case, true),
        "StringLike" | "ArnEquals" | "ArnLike" => (matches, false),
        "StringNotLike" | "ArnNotEquals" | "ArnNotLike" => (matches, true),
        _ => return None,
    })
}

/// Whether the text matches a pattern in which `*` stands for any text and `?` for one character.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            let rest = &pattern[1..];
            matches(rest, text)
                || text
                    .char_indices()
                    .any(|(at, c)| matches(rest, &text[at + c.len_utf8()..]))
        }
        (Some(p), Some(t)) if p == '?' || p == t => {
            matches(&pattern[p.len_utf8()..], &text[t.len_utf8()..])
        }
        _ => false,
    }
}

/// A policy element is one value or a list of them.
pub(super) fn items(element: Option<&Value>) -> Vec<&Value> {
    match element {
        None => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn policy(statement: &str) -> Value {
        parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":{statement}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn a_pattern_matches_as_in_iam() {
        assert!(matches("organizations:*", "organizations:ListAccounts"));
        assert!(matches("*List*", "organizations:ListAccounts"));
        assert!(matches("s3:?et", "s3:Get"));
        assert!(!matches("organizations:List", "organizations:ListAccounts"));
    }

    #[test]
    fn a_deny_outweighs_an_allow_and_what_is_not_understood_allows_nothing() {
        let provider = "oidc-provider/issuer.example.com";
        let facts = [("issuer.example.com:sub", "me".to_owned())];
        let question = Question {
            who: Who::Provider(provider),
            facts: &facts,
        };
        let allow = r#"{"Effect":"Allow","Action":"sts:*","Principal":{"Federated":"arn:aws:iam::1:oidc-provider/issuer.example.com"}}"#;
        assert!(allows(
            &policy(allow),
            "sts:AssumeRoleWithWebIdentity",
            &question
        ));
        let deny = allow.replace("Allow", "Deny");
        assert!(!allows(
            &policy(&format!("[{allow},{deny}]")),
            "sts:AssumeRoleWithWebIdentity",
            &question
        ));
        let odd_deny = deny.replace(
            "}}",
            r#"},"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}}"#,
        );
        assert!(!allows(
            &policy(&format!("[{allow},{odd_deny}]")),
            "sts:AssumeRoleWithWebIdentity",
            &question
        ));
        let odd = allow.replace(
            "}}",
            r#"},"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}}"#,
        );
        assert!(!allows(
            &policy(&odd),
            "sts:AssumeRoleWithWebIdentity",
            &question
        ));
    }
}
