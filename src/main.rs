//! The provider's program: Terraform starts it, and a person may ask what it is.

use std::process::ExitCode;
use std::sync::Arc;

use awsbilling::framework::Server;
use awsbilling::protocol;
use awsbilling::provider::AwsBilling;
use lexopt::prelude::*;

const VERSION: &str = concat!("terraform-provider-awsbilling ", env!("CARGO_PKG_VERSION"));

const HELP: &str = "\
Terraform provider for joining a billing partner on AWS and giving a cost analyzer its data.
Terraform starts it by itself; name it in required_providers and run terraform init.

Options:
  --debug    serve until interrupted, and print what lets Terraform find this process
  --version  print the version
  --help     print this";

fn main() -> ExitCode {
    let provider = || Arc::new(Server::<AwsBilling>::new());
    match lexopt::Parser::from_env().next() {
        Ok(None) => protocol::serve(provider()),
        Ok(Some(Long("debug"))) => protocol::serve_for_debugging(provider()),
        Ok(Some(Long("version") | Short('V'))) => protocol::print(VERSION),
        Ok(Some(Long("help") | Short('h'))) => protocol::print(HELP),
        Ok(Some(other)) => protocol::fail(&other.unexpected()),
        Err(error) => protocol::fail(&error),
    }
}
