//! Requests as no SDK would send them.

use aws_simulator::Simulator;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

pub(crate) async fn send(
    simulator: &Simulator,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let address = simulator.endpoint().replace("http://", "");
    let stream = TcpStream::connect(&address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender
        .send_request(request.body(Full::new(body.into())).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(text.to_vec()).unwrap(),
    }
}

const TARGET: (&str, &str) = ("x-amz-target", "AWSOrganizationsV20161128.ListAccounts");

/// Headers, body, and the status and text that they are answered with.
type Case = (
    &'static [(&'static str, &'static str)],
    &'static str,
    u16,
    &'static str,
);

#[tokio::test]
async fn a_request_that_cannot_be_read_is_refused_in_its_protocol() {
    const UNSIGNED: (&str, &str) = ("authorization", "AWS4-HMAC-SHA256 Credential=nonsense");
    const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
    let cases: [Case; 8] = [
        (
            &[TARGET],
            "{}",
            400,
            "\"__type\":\"MissingAuthenticationTokenException\"",
        ),
        (
            &[TARGET, UNSIGNED],
            "{}",
            400,
            "IncompleteSignatureException",
        ),
        (&[TARGET], "{\"a\":", 400, "SerializationException"),
        (
            &[("x-amz-target", "Other.ListAccounts")],
            "{}",
            400,
            "UnknownOperationException",
        ),
        (
            &[],
            IDENTITY,
            403,
            "<Code>MissingAuthenticationToken</Code>",
        ),
        (
            &[UNSIGNED],
            IDENTITY,
            400,
            "<Code>IncompleteSignature</Code>",
        ),
        (
            &[],
            "Action=Something&Version=1999-01-01",
            400,
            "<Code>InvalidAction</Code>",
        ),
        (&[], "nonsense", 400, "<Code>InvalidAction</Code>"),
    ];
    let simulator = Simulator::start().await.unwrap();
    for (headers, body, status, expected) in cases {
        let answer = send(&simulator, Method::POST, "/", headers, body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(answer.text.contains(expected), "{}", answer.text);
    }
}

#[tokio::test]
async fn every_answer_carries_a_request_id_and_the_simulated_date() {
    let simulator = Simulator::start().await.unwrap();
    simulator.pass_days(1);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = send(&simulator, Method::POST, "/", &[TARGET], "{}").await;
        assert_eq!(answer.headers["date"], "Sat, 21 Nov 2026 09:00:00 GMT");
        ids.push(answer.headers["x-amzn-requestid"].clone());
    }
    assert_ne!(ids[0], ids[1]);
    assert_eq!(simulator.calls()[1].request_id, ids[1].to_str().unwrap());
}

#[tokio::test]
async fn garbage_does_not_end_the_simulator() {
    let simulator = Simulator::start().await.unwrap();
    let mut stream = TcpStream::connect(simulator.endpoint().replace("http://", ""))
        .await
        .unwrap();
    stream.write_all(&[0xff; 4_096]).await.unwrap();
    drop(stream);
    let answer = send(&simulator, Method::GET, "/_admin/summary", &[], "").await;
    assert_eq!(answer.status, 200);
}
