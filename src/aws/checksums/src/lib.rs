//! The checksums with which S3 guards objects, under the name and the interface by which the AWS SDK asks for
//! them (`[patch.crates-io]` in the workspace's `Cargo.toml`).
//!
//! The library of that name has 0.7 MiB of tables, one for each of some forty checksums, and picks among them
//! when it runs, so that no linker can leave any out. S3 uses three, and this provider for files of a few
//! kilobytes.
//!
//! Source: Amazon S3 user guide, "Checking object integrity for data uploads in Amazon S3".

use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc, Digest as Sum};

static CRC_32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
static CRC_32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
static CRC_64: Crc<u64> = Crc::<u64>::new(&CRC_64_NVME);

/// A checksum of S3, by its name in the catalogue of parametrised CRC algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrcAlgorithm {
    /// `CRC32`.
    Crc32IsoHdlc,
    /// `CRC32C`.
    Crc32Iscsi,
    /// `CRC64NVME`.
    Crc64Nvme,
}

/// A checksum of what has come so far.
#[derive(Clone)]
pub struct Digest(State);

#[derive(Clone)]
enum State {
    Narrow(Sum<'static, u32>),
    Wide(Sum<'static, u64>),
}

impl Digest {
    /// Of nothing.
    pub fn new(algorithm: CrcAlgorithm) -> Self {
        Self(match algorithm {
            CrcAlgorithm::Crc32IsoHdlc => State::Narrow(CRC_32.digest()),
            CrcAlgorithm::Crc32Iscsi => State::Narrow(CRC_32C.digest()),
            CrcAlgorithm::Crc64Nvme => State::Wide(CRC_64.digest()),
        })
    }

    /// Takes what comes next.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Narrow(sum) => sum.update(data),
            State::Wide(sum) => sum.update(data),
        }
    }

    /// The checksum, in the lower bits where it has fewer than 64.
    pub fn finalize(&self) -> u64 {
        match &self.0 {
            State::Narrow(sum) => sum.clone().finalize().into(),
            State::Wide(sum) => sum.clone().finalize(),
        }
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Digest").field(&self.finalize()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Check values of the catalogue: the checksum of "123456789", here in two parts.
    #[test]
    fn sums_are_those_of_the_catalogue() {
        for (algorithm, sum) in [
            (CrcAlgorithm::Crc32IsoHdlc, 0xcbf4_3926),
            (CrcAlgorithm::Crc32Iscsi, 0xe306_9283),
            (CrcAlgorithm::Crc64Nvme, 0xae8b_1486_0a79_9888),
        ] {
            let mut digest = Digest::new(algorithm);
            digest.update(b"1234");
            digest.update(b"56789");
            assert_eq!(digest.finalize(), sum, "{algorithm:?}");
        }
    }
}
