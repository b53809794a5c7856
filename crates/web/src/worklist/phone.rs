//! `/w/{device}/{field}`: read one field at the device, on a telephone. One question a page, no script.

use crate::assets::ANSWER_CSS;
use crate::devices::{ENTERED, id_of};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::link;
use crate::parts::many;
use crate::posted::Posted;
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::model_book::MayRead;
use tallyward_app::reading::{Settled, ToRead, doubt};
use tallyward_core::{Field, Verdict};

fn field_of(code: &str) -> Result<Field, Fault> {
    code.parse().ok().filter(|field| ENTERED.contains(field)).ok_or(Fault::NoPage)
}

/// What to read, where, and whether it may be done now.
pub(crate) async fn ask(signed: Signed, Path((id, field)): Path<(String, String)>) -> Result<Page, Fault> {
    show(&signed, &id, &field, "", None, None).await
}

/// The answer: what it settled, and whom drafts would reach.
pub(crate) async fn answer(Path((id, code)): Path<(String, String)>, posted: Posted) -> Result<Page, Fault> {
    let (device, field) = (id_of(&id)?, field_of(&code)?);
    let (signed, fields) = (posted.signed, posted.fields);
    let what = fields.text("what");
    if matches!(what.as_str(), "unreadable" | "absent") {
        let absent = what == "absent";
        signed.act(move |app, who| app.could_not_read(who, device, field, absent)).await?;
        let told = if absent { "Recorded: it was not here." } else { "Recorded: it could not be read." };
        return Ok(document(told, thanks(told, html! { p { "The findings go on waiting." } })));
    }
    let value = fields.text("value");
    if let Some(question) = doubt(field, &value).filter(|_| fields.get("sure").is_empty()) {
        return show(&signed, &id, &code, &value, Some(question), None).await;
    }
    let typed = value.clone();
    match signed.act(move |app, who| app.read_on_device(who, device, field, &typed)).await {
        Ok(settled) => Ok(document("Recorded", done(&value, field, &settled))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            show(&signed, &id, &code, &value, None, Some(&complaint)).await
        }
    }
}

async fn show(
    signed: &Signed,
    id: &str,
    code: &str,
    value: &str,
    question: Option<&str>,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (device, field) = (id_of(id)?, field_of(code)?);
    let view = signed.console.call(move |app| app.to_read(device, field)).await?;
    let body = html! {
        p class="house" { (signed.console.app.site().name) }
        h1 { (view.device.name) }
        p class="by" {
            (view.device.maker) " " (view.device.model)
            @let place = view.device.place.plain();
            @if !place.is_empty() { ", " (place) }
        }
        (where_to_read(&view))
        form method="post" {
            input type="hidden" name="csrf" value=(signed.session.csrf);
            @if let Some(complaint) = complaint {
                p class="error" role="alert" { "▲ " (complaint.why) }
            }
            @if let Some(question) = question {
                p class="error" role="alert" { "◆ " (question) }
                input type="hidden" name="sure" value="yes";
            }
            label for="value" { (field.label()) ", as it stands there" }
            input id="value" name="value" class="read" value=(value) autocomplete="off" autocapitalize="off" spellcheck="false";
            div class="answers" {
                button name="what" value="read" class="done" {
                    @if question.is_some() { "Yes, record it" } @else { "Record" }
                }
                button name="what" value="unreadable" { "Cannot be read" }
                button name="what" value="absent" { "Device not here" }
            }
        }
    };
    let mut page = document(field.label(), body);
    page.0 = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(page)
}

fn where_to_read(view: &ToRead) -> Markup {
    let when = view.reading.as_ref().map_or_else(MayRead::default, |one| one.when);
    html! {
        h2 { "Read: " (view.field.label()) }
        @match &view.reading {
            Some(one) => p { (one.path) },
            None => p { "Nobody has written down where." },
        }
        @if when == MayRead::WhileInUse {
            p { "It may be read while it is in use." }
        } @else {
            p class="error" { "▲ " (when.plain()) "." }
        }
        @if !view.held.is_empty() {
            p class="by" { "On record: " (view.held) }
        }
    }
}

fn thanks(title: &str, rest: Markup) -> Markup {
    html! {
        div class="thanks" role="status" { h2 { (title) } }
        (rest)
        p { a class="next" href="/w" { "Next code" } }
        p { a href="/worklist" { "Worklist" } }
    }
}

fn done(value: &str, field: Field, settled: &Settled) -> Markup {
    let rest = html! {
        (came_of_it(settled))
        @if settled.reaches.is_empty() {
            p { "No draft names this device: nobody would be told." }
        } @else {
            p { "Only these people would be told, after a lead has released it:" }
            ul {
                @for (name, why) in &settled.reaches {
                    li { strong { (name) } span { (why) } }
                }
            }
            p {
                "Told in "
                @for (at, id) in settled.drafts.iter().enumerate() {
                    @if at > 0 { ", " }
                    a href={ "/drafts/" (link::encode(id)) } { "draft " (at + 1) }
                }
                "."
            }
        }
        p { a href="/changes" { "Whose verdict changed, and why" } }
    };
    thanks(&format!("Recorded: {} {value}", field.label()), rest)
}

/// Which verdicts the reading gave, each by word and shape.
fn came_of_it(settled: &Settled) -> Markup {
    let counts =
        [("▲", Verdict::Affected, settled.affected), ("●", Verdict::NotAffected, settled.not_affected)];
    html! {
        @if settled.affected + settled.not_affected == 0 {
            p { "No finding of this device was waiting for it." }
        }
        @for (shape, said, count) in counts {
            @if count > 0 { p { strong { (many(count, "finding")) ": " (shape) " " (said.label()) } } }
        }
        @if settled.waiting > 0 {
            p { (many(settled.waiting, "finding")) " of it still wait for another fact." }
        }
    }
}

pub(super) fn document(title: &str, body: Markup) -> Page {
    let page = html! {
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href=(ANSWER_CSS.path);
                link rel="icon" href="data:,";
            }
            body { main { (body) } }
        }
    };
    Page(StatusCode::OK, page)
}

/// The path for a device and field.
pub(super) fn path(id: tallyward_core::DeviceId, field: Field) -> String {
    format!("/w/{id}/{}", link::encode(field.code()))
}
