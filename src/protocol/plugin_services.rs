//! The services that every plugin offers beside its own: end, output, further connections, health.

use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use super::wire::health::health_check_response::ServingStatus;
use super::wire::health::health_server::Health;
use super::wire::health::{HealthCheckRequest, HealthCheckResponse};
use super::wire::plugin::grpc_broker_server::GrpcBroker;
use super::wire::plugin::grpc_controller_server::GrpcController;
use super::wire::plugin::grpc_stdio_server::GrpcStdio;
use super::wire::plugin::{ConnInfo, Empty, StdioData};

/// Answers for all four services; cancelling `shutdown` ends the process.
#[derive(Clone, Debug)]
pub(super) struct PluginServices {
    pub(super) shutdown: CancellationToken,
}

impl PluginServices {
    /// First what there is to say, then silence until the process ends.
    fn until_shutdown<T: Send + 'static>(&self, said: Option<T>) -> BoxStream<T> {
        let ended = self.shutdown.clone().cancelled_owned();
        let silence = futures_util::stream::once(ended).filter_map(|()| None);
        Box::pin(tokio_stream::iter(said.map(Ok)).chain(silence))
    }
}

#[tonic::async_trait]
impl GrpcController for PluginServices {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.shutdown.cancel();
        Ok(Response::new(Empty {}))
    }
}

/// We print nothing after the handshake; Terraform wants the stream all the same.
#[tonic::async_trait]
impl GrpcStdio for PluginServices {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(self.until_shutdown(None)))
    }
}

/// We need no further connections; Terraform opens the stream all the same.
#[tonic::async_trait]
impl GrpcBroker for PluginServices {
    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(Response::new(self.until_shutdown(None)))
    }
}

#[tonic::async_trait]
impl Health for PluginServices {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        serving(request.get_ref()).map(Response::new)
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let serving = serving(request.get_ref())?;
        Ok(Response::new(self.until_shutdown(Some(serving))))
    }
}

/// The empty name means the process as a whole.
fn serving(request: &HealthCheckRequest) -> Result<HealthCheckResponse, Status> {
    match request.service.as_str() {
        "" | "plugin" => Ok(HealthCheckResponse {
            status: ServingStatus::Serving.into(),
        }),
        _ => Err(Status::not_found("no such service")),
    }
}
