//! `POST /import/table`: places, units, contacts, rules.

use super::{around, start};
use crate::desk::Section;
use crate::fault::{Complaint, Fault};
use crate::parts::many;
use crate::upload::Uploaded;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::views::TableReport;

/// Takes in one of the tables and says what became of each line.
pub(crate) async fn table(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, fields, files } = uploaded;
    let Some((name, bytes)) = files.into_iter().next() else {
        let complaint = Complaint::field("table-file", "Choose a CSV file.");
        return Ok(start::show(signed, Some(&complaint)).await?.into_response());
    };
    let which = fields.text("table");
    let stands = if which == "rules" { "/settings/rules" } else { "/settings/house" };
    let brought = name.clone();
    let taken = signed
        .act(move |app, who| match which.as_str() {
            "places" => app.import_places(who, &bytes),
            "units" => app.import_units(who, &bytes),
            "contacts" => app.import_contacts(who, &bytes),
            "rules" => app.import_rules(who, &brought, &bytes),
            _ => Err(AppError::invalid("table", "Choose places, units, contacts or rules.")),
        })
        .await;
    match taken {
        Ok(report) => {
            let (desk, ()) = signed.view(|_| Ok(())).await?;
            Ok(desk.page(Section::Settings, "Table taken in", body(&name, stands, &report)).into_response())
        }
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(start::show(signed, Some(&complaint)).await?.into_response())
        }
    }
}

fn body(file: &str, stands: &str, report: &TableReport) -> Markup {
    html! {
        p class="crumbs" {
            a href="/import" { "Import" }
            " / "
            (file)
        }
        header class="head" {
            h1 { "Taken in: " (file) }
        }
        (around("import"))
        p {
            strong { (many(report.taken as u64, "line")) }
            " taken, "
            strong { (many(report.refused.len() as u64, "line")) }
            " refused. "
            a href=(stands) { "See what stands now" }
        }
        @if !report.refused.is_empty() {
            div class="scroll" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" class="num" { "Line" }
                            th scope="col" { "Why it was refused" }
                        }
                    }
                    tbody {
                        @for (line, why) in &report.refused {
                            tr {
                                td class="num" { (line) }
                                td class="wrap" { (why) }
                            }
                        }
                    }
                }
            }
        }
    }
}
