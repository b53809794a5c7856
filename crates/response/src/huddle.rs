//! The daily huddle sheet of a unit: one line an item, read out in a minute.

use crate::axis::Channel;
use crate::class::DeviceClass;
use crate::draft::Instruction;
use crate::plain;
use crate::tables::Tables;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tallyward_core::{Tier, Unit};

/// Longest line, in characters.
const MAX: usize = 130;

/// Something the unit should hear of at its huddle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HuddleItem {
    /// Advisory it comes from; with the class it tells items apart.
    pub advisory: String,
    /// Tier.
    pub tier: Tier,
    /// Where triage sent it: only [`Channel::Notice`] and [`Channel::Huddle`] stand on the sheet.
    pub channel: Channel,
    /// Device class.
    pub class: DeviceClass,
    /// How many devices of the unit.
    pub count: u32,
    /// Model or models, as on the label.
    pub models: String,
    /// Keep using it or not.
    pub instruction: Instruction,
    /// Whether the unit has acknowledged a notice on it; none when no notice was sent.
    pub acknowledged: Option<bool>,
}

/// One line of the sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HuddleLine {
    /// Tier, for the mark beside the line.
    pub tier: Tier,
    /// The tier's name.
    pub name: String,
    /// The line.
    pub text: String,
}

/// The sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HuddleSheet {
    /// Title.
    pub title: String,
    /// As of when, with the zone.
    pub as_of: String,
    /// The lines, most urgent first. Empty: nothing for today.
    pub lines: Vec<HuddleLine>,
}

impl HuddleSheet {
    /// As plain text, for print or mail.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\nAs of {}\n", self.title, self.as_of);
        if self.lines.is_empty() {
            out.push_str("Nothing for today.\n");
        }
        for line in &self.lines {
            out.push_str(&format!("[ ] {}: {}\n", line.name, line.text));
        }
        out
    }
}

/// Works out the sheet of a unit; `as_of` is the time written out with its zone. Items of the same advisory and
/// class are one line.
#[must_use]
pub fn huddle(tables: &Tables, unit: &Unit, as_of: &str, items: &[HuddleItem]) -> HuddleSheet {
    let mut items: Vec<&HuddleItem> =
        items.iter().filter(|item| matches!(item.channel, Channel::Notice | Channel::Huddle)).collect();
    items.sort_by(|a, b| {
        (a.tier, a.class, &a.advisory, &a.models).cmp(&(b.tier, b.class, &b.advisory, &b.models))
    });
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert((item.advisory.as_str(), item.class)));
    let lines = items.into_iter().map(|item| line(tables, item)).collect();
    let name = plain::line(if unit.name.trim().is_empty() { &unit.code } else { &unit.name }, 60);
    HuddleSheet { title: format!("Device huddle: {name}"), as_of: plain::line(as_of, 60), lines }
}

fn line(tables: &Tables, item: &HuddleItem) -> HuddleLine {
    let row = tables.class(item.class);
    let what = if item.count == 1 { &row.one } else { &row.many };
    let use_it = match &item.instruction {
        Instruction::KeepUsing { by, .. } => format!("Keep using. {} says so.", by.plain()),
        Instruction::UseWithCare { by, .. } => format!("Use with care. {} says so.", by.plain()),
        Instruction::StopAndSwap { by, .. } => format!("Swap for a spare. {} says so.", by.plain()),
        Instruction::NoneYet { .. } => "Keep using or not: no word yet.".to_owned(),
    };
    let status = match item.acknowledged {
        Some(true) => " Notice answered.",
        Some(false) => " Notice not answered yet.",
        None => "",
    };
    let room = MAX.saturating_sub(use_it.chars().count() + status.len() + what.chars().count() + 12);
    let models = plain::line(&item.models, room.max(16));
    HuddleLine {
        tier: item.tier,
        name: tables.rung(item.tier).name.clone(),
        text: format!("{} {what} ({models}). {use_it}{status}", item.count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Authority;

    fn item(advisory: &str, tier: Tier, channel: Channel, class: DeviceClass) -> HuddleItem {
        HuddleItem {
            advisory: advisory.into(),
            tier,
            channel,
            class,
            count: 2,
            models: "Acme CVE-2026-1 One".into(),
            instruction: Instruction::KeepUsing { by: Authority::Maker, text: String::new() },
            acknowledged: None,
        }
    }

    #[test]
    fn one_line_an_item_most_urgent_first() {
        let unit = Unit { code: "ICU-A".into(), ..Unit::default() };
        let none = Instruction::NoneYet { next_word_at: String::new() };
        let items = [
            item("A3", Tier::T2, Channel::Huddle, DeviceClass::Mr),
            item("A1", Tier::T1, Channel::Notice, DeviceClass::InfusionPump),
            item("A1", Tier::T1, Channel::Notice, DeviceClass::InfusionPump),
            item("A2", Tier::T3, Channel::Digest, DeviceClass::Ct),
            HuddleItem {
                instruction: none,
                acknowledged: Some(false),
                ..item("A4", Tier::T2, Channel::Huddle, DeviceClass::Ct)
            },
        ];
        let sheet = huddle(&Tables::builtin(), &unit, "23 Nov, 07:00 CET", &items);
        insta::assert_snapshot!(sheet.text(), @r#"
    Device huddle: ICU-A
    As of 23 Nov, 07:00 CET
    [ ] Act this shift: 2 infusion pumps (Acme this flaw One). Keep using. The maker says so.
    [ ] Act by date: 2 CT scanners (Acme this flaw One). Keep using or not: no word yet. Notice not answered yet.
    [ ] Act by date: 2 MR scanners (Acme this flaw One). Keep using. The maker says so.
    "#);
        assert!(sheet.lines.iter().all(|line| line.text.chars().count() <= MAX));
        let empty = huddle(&Tables::builtin(), &unit, "23 Nov, 07:00 CET", &[]);
        assert!(empty.text().ends_with("Nothing for today.\n"));
    }
}
