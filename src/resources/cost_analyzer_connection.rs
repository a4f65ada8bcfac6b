//! `awsbilling_cost_analyzer_connection`: a role that lets a cost analyzer read one report.
//!
//! The role trusts the analyzer's own principal with its external ID, and reads the objects of that report
//! and nothing else in the bucket. Drift of its two policies is repaired by the next apply.

use std::collections::BTreeSet;
use std::time::Duration;

use super::planned;
use crate::analyzers::{Analyzer, ExternalIdUse, Profile};
use crate::attributes::{AssumeRole, Requirements, Tags, changed_tags};
use crate::aws::cost_and_usage::Report;
use crate::aws::iam::{NewRole, Role};
use crate::aws::policy::{ANALYZER_SIDS, PolicyDocument, Statement, reading_statements};
use crate::aws::takeover::Takeover;
use crate::aws::types::{
    AccountId, DeliveryStatus, ExternalId, KmsKeyArn, Principal, ReportName, RoleArn, RoleName,
    RolePath, Tags as AwsTags,
};
use crate::aws::{Aws, CallerIdentity, CostAndUsage, Iam};
use crate::framework::{
    Change, Choice, Computed, Cx, Diagnostic, Diagnostics, DomainText, ImportId, Model, Page,
    Permission, Resource, Result, Timeouts,
};
use crate::resources::{check_owner, imported, wanted_tags};

/// Lets a cost analyzer read a cost and usage report: creates the role that the analyzer assumes, which
/// trusts nobody else and reads nothing but this report and what the analyzer's profile names.
///
/// The report may be defined in the same configuration or exist already. If it is not as the analyzer
/// needs it, the plan says which attribute must be what. What an analyzer has not published, such as the
/// external ID that it made for you, is yours to give.
#[derive(Clone, Debug, Model)]
pub struct Connection {
    /// Analyzer to connect. Another analyzer means another role.
    #[attr(replace)]
    pub analyzer: Analyzer,

    /// Name of the report to read.
    pub report_name: ReportName,

    /// External ID that the analyzer gives when it assumes the role. Required, unless the analyzer is
    /// known to use none. A change takes effect in place.
    pub external_id: Option<ExternalId>,

    /// Accounts, users or roles of the analyzer to trust, as account IDs or ARNs. Required where the
    /// analyzer has not published its own.
    pub principals: Option<BTreeSet<Principal>>,

    /// Read-only actions that the role is allowed on all resources, instead of those of the profile.
    pub actions: Option<BTreeSet<String>>,

    /// ARNs of managed policies to attach, instead of those of the profile.
    pub managed_policy_arns: Option<BTreeSet<String>>,

    /// ARN of the KMS key that encrypts the bucket, which the role may then use to decrypt.
    pub kms_key_arn: Option<KmsKeyArn>,

    /// What the analyzer requires of the report, where that is other than in its profile.
    pub requirements: Option<Requirements>,

    /// What happens if the report is not as the analyzer requires: an `error`, or a warning with `warn`.
    #[attr(default = Conformance::Error)]
    pub conformance: Conformance,

    /// Name of the role. By default `awsbilling-` and the analyzer's name. Another name means another role.
    #[attr(optional, stable, replace, identity)]
    pub role_name: Computed<RoleName>,

    /// Path of the role. By default that of the profile. Another path means another role.
    #[attr(optional, stable, replace)]
    pub path: Computed<RolePath>,

    /// ARN of the policy that bounds the role's permissions.
    pub permissions_boundary: Option<String>,

    /// Tags of the role.
    #[attr(tags)]
    pub tags: Tags,

    /// Role to assume in the account of the report, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "5m", update = "5m", delete = "5m"))]
    pub timeouts: Timeouts,

    /// ARN of the role, to paste into the analyzer.
    #[attr(stable)]
    pub role_arn: Computed<RoleArn>,

    /// ID of the account that owns report and role.
    #[attr(stable, identity = "optional")]
    pub account_id: Computed<AccountId>,

    /// Trust policy of the role, in JSON.
    pub trust_policy: Computed<String>,

    /// Inline policy of the role, in JSON.
    pub permissions_policy: Computed<String>,

    /// ARNs of the managed policies that are attached to the role.
    pub attached_policy_arns: Computed<BTreeSet<String>>,

    /// Whether the analyzer has what it needs: `ready`, `pending_first_delivery`, or `critical`.
    pub status: Computed<Status>,

    /// Sentences that say why the status is what it is. One of them says if a billing transfer has ended the
    /// report, where these credentials may see that.
    pub status_reasons: Computed<Vec<String>>,

    /// Tags together with the provider's `default_tags`.
    #[attr(tags_all)]
    pub tags_all: Computed<AwsTags>,
}

/// What happens if a report is not as the analyzer requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Conformance {
    /// Nothing is connected.
    Error,
    /// It is connected, with a warning.
    Warn,
}

/// Whether an analyzer has what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Choice)]
pub enum Status {
    /// Role as it should be, and report delivered.
    Ready,
    /// Role as it should be, and report not yet delivered.
    PendingFirstDelivery,
    /// Something keeps the analyzer from reading.
    Critical,
}

/// How often to look whether IAM knows of a new permission.
const PROPAGATION_POLL: Duration = Duration::from_secs(1);

/// How often to look at most. Longer than a minute means that something else denies it.
const PROPAGATION_LOOKS: u32 = 60;

/// Beginning of the inline policy's name; the analyzer's follows.
const POLICY_NAME: &str = "awsbilling-";

/// `Sid` of the trust policy's statement.
const TRUST_SID: &str = "AwsBillingTrustAnalyzer";

/// The resource.
#[derive(Debug)]
pub struct CostAnalyzerConnection {
    aws: Aws,
}

impl Resource for CostAnalyzerConnection {
    const NAME: &'static str = "cost_analyzer_connection";
    const PAGE: Page = Page {
        subcategory: "Cost analyzers",
        permissions: &[
            Permission::new("cur:DescribeReportDefinitions", "always"),
            Permission::new("iam:GetRole", "always"),
            Permission::new("iam:GetRolePolicy", "always"),
            Permission::new("iam:ListAttachedRolePolicies", "always"),
            Permission::new("iam:ListRolePolicies", "to import"),
            Permission::new("iam:CreateRole", "to create"),
            Permission::new("iam:PutRolePolicy", "to create and update"),
            Permission::new(
                "iam:SimulatePrincipalPolicy",
                "to wait until the role can read",
            ),
            Permission::new("iam:UpdateAssumeRolePolicy", "to update"),
            Permission::new("iam:AttachRolePolicy", "with managed policies"),
            Permission::new("iam:DetachRolePolicy", "with managed policies"),
            Permission::new(
                "iam:PutRolePermissionsBoundary",
                "with `permissions_boundary`",
            ),
            Permission::new(
                "iam:DeleteRolePermissionsBoundary",
                "with `permissions_boundary`",
            ),
            Permission::new("iam:TagRole", "with tags"),
            Permission::new("iam:UntagRole", "with tags"),
            Permission::new("iam:DeleteRolePolicy", "to destroy"),
            Permission::new("iam:DeleteRole", "to destroy"),
            Permission::new(
                "organizations:ListOutboundResponsibilityTransfers",
                "to say whether a billing transfer has ended the report (optional)",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Connection;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn validate(config: &PartialConnection, problems: &mut Diagnostics) {
        let Some(profile) = config.analyzer.known().map(|analyzer| analyzer.profile()) else {
            return;
        };
        if profile.principals.is_empty() && config.principals.known() == Some(&None) {
            let fact = format!(
                "{} has not published which AWS account or role it uses.",
                profile.title
            );
            problems.push(missing(profile, "principals", &fact));
        }
        if config.external_id.known() != Some(&None) {
            return;
        }
        match profile.external_id {
            ExternalIdUse::Required => {
                let fact = format!("{} gives an external ID when it assumes the role.", profile.title);
                problems.push(missing(profile, "external_id", &fact));
            }
            ExternalIdUse::NotUsed => problems.push(
                Diagnostic::warning("Role without an external ID")
                    .detail(format!(
                        "{} is known to use no external ID. Nothing then tells one customer of it from \
                         another: whoever learns the role's ARN could have the analyzer read this report \
                         for them (the confused deputy problem). Keep the ARN to yourself, and set \
                         external_id if the analyzer offers one.",
                        profile.title
                    ))
                    .at("analyzer"),
            ),
        }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<Connection>) -> Result<()> {
        name_role(change);
        let Some(plan) = Draft::of(&change.planned) else {
            return Ok(());
        };
        let role = plan.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        let report = match planned::report(&caller.account_id, &plan.report_name) {
            Some(planned) => Some(planned),
            None => reports.report(cx, &plan.report_name).await?,
        };
        plan.check_neighbours(cx, &caller)?;
        if let Some(report) = &report {
            plan.check_report(cx, report)?;
        }
        let prior = change.prior.as_ref();
        let trust = plan.trust(&caller.partition);
        let before = prior.and_then(|prior| prior.trust_policy.known());
        change.planned.trust_policy = in_known_words(before, &trust).into();
        if let Some(report) = &report {
            let permissions = plan.permissions(report, &caller.partition);
            let before = prior.and_then(|prior| prior.permissions_policy.known());
            change.planned.permissions_policy = in_known_words(before, &permissions).into();
        }
        change.planned.attached_policy_arns = plan.managed_policies(&caller.partition).into();
        change.planned.role_arn = plan.arn(&caller)?.into();
        change.planned.account_id = caller.account_id.into();
        let planned = &mut change.planned;
        // A repair that nothing else in the plan announces changes the status, too.
        if change.prior.as_ref().is_some_and(|prior| {
            prior.trust_policy != planned.trust_policy
                || prior.permissions_policy != planned.permissions_policy
                || prior.attached_policy_arns != planned.attached_policy_arns
        }) {
            planned.status = Computed::Unknown;
            planned.status_reasons = Computed::Unknown;
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: Connection) -> Result<Connection> {
        let (caller, iam, reports) = self.account(cx, &plan).await?;
        let plan = plan.with_names()?;
        let draft = plan.draft()?;
        let report = report_to_read(cx, &reports, &draft).await?;
        draft.check_report(cx, &report)?;
        let role = draft
            .create_role(cx, &iam, &caller, plan.wanted_tags())
            .await?;
        let takeover = self.takeover(cx, &draft, Some(&report)).await;
        let connection = plan.connected(&draft, &role, &report, takeover.as_ref(), &caller);
        cx.save(&connection);
        draft.set_permissions(cx, &iam, &report, &caller).await?;
        for arn in draft.managed_policies(&caller.partition) {
            iam.attach(cx, draft.role_name.as_str(), &arn).await?;
        }
        wait_until_readable(cx, &iam, &role.arn, &report, &caller).await?;
        planned::forget(&caller.account_id, &report.name);
        Ok(connection)
    }

    async fn read(&self, cx: &Cx, state: Connection) -> Result<Option<Connection>> {
        let (caller, iam, reports) = self.account(cx, &state).await?;
        state.check_account(&caller)?;
        let draft = state.draft()?;
        let name = draft.role_name.as_str();
        let Some(role) = iam.role(cx, name).await? else {
            cx.warn(Diagnostic::warning("Role of the analyzer is gone").detail(format!(
                "Role {name}, by which {} reads report {}, was deleted outside Terraform. Applying creates \
                 it again.",
                draft.profile.title, draft.report_name
            )));
            return Ok(None);
        };
        let policy_name = draft.policy_name();
        let (policy, attached, report) = tokio::try_join!(
            iam.policy(cx, name, &policy_name),
            iam.attached(cx, name),
            reports.report(cx, &draft.report_name),
        )?;
        let policy = policy.unwrap_or_else(|| PolicyDocument::of([]));
        let takeover = self.takeover(cx, &draft, report.as_ref()).await;
        let read = (report.as_ref(), takeover.as_ref());
        let health = Health::of(&draft, &role, &policy, read, &caller);
        let trust_policy = in_known_words(state.trust_policy.known(), &role.trust);
        let permissions_policy = in_known_words(state.permissions_policy.known(), &policy);
        Ok(Some(
            Connection {
                role_arn: role.arn.into(),
                path: RolePath::parse(&role.path).map_err(Diagnostic::bug)?.into(),
                permissions_boundary: role.permissions_boundary,
                trust_policy: trust_policy.into(),
                permissions_policy: permissions_policy.into(),
                attached_policy_arns: attached.into_iter().collect::<BTreeSet<_>>().into(),
                status: health.status.into(),
                status_reasons: health.reasons.into(),
                ..state
            }
            .tagged(role.tags, &self.aws),
        ))
    }

    async fn update(&self, cx: &Cx, prior: Connection, plan: Connection) -> Result<Connection> {
        let (caller, iam, reports) = self.account(cx, &plan).await?;
        prior.check_account(&caller)?;
        let draft = plan.draft()?;
        let name = draft.role_name.as_str().to_owned();
        let report = report_to_read(cx, &reports, &draft).await?;
        draft.check_report(cx, &report)?;
        let Some(role) = iam.role(cx, &name).await? else {
            return Err(
                Diagnostic::error("Role of the analyzer is gone").detail(format!(
                    "Role {name} was deleted just now. Apply again to create it."
                )),
            );
        };
        let trust = draft.trust(&caller.partition);
        if !role.trust.says_the_same_as(&trust) {
            iam.set_trust(cx, &name, &trust).await?;
        }
        if prior.permissions_boundary != plan.permissions_boundary {
            iam.set_boundary(cx, &name, plan.permissions_boundary.as_deref())
                .await?;
        }
        let wanted = draft.permissions(&report, &caller.partition);
        let found = iam.policy(cx, &name, &draft.policy_name()).await?;
        if !found.is_some_and(|found| found.says_the_same_as(&wanted)) {
            draft.set_permissions(cx, &iam, &report, &caller).await?;
            wait_until_readable(cx, &iam, &role.arn, &report, &caller).await?;
        }
        let attached: BTreeSet<_> = iam.attached(cx, &name).await?.into_iter().collect();
        let wanted = draft.managed_policies(&caller.partition);
        for arn in wanted.difference(&attached) {
            iam.attach(cx, &name, arn).await?;
        }
        for arn in attached.difference(&wanted) {
            iam.detach(cx, &name, arn).await?;
        }
        let (gone, new) = changed_tags(prior.wanted_tags(), plan.wanted_tags());
        if !gone.is_empty() {
            iam.untag(cx, &name, &gone).await?;
        }
        if !new.is_empty() {
            iam.tag(cx, &name, &new).await?;
        }
        let takeover = self.takeover(cx, &draft, Some(&report)).await;
        Ok(plan.connected(&draft, &role, &report, takeover.as_ref(), &caller))
    }

    async fn delete(&self, cx: &Cx, state: Connection) -> Result<()> {
        let (caller, iam, _) = self.account(cx, &state).await?;
        state.check_account(&caller)?;
        let draft = state.draft()?;
        let name = draft.role_name.as_str();
        planned::forget_reader(&caller.account_id, &draft.report_name, name);
        if iam.role(cx, name).await?.is_none() {
            return Ok(());
        }
        iam.delete_policy(cx, name, &draft.policy_name()).await?;
        for arn in iam.attached(cx, name).await? {
            iam.detach(cx, name, &arn).await?;
        }
        Ok(iam.delete_role(cx, name).await?)
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<Connection> {
        let (name, assume_role) = imported::<RoleName>(&id, "role_name")?;
        let aws_role = assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, aws_role.as_ref()).await?;
        let iam = self.aws.iam(cx, aws_role.as_ref()).await?;
        let Some(role) = iam.role(cx, name.as_str()).await? else {
            return Err(
                Diagnostic::error("Cannot import non-existent connection").detail(format!(
                    "Account {} has no role {name}. Create the resource instead of importing it.",
                    caller.account_id
                )),
            );
        };
        let policies = iam.policies(cx, name.as_str()).await?;
        let analyzer = policies
            .iter()
            .find_map(|policy| Analyzer::parse(policy.strip_prefix(POLICY_NAME)?).ok());
        let Some(analyzer) = analyzer else {
            return Err(not_a_connection(&name));
        };
        let policy_name = format!("{POLICY_NAME}{analyzer}");
        let policy = iam.policy(cx, name.as_str(), &policy_name).await?;
        let policy = policy.unwrap_or_else(|| PolicyDocument::of([]));
        let attached = iam.attached(cx, name.as_str()).await?;
        let imported = Connection::of(analyzer, &policy, &role, assume_role)
            .ok_or_else(|| not_a_connection(&name))?;
        let attached: BTreeSet<_> = attached.into_iter().collect();
        let by_profile = attached == analyzer.profile().managed_policy_arns(&caller.partition);
        Ok(Connection {
            managed_policy_arns: (!by_profile).then(|| attached.clone()),
            attached_policy_arns: attached.into(),
            role_name: name.into(),
            account_id: caller.account_id.into(),
            ..imported
        }
        .tagged(role.tags, &self.aws))
    }
}

impl CostAnalyzerConnection {
    async fn account(
        &self,
        cx: &Cx,
        connection: &Connection,
    ) -> Result<(CallerIdentity, Iam, CostAndUsage)> {
        let role = connection.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        let iam = self.aws.iam(cx, role.as_ref()).await?;
        let reports = self.aws.cost_and_usage(cx, role.as_ref()).await?;
        Ok((caller, iam, reports))
    }

    /// The billing transfer that has ended the report, if nothing comes any more.
    async fn takeover(&self, cx: &Cx, draft: &Draft, report: Option<&Report>) -> Option<Takeover> {
        let last_seen = report?.overdue_since(self.aws.now(cx))?;
        let role = draft.assume_role.as_ref().map(Into::into);
        self.aws.takeover(cx, role.as_ref(), last_seen).await
    }
}

/// What a connection is made of, once all of it is known.
struct Draft {
    profile: &'static Profile,
    report_name: ReportName,
    external_id: Option<ExternalId>,
    principals: Option<BTreeSet<Principal>>,
    actions: Option<BTreeSet<String>>,
    managed_policy_arns: Option<BTreeSet<String>>,
    kms_key_arn: Option<KmsKeyArn>,
    requirements: Requirements,
    conformance: Conformance,
    role_name: RoleName,
    path: RolePath,
    permissions_boundary: Option<String>,
    assume_role: Option<AssumeRole>,
}

impl Draft {
    fn of(planned: &PartialConnection) -> Option<Self> {
        let profile = planned.analyzer.known()?.profile();
        let written = planned.requirements.known()?.clone().unwrap_or_default();
        Some(Self {
            profile,
            report_name: planned.report_name.known()?.clone(),
            external_id: planned.external_id.known()?.clone(),
            principals: planned.principals.known()?.clone(),
            actions: planned.actions.known()?.clone(),
            managed_policy_arns: planned.managed_policy_arns.known()?.clone(),
            kms_key_arn: planned.kms_key_arn.known()?.clone(),
            requirements: written.or(profile.requirements()),
            conformance: *planned.conformance.known()?,
            role_name: planned.role_name.known()?.clone(),
            path: planned.path.known()?.clone(),
            permissions_boundary: planned.permissions_boundary.known()?.clone(),
            assume_role: planned.assume_role.known()?.clone(),
        })
    }

    fn policy_name(&self) -> String {
        format!("{POLICY_NAME}{}", self.profile.analyzer)
    }

    fn arn(&self, caller: &CallerIdentity) -> Result<RoleArn> {
        let (partition, account) = (&caller.partition, &caller.account_id);
        let (path, name) = (&self.path, &self.role_name);
        RoleArn::parse(&format!("arn:{partition}:iam::{account}:role{path}{name}"))
            .map_err(Diagnostic::bug)
    }

    fn trust(&self, partition: &str) -> PolicyDocument {
        let principals: Vec<_> = match &self.principals {
            Some(written) => written.iter().map(|one| one.arn(partition)).collect(),
            None => self
                .profile
                .principals
                .iter()
                .map(ToString::to_string)
                .collect(),
        };
        let external_id = self.external_id.as_ref().map(ExternalId::as_str);
        PolicyDocument::of([Statement::trust(TRUST_SID, &principals, external_id)])
    }

    fn permissions(&self, report: &Report, partition: &str) -> PolicyDocument {
        let mut statements = reading_statements(&report.bucket, &report.key_prefix(), partition);
        let [.., account, decrypt] = ANALYZER_SIDS;
        let actions: Vec<_> = match &self.actions {
            Some(written) => written.iter().map(String::as_str).collect(),
            None => self.profile.actions.to_vec(),
        };
        if !actions.is_empty() {
            statements.push(Statement::allow(account, &actions, &["*"]));
        }
        if let Some(key) = &self.kms_key_arn {
            statements.push(Statement::allow(decrypt, &["kms:Decrypt"], &[key.as_str()]));
        }
        PolicyDocument::of(statements)
    }

    fn managed_policies(&self, partition: &str) -> BTreeSet<String> {
        let written = self.managed_policy_arns.clone();
        written.unwrap_or_else(|| self.profile.managed_policy_arns(partition))
    }

    /// Says where the report is not as the analyzer requires.
    fn check_report(&self, cx: &Cx, report: &Report) -> Result<()> {
        let deviations = self.requirements.deviations(report);
        if deviations.is_empty() {
            return Ok(());
        }
        let (title, name) = (self.profile.title, &report.name);
        let mut sentences: Vec<_> = deviations
            .iter()
            .map(|one| {
                format!(
                    "{title} needs {} = {}; the report {name} has {}.",
                    one.attribute, one.needed, one.found
                )
            })
            .collect();
        let attributes: Vec<_> = deviations.iter().map(|one| one.attribute).collect();
        sentences.push(format!(
            "Change the report's {}, or set conformance = \"warn\" to connect anyway.",
            attributes.join(", ")
        ));
        self.complain(
            cx,
            Diagnostic::error("Report does not meet the analyzer's requirements")
                .detail(sentences.join("\n"))
                .at("report_name"),
        )
    }

    /// Says with which other analyzers no report could be shared.
    fn check_neighbours(&self, cx: &Cx, caller: &CallerIdentity) -> Result<()> {
        let (name, role) = (&self.report_name, self.role_name.as_str());
        let analyzer = self.profile.analyzer;
        for other in planned::readers(&caller.account_id, name, role, analyzer) {
            let other = other.profile();
            let excluded = self.requirements.excludes(&other.requirements());
            if excluded.is_empty() {
                continue;
            }
            self.complain(
                cx,
                Diagnostic::error("Analyzers exclude each other")
                    .detail(format!(
                        "{} and {} are connected to report {name}, and no report can be as both require: \
                         they differ in {}. Define a second report beside it, and connect each analyzer to \
                         its own.",
                        self.profile.title,
                        other.title,
                        excluded.join(", ")
                    ))
                    .at("report_name"),
            )?;
        }
        Ok(())
    }

    fn complain(&self, cx: &Cx, complaint: Diagnostic) -> Result<()> {
        match self.conformance {
            Conformance::Error => Err(complaint),
            Conformance::Warn => {
                cx.warn(complaint.into_warning());
                Ok(())
            }
        }
    }

    /// Creates the role. One that trusts exactly the same comes from a call whose answer was lost.
    async fn create_role(
        &self,
        cx: &Cx,
        iam: &Iam,
        caller: &CallerIdentity,
        tags: &AwsTags,
    ) -> Result<Role> {
        let trust = self.trust(&caller.partition);
        let description = format!(
            "Lets {} read cost and usage report {}",
            self.profile.title, self.report_name
        );
        let new = NewRole {
            name: self.role_name.as_str(),
            path: self.path.as_str(),
            description: &description,
            trust: &trust,
            permissions_boundary: self.permissions_boundary.as_deref(),
            tags,
        };
        let failure = match iam.create_role(cx, new).await {
            Ok(role) => return Ok(role),
            Err(failure) => failure,
        };
        if failure.code() != Some("EntityAlreadyExists") && !failure.may_have_taken_effect() {
            return Err(failure.into());
        }
        let found = iam.role(cx, self.role_name.as_str()).await?;
        let same =
            |role: &Role| role.trust.says_the_same_as(&trust) && role.path == self.path.as_str();
        found
            .filter(same)
            .ok_or_else(|| Diagnostic::from(failure).at("role_name"))
    }

    async fn set_permissions(
        &self,
        cx: &Cx,
        iam: &Iam,
        report: &Report,
        caller: &CallerIdentity,
    ) -> Result<()> {
        let policy = self.permissions(report, &caller.partition);
        let (role, name) = (self.role_name.as_str(), self.policy_name());
        Ok(iam.put_policy(cx, role, &name, &policy).await?)
    }
}

/// How an analyzer fares, and why.
struct Health {
    status: Status,
    reasons: Vec<String>,
}

impl Health {
    fn of(
        draft: &Draft,
        role: &Role,
        policy: &PolicyDocument,
        (report, takeover): (Option<&Report>, Option<&Takeover>),
        caller: &CallerIdentity,
    ) -> Self {
        let mut reasons = Vec::new();
        if !role.trust.says_the_same_as(&draft.trust(&caller.partition)) {
            reasons.push(format!(
                "The trust policy of role {} was changed outside Terraform; the next apply repairs it.",
                draft.role_name
            ));
        }
        let readable = report.is_some_and(|report| {
            policy.says_the_same_as(&draft.permissions(report, &caller.partition))
        });
        if report.is_some() && !readable {
            reasons.push(format!(
                "The permissions of role {} do not fit report {}; the next apply repairs them.",
                draft.role_name, draft.report_name
            ));
        }
        let (from_report, pending) = of_report(draft, report);
        reasons.extend(from_report);
        reasons.extend(takeover.map(|it| it.explanation(&draft.report_name)));
        if !reasons.is_empty() {
            let status = Status::Critical;
            return Self { status, reasons };
        }
        let status = if pending {
            Status::PendingFirstDelivery
        } else {
            Status::Ready
        };
        let name = &draft.report_name;
        reasons.push(match status {
            Status::PendingFirstDelivery => format!(
                "AWS has not delivered report {name} yet, which takes up to 24 hours; the analyzer shows \
                 data after 24 to 72 hours."
            ),
            _ => format!("Report {name} is delivered, and role {} reads it.", draft.role_name),
        });
        Self { status, reasons }
    }
}

/// What is wrong with the report, and whether it was never delivered.
fn of_report(draft: &Draft, report: Option<&Report>) -> (Option<String>, bool) {
    let name = &draft.report_name;
    let Some(report) = report else {
        return (Some(format!("The account has no report {name}.")), false);
    };
    let bucket = &report.bucket;
    let wrong = match &report.last_status {
        Some(DeliveryStatus::ErrorPermissions) => Some(format!(
            "AWS cannot deliver report {name}: the policy of bucket {bucket} does not let it write."
        )),
        Some(DeliveryStatus::ErrorNoBucket) => Some(format!(
            "AWS cannot deliver report {name}: bucket {bucket} is gone."
        )),
        _ => None,
    };
    (wrong, report.last_delivery_at.is_none())
}

/// The report that exists now.
async fn report_to_read(cx: &Cx, reports: &CostAndUsage, draft: &Draft) -> Result<Report> {
    let name = &draft.report_name;
    reports.report(cx, name).await?.ok_or_else(|| {
        Diagnostic::error("Report not found")
            .detail(format!(
                "The account has no report {name} for {} to read. Define it with \
                 awsbilling_cur_report_definition, and refer to its report_name here.",
                draft.profile.title
            ))
            .at("report_name")
    })
}

/// Waits until IAM knows that the role may read the report.
///
/// Whoever may not ask IAM that need not wait: analyzers look for a report for hours.
async fn wait_until_readable(
    cx: &Cx,
    iam: &Iam,
    role: &RoleArn,
    report: &Report,
    caller: &CallerIdentity,
) -> Result<()> {
    let (partition, bucket) = (&caller.partition, &report.bucket);
    let object = format!(
        "arn:{partition}:s3:::{bucket}/{}/manifest",
        report.key_prefix()
    );
    for _ in 0..PROPAGATION_LOOKS {
        match iam.allows(cx, role, "s3:GetObject", &object).await {
            Ok(true) => return Ok(()),
            Err(failure) if failure.code() == Some("AccessDenied") => return Ok(()),
            // IAM does not know the role everywhere yet, or not what it may do.
            Err(failure) if failure.code() == Some("NoSuchEntity") => {}
            Err(failure) => return Err(failure.into()),
            Ok(false) => {}
        }
        cx.sleep(PROPAGATION_POLL).await?;
    }
    cx.warn(Diagnostic::warning("Role cannot read the report yet").detail(format!(
        "For a minute IAM has said that role {role} may not read report {}. Check whether its permissions \
         boundary, or a service control policy, keeps it from s3:GetObject on bucket {bucket}.",
        report.name
    )));
    Ok(())
}

/// The text that says so already, or new text.
fn in_known_words(known: Option<&String>, wanted: &PolicyDocument) -> String {
    let same = |text: &&String| {
        PolicyDocument::parse(text).is_some_and(|known| known.says_the_same_as(wanted))
    };
    known
        .filter(same)
        .cloned()
        .unwrap_or_else(|| wanted.to_string())
}

/// Gives the role the name and path of the profile, where the user wrote none.
fn name_role(change: &mut Change<Connection>) {
    let Some(profile) = change
        .planned
        .analyzer
        .known()
        .map(|analyzer| analyzer.profile())
    else {
        return;
    };
    let planned = &mut change.planned;
    if planned.role_name == Computed::Unknown && change.config.role_name == Computed::Null {
        planned.role_name = RoleName::parse(profile.role_name).ok().into();
    }
    if planned.path == Computed::Unknown && change.config.path == Computed::Null {
        planned.path = RolePath::parse(profile.path).ok().into();
    }
}

fn missing(profile: &Profile, attribute: &str, fact: &str) -> Diagnostic {
    Diagnostic::error("Missing attribute")
        .detail(format!("{fact} Set {attribute}. {}", profile.where_to_find))
        .at(attribute)
}

fn not_a_connection(name: &RoleName) -> Diagnostic {
    Diagnostic::error("Role is no analyzer's connection").detail(format!(
        "Role {name} has no inline policy named {POLICY_NAME}<analyzer> that reads one report, so it was not \
         made by this resource. Create a connection with another role_name, and delete the role once the \
         analyzer uses the new one."
    ))
}

impl Connection {
    /// The connection that a role's policies make.
    fn of(
        analyzer: Analyzer,
        policy: &PolicyDocument,
        role: &Role,
        assume_role: Option<AssumeRole>,
    ) -> Option<Self> {
        let profile = analyzer.profile();
        let [read, .., account, decrypt] = ANALYZER_SIDS;
        let objects = policy.texts(read, &["Resource"]).pop()?;
        let report_name = objects
            .strip_suffix("/*")?
            .rsplit('/')
            .next()?
            .replace("${*}", "*");
        let report_name = report_name.rsplit(':').next()?;
        let external_id = role
            .trust
            .texts(TRUST_SID, &["Condition", "StringEquals", "sts:ExternalId"]);
        let principals: BTreeSet<_> = role
            .trust
            .texts(TRUST_SID, &["Principal", "AWS"])
            .into_iter()
            .collect();
        let published: BTreeSet<_> = profile.principals.iter().map(ToString::to_string).collect();
        let actions: BTreeSet<_> = policy.texts(account, &["Action"]).into_iter().collect();
        let usual: BTreeSet<_> = profile.actions.iter().map(ToString::to_string).collect();
        let key = policy.texts(decrypt, &["Resource"]);
        Some(Self {
            analyzer,
            report_name: ReportName::parse(report_name).ok()?,
            external_id: external_id
                .first()
                .and_then(|id| ExternalId::parse(id).ok()),
            principals: (principals != published).then(|| {
                principals
                    .iter()
                    .filter_map(|arn| Principal::parse(arn).ok())
                    .collect()
            }),
            actions: (actions != usual).then_some(actions),
            managed_policy_arns: None,
            kms_key_arn: key.first().and_then(|arn| KmsKeyArn::parse(arn).ok()),
            requirements: None,
            conformance: Conformance::Error,
            role_name: Computed::Null,
            path: RolePath::parse(&role.path).ok().into(),
            permissions_boundary: role.permissions_boundary.clone(),
            tags: Tags::default(),
            assume_role,
            timeouts: Timeouts::none(),
            role_arn: role.arn.clone().into(),
            account_id: Computed::Null,
            trust_policy: role.trust.to_string().into(),
            permissions_policy: policy.to_string().into(),
            attached_policy_arns: Computed::Null,
            status: Computed::Unknown,
            status_reasons: Computed::Unknown,
            tags_all: AwsTags::new().into(),
        })
    }

    fn draft(&self) -> Result<Draft> {
        let profile = self.analyzer.profile();
        let missing = || Diagnostic::bug("A connection has no name for its role.");
        let written = self.requirements.clone().unwrap_or_default();
        Ok(Draft {
            profile,
            report_name: self.report_name.clone(),
            external_id: self.external_id.clone(),
            principals: self.principals.clone(),
            actions: self.actions.clone(),
            managed_policy_arns: self.managed_policy_arns.clone(),
            kms_key_arn: self.kms_key_arn.clone(),
            requirements: written.or(profile.requirements()),
            conformance: self.conformance,
            role_name: self.role_name.known().cloned().ok_or_else(missing)?,
            path: self.path.known().cloned().ok_or_else(missing)?,
            permissions_boundary: self.permissions_boundary.clone(),
            assume_role: self.assume_role.clone(),
        })
    }

    /// The names of the profile, where the plan could not know them yet.
    fn with_names(self) -> Result<Self> {
        let profile = self.analyzer.profile();
        let role_name = match self.role_name.known() {
            Some(name) => name.clone(),
            None => RoleName::parse(profile.role_name).map_err(Diagnostic::bug)?,
        };
        let path = match self.path.known() {
            Some(path) => path.clone(),
            None => RolePath::parse(profile.path).map_err(Diagnostic::bug)?,
        };
        Ok(Self {
            role_name: role_name.into(),
            path: path.into(),
            ..self
        })
    }

    /// The connection as it is once its role has been made.
    fn connected(
        self,
        draft: &Draft,
        role: &Role,
        report: &Report,
        takeover: Option<&Takeover>,
        caller: &CallerIdentity,
    ) -> Self {
        let trust = draft.trust(&caller.partition);
        let permissions = draft.permissions(report, &caller.partition);
        let as_made = Role {
            trust: trust.clone(),
            ..role.clone()
        };
        let health = Health::of(
            draft,
            &as_made,
            &permissions,
            (Some(report), takeover),
            caller,
        );
        Self {
            role_arn: role.arn.clone().into(),
            account_id: caller.account_id.clone().into(),
            trust_policy: in_known_words(self.trust_policy.known(), &trust).into(),
            permissions_policy: in_known_words(self.permissions_policy.known(), &permissions)
                .into(),
            attached_policy_arns: draft.managed_policies(&caller.partition).into(),
            status: health.status.into(),
            status_reasons: health.reasons.into(),
            ..self
        }
    }

    fn tagged(self, at_aws: AwsTags, aws: &Aws) -> Self {
        let at_aws = aws.without_ignored(at_aws);
        Self {
            tags: self.tags.observed(&at_aws, aws.default_tags()),
            tags_all: at_aws.into(),
            ..self
        }
    }

    fn wanted_tags(&self) -> &AwsTags {
        wanted_tags(&self.tags_all)
    }

    /// In another account the role would always be missing.
    fn check_account(&self, caller: &CallerIdentity) -> Result<()> {
        check_owner("The connection", &self.account_id, &caller.account_id)
    }
}
