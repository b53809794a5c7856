//! Bundles of documents: zip archives and gzip, taken apart one document at a time.
//!
//! What an archive claims of itself is not believed: sizes and ratio are measured while it is read, and an archive inside
//! an archive is refused, so that a small file cannot become a large one.

use flate2::read::MultiGzDecoder;
use memchr::memmem;
use std::io::{Cursor, Read};
use tallyward_advisories::MAX_BYTES;
use zip::ZipArchive;

/// Most entries of one archive: the largest ecosystems have as many records of flaws.
pub(crate) const MAX_ENTRIES: usize = 200_000;

/// Most bytes that one archive may come to in all.
pub(crate) const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;

/// How much larger than its packed form a document may be: JSON of real advisories stays below 40.
const MAX_RATIO: u64 = 200;

/// Below this the ratio says nothing: few bytes of blanks pack very well.
const SMALL: u64 = 1024 * 1024;

const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
const ZIP_ENTRY: &[u8] = b"PK\x01\x02";
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Whether the bytes are an archive, told by their start.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    [ZIP, EMPTY_ZIP, GZIP].iter().any(|start| bytes.starts_with(start))
}

/// Whether the bytes are a zip archive, told by their start.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    [ZIP, EMPTY_ZIP].iter().any(|start| bytes.starts_with(start))
}

/// What becomes of one document, by name: its bytes, or why it cannot be had.
pub(crate) type Take<'a, E> = dyn FnMut(&str, Result<&[u8], String>) -> Result<(), E> + 'a;

/// Hands every document of a file to `take`, by name, or says why one cannot be had. A file that is no archive is one
/// document. Of a zip archive the entries whose names end in `.json` are documents, whatever else lies beside them; one
/// at a time is held in memory.
///
/// # Errors
/// What `take` fails with; it ends the reading.
pub(crate) fn each<E>(name: &str, bytes: &[u8], take: &mut Take<'_, E>) -> Result<(), E> {
    if bytes.starts_with(GZIP) {
        let packed = bytes.len() as u64;
        let inside = name.strip_suffix(".gz").unwrap_or(name);
        let read = measured(MultiGzDecoder::new(bytes), packed, MAX_BYTES as u64);
        return match read {
            Ok(document) if is_archive(&document) => take(name, Err(NESTED.to_owned())),
            Ok(document) => take(inside, Ok(&document)),
            Err(why) => take(name, Err(why)),
        };
    }
    if is_zip(bytes) {
        return zipped(name, bytes, take);
    }
    take(name, Ok(bytes))
}

const NESTED: &str = "an archive inside an archive; unpack the outer one first";

fn zipped<E>(name: &str, bytes: &[u8], take: &mut Take<'_, E>) -> Result<(), E> {
    // The directory is read into memory whole, so its length is looked at first.
    let entries = memmem::find_iter(bytes, ZIP_ENTRY).take(MAX_ENTRIES + 1).count();
    if entries > MAX_ENTRIES {
        return take(name, Err(format!("an archive of more than {MAX_ENTRIES} entries")));
    }
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        Err(error) => return take(name, Err(format!("a zip archive that cannot be read: {error}"))),
    };
    let mut left = MAX_UNPACKED;
    let mut documents = 0;
    for index in 0..archive.len() {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(error) => {
                take(&format!("{name}: entry {}", index + 1), Err(error.to_string()))?;
                continue;
            }
        };
        let called =
            entry.name().map_or_else(|_| format!("entry {}", index + 1), |called| called.into_owned());
        let within = format!("{name}: {}", called.chars().take(200).collect::<String>());
        let ending = called.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        if matches!(ending.as_str(), "zip" | "gz") {
            take(&within, Err(NESTED.to_owned()))?;
            continue;
        }
        if ending != "json" {
            continue;
        }
        documents += 1;
        if left == 0 {
            return take(
                name,
                Err(format!("it comes to more than {MAX_UNPACKED} bytes; the rest is left out")),
            );
        }
        let packed = entry.compressed_size();
        match measured(&mut entry, packed, left.min(MAX_BYTES as u64)) {
            Ok(document) if is_archive(&document) => take(&within, Err(NESTED.to_owned()))?,
            Ok(document) => {
                left = left.saturating_sub(document.len() as u64);
                take(&within, Ok(&document))?;
            }
            Err(why) => {
                left = left.saturating_sub(MAX_BYTES as u64);
                take(&within, Err(why))?;
            }
        }
    }
    if documents == 0 {
        return take(
            name,
            Err("a zip archive without a document; expected entries that end in .json".to_owned()),
        );
    }
    Ok(())
}

/// Reads to the end, at most `limit` bytes and at most [`MAX_RATIO`] times the packed ones.
fn measured(from: impl Read, packed: u64, limit: u64) -> Result<Vec<u8>, String> {
    let by_ratio = packed.saturating_mul(MAX_RATIO).max(SMALL);
    let most = limit.min(by_ratio);
    let mut document = Vec::new();
    from.take(most + 1)
        .read_to_end(&mut document)
        .map_err(|error| format!("it cannot be unpacked: {error}"))?;
    if document.len() as u64 <= most {
        return Ok(document);
    }
    Err(if most == limit {
        format!("it unpacks to more than {limit} bytes")
    } else {
        format!("it unpacks to more than {MAX_RATIO} times its size")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::convert::Infallible;
    use std::io::Write;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = GzEncoder::new(Vec::new(), Compression::best());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in entries {
            writer.start_file(*name, packed).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn all(bytes: &[u8]) -> Vec<(String, Result<Vec<u8>, String>)> {
        let mut found = Vec::new();
        let done: Result<(), Infallible> = each("a", bytes, &mut |name, read| {
            found.push((name.to_owned(), read.map(<[u8]>::to_vec)));
            Ok(())
        });
        assert_eq!(done, Ok(()));
        found
    }

    fn ok(name: &str, bytes: &[u8]) -> (String, Result<Vec<u8>, String>) {
        (name.to_owned(), Ok(bytes.to_vec()))
    }

    #[test]
    fn documents_come_out_as_they_went_in() {
        assert_eq!(all(b"{}"), [ok("a", b"{}")]);
        assert_eq!(all(&gzip(b"{}")), [ok("a", b"{}")]);
        let bundle = zip(&[
            ("2024/one.json", b"{1}"),
            ("index.txt", b"x"),
            ("two.JSON", b"{2}"),
            ("one.json.asc", b"s"),
        ]);
        assert_eq!(all(&bundle), [ok("a: 2024/one.json", b"{1}"), ok("a: two.JSON", b"{2}")]);
    }

    #[test]
    fn nothing_becomes_large() {
        let blanks = vec![b' '; 3_000_000];
        let why = |bytes: &[u8]| -> Vec<String> {
            all(bytes).into_iter().map(|(name, read)| format!("{name}: {}", read.unwrap_err())).collect()
        };
        assert_eq!(why(&gzip(&blanks)), ["a: it unpacks to more than 200 times its size"]);
        let bomb = zip(&[("one.json", &blanks), ("two.json", &blanks[..2_000_000])]);
        let inside =
            ["one", "two"].map(|name| format!("a: {name}.json: it unpacks to more than 200 times its size"));
        assert_eq!(why(&bomb), inside);
        // What packs badly is held to its size: noise, from a generator that needs no source of chance.
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .take(1000)
        .collect();
        assert_eq!(measured(&noise[..], 1000, 999), Err("it unpacks to more than 999 bytes".to_owned()));
        assert_eq!(measured(&noise[..], 1000, 1000).as_deref(), Ok(&noise[..]));
        assert_eq!(why(&gzip(&gzip(b"{}"))), [format!("a: {NESTED}")]);
        let nested = zip(&[("x.zip", b"y"), ("y.json", &zip(&[("z.json", b"{}")]))]);
        assert_eq!(why(&nested), [format!("a: x.zip: {NESTED}"), format!("a: y.json: {NESTED}")]);
        // Refused by the number of its entries, before its directory is read.
        let many = [ZIP, &ZIP_ENTRY.repeat(MAX_ENTRIES + 1)].concat();
        assert_eq!(why(&many), ["a: an archive of more than 200000 entries"]);
        assert!(why(&zip(&[("readme.txt", b"x")]))[0].contains("without a document"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Damage is named; what comes out undamaged is what went in or is refused by its checksum.
        #[test]
        fn damaged_archives_are_named(at in any::<usize>(), bit in 0_u8..8, cut in any::<bool>(), gz in any::<bool>()) {
            let mut bytes = if gz { gzip(b"{\"a\": 1}") } else { zip(&[("one.json", b"{\"a\": 1}"), ("two.json", b"{}")]) };
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            for (name, read) in all(&bytes) {
                prop_assert!(!name.is_empty());
                match read {
                    Ok(document) => prop_assert!(
                        document == b"{\"a\": 1}" || document == b"{}" || document == bytes, "{document:?}"
                    ),
                    Err(why) => prop_assert!(!why.is_empty()),
                }
            }
        }
    }
}
