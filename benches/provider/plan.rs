//! A plan of one resource, beside one of Terraform's own.

use crate::Options;
use crate::figure::{Quantity, Row};
use crate::stage::{self, run};

/// Plans of each kind, one beside the other.
const PLANS: usize = 20;

const PLAN: [&str; 3] = ["plan", "-no-color", "-detailed-exitcode"];

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let (aws, ours) = stage::invited(1);
    let theirs = stage::terraform_data(&aws, 1);
    let (mut plans, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..PLANS {
        floors.push(run(&theirs, &PLAN).elapsed);
        plans.push(run(&ours, &PLAN).elapsed);
    }
    print(
        Row::new(
            "No-op plan of one invitation, AWS next door",
            Quantity::median(&plans),
        )
        .more_than(Quantity::median(&floors), "one `terraform_data`")
        .target("B4", 40.0),
    );
}
