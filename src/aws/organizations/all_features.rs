//! From consolidated billing to all features: AWS asks every invited member, and the management account
//! finishes when all have agreed.
//!
//! Source: AWS Organizations API reference, `EnableAllFeatures` and `Handshake`.

use aws_sdk_organizations::types::{ActionType, HandshakeFilter};

use super::super::error::{Call, Failure};
use super::caller::{Organizational, Page};
use super::model::{Handshake, Migration};
use super::{Organizations, PAGE, answer, done_before};
use crate::framework::Cx;

impl Organizations {
    /// How far enabling all features has come, asked anew with every call.
    pub async fn migration(&self, cx: &Cx) -> Result<Migration, Failure> {
        let asked = self.handshakes_of(cx, ActionType::EnableAllFeatures);
        let asked = asked.await?;
        let approvals = self.handshakes_of(cx, ActionType::ApproveAllFeatures);
        let approval = approvals.await?.into_iter().find(Handshake::is_pending);
        Ok(Migration { asked, approval })
    }

    /// Asks the members to agree to all features. Where they were asked before, or all features are
    /// enabled, that is a success.
    pub async fn enable_all_features(&self, cx: &Cx) -> Result<(), Failure> {
        let call = Call::new("EnableAllFeatures", "enable all features");
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::No, touched, |wire| {
                let enable = self.0.client.enable_all_features();
                enable.customize().interceptor(wire).send()
            });
        let done = |failure: &Failure| {
            matches!(
                failure.reason(),
                Some(
                    "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"
                        | "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"
                )
            )
        };
        match write.await.map(drop) {
            Err(failure) if done(&failure) => Ok(()),
            outcome => outcome,
        }
    }

    /// Finishes when all members have agreed.
    pub async fn approve_all_features(&self, cx: &Cx, approval: &Handshake) -> Result<(), Failure> {
        let call = Call::new("AcceptHandshake", "finish enabling all features");
        let touched = self.0.caller.shared().epochs().membership.write();
        let write = self
            .0
            .caller
            .write(cx, &call, Organizational::Of(approval), touched, |wire| {
                let accept = self.0.client.accept_handshake();
                let accept = accept.handshake_id(approval.id.as_str());
                accept.customize().interceptor(wire).send()
            });
        done_before(write.await.map(drop), "HandshakeAlreadyInStateException").map(drop)
    }

    /// Handshakes of one kind that the organization has sent.
    async fn handshakes_of(&self, cx: &Cx, action: ActionType) -> Result<Vec<Handshake>, Failure> {
        let client = &self.0.client;
        let call = Call::new(
            "ListHandshakesForOrganization",
            "see who has agreed to all features",
        );
        let filter = HandshakeFilter::builder().action_type(action).build();
        let pages = self.0.caller.pages(&call, Organizational::Own, |token| {
            let list = client.list_handshakes_for_organization();
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
}
