//! Adding and removing sources.

use super::sources::show;
use crate::desk::{Desk, saying};
use crate::fault::{Complaint, Fault};
use crate::html::see;
use crate::parts::{Input, input, select, submit};
use crate::posted::Posted;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::{AppError, Require, Source, SourceKind, SourceLine};

/// Fields of the form that a complaint may be about.
pub(super) const FIELDS: [&str; 5] = ["name", "url", "kind", "require", "pause"];

const KINDS: [(&str, &str); 7] = [
    ("provider", "Provider: a domain, or its provider-metadata.json"),
    ("directory", "Folder with changes.csv or index.txt"),
    ("rolie", "One ROLIE feed"),
    ("kev", "KEV, CISA's catalogue of exploited flaws (JSON)"),
    ("epss", "EPSS list (CSV or CSV.gz)"),
    ("cve", "CVE records with SSVC: one, a list, or a zip archive"),
    ("taxii", "TAXII 2.1 server of an exchange of threats (ISAC)"),
];

const REQUIRE: [(&str, &str); 3] = [
    ("none", "Nothing; what is offered is verified"),
    ("hash", "A hash that fits"),
    ("signature", "A signature by the provider"),
];

/// What was typed into the form.
#[derive(Clone)]
pub(crate) struct Typed {
    name: String,
    url: String,
    kind: String,
    require: String,
    pause: String,
    internal: bool,
    clear_text: bool,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            name: String::new(),
            url: String::new(),
            kind: "provider".to_owned(),
            require: "hash".to_owned(),
            pause: "100".to_owned(),
            internal: false,
            clear_text: false,
        }
    }
}

impl Typed {
    fn source(&self) -> Result<Source, AppError> {
        Ok(Source {
            name: self.name.clone(),
            url: self.url.clone(),
            kind: SourceKind::from_code(&self.kind)
                .ok_or_else(|| AppError::invalid("kind", "Choose what is at the address."))?,
            require: Require::from_code(&self.require)
                .ok_or_else(|| AppError::invalid("require", "Choose what a document must bring along."))?,
            pause_ms: self
                .pause
                .parse()
                .map_err(|_| AppError::invalid("pause", "expected whole milliseconds, such as 100"))?,
            internal: self.internal,
            clear_text: self.clear_text,
            ..Source::default()
        })
    }
}

/// The form for a new source.
pub(super) fn form(desk: &Desk, typed: &Typed, complaint: Option<&Complaint>) -> Markup {
    let plain =
        |name, label, hint, value| Input { name, label, hint, value, required: true, ..Input::default() };
    let name = plain("name", "Name", "Short: letters, digits, dots and dashes.", typed.name.as_str());
    let url = plain("url", "Domain or address", "Such as www.cisa.gov.", typed.url.as_str());
    let kind = Input { name: "kind", label: "What is there", value: &typed.kind, ..Input::default() };
    let require = Input {
        name: "require",
        label: "An advisory must bring",
        value: &typed.require,
        hint: "Lists of attacks and letters bring neither: choose nothing.",
        ..Input::default()
    };
    let pause = plain("pause", "Pause between two requests, milliseconds", "", typed.pause.as_str());
    html! {
        section class="panel" aria-labelledby="new" {
            h2 id="new" { "Add a source" }
            p class="hint" {
                "Nothing is fetched before the next scheduled run, or Sync now. What is added is on record with your name. How to \
                 sign in at a source stands in the configuration file of the server and never here."
            }
            form method="post" action="/settings/sources/add" class="stack tight" {
                (desk.token())
                (input(name, complaint))
                (input(url, complaint))
                (select(kind, &KINDS, complaint))
                (select(require, &REQUIRE, complaint))
                (input(pause, complaint))
                label {
                    input type="checkbox" name="internal" value="yes" checked[typed.internal];
                    " It stands inside the house: private addresses are allowed"
                }
                label {
                    input type="checkbox" name="clear_text" value="yes" checked[typed.clear_text];
                    " Unencrypted http is allowed"
                }
                (submit("Add the source"))
            }
        }
    }
}

/// The menu that removes a source, with what that does.
pub(super) fn removing(desk: &Desk, line: &SourceLine) -> Markup {
    html! {
        details class="menu inline" {
            summary aria-label=(format!("Remove {}", line.name)) { "Remove" }
            form method="post" action="/settings/sources/remove" class="menu-form stack tight" {
                (desk.token())
                input type="hidden" name="source" value=(line.name);
                p class="hint" {
                    "Nothing more is fetched from " (line.name) ". What it brought stays; its health and its list of \
                     refused documents go."
                }
                button { "Remove " (line.name) }
            }
        }
    }
}

/// Adds a source.
pub(crate) async fn add(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let typed = Typed {
        name: fields.text("name"),
        url: fields.text("url"),
        kind: fields.text("kind"),
        require: fields.text("require"),
        pause: fields.text("pause"),
        internal: fields.ticked("internal"),
        clear_text: fields.ticked("clear_text"),
    };
    let asked = typed.clone();
    match posted.signed.act(move |app, who| app.add_source(who, asked.source()?)).await {
        Ok(()) => Ok(see(&saying("/settings/sources", "source", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, &typed, Some(&complaint)).await?.into_response())
        }
    }
}

/// Removes a source.
pub(crate) async fn remove(posted: Posted) -> Result<Response, Fault> {
    let name = posted.fields.text("source");
    match posted.signed.act(move |app, who| app.remove_source(who, &name)).await {
        Ok(()) => Ok(see(&saying("/settings/sources", "no-source", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, &Typed::default(), Some(&complaint)).await?.into_response())
        }
    }
}
