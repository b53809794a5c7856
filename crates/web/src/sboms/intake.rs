//! `POST /sboms/import` and `POST /sboms/{id}/remove`

use super::link;
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::see;
use crate::parts::{damaged, many};
use crate::posted::Posted;
use crate::upload::Uploaded;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::sboms::{SbomOf, SbomsTaken};

/// Takes in parts lists and says what became of each; one that came whole leads to its page.
pub(crate) async fn take_in(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, files, fields } = uploaded;
    if files.is_empty() {
        return Err(Fault::App(AppError::invalid(
            "file",
            "Choose one or more parts lists (.json, .spdx, .zip or .gz).",
        )));
    }
    let of =
        SbomOf { maker: fields.text("maker"), model: fields.text("model"), version: fields.text("version") };
    let all = signed.act(move |app, who| app.add_sboms(who, files, &of)).await?;
    if let ([one], []) = (&all.taken[..], &all.damaged[..])
        && one.noted.is_empty()
    {
        return Ok(see(&link(&one.id)));
    }
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    Ok(desk.page(Section::Advisories, "Parts lists taken in", report(&all)).into_response())
}

/// Removes one.
pub(crate) async fn remove(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    posted.signed.act(move |app, who| app.remove_sbom(who, &id)).await?;
    Ok(see("/sboms"))
}

fn report(all: &SbomsTaken) -> Markup {
    html! {
        p class="crumbs" {
            a href="/sboms" { "Parts lists" }
            " / taken in"
        }
        header class="head" {
            h1 { "Parts lists taken in" }
        }
        @if !all.taken.is_empty() {
            ul class="plain-list" {
                @for one in &all.taken {
                    li {
                        a href=(link(&one.id)) { (one.maker) " " (one.model) " " (one.version) }
                        ": " (one.what) ", " (many(one.parts as u64, "part"))
                        @if one.nameless > 0 { ", " (one.nameless) " without a package URL" }
                    }
                }
            }
        }
        (damaged("Could not be taken in", all.damaged.iter()))
        (damaged("Read past", all.taken.iter().flat_map(|one| &one.noted)))
    }
}
