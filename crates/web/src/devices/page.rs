//! `/devices/{id}`

use super::explain;
use super::query::id_of;
use super::sections;
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::link;
use crate::parts::{class_words, presence, status};
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::views::DevicePage;

/// What it is, where, whose; whether it is affected; who says so.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>) -> Result<Response, Fault> {
    show(signed, &id, "", "", None).await
}

/// The page, with what was typed into the fact form and the complaint about it.
pub(super) async fn show(
    signed: Signed,
    id: &str,
    field: &str,
    value: &str,
    complaint: Option<&Complaint>,
) -> Result<Response, Fault> {
    let asked = id_of(id)?;
    let (desk, (view, lists, explained)) = signed
        .view(move |app| Ok((app.device(asked)?, app.sboms_of_device(asked)?, app.explain(asked)?)))
        .await?;
    if view.line.id != asked {
        // A merged handle redirects for ever to the one that was kept.
        return Ok(axum::response::Redirect::permanent(&link::device(view.line.id)).into_response());
    }
    let body = html! {
        (top(&desk, &view))
        div class="columns" {
            div class="wide" {
                (sections::findings(&view))
                (crate::sboms::section(&lists))
                (explain::section(&desk, &explained.explanation))
                (sections::fields(&desk, &view))
                (sections::flows(&desk, &view))
            }
            div {
                @if desk.may_write() { (sections::fact_form(&desk, &view, field, value, complaint)) }
                (sections::names(&view))
                (sections::timeline(&desk, &view))
            }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Devices, &view.line.name, body).into_response())
}

fn top(desk: &Desk, view: &DevicePage) -> Markup {
    let line = &view.line;
    html! {
        p class="crumbs" {
            a href="/devices" { "Devices" }
            " / "
            span class="mono" { (line.id) }
        }
        header class="head" {
            h1 { (line.name) }
            (desk.as_of(view.as_of))
            @if desk.may_write() {
                form method="post" action={ (link::device(line.id)) "/match" } class="actions" data-once {
                    (desk.token())
                    button title="Holds every advisory against this device again" { "Match again" }
                }
            }
        }
        dl class="facts" {
            div {
                dt { "What" }
                dd {
                    (line.maker)
                    " "
                    (line.model)
                    @if !line.class.is_empty() {
                        span class="quiet" { " " (class_words(&line.class)) }
                    }
                }
            }
            div {
                dt { "Where" }
                dd {
                    @let place = line.place.plain();
                    @if place.is_empty() {
                        span class="quiet" { "not known" }
                    } @else { (place) }
                    @if let Some(seen) = &view.observed {
                        span class="quiet" { " · seen in " (seen.plain()) }
                    }
                }
            }
            div {
                dt { "Whose" }
                dd {
                    @if line.unit.is_empty() {
                        span class="quiet" { "no unit" }
                    } @else {
                        a href=(link::unit(&line.unit)) { (line.unit) }
                    }
                    @if !line.pool.is_empty() { " · pool " (line.pool) }
                }
            }
            div {
                dt { "Software" }
                dd class="mono" {
                    @if line.version.is_empty() {
                        span class="quiet" { "not known" }
                    } @else { (line.version) }
                }
            }
            div {
                dt { "Security status" }
                dd {
                    (status(&line.status_code, &line.status))
                    @if line.status_code == "unknown" {
                        span class="quiet" { (line.status.trim_start_matches("unknown")) }
                    }
                }
            }
            div {
                dt { "Record and wire" }
                dd {
                    (presence(line.presence))
                    span class="quiet" { " " (view.why) }
                }
            }
            div {
                dt { "Last seen" }
                dd { (desk.when_or(line.last_seen, "never on the wire")) }
            }
        }
        @for contest in &view.contested {
            p class="contest" {
                strong { "Contested: " }
                (contest.why)
                " ("
                (contest.ours.plain())
                " against "
                (contest.theirs.plain())
                ")"
            }
        }
    }
}
