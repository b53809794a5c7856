//! Fix versions in prose, taken only where the text says so in plain words.
//!
//! A remedy is free text. Two forms count: *update … to X*, *fixed in X* and their like, and *X … fixes*. A
//! sentence that denies, limits or counts backwards ("not", "partially", "later than X", "X or prior") yields
//! nothing: a fix that was not stated is worse than one that was overlooked.

/// Words of an update that is followed by `to` and the version.
const MOVES: &[&str] =
    &["update", "updates", "updated", "updating", "upgrade", "upgrades", "upgraded", "upgrading", "move"];
/// Words of a repair that is followed by `in` and the version.
const REPAIRED: &[&str] = &[
    "mitigated",
    "fixed",
    "addressed",
    "corrected",
    "resolved",
    "remediated",
    "patched",
    "mitigates",
    "fixes",
    "addresses",
    "corrects",
    "resolves",
    "remediates",
];
/// Words of a repair that follow the version.
const REPAIRS: &[&str] = &[
    "mitigates",
    "fixes",
    "addresses",
    "corrects",
    "resolves",
    "remediates",
    "mitigate",
    "fix",
    "address",
    "correct",
    "resolve",
    "remediate",
];
const DENIALS: &[&str] = &["not", "partially", "partly", "cannot", "unaffected"];
const BACKWARDS: &[&str] = &["than", "prior", "before", "below", "affected", "vulnerable", "until"];
const AND_OLDER: &[&str] = &["prior", "earlier", "lower", "below", "older", "previous", "before"];

/// The versions that `text` says, in plain words, hold the fix; in the order of the text, each once.
#[must_use]
pub fn fixed_versions(text: &str) -> Vec<String> {
    let mut versions = Vec::new();
    for sentence in sentences(text) {
        for version in in_sentence(sentence) {
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
    }
    versions
}

/// Splits at line ends, semicolons, and full stops that a blank follows.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ';']).flat_map(|line| line.split(". ")).map(str::trim).filter(|part| !part.is_empty())
}

/// The fix versions of one sentence.
pub(crate) fn in_sentence(sentence: &str) -> Vec<String> {
    let words: Vec<&str> = sentence.split_whitespace().map(bare).collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    if lower.iter().any(|word| DENIALS.contains(&word.as_str()) || word.ends_with("n't")) {
        return Vec::new();
    }
    let spots = (0..words.len()).filter(|&at| is_version(&words, &lower, at));
    let spots = spots.filter(|&at| !counts_backwards(&lower, at));
    let spots = spots.filter(|&at| stated_before(&lower, at) || stated_after(&lower, at));
    spots.map(|at| with_suffix(&words, at)).collect()
}

/// The one version of a text that is nothing but a name and a version (`Service Tool: v1.10`), with the words
/// of the name, lower case.
pub(crate) fn bare_name_and_version(text: &str) -> Option<(Vec<String>, String)> {
    const LONGEST: usize = 24;
    let plain = without_brackets(text);
    let words: Vec<&str> = plain.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let mut spots = (0..words.len()).filter(|&at| is_version(&words, &lower, at));
    let at = spots.next()?;
    let version = with_suffix(&words, at);
    let rest = words.len() - at - version.split_whitespace().count();
    if spots.next().is_some() || words.len() > LONGEST || rest > 0 || at == 0 {
        return None;
    }
    let name = lower[..at].iter().filter(|word| !is_version_word(word)).cloned().collect();
    Some((name, version))
}

/// Text with everything in round brackets taken out.
pub(crate) fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_alphanumeric())
}

fn is_version_word(word: &str) -> bool {
    matches!(word, "version" | "versions" | "v" | "release" | "build")
}

/// A dotted number, perhaps with a short series before it (`R8.0.4`, `C.03`, `VF10.1`), or anything with a
/// digit right after the word *version*.
fn is_version(words: &[&str], lower: &[String], at: usize) -> bool {
    let word = words[at];
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digit || word.len() > 40 {
        return false;
    }
    if at > 0 && is_version_word(&lower[at - 1]) && word.bytes().all(is_version_byte) {
        return true;
    }
    let first = word.split('.').next().unwrap_or_default();
    let letters = first.bytes().take_while(u8::is_ascii_alphabetic).count();
    let series = letters <= 2 && first.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    word.contains('.') && word.bytes().all(is_version_byte) && series
}

fn is_version_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn counts_backwards(lower: &[String], at: usize) -> bool {
    const REACH: usize = 4;
    let before = &lower[at.saturating_sub(REACH)..at];
    let joined = lower.get(at + 1).is_some_and(|word| word == "or" || word == "and");
    let older = lower.get(at + 2).is_some_and(|word| AND_OLDER.contains(&word.as_str()));
    before.iter().any(|word| BACKWARDS.contains(&word.as_str())) || (joined && older)
}

/// *update … to … X*, *fixed in … X*.
fn stated_before(lower: &[String], at: usize) -> bool {
    const REACH: usize = 9;
    let from = at.saturating_sub(REACH);
    let Some(preposition) = (from..at).rev().find(|&spot| lower[spot] == "to" || lower[spot] == "in") else {
        return false;
    };
    let between = &lower[preposition + 1..at];
    if between.iter().any(|word| BACKWARDS.contains(&word.as_str())) {
        return false;
    }
    let verbs = if lower[preposition] == "to" { MOVES } else { REPAIRED };
    let start = preposition.saturating_sub(REACH);
    lower[start..preposition].iter().any(|word| verbs.contains(&word.as_str()))
}

/// *X … fixes*, with at most a release date and a product between, and no second version.
fn stated_after(lower: &[String], at: usize) -> bool {
    const REACH: usize = 16;
    let end = (at + 1 + REACH).min(lower.len());
    lower[at + 1..end].iter().any(|word| REPAIRS.contains(&word.as_str()))
}

/// The version with a service pack or build that follows it.
fn with_suffix(words: &[&str], at: usize) -> String {
    let version = words[at].trim_start_matches(['v', 'V']).to_owned();
    let next = words.get(at + 1).copied().unwrap_or_default();
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let short = next.len() > 2 && (next.starts_with("SR") || next.starts_with("SP")) && digits(&next[2..]);
    if short {
        return format!("{version} {next}");
    }
    match (next, words.get(at + 2), words.get(at + 3)) {
        ("Service", Some(&"Pack"), Some(number)) if digits(number) => {
            format!("{version} Service Pack {number}")
        }
        ("Build", Some(number), _) if digits(number) => format!("{version} Build {number}"),
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_taken_where_it_is_stated() {
        let found = |text| fixed_versions(text).join(" | ");
        assert_eq!(found("The maker recommends updating Viewer Pro to v12.2.6."), "12.2.6");
        assert_eq!(
            found("Users of Version R8.0.3 or prior: we will update the devices to R8.0.4."),
            "R8.0.4"
        );
        assert_eq!(
            found("Version 12.2.1.5 was released in June for Motion and remediates CWE-1."),
            "12.2.1.5"
        );
        assert_eq!(
            found("Suite v4.20 SR2 will be released in June 2022 and will remediate this."),
            "4.20 SR2"
        );
        assert_eq!(found("For 2.x or prior this has been mitigated in Suite 3.1."), "3.1");
    }

    #[test]
    fn a_fix_is_not_taken_where_it_is_not_stated() {
        let none = |text: &str| assert_eq!(fixed_versions(text), Vec::<String>::new(), "{text}");
        none("Update to a version later than Version 2.2.3 where possible.");
        none("Version 12.1.3 partially remediates the flaw.");
        none("Upgrading to 2.4 does not remediate the flaw.");
        none("Affected are versions 4.1 and prior.");
        none("We will release a fix with a low score of 3.7 in Q3 2023.");
    }

    #[test]
    fn a_name_with_a_version_is_seen_whole() {
        let (name, version) =
            bare_name_and_version("Central Station (CS): v1.8.4 Service Pack 01 (released 2022)").unwrap();
        assert_eq!((name.join(" ").as_str(), version.as_str()), ("central station", "1.8.4 Service Pack 01"));
        assert_eq!(bare_name_and_version("Station 1.8 and Monitor 2.4"), None);
        assert_eq!(bare_name_and_version("Monitor Version 4.1: contact support"), None);
    }
}
