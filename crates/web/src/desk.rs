//! The frame around every page of the desk: rail, search, banner.

use crate::assets;
use crate::console::Console;
use crate::html::Page;
use crate::link::{Ask, encode};
use crate::parts::{icon, labelled};
use axum::http::StatusCode;
use maud::{Markup, PreEscaped, html};
use tallyward_app::views::{Mode, Moment, Session};
use tallyward_core::Timestamp;

/// The seven entries of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Devices,
    Advisories,
    Findings,
    Worklist,
    Notices,
    Settings,
    /// None of them: search.
    Elsewhere,
}

const RAIL: [(Section, &str, &str); 7] = [
    (Section::Overview, "Overview", "/"),
    (Section::Devices, "Devices", "/devices"),
    (Section::Advisories, "Advisories", "/advisories"),
    (Section::Findings, "Findings", "/findings"),
    (Section::Worklist, "Worklist", "/worklist"),
    (Section::Notices, "Notices", "/notices"),
    (Section::Settings, "Settings", "/settings"),
];

/// What every page of a signed-in person shows around its view.
pub(crate) struct Desk {
    pub console: Console,
    pub session: Session,
    /// Path and query of this request.
    pub here: String,
    pub mode: Mode,
    pub now: Timestamp,
}

impl Desk {
    /// A time, relative, with the exact one on hover and in print.
    pub(crate) fn when(&self, at: Moment) -> Markup {
        self.console.zone.ago(at, self.now)
    }

    /// A time that may be missing.
    pub(crate) fn when_or(&self, at: Option<Moment>, missing: &str) -> Markup {
        html! {
            @if let Some(at) = at { (self.when(at)) } @else {
                span class="quiet" { (missing) }
            }
        }
    }

    /// `as of Mon 23 Nov 2026, 09:20 CST`.
    pub(crate) fn as_of(&self, at: Moment) -> Markup {
        html! {
            span class="as-of" {
                "as of "
                time datetime=(at.0) { (self.console.zone.exact(at.0)) }
            }
        }
    }

    /// Whether this person may change anything; a reader is shown no buttons.
    pub(crate) fn may_write(&self) -> bool {
        self.session.who.role.may_write()
    }

    /// The token that every form carries.
    pub(crate) fn token(&self) -> Markup {
        html! {
            input type="hidden" name="csrf" value=(self.session.csrf);
        }
    }

    /// A page.
    pub(crate) fn page(&self, section: Section, title: &str, body: Markup) -> Page {
        self.page_as(StatusCode::OK, section, title, body)
    }

    /// A page with a status of its own: a form shown again.
    pub(crate) fn page_as(&self, status: StatusCode, section: Section, title: &str, body: Markup) -> Page {
        Page(status, self.document(section, title, body))
    }

    fn document(&self, section: Section, title: &str, body: Markup) -> Markup {
        let site = &self.console.app.site().name;
        html! {
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) " · Tallyward" }
                    link rel="stylesheet" href=(assets::CONSOLE_CSS.path);
                    link rel="icon" href=(assets::ICON.path);
                    script defer src=(assets::CONSOLE_JS.path) {}
                }
                body {
                    a class="skip" href="#main" { "Skip to content" }
                    header class="rail" {
                        a class="brand" href="/" {
                            img src=(assets::ICON.path) alt="" width="24" height="24";
                            span { "Tallyward" }
                        }
                        nav aria-label="Main" {
                            @for (entry, name, path) in RAIL {
                                a href=(path) aria-current=[(entry == section).then_some("page")] {
                                    (icon(name))
                                    (name)
                                }
                            }
                        }
                        div class="house" { (site) }
                    }
                    div class="top" { (self.search_box()) (self.person()) }
                    main id="main" tabindex="-1" { (self.banner()) (said(&self.here)) (PreEscaped(labelled(&body.0))) }
                    footer class="print-only" {
                        (site)
                        " · Tallyward · printed "
                        (self.console.zone.exact(self.now))
                        " by "
                        (self.session.who.name)
                    }
                }
            }
        }
    }

    fn search_box(&self) -> Markup {
        html! {
            form class="search" action="/search" role="search" {
                label class="hidden" for="search" {
                    "Search tag, serial, MAC, AE title, room, CVE or advisory"
                }
                (icon("Search"))
                input
                    id="search"
                    name="q"
                    type="search"
                    autocomplete="off"
                    placeholder="Tag, serial, MAC, AE title, room, CVE, advisory …";
                kbd aria-hidden="true" { "/" }
            }
        }
    }

    fn person(&self) -> Markup {
        html! {
            div class="person" {
                a href="/settings/you" title="Your account" { (self.session.who.name) }
                span class="role" { (self.session.who.role.code()) }
                form method="post" action="/sign-out" {
                    (self.token())
                    button class="plain" { "Sign out" }
                }
            }
        }
    }

    fn banner(&self) -> Markup {
        html! {
            @if self.mode.shadow {
                p class="banner" {
                    strong { "Shadow mode: nothing is sent." }
                    " Everything is worked out and shown. "
                    @if !self.mode.missing.is_empty() {
                        a href="/settings" { "What is missing before it may go live" }
                    } @else {
                        a href="/settings" { "It may go live" }
                    }
                }
            }
        }
    }
}

/// The outcome of the form that led here, by a fixed code: nobody can put words on our page through a link.
fn said(here: &str) -> Markup {
    let query = here.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let ask = Ask::new(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect());
    let count: u64 = ask.get("n").and_then(|text| text.parse().ok()).unwrap_or(0);
    let text = match ask.get("said") {
        Some("fact") if count == 0 => {
            "Recorded as evidence under your name. No finding was waiting for it.".to_owned()
        }
        Some("fact") => {
            format!(
                "Recorded as evidence under your name. It settled {}.",
                crate::parts::many(count, "unknown finding")
            )
        }
        Some("released") => "Released under your name.".to_owned(),
        Some("saved") => "Saved.".to_owned(),
        Some("discarded") => {
            "Set aside. It comes back only when the devices or the advisory change.".to_owned()
        }
        Some("answered") => "Your answer is recorded.".to_owned(),
        Some("stood-down") => "Stood down. The same people are told.".to_owned(),
        Some("corrected") => "Corrected. The same people are told.".to_owned(),
        Some("undone") => format!("Undone. {} changed.", crate::parts::many(count, "device")),
        Some("decided") => format!("Recorded. {} judged anew.", crate::parts::many(count, "configuration")),
        Some("matched") => format!("Matched again: {}.", crate::parts::many(count, "finding")),
        Some("marked") => format!("Marked on {}.", crate::parts::many(count, "device")),
        Some("triage") => "Recorded under your name; what waits for release is worked out anew.".to_owned(),
        Some("written") => "Written down under your name.".to_owned(),
        Some("handed-over") => {
            "Handed over. Somebody else reads it and agrees before it takes effect.".to_owned()
        }
        Some("sent-back") => "Back with its writers, with your reason.".to_owned(),
        Some("agreed") => {
            format!("Taken in under your name. It touches {}.", crate::parts::many(count, "configuration"))
        }
        Some("signed") => "Signed under your name.".to_owned(),
        Some("closed") => "Closed under your name.".to_owned(),
        Some("reopened") => "Open again.".to_owned(),
        Some("live") => "Live: released notices are sent from now on.".to_owned(),
        Some("shadow") => "Back in shadow mode: nothing is sent.".to_owned(),
        Some("sync") => "Asked for. The run begins within seconds; this page shows how it went.".to_owned(),
        Some("source") => "The source is added. It is fetched at the next run, or with Sync now.".to_owned(),
        Some("no-source") => "The source is removed. The advisories it brought stay.".to_owned(),
        Some("no-sensor") => "The sensor is revoked: nothing more is taken from it.".to_owned(),
        Some("account") => "The account is saved.".to_owned(),
        Some("port") => "The port has its place; devices on it were worked out again.".to_owned(),
        Some("path") => "The baseline is recorded with today's date.".to_owned(),
        _ => return html! {},
    };
    html! {
        p class="said" role="status" { (text) }
    }
}

/// `path?said=code&n=count`, kept apart from a fragment.
pub(crate) fn saying(path: &str, code: &str, count: u64) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    if count == 0 {
        format!("{path}{mark}said={}", encode(code))
    } else {
        format!("{path}{mark}said={}&n={count}", encode(code))
    }
}
