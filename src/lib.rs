//! Terraform provider for joining a billing partner on AWS and giving a cost analyzer its data.

pub mod framework;
pub mod protocol;
