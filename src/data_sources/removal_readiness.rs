//! `awsbilling_removal_readiness`: which members AWS would let go, and what is in the way of the others.
//!
//! A few lists answer for all accounts, however many there are; only a delegated administrator costs a call
//! of its own, to name what it administers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use time::OffsetDateTime;

use crate::attributes::{AssumeRole, Timestamp};
use crate::aws::organizations::{Account, Organization, Transfer};
use crate::aws::types::{
    AccountId, AccountState, JoinedMethod, OrganizationId, TransferId, TransferStatus,
};
use crate::aws::{Aws, Organizations};
use crate::data_sources::unseen::{Unseen, where_allowed};
use crate::framework::{
    Choice, Computed, Cx, DataSource, Diagnostic, Model, Page, Permission, Result,
};

/// Says for members of an organization whether AWS would let them go, by removal, by leaving or by accepting
/// another organization's invitation, and what to do where it would not.
///
/// ~> AWS tells no organization whether a member has a payment method, a verified phone number and an
/// accepted customer agreement. A removed account needs them; one that moves in one step does not.
#[derive(Clone, Debug, Model)]
pub struct Readiness {
    /// IDs of the accounts to look at; all members but the management account if nothing is said.
    pub account_ids: Option<BTreeSet<AccountId>>,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// ID of the organization.
    pub organization_id: Computed<OrganizationId>,

    /// Whether every account is ready.
    pub all_ready: Computed<bool>,

    /// Accounts in the order of their IDs.
    pub accounts: Computed<Vec<Candidate>>,

    /// Billing transfers of the organization that are pending or have not ended; null where AWS does not let
    /// the account see them.
    pub open_billing_transfers: Computed<Vec<OpenTransfer>>,

    /// What is in the way of deleting the organization, beside the accounts that are still in it.
    pub organization_blockers: Computed<Vec<Blocker>>,

    /// Look-ups that AWS refused, so that further things may be in the way.
    pub unseen: Computed<Vec<Unseen>>,
}

/// Billing transfer that keeps an organization from being deleted.
#[derive(Clone, Debug, Model)]
pub struct OpenTransfer {
    /// ID of the transfer.
    pub id: TransferId,

    /// Name of the transfer.
    pub name: String,

    /// Side on which the organization takes part: `inbound` if it pays, `outbound` if its bill is paid.
    pub direction: Direction,

    /// Status of the transfer.
    pub status: TransferStatus,

    /// Last second that the payer pays for, in RFC 3339; null while no end is settled.
    pub ends_at: Option<Timestamp>,
}

/// Side of a billing transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Direction {
    /// Pays for another organization.
    Inbound,
    /// Is paid for by another organization.
    Outbound,
}

/// Account that is to go.
#[derive(Clone, Debug, Model)]
pub struct Candidate {
    /// ID of the account.
    pub id: AccountId,

    /// Name of the account; null if it is not a member.
    pub name: Option<String>,

    /// State of the account; null if it is not a member.
    pub state: Option<AccountState>,

    /// Way in which the account came into the organization; null if it is not a member.
    pub joined_method: Option<JoinedMethod>,

    /// Time at which the account came into the organization, in RFC 3339.
    pub joined_at: Option<Timestamp>,

    /// Time from which AWS lets an account go that the organization created, in RFC 3339; null if it need
    /// not wait.
    pub waits_until: Option<Timestamp>,

    /// Service principals that the account administers for the organization.
    pub delegated_services: Vec<String>,

    /// Whether nothing is known to be in the way.
    pub ready: bool,

    /// What is in the way.
    pub blockers: Vec<Blocker>,
}

/// What is in the way of an account's going.
#[derive(Clone, Debug, Model)]
pub struct Blocker {
    /// Reason as AWS names it, or `NOT_A_MEMBER`.
    pub code: String,

    /// What is the case, and what to do about it.
    pub remedy: String,
}

/// How long AWS keeps an account that an organization created in it.
///
/// Source: AWS Organizations API reference, `ConstraintViolationException`, reason `WAIT_PERIOD_ACTIVE`.
const WAIT_AFTER_CREATION: time::Duration = time::Duration::days(4);

/// The data source.
#[derive(Debug)]
pub struct RemovalReadiness {
    aws: Aws,
}

impl DataSource for RemovalReadiness {
    const NAME: &'static str = "removal_readiness";
    const PAGE: Page = Page {
        subcategory: "Leaving an organization",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new("organizations:ListAccounts", "always"),
            Permission::new("organizations:ListDelegatedAdministrators", "always"),
            Permission::new(
                "organizations:ListDelegatedServicesForAccount",
                "where an account is a delegated administrator",
            ),
            Permission::new(
                "organizations:ListInboundResponsibilityTransfers",
                "to see open billing transfers",
            ),
            Permission::new(
                "organizations:ListOutboundResponsibilityTransfers",
                "to see open billing transfers",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = Readiness;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn read(&self, cx: &Cx, config: Readiness) -> Result<Readiness> {
        let role = config.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let Some(organization) = organizations.organization(cx).await? else {
            return Err(Diagnostic::error("Account has no organization").detail(
                "The account of these credentials belongs to no organization, so there are no members to \
                 look at. Use the management account (the provider's profile, or assume_role).",
            ));
        };
        let members = organizations.members_within(cx, Duration::ZERO).await?;
        let is_other = |account: &&Account| account.id != organization.management_account_id;
        let wanted: BTreeSet<_> = match &config.account_ids {
            Some(ids) => ids.clone(),
            None => members
                .iter()
                .filter(is_other)
                .map(|account| account.id.clone())
                .collect(),
        };
        let administered = administered(cx, &organizations, &wanted).await?;
        let now = self.aws.now(cx);
        let mut unseen = Vec::new();
        let transfers = open_transfers(cx, &organizations, now, &mut unseen).await?;
        let in_the_way: Vec<_> = transfers.iter().flatten().map(Blocker::transfers).collect();
        let judge = |id: &AccountId| {
            let services = administered.get(id).cloned().unwrap_or_default();
            match members.get(id) {
                Some(account) if account.id == organization.management_account_id => {
                    let mut manager = Candidate::member(account, &organization, services, now);
                    manager.blockers.extend(in_the_way.iter().cloned());
                    manager
                }
                Some(account) => Candidate::member(account, &organization, services, now),
                None => Candidate::stranger(id, &organization),
            }
        };
        let accounts: Vec<_> = wanted.iter().map(judge).collect();
        Ok(Readiness {
            organization_id: organization.id.clone().into(),
            all_ready: accounts.iter().all(|account| account.ready).into(),
            accounts: accounts.into(),
            open_billing_transfers: transfers.into(),
            organization_blockers: in_the_way.into(),
            unseen: unseen.into(),
            ..config
        })
    }
}

/// What the delegated administrators among the accounts administer.
async fn administered(
    cx: &Cx,
    organizations: &Organizations,
    wanted: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, Vec<String>>> {
    let administrators = organizations.delegated_administrators(cx).await?;
    let mut administered = BTreeMap::new();
    for administrator in administrators.iter() {
        let id = &administrator.account_id;
        if wanted.contains(id) {
            let services = organizations.delegated_services(cx, id).await?;
            administered.insert(id.clone(), services);
        }
    }
    Ok(administered)
}

/// Billing transfers that stand in the way of deleting the organization; `None` where the caller may not look.
///
/// Source: AWS Organizations API reference, `ConstraintViolationException`, reason
/// `ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS`.
async fn open_transfers(
    cx: &Cx,
    organizations: &Organizations,
    now: OffsetDateTime,
    unseen: &mut Vec<Unseen>,
) -> Result<Option<Vec<OpenTransfer>>> {
    let inbound = organizations
        .inbound_transfers_within(cx, Duration::ZERO)
        .await;
    let inbound = where_allowed(inbound, "ListInboundResponsibilityTransfers", unseen)?;
    let outbound = organizations.outbound_transfers(cx).await;
    let outbound = where_allowed(outbound, "ListOutboundResponsibilityTransfers", unseen)?;
    let (Some(inbound), Some(outbound)) = (inbound, outbound) else {
        return Ok(None);
    };
    let paid = inbound.iter().map(|it| (it, Direction::Inbound));
    let own = outbound.iter().map(|it| (it, Direction::Outbound));
    let open = paid.chain(own).filter(|(it, _)| it.is_open(now));
    Ok(Some(open.map(OpenTransfer::from).collect()))
}

impl From<(&Transfer, Direction)> for OpenTransfer {
    fn from((transfer, direction): (&Transfer, Direction)) -> Self {
        Self {
            id: transfer.id.clone(),
            name: transfer.name.clone(),
            direction,
            status: transfer.status.clone(),
            ends_at: transfer.ends_at.map(Timestamp::from),
        }
    }
}

impl Candidate {
    fn member(
        account: &Account,
        organization: &Organization,
        services: Vec<String>,
        now: OffsetDateTime,
    ) -> Self {
        let created = account.joined_method == JoinedMethod::Created;
        let waits_until = account
            .joined_at
            .filter(|_| created)
            .map(|joined| joined + WAIT_AFTER_CREATION)
            .filter(|until| *until > now)
            .map(Timestamp::from);
        let mut blockers = Vec::new();
        if account.id == organization.management_account_id {
            blockers.push(Blocker::manages(organization));
        }
        if let Some(until) = waits_until {
            blockers.push(Blocker::too_young(until));
        }
        if !services.is_empty() {
            blockers.push(Blocker::administers(&account.id, &services));
        }
        Self {
            id: account.id.clone(),
            name: Some(account.name.clone()),
            state: Some(account.state.clone()),
            joined_method: Some(account.joined_method.clone()),
            joined_at: account.joined_at.map(Timestamp::from),
            waits_until,
            delegated_services: services,
            ready: blockers.is_empty(),
            blockers,
        }
    }

    fn stranger(id: &AccountId, organization: &Organization) -> Self {
        Self {
            id: id.clone(),
            name: None,
            state: None,
            joined_method: None,
            joined_at: None,
            waits_until: None,
            delegated_services: Vec::new(),
            ready: false,
            blockers: vec![Blocker {
                code: "NOT_A_MEMBER".to_owned(),
                remedy: format!(
                    "Account {id} is not a member of organization {}: it has gone already, or the ID is \
                     wrong.",
                    organization.id
                ),
            }],
        }
    }
}

impl Blocker {
    fn manages(organization: &Organization) -> Self {
        Self {
            code: "ACCOUNT_CANNOT_LEAVE_ORGANIZATION".to_owned(),
            remedy: format!(
                "The account manages organization {}. It goes only with the organization: let the members \
                 go, delete the organization with awsbilling_org_deletion, and let it accept then.",
                organization.id
            ),
        }
    }

    fn transfers(transfer: &OpenTransfer) -> Self {
        let remedy = match (&transfer.status, transfer.direction, &transfer.ends_at) {
            (_, _, Some(end)) => format!("It ends at {end}: wait until then."),
            (TransferStatus::Requested, Direction::Inbound, _) => {
                "Take the invitation back: destroy its \
                awsbilling_billing_transfer_invitation, or cancel it in the Billing console."
                    .to_owned()
            }
            (TransferStatus::Requested, Direction::Outbound, _) => {
                "Decline the invitation in the Billing console, or let it expire.".to_owned()
            }
            _ => "End it with end_month of awsbilling_billing_transfer_invitation or \
                  awsbilling_billing_transfer_accept, and wait until it has ended."
                .to_owned(),
        };
        Self {
            code: "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS".to_owned(),
            remedy: format!(
                "Billing transfer {} (\"{}\") is pending or has not ended, and AWS deletes no organization \
                 until then. {remedy}",
                transfer.id, transfer.name
            ),
        }
    }

    fn too_young(until: Timestamp) -> Self {
        Self {
            code: "WAIT_PERIOD_ACTIVE".to_owned(),
            remedy: format!(
                "The organization created the account less than four days ago. AWS lets it go from {until} \
                 on."
            ),
        }
    }

    fn administers(id: &AccountId, services: &[String]) -> Self {
        Self {
            code: "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG".to_owned(),
            remedy: format!(
                "The account administers {} for the organization. Deregister it with the management \
                 account, for each service: aws organizations deregister-delegated-administrator \
                 --account-id {id} --service-principal <service>. Some services delete their data then.",
                services.join(", ")
            ),
        }
    }
}
