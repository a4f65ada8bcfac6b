//! The command line, taken apart.

mod environment;
mod remote;
mod run;
mod serve;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use aws_simulator::{Seed, Simulator};
use lexopt::prelude::*;

pub(crate) use remote::remote;
pub(crate) use run::run;
pub(crate) use serve::serve;

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
AWS Organizations, STS, IAM roles, S3 and cost and usage reports on loopback, for trying things out.

Usage:
  aws-simulator serve [--seed FILE] [--port N] [--pace]
      Serve a world until Ctrl-C, and print how to reach it.
  aws-simulator run [--seed FILE] [--pace] [--dev-override SOURCE=DIR]... -- COMMAND [ARGS...]
      Serve a world for as long as a command runs, in an environment that leads there. The command finds one profile
      for each account of the seed that names one. Its exit code is passed on.
  aws-simulator seed
      Print the world that is served if no other is asked for, to begin one's own with.
  aws-simulator show    [--endpoint URL]            What AWS looks like now
  aws-simulator calls   [--endpoint URL] [--json]   The calls so far
  aws-simulator advance [--endpoint URL] TIME       Move the clock: days, or with a unit, such as 90s, 5m, 12h, 16d
  aws-simulator reset   [--endpoint URL]            Back to the seed

Options:
  --seed FILE                 A world in JSON; without one, the one that `seed` prints
  --port N                    The port to listen on; a free one if none is given
  --pace                      Hold calls to AWS's documented rates
  --dev-override SOURCE=DIR   Let Terraform take this provider from a directory
  --endpoint URL              A running simulator; $AWS_SIMULATOR_ENDPOINT if none is given
  -h, --help                  This text
  -V, --version               The version
";

/// Anything that ends a command.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// What is to be done.
pub(crate) enum Command {
    Help,
    Version,
    Seed,
    Serve(Serve),
    Run(Run),
    Remote(Remote),
}

/// A world to serve.
#[derive(Default)]
pub(crate) struct Serve {
    seed: Option<PathBuf>,
    port: u16,
    pace: bool,
}

/// A world to run a command in.
pub(crate) struct Run {
    world: Serve,
    dev_overrides: Vec<(String, PathBuf)>,
    command: OsString,
    arguments: Vec<OsString>,
}

/// Something to ask of a running simulator.
pub(crate) struct Remote {
    endpoint: String,
    request: RemoteRequest,
}

/// What to ask.
enum RemoteRequest {
    Show,
    Calls { json: bool },
    Advance(Duration),
    Reset,
}

impl Command {
    /// Reads the command line.
    pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Self, Error> {
        match parser.next()? {
            None | Some(Short('h') | Long("help")) => Ok(Self::Help),
            Some(Short('V') | Long("version")) => Ok(Self::Version),
            Some(Value(name)) => match name.to_string_lossy().as_ref() {
                "seed" => match parser.next()? {
                    None => Ok(Self::Seed),
                    Some(other) => Err(other.unexpected().into()),
                },
                "serve" => Self::parse_serve(parser),
                "run" => Self::parse_run(parser),
                "show" | "calls" | "advance" | "reset" => {
                    Self::parse_remote(&name.to_string_lossy(), parser)
                }
                other => Err(format!("there is no command \"{other}\"").into()),
            },
            Some(other) => Err(other.unexpected().into()),
        }
    }

    fn parse_serve(mut parser: lexopt::Parser) -> Result<Self, Error> {
        let mut serve = Serve::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("seed") => serve.seed = Some(parser.value()?.into()),
                Long("port") => serve.port = parser.value()?.parse()?,
                Long("pace") => serve.pace = true,
                Short('h') | Long("help") => return Ok(Self::Help),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Self::Serve(serve))
    }

    fn parse_run(mut parser: lexopt::Parser) -> Result<Self, Error> {
        let mut world = Serve::default();
        let mut dev_overrides = Vec::new();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("seed") => world.seed = Some(parser.value()?.into()),
                Long("pace") => world.pace = true,
                Long("dev-override") => dev_overrides.push(dev_override(&parser.value()?)?),
                Short('h') | Long("help") => return Ok(Self::Help),
                // The command's own arguments are not ours to read, with or without the two dashes before it.
                Value(command) => {
                    let arguments = parser.raw_args()?.collect();
                    return Ok(Self::Run(Run {
                        world,
                        dev_overrides,
                        command,
                        arguments,
                    }));
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Err("which command is to run?".into())
    }

    fn parse_remote(name: &str, mut parser: lexopt::Parser) -> Result<Self, Error> {
        let mut endpoint = None;
        let (mut json, mut time) = (false, None);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("endpoint") => endpoint = Some(parser.value()?.string()?),
                Long("json") if name == "calls" => json = true,
                Short('h') | Long("help") => return Ok(Self::Help),
                Value(text) if name == "advance" && time.is_none() => {
                    time = Some(duration(&text.string()?)?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let request = match name {
            "show" => RemoteRequest::Show,
            "calls" => RemoteRequest::Calls { json },
            "advance" => RemoteRequest::Advance(time.ok_or("how far is the clock to move?")?),
            _ => RemoteRequest::Reset,
        };
        let endpoint = endpoint
            .or_else(|| std::env::var("AWS_SIMULATOR_ENDPOINT").ok())
            .ok_or("which simulator? Give --endpoint or set AWS_SIMULATOR_ENDPOINT")?;
        Ok(Self::Remote(Remote { endpoint, request }))
    }
}

impl Serve {
    fn start(&self) -> Result<Simulator, Error> {
        let mut seed = match &self.seed {
            None => Seed::usual()?,
            Some(path) => {
                let document = std::fs::read_to_string(path)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                Seed::parse(&document).map_err(|error| format!("{}: {error}", path.display()))?
            }
        };
        if self.pace {
            seed.switches.get_or_insert_default().pace = true;
        }
        let simulator = Simulator::start_on(self.port)?;
        simulator.sow(seed)?;
        Ok(simulator)
    }
}

fn dev_override(text: &OsString) -> Result<(String, PathBuf), Error> {
    let text = text
        .to_str()
        .ok_or("--dev-override must be readable text")?;
    let (source, directory) = text
        .split_once('=')
        .ok_or("--dev-override is written SOURCE=DIR")?;
    let directory = std::path::absolute(directory)?;
    Ok((source.to_owned(), directory))
}

/// Days, or a number with a unit.
fn duration(text: &str) -> Result<Duration, Error> {
    let (number, seconds) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3_600),
        Some((at, 'd')) => (&text[..at], 86_400),
        _ => (text, 86_400),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| format!("\"{text}\" is no length of time; write 16d, 12h, 5m or 90s"))?;
    Ok(Duration::from_secs(
        number.checked_mul(seconds).ok_or("that is too long")?,
    ))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// The exit code of a command that did what it should.
const DONE: Result<ExitCode, Error> = Ok(ExitCode::SUCCESS);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_length_of_time_is_in_days_unless_it_says_otherwise() {
        assert_eq!(duration("16").unwrap(), Duration::from_hours(16 * 24));
        assert_eq!(duration("16d").unwrap(), duration("16").unwrap());
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert!(duration("soon").is_err());
        assert!(duration("").is_err());
    }

    #[test]
    fn a_commands_own_options_are_left_alone() {
        let parser =
            lexopt::Parser::from_args(["run", "--pace", "--", "terraform", "plan", "--help"]);
        let Command::Run(run) = Command::parse(parser).unwrap() else {
            unreachable!()
        };
        assert_eq!(run.command, "terraform");
        assert_eq!(run.arguments, ["plan", "--help"]);
        assert!(run.world.pace);
    }
}
