//! Who paid what, and when.

use std::collections::BTreeMap;

use aws_sdk_costexplorer::operation::get_cost_and_usage::GetCostAndUsageOutput;
use aws_sdk_costexplorer::types::{
    DateInterval, Dimension, DimensionValues, Expression, Granularity, GroupDefinition,
    GroupDefinitionType,
};
use aws_simulator::world::TransferInvitation;
use aws_simulator::{Account, AccountSpec, Simulator};

use crate::clients::{billing, code, cost_explorer};
use crate::stage::Stage;

type Outcome = Result<
    GetCostAndUsageOutput,
    aws_sdk_costexplorer::error::SdkError<
        aws_sdk_costexplorer::operation::get_cost_and_usage::GetCostAndUsageError,
    >,
>;

fn by(key: &str) -> GroupDefinition {
    GroupDefinition::builder()
        .r#type(GroupDefinitionType::Dimension)
        .key(key)
        .build()
}

fn interval(start: &str, end: &str) -> DateInterval {
    DateInterval::builder()
        .start(start)
        .end(end)
        .build()
        .unwrap()
}

async fn bill(simulator: &Simulator, account: &Account, start: &str, end: &str) -> Outcome {
    bill_through(simulator, account, None, start, end).await
}

async fn bill_through(
    simulator: &Simulator,
    account: &Account,
    view: Option<String>,
    start: &str,
    end: &str,
) -> Outcome {
    cost_explorer(simulator, account)
        .get_cost_and_usage()
        .time_period(interval(start, end))
        .granularity(Granularity::Monthly)
        .metrics("UnblendedCost")
        .group_by(by("LINKED_ACCOUNT"))
        .set_billing_view_arn(view)
        .send()
        .await
}

/// Types, sources and ARNs of the views that an account has in January 2027.
async fn views(simulator: &Simulator, account: &Account) -> Vec<(String, String, String)> {
    let at = |time: time::OffsetDateTime| {
        aws_sdk_billing::primitives::DateTime::from_secs(time.unix_timestamp())
    };
    let range = aws_sdk_billing::types::ActiveTimeRange::builder()
        .active_after_inclusive(at(time::macros::datetime!(2027-01-01 00:00 UTC)))
        .active_before_inclusive(at(time::macros::datetime!(2027-01-31 23:59:59 UTC)))
        .build()
        .unwrap();
    let list = billing(simulator, account)
        .list_billing_views()
        .active_time_range(range);
    let pages = list.into_paginator().page_size(1).items().send();
    let views = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let views = views.into_iter().map(|view| {
        (
            view.billing_view_type.unwrap().to_string(),
            view.source_account_id.unwrap(),
            view.arn.unwrap(),
        )
    });
    views.collect()
}

/// The view of the bill that the source has transferred to the account.
async fn view_of(simulator: &Simulator, account: &Account, source: &Account) -> Option<String> {
    let views = views(simulator, account).await.into_iter();
    let mut of_source =
        views.filter(|(kind, of, _)| kind == "BILLING_TRANSFER" && *of == source.id.as_str());
    of_source.next().map(|(.., arn)| arn)
}

/// What each account cost in each month.
async fn paid(
    simulator: &Simulator,
    by: &Account,
    start: &str,
    end: &str,
) -> BTreeMap<(String, String), String> {
    paid_through(simulator, by, None, start, end).await
}

async fn paid_through(
    simulator: &Simulator,
    by: &Account,
    view: Option<String>,
    start: &str,
    end: &str,
) -> BTreeMap<(String, String), String> {
    let output = bill_through(simulator, by, view, start, end).await.unwrap();
    assert_eq!(output.next_page_token, None);
    let mut paid = BTreeMap::new();
    for month in output.results_by_time() {
        for group in month.groups() {
            let amount = group.metrics().unwrap()["UnblendedCost"].amount().unwrap();
            let start = month.time_period().unwrap().start().to_owned();
            paid.insert((start, group.keys()[0].clone()), amount.to_owned());
        }
    }
    paid
}

#[tokio::test]
async fn a_bill_tells_what_each_account_cost_and_what_is_not_final() {
    let stage = Stage::new().await;
    let member = stage.member();
    let output = bill(&stage.simulator, &stage.partner, "2026-09-01", "2026-12-01")
        .await
        .unwrap();
    let estimated: Vec<_> = output
        .results_by_time()
        .iter()
        .map(aws_sdk_costexplorer::types::ResultByTime::estimated)
        .collect();
    assert_eq!(estimated, [false, false, true]);
    for month in output.results_by_time() {
        let keys: Vec<_> = month
            .groups()
            .iter()
            .map(|group| group.keys()[0].as_str())
            .collect();
        let mut expected = [member.id.as_str(), stage.partner.id.as_str()];
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }
    let names: Vec<_> = output
        .dimension_value_attributes()
        .iter()
        .map(|value| value.attributes().unwrap()["description"].as_str())
        .collect();
    assert!(names.contains(&"Member") && names.contains(&"Partner"));
    let again = bill(&stage.simulator, &stage.partner, "2026-09-01", "2026-12-01").await;
    assert_eq!(again.unwrap().results_by_time(), output.results_by_time());
}

#[tokio::test]
async fn costs_move_with_membership() {
    let stage = Stage::new().await;
    let (simulator, customer) = (&stage.simulator, &stage.customer);
    let before = paid(simulator, customer, "2026-10-01", "2026-12-01").await;
    assert_eq!(before.len(), 2);
    let id = stage.invited(customer).await;
    stage.accept(customer, &id).await.unwrap();
    simulator.pass_days(45);
    let partner = paid(simulator, &stage.partner, "2026-10-01", "2027-01-01").await;
    let of_customer = |month: &str| partner.get(&(month.to_owned(), customer.id.to_string()));
    assert_eq!(of_customer("2026-10-01"), None);
    assert!(of_customer("2026-11-01").is_some() && of_customer("2026-12-01").is_some());
    // What was paid before is out of sight: it belongs to another membership.
    let own = paid(simulator, customer, "2026-10-01", "2027-01-01").await;
    let of_member = |month: &str| own.get(&(month.to_owned(), customer.id.to_string()));
    assert_eq!(of_member("2026-12-01"), of_customer("2026-12-01"));
    assert!(of_member("2026-11-01").is_some());
}

#[tokio::test]
async fn costs_move_with_a_billing_transfer() {
    let stage = Stage::new().await;
    let (simulator, customer) = (&stage.simulator, &stage.customer);
    let organization = simulator.create_organization(customer);
    let member = simulator.create_member(&organization, "Member");
    simulator.world(|world| {
        let id = stage.organization.id.as_str();
        world.organization_mut(id).unwrap().inbound_transfer_quota = 1;
        let invitation = TransferInvitation {
            source: aws_simulator::world::Recipient::Account(customer.id.clone()),
            name: "Customer".to_owned(),
            start: time::macros::datetime!(2027-01-01 00:00 UTC),
            notes: None,
            tags: BTreeMap::new(),
        };
        let handshake = world
            .invite_to_transfer(&stage.partner.id, invitation)
            .unwrap()
            .id
            .clone();
        world.accept(&customer.id, handshake.as_str()).unwrap();
    });
    simulator.pass_days(80);
    let (december, january) = ("2026-12-01".to_owned(), "2027-01-01".to_owned());
    let view = view_of(simulator, &stage.partner, customer).await;
    assert!(view.is_some());
    let through = async |by: &Account, view: Option<String>| {
        paid_through(simulator, by, view, "2026-12-01", "2027-02-01").await
    };
    let partner = through(&stage.partner, view.clone()).await;
    let primary = through(&stage.partner, None).await;
    let source = through(customer, None).await;
    for account in [customer, &member] {
        let id = account.id.to_string();
        let (before, after) = ((december.clone(), id.clone()), (january.clone(), id));
        assert!(source.contains_key(&before) && !source.contains_key(&after));
        assert!(partner.contains_key(&after) && !partner.contains_key(&before));
        assert!(!primary.contains_key(&before) && !primary.contains_key(&after));
    }
    let own = (january, stage.partner.id.to_string());
    assert!(primary.contains_key(&own) && !partner.contains_key(&own));
    // A view is its owner's.
    let (start, end) = ("2027-01-01", "2027-02-01");
    let stolen = bill_through(simulator, customer, view, start, end).await;
    assert_eq!(code(stolen), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_chain_of_transfers_ends_at_one_payer_and_with_its_month() {
    let stage = Stage::new().await;
    let (simulator, customer) = (&stage.simulator, &stage.customer);
    simulator.create_organization(customer);
    let distributor = simulator.create_account("Distributor");
    simulator.create_organization(&distributor);
    simulator.world(|world| {
        let start = time::macros::datetime!(2026-09-01 00:00 UTC);
        let (partner, top) = (&stage.partner.id, &distributor.id);
        let seller = world.arrange_transfer(&customer.id, partner, "Seller", start);
        world
            .arrange_transfer(partner, top, "Distributor", start)
            .unwrap();
        let id = seller.unwrap();
        world
            .terminate_transfer(&customer.id, id.as_str(), None)
            .unwrap();
    });
    simulator.pass_days(45);
    let of_customer = |month: &str| (month.to_owned(), customer.id.to_string());
    let paid_by = async |by: &Account, view: Option<String>| {
        paid_through(simulator, by, view, "2026-10-01", "2027-01-01").await
    };
    // The seller's bill stands, and the customer's was over before January.
    let view = view_of(simulator, &distributor, &stage.partner).await;
    assert!(view.is_some());
    assert_eq!(view_of(simulator, &stage.partner, customer).await, None);
    let (top, seller, own) = (
        paid_by(&distributor, view).await,
        paid_by(&stage.partner, None).await,
        paid_by(customer, None).await,
    );
    for month in ["2026-10-01", "2026-11-01"] {
        assert!(top.contains_key(&of_customer(month)));
        assert!(!own.contains_key(&of_customer(month)));
    }
    assert!(seller.is_empty());
    assert!(own.contains_key(&of_customer("2026-12-01")));
    assert!(!top.contains_key(&of_customer("2026-12-01")));
}

#[tokio::test]
async fn metrics_dimensions_and_filters() {
    let stage = Stage::new().await;
    let request = || {
        cost_explorer(&stage.simulator, &stage.partner)
            .get_cost_and_usage()
            .time_period(interval("2026-10-01", "2026-11-01"))
            .granularity(Granularity::Monthly)
            .metrics("UnblendedCost")
            .metrics("NetUnblendedCost")
    };
    let total = request().send().await.unwrap();
    let amounts = total.results_by_time()[0].total().unwrap();
    let amount = |name: &str| amounts[name].amount().unwrap().parse::<f64>().unwrap();
    assert!(amount("UnblendedCost") > amount("NetUnblendedCost"));
    assert_eq!(amounts["UnblendedCost"].unit(), Some("USD"));

    let services = request()
        .group_by(by("LINKED_ACCOUNT"))
        .group_by(by("SERVICE"));
    let services = services.send().await.unwrap();
    let groups = services.results_by_time()[0].groups();
    let sum: f64 = groups
        .iter()
        .map(|group| group.metrics().unwrap()["UnblendedCost"].amount().unwrap())
        .map(|amount| amount.parse::<f64>().unwrap())
        .sum();
    assert!((sum - amount("UnblendedCost")).abs() < 0.000_001);
    let storage = Expression::builder().dimensions(
        DimensionValues::builder()
            .key(Dimension::Service)
            .values("Amazon Simple Storage Service")
            .build(),
    );
    let filtered = request().filter(storage.build()).group_by(by("SERVICE"));
    let filtered = filtered.send().await.unwrap();
    let groups = filtered.results_by_time()[0].groups();
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].keys(), ["Amazon Simple Storage Service"]);
}

#[tokio::test]
async fn long_bills_come_in_pages() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        stage.member();
    }
    let request = |token: Option<String>, key: &str| {
        cost_explorer(&stage.simulator, &stage.partner)
            .get_cost_and_usage()
            .time_period(interval("2026-09-10", "2026-11-01"))
            .granularity(Granularity::Daily)
            .metrics("UnblendedCost")
            .group_by(by(key))
            .set_next_page_token(token)
            .send()
    };
    let (mut token, mut sizes, mut days) = (None, Vec::new(), BTreeMap::new());
    loop {
        let page = request(token, "LINKED_ACCOUNT").await.unwrap();
        let groups = page.results_by_time().iter().map(|day| day.groups().len());
        sizes.push(groups.sum::<usize>());
        for day in page.results_by_time() {
            let start = day.time_period().unwrap().start().to_owned();
            *days.entry(start).or_insert(0) += day.groups().len();
        }
        token = page.next_page_token;
        if token.is_none() {
            break;
        }
        let changed = request(token.clone(), "SERVICE").await;
        assert_eq!(code(changed), "RequestChangedException");
    }
    assert_eq!(sizes, [100, 100, 8]);
    assert!(days.len() == 52 && days.values().all(|groups| *groups == 4));
    let odd = request(Some("nonsense".to_owned()), "SERVICE").await;
    assert_eq!(code(odd), "InvalidNextTokenException");
}

#[tokio::test]
async fn a_bill_is_not_for_everybody_and_not_at_once() {
    let stage = Stage::new().await;
    let closed = stage.simulator.create_account(AccountSpec {
        iam_billing_access: false,
        ..AccountSpec::named("Closed")
    });
    let ask = |by: &Account| {
        let by = by.clone();
        let simulator = &stage.simulator;
        async move { bill(simulator, &by, "2026-11-01", "2026-12-01").await }
    };
    assert_eq!(code(ask(&closed).await), "AccessDeniedException");
    stage
        .as_customer()
        .create_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(code(ask(&stage.customer).await), "DataUnavailableException");
    stage.simulator.pass_days(1);
    ask(&stage.customer).await.unwrap();
}

#[tokio::test]
async fn requests_are_held_against_the_model() {
    let stage = Stage::new().await;
    let request = || {
        cost_explorer(&stage.simulator, &stage.partner)
            .get_cost_and_usage()
            .granularity(Granularity::Monthly)
            .time_period(interval("2026-10-01", "2026-11-01"))
            .metrics("UnblendedCost")
    };
    let too_old = interval("2025-09-01", "2026-11-01");
    for refused in [
        request().time_period(interval("2026-11-01", "2026-10-01")),
        request().time_period(interval("2026-11-21", "2026-12-01")),
        request().time_period(too_old),
        request().time_period(interval("November", "2026-12-01")),
        request().granularity(Granularity::Hourly),
        request().metrics("Cost"),
        request().group_by(by("AZ")),
    ] {
        assert_eq!(code(refused.send().await), "ValidationException");
    }
}
