//! The organization itself: founding it, and ending it.
//!
//! AWS answers a repeated request with the code for "done before", so that an answer that was lost on the
//! way is taken for the success that it was.

use std::sync::Arc;

use aws_sdk_organizations::types::OrganizationFeatureSet;

use super::super::error::{Call, Failure};
use super::super::types::FeatureSet;
use super::caller::{Organizational, Page};
use super::model::{Organization, Removal};
use super::{Organizations, PAGE, answer, done_before};
use crate::framework::Cx;

impl Organizations {
    /// Makes the session's account the management account of a new organization. The account must belong
    /// to none: whoever asks has looked before.
    pub async fn create_organization(
        &self,
        cx: &Cx,
        feature_set: &FeatureSet,
    ) -> Result<Organization, Failure> {
        let call = Call::new("CreateOrganization", "create an organization");
        let touched = self.0.caller.shared().epochs().membership.write();
        let create = self
            .0
            .client
            .create_organization()
            .feature_set(OrganizationFeatureSet::from(feature_set.as_str()));
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                create.clone().customize().interceptor(wire).send()
            });
        match write.await {
            Ok((answer, _)) => {
                let founded = answer
                    .organization()
                    .map(answer::organization)
                    .transpose()?;
                founded.ok_or_else(|| Failure::bug("AWS created an organization and showed none."))
            }
            // The answer of an earlier attempt was lost: the organization is there, and it is this one.
            Err(failure) if failure.is("AlreadyInOrganizationException") => {
                let found = self.organization(cx).await?;
                found
                    .filter(|found| Some(&found.management_account_id) == self.0.account.as_ref())
                    .ok_or(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Ends the organization that the session's account manages. One that is gone is a success.
    pub async fn delete_organization(&self, cx: &Cx) -> Result<Removal, Failure> {
        let call = Call::new("DeleteOrganization", "delete the organization");
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                let delete = self.0.client.delete_organization();
                delete.customize().interceptor(wire).send()
            });
        done_before(write.await.map(drop), "AWSOrganizationsNotInUseException")
    }

    /// ID of the organization's root, the parent of everything in it. An organization has one.
    pub async fn root(&self, cx: &Cx) -> Result<Option<String>, Failure> {
        let client = &self.0.client;
        let call = Call::new("ListRoots", "find the organization's root");
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let send = client.list_roots().max_results(PAGE);
            let send = send.set_next_token(token).send();
            async {
                send.await
                    .map(|page| Page(page.roots.unwrap_or_default(), page.next_token))
            }
        });
        let roots = cx.unless_interrupted(Box::pin(pages)).await??;
        Ok(roots.into_iter().find_map(|root| root.id))
    }

    /// Service principals that may work across the organization.
    pub async fn service_access(&self, cx: &Cx) -> Result<Arc<Vec<String>>, Failure> {
        let list = || {
            let (client, caller) = self.both();
            async move {
                let call = Call::new(
                    "ListAWSServiceAccessForOrganization",
                    "list the services that work across the organization",
                );
                let found = caller
                    .pages(&call, Organizational::Own, |token| {
                        let list = client.list_aws_service_access_for_organization();
                        let send = list.max_results(PAGE).set_next_token(token).send();
                        async {
                            let page = send.await?;
                            let services = page.enabled_service_principals.unwrap_or_default();
                            Ok(Page(services, page.next_token))
                        }
                    })
                    .await?;
                let services = found.into_iter();
                Ok(services
                    .filter_map(|service| service.service_principal)
                    .collect())
            }
        };
        cx.unless_interrupted(self.0.service_access.read(list))
            .await?
    }
}
