//! Package URLs (purl): the one name under which a parts list and a record of a flaw can mean the same package.

/// A package URL, taken apart and decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purl {
    /// Its type, in lower case: `npm`, `deb` …
    pub kind: String,
    /// What stands between type and name; empty when nothing does.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Version; empty when not said.
    pub version: String,
    /// Qualifiers in their order.
    pub qualifiers: Vec<(String, String)>,
}

impl Purl {
    /// Reads `pkg:type/namespace/name@version?qualifiers#subpath`; `None` when it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let start = text.get(..4)?;
        let rest = start.eq_ignore_ascii_case("pkg:").then(|| text[4..].trim_start_matches('/'))?;
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !version.contains('/') => (path, percent_decoded(version)),
            _ => (rest, String::new()),
        };
        let mut parts: Vec<String> =
            path.split('/').filter(|part| !part.is_empty()).map(percent_decoded).collect();
        let name = parts.pop()?;
        let kind = parts.first()?.to_ascii_lowercase();
        let qualifiers = qualifiers.split('&').filter_map(|pair| pair.split_once('='));
        Some(Self {
            kind,
            namespace: parts[1..].join("/"),
            name,
            version,
            qualifiers: qualifiers
                .map(|(key, value)| (key.to_ascii_lowercase(), percent_decoded(value)))
                .collect(),
        })
    }

    /// The value of a qualifier.
    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The package without its version, in the spelling its type prescribes.
    #[must_use]
    pub fn package(&self) -> String {
        package(&self.kind, &self.namespace, &self.name)
    }
}

/// `type/namespace/name` of a package. Where a type is blind to case, or holds several signs for one, two spellings
/// come to the same text (purl specification, types; PEP 503 for Python).
#[must_use]
pub fn package(kind: &str, namespace: &str, name: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    let folds = matches!(
        kind.as_str(),
        "pypi"
            | "npm"
            | "nuget"
            | "deb"
            | "apk"
            | "golang"
            | "composer"
            | "github"
            | "bitbucket"
            | "hex"
            | "pub"
    );
    let (mut namespace, mut name) = (namespace.to_owned(), name.to_owned());
    if folds || kind == "rpm" {
        namespace = namespace.to_lowercase();
    }
    if folds {
        name = name.to_lowercase();
    }
    if kind == "pypi" {
        let words: Vec<&str> = name.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
        name = words.join("-");
    }
    let between = if namespace.is_empty() { "" } else { "/" };
    format!("{kind}/{namespace}{between}{name}")
}

/// Percent-encoding undone; what is no encoding, or no UTF-8, stays as it is.
#[must_use]
pub fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| (*byte as char).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_the_same_in_every_spelling_its_type_allows() {
        let package = |text: &str| Purl::read(text).map(|purl| (purl.package(), purl.version));
        let is = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
        assert_eq!(package("pkg:npm/%40Acme/link@1.0.0"), is("npm/@acme/link", "1.0.0"));
        assert_eq!(package("pkg:npm/@acme/link"), is("npm/@acme/link", ""));
        assert_eq!(package("PKG:PyPI/Zope.Interface_x@1"), is("pypi/zope-interface-x", "1"));
        assert_eq!(package("pkg:maven/Org.Acme/Core@2?type=jar"), is("maven/Org.Acme/Core", "2"));
        assert_eq!(package("pkg:golang/github.com/a/b@v1.2#sub/path"), is("golang/github.com/a/b", "v1.2"));
        assert_eq!(package("pkg://deb/debian/openssl@1%3A1.1"), is("deb/debian/openssl", "1:1.1"));
        for none in ["", "pkg:", "pkg:npm", "npm/x@1", "é"] {
            assert_eq!(package(none), None, "{none}");
        }
    }

    #[test]
    fn qualifiers_are_decoded() {
        let purl = Purl::read("pkg:deb/debian/libssl1.1@1.1.1n?Arch=amd64&upstream=openssl%401.1&x").unwrap();
        assert_eq!(purl.qualifier("arch"), Some("amd64"));
        assert_eq!(purl.qualifier("upstream"), Some("openssl@1.1"));
        assert_eq!(purl.qualifier("x"), None);
    }

    #[test]
    fn broken_encoding_stays() {
        assert_eq!(percent_decoded("%4"), "%4");
        assert_eq!(percent_decoded("%zz%C3%A9"), "%zzé");
        assert_eq!(percent_decoded("%ff"), "%ff");
    }
}
