//! `/advisories`

use super::query::{advisory_query, form};
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::{self, Ask, encode};
use crate::parts::{count_line, empty, many, next_page, number};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::AdvisoryLine;

const PATH: &str = "/advisories";
/// Documents on a page.
const SHOWN: usize = 100;

/// `GET /advisories.csv`
pub(crate) async fn list_csv(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let query = advisory_query(&ask, &signed.session.who.login)?;
    let bytes = signed.console.call(move |app| app.export_advisories(&query)).await?;
    Ok(csv("advisories.csv", bytes))
}

/// What has been published, and whom it touches here.
pub(crate) async fn list(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let query = advisory_query(&ask, &signed.session.who.login)?;
    let (desk, lines) = signed.view(move |app| app.advisories_where(&query)).await?;
    let narrowed = ask.get("text").is_some() || ask.get("unread").is_some();
    let (shown, next) = page_of(&lines, |line| &line.id, ask.get("after"));
    let body = html! {
        header class="head" {
            h1 { "Advisories" }
            div class="actions" {
                @if !lines.is_empty() {
                    a class="button" href=(ask.with("after", None).at("/advisories.csv")) { "CSV of these" }
                }
                @if desk.may_write() {
                    a class="button primary" href="/import#advisories" { "Add advisories" }
                }
            }
        }
        (super::around("/advisories"))
        @if narrowed || !lines.is_empty() { (form(&ask)) }
        @if lines.is_empty() && narrowed {
            p { "No advisory on file is like that. " a href="/advisories" { "All advisories" } }
        } @else if lines.is_empty() {
            ({
                empty(
                    "No advisories yet",
                    "An advisory is one published document: CSAF, VEX or a recall, from a maker or a regulator. Each one read here is held against every device within seconds.",
                    Some(("Add advisories", "/import#advisories")),
                )
            })
        } @else {
            p class="list-head" {
                (count_line(&ask, shown.len(), lines.len() as u64, "advisory"))
                "; counts are devices here"
            }
            (table(&desk, shown))
            (next_page(&ask, PATH, shown.len(), next))
        }
    };
    Ok(desk.page(Section::Advisories, "Advisories", body))
}

/// The lines behind the one with this id, and the last of them when there are more. An id that is not on the list any
/// more leads to its start.
fn page_of<'a, T>(
    lines: &'a [T],
    id: impl Fn(&'a T) -> &'a str,
    after: Option<&str>,
) -> (&'a [T], Option<&'a str>) {
    let behind =
        after.and_then(|after| lines.iter().position(|line| id(line) == after)).map_or(0, |at| at + 1);
    let rest = &lines[behind..];
    let shown = &rest[..rest.len().min(SHOWN)];
    let next = shown.last().filter(|_| rest.len() > shown.len());
    (shown, next.map(id))
}

fn table(desk: &Desk, lines: &[AdvisoryLine]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Advisories" {
            table class="list" {
                caption class="hidden" { "Advisories" }
                thead {
                    tr {
                        th scope="col" { "Advisory" }
                        th scope="col" { "Title" }
                        th scope="col" { "Publisher" }
                        th scope="col" class="num" { "Flaws" }
                        th scope="col" class="num" { "CVSS" }
                        th scope="col" class="num" { "▲ Affected" }
                        th scope="col" class="num" { "◆ Unknown" }
                        th scope="col" { "Contradictions" }
                        th scope="col" class="num" { "Revised" }
                    }
                }
                tbody {
                    @for line in lines { (row(desk, line)) }
                }
            }
        }
    }
}

fn row(desk: &Desk, line: &AdvisoryLine) -> Markup {
    let devices = |verdict: &str| format!("/devices?advisory={}&verdict={verdict}", encode(&line.id));
    html! {
        tr {
            th scope="row" class="mono" {
                a href=(link::advisory(&line.id)) { (line.id) }
            }
            td class="wrap" { (line.title) }
            td class="clip short" title=(line.publisher) { (line.publisher) }
            td class="num" { (number(line.vulnerabilities as u64)) }
            td class="num" {
                @if line.cvss.is_empty() { span class="quiet" { "none" } } @else {
                    span title={ "CVSS " (line.cvss_version) ", the highest of its vectors" } { (line.cvss) }
                }
            }
            td class="num" {
                @if line.devices_affected > 0 {
                    a class="state affected" href=(devices("affected")) { (number(line.devices_affected)) }
                } @else {
                    span class="quiet" { "0" }
                }
            }
            td class="num" {
                @if line.devices_unknown > 0 {
                    a class="state unknown" href=(devices("unknown")) { (number(line.devices_unknown)) }
                } @else {
                    span class="quiet" { "0" }
                }
            }
            td {
                @if line.contradictions > 0 {
                    a href={ (link::advisory(&line.id)) "#contradictions" } {
                        (many(line.contradictions as u64, "place"))
                    }
                } @else {
                    span class="quiet" { "none" }
                }
            }
            td class="num" { (desk.when_or(line.revised.or(line.released), "no date")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, page_of};

    #[test]
    fn every_line_is_on_one_page() {
        let ids: Vec<String> = (0..SHOWN * 2 + 1).map(|number| number.to_string()).collect();
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let (shown, next) = page_of(&ids, String::as_str, after);
            walked.extend(shown.iter().cloned());
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(walked, ids);
        assert_eq!(
            page_of(&ids[..SHOWN], String::as_str, None).1,
            None,
            "a full last page has none behind it"
        );
        assert_eq!(page_of(&ids, String::as_str, Some("gone")).0, &ids[..SHOWN]);
    }
}
