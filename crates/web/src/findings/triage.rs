//! How urgent a finding is and why: the decision, its inputs, and `POST …/triage`.

use crate::desk::{Desk, saying};
use crate::devices::id_of;
use crate::fault::Fault;
use crate::html::see;
use crate::link;
use crate::posted::Posted;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::{FindingLine, FindingPage, TriageLine};
use tallyward_app::{AppError, Role, TriageInput};

/// The decision, each input with its reason, the steps, and what stands beside.
pub(super) fn section(desk: &Desk, view: &FindingPage) -> Markup {
    html! {
        section aria-labelledby="triage" {
            h2 id="triage" { "How urgent, and why" }
            p class="lead" { "SSVC: " strong { (words(&view.line.outcome)) } "." (range(&view.line)) }
            dl class="inputs" {
                @for line in &view.inputs {
                    div {
                        dt { (line.label) }
                        dd { (input(desk, view, line)) }
                    }
                }
            }
            details class="fold" {
                summary { "Step by step" }
                ul {
                    @for step in &view.triage {
                        li { (step) }
                    }
                }
                p class="mono" { (view.line.vector) }
            }
            @if !view.beside.is_empty() {
                h3 { "Beside it, deciding nothing here" }
                ul {
                    @for one in &view.beside {
                        li { (one) }
                    }
                }
            }
            @if desk.may_write() { (rubric(desk, view)) }
        }
    }
}

/// An outcome in words.
pub(super) fn words(outcome: &str) -> String {
    outcome.replace('_', " ")
}

/// What the outcome may turn out to be, when not all is known.
fn range(line: &FindingLine) -> Markup {
    html! {
        @if line.calmest != line.strictest {
            " Not all is known: it may turn out anything from "
            strong { (words(&line.calmest)) }
            " to "
            strong { (words(&line.strictest)) }
            ", and is handled as "
            (words(&line.outcome))
            " until then."
        } @else if !line.assumed.is_empty() {
            " Not all is known, but no answer would change that."
        }
    }
}

fn input(desk: &Desk, view: &FindingPage, line: &TriageLine) -> Markup {
    html! {
        p {
            @match (&line.words, &line.taken) {
                (Some(words), _) => strong { (words) },
                (None, Some(taken)) => {
                    strong { "◆ not known" }
                    ", taken as "
                    (taken)
                    @if !line.taken_because.is_empty() { ", because " (line.taken_because) }
                }
                (None, None) => strong { "◆ not known" },
            }
        }
        @for why in &line.why {
            p class="quiet" { (why) }
        }
        @if may_set(desk, line) {
            details class="voices" {
                summary { "Set it" }
                (form(desk, view, line))
            }
        }
    }
}

/// Answers to MITRE's rubric, for who scored the flaw by it.
fn rubric(desk: &Desk, view: &FindingPage) -> Markup {
    let finding = &view.line;
    html! {
        details class="fold" {
            summary { "MITRE's rubric for medical devices" }
            form
                method="post"
                action={ (link::finding(finding.device, &finding.advisory, &finding.vulnerability)) "/triage" }
                class="stack tight"
                data-once
            {
                (desk.token())
                input type="hidden" name="input" value=(TriageInput::Rubric.code());
                label for="rubric" { "Edition, answers and vector" }
                textarea id="rubric" name="value" rows="4" spellcheck="false" { (view.rubric) }
                p class="hint" {
                    "Such as edition=2020-10 XAVN=yes XACL=no and the CVSS 3.0 vector they came to. What is not answered is not known. Kept for this flaw wherever it is; decides nothing."
                }
                label for="because-rubric" { "Why, or by whom it was answered" }
                input id="because-rubric" name="because" maxlength="300" required;
                div class="actions" {
                    button name="act" value="set" { "Keep it" }
                    @if !view.rubric.is_empty() {
                        button name="act" value="back" { "Take it back" }
                    }
                }
            }
        }
    }
}

/// The clinical level is a clinical act.
fn may_set(desk: &Desk, line: &TriageLine) -> bool {
    desk.may_write() && (line.input != "clinical_level" || desk.session.who.role == Role::Lead)
}

fn form(desk: &Desk, view: &FindingPage, line: &TriageLine) -> Markup {
    let finding = &view.line;
    let values = TriageInput::from_code(line.input).map(TriageInput::values).unwrap_or_default();
    let because = format!("because-{}", line.input);
    html! {
        form
            method="post"
            action={ (link::finding(finding.device, &finding.advisory, &finding.vulnerability)) "/triage" }
            class="stack tight"
            data-once
        {
            (desk.token())
            input type="hidden" name="input" value=(line.input);
            select name="value" aria-label=(line.label) {
                @for (code, words) in values {
                    option value=(code) selected[line.value.as_deref() == Some(code)] { (words) }
                }
            }
            label for=(because) { "Why" }
            input id=(because) name="because" maxlength="300" required;
            p class="hint" { "Holds for " (line.holds_for) ", and for later revisions." }
            div class="actions" {
                button name="act" value="set" { "Set" }
                @if line.set_by.is_some() {
                    button name="act" value="back" { "Take back what is set" }
                }
            }
        }
    }
}

/// Sets an input, or takes it back.
pub(crate) async fn set(
    Path((device, advisory, vulnerability)): Path<(String, String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let id = id_of(&device)?;
    let input = TriageInput::from_code(posted.fields.get("input"))
        .ok_or_else(|| Fault::App(AppError::invalid("input", "no such input of triage")))?;
    let value = (posted.fields.get("act") != "back").then(|| posted.fields.text("value"));
    let because = posted.fields.text("because");
    let back = link::finding(id, &advisory, &vulnerability);
    posted
        .signed
        .act(move |app, who| {
            app.set_triage(who, id, &advisory, &vulnerability, input, value.as_deref(), &because)
        })
        .await?;
    Ok(see(&saying(&back, "triage", 0)))
}
