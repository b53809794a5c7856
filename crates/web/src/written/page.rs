//! `/written/new` and `/written/{id}`

use super::form::{Subject, form};
use super::preview::{aside, told};
use super::{state, written_link};
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::letters::{letter_link, short};
use crate::link::{self, Ask};
use crate::parts::{Input, complaint_box, many, textarea};
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::App;
use tallyward_app::written::{Hand, Writing, WritingPreview, WrittenPage, WrittenState};

/// Fields whose complaints stand beside them.
const FIELDS: [&str; 7] = ["title", "summary", "links", "change", "publisher", "namespace", "reason"];

/// A new one, of a letter or of nothing.
pub(crate) async fn fresh(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let letter = ask.text("letter");
    let (desk, about) = signed
        .view(move |app| {
            let writing = app.fresh_writing(letter.as_deref())?;
            about(app, writing)
        })
        .await?;
    Ok(begin_page(&desk, &about, None))
}

/// A text that is not kept yet, with its preview and what the letter says.
pub(super) type About = (Writing, WritingPreview, Option<String>);

/// Gathers it.
pub(super) fn about(app: &App, writing: Writing) -> tallyward_app::error::Result<About> {
    let view = app.preview_writing(writing.clone())?;
    let letter = letter_text(app, &writing.letter)?;
    Ok((writing, view, letter))
}

/// The text of the letter it is made of, when there is one.
fn letter_text(app: &App, letter: &str) -> tallyward_app::error::Result<Option<String>> {
    if letter.is_empty() { Ok(None) } else { Ok(Some(app.letter(letter)?.text)) }
}

/// The page of one that is not kept yet.
pub(super) fn begin_page(desk: &Desk, about: &About, complaint: Option<&Complaint>) -> Page {
    let (writing, view, letter) = about;
    let body = html! {
        p class="crumbs" {
            a href="/written" { "Written here" }
            " / new"
        }
        header class="head" {
            h1 { "Write an advisory" }
        }
        (of_letter(&writing.letter, letter.as_deref()))
        (complaint_box(complaint, &FIELDS))
        @if desk.may_write() {
            div class="columns writing" {
                (form(desk, &Subject { id: "", seen: "", again: false }, writing, complaint))
                (aside(desk, view))
            }
        } @else {
            p class="calm" { "Readers do not write advisories. Ask a lead or an administrator." }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    desk.page_as(status, Section::Advisories, "Write an advisory", body)
}

fn of_letter(letter: &str, text: Option<&str>) -> Markup {
    html! {
        @if !letter.is_empty() {
            p class="lead" {
                "Of the letter "
                a class="mono" href=(letter_link(letter)) { (short(letter)) }
                ". What it names is filled in as a proposal; read it, and say what it says."
            }
            @if let Some(text) = text {
                details class="fold" {
                    summary { "What the letter says" }
                    pre class="letter" tabindex="0" {
                        @if text.trim().is_empty() { "No text could be read. Open the original." } @else { (text) }
                    }
                }
            }
        }
    }
}

/// One that is written here.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>) -> Result<Page, Fault> {
    show(signed, id, None, None).await
}

/// The page, with what was typed and the complaint about it.
pub(super) async fn show(
    signed: Signed,
    id: String,
    typed: Option<Writing>,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (desk, (view, letter)) = signed
        .view(move |app| {
            let view = app.written_page(&id)?;
            let letter = letter_text(app, &view.line.letter)?;
            Ok((view, letter))
        })
        .await?;
    let line = &view.line;
    let title = if line.title.is_empty() { "An advisory without a title" } else { line.title.as_str() };
    let body = html! {
        p class="crumbs" {
            a href="/written" { "Written here" }
            " / "
            span class="mono" { (line.id) }
        }
        header class="head" {
            h1 { (title) }
            (state(line.state))
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href={ (written_link(&line.id)) "/csaf.json" } {
                    @if line.revisions == 0 { "Draft as CSAF" } @else { "CSAF, revision " (line.revisions) }
                }
            }
        }
        (of_letter(&line.letter, letter.as_deref()))
        (complaint_box(complaint, &FIELDS))
        @match line.state {
            WrittenState::Written => (being_written(&desk, &view, typed.as_ref(), complaint)),
            WrittenState::Waiting => (waiting(&desk, &view, complaint)),
            WrittenState::Released => (released(&desk, &view)),
        }
        (passed(&desk, &view))
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Advisories, title, body))
}

fn being_written(
    desk: &Desk,
    view: &WrittenPage,
    typed: Option<&Writing>,
    complaint: Option<&Complaint>,
) -> Markup {
    let about = Subject { id: &view.line.id, seen: &view.seen, again: view.line.revisions > 0 };
    html! {
        @if let Some((hand, reason)) = &view.sent_back {
            p class="contest" {
                strong { (hand.name) " sent it back: " }
                (reason)
                " (" (desk.when(hand.at)) ")"
            }
        }
        @if desk.may_write() {
            div class="columns writing" {
                div {
                    (form(desk, &about, typed.unwrap_or(&view.writing), complaint))
                    (hand_over(desk, view))
                }
                (aside(desk, &view.preview))
            }
        } @else {
            (as_written(&view.writing))
            (aside(desk, &view.preview))
        }
    }
}

fn hand_over(desk: &Desk, view: &WrittenPage) -> Markup {
    html! {
        section class="panel release" aria-labelledby="hand-over" {
            h2 id="hand-over" { "Hand it over to a second reader" }
            p { "Written by " (names(&view.writers)) ". Somebody else must read it and agree before it takes effect." }
            @if view.preview.wrong.is_empty() {
                form method="post" action={ (written_link(&view.line.id)) "/hand-over" } data-once {
                    (desk.token())
                    input type="hidden" name="seen" value=(view.seen);
                    button class="primary" { "Hand over what is saved, as " (desk.session.who.name) }
                }
            } @else {
                p class="hint" {
                    "Not yet: " (many(view.preview.wrong.len() as u64, "thing"))
                    " to mend in what is saved. They stand beside the form."
                }
            }
        }
    }
}

fn waiting(desk: &Desk, view: &WrittenPage, complaint: Option<&Complaint>) -> Markup {
    let mine = view.writers.iter().any(|hand| hand.login == desk.session.who.login);
    html! {
        div class="columns writing" {
            div {
                (as_written(&view.writing))
                section class="panel release" aria-labelledby="second" {
                    h2 id="second" { "Second reader" }
                    p { "Written by " (names(&view.writers)) "." }
                    @if mine {
                        p { "You wrote on it, so somebody else must read it and agree." }
                    } @else if desk.may_write() {
                        p {
                            "When you agree, it is taken in as an advisory: "
                            strong { (many(view.preview.affected, "device")) }
                            " become affected by it and "
                            strong { (many(view.preview.unknown, "device")) }
                            " unknown, and drafts of notices are made. Nothing is sent by that. It can be mended by a new revision."
                        }
                        form method="post" action={ (written_link(&view.line.id)) "/agree" } data-once {
                            (desk.token())
                            input type="hidden" name="seen" value=(view.seen);
                            button class="primary" data-busy="Taking it in …" {
                                "I have read it and agree, as " (desk.session.who.name)
                            }
                        }
                    }
                }
                @if desk.may_write() {
                    details class="fold panel" open[complaint.is_some_and(|one| one.field == "reason")] {
                        summary {
                            @if mine { "Take it back" } @else { "Send it back" }
                        }
                        form method="post" action={ (written_link(&view.line.id)) "/send-back" } class="stack tight" data-once {
                            (desk.token())
                            input type="hidden" name="seen" value=(view.seen);
                            (textarea(Input { name: "reason", label: "Why", required: true, ..Input::default() }, 2, complaint))
                            button {
                                @if mine { "Take it back" } @else { "Send it back" }
                            }
                        }
                    }
                }
            }
            (aside(desk, &view.preview))
        }
    }
}

fn released(desk: &Desk, view: &WrittenPage) -> Markup {
    html! {
        p class="calm" {
            "It is an advisory now: "
            a class="mono" href=(link::advisory(&view.line.id)) { (view.line.id) }
            "."
        }
        div class="columns writing" {
            div {
                (as_written(&view.writing))
                @if desk.may_write() {
                    form method="post" action={ (written_link(&view.line.id)) "/again" } data-once {
                        (desk.token())
                        button { "Write a new revision" }
                    }
                }
            }
            section class="panel aside" aria-labelledby="preview-head" {
                h2 id="preview-head" { "Whom it touches here" }
                (told(desk, &view.preview))
            }
        }
    }
}

/// What was written, to be read.
fn as_written(writing: &Writing) -> Markup {
    html! {
        section aria-labelledby="says" {
            h2 id="says" { "What it says" }
            @if !writing.summary.is_empty() {
                p class="verbatim" { (writing.summary) }
            }
            div class="scroll" {
                table class="list" {
                    caption class="hidden" { "Products" }
                    thead {
                        tr {
                            th scope="col" { "Maker" }
                            th scope="col" { "Product" }
                            th scope="col" { "Versions" }
                            th scope="col" { "Is" }
                            th scope="col" { "Only for" }
                        }
                    }
                    tbody {
                        @for one in &writing.products {
                            tr {
                                td { (one.maker) }
                                th scope="row" { (one.product) }
                                td class="wrap" {
                                    @if one.version.is_empty() { "every version" } @else { (one.version) }
                                }
                                td { (words(&tallyward_app::written::SAYS, &one.says, "affected")) }
                                td class="mono" {
                                    @if one.flaws.is_empty() {
                                        span class="quiet" { "all" }
                                    } @else { (one.flaws) }
                                }
                            }
                        }
                    }
                }
            }
            ul class="plain-list" {
                @for one in &writing.flaws {
                    li {
                        @if one.id.is_empty() { "No id" } @else {
                            span class="mono" { (one.id) }
                        }
                        ": " (one.description)
                        @if !one.vector.is_empty() {
                            br;
                            span class="mono quiet" { (one.vector) }
                        }
                    }
                }
                @for one in &writing.remedies {
                    li {
                        strong { (words(&tallyward_app::written::REMEDIES, &one.kind, "")) ": " }
                        (one.text)
                    }
                }
                @for url in &writing.links {
                    li class="mono breakable" { (url) }
                }
            }
            p class="quiet" {
                "Published by " (writing.publisher) ", " span class="mono" { (writing.namespace) }
                @if !writing.tlp.is_empty() { ", TLP:" (writing.tlp) }
                @if !writing.change.is_empty() { ". This revision: " (writing.change) }
            }
        }
    }
}

fn words<'a>(of: &[(&str, &'a str)], code: &str, blank: &'a str) -> &'a str {
    of.iter().find(|(held, _)| *held == code).map_or(blank, |(_, told)| *told)
}

fn names(hands: &[Hand]) -> String {
    hands.iter().map(|hand| hand.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn passed(desk: &Desk, view: &WrittenPage) -> Markup {
    html! {
        @if !view.passed.is_empty() {
            section aria-labelledby="passed" {
                h2 id="passed" { "Who stands behind it" }
                ul class="plain-list" {
                    @for one in view.passed.iter().rev() {
                        li {
                            "Revision " (one.number) ": " (one.summary)
                            br;
                            "Written by " (names(&one.writers)) "; read and agreed to by "
                            strong { (one.reader.name) } ", " (desk.when(one.reader.at))
                            br;
                            span class="quiet" { "SHA-256 of the document " }
                            span class="mono breakable quiet" { (one.hash) }
                        }
                    }
                }
            }
        }
    }
}
