//! The listening socket, the connections on it, and the end of the process.
//!
//! Whoever reaches the socket can spend the user's credentials, so it lies in a directory that only the
//! user can enter. Nothing that arrives on it ends the process: only Terraform's call, Terraform's
//! death, or a bug in this file does.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::transport::server::Connected;

use super::handshake::SocketOptions;
use super::plugin_services::PluginServices;
use super::provider_service::ProviderService;
use super::wire::health::health_server::{self, HealthServer};
use super::wire::plugin::grpc_broker_server::{self, GrpcBrokerServer};
use super::wire::plugin::grpc_controller_server::{self, GrpcControllerServer};
use super::wire::plugin::grpc_stdio_server::{self, GrpcStdioServer};
use super::wire::tfplugin6::provider_server::{self, ProviderServer};
use crate::framework::erased::Provider;

/// Greatest message, as Terraform has it.
const MAX_MESSAGE: usize = 256 << 20;

/// Time for calls under way to answer after the end was called; Terraform kills after two seconds.
const GRACE: Duration = Duration::from_millis(1500);

/// Time for a client to show its certificate.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause before accepting again, where the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where a client connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// Path of a unix socket.
    Unix(PathBuf),
    /// Port on loopback.
    Tcp(SocketAddr),
}

impl Address {
    /// Kind of address, as the handshake names it.
    pub fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(f),
            Self::Tcp(address) => address.fmt(f),
        }
    }
}

/// Kind of socket to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Unix socket in a private directory.
    #[cfg(unix)]
    Unix,
    /// TCP on loopback, where there are no unix sockets.
    Loopback,
}

impl Default for Transport {
    fn default() -> Self {
        #[cfg(unix)]
        return Self::Unix;
        #[cfg(not(unix))]
        return Self::Loopback;
    }
}

/// A bound socket. Dropping it removes the socket and its directory.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Socket,
    address: Address,
}

#[derive(Debug)]
enum Socket {
    #[cfg(unix)]
    Unix(unix::PrivateListener),
    Tcp(TcpListener),
}

impl Listener {
    /// Binds without a runtime, so that clients may queue while the runtime starts.
    pub(super) fn bind(transport: Transport, options: &SocketOptions) -> io::Result<Self> {
        match transport {
            #[cfg(unix)]
            Transport::Unix => {
                let listener = unix::PrivateListener::bind(options)?;
                let address = Address::Unix(listener.path());
                Ok(Self {
                    socket: Socket::Unix(listener),
                    address,
                })
            }
            Transport::Loopback => {
                let listener = bind_loopback(options.ports)?;
                let address = Address::Tcp(listener.local_addr()?);
                Ok(Self {
                    socket: Socket::Tcp(listener),
                    address,
                })
            }
        }
    }

    /// Where clients connect.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Takes connections until `shutdown` is cancelled, then lets calls under way answer for a moment.
    pub(super) async fn serve(
        &self,
        tls: Option<TlsAcceptor>,
        provider: Arc<dyn Provider>,
        registry_address: &'static str,
        shutdown: CancellationToken,
    ) -> io::Result<()> {
        let services = Services::new(Arc::clone(&provider), registry_address, shutdown.clone());
        let (sender, connections) = mpsc::channel(16);
        let serving = tonic::transport::Server::builder().serve_with_incoming_shutdown(
            services,
            ReceiverStream::new(connections),
            shutdown.clone().cancelled_owned(),
        );
        let ending = async {
            shutdown.cancelled().await;
            provider.stop();
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            served = serving => served.map_err(io::Error::other),
            failed = self.accept(tls, sender) => failed,
            () = ending => {
                tracing::warn!("Calls were still under way at the end");
                Ok(())
            }
        }
    }

    /// Ends only where the socket cannot be used at all.
    async fn accept(&self, tls: Option<TlsAcceptor>, to: Connections) -> io::Result<()> {
        match &self.socket {
            #[cfg(unix)]
            Socket::Unix(listener) => {
                let listener = listener.listener()?;
                accept_all(|context| listener.poll_accept(context), tls, to).await
            }
            Socket::Tcp(listener) => {
                let listener = tokio::net::TcpListener::from_std(listener.try_clone()?)?;
                accept_all(|context| listener.poll_accept(context), tls, to).await
            }
        }
    }
}

/// A connection of any kind, whose client is known.
type Connection = Box<dyn Io>;
type Connections = mpsc::Sender<io::Result<Connection>>;

trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

async fn accept_all<S: Io + 'static, A>(
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<io::Result<(S, A)>>,
    tls: Option<TlsAcceptor>,
    to: Connections,
) -> io::Result<()> {
    loop {
        match poll_fn(&mut poll).await {
            Ok((stream, _)) => {
                tokio::spawn(admit(stream, tls.clone(), to.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "Connection not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Hands a connection on once the client has shown who it is. Clients do not wait for each other.
async fn admit(stream: impl Io + 'static, tls: Option<TlsAcceptor>, to: Connections) {
    let connection: Connection = match tls {
        None => Box::new(stream),
        Some(tls) => match tokio::time::timeout(TLS_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) => return tracing::warn!(%error, "Client refused"),
            Err(_) => return tracing::warn!("Client refused: it did not speak TLS in time"),
        },
    };
    // Nobody takes it only when the process ends.
    let _ = to.send(Ok(connection)).await;
}

fn bind_loopback(ports: Option<(u16, u16)>) -> io::Result<TcpListener> {
    let (least, greatest) = ports.unwrap_or((0, 0));
    let free =
        (least..=greatest).find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
    let listener = free.ok_or_else(|| {
        io::Error::other(format!(
            "no free port on loopback from {least} to {greatest}"
        ))
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(unix)]
mod unix {
    use std::fs::{Permissions, set_permissions};
    use std::io;
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;

    use tempfile::TempDir;

    use crate::protocol::handshake::SocketOptions;

    /// A socket, and the directory that guards it.
    #[derive(Debug)]
    pub(super) struct PrivateListener {
        listener: UnixListener,
        directory: TempDir,
    }

    impl PrivateListener {
        /// The directory admits only the user, or the group that Terraform names as well.
        pub(super) fn bind(options: &SocketOptions) -> io::Result<Self> {
            let parent = options.directory.clone().unwrap_or_else(std::env::temp_dir);
            let directory = tempfile::Builder::new()
                .prefix("awsbilling-")
                .permissions(Permissions::from_mode(0o700))
                .tempdir_in(parent)?;
            let path = directory.path().join("plugin.sock");
            let listener = UnixListener::bind(&path)?;
            listener.set_nonblocking(true)?;
            if let Some(group) = &options.group {
                let group = Some(group_id(group)?);
                chown(&path, None, group)?;
                set_permissions(&path, Permissions::from_mode(0o660))?;
                chown(directory.path(), None, group)?;
                set_permissions(directory.path(), Permissions::from_mode(0o710))?;
            } else {
                set_permissions(&path, Permissions::from_mode(0o600))?;
            }
            Ok(Self {
                listener,
                directory,
            })
        }

        pub(super) fn path(&self) -> PathBuf {
            self.directory.path().join("plugin.sock")
        }

        /// The listener within the runtime that calls.
        pub(super) fn listener(&self) -> io::Result<tokio::net::UnixListener> {
            tokio::net::UnixListener::from_std(self.listener.try_clone()?)
        }
    }

    /// Number of a group that is named by number or by name.
    fn group_id(group: &str) -> io::Result<u32> {
        if let Ok(id) = group.parse() {
            return Ok(id);
        }
        let groups = std::fs::read_to_string("/etc/group")?;
        groups
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| {
                (fields.next() == Some(group))
                    .then(|| fields.nth(1)?.parse().ok())
                    .flatten()
            })
            .ok_or_else(|| io::Error::other(format!("no group named {group}")))
    }
}

/// All services, told apart by the first part of a request's path.
#[derive(Clone)]
struct Services {
    provider: ProviderServer<ProviderService>,
    controller: GrpcControllerServer<PluginServices>,
    stdio: GrpcStdioServer<PluginServices>,
    broker: GrpcBrokerServer<PluginServices>,
    health: HealthServer<PluginServices>,
}

impl Services {
    fn new(
        provider: Arc<dyn Provider>,
        registry_address: &'static str,
        shutdown: CancellationToken,
    ) -> Self {
        let plugin = PluginServices { shutdown };
        Self {
            provider: ProviderServer::new(ProviderService::new(provider, registry_address))
                .max_decoding_message_size(MAX_MESSAGE)
                .max_encoding_message_size(MAX_MESSAGE),
            controller: GrpcControllerServer::new(plugin.clone()),
            stdio: GrpcStdioServer::new(plugin.clone()),
            broker: GrpcBrokerServer::new(plugin.clone()),
            health: HealthServer::new(plugin),
        }
    }
}

impl Service<http::Request<Body>> for Services {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        match request.uri().path().split('/').nth(1) {
            Some(provider_server::SERVICE_NAME) => self.provider.call(request),
            Some(grpc_controller_server::SERVICE_NAME) => self.controller.call(request),
            Some(grpc_stdio_server::SERVICE_NAME) => self.stdio.call(request),
            Some(grpc_broker_server::SERVICE_NAME) => self.broker.call(request),
            Some(health_server::SERVICE_NAME) => self.health.call(request),
            _ => Box::pin(async { Ok(Status::unimplemented("no such service").into_http()) }),
        }
    }
}
