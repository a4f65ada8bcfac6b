//! How one object of a fleet is made of the fleet's attributes and its own entry, and taken apart again.
//!
//! An attribute of the object comes from its key, or from its entry; where the entry has none or says
//! nothing, the fleet's attribute of the same name holds for all objects.
//!
//! What the user writes of an object and what came of it are two maps of the fleet: Terraform compares the
//! types of all elements of a map that a configuration writes with each other, attribute by attribute, so
//! every attribute there costs time that grows with the square of the number of objects. In here an entry
//! is both together; [`Shape::joined`] and [`Shape::split`] stand at the door.

use std::collections::BTreeMap;

use super::Fleet;
use crate::framework::apply::settle;
use crate::framework::model::Model;
use crate::framework::plan::merged_tags;
use crate::framework::provider::Client;
use crate::framework::resource::Resource;
use crate::framework::schema::{Attribute, Block, Level, Role, named_by_role};
use crate::framework::value::{Name, Value};

/// Attribute of a fleet that says what came of each object.
pub(super) const RESULTS: &str = "results";

/// Attribute of an entry that says why there is no object; null where there is one.
const PROBLEM: &str = "problem";

/// Attributes of a fleet, of its entries and of one object.
pub(super) struct Shape {
    /// Attribute of the fleet that holds the entries.
    pub(super) attribute: &'static str,
    named_by: fn(&str) -> &'static str,
    fleet: Block,
    one: Block,
}

impl Shape {
    pub(super) fn of<F: Fleet>() -> Self {
        Self {
            attribute: F::OBJECTS,
            named_by: F::named_by,
            fleet: F::Model::block(),
            one: <F::One as Resource>::Model::block(),
        }
    }

    /// A state with what is written and what came of it in one entry for each object.
    pub(super) fn joined(&self, fleet: &Value) -> Value {
        let mut entries = BTreeMap::new();
        for (key, written) in self.entries(fleet) {
            let result = part(fleet.get(RESULTS), key);
            entries.insert(key.clone(), self.entry_of(written, result));
        }
        match fleet {
            Value::Map(_) => self.holding(self.alone(fleet), entries),
            none => none.clone(),
        }
    }

    /// A plan with what is written and what is foretold in one entry for each object: an object that stays
    /// as it is keeps what came of it, and of one that changes only what is stable is known.
    pub(super) fn foretold<C: Client>(&self, prior: &Value, planned: &Value, client: &C) -> Value {
        let tags = named_by_role(self.within(self.attribute), Role::Tags);
        let tags = tags.zip(named_by_role(self.within(RESULTS), Role::TagsAll));
        let mut entries = BTreeMap::new();
        for (key, written) in self.entries(planned) {
            let before = prior.get(self.attribute).get(key);
            let mut entry = self.entry_of(written, before);
            if let Some((tags, all)) = tags {
                entry = with(entry, all, merged_tags(written.get(tags), Some(client)));
            }
            if entry != *before {
                entry = self.changed(&entry, |attribute, value| {
                    if decided(attribute) && (!attribute.stable || before.is_null()) {
                        *value = Value::UNKNOWN;
                    }
                });
            }
            entries.insert(key.clone(), entry);
        }
        self.holding(self.alone(planned), entries)
    }

    /// The fleet without its entries, of which copies would fill the memory.
    pub(super) fn alone(&self, fleet: &Value) -> Value {
        let Value::Map(values) = fleet else {
            return fleet.clone();
        };
        let of_all = |name: &&Name| name.as_str() != self.attribute && name.as_str() != RESULTS;
        let names = values.keys().filter(of_all);
        Value::map(names.map(|name| (name.clone(), fleet.get(name).clone())))
    }

    /// The fleet as Terraform knows it.
    pub(super) fn split(&self, mut fleet: Value) -> Value {
        let Value::Map(values) = &mut fleet else {
            return fleet;
        };
        let Some(Value::Map(entries)) = values.get_mut(self.attribute) else {
            return fleet;
        };
        let mut results = BTreeMap::new();
        for (key, entry) in entries {
            let result = match entry {
                Value::Map(own) => {
                    Value::Map(own.extract_if(.., |name, _| self.is_result(name)).collect())
                }
                unknown => unknown.clone(),
            };
            results.insert(key.clone(), result);
        }
        values.insert(RESULTS.into(), Value::Map(results));
        fleet
    }

    fn entry_of(&self, written: &Value, result: &Value) -> Value {
        let mut entry = written.clone();
        if let Value::Map(values) = &mut entry {
            for attribute in self.within(RESULTS) {
                let part = part(result, &attribute.name).clone();
                values.insert(attribute.name.clone().into(), part);
            }
        }
        entry
    }

    /// Entries of a configuration, plan or state by their keys; none of a fleet that does not exist.
    pub(super) fn entries<'a>(
        &self,
        fleet: &'a Value,
    ) -> impl Iterator<Item = (&'a Name, &'a Value)> {
        let entries: Option<&BTreeMap<_, _>> = match fleet.get(self.attribute) {
            Value::Map(entries) => Some(entries),
            _ => None,
        };
        entries.into_iter().flatten()
    }

    /// Keys of all entries.
    pub(super) fn keys(&self, fleet: &Value) -> impl Iterator<Item = Name> {
        let keys: Vec<_> = self.entries(fleet).map(|(key, _)| key.clone()).collect();
        keys.into_iter()
    }

    /// The entry that stands for an object at the key.
    pub(super) fn existing<'a>(&self, fleet: &'a Value, key: &str) -> Option<&'a Value> {
        let entry = fleet.get(self.attribute).get(key);
        (matches!(entry, Value::Map(_)) && entry.get(PROBLEM).is_null()).then_some(entry)
    }

    /// How many objects the fleet has.
    pub(super) fn objects(&self, fleet: &Value) -> usize {
        let keys = self.entries(fleet).map(|(key, _)| key);
        keys.filter(|key| self.existing(fleet, key).is_some())
            .count()
    }

    /// The object of an entry; what neither entry nor fleet knows of it is the filler.
    pub(super) fn object(&self, fleet: &Value, key: &str, entry: &Value, filler: &Value) -> Value {
        let named_by = (self.named_by)(key);
        let value = |attribute: &Attribute| {
            let name = attribute.name.as_ref();
            match entry.get(name) {
                _ if name == named_by => Value::string(key),
                _ if matches!(attribute.role, Some(Role::Timeouts(_))) => Value::Null,
                own if !own.is_null() => own.clone(),
                _ if self.shared(name).is_some() => fleet.get(name).clone(),
                _ if self.own(name).is_some() => Value::Null,
                _ if attribute.mode.is_computed() => {
                    attribute.default.as_ref().unwrap_or(filler).clone()
                }
                _ => Value::Null,
            }
        };
        let attributes = self.one.attributes.iter();
        Value::map(attributes.map(|attribute| (attribute.name.clone(), value(attribute))))
    }

    /// The entry after its object changed from one to the other: with all that only AWS decides, and with
    /// the settings that AWS has otherwise.
    pub(super) fn entry(&self, entry: &Value, before: &Value, after: &Value) -> Value {
        self.changed(entry, |attribute, value| {
            let name = attribute.name.as_ref();
            let now = after.get(name);
            let known_of_it = self.one.attribute(name).is_some();
            if known_of_it && (decided(attribute) || now != before.get(name)) {
                *value = now.clone();
            }
        })
    }

    /// The entry of an object that is gone, and why.
    pub(super) fn gone(&self, entry: &Value, why: &str) -> Value {
        missing(&self.undecided(entry, &Value::Null), why)
    }

    /// The entry of an object that is about to be made.
    pub(super) fn open(&self, entry: &Value) -> Value {
        self.undecided(entry, &Value::UNKNOWN)
    }

    /// An entry that says nothing.
    pub(super) fn blank(&self) -> Value {
        let attributes = self.own_attributes();
        Value::map(attributes.map(|attribute| (attribute.name.clone(), Value::Null)))
    }

    /// A fleet that says nothing and holds nothing.
    pub(super) fn empty(&self) -> Value {
        let attributes = self.fleet.attributes.iter();
        let nothing = attributes.map(|attribute| (attribute.name.clone(), Value::Null));
        self.holding(Value::map(nothing), BTreeMap::new())
    }

    /// The fleet with these entries.
    pub(super) fn holding(&self, fleet: Value, entries: BTreeMap<Name, Value>) -> Value {
        with(fleet, self.attribute, Value::Map(entries))
    }

    /// Lets the fleet know what AWS decided about all its objects alike, where `takes` says that it may.
    pub(super) fn share(&self, fleet: &mut Value, object: &Value, takes: impl Fn(&Value) -> bool) {
        let Value::Map(values) = fleet else { return };
        for attribute in self.fleet.attributes.iter().filter(|a| decided(a)) {
            let known = object.get(&attribute.name);
            if let Some(value) = values.get_mut(attribute.name.as_ref())
                && takes(value)
                && !known.is_null()
                && !known.is_unknown()
            {
                *value = known.clone();
            }
        }
    }

    /// Takes for all objects the settings that one of them has.
    pub(super) fn set_alike(&self, fleet: &mut Value, object: &Value) {
        let Value::Map(values) = fleet else { return };
        for (name, value) in values {
            if self.shared(name).is_some() && value.is_null() {
                *value = object.get(name).clone();
            }
        }
    }

    /// Whether the path leads to an attribute of the fleet that no entry has.
    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.shared(name).is_some() && self.own(name).is_none()
    }

    /// Attribute of the fleet that holds for all objects.
    fn shared(&self, name: &str) -> Option<&Attribute> {
        self.fleet
            .attribute(name)
            .filter(|_| name != self.attribute && name != RESULTS)
    }

    fn own(&self, name: &str) -> Option<&Attribute> {
        let mut attributes = self.own_attributes();
        attributes.find(|attribute| attribute.name == name)
    }

    fn is_result(&self, name: &str) -> bool {
        self.within(RESULTS)
            .iter()
            .any(|result| result.name == name)
    }

    /// Attributes of an entry: those that the user writes, then those that say what came of it.
    fn own_attributes(&self) -> impl Iterator<Item = &Attribute> {
        let written = self.within(self.attribute).iter();
        written.chain(self.within(RESULTS))
    }

    fn within(&self, attribute: &str) -> &[Attribute] {
        let objects = self.fleet.attribute(attribute);
        objects
            .and_then(Level::within)
            .map_or(&[], |(_, level)| level.attributes)
    }

    fn undecided(&self, entry: &Value, value: &Value) -> Value {
        self.changed(entry, |attribute, current| {
            if decided(attribute) {
                *current = value.clone();
            }
        })
    }

    fn changed(&self, entry: &Value, mut change: impl FnMut(&Attribute, &mut Value)) -> Value {
        let mut entry = entry.clone();
        if let Value::Map(values) = &mut entry {
            for attribute in self.own_attributes() {
                if let Some(value) = values.get_mut(attribute.name.as_ref()) {
                    change(attribute, value);
                }
            }
        }
        entry
    }
}

/// The entry of an object that is there.
pub(super) fn found(entry: Value) -> Value {
    with(entry, PROBLEM, Value::Null)
}

/// The entry of an object that was not made, and why.
pub(super) fn missing(entry: &Value, why: &str) -> Value {
    let mut entry = with(entry.clone(), PROBLEM, why.into());
    settle(&mut entry);
    entry
}

/// Whether the entry's object is about to be made.
pub(super) fn is_open(entry: &Value) -> bool {
    entry.get(PROBLEM).is_unknown()
}

/// Whether only AWS knows the value: the provider's default tags are no news of AWS.
fn decided(attribute: &Attribute) -> bool {
    attribute.mode.is_computed()
        && !attribute.mode.is_configurable()
        && attribute.role != Some(Role::TagsAll)
}

/// The named part of a map or an object; a part of what is unknown is unknown, too.
fn part<'a>(whole: &'a Value, name: &str) -> &'a Value {
    match whole {
        Value::Unknown(_) => whole,
        known => known.get(name),
    }
}

/// The object with another value of an attribute.
pub(super) fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Value::Map(values) = &mut object {
        values.insert(name.to_owned().into(), value);
    }
    object
}
