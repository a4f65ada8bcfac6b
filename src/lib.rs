//! Terraform provider for joining a billing partner on AWS and giving a cost analyzer its data.

// The derive names this crate by its name, from within as from outside.
extern crate self as awsbilling;

pub mod aws;
pub mod framework;
pub mod protocol;
