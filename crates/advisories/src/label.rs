//! The label a document states of itself.

use serde_json::Value;
use tallyward_core::Label;

/// Where documents state their label: CSAF (`/document/distribution/tlp/label`; 2.0 writes AMBER+STRICT as AMBER with a text
/// beside it) and CycloneDX 1.7.
const PLACES: [&str; 2] = ["/document/distribution/tlp/label", "/metadata/distributionConstraints/tlp"];

/// The label of a document. Bytes that are no JSON are [`Label::Red`]: what cannot be read is not passed on.
#[must_use]
pub fn label(bytes: &[u8]) -> Label {
    if crate::bounds::check(bytes).is_err() {
        return Label::Red;
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let Ok(root) = serde_json::from_slice::<Value>(bytes) else { return Label::Red };
    let stated = PLACES.iter().filter_map(|place| root.pointer(place)).map(|value| match value {
        Value::String(text) => Label::of(text),
        _ => Label::Red,
    });
    let beside = match root.pointer("/document/distribution/text") {
        Some(Value::String(text)) if text.to_ascii_uppercase().contains("TLP:AMBER+STRICT") => {
            Label::AmberStrict
        }
        _ => Label::Clear,
    };
    stated.max().unwrap_or_default().max(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csaf(label: &str) -> Label {
        label_of(&format!("{{\"document\":{{\"distribution\":{{\"tlp\":{{\"label\":{label}}}}}}}}}"))
    }

    fn label_of(text: &str) -> Label {
        label(text.as_bytes())
    }

    #[test]
    fn labels_of_both_versions_are_read_and_what_is_none_is_the_strictest() {
        for (text, wanted) in [
            ("\"WHITE\"", Label::Clear),
            ("\"CLEAR\"", Label::Clear),
            ("\"GREEN\"", Label::Green),
            ("\"AMBER\"", Label::Amber),
            ("\"tlp: amber+strict\"", Label::AmberStrict),
            ("\"RED\"", Label::Red),
            ("\"PURPLE\"", Label::Red),
            ("7", Label::Red),
        ] {
            assert_eq!(csaf(text), wanted, "{text}");
        }
        assert_eq!(label_of("{\"document\":{}}"), Label::Clear);
        assert_eq!(label_of("\u{feff}{\"document\":{}}"), Label::Clear);
        assert_eq!(label_of("not JSON"), Label::Red);
        assert_eq!(
            label_of("{\"metadata\":{\"distributionConstraints\":{\"tlp\":\"AMBER\"}}}"),
            Label::Amber
        );
        let strict =
            "{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"AMBER\"},\"text\":\"TLP:AMBER+STRICT\"}}}";
        assert_eq!(label_of(strict), Label::AmberStrict, "as the writer of CSAF 2.0 puts it");
    }
}
