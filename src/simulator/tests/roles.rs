//! Roles: who may assume them, and the slice of IAM that keeps them.

use std::collections::BTreeSet;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_sts::types::Tag;
use aws_simulator::{Account, RoleSpec, Simulator};
use serde_json::{Value, json};

use crate::clients::{code, iam, iam_with, organizations_with, sts, sts_with};

fn spec(account: &Account, trusts: &[&Account], external_id: Option<&str>) -> RoleSpec {
    RoleSpec {
        account: account.id.clone(),
        name: "Onboarding".to_owned(),
        trusts: trusts.iter().map(|account| account.id.clone()).collect(),
        external_id: external_id.map(str::to_owned),
        denied_actions: BTreeSet::new(),
    }
}

fn credentials(of: &aws_sdk_sts::types::Credentials) -> Credentials {
    Credentials::new(
        of.access_key_id(),
        of.secret_access_key(),
        Some(of.session_token().to_owned()),
        None,
        "session",
    )
}

async fn assume(
    simulator: &Simulator,
    by: Credentials,
    role: &str,
    external_id: Option<&str>,
) -> Result<Credentials, String> {
    let request = sts_with(simulator, by)
        .assume_role()
        .role_arn(role)
        .role_session_name("test");
    match request
        .set_external_id(external_id.map(str::to_owned))
        .send()
        .await
    {
        Ok(output) => Ok(credentials(output.credentials().unwrap())),
        refused => Err(code(refused)),
    }
}

#[tokio::test]
async fn an_assumed_role_is_another_account() {
    let simulator = Simulator::start().await.unwrap();
    let (partner, customer) = (
        simulator.create_account("Partner"),
        simulator.create_account("Customer"),
    );
    let role = simulator.create_role(&spec(&customer, &[&partner], None));
    let session = assume(
        &simulator,
        crate::clients::credentials(&partner.key),
        &role,
        None,
    )
    .await
    .unwrap();
    let identity = sts_with(&simulator, session.clone())
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(customer.id.as_str()));
    let arn = format!("arn:aws:sts::{}:assumed-role/Onboarding/test", customer.id);
    assert_eq!(identity.arn(), Some(arn.as_str()));
    assert!(identity.user_id().unwrap().ends_with(":test"));
    let organization = simulator.create_organization(&customer);
    let seen = organizations_with(&simulator, session)
        .describe_organization()
        .send()
        .await
        .unwrap();
    assert_eq!(
        seen.organization().unwrap().id(),
        Some(organization.id.as_str())
    );
}

#[tokio::test]
async fn the_external_id_must_be_the_right_one() {
    let simulator = Simulator::start().await.unwrap();
    let (partner, customer) = (
        simulator.create_account("Partner"),
        simulator.create_account("Customer"),
    );
    let stranger = simulator.create_account("Stranger");
    let role = simulator.create_role(&spec(&customer, &[&partner], Some("right")));
    let by = |account: &Account| crate::clients::credentials(&account.key);
    assert_eq!(
        assume(&simulator, by(&partner), &role, None)
            .await
            .unwrap_err(),
        "AccessDenied"
    );
    assert_eq!(
        assume(&simulator, by(&partner), &role, Some("wrong"))
            .await
            .unwrap_err(),
        "AccessDenied"
    );
    assert_eq!(
        assume(&simulator, by(&stranger), &role, Some("right"))
            .await
            .unwrap_err(),
        "AccessDenied"
    );
    assume(&simulator, by(&partner), &role, Some("right"))
        .await
        .unwrap();
    let nowhere = role.replace("Onboarding", "Nothing");
    assert_eq!(
        assume(&simulator, by(&partner), &nowhere, Some("right"))
            .await
            .unwrap_err(),
        "AccessDenied"
    );
    assert_eq!(
        assume(&simulator, by(&partner), &role, Some("not allowed!"))
            .await
            .unwrap_err(),
        "ValidationError"
    );
}

#[tokio::test]
async fn roles_can_be_chained_for_an_hour() {
    let simulator = Simulator::start().await.unwrap();
    let accounts = ["A", "B", "C"].map(|name| simulator.create_account(name));
    let first = simulator.create_role(&spec(&accounts[1], &[&accounts[0]], None));
    let second = simulator.create_role(&spec(&accounts[2], &[&accounts[1]], None));
    simulator.world(|world| {
        let role = world.role_mut(&accounts[2].id, "Onboarding").unwrap();
        role.max_session = time::Duration::hours(12);
    });
    let by = crate::clients::credentials(&accounts[0].key);
    assert_eq!(
        assume(&simulator, by.clone(), &second, None)
            .await
            .unwrap_err(),
        "AccessDenied"
    );
    let session = assume(&simulator, by, &first, None).await.unwrap();
    let long = |by: Credentials, hours: i32| {
        let request = sts_with(&simulator, by)
            .assume_role()
            .role_arn(&second)
            .role_session_name("test");
        request.duration_seconds(hours * 3_600).send()
    };
    assert_eq!(code(long(session.clone(), 2).await), "ValidationError");
    let answer = long(session, 1).await.unwrap();
    let session = credentials(answer.credentials().unwrap());
    let identity = sts_with(&simulator, session)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(accounts[2].id.as_str()));
}

#[tokio::test]
async fn a_session_is_as_long_as_the_role_allows() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let role = simulator.create_role(&spec(&account, &[&account], None));
    let assume = |seconds: i32| {
        let request = sts(&simulator, &account)
            .assume_role()
            .role_arn(&role)
            .role_session_name("test");
        request.duration_seconds(seconds).send()
    };
    assert_eq!(code(assume(7_200).await), "ValidationError");
    assert_eq!(code(assume(899).await), "ValidationError");
    simulator.world(|world| {
        world
            .role_mut(&account.id, "Onboarding")
            .unwrap()
            .max_session = time::Duration::hours(2);
    });
    assume(7_200).await.unwrap();
}

#[tokio::test]
async fn everybody_may_ask_who_they_are() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    simulator.world(|world| {
        world
            .access_key_mut(&account.key.id)
            .unwrap()
            .denied_actions = BTreeSet::from(["*".to_owned()]);
    });
    sts(&simulator, &account)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert!(simulator.calls()[0].actions.is_empty());
    assert_eq!(
        code(iam(&simulator, &account).list_roles().send().await),
        "AccessDenied"
    );
}

#[tokio::test]
async fn a_session_ends_by_the_simulated_clock_and_says_so_by_the_machines() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let role = simulator.create_role(&spec(&account, &[&account], None));
    simulator.pass_days(5_000);
    let request = sts(&simulator, &account)
        .assume_role()
        .role_arn(&role)
        .role_session_name("test");
    let answer = request.duration_seconds(900).send().await.unwrap();
    let end: SystemTime = answer
        .credentials()
        .unwrap()
        .expiration()
        .to_owned()
        .try_into()
        .unwrap();
    let left = end.duration_since(SystemTime::now()).unwrap().as_secs();
    assert!((880..=901).contains(&left), "{left}");

    let session = credentials(answer.credentials().unwrap());
    let ask = || {
        sts_with(&simulator, session.clone())
            .get_caller_identity()
            .send()
    };
    simulator.pass(std::time::Duration::from_secs(899));
    ask().await.unwrap();
    simulator.pass(std::time::Duration::from_secs(1));
    assert_eq!(code(ask().await), "ExpiredToken");
    let organizations = organizations_with(&simulator, session.clone());
    assert_eq!(
        code(organizations.list_accounts().send().await),
        "ExpiredTokenException"
    );
}

#[tokio::test]
async fn a_session_without_its_token_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let role = simulator.create_role(&spec(&account, &[&account], None));
    let session = assume(
        &simulator,
        crate::clients::credentials(&account.key),
        &role,
        None,
    )
    .await
    .unwrap();
    let bare = Credentials::new(
        session.access_key_id(),
        session.secret_access_key(),
        None,
        None,
        "test",
    );
    assert_eq!(
        code(
            sts_with(&simulator, bare)
                .get_caller_identity()
                .send()
                .await
        ),
        "InvalidClientTokenId"
    );
}

#[tokio::test]
async fn session_tags_need_a_permission_of_their_own() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let create = |name: &str, actions: Value| {
        let trust = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": account.id}, "Action": actions}});
        iam(&simulator, &account)
            .create_role()
            .role_name(name)
            .assume_role_policy_document(trust.to_string())
            .send()
    };
    create("Plain", json!("sts:AssumeRole")).await.unwrap();
    create("Tagged", json!(["sts:AssumeRole", "sts:TagSession"]))
        .await
        .unwrap();
    let assume = |name: &str| {
        let arn = format!("arn:aws:iam::{}:role/{name}", account.id);
        let tag = Tag::builder().key("team").value("billing").build().unwrap();
        sts(&simulator, &account)
            .assume_role()
            .role_arn(arn)
            .role_session_name("test")
            .tags(tag)
            .send()
    };
    assert_eq!(code(assume("Plain").await), "AccessDenied");
    assume("Tagged").await.unwrap();
}

#[tokio::test]
async fn a_role_may_trust_a_single_role() {
    let simulator = Simulator::start().await.unwrap();
    let (partner, customer) = (
        simulator.create_account("Partner"),
        simulator.create_account("Customer"),
    );
    let deployer = simulator.create_role(&spec(&partner, &[&partner], None));
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": [deployer]}, "Action": "sts:AssumeRole"}]});
    let create = iam(&simulator, &customer)
        .create_role()
        .role_name("Target")
        .path("/onboarding/");
    let created = create
        .assume_role_policy_document(trust.to_string())
        .send()
        .await
        .unwrap();
    let target = created.role().unwrap().arn().to_owned();
    assert_eq!(
        target,
        format!("arn:aws:iam::{}:role/onboarding/Target", customer.id)
    );
    let by = crate::clients::credentials(&partner.key);
    assert_eq!(
        assume(&simulator, by.clone(), &target, None)
            .await
            .unwrap_err(),
        "AccessDenied"
    );
    let session = assume(&simulator, by, &deployer, None).await.unwrap();
    assume(&simulator, session, &target, None).await.unwrap();
}

#[tokio::test]
async fn a_condition_may_name_the_account_and_the_principal() {
    let simulator = Simulator::start().await.unwrap();
    let (partner, customer) = (
        simulator.create_account("Partner"),
        simulator.create_account("Customer"),
    );
    let stranger = simulator.create_account("Stranger");
    let conditions = [
        (
            "Account",
            json!({"StringEquals": {"aws:PrincipalAccount": [partner.id]}}),
        ),
        (
            "Principal",
            json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{}:user/*", partner.id)}}),
        ),
    ];
    for (name, condition) in conditions {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}]});
        let create = iam(&simulator, &customer).create_role().role_name(name);
        let created = create
            .assume_role_policy_document(trust.to_string())
            .send()
            .await
            .unwrap();
        let role = created.role().unwrap().arn().to_owned();
        let by = |account: &Account| crate::clients::credentials(&account.key);
        assume(&simulator, by(&partner), &role, None).await.unwrap();
        assert_eq!(
            assume(&simulator, by(&stranger), &role, None)
                .await
                .unwrap_err(),
            "AccessDenied"
        );
    }
}

#[tokio::test]
async fn a_token_of_a_trusted_issuer_opens_a_session() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let issuer = "token.actions.example.com";
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::{}:oidc-provider/{issuer}", account.id)},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {format!("{issuer}:aud"): "sts.amazonaws.com"},
            "StringLike": {format!("{issuer}:sub"): "repo:example/*"}}}]});
    let create = iam(&simulator, &account)
        .create_role()
        .role_name("Pipeline");
    let created = create
        .assume_role_policy_document(trust.to_string())
        .send()
        .await
        .unwrap();
    let role = created.role().unwrap().arn().to_owned();
    let token = |subject: &str| {
        let claims =
            json!({"iss": format!("https://{issuer}"), "sub": subject, "aud": "sts.amazonaws.com"});
        format!("e30.{}.c2ln", base64(claims.to_string().as_bytes()))
    };
    let nobody = Credentials::new("unused", "unused", None, None, "test");
    let assume = |token: String| {
        let request = sts_with(&simulator, nobody.clone()).assume_role_with_web_identity();
        request
            .role_arn(&role)
            .role_session_name("run")
            .web_identity_token(token)
            .send()
    };
    assert_eq!(
        code(assume(token("repo:example/infra")).await),
        "InvalidIdentityToken"
    );
    simulator.world(|world| world.trust_web_identity_issuer(issuer));
    assert_eq!(
        code(assume(token("repo:stranger/infra")).await),
        "AccessDenied"
    );
    assert_eq!(
        code(assume("nonsense".to_owned()).await),
        "InvalidIdentityToken"
    );
    simulator.clear_calls();
    let answer = assume(token("repo:example/infra")).await.unwrap();
    assert_eq!(
        answer.subject_from_web_identity_token(),
        Some("repo:example/infra")
    );
    assert_eq!(
        simulator.calls()[0].parameters["WebIdentityToken"],
        "(not logged)"
    );
    let session = credentials(answer.credentials().unwrap());
    let identity = sts_with(&simulator, session)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(account.id.as_str()));
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn a_denied_role_or_key_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    simulator.create_organization(&account);
    let mut denied = spec(&account, &[&account], None);
    denied.denied_actions = BTreeSet::from(["organizations:Invite*".to_owned()]);
    let role = simulator.create_role(&denied);
    let session = assume(
        &simulator,
        crate::clients::credentials(&account.key),
        &role,
        None,
    )
    .await
    .unwrap();
    let client = organizations_with(&simulator, session);
    client.list_accounts().send().await.unwrap();
    let target = crate::stage::party(
        aws_sdk_organizations::types::HandshakePartyType::Account,
        "111122223333",
    );
    let invite = client
        .invite_account_to_organization()
        .target(target)
        .send()
        .await;
    assert_eq!(code(invite), "AccessDeniedException");

    let key = simulator.world(|world| world.add_user(&account.id, "reader"));
    simulator.world(|world| {
        world.access_key_mut(&key.id).unwrap().denied_actions =
            BTreeSet::from(["iam:*".to_owned()]);
    });
    let list = iam_with(&simulator, crate::clients::credentials(&key))
        .list_roles()
        .send()
        .await;
    assert_eq!(code(list), "AccessDenied");
}

#[tokio::test]
async fn roles_and_their_policies_are_kept() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let client = iam(&simulator, &account);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    let create = || {
        client
            .create_role()
            .role_name("Reader")
            .assume_role_policy_document(trust)
    };
    assert_eq!(
        code(
            create()
                .assume_role_policy_document("nonsense")
                .send()
                .await
        ),
        "MalformedPolicyDocument"
    );
    assert_eq!(
        code(create().role_name("no spaces").send().await),
        "ValidationError"
    );
    create()
        .description("Reads")
        .max_session_duration(7_200)
        .send()
        .await
        .unwrap();
    assert_eq!(code(create().send().await), "EntityAlreadyExists");

    let role = client
        .get_role()
        .role_name("Reader")
        .send()
        .await
        .unwrap()
        .role
        .unwrap();
    assert_eq!(
        (role.description(), role.max_session_duration()),
        (Some("Reads"), Some(7_200))
    );
    assert!(role.role_id().starts_with("AROA"));
    assert_eq!(
        role.assume_role_policy_document().map(percent_decode),
        Some(trust_value(trust))
    );

    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    let put = client
        .put_role_policy()
        .role_name("Reader")
        .policy_name("read")
        .policy_document(policy);
    put.send().await.unwrap();
    let got = client
        .get_role_policy()
        .role_name("Reader")
        .policy_name("read")
        .send()
        .await
        .unwrap();
    assert_eq!(percent_decode(got.policy_document()), trust_value(policy));
    let names = client
        .list_role_policies()
        .role_name("Reader")
        .send()
        .await
        .unwrap();
    assert_eq!(names.policy_names(), ["read"]);
    assert_eq!(
        code(client.delete_role().role_name("Reader").send().await),
        "DeleteConflict"
    );
    client
        .delete_role_policy()
        .role_name("Reader")
        .policy_name("read")
        .send()
        .await
        .unwrap();
    let gone = client
        .get_role_policy()
        .role_name("Reader")
        .policy_name("read")
        .send()
        .await;
    assert_eq!(code(gone), "NoSuchEntity");
    client
        .delete_role()
        .role_name("Reader")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(client.get_role().role_name("Reader").send().await),
        "NoSuchEntity"
    );
}

fn percent_decode(text: &str) -> Value {
    let text = percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

fn trust_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn roles_are_listed_in_pages() {
    let simulator = Simulator::start().await.unwrap();
    let (account, other) = (
        simulator.create_account("Partner"),
        simulator.create_account("Other"),
    );
    for (holder, name) in [
        (&account, "A"),
        (&account, "B"),
        (&account, "C"),
        (&other, "D"),
    ] {
        simulator.create_role(&RoleSpec {
            name: name.to_owned(),
            ..spec(holder, &[holder], None)
        });
    }
    let client = iam(&simulator, &account);
    let first = client.list_roles().max_items(2).send().await.unwrap();
    assert!(first.is_truncated());
    let second = client
        .list_roles()
        .max_items(2)
        .set_marker(first.marker.clone())
        .send()
        .await
        .unwrap();
    assert!(!second.is_truncated());
    let names: Vec<_> = first
        .roles()
        .iter()
        .chain(second.roles())
        .map(|role| role.role_name().to_owned())
        .collect();
    assert_eq!(names, ["A", "B", "C"]);
}
