//! A run over a TAXII 2.1 server: what its collections say of flaws comes in as letters.
//!
//! An answer is never taken for more than it is: addresses and pages it leads to are bounded and asked for once, and
//! where a run was cut the next one goes on a moment before, so that nothing added at the same instant is lost.

use super::source::{Held, Progress, Source};
use super::sync::{NOTES, SyncReport};
use super::walk::{LISTING, Missed, SIGN_IN, Walker, address};
use crate::App;
use crate::app::hex;
use crate::error::Result;
use crate::letters::LetterIntake;
use crate::ports::Fetched;
use crate::who::Who;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use tallyward_advisories::provider::{Collection, TAXII, TaxiiPlace, is_taxii, read_collections, read_taxii};
use tallyward_advisories::stix::{Gathered, StixObject, StixPage, read_page};
use tallyward_core::Timestamp;
use url::Url;

/// Objects asked for at once; a server may give fewer.
const LIMIT: &str = "500";
/// Most pages of one collection in one run.
const MAX_PAGES: usize = 2_000;
/// Objects and bytes gathered before letters are made of them.
const CHUNK: usize = 20_000;
const CHUNK_BYTES: usize = 32 * 1024 * 1024;
/// Most letters of one run.
const MAX_LETTERS: usize = 2_000;
/// Most objects kept from run to run, and most bytes of one of them.
const MAX_LASTING: usize = 2_000;
const LARGEST_LASTING: usize = 16 * 1024;

/// One run over one collection.
struct Reading {
    /// Its objects.
    url: Url,
    gathered: Gathered,
    /// From when on objects are asked for; empty for all.
    after: String,
    /// By what the next page is asked for; empty for the first.
    next: String,
    /// Pages read: by what they were asked for, and the SHA-256 of the answer.
    been: BTreeSet<(String, String)>,
    /// When the newest object that came was added, as the server says it.
    last: String,
}

/// What one page means for the run.
enum Turn {
    /// It was the last.
    Done,
    /// There is another.
    Next,
    /// The run ends here.
    Cut,
}

impl App {
    pub(super) fn letters_of(
        &self,
        who: &Who,
        walker: &Walker<'_>,
        again: bool,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) -> Result<()> {
        source.notes.clear();
        let collections = match collections(walker, source) {
            Ok(collections) => collections,
            Err(why) => {
                report.error = why;
                return Ok(());
            }
        };
        for (url, collection) in collections {
            if !collection.can_read {
                source.notes.push(format!("The collection {:?} may not be read.", collection.title));
                continue;
            }
            let after = if again { None } else { progress.added_after.get(url.as_str()).cloned() };
            let reading = Reading::of(url, after.unwrap_or_default(), progress);
            self.read_collection(who, walker, reading, source, progress, report)?;
        }
        source.notes.truncate(NOTES);
        if !report.passed_over.is_empty() || report.looked_at > 0 {
            source.passed_over.clone_from(&report.passed_over);
        }
        Ok(())
    }

    fn read_collection(
        &self,
        who: &Who,
        walker: &Walker<'_>,
        mut reading: Reading,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) -> Result<()> {
        for page in 1.. {
            let turn = if page > MAX_PAGES {
                report.error = format!("stopped after {MAX_PAGES} pages; the next run goes on");
                Turn::Cut
            } else {
                self.taxii_page(walker, &mut reading, source, report)
            };
            let full = reading.gathered.len() > CHUNK || reading.gathered.bytes() > CHUNK_BYTES;
            if !full && matches!(turn, Turn::Next) {
                continue;
            }
            let whole = self.take_gathered(who, &reading.gathered, source, progress, report)?;
            let cut = !whole || !matches!(turn, Turn::Done);
            if whole && let Some(to) = reading.resume(cut) {
                progress.added_after.insert(reading.url.to_string(), to);
            }
            if reading.last.is_empty() && report.looked_at > 0 {
                source.notes.push(format!(
                    "{} does not say when its objects were added: every run reads all of them.",
                    reading.url
                ));
            }
            if !self.keep(who, source, progress, None)? || !whole || !matches!(turn, Turn::Next) {
                return Ok(());
            }
            reading.gathered = kept(progress);
        }
        Ok(())
    }

    /// One page: its objects are gathered, and where to go on is found.
    fn taxii_page(
        &self,
        walker: &Walker<'_>,
        reading: &mut Reading,
        source: &mut Source,
        report: &mut SyncReport,
    ) -> Turn {
        let got = match need(walker, &reading.address()) {
            Ok(got) => got,
            Err(why) => {
                report.error = why;
                return Turn::Cut;
            }
        };
        // A server may name every page alike and go on by itself, so what it answers tells a circle.
        let sha256 = hex(&Sha256::digest(&got.body));
        if !reading.been.insert((reading.next.clone(), sha256.clone())) {
            report.error = format!("{} leads in a circle: it gives a page that was read", reading.url);
            return Turn::Cut;
        }
        let page = match read_page(&got.body, reading.url.as_str()) {
            Ok(page) => page,
            Err(error) => {
                self.refuse(source, report, reading.url.as_str(), error.to_string(), sha256);
                "a page could not be read".clone_into(&mut report.error);
                return Turn::Cut;
            }
        };
        source.refused.retain(|held| held.url != reading.url.as_str());
        reading.turn(page, &got.added_last, source, report)
    }

    /// Makes letters of what was gathered. False when there were too many for one run.
    fn take_gathered(
        &self,
        who: &Who,
        gathered: &Gathered,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) -> Result<bool> {
        let excerpts = gathered.excerpts();
        for subject in excerpts.subjects() {
            let bytes = excerpts.document(subject);
            let sha256 = hex(&Sha256::digest(&bytes));
            let held = progress.documents.get(&subject.id);
            if held.is_some_and(|held| held.etag == sha256) {
                report.unchanged += 1;
                continue;
            }
            if report.new.len() + report.changed.len() >= MAX_LETTERS {
                report.error = format!("stopped after {MAX_LETTERS} letters; the next run goes on");
                return Ok(false);
            }
            let before = held.is_some();
            let mut intake = LetterIntake::default();
            let name = format!("{}.json", subject.id);
            self.take_letter(who, &name, "", &bytes, &source.name, &mut intake)?;
            if let Some(bad) = intake.refused.pop() {
                self.refuse(source, report, &subject.id, bad.why, sha256);
                continue;
            }
            source.refused.retain(|held| held.url != subject.id);
            report.unchanged += intake.held;
            for letter in intake.taken {
                self.letter_came(subject, &letter, before, source, report);
            }
            let held = Held { updated: subject.modified, etag: sha256, last_modified: String::new() };
            progress.documents.insert(subject.id.clone(), held);
        }
        for one in gathered.lasting() {
            let room = progress.lasting.len() < MAX_LASTING || progress.lasting.contains_key(&one.id);
            if room && one.raw.len() <= LARGEST_LASTING {
                progress.lasting.insert(one.id.clone(), one.raw.clone());
            }
        }
        Ok(true)
    }

    fn letter_came(
        &self,
        subject: &StixObject,
        letter: &str,
        before: bool,
        source: &mut Source,
        report: &mut SyncReport,
    ) {
        if before {
            let change = format!("another version of it, or more that belongs to it, came: letter {letter}");
            report.changed.push((subject.id.clone(), vec![change]));
        } else {
            report.new.push(format!("letter {letter}"));
        }
        if let Some(at) = subject.modified.filter(|at| *at > source.added) {
            source.measure(self.now().seconds_since(at).max(0));
        }
    }
}

impl Reading {
    fn of(url: Url, after: String, progress: &Progress) -> Self {
        Self {
            url,
            gathered: kept(progress),
            after,
            next: String::new(),
            been: BTreeSet::new(),
            last: String::new(),
        }
    }

    fn address(&self) -> Url {
        let mut url = self.url.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("limit", LIMIT);
        if !self.after.is_empty() {
            query.append_pair("added_after", &self.after);
        }
        if !self.next.is_empty() {
            query.append_pair("next", &self.next);
        }
        drop(query);
        url
    }

    fn turn(
        &mut self,
        page: StixPage,
        added_last: &str,
        source: &mut Source,
        report: &mut SyncReport,
    ) -> Turn {
        report.looked_at += page.objects.len() + page.others.values().sum::<usize>();
        for (kind, count) in page.others {
            *report.passed_over.entry(kind).or_default() += count;
        }
        let room = NOTES.saturating_sub(source.notes.len());
        source.notes.extend(page.notes.into_iter().take(room));
        page.objects.into_iter().for_each(|object| self.gathered.add(object));
        if moment(added_last).is_some() {
            added_last.clone_into(&mut self.last);
        }
        if !page.more {
            return Turn::Done;
        }
        if !page.next.is_empty() {
            self.next = page.next;
        } else if moment(&self.last) > moment(&self.after) {
            // Without a name for the next page, what was added later is the next page (clause 3.4).
            self.after.clone_from(&self.last);
            self.next.clear();
        } else {
            report.error = format!("{} has more objects and does not say how to ask for them", self.url);
            return Turn::Cut;
        }
        Turn::Next
    }

    /// From when on the next run asks; `None` when the server said nothing that could be used. Objects added at the
    /// same instant may stand on a page that was not read, so a run that was cut is gone on with a second before.
    fn resume(&self, cut: bool) -> Option<String> {
        let last = moment(&self.last)?;
        if !cut {
            return Some(self.last.clone());
        }
        let before = last.plus_seconds(-1);
        (Some(before) > moment(&self.after)).then(|| before.to_string())
    }
}

/// A moment a server states, short enough to be one.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|_| text.len() <= 40)
}

/// What earlier runs kept for later ones.
fn kept(progress: &Progress) -> Gathered {
    let objects = progress.lasting.values().map(String::as_str).collect::<Vec<_>>().join(",");
    let mut gathered = Gathered::default();
    let page = read_page(format!("{{\"objects\":[{objects}]}}").as_bytes(), "kept").unwrap_or_default();
    page.objects.into_iter().for_each(|object| gathered.add(object));
    gathered
}

/// The collections behind a source's address, each with the address of its objects.
fn collections(
    walker: &Walker<'_>,
    source: &mut Source,
) -> std::result::Result<Vec<(Url, Collection)>, String> {
    let url = address(&source.url, source.kind).ok_or("the source's address cannot be used")?;
    let got = need(walker, &url)?;
    let here = Url::parse(&got.url).unwrap_or(url);
    let objects = |of: &Url| of.join("objects/").map_err(|error| error.to_string());
    let roots = match read_taxii(&got.body, &here, &mut source.notes).map_err(|error| error.to_string())? {
        TaxiiPlace::Collection(one) => return Ok(vec![(objects(&here)?, one)]),
        TaxiiPlace::Root => vec![here],
        TaxiiPlace::Server(roots) => roots,
    };
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for root in roots {
        match in_root(walker, &root, source) {
            Ok(more) => found.extend(more),
            Err(why) => faults.push(why),
        }
    }
    // One API root among several may be for others; all of them are a fault.
    match faults.first() {
        Some(why) if found.is_empty() => Err(why.clone()),
        _ => {
            source.notes.extend(faults.into_iter().map(|why| format!("Left out: {why}")));
            Ok(found)
        }
    }
}

fn in_root(
    walker: &Walker<'_>,
    root: &Url,
    source: &mut Source,
) -> std::result::Result<Vec<(Url, Collection)>, String> {
    let list = root.join("collections/").map_err(|error| error.to_string())?;
    let got = need(walker, &list)?;
    let found =
        read_collections(&got.body, list.as_str(), &mut source.notes).map_err(|error| error.to_string())?;
    found
        .into_iter()
        .map(|one| Ok((list.join(&format!("{}/objects/", one.id)).map_err(|error| error.to_string())?, one)))
        .collect()
}

/// One answer of a server, which must be TAXII 2.1.
fn need(walker: &Walker<'_>, url: &Url) -> std::result::Result<Fetched, String> {
    let got = walker.ask(url, None, LISTING, TAXII).map_err(|error| error.to_string())?;
    match got.status {
        200 if is_taxii(&got.media_type) => Ok(got),
        200 => Err(format!("{url} answers with {:?}, which is not TAXII 2.1", got.media_type)),
        status @ (401 | 403) => Err(format!("{url} answers {status}: {SIGN_IN}")),
        406 => Err(format!("{url} answers 406: it does not speak TAXII 2.1")),
        status => Err(Missed::answered(url, status).why),
    }
}
