//! `/notices/{id}`

use super::ANSWERS;
use super::list::clock;
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::link::{self, encode};
use crate::parts::{
    Input, as_read, complaint_box, device_table, many, technical, textarea, tier, tier_words,
};
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::views::{Moment, NoticePage};

/// The text that was released, its clock, each delivery and each answer.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>) -> Result<Page, Fault> {
    show(signed, id, None, None).await
}

/// What was typed into one of the forms that end or mend a notice: `stand-down` or `correct`, and its text.
pub(super) type Typed = (&'static str, String);

/// The field of a form that ends or mends a notice.
pub(super) fn field_of(form: &str) -> &'static str {
    if form == "correct" { "correction" } else { "ending" }
}

/// The page, with what was typed and the complaint about it.
pub(super) async fn show(
    signed: Signed,
    id: String,
    typed: Option<&Typed>,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.notice(&id)).await?;
    let line = &view.line;
    let body = html! {
        p class="crumbs" {
            a href="/notices" { "Notices" }
            " / "
            span class="mono" { (line.id) }
        }
        header class="head" {
            h1 { (line.subject) }
            (desk.as_of(view.as_of))
        }
        p class="lead" {
            (tier(&line.tier))
            " "
            (tier_words(&line.tier))
            " · "
            @if line.unit.is_empty() { "biomed and security" } @else {
                a href=(link::unit(&line.unit)) { (line.unit) }
            }
            " · released by "
            strong { (line.released_by) }
            " "
            (desk.when(line.released))
            " · "
            a href=(link::advisory(&line.advisory)) { (line.advisory) }
        }
        @for (other, kind) in &view.related {
            p class="banner" {
                (kind)
                ": "
                a href={ "/notices/" (encode(other)) } { (other) }
            }
        }
        @if let Some(raised) = &line.raised {
            p class="banner now" {
                strong { "Needs a person: " }
                (raised)
            }
        }
        (complaint_box(complaint, &["correction", "ending"]))
        (track(&desk, &view))
        div class="columns even" {
            div {
                h2 { "What was sent" }
                (as_read(&line.subject, &view.lines))
                (technical(&view.technical, line.audience == "technical"))
                (mend(&desk, &view, typed, complaint))
            }
            div {
                h2 { (many(view.devices.len() as u64, "device")) " named" }
                (device_table(&view.devices))
                (answer_form(&desk, &view))
            }
        }
        (answers(&desk, &view))
        (deliveries(&desk, &view))
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Notices, &line.subject, body))
}

/// Sent, delivered, acknowledged and done are four timestamps; the ladder stands below with its clock.
fn track(desk: &Desk, view: &NoticePage) -> Markup {
    let line = &view.line;
    let steps: [(&str, Option<Moment>); 5] = [
        ("Released", Some(line.released)),
        ("Sent", line.sent),
        ("Delivered", line.delivered),
        ("Acknowledged", line.acknowledged),
        ("Done", line.done),
    ];
    html! {
        section aria-labelledby="clock" {
            h2 id="clock" { "Clock: " (clock(desk, line)) }
            ol class="track" {
                @for (name, at) in steps {
                    li class=[at.is_some().then_some("done")] {
                        strong { (name) }
                        @if let Some(at) = at { (desk.when(at)) } @else {
                            span class="quiet" { "not yet" }
                        }
                    }
                }
            }
            @if !view.ladder.is_empty() {
                ol class="ladder" {
                    @for (what, due, done) in &view.ladder {
                        li  class={
                                @if done.is_some() { "done" } @else if due.0 < desk.now { "late" }
                            }
                        {
                            strong { (what) }
                            " "
                            @if let Some(done) = done { "done " (desk.when(*done)) } @else {
                                "due "
                                (desk.when(*due))
                            }
                        }
                    }
                }
            }
            @if view.as_is_minutes.is_some() || view.here_minutes.is_some() {
                p {
                    @if let Some(minutes) = view.here_minutes {
                        "First answer here after "
                        strong { (many(minutes.into(), "minute")) }
                        ". "
                    }
                    @if let Some(minutes) = view.as_is_minutes {
                        "Before Tallyward a hazard took "
                        (many(minutes.into(), "minute"))
                        " to reach this unit ("
                        a href="/paths" { "recorded path" }
                        ")."
                    }
                }
            }
        }
    }
}

fn answers(desk: &Desk, view: &NoticePage) -> Markup {
    html! {
        section aria-labelledby="answers" {
            h2 id="answers" { "Answers" }
            @if view.answers.is_empty() {
                p class="quiet" { "Nobody has answered yet." }
            } @else {
                div class="scroll" {
                    table class="list" {
                        caption class="hidden" { "Answers" }
                        thead {
                            tr {
                                th scope="col" { "When" }
                                th scope="col" { "Answer" }
                                th scope="col" { "Who" }
                                th scope="col" { "How strong" }
                                th scope="col" { "Link of" }
                            }
                        }
                        tbody {
                            @for answer in &view.answers {
                                tr {
                                    td { (desk.when(answer.at)) }
                                    th scope="row" {
                                        (answer.answer)
                                        @if answer.suspicious {
                                            span class="quiet" { " came so fast that it may be a machine" }
                                        }
                                    }
                                    td { (answer.initials) }
                                    td { (answer.strength) }
                                    td { (answer.link_of) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn deliveries(desk: &Desk, view: &NoticePage) -> Markup {
    html! {
        section aria-labelledby="deliveries" {
            h2 id="deliveries" { "Deliveries" }
            div class="scroll" {
                table class="list wrap" {
                    caption class="hidden" { "Deliveries" }
                    thead {
                        tr {
                            th scope="col" { "To" }
                            th scope="col" { "Address" }
                            th scope="col" { "Why" }
                            th scope="col" { "Step" }
                            th scope="col" { "State" }
                            th scope="col" class="num" { "Queued" }
                            th scope="col" class="num" { "Sent" }
                        }
                    }
                    tbody {
                        @for one in &view.deliveries {
                            tr {
                                th scope="row" { (one.to) }
                                td class="mono breakable" { (one.address) }
                                td { (one.why) }
                                td { (one.step) }
                                td  title=(one.detail)
                                    class=[
                                        matches!(one.state.as_str(), "failed" | "unknown")
                                            .then_some("look")
                                    ]
                                {
                                    (one.state)
                                    @if matches!(one.state.as_str(), "failed" | "unknown") { ": " (one.detail) }
                                    @if one.attempts > 1 {
                                        span class="quiet" { " " (one.attempts) " attempts" }
                                    }
                                }
                                td class="num" { (desk.when(one.queued)) }
                                td class="num" { (desk.when_or(one.sent, "not yet")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn answer_form(desk: &Desk, view: &NoticePage) -> Markup {
    let open = !matches!(view.line.state.as_str(), "stood down" | "corrected");
    html! {
        @if desk.may_write() && open && view.line.kind == "notice" {
            section class="panel" aria-labelledby="answer" {
                h2 id="answer" { "Answer as " (desk.session.who.name) }
                form
                    method="post"
                    action={ "/notices/" (encode(&view.line.id)) "/answer" }
                    class="answers"
                    data-once
                {
                    (desk.token())
                    @for (code, words) in ANSWERS {
                        button name="answer" value=(code) { (words) }
                    }
                }
                p class="hint" {
                    "For an answer that came by phone or in person. It counts with the strength of your sign-in."
                }
            }
        }
    }
}

/// A correction or a stand-down reaches the same people; the effect is stated before the button.
fn mend(desk: &Desk, view: &NoticePage, typed: Option<&Typed>, complaint: Option<&Complaint>) -> Markup {
    let line = &view.line;
    let open = !matches!(line.state.as_str(), "stood down" | "corrected") && line.kind != "stand-down";
    let mut told: Vec<&str> = view.deliveries.iter().map(|one| one.address.as_str()).collect();
    told.sort_unstable();
    told.dedup();
    let effect = format!("Tells the same {}.", many(told.len() as u64, "person"));
    let form = |kind: &'static str, title: &str, label: &str, button: &str| {
        let mine = typed.filter(|(form, _)| *form == kind);
        html! {
            details class="fold" open[mine.is_some()] {
                summary { (title) }
                form
                    method="post"
                    action={ "/notices/" (encode(&line.id)) "/" (kind) }
                    class="stack tight"
                    data-once
                {
                    (desk.token())
                    ({
                        textarea(
                            Input {
                                name: field_of(kind),
                                label,
                                hint: &effect,
                                value: mine.map_or("", |(_, text)| text.as_str()),
                                required: true,
                                ..Input::default()
                            },
                            3,
                            complaint.filter(|_| mine.is_some()),
                        )
                    })
                    button { (button) }
                }
            }
        }
    };
    html! {
        @if desk.may_write() && open {
            ({
                form(
                    "correct",
                    "Correct it",
                    "What was wrong, and what is right",
                    "Send the correction",
                )
            })
            ({
                form(
                    "stand-down",
                    "Stand it down",
                    "Why it is over, and what that means at the bedside",
                    "Stand down",
                )
            })
        }
    }
}
