//! `/written`

use super::{state, written_link};
use crate::advisories::around;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::letters::{letter_link, short};
use crate::parts::{empty, many, number};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_app::written::WrittenLine;

/// Advisories written here, those that wait for a person first.
pub(crate) async fn list(signed: Signed) -> Result<Page, Fault> {
    let (desk, lines) = signed.view(|app| app.written()).await?;
    let body = html! {
        header class="head" {
            h1 { "Advisories written here" }
            div class="actions" {
                @if desk.may_write() {
                    a class="button primary" href="/written/new" { "Write an advisory" }
                }
            }
        }
        (around("/written"))
        p class="lead" {
            "What a letter says, in the language of clauses. It takes effect when a second person has read it and agreed."
        }
        @if lines.is_empty() {
            ({
                empty(
                    "None yet",
                    "Most makers write letters, not CSAF. Begin from the letter, and what it names is filled in; or begin with nothing.",
                    Some(("See the letters", "/letters")),
                )
            })
        } @else {
            p class="list-head" {
                strong { (many(lines.len() as u64, "advisory")) }
                " written here"
            }
            (table(&desk, &lines))
        }
    };
    Ok(desk.page(Section::Advisories, "Advisories written here", body))
}

fn table(desk: &Desk, lines: &[WrittenLine]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Advisories written here" {
            table class="list" {
                caption class="hidden" { "Advisories written here" }
                thead {
                    tr {
                        th scope="col" { "Advisory" }
                        th scope="col" { "Title" }
                        th scope="col" { "State" }
                        th scope="col" { "Written by" }
                        th scope="col" { "Of letter" }
                        th scope="col" class="num" { "Released revisions" }
                        th scope="col" class="num" { "Since" }
                    }
                }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" class="mono" {
                                a href=(written_link(&line.id)) { (line.id) }
                            }
                            td class="clip name" title=(line.title) {
                                @if line.title.is_empty() {
                                    span class="quiet" { "no title yet" }
                                } @else { (line.title) }
                            }
                            td { (state(line.state)) }
                            td class="clip" { (line.writers.join(", ")) }
                            td {
                                @if line.letter.is_empty() {
                                    span class="quiet" { "none" }
                                } @else {
                                    a class="mono" href=(letter_link(&line.letter)) { (short(&line.letter)) }
                                }
                            }
                            td class="num" { (number(line.revisions as u64)) }
                            td class="num" { (desk.when(line.since)) }
                        }
                    }
                }
            }
        }
    }
}
