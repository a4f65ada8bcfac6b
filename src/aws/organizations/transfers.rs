//! Billing transfers: one organization pays the bill of another, which stays as it is.
//!
//! Who invites is the one that will pay: the transfer's *target*, for whom it is inbound. Who is invited
//! gives its bill away: the *source*, for whom it is outbound. (`Target` in AWS's request to invite means
//! the recipient of the invitation, and so the transfer's source.)

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_organizations::types as sdk;
use aws_sdk_organizations::types::{ActionType, HandshakeFilter, ResponsibilityTransferType};
use aws_smithy_types::DateTime;
use time::OffsetDateTime;

use super::super::error::{Call, Failure};
use super::super::types::{Notes, Tags, TransferId, TransferName};
use super::caller::{Organizational, Page};
use super::model::{Handshake, Target, Transfer};
use super::{Organizations, PAGE, answer, done_before, party, sdk_tags};
use crate::framework::Cx;

/// Invitation to hand a bill over.
#[derive(Clone, Copy, Debug)]
pub struct NewTransfer<'a> {
    /// Management account of the organization whose bill it is.
    pub source: &'a Target,
    /// Name of the transfer.
    pub name: &'a TransferName,
    /// First moment that the session's organization pays for: the beginning of a month.
    pub starts_at: OffsetDateTime,
    /// Text that AWS adds to the e-mail.
    pub notes: Option<&'a Notes>,
    /// Tags that the transfer gets.
    pub tags: &'a Tags,
}

impl Organizations {
    /// Transfers by which the session's organization pays, or is to pay, for others.
    pub async fn inbound_transfers(&self, cx: &Cx) -> Result<Arc<Vec<Transfer>>, Failure> {
        self.inbound_transfers_within(cx, Duration::MAX).await
    }

    /// The inbound transfers as they were no longer ago than the age, to see what others do.
    pub async fn inbound_transfers_within(
        &self,
        cx: &Cx,
        max_age: Duration,
    ) -> Result<Arc<Vec<Transfer>>, Failure> {
        let list = || {
            let (client, caller) = self.both();
            async move {
                let call = Call::new(
                    "ListInboundResponsibilityTransfers",
                    "list inbound transfers",
                );
                let found = caller
                    .pages(&call, Organizational::Own, |token| {
                        let list = client.list_inbound_responsibility_transfers();
                        let list = list.r#type(ResponsibilityTransferType::Billing);
                        let send = list.max_results(PAGE).set_next_token(token).send();
                        async {
                            let page = send.await?;
                            let transfers = page.responsibility_transfers.unwrap_or_default();
                            Ok(Page(transfers, page.next_token))
                        }
                    })
                    .await?;
                found.iter().map(answer::transfer).collect()
            }
        };
        cx.unless_interrupted(self.0.inbound.read_within(max_age, list))
            .await?
    }

    /// Transfers by which another organization pays, or is to pay, for the session's, asked anew with
    /// every call.
    pub async fn outbound_transfers(&self, cx: &Cx) -> Result<Arc<Vec<Transfer>>, Failure> {
        self.outbound_transfers_within(cx, Duration::ZERO).await
    }

    /// The outbound transfers as they were no longer ago than the age. Needs the management account.
    pub async fn outbound_transfers_within(
        &self,
        cx: &Cx,
        max_age: Duration,
    ) -> Result<Arc<Vec<Transfer>>, Failure> {
        let list = || {
            let (client, caller) = self.both();
            async move {
                let call = Call::new(
                    "ListOutboundResponsibilityTransfers",
                    "list outbound transfers",
                );
                let found = caller
                    .pages(&call, Organizational::Own, |token| {
                        let list = client.list_outbound_responsibility_transfers();
                        let list = list.r#type(ResponsibilityTransferType::Billing);
                        let send = list.max_results(PAGE).set_next_token(token).send();
                        async {
                            let page = send.await?;
                            let transfers = page.responsibility_transfers.unwrap_or_default();
                            Ok(Page(transfers, page.next_token))
                        }
                    })
                    .await?;
                found.iter().map(answer::transfer).collect()
            }
        };
        cx.unless_interrupted(self.0.outbound.read_within(max_age, list))
            .await?
    }

    /// Invites an organization to hand its bill over. An invitation that is pending already stands.
    pub async fn invite_to_transfer(
        &self,
        cx: &Cx,
        new: NewTransfer<'_>,
    ) -> Result<Transfer, Failure> {
        let call = Call::new(
            "InviteOrganizationToTransferResponsibility",
            format!("invite {} to transfer its bill", new.source),
        );
        let invite = self
            .0
            .client
            .invite_organization_to_transfer_responsibility()
            .r#type(ResponsibilityTransferType::Billing)
            .target(party(new.source)?)
            .source_name(new.name.as_str())
            .start_timestamp(instant(new.starts_at))
            .set_notes(new.notes.map(ToString::to_string))
            .set_tags(sdk_tags(new.tags)?);
        let touched = self.0.caller.shared().epochs().transfers.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                invite.clone().customize().interceptor(wire).send()
            });
        let failure = match write.await.map(drop) {
            Ok(()) => None,
            Err(failure) if failure.is("DuplicateHandshakeException") => Some(failure),
            Err(failure) if failure.may_have_taken_effect() => Some(failure),
            Err(failure) => return Err(failure),
        };
        let known = self.inbound_transfers_within(cx, Duration::ZERO).await?;
        let pending = known
            .iter()
            .find(|known| known.status.is_pending() && known.is_of(new.source));
        let missing = || Failure::bug("AWS has sent an invitation and shows no transfer.");
        pending
            .cloned()
            .ok_or_else(|| failure.unwrap_or_else(missing))
    }

    /// Invitations to hand the bill over that the session's account has received, asked anew with every
    /// call.
    pub async fn received_transfer_invitations(&self, cx: &Cx) -> Result<Vec<Handshake>, Failure> {
        let client = &self.0.client;
        let call = Call::new(
            "ListHandshakesForAccount",
            "list the invitations to transfer the bill",
        );
        let filter = HandshakeFilter::builder()
            .action_type(ActionType::TransferResponsibility)
            .build();
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let list = client.list_handshakes_for_account();
            let send = list.filter(filter.clone()).max_results(PAGE);
            let send = send.set_next_token(token).send();
            async {
                send.await
                    .map(|page| Page(page.handshakes.unwrap_or_default(), page.next_token))
            }
        });
        let found = cx.unless_interrupted(Box::pin(pages)).await??;
        found.iter().map(answer::handshake).collect()
    }

    /// Accepts an invitation to hand the bill over. One that was accepted before is a success.
    pub async fn accept_transfer(&self, cx: &Cx, invitation: &Handshake) -> Result<(), Failure> {
        let call = Call::new(
            "AcceptHandshake",
            format!("accept billing transfer invitation {}", invitation.id),
        );
        let touched = self.0.caller.shared().epochs().transfers.write();
        let write =
            self.0
                .caller
                .write(cx, &call, Organizational::Of(invitation), touched, |wire| {
                    let accept = self.0.client.accept_handshake();
                    let accept = accept.handshake_id(invitation.id.as_str());
                    accept.customize().interceptor(wire).send()
                });
        done_before(write.await.map(drop), "HandshakeAlreadyInStateException").map(drop)
    }

    /// Takes an invitation to hand a bill over back. One that was taken back before is a success.
    pub async fn cancel_transfer(&self, cx: &Cx, transfer: &Transfer) -> Result<(), Failure> {
        let Some(id) = &transfer.handshake_id else {
            return Ok(());
        };
        let call = Call::new(
            "CancelHandshake",
            format!("cancel billing transfer invitation {id}"),
        );
        let touched = self.0.caller.shared().epochs().transfers.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                let cancel = self.0.client.cancel_handshake().handshake_id(id.as_str());
                cancel.customize().interceptor(wire).send()
            });
        done_before(write.await.map(drop), "HandshakeAlreadyInStateException").map(drop)
    }

    /// Gives a transfer another name.
    pub async fn rename_transfer(
        &self,
        cx: &Cx,
        id: &TransferId,
        name: &TransferName,
    ) -> Result<(), Failure> {
        let call = Call::new(
            "UpdateResponsibilityTransfer",
            format!("rename transfer {id}"),
        );
        let rename = self.0.client.update_responsibility_transfer();
        let rename = rename.id(id.as_str()).name(name.as_str());
        let touched = self.0.caller.shared().epochs().transfers.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                rename.clone().customize().interceptor(wire).send()
            });
        write.await.map(drop)
    }

    /// Ends a transfer at the end of a month, for good. One whose end is settled is a success.
    pub async fn terminate_transfer(
        &self,
        cx: &Cx,
        id: &TransferId,
        ends_at: OffsetDateTime,
    ) -> Result<(), Failure> {
        let call = Call::new(
            "TerminateResponsibilityTransfer",
            format!("end transfer {id}"),
        );
        let terminate = self.0.client.terminate_responsibility_transfer();
        let terminate = terminate.id(id.as_str()).end_timestamp(instant(ends_at));
        let touched = self.0.caller.shared().epochs().transfers.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                terminate.clone().customize().interceptor(wire).send()
            });
        let done = "ResponsibilityTransferAlreadyInStatusException";
        done_before(write.await.map(drop), done).map(drop)
    }
}

fn instant(at: OffsetDateTime) -> DateTime {
    DateTime::from_secs(at.unix_timestamp())
}

impl From<&sdk::TransferParticipant> for super::model::Participant {
    fn from(answer: &sdk::TransferParticipant) -> Self {
        use crate::framework::DomainText;
        let id = answer.management_account_id();
        Self {
            account_id: id.and_then(|id| super::super::types::AccountId::parse(id).ok()),
            email: answer.management_account_email().map(str::to_owned),
        }
    }
}
