//! The way to AWS: proxies, certificate authorities, endpoints, and what a call carries.

use std::sync::{Arc, Mutex};

use awsbilling::aws::Settings;
use awsbilling::aws::config::Endpoints;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::harness::{World, configure, cx, id};

/// Something between the provider and the simulator that remembers how each connection begins.
struct Relay {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    async fn start(world: &World, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let upstream = world
            .simulator
            .endpoint()
            .trim_start_matches("http://")
            .to_owned();
        let remembered = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, upstream, heads) =
                    (tls.clone(), upstream.clone(), Arc::clone(&remembered));
                tokio::spawn(async move {
                    match tls {
                        None => relay(stream, &upstream, &heads).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => relay(stream, &upstream, &heads).await,
                            Err(refused) => {
                                heads.lock().unwrap().push(format!("refused: {refused}"));
                            }
                        },
                    }
                });
            }
        });
        Self { port, heads }
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    fn first(&self) -> String {
        self.heads
            .lock()
            .unwrap()
            .first()
            .cloned()
            .unwrap_or_default()
    }
}

async fn relay(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    upstream: &str,
    heads: &Mutex<Vec<String>>,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let connect = text.starts_with("CONNECT ");
    heads.lock().unwrap().push(text);
    if connect {
        stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            .await
            .ok();
        return;
    }
    let mut server = TcpStream::connect(upstream).await.unwrap();
    server.write_all(&head).await.unwrap();
    tokio::io::copy_bidirectional(&mut stream, &mut server)
        .await
        .ok();
}

fn to(url: String) -> Endpoints {
    Endpoints {
        organizations: Some(url.clone()),
        sts: Some(url),
        ..Endpoints::default()
    }
}

/// A certificate for loopback that signs itself, and the server that shows it.
fn self_signed() -> (String, TlsAcceptor) {
    let signed = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .unwrap();
    (signed.cert.pem(), TlsAcceptor::from(Arc::new(server)))
}

#[tokio::test]
async fn a_call_says_who_makes_it() {
    let world = World::new().await;
    let relay = Relay::start(&world, None).await;
    let settings = Settings {
        endpoints: to(relay.url("http")),
        ..world.settings(&world.partner.key)
    };
    configure(settings).await.unwrap();
    let head = relay.first();
    let agent = head
        .lines()
        .find_map(|line| line.strip_prefix("user-agent: "))
        .expect("a user agent");
    let expected = "Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-awsbilling/";
    assert!(agent.starts_with(expected), "{agent}");
    assert!(agent.contains("aws-sdk-rust/"), "{agent}");
}

#[tokio::test]
async fn an_authority_of_the_bundle_is_trusted_and_no_other() {
    let world = World::new().await;
    let (pem, acceptor) = self_signed();
    let relay = Relay::start(&world, Some(acceptor)).await;
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("bundle.pem");
    std::fs::write(&bundle, pem).unwrap();
    let settings = || Settings {
        endpoints: to(relay.url("https")),
        max_retries: Some(1),
        ..world.settings(&world.partner.key)
    };

    let trusting = Settings {
        custom_ca_bundle: Some(bundle.display().to_string()),
        ..settings()
    };
    let aws = configure(trusting).await.unwrap();
    assert_eq!(
        aws.caller(&cx(), None).await.unwrap().account_id,
        id(&world.partner)
    );

    let fault = configure(settings()).await.unwrap_err();
    assert_eq!(fault.summary, "AWS not reached");
    assert!(
        fault.detail.contains("custom_ca_bundle"),
        "{}",
        fault.detail
    );
}

#[tokio::test]
async fn a_bundle_that_cannot_be_used_is_refused() {
    let world = World::new().await;
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for path in [
        "/does/not/exist".to_owned(),
        write("empty", ""),
        write("garbage", garbage),
    ] {
        let settings = Settings {
            custom_ca_bundle: Some(path),
            ..world.settings(&world.partner.key)
        };
        let fault = configure(settings).await.unwrap_err();
        assert_eq!(
            fault.path.to_string(),
            "custom_ca_bundle",
            "{}",
            fault.detail
        );
    }
}

#[tokio::test]
async fn plain_calls_go_through_their_proxy_unless_excepted() {
    let world = World::new().await;
    let proxy = Relay::start(&world, None).await;
    let settings = |no_proxy: &str| Settings {
        http_proxy: Some(proxy.url("http")),
        no_proxy: Some(no_proxy.to_owned()),
        ..world.settings(&world.partner.key)
    };
    configure(settings("127.0.0.1")).await.unwrap();
    assert_eq!(proxy.first(), "");
    configure(settings("")).await.unwrap();
    let expected = format!("POST {}/ HTTP/1.1", world.simulator.endpoint());
    assert_eq!(proxy.first().lines().next(), Some(expected.as_str()));
}

/// The proxy sees where an encrypted call goes, and refuses it.
#[tokio::test]
async fn encrypted_calls_go_through_their_proxy_to_the_endpoint_of_the_settings() {
    let world = World::new().await;
    let plain = Settings {
        endpoints: Endpoints::default(),
        no_proxy: Some(String::new()),
        max_retries: Some(1),
        ..world.settings(&world.partner.key)
    };
    let region = |name: &str| awsbilling::framework::DomainText::parse(name).ok();
    let cases = [
        (
            Settings {
                region: region("us-east-1"),
                ..plain.clone()
            },
            "sts.us-east-1.amazonaws.com",
        ),
        (
            Settings {
                region: region("eu-west-1"),
                ..plain.clone()
            },
            "sts.eu-west-1.amazonaws.com",
        ),
        (
            Settings {
                region: region("eu-west-1"),
                sts_region: region("us-west-2"),
                ..plain.clone()
            },
            "sts.us-west-2.amazonaws.com",
        ),
        (
            Settings {
                region: region("us-east-1"),
                use_fips_endpoint: Some(true),
                ..plain.clone()
            },
            "sts-fips.us-east-1.amazonaws.com",
        ),
        (
            Settings {
                region: region("us-east-1"),
                use_dualstack_endpoint: Some(true),
                ..plain.clone()
            },
            "sts.us-east-1.api.aws",
        ),
        (
            Settings {
                region: region("cn-north-1"),
                ..plain
            },
            "sts.cn-north-1.amazonaws.com.cn",
        ),
    ];
    for (settings, host) in cases {
        for both in [false, true] {
            let proxy = Relay::start(&world, None).await;
            let mut settings = settings.clone();
            let url = Some(proxy.url("http"));
            *(if both {
                &mut settings.http_proxy
            } else {
                &mut settings.https_proxy
            }) = url;
            let fault = configure(settings).await.unwrap_err();
            assert_eq!(fault.summary, "AWS not reached", "{host}: {}", fault.detail);
            let expected = format!("CONNECT {host}:443 HTTP/1.1");
            assert_eq!(proxy.first().lines().next(), Some(expected.as_str()));
        }
    }
}

#[tokio::test]
async fn an_endpoint_where_nobody_listens_is_told_within_seconds() {
    let world = World::new().await;
    let start = std::time::Instant::now();
    let nobody = to("http://127.0.0.1:9".to_owned());
    let settings = Settings {
        endpoints: nobody,
        ..world.settings(&world.partner.key)
    };
    let fault = configure(settings).await.unwrap_err();
    assert_eq!(fault.summary, "AWS not reached");
    assert!(fault.detail.contains("endpoints"), "{}", fault.detail);
    assert!(start.elapsed().as_secs() < 30);
}

#[tokio::test]
async fn a_proxy_that_is_no_url_is_refused() {
    let world = World::new().await;
    let settings = Settings {
        https_proxy: Some("not a url".to_owned()),
        ..world.settings(&world.partner.key)
    };
    assert_eq!(
        configure(settings).await.unwrap_err().path.to_string(),
        "https_proxy"
    );
}
