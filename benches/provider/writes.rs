//! Writes, which AWS's rates alone decide.

use crate::Options;
use crate::figure::{Quantity, Row, Unit};
use crate::harness::{Sandbox, Terraform};
use crate::stage::{self, run};

const APPLY: [&str; 3] = ["apply", "-no-color", "-auto-approve"];
const DESTROY: [&str; 3] = ["destroy", "-no-color", "-auto-approve"];

/// A write many times over.
struct Writes {
    what: &'static str,
    number: usize,
    /// Rate and burst that AWS documents for the operation (user guide, "Quotas and service limits").
    rate: (f64, f64),
}

pub(crate) fn measure(options: &Options, print: &mut dyn FnMut(Row)) {
    let aws = stage::sandbox(200);
    let terraform = aws.terraform();
    terraform.write(&stage::invitations(&stage::customers(&aws, 100)));
    let invite = Writes {
        what: "Invite 100 accounts",
        number: 100,
        rate: (3.0, 5.0),
    };
    print(invite.measure(&aws, &terraform, &APPLY));
    let cancel = Writes {
        what: "Cancel 100 invitations",
        number: 100,
        rate: (2.0, 3.0),
    };
    print(cancel.measure(&aws, &terraform, &DESTROY));

    let aws = stage::sandbox(200);
    let members: Vec<_> = (0..20)
        .map(|n| {
            let name = format!("Member {n}");
            aws.simulator
                .create_member(&aws.organization, name.as_str())
        })
        .collect();
    let terraform = aws.terraform();
    let removals = stage::counted("awsbilling_org_member_removal", "account_id", &members);
    terraform.write(&removals);
    let remove = Writes {
        what: "Remove 20 members",
        number: 20,
        rate: (2.0, 2.0),
    };
    print(remove.measure(&aws, &terraform, &APPLY));

    if options.large {
        let aws = stage::sandbox(1_100);
        let terraform = aws.terraform();
        terraform.write(&stage::invitations(&stage::customers(&aws, 1_000)));
        let invite = Writes {
            what: "Invite 1,000 accounts",
            number: 1_000,
            ..invite
        };
        print(invite.measure(&aws, &terraform, &APPLY));
    }
}

impl Writes {
    fn measure(&self, aws: &Sandbox, terraform: &Terraform, arguments: &[&str]) -> Row {
        stage::far_away(aws, stage::ROUND_TRIP);
        let elapsed = run(terraform, arguments).elapsed;
        let (rate, burst) = self.rate;
        let limit = stage::limit(self.number, rate, burst);
        let calls = stage::calls(aws);
        Row::new(self.what, Quantity::seconds(elapsed))
            .detail(&calls.text)
            .times(Quantity::new(limit, Unit::Seconds), "AWS's rate")
            .target_and("B10", 1.1, ", 0 throttled", calls.throttled == 0)
    }
}
