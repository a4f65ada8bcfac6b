//! Turns the contracts of this directory into Rust, with a compiler written in Rust: nobody installs
//! `protoc`.

use std::error::Error;

const CONTRACTS: [&str; 5] = [
    "tfplugin6.proto",
    "grpc_controller.proto",
    "grpc_stdio.proto",
    "grpc_broker.proto",
    "health.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::compile(CONTRACTS, ["proto"])?;
    tonic_prost_build::configure()
        // An RPC that we do not serve answers "unimplemented" instead of breaking the build.
        .generate_default_stubs(true)
        // Ordered, so that the same answer is the same bytes.
        .btree_map(".")
        // Shared with the received message instead of copied.
        .bytes(".")
        // Connections are ours: TLS pins the client's certificate.
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
