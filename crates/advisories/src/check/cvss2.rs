//! CVSS 2.0: the vector, and the three scores computed from it.

use super::metric::{Metric, Scores, Vector};

const CIA: &[(&str, &str, f64)] = &[("N", "NONE", 0.0), ("P", "PARTIAL", 0.275), ("C", "COMPLETE", 0.660)];
const REQUIREMENT: &[(&str, &str, f64)] =
    &[("L", "LOW", 0.5), ("M", "MEDIUM", 1.0), ("H", "HIGH", 1.51), ("ND", "NOT_DEFINED", 1.0)];

const fn metric(
    letters: &'static str,
    member: &'static str,
    values: &'static [(&'static str, &'static str, f64)],
) -> Metric {
    Metric { letters, member, values }
}

pub(super) static METRICS: &[Metric] = &[
    metric(
        "AV",
        "accessVector",
        &[("L", "LOCAL", 0.395), ("A", "ADJACENT_NETWORK", 0.646), ("N", "NETWORK", 1.0)],
    ),
    metric("AC", "accessComplexity", &[("H", "HIGH", 0.35), ("M", "MEDIUM", 0.61), ("L", "LOW", 0.71)]),
    metric("Au", "authentication", &[("M", "MULTIPLE", 0.45), ("S", "SINGLE", 0.56), ("N", "NONE", 0.704)]),
    metric("C", "confidentialityImpact", CIA),
    metric("I", "integrityImpact", CIA),
    metric("A", "availabilityImpact", CIA),
    metric(
        "E",
        "exploitability",
        &[
            ("U", "UNPROVEN", 0.85),
            ("POC", "PROOF_OF_CONCEPT", 0.9),
            ("F", "FUNCTIONAL", 0.95),
            ("H", "HIGH", 1.0),
            ("ND", "NOT_DEFINED", 1.0),
        ],
    ),
    metric(
        "RL",
        "remediationLevel",
        &[
            ("OF", "OFFICIAL_FIX", 0.87),
            ("TF", "TEMPORARY_FIX", 0.9),
            ("W", "WORKAROUND", 0.95),
            ("U", "UNAVAILABLE", 1.0),
            ("ND", "NOT_DEFINED", 1.0),
        ],
    ),
    metric(
        "RC",
        "reportConfidence",
        &[
            ("UC", "UNCONFIRMED", 0.9),
            ("UR", "UNCORROBORATED", 0.95),
            ("C", "CONFIRMED", 1.0),
            ("ND", "NOT_DEFINED", 1.0),
        ],
    ),
    metric(
        "CDP",
        "collateralDamagePotential",
        &[
            ("N", "NONE", 0.0),
            ("L", "LOW", 0.1),
            ("LM", "LOW_MEDIUM", 0.3),
            ("MH", "MEDIUM_HIGH", 0.4),
            ("H", "HIGH", 0.5),
            ("ND", "NOT_DEFINED", 0.0),
        ],
    ),
    metric(
        "TD",
        "targetDistribution",
        &[
            ("N", "NONE", 0.0),
            ("L", "LOW", 0.25),
            ("M", "MEDIUM", 0.75),
            ("H", "HIGH", 1.0),
            ("ND", "NOT_DEFINED", 1.0),
        ],
    ),
    metric("CR", "confidentialityRequirement", REQUIREMENT),
    metric("IR", "integrityRequirement", REQUIREMENT),
    metric("AR", "availabilityRequirement", REQUIREMENT),
];

pub(super) fn is_vector(text: &str) -> bool {
    Vector::read(text, METRICS).is_some()
}

/// The scores; `None` when the vector lacks a base metric or has a metric twice.
pub(super) fn scores(text: &str) -> Option<Scores> {
    let vector = Vector::read(text, METRICS).filter(Vector::each_once)?;
    let weight = |letters| vector.weight(letters);
    let exploitability = 20.0 * weight("AV")? * weight("AC")? * weight("Au")?;
    let (confidentiality, integrity, availability) = (weight("C")?, weight("I")?, weight("A")?);
    let impact = 10.41 * (1.0 - (1.0 - confidentiality) * (1.0 - integrity) * (1.0 - availability));
    let kept = (1.0 - confidentiality * weight("CR")?)
        * (1.0 - integrity * weight("IR")?)
        * (1.0 - availability * weight("AR")?);
    let adjusted = (10.41 * (1.0 - kept)).min(10.0);
    let temporal_factor = weight("E")? * weight("RL")? * weight("RC")?;
    let base = base_of(impact, exploitability);
    let adjusted = tenth(base_of(adjusted, exploitability) * temporal_factor);
    Some(Scores {
        base,
        temporal: tenth(base * temporal_factor),
        environmental: tenth((adjusted + (10.0 - adjusted) * weight("CDP")?) * weight("TD")?),
    })
}

fn base_of(impact: f64, exploitability: f64) -> f64 {
    let factor = if impact == 0.0 { 0.0 } else { 1.176 };
    tenth((0.6 * impact + 0.4 * exploitability - 1.5) * factor)
}

fn tenth(score: f64) -> f64 {
    (score * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three examples of the guide to CVSS 2.0 (sections 3.3.1 to 3.3.3).
    #[test]
    fn examples_of_the_guide() {
        let all = |text| scores(text).unwrap();
        let apache = all("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H");
        assert_eq!(apache, Scores { base: 7.8, temporal: 6.4, environmental: 9.2 });
        let ms03 = all("AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L");
        assert_eq!((ms03.base, ms03.temporal), (10.0, 8.3));
        assert_eq!(all("AV:L/AC:H/Au:N/C:C/I:C/A:C").base, 6.2);
        assert!(scores("AV:N/AC:L/Au:N/C:N/I:N").is_none() && !is_vector("AV:X"));
    }
}
