//! `tags` and `tags_all`: what the user writes for one resource, and that together with the provider's
//! `default_tags`.

use crate::aws::types::{Tags as AwsTags, tag_faults};
use crate::framework::attribute::invalid;
use crate::framework::schema::{Kind, Mode};
use crate::framework::{Diagnostics, Field, Place, Value};

/// Tags as the user wrote them; none written and an empty map differ, as the plan must keep either.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tags(Option<AwsTags>);

impl Tags {
    /// The tags to show for what AWS has.
    ///
    /// A tag that only the provider's defaults ask for is theirs and not the resource's, as long as AWS
    /// has it as they say. Tags of which neither knows are drift and become visible here.
    #[must_use]
    pub fn observed(&self, at_aws: &AwsTags, defaults: &AwsTags) -> Self {
        let own = |key: &str, value: &str| {
            let written = self.0.as_ref().is_some_and(|tags| tags.contains_key(key));
            written || defaults.get(key).is_none_or(|default| default != value)
        };
        let mut observed = at_aws.clone();
        observed.retain(|key, value| own(key, value));
        Self(Some(observed).filter(|tags| self.0.is_some() || !tags.is_empty()))
    }
}

/// Keys to take away and tags to write, to come from one set of tags to another.
pub fn changed_tags(before: &AwsTags, wanted: &AwsTags) -> (Vec<String>, AwsTags) {
    let gone = before.keys().filter(|key| !wanted.contains_key(*key));
    let mut new = wanted.clone();
    new.retain(|key, value| before.get(key) != Some(value));
    (gone.cloned().collect(), new)
}

impl Field for Tags {
    const MODE: Mode = Mode::Optional;

    fn kind() -> Kind {
        AwsTags::kind()
    }

    fn read(value: &Value, at: &Place<'_>, problems: &mut Diagnostics) -> Option<Self> {
        Option::<AwsTags>::read(value, at, problems).map(Self)
    }

    fn write(&self) -> Value {
        self.0.write()
    }

    fn check(config: &Value, at: &Place<'_>, problems: &mut Diagnostics) {
        let tags = Option::<AwsTags>::read(config, at, problems).flatten();
        let faults = tags.iter().flat_map(tag_faults);
        problems.extend(faults.map(|fault| invalid(fault, at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> AwsTags {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_default_tag_is_not_shown_as_the_resources_own() {
        let defaults = tags(&[("team", "billing")]);
        let at_aws = tags(&[("team", "billing"), ("customer", "example")]);
        let written = Tags(Some(tags(&[("customer", "example")])));
        assert_eq!(written.observed(&at_aws, &defaults), written);
        assert_eq!(
            Tags(None).observed(&tags(&[("team", "billing")]), &defaults),
            Tags(None)
        );
    }

    #[test]
    fn a_default_tag_that_was_changed_at_aws_is_drift() {
        let defaults = tags(&[("team", "billing")]);
        let at_aws = tags(&[("team", "sales")]);
        let observed = Tags(None).observed(&at_aws, &defaults);
        assert_eq!(observed, Tags(Some(tags(&[("team", "sales")]))));
    }

    #[test]
    fn an_empty_map_stays_an_empty_map() {
        let written = Tags(Some(AwsTags::new()));
        assert_eq!(written.observed(&AwsTags::new(), &AwsTags::new()), written);
    }
}
