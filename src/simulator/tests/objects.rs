//! Objects: content, ranges, checksums, pages.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, Delete, ObjectIdentifier};
use aws_simulator::{Account, Simulator};
use aws_smithy_types::byte_stream::Length;

use crate::clients::{code, s3, s3_with};

async fn stage() -> (Simulator, Account, Client) {
    let simulator = Simulator::start().await.unwrap();
    let account = simulator.create_account("Customer");
    let client = s3(&simulator, &account);
    client
        .create_bucket()
        .bucket("reports")
        .send()
        .await
        .unwrap();
    (simulator, account, client)
}

async fn put(client: &Client, key: &str, body: &'static [u8]) {
    let request = client.put_object().bucket("reports").key(key);
    request
        .body(ByteStream::from_static(body))
        .send()
        .await
        .unwrap();
}

async fn content(client: &Client, key: &str, range: Option<&str>) -> (Vec<u8>, Option<String>) {
    let request = client.get_object().bucket("reports").key(key);
    let answer = request
        .set_range(range.map(str::to_owned))
        .send()
        .await
        .unwrap();
    let range = answer.content_range().map(str::to_owned);
    (answer.body.collect().await.unwrap().to_vec(), range)
}

#[tokio::test]
async fn what_is_put_is_what_is_got() {
    let (_simulator, _, client) = stage().await;
    let put = client
        .put_object()
        .bucket("reports")
        .key("a b/ä+&=.csv")
        .content_type("text/csv")
        .metadata("origin", "test")
        .body(ByteStream::from_static(b"one,two\n"))
        .send()
        .await
        .unwrap();
    assert!(put.checksum_crc32().is_some());
    let head = client
        .head_object()
        .bucket("reports")
        .key("a b/ä+&=.csv")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(8));
    assert_eq!(head.content_type(), Some("text/csv"));
    assert_eq!(head.metadata().unwrap()["origin"], "test");
    assert_eq!(head.e_tag(), put.e_tag());
    assert_eq!(content(&client, "a b/ä+&=.csv", None).await.0, b"one,two\n");
}

#[tokio::test]
async fn a_part_is_got_by_its_range() {
    let (_simulator, _, client) = stage().await;
    put(&client, "digits", b"0123456789").await;
    for (range, bytes, said) in [
        ("bytes=2-4", &b"234"[..], "bytes 2-4/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
    ] {
        assert_eq!(
            content(&client, "digits", Some(range)).await,
            (bytes.to_vec(), Some(said.to_owned()))
        );
    }
    assert_eq!(
        content(&client, "digits", Some("bytes=4-2")).await,
        (b"0123456789".to_vec(), None)
    );
    let beyond = client
        .get_object()
        .bucket("reports")
        .key("digits")
        .range("bytes=10-")
        .send()
        .await;
    assert_eq!(code(beyond), "InvalidRange");
}

#[tokio::test]
async fn a_streamed_body_comes_in_signed_chunks() {
    let (simulator, account, client) = stage().await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let stream = || async {
        let reader = ByteStream::read_from()
            .path(file.path())
            .length(Length::Exact(200_000));
        reader.build().await.unwrap()
    };
    let upload = |client: Client, body| async move {
        let request = client.put_object().bucket("reports").key("big");
        request
            .checksum_algorithm(ChecksumAlgorithm::Crc32C)
            .body(body)
            .send()
            .await
    };
    upload(client.clone(), stream().await).await.unwrap();
    let call = simulator.calls().pop().unwrap();
    assert_eq!(
        call.parameters["Headers"]["x-amz-trailer"],
        "x-amz-checksum-crc32c"
    );
    assert_eq!(content(&client, "big", None).await.0, bytes);
    let wrong = Credentials::new(&account.key.id, "not the secret", None, None, "test");
    let wrong = s3_with(&simulator, wrong, "us-east-1");
    assert_eq!(
        code(upload(wrong, stream().await).await),
        "SignatureDoesNotMatch"
    );
}

#[tokio::test]
async fn a_wrong_checksum_is_refused() {
    let (_simulator, _, client) = stage().await;
    let request = client
        .put_object()
        .bucket("reports")
        .key("a")
        .body(ByteStream::from_static(b"a"));
    assert_eq!(
        code(request.checksum_crc32("AAAAAA==").send().await),
        "BadDigest"
    );
    let request = client
        .put_object()
        .bucket("reports")
        .key("a")
        .body(ByteStream::from_static(b"a"));
    assert_eq!(
        code(request.content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await),
        "BadDigest"
    );
    for algorithm in [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ] {
        let request = client
            .put_object()
            .bucket("reports")
            .key("a")
            .body(ByteStream::from_static(b"a"));
        request.checksum_algorithm(algorithm).send().await.unwrap();
        assert_eq!(content(&client, "a", None).await.0, b"a");
    }
}

#[tokio::test]
async fn what_is_there_can_be_left_alone() {
    let (_simulator, _, client) = stage().await;
    let put = || {
        client
            .put_object()
            .bucket("reports")
            .key("a")
            .if_none_match("*")
            .send()
    };
    put().await.unwrap();
    assert_eq!(code(put().await), "PreconditionFailed");
}

#[tokio::test]
async fn a_listing_is_read_to_its_end() {
    let (_simulator, _, client) = stage().await;
    for key in ["a/1", "a/2", "a/b/3", "a/b/4", "c", "d/5"] {
        put(&client, key, b"x").await;
    }
    let (mut keys, mut prefixes, mut pages) = (Vec::new(), BTreeSet::new(), 0);
    let mut token = None;
    loop {
        let request = client
            .list_objects_v2()
            .bucket("reports")
            .prefix("a/")
            .delimiter("/")
            .max_keys(1);
        let page = request.set_continuation_token(token).send().await.unwrap();
        keys.extend(
            page.contents()
                .iter()
                .map(|object| object.key().unwrap().to_owned()),
        );
        prefixes.extend(
            page.common_prefixes()
                .iter()
                .map(|prefix| prefix.prefix().unwrap().to_owned()),
        );
        pages += 1;
        token = page.next_continuation_token().map(str::to_owned);
        assert_eq!(page.is_truncated(), Some(token.is_some()));
        if token.is_none() {
            break;
        }
    }
    assert_eq!((keys, pages), (vec!["a/1".to_owned(), "a/2".to_owned()], 3));
    assert_eq!(prefixes.into_iter().collect::<Vec<_>>(), ["a/b/"]);
    let after = client
        .list_objects_v2()
        .bucket("reports")
        .start_after("a/b/3")
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = after
        .contents()
        .iter()
        .map(|object| object.key().unwrap())
        .collect();
    assert_eq!(keys, ["a/b/4", "c", "d/5"]);
    let odd = client
        .list_objects_v2()
        .bucket("reports")
        .continuation_token("?")
        .send()
        .await;
    assert_eq!(code(odd), "InvalidArgument");
}

#[tokio::test]
async fn many_objects_are_deleted_at_once() {
    let (_simulator, _, client) = stage().await;
    for key in ["a", "b"] {
        put(&client, key, b"x").await;
    }
    let objects =
        ["a", "b", "nothing"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder()
        .set_objects(Some(objects.to_vec()))
        .build()
        .unwrap();
    let deleted = client
        .delete_objects()
        .bucket("reports")
        .delete(delete)
        .send()
        .await
        .unwrap();
    assert_eq!((deleted.deleted().len(), deleted.errors().len()), (3, 0));
    client
        .delete_bucket()
        .bucket("reports")
        .send()
        .await
        .unwrap();
}
