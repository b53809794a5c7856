//! `POST /letters/import`

use super::{letter_link, short};
use crate::desk::Section;
use crate::fault::Fault;
use crate::parts::many;
use crate::upload::Uploaded;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::letters::LetterIntake;

/// Takes in letters and says what became of each.
pub(crate) async fn take_in(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, files, .. } = uploaded;
    if files.is_empty() {
        return Err(Fault::App(AppError::invalid("file", "Choose one or more files.")));
    }
    let intake = signed.act(move |app, who| app.take_letters(who, files)).await?;
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    Ok(desk.page(Section::Advisories, "Letters taken in", report(&intake)).into_response())
}

fn report(intake: &LetterIntake) -> Markup {
    html! {
        p class="crumbs" {
            a href="/letters" { "Letters" }
            " / taken in"
        }
        header class="head" {
            h1 { "Letters taken in" }
        }
        p {
            (many(intake.taken.len() as u64, "new letter"))
            ", "
            (intake.held)
            " here already, "
            (intake.refused.len())
            " refused."
        }
        @if !intake.refused.is_empty() {
            h2 { "Refused" }
            ul class="plain-list" {
                @for bad in &intake.refused {
                    li {
                        strong { (bad.file) }
                        @if !bad.place.is_empty() { ", " (bad.place) }
                        ": "
                        (bad.why)
                    }
                }
            }
        }
        @if !intake.taken.is_empty() {
            h2 { "New" }
            ul class="wrap-list" {
                @for id in &intake.taken {
                    li {
                        a class="mono" href=(letter_link(id)) { (short(id)) }
                    }
                }
            }
        }
        p {
            a href="/letters" { "All letters" }
        }
    }
}
