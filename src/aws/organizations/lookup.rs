//! Looking up one account or one invitation: by describing it or in the list, whichever takes fewer calls.
//!
//! A list is right where a plan touches much of it, and one call for each object where it touches little of
//! a large organization. What a plan will touch is not known when it begins, so what an earlier one saw is
//! recalled, see [`Scale`].

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::error::{Call, Failure};
use super::super::snapshot::{Epoch, Snapshot};
use super::super::types::{AccountId, HandshakeId};
use super::caller::Organizational;
use super::model::{Account, Handshake, Members, SentInvitations, Target};
use super::{Organizations, PAGE, answer};
use crate::framework::{Cx, Interrupted};

/// Pages that come before a list of unknown length counts as long: half a second of round trips.
const LONG: usize = 4;

/// How large an organization was, and how many of its accounts were asked for, when last seen.
///
/// A resource keeps it in its private state, so that the next plan chooses well from its first call on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scale {
    /// Accounts of the organization.
    pub accounts: usize,
    /// Accounts that one process asked for.
    pub asked: usize,
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.asked, self.accounts)
    }
}

impl FromStr for Scale {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (asked, accounts) = text.split_once('/').unwrap_or((text, ""));
        Ok(Self {
            accounts: accounts.parse()?,
            asked: asked.parse()?,
        })
    }
}

/// Where an invited account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It belongs to the organization.
    Member(Account),
    /// Its invitation can still be answered.
    Invited(Handshake),
    /// Neither; with the newest invitation that AWS remembers.
    Neither(Option<Handshake>),
}

/// Whose standing is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Invitee<'a> {
    /// Whom the invitation names.
    pub target: &'a Target,
    /// ID of the account, once it is known.
    pub account_id: Option<&'a AccountId>,
    /// The invitation that was open when last seen; `None` if the account had joined.
    pub open: Option<&'a HandshakeId>,
}

/// What was looked up, and how much there was to look through.
#[derive(Debug)]
pub(super) struct Lookups {
    epoch: Epoch,
    described: Mutex<HashMap<AccountId, Arc<Snapshot<Option<Account>>>>>,
    asked: Mutex<HashSet<AccountId>>,
    /// Largest number of accounts asked for by one process, as far as it was recalled.
    recalled: AtomicUsize,
    /// Accounts of the organization, as far as they were seen or recalled.
    accounts: AtomicUsize,
    invitations_asked: Mutex<HashSet<HandshakeId>>,
}

impl Lookups {
    pub(super) fn new(membership: Epoch) -> Self {
        Self {
            epoch: membership,
            described: Mutex::default(),
            asked: Mutex::default(),
            recalled: AtomicUsize::new(0),
            accounts: AtomicUsize::new(0),
            invitations_asked: Mutex::default(),
        }
    }

    /// Accounts asked for, those to come included as far as they can be told.
    fn asked(&self, id: &AccountId) -> usize {
        let mut asked = lock(&self.asked);
        if !asked.contains(id) {
            asked.insert(id.clone());
        }
        asked.len().max(self.recalled.load(Ordering::Relaxed))
    }

    /// Whether calls for single accounts are fewer than the pages of their list.
    fn prefers_describing(&self, asked: usize) -> bool {
        asked < self.accounts.load(Ordering::Relaxed).div_ceil(page())
    }

    /// Whether an invitation is the only one that was asked for, so far.
    fn is_alone(&self, id: &HandshakeId) -> bool {
        let mut asked = lock(&self.invitations_asked);
        asked.insert(id.clone());
        asked.len() == 1
    }

    fn saw(&self, members: &Members) {
        self.accounts.fetch_max(members.len(), Ordering::Relaxed);
    }

    fn described(&self, id: &AccountId) -> Arc<Snapshot<Option<Account>>> {
        let mut described = lock(&self.described);
        let known = described.entry(id.clone());
        Arc::clone(known.or_insert_with(|| Arc::new(Snapshot::new(self.epoch.clone()))))
    }
}

impl Organizations {
    /// Takes what an earlier operation saw of the organization's size.
    pub fn recall(&self, seen: Scale) {
        let lookups = &self.0.lookups;
        lookups.recalled.fetch_max(seen.asked, Ordering::Relaxed);
        lookups.accounts.fetch_max(seen.accounts, Ordering::Relaxed);
    }

    /// What this process has seen of the organization's size, having asked for the account;
    /// `None` where it is not known.
    pub fn scale(&self, asked_for: Option<&AccountId>) -> Option<Scale> {
        let lookups = &self.0.lookups;
        if let Some(id) = asked_for {
            lookups.asked(id);
        }
        let whole = self.0.members.peek().map(|members| members.len());
        let accounts = whole.unwrap_or_else(|| lookups.accounts.load(Ordering::Relaxed));
        let asked = lock(&lookups.asked).len().max(1);
        (accounts > 0).then_some(Scale { accounts, asked })
    }

    /// The account with the ID, if it belongs to the organization.
    pub async fn member(&self, cx: &Cx, id: &AccountId) -> Result<Option<Account>, Failure> {
        Ok(self.members(cx).await?.get(id).cloned())
    }

    /// Like [`member`](Self::member), as soon as its page has come, or by describing it. For those who only
    /// read: a write while the list comes would make it stale for all others.
    pub async fn member_at_once(
        &self,
        cx: &Cx,
        id: &AccountId,
    ) -> Result<Option<Account>, Failure> {
        if let Some(found) = self.described_member(cx, id).await? {
            return Ok(found);
        }
        let listing = self.listing_members(Duration::MAX);
        let first = listing.find(|members| {
            self.0.lookups.saw(members);
            match members.get(id) {
                Some(account) => Some(Some(account.clone())),
                None => (members.len() >= LONG * page()).then_some(None),
            }
        });
        match cx.unless_interrupted(first).await?? {
            None => return Ok(None),
            Some(Some(account)) => return Ok(Some(account)),
            Some(None) => {}
        }
        // Described beside a list of unknown length is only what is asked for alone.
        if self.0.members.peek().is_none() && self.0.lookups.asked(id) == 1 {
            let described = self.describe_account(id);
            if let Ok(found) = cx.unless_interrupted(described).await? {
                return Ok(found);
            }
        }
        let found = listing.find(|members| {
            self.0.lookups.saw(members);
            members.get(id).cloned()
        });
        cx.unless_interrupted(found).await?
    }

    /// The account, where describing it is the better way; `None` where the list has to tell.
    async fn described_member(
        &self,
        cx: &Cx,
        id: &AccountId,
    ) -> Result<Option<Option<Account>>, Interrupted> {
        let lookups = &self.0.lookups;
        let asked = lookups.asked(id);
        if self.0.members.peek().is_some() || !lookups.prefers_describing(asked) {
            return Ok(None);
        }
        // Whatever is wrong, the list says it better: it is what the permissions are known for.
        Ok(cx.unless_interrupted(self.describe_account(id)).await?.ok())
    }

    async fn describe_account(&self, id: &AccountId) -> Result<Option<Account>, Failure> {
        let describe = || {
            let ((client, caller), id) = (self.both(), id.clone());
            async move {
                let call = Call::new("DescribeAccount", format!("look up account {id}"));
                let send = || client.describe_account().account_id(id.as_str()).send();
                match caller.read(&call, Organizational::Own, send).await {
                    Ok(answer) => answer.account().map(answer::account).transpose(),
                    Err(failure) if failure.is("AccountNotFoundException") => Ok(None),
                    Err(failure) => Err(failure),
                }
            }
        };
        let found = self.0.lookups.described(id).read(describe).await?;
        Ok(Option::clone(&found))
    }

    /// Where the invited account stands: first looked for where it was when last seen.
    pub async fn standing(&self, cx: &Cx, invitee: Invitee<'_>) -> Result<Standing, Failure> {
        if let Some(id) = invitee.open
            && let Some(open) = self.open_invitation_to(cx, invitee.target, id).await?
        {
            return Ok(Standing::Invited(open));
        }
        if let Some(account) = self.invited_member(cx, invitee).await? {
            return Ok(Standing::Member(account));
        }
        Ok(match self.invitation_to(cx, invitee.target).await? {
            Some(open) if open.is_pending() => Standing::Invited(open),
            closed => Standing::Neither(closed),
        })
    }

    /// The member that the invitation is for. Once known, the ID counts: an owner may change the e-mail
    /// address.
    async fn invited_member(
        &self,
        cx: &Cx,
        invitee: Invitee<'_>,
    ) -> Result<Option<Account>, Failure> {
        match (invitee.account_id, invitee.target) {
            (Some(id), _) | (None, Target::Account(id)) => self.member_at_once(cx, id).await,
            (None, Target::Email(email)) => {
                let listing = self.listing_members(Duration::MAX);
                let found = listing.find(|members| members.by_email(email).cloned());
                cx.unless_interrupted(found).await?
            }
        }
    }

    /// The open invitation of the target, as soon as its page has come.
    async fn open_invitation_to(
        &self,
        cx: &Cx,
        target: &Target,
        id: &HandshakeId,
    ) -> Result<Option<Handshake>, Failure> {
        self.0.lookups.is_alone(id);
        let listing = self.listing_sent(Duration::MAX);
        let open = |sent: &SentInvitations| {
            let newest = sent.newest_for(target).filter(|sent| sent.is_pending());
            newest.cloned()
        };
        let first = listing.find(|sent| match open(sent) {
            Some(open) => Some(Some(open)),
            None => (sent.len() >= LONG * page()).then_some(None),
        });
        match cx.unless_interrupted(first).await?? {
            None => return Ok(None),
            Some(Some(open)) => return Ok(Some(open)),
            Some(None) => {}
        }
        // AWS describes one invitation a second.
        if self.0.sent.peek().is_none()
            && self.0.lookups.is_alone(id)
            && let Ok(Some(open)) = Box::pin(self.handshake(cx, id)).await
            && open.is_pending()
        {
            return Ok(Some(open));
        }
        cx.unless_interrupted(listing.find(open)).await?
    }
}

/// Entries of a full page.
fn page() -> usize {
    usize::try_from(PAGE).unwrap_or_default()
}

/// A panic elsewhere leaves these whole: an entry is there or not.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
