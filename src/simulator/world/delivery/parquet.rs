//! Parquet files of text columns: one row group, one page for each column, Snappy (Apache Parquet, "File format";
//! Thrift's compact protocol).

use super::archive::{snappy, varint};

const MAGIC: &[u8] = b"PAR1";
const BYTE_ARRAY: i32 = 6;
const REQUIRED: i32 = 0;
const UTF8: i32 = 0;
const PLAIN: i32 = 0;
const RLE: i32 = 3;
const SNAPPY: i32 = 1;
const DATA_PAGE: i32 = 0;

/// A file of these columns and rows; each row has a text for each column.
pub(super) fn file(columns: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    let count = rows.len();
    let chunks: Vec<Chunk> = columns
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let values = rows.iter().filter_map(|row| row.get(at));
            Chunk::write(&mut file, name, values)
        })
        .collect();
    let start = file.len();
    file.extend(footer(columns, &chunks, count).0);
    let length = u32::try_from(file.len() - start).unwrap_or(u32::MAX);
    file.extend(length.to_le_bytes());
    file.extend(MAGIC);
    file
}

/// A column's values in the file.
struct Chunk {
    name: String,
    offset: usize,
    values: usize,
    plain: usize,
    written: usize,
}

impl Chunk {
    fn write<'a>(file: &mut Vec<u8>, name: &str, values: impl Iterator<Item = &'a String>) -> Self {
        let (mut plain, mut count) = (Vec::new(), 0);
        for value in values {
            let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
            plain.extend(length.to_le_bytes());
            plain.extend(value.as_bytes());
            count += 1;
        }
        let page = snappy(&plain);
        let mut header = Struct::default();
        header.int(1, DATA_PAGE);
        header.int(2, int(plain.len()));
        header.int(3, int(page.len()));
        header.nested(5, |data| {
            data.int(1, int(count));
            data.int(2, PLAIN);
            data.int(3, RLE);
            data.int(4, RLE);
        });
        let offset = file.len();
        let header = header.end().0;
        file.extend(&header);
        file.extend(&page);
        Self {
            name: name.to_owned(),
            offset,
            values: count,
            plain: header.len() + plain.len(),
            written: header.len() + page.len(),
        }
    }
}

fn footer(columns: &[String], chunks: &[Chunk], rows: usize) -> Bytes {
    let mut footer = Struct::default();
    footer.int(1, 1);
    footer.structs(2, columns.len() + 1, |at, element| {
        match at.checked_sub(1) {
            None => {
                element.text(4, "schema");
                element.int(5, int(columns.len()));
            }
            Some(at) => {
                element.int(1, BYTE_ARRAY);
                element.int(3, REQUIRED);
                element.text(4, &columns[at]);
                element.int(6, UTF8);
            }
        }
    });
    footer.long(3, rows);
    footer.structs(4, 1, |_, group| {
        group.structs(1, chunks.len(), |at, column| {
            let chunk = &chunks[at];
            column.long(2, chunk.offset);
            column.nested(3, |meta| {
                meta.int(1, BYTE_ARRAY);
                meta.ints(2, &[PLAIN]);
                meta.texts(3, &[&chunk.name]);
                meta.int(4, SNAPPY);
                meta.long(5, chunk.values);
                meta.long(6, chunk.plain);
                meta.long(7, chunk.written);
                meta.long(9, chunk.offset);
            });
        });
        group.long(2, chunks.iter().map(|chunk| chunk.plain).sum());
        group.long(3, rows);
    });
    footer.text(6, "aws-simulator");
    footer.end()
}

/// Bytes of the compact protocol.
struct Bytes(Vec<u8>);

/// A structure in the compact protocol, field by field in their order.
#[derive(Default)]
struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    fn field(&mut self, id: u8, kind: u8) {
        self.bytes.push(((id - self.last) << 4) | kind);
        self.last = id;
    }

    fn int(&mut self, id: u8, value: i32) {
        self.field(id, 5);
        zigzag(&mut self.bytes, i64::from(value));
    }

    fn long(&mut self, id: u8, value: usize) {
        self.field(id, 6);
        zigzag(&mut self.bytes, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn text(&mut self, id: u8, text: &str) {
        self.field(id, 8);
        string(&mut self.bytes, text);
    }

    fn nested(&mut self, id: u8, write: impl FnOnce(&mut Self)) {
        self.field(id, 12);
        let mut nested = Self::default();
        write(&mut nested);
        self.bytes.extend(nested.end().0);
    }

    fn list(&mut self, id: u8, kind: u8, length: usize) {
        self.field(id, 9);
        self.bytes.push(0xF0 | kind);
        varint(&mut self.bytes, length as u64);
    }

    fn ints(&mut self, id: u8, values: &[i32]) {
        self.list(id, 5, values.len());
        for value in values {
            zigzag(&mut self.bytes, i64::from(*value));
        }
    }

    fn texts(&mut self, id: u8, values: &[&str]) {
        self.list(id, 8, values.len());
        for value in values {
            string(&mut self.bytes, value);
        }
    }

    fn structs(&mut self, id: u8, length: usize, write: impl Fn(usize, &mut Self)) {
        self.list(id, 12, length);
        for at in 0..length {
            let mut element = Self::default();
            write(at, &mut element);
            self.bytes.extend(element.end().0);
        }
    }

    fn end(mut self) -> Bytes {
        self.bytes.push(0);
        Bytes(self.bytes)
    }
}

fn string(bytes: &mut Vec<u8>, text: &str) {
    varint(bytes, text.len() as u64);
    bytes.extend(text.as_bytes());
}

fn zigzag(bytes: &mut Vec<u8>, value: i64) {
    varint(bytes, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

fn int(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
