//! Fingerprints in the XML form of Rapid7's recog, read where a house keeps a copy of them.
//!
//! Their patterns are written for Ruby. What Rust's engine cannot do (looking around, back references) is left out,
//! counted and listed; nothing is approximated.

use super::rule::{Rule, RuleFile, Score, pattern_with};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::Field;

/// A file larger than this, in bytes, is refused.
const MOST_BYTES: usize = 8 << 20;
/// Fingerprints a file may have.
const MOST_FINGERPRINTS: usize = 20_000;
/// Parameters a fingerprint may have.
const MOST_PARAMS: usize = 64;
/// Characters an attribute may have.
const MOST_CHARS: usize = 8_192;
/// What recog means when it gives no certainty, in hundredths.
const CERTAINTY: f64 = 85.0;
/// How much of recog's certainty a conclusion is given here: its fingerprints were not reviewed for hospitals.
const TRUST: f64 = 0.7;

/// What recog files match, and the fact that holds it here with a word of its basis.
const MATCHES: [(&str, Field, &str); 12] = [
    ("dhcp_vendor_class", Field::DhcpVendorClass, ""),
    ("snmp_sys_description", Field::SystemDescription, "snmp"),
    ("snmp_sysdescr", Field::SystemDescription, "snmp"),
    ("http_header_server", Field::HttpServer, ""),
    ("ssh_banner", Field::Banner, "ssh"),
    ("ftp_banner", Field::Banner, "ftp"),
    ("telnet_banner", Field::Banner, "telnet"),
    ("rtsp_header_server", Field::Banner, "rtsp"),
    ("sip_header_server", Field::Banner, "sip"),
    ("sip_header_user_agent", Field::UserAgent, "sip"),
    ("x509_subject", Field::Certificate, ""),
    ("x509_subjects", Field::Certificate, ""),
];

/// One recog file: the rules it came to, and what was left out.
#[derive(Clone, Debug)]
pub struct Recog {
    file: RuleFile,
    /// Fingerprints in the file.
    pub fingerprints: usize,
    /// Fingerprints left out, with line and why.
    pub left_out: Vec<(u64, String)>,
    /// Names of parameters no field of ours takes.
    pub unused: BTreeSet<String>,
}

/// A file that is no recog file, or one that is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct RecogError {
    /// Which file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

/// A fingerprint while it is read.
struct Fingerprint {
    line: u64,
    pattern: String,
    flags: String,
    certainty: f64,
    /// Name to (position, value).
    params: BTreeMap<String, (usize, String)>,
}

impl Recog {
    /// Reads one file. A document type declaration is refused, so that nothing in it expands.
    ///
    /// # Errors
    /// When the file is no XML of this form, too large, or matches something no fact of ours holds.
    pub fn read(name: &str, text: &str) -> Result<Self, RecogError> {
        let bad = |line, what: String| RecogError { file: name.to_owned(), line, what };
        if text.len() > MOST_BYTES {
            return Err(bad(1, format!("{} bytes, more than {MOST_BYTES} are not read", text.len())));
        }
        let mut reader = Reader::from_str(text);
        let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
        let mut about: Option<(Field, &str)> = None;
        let mut one: Option<Fingerprint> = None;
        let mut read = Self {
            file: RuleFile {
                name: format!("recog/{name}"),
                version: String::new(),
                source: "recog, as kept by the house".to_owned(),
                rules: Vec::new(),
            },
            fingerprints: 0,
            left_out: Vec::new(),
            unused: BTreeSet::new(),
        };
        loop {
            let line = lines.of(reader.buffer_position());
            let event = reader.read_event().map_err(|error| bad(line, format!("not XML: {error}")))?;
            let closed = matches!(event, Event::Empty(_));
            match event {
                Event::DocType(_) => {
                    return Err(bad(line, "a document type declaration is not read".to_owned()));
                }
                Event::Eof => break,
                Event::Start(start) | Event::Empty(start) => match start.name().as_ref() {
                    "fingerprints" => {
                        let given = attributes(&start).map_err(|what| bad(line, what))?;
                        let matches = given.get("matches").map(String::as_str).unwrap_or_default();
                        about = Some(fact_of(matches).ok_or_else(|| {
                            bad(line, format!("it matches {matches:?}, which no fact here holds"))
                        })?);
                    }
                    "fingerprint" if about.is_some() => {
                        let mut given = attributes(&start).map_err(|what| bad(line, what))?;
                        read.fingerprints += 1;
                        if read.fingerprints > MOST_FINGERPRINTS {
                            return Err(bad(line, format!("more than {MOST_FINGERPRINTS} fingerprints")));
                        }
                        let certainty = given.get("certainty").and_then(|text| text.parse::<f64>().ok());
                        one = Some(Fingerprint {
                            line,
                            pattern: given.remove("pattern").unwrap_or_default(),
                            flags: given.remove("flags").unwrap_or_default(),
                            certainty: certainty
                                .filter(|one| (0.0..=1.0).contains(one))
                                .map_or(CERTAINTY, |one| one * 100.0),
                            params: BTreeMap::new(),
                        });
                        if closed {
                            one = None;
                        }
                    }
                    "param" => {
                        if let Some(one) = one.as_mut().filter(|one| one.params.len() < MOST_PARAMS) {
                            let mut given = attributes(&start).map_err(|what| bad(line, what))?;
                            let position = given.get("pos").and_then(|text| text.parse().ok()).unwrap_or(0);
                            let value = given.remove("value").unwrap_or_default();
                            if let Some(name) = given.remove("name") {
                                one.params.insert(name, (position, value));
                            }
                        }
                    }
                    _ => {}
                },
                Event::End(end) if end.name().as_ref() == "fingerprint" => {
                    if let (Some(one), Some(about)) = (one.take(), about) {
                        read.take(one, about);
                    }
                }
                _ => {}
            }
        }
        if about.is_none() {
            return Err(bad(1, "no element fingerprints: this is no recog file".to_owned()));
        }
        Ok(read)
    }

    pub(super) fn file(&self) -> &RuleFile {
        &self.file
    }

    /// Its name among the tables.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// How many fingerprints came to a rule.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.file.rules.len()
    }

    fn take(&mut self, one: Fingerprint, (fact, basis): (Field, &str)) {
        let line = one.line;
        let gives = gives(&one.params, &mut self.unused);
        if gives.is_empty() {
            self.left_out.push((line, "it says nothing that a field here takes".to_owned()));
            return;
        }
        match pattern_with(
            &from_ruby(&one.pattern),
            one.flags.contains("ICASE"),
            one.flags.contains("NEWLINE") || one.flags.contains("MULTILINE"),
            true,
        ) {
            Ok(pattern) => {
                let groups = pattern.captures_len();
                let fits = |value: &String| super::rule::captures_in(value).all(|number| number < groups);
                if !gives.iter().all(|(_, values)| values.iter().all(fits)) {
                    self.left_out
                        .push((line, "a parameter asks for a group the pattern does not have".to_owned()));
                    return;
                }
                // Truncation keeps the score at or below what recog meant.
                let score = Score((one.certainty * TRUST) as u8);
                self.file.rules.push(Rule {
                    fact,
                    basis: basis.to_owned(),
                    pattern,
                    gives,
                    score,
                    source: "recog fingerprint".to_owned(),
                    line,
                });
            }
            Err(why) => self.left_out.push((line, why)),
        }
    }
}

fn fact_of(matches: &str) -> Option<(Field, &'static str)> {
    let plain: String = matches
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' })
        .collect();
    MATCHES.iter().find(|(name, ..)| *name == plain).map(|(_, field, basis)| (*field, *basis))
}

/// Ruby's spellings that Rust has under another name.
fn from_ruby(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('h') if in_class => out.push_str("0-9a-fA-F"),
                Some('h') => out.push_str("[0-9a-fA-F]"),
                Some('Z') => out.push_str(r"\n?\z"),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' => {
                in_class = true;
                out.push('[');
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

/// What the parameters come to in our fields: for each the values to try, the fullest first.
fn gives(
    params: &BTreeMap<String, (usize, String)>,
    unused: &mut BTreeSet<String>,
) -> Vec<(Field, Vec<String>)> {
    const USED: [&str; 13] = [
        "hw.vendor",
        "hw.family",
        "hw.product",
        "hw.model",
        "hw.version",
        "os.vendor",
        "os.family",
        "os.product",
        "os.version",
        "os.edition",
        "service.vendor",
        "service.product",
        "service.version",
    ];
    unused.extend(params.keys().filter(|name| !USED.contains(&name.as_str())).cloned());
    let get = |name: &str| value_of(params, name, 0).filter(|value| !value.is_empty());
    let mut gives = Vec::new();
    gives.extend(get("hw.vendor").map(|vendor| (Field::Manufacturer, vec![vendor])));
    let model = get("hw.product").or_else(|| match (get("hw.family"), get("hw.model")) {
        (Some(family), Some(model)) => Some(format!("{family} {model}")),
        (None, model) => model,
        // A family alone is no model.
        (Some(_), None) => None,
    });
    gives.extend(model.map(|model| (Field::Model, vec![model])));
    gives.extend(get("hw.version").map(|version| (Field::HardwareVersion, vec![version])));
    let named = |vendor: Option<String>, product: Option<String>, version: Option<String>| {
        let product = product?;
        let vendor = vendor.filter(|vendor| !product.to_lowercase().contains(&vendor.to_lowercase()));
        let name = vendor.map_or_else(|| product.clone(), |vendor| format!("{vendor} {product}"));
        let full = version.map(|version| format!("{name} {version}"));
        Some(full.into_iter().chain([name]).collect::<Vec<String>>())
    };
    let system = named(get("os.vendor"), get("os.product").or_else(|| get("os.family")), get("os.version"));
    gives.extend(system.map(|values| (Field::OperatingSystem, values)));
    let service = named(None, get("service.product"), get("service.version"));
    gives.extend(service.map(|values| (Field::ComponentVersion, values)));
    gives
}

/// The value of a parameter as text with `${1}` for groups; `{name}` in it stands for another parameter.
fn value_of(params: &BTreeMap<String, (usize, String)>, name: &str, depth: u8) -> Option<String> {
    let (position, text) = params.get(name)?;
    if *position > 0 {
        return Some(format!("${{{position}}}"));
    }
    if depth > 2 {
        return None;
    }
    let mut filled = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (inner, after) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&value_of(params, inner, depth + 1)?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled.trim().to_owned())
}

fn attributes(start: &BytesStart<'_>) -> Result<BTreeMap<String, String>, String> {
    let mut given = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("not XML: {error}"))?;
        let name = attribute.key.as_ref().to_owned();
        let raw = &attribute.value;
        if raw.len() > MOST_CHARS {
            return Err(format!("attribute {name} is longer than {MOST_CHARS} characters"));
        }
        let value = unescape(raw).map_err(|error| format!("attribute {name}: {error}"))?;
        given.insert(name, value.into_owned());
    }
    Ok(given)
}

/// Lines by position, counted once over the file.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, position: u64) -> u64 {
        let to = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        if to > self.at {
            let count = self.text[self.at..to].iter().filter(|byte| **byte == b'\n').count();
            self.line += count as u64;
            self.at = to;
        }
        // The reader stands before the blanks and line ends that lead to the next element.
        let blanks = self.text[to..].iter().take_while(|byte| byte.is_ascii_whitespace());
        self.line + blanks.filter(|byte| **byte == b'\n').count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::Registry;
    use super::super::tables::RuleTables;
    use super::*;
    use proptest::prelude::*;

    /// Written for this test.
    const MADE: &str = r#"<?xml version="1.0"?>
<fingerprints matches="http_header.server" protocol="http">
  <fingerprint pattern="^ExamplePump/(\d+\.\d+)(?: build (\h+))?$" flags="REG_ICASE">
    <description>An example</description>
    <example>ExamplePump/1.2</example>
    <param pos="0" name="hw.vendor" value="Example &amp; Co"/>
    <param pos="0" name="hw.family" value="Pump"/>
    <param pos="0" name="hw.model" value="P9"/>
    <param pos="0" name="os.vendor" value="Ubuntu"/>
    <param pos="0" name="os.family" value="Linux"/>
    <param pos="2" name="os.version"/>
    <param pos="0" name="service.product" value="{hw.family} server"/>
    <param pos="1" name="service.version"/>
    <param pos="1" name="hw.serial_number"/>
  </fingerprint>
  <fingerprint pattern="^(?!no)look"><param pos="0" name="hw.vendor" value="X"/></fingerprint>
  <fingerprint pattern="^group$"><param pos="3" name="hw.vendor"/></fingerprint>
  <fingerprint pattern="^silent$"><param pos="0" name="host.name" value="x"/></fingerprint>
</fingerprints>"#;

    #[test]
    fn fingerprints_become_rules_and_the_rest_is_listed() {
        let recog = Recog::read("made.xml", MADE).unwrap();
        assert_eq!((recog.fingerprints, recog.rules()), (4, 1));
        let lines: Vec<u64> = recog.left_out.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [16, 17, 18], "{:?}", recog.left_out);
        assert_eq!(
            recog.unused.iter().map(String::as_str).collect::<Vec<_>>(),
            ["host.name", "hw.serial_number"]
        );
        let tables = RuleTables::builtin().with(vec![recog], Registry::default());
        let hits = tables.hits(Field::HttpServer, "examplepump/1.2");
        let hit = hits.iter().find(|hit| tables.rule(hit).0 == "recog/made.xml").unwrap();
        let said: Vec<(&str, &str)> =
            hit.gives.iter().map(|(field, value)| (field.code(), value.as_str())).collect();
        assert_eq!(
            said,
            [
                ("manufacturer", "Example & Co"),
                ("model", "Pump P9"),
                ("operating_system", "Ubuntu Linux"),
                ("component_version", "Pump server 1.2")
            ]
        );
        assert_eq!(tables.rule(hit).1.line, 3);
        assert_eq!(tables.rule(hit).1.score, Score(59));
    }

    #[test]
    fn what_expands_or_is_something_else_is_refused() {
        for text in [
            "<!DOCTYPE x [<!ENTITY a \"b\">]><fingerprints matches=\"ssh.banner\"/>",
            "<fingerprints matches=\"x11.banner\"/>",
            "<other/>",
            "",
            "<fingerprints matches=\"ssh.banner\"><fingerprint pattern=\"&unknown;\"/></fingerprints>",
        ] {
            assert!(Recog::read("x.xml", text).is_err(), "{text}");
        }
        let long = format!("<fingerprints matches=\"{}\"/>", "x".repeat(MOST_CHARS + 1));
        assert!(Recog::read("x.xml", &long).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn mutated_files_are_read_or_refused(at in any::<prop::sample::Index>(), with in ".{0,6}", cut in 0usize..40) {
            let mut text = MADE.to_owned();
            let mut from = at.index(text.len());
            while !text.is_char_boundary(from) { from -= 1; }
            let to = (from + cut).min(text.len());
            text.replace_range(from..to, &with);
            let _ = Recog::read("x.xml", &text);
        }
    }
}
