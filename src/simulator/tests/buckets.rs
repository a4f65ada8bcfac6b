//! Buckets and their settings.

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag, Tagging,
    VersioningConfiguration,
};
use aws_sdk_s3::{Client, error::SdkError};
use aws_simulator::{Account, Effect, Fault, Simulator};
use serde_json::{Value, json};

use crate::clients::{code, credentials, s3, s3_with};

async fn stage() -> (Simulator, Account) {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Customer");
    (simulator, account)
}

fn constraint(region: &str) -> CreateBucketConfiguration {
    CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::from(region))
        .build()
}

/// Asks for a bucket with a location constraint, or without one; answers the error's code if there is one.
async fn create(client: &Client, name: &str, region: Option<&str>) -> Option<String> {
    let request = client
        .create_bucket()
        .bucket(name)
        .set_create_bucket_configuration(region.map(constraint));
    match request.send().await {
        Ok(_) => None,
        refused => Some(code(refused)),
    }
}

fn in_region(simulator: &Simulator, account: &Account, region: &str) -> Client {
    s3_with(simulator, credentials(&account.key), region)
}

#[tokio::test]
async fn a_bucket_is_made_where_the_constraint_says() {
    let (simulator, account) = stage().await;
    let virginia = in_region(&simulator, &account, "us-east-1");
    let ireland = in_region(&simulator, &account, "eu-west-1");
    let said = |code: &str| Some(code.to_owned());
    assert_eq!(create(&virginia, "one", None).await, None);
    assert_eq!(create(&virginia, "two", Some("eu-west-1")).await, None);
    assert_eq!(create(&ireland, "three", Some("eu-west-1")).await, None);
    assert_eq!(
        create(&virginia, "four", Some("us-east-1")).await,
        said("InvalidLocationConstraint")
    );
    assert_eq!(
        create(&virginia, "four", Some("mars-1")).await,
        said("InvalidLocationConstraint")
    );
    assert_eq!(
        create(&ireland, "four", None).await,
        said("IllegalLocationConstraintException")
    );
    assert_eq!(
        create(&ireland, "four", Some("eu-west-2")).await,
        said("IllegalLocationConstraintException")
    );
    assert_eq!(
        create(&virginia, "Four_", None).await,
        said("InvalidBucketName")
    );
    for (name, region) in [("one", None), ("two", Some("eu-west-1"))] {
        let location = virginia
            .get_bucket_location()
            .bucket(name)
            .send()
            .await
            .unwrap();
        let location = location
            .location_constraint()
            .map(BucketLocationConstraint::as_str);
        assert_eq!(location.filter(|text| !text.is_empty()), region);
    }
    let listed = virginia.list_buckets().send().await.unwrap();
    let names: Vec<_> = listed
        .buckets()
        .iter()
        .map(|bucket| bucket.name().unwrap())
        .collect();
    assert_eq!(names, ["one", "three", "two"]);
    assert_eq!(listed.buckets()[1].bucket_region(), Some("eu-west-1"));
}

#[tokio::test]
async fn a_name_is_taken_in_the_whole_world() {
    let (simulator, account) = stage().await;
    let other = simulator.create_account("Other");
    let ireland = in_region(&simulator, &account, "eu-west-1");
    assert_eq!(create(&ireland, "reports", Some("eu-west-1")).await, None);
    let taken = create(&ireland, "reports", Some("eu-west-1")).await;
    assert_eq!(taken.as_deref(), Some("BucketAlreadyOwnedByYou"));
    let taken = create(&s3(&simulator, &other), "reports", None).await;
    assert_eq!(taken.as_deref(), Some("BucketAlreadyExists"));
    // In us-east-1 alone, asking again for one's own bucket there succeeds.
    let virginia = s3(&simulator, &account);
    assert_eq!(create(&virginia, "old", None).await, None);
    assert_eq!(create(&virginia, "old", None).await, None);
}

#[tokio::test]
async fn a_bucket_answers_in_its_own_region() {
    let (simulator, account) = stage().await;
    let [virginia, ireland, london] = ["us-east-1", "eu-west-1", "eu-west-2"]
        .map(|region| in_region(&simulator, &account, region));
    create(&ireland, "reports", Some("eu-west-1")).await;
    ireland
        .head_bucket()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    let head = ireland
        .head_bucket()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(head.bucket_region(), Some("eu-west-1"));
    let elsewhere = |client: &Client| client.get_bucket_policy().bucket("reports").send();
    assert_eq!(
        code(elsewhere(&virginia).await),
        "AuthorizationHeaderMalformed"
    );
    assert_eq!(code(elsewhere(&london).await), "PermanentRedirect");
    let redirected = london
        .head_bucket()
        .bucket("reports")
        .send()
        .await
        .unwrap_err();
    let response = redirected.raw_response().unwrap();
    assert_eq!(response.status().as_u16(), 301);
    assert_eq!(
        response.headers().get("x-amz-bucket-region"),
        Some("eu-west-1")
    );
    let missing = virginia
        .head_bucket()
        .bucket("nothing")
        .send()
        .await
        .unwrap_err();
    assert!(missing.into_service_error().is_not_found());
    assert_eq!(
        code(virginia.get_bucket_acl().bucket("nothing").send().await),
        "NoSuchBucket"
    );
}

#[tokio::test]
async fn a_bucket_with_something_in_it_stays() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    client
        .put_object()
        .bucket("reports")
        .key("a")
        .send()
        .await
        .unwrap();
    let delete = || client.delete_bucket().bucket("reports").send();
    assert_eq!(code(delete().await), "BucketNotEmpty");
    client
        .delete_object()
        .bucket("reports")
        .key("a")
        .send()
        .await
        .unwrap();
    delete().await.unwrap();
    assert_eq!(code(delete().await), "NoSuchBucket");
}

#[tokio::test]
async fn a_new_bucket_has_the_defaults_of_aws() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let block = client
        .get_public_access_block()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    let block = block.public_access_block_configuration().unwrap();
    assert_eq!(
        [
            block.block_public_acls(),
            block.ignore_public_acls(),
            block.block_public_policy(),
            block.restrict_public_buckets()
        ],
        [Some(true); 4]
    );
    let ownership = client
        .get_bucket_ownership_controls()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    let rule = &ownership.ownership_controls().unwrap().rules()[0];
    assert_eq!(
        rule.object_ownership(),
        &ObjectOwnership::BucketOwnerEnforced
    );
    let encryption = client
        .get_bucket_encryption()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    let rule = &encryption
        .server_side_encryption_configuration()
        .unwrap()
        .rules()[0];
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    assert_eq!(default.sse_algorithm(), &ServerSideEncryption::Aes256);
    let versioning = client
        .get_bucket_versioning()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(versioning.status(), None);
    let acl = client
        .get_bucket_acl()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(acl.grants().len(), 1);
    assert_eq!(
        acl.grants()[0].grantee().unwrap().id(),
        acl.owner().unwrap().id()
    );
    assert_eq!(
        code(client.get_bucket_policy().bucket("reports").send().await),
        "NoSuchBucketPolicy"
    );
    assert_eq!(
        code(client.get_bucket_tagging().bucket("reports").send().await),
        "NoSuchTagSet"
    );
    assert_eq!(
        code(
            client
                .get_bucket_lifecycle_configuration()
                .bucket("reports")
                .send()
                .await
        ),
        "NoSuchLifecycleConfiguration"
    );
}

#[tokio::test]
async fn public_access_and_encryption_are_set_and_taken_back() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .build();
    client
        .put_public_access_block()
        .bucket("reports")
        .public_access_block_configuration(block)
        .send()
        .await
        .unwrap();
    let block = client
        .get_public_access_block()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    let block = block.public_access_block_configuration().unwrap();
    assert_eq!(
        (block.block_public_acls(), block.block_public_policy()),
        (Some(true), Some(false))
    );
    client
        .delete_public_access_block()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(
            client
                .get_public_access_block()
                .bucket("reports")
                .send()
                .await
        ),
        "NoSuchPublicAccessBlockConfiguration"
    );

    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .kms_master_key_id("arn:aws:kms:us-east-1:111122223333:key/k")
        .build()
        .unwrap();
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .bucket_key_enabled(true)
        .build();
    let encryption = ServerSideEncryptionConfiguration::builder()
        .rules(rule)
        .build()
        .unwrap();
    client
        .put_bucket_encryption()
        .bucket("reports")
        .server_side_encryption_configuration(encryption.clone())
        .send()
        .await
        .unwrap();
    let kept = client
        .get_bucket_encryption()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(
        kept.server_side_encryption_configuration(),
        Some(&encryption)
    );
    client
        .delete_bucket_encryption()
        .bucket("reports")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn tags_and_ownership_are_set_and_taken_back() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let tags = ["a", "b"].map(|key| Tag::builder().key(key).value("1 & 2").build().unwrap());
    let tagging = Tagging::builder()
        .set_tag_set(Some(tags.to_vec()))
        .build()
        .unwrap();
    client
        .put_bucket_tagging()
        .bucket("reports")
        .tagging(tagging)
        .send()
        .await
        .unwrap();
    let kept = client
        .get_bucket_tagging()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(kept.tag_set(), tags);

    let ownership = OwnershipControlsRule::builder()
        .object_ownership(ObjectOwnership::BucketOwnerPreferred)
        .build()
        .unwrap();
    client
        .put_bucket_ownership_controls()
        .bucket("reports")
        .ownership_controls(
            OwnershipControls::builder()
                .rules(ownership)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    client
        .delete_bucket_ownership_controls()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(
            client
                .get_bucket_ownership_controls()
                .bucket("reports")
                .send()
                .await
        ),
        "OwnershipControlsNotFoundError"
    );
}

#[tokio::test]
async fn objects_expire_by_a_rule_as_the_clock_moves() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let rule = LifecycleRule::builder()
        .id("old reports")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("cur/").build())
        .expiration(LifecycleExpiration::builder().days(10).build())
        .build()
        .unwrap();
    let configuration = BucketLifecycleConfiguration::builder()
        .rules(rule.clone())
        .build()
        .unwrap();
    client
        .put_bucket_lifecycle_configuration()
        .bucket("reports")
        .lifecycle_configuration(configuration)
        .send()
        .await
        .unwrap();
    let kept = client
        .get_bucket_lifecycle_configuration()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(kept.rules(), [rule]);
    for key in ["cur/a", "else"] {
        client
            .put_object()
            .bucket("reports")
            .key(key)
            .send()
            .await
            .unwrap();
    }
    simulator.pass_days(10);
    let left = client
        .list_objects_v2()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(
        left.contents()
            .iter()
            .map(|object| object.key().unwrap())
            .collect::<Vec<_>>(),
        ["else"]
    );
}

fn statement(account: &Account, actions: &[&str], resource: &str) -> Value {
    json!({"Sid": "Readers", "Effect": "Allow", "Principal": {"AWS": account.id.as_str()}, "Action": actions,
        "Resource": resource})
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[tokio::test]
async fn a_policy_is_checked() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let put = |text: String| {
        client
            .put_bucket_policy()
            .bucket("reports")
            .policy(text)
            .send()
    };
    let good = statement(&account, &["s3:GetObject"], "arn:aws:s3:::reports/*");
    let with = |member: &str, value: Value| {
        let mut statement = good.clone();
        statement[member] = value;
        policy(&[statement])
    };
    let unknown_role = format!("arn:aws:iam::{}:role/nothing", account.id);
    for bad in [
        "no policy".to_owned(),
        policy(&[]),
        policy(&[good.clone(), good.clone()]),
        with("Effect", json!("Maybe")),
        with("Principal", Value::Null),
        with("Principal", json!({"AWS": "nobody"})),
        with("Principal", json!({"AWS": unknown_role})),
        with("Action", json!("ec2:RunInstances")),
        with("Resource", json!("arn:aws:s3:::other/*")),
        with("Resource", json!("arn:aws:s3:::reports-2/*")),
    ] {
        assert_eq!(code(put(bad.clone()).await), "MalformedPolicy", "{bad}");
    }
    assert_eq!(
        code(put(with("Principal", json!("*"))).await),
        "AccessDenied"
    );
    let text = policy(&[good]);
    put(text.clone()).await.unwrap();
    let kept = client
        .get_bucket_policy()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(kept.policy(), Some(text.as_str()));
    let status = client
        .get_bucket_policy_status()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(status.policy_status().unwrap().is_public(), Some(false));
    client
        .delete_bucket_policy()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(client.get_bucket_policy().bucket("reports").send().await),
        "NoSuchBucketPolicy"
    );
}

#[tokio::test]
async fn another_account_needs_the_policys_word() {
    let (simulator, account) = stage().await;
    let other = simulator.create_account("Other");
    let (client, stranger) = (s3(&simulator, &account), s3(&simulator, &other));
    create(&client, "reports", None).await;
    for key in ["open/a", "closed/a"] {
        client
            .put_object()
            .bucket("reports")
            .key(key)
            .send()
            .await
            .unwrap();
    }
    let get = |key: &str| stranger.get_object().bucket("reports").key(key).send();
    assert_eq!(code(get("open/a").await), "AccessDenied");
    let listed = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", other.id)},
        "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports",
        "Condition": {"StringLike": {"s3:prefix": "open/*"}}});
    let text = policy(&[
        statement(&other, &["s3:GetObject"], "arn:aws:s3:::reports/open/*"),
        listed,
    ]);
    client
        .put_bucket_policy()
        .bucket("reports")
        .policy(text)
        .send()
        .await
        .unwrap();
    get("open/a").await.unwrap();
    assert_eq!(code(get("closed/a").await), "AccessDenied");
    // What is not there is not told to whom may not list it.
    assert_eq!(code(get("open/b").await), "AccessDenied");
    let list = |prefix: &str| {
        stranger
            .list_objects_v2()
            .bucket("reports")
            .prefix(prefix)
            .send()
    };
    assert_eq!(list("open/").await.unwrap().contents().len(), 1);
    assert_eq!(code(list("closed/").await), "AccessDenied");
    assert_eq!(
        code(stranger.list_objects_v2().bucket("reports").send().await),
        "AccessDenied"
    );
    assert_eq!(
        code(
            client
                .get_object()
                .bucket("reports")
                .key("open/b")
                .send()
                .await
        ),
        "NoSuchKey"
    );
}

#[tokio::test]
async fn the_expected_owner_must_be_the_owner() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let head = |owner: &str| {
        client
            .head_bucket()
            .bucket("reports")
            .expected_bucket_owner(owner)
            .send()
    };
    head(account.id.as_str()).await.unwrap();
    let refused = head("999999999999").await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
}

#[tokio::test]
async fn access_control_lists_are_off_unless_the_owner_gives_them_up() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let put = || {
        client
            .put_bucket_acl()
            .bucket("reports")
            .acl("private".into())
            .send()
    };
    assert_eq!(code(put().await), "AccessControlListNotSupported");
    simulator.world(|world| {
        world.bucket_mut("reports").unwrap().ownership = Some("ObjectWriter".to_owned());
    });
    put().await.unwrap();
    let public = client
        .put_bucket_acl()
        .bucket("reports")
        .acl("public-read".into())
        .send()
        .await;
    assert_eq!(code(public), "AccessDenied");
}

#[tokio::test]
async fn versions_outlive_their_deletion() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    create(&client, "reports", None).await;
    let enabled = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    client
        .put_bucket_versioning()
        .bucket("reports")
        .versioning_configuration(enabled)
        .send()
        .await
        .unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let put = client
            .put_object()
            .bucket("reports")
            .key("a")
            .send()
            .await
            .unwrap();
        ids.push(put.version_id().unwrap().to_owned());
    }
    let deleted = client
        .delete_object()
        .bucket("reports")
        .key("a")
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    assert_eq!(
        code(client.get_object().bucket("reports").key("a").send().await),
        "NoSuchKey"
    );
    client
        .get_object()
        .bucket("reports")
        .key("a")
        .version_id(&ids[0])
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(client.delete_bucket().bucket("reports").send().await),
        "BucketNotEmpty"
    );
    let listed = client
        .list_object_versions()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (listed.versions().len(), listed.delete_markers().len()),
        (2, 1)
    );
    ids.push(listed.delete_markers()[0].version_id().unwrap().to_owned());
    for id in ids {
        client
            .delete_object()
            .bucket("reports")
            .key("a")
            .version_id(id)
            .send()
            .await
            .unwrap();
    }
    client
        .delete_bucket()
        .bucket("reports")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn faults_reach_s3_in_its_own_words() {
    let (simulator, account) = stage().await;
    let client = s3(&simulator, &account);
    let list = || client.list_buckets().send();
    simulator.fault(Fault::new(Effect::Throttle).on("ListBuckets").times(1));
    assert_eq!(code(list().await), "SlowDown");
    simulator.fault(Fault::new(Effect::Refuse).on("ListBuckets").times(1));
    assert_eq!(code(list().await), "AccessDenied");
    simulator.fault(Fault::new(Effect::ExpireCredentials).times(1));
    assert_eq!(code(list().await), "ExpiredToken");
    simulator.fault(Fault::new(Effect::CutConnection).times(1));
    assert!(!matches!(
        list().await.unwrap_err(),
        SdkError::ServiceError(_)
    ));
    let calls = simulator.calls();
    assert_eq!(
        (calls[0].service.as_str(), calls[0].actions[0].as_str()),
        ("s3", "s3:ListAllMyBuckets")
    );
}
