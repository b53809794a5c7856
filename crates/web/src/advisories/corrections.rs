//! Corrections made here: their part of an advisory's page, all of them, and the forms behind them.

use crate::desk::{Desk, Section, saying};
use crate::fault::Fault;
use crate::html::{Page, csv, see};
use crate::link::{self, Ask};
use crate::parts::{empty, many};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use std::collections::BTreeSet;
use tallyward_app::AppError;
use tallyward_app::views::{AdvisoryPage, CorrectionAsked, CorrectionLine, CorrectionState};
use tallyward_core::Advisory;
use tallyward_core::advisory::ProductStatus;

/// Statuses in the order in which they are offered.
const STATUSES: [ProductStatus; 8] = [
    ProductStatus::KnownAffected,
    ProductStatus::FirstAffected,
    ProductStatus::LastAffected,
    ProductStatus::KnownNotAffected,
    ProductStatus::Fixed,
    ProductStatus::FirstFixed,
    ProductStatus::Recommended,
    ProductStatus::UnderInvestigation,
];

/// What is read otherwise here than the document says, and the forms to do so.
pub(super) fn part(desk: &Desk, view: &AdvisoryPage, ask: &Ask) -> Markup {
    html! {
        @if desk.may_write() || !view.corrections.is_empty() {
            section aria-labelledby="corrections" {
                h2 id="corrections" { "Corrected here" }
                @if view.corrections.is_empty() {
                    p class="quiet" {
                        "Nothing. Where the document is plainly wrong and the maker has said so, a passage can be corrected for this house; the document itself stays as it came."
                    }
                } @else {
                    p class="quiet" { (left(view)) }
                    (lines(desk, &view.corrections, false))
                }
                @if desk.may_write() {
                    details class="fold panel" open[ask.get("correct").is_some()] {
                        summary { "Correct a passage …" }
                        (forms(desk, &view.advisory, ask))
                    }
                }
            }
        }
    }
}

fn left(view: &AdvisoryPage) -> String {
    let all = view.advisory.contradictions.len() as u64;
    let left = view.contradictions_left.len();
    let verdicts = "Verdicts rest on the document read with the corrections in force, and say so.";
    if all == 0 {
        return verdicts.to_owned();
    }
    format!("{verdicts} Of {}, {left} left so read.", many(all, "contradiction"))
}

fn lines(desk: &Desk, corrections: &[CorrectionLine], named: bool) -> Markup {
    html! {
        ul class="plain-list" {
            @for one in corrections {
                li {
                    strong { (one.state.label()) }
                    " "
                    @if named {
                        a class="mono" href=(link::advisory(&one.advisory)) { (one.advisory) }
                        " "
                    }
                    (one.says)
                    p class="note" {
                        (one.by) ", " (desk.when(one.at)) ", on revision " (one.revision) ": " (one.why)
                    }
                    @if !one.because.is_empty() {
                        p class="note" { (one.because) }
                    }
                    @if desk.may_write() && one.state != CorrectionState::Ended { (acts(desk, one)) }
                }
            }
        }
    }
}

fn acts(desk: &Desk, one: &CorrectionLine) -> Markup {
    let hidden = html! {
        (desk.token())
        input type="hidden" name="id" value=(one.id);
        input type="hidden" name="advisory" value=(one.advisory);
    };
    let field = format!("end-{}", one.id);
    html! {
        div class="actions" {
            @if one.state == CorrectionState::LookAgain {
                form method="post" action="/advisories/corrections" class="inline" {
                    (hidden)
                    button name="act" value="again" { "Make it again on the passage as it is now" }
                }
            }
            details class="menu inline" {
                summary { "Take it back …" }
                form method="post" action="/advisories/corrections" class="menu-form" {
                    (hidden)
                    label for=(field) { "Why" }
                    input id=(field) name="why" required autocomplete="off";
                    button name="act" value="end" { "Take it back" }
                }
            }
        }
    }
}

fn forms(desk: &Desk, advisory: &Advisory, ask: &Ask) -> Markup {
    let form = |what, title, fields: &Markup| form(desk, advisory, ask, what, title, fields);
    html! {
        @if !advisory.products.is_empty() {
            (form("clause", "A clause", &html! {
                (leaf("clause", advisory, ask))
                (text("clause", "clause", "Clause as it should read", ""))
            }))
            (form("name", "A product's name", &html! {
                (leaf("name", advisory, ask))
                (text("name", "vendor", "Vendor as it should read", ""))
                (text("name", "product", "Product as it should read", ""))
            }))
            @if !advisory.vulnerabilities.is_empty() {
                (form("status", "What is said of a product", &html! {
                    (leaf("status", advisory, ask))
                    (flaws("status", advisory, ask, false))
                    (statuses("status", true))
                }))
            }
            (form("leave_out", "Leave a product out", &leaf("leave_out", advisory, ask)))
        }
        @if !advisory.vulnerabilities.is_empty() {
            (form("add", "Add a product", &html! {
                (text("add", "vendor", "Vendor", ""))
                (text("add", "product", "Product", ""))
                (text("add", "clause", "Clause; empty when all versions are meant", ""))
                (flaws("add", advisory, ask, true))
                (statuses("add", false))
            }))
        }
    }
}

fn form(desk: &Desk, advisory: &Advisory, ask: &Ask, what: &str, title: &str, fields: &Markup) -> Markup {
    let why = format!("{what}-why");
    html! {
        details class="fold" id={ "correct-" (what) } open[ask.get("correct") == Some(what)] {
            summary { (title) }
            form method="post" action="/advisories/correct" class="stack tight" data-once {
                (desk.token())
                input type="hidden" name="advisory" value=(advisory.id);
                input type="hidden" name="what" value=(what);
                (fields)
                label for=(why) { "Why, and where you have it from" }
                textarea id=(why) name="why" rows="2" required {}
                p class="hint" {
                    "Kept under the name of " (desk.session.who.name) ". Verdicts are worked out anew at once."
                }
                button class="primary" { "Correct it here" }
            }
        }
    }
}

fn text(what: &str, name: &str, label: &str, value: &str) -> Markup {
    let id = format!("{what}-{name}");
    html! {
        label for=(id) { (label) }
        input id=(id) name=(name) value=(value) autocomplete="off" required[name == "product"];
    }
}

fn leaf(what: &str, advisory: &Advisory, ask: &Ask) -> Markup {
    let id = format!("{what}-leaf");
    let mut seen = BTreeSet::new();
    html! {
        label for=(id) { "Product as the document lists it" }
        select id=(id) name="leaf" {
            @for leaf in advisory.products.iter().filter(|leaf| seen.insert(&leaf.id)) {
                option value=(leaf.id) selected[ask.get("leaf") == Some(leaf.id.as_str())] {
                    (leaf.vendor) " " (leaf.product) " " (leaf.version)
                    " (" (leaf.id) ")"
                }
            }
        }
    }
}

fn flaws(what: &str, advisory: &Advisory, ask: &Ask, all: bool) -> Markup {
    let id = format!("{what}-flaw");
    html! {
        label for=(id) { "Vulnerability" }
        select id=(id) name="vulnerability" {
            @if all {
                option value="" { "all of the document" }
            }
            @for flaw in &advisory.vulnerabilities {
                option value=(flaw.id) selected[ask.get("vulnerability") == Some(flaw.id.as_str())] { (flaw.id) " " (flaw.title) }
            }
        }
    }
}

fn statuses(what: &str, none: bool) -> Markup {
    let id = format!("{what}-status");
    html! {
        label for=(id) { "Status" }
        select id=(id) name="status" {
            @for status in STATUSES {
                option value=(status.code()) { (status.label()) }
            }
            @if none {
                option value="none" { "not mentioned" }
            }
        }
    }
}

/// `GET /advisories/corrections`: all of them, those to look at again first.
pub(crate) async fn corrections(signed: Signed) -> Result<Page, Fault> {
    let (desk, all) = signed.view(|app| app.corrections(None)).await?;
    let waiting = all.iter().filter(|one| one.state == CorrectionState::LookAgain).count() as u64;
    let body = html! {
        header class="head" {
            h1 { "Corrections made here" }
            div class="actions" {
                a class="button" href="/advisories/corrections.csv" { "CSV" }
            }
        }
        (super::around("/advisories/corrections"))
        @if all.is_empty() {
            ({
                empty(
                    "Nothing is corrected",
                    "A passage of an advisory that is plainly wrong can be corrected on its page. What is corrected stands here, with who did it and why.",
                    Some(("See the advisories", "/advisories")),
                )
            })
        } @else {
            @if waiting > 0 {
                p class="list-head" {
                    strong { (many(waiting, "correction")) }
                    " not applied any more, since a revision touched the passage. Look again."
                }
            }
            (lines(&desk, &all, true))
        }
    };
    Ok(desk.page(Section::Advisories, "Corrections made here", body))
}

/// The same as CSV.
pub(crate) async fn corrections_csv(signed: Signed) -> Result<Response, Fault> {
    let bytes = signed.console.call(|app| app.export_corrections()).await?;
    Ok(csv("corrections.csv", bytes))
}

/// `POST /advisories/correct`
pub(crate) async fn correct(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let (advisory, why) = (fields.text("advisory"), fields.text("why"));
    let asked = CorrectionAsked {
        what: fields.text("what"),
        product_id: fields.text("leaf"),
        clause: fields.text("clause"),
        vendor: fields.text("vendor"),
        product: fields.text("product"),
        vulnerability: fields.text("vulnerability"),
        status: fields.text("status"),
    };
    let back = link::advisory(&advisory);
    let judged =
        posted.signed.act(move |app, who| app.correct_advisory(who, &advisory, &asked, &why)).await?;
    Ok(see(&saying(&back, "decided", judged as u64)))
}

/// `POST /advisories/corrections`: one taken back, or made again.
pub(crate) async fn look_again(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let (id, why) = (fields.text("id"), fields.text("why"));
    let back = link::advisory(fields.get("advisory"));
    let again = match fields.get("act") {
        "again" => true,
        "end" => false,
        _ => return Err(Fault::App(AppError::invalid("act", "say again or end"))),
    };
    let act = move |app: &tallyward_app::App, who: &tallyward_app::Who| {
        if again { app.renew_correction(who, &id) } else { app.end_correction(who, &id, &why) }
    };
    let judged = posted.signed.act(act).await?;
    Ok(see(&saying(&back, "decided", judged as u64)))
}
