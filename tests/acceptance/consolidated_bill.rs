//! `data.awsbilling_consolidated_bill`: exact sums of all pages, and an answer to each refusal.

use aws_simulator::world::{AccountId, BillingView, FeatureSet};
use aws_simulator::{AccountSpec, Effect, Fault};
use serde_json::{Value, json};
use time::macros::{date, datetime};

use crate::harness::{Sandbox, Terraform};

fn config(arguments: &str) -> String {
    format!(
        "data \"awsbilling_consolidated_bill\" \"example\" {{\n{arguments}\n}}\n\noutput \"bill\" {{\n  value = \
         data.awsbilling_consolidated_bill.example\n}}\n"
    )
}

fn bill(terraform: &Terraform, arguments: &str) -> Value {
    terraform.apply(&config(arguments));
    terraform.output("bill")
}

/// A decimal text in billionths, of which the simulator writes nine digits.
fn billionths(text: &Value) -> u128 {
    let text = text.as_str().unwrap();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<9}").parse().unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap()
}

impl Sandbox {
    /// With an organization that is old enough to have a bill.
    fn of_old() -> Self {
        let aws = Self::new();
        aws.simulator.pass_days(20);
        aws
    }

    /// Dollars in billionths that all accounts cost the partner in October and November 2026.
    fn spent(&self) -> u128 {
        let periods = [
            (date!(2026 - 10 - 01), date!(2026 - 11 - 01)),
            (date!(2026 - 11 - 01), date!(2026 - 12 - 01)),
        ];
        let costs = self.simulator.world(|world| {
            world
                .costs(&self.partner.id, &BillingView::Primary, &periods)
                .unwrap()
        });
        let micros = costs.iter().flatten().map(|cost| u128::from(cost.micros));
        micros.sum::<u128>() * 1_000
    }
}

#[test]
fn sums_are_exact_over_all_pages() {
    let aws = Sandbox::new();
    for n in 0..120 {
        aws.simulator
            .create_member(&aws.organization, format!("Member {n}").as_str());
    }
    aws.simulator.pass_days(20);
    aws.simulator.clear_calls();
    let terraform = aws.terraform();
    let bill = bill(
        &terraform,
        r#"start_month = "2026-10"
           end_month   = "2026-11""#,
    );
    // Two months of 121 accounts, of which a page of the simulator holds a hundred.
    assert_eq!(aws.count("GetCostAndUsage"), 3);
    let months = list(&bill, "months");
    let names: Vec<_> = months.iter().map(|one| one["month"].as_str()).collect();
    assert_eq!(names, [Some("2026-10"), Some("2026-11")]);
    let sum = |list: &[Value], name: &str| list.iter().map(|one| billionths(&one[name])).sum();
    for month in months {
        let total: u128 = sum(list(month, "accounts"), "amount");
        assert_eq!(billionths(&month["total"]), total);
    }
    let total = billionths(&bill["total"]);
    assert_eq!(total, aws.spent());
    assert_eq!(total, sum(months, "total"));
    let accounts = list(&bill, "accounts");
    assert_eq!(accounts.len(), 121);
    assert_eq!(total, sum(accounts, "amount"));
    assert!(accounts.iter().any(|one| one["name"] == "Member 119"));
    assert!(accounts.iter().all(|one| one["currency"] == "USD"));
    assert_eq!(bill["currency"], json!("USD"));
    assert_eq!(bill["account_id"], json!(aws.partner.id));
    assert_eq!(bill["available"], json!(true));
}

#[test]
fn the_current_month_is_an_estimate() {
    let aws = Sandbox::of_old();
    let terraform = aws.terraform();
    // The simulator's clock began in November, and 20 days went by.
    let current = bill(&terraform, "");
    let months = list(&current, "months");
    assert_eq!(months.len(), 1);
    assert_eq!(months[0]["month"], json!("2026-12"));
    assert_eq!(months[0]["estimated"], json!(true));
    assert_eq!(current["estimated"], json!(true));
    let past = bill(&terraform, r#"end_month = "2026-10""#);
    assert_eq!(list(&past, "months").len(), 1);
    assert_eq!(past["estimated"], json!(false));
}

#[test]
fn each_metric_is_its_own() {
    let aws = Sandbox::of_old();
    let metrics = [
        "unblended",
        "blended",
        "net_unblended",
        "amortized",
        "net_amortized",
    ];
    let blocks = metrics.map(|metric| {
        format!(
            "data \"awsbilling_consolidated_bill\" \"{metric}\" {{\n  end_month = \"2026-10\"\n  metric = \
             \"{metric}\"\n}}\noutput \"{metric}\" {{\n  value = \
             data.awsbilling_consolidated_bill.{metric}.total\n}}\n"
        )
    });
    let terraform = aws.terraform();
    terraform.apply(&blocks.concat());
    let totals = metrics.map(|metric| billionths(&terraform.output(metric)));
    // The shares that the simulator gives the metrics.
    let shares = [1_000, 990, 970, 1_010, 980];
    let (unblended, rounding) = (totals[0], 1_000_000);
    for (total, share) in totals.into_iter().zip(shares) {
        assert!((unblended * share / 1_000).abs_diff(total) < rounding);
    }
    terraform.write(&config(r#"metric = "usage""#));
    terraform.plan().failed().says("net_amortized");
}

#[test]
fn the_same_question_is_put_once() {
    let aws = Sandbox::of_old();
    aws.simulator.clear_calls();
    let twice = "data \"awsbilling_consolidated_bill\" \"example\" {\n  count = 5\n}\n";
    aws.terraform().apply(twice);
    assert_eq!(aws.count("GetCostAndUsage"), 1);
}

#[test]
fn months_are_checked_before_anything_is_paid_for() {
    let aws = Sandbox::of_old();
    aws.simulator.clear_calls();
    let terraform = aws.terraform();
    for (arguments, said) in [
        (
            r#"start_month = "2026-11"
               end_month   = "2026-10""#,
            "end_month is 2026-10, before start_month, which is 2026-11.",
        ),
        (
            r#"start_month = "2027-01""#,
            "2027-01 is to come: AWS tells costs up to the current month, 2026-12.",
        ),
        (r#"end_month = "2027-01""#, "2027-01 is to come"),
        (
            r#"start_month = "2023-10""#,
            "2023-10 is too long ago: Cost Explorer shows 38 months at most",
        ),
        (r#"start_month = "2026-1""#, r#"written like "2027-01""#),
        (
            r#"billing_view_arn = "arn:aws:billing::1:billingview/primary""#,
            "The ARN of a billing view is like",
        ),
    ] {
        terraform.write(&config(arguments));
        terraform.plan().failed().says(said);
    }
    assert_eq!(aws.count("GetCostAndUsage"), 0);
    // AWS shows fewer months unless told otherwise.
    terraform.write(&config(r#"start_month = "2023-11""#));
    terraform
        .plan()
        .failed()
        .says("Bill refused")
        .says("multi-year data");
}

#[test]
fn a_new_organization_has_no_bill_yet() {
    let aws = Sandbox::new();
    let founder = aws.customer("Founder");
    aws.simulator.world(|world| {
        let founded = world.create_organization(&founder.id, FeatureSet::All);
        founded.unwrap();
    });
    let terraform = aws.terraform_as(&founder);
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Bill not available yet")
        .says("set allow_unavailable = true")
        .says("AWS: GetCostAndUsage, DataUnavailableException");
    let said = terraform.apply(&config("allow_unavailable = true"));
    said.says("Warning: Bill not available yet");
    let none = terraform.output("bill");
    for (name, value) in [
        ("available", json!(false)),
        ("total", Value::Null),
        ("months", json!([])),
        ("accounts", json!([])),
    ] {
        assert_eq!(none[name], value, "{name}");
    }
    aws.simulator.pass_days(2);
    let some = bill(&terraform, "allow_unavailable = true");
    assert_eq!(some["available"], json!(true));
    assert!(billionths(&some["total"]) > 0);
}

#[test]
fn each_refusal_has_its_remedy() {
    let aws = Sandbox::of_old();
    let terraform = aws.terraform().with("AWS_MAX_ATTEMPTS", "1");
    for (code, summary, remedy) in [
        (
            "BillExpirationException",
            "Bill too old",
            "Choose a later start_month.",
        ),
        (
            "LimitExceededException",
            "Cost Explorer asked too often",
            "raise max_retries",
        ),
        (
            "RequestChangedException",
            "Bill changed while it was read",
            "Apply again, which reads it from the beginning.",
        ),
        (
            "InvalidNextTokenException",
            "Bill changed while it was read",
            "Apply again",
        ),
        (
            "BillingViewHealthStatusException",
            "Billing view not ready",
            "apply again when it is healthy",
        ),
        (
            "ResourceNotFoundException",
            "Billing view not found",
            "Correct billing_view_arn",
        ),
        (
            "AccessDeniedException",
            "Access denied",
            "A member sees its costs only if the management account lets it",
        ),
    ] {
        let fault = aws.simulator.fault(
            Fault::new(Effect::Error {
                code: code.to_owned(),
                reason: None,
                message: String::new(),
                status: None,
            })
            .on("GetCostAndUsage"),
        );
        // What is allowed is a bill that is not there yet, and nothing else.
        terraform.write(&config("allow_unavailable = true"));
        terraform
            .plan()
            .failed()
            .says(summary)
            .says(remedy)
            .says(&format!("AWS: GetCostAndUsage, {code}"));
        aws.simulator.clear_fault(fault);
    }
}

#[test]
fn billing_must_be_open_to_users() {
    let aws = Sandbox::of_old();
    let closed = aws.simulator.create_account(AccountSpec {
        iam_billing_access: false,
        ..AccountSpec::named("Closed")
    });
    let terraform = aws.terraform_as(&closed);
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Access denied")
        .says("IAM user and role access to Billing information");
}

#[test]
fn a_transferred_bill_is_found_in_its_view() {
    let aws = Sandbox::of_old();
    let source = aws.customer("Source");
    let theirs = aws.simulator.create_organization(&source);
    let member = aws.simulator.create_member(&theirs, "Their member");
    let terraform = aws.terraform();
    let of_source = format!("source_account_id = \"{}\"", source.id);
    terraform.write(&config(&of_source));
    terraform
        .plan()
        .failed()
        .says("No transferred bill")
        .says("awsbilling_billing_transfers says when each transfer begins")
        .says("set allow_unavailable = true");
    terraform
        .apply(&config(&format!("{of_source}\nallow_unavailable = true")))
        .says("Warning: No transferred bill yet");
    assert_eq!(terraform.output("bill")["available"], json!(false));

    aws.simulator.world(|world| {
        let start = datetime!(2026-11-01 00:00 UTC);
        let transfer = world.arrange_transfer(&source.id, &aws.partner.id, "Source", start);
        transfer.unwrap();
    });
    let ids = |bill: &Value| -> Vec<String> {
        let accounts = list(bill, "accounts").iter();
        accounts
            .map(|one| one["account_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut expected = [source.id.to_string(), member.id.to_string()];
    expected.sort();
    let theirs = bill(
        &terraform,
        &format!("start_month = \"2026-11\"\n{of_source}"),
    );
    assert_eq!(ids(&theirs), expected);
    assert_eq!(list(&theirs, "months").len(), 2);
    // It is in no other: who pays sees its own organization, and who does not pay sees nothing.
    assert_eq!(ids(&bill(&terraform, "")), [aws.partner.id.to_string()]);
    let left = bill(&aws.terraform_as(&source), "");
    assert_eq!(ids(&left), Vec::<String>::new());
    assert_eq!(
        (&left["total"], &left["currency"]),
        (&json!("0"), &Value::Null)
    );

    // A view can be named, too, but not another's.
    let arn = aws.simulator.world(|world| {
        let now = world.now();
        let views = world.billing_views(&aws.partner.id, now, now).unwrap();
        views.last().unwrap().0.clone()
    });
    let named = format!("billing_view_arn = \"{arn}\"");
    assert_eq!(ids(&bill(&terraform, &named)), expected);
    terraform.write(&config(&format!("{named}\n{of_source}")));
    terraform.plan().failed().says("source_account_id");
    let stranger = aws.terraform_as(&source);
    stranger.write(&config(&named));
    stranger.plan().failed().says("Billing view not found");
}

#[test]
fn costs_move_with_an_account() {
    let aws = Sandbox::of_old();
    let customer = aws.customer("Customer");
    let before = bill(
        &aws.terraform_as(&customer),
        r#"start_month = "2026-11"
           end_month   = "2026-11""#,
    );
    assert_eq!(before["accounts"][0]["account_id"], json!(customer.id));
    aws.simulator
        .invite(&aws.organization, &customer)
        .and_then(|invitation| aws.simulator.accept(&customer, invitation.as_str()))
        .unwrap();
    aws.simulator.pass_days(30);
    let partner = bill(
        &aws.terraform(),
        r#"start_month = "2026-11"
           end_month   = "2027-01""#,
    );
    let paid: Vec<bool> = list(&partner, "months")
        .iter()
        .map(|month| {
            let accounts = list(month, "accounts").iter();
            let mut ids = accounts.map(|one| AccountId::from(one["account_id"].as_str().unwrap()));
            ids.any(|id| id == customer.id)
        })
        .collect();
    assert_eq!(paid, [false, true, true]);
}
