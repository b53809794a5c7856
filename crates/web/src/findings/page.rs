//! `/findings/{device}/{advisory}/{vulnerability}`

use super::triage;
use crate::desk::{Desk, Section};
use crate::devices::id_of;
use crate::fault::Fault;
use crate::html::Page;
use crate::link;
use crate::parts::{Input, input, score, submit, tier, tier_words, verdict};
use crate::signed::Signed;
use axum::extract::Path;
use maud::{Markup, html};
use tallyward_app::views::FindingPage;
use tallyward_core::MissingFact;

/// The reasons as a chain of short sentences, the clause quoted, the missing fact as a form.
pub(crate) async fn page(
    signed: Signed,
    Path((device, advisory, vulnerability)): Path<(String, String, String)>,
) -> Result<Page, Fault> {
    let id = id_of(&device)?;
    let (desk, view) = signed.view(move |app| app.finding(id, &advisory, &vulnerability)).await?;
    let line = &view.line;
    let body = html! {
        p class="crumbs" {
            a href="/findings" { "Findings" }
            " / "
            a href=(link::device(line.device)) { (line.name) }
            " / "
            span class="mono" { (line.vulnerability) }
        }
        header class="head" {
            h1 { (verdict(line.verdict)) " " (line.name) }
            (desk.as_of(view.as_of))
        }
        p class="lead" {
            span class="mono" { (line.vulnerability) }
            " in "
            a href=(link::advisory(&line.advisory)) { (line.advisory) }
            ": "
            (view.title)
        }
        dl class="facts" {
            div {
                dt { "Device" }
                dd { (line.model) }
            }
            div {
                dt { "Unit, room" }
                dd {
                    a href=(link::unit(&line.unit)) { (line.unit) }
                    " "
                    (line.room)
                }
            }
            div {
                dt { "Judged on software" }
                dd {
                    @if line.version.is_empty() {
                        span class="quiet" { "not known" }
                    } @else { span class="mono" { (line.version) } }
                    (who_says(&desk, &view))
                }
            }
            div {
                dt { "Tier" }
                dd { (tier(&line.tier)) " " (tier_words(&line.tier)) }
            }
            div {
                dt { "Clinical level" }
                dd { (line.clinical) }
            }
            div {
                dt { "SSVC outcome" }
                dd {
                    (triage::words(&line.outcome))
                    @if line.calmest != line.strictest {
                        span class="quiet" {
                            " (from "
                            (triage::words(&line.calmest))
                            " to "
                            (triage::words(&line.strictest))
                            ")"
                        }
                    }
                }
            }
        }
        div class="columns" {
            div class="wide" { (chain(&view)) (contradictions(&view)) (remedies(&view)) }
            div { (missing(&desk, &view)) (settled(&desk, &view)) (super::remedy::form(&desk, &view)) (triage::section(&desk, &view)) (scores(&view)) }
        }
    };
    Ok(desk.page(Section::Findings, &format!("{} {}", line.name, line.vulnerability), body))
}

/// Who says which software it has, and how many say otherwise.
fn who_says(desk: &Desk, view: &FindingPage) -> Markup {
    let Some(held) = &view.software else { return html! {} };
    html! {
        @if let Some(voice) = held.support.first() {
            p class="note" {
                (voice.source.name) ", " (voice.basis) ", " (desk.when(voice.last.into()))
                @if held.stale { ", too old to clear it" }
            }
        }
        @if !held.dissent.is_empty() {
            p class="note" {
                a href=(link::device(view.line.device)) {
                    @match held.dissent.len() {
                        1 => "1 source says otherwise",
                        more => { (more) " sources say otherwise" },
                    }
                }
            }
        }
    }
}

fn chain(view: &FindingPage) -> Markup {
    html! {
        section aria-labelledby="why" {
            h2 id="why" { "How we know" }
            ol class="chain" {
                @for reason in &view.reasons {
                    li {
                        p { (reason.text) }
                        @if !reason.quote.is_empty() {
                            blockquote { (reason.quote) }
                        }
                    }
                }
                li class="end" {
                    p { "So it is " (verdict(view.line.verdict)) "." }
                }
            }
            @for text in &view.rests_on {
                p class="hint" { (text) }
            }
        }
    }
}

fn missing(desk: &Desk, view: &FindingPage) -> Markup {
    html! {
        @if let Some(fact) = &view.missing {
            section class="panel" aria-labelledby="missing" {
                h2 id="missing" { "The missing fact" }
                p { (fact.plain()) }
                @if desk.may_write() {
                    @if let Some(field) = view.enter {
                        form
                            method="post"
                            action={ (link::device(view.line.device)) "/fact" }
                            class="stack tight"
                            data-once
                        {
                            (desk.token())
                            input type="hidden" name="field" value=(field.code());
                            input
                                type="hidden"
                                name="back"
                                value=({
                                    link::finding(
                                        view.line.device,
                                        &view.line.advisory,
                                        &view.line.vulnerability,
                                    )
                                });
                            ({
                                input(
                                    Input {
                                        name: "value",
                                        label: field.label(),
                                        hint: "As it stands on the device's screen or label.",
                                        required: true,
                                        ..Input::default()
                                    },
                                    None,
                                )
                            })
                            ({
                                submit(
                                    &format!("Enter the {}", field.label().to_lowercase()),
                                )
                            })
                        }
                    } @else if let MissingFact::SameProduct { product } = fact {
                        (same_product(desk, view, product))
                    } @else if let Some(condition) = &view.condition {
                        (condition_form(desk, view, condition))
                    } @else {
                        p class="hint" {
                            "This one cannot be typed in here. It stands on the "
                            a href="/worklist" { "worklist" }
                            "."
                        }
                    }
                }
            }
        }
    }
}

fn same_product(desk: &Desk, view: &FindingPage, product: &str) -> Markup {
    html! {
        form method="post" action="/advisories/product" class="stack tight" data-once {
            (desk.token())
            input type="hidden" name="advisory" value=(view.line.advisory);
            input type="hidden" name="named" value=(product);
            input type="hidden" name="held" value=(view.line.model);
            input
                type="hidden"
                name="back"
                value=({
                    link::finding(
                        view.line.device,
                        &view.line.advisory,
                        &view.line.vulnerability,
                    )
                });
            p {
                "The advisory names "
                strong { (product) }
                "; here it is "
                strong { (view.line.model) }
                "."
            }
            div class="actions" {
                button class="primary" name="same" value="yes" { "The same product" }
                button name="same" value="no" { "Not the same" }
            }
        }
    }
}

/// The hidden fields that name the finding.
fn finding_fields(desk: &Desk, view: &FindingPage) -> Markup {
    html! {
        (desk.token())
        input type="hidden" name="device" value=(view.line.device);
        input type="hidden" name="advisory" value=(view.line.advisory);
        input type="hidden" name="vulnerability" value=(view.line.vulnerability);
    }
}

fn condition_form(desk: &Desk, view: &FindingPage, condition: &str) -> Markup {
    html! {
        form method="post" action="/findings/condition" class="stack tight" data-once {
            (finding_fields(desk, view))
            input type="hidden" name="condition" value=(condition);
            p {
                "The advisory says "
                strong { (condition) }
                ". Your answer counts for every "
                strong { (view.line.model) }
                " here, in this advisory, until it is taken back."
            }
            div class="actions" {
                button class="primary" name="holds" value="yes" { "It holds" }
                button name="holds" value="no" { "It does not hold" }
            }
            p class="hint" {
                "If it holds for some of them only, leave it open."
            }
        }
    }
}

/// What was said of conditions for this model, to be taken back.
fn settled(desk: &Desk, view: &FindingPage) -> Markup {
    html! {
        @if !view.settled.is_empty() {
            section class="panel" aria-labelledby="settled" {
                h2 id="settled" { "Judged for this model" }
                @for one in &view.settled {
                    p {
                        strong { (one.text) }
                        @if one.holds { ": holds, " } @else { ": does not hold, " }
                        "said "
                        (one.by)
                        " on "
                        (one.at.0.date())
                        "."
                    }
                    @if desk.may_write() {
                        form method="post" action="/findings/condition" data-once {
                            (finding_fields(desk, view))
                            input type="hidden" name="judgement" value=(one.decision);
                            button { "Take it back" }
                        }
                    }
                }
            }
        }
    }
}

fn scores(view: &FindingPage) -> Markup {
    html! {
        @if !view.scores.is_empty() {
            section aria-labelledby="scores" {
                h2 id="scores" { "Scores, worked out from their vectors" }
                ul class="plain-list" {
                    @for one in &view.scores {
                        li { (score(one)) }
                    }
                }
            }
        }
    }
}

fn remedies(view: &FindingPage) -> Markup {
    html! {
        section aria-labelledby="remedy" {
            h2 id="remedy" { "What the document offers" }
            @if view.remedies.is_empty() {
                p class="quiet" { "It offers no remedy for this product." }
            }
            @for (category, text) in &view.remedies {
                blockquote class="verbatim" {
                    @if !category.is_empty() {
                        strong { (category.replace('_', " ")) }
                        br;
                    }
                    (text)
                }
            }
        }
    }
}

fn contradictions(view: &FindingPage) -> Markup {
    html! {
        @if !view.contradictions.is_empty() {
            section aria-labelledby="contra" {
                h2 id="contra" { "The document contradicts itself here" }
                ul {
                    @for text in &view.contradictions {
                        li { (text) }
                    }
                }
            }
        }
    }
}
