//! Why the device is held to be what it is, on its page.

use crate::desk::Desk;
use crate::parts::many;
use maud::{Markup, html};
use tallyward_identity::classify::{Answer, Explanation, Step};

/// What rules conclude with the chain behind each value, and what does not fit together. Nothing when no rule speaks.
pub(super) fn section(desk: &Desk, explanation: &Explanation) -> Markup {
    let by_rule = |step: &Step| !step.rule.is_empty();
    let spoken =
        |answer: &&Answer| answer.why.iter().chain(&answer.against).chain(&answer.hints).any(by_rule);
    let answers: Vec<&Answer> = explanation.answers.iter().filter(spoken).collect();
    html! {
        @if !answers.is_empty() || !explanation.contradictions.is_empty() {
            section aria-labelledby="why" {
                h2 id="why" { "What it is, and why" }
                @if !explanation.contradictions.is_empty() {
                    div class="contest" {
                        strong { "What does not fit together" }
                        ul {
                            @for text in &explanation.contradictions {
                                li { (text) }
                            }
                        }
                    }
                }
                @for answer in answers { (row(desk, answer)) }
                p class="hint" {
                    "Worked out of facts by "
                    a href="/settings/rules" { "rules" }
                    ". A conclusion never overwrites what a source states, and it never clears the device of an advisory."
                }
            }
        }
    }
}

fn row(desk: &Desk, answer: &Answer) -> Markup {
    html! {
        details class="fold" {
            summary {
                span class="quiet" { (answer.field.label()) " " }
                @match &answer.value {
                    Some(value) => strong { (shown(answer, value)) },
                    None => strong { "unknown" },
                }
                span class="quiet" { " " (how(answer)) }
            }
            (steps(desk, "Because", &answer.why))
            (steps(desk, "Against it", &answer.against))
            (steps(desk, "Too weak to count", &answer.hints))
        }
    }
}

/// A device class by its name, everything else as it is.
fn shown(answer: &Answer, value: &str) -> String {
    let class = (answer.field == tallyward_core::Field::DeviceClass)
        .then(|| tallyward_identity::device_class::by_code(value))
        .flatten();
    class.map_or_else(|| value.to_owned(), |class| class.name.clone())
}

fn how(answer: &Answer) -> String {
    match (answer.stated, answer.score) {
        (true, _) if answer.against.is_empty() => "stated".to_owned(),
        (true, _) => format!("stated, {} against it", many(answer.against.len() as u64, "fact")),
        (false, Some(score)) => format!("concluded, score {score}"),
        (false, None) if answer.against.is_empty() => "nothing strong enough".to_owned(),
        (false, None) => "the facts contradict each other".to_owned(),
    }
}

fn steps(desk: &Desk, title: &str, steps: &[Step]) -> Markup {
    html! {
        @if !steps.is_empty() {
            p class="quiet" { (title) }
            ul {
                @for step in steps {
                    li {
                        @if step.rule.is_empty() {
                            span class="mono" { (step.said.value) }
                        } @else {
                            (step.fact.label())
                            " "
                            span class="mono" { (step.said.value) }
                            " → "
                            (step.value)
                        }
                        div class="quiet" {
                            (step.said.source.name)
                            ", "
                            (step.said.basis)
                            @if !step.said.place.is_empty() { ", " (step.said.place) }
                            ", "
                            (desk.when(step.said.last.into()))
                            @if step.old { ", old" }
                            @if !step.rule.is_empty() {
                                " · "
                                (step.rule)
                                @if let Some(score) = step.score { ", score " (score) }
                                @if !step.rule_source.is_empty() { " · " (step.rule_source) }
                            }
                        }
                    }
                }
            }
        }
    }
}
