//! JA4, the fingerprint of a TLS client, from its published description (FoxIO, BSD licence; none of the others of that family, which
//! are not free).
//!
//! Three parts: what the hello offers and how much of it, the cipher suites in order of number, and the extensions in order of number
//! with the signature algorithms as they stand. Values meant to keep servers tolerant (GREASE, RFC 8701) do not count.

use sha2::{Digest, Sha256};

/// The parts of a client's hello that count.
#[derive(Debug, Default)]
pub(crate) struct Offer<'a> {
    /// The version in the hello itself.
    pub version: u16,
    pub ciphers: Vec<u16>,
    /// In the order sent.
    pub extensions: Vec<u16>,
    /// Versions of the extension of that name, else empty.
    pub versions: Vec<u16>,
    pub signatures: Vec<u16>,
    /// The first protocol offered for what runs over TLS.
    pub protocol: Option<&'a [u8]>,
}

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
/// What stands for a part of which there is nothing.
const NOTHING: &str = "000000000000";

/// Whether a value is one of RFC 8701: both bytes alike, ending in A.
pub(crate) const fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

/// The fingerprint of a hello over TCP.
pub(crate) fn fingerprint(offer: &Offer<'_>) -> String {
    let kept = |list: &[u16]| list.iter().copied().filter(|value| !is_grease(*value)).collect::<Vec<u16>>();
    let (mut ciphers, mut extensions) = (kept(&offer.ciphers), kept(&offer.extensions));
    let version = kept(&offer.versions).into_iter().max().unwrap_or(offer.version);
    let named = if extensions.contains(&SERVER_NAME) { 'd' } else { 'i' };
    let head = format!(
        "t{}{named}{:02}{:02}{}",
        version_code(version),
        ciphers.len().min(99),
        extensions.len().min(99),
        protocol_code(offer.protocol),
    );
    ciphers.sort_unstable();
    extensions.retain(|kind| !matches!(*kind, SERVER_NAME | ALPN));
    extensions.sort_unstable();
    let mut told = hex_list(&extensions);
    let signatures = kept(&offer.signatures);
    if !told.is_empty() && !signatures.is_empty() {
        told.push('_');
        told.push_str(&hex_list(&signatures));
    }
    format!("{head}_{}_{}", short_hash(&hex_list(&ciphers)), short_hash(&told))
}

const fn version_code(version: u16) -> &'static str {
    match version {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// First and last letter of the protocol's name, or, when either is no letter or digit, first and last digit of the name in
/// hexadecimal.
fn protocol_code(name: Option<&[u8]>) -> String {
    let (Some(first), Some(last)) = (name.and_then(<[u8]>::first), name.and_then(<[u8]>::last)) else {
        return "00".to_owned();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [char::from(*first), char::from(*last)].iter().collect()
    } else {
        format!("{:x}{:x}", first >> 4, last & 15)
    }
}

fn hex_list(values: &[u16]) -> String {
    let mut out = String::with_capacity(values.len() * 5);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        for shift in [12, 8, 4, 0] {
            out.push(char::from(b"0123456789abcdef"[usize::from(value >> shift & 15)]));
        }
    }
    out
}

fn short_hash(text: &str) -> String {
    if text.is_empty() {
        return NOTHING.to_owned();
    }
    let hash = Sha256::digest(text.as_bytes());
    hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hello of a browser as FoxIO's description works it out, step by step.
    #[test]
    fn the_worked_example_of_the_description_comes_out() {
        let offer = Offer {
            version: 0x0303,
            ciphers: vec![
                0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x2a2a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ],
            versions: vec![0x3a3a, 0x0304, 0x0303],
            signatures: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            protocol: Some(b"h2"),
        };
        assert_eq!(fingerprint(&offer), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn what_is_not_there_is_told_by_zeros() {
        assert_eq!(fingerprint(&Offer::default()), "t00i000000_000000000000_000000000000");
        let only_names = Offer { version: 0x0301, extensions: vec![0, 16], ..Offer::default() };
        assert_eq!(fingerprint(&only_names), "t10d000200_000000000000_000000000000");
    }

    #[test]
    fn a_protocol_is_its_first_and_last_letter() {
        for (name, code) in [
            (Some(&b"http/1.1"[..]), "h1"),
            (Some(b"h"), "hh"),
            (Some(&[0xab]), "ab"),
            (Some(&[0xab, 0xcd]), "ad"),
            (Some(&[0x30, 0xab]), "3b"),
            (Some(b""), "00"),
            (None, "00"),
        ] {
            assert_eq!(protocol_code(name), code, "{name:?}");
        }
    }

    #[test]
    fn values_of_no_meaning_are_known() {
        assert!(is_grease(0x0a0a) && is_grease(0xfafa));
        assert!(!is_grease(0x0a1a) && !is_grease(0x1301) && !is_grease(0x0b0b));
    }
}
