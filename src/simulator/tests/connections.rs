//! A role for an analyzer: who may take it, and what it may read.

use aws_credential_types::Credentials;
use aws_sdk_costexplorer::types::{DateInterval, Granularity};
use aws_sdk_iam::types::PolicyEvaluationDecisionType::{Allowed, ExplicitDeny, ImplicitDeny};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, Tag};
use aws_simulator::{Account, Effect, Fault, Simulator};
use serde_json::{Value, json};

use crate::clients::{code, cost_explorer_with, cur_with, iam, s3_with, sts};
use crate::reports::{definition, put, stage};

fn allow(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A role that an analyzer takes with the external ID `right`.
async fn connect_role(client: &aws_sdk_iam::Client, analyzer: &Account) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{}:root", analyzer.id)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "right"}},
    }]});
    client
        .create_role()
        .role_name("Analyzer")
        .assume_role_policy_document(trust.to_string())
        .send()
        .await
        .unwrap();
}

/// A role that an analyzer takes with the external ID `right`, and that reads the report under `cur/report`.
async fn connect(simulator: &Simulator, customer: &Account, analyzer: &Account) {
    let client = iam(simulator, customer);
    connect_role(&client, analyzer).await;
    let listing = json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports",
        "Condition": {"StringLike": {"s3:prefix": ["cur/report/*", "cur/report"]}}});
    let policy = document(&[
        listing,
        allow(&["s3:GetObject"], "arn:aws:s3:::reports/cur/report/*"),
        allow(&["cur:DescribeReportDefinitions"], "*"),
    ]);
    client
        .put_role_policy()
        .role_name("Analyzer")
        .policy_name("read")
        .policy_document(policy)
        .send()
        .await
        .unwrap();
}

async fn assume(
    simulator: &Simulator,
    by: &Account,
    customer: &Account,
    external_id: Option<&str>,
) -> Result<Credentials, String> {
    let request = sts(simulator, by)
        .assume_role()
        .role_arn(format!("arn:aws:iam::{}:role/Analyzer", customer.id))
        .role_session_name("analysis")
        .set_external_id(external_id.map(str::to_owned));
    match request.send().await {
        Ok(answer) => {
            let of = answer.credentials().unwrap();
            let token = Some(of.session_token().to_owned());
            Ok(Credentials::new(
                of.access_key_id(),
                of.secret_access_key(),
                token,
                None,
                "role",
            ))
        }
        refused => Err(code(refused)),
    }
}

#[tokio::test]
async fn the_analyzer_reads_the_report_and_nothing_else() {
    let (simulator, customer, reports) = stage().await;
    let (analyzer, stranger) = (
        simulator.create_account("Analyzer"),
        simulator.create_account("Stranger"),
    );
    put(&reports, definition("report")).await.unwrap();
    simulator.pass_days(1);
    let owner = s3_with(
        &simulator,
        crate::clients::credentials(&customer.key),
        "us-east-1",
    );
    owner
        .put_object()
        .bucket("reports")
        .key("cur/report-2/x")
        .send()
        .await
        .unwrap();
    connect(&simulator, &customer, &analyzer).await;

    for (by, external_id) in [
        (&stranger, Some("right")),
        (&analyzer, None),
        (&analyzer, Some("wrong")),
    ] {
        assert_eq!(
            assume(&simulator, by, &customer, external_id)
                .await
                .unwrap_err(),
            "AccessDenied"
        );
    }
    let session = assume(&simulator, &analyzer, &customer, Some("right"))
        .await
        .unwrap();
    let reader = s3_with(&simulator, session.clone(), "us-east-1");
    let list = |prefix: &str| {
        reader
            .list_objects_v2()
            .bucket("reports")
            .prefix(prefix)
            .send()
    };
    let listed = list("cur/report/").await.unwrap();
    assert_eq!(listed.contents().len(), 3);
    for object in listed.contents() {
        reader
            .get_object()
            .bucket("reports")
            .key(object.key().unwrap())
            .send()
            .await
            .unwrap();
    }
    assert_eq!(code(list("cur/report-2/").await), "AccessDenied");
    assert_eq!(code(list("").await), "AccessDenied");
    let get = reader
        .get_object()
        .bucket("reports")
        .key("cur/report-2/x")
        .send()
        .await;
    assert_eq!(code(get), "AccessDenied");
    let write = reader
        .put_object()
        .bucket("reports")
        .key("cur/report/x")
        .send()
        .await;
    assert_eq!(code(write), "AccessDenied");
    let costs = cost_explorer_with(&simulator, session.clone()).get_cost_and_usage();
    let costs = costs
        .granularity(Granularity::Monthly)
        .metrics("UnblendedCost");
    let period = DateInterval::builder()
        .start("2026-10-01")
        .end("2026-11-01")
        .build()
        .unwrap();
    let refused = costs.time_period(period).send().await;
    assert_eq!(code(refused), "AccessDeniedException");
    let session = cur_with(&simulator, session);
    session.describe_report_definitions().send().await.unwrap();
    let delete = session
        .delete_report_definition()
        .report_name("report")
        .send()
        .await;
    assert_eq!(code(delete), "AccessDeniedException");
}

#[tokio::test]
async fn a_new_external_id_shuts_the_old_one_out() {
    let (simulator, customer, _) = stage().await;
    let analyzer = simulator.create_account("Analyzer");
    connect(&simulator, &customer, &analyzer).await;
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": analyzer.id.as_str()}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "new"}}}]});
    let update = |document: String| {
        iam(&simulator, &customer)
            .update_assume_role_policy()
            .role_name("Analyzer")
            .policy_document(document)
            .send()
    };
    update(trust.to_string()).await.unwrap();
    assert!(
        assume(&simulator, &analyzer, &customer, Some("right"))
            .await
            .is_err()
    );
    assume(&simulator, &analyzer, &customer, Some("new"))
        .await
        .unwrap();
    let nobody = format!("arn:aws:iam::{}:role/nobody", customer.id);
    let unknown = trust
        .to_string()
        .replace(&format!("\"{}\"", analyzer.id), &format!("\"{nobody}\""));
    assert_eq!(code(update(unknown).await), "MalformedPolicyDocument");
}

#[tokio::test]
async fn what_was_changed_takes_its_time_to_be_known() {
    let (simulator, customer, _) = stage().await;
    let analyzer = simulator.create_account("Analyzer");
    connect(&simulator, &customer, &analyzer).await;
    simulator.fault(Fault::new(Effect::LagReads { reads: 2 }).on("AssumeRole"));
    let client = iam(&simulator, &customer);
    let delete = client
        .delete_role_policy()
        .role_name("Analyzer")
        .policy_name("read");
    delete.send().await.unwrap();
    client
        .delete_role()
        .role_name("Analyzer")
        .send()
        .await
        .unwrap();
    connect_role(&client, &analyzer).await;
    for _ in 0..2 {
        let early = assume(&simulator, &analyzer, &customer, Some("right")).await;
        assert_eq!(early.unwrap_err(), "AccessDenied");
    }
    assume(&simulator, &analyzer, &customer, Some("right"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_boundary_is_never_exceeded() {
    let (simulator, customer, _) = stage().await;
    let analyzer = simulator.create_account("Analyzer");
    connect(&simulator, &customer, &analyzer).await;
    let client = iam(&simulator, &customer);
    let policy = client
        .create_policy()
        .policy_name("Boundary")
        .policy_document(document(&[allow(&["s3:*"], "*")]))
        .send()
        .await
        .unwrap();
    let arn = policy.policy().unwrap().arn().unwrap().to_owned();
    let describe = || async {
        let session = assume(&simulator, &analyzer, &customer, Some("right"))
            .await
            .unwrap();
        cur_with(&simulator, session)
            .describe_report_definitions()
            .send()
            .await
    };
    describe().await.unwrap();
    client
        .put_role_permissions_boundary()
        .role_name("Analyzer")
        .permissions_boundary(&arn)
        .send()
        .await
        .unwrap();
    let role = client
        .get_role()
        .role_name("Analyzer")
        .send()
        .await
        .unwrap();
    let boundary = role.role().unwrap().permissions_boundary().unwrap();
    assert_eq!(boundary.permissions_boundary_arn(), Some(arn.as_str()));
    assert_eq!(code(describe().await), "AccessDeniedException");
    client
        .delete_role_permissions_boundary()
        .role_name("Analyzer")
        .send()
        .await
        .unwrap();
    describe().await.unwrap();
}

#[tokio::test]
async fn managed_policies_are_attached_and_detached() {
    let (simulator, customer, _) = stage().await;
    let analyzer = simulator.create_account("Analyzer");
    connect(&simulator, &customer, &analyzer).await;
    let client = iam(&simulator, &customer);
    let attach = |arn: &str| {
        client
            .attach_role_policy()
            .role_name("Analyzer")
            .policy_arn(arn)
            .send()
    };
    let billing = "arn:aws:iam::aws:policy/job-function/Billing";
    attach(billing).await.unwrap();
    assert_eq!(
        code(attach("arn:aws:iam::aws:policy/Nothing").await),
        "NoSuchEntity"
    );
    let listed = client
        .list_attached_role_policies()
        .role_name("Analyzer")
        .send()
        .await
        .unwrap();
    let names: Vec<_> = listed
        .attached_policies()
        .iter()
        .map(|policy| policy.policy_name())
        .collect();
    assert_eq!(names, [Some("Billing")]);
    let delete = || client.delete_role().role_name("Analyzer").send();
    assert_eq!(code(delete().await), "DeleteConflict");
    client
        .delete_role_policy()
        .role_name("Analyzer")
        .policy_name("read")
        .send()
        .await
        .unwrap();
    assert_eq!(code(delete().await), "DeleteConflict");
    client
        .detach_role_policy()
        .role_name("Analyzer")
        .policy_arn(billing)
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn a_role_is_described_and_tagged_anew() {
    let (simulator, customer, _) = stage().await;
    let analyzer = simulator.create_account("Analyzer");
    connect(&simulator, &customer, &analyzer).await;
    let client = iam(&simulator, &customer);
    let tag = |key: &str| Tag::builder().key(key).value("1").build().unwrap();
    client
        .tag_role()
        .role_name("Analyzer")
        .tags(tag("a"))
        .tags(tag("b"))
        .send()
        .await
        .unwrap();
    client
        .untag_role()
        .role_name("Analyzer")
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let tags = client
        .list_role_tags()
        .role_name("Analyzer")
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags(), [tag("b")]);
    client
        .update_role()
        .role_name("Analyzer")
        .description("reads")
        .max_session_duration(7_200)
        .send()
        .await
        .unwrap();
    let role = client
        .get_role()
        .role_name("Analyzer")
        .send()
        .await
        .unwrap();
    let role = role.role().unwrap();
    assert_eq!(
        (role.description(), role.max_session_duration()),
        (Some("reads"), Some(7_200))
    );
    let described = client
        .update_role_description()
        .role_name("Analyzer")
        .description("")
        .send()
        .await;
    assert_eq!(
        described
            .unwrap()
            .role()
            .unwrap()
            .description()
            .unwrap_or_default(),
        ""
    );
}

#[tokio::test]
async fn what_a_principal_may_do_is_foretold() {
    let (simulator, customer, _) = stage().await;
    let analyzer = simulator.create_account("Analyzer");
    connect(&simulator, &customer, &analyzer).await;
    let client = iam(&simulator, &customer);
    let ask = |principal: String, action: &str, resource: &str, prefix: &str| {
        let entry = ContextEntry::builder()
            .context_key_name("s3:prefix")
            .context_key_values(prefix)
            .context_key_type(ContextKeyTypeEnum::String)
            .build();
        client
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .action_names(action)
            .resource_arns(resource)
            .context_entries(entry)
            .send()
    };
    let role = format!("arn:aws:iam::{}:role/Analyzer", customer.id);
    for (action, resource, prefix, decision) in [
        (
            "s3:GetObject",
            "arn:aws:s3:::reports/cur/report/x",
            "x",
            Allowed,
        ),
        (
            "s3:GetObject",
            "arn:aws:s3:::reports/else",
            "x",
            ImplicitDeny,
        ),
        (
            "s3:ListBucket",
            "arn:aws:s3:::reports",
            "cur/report/",
            Allowed,
        ),
        (
            "s3:ListBucket",
            "arn:aws:s3:::reports",
            "else/",
            ImplicitDeny,
        ),
        ("ce:GetCostAndUsage", "*", "x", ImplicitDeny),
    ] {
        let answer = ask(role.clone(), action, resource, prefix).await.unwrap();
        let result = &answer.evaluation_results()[0];
        assert_eq!(
            (result.eval_action_name(), result.eval_decision()),
            (action, &decision),
            "{resource}"
        );
    }
    let user = format!("arn:aws:iam::{}:user/administrator", customer.id);
    simulator.world(|world| {
        let key = world.access_key_mut(&customer.key.id).unwrap();
        key.denied_actions.insert("ce:*".to_owned());
    });
    let answer = ask(user, "ce:GetCostAndUsage", "*", "x").await.unwrap();
    assert_eq!(
        answer.evaluation_results()[0].eval_decision(),
        &ExplicitDeny
    );
    assert_eq!(
        code(ask(format!("{role}-2"), "s3:GetObject", "*", "x").await),
        "NoSuchEntity"
    );
}
