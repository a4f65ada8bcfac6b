//! Terraform's wire: the handshake, the connection, the messages. Knows no schema's meaning and no AWS.
//!
//! [`serve`] is a provider as Terraform starts it; [`serve_for_debugging`] is one that a person starts
//! and Terraform finds; [`InProcess`] is one within a test. Nothing is made before the handshake needs
//! it, because Terraform starts a provider several times per plan and apply.

pub mod dynamic_value;
mod handshake;
mod logging;
mod messages;
mod plugin_services;
mod provider_service;
mod server;
mod tls;
pub mod wire;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

pub use server::{Address, Transport};

use crate::framework::erased::Provider;
use handshake::{Invitation, PROTOCOL_VERSION, SocketOptions, announce};
use server::Listener;
use tls::Tls;

/// Address of this provider in the public registry; Terraform's logs and the reattachment name it.
pub const REGISTRY_ADDRESS: &str = "registry.terraform.io/awsbilling/awsbilling";

/// How often to look whether Terraform still lives.
const PARENT_CHECK: Duration = Duration::from_secs(1);

/// Time for threads to end after the last answer.
const RUNTIME_END: Duration = Duration::from_millis(100);

type Failure = Box<dyn std::error::Error>;

/// Serves Terraform, which started this process, until Terraform ends it or is gone.
pub fn serve(provider: Arc<dyn Provider>) -> ExitCode {
    // Recorded before the handshake: where the parent died before this line, the handshake fails
    // because nobody reads it, and where it dies after, the watch sees the change.
    let parent = Parent::of_this_process();
    let invitation = match Invitation::read(variable) {
        Ok(invitation) => invitation,
        Err(refusal) => return fail(&refusal),
    };
    std::panic::set_hook(Box::new(print_panic));
    match serve_invited(provider, invitation, parent) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn serve_invited(
    provider: Arc<dyn Provider>,
    mut invitation: Invitation,
    parent: Parent,
) -> Result<(), Failure> {
    let tls = invitation.client.take().map(Tls::pinned_to).transpose()?;
    if tls.is_none() && Transport::default() == Transport::Loopback {
        return Err("Loopback is open to every user of this machine, so TLS is needed.".into());
    }
    let listener = Listener::bind(Transport::default(), &invitation.socket)?;
    let certificate = tls.as_ref().map(|tls| &tls.certificate);
    announce(&invitation.line(listener.address(), certificate))?;

    logging::start(variable);
    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config));
    run(async {
        let shutdown = CancellationToken::new();
        tokio::spawn(cancel_after(parent.gone(), shutdown.clone()));
        ignore_signals()?;
        listener
            .serve(acceptor, provider, REGISTRY_ADDRESS, shutdown)
            .await
    })
}

/// Serves whoever has the printed line in the environment, without TLS and cookie, until interrupted.
pub fn serve_for_debugging(provider: Arc<dyn Provider>) -> ExitCode {
    logging::start(variable);
    let served = Listener::bind(Transport::default(), &SocketOptions::default())
        .map_err(Failure::from)
        .and_then(|listener| {
            announce(&Reattach::to(listener.address()).line())?;
            run(async {
                let shutdown = CancellationToken::new();
                tokio::spawn(cancel_after(interrupted()?, shutdown.clone()));
                listener
                    .serve(None, provider, REGISTRY_ADDRESS, shutdown)
                    .await
            })
        });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// A provider served within this process, for tests that drive it through Terraform or by RPC.
/// Dropping it closes the socket at once.
#[derive(Debug)]
pub struct InProcess {
    reattach: Reattach,
    shutdown: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

impl InProcess {
    /// Serves from now on, within the runtime that calls.
    pub fn serve(provider: Arc<dyn Provider>, transport: Transport) -> io::Result<Self> {
        let listener = Listener::bind(transport, &SocketOptions::default())?;
        let reattach = Reattach::to(listener.address());
        let shutdown = CancellationToken::new();
        let until = shutdown.clone();
        let serving = tokio::spawn(async move {
            listener
                .serve(None, provider, REGISTRY_ADDRESS, until)
                .await
        });
        Ok(Self {
            reattach,
            shutdown,
            serving,
        })
    }

    /// How clients find it.
    pub fn reattach(&self) -> &Reattach {
        &self.reattach
    }

    /// Ends as the provider's process would, and waits for that.
    pub async fn shut_down(mut self) -> io::Result<()> {
        self.shutdown.cancel();
        self.ended().await
    }

    /// Waits until a client has ended it.
    pub async fn ended(&mut self) -> io::Result<()> {
        (&mut self.serving).await.map_err(io::Error::other)?
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// How Terraform finds a provider that it did not start.
#[derive(Clone, Debug)]
pub struct Reattach {
    /// Where to connect.
    pub address: Address,
}

impl Reattach {
    fn to(address: &Address) -> Self {
        Self {
            address: address.clone(),
        }
    }

    /// Value of the variable `TF_REATTACH_PROVIDERS`.
    pub fn json(&self) -> String {
        serde_json::json!({
            REGISTRY_ADDRESS: {
                "Protocol": "grpc",
                "ProtocolVersion": PROTOCOL_VERSION,
                "Pid": std::process::id(),
                "Test": true,
                "Addr": {
                    "Network": self.address.network(),
                    "String": self.address.to_string(),
                },
            }
        })
        .to_string()
    }

    /// The setting of the variable, for a shell.
    fn line(&self) -> String {
        format!("TF_REATTACH_PROVIDERS='{}'", self.json())
    }
}

/// Runs the server on two threads: one call that computes does not keep another from being heard.
fn run(serving: impl Future<Output = io::Result<()>>) -> Result<(), Failure> {
    let runtime: Runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let served = runtime.block_on(serving);
    runtime.shutdown_timeout(RUNTIME_END);
    Ok(served?)
}

async fn cancel_after(event: impl Future<Output = ()>, token: CancellationToken) {
    event.await;
    token.cancel();
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Answers a person who asked something of the program.
pub fn print(text: &str) -> ExitCode {
    announce(text).map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

/// Says why the process ends. Standard error may be closed, so nothing here may panic.
pub fn fail(why: &dyn std::fmt::Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "{why}");
    ExitCode::FAILURE
}

/// Terraform shows the lines of standard error from one that begins like this.
fn print_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let _ = writeln!(io::stderr(), "panic: {message}\n\nat {place}");
}

/// The process that started this one. On Windows nothing tells when it ends.
#[derive(Clone, Copy)]
struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    fn of_this_process() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// The system gives an orphan another parent.
    #[cfg(unix)]
    fn is_gone(self) -> bool {
        std::os::unix::process::parent_id() != self.id
    }

    #[cfg(not(unix))]
    fn is_gone(self) -> bool {
        false
    }

    /// Ends when the parent has.
    async fn gone(self) {
        let mut checks = tokio::time::interval(PARENT_CHECK);
        while !self.is_gone() {
            checks.tick().await;
        }
        tracing::warn!("Terraform is gone");
    }
}

/// A signal from the terminal reaches Terraform and every provider at once. Terraform then asks each
/// call to end and stores what was done; a provider that died instead would lose it.
fn ignore_signals() -> io::Result<()> {
    let mut signals = Signals::listen()?;
    tokio::spawn(async move {
        loop {
            signals.next().await;
            tracing::debug!("Signal ignored: Terraform decides when to end");
        }
    });
    Ok(())
}

/// Ends when a person wants the process to end.
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::listen()?;
    Ok(async move { signals.next().await })
}

#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps)] // Listening can fail elsewhere.
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
