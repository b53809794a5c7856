//! What a document says: of which product, where no model matches, where it contradicts itself.

use crate::desk::Desk;
use crate::link::{self, Ask};
use crate::parts::many;
use maud::{Markup, html};
use tallyward_app::views::{AdvisoryPage, ClauseLine, UnmatchedProduct};
use tallyward_core::advisory::Contradiction;

/// Clauses shown before the rest is folded.
const OPEN: usize = 12;

/// The clauses as the document words them, and as they were read. Those that were not read exactly come first: they are
/// what a person has to look at.
pub(super) fn clauses(clauses: &[ClauseLine]) -> Markup {
    let mut order: Vec<&ClauseLine> = clauses.iter().collect();
    order.sort_by_key(|clause| clause.quality == "exact");
    let (open, folded) = order.split_at(order.len().min(OPEN));
    html! {
        section aria-labelledby="clauses" {
            h2 id="clauses" { "What it says of which product" }
            @if open.is_empty() {
                p class="quiet" { "It names no product that can be matched." }
            } @else { (table(open)) }
            @if !folded.is_empty() {
                details class="fold" {
                    summary { (many(folded.len() as u64, "more product")) }
                    (table(folded))
                }
            }
        }
    }
}

fn table(clauses: &[&ClauseLine]) -> Markup {
    html! {
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
                                th scope="row" class="wrap" {
                                    (clause.vendor) " " (clause.product)
                                    @for line in &clause.identifiers {
                                        div class="note" { (line) }
                                    }
                                }
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

pub(super) fn unmatched(desk: &Desk, advisory: &str, products: &[UnmatchedProduct]) -> Markup {
    let (far, near): (Vec<_>, Vec<_>) = products.iter().partition(|product| product.nearest.is_empty());
    html! {
        @if !products.is_empty() {
            section aria-labelledby="unmatched" {
                h2 id="unmatched" { "Products that no model here matches" }
                p class="quiet" {
                    "Silence is never \"not affected\": if a model below is the same thing under another name, say so."
                }
                ul class="plain-list" {
                    @for product in &near {
                        li {
                            span { (product.vendor) " " (product.product) }
                            span class="quiet" { " nearest here: " (product.nearest.join(", ")) }
                            @if desk.may_write() { (same_form(desk, advisory, product)) }
                        }
                    }
                }
                @if !far.is_empty() {
                    details class="fold" {
                        summary { (many(far.len() as u64, "product")) " that nothing here comes near" }
                        ul class="names" {
                            @for product in &far { li { (product.vendor) " " (product.product) } }
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

pub(super) fn contradictions(desk: &Desk, view: &AdvisoryPage) -> Markup {
    let advisory = &view.advisory;
    html! {
        @if !advisory.contradictions.is_empty() {
            section aria-labelledby="contradictions" {
                h2 id="contradictions" { "Where it contradicts itself" }
                p class="quiet" {
                    "A version it says two things about is unknown here, never \"not affected\". Only the maker can settle it; what the maker has said can be written down as a correction."
                }
                ul {
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
