//! `/letters`

use super::letter_link;
use crate::advisories::around;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::parts::{UploadForm, damaged, empty, many, number, upload};
use crate::signed::Signed;
use crate::untold;
use maud::{Markup, html};
use tallyward_app::letters::{LetterLine, WatchedFolder};
use tallyward_app::untold::ArrivalState;

/// CVE ids and models named in a row of the list.
const NAMED: usize = 3;

/// What arrived, open ones first.
pub(crate) async fn list(signed: Signed) -> Result<Page, Fault> {
    let (desk, (lines, folder)) = signed.view(|app| Ok((app.letters()?, app.watched_folder()))).await?;
    let open = lines.iter().filter(|line| line.state != ArrivalState::Closed).count();
    let body = html! {
        header class="head" {
            h1 { "Letters" }
        }
        (around("/letters"))
        p class="lead" {
            "Mail, field safety notices, bulletins, pages and reports of an exchange of threats (STIX): what arrives and is no CSAF document. The original is kept byte for byte; what it names is a proposal until a person decides."
        }
        @if let Some(folder) = &folder { (watched(&desk, folder)) }
        @if lines.is_empty() {
            ({
                empty(
                    "No letters yet",
                    "Most makers write mail, not CSAF. Save such a mail as a file and take it in below, or from the command line: tallyward letters take PATH.",
                    None,
                )
            })
        } @else {
            p class="list-head" {
                strong { (many(lines.len() as u64, "letter")) }
                ", " (number(open as u64)) " open"
            }
            (table(&desk, &lines))
        }
        @if desk.may_write() { (form(&desk)) }
    };
    Ok(desk.page(Section::Advisories, "Letters", body))
}

/// How the last look into the folder went.
fn watched(desk: &Desk, folder: &WatchedFolder) -> Markup {
    html! {
        @if folder.error.is_empty() {
            p class="quiet" {
                "Letters that arrive in "
                span class="mono" { (folder.folder) }
                " are taken in by themselves: last looked " (desk.when(folder.looked)) ", "
                (many(folder.taken as u64, "new letter")) " since the start."
            }
        } @else {
            p class="error" role="alert" {
                "▲ " "Letters that arrive in " span class="mono" { (folder.folder) } " are not read: " (folder.error) }
        }
        (damaged("Not taken in from there", &folder.refused))
    }
}

fn table(desk: &Desk, lines: &[LetterLine]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Letters" {
            table class="list" {
                caption class="hidden" { "Letters" }
                thead {
                    tr {
                        th scope="col" { "Letter" }
                        th scope="col" { "From" }
                        th scope="col" { "State" }
                        th scope="col" { "CVE named" }
                        th scope="col" { "Models here" }
                        th scope="col" class="num" { "Received" }
                    }
                }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" class="clip name" title=(line.subject) {
                                @if !line.tlp.is_empty() {
                                    span class="quiet" { (line.tlp) }
                                    " "
                                }
                                a href=(letter_link(&line.id)) { (line.subject) }
                                @if line.attachments > 0 {
                                    span class="quiet" { " · " (many(line.attachments as u64, "attachment")) }
                                }
                            }
                            td class="clip short" title=(line.sender) { (said(&line.sender)) }
                            td { (untold::state_short(line.state)) }
                            td class="mono wrap" { (some(&line.cves)) }
                            td class="clip" title=(line.names.join(", ")) { (some(&line.names)) }
                            td class="num" { (desk.when(line.received)) }
                        }
                    }
                }
            }
        }
    }
}

fn said(text: &str) -> Markup {
    html! {
        @if text.is_empty() {
            span class="quiet" { "not said" }
        } @else { (text) }
    }
}

fn some(names: &[String]) -> Markup {
    html! {
        @if names.is_empty() {
            span class="quiet" { "none" }
        } @else {
            (names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))
            @if names.len() > NAMED { " and " (names.len() - NAMED) " more" }
        }
    }
}

fn form(desk: &Desk) -> Markup {
    upload(
        &desk.token(),
        &UploadForm {
            id: "take-in",
            title: "Take letters in",
            text: html! {
                "Mail saved as a file (.eml), a mailbox file (.mbox), text, a saved web page, a STIX bundle (.json), or any other file such as a PDF. At most 20 MB each. The same bytes count once."
            },
            action: "/letters/import",
            field: "letter",
            label: "Files",
            many: true,
            ..UploadForm::default()
        },
    )
}
