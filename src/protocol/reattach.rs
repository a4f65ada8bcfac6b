//! A provider that Terraform did not start: within a test, or started by a person to be debugged.

use std::io;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::REGISTRY_ADDRESS;
use super::handshake::{PROTOCOL_VERSION, SocketOptions};
use super::server::{Address, Listener, ServeOptions, Transport};
use crate::framework::erased::Provider;

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
        let options = ServeOptions {
            provider,
            tls: None,
            shutdown: shutdown.clone(),
            ends_with_client: false,
        };
        let serving = tokio::spawn(async move { listener.serve(options).await });
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
    pub(super) fn to(address: &Address) -> Self {
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
    pub(super) fn line(&self) -> String {
        format!("TF_REATTACH_PROVIDERS='{}'", self.json())
    }
}
