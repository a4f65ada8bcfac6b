//! Terraform provider for joining a billing partner on AWS and giving a cost analyzer its data.

pub mod aws;
pub mod framework;
