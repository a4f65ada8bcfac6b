//! The built binary, started as Terraform starts it.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use rustls::pki_types::CertificateDer;
use tonic::transport::Channel;

use crate::client::{self, ClientIdentity};

pub(crate) const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// A running plugin. Dropping it kills it.
pub(crate) struct Plugin {
    pub(crate) process: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) fields: Vec<String>,
    pub(crate) identity: ClientIdentity,
    directory: tempfile::TempDir,
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-awsbilling"));
    for variable in ["TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_AWSBILLING"] {
        command.env_remove(variable);
    }
    command
}

impl Plugin {
    pub(crate) fn start() -> Self {
        Self::start_with(command(), |_| {})
    }

    pub(crate) fn start_with(mut command: Command, adjust: impl FnOnce(&mut Command)) -> Self {
        let identity = ClientIdentity::new();
        let directory = tempfile::tempdir().unwrap();
        command
            .env(COOKIE.0, COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "6,5")
            .env("PLUGIN_CLIENT_CERT", identity.pem())
            .env("PLUGIN_UNIX_SOCKET_DIR", directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        adjust(&mut command);
        let mut process = command.spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let fields = line.trim_end().split('|').map(str::to_owned).collect();
        Self {
            process,
            stdout,
            fields,
            identity,
            directory,
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.fields[3].clone().into()
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
        engine.decode(&self.fields[5]).unwrap().into()
    }

    /// Connects as the client that the plugin expects.
    pub(crate) async fn connect(&self) -> Channel {
        let tls = client::tls(&self.certificate(), Some(&self.identity));
        client::connect(&self.socket(), Some(tls)).await.unwrap()
    }

    /// Whether the plugin still serves its client.
    pub(crate) async fn is_well(&self) -> bool {
        client::schema(&self.connect().await).await.is_ok()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; `None` where it does not come in time.
    pub(crate) fn ended_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        ended_within(&mut self.process, limit)
    }

    /// Everything on standard output after the handshake, which is to be nothing.
    pub(crate) fn rest_of_stdout(&mut self) -> String {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        rest
    }

    /// What is left in the directory for sockets.
    pub(crate) fn left_behind(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn ended_within(process: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = process.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}
