//! Bundles: one signed file with the documents on file, for houses and sites without internet.

use super::around;
use crate::desk::{Desk, Section, saying};
use crate::fault::Fault;
use crate::html::see;
use crate::parts::{Input, UploadForm, input, many, upload};
use crate::posted::Posted;
use crate::signed::Signed;
use crate::upload::Uploaded;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::bundle::{Audience, Bundle, BundleIntake, Sender};
use tallyward_app::signing::fingerprint;
use tallyward_app::{AppError, Role};

/// Writing, reading, and whose are read.
pub(crate) async fn bundles(signed: Signed) -> Result<Response, Fault> {
    let (desk, (key, senders)) = signed.view(|app| Ok((app.public_key()?, app.bundle_senders()?))).await?;
    let writes = desk.session.who.role.may_write();
    let body = html! {
        header class="head" {
            h1 { "Bundles" }
        }
        (around("/settings/bundles"))
        p {
            "A bundle is one signed file with the documents on file, byte for byte, and the lists of threats: for another house, or a \
             site without internet. Whoever reads it must trust the key that signed it."
        }
        @if writes { (forms(&desk)) }
        (keys(&desk, &key, &senders))
    };
    Ok(desk.page(Section::Settings, "Bundles", body).into_response())
}

fn forms(desk: &Desk) -> Markup {
    let trusts = desk.session.who.role == Role::Administrator;
    let publisher = Input {
        name: "publisher",
        label: "Under which name",
        value: &desk.console.app.site().name,
        ..Input::default()
    };
    let trust = Input {
        name: "trust",
        label: "Fingerprint that house gave you",
        hint: "Only for the first bundle of a house: its key is trusted from then on, and what it brings decides verdicts.",
        ..Input::default()
    };
    let read = UploadForm {
        id: "read",
        title: "Read one",
        text: html! { "Its signature and each document are verified. What is held in a newer revision stands." },
        action: "/settings/bundles/read",
        label: "Bundle",
        accept: ".json",
        after: html! { @if trusts { (input(trust, None)) } },
        button: "Read it",
        ..UploadForm::default()
    };
    html! {
        div class="columns even" {
            section class="panel" aria-labelledby="write" {
                h2 id="write" { "Write one" }
                form method="post" action="/settings/bundles/write" class="stack tight" {
                    (desk.token())
                    (input(publisher, None))
                    label {
                        input type="checkbox" name="same" value="yes";
                        " For another site of this organisation: TLP:AMBER too"
                    }
                    p class="hint" {
                        "For others only TLP:CLEAR and TLP:GREEN are taken. What is TLP:RED is in no bundle."
                    }
                    button class="primary" { "Write the file" }
                }
            }
            (upload(&desk.token(), &read))
        }
    }
}

fn keys(desk: &Desk, key: &str, senders: &[Sender]) -> Markup {
    let trusts = desk.session.who.role == Role::Administrator;
    html! {
        section aria-labelledby="keys" {
            h2 id="keys" { "Whose bundles are read" }
            p {
                "This house signs with the key of the fingerprint "
                span class="mono" { (fingerprint(key)) }
                ". Tell it to the readers by another way, such as the telephone."
            }
            @if senders.is_empty() {
                p class="quiet" { "No other house's bundles are read yet." }
            } @else {
                div class="scroll" {
                    table class="list" {
                        caption class="hidden" { "Trusted keys" }
                        thead {
                            tr {
                                th scope="col" { "Fingerprint" }
                                th scope="col" { "Trusted by" }
                                th scope="col" { "Since" }
                                @if trusts {
                                    th scope="col" { "Change" }
                                }
                            }
                        }
                        tbody {
                            @for one in senders {
                                tr {
                                    th scope="row" class="mono" title=(one.key) { (one.fingerprint) }
                                    td { (one.by) }
                                    td { (desk.when(one.since)) }
                                    @if trusts {
                                        td {
                                            form method="post" action="/settings/bundles/distrust" {
                                                (desk.token())
                                                input type="hidden" name="key" value=(one.key);
                                                button aria-label=(format!("Read no more bundles of {}", one.fingerprint)) {
                                                    "Read no more"
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
        }
    }
}

/// The signed file.
pub(crate) async fn write(posted: Posted) -> Result<Response, Fault> {
    let publisher = posted.fields.text("publisher");
    let audience = if posted.fields.ticked("same") { Audience::SameOrganisation } else { Audience::Anybody };
    let (signed, _) = posted.signed.act(move |app, who| app.write_bundle(who, &publisher, audience)).await?;
    let bytes = serde_json::to_vec(&signed).map_err(|_| Fault::Defect)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"advisories-{}.bundle.json\"", signed.made),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// Takes a bundle in and says what became of it.
pub(crate) async fn read(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, mut files, fields } = uploaded;
    let Some((name, bytes)) = files.pop() else {
        return Err(Fault::App(AppError::invalid("file", "Choose a bundle (.json).")));
    };
    let trust = fields.text("trust");
    let intake = signed
        .act(move |app, who| {
            let bundle = Bundle::open(&name, &bytes)?;
            drop(bytes);
            if !trust.is_empty() {
                app.trust_signer_of(who, &bundle, &trust)?;
            }
            app.read_bundle(who, &bundle, &mut |_, _| {})
        })
        .await?;
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    Ok(desk.page(Section::Settings, "Bundle read", told(&desk, &intake)).into_response())
}

fn told(desk: &Desk, intake: &BundleIntake) -> Markup {
    let took = &intake.advisories;
    html! {
        p class="crumbs" {
            a href="/settings/bundles" { "Bundles" }
            " / read"
        }
        header class="head" {
            h1 { "Bundle read" }
        }
        p {
            (many(intake.documents as u64, "document"))
            " of "
            strong { (intake.publisher) }
            ", key "
            span class="mono" { (intake.fingerprint) }
            ", made "
            (desk.when(intake.made))
            "."
            @if intake.organisation_only { " It holds documents that stay within the organisation." }
        }
        dl class="figures" {
            @for (label, count) in [
                ("New", took.new.len()),
                ("Changed", took.changed.len()),
                ("Unchanged", took.unchanged),
                ("Newer here", took.older.len()),
                ("Could not be read", took.damaged.len()),
            ] {
                div {
                    dt { (label) }
                    dd { (count) }
                }
            }
        }
        @if !took.damaged.is_empty() {
            ul class="plain-list" {
                @for bad in &took.damaged {
                    li class="wrap" { span class="mono" { (bad.file) } " (" (bad.place) "): " (bad.why) }
                }
            }
        }
        @for list in &intake.threats {
            p { "List of threats " (list.table) " " (list.of) ": " (many(list.flaws as u64, "flaw")) "." }
        }
        p {
            a href="/advisories" { "See the advisories" }
        }
    }
}

/// Reads no more bundles of a key.
pub(crate) async fn distrust(posted: Posted) -> Result<Response, Fault> {
    let key = posted.fields.text("key");
    posted.signed.act(move |app, who| app.distrust_bundles_of(who, &key)).await?;
    Ok(see(&saying("/settings/bundles", "saved", 0)))
}
