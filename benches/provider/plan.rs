//! A plan of one resource, beside one of Terraform's own and one of the least provider.

use crate::figure::{Quantity, Row};
use crate::stage::{self, run};
use crate::{Options, bare};

/// Plans of each kind, one beside the other.
const PLANS: usize = 20;

const PLAN: [&str; 3] = ["plan", "-no-color", "-detailed-exitcode"];

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let (aws, ours) = stage::invited(1);
    let theirs = stage::terraform_data(&aws, 1);
    let (least, _folder) = bare::applied(&aws);
    let [mut plans, mut floors, mut leasts] = [const { Vec::new() }; 3];
    for _ in 0..PLANS {
        floors.push(run(&theirs, &PLAN).elapsed);
        leasts.push(run(&least, &PLAN).elapsed);
        plans.push(run(&ours, &PLAN).elapsed);
    }
    print(
        Row::new(
            "No-op plan of one resource of a provider that has no other and asks nobody",
            Quantity::median(&leasts),
        )
        .more_than(Quantity::median(&floors), "one `terraform_data`"),
    );
    print(
        Row::new(
            "No-op plan of one invitation, AWS next door",
            Quantity::median(&plans),
        )
        .more_than(Quantity::median(&floors), "one `terraform_data`")
        .target("B4", 40.0),
    );
}
