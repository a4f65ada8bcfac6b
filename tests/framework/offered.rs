//! The resources that this provider offers, each through a whole life under Core's rules, against the
//! simulator and without Terraform: configurations that are half unknown, and identities, which the
//! Terraform of the acceptance tests does not know yet.

use aws_simulator::{Account, Organization, Simulator};
use awsbilling::framework::erased::{ImportRequest, Provider as _};
use awsbilling::framework::schema::{Attribute, Kind, Schema};
use awsbilling::framework::{Server, Value};
use awsbilling::provider::AwsBilling;

use crate::core::{self, Core, Object};

struct Journey {
    simulator: Simulator,
    organization: Organization,
    customer: Account,
}

impl Journey {
    async fn new() -> Self {
        let simulator = Simulator::start().await.unwrap();
        let partner = simulator.create_account("Partner");
        let organization = simulator.create_organization(&partner);
        let customer = simulator.create_account("Customer");
        Self {
            simulator,
            organization,
            customer,
        }
    }

    /// Core with the account's credentials.
    async fn core(&self, account: &Account) -> Core<Server<AwsBilling>> {
        let core = Core::new(Server::new());
        let endpoint = Value::string(self.simulator.endpoint());
        let endpoints = ["cur", "organizations", "sts"].map(|service| (service, endpoint.clone()));
        let schema = &core.provider.schemas().provider;
        let config = core::config(
            schema,
            [
                ("access_key", Value::string(&account.key.id)),
                ("secret_key", Value::string(&account.key.secret)),
                ("region", "us-east-1".into()),
                ("skip_metadata_api_check", true.into()),
                (
                    "endpoints",
                    with_nulls(schema, "endpoints", &Value::map(endpoints)),
                ),
            ],
        );
        let problems = core.configure(config).await;
        assert!(problems.is_empty(), "{problems:?}");
        core
    }
}

/// A block with all its attributes, those not given null.
fn with_nulls(schema: &Schema, block: &str, given: &Value) -> Value {
    let block = schema
        .block
        .blocks
        .iter()
        .find(|b| b.name == block)
        .unwrap();
    let attributes = block.block.attributes.iter();
    Value::map(attributes.map(|a| (a.name.clone(), given.get(&a.name).clone())))
}

/// Creates, and asserts that nothing is left to do; the result is the object.
async fn applied(
    core: &Core<Server<AwsBilling>>,
    type_name: &str,
    object: &Object,
    early: &Value,
    config: &Value,
) -> Object {
    let applied = core.apply(type_name, object, early, config).await;
    assert!(
        !applied.diagnostics.has_errors(),
        "{:?}",
        applied.diagnostics
    );
    let breaches = core.unsettled(type_name, &applied.object, config).await;
    assert!(breaches.is_empty(), "{breaches:?}");
    applied.object
}

async fn destroyed(core: &Core<Server<AwsBilling>>, type_name: &str, object: &Object) {
    let applied = core
        .apply(type_name, object, &Value::Null, &Value::Null)
        .await;
    assert!(
        !applied.diagnostics.has_errors(),
        "{:?}",
        applied.diagnostics
    );
    assert!(applied.object.state.is_null());
}

/// Imports by the identity that the object was given, and asserts that the same object is found.
async fn imported_by_identity(
    core: &Core<Server<AwsBilling>>,
    type_name: &str,
    object: &Object,
    same: &[&str],
) {
    let request = ImportRequest {
        type_name: type_name.to_owned(),
        id: String::new(),
        identity: object.identity.clone(),
        deferral_allowed: false,
    };
    let imported = core.provider.import(request).await;
    assert!(
        imported.diagnostics.is_empty(),
        "{:?}",
        imported.diagnostics
    );
    assert_eq!(imported.identity, object.identity);
    let state = imported.state.unwrap();
    for name in same {
        assert!(state.get(name) == object.state.get(name), "{name} differs");
    }
}

#[tokio::test]
async fn an_invitation_lives_by_the_rules() {
    const TYPE: &str = "awsbilling_partner_account_invitation";
    let journey = Journey::new().await;
    let core = journey.core(&journey.organization.management).await;
    let account_id = Value::string(journey.customer.id.as_str());
    let written = |notes: &str| {
        core::config(
            core.schema(TYPE),
            [("account_id", account_id.clone()), ("notes", notes.into())],
        )
    };
    let early = core::config(core.schema(TYPE), [("account_id", Value::UNKNOWN)]);
    let early = match early {
        Value::Map(mut attributes) => {
            attributes.insert("notes".to_owned().into(), Value::UNKNOWN);
            Value::Map(attributes)
        }
        other => other,
    };

    let object = applied(&core, TYPE, &Object::none(), &early, &written("Welcome.")).await;
    imported_by_identity(
        &core,
        TYPE,
        &object,
        &["account_id", "handshake_id", "notes"],
    )
    .await;
    let config = written("Please accept.");
    let object = applied(&core, TYPE, &object, &config, &config).await;

    let handshake = object.state.get("handshake_id").as_str().unwrap();
    journey
        .simulator
        .accept(&journey.customer, handshake)
        .unwrap();
    // Another process accepted, so this one must look again as a new one would.
    let core = journey.core(&journey.organization.management).await;
    let read = core.read(TYPE, &object).await;
    assert_eq!(read.state.get("state").as_str(), Some("ACCEPTED"));
    assert_eq!(read.identity, object.identity, "the identity lasts");
    let joined = Object {
        state: read.state,
        private: read.private,
        identity: read.identity,
    };
    assert!(core.unsettled(TYPE, &joined, &config).await.is_empty());
    destroyed(&core, TYPE, &joined).await;
}

/// Entry of a fleet, what is not given null.
fn entry(schema: &Schema, given: &[(&'static str, Value)]) -> Value {
    let accounts = schema.block.attribute("accounts").unwrap();
    let Kind::Nested { attributes, .. } = &accounts.kind else {
        panic!("accounts are objects");
    };
    let given = Value::map(given.iter().cloned());
    Value::map(
        attributes
            .iter()
            .map(|a| (a.name.clone(), given.get(&a.name).clone())),
    )
}

/// Terraform compares the types of what a configuration writes for each object with each other, in a time
/// that grows with the square of their number, once for every attribute.
#[test]
fn what_is_written_of_a_fleet_holds_no_results() {
    let server = Server::<AwsBilling>::new();
    let attributes = |kind: &Kind| match kind {
        Kind::Nested { attributes, .. } => attributes.clone(),
        Kind::Value(_) => panic!("a fleet holds objects"),
    };
    let mut fleets = 0;
    for resource in server.schemas().resources.values() {
        let block = &resource.schema.block;
        if let Some(results) = block.attribute("results") {
            let written = block.attribute("accounts").unwrap();
            let computed = |a: &Attribute| a.mode.is_computed();
            assert!(!attributes(&written.kind).iter().any(computed));
            assert!(attributes(&results.kind).iter().all(computed));
            fleets += 1;
        }
    }
    assert_eq!(fleets, 3);
}

#[tokio::test]
async fn a_fleet_of_invitations_lives_by_the_rules() {
    const TYPE: &str = "awsbilling_partner_account_invitations";
    let journey = Journey::new().await;
    let core = journey.core(&journey.organization.management).await;
    let more = journey.simulator.create_account("More");
    let schema = core.schema(TYPE);
    let fleet = |accounts: Value| core::config(schema, [("accounts", accounts)]);
    let entries = |entries: &[(&Account, Value)]| {
        let entries = entries.iter().map(|(account, notes)| {
            (
                account.id.to_string(),
                entry(schema, &[("notes", notes.clone())]),
            )
        });
        fleet(Value::map(entries))
    };
    let customer = &journey.customer;

    // Unknown as a whole, then in a part, then known.
    let config = entries(&[(customer, "Welcome.".into())]);
    let object = applied(
        &core,
        TYPE,
        &Object::none(),
        &fleet(Value::UNKNOWN),
        &config,
    )
    .await;
    let early = entries(&[(customer, "Welcome.".into()), (&more, Value::UNKNOWN)]);
    let config = entries(&[(customer, "Welcome.".into()), (&more, "Hello.".into())]);
    let plan = core.plan(TYPE, &object, &early).await;
    let of = |account: &Account| plan.planned_state.get("results").get(account.id.as_str());
    assert!(
        of(customer).is_wholly_known(),
        "what stays as it is stays known"
    );
    assert!(of(&more).get("state").is_unknown());
    let object = applied(&core, TYPE, &object, &early, &config).await;

    let handshake = object.state.get("results").get(customer.id.as_str());
    let handshake = handshake.get("handshake_id").as_str().unwrap();
    journey.simulator.accept(customer, handshake).unwrap();
    let core = journey.core(&journey.organization.management).await;
    let read = core.read(TYPE, &object).await;
    let state = read
        .state
        .get("results")
        .get(customer.id.as_str())
        .get("state");
    assert_eq!(state.as_str(), Some("ACCEPTED"));
    let joined = Object {
        state: read.state,
        private: read.private,
        identity: read.identity,
    };
    assert!(core.unsettled(TYPE, &joined, &config).await.is_empty());
    let notes = String::from_utf8(joined.private.clone()).unwrap();
    assert!(
        !notes.contains(customer.id.as_str()),
        "what holds for all is noted once: {notes}"
    );

    // One that was declined is planned anew, and nothing else.
    let handshake = joined.state.get("results").get(more.id.as_str());
    let handshake = handshake.get("handshake_id").as_str().unwrap();
    journey.simulator.decline(&more, handshake).unwrap();
    let core = journey.core(&journey.organization.management).await;
    let read = core.read(TYPE, &joined).await;
    let lost = Object {
        state: read.state,
        private: read.private,
        identity: read.identity,
    };
    let again = applied(&core, TYPE, &lost, &config, &config).await;
    assert_eq!(
        again.state.get("results").get(customer.id.as_str()),
        joined.state.get("results").get(customer.id.as_str())
    );
    destroyed(&core, TYPE, &again).await;
}

#[tokio::test]
async fn a_fleet_of_acceptances_lives_by_the_rules() {
    const TYPE: &str = "awsbilling_org_handshake_accepts";
    let journey = Journey::new().await;
    let (organization, customer) = (&journey.organization, &journey.customer);
    journey.simulator.invite(organization, customer).unwrap();
    let core = journey.core(customer).await;
    let schema = core.schema(TYPE);
    let accounts = Value::map([(customer.id.to_string(), entry(schema, &[]))]);
    let fleet = |organization_id: Value, on_destroy: Value| {
        core::config(
            schema,
            [
                ("organization_id", organization_id),
                ("accounts", accounts.clone()),
                ("on_destroy", on_destroy),
            ],
        )
    };
    let id = Value::string(organization.id.as_str());
    let (early, config) = (
        fleet(Value::UNKNOWN, Value::Null),
        fleet(id.clone(), Value::Null),
    );
    let object = applied(&core, TYPE, &Object::none(), &early, &config).await;
    let leaving = fleet(id, "leave".into());
    let object = applied(&core, TYPE, &object, &leaving, &leaving).await;
    destroyed(&core, TYPE, &object).await;
    assert_eq!(journey.simulator.organization_of(customer), None);
}

#[tokio::test]
async fn a_fleet_of_removals_lives_by_the_rules() {
    const TYPE: &str = "awsbilling_org_member_removals";
    let journey = Journey::new().await;
    let organization = &journey.organization;
    let member = journey.simulator.create_member(organization, "Member");
    let core = journey.core(&organization.management).await;
    let schema = core.schema(TYPE);
    let accounts = Value::map([(member.id.to_string(), entry(schema, &[]))]);
    let config = core::config(schema, [("accounts", accounts)]);
    let early = core::config(schema, [("accounts", Value::UNKNOWN)]);
    let object = applied(&core, TYPE, &Object::none(), &early, &config).await;
    let none = core::config(schema, [("accounts", Value::map::<String>([]))]);
    let object = applied(&core, TYPE, &object, &none, &none).await;
    destroyed(&core, TYPE, &object).await;
    assert_eq!(journey.simulator.organization_of(&member), None);
}

#[tokio::test]
async fn an_acceptance_lives_by_the_rules() {
    const TYPE: &str = "awsbilling_org_handshake_accept";
    let journey = Journey::new().await;
    journey
        .simulator
        .invite(&journey.organization, &journey.customer)
        .unwrap();
    let core = journey.core(&journey.customer).await;
    let sender = |id: Value| core::config(core.schema(TYPE), [("organization_id", id)]);
    let config = sender(Value::string(journey.organization.id.as_str()));

    let object = applied(
        &core,
        TYPE,
        &Object::none(),
        &sender(Value::UNKNOWN),
        &config,
    )
    .await;
    let same = [
        "account_id",
        "organization_id",
        "management_account_id",
        "feature_set",
    ];
    imported_by_identity(&core, TYPE, &object, &same).await;
    let leaving = match config {
        Value::Map(mut attributes) => {
            attributes.insert("on_destroy".to_owned().into(), "leave".into());
            Value::Map(attributes)
        }
        other => other,
    };
    let object = applied(&core, TYPE, &object, &leaving, &leaving).await;
    destroyed(&core, TYPE, &object).await;
    assert_eq!(journey.simulator.organization_of(&journey.customer), None);
}

#[tokio::test]
async fn a_removal_lives_by_the_rules() {
    const TYPE: &str = "awsbilling_org_member_removal";
    let journey = Journey::new().await;
    let member = journey
        .simulator
        .create_member(&journey.organization, "Member");
    let core = journey.core(&journey.organization.management).await;
    let removing = |id: Value| core::config(core.schema(TYPE), [("account_id", id)]);
    let config = removing(Value::string(member.id.as_str()));

    let object = applied(
        &core,
        TYPE,
        &Object::none(),
        &removing(Value::UNKNOWN),
        &config,
    )
    .await;
    imported_by_identity(&core, TYPE, &object, &["account_id", "organization_id"]).await;
    destroyed(&core, TYPE, &object).await;
    assert_eq!(journey.simulator.organization_of(&member), None);
}
