//! Signature Version 4, verified (IAM user guide, "Create a signed AWS API request").
//!
//! The date of a signature is not compared with the simulated clock: clients sign by their own, or by the one they read
//! from our `Date` header. The region is not judged either, as clients reach this endpoint from every region.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, Tag, sign};
use http::HeaderMap;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Unauthenticated;
use super::chunked::Chunked;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What a client says about the body: its hash, or why there is none.
const CONTENT_HASH: &str = "x-amz-content-sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const SIGNED_CHUNKS: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const CHUNK_ALGORITHM: &str = "AWS4-HMAC-SHA256-PAYLOAD";
const TRAILER_ALGORITHM: &str = "AWS4-HMAC-SHA256-TRAILER";
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const UNRESERVED_IN_PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// The `Authorization` header, taken apart.
#[derive(Debug)]
pub(crate) struct Signature<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    scope: &'a str,
    date: &'a str,
    signed_headers: &'a str,
    mac: &'a str,
}

impl<'a> Signature<'a> {
    pub(crate) fn of(headers: &'a HeaderMap) -> Result<Self, Unauthenticated> {
        let header = text(headers, "authorization").ok_or(Unauthenticated::MissingToken)?;
        Self::parse(header).ok_or(Unauthenticated::Incomplete)
    }

    fn parse(header: &'a str) -> Option<Self> {
        let mut fields = header.strip_prefix(ALGORITHM)?.split(',').map(str::trim);
        let mut field = |name: &str| fields.next()?.strip_prefix(name)?.strip_prefix('=');
        let credential = field("Credential")?;
        let signed_headers = field("SignedHeaders")?;
        let mac = field("Signature")?;
        let (access_key, scope) = credential.split_once('/')?;
        let [date, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..]
        else {
            return None;
        };
        Some(Self {
            access_key,
            service,
            region,
            scope,
            date,
            signed_headers,
            mac,
        })
    }

    /// Whether the holder of the secret signed exactly this request.
    pub(crate) fn verify(
        &self,
        parts: &Parts,
        body: &[u8],
        secret: &str,
    ) -> Result<(), Unauthenticated> {
        let time = text(&parts.headers, "x-amz-date").ok_or(Unauthenticated::Incomplete)?;
        let expected = self
            .expected(parts, body, time, secret)
            .ok_or(Unauthenticated::Incomplete)?;
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(
            expected.as_bytes(),
            self.mac.as_bytes(),
        );
        if same.is_err() || !time.starts_with(self.date) {
            return Err(Unauthenticated::WrongSignature);
        }
        self.verify_chunks(parts, body, time, secret)
    }

    /// Whether the signatures within a body in chunks are right; each builds on the one before.
    fn verify_chunks(
        &self,
        parts: &Parts,
        body: &[u8],
        time: &str,
        secret: &str,
    ) -> Result<(), Unauthenticated> {
        if !text(&parts.headers, CONTENT_HASH).is_some_and(|hash| hash.starts_with(SIGNED_CHUNKS)) {
            return Ok(());
        }
        let chunked = Chunked::parse(body).ok_or(Unauthenticated::Incomplete)?;
        let key = self.signing_key(secret);
        let sign_next = |algorithm: &str, before: &str, content: &str| {
            let scope = self.scope;
            let to_sign = format!("{algorithm}\n{time}\n{scope}\n{before}\n{content}");
            hex(hmac(key.as_ref(), &to_sign).as_ref())
        };
        let mut before = self.mac.to_owned();
        for (data, signature) in &chunked.chunks {
            let content = format!("{}\n{}", sha256(b""), sha256(data));
            before = sign_next(CHUNK_ALGORITHM, &before, &content);
            if signature.as_ref() != Some(&before) {
                return Err(Unauthenticated::WrongSignature);
            }
        }
        if let Some(signature) = chunked.trailer(TRAILER_SIGNATURE) {
            let mut trailers = String::new();
            for (name, value) in &chunked.trailers {
                if name != TRAILER_SIGNATURE {
                    // Writing to a string cannot fail.
                    let _ = writeln!(trailers, "{name}:{value}");
                }
            }
            let content = sha256(trailers.as_bytes());
            if sign_next(TRAILER_ALGORITHM, &before, &content) != signature {
                return Err(Unauthenticated::WrongSignature);
            }
        }
        Ok(())
    }

    fn signing_key(&self, secret: &str) -> Tag {
        let key = hmac(format!("AWS4{secret}").as_bytes(), self.date);
        [self.region, self.service, "aws4_request"]
            .iter()
            .fold(key, |key, part| hmac(key.as_ref(), part))
    }

    fn expected(&self, parts: &Parts, body: &[u8], time: &str, secret: &str) -> Option<String> {
        let request = self.canonical_request(parts, body)?;
        let to_sign = format!(
            "{ALGORITHM}\n{time}\n{}\n{}",
            self.scope,
            sha256(request.as_bytes())
        );
        Some(hex(
            hmac(self.signing_key(secret).as_ref(), &to_sign).as_ref()
        ))
    }

    fn canonical_request(&self, parts: &Parts, body: &[u8]) -> Option<String> {
        let mut headers = String::new();
        for name in self.signed_headers.split(';') {
            let values: Option<Vec<_>> = parts
                .headers
                .get_all(name)
                .iter()
                .map(|value| value.to_str().ok())
                .collect();
            let values: Vec<String> = values?.into_iter().map(collapse).collect();
            if values.is_empty() {
                return None;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(headers, "{name}:{}", values.join(","));
        }
        // S3 alone takes the path as it travels; the others encode it once more.
        let path = if self.service == "s3" {
            parts.uri.path().to_owned()
        } else {
            utf8_percent_encode(parts.uri.path(), UNRESERVED_IN_PATH).to_string()
        };
        let query = canonical_query(parts.uri.query().unwrap_or_default());
        let body = match text(&parts.headers, CONTENT_HASH) {
            Some(hash) if hash == UNSIGNED || Chunked::is_announced(&parts.headers) => {
                hash.to_owned()
            }
            _ => sha256(body),
        };
        Some(format!(
            "{}\n{path}\n{query}\n{headers}\n{}\n{body}",
            parts.method, self.signed_headers
        ))
    }
}

fn canonical_query(query: &str) -> String {
    let encode = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        utf8_percent_encode(&decoded, UNRESERVED).to_string()
    };
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn collapse(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn hmac(key: &[u8], data: &str) -> Tag {
    sign(&Key::new(HMAC_SHA256, key), data.as_bytes())
}

fn sha256(data: &[u8]) -> String {
    hex(digest(&SHA256, data).as_ref())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        })
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// A request of that time, signed within the scope of that date.
    fn verified(date: &str, time: &str) -> Result<(), Unauthenticated> {
        let request = http::Request::post("/")
            .header("host", "localhost")
            .header("x-amz-date", time);
        let parts = request.body(()).unwrap().into_parts().0;
        let unsigned = format!(
            "{ALGORITHM} Credential=AKIA/{date}/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature="
        );
        let mac = Signature::parse(&unsigned)
            .unwrap()
            .expected(&parts, b"", time, "secret")
            .unwrap();
        let signed = format!("{unsigned}{mac}");
        Signature::parse(&signed)
            .unwrap()
            .verify(&parts, b"", "secret")
    }

    #[test]
    fn a_signature_is_of_the_date_of_its_scope() {
        assert_eq!(verified("20261120", "20261120T090000Z"), Ok(()));
        assert_eq!(
            verified("20261120", "20261121T090000Z"),
            Err(Unauthenticated::WrongSignature)
        );
    }

    #[test]
    fn a_query_is_put_in_order() {
        assert_eq!(canonical_query("b=2&a=x%20y&a=%7E"), "a=x%20y&a=~&b=2");
        assert_eq!(canonical_query(""), "");
    }
}
