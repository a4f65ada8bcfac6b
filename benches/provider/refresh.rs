//! A refresh of many open invitations: what AWS's rates allow, what Terraform itself needs, and the rest.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::Options;
use crate::figure::{Quantity, Row, Unit};
use crate::harness::Terraform;
use crate::plugin;
use crate::stage::{self, PAGE, run};

/// Rate and burst of `ListHandshakesForOrganization` for an account.
///
/// Source: AWS Organizations user guide, "Quotas and service limits".
pub(crate) const LIST_RATE: (f64, f64) = (5.0, 8.0);

const PLAN: [&str; 3] = ["plan", "-no-color", "-detailed-exitcode"];
/// A plan that looks at so many objects at a time, of which most wait for their page.
const WIDE: [&str; 4] = [
    "plan",
    "-no-color",
    "-detailed-exitcode",
    "-parallelism=1000",
];
const PLAN_FROM_STATE: [&str; 4] = ["plan", "-no-color", "-detailed-exitcode", "-refresh=false"];

/// A number of invitations, and what their figures are to be.
struct Size {
    number: usize,
    plan: f64,
    memory: Option<f64>,
    processor: Option<f64>,
}

const SIZES: [Size; 2] = [
    Size {
        number: 100,
        plan: 1.25,
        memory: None,
        processor: None,
    },
    Size {
        number: 1_000,
        plan: 1.15,
        memory: Some(24.0),
        processor: Some(0.3),
    },
];

const LARGE: Size = Size {
    number: 10_000,
    plan: 0.8,
    memory: Some(64.0),
    processor: None,
};

/// A provider block that takes the credentials for granted.
const TRUSTING: &str = r#"
provider "awsbilling" {
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}
"#;

/// Round trips other than the usual one, in milliseconds.
const OTHER_ROUND_TRIPS: [u64; 2] = [20, 300];

pub(crate) fn measure(options: &Options, print: &mut dyn FnMut(Row)) {
    let large = options.large.then_some(&LARGE);
    for size in SIZES.iter().chain(large) {
        measure_one(size, print);
    }
}

fn measure_one(size: &Size, print: &mut dyn FnMut(Row)) {
    let number = size.number;
    let (aws, ours) = stage::invited(number);
    let theirs = stage::terraform_data(&aws, number);

    let floor = run(&theirs, &PLAN_FROM_STATE).elapsed;
    let from_state = run(&ours, &PLAN_FROM_STATE).elapsed;
    print(
        Row::new(
            format!("Plan of {number} invitations without refresh"),
            Quantity::seconds(from_state),
        )
        .times(Quantity::seconds(floor), "as many `terraform_data`"),
    );

    let floor = run(&theirs, &PLAN).elapsed;
    let refresh = |plan: &[&str], round_trip: u64, how: &str, target: (&str, f64)| {
        stage::far_away(&aws, round_trip);
        let refreshed = run(&ours, plan);
        let pages = number.div_ceil(PAGE);
        let limit = stage::paged_limit(pages, LIST_RATE, round_trip) + floor.as_secs_f64();
        let what =
            format!("Plan of {number} invitations with refresh, AWS {round_trip} ms away{how}");
        let row = Row::new(what, Quantity::seconds(refreshed.elapsed)).times(
            Quantity::new(limit, Unit::Seconds),
            "AWS's rate and as many `terraform_data`",
        );
        (row.target(target.0, target.1), refreshed.peak)
    };
    let (row, peak) = refresh(&PLAN, stage::ROUND_TRIP, "", ("B8", size.plan));
    print(row);
    let calls = stage::calls(&aws);
    // One page holds all accounts: those invited are no members yet.
    let pages = number.div_ceil(PAGE) + 1;
    print(
        Row::new(
            format!("API calls to refresh {number} invitations"),
            Quantity::new(calls.all as f64, Unit::Calls),
        )
        .detail(&calls.text)
        .more_than(Quantity::new(pages as f64, Unit::Calls), "full pages")
        .target_and("B7", 3.0, " more, 0 throttled", calls.throttled == 0),
    );
    let what = format!("Resident memory, {number} refreshed, peak");
    print(match (peak, size.memory) {
        (Some(peak), Some(bound)) => Row::new(what, peak).target("B3", bound),
        (Some(peak), None) => Row::new(what, peak),
        (None, _) => Row::skipped(what, "This system does not tell."),
    });
    if number > 1_000 {
        let how = ", -parallelism=1000";
        print(refresh(&WIDE, stage::ROUND_TRIP, how, ("B8", size.plan)).0);
    }
    if number <= 100 {
        // The least call of all, that tells wrong credentials, weighs most here.
        ours.put("provider.tf", TRUSTING);
        let how = ", account not asked for";
        print(refresh(&PLAN, stage::ROUND_TRIP, how, ("B8", size.plan)).0);
        ours.put("provider.tf", "");
    }
    if number <= 1_000 {
        for round_trip in OTHER_ROUND_TRIPS {
            print(refresh(&PLAN, round_trip, "", ("B14", 1.25)).0);
        }
        stage::far_away(&aws, stage::ROUND_TRIP);
    }

    let what = format!("Provider's CPU for each of {number} invitations, three starts included");
    print(match processor_time(ours) {
        Some(time) => {
            let each = time.as_secs_f64() * 1000.0 / number as f64;
            let row = Row::new(what, Quantity::new(each, Unit::Milliseconds));
            match size.processor {
                Some(bound) => row.target("B5", bound),
                None => row,
            }
        }
        None => Row::skipped(what, "This needs bash."),
    });
}

/// Processor time of all processes of the provider in one plan with refresh. Terraform starts a script
/// in its place, which starts the provider and writes down what the system says of it afterwards.
fn processor_time(terraform: Terraform) -> Option<Duration> {
    let folder = tempfile::tempdir().unwrap();
    let times = folder.path().join("times");
    let provider = plugin::command();
    write_script(
        &folder.path().join("terraform-provider-awsbilling"),
        &format!(
            "#!/usr/bin/env bash\n'{}' \"$@\"\ntimes >> '{}'\n",
            provider.get_program().display(),
            times.display()
        ),
    );
    let terraform = stage::taking(terraform, "awsbilling/awsbilling", folder.path());
    let bash = std::process::Command::new("bash").arg("--version").output();
    bash.ok()?;
    run(&terraform, &PLAN);
    // Of each process two lines: the script's own times, and those of what it started.
    let written = fs::read_to_string(times).unwrap();
    let children = written.lines().skip(1).step_by(2);
    let seconds = children.flat_map(str::split_whitespace).map(seconds);
    Some(Duration::from_secs_f64(seconds.sum()))
}

/// Seconds of a time such as `0m0.123s`.
fn seconds(time: &str) -> f64 {
    let (minutes, seconds) = time.split_once('m').unwrap();
    let seconds: f64 = seconds.trim_end_matches('s').parse().unwrap();
    minutes.parse::<f64>().unwrap() * 60.0 + seconds
}

fn write_script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
