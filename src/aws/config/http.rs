//! The one HTTP client: proxies and certificate authorities.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::Settings;
use crate::framework::Diagnostic;

/// The client that all sessions share, and with it their connections.
pub(super) fn client(settings: &Settings) -> Result<SharedHttpClient, Diagnostic> {
    let tls = tls(settings.custom_ca_bundle.as_deref())?;
    let direct = settings.no_proxy.as_deref().unwrap_or_default();
    let encrypted = proxied(&tls, settings.https_proxy.as_deref(), direct, "https_proxy")?;
    let plain = settings.http_proxy.as_deref();
    let plain = proxied(&tls_of_proxy(tls, plain)?, plain, direct, "http_proxy")?;
    Ok(SharedHttpClient::new(ByScheme { plain, encrypted }))
}

fn proxied(
    tls: &TlsContext,
    url: Option<&str>,
    direct: &str,
    attribute: &'static str,
) -> Result<SharedHttpClient, Diagnostic> {
    let proxy = match url {
        None => ProxyConfig::disabled(),
        Some(url) => {
            let proxy = ProxyConfig::all(url).map_err(|fault| {
                Diagnostic::error("Proxy not valid")
                    .detail(format!("The URL of the proxy cannot be used: {fault}."))
                    .at(attribute)
            })?;
            proxy.no_proxy(direct)
        }
    };
    let tls = tls.clone();
    let connector = move |settings: Option<&HttpConnectorSettings>,
                          components: Option<&RuntimeComponents>| {
        let mut builder = Connector::builder()
            .proxy_config(proxy.clone())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(tls.clone());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.build()
    };
    Ok(Builder::new().build_with_connector_fn(connector))
}

/// What is trusted: the machine's authorities, or instead those of the bundle, as the AWS CLI does.
fn tls(bundle: Option<&str>) -> Result<TlsContext, Diagnostic> {
    let fault = |what: String| {
        let detail = format!("{what}. The file is to hold certificate authorities in PEM format.");
        Diagnostic::error("CA bundle not usable")
            .detail(detail)
            .at("custom_ca_bundle")
    };
    let trusted = match bundle {
        None => TrustStore::default(),
        Some(path) => {
            let pem = std::fs::read(path)
                .map_err(|error| fault(format!("Could not read \"{path}\": {error}")))?;
            check_certificates(&pem)
                .map_err(|error| fault(format!("Could not use \"{path}\": {error}")))?;
            TrustStore::empty().with_pem_certificate(pem)
        }
    };
    context(trusted)
}

/// What is trusted where requests are plain: only a proxy that is reached by TLS shows a certificate, and
/// where none does, no authority need be read.
fn tls_of_proxy(tls: TlsContext, url: Option<&str>) -> Result<TlsContext, Diagnostic> {
    if url.is_some_and(|url| url.starts_with("https:")) {
        Ok(tls)
    } else {
        context(TrustStore::empty())
    }
}

fn context(trusted: TrustStore) -> Result<TlsContext, Diagnostic> {
    let context = TlsContext::builder().with_trust_store(trusted).build();
    context.map_err(|error| Diagnostic::bug(format!("TLS could not be set up: {error}")))
}

/// The SDK panics on a certificate that it cannot use, so each is tried before.
fn check_certificates(pem: &[u8]) -> Result<(), String> {
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        trusted
            .add(certificate)
            .map_err(|error| error.to_string())?;
    }
    if trusted.is_empty() {
        Err("there is no certificate in it".to_owned())
    } else {
        Ok(())
    }
}

/// Plain and encrypted requests may have proxies of their own, and the SDK's client knows only one.
#[derive(Clone, Debug)]
struct ByScheme {
    plain: SharedHttpClient,
    encrypted: SharedHttpClient,
}

impl HttpClient for ByScheme {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connecting {
            clients: self.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

/// Connects when it is known how: the connector of a scheme that no request has costs milliseconds and
/// memory, because it reads every authority that the machine trusts.
#[derive(Debug)]
struct Connecting {
    clients: ByScheme,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for Connecting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = if request.uri().starts_with("http://") {
            &self.clients.plain
        } else {
            &self.clients.encrypted
        };
        client
            .http_connector(&self.settings, &self.components)
            .call(request)
    }
}
