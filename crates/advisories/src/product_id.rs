//! Products named by an identifier: package URLs (purl) and CPE names.

use tallyward_core::Cpe;
use tallyward_core::purl::percent_decoded;

/// Longest name, in bytes, that is repeated from one leaf to the next: a document must not multiply a long text.
pub(crate) const MAX_NAME: usize = 1_000;

/// A name cut to [`MAX_NAME`], with the cut shown.
pub(crate) fn clipped(mut text: String) -> String {
    if text.len() > MAX_NAME {
        let end = (0..=MAX_NAME).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Vendor, product and version that an identifier spells out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    pub vendor: String,
    pub product: String,
    pub version: String,
    /// Whether it names a software package, whose namespace is no maker of devices.
    pub is_package: bool,
}

/// Reads a purl or a CPE name of either binding; `None` when it is neither.
pub(crate) fn named(text: &str) -> Option<Named> {
    let text = text.trim();
    match text.get(..4).filter(|start| start.eq_ignore_ascii_case("pkg:")) {
        Some(_) => purl(&text[4..]),
        None => Cpe::read(text).map(cpe),
    }
}

/// `type/namespace/name@version?qualifiers#subpath`. Qualifiers and subpath narrow the package, so they stay with its
/// name: what is said of one build is not said of all.
fn purl(rest: &str) -> Option<Named> {
    let cut = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, narrowed) = rest.split_at(cut);
    let (path, version) = match path.rsplit_once('@') {
        Some((path, version)) if !version.contains('/') => (path, percent_decoded(version)),
        _ => (path, String::new()),
    };
    let mut parts: Vec<String> =
        path.split('/').filter(|part| !part.is_empty()).map(percent_decoded).collect();
    let name = parts.pop().filter(|_| !parts.is_empty())?;
    let product = if narrowed.is_empty() { name } else { format!("{name} {}", percent_decoded(narrowed)) };
    Some(Named { vendor: parts[1..].join("/"), product, version, is_package: true })
}

/// What narrows the product stays with its name: what is said of one edition is not said of all.
fn cpe(cpe: Cpe) -> Named {
    let mut product = cpe.product;
    append(&mut product, &cpe.narrowed);
    Named { vendor: cpe.vendor, product, version: cpe.version, is_package: false }
}

fn append(text: &mut String, more: &str) {
    if !more.is_empty() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Option<[String; 3]> {
        named(text).map(|named| [named.vendor, named.product, named.version])
    }

    #[test]
    fn purls_and_cpes_are_taken_apart() {
        let of = |vendor: &str, product: &str, version: &str| {
            Some([vendor.to_owned(), product.to_owned(), version.to_owned()])
        };
        assert_eq!(spelled("pkg:generic/acme/pump%203@4.1"), of("acme", "pump 3", "4.1"));
        assert_eq!(
            spelled("pkg:apk/wolfi/git@2.39.0-r1?arch=x86_64"),
            of("wolfi", "git ?arch=x86_64", "2.39.0-r1")
        );
        assert_eq!(spelled("pkg:npm/%40acme/link"), of("@acme", "link", ""));
        assert_eq!(spelled("PKG:cargo/serde@1.0"), of("", "serde", "1.0"));
        assert_eq!(spelled("cpe:2.3:h:acme:pump_3:-:*:*:*:*:*:*:*"), of("acme", "pump 3", ""));
        assert_eq!(
            spelled(r"cpe:2.3:o:acme:pump\:3:4.1:sp2:*:*:*:*:arm:*"),
            of("acme", "pump:3 arm", "4.1 sp2")
        );
        assert_eq!(spelled("cpe:/o:acme:pump_3:4.1"), of("acme", "pump 3", "4.1"));
        for none in
            ["pkg:", "pkg:npm", "pkg:npm/", "cpe:2.3:a:x:*", "cpe:/", "https://example.org/x", "é", ""]
        {
            assert_eq!(spelled(none), None, "{none}");
        }
    }
}
