//! Answers to MITRE's rubric for CVSS on medical devices, as fields: who scored a flaw by it keeps question ids, answers and
//! the vector they came to. The rubric's own text and its way from answers to metrics are not here, so nothing is worked
//! out of the answers, and they decide nothing.

use std::collections::BTreeMap;
use std::fmt;
use tallyward_core::cvss;

/// Ids of the rubric's questions, in its order.
pub const QUESTIONS: [&str; 31] = [
    "XAVN", "XAVT", "XAVW", "XAVR", "XAVP", "XAVPA", "XACL", "XPRL", "XPRZ", "XPRS", "XUI", "XS", "XCP",
    "XCPM", "XCD", "XCT", "XCW", "XCS", "XCO", "XIP", "XID", "XIT", "XIW", "XIS", "XIO", "XAP", "XAD", "XAT",
    "XAW", "XAS", "XAO",
];

/// A filled rubric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rubric {
    edition: String,
    /// Place in [`QUESTIONS`] and answer.
    answers: BTreeMap<usize, String>,
    vector: String,
    base: String,
}

impl Rubric {
    /// Reads words between blanks: `edition=2020-10`, `XAVN=yes` (or `no`, `unknown`) and a CVSS 3.0 vector, each once.
    ///
    /// # Errors
    /// Names the word that cannot be used.
    pub fn read(text: &str) -> Result<Self, String> {
        let (mut edition, mut vector, mut answers) = (None, None, BTreeMap::new());
        for word in text.split([' ', '\t', '\r', '\n', ',', ';']).filter(|word| !word.is_empty()) {
            let twice = || format!("{word:?}: it is there twice");
            if word.starts_with("CVSS:") {
                let computed = cvss::computed(word).map_err(|why| format!("{word:?}: {why}"))?;
                if computed.version != "3.0" {
                    return Err(format!("{word:?}: the rubric is for CVSS 3.0"));
                }
                if vector.replace((word.to_owned(), computed.base())).is_some() {
                    return Err(twice());
                }
                continue;
            }
            let (name, value) = word
                .split_once('=')
                .ok_or_else(|| format!("{word:?}: expected a question and its answer, such as XAVN=yes"))?;
            if name == "edition" {
                if value.is_empty() || value.len() > 40 || edition.replace(value.to_owned()).is_some() {
                    return Err(format!("{word:?}: expected the edition once, such as edition=2020-10"));
                }
                continue;
            }
            let at = QUESTIONS.iter().position(|known| known.eq_ignore_ascii_case(name));
            let at = at.ok_or_else(|| format!("{word:?}: the rubric has no question {name}"))?;
            let value = value.to_ascii_lowercase();
            if !["yes", "no", "unknown"].contains(&value.as_str()) {
                return Err(format!("{word:?}: expected yes, no or unknown"));
            }
            if answers.insert(at, value).is_some() {
                return Err(twice());
            }
        }
        let (vector, base) = vector.ok_or("the CVSS 3.0 vector the answers came to is missing")?;
        let edition = edition.ok_or("the edition of the rubric is missing, such as edition=2020-10")?;
        if answers.is_empty() {
            return Err("no question is answered".to_owned());
        }
        Ok(Self { edition, answers, vector, base })
    }

    /// In a sentence, with what is not answered counted as not known.
    #[must_use]
    pub fn sentence(&self) -> String {
        let said = |word: &str| -> Vec<&str> {
            let fits = self.answers.iter().filter(|(_, answer)| *answer == word);
            fits.map(|(at, _)| QUESTIONS[*at]).collect()
        };
        let (yes, no) = (said("yes"), said("no"));
        let open = QUESTIONS.len() - yes.len() - no.len();
        let list = |word: &str, ids: &[&str]| {
            if ids.is_empty() { String::new() } else { format!(" {word}: {}.", ids.join(", ")) }
        };
        format!(
            "MITRE's rubric for medical devices (edition {}), CVSS 3.0 base {} ({}).{}{} Not answered, so not known: {open} of {}.",
            self.edition,
            self.base,
            self.vector,
            list("Yes", &yes),
            list("No", &no),
            QUESTIONS.len()
        )
    }
}

impl fmt::Display for Rubric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "edition={}", self.edition)?;
        for (at, answer) in &self.answers {
            write!(out, " {}={answer}", QUESTIONS[*at])?;
        }
        write!(out, " {}", self.vector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VECTOR: &str = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H";

    #[test]
    fn answers_edition_and_vector_are_kept_and_the_rest_is_not_known() {
        let rubric =
            Rubric::read(&format!("{VECTOR}, xavn=Yes XACL=no XUI=unknown edition=2020-10")).unwrap();
        assert_eq!(rubric.to_string(), format!("edition=2020-10 XAVN=yes XACL=no XUI=unknown {VECTOR}"));
        assert_eq!(
            rubric.sentence(),
            format!(
                "MITRE's rubric for medical devices (edition 2020-10), CVSS 3.0 base 9.1 ({VECTOR}). Yes: XAVN. No: XACL. \
                 Not answered, so not known: 29 of 31."
            )
        );
    }

    #[test]
    fn a_word_that_cannot_be_used_is_named() {
        let whole = format!("edition=2020-10 XAVN=yes {VECTOR}");
        for (more, why) in [
            ("XAVN=no", "twice"),
            ("XQQ=yes", "no question XQQ"),
            ("XACL=perhaps", "expected yes, no or unknown"),
            ("hello", "\"hello\""),
            ("edition=2021", "once"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H", "for CVSS 3.0"),
            ("CVSS:3.0/AV:N", "CVSS:3.0/AV:N"),
        ] {
            let told = Rubric::read(&format!("{whole} {more}")).unwrap_err();
            assert!(told.contains(why), "{more}: {told}");
        }
        assert!(Rubric::read("edition=1 XAVN=yes").unwrap_err().contains("vector"));
        assert!(Rubric::read(&format!("XAVN=yes {VECTOR}")).unwrap_err().contains("edition"));
        assert!(
            Rubric::read(&format!("edition=1 {VECTOR}")).unwrap_err().contains("no question is answered")
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_again_alike(picks in prop::collection::btree_map(0..QUESTIONS.len(), 0..3_usize, 1..31), text in ".{0,60}") {
            let words: Vec<String> =
                picks.iter().map(|(at, answer)| format!("{}={}", QUESTIONS[*at], ["yes", "no", "unknown"][*answer])).collect();
            let rubric = Rubric::read(&format!("{} edition=x {VECTOR}", words.join(" "))).unwrap();
            prop_assert_eq!(&Rubric::read(&rubric.to_string()).unwrap(), &rubric);
            let _ = Rubric::read(&text);
        }
    }
}
