//! Where in an object a value stands.
//!
//! An element of a set has no name of its own, so a path that leads into a set ends at the set.

use std::fmt;

use super::value::Name;

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute or block of an object.
    Attribute(Name),
    /// An element of a map.
    Key(String),
    /// An element of a list.
    Index(i64),
}

/// Steps from the root of a configuration to one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    /// The object itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the object itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Steps into an attribute.
    #[must_use]
    pub fn attribute(&self, name: impl Into<Name>) -> Self {
        self.then(Step::Attribute(name.into()))
    }

    /// Steps into an element of a map.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.then(Step::Key(key.into()))
    }

    /// Steps into an element of a list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// The same place seen from one level further out, where `outer` leads to what was the root.
    #[must_use]
    pub fn within(mut self, outer: Step) -> Self {
        self.0.insert(0, outer);
        self
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl From<&str> for Path {
    fn from(attribute: &str) -> Self {
        Self::root().attribute(attribute.to_owned())
    }
}

/// A place on the way through a value, kept on the stack: thousands of values are read for each one of
/// which something has to be said.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a>(Option<(&'a Place<'a>, Taken<'a>)>);

/// The last step to a place.
#[derive(Clone, Copy, Debug)]
enum Taken<'a> {
    Attribute(&'a str),
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The object itself.
    pub const ROOT: Place<'static> = Place(None);

    /// Steps into an attribute.
    #[must_use]
    pub fn attribute(&'a self, name: &'a str) -> Self {
        Self(Some((self, Taken::Attribute(name))))
    }

    /// Steps into an element of a map.
    #[must_use]
    pub fn key(&'a self, key: &'a str) -> Self {
        Self(Some((self, Taken::Key(key))))
    }

    /// Steps into an element of a list.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self(Some((self, Taken::Index(index))))
    }

    /// Whether this is the object itself.
    pub fn is_root(&self) -> bool {
        self.0.is_none()
    }

    /// The steps to the place.
    pub fn path(&self) -> Path {
        let Some((outer, step)) = self.0 else {
            return Path::root();
        };
        match step {
            Taken::Attribute(name) => outer.path().attribute(name.to_owned()),
            Taken::Key(key) => outer.path().key(key),
            Taken::Index(index) => outer.path().index(index),
        }
    }
}

impl From<&Place<'_>> for Path {
    fn from(place: &Place<'_>) -> Self {
        place.path()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_in_a_configuration() {
        let path = Path::from("rooms")
            .key("north \"wing\"")
            .index(2)
            .attribute("floor");
        assert_eq!(path.to_string(), r#"rooms["north \"wing\""][2].floor"#);
        assert_eq!(Path::root().to_string(), "");
        assert!(Path::root().is_root() && !path.is_root());
    }

    #[test]
    fn a_path_is_seen_from_further_out() {
        let inner = Path::from("floor").within(Step::Index(2));
        assert_eq!(
            inner.within(Step::Attribute("rooms".into())).to_string(),
            "rooms[2].floor"
        );
    }

    #[test]
    fn a_path_is_its_steps() {
        let path = Path::from("a").index(1);
        assert_eq!(Path::from(path.steps().to_vec()), path);
    }
}
