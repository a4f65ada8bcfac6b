//! What AWS looks like now, for people and for programs.

use std::fmt::Write as _;
use std::ops::Bound;

use serde_json::{Value, json};

use crate::clock;
use crate::world::{
    Account, Bucket, DeliveryStatus, FeatureSet, HandshakeState, JoinedMethod, Organization,
    Recipient, World,
};

/// For people.
pub(crate) fn text(world: &World) -> String {
    let mut text = format!("Simulated time: {}\n", clock::readable(world.now()));
    for organization in world.organizations() {
        organization_text(&mut text, world, organization);
    }
    let alone: Vec<_> = world
        .accounts()
        .filter(|account| account.membership.is_none())
        .collect();
    if !alone.is_empty() {
        text.push_str("\nStandalone accounts\n");
        for account in alone {
            line(
                &mut text,
                &[account.id.as_str(), &account.name, &account.email],
            );
        }
    }
    buckets_text(&mut text, world);
    reports_text(&mut text, world);
    let open: Vec<_> = world
        .handshakes()
        .filter(|handshake| handshake.state == HandshakeState::Pending)
        .collect();
    if !open.is_empty() {
        text.push_str("\nOpen handshakes\n");
        for handshake in open {
            let recipient = recipient(&handshake.recipient);
            let until = format!("until {}", clock::date(handshake.expires_at));
            let target = format!("{} -> {recipient}", handshake.organization);
            let action = handshake.action.as_str();
            line(&mut text, &[handshake.id.as_str(), &target, action, &until]);
        }
    }
    transfers_text(&mut text, world);
    passwords_text(&mut text, world);
    text
}

fn buckets_text(text: &mut String, world: &World) {
    if world.buckets().next().is_none() {
        return;
    }
    text.push_str("\nBuckets\n");
    for bucket in world.buckets() {
        let objects = format!("{} objects", objects(bucket));
        line(
            text,
            &[
                bucket.owner.as_str(),
                &bucket.name,
                &bucket.region,
                &objects,
            ],
        );
    }
}

fn objects(bucket: &Bucket) -> usize {
    bucket.objects(Bound::Unbounded).count()
}

fn reports_text(text: &mut String, world: &World) {
    if world.reports().next().is_none() {
        return;
    }
    text.push_str("\nCost and usage reports\n");
    for report in world.reports() {
        let definition = &report.definition;
        let place = format!("s3://{}/{}", definition.bucket, definition.prefix);
        let status = match (report.last_status, report.last_delivery) {
            (None, _) => "not delivered yet".to_owned(),
            (Some(DeliveryStatus::Success), Some(at)) => {
                format!("delivered {}", clock::readable(at))
            }
            (Some(status), _) => status.as_str().to_owned(),
        };
        line(
            text,
            &[report.account.as_str(), &definition.name, &place, &status],
        );
    }
}

fn transfers_text(text: &mut String, world: &World) {
    let agreed: Vec<_> = world
        .transfers()
        .filter(|transfer| transfer.source_organization.is_some())
        .collect();
    if agreed.is_empty() {
        return;
    }
    text.push_str("\nBilling transfers\n");
    for transfer in agreed {
        let parties = format!(
            "{} pays for {}",
            transfer.target,
            recipient(&transfer.source)
        );
        let until = transfer
            .end
            .map_or(String::new(), |end| format!(" until {}", clock::date(end)));
        let life = format!("from {}{until}", clock::date(transfer.start));
        line(
            text,
            &[transfer.id.as_str(), &transfer.name, &parties, &life],
        );
    }
}

/// What AWS has sent by e-mail, which nobody could read otherwise.
fn passwords_text(text: &mut String, world: &World) {
    let sent: Vec<_> = world
        .accounts()
        .filter_map(|account| Some((account, account.email_update.as_ref()?)))
        .collect();
    if sent.is_empty() {
        return;
    }
    text.push_str("\nOne-time passwords sent to new addresses\n");
    for (account, update) in sent {
        line(
            text,
            &[
                account.id.as_str(),
                &account.name,
                &update.email,
                &update.code,
            ],
        );
    }
}

fn organization_text(text: &mut String, world: &World, organization: &Organization) {
    let features = match organization.feature_set {
        FeatureSet::All => "all features",
        FeatureSet::ConsolidatedBilling => "consolidated billing",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\nOrganization {} ({features})", organization.id);
    let mut members: Vec<_> = organization
        .members
        .iter()
        .filter_map(|id| world.account(id.as_str()))
        .collect();
    members.sort_by_key(|account| account.id != organization.management);
    for account in members {
        let place = place(organization, account);
        line(
            text,
            &[account.id.as_str(), &account.name, &account.email, &place],
        );
    }
}

fn place(organization: &Organization, account: &Account) -> String {
    if account.id == organization.management {
        return "management account".to_owned();
    }
    let Some(membership) = &account.membership else {
        return String::new();
    };
    let how = match membership.method {
        JoinedMethod::Invited => "joined",
        JoinedMethod::Created => "created",
    };
    let administers = if organization
        .delegated_administrators
        .contains_key(&account.id)
    {
        ", delegated administrator"
    } else {
        ""
    };
    format!("{how} {}{administers}", clock::date(membership.joined_at))
}

fn line(text: &mut String, columns: &[&str]) {
    let padded: Vec<String> = columns
        .iter()
        .zip([14, 24, 36, 0])
        .map(|(column, width)| format!("{column:<width$}"))
        .collect();
    let _ = writeln!(text, "  {}", padded.join("  ").trim_end());
}

/// For programs.
pub(crate) fn json(world: &World) -> Value {
    json!({
        "clock": clock::iso(world.now()),
        "organizations": world.organizations().map(|organization| json!({
            "id": organization.id,
            "management": organization.management,
            "feature_set": organization.feature_set.as_str(),
            "account_limit": organization.account_limit,
            "members": organization.members,
        })).collect::<Vec<_>>(),
        "accounts": world.accounts().map(|account| json!({
            "id": account.id,
            "name": account.name,
            "email": account.email,
            "state": account.state.as_str(),
            "email_update": account.email_update.as_ref().map(|update| json!({
                "email": update.email,
                "code": update.code,
            })),
            "organization": account.organization(),
            "joined_method": account.membership.as_ref().map(|membership| membership.method.as_str()),
            "joined": account.membership.as_ref().map(|membership| clock::iso(membership.joined_at)),
            "tags": account.membership.as_ref().map(|membership| &membership.tags),
        })).collect::<Vec<_>>(),
        "buckets": world.buckets().map(|bucket| json!({
            "name": bucket.name,
            "account": bucket.owner,
            "region": bucket.region,
            "objects": objects(bucket),
        })).collect::<Vec<_>>(),
        "reports": world.reports().map(|report| json!({
            "account": report.account,
            "definition": report.definition,
            "created": clock::iso(report.created_at),
            "last_delivery": report.last_delivery.map(clock::iso),
            "last_status": report.last_status.map(DeliveryStatus::as_str),
        })).collect::<Vec<_>>(),
        "transfers": world.transfers().map(|transfer| json!({
            "id": transfer.id,
            "name": transfer.name,
            "status": transfer.status.as_str(),
            "source": recipient(&transfer.source),
            "target": transfer.target,
            "start": clock::iso(transfer.start),
            "end": transfer.end.map(clock::iso),
        })).collect::<Vec<_>>(),
        "invitations": world.handshakes().map(|handshake| json!({
            "id": handshake.id,
            "action": handshake.action.as_str(),
            "organization": handshake.organization,
            "recipient": recipient(&handshake.recipient),
            "state": state(handshake.state),
            "expires": clock::iso(handshake.expires_at),
        })).collect::<Vec<_>>(),
    })
}

fn recipient(recipient: &Recipient) -> &str {
    match recipient {
        Recipient::Account(id) => id.as_str(),
        Recipient::Email(email) => email,
    }
}

fn state(state: HandshakeState) -> &'static str {
    match state {
        HandshakeState::Pending => "pending",
        HandshakeState::Canceled => "canceled",
        HandshakeState::Accepted => "accepted",
        HandshakeState::Declined => "declined",
        HandshakeState::Expired => "expired",
    }
}
