//! From the SDK's shapes to the words of [`model`](super::model).
//!
//! Every member of an answer is optional in the SDK. What AWS always gives is required here, and its
//! absence is a fault of the endpoint that answered.

use aws_sdk_organizations::types as sdk;
use aws_smithy_types::DateTime;
use time::OffsetDateTime;

use super::super::error::Failure;
use super::super::types::{
    AccountId, AccountState, FeatureSet, HandshakeArn, HandshakeId, HandshakeState, JoinedMethod,
    OrganizationId, ParentId, TransferStatus,
};
use super::model::{Account, DelegatedAdministrator, Handshake, Organization, Transfer};
use crate::framework::DomainText;

/// Reads a member that AWS always gives.
fn required<T: DomainText>(member: &str, value: Option<&str>) -> Result<T, Failure> {
    let Some(value) = value else {
        return Err(Failure::bug(format!(
            "The answer of AWS Organizations has no {member}."
        )));
    };
    T::parse(value).map_err(|fault| {
        Failure::bug(format!(
            "The answer of AWS Organizations has an unexpected {member}: {fault}"
        ))
    })
}

fn time(value: Option<&DateTime>) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(value?.as_nanos()).ok()
}

pub(super) fn organization(answer: &sdk::Organization) -> Result<Organization, Failure> {
    Ok(Organization {
        id: required("organization ID", answer.id())?,
        arn: answer.arn().unwrap_or_default().to_owned(),
        management_account_id: required("management account ID", answer.master_account_id())?,
        management_account_email: answer.master_account_email().map(str::to_owned),
        feature_set: FeatureSet::from(
            answer
                .feature_set()
                .map_or("", sdk::OrganizationFeatureSet::as_str),
        ),
    })
}

pub(super) fn account(answer: &sdk::Account) -> Result<Account, Failure> {
    Ok(Account {
        id: required("account ID", answer.id())?,
        arn: answer.arn().unwrap_or_default().to_owned(),
        name: answer.name().unwrap_or_default().to_owned(),
        email: answer.email().unwrap_or_default().to_owned(),
        state: AccountState::from(answer.state().map_or("", sdk::AccountState::as_str)),
        joined_method: JoinedMethod::from(
            answer
                .joined_method()
                .map_or("", sdk::AccountJoinedMethod::as_str),
        ),
        joined_at: time(answer.joined_timestamp()),
        parent_id: answer.paths().first().and_then(|path| parent(path)),
    })
}

/// The last but one of `o-…/r-…/ou-…/111122223333/`.
fn parent(path: &str) -> Option<ParentId> {
    let mut parts = path.trim_end_matches('/').rsplit('/');
    ParentId::parse(parts.nth(1)?).ok()
}

pub(super) fn administrator(
    answer: &sdk::DelegatedAdministrator,
) -> Result<DelegatedAdministrator, Failure> {
    Ok(DelegatedAdministrator {
        account_id: required("account ID", answer.id())?,
        name: answer.name().unwrap_or_default().to_owned(),
    })
}

pub(super) fn transfer(answer: &sdk::ResponsibilityTransfer) -> Result<Transfer, Failure> {
    let status = answer
        .status()
        .map_or("", sdk::ResponsibilityTransferStatus::as_str);
    let handshake = answer.active_handshake_id();
    Ok(Transfer {
        id: required("transfer ID", answer.id())?,
        arn: answer.arn().unwrap_or_default().to_owned(),
        name: answer.name().unwrap_or_default().to_owned(),
        status: TransferStatus::from(status),
        source: answer.source().map(Into::into).unwrap_or_default(),
        target: answer.target().map(Into::into).unwrap_or_default(),
        starts_at: time(answer.start_timestamp()),
        ends_at: time(answer.end_timestamp()),
        handshake_id: handshake.and_then(|id| HandshakeId::parse(id).ok()),
    })
}

pub(super) fn handshake(answer: &sdk::Handshake) -> Result<Handshake, Failure> {
    let arn: HandshakeArn = required("handshake ARN", answer.arn())?;
    let id: HandshakeId = required("handshake ID", answer.id())?;
    let organization_id: OrganizationId = arn.organization_id.clone();
    let party = |kind: &str| {
        let of_kind = |party: &&sdk::HandshakeParty| party.r#type().as_str() == kind;
        answer
            .parties()
            .iter()
            .find(of_kind)
            .map(sdk::HandshakeParty::id)
    };
    let resource = |kinds: &[&str]| find(answer.resources(), kinds).map(str::to_owned);
    Ok(Handshake {
        state: HandshakeState::from(answer.state().map_or("", sdk::HandshakeState::as_str)),
        requested_at: time(answer.requested_timestamp()),
        expires_at: time(answer.expiration_timestamp()),
        organization_id,
        management_account_id: arn.sender_account_id.clone(),
        management_account_email: resource(&["MANAGEMENT_EMAIL", "MASTER_EMAIL"]),
        management_account_name: resource(&["MANAGEMENT_NAME", "MASTER_NAME"]),
        account_id: party("ACCOUNT").and_then(|id| AccountId::parse(id).ok()),
        email: party("EMAIL").map(str::to_owned),
        notes: resource(&["NOTES"]),
        id,
        arn,
    })
}

/// Value of the first resource of one of the kinds; resources hold resources.
fn find<'a>(resources: &'a [sdk::HandshakeResource], kinds: &[&str]) -> Option<&'a str> {
    resources.iter().find_map(|resource| {
        let kind = resource.r#type().map(sdk::HandshakeResourceType::as_str);
        let here = resource
            .value()
            .filter(|_| kind.is_some_and(|kind| kinds.contains(&kind)));
        here.or_else(|| find(resource.resources(), kinds))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn resource(
        kind: sdk::HandshakeResourceType,
        value: &str,
    ) -> sdk::builders::HandshakeResourceBuilder {
        sdk::HandshakeResource::builder().r#type(kind).value(value)
    }

    #[test]
    fn a_handshake_tells_its_sender_by_its_arn_and_its_recipient_by_its_parties() {
        use sdk::HandshakeResourceType as Kind;
        let party = |kind, id: &str| {
            sdk::HandshakeParty::builder()
                .r#type(kind)
                .id(id)
                .build()
                .unwrap()
        };
        let sender = resource(Kind::Organization, "o-exampleorgid")
            .resources(resource(Kind::MasterEmail, "bill@example.com").build())
            .resources(resource(Kind::MasterName, "Payer").build());
        let answer = sdk::Handshake::builder()
            .id("h-examplehandshake")
            .arn("arn:aws:organizations::999988887777:handshake/o-exampleorgid/invite/h-examplehandshake")
            .state(sdk::HandshakeState::Open)
            .requested_timestamp(DateTime::from_secs(1_700_000_000))
            .parties(party(sdk::HandshakePartyType::Organization, "exampleorgid"))
            .parties(party(sdk::HandshakePartyType::Account, "111122223333"))
            .resources(sender.build())
            .resources(resource(Kind::Account, "111122223333").build())
            .resources(resource(Kind::Notes, "Welcome").build())
            .build();
        let handshake = handshake(&answer).unwrap();
        assert_eq!(handshake.organization_id.as_str(), "o-exampleorgid");
        assert_eq!(handshake.management_account_id.as_str(), "999988887777");
        assert_eq!(
            handshake.management_account_email.as_deref(),
            Some("bill@example.com")
        );
        assert_eq!(handshake.management_account_name.as_deref(), Some("Payer"));
        assert_eq!(
            handshake.account_id.as_ref().map(AccountId::as_str),
            Some("111122223333")
        );
        assert_eq!(
            (handshake.email, handshake.notes.as_deref()),
            (None, Some("Welcome"))
        );
        assert_eq!(
            handshake.requested_at.map(OffsetDateTime::unix_timestamp),
            Some(1_700_000_000)
        );
        assert!(handshake.state.is_pending());
    }

    #[test]
    fn an_account_is_in_the_last_unit_of_its_path() {
        let parent = |path| parent(path).unwrap().to_string();
        assert_eq!(parent("o-exampleorgid/r-ab12/111122223333/"), "r-ab12");
        assert_eq!(
            parent("o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/111122223333/"),
            "ou-ab12-22222222"
        );
        assert_eq!(super::parent("111122223333/"), None);
    }

    #[test]
    fn an_answer_without_its_id_is_a_fault() {
        let fault = account(&sdk::Account::builder().name("Nameless").build()).unwrap_err();
        assert!(fault.to_string().contains("has no account ID"), "{fault}");
    }
}
