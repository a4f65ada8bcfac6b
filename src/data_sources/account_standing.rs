//! `awsbilling_account_standing`: where an account stands, which journey leads it to a partner, and what
//! comes next.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::attributes::AssumeRole;
use crate::aws::organizations::{Handshake, Organization, Policy, PolicyType};
use crate::aws::types::{AccountId, FeatureSet, OrganizationId, ParentId};
use crate::aws::{Aws, Organizations};
use crate::data_sources::pending_invitations::Received;
use crate::data_sources::unseen::{Unseen, where_allowed};
use crate::framework::{Choice, Computed, Cx, DataSource, Model, Page, Permission, Result};

/// Says of the calling account, or of the account of `assume_role`, whether it stands alone, is a member of
/// an organization or manages one; which invitations are open; and how it joins a partner from there.
#[derive(Clone, Debug, Model)]
pub struct View {
    /// ID of the partner's organization, to judge the next steps by its invitation alone.
    pub partner_organization_id: Option<OrganizationId>,

    /// Role to assume in the account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the account.
    pub account_id: Computed<AccountId>,

    /// Place of the account: it stands alone, is a member of an organization, or manages one.
    pub standing: Computed<Place>,

    /// ID of the organization that the account belongs to; null if it stands alone.
    pub organization_id: Computed<OrganizationId>,

    /// ID of the account that pays; null if the account stands alone.
    pub management_account_id: Computed<AccountId>,

    /// E-mail address of the organization's management account, as far as AWS tells.
    pub management_account_email: Computed<String>,

    /// Feature set of the organization; null if the account stands alone.
    pub feature_set: Computed<FeatureSet>,

    /// Number of the onboarding guides' case: 1 for a standalone account, 2 for a member, 3 for a
    /// management account; null if the account has joined the partner.
    pub case: Computed<i64>,

    /// Whether the account has joined the organization of `partner_organization_id`.
    pub has_joined: Computed<bool>,

    /// Open invitations, the oldest first.
    pub pending_invitations: Computed<Vec<Received>>,

    /// Number of other accounts in the organization; null unless the account manages it and may list them.
    pub linked_accounts: Computed<i64>,

    /// IDs of the accounts that administer a service for the organization; null unless the account manages
    /// it and may list them.
    pub delegated_administrators: Computed<Vec<AccountId>>,

    /// Service principals that work across the organization and stop for the account; null where AWS does
    /// not let the account see them.
    pub service_access: Computed<Vec<String>>,

    /// Service principals that the account itself administers for its organization; null where AWS does not
    /// let the account see them.
    pub delegated_services: Computed<Vec<String>>,

    /// Policies that stop for the account, AWS's own left out: for a member those attached to it and those
    /// that it inherits, for a management account all of the organization's. Null where AWS does not let the
    /// account see them.
    pub policies: Computed<Vec<Governing>>,

    /// Look-ups that AWS refused, so that what a move ends is not known in full.
    pub unseen: Computed<Vec<Unseen>>,

    /// What a move to another organization ends.
    pub loses: Computed<Vec<String>>,

    /// What to do next, in order.
    pub next_steps: Computed<Vec<Step>>,

    /// Standing and next steps as text for people.
    pub summary: Computed<String>,
}

/// Policy that governs the account.
#[derive(Clone, Debug, Model)]
pub struct Governing {
    /// ID of the policy.
    pub id: String,

    /// Name of the policy.
    pub name: String,

    /// Type of the policy, such as `SERVICE_CONTROL_POLICY`.
    #[attr(name = "type")]
    pub kind: String,

    /// ID of the root, organizational unit or account that it is attached to; null for the policies of an
    /// organization that the account manages.
    pub target_id: Option<String>,
}

/// Place of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Place {
    /// Belongs to no organization.
    Standalone,
    /// Is a member of an organization.
    Member,
    /// Manages an organization.
    Management,
}

/// One thing to do.
#[derive(Clone, Debug, Model)]
pub struct Step {
    /// Resource that does it; null if people have to.
    pub resource: Option<String>,

    /// What to do.
    pub text: String,
}

/// The data source.
#[derive(Debug)]
pub struct AccountStanding {
    aws: Aws,
}

impl DataSource for AccountStanding {
    const NAME: &'static str = "account_standing";
    const PAGE: Page = Page {
        subcategory: "Joining a partner",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListHandshakesForAccount", "always"),
            Permission::new(
                "organizations:ListAccounts",
                "where the account manages an organization",
            ),
            Permission::new(
                "organizations:ListDelegatedAdministrators",
                "where the account manages an organization",
            ),
            Permission::new(
                "organizations:ListAWSServiceAccessForOrganization",
                "to see what a move ends; it works in an organization with all features, for a management \
                 account or a delegated administrator",
            ),
            Permission::new(
                "organizations:ListPolicies",
                "as before, for a management account",
            ),
            Permission::new("organizations:DescribeAccount", "as before, for a member"),
            Permission::new(
                "organizations:ListPoliciesForTarget",
                "as before, for a member",
            ),
            Permission::new(
                "organizations:ListDelegatedServicesForAccount",
                "as before, for a member",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = View;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: View) -> Result<View> {
        let role = config.assume_role.as_ref().map(Into::into);
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        // What it says is about now, whatever this process has seen before.
        let current = organizations
            .organization_within(cx, Duration::ZERO)
            .await?;
        let received = organizations.received_invitations(cx).await?;
        let mut open: Vec<_> = received.iter().filter(|found| found.is_pending()).collect();
        open.sort_by_key(|found| (found.requested_at, &found.id));
        let place = match &current {
            None => Place::Standalone,
            Some(current) if current.management_account_id == caller => Place::Management,
            Some(_) => Place::Member,
        };
        let seen = match (&current, place) {
            (Some(current), Place::Management) => Seen::above(cx, &organizations, current).await?,
            (Some(current), _) => Seen::within(cx, &organizations, current, &caller).await?,
            (None, _) => Seen::default(),
        };
        let partner = config.partner_organization_id.as_ref();
        let joined = partner.is_some_and(|partner| {
            current
                .as_ref()
                .is_some_and(|current| current.id == *partner)
        });
        let invitation = open
            .iter()
            .copied()
            .find(|found| partner.is_none_or(|partner| found.organization_id == *partner));
        let steps = if joined {
            Vec::new()
        } else {
            next_steps(place, current.as_ref(), &seen, invitation)
        };
        let case = match place {
            _ if joined => None,
            Place::Standalone => Some(1),
            Place::Member => Some(2),
            Place::Management => Some(3),
        };
        let summary = summary(&caller, place, current.as_ref(), joined, &steps);
        let received: Vec<_> = open.into_iter().map(Received::from).collect();
        Ok(View {
            account_id: caller.into(),
            standing: place.into(),
            case: case.into(),
            has_joined: joined.into(),
            pending_invitations: received.into(),
            loses: loses(place, &seen).into(),
            linked_accounts: seen.linked_accounts.into(),
            delegated_administrators: seen.administrators.into(),
            service_access: seen.service_access.into(),
            delegated_services: seen.delegated_services.into(),
            policies: seen
                .policies
                .map(|found| found.into_iter().map(Governing::from).collect::<Vec<_>>())
                .into(),
            unseen: seen.unseen.into(),
            next_steps: steps.into(),
            summary: summary.into(),
            feature_set: current.as_ref().map(|it| it.feature_set.clone()).into(),
            management_account_id: current
                .as_ref()
                .map(|it| it.management_account_id.clone())
                .into(),
            organization_id: current.as_ref().map(|it| it.id.clone()).into(),
            management_account_email: current.and_then(|it| it.management_account_email).into(),
            ..config
        })
    }
}

impl From<Policy> for Governing {
    fn from(policy: Policy) -> Self {
        Self {
            id: policy.id,
            name: policy.name,
            kind: policy.kind.as_str().to_owned(),
            target_id: policy.target_id,
        }
    }
}

/// What AWS lets the account see of its organization.
#[derive(Debug, Default)]
struct Seen {
    linked_accounts: Option<i64>,
    administrators: Option<Vec<AccountId>>,
    service_access: Option<Vec<String>>,
    delegated_services: Option<Vec<String>>,
    policies: Option<Vec<Policy>>,
    unseen: Vec<Unseen>,
}

impl Seen {
    /// What a management account sees of the organization that it manages.
    async fn above(cx: &Cx, organizations: &Organizations, current: &Organization) -> Result<Self> {
        let mut seen = Self::default();
        let members = organizations.members_within(cx, Duration::ZERO).await;
        let members = where_allowed(members, "ListAccounts", &mut seen.unseen)?;
        seen.linked_accounts = members
            .map(|members| i64::try_from(members.len().saturating_sub(1)).unwrap_or(i64::MAX));
        seen.delegated_services = Some(Vec::new());
        // Without all features there is none of it, and AWS refuses the question.
        if current.feature_set != FeatureSet::All {
            seen.administrators = Some(Vec::new());
            seen.service_access = Some(Vec::new());
            seen.policies = Some(Vec::new());
            return Ok(seen);
        }
        let found = organizations.delegated_administrators(cx).await;
        let found = where_allowed(found, "ListDelegatedAdministrators", &mut seen.unseen)?;
        seen.administrators =
            found.map(|found| found.iter().map(|it| it.account_id.clone()).collect());
        seen.see_service_access(cx, organizations).await?;
        let mut policies = Vec::new();
        for kind in PolicyType::ALL {
            let found = organizations.policies(cx, kind).await;
            let Some(found) = where_allowed(found, "ListPolicies", &mut seen.unseen)? else {
                return Ok(seen);
            };
            policies.extend(found);
        }
        seen.policies = Some(policies);
        Ok(seen)
    }

    /// What a member sees of its organization: everything as a delegated administrator, otherwise nothing,
    /// which one question tells.
    async fn within(
        cx: &Cx,
        organizations: &Organizations,
        current: &Organization,
        id: &AccountId,
    ) -> Result<Self> {
        let mut seen = Self::default();
        if current.feature_set != FeatureSet::All {
            seen.service_access = Some(Vec::new());
            seen.delegated_services = Some(Vec::new());
            seen.policies = Some(Vec::new());
            return Ok(seen);
        }
        let services = organizations.delegated_services(cx, id).await;
        let operation = "ListDelegatedServicesForAccount";
        seen.delegated_services = where_allowed(services, operation, &mut seen.unseen)?;
        if seen.delegated_services.is_none() {
            return Ok(seen);
        }
        seen.see_service_access(cx, organizations).await?;
        let lineage = organizations.lineage_of(cx, id).await;
        let Some(lineage) = where_allowed(lineage, "DescribeAccount", &mut seen.unseen)? else {
            return Ok(seen);
        };
        let above = lineage.iter().map(ParentId::as_str);
        let targets: Vec<_> = above.chain([id.as_str()]).collect();
        let mut policies = Vec::new();
        for kind in PolicyType::ALL {
            for target in &targets {
                let found = organizations.policies_on(cx, kind, target).await;
                let operation = "ListPoliciesForTarget";
                let Some(found) = where_allowed(found, operation, &mut seen.unseen)? else {
                    return Ok(seen);
                };
                policies.extend(found);
            }
        }
        seen.policies = Some(policies);
        Ok(seen)
    }

    async fn see_service_access(&mut self, cx: &Cx, organizations: &Organizations) -> Result<()> {
        let found = organizations.service_access(cx).await;
        let operation = "ListAWSServiceAccessForOrganization";
        let found = where_allowed(found, operation, &mut self.unseen)?;
        self.service_access = found.map(|services| services.to_vec());
        Ok(())
    }
}

fn step(resource: &str, text: impl Into<String>) -> Step {
    Step {
        resource: Some(resource.to_owned()),
        text: text.into(),
    }
}

fn by_people(text: impl Into<String>) -> Step {
    Step {
        resource: None,
        text: text.into(),
    }
}

/// The way to the partner from here.
fn next_steps(
    place: Place,
    current: Option<&Organization>,
    seen: &Seen,
    invitation: Option<&Handshake>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if invitation.is_none() {
        steps.push(step(
            "awsbilling_partner_account_invitation",
            "The partner invites this account; there is no open invitation yet.",
        ));
    }
    match place {
        Place::Standalone => {}
        Place::Member => steps.push(by_people(
            "If the account is a delegated administrator, the old organization deregisters it. What the \
             move ends is replaced or given up.",
        )),
        Place::Management => {
            let linked = seen.linked_accounts.unwrap_or_default();
            if seen
                .administrators
                .as_ref()
                .is_some_and(|found| !found.is_empty())
            {
                steps.push(by_people(
                    "Delegated administrators are deregistered: aws organizations \
                     deregister-delegated-administrator. Some services delete their data then.",
                ));
            }
            if linked > 0 {
                steps.push(step(
                    "awsbilling_org_handshake_accept",
                    format!(
                        "The {linked} linked accounts accept the partner's invitation, each with \
                         assume_role, or are removed with awsbilling_org_member_removal."
                    ),
                ));
            }
            let id = current.map_or("?", |current| current.id.as_str());
            steps.push(step(
                "awsbilling_org_deletion",
                format!("Organization {id} is deleted when it is empty. It cannot be undone."),
            ));
        }
    }
    let from = invitation.map_or("the partner's organization".to_owned(), |found| {
        format!("organization {}", found.organization_id)
    });
    steps.push(step(
        "awsbilling_org_handshake_accept",
        format!("This account accepts the invitation of {from}."),
    ));
    steps
}

/// What ends with the membership: by name what AWS lets the account see, in general what no service tells.
fn loses(place: Place, seen: &Seen) -> Vec<String> {
    if place == Place::Standalone {
        return Vec::new();
    }
    let mut lost = Vec::new();
    match &seen.policies {
        Some(policies) => lost.extend(PolicyType::ALL.iter().filter_map(|kind| {
            let of_kind = policies.iter().filter(|policy| policy.kind == *kind);
            named(kind.plural(), of_kind.map(|policy| policy.name.as_str()))
        })),
        None => lost.push(
            "Service control, resource control, tag, backup and AI services opt-out policies; which ones, \
             only the organization's administrators see"
                .to_owned(),
        ),
    }
    let deleted = "; some services delete their data when one is deregistered";
    match (&seen.delegated_services, &seen.administrators) {
        (_, Some(administrators)) => {
            let ids = administrators.iter().map(AccountId::as_str);
            let roles = named("Delegated administrators", ids);
            lost.extend(roles.map(|roles| roles + deleted));
        }
        (Some(services), None) => {
            let roles = named(
                "Delegated administration of",
                services.iter().map(String::as_str),
            );
            lost.extend(roles.map(|roles| roles + deleted));
        }
        (None, None) => lost.push(format!("Delegated administrator roles{deleted}")),
    }
    match &seen.service_access {
        Some(services) => lost.extend(named(
            "Services that work across the organization",
            services.iter().map(String::as_str),
        )),
        None => lost.push("What services do across the organization".to_owned()),
    }
    lost.extend(
        [
            "Resource shares within the organization, and StackSets that it deploys",
            "Access through the organization's IAM Identity Center, and enrolment in AWS Control Tower",
            "Shared reserved instances and savings plans, and volume discounts across accounts",
            "Activated cost allocation tags, and the billing history, which stays with the old payer",
        ]
        .map(str::to_owned),
    );
    lost
}

/// The things under their heading, each once; `None` if there is none.
fn named<'a>(heading: &str, things: impl Iterator<Item = &'a str>) -> Option<String> {
    let things: BTreeSet<_> = things.collect();
    let list = things.into_iter().collect::<Vec<_>>().join(", ");
    (!list.is_empty()).then(|| format!("{heading}: {list}"))
}

fn summary(
    account_id: &AccountId,
    place: Place,
    current: Option<&Organization>,
    joined: bool,
    steps: &[Step],
) -> String {
    let id = current.map_or("?", |current| current.id.as_str());
    let stands = match place {
        Place::Standalone => "belongs to no organization and pays for itself".to_owned(),
        Place::Member => format!("is a member of organization {id}"),
        Place::Management => format!("manages organization {id}"),
    };
    if joined {
        return format!("Account {account_id} {stands}: it has joined the partner.");
    }
    let steps: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| format!("\n{}. {}", at + 1, step.text))
        .collect();
    format!(
        "Account {account_id} {stands}. To join a partner:{}",
        steps.concat()
    )
}
