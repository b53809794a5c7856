//! CVSS scores worked out from their vector, for every version of the standard.
//!
//! A document states a vector and a number; only the vector is believed. The arithmetic is that of RustSec's
//! `cvss`, held against an independent implementation by `tests/cvss_peer.rs`; what a document claims beside it
//! is compared here ([`Score::disagreement`]).

use crate::advisory::Score;
use cvss::v3::Metric;
use cvss::{Cvss, Severity as Rated};
use serde::{Deserialize, Serialize};

/// Longest vector read, in bytes: one with every metric of CVSS 4.0 has 215.
const MAX_BYTES: usize = 400;

/// Qualitative severity. CVSS 3.0, 3.1 and 4.0 define these words; for 2.0, which defines none, the words of the
/// US National Vulnerability Database hold (low to 3.9, medium to 6.9, high above).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 0.0.
    None,
    /// To 3.9.
    Low,
    /// To 6.9.
    Medium,
    /// To 8.9.
    High,
    /// From 9.0.
    Critical,
}

impl Severity {
    /// The word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What a vector comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// `2.0`, `3.0`, `3.1`, `4.0`, as the vector itself says.
    pub version: String,
    /// Base score in tenths: 98 is 9.8.
    pub base_tenths: u16,
    /// Severity of the base score.
    pub severity: Severity,
    /// Score with the temporal, threat and environmental metrics of the vector, in tenths, when it has any.
    pub overall_tenths: Option<u16>,
}

impl Computed {
    /// The base score as text: `9.8`.
    #[must_use]
    pub fn base(&self) -> String {
        tenths(self.base_tenths)
    }

    /// The score with all metrics of the vector, as text.
    #[must_use]
    pub fn overall(&self) -> Option<String> {
        self.overall_tenths.map(tenths)
    }
}

fn tenths(value: u16) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// Works out a vector of CVSS 2.0 (no prefix), 3.0, 3.1 or 4.0. Total: any text gives an answer.
///
/// # Errors
/// A sentence that says what is wrong with the vector.
pub fn computed(vector: &str) -> Result<Computed, String> {
    let vector = vector.trim();
    // Version 2 vectors are often put in brackets.
    let vector = vector.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(vector);
    if vector.len() > MAX_BYTES {
        return Err(format!("the vector has {} bytes, expected at most {MAX_BYTES}", vector.len()));
    }
    let read: Cvss = vector.parse().map_err(|error: cvss::Error| error.to_string())?;
    let (version, base, severity, overall) = match &read {
        Cvss::CvssV20(v) => ("2.0", v.score().value(), v.score().severity(), overall_2(v)),
        Cvss::CvssV30(v) | Cvss::CvssV31(v) if missing_3(v) => {
            return Err("a base metric is missing".to_owned());
        }
        Cvss::CvssV30(v) => ("3.0", v.base_score().value(), v.severity(), overall_3(v)),
        Cvss::CvssV31(v) => ("3.1", v.base_score().value(), v.severity(), overall_3(v)),
        Cvss::CvssV40(v) => {
            let base = base_4(vector).map_err(|error| error.to_string())?.score();
            let more = v.nomenclature() != cvss::v4::Nomenclature::CvssB;
            let overall = more.then(|| v.score().value());
            ("4.0", base.clone().value(), base.severity(), overall)
        }
        _ => return Err("the vector is of a version of CVSS that is not known here".to_owned()),
    };
    Ok(Computed {
        version: version.to_owned(),
        base_tenths: in_tenths(base),
        severity: rated(severity),
        overall_tenths: overall.map(in_tenths),
    })
}

impl Score {
    /// What the vector comes to, whatever the document claims.
    ///
    /// # Errors
    /// See [`computed`].
    pub fn computed(&self) -> Result<Computed, String> {
        computed(&self.vector)
    }

    /// Where the document's number, word or version is not that of its own vector, in a sentence; `None` when
    /// they agree or it claims nothing.
    #[must_use]
    pub fn disagreement(&self) -> Option<String> {
        if self.vector.trim().is_empty() {
            return None;
        }
        let computed = match self.computed() {
            Ok(computed) => computed,
            Err(why) => return Some(format!("The vector {:?} cannot be read: {why}.", clip(&self.vector))),
        };
        let mut wrong = Vec::new();
        if !self.version.is_empty() && self.version != computed.version {
            wrong.push(format!("says CVSS {}, its vector is of {}", clip(&self.version), computed.version));
        }
        if !self.base.is_empty() && claimed_tenths(&self.base) != Some(computed.base_tenths) {
            let with =
                computed.overall().map_or_else(String::new, |all| format!(" ({all} with all its metrics)"));
            wrong.push(format!("states {}, its vector comes to {}{with}", clip(&self.base), computed.base()));
        }
        if !self.severity.is_empty() && !self.severity.eq_ignore_ascii_case(computed.severity.label()) {
            let (said, is) = (clip(&self.severity).to_lowercase(), computed.severity.label());
            wrong.push(format!("calls it {said}, its vector comes to {is}"));
        }
        (!wrong.is_empty()).then(|| format!("The document {}.", wrong.join("; it ")))
    }
}

/// Whether one of the eight base metrics is missing: the arithmetic would take it as harmless.
fn missing_3(v: &cvss::v3::Vector) -> bool {
    let reached = v.av.is_none() || v.ac.is_none() || v.pr.is_none() || v.ui.is_none();
    reached || v.s.is_none() || v.c.is_none() || v.i.is_none() || v.a.is_none()
}

/// Environmental score, else temporal score, else nothing to add to the base score.
fn overall_2(v: &cvss::v2::Vector) -> Option<f64> {
    let environmental =
        v.cdp.is_some() || v.td.is_some() || v.cr.is_some() || v.ir.is_some() || v.ar.is_some();
    let temporal = v.e.is_some() || v.rl.is_some() || v.rc.is_some();
    if environmental {
        Some(v.environmental_score().value())
    } else {
        temporal.then(|| v.temporal_score().value())
    }
}

/// As [`overall_2`]. The environmental equation of 3.1 differs from the base equation even when every modified
/// metric is undefined, so a vector with temporal metrics alone is not put through it. The temporal factors are
/// applied here, with the rounding of 3.1 for both: that of 3.0 leaves it to chance whether 5.0 × 0.92 in
/// floating point is 4.6 or a hair above, and so 4.7.
fn overall_3(v: &cvss::v3::Vector) -> Option<f64> {
    let requirements = v.cr.is_some() || v.ir.is_some() || v.ar.is_some();
    let reached = v.mav.is_some() || v.mac.is_some() || v.mpr.is_some() || v.mui.is_some();
    let touched = v.ms.is_some() || v.mc.is_some() || v.mi.is_some() || v.ma.is_some();
    let environmental = requirements || reached || touched;
    if !environmental && v.e.is_none() && v.rl.is_none() && v.rc.is_none() {
        return None;
    }
    let timeless = cvss::v3::Vector { e: None, rl: None, rc: None, ..v.clone() };
    let score = if environmental { timeless.environmental_score() } else { v.base_score() };
    let by =
        v.e.map_or(1.0, Metric::score) * v.rl.map_or(1.0, Metric::score) * v.rc.map_or(1.0, Metric::score);
    Some(cvss::v3::Score::new(score.value() * by).roundup().value())
}

/// The vector with its base metrics alone.
fn base_4(vector: &str) -> Result<cvss::v4::Vector, cvss::Error> {
    const BASE: [&str; 12] = ["CVSS", "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];
    let own = |part: &&str| {
        part.split_once(':').is_some_and(|(key, _)| BASE.contains(&key.to_uppercase().as_str()))
    };
    vector.split('/').filter(own).collect::<Vec<_>>().join("/").parse()
}

/// Scores are multiples of a tenth from 0 to 10.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100 before")]
fn in_tenths(score: f64) -> u16 {
    (score * 10.0).round().clamp(0.0, 100.0) as u16
}

fn claimed_tenths(text: &str) -> Option<u16> {
    let value: f64 = text.trim().parse().ok()?;
    let scaled = value * 10.0;
    ((0.0..=100.0).contains(&scaled) && (scaled - scaled.round()).abs() < 1e-6).then(|| in_tenths(value))
}

const fn rated(severity: Rated) -> Severity {
    match severity {
        Rated::None => Severity::None,
        Rated::Low => Severity::Low,
        Rated::Medium => Severity::Medium,
        Rated::High => Severity::High,
        Rated::Critical => Severity::Critical,
    }
}

/// Enough of a claimed text to recognise it.
fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(version: &str, vector: &str, base: &str, severity: &str) -> Score {
        Score {
            version: version.into(),
            vector: vector.into(),
            base: base.into(),
            severity: severity.into(),
            products: vec![],
        }
    }

    /// Worked examples of FIRST: CVE-2002-0392 (2.0 guide, with temporal and environmental metrics),
    /// CVE-2013-1937 (3.0 and 3.1 examples), and the highest vector of 4.0.
    #[test]
    fn examples_of_the_standard() {
        let old = computed("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H").unwrap();
        assert_eq!((old.base().as_str(), old.overall().as_deref()), ("7.8", Some("9.2")));
        for version in ["3.0", "3.1"] {
            let new = computed(&format!("CVSS:{version}/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N")).unwrap();
            assert_eq!((new.base().as_str(), new.severity, new.overall()), ("6.1", Severity::Medium, None));
        }
        let worst = computed("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U").unwrap();
        assert_eq!((worst.base().as_str(), worst.overall().as_deref()), ("10.0", Some("9.1")));
    }

    #[test]
    fn a_claim_that_is_not_the_vectors_own_is_named() {
        let vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
        assert_eq!(score("3.1", vector, "9.8", "CRITICAL").disagreement(), None);
        assert_eq!(score("", vector, "", "").disagreement(), None);
        assert_eq!(
            score("3.0", vector, "9.1", "HIGH").disagreement().unwrap(),
            "The document says CVSS 3.0, its vector is of 3.1; it states 9.1, its vector comes to 9.8; it calls \
             it high, its vector comes to critical."
        );
        assert!(score("3.1", "CVSS:3.1/AV:N", "9.8", "").disagreement().unwrap().contains("cannot be read"));
        for broken in
            ["AV:N/AC:L/Au:N/C:P/I:P", "CVSS:4.0/AV:N/AC:L", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"]
        {
            assert!(computed(broken).is_err(), "{broken}");
        }
        assert!(score("3.1", vector, "NaN", "").disagreement().is_some());
        assert_eq!(score("4.0", "", "9.1", "").disagreement(), None, "a number alone cannot be held against");
    }

    proptest! {
        #[test]
        fn any_text_gives_an_answer(text in ".*", tail in "(/[A-Za-z]{1,3}:[A-Za-z]{1,2}){0,30}") {
            let mut long = text.clone();
            long.push_str(&tail);
            for vector in [&text, &long, &format!("CVSS:3.1{tail}"), &format!("CVSS:4.0{tail}")] {
                if let Ok(found) = computed(vector) {
                    prop_assert!(found.base_tenths <= 100 && found.overall_tenths.unwrap_or(0) <= 100);
                }
                let _ = score("3.1", vector, &text, &text).disagreement();
            }
        }

        /// Real vectors with one byte exchanged, dropped or doubled.
        #[test]
        fn a_damaged_vector_gives_an_answer(which in 0..3usize, at in 0..120usize, with in any::<char>(), cut in any::<bool>()) {
            let vector = [
                "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H",
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:U/RL:O/RC:C/CR:H/IR:H/AR:H/MAV:P/MS:X",
                "CVSS:4.0/AV:P/AC:H/AT:P/PR:L/UI:P/VC:H/VI:H/VA:H/SC:L/SI:L/SA:L/E:A/S:P/AU:Y/R:A/V:D/RE:L/U:Red",
            ][which];
            let mut chars: Vec<char> = vector.chars().collect();
            let at = at % chars.len();
            if cut { chars.remove(at); } else { chars[at] = with; }
            let _ = computed(&chars.into_iter().collect::<String>());
        }
    }
}
