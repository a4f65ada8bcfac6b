//! What a call leaves in the log, and what it must not.

use std::fmt::{Debug, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};

use awsbilling::aws::Settings;
use awsbilling::aws::config::SecretText;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::harness::{World, configure, cx};

/// Keeps everything that is logged, of all modules and levels, spans included.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = self.0.lock().unwrap();
        write!(
            text,
            "\n{} {}",
            event.metadata().level(),
            event.metadata().target()
        )
        .unwrap();
        event.record(&mut Line(&mut text));
    }

    fn on_new_span(
        &self,
        span: &tracing::span::Attributes<'_>,
        _: &tracing::Id,
        _: Context<'_, S>,
    ) {
        let mut text = self.0.lock().unwrap();
        write!(text, "\nspan {}", span.metadata().name()).unwrap();
        span.record(&mut Line(&mut text));
    }
}

/// Runs itself in a process of its own: where tests run side by side, tracing asks only the first thread
/// that comes to a line of code whether anybody listens there.
#[test]
fn a_call_is_logged_with_its_request_and_without_secrets() {
    if std::env::var_os("AWSBILLING_TEST_CHILD").is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        return runtime.unwrap().block_on(logged());
    }
    let test = "logs::a_call_is_logged_with_its_request_and_without_secrets";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("AWSBILLING_TEST_CHILD", "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

async fn logged() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
    let world = World::new().await;
    let settings = Settings {
        token: world
            .partner
            .key
            .session_token
            .as_ref()
            .map(SecretText::new),
        ..world.settings(&world.partner.key)
    };
    let aws = configure(settings).await.unwrap();
    aws.organizations(&cx(), None)
        .await
        .unwrap()
        .members(&cx())
        .await
        .unwrap();

    let text = log.0.lock().unwrap().clone();
    let line = text
        .lines()
        .find(|line| line.contains("Called AWS") && line.contains("ListAccounts"))
        .expect("the call");
    assert!(line.starts_with("DEBUG awsbilling::aws"), "{line}");
    let request = world.simulator.calls().last().unwrap().request_id.clone();
    for expected in [
        "rpc.system=\"aws-api\"",
        "rpc.service=\"Organizations\"",
        "http.response.status_code=200",
        &format!("aws.request_id=\"{request}\""),
        "attempt=1",
    ] {
        assert!(line.contains(expected), "{expected} in {line}");
    }
    assert!(
        !text.contains(&world.partner.key.secret),
        "the secret key is nowhere"
    );
    let ours = text.lines().filter(|line| line.contains("awsbilling::aws"));
    assert!(ours.clone().count() >= 2);
    for line in ours {
        assert!(
            !line.contains("AWS4-HMAC") && !line.to_lowercase().contains("authorization"),
            "{line}"
        );
    }
}
