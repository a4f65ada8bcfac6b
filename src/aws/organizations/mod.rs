//! AWS Organizations in domain words: organization, members, invitations.
//!
//! Reads come from lists that all readers share; writes wait for each other, one at a time for each
//! organization. A write that finds its work done already is a success.

mod accounts;
mod all_features;
mod answer;
mod caller;
mod founding;
mod lookup;
mod model;
mod placement;
mod policies;
mod transfers;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types as sdk;
use aws_sdk_organizations::types::{
    ActionType, HandshakeFilter, HandshakeParty, HandshakePartyType,
};

pub use self::lookup::{Invitee, Scale, Standing};
pub use self::model::{
    Account, Cancellation, DelegatedAdministrator, Handshake, Invitation, Members, Migration,
    NewAccount, Organization, Participant, Policy, PolicyType, Removal, SentInvitations, Target,
    Transfer,
};
pub use self::transfers::NewTransfer;

pub(super) use self::caller::Shared;
use self::caller::{Caller, Organizational, Page};
use self::lookup::Lookups;
use super::error::{Call, Failure};
use super::snapshot::{Arrivals, Listing, Snapshot, Write};
use super::types::{AccountId, HandshakeId, HandshakeState, Notes, Tags, tags};
use crate::framework::Cx;

/// Largest page of every list (AWS Organizations API reference, `MaxResults`).
const PAGE: i32 = 20;

/// How long a pending invitation that AWS speaks of may take to show in its list.
const PROPAGATION: Duration = Duration::from_secs(15);

/// Organizations, as one session sees it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Organizations(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    account: Option<AccountId>,
    caller: Caller,
    organization: Arc<Snapshot<Option<Organization>>>,
    members: Snapshot<Members>,
    lookups: Lookups,
    administrators: Snapshot<Vec<DelegatedAdministrator>>,
    service_access: Snapshot<Vec<String>>,
    sent: Snapshot<SentInvitations>,
    received: Snapshot<Vec<Handshake>>,
    inbound: Snapshot<Vec<Transfer>>,
    outbound: Snapshot<Vec<Transfer>>,
}

impl Organizations {
    /// Organizations with the credentials of the client, which belong to the account.
    pub(super) fn new(client: Client, account: Option<AccountId>, shared: Arc<Shared>) -> Self {
        let epochs = shared.epochs();
        let organization = Arc::new(Snapshot::new(epochs.membership.clone()));
        Self(Arc::new(Inner {
            client,
            members: Snapshot::new(epochs.membership.clone()),
            lookups: Lookups::new(epochs.membership.clone()),
            administrators: Snapshot::new(epochs.membership.clone()),
            service_access: Snapshot::new(epochs.membership.clone()),
            sent: Snapshot::new(epochs.handshakes.clone()),
            received: Snapshot::new(epochs.handshakes.clone()),
            inbound: Snapshot::new(epochs.transfers.clone()),
            outbound: Snapshot::new(epochs.transfers.clone()),
            caller: Caller::new(account.clone(), Arc::clone(&organization), shared),
            account,
            organization,
        }))
    }

    /// The organization that the session's account belongs to; `None` for a standalone account.
    pub async fn organization(&self, cx: &Cx) -> Result<Option<Organization>, Failure> {
        self.organization_within(cx, Duration::MAX).await
    }

    /// The organization as it was no longer ago than the age, to see what others do.
    pub async fn organization_within(
        &self,
        cx: &Cx,
        max_age: Duration,
    ) -> Result<Option<Organization>, Failure> {
        let list = || {
            let (client, caller) = self.both();
            async move {
                let call = Call::new(
                    "DescribeOrganization",
                    "find out the account's organization",
                );
                let send = || client.describe_organization().send();
                match caller.read(&call, Organizational::No, send).await {
                    Ok(answer) => answer.organization().map(answer::organization).transpose(),
                    Err(failure) if failure.is("AWSOrganizationsNotInUseException") => Ok(None),
                    Err(failure) => Err(failure),
                }
            }
        };
        let found = cx
            .unless_interrupted(self.0.organization.read_within(max_age, list))
            .await??;
        Ok(Option::clone(&found))
    }

    /// All accounts of the organization. Needs its management account or a delegated administrator.
    pub async fn members(&self, cx: &Cx) -> Result<Arc<Members>, Failure> {
        self.members_within(cx, Duration::MAX).await
    }

    /// The accounts as they were no longer ago than the age, to see what others do.
    pub async fn members_within(
        &self,
        cx: &Cx,
        max_age: Duration,
    ) -> Result<Arc<Members>, Failure> {
        let listing = self.listing_members(max_age);
        cx.unless_interrupted(listing.whole()).await?
    }

    /// The accounts, as they come.
    fn listing_members(&self, max_age: Duration) -> Listing<Members> {
        let list = |arrivals: Arrivals<Members>| {
            let (client, caller) = self.both();
            async move {
                let call = Call::new("ListAccounts", "list the organization's accounts");
                let send = |token| {
                    let send = client.list_accounts().max_results(PAGE);
                    let send = send.set_next_token(token).send();
                    async {
                        send.await
                            .map(|page| Page(page.accounts.unwrap_or_default(), page.next_token))
                    }
                };
                let take = |page: Vec<sdk::Account>| {
                    let page = page.iter().map(answer::account);
                    let page = page.collect::<Result<Vec<_>, _>>()?;
                    arrivals.add(|members| page.into_iter().for_each(|each| members.enter(each)));
                    Ok(())
                };
                let wanted = || arrivals.wanted();
                caller
                    .each_page(&call, Organizational::Own, send, take, wanted)
                    .await?;
                Ok(arrivals.into_whole())
            }
        };
        self.0.members.listing(max_age, list)
    }

    /// Member accounts that administer a service for the organization.
    pub async fn delegated_administrators(
        &self,
        cx: &Cx,
    ) -> Result<Arc<Vec<DelegatedAdministrator>>, Failure> {
        let list = || {
            let (client, caller) = self.both();
            async move {
                let call = Call::new(
                    "ListDelegatedAdministrators",
                    "list delegated administrators",
                );
                let found = caller
                    .pages(&call, Organizational::Own, |token| {
                        let send = client.list_delegated_administrators().max_results(PAGE);
                        let send = send.set_next_token(token).send();
                        async {
                            let page = send.await?;
                            Ok(Page(
                                page.delegated_administrators.unwrap_or_default(),
                                page.next_token,
                            ))
                        }
                    })
                    .await?;
                found.iter().map(answer::administrator).collect()
            }
        };
        cx.unless_interrupted(self.0.administrators.read(list))
            .await?
    }

    /// Service principals that the account administers for the organization.
    pub async fn delegated_services(
        &self,
        cx: &Cx,
        account: &AccountId,
    ) -> Result<Vec<String>, Failure> {
        let client = &self.0.client;
        let intent = format!("list the services that account {account} administers");
        let call = Call::new("ListDelegatedServicesForAccount", intent);
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let send = client
                .list_delegated_services_for_account()
                .account_id(account.as_str());
            let send = send.max_results(PAGE).set_next_token(token).send();
            async {
                send.await
                    .map(|page| Page(page.delegated_services.unwrap_or_default(), page.next_token))
            }
        });
        match cx.unless_interrupted(Box::pin(pages)).await? {
            Ok(services) => Ok(services
                .into_iter()
                .filter_map(|service| service.service_principal)
                .collect()),
            Err(failure) if failure.is("AccountNotRegisteredException") => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    /// Invites the target to the session's organization. An invitation that is pending already stands.
    ///
    /// That also finds the invitation whose answer was lost, so that none is sent twice.
    pub async fn invite(
        &self,
        cx: &Cx,
        target: &Target,
        notes: Option<&Notes>,
        tags: &Tags,
    ) -> Result<Invitation, Failure> {
        let call = Call::new("InviteAccountToOrganization", format!("invite {target}"));
        let invite = self
            .0
            .client
            .invite_account_to_organization()
            .target(party(target)?)
            .set_notes(notes.map(ToString::to_string))
            .set_tags(sdk_tags(tags)?);
        let write = self.0.caller.write(
            cx,
            &call,
            Organizational::No,
            self.epoch_of_handshakes(),
            |wire| invite.clone().customize().interceptor(wire).send(),
        );
        match write.await {
            Ok((answer, write)) => {
                let sent = answer.handshake().map(answer::handshake).transpose()?;
                let sent =
                    sent.ok_or_else(|| Failure::bug("AWS invited, and showed no handshake."))?;
                self.0.sent.patch(write, |known| known.enter(sent.clone()));
                Ok(Invitation::New(sent))
            }
            Err(failure)
                if failure.is("DuplicateHandshakeException") || failure.may_have_taken_effect() =>
            {
                let pending = self.pending_invitation_to(cx, target, &failure).await?;
                pending.map(Invitation::Adopted).ok_or(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The invitation that AWS speaks of, which may take a moment to show in the list.
    async fn pending_invitation_to(
        &self,
        cx: &Cx,
        target: &Target,
        because: &Failure,
    ) -> Result<Option<Handshake>, Failure> {
        let look = || async {
            let found = self.listing_sent(Duration::ZERO).whole().await?;
            Ok(found
                .newest_for(target)
                .filter(|sent| sent.is_pending())
                .cloned())
        };
        let looking = async {
            // Where the outcome is unknown there may be nothing to find, and one look tells.
            if because.may_have_taken_effect() {
                return look().await;
            }
            let found = async {
                loop {
                    if let Some(found) = look().await? {
                        return Ok::<_, Failure>(found);
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            };
            tokio::time::timeout(PROPAGATION, found)
                .await
                .ok()
                .transpose()
        };
        match cx.unless_interrupted(looking).await? {
            // The caller learns why the invitation failed rather than why looking for it did.
            Err(_) => Ok(None),
            found => found,
        }
    }

    /// All invitations that the organization has sent and AWS remembers.
    pub async fn sent_invitations(&self, cx: &Cx) -> Result<Arc<SentInvitations>, Failure> {
        self.sent_invitations_within(cx, Duration::MAX).await
    }

    /// The sent invitations as they were no longer ago than the age, to see what others do.
    pub async fn sent_invitations_within(
        &self,
        cx: &Cx,
        max_age: Duration,
    ) -> Result<Arc<SentInvitations>, Failure> {
        let listing = self.listing_sent(max_age);
        cx.unless_interrupted(listing.whole()).await?
    }

    /// The sent invitations, as they come.
    fn listing_sent(&self, max_age: Duration) -> Listing<SentInvitations> {
        let list = |arrivals: Arrivals<SentInvitations>| {
            let (client, caller) = self.both();
            async move {
                let call = Call::new(
                    "ListHandshakesForOrganization",
                    "list the invitations of the organization",
                );
                let send = |token| {
                    let send = client
                        .list_handshakes_for_organization()
                        .filter(invitations());
                    let send = send.max_results(PAGE).set_next_token(token).send();
                    async {
                        send.await
                            .map(|page| Page(page.handshakes.unwrap_or_default(), page.next_token))
                    }
                };
                let take = |page: Vec<sdk::Handshake>| {
                    let page = page.iter().map(answer::handshake);
                    let page = page.collect::<Result<Vec<_>, _>>()?;
                    arrivals.add(|sent| page.into_iter().for_each(|each| sent.enter(each)));
                    Ok(())
                };
                let wanted = || arrivals.wanted();
                caller
                    .each_page(&call, Organizational::Own, send, take, wanted)
                    .await?;
                Ok(arrivals.into_whole())
            }
        };
        self.0.sent.listing(max_age, list)
    }

    /// The invitation sent to the target: the newest pending one, otherwise the newest.
    pub async fn invitation_to(
        &self,
        cx: &Cx,
        target: &Target,
    ) -> Result<Option<Handshake>, Failure> {
        let sent = self.sent_invitations(cx).await?;
        Ok(sent.newest_for(target).cloned())
    }

    /// Invitations that the session's account has received, asked anew with every call.
    pub async fn received_invitations(&self, cx: &Cx) -> Result<Arc<Vec<Handshake>>, Failure> {
        let list = || {
            let (client, caller) = self.both();
            async move {
                let call = Call::new(
                    "ListHandshakesForAccount",
                    "list the invitations of the account",
                );
                let found = caller
                    .pages(&call, Organizational::Own, |token| {
                        let send = client.list_handshakes_for_account().filter(invitations());
                        let send = send.max_results(PAGE).set_next_token(token).send();
                        async {
                            send.await.map(|page| {
                                Page(page.handshakes.unwrap_or_default(), page.next_token)
                            })
                        }
                    })
                    .await?;
                found.iter().map(answer::handshake).collect()
            }
        };
        cx.unless_interrupted(self.0.received.read_within(Duration::ZERO, list))
            .await?
    }

    /// The handshake with the ID; `None` where AWS does not know it (any more).
    pub async fn handshake(&self, cx: &Cx, id: &HandshakeId) -> Result<Option<Handshake>, Failure> {
        let call = Call::new("DescribeHandshake", format!("look up invitation {id}"));
        let send = || {
            self.0
                .client
                .describe_handshake()
                .handshake_id(id.as_str())
                .send()
        };
        match cx
            .unless_interrupted(self.0.caller.read(&call, Organizational::Own, send))
            .await?
        {
            Ok(answer) => answer.handshake().map(answer::handshake).transpose(),
            Err(failure) if failure.is("HandshakeNotFoundException") => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Accepts an invitation. One that was accepted before is a success.
    pub async fn accept(&self, cx: &Cx, handshake: &Handshake) -> Result<Handshake, Failure> {
        let call = Call::new(
            "AcceptHandshake",
            format!("accept invitation {}", handshake.id),
        );
        let epochs = self.0.caller.shared().epochs();
        let writes = (epochs.handshakes.write(), epochs.membership.write());
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::Of(handshake), writes, |wire| {
                let accept = self
                    .0
                    .client
                    .accept_handshake()
                    .handshake_id(handshake.id.as_str());
                accept.customize().interceptor(wire).send()
            });
        match write.await {
            Ok((answer, _)) => Ok(answer
                .handshake()
                .map(answer::handshake)
                .transpose()?
                .unwrap_or_else(|| in_state(handshake, HandshakeState::Accepted))),
            Err(failure) if failure.is("HandshakeAlreadyInStateException") => {
                Ok(in_state(handshake, HandshakeState::Accepted))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Declines an invitation. One that was declined before is a success.
    pub async fn decline(&self, cx: &Cx, handshake: &Handshake) -> Result<(), Failure> {
        let call = Call::new(
            "DeclineHandshake",
            format!("decline invitation {}", handshake.id),
        );
        let touched = self.epoch_of_handshakes();
        let write =
            self.0
                .caller
                .write(cx, &call, Organizational::Of(handshake), touched, |wire| {
                    let decline = self
                        .0
                        .client
                        .decline_handshake()
                        .handshake_id(handshake.id.as_str());
                    decline.customize().interceptor(wire).send()
                });
        done_before(write.await.map(drop), "HandshakeAlreadyInStateException").map(drop)
    }

    /// Cancels an invitation that the organization has sent, unless it is closed already.
    pub async fn cancel(&self, cx: &Cx, id: &HandshakeId) -> Result<Cancellation, Failure> {
        let call = Call::new("CancelHandshake", format!("cancel invitation {id}"));
        let write = self.0.caller.write(
            cx,
            &call,
            Organizational::No,
            self.epoch_of_handshakes(),
            |wire| {
                self.0
                    .client
                    .cancel_handshake()
                    .handshake_id(id.as_str())
                    .customize()
                    .interceptor(wire)
                    .send()
            },
        );
        match write.await {
            Ok((answer, write)) => {
                let cancelled = answer.handshake().map(answer::handshake).transpose()?;
                self.0.sent.patch(write, |known| match cancelled {
                    Some(cancelled) => known.enter(cancelled),
                    None => known.forget(id),
                });
                Ok(Cancellation::Cancelled)
            }
            Err(failure) if CLOSED.iter().any(|code| failure.is(code)) => Ok(Cancellation::Closed),
            Err(failure) => Err(failure),
        }
    }

    /// Removes a member from the organization.
    pub async fn remove_account(&self, cx: &Cx, id: &AccountId) -> Result<Removal, Failure> {
        let intent = format!("remove account {id} from the organization");
        let call = Call::new("RemoveAccountFromOrganization", intent);
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                let remove = self
                    .0
                    .client
                    .remove_account_from_organization()
                    .account_id(id.as_str());
                remove.customize().interceptor(wire).send()
            });
        match write.await {
            Ok((_, write)) => {
                let ended = self.0.members.patch(write, |known| known.forget(id));
                let administers = |known: &mut Vec<DelegatedAdministrator>| {
                    known.retain(|administrator| administrator.account_id != *id);
                };
                self.0.administrators.patch_too(ended, administers);
                self.0.service_access.patch_too(ended, |_| {});
                // Whoever removes another stays where it is.
                if self.0.account.as_ref().is_some_and(|account| account != id) {
                    self.0.organization.patch_too(ended, |_| {});
                }
                Ok(Removal::Removed)
            }
            failed => done_before(failed.map(drop), "AccountNotFoundException"),
        }
    }

    /// Makes the session's account leave its organization.
    pub async fn leave(&self, cx: &Cx) -> Result<Removal, Failure> {
        // The organization is left by one account at a time: its management account names the queue.
        let Some(organization) = self.organization(cx).await? else {
            return Ok(Removal::AlreadyGone);
        };
        let call = Call::new(
            "LeaveOrganization",
            format!("leave organization {}", organization.id),
        );
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self.0.caller.write(
            cx,
            &call,
            Organizational::Left(&organization),
            touched,
            |wire| {
                self.0
                    .client
                    .leave_organization()
                    .customize()
                    .interceptor(wire)
                    .send()
            },
        );
        done_before(write.await.map(drop), "AWSOrganizationsNotInUseException")
    }

    /// Tags of an account, organizational unit, root, policy or transfer.
    pub async fn tags_of(&self, cx: &Cx, resource_id: &str) -> Result<Tags, Failure> {
        let client = &self.0.client;
        let call = Call::new(
            "ListTagsForResource",
            format!("list the tags of {resource_id}"),
        );
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let send = client
                .list_tags_for_resource()
                .resource_id(resource_id)
                .set_next_token(token)
                .send();
            async {
                send.await
                    .map(|page| Page(page.tags.unwrap_or_default(), page.next_token))
            }
        });
        let found = cx.unless_interrupted(Box::pin(pages)).await??;
        Ok(tags(found.into_iter().map(|tag| (tag.key, tag.value))))
    }

    /// Adds tags, or gives existing ones a new value.
    pub async fn tag(&self, cx: &Cx, resource_id: &str, tags: &Tags) -> Result<(), Failure> {
        let call = Call::new("TagResource", format!("tag {resource_id}"));
        let tag = self
            .0
            .client
            .tag_resource()
            .resource_id(resource_id)
            .set_tags(sdk_tags(tags)?);
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, (), |wire| {
                tag.clone().customize().interceptor(wire).send()
            });
        write.await.map(drop)
    }

    /// Takes tags away.
    pub async fn untag(&self, cx: &Cx, resource_id: &str, keys: &[String]) -> Result<(), Failure> {
        let call = Call::new(
            "UntagResource",
            format!("take tags away from {resource_id}"),
        );
        let untag = self
            .0
            .client
            .untag_resource()
            .resource_id(resource_id)
            .set_tag_keys(Some(keys.to_vec()));
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, (), |wire| {
                untag.clone().customize().interceptor(wire).send()
            });
        write.await.map(drop)
    }

    fn both(&self) -> (Client, Caller) {
        (self.0.client.clone(), self.0.caller.clone())
    }

    fn epoch_of_handshakes(&self) -> Write {
        self.0.caller.shared().epochs().handshakes.write()
    }
}

/// Codes by which AWS says that there is nothing left to cancel: it was cancelled before, answered, or
/// forgotten.
const CLOSED: [&str; 3] = [
    "HandshakeAlreadyInStateException",
    "InvalidHandshakeTransitionException",
    "HandshakeNotFoundException",
];

/// Takes the code by which AWS says that the work was done before as a success.
fn done_before(outcome: Result<(), Failure>, code: &str) -> Result<Removal, Failure> {
    match outcome {
        Ok(()) => Ok(Removal::Removed),
        Err(failure) if failure.is(code) => Ok(Removal::AlreadyGone),
        Err(failure) => Err(failure),
    }
}

fn invitations() -> HandshakeFilter {
    HandshakeFilter::builder()
        .action_type(ActionType::InviteAccountToOrganization)
        .build()
}

/// The target as AWS's requests name it.
fn party(target: &Target) -> Result<HandshakeParty, Failure> {
    let (kind, id) = match target {
        Target::Account(id) => (HandshakePartyType::Account, id.as_str()),
        Target::Email(email) => (HandshakePartyType::Email, email.as_str()),
    };
    let party = HandshakeParty::builder().r#type(kind).id(id);
    party.build().map_err(Failure::bug)
}

fn in_state(handshake: &Handshake, state: HandshakeState) -> Handshake {
    Handshake {
        state,
        ..handshake.clone()
    }
}

fn sdk_tags(tags: &Tags) -> Result<Option<Vec<sdk::Tag>>, Failure> {
    let tags = tags
        .iter()
        .map(|(key, value)| sdk::Tag::builder().key(key).value(value).build());
    let tags: Vec<sdk::Tag> = tags.collect::<Result<_, _>>().map_err(Failure::bug)?;
    Ok(Some(tags).filter(|tags| !tags.is_empty()))
}
