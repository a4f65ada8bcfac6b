//! What a Rust type means as an attribute.

/// Text with a rule of its own, parsed once: an account ID, a handshake ID, one of a few words.
///
/// The message of a failed parse is a sentence for the user that says what is expected and what was
/// given; it lives with the type and is shown at plan time with the attribute's path.
pub trait DomainText:
    Clone + PartialEq + std::fmt::Debug + std::fmt::Display + Send + Sync + Sized + 'static
{
    /// The only words allowed, where they can be listed; the page shows them.
    const VALUES: &'static [&'static str] = &[];

    /// Reads the text, or says what is wrong with it.
    fn parse(text: &str) -> Result<Self, String>;
}
