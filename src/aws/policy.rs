//! Policy documents: read, merged and written, statement by statement.
//!
//! A document may hold statements that others wrote. Only a statement whose `Sid` is given is touched;
//! the rest stays exactly as it is.

use std::fmt;

use serde_json::{Value as Json, json};

use super::cost_and_usage::home_of_partition;
use super::types::{AccountId, BucketName, ReportName};

/// IAM policy in JSON, of a bucket, a role or a trust.
///
/// Source: IAM user guide, "IAM JSON policy reference".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDocument {
    statements: Vec<Json>,
    id: Option<Json>,
}

/// One statement, with a `Sid` by which it is found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement(Json);

impl Statement {
    /// A statement that allows actions on resources.
    pub fn allow(sid: &str, actions: &[impl AsRef<str>], resources: &[impl AsRef<str>]) -> Self {
        let actions: Vec<_> = actions.iter().map(AsRef::as_ref).collect();
        let resources: Vec<_> = resources.iter().map(AsRef::as_ref).collect();
        Self(json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}))
    }

    /// A statement of a trust policy: who may assume the role, and what they must say to do so.
    pub fn trust(sid: &str, principals: &[impl AsRef<str>], external_id: Option<&str>) -> Self {
        let statement = Self(json!({"Sid": sid, "Effect": "Allow", "Action": "sts:AssumeRole"}));
        let statement = statement.to("AWS", principals);
        match external_id {
            Some(id) => statement.when("StringEquals", "sts:ExternalId", &[id]),
            None => statement,
        }
    }

    /// Names who is allowed, by kind (`AWS`, `Service`).
    #[must_use]
    pub fn to(mut self, kind: &str, principals: &[impl AsRef<str>]) -> Self {
        let principals: Vec<_> = principals.iter().map(AsRef::as_ref).collect();
        self.0["Principal"] = json!({ kind: principals });
        self
    }

    /// Adds a condition.
    #[must_use]
    pub fn when(mut self, operator: &str, key: &str, values: &[impl AsRef<str>]) -> Self {
        let values: Vec<_> = values.iter().map(AsRef::as_ref).collect();
        self.0["Condition"][operator][key] = json!(values);
        self
    }

    fn sid(&self) -> &str {
        self.0["Sid"].as_str().unwrap_or_default()
    }
}

impl PolicyDocument {
    /// A document of these statements.
    pub fn of(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self {
            statements: statements.into_iter().map(|one| one.0).collect(),
            id: None,
        }
    }

    /// Reads a document; `None` if the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let statements = match json.get("Statement")? {
            Json::Array(statements) => statements.clone(),
            one @ Json::Object(_) => vec![one.clone()],
            _ => return None,
        };
        let id = json.get("Id").cloned();
        Some(Self { statements, id })
    }

    /// Whether there is nothing in it, which no service accepts as a policy.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Puts the statements in the place of those with the same `Sid`, or at the end.
    pub fn put(&mut self, statements: &[Statement]) {
        for statement in statements {
            let same = |known: &&mut Json| known["Sid"] == statement.sid();
            match self.statements.iter_mut().find(same) {
                Some(known) => *known = statement.0.clone(),
                None => self.statements.push(statement.0.clone()),
            }
        }
    }

    /// Takes out the statements with these `Sid`s.
    pub fn take_out(&mut self, sids: &[impl AsRef<str>]) {
        self.statements.retain(|one| !has_sid(one, sids));
    }

    /// The statements with these `Sid`s.
    #[must_use]
    pub fn only(&self, sids: &[impl AsRef<str>]) -> Self {
        let ours = self.statements.iter().filter(|one| has_sid(one, sids));
        Self {
            statements: ours.cloned().collect(),
            id: None,
        }
    }

    /// The texts at a place of the statement with this `Sid`, such as its resources.
    pub fn texts(&self, sid: &str, place: &[&str]) -> Vec<String> {
        let Some(statement) = self.statements.iter().find(|one| one["Sid"] == sid) else {
            return Vec::new();
        };
        match place.iter().fold(statement, |at, name| &at[*name]) {
            Json::String(text) => vec![text.clone()],
            Json::Array(texts) => {
                let texts = texts.iter().filter_map(Json::as_str);
                texts.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the other says the same: the order of statements, and of what stands in lists, does not
    /// count, nor whether a list of one is written as one.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    fn canonical(&self) -> Vec<String> {
        let mut statements: Vec<_> = self
            .statements
            .iter()
            .map(|one| canonical(one).to_string())
            .collect();
        statements.sort();
        statements
    }
}

/// Compact JSON, to be put into a policy.
impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Compact JSON, as services take it.
impl fmt::Display for PolicyDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut document = json!({"Version": "2012-10-17", "Statement": self.statements});
        if let Some(id) = &self.id {
            document["Id"] = id.clone();
        }
        document.fmt(f)
    }
}

fn has_sid(statement: &Json, sids: &[impl AsRef<str>]) -> bool {
    let sid = statement["Sid"].as_str();
    sid.is_some_and(|sid| sids.iter().any(|one| one.as_ref() == sid))
}

fn canonical(value: &Json) -> Json {
    match value {
        Json::Array(elements) => {
            let mut elements: Vec<_> = elements.iter().map(canonical).collect();
            elements.sort_by_key(ToString::to_string);
            elements.dedup();
            match elements.as_slice() {
                [one] => one.clone(),
                _ => Json::Array(elements),
            }
        }
        Json::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), canonical(member)))
            .collect(),
        plain => plain.clone(),
    }
}

/// `Sid`s of the statements that let AWS deliver into a bucket.
pub const DELIVERY_SIDS: [&str; 3] = [
    "AwsBillingCheckBucket",
    "AwsBillingDeliverReports",
    "AwsBillingDeliverExports",
];

/// Statements that let AWS deliver cost and usage reports, and if asked data exports, into a bucket.
///
/// `aws:SourceArn` names the Region that serves reports and never the bucket's, and has a wildcard, so it
/// stands under `StringLike`. Source: AWS Data Exports user guide, "Setting up an Amazon S3 bucket for
/// data exports" and "Setting up an Amazon S3 bucket for Cost and Usage Reports".
pub fn delivery_statements(
    bucket: &BucketName,
    account_id: &AccountId,
    partition: &str,
    data_exports: bool,
) -> Vec<Statement> {
    let home = home_of_partition(partition);
    let arn = format!("arn:{partition}:s3:::{bucket}");
    let objects = format!("{arn}/*");
    let reports = format!("arn:{partition}:cur:{home}:{account_id}:definition/*");
    let exports = format!("arn:{partition}:bcm-data-exports:{home}:{account_id}:export/*");
    let from = |statement: Statement, principal: &str, source: &str| {
        statement
            .to("Service", &[principal])
            .when("StringEquals", "aws:SourceAccount", &[account_id.as_str()])
            .when("StringLike", "aws:SourceArn", &[source])
    };
    let [check, deliver, export] = DELIVERY_SIDS;
    let billing = "billingreports.amazonaws.com";
    let mut statements = vec![
        from(
            Statement::allow(check, &["s3:GetBucketAcl", "s3:GetBucketPolicy"], &[&arn]),
            billing,
            &reports,
        ),
        from(
            Statement::allow(deliver, &["s3:PutObject"], &[&objects]),
            billing,
            &reports,
        ),
    ];
    if data_exports {
        statements.push(from(
            Statement::allow(
                export,
                &["s3:GetBucketPolicy", "s3:PutObject"],
                &[&arn, &objects],
            ),
            "bcm-data-exports.amazonaws.com",
            &exports,
        ));
    }
    statements
}

/// `Sid`s of the statements of an analyzer's role.
pub const ANALYZER_SIDS: [&str; 5] = [
    "AwsBillingReadReport",
    "AwsBillingListReport",
    "AwsBillingFindBucket",
    "AwsBillingReadAccount",
    "AwsBillingDecryptReport",
];

/// Statements that let a role read the objects below a prefix of a bucket, and nothing else in it.
pub fn reading_statements(bucket: &BucketName, prefix: &str, partition: &str) -> Vec<Statement> {
    let arn = format!("arn:{partition}:s3:::{bucket}");
    // AWS allows an asterisk in the names of reports; in a policy it would stand for anything.
    let prefix = prefix.replace('*', "${*}");
    let objects = format!("{arn}/{prefix}/*");
    let [read, list, find, ..] = ANALYZER_SIDS;
    vec![
        Statement::allow(read, &["s3:GetObject"], &[objects]),
        Statement::allow(list, &["s3:ListBucket"], &[&arn]).when(
            "StringLike",
            "s3:prefix",
            &[&prefix, &format!("{prefix}/*")],
        ),
        Statement::allow(find, &["s3:GetBucketLocation"], &[&arn]),
    ]
}

/// `Sid`s of the statements that let others read a report where it lies.
pub fn backfill_sids(report: &ReportName) -> [String; 3] {
    // A Sid has letters and digits only, and two reports must not share one.
    let word = |byte: u8| match byte {
        b'Z' => "Z5A".to_owned(),
        plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
        other => format!("Z{other:02X}"),
    };
    let name: String = report.as_str().bytes().map(word).collect();
    ["Read", "List", "Find"].map(|what| format!("AwsBillingBackfill{what}{name}"))
}

/// Statements for a bucket's policy, that let principals read one report's objects and manifests.
pub fn backfill_statements(
    bucket: &BucketName,
    report: &ReportName,
    prefix: &str,
    partition: &str,
    principals: &[String],
) -> Vec<Statement> {
    let named = reading_statements(bucket, prefix, partition)
        .into_iter()
        .zip(backfill_sids(report));
    named
        .map(|(mut statement, sid)| {
            statement.0["Sid"] = json!(sid);
            statement.to("AWS", principals)
        })
        .collect()
}

/// Statement for the policy of a KMS key, that lets AWS deliver into a bucket that the key encrypts.
///
/// Source: AWS Data Exports user guide, "Setting up an Amazon S3 bucket for data exports", on SSE-KMS.
pub fn key_statement(account_id: &AccountId) -> Statement {
    let services = [
        "bcm-data-exports.amazonaws.com",
        "billingreports.amazonaws.com",
    ];
    Statement::allow(
        "AwsBillingUseKey",
        &["kms:Decrypt", "kms:GenerateDataKey*"],
        &["*"],
    )
    .to("Service", &services)
    .when("StringEquals", "aws:SourceAccount", &[account_id.as_str()])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::framework::DomainText;

    fn statement(sid: &str, action: &str) -> Statement {
        Statement::allow(sid, &[action], &["arn:aws:s3:::example"])
    }

    #[test]
    fn statements_of_others_stay_as_they_are() {
        let theirs = r#"{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Deny","Action":"*","Odd":1}}"#;
        let mut policy = PolicyDocument::parse(theirs).unwrap();
        policy.put(&[statement("Mine", "s3:GetObject")]);
        policy.put(&[statement("Mine", "s3:PutObject")]);
        let text = policy.to_string();
        assert!(
            text.contains(r#""Odd":1"#) && text.contains(r#""Id":"x""#),
            "{text}"
        );
        assert!(
            text.contains("s3:PutObject") && !text.contains("s3:GetObject"),
            "{text}"
        );
        policy.take_out(&["Mine"]);
        assert!(!policy.is_empty());
        assert!(policy.says_the_same_as(&PolicyDocument::parse(theirs).unwrap()));
        assert!(PolicyDocument::parse("[]").is_none());
    }

    #[test]
    fn two_reports_never_share_a_statement() {
        let sids = |name| backfill_sids(&ReportName::parse(name).unwrap());
        assert_eq!(sids("hourly")[0], "AwsBillingBackfillReadhourly");
        let names = ["a-b", "a_b", "aZ2Db", "ab"];
        for (at, one) in names.iter().enumerate() {
            for other in &names[..at] {
                assert_ne!(sids(one), sids(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn order_and_lists_of_one_make_no_difference() {
        let a = r#"{"Statement":[{"Sid":"A","Action":["x","y"]},{"Sid":"B","Action":"z"}]}"#;
        let b = r#"{"Statement":[{"Sid":"B","Action":["z"]},{"Sid":"A","Action":["y","x"]}]}"#;
        let [a, b] = [a, b].map(|text| PolicyDocument::parse(text).unwrap());
        assert!(a.says_the_same_as(&b));
        assert!(!a.says_the_same_as(&a.only(&["A"])));
    }

    #[test]
    fn delivery_is_allowed_from_the_region_of_reports_whatever_the_partition() {
        let bucket = BucketName::parse("example").unwrap();
        let account = AccountId::parse("111122223333").unwrap();
        let of = |partition, exports| {
            PolicyDocument::of(delivery_statements(&bucket, &account, partition, exports))
                .to_string()
        };
        let policy = of("aws", true);
        for expected in [
            r#""StringLike":{"aws:SourceArn":["arn:aws:cur:us-east-1:111122223333:definition/*"]}"#,
            r#""StringEquals":{"aws:SourceAccount":["111122223333"]}"#,
            "arn:aws:bcm-data-exports:us-east-1:111122223333:export/*",
            "arn:aws:s3:::example/*",
        ] {
            assert!(policy.contains(expected), "{expected} in {policy}");
        }
        assert!(!of("aws", false).contains("bcm-data-exports"));
        assert!(of("aws-cn", false).contains("arn:aws-cn:cur:cn-northwest-1:"));
    }
}
