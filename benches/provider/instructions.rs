//! Instructions, which do not depend on what else the machine does: this program runs itself under
//! callgrind, twice, and the difference is what the additional rounds cost.

use std::hint::black_box;
use std::process::Command;

use awsbilling::framework::erased::{PlanRequest, Provider as _};
use awsbilling::framework::schema::Schema;
use awsbilling::framework::{Server, Value};
use awsbilling::protocol::dynamic_value;
use awsbilling::provider::AwsBilling;
use futures_util::FutureExt;

use crate::figure::{Quantity, Row, Unit};
use crate::{Options, core};

const INVITATION: &str = "awsbilling_partner_account_invitation";

/// Rounds of the shorter run and of the longer one.
const ROUNDS: (u32, u32) = (10, 110);

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    for (work, what) in [
        ("decode", "Decode the state of an invitation"),
        ("encode", "Encode the state of an invitation"),
        ("plan", "Plan an invitation whose notes change"),
    ] {
        let (few, many) = ROUNDS;
        let rounds = counted(work, few).zip(counted(work, many));
        print(match rounds {
            Some((short, long)) => {
                let each = (long - short) as f64 / f64::from(many - few);
                Row::new(what, Quantity::new(each, Unit::Instructions))
            }
            None => Row::skipped(what, "This needs valgrind."),
        });
    }
}

/// Instructions of this program when it does the work so often.
fn counted(work: &str, times: u32) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--work", work, &times.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected :"));
    collected?.1.trim().parse().ok()
}

/// Does the work so often.
pub(crate) fn carry_out(work: &str, times: u32) {
    let provider = Server::<AwsBilling>::new();
    let schema = &provider.schemas().resources[INVITATION].schema;
    let type_ = schema.value_type();
    let state = state(schema, "Hello");
    let changed = self::state(schema, "Welcome");
    let config = core::config(schema, [account(), notes("Welcome")]);
    let bytes = dynamic_value::encode(&state, type_).unwrap();
    for _ in 0..times {
        match work {
            "decode" => drop(black_box(dynamic_value::decode(black_box(&bytes), type_))),
            "encode" => drop(black_box(dynamic_value::encode(black_box(&state), type_))),
            "plan" => {
                let request = PlanRequest {
                    type_name: INVITATION.to_owned(),
                    prior_state: state.clone(),
                    proposed_new_state: changed.clone(),
                    config: config.clone(),
                    private: Vec::new(),
                    identity: None,
                    deferral_allowed: false,
                };
                let plan = provider.plan(request).now_or_never().unwrap();
                assert!(black_box(plan).planned_state.get("arn").is_unknown());
            }
            other => panic!("no such work: {other}"),
        }
    }
}

fn account() -> (&'static str, Value) {
    ("account_id", "111122223333".into())
}

fn notes(text: &str) -> (&'static str, Value) {
    ("notes", text.into())
}

/// An open invitation as Terraform stores it.
fn state(schema: &Schema, text: &str) -> Value {
    let arn =
        "arn:aws:organizations::999988887777:handshake/o-exampleorgid/invite/h-examplehandshake";
    core::config(
        schema,
        [
            account(),
            notes(text),
            ("on_destroy", "cancel".into()),
            ("wait_for_acceptance", Value::Bool(false)),
            ("handshake_id", "h-examplehandshake".into()),
            ("arn", arn.into()),
            ("state", "OPEN".into()),
            ("requested_at", "2026-11-20T09:00:00Z".into()),
            ("expires_at", "2026-12-05T09:00:00Z".into()),
            ("organization_id", "o-exampleorgid".into()),
            ("management_account_id", "999988887777".into()),
            ("tags_all", Value::Map([].into())),
        ],
    )
}
