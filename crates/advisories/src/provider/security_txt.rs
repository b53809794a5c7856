//! `security.txt` (RFC 9116) with the field `CSAF` (CSAF 2.0, clause 7.1.8).

use url::Url;

/// Where provider metadata is, as the `CSAF` fields say, in their order. Only `https` counts.
#[must_use]
pub fn metadata_links(bytes: &[u8]) -> Vec<Url> {
    const MAX: usize = 64 * 1024;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX)]);
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(field, _)| field.trim().eq_ignore_ascii_case("csaf"))
        .filter_map(|(_, value)| Url::parse(value.trim()).ok())
        .filter(|url| url.scheme() == "https")
        .take(8)
        .collect()
}
