//! Tags of accounts and of the root.

use aws_sdk_organizations::types::Tag;

use crate::clients::{code, reason};
use crate::stage::Stage;

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().unwrap()
}

#[tokio::test]
async fn tags_are_added_changed_and_taken_away() {
    let stage = Stage::new().await;
    let member = stage.member();
    let root = stage
        .as_partner()
        .list_roots()
        .send()
        .await
        .unwrap()
        .roots()[0]
        .id()
        .unwrap()
        .to_owned();
    for resource in [member.id.as_str(), &root] {
        let change = stage
            .as_partner()
            .tag_resource()
            .resource_id(resource)
            .tags(tag("a", "1"))
            .tags(tag("b", "2"));
        change.send().await.unwrap();
        stage
            .as_partner()
            .tag_resource()
            .resource_id(resource)
            .tags(tag("a", "3"))
            .send()
            .await
            .unwrap();
        stage
            .as_partner()
            .untag_resource()
            .resource_id(resource)
            .tag_keys("b")
            .send()
            .await
            .unwrap();
        let list = stage
            .as_partner()
            .list_tags_for_resource()
            .resource_id(resource);
        assert_eq!(list.send().await.unwrap().tags(), [tag("a", "3")]);
    }
}

#[tokio::test]
async fn tags_that_aws_does_not_take_are_refused() {
    let stage = Stage::new().await;
    let member = stage.member();
    let change = |tags: Vec<Tag>| {
        stage
            .as_partner()
            .tag_resource()
            .resource_id(member.id.as_str())
            .set_tags(Some(tags))
            .send()
    };
    let many = (0..51).map(|n| tag(&format!("key {n}"), "")).collect();
    assert_eq!(
        reason(change(many).await),
        "ConstraintViolationException/MAX_TAG_LIMIT_EXCEEDED"
    );
    assert_eq!(
        reason(change(vec![tag("aws:x", "")]).await),
        "InvalidInputException/INVALID_SYSTEM_TAGS_PARAMETER"
    );
    let twice = vec![tag("a", "1"), tag("a", "2")];
    assert_eq!(
        reason(change(twice).await),
        "InvalidInputException/DUPLICATE_TAG_KEY"
    );
    let long = vec![tag(&"k".repeat(129), "")];
    assert_eq!(
        reason(change(long).await),
        "InvalidInputException/MAX_LENGTH_EXCEEDED"
    );
    let stranger = stage
        .as_partner()
        .tag_resource()
        .resource_id(stage.customer.id.as_str())
        .tags(tag("a", "1"));
    assert_eq!(code(stranger.send().await), "TargetNotFoundException");
    let by_member = stage
        .as_(&member)
        .tag_resource()
        .resource_id(member.id.as_str())
        .tags(tag("a", "1"));
    assert_eq!(code(by_member.send().await), "AccessDeniedException");
}
