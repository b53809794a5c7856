//! `/search`: takes anything, lands on the thing when there is only one.

use crate::desk::Section;
use crate::fault::Fault;
use crate::html::see;
use crate::link::{Ask, encode};
use crate::parts::{empty, many};
use crate::signed::Signed;
use axum::response::{IntoResponse, Response};
use maud::html;

/// The hits; exactly one is gone to at once.
pub(crate) async fn page(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let text: String = ask.get("q").unwrap_or_default().chars().take(200).collect();
    let (desk, result) = signed.view(move |app| app.search(&text)).await?;
    if let [only] = result.hits.as_slice()
        && !result.more
    {
        return Ok(see(&only.link));
    }
    let body = html! {
        header class="head" {
            h1 { "Search" }
        }
        @if result.text.is_empty() {
            ({
                empty(
                    "Search for anything",
                    "A tag, a serial, part of a model, a MAC, an AE title, a room, a CVE or an advisory. Press / to come here from any page.",
                    None,
                )
            })
        } @else if result.hits.is_empty() {
            ({
                empty(
                    &format!("Nothing found for \u{201c}{}\u{201d}", result.text),
                    "Try part of it: the last digits of a tag, a room, a model without its maker.",
                    Some(("Show all devices", "/devices")),
                )
            })
        } @else {
            p class="list-head" {
                strong { (many(result.hits.len() as u64, "hit")) }
                " for \u{201c}"
                (result.text)
                "\u{201d}"
            }
            ul class="hits" {
                @for hit in &result.hits {
                    li {
                        a href=(hit.link) { (hit.title) }
                        span class="kind" { (hit.kind) }
                        span class="quiet" { (hit.detail) }
                    }
                }
            }
            @if result.more {
                p {
                    a href={ "/devices?text=" (encode(&result.text)) } { "All devices that match" }
                }
            }
        }
    };
    Ok(desk.page(Section::Elsewhere, "Search", body).into_response())
}
