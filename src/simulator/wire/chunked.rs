//! `aws-chunked`: a body in chunks, perhaps signed, with checksums behind it (S3 API reference, "Signature calculations
//! for the Authorization header: transferring payload in multiple chunks").

use http::HeaderMap;

/// A body, taken out of its chunks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Chunked {
    /// Each chunk with its signature, the empty last one included.
    pub(crate) chunks: Vec<(Vec<u8>, Option<String>)>,
    /// What stands behind the chunks.
    pub(crate) trailers: Vec<(String, String)>,
}

impl Chunked {
    /// Whether a body with these headers is in chunks.
    pub(crate) fn is_announced(headers: &HeaderMap) -> bool {
        headers
            .get("x-amz-content-sha256")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("STREAMING-"))
    }

    /// Takes a body apart; `None` if it is not what it should be.
    pub(crate) fn parse(mut body: &[u8]) -> Option<Self> {
        let mut chunked = Self::default();
        loop {
            let head = line(&mut body)?;
            let (size, extension) = head.split_once(';').unwrap_or((head, ""));
            let size = usize::from_str_radix(size, 16).ok()?;
            let signature = extension
                .strip_prefix("chunk-signature=")
                .map(str::to_owned);
            let (data, rest) = body.split_at_checked(size)?;
            chunked.chunks.push((data.to_vec(), signature));
            body = rest;
            if size == 0 {
                break;
            }
            body = body.strip_prefix(b"\r\n")?;
        }
        while let Some(trailer) = line(&mut body).filter(|line| !line.is_empty()) {
            let (name, value) = trailer.split_once(':')?;
            chunked
                .trailers
                .push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
        Some(chunked)
    }

    /// The data of all chunks.
    pub(crate) fn data(&self) -> Vec<u8> {
        self.chunks
            .iter()
            .flat_map(|(data, _)| data)
            .copied()
            .collect()
    }

    /// A trailer by its name.
    pub(crate) fn trailer(&self, name: &str) -> Option<&str> {
        let trailer = self.trailers.iter().find(|(known, _)| known == name)?;
        Some(&trailer.1)
    }
}

fn line<'a>(body: &mut &'a [u8]) -> Option<&'a str> {
    let end = body.windows(2).position(|two| two == b"\r\n")?;
    let line = std::str::from_utf8(&body[..end]).ok()?;
    *body = &body[end + 2..];
    Some(line)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn chunks_become_one_body() {
        let body =
            b"3\r\nabc\r\n2;chunk-signature=ff\r\nde\r\n0\r\nX-Amz-Checksum-Crc32: AAAA\r\n\r\n";
        let chunked = Chunked::parse(body).unwrap();
        assert_eq!(chunked.data(), b"abcde");
        assert_eq!(chunked.chunks[1].1.as_deref(), Some("ff"));
        assert_eq!(chunked.trailer("x-amz-checksum-crc32"), Some("AAAA"));
        assert_eq!(Chunked::parse(b"9\r\nabc\r\n0\r\n\r\n"), None);
    }
}
