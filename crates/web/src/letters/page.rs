//! `/letters/{id}`

use super::letter_link;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::link;
use crate::parts::{many, number};
use crate::signed::Signed;
use crate::untold::{self, untold_link};
use crate::written::{state, written_link};
use axum::extract::Path;
use maud::{Markup, html};
use tallyward_app::letters::LetterPage;
use tallyward_app::untold::ArrivalKind;
use tallyward_core::Label;

/// One letter: what it says, what it names, what is attached.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.letter(&id)).await?;
    let line = &view.line;
    let body = html! {
        p class="crumbs" {
            a href="/letters" { "Letters" }
            " / "
            span class="mono" { (super::short(&line.id)) }
        }
        header class="head" {
            h1 { (line.subject) }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href={ (letter_link(&line.id)) "/original" } { "Download the original" }
                @if desk.may_write() {
                    a class="button primary" href={ "/written/new?letter=" (link::encode(&line.id)) } {
                        "Write an advisory of it"
                    }
                }
            }
        }
        (facts(&desk, &view))
        (written(&view))
        (proposals(&view))
        (attachments(&view))
        section aria-labelledby="text" {
            h2 id="text" { "What it says" }
            @if !view.note.is_empty() {
                p class="banner" { (view.note) }
            }
            @if view.text.trim().is_empty() {
                p class="quiet" { "No text could be read." }
            } @else {
                pre class="letter" tabindex="0" { (view.text) }
            }
        }
    };
    Ok(desk.page(Section::Advisories, &line.subject, body))
}

fn facts(desk: &Desk, view: &LetterPage) -> Markup {
    let line = &view.line;
    html! {
        dl class="facts" {
            div {
                dt { "From, as it says itself" }
                dd {
                    @if line.sender.is_empty() {
                        span class="quiet" { "not said" }
                    } @else { (line.sender) }
                }
            }
            div {
                dt { "Written" }
                dd { (desk.when_or(line.written, "not said")) }
            }
            div {
                dt { "Received" }
                dd {
                    (desk.when(line.received)) " by " (view.by)
                    @if !view.source.is_empty() { ", from the source " (view.source) }
                }
            }
            @if !line.tlp.is_empty() {
                div {
                    dt { "May be passed on" }
                    dd {
                        strong { (line.tlp) }
                        ": "
                        (Label::of(&line.tlp).plain())
                    }
                }
            }
            div {
                dt { "State" }
                dd {
                    a href=(untold_link(ArrivalKind::Letter, &line.id)) { (untold::state(line.state)) }
                }
            }
            @if !view.about.is_empty() {
                div {
                    dt { "It is about" }
                    dd {
                        @for id in &view.about {
                            a class="mono" href=(link::advisory(id)) { (id) }
                            " "
                        }
                    }
                }
            }
            div {
                dt { "Arrived as" }
                dd { (view.name) ", " (number(view.bytes)) " bytes" }
            }
            div {
                dt { "SHA-256 of the original" }
                dd class="mono" { (line.id) }
            }
        }
    }
}

fn written(view: &LetterPage) -> Markup {
    html! {
        @if !view.written.is_empty() {
            section aria-labelledby="written" {
                h2 id="written" { "Written of it here" }
                ul class="plain-list" {
                    @for one in &view.written {
                        li {
                            a class="mono" href=(written_link(&one.id)) { (one.id) }
                            " " (one.title) " " (state(one.state))
                        }
                    }
                }
            }
        }
    }
}

fn proposals(view: &LetterPage) -> Markup {
    let line = &view.line;
    html! {
        section aria-labelledby="names" {
            h2 id="names" { "What it names" }
            @if line.cves.is_empty() {
                p class="quiet" { "No CVE id." }
            } @else {
                ul class="plain-list" {
                    @for cve in &line.cves {
                        li {
                            span class="mono" { (cve) }
                            @let spoken: Vec<&str> =
                                view.spoken_of.iter().filter(|(of, _)| of == cve).map(|(_, id)| id.as_str()).collect();
                            @if spoken.is_empty() {
                                span class="quiet" { ": no advisory on file speaks of it" }
                            } @else {
                                ": in "
                                @for (at, id) in spoken.iter().enumerate() {
                                    @if at > 0 { ", " }
                                    a class="mono" href=(link::advisory(id)) { (id) }
                                }
                            }
                        }
                    }
                }
            }
            @if view.proposals.is_empty() {
                p { "No maker or model held here is named in a spelling that is known. Read it all the same." }
            } @else {
                div class="scroll" {
                    table class="list" {
                        caption class="hidden" { "Makers and models held here" }
                        thead {
                            tr {
                                th scope="col" { "Maker" }
                                th scope="col" { "Model" }
                                th scope="col" class="num" { "Devices here" }
                                th scope="col" { "Why it is proposed" }
                            }
                        }
                        tbody {
                            @for one in &view.proposals {
                                tr {
                                    td { (one.maker) }
                                    th scope="row" {
                                        @if one.model.is_empty() {
                                            span class="quiet" { "none named" }
                                        } @else { (one.model) }
                                    }
                                    td class="num" {
                                        a   href={
                                                "/devices?maker=" (link::encode(&one.maker))
                                                @if !one.model.is_empty() { "&model=" (link::encode(&one.model)) }
                                            }
                                        { (number(one.devices)) }
                                    }
                                    td class="wrap" { (one.why) }
                                }
                            }
                        }
                    }
                }
                p class="hint" { "Proposals only: a letter makes no device affected. An advisory does." }
            }
        }
    }
}

fn attachments(view: &LetterPage) -> Markup {
    html! {
        @if !view.attachments.is_empty() {
            section aria-labelledby="attached" {
                h2 id="attached" { (many(view.attachments.len() as u64, "attachment")) }
                ul class="plain-list" {
                    @for one in &view.attachments {
                        li {
                            (one.name)
                            ", "
                            (number(one.size))
                            " bytes, SHA-256 "
                            span class="mono wrap" { (one.hash) }
                        }
                    }
                }
                p class="hint" { "They are inside the original; their text is not searched." }
            }
        }
    }
}
