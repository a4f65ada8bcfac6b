//! How Terraform and a plugin find each other: variables in, one line on standard output out.
//!
//! Standard output belongs to the handshake. Any other byte there breaks the conversation, so nothing
//! else in the provider writes to it.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::server::Address;

/// Variable by which Terraform shows itself, and its value.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// Version of the handshake itself.
const HANDSHAKE_VERSION: u32 = 1;

/// Major version of the plugin protocol that we speak.
pub(super) const PROTOCOL_VERSION: u32 = 6;

/// What Terraform says through the environment.
#[derive(Debug)]
pub(super) struct Invitation {
    /// The only client that may connect; without it there is no TLS.
    pub(super) client: Option<CertificateDer<'static>>,
    /// Where to listen.
    pub(super) socket: SocketOptions,
    /// Whether the client wants to know if several connections can share one.
    multiplex: bool,
}

/// Where to listen.
#[derive(Debug, Default)]
pub(super) struct SocketOptions {
    /// Directory for the socket's own directory; the temporary directory where there is none.
    pub(super) directory: Option<PathBuf>,
    /// Group, by name or number, that may connect as well.
    pub(super) group: Option<String>,
    /// Ports to choose from where there are no unix sockets.
    pub(super) ports: Option<(u16, u16)>,
}

/// Why there is nobody to serve.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Started by hand.
    NotTerraform,
    /// Terraform speaks none of our versions.
    Version(String),
    /// A variable that makes no sense.
    Malformed(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTerraform => f.write_str(
                "This program is a plugin: Terraform starts it by itself, and there is nothing to \
                 do with it by hand.\nName the provider in required_providers and run terraform \
                 init, or see --help.",
            ),
            Self::Version(offered) => write!(
                f,
                "This provider speaks plugin protocol {PROTOCOL_VERSION}; the client offers \
                 {offered}. Terraform 1.0 and later speak it."
            ),
            Self::Malformed(variable) => {
                write!(
                    f,
                    "The variable {variable} of the environment makes no sense."
                )
            }
        }
    }
}

impl Invitation {
    /// Reads the environment, given as a function so that a test can have one of its own.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if variable(COOKIE.0).as_deref() != Some(COOKIE.1) {
            return Err(Refusal::NotTerraform);
        }
        if let Some(offered) = variable("PLUGIN_PROTOCOL_VERSIONS")
            && !speaks_ours(&offered)
        {
            return Err(Refusal::Version(offered));
        }
        let client = variable("PLUGIN_CLIENT_CERT")
            .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()))
            .transpose()
            .map_err(|_| Refusal::Malformed("PLUGIN_CLIENT_CERT"))?;
        let port = |name: &'static str| {
            variable(name)
                .map(|port| port.parse::<u16>().map_err(|_| Refusal::Malformed(name)))
                .transpose()
        };
        Ok(Self {
            client,
            socket: SocketOptions {
                directory: variable("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
                group: variable("PLUGIN_UNIX_SOCKET_GROUP"),
                ports: port("PLUGIN_MIN_PORT")?.zip(port("PLUGIN_MAX_PORT")?),
            },
            multiplex: variable("PLUGIN_MULTIPLEX_GRPC").is_some(),
        })
    }

    /// The one line: where we listen, and the certificate that we show.
    pub(super) fn line(&self, address: &Address, certificate: Option<&CertificateDer>) -> String {
        let certificate = certificate.map_or_else(String::new, |der| STANDARD_NO_PAD.encode(der));
        let network = address.network();
        let mut line = format!(
            "{HANDSHAKE_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}"
        );
        if self.multiplex {
            // Many connections over one is a protocol of its own that we do not speak. Terraform
            // never asks.
            line.push_str("|false");
        }
        line
    }
}

/// The list is in no order.
fn speaks_ours(offered: &str) -> bool {
    offered
        .split(',')
        .any(|version| version.trim().parse() == Ok(PROTOCOL_VERSION))
}

/// Writes one line to standard output. An error means that nobody reads it any more.
pub(super) fn announce(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Invitation, Refusal> {
        Invitation::read(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_the_cookie_nobody_is_served() {
        assert_eq!(read(&[]).unwrap_err(), Refusal::NotTerraform);
        let wrong = read(&[(COOKIE.0, "biscuit")]).unwrap_err();
        assert_eq!(wrong, Refusal::NotTerraform);
    }

    #[test]
    fn versions_come_in_any_order() {
        for offered in ["6", "5,6", "6,5", " 7 , 6 "] {
            assert!(read(&[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", offered)]).is_ok());
        }
        let old = read(&[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", "4,5,66")]).unwrap_err();
        assert_eq!(old, Refusal::Version("4,5,66".to_owned()));
    }

    #[test]
    fn a_certificate_that_is_none_is_refused_rather_than_ignored() {
        let refusal = read(&[COOKIE, ("PLUGIN_CLIENT_CERT", "nonsense")]).unwrap_err();
        assert_eq!(refusal, Refusal::Malformed("PLUGIN_CLIENT_CERT"));
    }

    #[test]
    fn the_line_has_six_fields_and_a_seventh_only_when_asked_for() {
        let address = Address::Unix("plugin.sock".into());
        let certificate = CertificateDer::from(vec![0xfb, 0xff]);
        let line = read(&[COOKIE]).unwrap().line(&address, Some(&certificate));
        assert_eq!(line, "1|6|unix|plugin.sock|grpc|+/8");

        let address = Address::Tcp(([127, 0, 0, 1], 10_001).into());
        let asked = read(&[COOKIE, ("PLUGIN_MULTIPLEX_GRPC", "true")]).unwrap();
        assert_eq!(
            asked.line(&address, None),
            "1|6|tcp|127.0.0.1:10001|grpc||false"
        );
    }
}
