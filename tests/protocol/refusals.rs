//! What is refused, and that no refusal ends the process.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use awsbilling::protocol::wire::tfplugin6::provider_client::ProviderClient;
use awsbilling::protocol::wire::tfplugin6::validate_provider_config;
use tonic::Code;

use crate::client::{self, ClientIdentity, msgpack};
use crate::plugin::{COOKIE, Plugin, command};

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    let plugin = Plugin::start();
    let tls = client::tls(&plugin.certificate(), None);
    assert!(!speaks(&plugin, Some(tls)).await);
    assert!(plugin.is_well().await);
}

#[tokio::test]
async fn a_client_with_another_certificate_is_refused() {
    let plugin = Plugin::start();
    let tls = client::tls(&plugin.certificate(), Some(&ClientIdentity::new()));
    assert!(!speaks(&plugin, Some(tls)).await);
    assert!(plugin.is_well().await);
}

/// The certificate alone proves nothing: whoever shows it must hold its key.
#[tokio::test]
async fn the_right_certificate_without_its_key_is_refused() {
    let plugin = Plugin::start();
    let thief = ClientIdentity::new();
    let tls = client::stolen(&plugin.certificate(), &plugin.identity, &thief);
    assert!(!speaks(&plugin, Some(tls)).await);
    assert!(plugin.is_well().await);
}

#[tokio::test]
async fn a_client_with_the_older_tls_is_served() {
    let plugin = Plugin::start();
    let tls = client::tls12(&plugin.certificate(), &plugin.identity);
    assert!(speaks(&plugin, Some(tls)).await);
}

#[tokio::test]
async fn a_client_without_tls_is_refused() {
    let plugin = Plugin::start();
    assert!(!speaks(&plugin, None).await);
    assert!(plugin.is_well().await);
}

/// With TLS 1.3 a client learns of its refusal at the first answer, so a question is put.
async fn speaks(plugin: &Plugin, tls: Option<tokio_rustls::TlsConnector>) -> bool {
    match client::connect(&plugin.socket(), tls).await {
        Ok(channel) => client::schema(&channel).await.is_ok(),
        Err(_) => false,
    }
}

#[test]
fn without_the_right_cookie_a_person_is_told_what_this_is() {
    for cookie in [None, Some("biscuit")] {
        let mut command = command();
        command.env_remove(COOKIE.0).stdin(Stdio::null());
        if let Some(cookie) = cookie {
            command.env(COOKIE.0, cookie);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .contains("is a plugin")
        );
    }
}

#[test]
fn a_client_that_speaks_another_version_is_told_so() {
    let output = command()
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "4,5")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    assert!(String::from_utf8(output.stderr).unwrap().contains("4,5"));
}

#[tokio::test]
async fn garbage_on_the_socket_harms_nobody() {
    let plugin = Plugin::start();
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0; 4096],
        b"\x16\x03\x01\xff\xff",
        b"",
    ] {
        let mut stream = UnixStream::connect(plugin.socket()).unwrap();
        let _ = stream.write_all(garbage);
    }
    // One that never says anything does not keep another from being served.
    let _silent = UnixStream::connect(plugin.socket()).unwrap();
    assert!(plugin.is_well().await);
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused() {
    let plugin = Plugin::start();
    let mut client = ProviderClient::new(plugin.connect().await);
    let config = msgpack(vec![0xc0; (256 << 20) + 1]);
    let refused = client.validate_provider_config(validate_provider_config::Request { config });
    assert_eq!(refused.await.unwrap_err().code(), Code::OutOfRange);
    assert!(plugin.is_well().await);
}

#[tokio::test]
async fn a_malformed_value_is_a_diagnostic() {
    let plugin = Plugin::start();
    let mut client = ProviderClient::new(plugin.connect().await);
    for bytes in [
        vec![0xc1],
        vec![0xdf, 0xff, 0xff, 0xff, 0xff],
        vec![0x91; 100_000],
        vec![],
    ] {
        let config = msgpack(bytes);
        let answer = client
            .validate_provider_config(validate_provider_config::Request { config })
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.diagnostics[0].summary, "Malformed value");
    }
    assert!(plugin.is_well().await);
}

#[test]
fn an_unknown_option_is_refused() {
    let mut process = command()
        .arg("--bogus")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = crate::plugin::ended_within(&mut process, Duration::from_secs(5)).unwrap();
    assert_eq!(status.code(), Some(1));
}
