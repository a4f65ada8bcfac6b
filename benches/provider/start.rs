//! What a start costs: Terraform starts a provider three times in a plan and four times in an apply.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::figure::{Quantity, Row, Unit};
use crate::plugin::{self, COOKIE};
use crate::{Options, client};

/// Starts of each program, one beside the other.
const STARTS: usize = 200;

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    // Terraform makes its certificate before it starts the provider.
    let certificate = client::ClientIdentity::new().pem();
    let folder = tempfile::tempdir().unwrap();
    let mut provider = plugin::command();
    provider
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", certificate)
        .env("PLUGIN_UNIX_SOCKET_DIR", folder.path());
    let mut echo = Command::new("echo");
    echo.arg("1|6|unix|");
    let (mut starts, mut spawns) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        spawns.push(until_first_line(&mut echo));
        starts.push(until_first_line(&mut provider));
    }
    print(
        Row::new("Start to handshake line, mTLS", Quantity::median(&starts))
            .more_than(Quantity::median(&spawns), "spawning `echo`")
            .target("B2", 4.0),
    );

    let size = std::fs::metadata(provider.get_program()).unwrap().len();
    print(
        Row::new(
            "Size of the stripped binary",
            Quantity::bytes(size, Unit::Mebibytes),
        )
        .target("B1", 14.0),
    );
}

fn until_first_line(command: &mut Command) -> Duration {
    let begun = Instant::now();
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let elapsed = begun.elapsed();
    assert!(line.starts_with("1|6|unix|"), "no handshake: {line:?}");
    // It may have ended already.
    let _ = process.kill();
    process.wait().unwrap();
    elapsed
}
