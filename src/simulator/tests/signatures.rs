//! Who is asking: signatures, keys, sessions.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sdk_organizations::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_organizations::config::retry::RetryConfig;
use aws_sdk_organizations::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_organizations::error::BoxError;
use aws_sdk_sts::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_simulator::Simulator;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_types::endpoint::EndpointAuthScheme;

use crate::clients::{code, credentials, organizations, organizations_with, sts, sts_with};

#[tokio::test]
async fn a_signed_request_is_known_by_its_account() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let identity = sts(&simulator, &account)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(identity.account(), Some(account.id.as_str()));
    assert_eq!(
        identity.arn(),
        Some(format!("arn:aws:iam::{}:user/administrator", account.id).as_str())
    );
    assert!(identity.user_id().unwrap().starts_with("AIDA"));
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let wrong = Credentials::new(&account.key.id, "not the secret", None, None, "test");
    let sts = sts_with(&simulator, wrong.clone());
    assert_eq!(
        code(sts.get_caller_identity().send().await),
        "SignatureDoesNotMatch"
    );
    let organizations = organizations_with(&simulator, wrong);
    assert_eq!(
        code(organizations.list_accounts().send().await),
        "InvalidSignatureException"
    );
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let unknown = Credentials::new("AKIAUNKNOWNUNKNOWN00", "secret", None, None, "test");
    let sts = sts_with(&simulator, unknown.clone());
    assert_eq!(
        code(sts.get_caller_identity().send().await),
        "InvalidClientTokenId"
    );
    let organizations = organizations_with(&simulator, unknown);
    assert_eq!(
        code(organizations.list_accounts().send().await),
        "UnrecognizedClientException"
    );
}

#[tokio::test]
async fn a_token_that_does_not_belong_to_the_key_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let odd = Credentials::new(
        &account.key.id,
        &account.key.secret,
        Some("a token".to_owned()),
        None,
        "test",
    );
    let sts = sts_with(&simulator, odd);
    assert_eq!(
        code(sts.get_caller_identity().send().await),
        "InvalidClientTokenId"
    );
}

#[tokio::test]
async fn signatures_hold_however_far_the_clock_is_moved() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let client = organizations_with(&simulator, credentials(&account.key));
    for _ in 0..3 {
        simulator.pass_days(1_000);
        assert_eq!(
            code(client.describe_organization().send().await),
            "AWSOrganizationsNotInUseException"
        );
    }
    assert_eq!(simulator.calls().len(), 3);
}

#[test]
fn blocking_tests_use_the_simulator_too() {
    let simulator = Simulator::start_blocking().unwrap();
    let account = simulator.create_account("Partner");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = organizations(&simulator, &account);
    assert_eq!(
        code(runtime.block_on(client.list_roots().send())),
        "AWSOrganizationsNotInUseException"
    );
}

#[tokio::test]
async fn a_client_with_another_clock_is_understood() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    for years in [-40_i64, 40] {
        let seconds = 1_800_000_000 + years * 365 * 86_400;
        let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap());
        let client = sts(&simulator, &account);
        let config = client
            .config()
            .to_builder()
            .time_source(StaticTimeSource::new(time))
            .build();
        aws_sdk_sts::Client::from_conf(config)
            .get_caller_identity()
            .send()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_moved_clock_does_not_look_like_a_skewed_one() {
    let simulator = Simulator::start().await.unwrap();
    let partner = simulator.create_account("Partner");
    let member = simulator.create_member(&simulator.create_organization(&partner), "Member");
    simulator.pass_days(400);
    let client = organizations(&simulator, &member);
    let retry = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let client = aws_sdk_organizations::Client::from_conf(
        client.config().to_builder().retry_config(retry).build(),
    );
    // The SDK takes AccessDenied for a matter of clocks, and asks again, if the answer's date is far from its own.
    assert_eq!(
        code(client.list_accounts().send().await),
        "AccessDeniedException"
    );
    assert_eq!(simulator.calls().len(), 1);
}

#[tokio::test]
async fn a_changed_request_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let mut call = sts(&simulator, &account).get_caller_identity().customize();
    call = call.interceptor(Tamper);
    assert_eq!(code(call.send().await), "SignatureDoesNotMatch");
}

/// Changes the body after it was signed.
#[derive(Debug)]
struct Tamper;

impl Intercept for Tamper {
    fn name(&self) -> &'static str {
        "Tamper"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        *context.request_mut().body_mut() =
            "Action=GetCallerIdentity&Version=2011-06-15&Extra=1".into();
        context
            .request_mut()
            .headers_mut()
            .insert("content-length", "51");
        Ok(())
    }
}

#[tokio::test]
async fn a_signature_for_another_service_is_refused() {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Partner");
    let client = sts(&simulator, &account);
    let ask = |service: &'static str| {
        let resolver = Scoped {
            url: simulator.endpoint(),
            service,
        };
        let config = client
            .config()
            .to_builder()
            .endpoint_resolver(resolver)
            .build();
        aws_sdk_sts::Client::from_conf(config)
            .get_caller_identity()
            .send()
    };
    ask("sts").await.unwrap();
    assert_eq!(code(ask("iam").await), "SignatureDoesNotMatch");
}

/// Makes the SDK sign for a service of our choice.
#[derive(Debug)]
struct Scoped {
    url: String,
    service: &'static str,
}

impl ResolveEndpoint for Scoped {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        let scheme = EndpointAuthScheme::with_capacity("sigv4", 2)
            .put("signingName", self.service)
            .put("signingRegion", "us-east-1");
        EndpointFuture::ready(Ok(Endpoint::builder()
            .url(self.url.clone())
            .auth_scheme(scheme)
            .build()))
    }
}
