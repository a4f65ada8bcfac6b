//! `awsbilling_billing_transfer_accept`: the customer's side of a billing transfer.
//!
//! Whoever pays a bill sees it. So an invitation is accepted only from the payer that the configuration
//! names, and only for the month that it names. An accepted transfer has one ID for its whole life.

use std::time::Duration;

use time::OffsetDateTime;

use crate::attributes::{AssumeRole, Month, Timestamp};
use crate::aws::organizations::{Handshake, Organization, Transfer};
use crate::aws::types::{
    AccountId, HandshakeId, OrganizationId, ReportName, TransferId, TransferStatus,
};
use crate::aws::{self, Aws, Organizations};
use crate::framework::{
    Change, Choice, Computed, Cx, Diagnostic, ImportId, Interrupted, Model, Page, Permission,
    Resource, Result, Timeouts,
};
use crate::resources::billing_transfer_invitation::{check_end, end_cannot_change};
use crate::resources::imported;

/// Accepts the invitation of another organization to transfer the bill of the calling management account's
/// organization. From the first day of the agreed month on, the other one pays.
///
/// The organization keeps its members and policies. It loses the view of its costs at AWS's prices, and its
/// cost and usage reports turn unhealthy; the payer makes new ones after the transfer has begun and before
/// that month ends.
///
/// ~> Destroying this resource only forgets it: the payer keeps paying, unless `on_destroy = "terminate"` is
/// written out.
#[derive(Clone, Debug, Model)]
#[model(at_least_one_of(organization_id, management_account_id))]
pub struct TransferAcceptance {
    /// ID of the organization that is to pay, and of no other. At least one of this and
    /// `management_account_id` is required.
    #[attr(optional, stable, replace)]
    pub organization_id: Computed<OrganizationId>,

    /// ID of the management account that is to pay, and of no other.
    #[attr(optional, stable, replace)]
    pub management_account_id: Computed<AccountId>,

    /// Month with which the transfer begins, such as `2027-01`. An invitation for another month is not
    /// accepted; any month is if nothing is said. After the acceptance a change has no effect.
    pub start_month: Option<Month>,

    /// Month with which the transfer ends, such as `2027-06`: the current one or the next. Writing it ends
    /// a transfer that stands, and cannot be undone.
    pub end_month: Option<Month>,

    /// What destroying the resource does: `keep` the transfer, or `terminate` it with the end of the
    /// current month; one that has not begun by then never does.
    #[attr(default = OnDestroy::Keep)]
    pub on_destroy: OnDestroy,

    /// Role to assume in the management account, where the provider's own credentials are of another.
    pub assume_role: Option<AssumeRole>,

    /// Longest times to wait.
    #[attr(timeouts(create = "20m", update = "10m", delete = "10m"))]
    pub timeouts: Timeouts,

    /// ID of the transfer.
    #[attr(stable, identity)]
    pub transfer_id: Computed<TransferId>,

    /// ARN of the transfer, as this side of it.
    #[attr(stable)]
    pub arn: Computed<String>,

    /// ID of the management account whose bill is transferred.
    #[attr(stable)]
    pub account_id: Computed<AccountId>,

    /// ID of the handshake that was accepted; null if the transfer was adopted.
    #[attr(stable)]
    pub handshake_id: Computed<HandshakeId>,

    /// Name that the payer gave the transfer.
    #[attr(stable)]
    pub name: Computed<String>,

    /// Status of the transfer: it stands while it is `ACCEPTED`, and has an end once it is `WITHDRAWN`.
    pub status: Computed<TransferStatus>,

    /// First moment that the other organization pays for, in RFC 3339.
    #[attr(stable)]
    pub starts_at: Computed<Timestamp>,

    /// Last second that the other organization pays for, in RFC 3339; null while no end is settled.
    pub ends_at: Computed<Timestamp>,
}

/// What destroying an accepted transfer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum OnDestroy {
    /// Leaves the transfer as it is.
    Keep,
    /// Ends the transfer with the current month.
    Terminate,
}

/// How often to look for the invitation, and for the transfer that was accepted.
const POLL: Duration = Duration::from_secs(5);

/// The resource.
#[derive(Debug)]
pub struct BillingTransferAccept {
    aws: Aws,
}

impl Resource for BillingTransferAccept {
    const NAME: &'static str = "billing_transfer_accept";
    const PAGE: Page = Page {
        subcategory: "Billing transfer",
        permissions: &[
            Permission::new("organizations:DescribeOrganization", "always"),
            Permission::new(
                "organizations:ListOutboundResponsibilityTransfers",
                "always",
            ),
            Permission::new(
                "organizations:ListHandshakesForAccount",
                "to find the invitation",
            ),
            Permission::new("organizations:AcceptHandshake", "to accept"),
            Permission::new(
                "organizations:TerminateResponsibilityTransfer",
                "with `end_month`, or to destroy with `on_destroy = \"terminate\"`",
            ),
            Permission::new(
                "cur:DescribeReportDefinitions",
                "to name in the plan the reports that the transfer will end (optional)",
            ),
            Permission::new("sts:AssumeRole", "with `assume_role`"),
        ],
    };
    type Model = TransferAcceptance;
    type Client = Aws;

    fn new(aws: Aws) -> Self {
        Self { aws }
    }

    async fn plan(&self, cx: &Cx, change: &mut Change<TransferAcceptance>) -> Result<()> {
        warn_of_on_destroy(cx, change);
        let end = change.planned.end_month.known().copied();
        let Some(prior) = change.prior.clone() else {
            if let Some(Some(_)) = end {
                return Err(nothing_to_end());
            }
            return self.look_ahead(cx, change).await;
        };
        let same_payer = !change.requires_replace("organization_id")
            && !change.requires_replace("management_account_id");
        if !same_payer {
            return Err(another_payer(&prior));
        }
        match end {
            Some(end) if end == prior.end_month => {
                change.planned.status = prior.status;
                change.planned.ends_at = prior.ends_at;
            }
            Some(Some(end)) if prior.end_month.is_none() => {
                check_end(end, self.aws.now(cx))?;
                cx.warn(
                    Diagnostic::warning("Billing transfer will be ended").detail(format!(
                        "Applying ends billing transfer {} with {end}. From then on this organization pays \
                         its own bill. It cannot be undone.",
                        prior.id()
                    )),
                );
            }
            Some(_) => {
                return Err(prior
                    .end_month
                    .map_or_else(nothing_to_end, end_cannot_change));
            }
            None => {}
        }
        Ok(())
    }

    async fn plan_destroy(&self, cx: &Cx, state: TransferAcceptance) -> Result<()> {
        if state.on_destroy == OnDestroy::Terminate {
            cx.warn(
                Diagnostic::warning("Billing transfer will be ended").detail(format!(
                    "Destroying ends billing transfer {} with the end of this month, because on_destroy is \
                     \"terminate\". From then on this organization pays its own bill. It cannot be undone.",
                    state.id()
                )),
            );
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx, plan: TransferAcceptance) -> Result<TransferAcceptance> {
        let role = plan.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        giver(cx, &organizations, &caller).await?;
        let now = self.aws.now(cx);
        let mut acceptance = TransferAcceptance {
            account_id: caller.clone().into(),
            organization_id: plan.organization_id.known().cloned().into(),
            handshake_id: Computed::Null,
            ..plan
        };

        let outbound = organizations.outbound_transfers(cx).await?;
        if let Some(standing) = outbound.iter().find(|found| found.stands(now)) {
            let received = organizations.received_transfer_invitations(cx).await?;
            if acceptance.is_paid_by(standing, &received) {
                return Ok(acceptance.seen_as(standing));
            }
            return Err(transferred_already(standing));
        }
        let (invitation, offered) = wait_for_invitation(cx, &organizations, &acceptance).await?;
        if let (Some(wanted), Some(start)) = (
            acceptance.start_month,
            offered.as_ref().and_then(|offered| offered.starts_at),
        ) && Month::of(start) != wanted
        {
            return Err(another_month(wanted, Month::of(start)));
        }
        organizations.accept_transfer(cx, &invitation).await?;
        acceptance.organization_id = invitation.organization_id.clone().into();
        acceptance.management_account_id = invitation.management_account_id.clone().into();
        acceptance.handshake_id = invitation.id.clone().into();
        let transfer = wait_for_transfer(cx, &organizations, &invitation, now).await?;
        Ok(acceptance.seen_as(&transfer))
    }

    async fn read(&self, cx: &Cx, state: TransferAcceptance) -> Result<Option<TransferAcceptance>> {
        let role = state.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        check_account(&state, &caller)?;
        let found = if organizations.organization(cx).await?.is_some() {
            let outbound = organizations.outbound_transfers(cx).await?;
            outbound
                .iter()
                .find(|found| state.transfer_id.known() == Some(&found.id))
                .cloned()
        } else {
            None
        };
        let now = self.aws.now(cx);
        match found {
            // An end that the configuration asked for is no reason to begin again.
            Some(found) if found.stands(now) || state.end_month.is_some() => {
                Ok(Some(state.seen_as(&found)))
            }
            _ => {
                cx.warn(Diagnostic::warning("Billing transfer ended").detail(format!(
                    "Billing transfer {} of account {caller} has ended, and the organization pays its own \
                     bill. Applying waits for a new invitation and accepts it.",
                    state.id()
                )));
                Ok(None)
            }
        }
    }

    async fn update(
        &self,
        cx: &Cx,
        prior: TransferAcceptance,
        plan: TransferAcceptance,
    ) -> Result<TransferAcceptance> {
        let (Some(end), Some(id)) = (
            plan.end_month.filter(|_| prior.end_month.is_none()),
            prior.transfer_id.known(),
        ) else {
            return Ok(plan);
        };
        let role = plan.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        organizations.terminate_transfer(cx, id, end.end()).await?;
        Ok(TransferAcceptance {
            status: TransferStatus::Withdrawn.into(),
            ends_at: Timestamp::from(end.end()).into(),
            ..plan
        })
    }

    async fn delete(&self, cx: &Cx, state: TransferAcceptance) -> Result<()> {
        if state.on_destroy == OnDestroy::Keep {
            return Ok(());
        }
        let role = state.assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        check_account(&state, &caller)?;
        let outbound = organizations.outbound_transfers(cx).await?;
        let now = self.aws.now(cx);
        let stands = |found: &&Transfer| {
            state.transfer_id.known() == Some(&found.id)
                && found.stands(now)
                && found.ends_at.is_none()
        };
        if let Some(found) = outbound.iter().find(stands) {
            let end = Month::of(now).end();
            organizations.terminate_transfer(cx, &found.id, end).await?;
        }
        Ok(())
    }

    async fn import(&self, cx: &Cx, id: ImportId) -> Result<TransferAcceptance> {
        let (id, assume_role) = imported(&id, "transfer_id")?;
        let role = assume_role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        giver(cx, &organizations, &caller).await?;
        let outbound = organizations.outbound_transfers(cx).await?;
        let now = self.aws.now(cx);
        let found = outbound
            .iter()
            .find(|found| found.id == id && found.stands(now));
        let Some(found) = found else {
            return Err(
                Diagnostic::error("Cannot import non-existent billing transfer").detail(format!(
                    "Account {caller} has no outbound transfer {id} that stands. Create the resource to \
                     accept an invitation."
                )),
            );
        };
        let received = organizations.received_transfer_invitations(cx).await?;
        let sender = received.iter().find(|sent| is_payers(found, sent));
        let imported = TransferAcceptance {
            organization_id: sender.map(|sent| sent.organization_id.clone()).into(),
            management_account_id: Computed::Null,
            start_month: found.starts_at.map(Month::of),
            end_month: found.ends_at.map(Month::of),
            on_destroy: OnDestroy::Keep,
            assume_role,
            timeouts: Timeouts::none(),
            transfer_id: Computed::Null,
            arn: Computed::Null,
            account_id: caller.into(),
            handshake_id: Computed::Null,
            name: Computed::Null,
            status: Computed::Null,
            starts_at: Computed::Null,
            ends_at: Computed::Null,
        };
        Ok(imported.seen_as(found))
    }
}

impl BillingTransferAccept {
    /// Shows in the plan whose bill it is, and warns of what the transfer ends.
    async fn look_ahead(&self, cx: &Cx, change: &mut Change<TransferAcceptance>) -> Result<()> {
        let Some(role) = change.planned.assume_role.known() else {
            return Ok(());
        };
        let role = role.as_ref().map(Into::into);
        let organizations = self.aws.organizations(cx, role.as_ref()).await?;
        let caller = self.aws.caller(cx, role.as_ref()).await?.account_id;
        let current = giver(cx, &organizations, &caller).await?;
        let reports = self.reports(cx, role.as_ref()).await;
        cx.warn(what_ends(&current, &reports));
        change.planned.account_id = caller.into();
        Ok(())
    }

    /// Names of the reports that the transfer will end; none where these credentials may not see them.
    async fn reports(&self, cx: &Cx, role: Option<&aws::AssumeRole>) -> Vec<ReportName> {
        let Ok(reports) = self.aws.cost_and_usage(cx, role).await else {
            return Vec::new();
        };
        let Some(Ok(reports)) = cx.if_quick(reports.reports(cx)).await else {
            return Vec::new();
        };
        reports.iter().map(|report| report.name.clone()).collect()
    }
}

/// The organization whose bill it is; only its management account can give it away.
async fn giver(cx: &Cx, organizations: &Organizations, caller: &AccountId) -> Result<Organization> {
    let why = match organizations.organization(cx).await? {
        Some(current) if current.management_account_id == *caller => return Ok(current),
        Some(current) => format!(
            "is a member of organization {}, which account {} manages",
            current.id, current.management_account_id
        ),
        None => "belongs to no organization".to_owned(),
    };
    Err(Diagnostic::error("Account has no bill to transfer").detail(format!(
        "Only the management account of an organization can transfer its bill, and account {caller} {why}. \
         Use credentials of a management account (the provider's profile, or assume_role). An account \
         without an organization joins the payer's with awsbilling_org_handshake_accept."
    )))
}

/// With other credentials the transfer would look lost.
fn check_account(state: &TransferAcceptance, caller: &AccountId) -> Result<()> {
    match state.account_id.known() {
        Some(account_id) if account_id != caller => {
            Err(Diagnostic::error("Credentials of another account").detail(format!(
                "The resource is about the bill of account {account_id}, and the credentials belong to \
                 account {caller}. Use credentials of that account: the provider's profile or assume_role, \
                 or the resource's assume_role."
            )))
        }
        _ => Ok(()),
    }
}

/// Waits until the expected payer's invitation is there; with it comes the transfer that it offers.
async fn wait_for_invitation(
    cx: &Cx,
    organizations: &Organizations,
    acceptance: &TransferAcceptance,
) -> Result<(Handshake, Option<Transfer>)> {
    loop {
        let received = organizations.received_transfer_invitations(cx).await?;
        let mut open = received.iter().filter(|sent| sent.is_pending());
        if let Some(invitation) = open.find(|sent| acceptance.expects(sent)) {
            let outbound = organizations.outbound_transfers(cx).await?;
            let offered = outbound
                .iter()
                .find(|found| found.handshake_id.as_ref() == Some(&invitation.id));
            return Ok((invitation.clone(), offered.cloned()));
        }
        if let Err(why) = cx.sleep(POLL).await {
            let others: Vec<_> = received.iter().filter(|sent| sent.is_pending()).collect();
            return Err(no_invitation(acceptance, &others, why));
        }
    }
}

/// Waits until the accepted transfer shows.
async fn wait_for_transfer(
    cx: &Cx,
    organizations: &Organizations,
    invitation: &Handshake,
    now: OffsetDateTime,
) -> Result<Transfer> {
    loop {
        let outbound = organizations.outbound_transfers(cx).await?;
        let accepted = |found: &&Transfer| found.stands(now) && is_payers(found, invitation);
        if let Some(found) = outbound.iter().find(accepted) {
            return Ok(found.clone());
        }
        cx.sleep(POLL).await?;
    }
}

/// Whether the one that pays is the sender of the invitation.
fn is_payers(transfer: &Transfer, sent: &Handshake) -> bool {
    transfer.target.account_id.as_ref() == Some(&sent.management_account_id)
}

impl TransferAcceptance {
    fn id(&self) -> &str {
        self.transfer_id.known().map_or("?", TransferId::as_str)
    }

    /// Whether the invitation comes from the expected payer: everything that is written must fit.
    fn expects(&self, sent: &Handshake) -> bool {
        let organization = self.organization_id.known();
        let account = self.management_account_id.known();
        organization.is_none_or(|id| *id == sent.organization_id)
            && account.is_none_or(|id| *id == sent.management_account_id)
    }

    /// Whether the expected payer is the one that pays. A transfer names its payer by account alone, so an
    /// organization is recognized by the invitation that was accepted.
    fn is_paid_by(&self, transfer: &Transfer, received: &[Handshake]) -> bool {
        match self.management_account_id.known() {
            Some(account) => transfer.target.account_id.as_ref() == Some(account),
            None => received
                .iter()
                .any(|sent| is_payers(transfer, sent) && self.expects(sent)),
        }
    }

    fn seen_as(self, transfer: &Transfer) -> Self {
        let payer = transfer.target.account_id.clone();
        Self {
            management_account_id: payer.or(self.management_account_id.known().cloned()).into(),
            transfer_id: transfer.id.clone().into(),
            arn: transfer.arn.clone().into(),
            name: transfer.name.clone().into(),
            status: transfer.status.clone().into(),
            starts_at: transfer.starts_at.map(Timestamp::from).into(),
            ends_at: transfer.ends_at.map(Timestamp::from).into(),
            ..self
        }
    }

    /// "organization o-exampleorgid" or "management account 999988887777".
    fn payer(&self) -> String {
        match (
            self.organization_id.known(),
            self.management_account_id.known(),
        ) {
            (Some(id), _) => format!("organization {id}"),
            (None, Some(id)) => format!("management account {id}"),
            (None, None) => "the expected payer".to_owned(),
        }
    }
}

/// Says, when it is written, that a destroy will end the transfer.
fn warn_of_on_destroy(cx: &Cx, change: &Change<TransferAcceptance>) {
    let before = change.prior.as_ref().map(|prior| prior.on_destroy);
    let wanted = change.planned.on_destroy.known() == Some(&OnDestroy::Terminate);
    if wanted && before != Some(OnDestroy::Terminate) {
        cx.warn(
            Diagnostic::warning("Destroy will end the transfer")
                .detail(
                    "With on_destroy = \"terminate\", destroying this resource ends the transfer with the \
                     end of the month. The organization then pays its own bill. It cannot be undone.",
                )
                .at("on_destroy"),
        );
    }
}

fn what_ends(current: &Organization, reports: &[ReportName]) -> Diagnostic {
    let reports: Vec<_> = reports.iter().map(ReportName::as_str).collect();
    let named = match &reports[..] {
        [] => String::new(),
        names => format!(" (of this account {})", names.join(", ")),
    };
    Diagnostic::warning("Bill will be transferred").detail(format!(
        "Applying lets another organization pay for organization {} from the agreed month on. Then cost and \
         usage reports{named} and data exports of this organization turn unhealthy, Cost Explorer and Budgets no \
         longer show its history and its costs at AWS's prices, and its credits no longer show: export what \
         you need before. The payer makes new reports after the beginning and before that month ends. \
         Members, policies, delegated administrators, resource shares, StackSets, cost allocation tags, \
         reserved instances and savings plans stay.",
        current.id
    ))
}

fn nothing_to_end() -> Diagnostic {
    Diagnostic::error("No transfer to end yet")
        .detail(
            "end_month ends a billing transfer that stands, and this one has not been accepted. Leave \
             end_month out.",
        )
        .at("end_month")
}

fn another_payer(prior: &TransferAcceptance) -> Diagnostic {
    Diagnostic::error("Bill is transferred already").detail(format!(
        "Billing transfer {} to {} stands, and an organization transfers its bill to one other at a time. \
         To change the payer, end this transfer with end_month, and accept the other invitation when it \
         has ended.",
        prior.id(),
        prior.payer()
    ))
}

fn transferred_already(standing: &Transfer) -> Diagnostic {
    let payer = standing
        .target
        .account_id
        .as_ref()
        .map_or("?", AccountId::as_str);
    Diagnostic::error("Bill is transferred already").detail(format!(
        "Transfer {} to management account {payer} stands, and an organization transfers its bill to one \
         other at a time. If this is the one you mean, import it by its ID. Otherwise end it first.",
        standing.id
    ))
}

fn another_month(wanted: Month, offered: Month) -> Diagnostic {
    Diagnostic::error("Invitation is for another month")
        .detail(format!(
            "The configuration accepts a transfer that begins with {wanted}, and the invitation says \
             {offered}. Nothing was accepted. Write start_month = \"{offered}\", or ask the payer for \
             another invitation."
        ))
        .at("start_month")
}

fn no_invitation(
    acceptance: &TransferAcceptance,
    others: &[&Handshake],
    why: Interrupted,
) -> Diagnostic {
    let cause = match why {
        Interrupted::Cancelled => "Terraform was stopped while it waited",
        Interrupted::TimedOut => "The time in timeouts ran out",
    };
    let others: Vec<_> = others
        .iter()
        .map(|other| {
            format!(
                "{} from organization {} (management account {})",
                other.id, other.organization_id, other.management_account_id
            )
        })
        .collect();
    let others = if others.is_empty() {
        "The account has no open invitation to transfer its bill.".to_owned()
    } else {
        format!("Open invitations of others: {}.", others.join(", "))
    };
    Diagnostic::error("No invitation from the expected payer").detail(format!(
        "{cause} for an invitation of {} to transfer the bill. {others}\n\nAsk the payer whether the \
         invitation was sent to this management account, and whether it is still open: it expires two days \
         before the transfer begins.",
        acceptance.payer()
    ))
}
