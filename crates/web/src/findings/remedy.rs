//! How far the remedy of a finding is: shown, and `POST …/remedy`.

use crate::advisories::{state_of, states};
use crate::desk::{Desk, saying};
use crate::devices::id_of;
use crate::fault::Fault;
use crate::html::see;
use crate::link;
use crate::posted::Posted;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::FindingPage;

/// The mark as it stands, and the form to set another.
pub(super) fn form(desk: &Desk, view: &FindingPage) -> Markup {
    let line = &view.line;
    let now = view.remedy.as_ref().filter(|mark| !mark.outdated).map(|mark| mark.state.as_str());
    html! {
        section class="panel" aria-labelledby="progress" {
            h2 id="progress" { "How far the remedy is" }
            @match &view.remedy {
                Some(mark) => {
                    p {
                        strong { (mark.label) }
                        ", said " (mark.by) ", " (desk.when(mark.at))
                        @if !mark.note.is_empty() { ": " (mark.note) }
                    }
                    @if mark.outdated {
                        p class="note" { "The advisory offers other remedies since, so it counts as not remediated." }
                    }
                }
                None => p class="quiet" { "Nobody has marked it: not remediated." }
            }
            @if desk.may_write() {
                form
                    method="post"
                    action={ (link::finding(line.device, &line.advisory, &line.vulnerability)) "/remedy" }
                    class="stack tight"
                    data-once {
                    (desk.token())
                    (states(now))
                    label for="note" { "Note" }
                    input id="note" name="note" maxlength="300";
                    p { button { "Mark" } }
                }
                p class="hint" { "A mark changes no verdict; a version read on the device does." }
            }
        }
    }
}

/// Records the mark.
pub(crate) async fn mark(
    Path((device, advisory, vulnerability)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let id = id_of(&device)?;
    let state = state_of(posted.fields.get("state"))?;
    let note: String = posted.fields.text("note").chars().take(300).collect();
    let back = link::finding(id, &advisory, &vulnerability);
    let marked = posted
        .signed
        .act(move |app, who| app.mark_remedy(who, Some(id), &advisory, &vulnerability, state, &note))
        .await?;
    Ok(see(&saying(&back, "marked", marked as u64)))
}
