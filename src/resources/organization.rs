//! `awsbilling_organization`: the organization whose management account pays for all members.
//!
//! The feature set in the configuration is a wish: AWS asks every invited member before all features are
//! enabled. So the wish and what AWS has stand in two attributes.

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::organizations::{Handshake, Migration, Organization as Current};
use crate::aws::types::{AccountId, FeatureSet, HandshakeId, HandshakeState, OrganizationId};
use crate::aws::{Aws, Organizations};
use crate::framework::attribute::Partial;
use crate::framework::{
    Change, Computed, Cx, Diagnostic, Diagnostics, ImportId, Model, Page, Permission, Resource,
    Result, Timeouts,
};
use crate::resources::imported_by;
use crate::resources::org_deletion::wait_until_empty;

/// Makes the calling account the management account of an organization, which pays one bill for all
/// members.
///
/// An organization that exists already is imported. Members come by
/// `awsbilling_partner_account_invitation` or `awsbilling_org_member_account`.
///
/// ~> Destroying this resource is refused while `deletion_protection` is on, and while any other account is
/// in the organization. Deleting an organization cannot be undone.
#[derive(Clone, Debug, Model)]
pub struct Organization {
    /// Feature set to have: with `CONSOLIDATED_BILLING` the organization shares the bill and nothing else.
    /// Changing to `ALL` asks every invited member; changing back is not possible.
    #[attr(default = FeatureSet::All)]
    pub feature_set: FeatureSet,

    /// Whether to refuse to delete the organization. Set it to `false` and apply before destroying.
    #[attr(default = true)]
    pub deletion_protection: bool,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "10m", update = "10m", delete = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the organization.
    #[attr(stable, identity)]
    pub id: Computed<OrganizationId>,

    /// ARN of the organization.
    #[attr(stable)]
    pub arn: Computed<String>,

    /// ID of the account that manages the organization and pays for it.
    #[attr(stable)]
    pub management_account_id: Computed<AccountId>,

    /// E-mail address of the management account.
    #[attr(stable)]
    pub management_account_email: Computed<String>,

    /// ID of the root, the parent of all accounts and organizational units.
    #[attr(stable)]
    pub root_id: Computed<String>,

    /// Feature set that the organization has now.
    pub enabled_feature_set: Computed<FeatureSet>,

    /// Members that were asked to agree to all features and have not answered.
    pub pending_approvals: Computed<Vec<Approval>>,
}

/// Member that was asked to agree to all features.
#[derive(Clone, Debug, Model)]
pub struct Approval {
    /// ID of the handshake.
    pub handshake_id: HandshakeId,

    /// ID of the account that was asked.
    pub account_id: Option<AccountId>,

    /// State of the handshake.
    pub state: HandshakeState,

    /// Time at which the question expires, in RFC 3339.
    pub expires_at: Option<Timestamp>,
}

/// The resource.
#[derive(Debug)]
pub struct OrganizationResource {
    aws: Aws,
}

impl Resource for OrganizationResource {
    const NAME: &'static str = "organization";
    const PAGE: Page = Page {
        subcategory: "Running an organization",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListRoots", "always"),
            Permission::new("organizations:CreateOrganization", "to create"),
            Permission::new(
                "iam:CreateServiceLinkedRole",
                "to create with all features: AWS makes the role AWSServiceRoleForOrganizations",
            ),
            Permission::new(
                "organizations:EnableAllFeatures",
                "to enable all features later",
            ),
            Permission::new(
                "organizations:ListHandshakesForOrganization",
                "while all features are being enabled",
            ),
            Permission::new(
                "organizations:AcceptHandshake",
                "to finish enabling all features",
            ),
            Permission::new("organizations:ListAccounts", "to delete"),
            Permission::new("organizations:DeleteOrganization", "to delete"),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Organization;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    fn validate(config: &PartialOrganization, problems: &mut Diagnostics) {
        if let Partial::Known(FeatureSet::Other(word)) = &config.feature_set {
            problems.push(
                Diagnostic::error("Invalid attribute value")
                    .detail(format!(
                        "Expected \"ALL\" or \"CONSOLIDATED_BILLING\", got \"{word}\"."
                    ))
                    .at("feature_set"),
            );
        }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<Organization>) -> Result<()> {
        let Some(prior) = change.prior.clone() else {
            return self.look_ahead(cx, change).await;
        };
        let planned = &mut change.planned;
        let Some(wanted) = planned.feature_set.known() else {
            return Ok(());
        };
        if *wanted == prior.feature_set {
            planned.enabled_feature_set = prior.enabled_feature_set;
            planned.pending_approvals = prior.pending_approvals;
        } else if *wanted == FeatureSet::All {
            cx.warn(all_features_ahead(&prior));
        } else {
            return Err(cannot_reduce(&prior));
        }
        Ok(())
    }

    async fn plan_destroy(&self, _: &Cx, state: Organization) -> Result<()> {
        refuse_if_protected(&state)
    }

    async fn create(&self, cx: &Cx, plan: Organization) -> Result<Organization> {
        let organizations = self.organizations(cx, &plan).await?;
        if let Some(current) = organizations.organization(cx).await? {
            return Err(exists_already(&current));
        }
        let founded = organizations
            .create_organization(cx, &plan.feature_set)
            .await?;
        let mut organization = plan.seen_as(&founded);
        organization.pending_approvals = Vec::new().into();
        organization.root_id = Computed::Null;
        cx.save(&organization);
        organization.root_id = organizations.root(cx).await?.into();
        Ok(organization)
    }

    async fn read(&self, cx: &Cx, state: Organization) -> Result<Option<Organization>> {
        let organizations = self.organizations(cx, &state).await?;
        let Some(current) = self.current(cx, &organizations, &state).await? else {
            cx.warn(Diagnostic::warning("Organization no longer exists").detail(format!(
                "Organization {} was deleted outside Terraform. Applying creates a new one, with a new ID \
                 and without members.",
                state.name()
            )));
            return Ok(None);
        };
        let wished = state.feature_set.clone();
        let mut organization = state.seen_as(&current);
        if organization.root_id.known().is_none() {
            organization.root_id = organizations.root(cx).await?.into();
        }
        if wished == FeatureSet::All && current.feature_set == FeatureSet::ConsolidatedBilling {
            let migration = organizations.migration(cx).await?;
            return Ok(Some(organization.on_the_way(cx, &migration)));
        }
        // An imported or changed organization shows what it has.
        organization.feature_set = current.feature_set;
        organization.pending_approvals = Vec::new().into();
        Ok(Some(organization))
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: Organization,
        plan: Organization,
    ) -> Result<Organization> {
        let enabled = prior.enabled_feature_set.known();
        if plan.feature_set != FeatureSet::All || enabled == Some(&FeatureSet::All) {
            return Ok(plan);
        }
        let organizations = self.organizations(cx, &plan).await?;
        let mut migration = organizations.migration(cx).await?;
        if !migration.is_under_way() {
            organizations.enable_all_features(cx).await?;
            migration = organizations.migration(cx).await?;
        }
        if let Some(approval) = &migration.approval {
            organizations.approve_all_features(cx, approval).await?;
            migration = Migration::default();
        }
        let current = organizations.organization(cx).await?.ok_or_else(|| {
            Diagnostic::bug("An organization vanished while its features were enabled.")
        })?;
        let mut organization = plan.seen_as(&current);
        if current.feature_set == FeatureSet::All {
            organization.pending_approvals = Vec::new().into();
            return Ok(organization);
        }
        organization = organization.on_the_way(cx, &migration);
        // What was planned stays; the next refresh says whether it has come to that.
        organization.feature_set = FeatureSet::All;
        Ok(organization)
    }

    async fn delete(&self, cx: &Cx, state: Organization) -> Result<()> {
        refuse_if_protected(&state)?;
        let organizations = self.organizations(cx, &state).await?;
        let Some(current) = self.current(cx, &organizations, &state).await? else {
            return Ok(());
        };
        wait_until_empty(cx, &organizations, &current).await?;
        organizations.delete_organization(cx).await?;
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<Organization> {
        let (id, assume_role) = imported_by(&id, "id", "organization_id")?;
        let role = assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let current = organizations.organization(cx).await?;
        let current =
            current.filter(|current| current.id == id && current.management_account_id == caller);
        let Some(current) = current else {
            return Err(
                Diagnostic::error("Cannot import non-existent organization").detail(format!(
                    "Account {caller} does not manage an organization {id}. Use credentials of its \
                     management account (for an import through a role, append \",role_arn\" to the ID)."
                )),
            );
        };
        let imported = Organization {
            feature_set: current.feature_set.clone(),
            deletion_protection: true,
            assume_role,
            timeouts: Timeouts::none(),
            id: Computed::Null,
            arn: Computed::Null,
            management_account_id: Computed::Null,
            management_account_email: Computed::Null,
            root_id: Computed::Null,
            enabled_feature_set: Computed::Null,
            pending_approvals: Computed::Null,
        };
        Ok(imported.seen_as(&current))
    }
}

impl OrganizationResource {
    async fn organizations(&self, cx: &Cx, organization: &Organization) -> Result<Organizations> {
        let role = organization.assume_role.as_ref().map(Into::into);
        Ok(self.aws.organizations(cx, role.as_ref()).await?)
    }

    /// The organization of the state, as it is now; `None` if it was deleted.
    async fn current(
        &self,
        cx: &Cx,
        organizations: &Organizations,
        state: &Organization,
    ) -> Result<Option<Current>> {
        let Some(current) = organizations.organization(cx).await? else {
            return Ok(None);
        };
        if state.id.known() == Some(&current.id) {
            return Ok(Some(current));
        }
        let role = state.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        if state.management_account_id.known() == Some(&caller) {
            // A management account belongs to another organization only after its own was deleted.
            return Ok(None);
        }
        Err(Diagnostic::error("Credentials of another organization").detail(format!(
            "The resource is about organization {}, and account {caller} of these credentials belongs to \
             organization {}. Use credentials of the management account (the provider's profile, or \
             assume_role).",
            state.name(),
            current.id
        )))
    }

    /// Refuses at plan time what an apply would refuse.
    async fn look_ahead(&self, cx: &Cx, change: &mut Change<Organization>) -> Result<()> {
        let Some(role) = change.planned.assume_role.known() else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        if let Some(current) = organizations.organization(cx).await? {
            return Err(exists_already(&current));
        }
        let caller = self.aws.caller(cx, role.as_ref()).await?;
        change.planned.management_account_id = caller.account_id.into();
        Ok(())
    }
}

impl Organization {
    fn name(&self) -> &str {
        self.id.known().map_or("?", OrganizationId::as_str)
    }

    fn seen_as(self, current: &Current) -> Self {
        Self {
            id: current.id.clone().into(),
            arn: current.arn.clone().into(),
            management_account_id: current.management_account_id.clone().into(),
            management_account_email: current.management_account_email.clone().into(),
            enabled_feature_set: current.feature_set.clone().into(),
            ..self
        }
    }

    /// What there is to say while not all have agreed, or nobody was asked.
    fn on_the_way(mut self, cx: &Cx, migration: &Migration) -> Self {
        // The handshake of the whole request names the management account, or no account at all.
        let is_member = |asked: &&Handshake| {
            let account = asked.account_id.as_ref();
            account.is_some() && account != self.management_account_id.known()
        };
        let waiting: Vec<_> = migration
            .asked
            .iter()
            .filter(|asked| asked.is_pending())
            .filter(is_member)
            .map(Approval::from)
            .collect();
        if waiting.is_empty() || migration.approval.is_some() {
            // A difference to the configuration, so that the next apply finishes, or asks again.
            self.feature_set = FeatureSet::ConsolidatedBilling;
        } else {
            cx.warn(still_waiting(&waiting));
        }
        self.pending_approvals = waiting.into();
        self
    }
}

impl From<&Handshake> for Approval {
    fn from(asked: &Handshake) -> Self {
        Self {
            handshake_id: asked.id.clone(),
            account_id: asked.account_id.clone(),
            state: asked.state.clone(),
            expires_at: asked.expires_at.map(Timestamp::from),
        }
    }
}

fn refuse_if_protected(state: &Organization) -> Result<()> {
    if !state.deletion_protection {
        return Ok(());
    }
    Err(Diagnostic::error("Organization protected from deletion").detail(format!(
        "Destroying would delete organization {}, which cannot be undone, and deletion_protection is on. \
         To delete it, set deletion_protection = false and apply, then destroy. To keep it and only forget \
         it, use terraform state rm.",
        state.name()
    )))
}

fn exists_already(current: &Current) -> Diagnostic {
    Diagnostic::error("Account belongs to an organization already").detail(format!(
        "The account belongs to organization {}, which account {} manages. If this is the organization you \
         mean, import it by its ID. Otherwise leave it first (awsbilling_org_departure), or use \
         credentials of another account.",
        current.id, current.management_account_id
    ))
}

fn cannot_reduce(prior: &Organization) -> Diagnostic {
    Diagnostic::error("All features cannot be taken back")
        .detail(format!(
            "Organization {} has all features enabled or is enabling them, and AWS offers no way back to \
             consolidated billing alone. Set feature_set = \"ALL\". While members have not agreed, the \
             request can be cancelled in the AWS Organizations console.",
            prior.name()
        ))
        .at("feature_set")
}

fn all_features_ahead(prior: &Organization) -> Diagnostic {
    Diagnostic::warning("All features will be enabled").detail(format!(
        "Applying asks every invited member of organization {} to agree to all features, or finishes when \
         all have agreed. Until then the organization can invite nobody. With all features the management \
         account can restrict what members do; it cannot be undone.",
        prior.name()
    ))
}

fn still_waiting(waiting: &[Approval]) -> Diagnostic {
    let accounts: Vec<_> = waiting
        .iter()
        .filter_map(|asked| asked.account_id.as_ref().map(AccountId::as_str))
        .collect();
    Diagnostic::warning("Members have not agreed to all features yet").detail(format!(
        "{} accounts have not answered: {}. Their owners agree in the AWS Organizations console, under \
         Invitations, within 90 days. When all have agreed, the next apply finishes.",
        waiting.len(),
        accounts.join(", ")
    ))
}
