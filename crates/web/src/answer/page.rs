//! The page itself.

use crate::assets::ANSWER_CSS;
use crate::html::Page;
use crate::notices::ANSWERS;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::views::AnswerPage;

/// The released lines, who released them, the answers so far, and the buttons.
pub(super) fn answer(
    view: &AnswerPage,
    call: &str,
    thanks: bool,
    initials: &str,
    complaint: Option<&str>,
) -> Page {
    let last = view.answers.last();
    let body = html! {
        p class="house" { (view.site) }
        @if let Some(newer) = &view.superseded {
            div class="newer" role="status" {
                h2 { "This message is no longer current" }
                p { (newer) }
            }
        }
        @if let (true, Some((when, answer, initials))) = (thanks, last) {
            div class="thanks" role="status" {
                h2 { "Thank you. Recorded: " (answer) }
                p {
                    @if !initials.is_empty() { (initials) ", " }
                    (when)
                }
            }
        }
        h1 {
            @if view.kind == "correction" { "Correction: " }
            @if view.kind == "stand-down" { "Over: " }
            (view.subject)
        }
        @for line in &view.lines {
            p { (line) }
        }
        p class="by" { "Released by " (view.released_by) ", " (view.released) }
        @if view.open { (form(initials, complaint, last.is_some())) } @else if view.superseded.is_none() {
            p class="by" { "No answer is needed any more." }
        }
        @if !view.answers.is_empty() {
            h2 { "Answers so far" }
            ul {
                @for (when, answer, initials) in &view.answers {
                    li {
                        strong { (answer) }
                        @if !initials.is_empty() { " " (initials) }
                        span { (when) }
                    }
                }
            }
        }
        @if !call.is_empty() {
            p class="call" {
                "Questions: "
                strong { (call) }
            }
        }
    };
    Page(StatusCode::OK, document(&view.subject, body))
}

fn form(initials: &str, complaint: Option<&str>, again: bool) -> Markup {
    html! {
        form method="post" {
            h2 {
                @if again { "Answer again" } @else { "Your answer" }
            }
            @if let Some(why) = complaint {
                p class="error" id="why" role="alert" { "▲ " (why) }
            }
            label for="initials" { "Your initials" }
            input
                id="initials"
                name="initials"
                value=(initials)
                maxlength="4"
                autocapitalize="characters"
                autocomplete="off"
                spellcheck="false"
                required
                aria-invalid=[complaint.map(|_| "true")]
                aria-describedby=[complaint.map(|_| "why")];
            div class="answers" {
                @for (code, words) in ANSWERS {
                    button name="answer" value=(code) class=(code) { (words) }
                }
            }
        }
    }
}

/// The link is spent or was never one.
pub(super) fn gone(call: &str, why: &str) -> Page {
    let body = html! {
        h1 { "This link does not work" }
        @if why.is_empty() {
            p { "It may have run out, or part of it was lost on the way." }
        } @else {
            p { (why) }
        }
        p { "Open the link from the message itself, or ask whoever sent it." }
        @if !call.is_empty() {
            p class="call" {
                "Questions: "
                strong { (call) }
            }
        }
    };
    Page(StatusCode::NOT_FOUND, document("This link does not work", body))
}

/// Something failed on our side.
pub(super) fn failed(status: StatusCode, sentence: &str, call: &str) -> Page {
    let body = html! {
        h1 { "That did not work" }
        p { (sentence) }
        p { "Nothing was recorded. Go back and try again in a minute." }
        @if !call.is_empty() {
            p class="call" {
                "If it is urgent, call "
                strong { (call) }
            }
        }
    };
    Page(status, document("That did not work", body))
}

fn document(title: &str, body: Markup) -> Markup {
    html! {
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href=(ANSWER_CSS.path);
                link rel="icon" href="data:,";
            }
            body {
                main { (body) }
            }
        }
    }
}
