//! What a page says that the schema cannot.

/// Group in the sidebar, and the permissions that the calls need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Group in the sidebar of the documentation.
    pub subcategory: &'static str,
    /// Permissions in the order in which they are needed.
    pub permissions: &'static [Permission],
}

/// One permission that the caller's credentials need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The action, as a policy names it.
    pub action: &'static str,
    /// When it is needed, as the rest of "Needed …": `always`, `to invite`, `when tags are set`.
    pub needed: &'static str,
}

impl Permission {
    /// The action and when it is needed.
    pub const fn new(action: &'static str, needed: &'static str) -> Self {
        Self { action, needed }
    }
}
