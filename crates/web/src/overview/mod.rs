//! `/`: what needs a person now, and how much of the truth we have.

use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::parts::{Share, bar, many, meters, number};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_app::views::{Attention, FirstSteps, Overview};

/// Items that need a person and are shown before the rest is folded.
const OPEN: usize = 8;

/// The overview.
pub(crate) async fn page(signed: Signed) -> Result<Page, Fault> {
    let (desk, (view, steps)) = signed.view(|app| Ok((app.overview()?, app.first_steps()?))).await?;
    let body = html! {
        header class="head" {
            h1 { "Overview" }
            (desk.as_of(view.as_of))
        }
        (first_steps(&steps))
        div class="columns" {
            section class="wide" aria-labelledby="now" {
                h2 id="now" { "Needs a person now" }
                (attention(&view.attention))
                p {
                    a href="/changes" { "What changed since yesterday" }
                }
            }
            section aria-labelledby="figures" {
                h2 id="figures" { "At a glance" }
                (figures(&desk, &view))
            }
        }
        section aria-labelledby="truth" {
            h2 id="truth" { "How much of the truth we have" }
            div class="bars" {
                div {
                    h3 {
                        a href="/findings" { "Findings" }
                        " by verdict"
                    }
                    (bar("findings", "Findings by verdict", &verdicts(&view)))
                }
                div {
                    h3 {
                        a href="/devices" { "Devices" }
                        " by what is known of them"
                    }
                    (meters("known", view.devices, &known(&view)))
                }
                div {
                    h3 {
                        a href="/devices" { "Devices" }
                        ": record against wire"
                    }
                    (bar("presence", "Devices by presence", &presence(&view)))
                }
            }
        }
    };
    Ok(desk.page(Section::Overview, "Overview", body))
}

fn attention(items: &[Attention]) -> Markup {
    html! {
        @if items.is_empty() {
            p class="calm" {
                "Nothing waits for a person. Drafts to release, silent ladders and unknown devices on life support would stand here."
            }
        } @else {
            (attention_list(&items[..items.len().min(OPEN)]))
            @if items.len() > OPEN {
                details class="fold" {
                    summary { (number((items.len() - OPEN) as u64)) " more" }
                    (attention_list(&items[OPEN..]))
                }
            }
        }
    }
}

fn attention_list(items: &[Attention]) -> Markup {
    html! {
        ul class="attention" {
            @for item in items {
                li class=[item.urgent.then_some("urgent")] {
                    a href=(item.link) {
                        @if item.urgent {
                            strong class="now" { "Now" }
                        }
                        span { (item.text) }
                    }
                }
            }
        }
    }
}

fn figures(desk: &Desk, view: &Overview) -> Markup {
    html! {
        dl class="figures" {
            div {
                dt { "Devices" }
                dd {
                    a href="/devices" { (number(view.devices)) }
                }
            }
            div {
                dt { "Advisories" }
                dd {
                    a href="/advisories" { (number(view.advisories)) }
                }
            }
            div {
                dt { "Drafts to release" }
                dd {
                    a href="/notices#drafts" { (number(view.drafts)) }
                }
            }
            div {
                dt { "Notices answered" }
                dd {
                    a href="/notices#notices" { (number(view.answered)) " of " (number(view.notices)) }
                }
            }
        }
        h3 {
            a href="/settings/sensors" { "Sensors" }
            ", last packet"
        }
        @if view.sensors.is_empty() {
            p class="quiet" {
                "No capture has been read yet. "
                a href="/import" { "Add one" }
                "."
            }
        } @else {
            ul class="pairs" {
                @for (name, last) in &view.sensors {
                    li {
                        span { (name) }
                        span { (desk.when(*last)) }
                    }
                }
            }
        }
    }
}

fn verdicts(view: &Overview) -> [Share; 3] {
    let share = |class, label: &str, value, code: &str| Share {
        class,
        label: label.to_owned(),
        value,
        link: format!("/findings?verdict={code}"),
    };
    [
        share("affected", "affected", view.findings.affected, "affected"),
        share("unknown", "unknown", view.findings.unknown, "unknown"),
        share("clear", "not affected", view.findings.not_affected, "not_affected"),
    ]
}

fn known(view: &Overview) -> Vec<Share> {
    let class = |label: &str| match label {
        text if text.contains("not affected") || text.contains("clear") => "clear",
        text if text.contains("affected") => "affected",
        text if text.contains("unknown") => "unknown",
        _ => "rest",
    };
    // The whole itself is the measure, not one of the shares.
    view.known
        .iter()
        .filter(|count| count.link != "/devices")
        .map(|count| Share {
            class: class(&count.label),
            label: count.label.clone(),
            value: count.value,
            link: count.link.clone(),
        })
        .collect()
}

fn presence(view: &Overview) -> Vec<Share> {
    let class = |label: &str| match label {
        "known" => "known",
        "stranger" => "stranger",
        "ghost" => "ghost",
        "moved" => "moved",
        "zombie" => "zombie",
        _ => "rest",
    };
    view.presence
        .iter()
        .map(|count| Share {
            class: class(&count.label),
            label: count.label.clone(),
            value: count.value,
            link: count.link.clone(),
        })
        .collect()
}

/// What a new installation still lacks, in the order in which it is best done.
fn first_steps(steps: &FirstSteps) -> Markup {
    let open = [
        (
            steps.needs_contacts,
            "Units and contacts",
            "Who operates devices, and whom to reach.",
            "/import#tables",
        ),
        (
            steps.needs_devices,
            "Devices",
            "The CMMS export as CSV, or a capture: either is enough to begin.",
            "/import",
        ),
        (
            steps.needs_advisories,
            "Advisories",
            "Documents as files: CSAF, VEX, recalls.",
            "/import#advisories",
        ),
    ];
    let left = open.iter().filter(|(needed, ..)| *needed).count() as u64;
    html! {
        @if left > 0 {
            section class="steps" aria-labelledby="steps" {
                h2 id="steps" { "First steps: " (many(left, "thing")) " to add" }
                ol {
                    @for (needed, name, why, link) in open {
                        li class=[(!needed).then_some("done")] {
                            @if needed {
                                a href=(link) { (name) }
                            } @else {
                                span { (name) " ✓" }
                            }
                            span class="quiet" { (why) }
                        }
                    }
                }
            }
        }
    }
}
