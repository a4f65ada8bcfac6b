//! Whose credentials are used, and how they are found, checked and shared.

use std::collections::BTreeSet;
use std::process::Command;

use aws_simulator::{Account, Effect, Fault, RoleSpec};
use awsbilling::aws::config::{
    AssumeRoleWithWebIdentity, IgnoreTags, SecretText, WebIdentityToken,
};
use awsbilling::aws::types::{AccountId, ExternalId, Region, RoleArn, SessionName, Tags};
use awsbilling::aws::{AssumeRole, Settings};
use awsbilling::framework::{Diagnostic, DomainText};
use futures_util::future::join_all;

use crate::harness::{World, configure, cx, id};

/// A role in an account that another account may assume.
fn role(world: &World, of: &Account, trusts: &Account, external_id: Option<&str>) -> AssumeRole {
    let arn = world.simulator.create_role(&RoleSpec {
        account: of.id.clone(),
        name: format!("For-{}", trusts.id),
        trusts: BTreeSet::from([trusts.id.clone()]),
        external_id: external_id.map(str::to_owned),
        denied_actions: BTreeSet::new(),
    });
    AssumeRole::new(RoleArn::parse(&arn).unwrap())
}

fn external_id(text: &str) -> Option<ExternalId> {
    ExternalId::parse(text).ok()
}

#[tokio::test]
async fn the_caller_is_known_after_one_call() {
    let world = World::new().await;
    let aws = world.aws(&world.partner).await;
    let caller = aws.caller(&cx(), None).await.unwrap();
    assert_eq!(
        (caller.account_id, caller.partition.as_str()),
        (id(&world.partner), "aws")
    );
    assert_eq!(world.count("GetCallerIdentity"), 1);
    assert_eq!(world.simulator.calls().len(), 1);
}

#[tokio::test]
async fn only_allowed_accounts_are_worked_on() {
    let world = World::new().await;
    let settings = || world.settings(&world.partner.key);
    let other = AccountId::parse("000000000042").unwrap();
    let refused = |settings: Settings| async { configure(settings).await.unwrap_err() };

    let allowed = Settings {
        allowed_account_ids: vec![other.clone(), id(&world.partner)],
        ..settings()
    };
    assert!(configure(allowed).await.is_ok());
    let fault = refused(Settings {
        allowed_account_ids: vec![other.clone()],
        ..settings()
    })
    .await;
    assert_eq!(fault.summary, "Account not allowed");
    assert_eq!(fault.path.to_string(), "allowed_account_ids");
    assert!(fault.detail.contains(world.partner.id.as_str()));

    let fault = refused(Settings {
        forbidden_account_ids: vec![id(&world.partner)],
        ..settings()
    })
    .await;
    assert_eq!(fault.path.to_string(), "forbidden_account_ids");
    let other = Settings {
        forbidden_account_ids: vec![other],
        ..settings()
    };
    assert!(configure(other).await.is_ok());
}

#[tokio::test]
async fn the_account_of_the_last_role_is_the_one_that_must_be_allowed() {
    let world = World::new().await;
    let hub = world.simulator.create_account("Hub");
    let first = role(&world, &hub, &world.partner, None);
    let last = AssumeRole {
        external_id: external_id("tenant-4711"),
        session_name: Some(SessionName::parse("onboarding").unwrap()),
        ..role(&world, &world.customer, &hub, Some("tenant-4711"))
    };
    let settings = Settings {
        assume_role: vec![first, last],
        allowed_account_ids: vec![id(&world.customer)],
        ..world.settings(&world.partner.key)
    };
    let aws = configure(settings).await.unwrap();
    let caller = aws.caller(&cx(), None).await.unwrap();
    assert_eq!(caller.account_id, id(&world.customer));
    assert!(caller.arn.ends_with("/onboarding"), "{}", caller.arn);

    let organizations = aws.organizations(&cx(), None).await.unwrap();
    assert_eq!(organizations.organization(&cx()).await.unwrap(), None);
    let calls = world.simulator.calls();
    assert_eq!(
        calls.last().unwrap().account.as_ref(),
        Some(&world.customer.id)
    );
    assert_eq!(world.count("AssumeRole"), 2, "each role is assumed once");
    assert_eq!(
        world.count("GetCallerIdentity"),
        0,
        "the ARN of the role tells the account"
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_explained() {
    let world = World::new().await;
    let wrong = AssumeRole {
        external_id: external_id("guessed"),
        ..role(&world, &world.customer, &world.partner, Some("tenant-4711"))
    };
    let aws = world.aws(&world.partner).await;
    let failure = aws.organizations(&cx(), Some(&wrong)).await.unwrap_err();
    let diagnostic = Diagnostic::from(failure);
    assert_eq!(diagnostic.summary, "Role cannot be assumed");
    for expected in [
        wrong.role_arn.as_str(),
        "trust policy",
        "external_id",
        "AWS: AssumeRole, AccessDenied",
    ] {
        assert!(
            diagnostic.detail.contains(expected),
            "{expected} in {}",
            diagnostic.detail
        );
    }
    assert!(
        !diagnostic.detail.contains("guessed"),
        "the external ID is not shown"
    );

    let settings = Settings {
        assume_role: vec![wrong],
        ..world.settings(&world.partner.key)
    };
    assert_eq!(
        configure(settings).await.unwrap_err().summary,
        "Role cannot be assumed"
    );
}

#[tokio::test]
async fn resources_that_say_the_same_share_a_session() {
    let world = World::new().await;
    let role = role(&world, &world.customer, &world.partner, None);
    let aws = world.aws(&world.partner).await;
    let cx = cx();
    let sessions = join_all((0..20).map(|_| aws.organizations(&cx, Some(&role)))).await;
    let organizations = sessions.into_iter().map(Result::unwrap);
    let reads = join_all(organizations.map(|organizations| {
        let cx = &cx;
        async move { organizations.organization(cx).await }
    }));
    assert!(reads.await.into_iter().all(|read| read.unwrap().is_none()));
    assert_eq!(world.count("AssumeRole"), 1);
    assert_eq!(world.count("DescribeOrganization"), 1);

    let named = AssumeRole {
        session_name: Some(SessionName::parse("other").unwrap()),
        ..role
    };
    aws.organizations(&cx, Some(&named)).await.unwrap();
    assert_eq!(
        world.count("AssumeRole"),
        2,
        "another session name is another session"
    );
}

#[tokio::test]
async fn a_write_in_one_session_is_seen_in_another() {
    let world = World::new().await;
    let role = role(&world, &world.customer, &world.partner, None);
    let aws = world.aws(&world.partner).await;
    let partner = aws.organizations(&cx(), None).await.unwrap();
    let customer = aws.organizations(&cx(), Some(&role)).await.unwrap();
    assert!(
        partner
            .member(&cx(), &id(&world.customer))
            .await
            .unwrap()
            .is_none()
    );

    let target = crate::harness::target(&world.customer);
    let sent = partner
        .invite(&cx(), &target, None, &Tags::new())
        .await
        .unwrap()
        .into_handshake();
    customer.accept(&cx(), &sent).await.unwrap();
    assert!(
        partner
            .member(&cx(), &id(&world.customer))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn nothing_is_asked_when_everything_is_skipped() {
    let world = World::new().await;
    let settings = Settings {
        skip_credentials_validation: true,
        skip_requesting_account_id: true,
        ..world.settings(&world.partner.key)
    };
    let aws = configure(settings).await.unwrap();
    assert_eq!(world.simulator.calls().len(), 0);
    let organizations = aws.organizations(&cx(), None).await.unwrap();
    assert_eq!(organizations.members(&cx()).await.unwrap().len(), 1);
    assert_eq!(
        aws.caller(&cx(), None).await.unwrap().account_id,
        id(&world.partner)
    );
}

#[tokio::test]
async fn credentials_that_do_not_work_are_told_at_once() {
    let world = World::new().await;
    let settings = || world.settings(&world.partner.key);
    let unknown = Settings {
        access_key: Some("AKIAUNKNOWNUNKNOWN12".to_owned()),
        ..settings()
    };
    assert_eq!(
        configure(unknown).await.unwrap_err().summary,
        "AWS credentials not recognized"
    );
    let wrong = Settings {
        secret_key: Some(SecretText::new("wrong")),
        ..settings()
    };
    assert_eq!(
        configure(wrong).await.unwrap_err().summary,
        "AWS credentials refused"
    );
    world.simulator.fault(Fault::new(Effect::ExpireCredentials));
    assert_eq!(
        configure(settings()).await.unwrap_err().summary,
        "AWS credentials expired"
    );
}

#[tokio::test]
async fn settings_that_do_not_fit_are_refused_before_any_call() {
    let world = World::new().await;
    let settings = || world.settings(&world.partner.key);
    let account = vec![id(&world.partner)];
    let cases = [
        (
            Settings {
                secret_key: None,
                ..settings()
            },
            "secret_key",
        ),
        (
            Settings {
                access_key: None,
                secret_key: None,
                token: Some(SecretText::new("t")),
                ..settings()
            },
            "token",
        ),
        (
            Settings {
                allowed_account_ids: account.clone(),
                forbidden_account_ids: account.clone(),
                ..settings()
            },
            "forbidden_account_ids",
        ),
        (
            Settings {
                allowed_account_ids: account,
                skip_credentials_validation: true,
                skip_requesting_account_id: true,
                ..settings()
            },
            "skip_requesting_account_id",
        ),
        (
            Settings {
                region: Some(Region::parse("xx-moon-1").unwrap()),
                ..settings()
            },
            "region",
        ),
    ];
    for (settings, path) in cases {
        assert_eq!(
            configure(settings).await.unwrap_err().path.to_string(),
            path
        );
    }
    assert_eq!(world.simulator.calls().len(), 0);

    let moon = Some(Region::parse("xx-moon-1").unwrap());
    let skipped = Settings {
        region: moon,
        skip_region_validation: true,
        ..settings()
    };
    assert!(configure(skipped).await.is_ok());
}

#[tokio::test]
async fn a_web_identity_is_enough() {
    let world = World::new().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let claims = r#"{"iss":"https://ci.example.com","sub":"job","aud":"sts.amazonaws.com"}"#;
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, claims);
    std::fs::write(&file, format!("e30.{encoded}.c2ln\n")).unwrap();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::{}:oidc-provider/ci.example.com", world.customer.id)},
            "Action": "sts:AssumeRoleWithWebIdentity",
        }],
    });
    let arn = create_web_identity_role(&world, &policy);
    let web_identity = AssumeRoleWithWebIdentity {
        role_arn: RoleArn::parse(&arn).unwrap(),
        session_name: None,
        token: WebIdentityToken::File(file.display().to_string()),
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
    };
    let settings = Settings {
        access_key: None,
        secret_key: None,
        assume_role_with_web_identity: Some(web_identity.clone()),
        ..world.settings(&world.customer.key)
    };
    let aws = configure(settings.clone()).await.unwrap();
    assert_eq!(
        aws.caller(&cx(), None).await.unwrap().account_id,
        id(&world.customer)
    );
    assert!(
        aws.organizations(&cx(), None)
            .await
            .unwrap()
            .organization(&cx())
            .await
            .unwrap()
            .is_none()
    );

    let token = WebIdentityToken::File("/does/not/exist".to_owned());
    let missing = AssumeRoleWithWebIdentity {
        token,
        ..web_identity
    };
    let settings = Settings {
        assume_role_with_web_identity: Some(missing),
        ..settings
    };
    let fault = configure(settings).await.unwrap_err();
    assert_eq!(fault.summary, "Web identity token not readable");
}

/// The simulator arranges roles for accounts only, so this one is made as its owner would.
fn create_web_identity_role(world: &World, policy: &serde_json::Value) -> String {
    let arn = world.simulator.create_role(&RoleSpec {
        account: world.customer.id.clone(),
        name: "Pipeline".to_owned(),
        trusts: BTreeSet::new(),
        external_id: None,
        denied_actions: BTreeSet::new(),
    });
    world.simulator.world(|w| {
        w.trust_web_identity_issuer("ci.example.com");
        let role = w.role_mut(&world.customer.id, "Pipeline").unwrap();
        role.trust_policy = policy.clone();
    });
    arn
}

#[tokio::test]
async fn tags_of_the_provider_block_are_offered_and_ignored_ones_left_out() {
    let world = World::new().await;
    let tag = |key: &str| (key.to_owned(), "x".to_owned());
    let settings = Settings {
        default_tags: Tags::from([tag("team")]),
        ignore_tags: IgnoreTags {
            keys: vec!["owner".to_owned()],
            key_prefixes: vec!["kube/".to_owned()],
        },
        ..world.settings(&world.partner.key)
    };
    let aws = configure(settings).await.unwrap();
    assert_eq!(*aws.default_tags(), Tags::from([tag("team")]));
    let found = Tags::from(
        [
            "team",
            "owner",
            "owners",
            "kube/x",
            "aws:cloudformation:stack",
        ]
        .map(tag),
    );
    assert_eq!(
        aws.without_ignored(found),
        Tags::from(["team", "owners"].map(tag))
    );
}

#[tokio::test]
async fn time_is_what_aws_says() {
    let world = World::new().await;
    let aws = world.aws(&world.partner).await;
    let before = aws.now(&cx());
    world.simulator.pass_days(4);
    let organizations = aws.organizations(&cx(), None).await.unwrap();
    organizations.organization(&cx()).await.unwrap();
    let passed = aws.now(&cx()) - before;
    assert!(
        (passed.as_seconds_f64() - 4.0 * 86_400.0).abs() < 5.0,
        "AWS tells whole seconds: {passed}"
    );
}

/// Runs itself in processes whose environment is all that there is.
#[test]
fn credentials_are_found_in_the_order_of_the_aws_cli() {
    if std::env::var_os("AWSBILLING_TEST_CHILD").is_some() {
        return child();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let written = world.simulator.create_account("Written");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("credentials");
    let section = |name: &str, account: &Account| {
        let (id, secret) = (&account.key.id, &account.key.secret);
        format!("[{name}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
    };
    let text = section("default", &world.customer) + &section("payer", &world.partner);
    std::fs::write(&file, text).unwrap();
    let in_environment = world.simulator.create_account("Environment");

    let credentials = ("AWS_SHARED_CREDENTIALS_FILE", file.display().to_string());
    let keys = [
        ("AWS_ACCESS_KEY_ID", in_environment.key.id.clone()),
        ("AWS_SECRET_ACCESS_KEY", in_environment.key.secret.clone()),
    ];
    let profile = ("AWS_PROFILE", "payer".to_owned());
    let attribute = ("TEST_PROFILE", "payer".to_owned());
    let written_out = [
        ("TEST_ACCESS_KEY", written.key.id.clone()),
        ("TEST_SECRET_KEY", written.key.secret.clone()),
    ];
    let files = ("TEST_CREDENTIALS_FILE", file.display().to_string());

    let found = |variables: Vec<(&str, String)>| run_child(&world, CREDENTIALS_TEST, variables);
    let account = |account: &Account| format!("account {}", account.id);
    assert_eq!(found(vec![credentials.clone()]), account(&world.customer));
    assert_eq!(
        found(vec![credentials.clone(), profile.clone()]),
        account(&world.partner)
    );
    assert_eq!(
        found([vec![credentials.clone()], keys.to_vec()].concat()),
        account(&in_environment)
    );
    let all = [vec![credentials, profile, attribute.clone()], keys.to_vec()].concat();
    assert_eq!(
        found(all.clone()),
        account(&world.partner),
        "a profile written out wins over keys"
    );
    assert_eq!(
        found([all, written_out.to_vec()].concat()),
        account(&written)
    );
    assert_eq!(
        found(vec![files, attribute.clone()]),
        account(&world.partner)
    );
    assert_eq!(found(vec![]), "error No valid AWS credentials");
    assert_eq!(
        found(vec![attribute]),
        "error No valid AWS credentials",
        "the profile does not exist"
    );
}

const CREDENTIALS_TEST: &str = "sessions::credentials_are_found_in_the_order_of_the_aws_cli";
const ATTEMPTS_TEST: &str =
    "sessions::the_number_of_attempts_comes_from_settings_environment_and_profile";

#[test]
fn the_number_of_attempts_comes_from_settings_environment_and_profile() {
    if std::env::var_os("AWSBILLING_TEST_CHILD").is_some() {
        return child();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    world.simulator.fault(Fault::new(Effect::Throttle));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config");
    std::fs::write(&file, "[default]\nmax_attempts = 3\n").unwrap();

    let key = &world.partner.key;
    let written_out = [
        ("TEST_ACCESS_KEY", key.id.clone()),
        ("TEST_SECRET_KEY", key.secret.clone()),
    ];
    let profile = ("AWS_CONFIG_FILE", file.display().to_string());
    let environment = ("AWS_MAX_ATTEMPTS", "2".to_owned());
    let attribute = ("TEST_MAX_RETRIES", "1".to_owned());
    let attempts = |variables: Vec<(&'static str, String)>| {
        world.simulator.clear_calls();
        let answer = run_child(
            &world,
            ATTEMPTS_TEST,
            [variables, written_out.to_vec()].concat(),
        );
        assert_eq!(answer, "error Throttled by AWS");
        world.count("GetCallerIdentity")
    };
    assert_eq!(
        attempts(vec![]),
        5,
        "whatever the default, STS is not asked more often"
    );
    assert_eq!(attempts(vec![profile.clone()]), 3);
    assert_eq!(attempts(vec![profile.clone(), environment.clone()]), 2);
    assert_eq!(attempts(vec![profile, environment, attribute]), 1);
}

fn run_child(world: &World, test: &str, variables: Vec<(&str, String)>) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env("AWSBILLING_TEST_CHILD", "1")
        .env("HOME", "/does/not/exist")
        .env("AWS_ENDPOINT_URL", world.simulator.endpoint())
        .envs(variables)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let answer = printed
        .split("answer: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    answer.unwrap_or_else(|| panic!("{printed}")).to_owned()
}

/// Endpoints come from `AWS_ENDPOINT_URL` here, so that this is tested as well.
#[expect(clippy::print_stdout, reason = "the parent reads the answer")]
fn child() {
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings {
        profile: variable("TEST_PROFILE"),
        access_key: variable("TEST_ACCESS_KEY"),
        secret_key: variable("TEST_SECRET_KEY").map(SecretText::new),
        shared_credentials_files: variable("TEST_CREDENTIALS_FILE").into_iter().collect(),
        max_retries: variable("TEST_MAX_RETRIES").and_then(|number| number.parse().ok()),
        skip_metadata_api_check: true,
        ..Settings::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = runtime.block_on(async {
        let aws = configure(settings).await?;
        let caller = aws.caller(&cx(), None).await?;
        // The endpoint of Organizations comes from the environment as well.
        aws.organizations(&cx(), None)
            .await?
            .organization(&cx())
            .await?;
        Ok::<_, Diagnostic>(caller.account_id)
    });
    let answer = match answer {
        Ok(account) => format!("account {account}"),
        Err(fault) => format!("error {}", fault.summary),
    };
    println!("answer: {answer}");
}
