//! CVSS 3.0 and 3.1: the vector, and the three scores computed from it.

use super::metric::{Metric, Scores, Vector};

type Values = &'static [(&'static str, &'static str, f64)];

const CIA: Values = &[("N", "NONE", 0.0), ("L", "LOW", 0.22), ("H", "HIGH", 0.56)];
const REQUIREMENT: Values =
    &[("X", "NOT_DEFINED", 1.0), ("L", "LOW", 0.5), ("M", "MEDIUM", 1.0), ("H", "HIGH", 1.5)];
const M_CIA: Values =
    &[("X", "NOT_DEFINED", 0.0), ("N", "NONE", 0.0), ("L", "LOW", 0.22), ("H", "HIGH", 0.56)];

const fn metric(letters: &'static str, member: &'static str, values: Values) -> Metric {
    Metric { letters, member, values }
}

/// The weight of `PR` for an unchanged scope; [`privileges`] has the other.
pub(super) static METRICS: &[Metric] = &[
    metric(
        "AV",
        "attackVector",
        &[
            ("N", "NETWORK", 0.85),
            ("A", "ADJACENT_NETWORK", 0.62),
            ("L", "LOCAL", 0.55),
            ("P", "PHYSICAL", 0.2),
        ],
    ),
    metric("AC", "attackComplexity", &[("L", "LOW", 0.77), ("H", "HIGH", 0.44)]),
    metric("PR", "privilegesRequired", &[("N", "NONE", 0.85), ("L", "LOW", 0.62), ("H", "HIGH", 0.27)]),
    metric("UI", "userInteraction", &[("N", "NONE", 0.85), ("R", "REQUIRED", 0.62)]),
    metric("S", "scope", &[("U", "UNCHANGED", 0.0), ("C", "CHANGED", 0.0)]),
    metric("C", "confidentialityImpact", CIA),
    metric("I", "integrityImpact", CIA),
    metric("A", "availabilityImpact", CIA),
    metric(
        "E",
        "exploitCodeMaturity",
        &[
            ("X", "NOT_DEFINED", 1.0),
            ("U", "UNPROVEN", 0.91),
            ("P", "PROOF_OF_CONCEPT", 0.94),
            ("F", "FUNCTIONAL", 0.97),
            ("H", "HIGH", 1.0),
        ],
    ),
    metric(
        "RL",
        "remediationLevel",
        &[
            ("X", "NOT_DEFINED", 1.0),
            ("O", "OFFICIAL_FIX", 0.95),
            ("T", "TEMPORARY_FIX", 0.96),
            ("W", "WORKAROUND", 0.97),
            ("U", "UNAVAILABLE", 1.0),
        ],
    ),
    metric(
        "RC",
        "reportConfidence",
        &[
            ("X", "NOT_DEFINED", 1.0),
            ("U", "UNKNOWN", 0.92),
            ("R", "REASONABLE", 0.96),
            ("C", "CONFIRMED", 1.0),
        ],
    ),
    metric("CR", "confidentialityRequirement", REQUIREMENT),
    metric("IR", "integrityRequirement", REQUIREMENT),
    metric("AR", "availabilityRequirement", REQUIREMENT),
    metric(
        "MAV",
        "modifiedAttackVector",
        &[
            ("X", "NOT_DEFINED", 0.0),
            ("N", "NETWORK", 0.85),
            ("A", "ADJACENT_NETWORK", 0.62),
            ("L", "LOCAL", 0.55),
            ("P", "PHYSICAL", 0.2),
        ],
    ),
    metric(
        "MAC",
        "modifiedAttackComplexity",
        &[("X", "NOT_DEFINED", 0.0), ("L", "LOW", 0.77), ("H", "HIGH", 0.44)],
    ),
    metric(
        "MPR",
        "modifiedPrivilegesRequired",
        &[("X", "NOT_DEFINED", 0.0), ("N", "NONE", 0.85), ("L", "LOW", 0.62), ("H", "HIGH", 0.27)],
    ),
    metric(
        "MUI",
        "modifiedUserInteraction",
        &[("X", "NOT_DEFINED", 0.0), ("N", "NONE", 0.85), ("R", "REQUIRED", 0.62)],
    ),
    metric(
        "MS",
        "modifiedScope",
        &[("X", "NOT_DEFINED", 0.0), ("U", "UNCHANGED", 0.0), ("C", "CHANGED", 0.0)],
    ),
    metric("MC", "modifiedConfidentialityImpact", M_CIA),
    metric("MI", "modifiedIntegrityImpact", M_CIA),
    metric("MA", "modifiedAvailabilityImpact", M_CIA),
];

/// The two versions, which differ in rounding and in the modified impact.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    /// CVSS 3.0.
    Zero,
    /// CVSS 3.1.
    One,
}

pub(super) fn is_vector_30(text: &str) -> bool {
    read(text, Edition::Zero).is_some()
}

pub(super) fn is_vector_31(text: &str) -> bool {
    read(text, Edition::One).is_some()
}

/// The metrics of a vector with its prefix.
pub(super) fn read(text: &str, edition: Edition) -> Option<Vector<'_>> {
    let prefix = if edition == Edition::Zero { "CVSS:3.0/" } else { "CVSS:3.1/" };
    Vector::read(text.strip_prefix(prefix)?, METRICS)
}

/// The scores; `None` when the vector lacks a base metric or has a metric twice.
pub(super) fn scores(text: &str, edition: Edition) -> Option<Scores> {
    let vector = read(text, edition).filter(Vector::each_once)?;
    let weight = |letters| vector.weight(letters);
    let changed = vector.value("S")? == "C";
    let privileges = privileges(vector.value("PR")?, changed);
    let exploitability = 8.22 * weight("AV")? * weight("AC")? * privileges * weight("UI")?;
    let lost = 1.0 - (1.0 - weight("C")?) * (1.0 - weight("I")?) * (1.0 - weight("A")?);
    let impact = if changed { 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02).powi(15) } else { 6.42 * lost };
    let temporal_factor = weight("E")? * weight("RL")? * weight("RC")?;
    let base = together(impact, exploitability, changed, edition);
    let modified = modified(&vector, edition)?;
    Some(Scores {
        base,
        temporal: round_up(base * temporal_factor, edition),
        environmental: round_up(modified * temporal_factor, edition),
    })
}

fn privileges(value: &str, changed: bool) -> f64 {
    match (value, changed) {
        ("N", _) => 0.85,
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        (_, false) => 0.27,
        (_, true) => 0.5,
    }
}

fn together(impact: f64, exploitability: f64, changed: bool, edition: Edition) -> f64 {
    if impact <= 0.0 {
        return 0.0;
    }
    let sum = impact + exploitability;
    round_up((if changed { 1.08 * sum } else { sum }).min(10.0), edition)
}

/// The base score with the modified metrics in place of the base ones, before the temporal factor.
fn modified(vector: &Vector<'_>, edition: Edition) -> Option<f64> {
    let own = |letters: &str| vector.value(letters).filter(|value| *value != "X");
    let weight =
        |modified: &str, base: &str| vector.weight(if own(modified).is_some() { modified } else { base });
    let changed = own("MS").or(vector.value("S"))? == "C";
    let privileges = privileges(own("MPR").or(vector.value("PR"))?, changed);
    let exploitability =
        8.22 * weight("MAV", "AV")? * weight("MAC", "AC")? * privileges * weight("MUI", "UI")?;
    let kept = (1.0 - weight("MC", "C")? * vector.weight("CR")?)
        * (1.0 - weight("MI", "I")? * vector.weight("IR")?)
        * (1.0 - weight("MA", "A")? * vector.weight("AR")?);
    let lost = (1.0 - kept).min(0.915);
    let impact = match (changed, edition) {
        (false, _) => 6.42 * lost,
        (true, Edition::Zero) => 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02).powi(15),
        (true, Edition::One) => 7.52 * (lost - 0.029) - 3.25 * (lost * 0.9731 - 0.02).powi(13),
    };
    Some(together(impact, exploitability, changed, edition))
}

/// Up to the next tenth. CVSS 3.1 first drops what floating point left behind the fifth decimal (appendix A).
fn round_up(score: f64, edition: Edition) -> f64 {
    match edition {
        Edition::Zero => (score * 10.0).ceil() / 10.0,
        Edition::One => {
            let fine = (score * 100_000.0).round();
            let whole = fine % 10_000.0 == 0.0;
            if whole { fine / 100_000.0 } else { ((fine / 10_000.0).floor() + 1.0) / 10.0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_scores() {
        let one = |text| scores(text, Edition::One).unwrap();
        assert_eq!(one("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H").base, 9.8);
        assert_eq!(one("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N").base, 6.4);
        assert_eq!(one("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N").base, 0.0);
        let all = one("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C/MAV:L/CR:L");
        assert_eq!((all.base, all.temporal), (9.8, 8.8));
        assert!(scores("CVSS:3.1/AV:N", Edition::One).is_none() && is_vector_31("CVSS:3.1/AV:N"));
        assert!(!is_vector_30("CVSS:3.1/AV:N") && !is_vector_31("CVSS:3.1/AV:Z"));
    }
}
