//! A client that connects as Terraform does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use awsbilling::protocol::wire::tfplugin6::provider_client::ProviderClient;
use awsbilling::protocol::wire::tfplugin6::{self as wire, get_provider_schema};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, PKCS_ECDSA_P521_SHA512};
use rustls::client::{ResolvesClientCert, WantsClientCert};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, SignatureScheme, SupportedProtocolVersion,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

/// Certificate and key as Terraform makes them for each plugin: P-521, self-signed, an authority.
pub(crate) struct ClientIdentity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl ClientIdentity {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, key }
    }

    fn shown_with(&self, key: &Self) -> Arc<Shown> {
        let key = PrivatePkcs8KeyDer::from(key.key.serialize_der()).into();
        let key = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&key).unwrap();
        Arc::new(Shown(Arc::new(CertifiedKey::new(
            vec![self.certificate.der().clone()],
            key,
        ))))
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }
}

/// TLS that trusts the server's certificate and shows the client's, if there is one.
pub(crate) fn tls(
    server: &CertificateDer<'static>,
    client: Option<&ClientIdentity>,
) -> TlsConnector {
    let config = trusting(server, rustls::ALL_VERSIONS);
    connector(match client {
        None => config.with_no_client_auth(),
        Some(client) => config.with_client_cert_resolver(client.shown_with(client)),
    })
}

/// TLS 1.2, which a client may choose.
pub(crate) fn tls12(server: &CertificateDer<'static>, client: &ClientIdentity) -> TlsConnector {
    let config = trusting(server, &[&rustls::version::TLS12]);
    connector(config.with_client_cert_resolver(client.shown_with(client)))
}

/// TLS that shows one client's certificate, which is no secret, with another one's key.
pub(crate) fn stolen(
    server: &CertificateDer<'static>,
    victim: &ClientIdentity,
    thief: &ClientIdentity,
) -> TlsConnector {
    let config = trusting(server, rustls::ALL_VERSIONS);
    connector(config.with_client_cert_resolver(victim.shown_with(thief)))
}

fn trusting(
    server: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(server.clone()).unwrap();
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(crypto);
    config
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
}

fn connector(mut config: ClientConfig) -> TlsConnector {
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

/// Shows the same certificate whatever the server asks for.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Connects to the socket, with TLS where there is some.
pub(crate) async fn connect(
    socket: &Path,
    tls: Option<TlsConnector>,
) -> Result<Channel, tonic::transport::Error> {
    let socket = PathBuf::from(socket);
    over(move || {
        let (socket, tls) = (socket.clone(), tls.clone());
        async move {
            let stream = UnixStream::connect(socket).await?;
            let io: Box<dyn Io> = match tls {
                None => Box::new(stream),
                Some(tls) => Box::new(tls.connect("localhost".try_into().unwrap(), stream).await?),
            };
            Ok(io)
        }
    })
    .await
}

/// Connects over whatever streams the function makes.
pub(crate) async fn over<F>(
    mut stream: impl FnMut() -> F + Send + 'static,
) -> Result<Channel, tonic::transport::Error>
where
    F: Future<Output = std::io::Result<Box<dyn Io>>> + Send + 'static,
{
    let connector = tower::service_fn(move |_| {
        let stream = stream();
        async move { stream.await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://localhost");
    endpoint.connect_with_connector(connector).await
}

pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// The simplest question there is.
pub(crate) async fn schema(
    channel: &Channel,
) -> Result<get_provider_schema::Response, tonic::Status> {
    let answer = ProviderClient::new(channel.clone())
        .get_provider_schema(get_provider_schema::Request {})
        .await?;
    Ok(answer.into_inner())
}

/// Msgpack as a message carries it.
#[allow(clippy::unnecessary_wraps)] // As the fields that take it want it.
pub(crate) fn msgpack(bytes: Vec<u8>) -> Option<wire::DynamicValue> {
    Some(wire::DynamicValue {
        msgpack: bytes.into(),
        ..Default::default()
    })
}
