//! What guards an account's users.

/// What passwords must be like (IAM API reference, `PasswordPolicy`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct PasswordPolicy {
    /// 6 to 128 characters.
    pub minimum_length: u16,
    /// A symbol is required.
    pub require_symbols: bool,
    /// A digit is required.
    pub require_numbers: bool,
    /// An uppercase letter is required.
    pub require_uppercase: bool,
    /// A lowercase letter is required.
    pub require_lowercase: bool,
    /// Users may change their own.
    pub users_may_change: bool,
    /// After so many days a password expires, if at all.
    pub max_age_days: Option<u16>,
    /// How many former passwords are refused, if any.
    pub reuse_prevention: Option<u16>,
    /// Whether an expired password can be changed by an administrator only.
    pub hard_expiry: bool,
}
