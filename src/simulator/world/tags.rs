//! Tags of accounts, of an organization's root and units, of its inbound billing transfers.

use super::{AccountId, Organization, Refusal, Tags, TransferId, World};

/// User guide, "Tagging Organizations resources": at most fifty tags.
const MOST_TAGS: usize = 50;

/// What can be tagged here.
enum Target {
    Account(AccountId),
    Root,
    Unit(String),
    Transfer(TransferId),
}

impl World {
    /// The tags of an account or root of the caller's organization (API reference, `ListTagsForResource`).
    pub fn tags(&self, caller: &AccountId, resource: &str) -> Result<&Tags, Refusal> {
        let organization = self.administered_by(caller)?;
        match self.target(organization, resource)? {
            Target::Account(id) => self.membership(&id).map(|(_, membership)| &membership.tags),
            Target::Root => Ok(&organization.root_tags),
            Target::Unit(id) => Ok(&organization.units[&id].tags),
            Target::Transfer(id) => Ok(&self.transfers[&id].tags),
        }
    }

    /// Adds or changes tags (API reference, `TagResource`).
    pub fn tag(&mut self, caller: &AccountId, resource: &str, tags: Tags) -> Result<(), Refusal> {
        let mut all = self.tags(caller, resource)?.clone();
        all.extend(tags);
        if all.len() > MOST_TAGS {
            return Err(Refusal::constraint(
                "MAX_TAG_LIMIT_EXCEEDED",
                "A resource can have at most 50 tags.",
            ));
        }
        let organization = self.administered_by(caller)?;
        Self::check_tag_policy(organization, &all)?;
        self.replace_tags(caller, resource, all)
    }

    /// Takes tags away (API reference, `UntagResource`).
    pub fn untag(
        &mut self,
        caller: &AccountId,
        resource: &str,
        keys: &[String],
    ) -> Result<(), Refusal> {
        let mut all = self.tags(caller, resource)?.clone();
        all.retain(|key, _| !keys.contains(key));
        self.replace_tags(caller, resource, all)
    }

    fn replace_tags(
        &mut self,
        caller: &AccountId,
        resource: &str,
        tags: Tags,
    ) -> Result<(), Refusal> {
        let organization = self.administered_by(caller)?;
        let id = organization.id.clone();
        let slot = match self.target(organization, resource)? {
            Target::Account(account) => self
                .accounts
                .get_mut(&account)
                .and_then(|account| account.membership.as_mut())
                .map(|membership| &mut membership.tags),
            Target::Root => self
                .organizations
                .get_mut(&id)
                .map(|organization| &mut organization.root_tags),
            Target::Unit(unit) => self
                .organizations
                .get_mut(&id)
                .and_then(|organization| organization.units.get_mut(&unit))
                .map(|unit| &mut unit.tags),
            Target::Transfer(id) => self
                .transfers
                .get_mut(&id)
                .map(|transfer| &mut transfer.tags),
        };
        if let Some(slot) = slot {
            *slot = tags;
        }
        Ok(())
    }

    /// Tags are checked when the request is made (API reference, `InviteAccountToOrganization`, `Tags`).
    pub(super) fn check_tag_policy(
        organization: &Organization,
        tags: &Tags,
    ) -> Result<(), Refusal> {
        match organization
            .required_tag_keys
            .iter()
            .find(|key| !tags.contains_key(*key))
        {
            Some(missing) => Err(Refusal::constraint(
                "TAG_POLICY_VIOLATION",
                format!("The organization's tag policy asks for the tag \"{missing}\"."),
            )),
            None => Ok(()),
        }
    }

    /// The API reference of `TagResource` does not name transfers, but its invitation takes tags for them; the side that
    /// gave them can look after them here.
    fn target(&self, organization: &Organization, resource: &str) -> Result<Target, Refusal> {
        if let Some(id) = organization.members.get(resource) {
            return Ok(Target::Account(id.clone()));
        }
        if organization.root() == resource {
            return Ok(Target::Root);
        }
        if organization.units.contains_key(resource) {
            return Ok(Target::Unit(resource.to_owned()));
        }
        if let Some(transfer) = self.transfers.get(resource)
            && transfer.target_organization == organization.id
        {
            return Ok(Target::Transfer(transfer.id.clone()));
        }
        Err(Refusal::new(
            "TargetNotFoundException",
            "The organization has nothing with that ID that has tags.",
        ))
    }
}
