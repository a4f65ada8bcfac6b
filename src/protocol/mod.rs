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
mod process;
mod provider_service;
mod reattach;
mod server;
mod tls;
pub mod wire;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{self, Runtime};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

pub use reattach::{InProcess, Reattach};
pub use server::{Address, Transport};

use crate::framework::erased::Provider;
use handshake::{Invitation, SocketOptions, announce};
use process::{Parent, ignore_signals, interrupted, print_panic};
use server::{Listener, ServeOptions};
use tls::Tls;

/// Address of this provider in the public registry; Terraform's logs and the reattachment name it.
pub const REGISTRY_ADDRESS: &str = "registry.terraform.io/awsbilling/awsbilling";

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
    run(async {
        let options = ServeOptions {
            provider,
            tls: tls.map(|tls| TlsAcceptor::from(tls.config)),
            shutdown: CancellationToken::new(),
            ends_with_client: !Parent::IS_SEEN,
        };
        tokio::spawn(cancel_after(parent.gone(), options.shutdown.clone()));
        ignore_signals()?;
        listener.serve(options).await
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
                let options = ServeOptions {
                    provider,
                    tls: None,
                    shutdown: CancellationToken::new(),
                    ends_with_client: false,
                };
                tokio::spawn(cancel_after(interrupted()?, options.shutdown.clone()));
                listener.serve(options).await
            })
        });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Runs the server on one thread: calls wait for AWS and hardly compute, and to wake a second thread takes
/// the processor longer than most of them. What blocks, such as a look-up of a name, has threads of its own.
fn run(serving: impl Future<Output = io::Result<()>>) -> Result<(), Failure> {
    let runtime: Runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
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
