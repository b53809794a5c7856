//! `/settings/rules`: the tables that say what facts lead to.

use super::around;
use super::tables::grid;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv, see};
use crate::parts::{UploadForm, many, number, upload};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::{OwnRules, RecogLine, RulesPage};
use tallyward_identity::classify::{RuleTables, TableInfo};

/// Every table in force; the house's own, to replace and to take away.
pub(crate) async fn rules(signed: Signed) -> Result<Page, Fault> {
    let (desk, view) = signed.view(|app| app.rule_tables()).await?;
    let body = html! {
        header class="head" {
            h1 { "Rules" }
            div class="actions" {
                a class="button" href="/settings/rules.csv" { "CSV" }
            }
        }
        (around("/settings/rules"))
        p class="lead" {
            "What facts lead to: maker, model, device class, operating system and parts. Every conclusion names its table and line on the page of the device."
        }
        (own(&desk, &view))
        h2 { "Tables that ship" }
        @for table in view.tables.iter().filter(|table| RuleTables::builtin_text(&table.name).is_some()) {
            (shipped(table))
        }
        p class="quiet" { "Makers of network cards: " (view.registry) "." }
        (recog(&view.recog))
    };
    Ok(desk.page(Section::Settings, "Rules", body))
}

fn shipped(table: &TableInfo) -> Markup {
    html! {
        details class="fold" {
            summary {
                strong { (table.name) }
                span class="quiet" { " version " (table.version) ", " (many(table.rules as u64, "rule")) }
            }
            p class="quiet" { (table.source) }
            @if let Some(text) = RuleTables::builtin_text(&table.name) { (grid(text)) }
        }
    }
}

fn own(desk: &Desk, view: &RulesPage) -> Markup {
    html! {
        h2 id="own" { "The house's own" }
        @match &view.own {
            None => p class="quiet" { "None. A file of your own stands beside the tables that ship; the higher score wins." },
            Some(own) => (held(desk, own, view)),
        }
        @if desk.may_write() {
            ({
                upload(
                    &desk.token(),
                    &UploadForm {
                        id: "bring",
                        title: "Bring your own rules",
                        text: html! {
                            "CSV with the columns "
                            span class="mono" { "fact,basis,pattern,gives,score,source" }
                            ". It takes the place of the one before, and all devices are worked out again."
                        },
                        action: "/import/table",
                        before: html! { input type="hidden" name="table" value="rules"; },
                        field: "rules-file",
                        label: "CSV file",
                        accept: ".csv,.txt,text/csv",
                        button: "Put it in force",
                        ..UploadForm::default()
                    },
                )
            })
        }
    }
}

fn held(desk: &Desk, own: &OwnRules, view: &RulesPage) -> Markup {
    let rules = view.tables.iter().find(|table| table.name == own.name).map_or(0, |table| table.rules);
    html! {
        details class="fold" {
            summary {
                strong { (own.name) }
                span class="quiet" {
                    " "
                    (many(rules as u64, "rule"))
                    ", brought by "
                    (own.by)
                    " "
                    (desk.when(own.at.into()))
                }
            }
            @for (line, why) in &view.refused {
                p class="note" { "Line " (line) ": " (why) }
            }
            (grid(&own.text))
        }
        @if desk.may_write() {
            form method="post" action="/settings/rules/remove" {
                (desk.token())
                button { "Take it away" }
            }
        }
    }
}

fn recog(files: &[RecogLine]) -> Markup {
    html! {
        h2 id="recog" { "Recog files" }
        @if files.is_empty() {
            p class="quiet" {
                "None. The configuration key "
                span class="mono" { "recog" }
                " names a folder of them."
            }
        }
        @for file in files {
            details class="fold" {
                summary {
                    strong { (file.name) }
                    span class="quiet" {
                        " "
                        (number(file.rules as u64))
                        " of "
                        (many(file.fingerprints as u64, "fingerprint"))
                        " understood"
                    }
                }
                @if !file.unused.is_empty() {
                    p class="quiet" { "Parameters no field takes: " (file.unused.join(", ")) }
                }
                ul {
                    @for (line, why) in &file.left_out {
                        li { "Line " (line) ": " (why) }
                    }
                }
            }
        }
    }
}

/// The tables in force, a line each.
pub(crate) async fn rules_csv(signed: Signed) -> Result<Response, Fault> {
    let (_, bytes) = signed.view(|app| app.export_rules()).await?;
    Ok(csv("rules.csv", bytes))
}

/// Takes the house's own rules away.
pub(crate) async fn remove(posted: Posted) -> Result<Response, Fault> {
    posted.signed.act(|app, who| app.remove_rules(who)).await?;
    Ok(see("/settings/rules"))
}
