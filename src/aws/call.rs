//! One call of a service for which AWS publishes no rates: reports, buckets, roles, names of accounts.
//!
//! A read may be dropped at any time. A write on the wire is awaited even after cancellation, and a
//! conflict with another change is waited out.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::error::{Call, Failure};
use super::retry::{Patience, Wire, deliver};
use crate::framework::Cx;

/// Codes that say that another change is on its way: of IAM, and of S3.
const CONFLICTS: [&str; 3] = [
    "ConcurrentModification",
    "EntityTemporarilyUnmodifiable",
    "OperationAborted",
];

/// Makes a call that changes nothing.
pub(super) async fn read<T, E>(
    cx: &Cx,
    call: &Call,
    send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, Failure>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let answer = cx.unless_interrupted(Box::pin(send)).await?;
    answer.map_err(|error| Failure::of_service(call, error))
}

/// Makes a call that changes something. What the write touches ends with it.
pub(super) async fn write<T, E, F, W>(
    cx: &Cx,
    call: &Call,
    touched: W,
    send: impl Fn(Wire) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'static,
    T: Send + 'static,
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    W: Send + 'static,
{
    let mut guard = touched;
    let mut patience = Patience::CONCURRENT_MODIFICATION;
    loop {
        let wire = Wire::new();
        let (answer, returned) = deliver(cx, guard, wire.clone(), send(wire)).await?;
        let failure = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => Failure::of_service(call, error),
        };
        let conflict = CONFLICTS.iter().any(|code| failure.is(code));
        match patience.wait().filter(|_| conflict) {
            Some(wait) => cx.sleep(wait).await?,
            None => return Err(failure),
        }
        guard = returned;
    }
}
