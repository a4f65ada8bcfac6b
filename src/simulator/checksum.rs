//! The checksums that S3 keeps for an object (S3 user guide, "Checking object integrity").

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

/// How a checksum is calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// The header or trailer that carries it.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The checksum as S3 writes it.
    pub(crate) fn of(self, data: &[u8]) -> String {
        STANDARD.encode(match self {
            Self::Crc32 => crc(data, 32, 0xEDB8_8320)[4..].to_vec(),
            Self::Crc32c => crc(data, 32, 0x82F6_3B78)[4..].to_vec(),
            Self::Crc64Nvme => crc(data, 64, 0x9A6C_9329_AC4B_C9B5).to_vec(),
            Self::Sha1 => digest(&SHA1_FOR_LEGACY_USE_ONLY, data).as_ref().to_vec(),
            Self::Sha256 => digest(&SHA256, data).as_ref().to_vec(),
        })
    }
}

/// A reflected cyclic redundancy check, all ones before and inverted after, in big-endian order.
fn crc(data: &[u8], width: u32, polynomial: u64) -> [u8; 8] {
    let ones = u64::MAX >> (64 - width);
    let remainder = data.iter().fold(ones, |remainder, byte| {
        (0..8).fold(remainder ^ u64::from(*byte), |remainder, _| {
            (remainder >> 1) ^ if remainder & 1 == 1 { polynomial } else { 0 }
        })
    });
    (remainder ^ ones).to_be_bytes()
}

/// The MD5 of some data in hexadecimal digits, which is the entity tag of an object that was put in one piece.
pub(crate) fn md5_hex(data: &[u8]) -> String {
    crate::wire::signature::hex(&Md5::digest(data))
}

/// The MD5 of some data, as `Content-MD5` carries it.
pub(crate) fn md5_base64(data: &[u8]) -> String {
    STANDARD.encode(Md5::digest(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogues of CRC algorithms, for the text `123456789`.
    #[test]
    fn checksums_are_those_of_the_catalogues() {
        let of = |algorithm: Algorithm| algorithm.of(b"123456789");
        assert_eq!(
            of(Algorithm::Crc32),
            STANDARD.encode(0xCBF4_3926_u32.to_be_bytes())
        );
        assert_eq!(
            of(Algorithm::Crc32c),
            STANDARD.encode(0xE306_9283_u32.to_be_bytes())
        );
        assert_eq!(
            of(Algorithm::Crc64Nvme),
            STANDARD.encode(0xAE8B_1486_0A79_9888_u64.to_be_bytes())
        );
    }
}
