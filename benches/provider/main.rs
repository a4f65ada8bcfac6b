//! Figures of the provider, each beside a floor that the same run measures or AWS's documented rates give.
//!
//! `cargo bench` prints the table in some minutes, `cargo bench -- start memory` the lines of the named
//! groups, and `cargo bench -- refresh --large` also what takes long. Nothing is asserted: a machine that
//! does other things at the same time moves every figure, so each is read against its floor and shown with
//! its spread. AWS is the simulator, held to the documented rates and a round trip of 120 ms where time is
//! measured that AWS decides.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark ends where it cannot go on, prints, and counts in small numbers"
)]

#[allow(
    dead_code,
    reason = "the tests' client, of which a benchmark needs a part"
)]
#[path = "../../tests/protocol/client.rs"]
mod client;
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the tests' rules, of which a benchmark needs the empty configuration"
)]
#[path = "../../tests/framework/core.rs"]
mod core;
#[allow(
    dead_code,
    reason = "the tests' sandbox, of which a benchmark needs a part"
)]
#[path = "../../tests/harness/mod.rs"]
mod harness;
#[allow(
    dead_code,
    reason = "the tests' plugin, of which a benchmark needs a part"
)]
#[path = "../../tests/protocol/plugin.rs"]
mod plugin;

mod bare;
mod cycles;
mod examples;
mod figure;
mod fleet;
mod instructions;
mod latency;
mod lookups;
mod memory;
mod plan;
mod process;
mod refresh;
mod schema;
mod sharing;
mod stage;
mod start;
mod writes;

use figure::Row;
use lexopt::prelude::*;

/// What to measure.
#[derive(Default)]
struct Options {
    /// Groups by name; all where none is named.
    groups: Vec<String>,
    /// Whether to measure what takes many minutes, too.
    large: bool,
    /// Work to do under the eyes of an instruction counter, and how often, instead of measuring.
    work: Option<(String, u32)>,
}

/// Lines of the table that are measured together.
type Group = (&'static str, fn(&Options, &mut dyn FnMut(Row)));

const GROUPS: [Group; 13] = [
    ("start", start::measure),
    ("schema", schema::measure),
    ("memory", memory::measure),
    ("plan", plan::measure),
    ("refresh", refresh::measure),
    ("lookups", lookups::measure),
    ("fleet", fleet::measure),
    ("writes", writes::measure),
    ("sharing", sharing::measure),
    ("examples", examples::measure),
    ("cycles", cycles::measure),
    ("latency", latency::measure),
    ("instructions", instructions::measure),
];

fn main() -> Result<(), lexopt::Error> {
    bare::serve_if_asked();
    let options = Options::from_arguments()?;
    if let Some((work, times)) = &options.work {
        instructions::carry_out(work, *times);
        return Ok(());
    }
    println!("{}", Row::HEADER);
    for (_, measure) in GROUPS.iter().filter(|(name, _)| options.wants(name)) {
        measure(&options, &mut |row| println!("{row}"));
    }
    Ok(())
}

impl Options {
    fn from_arguments() -> Result<Self, lexopt::Error> {
        let mut options = Self::default();
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                // Cargo says this to every benchmark.
                Long("bench") => {}
                Long("large") => options.large = true,
                Long("work") => {
                    let work = arguments.value()?.string()?;
                    options.work = Some((work, arguments.value()?.parse()?));
                }
                Value(group) => options.groups.push(group.string()?),
                other => return Err(other.unexpected()),
            }
        }
        let unknown = |name: &&String| !GROUPS.iter().any(|(known, _)| known == name);
        match options.groups.iter().find(unknown) {
            Some(name) => Err(format!("there is no group {name}").into()),
            None => Ok(options),
        }
    }

    fn wants(&self, group: &str) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|name| name == group)
    }
}
