//! A whole world in one JSON document. Sowing it again changes nothing that is there already.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::world::{
    AccountId, AccountSpec, BucketSpec, FeatureSet, JoinedMethod, Organization, OrganizationId,
    OrganizationSpec, PolicyType, Refusal, ReportSpec, RoleSpec, Switches, Tags, World,
};

/// A world to begin with.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// When it begins; [`crate::world::EPOCH`] if there is nothing.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub clock: Option<OffsetDateTime>,
    /// Accounts; each needs an ID here.
    #[serde(default)]
    pub accounts: Vec<AccountSpec>,
    /// Organizations of these accounts.
    #[serde(default)]
    pub organizations: Vec<SeedOrganization>,
    /// Billing transfers that were agreed.
    #[serde(default)]
    pub transfers: Vec<SeedTransfer>,
    /// Roles in these accounts.
    #[serde(default)]
    pub roles: Vec<RoleSpec>,
    /// Buckets of these accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<BucketSpec>,
    /// Cost and usage reports into these buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<ReportSpec>,
    /// See [`World::trust_web_identity_issuer`].
    #[serde(default)]
    pub web_identity_issuers: Vec<String>,
    /// What AWS may do either way; as it is if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switches: Option<Switches>,
}

/// An organization with its members.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedOrganization {
    /// `o-` and ten or more characters.
    pub id: OrganizationId,
    /// The account that pays and rules.
    pub management: AccountId,
    /// `ALL` if there is none.
    #[serde(default)]
    pub feature_set: FeatureSet,
    /// Enough for the members and ten more if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_limit: Option<usize>,
    /// See [`crate::world::Organization::required_tag_keys`].
    #[serde(default)]
    pub required_tag_keys: BTreeSet<String>,
    /// See [`crate::world::Organization::inbound_transfer_quota`].
    #[serde(default)]
    pub inbound_transfer_quota: usize,
    /// Services with trusted access, besides those that members administer.
    #[serde(default)]
    pub service_access: BTreeSet<String>,
    /// Its units, each after the one it is in.
    #[serde(default)]
    pub units: Vec<SeedUnit>,
    /// Its policies.
    #[serde(default)]
    pub policies: Vec<SeedPolicy>,
    /// The accounts that the management account does not stand alone with.
    #[serde(default)]
    pub members: Vec<SeedMember>,
}

/// A unit of an organization. Names are unique in a seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUnit {
    /// Its name.
    pub name: String,
    /// The name of the unit that it is in; in the root if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Its ID; the world chooses if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A policy of an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPolicy {
    /// Its name.
    pub name: String,
    /// What it governs: a service control policy unless something else is said.
    #[serde(default, rename = "type")]
    pub kind: PolicyType,
    /// `root`, names of units, and account IDs.
    pub targets: Vec<String>,
}

/// A member of an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedMember {
    /// The account.
    pub id: AccountId,
    /// How many days ago it joined.
    #[serde(default = "a_year")]
    pub joined_days_ago: u32,
    /// How; `INVITED` if nothing is said.
    #[serde(default = "invited")]
    pub method: JoinedMethod,
    /// The name of the unit that it is in; in the root if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Service principals that it is delegated administrator for.
    #[serde(default)]
    pub administers: Vec<String>,
}

/// A billing transfer between two organizations of the seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedTransfer {
    /// The management account whose bill it is.
    pub source: AccountId,
    /// The management account that pays.
    pub target: AccountId,
    /// The name of the transfer.
    pub name: String,
    /// In which month it began; any moment of that month.
    #[serde(with = "time::serde::rfc3339")]
    pub start: OffsetDateTime,
}

fn a_year() -> u32 {
    365
}

fn invited() -> JoinedMethod {
    JoinedMethod::Invited
}

/// Everything that is wrong with a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedError(Vec<String>);

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the seed cannot be used:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for SeedError {}

impl Seed {
    /// The document of [`Seed::usual`], to begin one's own with.
    pub const USUAL: &str = include_str!("seed.json");

    /// Two organizations and several accounts: a partner's, a customer's, and accounts on their own.
    pub fn usual() -> Result<Self, SeedError> {
        Self::parse(Self::USUAL)
    }

    /// Reads a document; everything that is wrong is told at once.
    pub fn parse(document: &str) -> Result<Self, SeedError> {
        let seed: Self =
            serde_json::from_str(document).map_err(|error| SeedError(vec![error.to_string()]))?;
        let faults = seed.faults();
        if faults.is_empty() {
            Ok(seed)
        } else {
            Err(SeedError(faults))
        }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut known = BTreeSet::new();
        let mut unique = Unique::default();
        for (at, account) in self.accounts.iter().enumerate() {
            let place = format!("accounts[{at}]");
            match &account.id {
                None => faults.push(format!("{place}.id: an account needs an ID here.")),
                Some(id) if !AccountId::is_valid(id.as_str()) => {
                    faults.push(format!("{place}.id: \"{id}\" must have 12 digits."));
                }
                Some(id) => {
                    known.insert(id);
                    unique.check(&mut faults, format!("{place}.id"), id.as_str());
                }
            }
            if let Some(email) = &account.email {
                unique.check(&mut faults, format!("{place}.email"), &email.to_lowercase());
            }
            if let Some(profile) = &account.profile {
                unique.check(&mut faults, format!("{place}.profile"), profile);
            }
            if account.is_default {
                unique.check(&mut faults, format!("{place}.default"), "true");
            }
        }
        let mut placed = Unique::default();
        for (at, organization) in self.organizations.iter().enumerate() {
            let place = format!("organizations[{at}]");
            if !is_organization_id(organization.id.as_str()) {
                faults.push(format!(
                    "{place}.id: \"{}\" must be \"o-\" and 10 to 32 lowercase letters or digits.",
                    organization.id
                ));
            }
            unique.check(&mut faults, format!("{place}.id"), organization.id.as_str());
            let members = organization.members.iter().enumerate();
            let members =
                members.map(|(at, member)| (format!("{place}.members[{at}].id"), &member.id));
            for (place, id) in
                members.chain([(format!("{place}.management"), &organization.management)])
            {
                if !known.contains(id) {
                    faults.push(format!(
                        "{place}: there is no account \"{id}\" among the accounts."
                    ));
                }
                placed.check(&mut faults, place, id.as_str());
            }
        }
        let roles = self.roles.iter().map(|role| &role.account);
        let buckets = self.buckets.iter().map(|bucket| &bucket.account);
        let reports = self.reports.iter().map(|report| &report.account);
        let owned = (roles
            .enumerate()
            .map(|(at, account)| ("roles", at, account)))
        .chain(
            buckets
                .enumerate()
                .map(|(at, account)| ("buckets", at, account)),
        )
        .chain(
            reports
                .enumerate()
                .map(|(at, account)| ("reports", at, account)),
        );
        for (kind, at, account) in owned {
            if !known.contains(account) {
                faults.push(format!(
                    "{kind}[{at}].account: there is no account \"{account}\" among the accounts."
                ));
            }
        }
        faults
    }

    /// Brings about what is not there yet.
    pub(crate) fn sow(&self, world: &mut World) -> Result<(), Refusal> {
        if let Some(clock) = self.clock
            && (world.accounts().next().is_none() || clock > world.now())
        {
            world.set_time(clock)?;
        }
        if let Some(switches) = &self.switches {
            world.switches = switches.clone();
        }
        for account in &self.accounts {
            if account
                .id
                .as_ref()
                .is_none_or(|id| world.account(id.as_str()).is_none())
            {
                let id = world.open_account(account.clone())?;
                world.keys(&id);
            }
        }
        for organization in &self.organizations {
            if world.organization(organization.id.as_str()).is_none() {
                organization.sow(world)?;
            }
        }
        for transfer in &self.transfers {
            transfer.sow(world)?;
        }
        for role in &self.roles {
            if world.role(&role.account, &role.name).is_none() {
                world.arrange_role(role)?;
            }
        }
        for bucket in &self.buckets {
            if world.bucket(&bucket.name).is_none() {
                world.arrange_bucket(bucket)?;
            }
        }
        for report in &self.reports {
            world.arrange_report(report)?;
        }
        for issuer in &self.web_identity_issuers {
            world.trust_web_identity_issuer(issuer);
        }
        Ok(())
    }
}

impl SeedTransfer {
    fn sow(&self, world: &mut World) -> Result<(), Refusal> {
        let known = world
            .transfers()
            .any(|transfer| transfer.target == self.target && transfer.name == self.name);
        if !known {
            world.arrange_transfer(&self.source, &self.target, &self.name, self.start)?;
        }
        Ok(())
    }
}

impl SeedOrganization {
    fn sow(&self, world: &mut World) -> Result<(), Refusal> {
        let spec = OrganizationSpec {
            id: Some(self.id.clone()),
            feature_set: self.feature_set,
            account_limit: self.account_limit,
            required_tag_keys: self.required_tag_keys.clone(),
        };
        world.arrange_organization(&self.management, spec)?;
        if let Some(organization) = world.organization_mut(self.id.as_str()) {
            organization.inbound_transfer_quota = self.inbound_transfer_quota;
        }
        for service in &self.service_access {
            world.enable_service_access(&self.management, service)?;
        }
        let mut units = BTreeMap::new();
        for unit in &self.units {
            let parent = self.place(world, &units, unit.within.as_deref().unwrap_or("root"));
            let made = world.create_unit(&self.management, &parent, &unit.name, Tags::new())?;
            let id = match &unit.id {
                Some(id) => world.arrange_unit_id(&self.management, &made.id, id)?,
                None => made.id,
            };
            units.insert(unit.name.as_str(), id);
        }
        for member in &self.members {
            let joined_at = world.now() - Duration::days(i64::from(member.joined_days_ago));
            world.arrange_membership(&member.id, &self.id, member.method, joined_at)?;
            if let Some(unit) = &member.unit {
                let root = self.place(world, &units, "root");
                let unit = self.place(world, &units, unit);
                world.move_account(&self.management, member.id.as_str(), &root, &unit)?;
            }
            for service in &member.administers {
                world.enable_service_access(&self.management, service)?;
                world.register_delegated_administrator(
                    &self.management,
                    member.id.as_str(),
                    service,
                )?;
            }
        }
        for policy in &self.policies {
            let targets = policy.targets.iter();
            let targets = targets
                .map(|target| self.place(world, &units, target))
                .collect();
            world.arrange_policy(&self.management, policy.kind, &policy.name, targets)?;
        }
        if let (Some(limit), Some(organization)) =
            (self.account_limit, world.organization_mut(self.id.as_str()))
        {
            organization.account_limit = limit;
        }
        Ok(())
    }
}

impl SeedOrganization {
    /// The ID of what a seed names: the root, a unit, or an account.
    fn place(&self, world: &World, units: &BTreeMap<&str, String>, name: &str) -> String {
        let root = world
            .organization(self.id.as_str())
            .filter(|_| name == "root")
            .map(Organization::root);
        root.or_else(|| units.get(name).cloned())
            .unwrap_or_else(|| name.to_owned())
    }
}

/// Finds values that stand in two places of one kind.
#[derive(Default)]
struct Unique(BTreeMap<(String, String), String>);

impl Unique {
    fn check(&mut self, faults: &mut Vec<String>, place: String, value: &str) {
        let kind = place
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .replace("management", "id");
        let kind = if place.starts_with("accounts") {
            format!("account {kind}")
        } else {
            format!("organization {kind}")
        };
        if let Some(first) = self.0.get(&(kind.clone(), value.to_owned())) {
            faults.push(format!("{place}: \"{value}\" stands at {first} already."));
        } else {
            self.0.insert((kind, value.to_owned()), place);
        }
    }
}

fn is_organization_id(id: &str) -> bool {
    id.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len())
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_usual_seed_is_sound_and_sown_once() {
        let (seed, mut world) = (Seed::usual().unwrap(), World::default());
        seed.sow(&mut world).unwrap();
        let once = format!("{world:?}");
        seed.sow(&mut world).unwrap();
        assert_eq!(format!("{world:?}"), once);
        assert_eq!(world.organizations().count(), 2);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let error = Seed::parse(
            r#"{"accounts": [{"name": "A", "id": "1"}, {"name": "B", "id": "111122223333"}, {"name": "C", "id": "111122223333"}],
                "organizations": [{"id": "o-short", "management": "444455556666", "members": [{"id": "111122223333"}]}]}"#,
        )
        .unwrap_err();
        assert_eq!(
            error
                .to_string()
                .lines()
                .skip(1)
                .map(str::trim)
                .collect::<Vec<_>>(),
            [
                "accounts[0].id: \"1\" must have 12 digits.",
                "accounts[2].id: \"111122223333\" stands at accounts[1].id already.",
                "organizations[0].id: \"o-short\" must be \"o-\" and 10 to 32 lowercase letters or digits.",
                "organizations[0].management: there is no account \"444455556666\" among the accounts.",
            ]
        );
    }

    #[test]
    fn an_account_is_in_one_organization_only() {
        let error = Seed::parse(
            r#"{"accounts": [{"name": "A", "id": "111122223333"}, {"name": "B", "id": "444455556666"}],
                "organizations": [{"id": "o-aaaaaaaaaa", "management": "111122223333", "members": [{"id": "444455556666"}]},
                                  {"id": "o-bbbbbbbbbb", "management": "444455556666"}]}"#,
        )
        .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("organizations[1].management: \"444455556666\" stands at"),
            "{error}"
        );
    }

    #[test]
    fn a_report_has_its_history_from_the_beginning() {
        let document = r#"{"accounts": [{"name": "A", "id": "111122223333"}],
            "buckets": [{"account": "111122223333", "name": "bills", "region": "eu-west-1", "takes_reports": true}],
            "reports": [{"account": "111122223333", "history_months": 2,
                         "definition": {"name": "daily", "time_unit": "DAILY", "bucket": "bills", "region": "eu-west-1"}}]}"#;
        let (seed, mut world) = (Seed::parse(document).unwrap(), World::default());
        seed.sow(&mut world).unwrap();
        let account = AccountId::from("111122223333");
        let delivered = world.report(&account, "daily").unwrap().last_delivery;
        assert_eq!(delivered, Some(world.now()));
        let once = format!("{world:?}");
        seed.sow(&mut world).unwrap();
        assert_eq!(format!("{world:?}"), once);
        let nobodys = document.replace(
            r#""account": "111122223333""#,
            r#""account": "444455556666""#,
        );
        let error = Seed::parse(&nobodys).unwrap_err().to_string();
        assert!(
            error.contains("buckets[0].account") && error.contains("reports[0].account"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_member_is_refused() {
        let error = Seed::parse(r#"{"acounts": []}"#).unwrap_err();
        assert!(
            error.to_string().contains("unknown field `acounts`"),
            "{error}"
        );
    }
}
