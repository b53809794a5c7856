//! Tables of DICOM: what an implementation class UID and an SOP class mean.
//!
//! Both are data (`data/dicom_implementations.csv`, `data/dicom_sop_classes.csv`) and matched on the longest dotted prefix, never
//! on a plain string prefix: `1.2.840.1136190` is not under `1.2.840.113619`.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What a service class is for, as far as it tells a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    Storage,
    Query,
    Retrieve,
    Worklist,
    PerformedStep,
    Commitment,
    Print,
    Other,
}

/// Who or what an implementation class UID names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Implementation {
    /// Whether it names a library used by many makers, which says nothing of the maker.
    pub toolkit: bool,
    /// The library or maker.
    pub name: &'static str,
}

static IMPLEMENTATIONS: LazyLock<FxHashMap<&'static str, Implementation>> = LazyLock::new(|| {
    rows(include_str!("../../data/dicom_implementations.csv"))
        .filter_map(|row| match row[..] {
            [prefix, kind, name, ..] => Some((prefix, Implementation { toolkit: kind == "toolkit", name })),
            _ => None,
        })
        .collect()
});

static CLASSES: LazyLock<FxHashMap<&'static str, Class>> = LazyLock::new(|| {
    rows(include_str!("../../data/dicom_sop_classes.csv"))
        .filter_map(|row| match row[..] {
            [prefix, kind, ..] => Some((prefix, class_named(kind)?)),
            _ => None,
        })
        .collect()
});

fn class_named(code: &str) -> Option<Class> {
    Some(match code {
        "storage" => Class::Storage,
        "query" => Class::Query,
        "retrieve" => Class::Retrieve,
        "worklist" => Class::Worklist,
        "performed_step" => Class::PerformedStep,
        "commitment" => Class::Commitment,
        "print" => Class::Print,
        "other" => Class::Other,
        _ => return None,
    })
}

/// Rows of one of our own tables: no quoting, `#` begins a remark, the first row names the columns.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .skip(1)
        .map(|line| line.split(',').collect())
}

fn longest<T: Copy>(table: &FxHashMap<&'static str, T>, uid: &str) -> Option<T> {
    let mut prefix = uid;
    loop {
        if let Some(found) = table.get(prefix) {
            return Some(*found);
        }
        prefix = &prefix[..prefix.rfind('.')?];
    }
}

/// Who is behind an implementation class UID.
pub(crate) fn implementation(uid: &str) -> Option<Implementation> {
    longest(&IMPLEMENTATIONS, uid)
}

/// What an SOP class is for.
pub(crate) fn class(uid: &str) -> Class {
    longest(&CLASSES, uid).unwrap_or(Class::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_dot() {
        let ge = implementation("1.2.840.113619.6.144").unwrap();
        assert!(!ge.toolkit && ge.name.starts_with("GE"));
        assert_eq!(implementation("1.2.840.1136190.6"), None);
        assert!(implementation("1.2.276.0.7230010.3.0.3.6.7").unwrap().toolkit);
    }

    #[test]
    fn every_row_of_both_tables_is_read() {
        for (table, read) in [
            (include_str!("../../data/dicom_implementations.csv"), IMPLEMENTATIONS.len()),
            (include_str!("../../data/dicom_sop_classes.csv"), CLASSES.len()),
        ] {
            assert_eq!(rows(table).count(), read);
            let width = table.lines().find(|line| !line.starts_with('#')).unwrap().split(',').count();
            assert!(rows(table).all(|row| row.len() == width));
        }
    }

    #[test]
    fn services_are_told_apart() {
        assert_eq!(class("1.2.840.10008.5.1.4.1.1.2"), Class::Storage);
        assert_eq!(class("1.2.840.10008.5.1.4.31"), Class::Worklist);
        assert_eq!(class("1.2.840.10008.5.1.4.1.2.2.1"), Class::Query);
        assert_eq!(class("1.2.840.10008.5.1.4.1.2.2.2"), Class::Retrieve);
        assert_eq!(class("1.2.840.10008.1.1"), Class::Other);
    }
}
