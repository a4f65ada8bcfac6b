//! From consolidated billing to all features.

use aws_sdk_organizations::types::{
    ActionType, Handshake, HandshakeFilter, HandshakeState, OrganizationFeatureSet,
};
use aws_simulator::world::FeatureSet;
use aws_simulator::{Account, Organization, OrganizationSpec};

use crate::clients::{code, reason};
use crate::stage::{Stage, account};

struct Migration {
    stage: Stage,
    members: Vec<Account>,
    organization: Organization,
}

impl Migration {
    /// The customer has an organization for billing only, with so many invited members and a created one.
    async fn of(invited: usize) -> Self {
        let stage = Stage::new().await;
        let spec = OrganizationSpec {
            feature_set: FeatureSet::ConsolidatedBilling,
            ..OrganizationSpec::default()
        };
        let simulator = &stage.simulator;
        let organization = simulator.create_organization_with(&stage.customer, spec);
        let members = (0..invited)
            .map(|n| simulator.create_member(&organization, format!("Invited {n}").as_str()))
            .collect();
        simulator.create_created_member(&organization, "Created", 100);
        Self {
            stage,
            members,
            organization,
        }
    }

    async fn begin(&self) -> Handshake {
        let begin = self.stage.as_customer().enable_all_features();
        begin.send().await.unwrap().handshake.unwrap()
    }

    async fn received(&self, by: &Account, action: ActionType) -> Vec<Handshake> {
        let filter = HandshakeFilter::builder().action_type(action).build();
        let list = self.stage.as_(by).list_handshakes_for_account();
        let page = list.filter(filter).send().await.unwrap();
        page.handshakes.unwrap()
    }

    async fn agree(&self, member: &Account) {
        let asked = self.received(member, ActionType::EnableAllFeatures).await;
        let id = asked[0].id().unwrap();
        self.stage.accept(member, id).await.unwrap();
    }

    fn features(&self) -> FeatureSet {
        self.stage.simulator.world(|world| {
            let id = self.organization.id.as_str();
            world.organization(id).unwrap().feature_set
        })
    }
}

#[tokio::test]
async fn every_invited_member_agrees_and_the_management_account_finishes() {
    let migration = Migration::of(2).await;
    let process = migration.begin().await;
    assert_eq!(process.action, Some(ActionType::EnableAllFeatures));
    assert_eq!(process.state, Some(HandshakeState::Requested));
    assert_eq!(process.parties().len(), 1);
    let life = process.expiration_timestamp().unwrap().secs()
        - process.requested_timestamp().unwrap().secs();
    assert_eq!(life, 90 * 86_400);
    let id = process.id().unwrap();
    let parts = migration
        .stage
        .as_customer()
        .list_handshakes_for_organization()
        .filter(HandshakeFilter::builder().parent_handshake_id(id).build());
    assert_eq!(parts.send().await.unwrap().handshakes().len(), 2);

    let customer = &migration.stage.customer;
    migration.agree(&migration.members[0]).await;
    let early = migration.stage.accept(customer, id).await;
    assert_eq!(code(early), "InvalidHandshakeTransitionException");
    let approve = ActionType::ApproveAllFeatures;
    assert!(
        migration
            .received(customer, approve.clone())
            .await
            .is_empty()
    );

    migration.agree(&migration.members[1]).await;
    let approval = &migration.received(customer, approve).await[0];
    assert_eq!(migration.features(), FeatureSet::ConsolidatedBilling);
    let last = migration.stage.accept(customer, approval.id().unwrap());
    last.await.unwrap();
    assert_eq!(migration.features(), FeatureSet::All);
    let describe = migration.stage.as_customer().describe_organization();
    let organization = describe.send().await.unwrap().organization.unwrap();
    assert_eq!(organization.feature_set, Some(OrganizationFeatureSet::All));
    let process = migration.stage.as_customer().describe_handshake();
    let process = process.handshake_id(id).send().await.unwrap();
    assert_eq!(
        process.handshake.unwrap().state,
        Some(HandshakeState::Accepted)
    );
}

#[tokio::test]
async fn the_first_handshake_finishes_too() {
    let migration = Migration::of(1).await;
    let process = migration.begin().await;
    migration.agree(&migration.members[0]).await;
    let describe = migration.stage.as_customer().describe_handshake();
    let now = describe
        .handshake_id(process.id().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(now.handshake.unwrap().state, Some(HandshakeState::Open));
    let customer = &migration.stage.customer;
    let finish = migration.stage.accept(customer, process.id().unwrap());
    finish.await.unwrap();
    assert_eq!(migration.features(), FeatureSet::All);
}

#[tokio::test]
async fn a_member_that_declines_holds_it_up_until_it_leaves() {
    let migration = Migration::of(1).await;
    let process = migration.begin().await;
    let member = &migration.members[0];
    let asked = migration
        .received(member, ActionType::EnableAllFeatures)
        .await;
    let decline = migration.stage.as_(member).decline_handshake();
    decline
        .handshake_id(asked[0].id().unwrap())
        .send()
        .await
        .unwrap();
    let finish = || {
        migration
            .stage
            .accept(&migration.stage.customer, process.id().unwrap())
    };
    assert_eq!(code(finish().await), "InvalidHandshakeTransitionException");
    let leave = migration.stage.as_(member).leave_organization();
    leave.send().await.unwrap();
    finish().await.unwrap();
    assert_eq!(migration.features(), FeatureSet::All);
}

#[tokio::test]
async fn nobody_is_invited_meanwhile() {
    let migration = Migration::of(1).await;
    migration.begin().await;
    let newcomer = migration.stage.simulator.create_account("Newcomer");
    let invite = || {
        let invite = migration.stage.as_customer();
        let invite = invite.invite_account_to_organization();
        invite.target(account(&newcomer)).send()
    };
    assert_eq!(
        reason(invite().await),
        "HandshakeConstraintViolationException/INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES"
    );
    let again = migration.stage.as_customer().enable_all_features();
    assert_eq!(
        reason(again.send().await),
        "HandshakeConstraintViolationException/ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION"
    );
    migration.stage.simulator.pass_days(90);
    invite().await.unwrap();
    migration.begin().await;
    let all = migration.stage.as_partner().enable_all_features();
    assert_eq!(
        reason(all.send().await),
        "HandshakeConstraintViolationException/ORGANIZATION_ALREADY_HAS_ALL_FEATURES"
    );
}

#[tokio::test]
async fn it_is_not_for_very_large_organizations() {
    let migration = Migration::of(0).await;
    for n in 0..5_000 {
        let name = format!("Member {n}");
        let organization = &migration.organization;
        migration
            .stage
            .simulator
            .create_member(organization, name.as_str());
    }
    let begin = migration.stage.as_customer().enable_all_features();
    assert_eq!(
        reason(begin.send().await),
        "ConstraintViolationException/ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED"
    );
}
