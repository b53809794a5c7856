//! The parts of a device page.

use super::fact::ENTERED;
use crate::desk::Desk;
use crate::fault::Complaint;
use crate::link;
use crate::parts::{Input, complaint_box, input, many, number, select, submit, talks_to, tier, verdict};
use maud::{Markup, html};
use tallyward_app::views::{DevicePage, FieldLine, FindingLine};
use tallyward_core::{Field, Verdict, Voice};

/// Findings shown before the rest is left to its own list.
const FINDINGS: usize = 12;

/// Whether it is affected, worst first.
pub(super) fn findings(view: &DevicePage) -> Markup {
    let all = format!("/findings?device={}", view.line.id);
    let settled = view.findings.iter().filter(|line| line.verdict == Verdict::NotAffected).count() as u64;
    let open: Vec<&FindingLine> =
        view.findings.iter().filter(|line| line.verdict != Verdict::NotAffected).collect();
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Is it affected?" }
            @if view.findings.is_empty() {
                p class="quiet" {
                    "No advisory on file names this product. That is not the same as \"not affected\": it says nothing about advisories not read."
                }
            } @else {
                @if !open.is_empty() {
                    div class="scroll" {
                        table class="list" {
                            caption class="hidden" { "Findings of this device" }
                            thead {
                                tr {
                                    th scope="col" { "Verdict" }
                                    th scope="col" { "Vulnerability" }
                                    th scope="col" { "Because" }
                                    th scope="col" { "Tier" }
                                }
                            }
                            tbody {
                                @for line in open.iter().take(FINDINGS) {
                                    tr {
                                        td { (verdict(line.verdict)) }
                                        th scope="row" {
                                            a   class="mono"
                                                href=({
                                                    link::finding(
                                                        line.device,
                                                        &line.advisory,
                                                        &line.vulnerability,
                                                    )
                                                })
                                            { (line.vulnerability) }
                                        }
                                        td class="wrap" {
                                            @if let Some(missing) = &line.missing { "Missing: " (missing) } @else {
                                                (line.because)
                                            }
                                        }
                                        td { (tier(&line.tier)) }
                                    }
                                }
                            }
                        }
                    }
                }
                p {
                    @if open.len() > FINDINGS {
                        (many((open.len() - FINDINGS) as u64, "more open finding"))
                        ". "
                    }
                    @if settled > 0 { (verdict(Verdict::NotAffected)) " " (many(settled, "vulnerability")) ". " }
                    a href=(all) { "All " (number(view.findings.len() as u64)) " findings with reasons" }
                }
            }
        }
    }
}

/// Fields with source and age beside each value, dissent unfolded on demand.
pub(super) fn fields(desk: &Desk, view: &DevicePage) -> Markup {
    html! {
        section aria-labelledby="fields" {
            h2 id="fields" { "Who says what" }
            @if view.fields.is_empty() {
                p class="quiet" { "Nothing is known but its names." }
            } @else {
                div class="scroll" {
                    table class="fields" {
                        caption class="hidden" { "Fields with their sources" }
                        thead {
                            tr {
                                th scope="col" { "Field" }
                                th scope="col" { "Value" }
                                th scope="col" { "Who says so" }
                                th scope="col" class="num" { "Age" }
                            }
                        }
                        tbody {
                            @for line in &view.fields { (field_row(desk, line)) }
                        }
                    }
                }
            }
        }
    }
}

fn field_row(desk: &Desk, line: &FieldLine) -> Markup {
    let best = line.support.first();
    let more = line.support.len().saturating_sub(1) + line.dissent.len() + line.also.len();
    html! {
        tr class=[line.stale.then_some("stale")] {
            th scope="row" { (line.label) }
            td {
                span class=[is_code(line.field).then_some("mono")] { (line.value) }
                @if line.stale {
                    span class="state stale" {
                        span class="shape" aria-hidden="true" { "◌" }
                        "stale"
                    }
                }
                @if more > 0 { (voices(desk, line)) }
            }
            td  class="said-by"
                title=[
                    best.map(|voice| {
                        format!("{}, {} {}", voice.source.name, voice.basis, voice.place)
                    })
                ]
            {
                @if let Some(voice) = best {
                    (voice.source.name)
                    span class="quiet" { " · " (voice.basis.trim_start_matches("column ")) }
                }
            }
            td class="num" {
                @if let Some(voice) = best { (desk.when(voice.last.into())) }
            }
        }
    }
}

fn voices(desk: &Desk, line: &FieldLine) -> Markup {
    let groups: [(&str, &[Voice]); 3] = [
        ("Also says so", line.support.get(1..).unwrap_or_default()),
        ("Holds as well", &line.also),
        ("Says otherwise", &line.dissent),
    ];
    let said = |word: &str, count: usize| (count > 0).then(|| format!("{count} {word}"));
    let summary: Vec<String> = [
        said("more", line.support.len().saturating_sub(1)),
        said("also", line.also.len()),
        said("disagree", line.dissent.len()),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! {
        details
            class={
                "voices"
                @if !line.dissent.is_empty() { " dissent" }
            }
        {
            summary { (summary.join(", ")) }
            @for (title, voices) in groups {
                @if !voices.is_empty() {
                    p class="quiet" { (title) }
                    ul {
                        @for voice in voices {
                            li {
                                span class="mono" { (voice.value) }
                                " "
                                span class="quiet" {
                                    (voice.source.name)
                                    ", "
                                    (voice.basis)
                                    @if !voice.place.is_empty() { ", " (voice.place) }
                                    ", "
                                    (desk.when(voice.last.into()))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Fields whose values are identifiers rather than words.
fn is_code(field: Field) -> bool {
    let code = field.code();
    [
        "serial",
        "address",
        "version",
        "udi",
        "title",
        "tag",
        "implementation",
        "host_name",
        "vlan",
        "number",
        "parameters",
    ]
    .iter()
    .any(|part| code.contains(part))
}

/// Every name it goes by.
pub(super) fn names(view: &DevicePage) -> Markup {
    html! {
        section aria-labelledby="names" {
            h2 id="names" { "Names" }
            ul class="names" {
                @for name in &view.names {
                    li { (name) }
                }
            }
        }
    }
}

/// What happened, newest first.
pub(super) fn timeline(desk: &Desk, view: &DevicePage) -> Markup {
    html! {
        section aria-labelledby="timeline" {
            h2 id="timeline" { "What happened" }
            @if view.timeline.is_empty() {
                p class="quiet" { "Nothing yet." }
            }
            ol class="timeline" {
                @for event in &view.timeline {
                    li class=(event.kind) {
                        span class="when" { (desk.when(event.at)) }
                        @if event.link.is_empty() {
                            span { (event.text) }
                        } @else {
                            a href=(event.link) { (event.text) }
                        }
                    }
                }
            }
        }
    }
}

/// Whom it talks to: a map to look at, a table to read.
pub(super) fn flows(desk: &Desk, view: &DevicePage) -> Markup {
    html! {
        section aria-labelledby="flows" {
            h2 id="flows" { "Talks to" }
            @if view.flows.is_empty() {
                p class="quiet" { "No conversation of this device has been seen in a capture." }
            } @else {
                (talks_to(&view.line.name, &view.flows))
                details class="fold" {
                    summary { (many(view.flows.len() as u64, "conversation")) " in numbers" }
                    div class="scroll" {
                        table class="list wrap" {
                            caption class="hidden" { "Conversations" }
                            thead {
                                tr {
                                    th scope="col" { "Peer" }
                                    th scope="col" { "Service" }
                                    th scope="col" { "Opened by" }
                                    th scope="col" class="num" { "Connections" }
                                    th scope="col" class="num" { "Bytes" }
                                    th scope="col" class="num" { "Last" }
                                    th scope="col" { "Seen by" }
                                }
                            }
                            tbody {
                                @for flow in &view.flows {
                                    tr {
                                        th scope="row" {
                                            @if let Some(id) = flow.peer_id {
                                                a href=(link::device(id)) { (flow.peer) }
                                            } @else { (flow.peer) }
                                            @if flow.peer != flow.address {
                                                div class="quiet mono" { (flow.address) }
                                            }
                                        }
                                        td { (flow.service) }
                                        td {
                                            @if flow.outgoing { "this device" } @else { "the peer" }
                                        }
                                        td class="num" { (number(flow.count)) }
                                        td class="num" { (number(flow.bytes)) }
                                        td class="num" { (desk.when(flow.last)) }
                                        td { (flow.seen_by.join(", ")) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Enter what was read on the device.
pub(super) fn fact_form(
    desk: &Desk,
    view: &DevicePage,
    field: &str,
    value: &str,
    complaint: Option<&Complaint>,
) -> Markup {
    let options: Vec<(&str, &str)> = ENTERED.iter().map(|field| (field.code(), field.label())).collect();
    html! {
        section class="panel" aria-labelledby="enter" {
            h2 id="enter" { "Enter what you read" }
            (complaint_box(complaint, &["field", "value"]))
            form method="post" action={ (link::device(view.line.id)) "/fact" } class="stack tight" data-once {
                (desk.token())
                ({
                    select(
                        Input {
                            name: "field",
                            label: "Field",
                            value: field,
                            ..Input::default()
                        },
                        &options,
                        complaint,
                    )
                })
                ({
                    input(
                        Input {
                            name: "value",
                            label: "As it stands on the device",
                            value,
                            required: true,
                            ..Input::default()
                        },
                        complaint,
                    )
                })
                (submit("Record"))
            }
            p class="hint" {
                "It becomes evidence under your name. It never overwrites what others said; better evidence wins."
            }
        }
    }
}
