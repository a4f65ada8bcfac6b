//! Identifiers. New ones come from a counter and a hash, so that the same steps give the same world every time.

use std::borrow::Borrow;
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The identifier as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    };
}

identifier! {
    /// Twelve digits.
    AccountId
}
identifier! {
    /// `o-` and ten or more lowercase letters and digits.
    OrganizationId
}
identifier! {
    /// `h-` and eight or more lowercase letters and digits.
    HandshakeId
}

identifier! {
    /// `rt-` and eight or more lowercase letters and digits.
    TransferId
}

impl AccountId {
    /// Whether the text has the form that the service model asks for (`^\d{12}$`).
    pub fn is_valid(text: &str) -> bool {
        text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

const LOWERCASE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const UPPERCASE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS: &[u8] = b"0123456789";
const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Where new identifiers come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    counter: u64,
}

impl Ids {
    fn next(&mut self, kind: &str) -> String {
        self.counter += 1;
        format!("{kind}/{}", self.counter)
    }

    /// Twelve digits that never begin with a zero.
    pub(crate) fn account(&mut self) -> AccountId {
        let subject = self.next("account");
        let rest = spell(&subject, DIGITS, 11);
        AccountId(format!("{}{rest}", 1 + rest.as_bytes()[0] % 9))
    }

    pub(crate) fn organization(&mut self) -> OrganizationId {
        let subject = self.next("organization");
        OrganizationId(format!("o-{}", spell(&subject, LOWERCASE, 10)))
    }

    pub(crate) fn handshake(&mut self) -> HandshakeId {
        let subject = self.next("handshake");
        HandshakeId(format!("h-{}", spell(&subject, LOWERCASE, 10)))
    }

    pub(crate) fn transfer(&mut self) -> TransferId {
        let subject = self.next("responsibility transfer");
        TransferId(format!("rt-{}", spell(&subject, LOWERCASE, 10)))
    }

    /// A unit's ID repeats the characters of its root.
    pub(crate) fn unit(&mut self, root: &str) -> String {
        let subject = self.next("organizational unit");
        let root = root.trim_start_matches("r-");
        format!("ou-{root}-{}", spell(&subject, LOWERCASE, 8))
    }

    pub(crate) fn create_account_request(&mut self) -> String {
        let subject = self.next("create account request");
        format!("car-{}", spell(&subject, LOWERCASE, 32))
    }

    pub(crate) fn object_version(&mut self) -> String {
        let subject = self.next("object version");
        spell(&subject, LOWERCASE, 32)
    }

    /// What tells one session from the next.
    pub(crate) fn session(&mut self) -> String {
        self.next("session")
    }
}

/// The root of an organization: it follows from the organization, as there is exactly one.
pub(crate) fn root(organization: &OrganizationId) -> String {
    format!("r-{}", spell(&format!("root/{organization}"), LOWERCASE, 4))
}

/// A policy, by its name in its organization.
pub(crate) fn policy(organization: &OrganizationId, name: &str) -> String {
    format!(
        "p-{}",
        spell(&format!("policy/{organization}/{name}"), LOWERCASE, 10)
    )
}

/// The unique ID of an IAM principal, such as `AROA…` for a role.
pub(crate) fn principal(prefix: &str, arn: &str) -> String {
    format!(
        "{prefix}{}",
        spell(&format!("principal/{arn}"), UPPERCASE, 17)
    )
}

/// An access key ID with AWS's prefix: `AKIA` for lasting keys, `ASIA` for those of a session.
pub(crate) fn access_key(prefix: &str, subject: &str) -> String {
    format!(
        "{prefix}{}",
        spell(&format!("access key/{subject}"), UPPERCASE, 16)
    )
}

/// An account's canonical user ID, by which S3 names owners.
pub(crate) fn canonical_user(account: &AccountId) -> String {
    spell(
        &format!("canonical user/{account}"),
        b"0123456789abcdef",
        64,
    )
}

pub(crate) fn secret(subject: &str) -> String {
    spell(&format!("secret/{subject}"), MIXED, 40)
}

/// Six characters that AWS sends to an address (Account Management API reference, `Otp`).
pub(crate) fn one_time_password(subject: &str) -> String {
    spell(&format!("one-time password/{subject}"), LOWERCASE, 6)
}

pub(crate) fn session_token(subject: &str) -> String {
    spell(&format!("session token/{subject}"), MIXED, 160)
}

/// A request ID in the form of a UUID.
pub(crate) fn request(number: u64) -> String {
    uuid(&format!("request/{number}"))
}

/// A UUID that follows from the subject alone.
pub(crate) fn uuid(subject: &str) -> String {
    let hex = spell(subject, b"0123456789abcdef", 32);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// A number that follows from `subject` alone.
pub(crate) fn number(subject: &str) -> u64 {
    let hash = digest(&SHA256, subject.as_bytes());
    hash.as_ref()
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// `length` characters of `alphabet` that follow from `subject` alone.
fn spell(subject: &str, alphabet: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut block = 0_u32;
    while text.len() < length {
        let hash = digest(&SHA256, format!("{subject}#{block}").as_bytes());
        let wanted = length - text.len();
        text.extend(
            hash.as_ref()
                .iter()
                .take(wanted)
                .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])),
        );
        block += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_steps_give_the_same_identifiers() {
        let (mut one, mut other) = (Ids::default(), Ids::default());
        assert_eq!(one.account(), other.account());
        assert_eq!(one.handshake(), other.handshake());
        assert_ne!(
            one.handshake(),
            other.organization().as_str().replace("o-", "h-").as_str()
        );
    }

    #[test]
    fn identifiers_have_the_form_of_the_service_model() {
        let mut ids = Ids::default();
        for _ in 0..1_000 {
            assert!(AccountId::is_valid(ids.account().as_str()));
        }
        assert_eq!(ids.organization().as_str().len(), 12);
        assert_eq!(ids.create_account_request().len(), 36);
        assert_eq!(secret("x").len(), 40);
        assert_eq!(request(1).len(), 36);
    }
}
