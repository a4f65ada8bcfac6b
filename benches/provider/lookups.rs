//! A plan that touches some accounts of a large organization: beside the better of describing each and of
//! listing all.

use crate::Options;
use crate::figure::{Quantity, Row, Unit};
use crate::stage::{self, PAGE, ROUND_TRIP, run};

/// Accounts of the organization.
const MEMBERS: usize = 10_000;

/// Accounts that a plan touches; the last where what takes long is measured, too.
const TOUCHED: [usize; 4] = [1, 20, 100, 2_000];

/// Rates and bursts of `DescribeAccount` and `ListAccounts` for an account.
///
/// Source: AWS Organizations user guide, "Quotas and service limits".
const DESCRIBE_RATE: (f64, f64) = (20.0, 30.0);
const LIST_RATE: (f64, f64) = (8.0, 12.0);

/// Objects that Terraform refreshes at once.
const PARALLELISM: usize = 10;

const PLAN: [&str; 3] = ["plan", "-no-color", "-detailed-exitcode"];

pub(crate) fn measure(options: &Options, print: &mut dyn FnMut(Row)) {
    let (aws, members) = stage::crowd(MEMBERS);
    let touched = if options.large { 4 } else { 3 };
    for &number in &TOUCHED[..touched] {
        let ours = stage::managing(&aws, &members[MEMBERS - number..]);
        let theirs = stage::terraform_data(&aws, number);
        let floor = run(&theirs, &PLAN).elapsed.as_secs_f64();
        stage::far_away(&aws, ROUND_TRIP);
        let elapsed = run(&ours, &PLAN).elapsed;
        let calls = stage::calls(&aws);
        aws.simulator.clear_faults();

        let (rate, burst) = DESCRIBE_RATE;
        let rounds = number.div_ceil(PARALLELISM) as f64 * ROUND_TRIP as f64 / 1000.0;
        let describe = stage::limit(number, rate, burst).max(rounds);
        let list = stage::paged_limit((MEMBERS + 1).div_ceil(PAGE), LIST_RATE, ROUND_TRIP);
        let better = describe.min(list) + floor;
        print(
            Row::new(
                format!("Plan of {number} of {MEMBERS} members"),
                Quantity::seconds(elapsed),
            )
            .detail(&calls.text)
            .target_and(
                "B9: 1.5 × and half a second",
                1.5 * better + 0.5,
                " s, 0 throttled",
                calls.throttled == 0,
            )
            .times(
                Quantity::new(better, Unit::Seconds),
                "the better of describing and listing, and as many `terraform_data`",
            ),
        );
    }
}
