//! `aws-simulator`: serve a world, run a command in it, look at it.
#![allow(clippy::print_stdout, reason = "a command-line tool speaks on stdout")]

mod command;

use std::process::ExitCode;

use aws_simulator::Seed;
use command::{Command, USAGE};

fn main() -> ExitCode {
    let outcome = match Command::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Ok(Command::Version) => {
            println!("aws-simulator {}", env!("CARGO_PKG_VERSION"));
            Ok(ExitCode::SUCCESS)
        }
        Ok(Command::Seed) => {
            print!("{}", Seed::USUAL);
            Ok(ExitCode::SUCCESS)
        }
        Ok(Command::Serve(options)) => command::serve(&options),
        Ok(Command::Run(options)) => command::run(&options),
        Ok(Command::Remote(options)) => command::remote(&options),
        Err(error) => {
            eprintln!("aws-simulator: {error}\nTry `aws-simulator --help`.");
            return ExitCode::from(2);
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("aws-simulator: {error}");
        ExitCode::FAILURE
    })
}
