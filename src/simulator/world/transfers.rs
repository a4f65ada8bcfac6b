//! Billing transfers: a management account pays the bill of another organization.
//!
//! The rule a reader would not guess is the direction. Who invites is who will pay: the *target* of the transfer, for
//! which it is inbound. Who is invited is the *source*, whose bill goes out (user guide, "Transfer billing management to
//! external accounts").

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, Time};

use super::handshakes::{Draft, check_partition};
use super::months::CalendarMonth;
use super::{
    Account, AccountId, AccountState, FeatureSet, Handshake, HandshakeAction, HandshakeId,
    HandshakeState, Organization, OrganizationId, Recipient, Refusal, Tags, TransferId, World,
};

/// Where a transfer is in its life (API reference, `ResponsibilityTransfer`, `Status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferStatus {
    /// The invitation was not answered yet.
    Requested,
    /// The source declined.
    Declined,
    /// The target withdrew the invitation.
    Canceled,
    /// Nobody answered in time.
    Expired,
    /// Agreed; it begins with its start.
    Accepted,
    /// It ends with its end.
    Withdrawn,
}

impl TransferStatus {
    /// The value of `Status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Declined => "DECLINED",
            Self::Canceled => "CANCELED",
            Self::Expired => "EXPIRED",
            Self::Accepted => "ACCEPTED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }
}

/// What AWS holds against an account that is to give its bill away or to take another's on. AWS decides these by facts
/// that are not simulated, so they are arranged (API reference, `ConstraintViolationException` and
/// `HandshakeConstraintViolationException`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BillingObstacle {
    /// Old `aws-portal` permissions are in use.
    LegacyPermissionsStillInUse,
    /// An invoice is past due.
    PastDueInvoice,
    /// Money was paid in advance and is not used up.
    UnusedPrepaymentBalance,
    /// A pricing agreement that cannot be transferred.
    UnsupportedPricing,
    /// A billing configuration that is not supported.
    UnmetBillingPrerequisite,
    /// The account is not fully set up.
    AccountNotActiveForTransferResponsibility,
    /// Billing transfer is not offered to the account.
    TargetAccountValidationFailure,
    /// The organization is marked for deletion.
    DeletionInProgress,
}

impl BillingObstacle {
    /// The refusal when the account is to give its bill away.
    fn of_source(self) -> Refusal {
        match self {
            Self::LegacyPermissionsStillInUse => Refusal::handshake_constraint(
                "LEGACY_PERMISSIONS_STILL_IN_USE",
                "The organization must migrate to the fine-grained actions for billing, cost management and accounts.",
            ),
            Self::PastDueInvoice => Refusal::handshake_constraint(
                "PAST_DUE_INVOICE",
                "The organization has an invoice that is past due.",
            ),
            Self::UnusedPrepaymentBalance => Refusal::handshake_constraint(
                "UNUSED_PREPAYMENT_BALANCE",
                "The organization has a prepayment that is not used up.",
            ),
            Self::UnsupportedPricing => Refusal::constraint(
                "UNSUPPORTED_PRICING",
                "The organization has a pricing agreement that billing transfer does not support.",
            ),
            Self::DeletionInProgress => Refusal::constraint(
                "TRANSFER_RESPONSIBILITY_SOURCE_DELETION_IN_PROGRESS",
                "The source organization is marked for deletion.",
            ),
            other => other.of_either(),
        }
    }

    /// The refusal when the account is to take a bill on; what concerns the bill that is given away does not matter then.
    fn of_target(self) -> Option<Refusal> {
        match self {
            Self::LegacyPermissionsStillInUse
            | Self::PastDueInvoice
            | Self::UnusedPrepaymentBalance
            | Self::UnsupportedPricing => None,
            Self::DeletionInProgress => Some(Refusal::constraint(
                "TRANSFER_RESPONSIBILITY_TARGET_DELETION_IN_PROGRESS",
                "The target organization is marked for deletion.",
            )),
            other => Some(other.of_either()),
        }
    }

    fn of_either(self) -> Refusal {
        match self {
            Self::AccountNotActiveForTransferResponsibility => Refusal::constraint(
                "ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY",
                "The account is not fully active.",
            ),
            Self::TargetAccountValidationFailure => unavailable(),
            _ => Refusal::constraint(
                "UNMET_BILLING_PREREQUISITE",
                "The billing configuration of the account is not supported.",
            ),
        }
    }
}

/// A billing transfer, agreed or not.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// `rt-` and ten characters.
    pub id: TransferId,
    /// The name that the target gave it.
    pub name: String,
    /// Where it is in its life.
    pub status: TransferStatus,
    /// The management account that pays, or will.
    pub target: AccountId,
    /// Its organization.
    pub target_organization: OrganizationId,
    /// The management account whose bill it is, as the target put it.
    pub source: Recipient,
    /// Its organization, once it has accepted.
    pub source_organization: Option<OrganizationId>,
    /// The first moment that the target pays for.
    pub start: OffsetDateTime,
    /// The last second that the target pays for.
    pub end: Option<OffsetDateTime>,
    /// The handshake by which it is agreed.
    pub handshake: HandshakeId,
    /// The tags that the target gave it.
    pub tags: Tags,
}

impl Transfer {
    /// Whether the target pays for this moment.
    pub fn covers(&self, time: OffsetDateTime) -> bool {
        self.is_agreed() && self.start <= time && self.end.is_none_or(|end| time <= end)
    }

    /// Whether the target pays or has paid, which it never does if the transfer was withdrawn before its start.
    pub fn has_begun(&self, time: OffsetDateTime) -> bool {
        self.is_agreed() && self.start <= time && self.end.is_none_or(|end| self.start <= end)
    }

    fn is_agreed(&self) -> bool {
        matches!(
            self.status,
            TransferStatus::Accepted | TransferStatus::Withdrawn
        )
    }

    /// Whether it was agreed and is not over.
    fn is_standing(&self, now: OffsetDateTime) -> bool {
        self.is_agreed() && self.end.is_none_or(|end| now <= end)
    }

    /// Whether it may still come, or is not over.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.status == TransferStatus::Requested || self.is_standing(now)
    }
}

/// What to invite an organization with.
#[derive(Clone, Debug)]
pub struct TransferInvitation {
    /// The other organization's management account.
    pub source: Recipient,
    /// The name of the transfer.
    pub name: String,
    /// The first day of a coming month.
    pub start: OffsetDateTime,
    /// At most 1,024 characters.
    pub notes: Option<String>,
    /// Tags for the transfer.
    pub tags: Tags,
}

/// An invitation has to be accepted by the end of the day two days before the start, which is twenty-four hours before it
/// (billing user guide, "Responding to invitations": a transfer that starts on 1 May is accepted by 29 April, 23:59:59).
const ACCEPTED_BEFORE: Duration = Duration::days(1);
/// Distributor, seller, customer (billing user guide, "Quotas" of billing transfer).
const LEVELS: usize = 2;

impl World {
    /// Every transfer, by ID.
    pub fn transfers(&self) -> impl Iterator<Item = &Transfer> {
        self.transfers.values()
    }

    /// Invites another organization to hand its bill over (API reference, `InviteOrganizationToTransferResponsibility`).
    pub fn invite_to_transfer(
        &mut self,
        caller: &AccountId,
        invitation: TransferInvitation,
    ) -> Result<&Handshake, Refusal> {
        let target = self.managed_by(caller)?;
        self.check_start(invitation.start)?;
        self.check_target(target)?;
        self.check_invited_source(target, &invitation)?;
        self.check_inbound_quota(target, 1)?;
        self.check_daily_invitations(target)?;
        Self::check_tag_policy(target, &invitation.tags)?;

        let target_organization = target.id.clone();
        let id = self.ids.transfer();
        let draft = Draft {
            action: HandshakeAction::TransferResponsibility(id.clone()),
            parent: None,
            recipient: invitation.source.clone(),
            expires_at: invitation.start - ACCEPTED_BEFORE,
            notes: invitation.notes,
            tags: invitation.tags.clone(),
        };
        let handshake = self.send(caller, draft)?;
        let transfer = Transfer {
            id: id.clone(),
            name: invitation.name,
            status: TransferStatus::Requested,
            target: caller.clone(),
            target_organization,
            source: invitation.source,
            source_organization: None,
            start: invitation.start,
            end: None,
            handshake: handshake.clone(),
            tags: invitation.tags,
        };
        self.transfers.insert(id, transfer);
        Ok(&self.handshakes[&handshake])
    }

    /// API reference, `InvalidInputException`, the reasons that begin with `START_DATE`.
    fn check_start(&self, start: OffsetDateTime) -> Result<(), Refusal> {
        let next = CalendarMonth::of(self.now).next();
        let refuse = |reason, message: &str| Err(Refusal::invalid_input(reason, message));
        if start.time() != Time::MIDNIGHT {
            return refuse(
                "START_DATE_NOT_BEGINNING_OF_DAY",
                "A transfer starts at 00:00:00.000 UTC.",
            );
        }
        if start.day() != 1 {
            return refuse(
                "START_DATE_NOT_BEGINNING_OF_MONTH",
                "A transfer starts on the first day of a month.",
            );
        }
        if start < next.start() {
            return refuse(
                "START_DATE_TOO_EARLY",
                "A transfer starts with the next month at the earliest.",
            );
        }
        if start > next.next().start() {
            return refuse(
                "START_DATE_TOO_LATE",
                "A transfer starts with the month after the next at the latest.",
            );
        }
        if start - ACCEPTED_BEFORE <= self.now {
            return refuse(
                "INVALID_START_DATE",
                "There is no time left to accept the invitation before the transfer starts.",
            );
        }
        Ok(())
    }

    fn check_target(&self, target: &Organization) -> Result<(), Refusal> {
        let account = self.known_account(&target.management)?;
        check_all_features(target)?;
        match account
            .billing_obstacles
            .iter()
            .find_map(|obstacle| obstacle.of_target())
        {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }

    /// What the invitation already tells. AWS does not document its answer for an account that manages no organization;
    /// the reason that says that billing transfer is not available for an account stands for it.
    fn check_invited_source(
        &self,
        target: &Organization,
        invitation: &TransferInvitation,
    ) -> Result<(), Refusal> {
        let resolved = self.resolved(&invitation.source);
        let same = self.transfers.values().find(|transfer| {
            transfer.target_organization == target.id
                && self.resolved(&transfer.source) == resolved
                && transfer.is_open(self.now)
        });
        match same {
            Some(transfer) if transfer.status == TransferStatus::Requested => {
                return Err(Refusal::new(
                    "DuplicateHandshakeException",
                    "The organization has a pending invitation of this kind already.",
                ));
            }
            Some(transfer) if overlaps(transfer, invitation.start) => {
                return Err(already_exists());
            }
            _ => {}
        }
        let Recipient::Account(id) = &resolved else {
            return Ok(());
        };
        let account = self
            .accounts
            .get(id)
            .filter(|account| account.state == AccountState::Active)
            .ok_or_else(unavailable)?;
        check_partition(self.known_account(&target.management)?, account)?;
        if target.members.contains(id) {
            return Err(source_is_target());
        }
        let source = self.managed_by(id).map_err(|_| unavailable())?;
        if account
            .billing_obstacles
            .contains(&BillingObstacle::TargetAccountValidationFailure)
        {
            return Err(unavailable());
        }
        self.check_chain(target, source)
    }

    /// Invitations count until they are declined, cancelled or expired (billing user guide, "Quotas" of billing
    /// transfer).
    fn check_inbound_quota(&self, target: &Organization, further: usize) -> Result<(), Refusal> {
        let inbound = self.transfers.values().filter(|transfer| {
            transfer.target_organization == target.id && transfer.is_open(self.now)
        });
        if inbound.count() + further > target.inbound_transfer_quota {
            return Err(Refusal::constraint(
                "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION",
                "The organization has as many inbound transfers and invitations as it may have.",
            ));
        }
        Ok(())
    }

    /// A chain has two levels (billing user guide, "Quotas" of billing transfer); transfers are inherited, so whoever is
    /// at its end pays for all.
    fn check_chain(&self, target: &Organization, source: &Organization) -> Result<(), Refusal> {
        let above = self.above(&target.id);
        if above.contains(&source.id) {
            return Err(already_exists());
        }
        if above.len() + 1 + self.levels_below(&source.id) > LEVELS {
            return Err(Refusal::constraint(
                "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION",
                "The chain of transfers would become too long.",
            ));
        }
        let top = above.last().unwrap_or(&target.id);
        let most = self
            .organizations
            .get(top)
            .map_or(usize::MAX, |top| top.chain_transfer_quota);
        if self.transfers_below(top) + 1 + self.transfers_below(&source.id) > most {
            return Err(Refusal::constraint(
                "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION",
                "The chain would have more inbound transfers than it may have.",
            ));
        }
        Ok(())
    }

    fn standing(&self) -> impl Iterator<Item = &Transfer> {
        self.transfers
            .values()
            .filter(|transfer| transfer.is_standing(self.now))
    }

    /// Who pays for an organization, and who pays for that one, and so on.
    fn above(&self, organization: &OrganizationId) -> Vec<OrganizationId> {
        let mut above: Vec<OrganizationId> = Vec::new();
        let mut at = organization;
        while let Some(transfer) = self
            .standing()
            .find(|transfer| transfer.source_organization.as_ref() == Some(at))
        {
            if above.contains(&transfer.target_organization) {
                break;
            }
            at = &transfer.target_organization;
            above.push(at.clone());
        }
        above
    }

    fn below<'a>(
        &'a self,
        organization: &'a OrganizationId,
    ) -> impl Iterator<Item = &'a OrganizationId> {
        self.standing()
            .filter(move |transfer| transfer.target_organization == *organization)
            .filter_map(|transfer| transfer.source_organization.as_ref())
    }

    fn levels_below(&self, organization: &OrganizationId) -> usize {
        self.below(organization)
            .map(|source| 1 + self.levels_below(source))
            .max()
            .unwrap_or(0)
    }

    fn transfers_below(&self, organization: &OrganizationId) -> usize {
        self.below(organization)
            .map(|source| 1 + self.transfers_below(source))
            .sum()
    }

    /// The source accepts (API reference, `AcceptHandshake`: only the management account may accept a transfer).
    pub(super) fn hand_over(
        &mut self,
        caller: &AccountId,
        transfer: &TransferId,
    ) -> Result<(), Refusal> {
        let source = self.managed_by(caller)?;
        let account = self.known_account(caller)?;
        let transfer = self.transfers.get(transfer).ok_or_else(not_found)?;
        let target = self
            .organizations
            .get(&transfer.target_organization)
            .ok_or_else(Refusal::handshake_not_found)?;
        if target.id == source.id {
            return Err(source_is_target());
        }
        check_partition(self.known_account(&target.management)?, account)?;
        check_all_features(source)?;
        check_source(account)?;
        self.check_target(target)?;
        self.check_inbound_quota(target, 0)?;
        self.check_outbound_quota(source, target, transfer)?;
        self.check_chain(target, source)?;
        let (id, source) = (transfer.id.clone(), source.id.clone());
        if let Some(transfer) = self.transfers.get_mut(&id) {
            transfer.source = Recipient::Account(caller.clone());
            transfer.source_organization = Some(source);
        }
        Ok(())
    }

    /// One at any given time (billing user guide, "Quotas" of billing transfer).
    fn check_outbound_quota(
        &self,
        source: &Organization,
        target: &Organization,
        accepted: &Transfer,
    ) -> Result<(), Refusal> {
        let present = self.standing().find(|transfer| {
            transfer.source_organization.as_ref() == Some(&source.id)
                && overlaps(transfer, accepted.start)
        });
        match present {
            Some(present) if present.target_organization == target.id => Err(already_exists()),
            Some(_) => Err(Refusal::constraint(
                "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION",
                "The organization's bill is transferred to another account already.",
            )),
            None => Ok(()),
        }
    }

    /// The transfer follows its handshake.
    pub(super) fn transfer_answered(&mut self, id: &TransferId, state: HandshakeState) {
        let status = match state {
            HandshakeState::Pending => TransferStatus::Requested,
            HandshakeState::Canceled => TransferStatus::Canceled,
            HandshakeState::Accepted => TransferStatus::Accepted,
            HandshakeState::Declined => TransferStatus::Declined,
            HandshakeState::Expired => TransferStatus::Expired,
        };
        if let Some(transfer) = self.transfers.get_mut(id) {
            transfer.status = status;
        }
    }

    /// A transfer that the caller's organization is a part of. To others it is not there.
    pub fn visible_transfer(&self, caller: &AccountId, id: &str) -> Result<&Transfer, Refusal> {
        self.managed_by(caller)?;
        self.transfers
            .get(id)
            .filter(|transfer| transfer.target == *caller || self.is_source(transfer, caller))
            .ok_or_else(not_found)
    }

    /// Whether the account's bill is the one to be transferred.
    pub fn is_source(&self, transfer: &Transfer, account: &AccountId) -> bool {
        self.resolved(&transfer.source) == Recipient::Account(account.clone())
    }

    /// Names a transfer anew (API reference, `UpdateResponsibilityTransfer`).
    pub fn rename_transfer(
        &mut self,
        caller: &AccountId,
        id: &str,
        name: &str,
    ) -> Result<&Transfer, Refusal> {
        let transfer = self.visible_transfer(caller, id)?;
        if !matches!(
            transfer.status,
            TransferStatus::Requested | TransferStatus::Accepted
        ) {
            return Err(Refusal::constraint(
                "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED",
                "The transfer is not active any more.",
            ));
        }
        let id = transfer.id.clone();
        let transfer = self.transfers.get_mut(&id).ok_or_else(not_found)?;
        name.clone_into(&mut transfer.name);
        Ok(transfer)
    }

    /// Ends a transfer with a month; either side may, and nobody can undo it (API reference,
    /// `TerminateResponsibilityTransfer`; billing user guide, "Withdrawing transfers"). It may at any time, before the
    /// start as well: the transfer is withdrawn and ends with its end all the same (the same page, and "Viewing
    /// transfers"), so that one whose end comes before its start never takes effect. Without an end it is the present
    /// month's; AWS does not document that.
    pub fn terminate_transfer(
        &mut self,
        caller: &AccountId,
        id: &str,
        end: Option<OffsetDateTime>,
    ) -> Result<&Transfer, Refusal> {
        let transfer = self.visible_transfer(caller, id)?;
        match transfer.status {
            TransferStatus::Accepted => {}
            TransferStatus::Withdrawn => {
                return Err(Refusal::new(
                    "ResponsibilityTransferAlreadyInStatusException",
                    "The transfer has been withdrawn already.",
                ));
            }
            _ => {
                return Err(Refusal::new(
                    "InvalidResponsibilityTransferTransitionException",
                    "Only a transfer that was accepted can be withdrawn.",
                ));
            }
        }
        let end = self.checked_end(end)?;
        if transfer.target != *caller {
            self.check_notice(transfer, end)?;
        }
        let id = transfer.id.clone();
        let transfer = self.transfers.get_mut(&id).ok_or_else(not_found)?;
        transfer.status = TransferStatus::Withdrawn;
        transfer.end = Some(end);
        Ok(transfer)
    }

    /// API reference, `InvalidInputException`, the reasons that begin with `END_DATE`.
    fn checked_end(&self, end: Option<OffsetDateTime>) -> Result<OffsetDateTime, Refusal> {
        let present = CalendarMonth::of(self.now);
        let Some(end) = end else {
            return Ok(present.end());
        };
        let month = CalendarMonth::of(end);
        let second = end - Duration::nanoseconds(i64::from(end.nanosecond()));
        let (reason, message) = if second != month.end() {
            (
                "END_DATE_NOT_END_OF_MONTH",
                "A transfer ends at 23:59:59 UTC on the last day of a month.",
            )
        } else if month < present {
            (
                "END_DATE_TOO_EARLY",
                "A transfer ends with the present month at the earliest.",
            )
        } else if month > present.next() {
            (
                "END_DATE_TOO_LATE",
                "A transfer ends with the next month at the latest.",
            )
        } else {
            return Ok(second);
        };
        Err(Refusal::invalid_input(reason, message))
    }

    fn check_notice(&self, transfer: &Transfer, end: OffsetDateTime) -> Result<(), Refusal> {
        let days = self
            .organizations
            .get(&transfer.target_organization)
            .map_or(0, |target| target.withdrawal_notice_days);
        if end < self.now + Duration::days(i64::from(days)) {
            return Err(Refusal::invalid_input(
                "INVALID_END_DATE",
                "The partner's agreement asks for more notice.",
            ));
        }
        Ok(())
    }

    /// API reference, `ConstraintViolationException`, `ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS`.
    pub(super) fn check_no_open_transfer(
        &self,
        organization: &Organization,
    ) -> Result<(), Refusal> {
        let open = self.transfers.values().any(|transfer| {
            transfer.is_open(self.now)
                && (transfer.target_organization == organization.id
                    || transfer.source_organization.as_ref() == Some(&organization.id)
                    || self.is_source(transfer, &organization.management))
        });
        if open {
            return Err(Refusal::constraint(
                "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS",
                "A billing transfer of the organization is pending or not over.",
            ));
        }
        Ok(())
    }

    /// Arranges that a transfer was agreed and starts or started then.
    pub fn arrange_transfer(
        &mut self,
        source: &AccountId,
        target: &AccountId,
        name: &str,
        start: OffsetDateTime,
    ) -> Result<TransferId, Refusal> {
        let source_organization = self.managed_by(source)?.id.clone();
        let target_organization = self.managed_by_mut(target)?;
        target_organization.inbound_transfer_quota += 1;
        let target_organization = target_organization.id.clone();
        let id = self.ids.transfer();
        let transfer = Transfer {
            id: id.clone(),
            name: name.to_owned(),
            status: TransferStatus::Accepted,
            target: target.clone(),
            target_organization,
            source: Recipient::Account(source.clone()),
            source_organization: Some(source_organization),
            start: CalendarMonth::of(start).start(),
            end: None,
            handshake: self.ids.handshake(),
            tags: Tags::new(),
        };
        self.transfers.insert(id.clone(), transfer);
        Ok(id)
    }
}

fn check_source(account: &Account) -> Result<(), Refusal> {
    match account.billing_obstacles.first() {
        Some(obstacle) => Err(obstacle.of_source()),
        None => Ok(()),
    }
}

/// Billing transfer needs all features (user guide, "Transfer billing management to external accounts").
fn check_all_features(organization: &Organization) -> Result<(), Refusal> {
    if organization.feature_set == FeatureSet::All {
        return Ok(());
    }
    Err(Refusal::constraint(
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        "The organization must have all features enabled.",
    ))
}

/// Whether a standing transfer would still run when another one starts.
fn overlaps(transfer: &Transfer, start: OffsetDateTime) -> bool {
    transfer.end.is_none_or(|end| end >= start)
}

fn already_exists() -> Refusal {
    Refusal::handshake_constraint(
        "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS",
        "There is a transfer between the two organizations already.",
    )
}

fn source_is_target() -> Refusal {
    Refusal::handshake_constraint(
        "SOURCE_AND_TARGET_CANNOT_MATCH",
        "An organization cannot transfer its bill to itself.",
    )
}

fn unavailable() -> Refusal {
    Refusal::handshake_constraint(
        "TARGET_ACCOUNT_VALIDATION_FAILURE",
        "Billing transfer is not available for that account.",
    )
}

fn not_found() -> Refusal {
    Refusal::new(
        "ResponsibilityTransferNotFoundException",
        "There is no transfer with that ID.",
    )
}
