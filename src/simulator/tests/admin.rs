//! The admin interface, over HTTP.

use aws_simulator::{Seed, Simulator};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::clients::{code, organizations, sts_with};
use crate::raw::send;

async fn ask(
    simulator: &Simulator,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, String) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer = send(simulator, method, &format!("/_admin/{path}"), &[], body).await;
    (answer.status, answer.text)
}

async fn done(simulator: &Simulator, method: Method, path: &str, body: Value) -> Value {
    let (status, text) = ask(simulator, method, path, body).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn a_world_is_arranged_and_looked_at() {
    let simulator = Simulator::start().await.unwrap();
    let account = done(
        &simulator,
        Method::POST,
        "accounts",
        json!({"name": "Partner", "id": "999988887777"}),
    )
    .await;
    done(
        &simulator,
        Method::POST,
        "accounts",
        json!({"name": "Member", "id": "111122223333"}),
    )
    .await;
    let organization = json!({"id": "o-partner0001", "management": "999988887777",
        "members": [{"id": "111122223333", "joined_days_ago": 3, "method": "CREATED", "administers": ["ram.amazonaws.com"]}]});
    done(&simulator, Method::POST, "organizations", organization).await;
    let text = |name: &str| account[name].as_str().unwrap().to_owned();
    let credentials = aws_credential_types::Credentials::new(
        text("access_key_id"),
        text("secret_access_key"),
        None,
        None,
        "test",
    );
    let identity = sts_with(&simulator, credentials)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some("999988887777"));

    let (_, summary) = ask(&simulator, Method::GET, "summary", Value::Null).await;
    assert!(
        summary.contains("Organization o-partner0001 (all features)"),
        "{summary}"
    );
    assert!(
        summary.contains("created 2026-11-17, delegated administrator"),
        "{summary}"
    );
    let state = done(&simulator, Method::GET, "state", Value::Null).await;
    assert_eq!(
        state["organizations"][0]["members"],
        json!(["111122223333", "999988887777"])
    );
    assert_eq!(state["accounts"][0]["joined_method"], "CREATED");
}

#[tokio::test]
async fn an_account_can_be_changed() {
    let simulator = Simulator::start().await.unwrap();
    let partner = simulator.create_account("Partner");
    let path = format!("accounts/{}", partner.id);
    let change = json!({"payment_method": "missing", "denied_actions": ["organizations:CreateOrganization"]});
    done(&simulator, Method::PATCH, &path, change).await;
    let denied = organizations(&simulator, &partner)
        .create_organization()
        .send()
        .await;
    // A service control policy reaches members only.
    assert_eq!(code(denied), "ConstraintViolationException");
    let key = json!({"user": "reader", "denied_actions": ["sts:*"]});
    let key = done(&simulator, Method::POST, &format!("{path}/keys"), key).await;
    assert!(key["access_key_id"].as_str().unwrap().starts_with("AKIA"));
    let role =
        json!({"account": partner.id, "name": "R", "trusts": [partner.id], "external_id": "x"});
    let role = done(&simulator, Method::POST, "roles", role).await;
    assert_eq!(role["arn"], format!("arn:aws:iam::{}:role/R", partner.id));
}

#[tokio::test]
async fn invitations_are_answered_by_hand() {
    let simulator = Simulator::start().await.unwrap();
    let (partner, customer) = (
        simulator.create_account("Partner"),
        simulator.create_account("Customer"),
    );
    let organization = simulator.create_organization(&partner);
    let id = simulator.invite(&organization, &customer).unwrap();
    done(
        &simulator,
        Method::POST,
        &format!("handshakes/{id}/accept"),
        Value::Null,
    )
    .await;
    assert_eq!(simulator.organization_of(&customer), Some(organization.id));
    let (status, error) = ask(
        &simulator,
        Method::POST,
        &format!("handshakes/{id}/decline"),
        Value::Null,
    )
    .await;
    assert_eq!(status, 400);
    assert!(
        error.contains("InvalidHandshakeTransitionException"),
        "{error}"
    );
}

#[tokio::test]
async fn clock_switches_and_faults_are_moved() {
    let simulator = Simulator::start().await.unwrap();
    let partner = simulator.create_account("Partner");
    let now = done(
        &simulator,
        Method::POST,
        "clock",
        json!({"days": 2, "seconds": 60}),
    )
    .await;
    assert_eq!(now["now"], "2026-11-22T09:01:00Z");
    let now = done(
        &simulator,
        Method::POST,
        "clock",
        json!({"to": "2027-01-01T00:00:00Z"}),
    )
    .await;
    assert_eq!(now["now"], "2027-01-01T00:00:00Z");
    let (status, _) = ask(
        &simulator,
        Method::POST,
        "clock",
        json!({"to": "2026-01-01T00:00:00Z"}),
    )
    .await;
    assert_eq!(status, 400);

    done(
        &simulator,
        Method::PATCH,
        "switches",
        json!({"empty_pages": true}),
    )
    .await;
    let switches = done(&simulator, Method::PATCH, "switches", json!({"pace": true})).await;
    assert_eq!(
        (&switches["empty_pages"], &switches["pace"]),
        (&json!(true), &json!(true))
    );
    let (status, _) = ask(
        &simulator,
        Method::PATCH,
        "switches",
        json!({"no_such": true}),
    )
    .await;
    assert_eq!(status, 400);

    let fault = json!({"operation": "ListRoots", "times": 1, "effect": {"kind": "throttle"}});
    let id = done(&simulator, Method::POST, "faults", fault).await["id"].clone();
    assert_eq!(
        done(&simulator, Method::GET, "faults", Value::Null).await[0]["fault"]["operation"],
        "ListRoots"
    );
    let list = organizations(&simulator, &partner)
        .list_roots()
        .send()
        .await;
    assert_eq!(code(list), "TooManyRequestsException");
    done(
        &simulator,
        Method::DELETE,
        &format!("faults/{id}"),
        Value::Null,
    )
    .await;
    let (status, _) = ask(
        &simulator,
        Method::DELETE,
        &format!("faults/{id}"),
        Value::Null,
    )
    .await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn the_log_of_calls_is_read_and_cleared() {
    let simulator = Simulator::start().await.unwrap();
    let partner = simulator.create_account("Partner");
    organizations(&simulator, &partner)
        .list_accounts()
        .max_results(5)
        .send()
        .await
        .unwrap_err();
    let calls = done(&simulator, Method::GET, "calls", Value::Null).await;
    let call = &calls[0];
    assert_eq!(call["time"], "2026-11-20T09:00:00Z");
    assert_eq!(call["actions"], json!(["organizations:ListAccounts"]));
    assert_eq!(call["account"], partner.id.as_str());
    assert_eq!(call["parameters"], json!({"MaxResults": 5}));
    assert_eq!(
        (&call["error"], &call["status"]),
        (&json!("AWSOrganizationsNotInUseException"), &json!(400))
    );
    assert!(!calls.to_string().contains(&partner.key.secret));
    done(&simulator, Method::DELETE, "calls", Value::Null).await;
    assert!(simulator.calls().is_empty());
}

#[tokio::test]
async fn a_reset_returns_to_the_seed() {
    let simulator = Simulator::start().await.unwrap();
    simulator.sow(Seed::usual().unwrap()).unwrap();
    let before = done(&simulator, Method::GET, "state", Value::Null).await;
    simulator.create_account("Another");
    simulator.pass_days(3);
    done(&simulator, Method::POST, "reset", Value::Null).await;
    assert_eq!(
        done(&simulator, Method::GET, "state", Value::Null).await,
        before
    );
}

#[tokio::test]
async fn a_seed_is_sown_over_http_once() {
    let simulator = Simulator::start().await.unwrap();
    let seed = json!({"accounts": [{"name": "A", "id": "111122223333"}],
        "organizations": [{"id": "o-aaaaaaaaaa", "management": "111122223333"}]});
    done(&simulator, Method::POST, "seed", seed.clone()).await;
    let once = done(&simulator, Method::GET, "state", Value::Null).await;
    done(&simulator, Method::POST, "seed", seed).await;
    assert_eq!(
        done(&simulator, Method::GET, "state", Value::Null).await,
        once
    );
    let (status, error) = ask(
        &simulator,
        Method::POST,
        "seed",
        json!({"accounts": [{"name": "B"}]}),
    )
    .await;
    assert_eq!(status, 400);
    assert!(error.contains("accounts[0].id"), "{error}");
    let (status, _) = ask(&simulator, Method::GET, "nothing", Value::Null).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn what_a_bill_depends_on_is_arranged() {
    let simulator = Simulator::start().await.unwrap();
    let seed = json!({"accounts": [{"name": "Payer", "id": "111122223333"}, {"name": "Source", "id": "444455556666"}],
        "organizations": [
            {"id": "o-aaaaaaaaaa", "management": "111122223333", "inbound_transfer_quota": 2},
            {"id": "o-bbbbbbbbbb", "management": "444455556666"}],
        "transfers": [{"source": "444455556666", "target": "111122223333", "name": "Source bill", "start": "2026-09-15T00:00:00Z"}]});
    done(&simulator, Method::POST, "seed", seed.clone()).await;
    done(&simulator, Method::POST, "seed", seed).await;
    let state = done(&simulator, Method::GET, "state", Value::Null).await;
    assert_eq!(state["transfers"].as_array().unwrap().len(), 1);
    assert_eq!(state["transfers"][0]["status"], "ACCEPTED");
    assert_eq!(state["transfers"][0]["start"], "2026-09-01T00:00:00Z");
    let (_, summary) = ask(&simulator, Method::GET, "summary", Value::Null).await;
    assert!(
        summary.contains("111122223333 pays for 444455556666"),
        "{summary}"
    );

    let change = json!({"inbound_transfer_quota": 7, "chain_transfer_quota": 8, "withdrawal_notice_days": 9});
    done(
        &simulator,
        Method::PATCH,
        "organizations/o-aaaaaaaaaa",
        change,
    )
    .await;
    let change = json!({"iam_billing_access": false, "root_mfa": false, "root_access_keys": true,
        "billing_obstacles": ["PAST_DUE_INVOICE"]});
    done(&simulator, Method::PATCH, "accounts/444455556666", change).await;
    simulator.world(|world| {
        let organization = world.organization("o-aaaaaaaaaa").unwrap();
        assert_eq!(organization.inbound_transfer_quota, 7);
        assert_eq!(organization.chain_transfer_quota, 8);
        assert_eq!(organization.withdrawal_notice_days, 9);
        let account = world.account("444455556666").unwrap();
        assert!(!account.iam_billing_access && !account.root_mfa && account.root_access_keys);
        assert_eq!(account.billing_obstacles.len(), 1);
    });
}
