//! Identity and resource policies, evaluated (IAM user guide, "Policy evaluation logic", "IAM JSON policy elements").
//!
//! Understood are `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, `Resource`, `NotResource` and the
//! conditions of strings, ARNs and booleans. As with trust policies, what is not understood never allows anything: such
//! an `Allow` does not apply, such a `Deny` does. Policy variables are not understood.

use serde_json::Value;

use super::trust::{Effect, Who, items, matches, meets};
use super::{AccountId, Caller};

/// What a policy is asked.
pub(super) struct Request<'a> {
    pub(super) who: Who<'a>,
    pub(super) action: &'a str,
    /// The ARN, or `*` for what has none.
    pub(super) resource: &'a str,
    /// Condition keys and their values.
    pub(super) facts: &'a [(&'a str, String)],
}

/// What policies say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Nothing.
    Silent,
    /// Yes, to the caller's account: whether the caller may is for the account to say.
    Delegated,
    /// Yes.
    Allowed,
    /// No.
    Denied,
}

/// What the policies of an identity say together.
pub(super) fn identity<'p>(
    policies: impl IntoIterator<Item = &'p Value>,
    request: &Request<'_>,
) -> Verdict {
    let verdicts = policies
        .into_iter()
        .map(|policy| judge(policy, request, |_, _| Verdict::Allowed));
    verdicts.max().unwrap_or(Verdict::Silent)
}

/// What the policy of a resource says.
pub(super) fn resource(policy: &Value, request: &Request<'_>) -> Verdict {
    judge(policy, request, |statement, effect| {
        addressed(statement, request.who, effect)
    })
}

fn judge(
    policy: &Value,
    request: &Request<'_>,
    addressed: impl Fn(&Value, Effect) -> Verdict,
) -> Verdict {
    let verdicts = items(policy.get("Statement")).into_iter().map(|statement| {
        let effect = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            _ => Effect::Deny,
        };
        let applies = acts(statement, request.action, effect)
            && touches(statement, request.resource, effect)
            && meets(statement.get("Condition"), request.facts, effect);
        match (effect, addressed(statement, effect)) {
            (_, Verdict::Silent) => Verdict::Silent,
            _ if !applies => Verdict::Silent,
            (Effect::Deny, _) => Verdict::Denied,
            (Effect::Allow, verdict) => verdict,
        }
    });
    verdicts.max().unwrap_or(Verdict::Silent)
}

fn acts(statement: &Value, action: &str, effect: Effect) -> bool {
    let action = action.to_lowercase();
    let named =
        |actions: &Value| strings(actions).any(|pattern| matches(&pattern.to_lowercase(), &action));
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), None) => named(actions),
        (None, Some(actions)) => !named(actions),
        _ => effect.in_doubt(),
    }
}

fn touches(statement: &Value, resource: &str, effect: Effect) -> bool {
    let named = |resources: &Value| strings(resources).any(|pattern| matches(pattern, resource));
    match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resources), None) => named(resources),
        (None, Some(resources)) => !named(resources),
        _ => effect.in_doubt(),
    }
}

fn addressed(statement: &Value, who: Who<'_>, effect: Effect) -> Verdict {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), None) => names(principal, who),
        (None, Some(principal)) if effect == Effect::Deny => match names(principal, who) {
            Verdict::Silent => Verdict::Allowed,
            _ => Verdict::Silent,
        },
        _ if effect.in_doubt() => Verdict::Allowed,
        _ => Verdict::Silent,
    }
}

/// Whether a principal element means somebody: as such, or by the account.
fn names(principal: &Value, who: Who<'_>) -> Verdict {
    if principal == "*" {
        return Verdict::Allowed;
    }
    let of = |kind: &str| principal.get(kind).into_iter().flat_map(strings);
    let verdicts = match who {
        Who::Caller(caller) => of("AWS").map(|name| names_caller(name, caller)).max(),
        Who::Service(service) => of("Service")
            .any(|name| name == service)
            .then_some(Verdict::Allowed),
        Who::Anonymous => of("AWS")
            .any(|name| name == "*")
            .then_some(Verdict::Allowed),
        Who::Provider(_) => None,
    };
    verdicts.unwrap_or(Verdict::Silent)
}

fn names_caller(name: &str, caller: &Caller) -> Verdict {
    if name == "*" || name == caller.arn || caller.role_arn.as_deref() == Some(name) {
        return Verdict::Allowed;
    }
    if account_of(name).is_some_and(|account| caller.account == account) {
        return Verdict::Delegated;
    }
    Verdict::Silent
}

/// The account that a principal means as a whole: `111122223333` or `arn:aws:iam::111122223333:root`.
pub(super) fn account_of(principal: &str) -> Option<&str> {
    let id = match principal.strip_suffix(":root") {
        Some(arn) => arn.rsplit(':').next()?,
        None => principal,
    };
    AccountId::is_valid(id).then_some(id)
}

/// Whether a statement lets everybody in (S3 user guide, "Blocking public access": the meaning of "public").
pub(super) fn is_public(policy: &Value) -> bool {
    const NARROWING: [&str; 9] = [
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalOrgID",
        "aws:userid",
        "s3:DataAccessPointAccount",
    ];
    let narrowed = |statement: &Value| {
        let operators = statement.get("Condition").and_then(Value::as_object);
        operators.into_iter().flatten().any(|(_, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            let mut narrowing = keys.filter(|(key, _)| {
                NARROWING
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(key))
            });
            narrowing.any(|(_, values)| strings(values).all(|value| !value.starts_with('*')))
        })
    };
    items(policy.get("Statement")).into_iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && addressed(statement, Who::Anonymous, Effect::Allow) == Verdict::Allowed
            && !narrowed(statement)
    })
}

pub(super) fn strings(element: &Value) -> impl Iterator<Item = &str> {
    items(Some(element)).into_iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statements: &Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn asked(policy: &Value, who: Who<'_>, action: &str, arn: &str) -> Verdict {
        let facts = [(
            "aws:SourceArn",
            "arn:aws:cur:us-east-1:1:definition/x".to_owned(),
        )];
        resource(
            policy,
            &Request {
                who,
                action,
                resource: arn,
                facts: &facts,
            },
        )
    }

    #[test]
    fn a_wildcard_needs_the_operator_that_knows_it() {
        let delivery = |operator: &str| {
            policy(
                &json!({"Effect": "Allow", "Principal": {"Service": "billingreports.amazonaws.com"},
                "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
                "Condition": {operator: {"aws:SourceArn": "arn:aws:cur:us-east-1:1:definition/*"}}}),
            )
        };
        let who = Who::Service("billingreports.amazonaws.com");
        let ask = |operator| asked(&delivery(operator), who, "s3:PutObject", "arn:aws:s3:::b/k");
        assert_eq!(ask("StringLike"), Verdict::Allowed);
        assert_eq!(ask("ArnLike"), Verdict::Allowed);
        assert_eq!(ask("StringEquals"), Verdict::Silent);
        assert_eq!(ask("NumericEquals"), Verdict::Silent);
    }

    #[test]
    fn a_deny_outweighs_and_the_negative_elements_are_read() {
        let statements = json!([
            {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"},
            {"Effect": "Deny", "Principal": "*", "NotAction": "s3:Get*", "NotResource": "arn:aws:s3:::b/open/*"},
        ]);
        let ask = |action, arn| asked(&policy(&statements), Who::Anonymous, action, arn);
        assert_eq!(ask("s3:GetObject", "arn:aws:s3:::b/k"), Verdict::Allowed);
        assert_eq!(
            ask("s3:PutObject", "arn:aws:s3:::b/open/k"),
            Verdict::Allowed
        );
        assert_eq!(ask("s3:PutObject", "arn:aws:s3:::b/k"), Verdict::Denied);
        assert_eq!(ask("s3:GetObject", "arn:aws:s3:::c/k"), Verdict::Silent);
    }

    #[test]
    fn public_is_what_everybody_may() {
        let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"});
        assert!(is_public(&policy(&statement)));
        statement["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
        assert!(!is_public(&policy(&statement)));
        statement["Condition"] = json!({"StringLike": {"aws:SourceArn": "*"}});
        assert!(is_public(&policy(&statement)));
        statement["Principal"] = json!({"Service": "billingreports.amazonaws.com"});
        assert!(!is_public(&policy(&statement)));
    }
}
