//! FHIR over clear HTTP (HL7 FHIR R5, CapabilityStatement; also R4 and the older Conformance): what a server says it can do.
//!
//! Copied: name and version of the software, and the FHIR version. Every other resource is passed over at its first word: nothing of a
//! patient's record is ever held.

use super::body::{Body, Told};
use super::xml::{Document, Tag};
use super::{Visit, text};
use tallyward_core::{Field, SourceKind};

/// Names of the resource, of old and now.
const RESOURCES: [&str; 2] = ["CapabilityStatement", "Conformance"];
/// Longest value held.
const LONGEST: usize = 255;
/// Containers inside each other; deeper ones end the reading.
const DEEPEST: u32 = 60;

/// What a statement says so far: software's name and version, FHIR version.
#[derive(Debug, Default)]
pub(super) struct Capability {
    name: Option<String>,
    version: Option<String>,
    edition: Option<String>,
}

impl Capability {
    fn put(&mut self, path: [&str; 2], value: &str) {
        let slot = match path {
            ["software", "name"] => &mut self.name,
            ["software", "version"] => &mut self.version,
            ["fhirVersion", ""] => &mut self.edition,
            _ => return,
        };
        *slot = text(value.as_bytes());
    }
}

impl Told for Capability {
    fn tell(&mut self, visit: &mut Visit<'_>) {
        let (wire, basis) = (SourceKind::WireNetwork, "FHIR CapabilityStatement");
        if let Some(edition) = &self.edition {
            visit.say(Field::AnnouncedService, &format!("FHIR {edition}"), wire, basis);
        }
        match (&self.name, &self.version) {
            (Some(name), Some(version)) => {
                visit.say(Field::ComponentVersion, &format!("{name} {version}"), wire, basis);
            }
            (Some(name), None) => visit.say(Field::SystemDescription, name, wire, basis),
            _ => {}
        }
    }
}

impl Document for Capability {
    fn names(&self) -> &'static [&'static str] {
        &["CapabilityStatement", "Conformance", "software", "name", "version", "fhirVersion"]
    }

    fn open(&mut self, path: &[&'static str], tag: &Tag<'_>) -> bool {
        if let [root, ..] = path
            && RESOURCES.contains(root)
        {
            let element = match path[1..] {
                [one] => Some([one, ""]),
                [one, two] => Some([one, two]),
                _ => None,
            };
            if let Some((element, value)) = element.zip(tag.attribute("value")) {
                self.put(element, &value);
            }
            return true;
        }
        false
    }

    fn text(&mut self, _path: &[&'static str], _text: &str) {}

    fn close(&mut self, _path: &[&'static str]) {}
}

/// A statement in JSON, as it passes.
#[derive(Debug, Default)]
pub(super) struct Json {
    said: Capability,
    known: bool,
    depth: u32,
    /// Which of the containers are objects, the innermost last.
    objects: u64,
    string: Option<Hold>,
    escaped: bool,
    held: Vec<u8>,
    /// The keys of the two outer objects.
    keys: [Vec<u8>; 2],
    at_key: bool,
    done: bool,
}

/// What to do with the string that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Key,
    Value,
    Nothing,
}

impl Json {
    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn path(&self) -> [&[u8]; 2] {
        match self.depth {
            1 => [&self.keys[0], b""],
            _ => [&self.keys[0], &self.keys[1]],
        }
    }

    fn is_wanted(&self) -> bool {
        let wanted: [[&[u8]; 2]; 4] = [
            [b"resourceType", b""],
            [b"fhirVersion", b""],
            [b"software", b"name"],
            [b"software", b"version"],
        ];
        self.in_object() && self.depth <= 2 && wanted.contains(&self.path())
    }

    fn byte(&mut self, byte: u8) {
        if let Some(hold) = self.string {
            if byte == b'"' && !self.escaped {
                self.string = None;
                self.end_string(hold);
            } else if self.escaped || byte != b'\\' {
                if hold != Hold::Nothing && self.held.len() < LONGEST {
                    self.held.push(byte);
                }
                self.escaped = false;
            } else {
                self.escaped = true;
            }
            return;
        }
        match byte {
            b'"' => {
                let hold = if self.at_key && self.in_object() {
                    if self.depth <= 2 { Hold::Key } else { Hold::Nothing }
                } else if self.is_wanted() {
                    Hold::Value
                } else {
                    Hold::Nothing
                };
                self.held.clear();
                self.string = Some(hold);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.objects = self.objects << 1 | u64::from(byte == b'{');
                self.at_key = byte == b'{';
                self.done |= self.depth > DEEPEST;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.objects >>= 1;
                self.at_key = false;
                self.done |= self.depth == 0;
            }
            b':' => self.at_key = false,
            b',' => self.at_key = true,
            _ => self.done |= self.depth == 0 && !byte.is_ascii_whitespace(),
        }
    }

    fn end_string(&mut self, hold: Hold) {
        match hold {
            Hold::Key => {
                let level = self.depth.saturating_sub(1).min(1) as usize;
                self.keys[level].clone_from(&self.held);
                if level == 0 {
                    self.keys[1].clear();
                }
            }
            Hold::Value if self.path() == [&b"resourceType"[..], b""] => {
                self.known = RESOURCES.iter().any(|name| name.as_bytes() == self.held);
                self.done |= !self.known;
            }
            Hold::Value => {
                let [one, two] = self.path().map(|key| String::from_utf8_lossy(key).into_owned());
                let value = String::from_utf8_lossy(&self.held).into_owned();
                self.said.put([&one, &two], &value);
            }
            Hold::Nothing => {}
        }
        self.held.clear();
    }
}

impl Body for Json {
    fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) -> bool {
        for byte in bytes {
            if self.done {
                break;
            }
            self.byte(*byte);
        }
        if self.done && self.depth == 0 {
            self.end(visit);
        }
        !self.done
    }

    fn end(&mut self, visit: &mut Visit<'_>) {
        if std::mem::take(&mut self.known) {
            self.said.tell(visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    fn read(document: &str, piece: usize) -> Vec<trial::Said> {
        trial::visit((80, 40_000), |visit| {
            let mut json = Json::default();
            if document.as_bytes().chunks(piece).all(|bytes| json.read(bytes, visit)) {
                json.end(visit);
            }
            assert!(json.held.len() <= LONGEST && json.keys.iter().all(|key| key.len() <= LONGEST));
        })
    }

    const STATEMENT: &str = r#"{"date":"2026","resourceType":"CapabilityStatement","contact":[{"name":"Dr. House","software":{"name":"no"}}],
        "software":{"name":"HAPI \"FHIR\" Server","version":"6.1","other":{"version":"9"}},"fhirVersion":"4.0.1","rest":[{"x":{}}]}"#;

    #[test]
    fn a_server_states_its_software() {
        let basis = "FHIR CapabilityStatement";
        for piece in [1, 5, 10_000] {
            let want = [
                says(Field::ComponentVersion, "HAPI \"FHIR\" Server 6.1", basis),
                says(Field::AnnouncedService, "FHIR 4.0.1", basis),
            ];
            assert_eq!(read(STATEMENT, piece), want);
        }
    }

    #[test]
    fn no_other_resource_says_anything() {
        assert_eq!(
            read(r#"{"resourceType":"Patient","software":{"name":"House"},"fhirVersion":"4"}"#, 7),
            []
        );
        assert_eq!(read(r#"{"software":{"name":"House","version":"1"}}"#, 7), []);
        assert_eq!(read(r#"[{"resourceType":"CapabilityStatement","fhirVersion":"4"}]"#, 7), []);
        assert_eq!(read(&"[".repeat(100_000), 999), []);
    }

    proptest! {
        #[test]
        fn noise_is_survived(noise in "[{}\\[\\]:,\"\\\\a ]{0,300}", at in any::<prop::sample::Index>(), byte in 32u8..127) {
            read(&noise, 9);
            let mut damaged = STATEMENT.as_bytes().to_vec();
            let index = at.index(damaged.len());
            damaged[index] = byte;
            let said = read(&String::from_utf8_lossy(&damaged), 9);
            prop_assert!(said.iter().all(|one| !one.2.contains("House")));
        }
    }
}
