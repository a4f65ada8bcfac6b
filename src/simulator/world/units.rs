//! Organizational units: where in its organization an account is.

use super::{AccountId, Membership, Organization, Refusal, Tags, World};

/// User guide, "Quotas for AWS Organizations": units in an organization, and levels below the root.
const MOST_UNITS: usize = 2_000;
const DEEPEST: usize = 5;

/// An organizational unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// `ou-`, the root's characters, and eight more.
    pub id: String,
    /// Unique in its parent.
    pub name: String,
    /// The unit it is in; in the root if there is none.
    pub parent: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Organization {
    /// The units in a unit, or in the root.
    pub fn units_in<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a Unit> {
        self.units
            .values()
            .filter(move |unit| unit.parent.as_deref() == parent)
    }

    /// A root or unit by its ID: `Some(None)` is the root.
    pub fn parent(&self, id: &str) -> Option<Option<&Unit>> {
        if id == self.root() {
            return Some(None);
        }
        self.units.get(id).map(Some)
    }

    /// The ID of the root or of the unit.
    pub fn parent_id(&self, unit: Option<&str>) -> String {
        unit.map_or_else(|| self.root(), str::to_owned)
    }

    /// The way from the organization to a unit, or to the root: `o-…/r-…/ou-…/` (API reference, `Account`, `Paths`).
    pub fn path(&self, unit: Option<&str>) -> String {
        let mut way = Vec::new();
        let mut at = unit;
        while let Some(unit) = at.and_then(|id| self.units.get(id)) {
            way.push(unit.id.as_str());
            at = unit.parent.as_deref();
        }
        let units: String = way.iter().rev().flat_map(|id| [*id, "/"]).collect();
        format!("{}/{}/{units}", self.id, self.root())
    }

    fn depth(&self, unit: Option<&str>) -> usize {
        let parent = unit.and_then(|id| self.units.get(id));
        parent.map_or(0, |unit| 1 + self.depth(unit.parent.as_deref()))
    }
}

impl World {
    /// The members in a unit, or in the root, after the given one.
    pub fn members_in<'a>(
        &'a self,
        organization: &'a Organization,
        unit: Option<&'a str>,
    ) -> impl Iterator<Item = &'a AccountId> {
        organization.members.iter().filter(move |id| {
            self.place(id)
                .is_some_and(|membership| membership.unit.as_deref() == unit)
        })
    }

    fn place(&self, id: &AccountId) -> Option<&Membership> {
        self.accounts.get(id)?.membership.as_ref()
    }

    /// Makes a unit (API reference, `CreateOrganizationalUnit`).
    pub fn create_unit(
        &mut self,
        caller: &AccountId,
        parent: &str,
        name: &str,
        tags: Tags,
    ) -> Result<Unit, Refusal> {
        let organization = self.managed_by(caller)?;
        let parent = organization
            .parent(parent)
            .ok_or_else(Refusal::parent_not_found)?
            .map(|unit| unit.id.clone());
        check_name(organization, parent.as_deref(), name)?;
        Self::check_tag_policy(organization, &tags)?;
        if organization.units.len() >= MOST_UNITS {
            return Err(Refusal::constraint(
                "OU_NUMBER_LIMIT_EXCEEDED",
                "The organization has as many units as it may have.",
            ));
        }
        if organization.depth(parent.as_deref()) >= DEEPEST {
            return Err(Refusal::constraint(
                "OU_DEPTH_LIMIT_EXCEEDED",
                "The units would be too many levels deep.",
            ));
        }
        let id = self.ids.unit(&self.managed_by(caller)?.root());
        let unit = Unit {
            id: id.clone(),
            name: name.to_owned(),
            parent,
            tags,
        };
        let units = &mut self.managed_by_mut(caller)?.units;
        units.insert(id, unit.clone());
        Ok(unit)
    }

    /// Arranges the ID of a unit that nothing is in yet.
    pub fn arrange_unit_id(
        &mut self,
        management: &AccountId,
        unit: &str,
        id: &str,
    ) -> Result<String, Refusal> {
        let units = &mut self.managed_by_mut(management)?.units;
        let unit = units.remove(unit).ok_or_else(unit_not_found)?;
        let unit = Unit {
            id: id.to_owned(),
            ..unit
        };
        units.insert(id.to_owned(), unit);
        Ok(id.to_owned())
    }

    /// Names a unit anew (API reference, `UpdateOrganizationalUnit`).
    pub fn rename_unit(
        &mut self,
        caller: &AccountId,
        id: &str,
        name: Option<&str>,
    ) -> Result<Unit, Refusal> {
        let organization = self.managed_by(caller)?;
        let unit = organization.units.get(id).ok_or_else(unit_not_found)?;
        if let Some(name) = name.filter(|name| *name != unit.name) {
            check_name(organization, unit.parent.as_deref(), name)?;
        }
        let organization = self.managed_by_mut(caller)?;
        let unit = organization.units.get_mut(id).ok_or_else(unit_not_found)?;
        if let Some(name) = name {
            name.clone_into(&mut unit.name);
        }
        Ok(unit.clone())
    }

    /// Takes an empty unit away (API reference, `DeleteOrganizationalUnit`).
    pub fn delete_unit(&mut self, caller: &AccountId, id: &str) -> Result<(), Refusal> {
        let organization = self.managed_by(caller)?;
        if !organization.units.contains_key(id) {
            return Err(unit_not_found());
        }
        if organization.units_in(Some(id)).next().is_some()
            || self.members_in(organization, Some(id)).next().is_some()
        {
            return Err(Refusal::new(
                "OrganizationalUnitNotEmptyException",
                "The unit has accounts or units in it.",
            ));
        }
        let organization = self.managed_by_mut(caller)?;
        organization.units.remove(id);
        for policy in organization.policies.values_mut() {
            policy.targets.remove(id);
        }
        Ok(())
    }

    /// Moves an account from where it is (API reference, `MoveAccount`).
    pub fn move_account(
        &mut self,
        caller: &AccountId,
        id: &str,
        source: &str,
        destination: &str,
    ) -> Result<(), Refusal> {
        let organization = self.managed_by(caller)?;
        let account = self.member(organization, id)?;
        let missing = |code, message: &str| Refusal::new(code, message);
        let source = organization.parent(source).ok_or_else(|| {
            missing(
                "SourceParentNotFoundException",
                "There is no source root or unit with that ID.",
            )
        })?;
        let destination = organization
            .parent(destination)
            .ok_or_else(|| {
                missing(
                    "DestinationParentNotFoundException",
                    "There is no destination root or unit with that ID.",
                )
            })?
            .map(|unit| unit.id.clone());
        let present = account
            .membership
            .as_ref()
            .and_then(|membership| membership.unit.clone());
        if present == destination {
            return Err(missing(
                "DuplicateAccountException",
                "The account is in the destination already.",
            ));
        }
        // AWS does not document its answer for an account that is elsewhere in the organization.
        if present.as_deref() != source.map(|unit| unit.id.as_str()) {
            return Err(missing(
                "SourceParentNotFoundException",
                "The account is not in the source.",
            ));
        }
        let id = account.id.clone();
        if let Some(membership) = self
            .accounts
            .get_mut(&id)
            .and_then(|account| account.membership.as_mut())
        {
            membership.unit = destination;
        }
        Ok(())
    }
}

fn check_name(
    organization: &Organization,
    parent: Option<&str>,
    name: &str,
) -> Result<(), Refusal> {
    if organization.units_in(parent).any(|unit| unit.name == name) {
        return Err(Refusal::new(
            "DuplicateOrganizationalUnitException",
            "The parent has a unit with that name already.",
        ));
    }
    Ok(())
}

pub(super) fn unit_not_found() -> Refusal {
    Refusal::new(
        "OrganizationalUnitNotFoundException",
        "The organization has no unit with that ID.",
    )
}
