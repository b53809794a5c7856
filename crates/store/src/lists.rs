//! The device list: filters, orders, pages and facets, over the image.

use crate::devices;
use crate::fault::{Inner, corrupt, refused};
use crate::image::{Image, Row, Word, folded, verdict_number};
use memchr::memmem::Finder;
use rusqlite::Connection;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use tallyward_app::ports::DeviceRow;
use tallyward_app::query::{DeviceOrder, DeviceQuery, Facet, Page};
use tallyward_core::Presence;

/// Rows of a page when the query does not say, and the most it may say.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1_000;

/// How many rows a page may have.
pub fn page_size(asked: Option<u32>) -> usize {
    asked.unwrap_or(PAGE).clamp(1, LARGEST_PAGE) as usize
}

/// A page of the device list.
pub fn devices(view: &Connection, image: &Image, query: &DeviceQuery) -> Inner<Page<DeviceRow>> {
    let order = Order { image, by: query.order };
    let after = query.after.as_deref().map(|cursor| order.read(cursor)).transpose()?;
    let places = matching(view, image, query)?;
    let total = places.len() as u64;
    let size = page_size(query.limit);
    let mut page = first_behind(&order, after.as_ref(), places, size + 1);
    let more = page.len() > size;
    page.truncate(size);
    let next = page.last().filter(|_| more).map(|(position, _)| order.write(position));
    let mut rows = Vec::with_capacity(page.len());
    for (_, place) in page {
        rows.push(row(view, &image.rows[place as usize])?);
    }
    Ok(Page { rows, total, next })
}

/// The first `count` places behind `after`, in order. A heap of the best so far: most places are turned away by
/// one comparison with its worst.
fn first_behind<'a>(
    order: &Order<'a>,
    after: Option<&Position<'_>>,
    places: Vec<u32>,
    count: usize,
) -> Vec<(Position<'a>, u32)> {
    let mut best: BinaryHeap<(Position<'a>, u32)> = BinaryHeap::with_capacity(count + 1);
    for place in places {
        let position = order.position(place);
        if after.is_some_and(|after| *after >= position) {
            continue;
        }
        if best.len() < count {
            best.push((position, place));
        } else if let Some(mut worst) = best.peek_mut()
            && position < worst.0
        {
            *worst = (position, place);
        }
    }
    best.into_sorted_vec()
}

/// The stored row of a device of the image.
pub fn row(view: &Connection, row: &Row) -> Inner<DeviceRow> {
    let found = i64::try_from(row.id).ok().map(|id| devices::by_id(view, id)).transpose()?.flatten();
    found.ok_or_else(|| corrupt("device", row.id, "it is listed but has no row"))
}

/// Places of the devices that pass every filter, in order of handle.
fn matching(view: &Connection, image: &Image, query: &DeviceQuery) -> Inner<Vec<u32>> {
    let Some(columns) = Columns::resolve(image, query) else {
        return Ok(Vec::new());
    };
    let configs = configs(view, image, query)?;
    let words: FxHashSet<String> =
        query.text.as_deref().unwrap_or("").split_whitespace().map(|word| folded(word).into()).collect();
    let mut finders: Vec<Finder<'_>> = words.iter().map(|word| Finder::new(word.as_bytes())).collect();
    // The longest word is the rarest more often than not.
    finders.sort_by_key(|finder| Reverse(finder.needle().len()));
    let passes = |row: &Row| {
        columns.pass(row)
            && configs.as_ref().is_none_or(|configs| configs.contains(&row.config))
            && finders.iter().all(|finder| finder.find(row.search.as_bytes()).is_some())
    };
    Ok((0u32..).zip(&image.rows).filter(|(_, row)| passes(row)).map(|(place, _)| place).collect())
}

/// The exact filters, as places of words.
#[derive(Default)]
struct Columns {
    presence: Option<Presence>,
    unit: Option<Word>,
    site: Option<Word>,
    maker: Option<Word>,
    model: Option<Word>,
    class: Option<Word>,
}

impl Columns {
    /// `None` when a filter names what no device has.
    fn resolve(image: &Image, query: &DeviceQuery) -> Option<Self> {
        let word = |filter: &Option<String>| match filter {
            Some(text) => image.words.find(text).map(Some),
            None => Some(None),
        };
        Some(Self {
            presence: query.presence,
            unit: word(&query.unit)?,
            site: word(&query.site)?,
            maker: word(&query.maker)?,
            model: word(&query.model)?,
            class: word(&query.class)?,
        })
    }

    fn pass(&self, row: &Row) -> bool {
        let same = |filter: Option<Word>, word: Word| filter.is_none_or(|wanted| wanted == word);
        self.presence.is_none_or(|wanted| wanted == row.presence)
            && same(self.unit, row.unit)
            && same(self.site, row.site)
            && same(self.maker, row.maker)
            && same(self.model, row.model)
            && same(self.class, row.class)
    }
}

/// The configurations with the verdict and advisory asked for; `None` when neither is.
fn configs(view: &Connection, image: &Image, query: &DeviceQuery) -> Inner<Option<FxHashSet<i64>>> {
    let Some(advisory) = &query.advisory else {
        let Some(verdict) = query.verdict else { return Ok(None) };
        let number = verdict_number(verdict);
        let with = image.configs.iter().filter(|(_, summary)| summary.by_verdict[number] > 0);
        return Ok(Some(with.map(|(config, _)| *config).collect()));
    };
    let judgements = image.judgements(view)?;
    let Some(advisory) = judgements.words.find(advisory) else {
        return Ok(Some(FxHashSet::default()));
    };
    let of = judgements
        .rows
        .iter()
        .filter(|one| one.advisory == advisory && query.verdict.is_none_or(|verdict| verdict == one.verdict));
    Ok(Some(of.map(|one| one.config).collect()))
}

/// Where a device stands in an order. Compares as the list is ordered, ties by handle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Position<'a> {
    Text(&'a str, &'a str, u64),
    Number(Reverse<i64>, u64),
}

struct Order<'a> {
    image: &'a Image,
    by: DeviceOrder,
}

/// Stands between the parts of a cursor. A control character, so that no part of a name can be taken for it
/// without the cursor merely failing to find its place.
const BETWEEN: char = '\u{1f}';

impl<'a> Order<'a> {
    fn position(&self, place: u32) -> Position<'a> {
        let image = self.image;
        let row = &image.rows[place as usize];
        match self.by {
            DeviceOrder::Name => Position::Text(&row.name, "", row.id),
            DeviceOrder::Model => {
                Position::Text(image.words.text(row.maker), image.words.text(row.model), row.id)
            }
            DeviceOrder::Unit => Position::Text(image.words.text(row.unit), "", row.id),
            DeviceOrder::LastSeen => Position::Number(Reverse(row.last_seen), row.id),
            DeviceOrder::Affected => {
                let affected = image.configs.get(&row.config).map_or(0, |summary| summary.by_verdict[0]);
                Position::Number(Reverse(i64::from(affected)), row.id)
            }
        }
    }

    fn letter(&self) -> char {
        match self.by {
            DeviceOrder::Name => 'n',
            DeviceOrder::Model => 'm',
            DeviceOrder::Unit => 'u',
            DeviceOrder::LastSeen => 'l',
            DeviceOrder::Affected => 'a',
        }
    }

    /// The cursor of a position: order, handle, then the values sorted by, so that paging goes on at the right
    /// place even when the device has changed or gone meanwhile.
    fn write(&self, position: &Position<'_>) -> String {
        let letter = self.letter();
        match position {
            Position::Text(first, second, id) => format!("{letter}{id}{BETWEEN}{first}{BETWEEN}{second}"),
            Position::Number(Reverse(value), id) => format!("{letter}{id}{BETWEEN}{value}"),
        }
    }

    fn read<'c>(&self, cursor: &'c str) -> Inner<Position<'c>> {
        let read = || {
            let (id, values) = cursor.strip_prefix(self.letter())?.split_once(BETWEEN)?;
            let id = id.parse().ok()?;
            match self.by {
                DeviceOrder::Name | DeviceOrder::Model | DeviceOrder::Unit => {
                    let (first, second) = values.rsplit_once(BETWEEN)?;
                    Some(Position::Text(first, second, id))
                }
                DeviceOrder::LastSeen | DeviceOrder::Affected => {
                    Some(Position::Number(Reverse(values.parse().ok()?), id))
                }
            }
        };
        read().ok_or_else(|| refused("the page cursor does not belong to this list: start at its first page"))
    }
}

/// Devices counted by a facet, most first, ties by text. What is not known counts under the empty text.
pub fn facet(image: &Image, facet: Facet) -> Vec<(String, u64)> {
    let mut counts: FxHashMap<(Word, Word), u64> = FxHashMap::default();
    let mut by_presence: FxHashMap<Presence, u64> = FxHashMap::default();
    for row in &image.rows {
        let key = match facet {
            Facet::Presence => {
                *by_presence.entry(row.presence).or_default() += 1;
                continue;
            }
            Facet::Unit => (row.unit, row.unit),
            Facet::Site => (row.site, row.site),
            Facet::Class => (row.class, row.class),
            Facet::Model => (row.maker, row.model),
        };
        *counts.entry(key).or_default() += 1;
    }
    let name = |(first, second): (Word, Word)| match facet {
        Facet::Model => format!("{} {}", image.words.text(first), image.words.text(second)).trim().to_owned(),
        _ => image.words.text(first).to_owned(),
    };
    let mut named: FxHashMap<String, u64> = FxHashMap::default();
    for (key, count) in counts {
        *named.entry(name(key)).or_default() += count;
    }
    named.extend(by_presence.into_iter().map(|(presence, count)| (presence.code().to_owned(), count)));
    let mut list: Vec<(String, u64)> = named.into_iter().collect();
    list.sort_unstable_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
    list
}
