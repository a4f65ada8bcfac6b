//! `awsbilling_account_standing`: where an account stands, which journey leads it to a partner, and what
//! comes next.

use std::time::Duration;

use crate::attributes::AssumeRole;
use crate::aws::organizations::{Handshake, Organization};
use crate::aws::types::{AccountId, FeatureSet, OrganizationId};
use crate::aws::{Aws, Organizations};
use crate::data_sources::pending_invitations::Received;
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

    /// Number of other accounts in the organization; null unless the account manages it.
    pub linked_accounts: Computed<i64>,

    /// IDs of the accounts that administer a service for the organization; null unless the account manages
    /// it.
    pub delegated_administrators: Computed<Vec<AccountId>>,

    /// Service principals that work across the organization and stop with it; null unless the account
    /// manages it.
    pub service_access: Computed<Vec<String>>,

    /// What a move to another organization ends.
    pub loses: Computed<Vec<String>>,

    /// What to do next, in order.
    pub next_steps: Computed<Vec<Step>>,

    /// Standing and next steps as text for people.
    pub summary: Computed<String>,
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
                "where the account manages an organization with all features",
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
        let managed = match (&current, place) {
            (Some(current), Place::Management) => Managed::of(cx, &organizations, current).await?,
            _ => Managed::default(),
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
            next_steps(place, current.as_ref(), &managed, invitation)
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
            linked_accounts: managed.linked_accounts.into(),
            delegated_administrators: managed.administrators.into(),
            service_access: managed.service_access.into(),
            loses: loses(place).into(),
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

/// What only a management account can see of its organization.
#[derive(Debug, Default)]
struct Managed {
    linked_accounts: Option<i64>,
    administrators: Option<Vec<AccountId>>,
    service_access: Option<Vec<String>>,
}

impl Managed {
    async fn of(cx: &Cx, organizations: &Organizations, current: &Organization) -> Result<Self> {
        let members = organizations.members_within(cx, Duration::ZERO).await?;
        let linked = i64::try_from(members.len().saturating_sub(1)).unwrap_or(i64::MAX);
        // Without all features there are neither, and AWS refuses the question.
        if current.feature_set != FeatureSet::All {
            return Ok(Self {
                linked_accounts: Some(linked),
                administrators: Some(Vec::new()),
                service_access: Some(Vec::new()),
            });
        }
        let administrators = organizations.delegated_administrators(cx).await?;
        let administrators = administrators
            .iter()
            .map(|administrator| administrator.account_id.clone())
            .collect();
        Ok(Self {
            linked_accounts: Some(linked),
            administrators: Some(administrators),
            service_access: Some(organizations.service_access(cx).await?.to_vec()),
        })
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
    managed: &Managed,
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
            let linked = managed.linked_accounts.unwrap_or_default();
            if managed
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

/// What ends with the membership. Which of these the account uses, AWS does not tell in one place.
fn loses(place: Place) -> Vec<String> {
    if place == Place::Standalone {
        return Vec::new();
    }
    [
        "Service control policies, resource control policies, tag policies and backup policies",
        "Delegated administrator roles; some services delete their data when one is deregistered",
        "Resource shares within the organization, and StackSets that it deploys",
        "Access through the organization's IAM Identity Center, and enrolment in AWS Control Tower",
        "Shared reserved instances and savings plans, and volume discounts across accounts",
        "Activated cost allocation tags, and the billing history, which stays with the old payer",
    ]
    .map(str::to_owned)
    .to_vec()
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
