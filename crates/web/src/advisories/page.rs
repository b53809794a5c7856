//! `/advisories/{id}`

use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::link::{self, Ask, encode};
use crate::parts::{self, Share, bar, many, number};
use crate::signed::Signed;
use axum::extract::Path;
use maud::{Markup, html};
use tallyward_app::untold::ArrivalKind;
use tallyward_app::views::{
    AdvisoryLine, AdvisoryPage, ClauseLine, RevisionLine, ScoreLine, UnmatchedProduct,
};
use tallyward_core::advisory::Contradiction;
use tallyward_core::{Advisory, Label};

/// What it says, whom it touches here, what contradicts itself, what changed in this revision.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>, ask: Ask) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.advisory(&id)).await?;
    let line = &view.line;
    let body = html! {
        p class="crumbs" {
            a href="/advisories" { "Advisories" }
            " / "
            span class="mono" { (line.id) }
        }
        header class="head" {
            h1 { (line.title) }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href=(crate::untold::untold_link(ArrivalKind::Advisory, &line.id)) { "Who was told" }
            }
        }
        dl class="facts" {
            div {
                dt { "Publisher" }
                dd { (line.publisher) }
            }
            div {
                dt { "Revision" }
                dd {
                    (line.revision)
                    @if view.semantic { span class="quiet" { " semantic version," } }
                    @if !view.advisory.status.is_empty() {
                        span class="quiet" { " " (view.advisory.status) }
                    }
                }
            }
            div {
                dt { "First released" }
                dd { (desk.when_or(line.released, "no date")) }
            }
            div {
                dt { "This revision" }
                dd { (desk.when_or(line.revised, "no date")) }
            }
            div {
                dt { "Taken in here" }
                dd { (desk.when(line.received)) }
            }
            div {
                dt { "Passing on" }
                dd {
                    (view.tlp)
                    " "
                    span class="quiet" {
                        @if view.advisory.tlp.is_empty() { "(none stated) " }
                        (Label::of(&view.tlp).plain())
                    }
                }
            }
            @if !view.original.is_empty() {
                div {
                    dt { "As it arrived" }
                    dd {
                        a href={ (link::advisory(&line.id)) "/original" } { "the document" }
                        " "
                        span class="quiet mono" title=(view.original) { "SHA-256 " (&view.original[..16]) "…" }
                    }
                }
            }
        }
        (here(&view))
        (super::shelf::remedies(&desk, &view))
        @if !view.changes.is_empty() {
            section aria-labelledby="changes" {
                h2 id="changes" { "What changed in this revision" }
                ul {
                    @for change in &view.changes {
                        li { (change) }
                    }
                }
            }
        }
        (revisions(&desk, line, &view.revisions))
        (contradictions(&desk, &view))
        (super::corrections::part(&desk, &view, &ask))
        (clauses(&view.clauses))
        (unmatched(&desk, &line.id, &view.unmatched))
        (vulnerabilities(&view.advisory))
        (super::shelf::remarks(&desk, &view))
        (document(&view.advisory))
    };
    Ok(desk.page(Section::Advisories, &line.id, body))
}

fn here(view: &AdvisoryPage) -> Markup {
    let id = encode(&view.line.id);
    let findings = |code: &str| format!("/findings?advisory={id}&verdict={code}");
    let counts = &view.counts.findings;
    let share = |class, label: &str, value, code| Share {
        class,
        label: label.to_owned(),
        value,
        link: findings(code),
    };
    html! {
        section aria-labelledby="here" {
            h2 id="here" { "Whom it touches here" }
            p {
                a href={ "/devices?advisory=" (id) "&verdict=affected" } {
                    strong { (many(view.counts.devices_affected, "device")) }
                    " affected"
                }
                ", "
                a href={ "/devices?advisory=" (id) "&verdict=unknown" } {
                    strong { (many(view.counts.devices_unknown, "device")) }
                    " unknown"
                }
                ". Findings, one for each device and vulnerability:"
            }
            ({
                bar(
                    "advisory",
                    "Findings of this advisory",
                    &[
                        share("affected", "affected", counts.affected, "affected"),
                        share("unknown", "unknown", counts.unknown, "unknown"),
                        share(
                            "clear",
                            "not affected",
                            counts.not_affected,
                            "not_affected",
                        ),
                    ],
                )
            })
        }
    }
}

fn revisions(desk: &Desk, line: &AdvisoryLine, earlier: &[RevisionLine]) -> Markup {
    html! {
        @if !earlier.is_empty() {
            section aria-labelledby="revisions" {
                h2 id="revisions" { "Earlier revisions kept here" }
                ul class="plain-list" {
                    @for one in earlier {
                        li {
                            "Revision " (one.revision) ", taken in " (desk.when(one.received))
                            ". "
                            a href={ (link::advisory(&line.id)) "/compare?from=" (one.hash) } { "Compare with the one on file" }
                            span class="quiet" { ", SHA-256 " span class="mono breakable" { (one.hash) } }
                            @if !one.changes.is_empty() {
                                ul {
                                    @for change in &one.changes {
                                        li { (change) }
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

fn contradictions(desk: &Desk, view: &AdvisoryPage) -> Markup {
    let advisory = &view.advisory;
    html! {
        @if !advisory.contradictions.is_empty() {
            section aria-labelledby="contradictions" {
                h2 id="contradictions" { "Where it contradicts itself" }
                p class="quiet" {
                    "A version it says two things about is unknown here, never \"not affected\". Only the maker can settle it; what the maker has said can be written down as a correction."
                }
                ul class="wrap" {
                    @for one in &advisory.contradictions {
                        li {
                            @if !one.vulnerability.is_empty() {
                                span class="mono" { (one.vulnerability) }
                                ": "
                            }
                            (one.text)
                            " "
                            @if !view.contradictions_left.contains(one) {
                                strong { "Settled by a correction here." }
                            } @else if desk.may_write() && advisory.product(&one.product).is_some() {
                                a href=(correct_link(&advisory.id, one)) { "Correct this passage …" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// To the form that fits: the clause when one version is in question, else what is said of the product.
fn correct_link(advisory: &str, one: &Contradiction) -> String {
    let clause = one.vulnerability.is_empty() || !one.version.is_empty();
    let what = if clause { "clause" } else { "status" };
    let pairs =
        [("correct", what), ("leaf", one.product.as_str()), ("vulnerability", one.vulnerability.as_str())];
    let ask = Ask::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
    format!("{}#correct-{what}", ask.at(&link::advisory(advisory)))
}

fn clauses(clauses: &[ClauseLine]) -> Markup {
    html! {
        section aria-labelledby="clauses" {
            h2 id="clauses" { "What it says of which product" }
            div class="scroll" {
                table class="list" {
                    caption class="hidden" { "Clauses and how they were read" }
                    thead {
                        tr {
                            th scope="col" { "Product" }
                            th scope="col" { "Clause, verbatim" }
                            th scope="col" { "Read as" }
                            th scope="col" { "Says" }
                        }
                    }
                    tbody {
                        @for clause in clauses {
                            tr {
                                th scope="row" class="wrap" { (clause.vendor) " " (clause.product) }
                                td class="mono wrap" {
                                    @if clause.clause.is_empty() {
                                        span class="quiet" { "no version text" }
                                    } @else { (clause.clause) }
                                }
                                td class="wrap" {
                                    span class="mono" { (clause.read_as) }
                                    @if clause.quality != "exact" {
                                        span class="quiet" { " " (clause.quality) }
                                    }
                                    @for note in &clause.notes {
                                        p class="note" { (note) }
                                    }
                                }
                                td class="wrap" { (clause.says) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn unmatched(desk: &Desk, advisory: &str, products: &[UnmatchedProduct]) -> Markup {
    html! {
        @if !products.is_empty() {
            section aria-labelledby="unmatched" {
                h2 id="unmatched" { "Products that no model here matches" }
                p class="quiet" {
                    "Silence is never \"not affected\": if a model below is the same thing under another name, say so."
                }
                ul class="plain-list" {
                    @for product in products {
                        li {
                            span { (product.vendor) " " (product.product) }
                            @if product.nearest.is_empty() {
                                span class="quiet" { " nothing here comes near" }
                            } @else {
                                span class="quiet" { " nearest here: " (product.nearest.join(", ")) }
                            }
                            @if desk.may_write() { (same_form(desk, advisory, product)) }
                        }
                    }
                }
            }
        }
    }
}

fn same_form(desk: &Desk, advisory: &str, product: &UnmatchedProduct) -> Markup {
    let named = format!("{} {}", product.vendor.trim(), product.product.trim());
    html! {
        @if !product.nearest.is_empty() {
            details class="menu inline" {
                summary { "It is the same as …" }
                form method="post" action="/advisories/product" class="menu-form" {
                    (desk.token())
                    input type="hidden" name="advisory" value=(advisory);
                    input
                        type="hidden"
                        name="named"
                        value=(named.trim());
                    input type="hidden" name="back" value=(desk.here);
                    input type="hidden" name="same" value="yes";
                    @for model in &product.nearest {
                        button name="held" value=(model) { (model) }
                    }
                }
            }
        }
    }
}

fn vulnerabilities(advisory: &Advisory) -> Markup {
    html! {
        section aria-labelledby="flaws" {
            h2 id="flaws" { (many(advisory.vulnerabilities.len() as u64, "vulnerability")) }
            @for flaw in &advisory.vulnerabilities {
                details class="fold" {
                    summary {
                        span class="mono" { (flaw.id) }
                        " "
                        (flaw.title)
                        @if let Some(first) = flaw.scores.first().map(ScoreLine::from) {
                            span class="quiet" {
                                " CVSS " (first.version) " base " (first.base) " " (first.severity)
                            }
                        }
                    }
                    @if !flaw.description.is_empty() {
                        p class="verbatim" { (flaw.description) }
                    }
                    @if !flaw.cwe.is_empty() {
                        p class="quiet" { (flaw.cwe) }
                    }
                    @for score in &flaw.scores {
                        p { (parts::score(&score.into())) }
                    }
                    @for threat in &flaw.threats {
                        p { (threat) }
                    }
                    @for remedy in &flaw.remediations {
                        p class="verbatim" {
                            strong { (remedy.category.replace('_', " ")) ": " }
                            (remedy.text)
                        }
                    }
                    p {
                        a   href={
                                "/findings?advisory="
                                (encode(&advisory.id))
                                "&vulnerability="
                                (encode(&flaw.id))
                            }
                        { "Findings here" }
                    }
                }
            }
        }
    }
}

fn document(advisory: &Advisory) -> Markup {
    html! {
        section aria-labelledby="document" {
            h2 id="document" { "The document" }
            @if !advisory.summary.is_empty() {
                p class="verbatim" { (advisory.summary) }
            }
            @if !advisory.references.is_empty() {
                ul class="plain-list" {
                    @for reference in &advisory.references {
                        li {
                            @if {
                                reference.url.starts_with("https://")
                                    || reference.url.starts_with("http://")
                            } {
                                a href=(reference.url) rel="noopener noreferrer external" {
                                    @if reference.summary.is_empty() { (reference.url) } @else {
                                        (reference.summary)
                                    }
                                }
                            } @else { (reference.summary) " " (reference.url) }
                        }
                    }
                }
            }
            p class="quiet" {
                (number(advisory.products.len() as u64))
                " product leaves. SHA-256 of the file "
                span class="mono breakable" { (advisory.hash) }
            }
        }
    }
}
