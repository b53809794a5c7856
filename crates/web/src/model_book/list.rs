//! `/model-book`

use super::entry_link;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::parts::{Input, UploadForm, empty, input, many, upload};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_app::model_book::BookLine;
use tallyward_app::signing::fingerprint;

/// Every entry, and how to hand the book out or take another's in.
pub(crate) async fn list(signed: Signed) -> Result<Page, Fault> {
    let (desk, (lines, key)) = signed.view(|app| Ok((app.model_book()?, app.public_key()?))).await?;
    let body = html! {
        p class="crumbs" {
            a href="/worklist" { "Worklist" }
            " / model book"
        }
        header class="head" {
            h1 { "Model book" }
        }
        p class="lead" {
            "What is known of a model, apart from any device: where to read a version, whether that may be done while it is in use, how to wipe it, what it talks to."
        }
        @if lines.is_empty() {
            ({
                empty(
                    "Nothing is written down yet",
                    "The first technician who finds the screen writes down where it is; everybody after that reads it on the worklist. Open a fact on the worklist to begin, or take in the book of another house below.",
                    Some(("Open the worklist", "/worklist")),
                )
            })
        } @else { (entries(&lines)) }
        @if desk.may_write() { (sharing(&desk, &key)) }
    };
    Ok(desk.page(Section::Worklist, "Model book", body))
}

fn entries(lines: &[BookLine]) -> Markup {
    html! {
        p class="list-head" { (many(lines.len() as u64, "model")) }
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Models" }
                thead {
                    tr {
                        th scope="col" { "Maker" }
                        th scope="col" { "Model" }
                        th scope="col" { "Says where to read" }
                        th scope="col" { "How to wipe" }
                        th scope="col" class="num" { "Services" }
                    }
                }
                tbody {
                    @for line in lines {
                        tr {
                            td { (line.maker) }
                            th scope="row" {
                                a href=(entry_link(&line.maker, &line.model, None)) { (line.model) }
                            }
                            td class="clip" title=(line.reads.join(", ")) { (line.reads.join(", ")) }
                            td {
                                @if line.wipe { "yes" } @else {
                                    span class="quiet" { "not written down" }
                                }
                            }
                            td class="num" { (line.services) }
                        }
                    }
                }
            }
        }
    }
}

fn sharing(desk: &Desk, key: &str) -> Markup {
    let publisher = Input {
        name: "publisher",
        label: "Under which name",
        value: &desk.console.app.site().name,
        ..Input::default()
    };
    let trust = Input {
        name: "trust",
        label: "Fingerprint that house gave you",
        hint: "Only for the first file of a house: its key is trusted from then on.",
        ..Input::default()
    };
    let take_in = UploadForm {
        id: "take-in",
        title: "Take in another's",
        text: html! { "What was written here stands; what says otherwise is shown and not taken." },
        action: "/model-book/import",
        label: "Signed file, or entries",
        accept: ".json",
        many: true,
        after: input(trust, None),
        ..UploadForm::default()
    };
    html! {
        div class="columns even" {
            section class="panel" aria-labelledby="hand-out" {
                h2 id="hand-out" { "Hand it to another house" }
                p {
                    "One file, signed by this house. Nothing of the house is in it: no device, tag, serial number, room, unit or person. An entry that names one is refused and shown."
                }
                form method="post" action="/model-book/export" class="stack tight" {
                    (desk.token())
                    (input(publisher, None))
                    button class="primary" { "Write the file" }
                }
                p class="hint" {
                    "Tell the readers the fingerprint of your key by another way, such as the telephone: "
                    span class="mono" { (fingerprint(key)) }
                }
            }
            (upload(&desk.token(), &take_in))
        }
    }
}
