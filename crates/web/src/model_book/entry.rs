//! `/model-book/entry`: one model.

use super::share::back;
use crate::desk::{Desk, Section};
use crate::devices::ENTERED;
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::link::Ask;
use crate::parts::{Input, complaint_box, input, select, submit, textarea};
use crate::posted::{Fields, Posted};
use crate::signed::Signed;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::model_book::{MayRead, ModelEntry, Notes, Reading, Service, Written};
use tallyward_core::Field;

/// What is written of a model, and the forms to write more.
pub(crate) async fn page(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let typed = Fields(ask.pairs().to_vec());
    show(signed, &typed, None).await
}

/// Writes down where to read a field.
pub(crate) async fn write_reading(posted: Posted) -> Result<Response, Fault> {
    let fields = posted.fields;
    let (maker, model) = (fields.text("maker"), fields.text("model"));
    let read = reading(&fields);
    let written = match read {
        Err(why) => Err(Fault::App(why)),
        Ok(reading) => {
            let (maker, model) = (maker.clone(), model.clone());
            posted.signed.act(move |app, who| app.write_reading(who, &maker, &model, reading)).await
        }
    };
    answered(posted.signed, &fields, written).await
}

/// Writes down how to wipe, what it talks to, and notes.
pub(crate) async fn write_notes(posted: Posted) -> Result<Response, Fault> {
    let fields = posted.fields;
    let (maker, model) = (fields.text("maker"), fields.text("model"));
    let written = match notes(&fields) {
        Err(why) => Err(Fault::App(why)),
        Ok(notes) => posted.signed.act(move |app, who| app.write_notes(who, &maker, &model, notes)).await,
    };
    answered(posted.signed, &fields, written).await
}

async fn answered(signed: Signed, fields: &Fields, outcome: Result<(), Fault>) -> Result<Response, Fault> {
    match outcome {
        Ok(()) => Ok(back(fields.get("maker"), fields.get("model"))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(signed, fields, Some(&complaint)).await?.into_response())
        }
    }
}

fn reading(fields: &Fields) -> Result<Reading, AppError> {
    let field: Field = fields
        .get("field")
        .parse()
        .ok()
        .filter(|field| ENTERED.contains(field))
        .ok_or_else(|| AppError::invalid("field", "Choose one of the fields offered."))?;
    let minutes = match fields.get("minutes") {
        "" => None,
        text => {
            let why = "Type whole minutes, such as 3, or leave it empty when nobody has timed it.";
            Some(text.parse().map_err(|_| AppError::invalid("minutes", why))?)
        }
    };
    Ok(Reading {
        field,
        component: fields.text("component"),
        path: fields.text("path").replace("\r\n", "\n"),
        when: MayRead::from_code(fields.get("when")).unwrap_or_default(),
        minutes,
        written: Written { document: fields.text("document"), ..Written::default() },
    })
}

/// Services are typed one a line: `DICOM tcp/104 the image archive`.
fn notes(fields: &Fields) -> Result<Notes, AppError> {
    let mut services = Vec::new();
    for line in fields.get("services").lines().map(str::trim).filter(|line| !line.is_empty()) {
        services.push(service(line).ok_or_else(|| {
            let why = format!("{line:?}: type name, then tcp/port or udp/port, then what it talks to");
            AppError::invalid("services", why)
        })?);
    }
    Ok(Notes {
        model_number: fields.text("model_number"),
        wipe: fields.text("wipe").replace("\r\n", "\n"),
        services,
        maintenance: fields.text("maintenance").replace("\r\n", "\n"),
        document: fields.text("notes_document"),
    })
}

fn service(line: &str) -> Option<Service> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let port = |word: &str| {
        let (transport, port) = word.split_once('/')?;
        matches!(transport, "tcp" | "udp").then_some(())?;
        Some((transport.to_owned(), port.parse::<u16>().ok()?))
    };
    let at = words.iter().position(|word| port(word).is_some()).filter(|at| *at > 0)?;
    let (transport, port) = port(words[at])?;
    Some(Service { name: words[..at].join(" "), port, transport, with: words[at + 1..].join(" ") })
}

fn service_line(one: &Service) -> String {
    let transport = if one.transport.is_empty() { "tcp" } else { &one.transport };
    format!("{} {transport}/{} {}", one.name, one.port, one.with)
}

async fn show(signed: Signed, typed: &Fields, complaint: Option<&Complaint>) -> Result<Page, Fault> {
    let (maker, model) = (typed.text("maker"), typed.text("model"));
    if maker.is_empty() || model.is_empty() {
        return Err(Fault::NoPage);
    }
    let (desk, entry) = signed.view(move |app| app.model_entry_for(&maker, &model)).await?;
    let title = format!("{} {}", entry.maker, entry.model);
    let body = html! {
        p class="crumbs" {
            a href="/worklist" { "Worklist" }
            " / "
            a href="/model-book" { "model book" }
        }
        header class="head" {
            h1 { (title) }
        }
        (complaint_box(complaint, &["field", "path", "minutes", "services"]))
        div class="columns" {
            div class="wide" { (readings(&entry)) (about(&entry)) }
            div {
                @if desk.may_write() {
                    (reading_form(&desk, &entry, typed, complaint))
                    (notes_form(&desk, &entry, typed, complaint))
                }
            }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Worklist, &title, body))
}

fn said_by(written: &Written) -> Markup {
    html! {
        span class="quiet" {
            (written.by)
            " "
            (written.on)
            @if !written.document.is_empty() { ", from: " (written.document) }
        }
    }
}

fn readings(entry: &ModelEntry) -> Markup {
    html! {
        section aria-labelledby="readings" {
            h2 id="readings" { "Where to read it" }
            @if entry.readings.is_empty() {
                p class="quiet" { "Nobody has written down where. Until then nothing is read on it while it is on a patient." }
            } @else {
                div class="scroll" {
                table class="list wrap" {
                    thead {
                        tr {
                            th scope="col" { "Field" }
                            th scope="col" { "Where" }
                            th scope="col" { "When" }
                            th scope="col" class="num" { "Minutes" }
                            th scope="col" { "Written by" }
                        }
                    }
                    tbody {
                        @for one in &entry.readings {
                            tr {
                                th scope="row" {
                                    a href=({
                                        super::entry_link(
                                            &entry.maker,
                                            &entry.model,
                                            Some((one.field, &one.component)),
                                        )
                                    }) {
                                        (one.field.label())
                                        @if !one.component.is_empty() { " of " (one.component) }
                                    }
                                }
                                td { (one.path) }
                                td { (one.when.plain()) }
                                td class="num" {
                                    @if let Some(minutes) = one.minutes { (minutes) } @else { "not timed" }
                                }
                                td { (said_by(&one.written)) }
                            }
                        }
                    }
                }
                }
            }
        }
    }
}

fn about(entry: &ModelEntry) -> Markup {
    let told = |text: &str| {
        html! {
            @if text.is_empty() {
                span class="quiet" { "not written down" }
            } @else { (text) }
        }
    };
    html! {
        section aria-labelledby="about" {
            h2 id="about" { "About the model" }
            dl class="facts" {
                div {
                    dt { "How to wipe it" }
                    dd { (told(&entry.wipe)) }
                }
                div {
                    dt { "Maintenance" }
                    dd { (told(&entry.maintenance)) }
                }
                div {
                    dt { "Talks to" }
                    dd {
                        @if entry.services.is_empty() {
                            span class="quiet" { "not written down" }
                        }
                        ul {
                            @for one in &entry.services {
                                li { (service_line(one)) }
                            }
                        }
                    }
                }
                @if !entry.model_number.is_empty() {
                    div {
                        dt { "Model number" }
                        dd class="mono" { (entry.model_number) }
                    }
                }
            }
            @if entry.written != Written::default() {
                p { (said_by(&entry.written)) }
            }
        }
    }
}

fn hidden(entry: &ModelEntry) -> Markup {
    html! {
        input type="hidden" name="maker" value=(entry.maker);
        input type="hidden" name="model" value=(entry.model);
    }
}

fn reading_form(desk: &Desk, entry: &ModelEntry, typed: &Fields, complaint: Option<&Complaint>) -> Markup {
    let fields: Vec<(&str, &str)> = ENTERED.iter().map(|field| (field.code(), field.label())).collect();
    let whens: Vec<(&str, &str)> = [MayRead::NotOnPatient, MayRead::WhileInUse, MayRead::ServiceMode]
        .map(|when| (when.code(), when.plain()))
        .to_vec();
    let asked = typed.get("field").parse::<Field>().ok();
    let held = asked.and_then(|field| entry.reading(field, typed.get("component")));
    let filled = |name: &str, of: &dyn Fn(&Reading) -> String| {
        let typed = typed.text(name);
        if typed.is_empty() { held.map(of).unwrap_or_default() } else { typed }
    };
    let path = filled("path", &|one| one.path.clone());
    let when = filled("when", &|one| one.when.code().to_owned());
    let minutes =
        filled("minutes", &|one| one.minutes.map(|minutes| minutes.to_string()).unwrap_or_default());
    let document = filled("document", &|one| one.written.document.clone());
    html! {
        section class="panel" id="write" aria-labelledby="write-head" {
            h2 id="write-head" { "Write down where to read it" }
            form method="post" action="/model-book/reading" class="stack tight" data-once {
                (desk.token())
                (hidden(entry))
                (select(Input { name: "field", label: "Field", value: typed.get("field"), ..Input::default() }, &fields, complaint))
                (input(Input { name: "component", label: "Of which component", hint: "Only for the version of a part.", value: typed.get("component"), ..Input::default() }, complaint))
                (textarea(Input { name: "path", label: "The way to the screen or label", hint: "In your own words, from the screen it starts on. Empty takes it out again.", value: &path, ..Input::default() }, 3, complaint))
                (select(Input { name: "when", label: "May it be read", value: &when, ..Input::default() }, &whens, complaint))
                (input(Input { name: "minutes", label: "Minutes at the device", hint: "Leave it empty when nobody has timed it.", value: &minutes, ..Input::default() }, complaint))
                (input(Input { name: "document", label: "From which document", hint: "Such as the service manual with its edition, or: found on the device.", value: &document, ..Input::default() }, complaint))
                (submit("Write it down"))
            }
        }
    }
}

fn notes_form(desk: &Desk, entry: &ModelEntry, typed: &Fields, complaint: Option<&Complaint>) -> Markup {
    let sent = typed.0.iter().any(|(name, _)| name == "wipe");
    let filled = |name: &str, held: &str| if sent { typed.text(name) } else { held.to_owned() };
    let services: Vec<String> = entry.services.iter().map(service_line).collect();
    let services = filled("services", &services.join("\n"));
    let (wipe, maintenance) = (filled("wipe", &entry.wipe), filled("maintenance", &entry.maintenance));
    let number = filled("model_number", &entry.model_number);
    let document = filled("notes_document", &entry.written.document);
    html! {
        section class="panel" aria-labelledby="notes-head" {
            h2 id="notes-head" { "About the model" }
            form method="post" action="/model-book/notes" class="stack tight" data-once {
                (desk.token())
                (hidden(entry))
                (input(Input { name: "model_number", label: "Model number", value: &number, ..Input::default() }, complaint))
                (textarea(Input { name: "wipe", label: "How to wipe it", value: &wipe, ..Input::default() }, 3, complaint))
                (textarea(Input { name: "services", label: "What it talks to", hint: "One a line: DICOM tcp/104 the image archive", value: &services, ..Input::default() }, 3, complaint))
                (textarea(Input { name: "maintenance", label: "Notes for maintenance", value: &maintenance, ..Input::default() }, 3, complaint))
                (input(Input { name: "notes_document", label: "From which document", value: &document, ..Input::default() }, complaint))
                (submit("Write it down"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_typed_one_a_line() {
        let one = service("DICOM storage tcp/104 the image archive").unwrap();
        assert_eq!(
            (one.name.as_str(), one.port, one.with.as_str()),
            ("DICOM storage", 104, "the image archive")
        );
        assert_eq!(service(&service_line(&one)), Some(one));
        for bad in ["DICOM", "tcp/104 nothing", "DICOM tcp/99999", "DICOM ftp/21 x"] {
            assert_eq!(service(bad), None, "{bad}");
        }
    }
}
