//! Terraform provider for joining a billing partner on AWS and giving a cost analyzer its data.

// The derive names this crate by its name, from within as from outside.
extern crate self as awsbilling;

pub mod analyzers;
pub mod attributes;
pub mod aws;
pub mod data_sources;
pub mod docs;
pub mod framework;
pub mod functions;
pub mod protocol;
pub mod provider;
pub mod resources;
