//! `show`, `calls`, `advance`, `reset`: questions to a running simulator, by its admin interface.

use std::process::ExitCode;

use aws_simulator::Call;
use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::{DONE, Error, Remote, RemoteRequest, runtime};

pub(crate) fn remote(options: &Remote) -> Result<ExitCode, Error> {
    let ask = |method, path, body: Option<Value>| {
        runtime()?.block_on(ask(&options.endpoint, method, path, body))
    };
    match options.request {
        RemoteRequest::Show => print!("{}", ask(Method::GET, "summary", None)?),
        RemoteRequest::Calls { json: true } => println!("{}", ask(Method::GET, "calls", None)?),
        RemoteRequest::Calls { json: false } => {
            let calls: Vec<Call> = serde_json::from_str(&ask(Method::GET, "calls", None)?)?;
            for call in &calls {
                println!("{}", line(call));
            }
        }
        RemoteRequest::Advance(time) => {
            let now = ask(
                Method::POST,
                "clock",
                Some(json!({"seconds": time.as_secs()})),
            )?;
            let now: Value = serde_json::from_str(&now)?;
            println!("It is {} now.", now["now"].as_str().unwrap_or_default());
        }
        RemoteRequest::Reset => {
            ask(Method::POST, "reset", None)?;
        }
    }
    DONE
}

fn line(call: &Call) -> String {
    let account = call
        .account
        .as_ref()
        .map_or("-", |account| account.as_str());
    let outcome = match (&call.error, &call.reason, call.answered) {
        (Some(error), Some(reason), _) => format!("{error} ({reason})"),
        (Some(error), None, _) => error.clone(),
        (None, _, true) => "ok".to_owned(),
        (None, _, false) => "answer lost".to_owned(),
    };
    format!(
        "{}  {account:<12}  {}:{}  {outcome}",
        call.time, call.service, call.operation
    )
}

async fn ask(
    endpoint: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<String, Error> {
    let endpoint: Uri = endpoint.parse()?;
    let authority = endpoint
        .authority()
        .ok_or("the endpoint must be a URL such as http://127.0.0.1:4566")?;
    let address = (authority.host(), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| format!("no simulator answers at {endpoint}: {error}"))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    let request = Request::builder()
        .method(method)
        .uri(format!("/_admin/{path}"))
        .header("host", authority.as_str())
        .body(Full::new(body))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let text = String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec())?;
    if status.is_success() {
        Ok(text)
    } else {
        Err(text.into())
    }
}
