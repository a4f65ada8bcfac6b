//! The stories under `examples/scenarios`, told from beginning to end.

use std::fmt::Write as _;

use aws_simulator::{Effect, Fault, Seed, Simulator};
use serde_json::json;

use crate::harness::Terraform;

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

fn file(story: &str, name: &str) -> String {
    let path = format!(
        "{}/examples/scenarios/{story}/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(path).unwrap()
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
    let story = Story::told("billing-transfer");
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
    story.terraform.destroy().succeeded();
    let stands = story.simulator.world(|world| {
        let mut transfers = world.transfers();
        transfers.all(|transfer| transfer.end.is_none())
    });
    assert!(stands, "destroy ends no transfer");
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
    }
}
