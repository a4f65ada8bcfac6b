//! The messages and services of `proto/`, as the build script wrote them.
//!
//! The clients among them serve the tests; a binary that calls none of them carries none of them.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)] // Generated.

/// Between Terraform and a provider.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// Between Terraform and a plugin of any kind.
pub mod plugin {
    tonic::include_proto!("plugin");
}

/// The health check of gRPC.
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}
