//! How a call is made: at AWS's pace, again after a conflict, page by page, and one write at a time.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_organizations::Error as OrganizationsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::super::error::{Call, Failure};
use super::super::pace::{Membership, Pace};
use super::super::retry::{Conflicts, Wire, deliver};
use super::super::snapshot::{Epoch, Snapshot, Write};
use super::super::types::AccountId;
use super::model::{Handshake, Organization};
use crate::framework::Cx;

/// What all sessions of the process have in common.
#[derive(Debug, Default)]
pub(in crate::aws) struct Shared {
    pace: Arc<Pace>,
    epochs: Epochs,
    queues: Mutex<HashMap<Option<AccountId>, Arc<tokio::sync::Mutex<()>>>>,
}

/// Writes counted by what they change.
#[derive(Debug, Default)]
pub(super) struct Epochs {
    /// Handshakes sent, answered or cancelled.
    pub(super) handshakes: Epoch,
    /// Accounts that joined or left an organization.
    pub(super) membership: Epoch,
    /// Billing transfers agreed, named or ended.
    pub(super) transfers: Epoch,
}

impl Shared {
    pub(in crate::aws) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.pace)
    }

    pub(super) fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// Counts a write that another service makes to what is known of members.
    pub(in crate::aws) fn changes_members(&self) -> Write {
        self.epochs.membership.write()
    }

    /// The queue of writes to the organization that the account manages.
    fn queue(&self, management_account: Option<AccountId>) -> Arc<tokio::sync::Mutex<()>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(management_account).or_default())
    }
}

/// Which organization a call has to do with: whose rate it uses, and whose writes it waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Organizational<'a> {
    /// None, or that of the management account that calls: the account's own rate is the narrower.
    No,
    /// The one that the session's account belongs to.
    Own,
    /// The one that has sent the handshake.
    Of(&'a Handshake),
    /// The one that the account leaves.
    Left(&'a Organization),
}

/// One page of a list, and the token of the next.
#[derive(Debug)]
pub(super) struct Page<T>(pub(super) Vec<T>, pub(super) Option<String>);

/// Calls in the name of one account.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    account: Option<AccountId>,
    organization: Arc<Snapshot<Option<Organization>>>,
    shared: Arc<Shared>,
}

impl Caller {
    pub(super) fn new(
        account: Option<AccountId>,
        organization: Arc<Snapshot<Option<Organization>>>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            account,
            organization,
            shared,
        }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Makes a call that changes nothing, which may be dropped at any time.
    pub(super) async fn read<T, E, F>(
        &self,
        call: &Call,
        organizational: Organizational<'_>,
        send: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        OrganizationsError: From<E>,
    {
        let mut conflicts = Conflicts::new();
        loop {
            self.turn(call, organizational).await;
            let failure = match send().await {
                Ok(answer) => return Ok(answer),
                Err(error) => Failure::of_organizations(call, error),
            };
            match conflicts.wait(&failure) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(failure),
            }
        }
    }

    /// Reads a list to its end.
    pub(super) async fn pages<T, E, F>(
        &self,
        call: &Call,
        organizational: Organizational<'_>,
        send: impl Fn(Option<String>) -> F,
    ) -> Result<Vec<T>, Failure>
    where
        F: Future<Output = Result<Page<T>, SdkError<E, HttpResponse>>>,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        OrganizationsError: From<E>,
    {
        let mut all = Vec::new();
        let take = |items| {
            all.extend(items);
            Ok(())
        };
        self.each_page(call, organizational, send, take, || ready(()))
            .await?;
        Ok(all)
    }

    /// Takes a list page by page to its end, each when it is wanted. A page may be empty and yet not the
    /// last.
    pub(super) async fn each_page<T, E, F, W>(
        &self,
        call: &Call,
        organizational: Organizational<'_>,
        send: impl Fn(Option<String>) -> F,
        mut take: impl FnMut(Vec<T>) -> Result<(), Failure>,
        wanted: impl Fn() -> W,
    ) -> Result<(), Failure>
    where
        F: Future<Output = Result<Page<T>, SdkError<E, HttpResponse>>>,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        OrganizationsError: From<E>,
        W: Future<Output = ()>,
    {
        let mut token = None;
        loop {
            let Page(items, next) = self
                .read(call, organizational, || send(token.clone()))
                .await?;
            take(items)?;
            token = next.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(());
            }
            wanted().await;
        }
    }

    /// Makes a call that changes something, after all others that change the same organization.
    ///
    /// What the write touches ends with it, and comes back with the answer to be patched.
    pub(super) async fn write<T, E, F, W>(
        &self,
        cx: &Cx,
        call: &Call,
        organizational: Organizational<'_>,
        touched: W,
        send: impl Fn(Wire) -> F,
    ) -> Result<(T, W), Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'static,
        T: Send + 'static,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        OrganizationsError: From<E>,
        W: Send + 'static,
    {
        let queue = self.shared.queue(match organizational {
            Organizational::No | Organizational::Own => self.account.clone(),
            Organizational::Of(handshake) => Some(handshake.management_account_id.clone()),
            Organizational::Left(organization) => Some(organization.management_account_id.clone()),
        });
        let first = cx.unless_interrupted(queue.lock_owned()).await?;
        let mut guard = (first, touched);
        let mut conflicts = Conflicts::new();
        loop {
            cx.unless_interrupted(self.turn(call, organizational))
                .await?;
            let wire = Wire::new();
            let (answer, returned) = deliver(cx, guard, wire.clone(), send(wire)).await?;
            let failure = match answer {
                Ok(answer) => return Ok((answer, returned.1)),
                Err(error) => Failure::of_organizations(call, error),
            };
            match conflicts.wait(&failure) {
                Some(wait) => cx.sleep(wait).await?,
                None => return Err(failure),
            }
            guard = returned;
        }
    }

    async fn turn(&self, call: &Call, organizational: Organizational<'_>) {
        let membership = match organizational {
            Organizational::No => Membership::None,
            Organizational::Own => self.membership(),
            Organizational::Of(handshake) => Membership::Of(handshake.organization_id.clone()),
            Organizational::Left(organization) => Membership::Of(organization.id.clone()),
        };
        self.shared
            .pace
            .turn(call.operation, self.account.as_ref(), membership)
            .await;
    }

    /// The account's organization, as far as it is known without asking.
    fn membership(&self) -> Membership {
        match self.organization.peek().as_deref() {
            None => Membership::Unknown,
            Some(None) => Membership::None,
            Some(Some(organization)) => Membership::Of(organization.id.clone()),
        }
    }
}
