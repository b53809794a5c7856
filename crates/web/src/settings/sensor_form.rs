//! Making and revoking sensors.

use super::sensors::show;
use crate::desk::{Desk, saying};
use crate::fault::{Complaint, Fault};
use crate::html::see;
use crate::parts::{Input, input, submit};
use crate::posted::Posted;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::sensors::SensorLine;

/// Fields of the form that a complaint may be about.
pub(super) const FIELDS: [&str; 2] = ["name", "site"];

/// What was typed into the form.
#[derive(Clone, Default)]
pub(super) struct Typed {
    name: String,
    site: String,
}

/// The form for a new sensor.
pub(super) fn form(desk: &Desk, typed: &Typed, complaint: Option<&Complaint>) -> Markup {
    let name = Input {
        name: "name",
        label: "Name",
        hint: "Letters, digits, dots and dashes, such as ED-1. Its statements bear it.",
        value: &typed.name,
        required: true,
        ..Input::default()
    };
    let site = Input {
        name: "site",
        label: "Where it listens",
        hint: "Such as Main building, core switch.",
        value: &typed.site,
        ..Input::default()
    };
    html! {
        section class="panel" aria-labelledby="new" {
            h2 id="new" { "Add a sensor" }
            p class="hint" {
                "It gets a token of its own, which is shown once and kept here as its hash. A sensor sends; nothing connects to it, and \
                 nothing is ever sent to a device."
            }
            form method="post" action="/settings/sensors/add" class="stack tight" data-once {
                (desk.token())
                (input(name, complaint))
                (input(site, complaint))
                (submit("Make its token"))
            }
        }
    }
}

/// A token that was just made, and the line that uses it.
pub(super) fn token(name: &str, token: &str, server: &str) -> Markup {
    html! {
        section class="panel" role="status" aria-labelledby="token" {
            h2 id="token" { "The token of " (name) ", shown this once" }
            p { "Put it as the only line into a file on the sensor's machine that nobody else can read:" }
            pre class="wrap" { (token) }
            p { "Then run there, with the name of the interface at the mirror port:" }
            pre class="wrap" {
                "tallyward sensor --interface eth1 --name " (name) " --to " (server) " --token-file /etc/tallyward/sensor.token"
            }
            p class="hint" {
                "With --check it says whether everything can be opened, and ends. The unit for systemd is in the documentation \
                 (docs/setup/sensor.md)."
            }
        }
    }
}

/// The menu that revokes a sensor, with what that does.
pub(super) fn revoking(desk: &Desk, line: &SensorLine) -> Markup {
    html! {
        details class="menu inline" {
            summary aria-label=(format!("Revoke {}", line.name)) { "Revoke" }
            form method="post" action="/settings/sensors/revoke" class="menu-form stack tight" {
                (desk.token())
                input type="hidden" name="sensor" value=(line.name);
                p class="hint" {
                    "Nothing more is taken from " (line.name) ". What it brought stays. It can be added again under the same name, \
                     with another token."
                }
                button { "Revoke " (line.name) }
            }
        }
    }
}

/// Makes a sensor.
pub(crate) async fn add(posted: Posted) -> Result<Response, Fault> {
    let typed = Typed { name: posted.fields.text("name"), site: posted.fields.text("site") };
    let given = typed.clone();
    match posted.signed.clone().act(move |app, who| app.add_sensor(who, &given.name, &given.site)).await {
        Ok(token) => {
            let made = Some((typed.name.as_str(), token.as_str()));
            Ok(show(posted.signed, &Typed::default(), None, made).await?.into_response())
        }
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, &typed, Some(&complaint), None).await?.into_response())
        }
    }
}

/// Revokes a sensor.
pub(crate) async fn revoke(posted: Posted) -> Result<Response, Fault> {
    let name = posted.fields.text("sensor");
    match posted.signed.act(move |app, who| app.revoke_sensor(who, &name)).await {
        Ok(()) => Ok(see(&saying("/settings/sensors", "no-sensor", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, &Typed::default(), Some(&complaint), None).await?.into_response())
        }
    }
}
