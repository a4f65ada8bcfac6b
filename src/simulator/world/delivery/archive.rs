//! Compressed files: gzip, ZIP with one entry (PKWARE's application note, "APPNOTE"), and Snappy blocks.

use std::io::Write as _;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};

/// Compresses a file as `CompressionFormat` says; the name is the one inside of a ZIP file.
pub(super) fn compress(format: &str, name: &str, content: &[u8]) -> Vec<u8> {
    match format {
        "ZIP" => zip(name, content),
        _ => gzip(content),
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(content);
    let data = encoder.finish().unwrap_or_default();
    let mut crc = Crc::new();
    crc.update(content);
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);

    // What the local header and the directory say alike: version, flags, method, time and date, checksum, sizes, the
    // lengths of the name and of nothing more.
    let mut shared = Vec::new();
    for word in [20_u16, 0, 8, 0, 0x21] {
        shared.extend(word.to_le_bytes());
    }
    for long in [crc.sum(), size(&data), size(content), size(name.as_bytes())] {
        shared.extend(long.to_le_bytes());
    }

    let mut file = b"PK\x03\x04".to_vec();
    file.extend(&shared);
    file.extend(name.as_bytes());
    file.extend(&data);
    let directory = size(&file);
    file.extend(b"PK\x01\x02\x14\x00");
    file.extend(&shared);
    // No comment, first disk, no attributes, and the local header at the beginning.
    file.extend([0; 14]);
    file.extend(name.as_bytes());
    let directory_size = size(&file) - directory;
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend(directory_size.to_le_bytes());
    file.extend(directory.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// A Snappy block that says everything literally, which the format allows.
pub(super) fn snappy(content: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    varint(&mut block, content.len() as u64);
    for chunk in content.chunks(1 << 16) {
        // The tag of a literal whose length less one follows in two bytes.
        block.push(61 << 2);
        let length = u16::try_from(chunk.len() - 1).unwrap_or(u16::MAX);
        block.extend(length.to_le_bytes());
        block.extend(chunk);
    }
    block
}

/// Seven bits in each byte, the lowest first.
pub(super) fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}
