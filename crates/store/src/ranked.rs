//! Findings ordered and filtered by a rank that only the asker can work out: the decision of triage.
//!
//! A rank depends on the verdict, the device class and the flaw, and on which of a few reaches a device has. So ranks are
//! asked for once a flaw and class, and the devices are walked once for each rank that occurs, the highest first, until
//! the page is full: nothing is held for all findings.

use crate::fault::{Inner, refused};
use crate::findings::{Cursor, Filter, narrowed, read_rows};
use crate::image::{Image, Judged, Word};
use crate::lists;
use rusqlite::Connection;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use tallyward_app::ports::{FindingRow, REACHES, Ranking};
use tallyward_app::query::{FindingQuery, Page};
use tallyward_core::DeviceId;

type Ranks = [Option<u8>; REACHES];

/// A page of findings, ordered by rank (highest first), then as [`crate::findings::page`] orders.
pub fn page(
    view: &Connection,
    image: &Image,
    query: &FindingQuery,
    ranking: &dyn Ranking,
) -> Inner<Page<FindingRow>> {
    let after = query.after.as_deref().map(split).transpose()?;
    let judgements = image.judgements(view)?;
    let Some(filter) = Filter::resolve(judgements, query) else {
        return Ok(Page { rows: Vec::new(), total: 0, next: None });
    };
    let narrowed = narrowed(view, image, query)?;
    let holders = narrowed.as_ref().unwrap_or_else(|| image.holders());
    let devices = |one: &Judged| holders.get(&one.config).map_or(&[][..], Vec::as_slice);
    let reach = |place: u32| ranking.reach(DeviceId(image.rows[place as usize].id)).min(REACHES - 1);

    // Ranks of each judgement that passes, and how many findings there are in all.
    let (mut total, mut occurring) = (0_u64, BTreeSet::new());
    let mut groups: Vec<Vec<(Judged, Ranks)>> = Vec::new();
    for group in judgements.rows.chunk_by(Judged::alike).filter(|group| filter.pass(&group[0])) {
        let names = (judgements.words.text(group[0].advisory), judgements.words.text(group[0].vulnerability));
        let mut by_class: FxHashMap<Word, Ranks> = FxHashMap::default();
        let mut kept = Vec::new();
        for one in group {
            let Some(first) = devices(one).first() else { continue };
            // A configuration has one class.
            let class = image.rows[*first as usize].class;
            let ranks = *by_class
                .entry(class)
                .or_insert_with(|| ranking.ranks(one.verdict, image.words.text(class), names.0, names.1));
            if ranks.iter().all(Option::is_none) {
                continue;
            }
            total += if ranks.iter().all(Option::is_some) {
                devices(one).len() as u64
            } else {
                devices(one).iter().filter(|place| ranks[reach(**place)].is_some()).count() as u64
            };
            occurring.extend(ranks.into_iter().flatten());
            kept.push((*one, ranks));
        }
        groups.push(kept);
    }

    let size = lists::page_size(query.limit);
    let mut found: Vec<(u8, Judged, u32)> = Vec::new();
    for rank in occurring.into_iter().rev() {
        let behind = after.as_ref().filter(|(held, _)| *held <= rank);
        if behind.is_some_and(|(held, _)| *held < rank) || found.len() > size {
            continue;
        }
        for group in groups.iter().filter(|group| !group.is_empty()) {
            if found.len() > size {
                break;
            }
            let first = behind.map_or(Some(0), |(_, cursor)| cursor.first_device(judgements, &group[0].0));
            let Some(first) = first else { continue };
            let start = found.len();
            for (one, ranks) in group.iter().filter(|(_, ranks)| ranks.contains(&Some(rank))) {
                let fits = |place: &&u32| {
                    image.rows[**place as usize].id >= first && ranks[reach(**place)] == Some(rank)
                };
                found.extend(devices(one).iter().filter(fits).map(|place| (rank, *one, *place)));
            }
            found[start..].sort_unstable_by_key(|(_, _, place)| *place);
            found.truncate(size + 1);
        }
    }
    let more = found.len() > size;
    found.truncate(size);
    let next = found
        .last()
        .filter(|_| more)
        .map(|(rank, one, place)| format!("r{rank}.{}", Cursor::at(image, judgements, one, *place).write()));
    let found: Vec<(Judged, u32)> = found.into_iter().map(|(_, one, place)| (one, place)).collect();
    Ok(Page { rows: read_rows(view, image, judgements, &found)?, total, next })
}

/// The rank and the place behind which a page begins.
fn split(cursor: &str) -> Inner<(u8, Cursor<'_>)> {
    let read = || {
        let (rank, rest) = cursor.strip_prefix('r')?.split_once('.')?;
        Some((rank.parse().ok()?, rest))
    };
    let (rank, rest) = read()
        .ok_or_else(|| refused("the page cursor does not belong to this list: start at its first page"))?;
    Ok((rank, Cursor::read(rest)?))
}
