//! One call of AWS through our layer, beside the same call of the bare SDK.

use std::time::{Duration, Instant};

use aws_sdk_organizations::config::{BehaviorVersion, Credentials, Region};
use awsbilling::aws::config::{Endpoints, SecretText};
use awsbilling::aws::{Aws, Settings};
use awsbilling::framework::{Clock, Cx};
use tokio_util::sync::CancellationToken;

use crate::Options;
use crate::figure::{Quantity, Row};
use crate::harness::Sandbox;

/// Calls of each kind, one beside the other.
const CALLS: usize = 500;

/// Calls that warm the connections up.
const WARM: usize = 20;

pub(crate) fn measure(_: &Options, print: &mut dyn FnMut(Row)) {
    let aws = Sandbox::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (ours, bare) = runtime.block_on(measured(&aws));
    print(
        Row::new(
            "Call of AWS through our layer, AWS next door",
            Quantity::median(&ours),
        )
        .more_than(Quantity::median(&bare), "the bare SDK"),
    );
}

/// `ListTagsForResource`, for which AWS documents no rate, so that nothing is waited for.
async fn measured(sandbox: &Sandbox) -> (Vec<Duration>, Vec<Duration>) {
    let (key, account) = (&sandbox.partner.key, sandbox.partner.id.as_str());
    let endpoint = sandbox.simulator.endpoint();
    let config = aws_sdk_organizations::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&endpoint)
        .credentials_provider(Credentials::new(&key.id, &key.secret, None, None, "bare"))
        .build();
    let bare = aws_sdk_organizations::Client::from_conf(config);

    let settings = Settings {
        access_key: Some(key.id.clone()),
        secret_key: Some(SecretText::new(&key.secret)),
        endpoints: Endpoints {
            organizations: Some(endpoint.clone()),
            sts: Some(endpoint),
            ..Endpoints::default()
        },
        no_proxy: Some("127.0.0.1".to_owned()),
        skip_metadata_api_check: true,
        ..Settings::default()
    };
    let cx = Cx::new(Clock::System, CancellationToken::new());
    let aws = Aws::configure(&cx, settings, "1.11.4").await.unwrap();
    let organizations = aws.organizations(&cx, None).await.unwrap();

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..CALLS + WARM {
        let begun = Instant::now();
        bare.list_tags_for_resource()
            .resource_id(account)
            .send()
            .await
            .unwrap();
        theirs.push(begun.elapsed());
        let begun = Instant::now();
        organizations.tags_of(&cx, account).await.unwrap();
        ours.push(begun.elapsed());
    }
    (ours.split_off(WARM), theirs.split_off(WARM))
}
