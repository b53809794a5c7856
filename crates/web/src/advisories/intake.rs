//! `POST /advisories/import`

use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link;
use crate::parts::{damaged, many};
use crate::upload::Uploaded;
use axum::response::IntoResponse;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::views::AdvisoryIntake;

/// Takes in files of advisories and says what became of each.
pub(crate) async fn take_in(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, files, .. } = uploaded;
    if files.is_empty() {
        return Err(Fault::App(AppError::invalid(
            "file",
            "Choose one or more files of advisories (.json, .zip or .gz).",
        )));
    }
    let intake = signed.act(move |app, who| app.import_advisories(who, files)).await?;
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    let page: Page = desk.page(Section::Advisories, "Advisories taken in", report(&intake));
    Ok(page.into_response())
}

fn report(intake: &AdvisoryIntake) -> Markup {
    let listed = |id: &str| {
        html! {
            a class="mono" href=(link::advisory(id)) { (id) }
        }
    };
    html! {
        p class="crumbs" {
            a href="/advisories" { "Advisories" }
            " / taken in"
        }
        header class="head" {
            h1 { "Advisories taken in" }
        }
        dl class="figures" {
            div {
                dt { "New" }
                dd { (intake.new.len()) }
            }
            div {
                dt { "Changed" }
                dd { (intake.changed.len()) }
            }
            div {
                dt { "Unchanged" }
                dd { (intake.unchanged) }
            }
            div {
                dt { "Could not be read" }
                dd { (intake.damaged.len()) }
            }
        }
        p {
            (many(intake.verdicts_changed as u64, "configuration"))
            " got another verdict. "
            a href="/findings" { "See the findings" }
        }
        @if !intake.flaws.is_empty() {
            @let flaws = &intake.flaws;
            p {
                "Flaws of packages: "
                (flaws.new) " new, " (flaws.changed) " changed, " (flaws.unchanged) " unchanged, "
                (flaws.unplaced) " naming no package. "
                a href="/sboms" { "See the parts lists" }
            }
        }
        (damaged("Could not be read", &intake.damaged))
        @if !intake.new.is_empty() {
            section {
                h2 { "New" }
                ul class="wrap-list" {
                    @for id in &intake.new {
                        li { (listed(id)) }
                    }
                }
            }
        }
        @if !intake.changed.is_empty() {
            section {
                h2 { "Changed" }
                ul class="plain-list" {
                    @for (id, changes) in &intake.changed {
                        li {
                            (listed(id))
                            ul {
                                @for change in changes {
                                    li { (change) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
