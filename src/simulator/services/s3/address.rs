//! Where a request goes: bucket and key from the path or from the host name (S3 user guide, "Virtual hosting of general
//! purpose buckets"), parameters from the query.

use std::collections::BTreeMap;

use http::request::Parts;
use percent_encoding::percent_decode_str;

/// A request's bucket, key and parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) bucket: Option<String>,
    pub(super) key: Option<String>,
    pub(super) query: BTreeMap<String, String>,
}

impl Address {
    pub(super) fn of(parts: &Parts) -> Self {
        let host = parts
            .headers
            .get("host")
            .and_then(|host| host.to_str().ok());
        let path = parts.uri.path();
        let path = decode(path.strip_prefix('/').unwrap_or(path));
        let (bucket, key) = match host.and_then(hosted_bucket) {
            Some(bucket) => (bucket.to_owned(), path),
            None => match path.split_once('/') {
                Some((bucket, key)) => (bucket.to_owned(), key.to_owned()),
                None => (path, String::new()),
            },
        };
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        Self {
            bucket: Some(bucket).filter(|name| !name.is_empty()),
            key: Some(key).filter(|key| !key.is_empty()),
            query: query.into_owned().collect(),
        }
    }
}

/// The bucket in a host name, as in `bucket.s3.eu-west-1.amazonaws.com` or `bucket.localhost:4566`.
fn hosted_bucket(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let Some(bucket) = name.strip_suffix(".localhost") {
        return Some(bucket);
    }
    let name = name.strip_suffix(".amazonaws.com")?;
    let at = name
        .rfind(".s3.")
        .or_else(|| name.strip_suffix(".s3").map(str::len))?;
    Some(&name[..at])
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn address(host: &str, uri: &str) -> (Option<String>, Option<String>) {
        let request = http::Request::get(uri)
            .header("host", host)
            .body(())
            .unwrap();
        let address = Address::of(&request.into_parts().0);
        (address.bucket, address.key)
    }

    #[test]
    fn a_bucket_is_in_the_path_or_in_the_host() {
        let named = (Some("b.c".to_owned()), Some("a b/c".to_owned()));
        assert_eq!(address("127.0.0.1:9", "/b.c/a%20b/c"), named);
        assert_eq!(address("b.c.localhost:9", "/a%20b/c"), named);
        assert_eq!(address("b.c.s3.eu-west-1.amazonaws.com", "/a%20b/c"), named);
        assert_eq!(address("b.c.s3.amazonaws.com", "/a%20b/c"), named);
        assert_eq!(
            address("s3.amazonaws.com", "/b.c"),
            (Some("b.c".to_owned()), None)
        );
        assert_eq!(address("localhost:9", "/?x=y"), (None, None));
    }
}
