//! `POST /model-book/export` and `POST /model-book/import`

use super::entry_link;
use crate::desk::Section;
use crate::fault::Fault;
use crate::parts::many;
use crate::posted::Posted;
use crate::upload::Uploaded;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::model_book::{BookIntake, FromFile};

/// The signed file.
pub(crate) async fn export(posted: Posted) -> Result<Response, Fault> {
    let publisher = posted.fields.text("publisher");
    let signed = posted
        .signed
        .act(move |app, who| {
            if !who.role.may_write() {
                return Err(AppError::Refused("a reader cannot hand out the model book".to_owned()));
            }
            app.export_model_book(who, &publisher)
        })
        .await?;
    let text = serde_json::to_vec_pretty(&signed).map_err(|_| Fault::Defect)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"model-book.json\""),
    ];
    Ok((headers, text).into_response())
}

/// Takes in files and says what became of them. All are read before the first is taken in.
pub(crate) async fn take_in(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, files, fields } = uploaded;
    if files.is_empty() {
        return Err(Fault::App(AppError::invalid("file", "Choose a model book or entries (.json).")));
    }
    let trust = fields.text("trust");
    let intakes = signed
        .act(move |app, who| {
            let read: Vec<FromFile> =
                files.iter().map(|(name, bytes)| FromFile::read(name, bytes)).collect::<Result<_, _>>()?;
            if !trust.is_empty() {
                app.trust_signer(who, &read, &trust)?;
            }
            read.iter().map(|file| app.import_model_book(who, file)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    let body = html! {
        p class="crumbs" {
            a href="/model-book" { "Model book" }
            " / taken in"
        }
        header class="head" {
            h1 { "Taken into the model book" }
        }
        @for intake in &intakes { (told(intake)) }
        p {
            a href="/model-book" { "See the book" }
        }
    };
    Ok(desk.page(Section::Worklist, "Taken into the model book", body).into_response())
}

fn told(intake: &BookIntake) -> Markup {
    html! {
        section {
            p {
                @if intake.fingerprint.is_empty() { "A file nobody signed: " } @else {
                    "From "
                    strong { (intake.publisher) }
                    ", key "
                    span class="mono" { (intake.fingerprint) }
                    ": "
                }
                (many(intake.taken.len() as u64, "piece"))
                " taken, "
                (intake.same)
                " known already, "
                (intake.kept.len())
                " kept as they stand here."
            }
            @if !intake.kept.is_empty() {
                p { "These say otherwise than what stands here:" }
                ul {
                    @for kept in &intake.kept {
                        li { (kept) }
                    }
                }
            }
        }
    }
}

/// The entry just written.
pub(super) fn back(maker: &str, model: &str) -> Response {
    crate::html::see(&crate::desk::saying(&entry_link(maker, model, None), "written", 0))
}
