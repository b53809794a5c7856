//! The form an advisory is written in, and what was typed into it.

use crate::desk::Desk;
use crate::fault::Complaint;
use crate::parts::{Input, input, select, textarea};
use crate::posted::Fields;
use maud::{Markup, html};
use tallyward_app::written::{FlawSaid, ProductSaid, REMEDIES, RemedySaid, SAYS, Writing};

/// Blank rows offered behind those that are filled in.
const SPARE: usize = 2;
/// Rows shown at least.
const LEAST: usize = 3;

const TLP: [(&str, &str); 6] = [
    ("", "not said"),
    ("CLEAR", "TLP:CLEAR, anybody"),
    ("GREEN", "TLP:GREEN, the community"),
    ("AMBER", "TLP:AMBER, this house and its clients"),
    ("AMBER+STRICT", "TLP:AMBER+STRICT, this house"),
    ("RED", "TLP:RED, those named"),
];

/// What the form was sent with.
pub(super) fn typed(fields: &Fields) -> Writing {
    let rows = |names: &[&str]| -> Vec<Vec<String>> {
        let columns: Vec<Vec<String>> = names.iter().map(|name| fields.all(name)).collect();
        let count = columns.iter().map(Vec::len).max().unwrap_or(0);
        (0..count)
            .map(|at| columns.iter().map(|column| column.get(at).cloned().unwrap_or_default()).collect())
            .collect()
    };
    let cell = |row: &mut Vec<String>, at: usize| row.get_mut(at).map(std::mem::take).unwrap_or_default();
    let products =
        rows(&["maker", "product", "version", "says", "flaws"]).into_iter().map(|mut row| ProductSaid {
            maker: cell(&mut row, 0),
            product: cell(&mut row, 1),
            version: cell(&mut row, 2),
            says: cell(&mut row, 3),
            flaws: cell(&mut row, 4),
        });
    let flaws = rows(&["flaw", "vector", "description"]).into_iter().map(|mut row| FlawSaid {
        id: cell(&mut row, 0),
        vector: cell(&mut row, 1),
        description: cell(&mut row, 2),
    });
    let remedies = rows(&["remedy_kind", "remedy"])
        .into_iter()
        .map(|mut row| RemedySaid { kind: cell(&mut row, 0), text: cell(&mut row, 1) });
    Writing {
        title: fields.text("title"),
        summary: fields.text("summary"),
        publisher: fields.text("publisher"),
        namespace: fields.text("namespace"),
        tlp: fields.text("tlp"),
        products: products.collect(),
        flaws: flaws.collect(),
        remedies: remedies.collect(),
        links: fields.text("links").lines().map(str::to_owned).collect(),
        change: fields.text("change"),
        letter: fields.text("letter"),
    }
}

/// What the form is about: nothing yet, or an advisory begun.
pub(super) struct Subject<'a> {
    /// Empty for a new one.
    pub id: &'a str,
    /// Mark of what the person had before them.
    pub seen: &'a str,
    /// It has been released before: the form asks what this revision changes.
    pub again: bool,
}

/// The form.
pub(super) fn form(
    desk: &Desk,
    about: &Subject<'_>,
    writing: &Writing,
    complaint: Option<&Complaint>,
) -> Markup {
    let action = if about.id.is_empty() { "/written".to_owned() } else { super::written_link(about.id) };
    html! {
        form method="post" action=(action) class="write" data-live="/written/preview/part" data-target="preview" {
            (desk.token())
            input type="hidden" name="id" value=(about.id);
            input type="hidden" name="seen" value=(about.seen);
            input type="hidden" name="letter" value=(writing.letter);
            (input(Input { name: "title", label: "Title", value: &writing.title, ..Input::default() }, complaint))
            (textarea(Input { name: "summary", label: "What it is about", hint: "In your own words.", value: &writing.summary, ..Input::default() }, 3, complaint))
            (products(writing))
            (flaws(writing))
            (remedies(writing))
            (textarea(Input { name: "links", label: "Web addresses", hint: "One a line.", value: &writing.links.join("\n"), ..Input::default() }, 2, complaint))
            @if about.again {
                (input(Input { name: "change", label: "What this revision changes", value: &writing.change, ..Input::default() }, complaint))
            }
            details class="fold" open[writing.namespace.is_empty() || writing.publisher.is_empty()] {
                summary { "Who publishes it, and who may read it" }
                div class="stack tight" {
                    (input(Input { name: "publisher", label: "Publisher", hint: "This house.", value: &writing.publisher, ..Input::default() }, complaint))
                    (input(Input { name: "namespace", label: "Web address of the publisher", hint: "It makes the ids of this house its own; such as https://hospital.example", value: &writing.namespace, ..Input::default() }, complaint))
                    (select(Input { name: "tlp", label: "May be passed on to", value: &writing.tlp, ..Input::default() }, &TLP, complaint))
                }
            }
            div class="actions" {
                button class="primary" { "Save" }
                button formaction="/written/preview" { "Preview without saving" }
            }
        }
    }
}

fn spare(filled: usize) -> usize {
    (filled + SPARE).max(LEAST)
}

fn cell(name: &str, row: usize, words: &str, value: &str) -> Markup {
    html! {
        td data-label=(words) {
            input name=(name) aria-label={ (words) ", row " (row + 1) } value=(value) autocomplete="off";
        }
    }
}

fn choice(name: &str, row: usize, words: &str, value: &str, options: &[(&str, &str)]) -> Markup {
    html! {
        td data-label=(words) {
            select name=(name) aria-label={ (words) ", row " (row + 1) } {
                @for (code, told) in options {
                    option value=(code) selected[*code == value] { (told) }
                }
            }
        }
    }
}

fn products(writing: &Writing) -> Markup {
    let blank = ProductSaid::default();
    html! {
        fieldset {
            legend { "Products" }
            p class="hint" {
                "The version text as a clause: \"before 8.4\", \"2.1 to 2.5\", \"7.x prior to 7.3\", \"all versions\". Empty means every version. A vulnerability is named only when the row is not about all of them."
            }
            table class="typed products" {
                thead {
                    tr {
                        th scope="col" { "Maker" }
                        th scope="col" { "Product" }
                        th scope="col" { "Versions" }
                        th scope="col" { "Is" }
                        th scope="col" { "Only for" }
                    }
                }
                tbody {
                    @for row in 0..spare(writing.products.len()) {
                        @let one = writing.products.get(row).unwrap_or(&blank);
                        tr {
                            (cell("maker", row, "Maker", &one.maker))
                            (cell("product", row, "Product", &one.product))
                            (cell("version", row, "Versions", &one.version))
                            (choice("says", row, "Is", &one.says, &SAYS))
                            (cell("flaws", row, "Only for", &one.flaws))
                        }
                    }
                }
            }
        }
    }
}

fn flaws(writing: &Writing) -> Markup {
    let blank = FlawSaid::default();
    html! {
        fieldset {
            legend { "Vulnerabilities" }
            p class="hint" {
                "The CVE id, or the sender's own number, or nothing. The score is worked out from the CVSS vector."
            }
            table class="typed flaws" {
                thead {
                    tr {
                        th scope="col" { "Id" }
                        th scope="col" { "CVSS vector" }
                        th scope="col" { "What it is" }
                    }
                }
                tbody {
                    @for row in 0..spare(writing.flaws.len()) {
                        @let one = writing.flaws.get(row).unwrap_or(&blank);
                        tr {
                            (cell("flaw", row, "Id", &one.id))
                            (cell("vector", row, "CVSS vector", &one.vector))
                            td data-label="What it is" {
                                textarea name="description" rows="2" aria-label={ "What it is, row " (row + 1) } {
                                    (one.description)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn remedies(writing: &Writing) -> Markup {
    let blank = RemedySaid::default();
    html! {
        fieldset {
            legend { "Remedies" }
            table class="typed remedies" {
                thead {
                    tr {
                        th scope="col" { "Kind" }
                        th scope="col" { "What to do" }
                    }
                }
                tbody {
                    @for row in 0..spare(writing.remedies.len()).min(writing.remedies.len() + SPARE) {
                        @let one = writing.remedies.get(row).unwrap_or(&blank);
                        tr {
                            (choice("remedy_kind", row, "Kind", &one.kind, &REMEDIES))
                            (cell("remedy", row, "What to do", &one.text))
                        }
                    }
                }
            }
        }
    }
}
