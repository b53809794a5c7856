//! What a published score says of confidentiality, integrity and availability, as a hint for triage.

use crate::axis::Automatable;
use serde::{Deserialize, Serialize};
use tallyward_core::Vulnerability;

/// How strongly one security property is touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Not.
    #[default]
    None,
    /// In part.
    Low,
    /// Wholly.
    High,
}

/// What a flaw can touch, as its published scores have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpactHint {
    /// Data can be read.
    pub confidentiality: Effect,
    /// Data or settings can be changed.
    pub integrity: Effect,
    /// The device can be stopped.
    pub availability: Effect,
    /// The flaw shows passwords or keys, so reading is only its beginning.
    pub credentials: bool,
}

impl ImpactHint {
    /// Whether the working of the device can be touched, not only data read.
    #[must_use]
    pub fn reaches_function(&self) -> bool {
        self.credentials || self.integrity > Effect::None || self.availability > Effect::None
    }
}

/// CWE ids of weak or exposed credentials and keys: 255, 256, 257, 259, 260, 287, 294, 306, 312, 319, 321, 522,
/// 523, 798, 1392 (MITRE CWE). For these a score without integrity impact understates what can follow.
const CREDENTIALS: [u32; 15] = [255, 256, 257, 259, 260, 287, 294, 306, 312, 319, 321, 522, 523, 798, 1392];

/// Reads the hint off every score of the vulnerability (CVSS 2.0, 3.x, 4.0) and its CWE; the worst of each
/// property counts. `None` when no vector can be read: then the reach of the flaw is unknown.
#[must_use]
pub fn impact_hint(vulnerability: &Vulnerability) -> Option<ImpactHint> {
    let credentials = cwe_numbers(&vulnerability.cwe).any(|number| CREDENTIALS.contains(&number));
    let each = vulnerability.scores.iter().filter_map(|score| vector_hint(&score.vector));
    let worst = each.reduce(|a, b| ImpactHint {
        confidentiality: a.confidentiality.max(b.confidentiality),
        integrity: a.integrity.max(b.integrity),
        availability: a.availability.max(b.availability),
        credentials: false,
    });
    worst.map(|hint| ImpactHint { credentials, ..hint })
}

/// Whether the vectors let an attack be run without a person at each target, and by which of the rules. What a CVSS
/// 4.0 vector says itself (its metric AU) counts; else from the network, at will, without rights and without a user
/// (all of them) means yes; a local, physical or user-driven attack means no; anything else is not known. The worst
/// of several scores counts.
#[must_use]
pub fn automatable_hint(vulnerability: &Vulnerability) -> Option<(Automatable, &'static str)> {
    let mut answers = Vec::new();
    let mut stated = false;
    for score in &vulnerability.scores {
        let get = |key| metric(&score.vector, key);
        // AT is the attack requirements of CVSS 4.0: with any, an attack does not run at will.
        let answer = match (get("AU"), get("AT")) {
            (Some("Y"), _) => Some(Automatable::Yes),
            (Some("N"), _) => Some(Automatable::No),
            (_, Some("P")) if get("AV") == Some("N") => None,
            _ => match (get("AV"), get("AC"), get("PR").or(get("Au")), get("UI")) {
                (Some("N"), Some("L"), Some("N"), Some("N") | None) => Some(Automatable::Yes),
                (Some("L" | "P"), ..) | (_, _, _, Some("R" | "A")) => Some(Automatable::No),
                _ => None,
            },
        };
        stated |= matches!(get("AU"), Some("Y" | "N"));
        answers.push(answer);
    }
    let worst = match answers.as_slice() {
        [] => None,
        all if all.contains(&Some(Automatable::Yes)) => Some(Automatable::Yes),
        all if all.contains(&None) => None,
        _ => Some(Automatable::No),
    }?;
    Some((
        worst,
        match worst {
            _ if stated => "a CVSS 4.0 vector says so itself (AU)",
            Automatable::Yes => {
                "by a score's vector an attack comes over the network, at will, without rights and without a user"
            }
            Automatable::No => {
                "by the scores' vectors an attack needs somebody at the device or a user's help"
            }
        },
    ))
}

fn metric<'a>(vector: &'a str, key: &str) -> Option<&'a str> {
    vector.split('/').filter_map(|part| part.split_once(':')).find(|(name, _)| *name == key).map(|(_, v)| v)
}

fn vector_hint(vector: &str) -> Option<ImpactHint> {
    let effect = |keys: [&str; 3]| -> Option<Effect> {
        let read = |value: &str| match value {
            "N" => Some(Effect::None),
            "L" | "P" => Some(Effect::Low),
            // `S` is the safety value of CVSS 4.0's subsequent-system metrics.
            "H" | "C" | "S" => Some(Effect::High),
            _ => None,
        };
        keys.into_iter().filter_map(|key| metric(vector, key)).filter_map(read).max()
    };
    Some(ImpactHint {
        confidentiality: effect(["C", "VC", "SC"])?,
        integrity: effect(["I", "VI", "SI"])?,
        availability: effect(["A", "VA", "SA"])?,
        credentials: false,
    })
}

fn cwe_numbers(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.split("CWE-").skip(1).filter_map(|rest| {
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyward_core::Score;

    fn flaw(vector: &str, cwe: &str) -> Vulnerability {
        let score = Score {
            version: String::new(),
            vector: vector.into(),
            base: String::new(),
            severity: String::new(),
            products: vec![],
        };
        Vulnerability { cwe: cwe.into(), scores: vec![score], ..Vulnerability::default() }
    }

    #[test]
    fn the_three_generations_of_vectors_are_read() {
        let old = impact_hint(&flaw("AV:N/AC:L/Au:N/C:P/I:N/A:C", "")).unwrap();
        assert_eq!(
            (old.confidentiality, old.integrity, old.availability),
            (Effect::Low, Effect::None, Effect::High)
        );
        let new = impact_hint(&flaw("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "")).unwrap();
        assert!(!new.reaches_function());
        let four = impact_hint(&flaw("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:S/SA:N", ""))
            .unwrap();
        assert_eq!(four.integrity, Effect::High);
        assert_eq!(impact_hint(&flaw("nonsense", "CWE-798")), None);
    }

    #[test]
    fn exposed_credentials_reach_the_function() {
        let hint =
            impact_hint(&flaw("AV:N/AC:L/PR:N/UI:N/C:H/I:N/A:N", "CWE-798 Use of Hard-coded Credentials"));
        assert!(hint.unwrap().reaches_function());
    }

    #[test]
    fn automatable_is_yes_only_when_nothing_stands_in_the_way() {
        let ask = |vector: &str| automatable_hint(&flaw(vector, "")).map(|(value, _)| value);
        assert_eq!(ask("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), Some(Automatable::Yes));
        assert_eq!(ask("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), Some(Automatable::No));
        assert_eq!(ask("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), None);
        assert_eq!(ask(""), None);
        let four = |rest: &str| ask(&format!("CVSS:4.0/AV:N/AC:L/PR:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/{rest}"));
        assert_eq!(four("AT:N/UI:N"), Some(Automatable::Yes));
        assert_eq!(four("AT:P/UI:N"), None);
        assert_eq!(four("AT:P/UI:P/AU:Y"), Some(Automatable::Yes));
        assert_eq!(four("AT:N/UI:N/AU:N"), Some(Automatable::No));
        assert_eq!(four("AT:N/UI:N/AU:X"), Some(Automatable::Yes));
    }

    /// Every vector of the real advisories is read; none of them leaves the reach of a flaw unknown.
    #[test]
    fn the_vectors_of_real_advisories_are_read() {
        let Some(folder) = tallyward_core::testkit::shared("icsma") else { return };
        let (mut flaws, mut reach, mut credentials) = (0, 0, 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            for one in document["vulnerabilities"].as_array().into_iter().flatten() {
                let scores: Vec<Score> = one["scores"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .flat_map(|score| {
                        ["cvss_v2", "cvss_v3", "cvss_v4"].map(|key| score[key]["vectorString"].clone())
                    })
                    .filter_map(|vector| vector.as_str().map(str::to_owned))
                    .map(|vector| Score {
                        version: String::new(),
                        vector,
                        base: String::new(),
                        severity: String::new(),
                        products: vec![],
                    })
                    .collect();
                if scores.is_empty() {
                    continue;
                }
                let cwe = one["cwe"]["id"].as_str().unwrap_or("").to_owned();
                let flaw = Vulnerability { cwe, scores, ..Vulnerability::default() };
                let hint = impact_hint(&flaw);
                assert!(hint.is_some(), "{:?}", flaw.scores);
                flaws += 1;
                reach += usize::from(hint.is_some_and(|hint| hint.reaches_function()));
                credentials += usize::from(hint.is_some_and(|hint| hint.credentials));
            }
        }
        assert!(flaws > 100, "{flaws}");
        assert!(
            0 < credentials && credentials < flaws && reach < flaws,
            "{reach} and {credentials} of {flaws}"
        );
        eprintln!("{flaws} flaws, {reach} reach the function, {credentials} open credentials");
    }
}
