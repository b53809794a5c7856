//! Markings: to whom what an object says may be passed on.

use super::object::StixObject;
use serde_json::Value;
use std::collections::BTreeMap;
use tallyward_core::Label;

/// The definitions everybody has, which need not be sent along: TLP 1 (STIX 2.1, clause 7.2.1.4) and TLP 2.0 (the
/// extension OASIS publishes for it).
const KNOWN: [(&str, Label); 9] = [
    ("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Label::Clear),
    ("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Label::Green),
    ("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Label::Amber),
    ("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Label::Red),
    ("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Label::Clear),
    ("marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Label::Green),
    ("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Label::Amber),
    ("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Label::AmberStrict),
    ("marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Label::Red),
];

/// The extension that states a label of TLP 2.0.
const TLP_2: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// What a marking says.
enum Said<'a> {
    /// A label of TLP.
    Label(Label),
    /// Terms in words, such as a copyright; no label.
    Terms(&'a str),
    /// Something of another kind.
    Other(&'a str),
}

/// The label of some objects, and the sentences to be read beside it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marked {
    pub label: Label,
    pub said: Vec<String>,
}

/// The strictest label of any of `objects`. A marking nobody here knows counts as the strictest, one of another kind
/// too where no label stands beside it: what cannot be understood is not passed on.
pub(super) fn marked<'a>(
    objects: impl IntoIterator<Item = &'a StixObject>,
    definitions: &BTreeMap<&str, &StixObject>,
) -> Marked {
    let mut marked = Marked::default();
    for object in objects {
        let (mut label, mut other) = (None, false);
        for id in object.markings() {
            match said(id, definitions) {
                Some(Said::Label(one)) => label = label.max(Some(one)),
                Some(Said::Terms(terms)) => marked.say(format!("Terms: {terms}")),
                Some(Said::Other(kind)) => {
                    marked.say(format!("It bears a marking of the kind {kind:?}, which is not known here."));
                    other = true;
                }
                None => {
                    marked.say(format!("Its marking {id:?} did not come along: taken as TLP:RED."));
                    label = Some(Label::Red);
                }
            }
        }
        let label = label.unwrap_or(if other { Label::Red } else { Label::Clear });
        marked.label = marked.label.max(label);
    }
    marked
}

impl Marked {
    fn say(&mut self, sentence: String) {
        if self.said.len() < 20 && !self.said.contains(&sentence) {
            self.said.push(sentence);
        }
    }
}

fn said<'a>(id: &str, definitions: &BTreeMap<&str, &'a StixObject>) -> Option<Said<'a>> {
    if let Some((_, label)) = KNOWN.iter().find(|(known, _)| *known == id) {
        return Some(Said::Label(*label));
    }
    let definition = definitions.get(id)?;
    let stated = |value: Option<&Value>| match value.and_then(Value::as_str).map(str::trim) {
        // An empty text is no label, though a document without one is free.
        None | Some("") => Label::Red,
        Some(text) => Label::of(text),
    };
    if let Some(extension) = definition.value.get("extensions").and_then(|all| all.get(TLP_2)) {
        return Some(Said::Label(stated(extension.get("tlp_2_0"))));
    }
    let kind = definition.text("definition_type");
    let inner = definition.value.get("definition");
    if kind.eq_ignore_ascii_case("tlp") {
        let tlp = inner.and_then(|one| one.get("tlp").or_else(|| one.get("TLP")));
        return Some(Said::Label(stated(tlp)));
    }
    if kind.eq_ignore_ascii_case("statement") {
        let terms = inner.and_then(|one| one.get("statement")).and_then(Value::as_str).unwrap_or_default();
        return Some(Said::Terms(terms));
    }
    Some(Said::Other(kind))
}
