//! What goes back to the CMMS: security status by asset number.

use crate::table::Table;
use serde::{Deserialize, Serialize};

/// One device, as the engineer who works in the CMMS needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CmmsRow {
    /// Asset number, the key; a device without one cannot be matched there and is left out.
    pub asset_tag: String,
    /// Security status in words.
    pub security_status: String,
    /// Findings with the verdict affected.
    pub affected: u64,
    /// Findings with the verdict unknown.
    pub unknown: u64,
    /// Findings with the verdict not affected.
    pub not_affected: u64,
    /// Patch level, with when and by whom.
    pub patch_status: String,
    /// The next thing to do; empty for nothing.
    pub open_action: String,
    /// When this held, RFC 3339 in UTC.
    pub as_of: String,
}

/// The export: one line an asset number, ordered by it, with the number of devices left out because they have
/// none. Two devices with one asset number are both given, since neither can be dropped on a guess.
#[must_use]
pub fn cmms_csv(rows: &[CmmsRow]) -> (String, usize) {
    let mut table = Table::new(&[
        "asset_number",
        "security_status",
        "affected",
        "unknown",
        "not_affected",
        "patch_status",
        "open_action",
        "as_of",
    ]);
    let mut named: Vec<&CmmsRow> = rows.iter().filter(|row| !row.asset_tag.trim().is_empty()).collect();
    named.sort_by(|a, b| a.asset_tag.cmp(&b.asset_tag));
    for row in &named {
        let counts = [row.affected, row.unknown, row.not_affected].map(|count| count.to_string());
        let [affected, unknown, not_affected] = counts;
        table.push([
            row.asset_tag.clone(),
            row.security_status.clone(),
            affected,
            unknown,
            not_affected,
            row.patch_status.clone(),
            row.open_action.clone(),
            row.as_of.clone(),
        ]);
    }
    (table.to_csv(), rows.len() - named.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_keyed_by_asset_number() {
        let row = |tag: &str, status: &str| CmmsRow {
            asset_tag: tag.into(),
            security_status: status.into(),
            affected: 1,
            open_action: "+ read the version".into(),
            as_of: "2026-11-23T15:04:00Z".into(),
            ..CmmsRow::default()
        };
        let (text, left_out) =
            cmms_csv(&[row("B", "clear"), row("", "affected"), row("A", "unknown (software version)")]);
        assert_eq!(left_out, 1);
        insta::assert_snapshot!(text.replace('\r', ""), @r#"
    asset_number,security_status,affected,unknown,not_affected,patch_status,open_action,as_of
    A,unknown (software version),1,0,0,,'+ read the version,2026-11-23T15:04:00Z
    B,clear,1,0,0,,'+ read the version,2026-11-23T15:04:00Z
    "#);
    }
}
