//! The listener: HTTP in, the services or the admin interface behind it.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::response::Builder;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::admin;
use crate::exchange::call;
use crate::state::State;

/// What connections share.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// The state. A test that panicked while it held the lock has failed already; others go on.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection is to be cut instead of answered.
#[derive(Debug)]
pub(crate) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("connection cut by a fault")
    }
}

impl std::error::Error for Cut {}

/// Serves connections until the future is dropped; ends only if the listener cannot be used at all.
pub(crate) async fn serve(listener: TcpListener, shared: Shared) -> std::io::Result<Infallible> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, shared.clone()));
            }
            Err(error) => {
                // The machine is out of something, such as file descriptors, that others may give back.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, shared: Shared) {
    // Small answers must not wait for more to send; without this they would merely be slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(shared.clone(), request));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection ended");
    }
}

/// An answer on the wire.
pub(crate) type HttpResponse = Response<Full<Bytes>>;

async fn answer(shared: Shared, request: http::Request<Incoming>) -> Result<HttpResponse, Cut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    if let Some(path) = parts.uri.path().strip_prefix(admin::PREFIX) {
        let answer = admin::answer(&mut shared.lock(), &parts.method, path, &body);
        let builder = Response::builder().header("content-type", answer.content_type);
        return Ok(respond(builder, answer.status, answer.body));
    }
    // A caller that hangs up does not undo what it asked for.
    let carried_out = tokio::spawn(call(shared, parts, body));
    carried_out.await.unwrap_or(Err(Cut))
}

/// Ends an answer.
pub(crate) fn respond(builder: Builder, status: u16, body: Bytes) -> HttpResponse {
    builder
        .status(status)
        .body(Full::new(body))
        .unwrap_or_else(|_| {
            // Only a status outside of HTTP's range can lead here: a fault asked for it.
            let mut response = Response::new(Full::new(Bytes::from_static(
                b"a fault asked for an impossible status",
            )));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
}
