//! Environment variables that the SDK does not read by itself, under the names that the AWS CLI and the
//! hashicorp/aws provider use.

use std::collections::BTreeMap;

/// The process's environment as it was when it was asked.
#[derive(Clone, Debug, Default)]
pub(in crate::aws) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process; names and values that are not Unicode are left out.
    pub(in crate::aws) fn process() -> Self {
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(unicode).collect())
    }

    /// Value of a variable; an empty one counts as absent.
    pub(in crate::aws) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Value of the first of the variables that is set.
    pub(in crate::aws) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// What follows the prefix in names, with the values.
    pub(super) fn with_prefix<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
            Some((rest, value.as_str()))
        })
    }

    #[cfg(test)]
    pub(super) fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self(
            variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        )
    }
}
