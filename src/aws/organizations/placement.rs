//! Where in its organization an account is.

use super::super::error::{Call, Failure};
use super::super::types::{AccountId, ParentId};
use super::caller::{Organizational, Page};
use super::model::Account;
use super::{Organizations, PAGE, done_before};
use crate::framework::{Cx, DomainText};

impl Organizations {
    /// The root or organizational unit that the account is in. The list of accounts tells it of all of them;
    /// where AWS leaves it out there, this asks for the one account.
    pub async fn parent_of(&self, cx: &Cx, account: &Account) -> Result<ParentId, Failure> {
        match &account.parent_id {
            Some(parent) => Ok(parent.clone()),
            None => self.asked_parent_of(cx, account.id.as_str()).await,
        }
    }

    /// The root and the organizational units above an account, the root first.
    pub async fn lineage_of(&self, cx: &Cx, id: &AccountId) -> Result<Vec<ParentId>, Failure> {
        let call = Call::new("DescribeAccount", format!("find out where account {id} is"));
        let send = || {
            self.0
                .client
                .describe_account()
                .account_id(id.as_str())
                .send()
        };
        let answer = cx
            .unless_interrupted(self.0.caller.read(&call, Organizational::Own, send))
            .await??;
        let account = answer.account();
        if let Some(path) = account.and_then(|account| account.paths().first()) {
            let above = path.split('/').filter_map(|id| ParentId::parse(id).ok());
            return Ok(above.collect());
        }
        let mut lineage = vec![self.asked_parent_of(cx, id.as_str()).await?];
        while let Some(unit) = lineage.last().filter(|it| it.as_str().starts_with("ou-")) {
            lineage.push(self.asked_parent_of(cx, unit.as_str()).await?);
        }
        lineage.reverse();
        Ok(lineage)
    }

    async fn asked_parent_of(&self, cx: &Cx, id: &str) -> Result<ParentId, Failure> {
        let client = &self.0.client;
        let call = Call::new("ListParents", format!("find out where {id} is"));
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let list = client.list_parents().child_id(id);
            let send = list.max_results(PAGE).set_next_token(token).send();
            async {
                send.await
                    .map(|page| Page(page.parents.unwrap_or_default(), page.next_token))
            }
        });
        let parents = cx.unless_interrupted(Box::pin(pages)).await??;
        let parent = parents.into_iter().find_map(|parent| parent.id);
        let parent = parent.ok_or_else(|| Failure::bug("AWS names no parent of the account."))?;
        ParentId::parse(&parent).map_err(Failure::bug)
    }

    /// Moves an account to another root or organizational unit. One that is there already is a success.
    ///
    /// Where somebody else has moved the account since it was listed, AWS is asked once where it is now.
    pub async fn move_account(
        &self,
        cx: &Cx,
        account: &Account,
        destination: &ParentId,
    ) -> Result<(), Failure> {
        let listed = self.parent_of(cx, account).await?;
        let moved = self.move_from(cx, &account.id, &listed, destination).await;
        match moved {
            Err(failure) if failure.is("SourceParentNotFoundException") => {
                let present = self.asked_parent_of(cx, account.id.as_str()).await?;
                if present == listed {
                    return Err(failure);
                }
                self.move_from(cx, &account.id, &present, destination).await
            }
            outcome => outcome,
        }
    }

    async fn move_from(
        &self,
        cx: &Cx,
        id: &AccountId,
        source: &ParentId,
        destination: &ParentId,
    ) -> Result<(), Failure> {
        if source == destination {
            return Ok(());
        }
        let call = Call::new("MoveAccount", format!("move account {id} to {destination}"));
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                let to = self.0.client.move_account().account_id(id.as_str());
                let to = to.source_parent_id(source.as_str());
                let to = to.destination_parent_id(destination.as_str());
                to.customize().interceptor(wire).send()
            });
        match write.await {
            Ok((_, write)) => {
                let ended = self
                    .0
                    .members
                    .patch(write, |known| known.place(id, destination));
                // Who belongs to the organization, and what works in it, stays.
                self.0.organization.patch_too(ended, |_| {});
                self.0.administrators.patch_too(ended, |_| {});
                self.0.service_access.patch_too(ended, |_| {});
                Ok(())
            }
            failed => done_before(failed.map(drop), "DuplicateAccountException").map(drop),
        }
    }
}
