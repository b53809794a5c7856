//! The words of the language, read once from `data/words.csv`: which phrase plays which role.

use std::collections::HashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/words.csv");

/// The longest phrase of the table, in words.
pub(crate) const LONGEST: usize = 5;

/// The part a phrase plays. One phrase may play several ("through" is a bound and the middle of a range).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Below,
    UpTo,
    Above,
    From,
    Between,
    To,
    AndBelow,
    AndAbove,
    TrailingAbove,
    TrailingBelow,
    Noise,
    Everything,
    LabelVersion,
    LabelSoftware,
    LabelHardware,
    LabelModel,
    LabelPart,
    LabelSerial,
    Manufactured,
    Distributed,
    Released,
    Subject,
    Os,
    Condition,
    Settles,
    Remark,
    Exclusion,
    None,
    Junk,
    CellLabel,
    TagBuild,
    TagServicePack,
    TagServiceRelease,
    TagMaintenanceRelease,
    TagHotfix,
    TagPatch,
    TagUpdate,
    Pre,
    Widening,
    Edition,
    Component,
}

const NAMES: &[(&str, Role)] = &[
    ("below", Role::Below),
    ("up-to", Role::UpTo),
    ("above", Role::Above),
    ("from", Role::From),
    ("between", Role::Between),
    ("to", Role::To),
    ("and-below", Role::AndBelow),
    ("and-above", Role::AndAbove),
    ("trailing-above", Role::TrailingAbove),
    ("trailing-below", Role::TrailingBelow),
    ("noise", Role::Noise),
    ("everything", Role::Everything),
    ("label-version", Role::LabelVersion),
    ("label-software", Role::LabelSoftware),
    ("label-hardware", Role::LabelHardware),
    ("label-model", Role::LabelModel),
    ("label-part", Role::LabelPart),
    ("label-serial", Role::LabelSerial),
    ("manufactured", Role::Manufactured),
    ("distributed", Role::Distributed),
    ("released", Role::Released),
    ("subject", Role::Subject),
    ("os", Role::Os),
    ("condition", Role::Condition),
    ("settles", Role::Settles),
    ("remark", Role::Remark),
    ("exclusion", Role::Exclusion),
    ("none", Role::None),
    ("junk", Role::Junk),
    ("cell-label", Role::CellLabel),
    ("tag-build", Role::TagBuild),
    ("tag-service-pack", Role::TagServicePack),
    ("tag-service-release", Role::TagServiceRelease),
    ("tag-maintenance-release", Role::TagMaintenanceRelease),
    ("tag-hotfix", Role::TagHotfix),
    ("tag-patch", Role::TagPatch),
    ("tag-update", Role::TagUpdate),
    ("pre", Role::Pre),
    ("widening", Role::Widening),
    ("edition", Role::Edition),
    ("component", Role::Component),
];

static WORDS: LazyLock<HashMap<&'static str, Vec<Role>>> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Vec<Role>> = HashMap::new();
    for (role, phrase) in rows() {
        words.entry(phrase).or_default().push(role);
    }
    words
});

fn rows() -> impl Iterator<Item = (Role, &'static str)> {
    TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).filter_map(|line| {
        let (name, phrase) = line.split_once(';')?;
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, role)| (*role, phrase))
    })
}

/// Whether `phrase` (lower case, single blanks) plays `role`.
pub(crate) fn is(phrase: &str, role: Role) -> bool {
    WORDS.get(phrase).is_some_and(|roles| roles.contains(&role))
}

static PHRASES: LazyLock<HashMap<Role, Vec<&'static str>>> = LazyLock::new(|| {
    let mut phrases: HashMap<Role, Vec<&'static str>> = HashMap::new();
    for (role, phrase) in rows() {
        phrases.entry(role).or_default().push(phrase);
    }
    phrases
});

/// The phrases that play `role`, in the order of the table.
pub(crate) fn phrases(role: Role) -> impl Iterator<Item = &'static str> {
    PHRASES.get(&role).into_iter().flatten().copied()
}

/// Lower case, runs of white space as one blank, ends trimmed: how texts are held against each other.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

/// Whether `text` (folded) holds `phrase` as whole words.
pub(crate) fn holds(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_names_a_known_role_and_no_phrase_is_too_long() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(rows().count(), lines);
        for (_, phrase) in rows() {
            assert_eq!(fold(phrase), phrase);
            assert!(phrase.split(' ').count() <= LONGEST, "{phrase}");
        }
    }
}
