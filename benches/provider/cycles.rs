//! Many plans and applies by one process of the provider, and by many: what is left behind.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Options;
use crate::figure::{Quantity, Row, Unit};
use crate::harness::{Sandbox, Terraform};
use crate::stage::run;
use crate::{plugin, process};

/// Cycles of one process, and those after which it counts as warm.
const CYCLES: usize = 500;
const WARM: usize = 50;

/// Cycles in which Terraform starts processes of its own.
const FRESH: usize = 20;

/// Memory that is noise of the allocator, in MiB.
const NOISE: f64 = 1.0;

/// An account that has joined, with a tag that every cycle changes.
const CONFIGURATION: &str = "
variable \"cycle\" {
  type = string
}

resource \"awsbilling_partner_account_invitation\" \"example\" {
  account_id = \"ACCOUNT\"
  tags       = { cycle = var.cycle }
}
";

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let aws = Sandbox::new();
    let member = aws.simulator.create_member(&aws.organization, "Member");
    let configuration = CONFIGURATION.replace("ACCOUNT", member.id.as_str());
    let folder = tempfile::tempdir().unwrap();
    let arranged = || {
        let terraform = aws.terraform();
        terraform.write(&configuration);
        terraform.with("TMPDIR", &folder.path().display().to_string())
    };

    let mut provider = Debugged::start(&aws, folder.path());
    let terraform = arranged().with("TF_REATTACH_PROVIDERS", &provider.reattach);
    let (mut warm, mut left) = (None, Vec::new());
    for cycle in 0..CYCLES {
        apply(&terraform, cycle);
        if cycle == WARM {
            warm = Some((provider.holds(), process::resident(provider.id())));
            left = entries(folder.path());
        }
        // The simulator shares the machine, not the figure.
        aws.simulator.clear_calls();
    }
    let (before, after) = (
        warm.unwrap(),
        (provider.holds(), process::resident(provider.id())),
    );
    let steady = before.0 == after.0 && left == entries(folder.path());
    let (descriptors, children) = after.0;
    let what = format!("Resident memory of one process after {CYCLES} plans and applies");
    print(match (before.1, after.1) {
        (Some(before), Some(after)) => Row::new(what, after)
            .detail(&format!(
                "{descriptors} descriptors, {children} child processes, {} temporary files",
                left.len()
            ))
            .more_than(before, "after 50")
            .target_and("B15", NOISE, " MiB more, nothing else more", steady),
        _ => Row::skipped(what, "This system does not tell."),
    });
    provider.end();

    let terraform = arranged();
    for cycle in 0..FRESH {
        apply(&terraform, cycle);
    }
    let left = entries(folder.path()).len();
    print(
        Row::new(
            format!("Left behind by the processes of {FRESH} plans and applies"),
            Quantity::new(left as f64, Unit::Files),
        )
        .target("B15", 0.0),
    );
}

fn apply(terraform: &Terraform, cycle: usize) {
    let variable = format!("-var=cycle={cycle}");
    run(
        terraform,
        &["apply", "-no-color", "-auto-approve", &variable],
    );
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let found = std::fs::read_dir(folder).unwrap();
    let mut found: Vec<_> = found.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// A provider that Terraform did not start.
struct Debugged {
    process: Child,
    reattach: String,
}

impl Debugged {
    fn start(aws: &Sandbox, temporary: &Path) -> Self {
        let mut process = plugin::command()
            .arg("--debug")
            .envs(aws.simulator.environment(&aws.partner.key))
            .env("TMPDIR", temporary)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let (_, value) = line.trim_end().split_once('=').unwrap();
        Self {
            reattach: value.trim_matches('\'').to_owned(),
            process,
        }
    }

    fn id(&self) -> u32 {
        self.process.id()
    }

    /// Descriptors that it has open, and processes that it has started.
    fn holds(&self) -> (usize, usize) {
        (
            process::descriptors(self.id()),
            process::children(self.id()).len(),
        )
    }

    fn end(&mut self) {
        let id = self.id().to_string();
        Command::new("kill").arg(&id).status().unwrap();
        self.process.wait().unwrap();
    }
}
