//! A refresh while somebody else uses half of AWS's rate for the same account.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_organizations::config::retry::RetryConfig;
use aws_sdk_organizations::config::{BehaviorVersion, Credentials, Region};

use crate::Options;
use crate::figure::{Quantity, Row, Unit};
use crate::harness::Sandbox;
use crate::refresh::LIST_RATE;
use crate::stage::{self, PAGE, ROUND_TRIP, run};

const NUMBER: usize = 500;

const PLAN: [&str; 3] = ["plan", "-no-color", "-detailed-exitcode"];

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let (aws, ours) = stage::invited(NUMBER);
    let theirs = stage::terraform_data(&aws, NUMBER);
    let floor = run(&theirs, &PLAN).elapsed.as_secs_f64();
    stage::far_away(&aws, ROUND_TRIP);
    let done = AtomicBool::new(false);
    let refreshed = std::thread::scope(|scope| {
        scope.spawn(|| take_half(&aws, &done));
        let refreshed = run(&ours, &PLAN);
        done.store(true, Ordering::Relaxed);
        refreshed
    });
    let limit = stage::paged_limit(NUMBER.div_ceil(PAGE), LIST_RATE, ROUND_TRIP) + floor;
    print(
        Row::new(
            format!("Plan of {NUMBER} invitations, half of the rate used by others"),
            Quantity::seconds(refreshed.elapsed),
        )
        .detail(&format!("no failure; of both, {}", stage::calls(&aws).text))
        .times(
            Quantity::new(limit, Unit::Seconds),
            "AWS's whole rate and as many `terraform_data`",
        )
        .target("B11", 2.5),
    );
}

/// Calls at half of the rate until all is done, whatever AWS answers.
fn take_half(aws: &Sandbox, done: &AtomicBool) {
    let key = &aws.partner.key;
    let config = aws_sdk_organizations::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(aws.simulator.endpoint())
        .retry_config(RetryConfig::disabled())
        .credentials_provider(Credentials::new(&key.id, &key.secret, None, None, "other"))
        .build();
    let client = aws_sdk_organizations::Client::from_conf(config);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut turns = tokio::time::interval(Duration::from_secs_f64(2.0 / LIST_RATE.0));
        while !done.load(Ordering::Relaxed) {
            turns.tick().await;
            // It may be throttled, as we may be.
            let _ = client.list_handshakes_for_organization().send().await;
        }
    });
}
