//! The stories under `examples/scenarios`, told from beginning to end.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use aws_simulator::world::{AccountId, BillingView, OrganizationId};
use aws_simulator::{Effect, Fault, Seed, Simulator};
use serde_json::{Value, json};
use time::Date;
use time::macros::date;

use crate::harness::{Terraform, at_once};

/// A story's world, and Terraform with its configuration and its people's profiles.
struct Story {
    simulator: Simulator,
    terraform: Terraform,
}

impl Story {
    fn open(name: &str, seed: &str) -> Self {
        let simulator = Simulator::start_blocking().unwrap();
        simulator.sow(Seed::parse(seed).unwrap()).unwrap();
        let terraform = Terraform::of_story(name, &simulator);
        Self {
            simulator,
            terraform,
        }
    }

    fn told(name: &str) -> Self {
        let story = Self::open(name, &file(name, "world.json"));
        story.terraform.try_apply().succeeded();
        story.terraform.expect_empty_plan();
        story
    }

    fn organization_of(&self, account: &str) -> Option<String> {
        self.simulator.world(|world| {
            let account = world.account(account).unwrap();
            account.organization().map(ToString::to_string)
        })
    }

    fn is_with_partner(&self, account: &str) -> bool {
        self.organization_of(account).as_deref() == Some("o-examplepartner")
    }

    fn exists(&self, organization: &str) -> bool {
        self.simulator
            .world(|world| world.organization(organization).is_some())
    }

    fn count(&self, operation: &str) -> usize {
        let calls = self.simulator.calls();
        calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }
}

/// Millionths of a dollar that a decimal text says.
fn micros(text: &serde_json::Value) -> u64 {
    let text = text.as_str().unwrap();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<6}").parse().unwrap()
}

fn file(story: &str, name: &str) -> String {
    let path = format!(
        "{}/examples/scenarios/{story}/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::read_to_string(path).unwrap()
}

/// Everything at AWS that outlives a destroy or ends with it, a line for each thing.
fn what_is_there(simulator: &Simulator) -> BTreeSet<String> {
    simulator.world(|world| {
        let mut facts = BTreeSet::new();
        for account in world.accounts() {
            let id = &account.id;
            let state = account.state.as_str();
            let place = account.organization().map_or("none", |id| id.as_str());
            facts.insert(format!("account {id} {state} in organization {place}"));
            for role in world.roles(id, None) {
                facts.insert(format!("role {} of {id}", role.name));
            }
        }
        for organization in world.organizations() {
            facts.insert(format!("organization {}", organization.id));
        }
        for transfer in world.transfers() {
            let (status, end) = (transfer.status.as_str(), transfer.end);
            facts.insert(format!("transfer {} {status} {end:?}", transfer.name));
        }
        for report in world.reports() {
            facts.insert(format!("report {}", report.definition.name));
        }
        for bucket in world.buckets() {
            facts.insert(format!("bucket {}", bucket.name));
            let policy = bucket.policy.as_deref().unwrap_or("{}");
            let policy: Value = serde_json::from_str(policy).unwrap();
            for statement in policy["Statement"].as_array().into_iter().flatten() {
                facts.insert(format!("bucket {}: {}", bucket.name, statement["Sid"]));
            }
        }
        facts
    })
}

/// What ends at AWS when a story is destroyed. Of the others nothing does: memberships, organizations and
/// transfers stay as they are.
const ENDS: &[(&str, &[&str])] = &[
    (
        "connect-cloud-analyzer",
        &[
            "bucket example-billing-reports",
            "report hourly-resources",
            "role awsbilling-spot-cloud-analyzer of 111122223333",
        ],
    ),
    (
        "connect-billing-engine",
        &[
            "bucket example-billing-engine",
            "report billing-engine",
            "role awsbilling-spot-billing-engine of 111122223333",
        ],
    ),
    (
        "two-analyzers",
        &[
            "bucket example-billing-reports",
            "report billing-engine",
            "report cloud-analyzer",
            "role awsbilling-spot-billing-engine of 111122223333",
            "role awsbilling-spot-cloud-analyzer of 111122223333",
        ],
    ),
    (
        "existing-report",
        &[
            "bucket example-finance: \"AwsBillingBackfillFindfinanceZ2Ddaily\"",
            "bucket example-finance: \"AwsBillingBackfillListfinanceZ2Ddaily\"",
            "bucket example-finance: \"AwsBillingBackfillReadfinanceZ2Ddaily\"",
            "role awsbilling-custom of 111122223333",
        ],
    ),
];

/// The story whose organization is guarded: its destroy is refused before anything is done.
const PROTECTED: &str = "found-an-organization";

#[test]
fn destroy_does_what_the_pages_say_and_no_more() {
    let folder = format!("{}/examples/scenarios", env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let stories = entries.filter(|entry| entry.path().is_dir());
    let stories = stories.map(|story| story.file_name().into_string().unwrap());
    at_once(stories.collect(), |name| {
        let story = Story::told(&name);
        let before = what_is_there(&story.simulator);
        let destroy = story.terraform.destroy();
        let after = what_is_there(&story.simulator);
        if name == PROTECTED {
            destroy
                .failed()
                .says("set deletion_protection = false and apply");
        } else {
            destroy.succeeded();
        }

        let came: Vec<_> = after.difference(&before).collect();
        assert!(came.is_empty(), "destroying {name} made {came:?}");
        let expected = ENDS.iter().find(|(of, _)| *of == name);
        let expected = expected.map_or(&[][..], |(_, ends)| ends);
        // The policy of a bucket goes with it.
        let is_part = |fact: &str| {
            let whole = fact.split_once(": ").map(|(whole, _)| whole);
            whole.is_some_and(|whole| expected.contains(&whole))
        };
        let gone: Vec<_> = before.difference(&after).map(String::as_str).collect();
        let gone: Vec<_> = gone.into_iter().filter(|fact| !is_part(fact)).collect();
        assert_eq!(gone, expected, "{name}");
    });
}

/// Accounts that join the partner in a story.
const JOINS: &[(&str, &[&str])] = &[
    (
        "join-a-partner",
        &["444455556666", "111122224444", "111122225555"],
    ),
    ("case-1-standalone", &["111122223333"]),
    ("case-2-member", &["111122224444", "111122225555"]),
    (
        "case-3-own-organization",
        &[
            "111122223333",
            "111122224444",
            "111122225555",
            "111122226666",
        ],
    ),
];

#[test]
fn standing_and_bill_show_each_move() {
    at_once(JOINS.to_vec(), |(name, accounts)| {
        let story = Story::told(name);
        // The month after the move is one that the partner pays alone.
        story.simulator.pass_days(40);
        let partner = Terraform::of(&story.simulator, "999988887777");
        partner.apply(
            "data \"awsbilling_consolidated_bill\" \"all\" {}\n\noutput \"paid_for\" {\n  value = \
             data.awsbilling_consolidated_bill.all.accounts[*].account_id\n}\n",
        );
        let paid_for = partner.output("paid_for");
        for account in accounts {
            assert!(
                paid_for.as_array().unwrap().contains(&json!(account)),
                "{name}: the bill of {account} is not with the partner: {paid_for}"
            );
            let customer = Terraform::of(&story.simulator, account);
            customer.apply(
                "data \"awsbilling_account_standing\" \"own\" {}\n\noutput \"own\" {\n  value = \
                 data.awsbilling_account_standing.own\n}\n",
            );
            let standing = customer.output("own");
            assert_eq!(standing["standing"], "member", "{name}: {account}");
            assert_eq!(standing["organization_id"], "o-examplepartner");
        }
    });
}

#[test]
fn join_a_partner() {
    let story = Story::told("join-a-partner");
    for account in ["444455556666", "111122224444", "111122225555"] {
        assert!(story.is_with_partner(account), "{account}");
    }
    assert_eq!(
        story.organization_of("111122226666").as_deref(),
        Some("o-examplecustomer")
    );
}

#[test]
fn case_1_standalone() {
    let story = Story::told("case-1-standalone");
    assert!(story.is_with_partner("111122223333"));
    assert_eq!(story.terraform.output("paid_by"), json!("999988887777"));
    story.terraform.destroy().succeeded();
    assert!(
        story.is_with_partner("111122223333"),
        "destroy takes no membership away"
    );
}

#[test]
fn case_2_member() {
    let story = Story::told("case-2-member");
    assert!(story.is_with_partner("111122224444"));
    assert!(story.is_with_partner("111122225555"));
    assert_eq!(
        story.count("LeaveOrganization"),
        1,
        "one moved in one step, one left"
    );
    assert_eq!(
        story.terraform.output("moved_from"),
        json!("o-exampleformer")
    );
    story.terraform.destroy().succeeded();
    assert!(story.is_with_partner("111122225555"));
}

#[test]
fn case_3_own_organization() {
    let story = Story::told("case-3-own-organization");
    for account in [
        "111122223333",
        "111122224444",
        "111122225555",
        "111122226666",
    ] {
        assert!(story.is_with_partner(account), "{account}");
    }
    assert_eq!(story.organization_of("111122227777"), None);
    assert!(!story.exists("o-examplecustomer"));
    story.terraform.destroy().succeeded();
    assert!(story.is_with_partner("111122223333"));
}

#[test]
fn billing_transfer() {
    let story = Story::open("billing-transfer", &file("billing-transfer", "world.json"));
    story
        .terraform
        .plan()
        .says("cost and usage reports (of this account finance-hourly)");
    story.terraform.try_apply().succeeded();
    story.terraform.expect_empty_plan();
    assert_eq!(
        story.terraform.output("transferred_from"),
        json!("2027-01-01T00:00:00Z")
    );
    for account in ["111122223333", "111122226666"] {
        assert_eq!(
            story.organization_of(account).as_deref(),
            Some("o-examplecustomer"),
            "nobody changes the organization"
        );
    }
    assert_eq!(story.terraform.output("report")["state"], "flowing");
    story.simulator.pass_days(45);
    story.terraform.try_apply().succeeded();
    let report = story.terraform.output("report");
    assert_eq!(report["state"], "bill_transferred");
    assert_eq!(report["paid_by"], "999988887777");
    let explanation = report["explanation"].to_string();
    assert!(
        explanation.contains("999988887777 has paid since 2027-01-01"),
        "{explanation}"
    );
    assert_eq!(
        report["months"].as_array().unwrap().last(),
        Some(&json!("2026-12")),
        "nothing of January has come"
    );
    story.terraform.expect_empty_plan();

    story.terraform.destroy().succeeded();
    let stands = story.simulator.world(|world| {
        let mut transfers = world.transfers();
        transfers.all(|transfer| transfer.end.is_none())
    });
    assert!(stands, "destroy ends no transfer");
}

#[test]
fn a_transferred_bill_is_paid_by_the_partner() {
    let story = Story::told("billing-transfer");
    let paid = || {
        let sides = story.terraform.output("who_paid");
        let of = |side: &str| -> Vec<(String, bool)> {
            let months = sides[side].as_object().unwrap().iter();
            months
                .map(|(month, total)| (month.clone(), micros(total) > 0))
                .collect()
        };
        (of("customer"), of("partner"))
    };
    let months = |flags: &[bool]| -> Vec<(String, bool)> {
        let names = ["2026-11", "2026-12", "2027-01"].map(str::to_owned);
        names.into_iter().zip(flags.iter().copied()).collect()
    };
    assert_eq!(paid(), (months(&[true]), Vec::new()));

    story.simulator.pass_days(45);
    story.terraform.try_apply().succeeded();
    assert_eq!(
        paid(),
        (months(&[true, true, false]), months(&[false, false, true]))
    );
    story.terraform.expect_empty_plan();
}

#[test]
fn found_an_organization() {
    let story = Story::told("found-an-organization");
    let (company, acquisition) = ("111122223333", "444455556666");
    let organization = story.organization_of(company).unwrap();
    assert_eq!(
        story.organization_of(acquisition),
        Some(organization.clone())
    );
    let members = story.simulator.world(|world| {
        let accounts = world.accounts();
        let of_company =
            |id: Option<&OrganizationId>| id.is_some_and(|id| id.as_str() == organization);
        accounts
            .filter(|account| of_company(account.organization()))
            .count()
    });
    assert_eq!(members, 4);
    let to_do = story.terraform.output("left_to_do_by_hand");
    assert_eq!(to_do.as_array().unwrap().len(), 1, "{to_do}");
    assert!(to_do[0].as_str().unwrap().contains("MFA"), "{to_do}");
    assert_eq!(story.terraform.output("bill"), json!({}));

    // The owner gives the root user a second factor, and a month goes by.
    story.simulator.world(|world| {
        world.account_mut(company).unwrap().root_mfa = true;
    });
    let day_before = story.simulator.world(|world| world.now().date());
    story.simulator.pass_days(30);
    story.terraform.try_apply().succeeded();
    assert_eq!(story.terraform.output("left_to_do_by_hand"), json!([]));
    let bill = story.terraform.output("bill");
    assert_eq!(bill["2026-11"]["estimated"], json!(false));
    assert_eq!(bill["2026-12"]["estimated"], json!(true));
    for month in ["2026-11", "2026-12"] {
        let accounts = bill[month]["accounts"].as_object().unwrap();
        let names: Vec<_> = accounts.keys().map(String::as_str).collect();
        assert_eq!(names, ["Acquisition", "Company", "Production", "Sandbox"]);
    }
    // What the acquisition cost before it joined is not on the bill.
    let whole_month = [(date!(2026 - 11 - 01), date!(2026 - 12 - 01))];
    let since_joining = [(day_before, date!(2026 - 12 - 01))];
    let spent = |period: &[(Date, Date)]| -> u64 {
        let costs = story.simulator.world(|world| {
            let payer = AccountId::from(company);
            let costs = world.costs(&payer, &BillingView::Primary, period);
            costs.unwrap().concat()
        });
        let of_it = costs
            .iter()
            .filter(|cost| cost.account.as_str() == acquisition);
        of_it.map(|cost| cost.micros).sum()
    };
    assert_eq!(spent(&whole_month), spent(&since_joining));
    assert_eq!(
        micros(&bill["2026-11"]["accounts"]["Acquisition"]),
        spent(&since_joining)
    );
    story.terraform.expect_empty_plan();
    story.terraform.destroy().failed();
    assert!(story.exists(&organization), "nothing is destroyed");
}

/// Account IDs of the customer's linked accounts in the story with forty of them.
fn forty() -> Vec<String> {
    (0..40).map(|n| format!("2222000000{n:02}")).collect()
}

/// The world of case 3 with other linked accounts.
fn world_of(linked: &[String]) -> String {
    let mut world: serde_json::Value =
        serde_json::from_str(&file("case-3-own-organization", "world.json")).unwrap();
    let list = |one: &dyn Fn(&String) -> serde_json::Value| -> serde_json::Value {
        linked.iter().map(one).collect()
    };
    let accounts = world["accounts"].as_array_mut().unwrap();
    accounts.truncate(2);
    accounts.extend(linked.iter().map(
        |id| json!({ "name": format!("Linked {id}"), "id": id, "email": format!("{id}@customer.example.com") }),
    ));
    world["organizations"][1]["members"] =
        list(&|id| json!({ "id": id, "joined_days_ago": 400, "method": "CREATED" }));
    world["roles"] = list(&|id| {
        json!({
            "account": id, "name": "OrganizationAccountAccessRole", "trusts": ["111122223333"]
        })
    });
    world.to_string()
}

/// The accounts by a name.
fn named(ids: &[String]) -> String {
    let mut text = String::from("{");
    for id in ids {
        write!(text, "a{id} = \"{id}\",").unwrap();
    }
    text + "}"
}

#[test]
fn case_3_with_forty_accounts_goes_on_where_it_stopped() {
    let linked = forty();
    let (moving, leaving) = linked.split_at(36);
    let Story {
        simulator,
        terraform,
    } = Story::open("case-3-own-organization", &world_of(&linked));
    let terraform = terraform
        .with("TF_VAR_moving_accounts", &named(moving))
        .with("TF_VAR_leaving_accounts", &named(leaving));
    let story = Story {
        simulator,
        terraform,
    };

    // Half-way, AWS refuses some accounts.
    let refusing = story.simulator.fault(
        Fault::new(Effect::Error {
            code: "ConstraintViolationException".to_owned(),
            reason: Some("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG".to_owned()),
            message: String::new(),
            status: None,
        })
        .on("AcceptHandshake")
        .times(3),
    );
    story
        .terraform
        .try_apply()
        .failed()
        .says("deregister-delegated-administrator");
    assert!(story.exists("o-examplecustomer"));
    assert_eq!(story.count("DeleteOrganization"), 0);
    let accepted = moving.iter().filter(|id| story.is_with_partner(id)).count();
    assert_eq!(accepted, 33);

    story.simulator.clear_fault(refusing);
    story.simulator.clear_calls();
    story.terraform.try_apply().succeeded();
    assert_eq!(
        story.count("AcceptHandshake"),
        4,
        "three linked accounts and the management account were left"
    );
    assert_eq!(story.count("InviteAccountToOrganization"), 0);
    assert!(!story.exists("o-examplecustomer"));
    assert!(moving.iter().all(|id| story.is_with_partner(id)));
    assert!(story.is_with_partner("111122223333"));
    assert!(leaving.iter().all(|id| story.organization_of(id).is_none()));
    story.terraform.expect_empty_plan();
}

#[test]
fn an_analyzer_has_data_two_days_later() {
    for (name, report) in [
        (
            "connect-cloud-analyzer",
            "awsbilling_cur_report_definition.hourly",
        ),
        (
            "connect-billing-engine",
            "awsbilling_cur_report_definition.engine",
        ),
    ] {
        let story = Story::told(name);
        let before = story.terraform.output("does_data_flow").to_string();
        assert!(before.contains("has not delivered"), "{name}: {before}");

        story.simulator.pass_days(2);
        story.terraform.try_apply().succeeded();
        let after = story.terraform.output("does_data_flow").to_string();
        assert!(!after.contains("has not delivered"), "{name}: {after}");
        story
            .terraform
            .expect(report, &[("last_status", json!("SUCCESS"))]);
        story.terraform.expect_empty_plan();

        // What was delivered is not thrown away with the rest.
        story
            .terraform
            .destroy()
            .failed()
            .says("Error: Bucket not empty")
            .says("force_destroy = true");
        let delivered = story.simulator.world(|world| {
            let mut buckets = world.buckets();
            let start = std::ops::Bound::Unbounded;
            buckets.any(|bucket| bucket.objects(start).next().is_some())
        });
        assert!(delivered, "{name}");
        assert_eq!(
            story.terraform.addresses(),
            ["awsbilling_cur_bucket.reports"]
        );
    }
}
