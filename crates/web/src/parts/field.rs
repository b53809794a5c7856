//! Form fields with their label, hint and complaint tied to them.

use crate::fault::Complaint;
use maud::{Markup, html};

/// A one-line field.
#[derive(Clone, Copy, Default)]
pub(crate) struct Input<'a> {
    /// Name in the form, and id.
    pub name: &'a str,
    /// Label.
    pub label: &'a str,
    /// What to type, when the label is not enough.
    pub hint: &'a str,
    /// What stands in it.
    pub value: &'a str,
    /// `text` when empty.
    pub kind: &'a str,
    /// The `autocomplete` token, empty for `off`.
    pub autocomplete: &'a str,
    /// It must be filled in.
    pub required: bool,
}

/// The complaint about this field, if that is where the complaint belongs.
pub(crate) fn error_for<'a>(complaint: Option<&'a Complaint>, name: &str) -> Option<&'a str> {
    complaint.filter(|complaint| complaint.field == name).map(|complaint| complaint.why.as_str())
}

/// A one-line field with label, hint and complaint.
pub(crate) fn input(field: Input<'_>, complaint: Option<&Complaint>) -> Markup {
    let error = error_for(complaint, field.name);
    html! {
        div class={
                "field"
                @if error.is_some() { " bad" }
            }
        {
            (label(field.name, field.label, field.hint, error))
            input
                id=(field.name)
                name=(field.name)
                type=(if field.kind.is_empty() { "text" } else { field.kind })
                value=[(field.kind != "password").then_some(field.value)]
                autocomplete=({
                    if field.autocomplete.is_empty() {
                        "off"
                    } else {
                        field.autocomplete
                    }
                })
                required[field.required]
                aria-invalid=[error.map(|_| "true")]
                aria-describedby=[described(field.name, field.hint, error)];
        }
    }
}

/// A field of several lines.
pub(crate) fn textarea(field: Input<'_>, rows: u32, complaint: Option<&Complaint>) -> Markup {
    let error = error_for(complaint, field.name);
    html! {
        div class={
                "field"
                @if error.is_some() { " bad" }
            }
        {
            (label(field.name, field.label, field.hint, error))
            textarea
                id=(field.name)
                name=(field.name)
                rows=(rows)
                required[field.required]
                aria-invalid=[error.map(|_| "true")]
                aria-describedby=[described(field.name, field.hint, error)]
            { (field.value) }
        }
    }
}

/// A choice: value and words.
pub(crate) fn select(field: Input<'_>, options: &[(&str, &str)], complaint: Option<&Complaint>) -> Markup {
    let error = error_for(complaint, field.name);
    html! {
        div class={
                "field"
                @if error.is_some() { " bad" }
            }
        {
            (label(field.name, field.label, field.hint, error))
            select
                id=(field.name)
                name=(field.name)
                aria-invalid=[error.map(|_| "true")]
                aria-describedby=[described(field.name, field.hint, error)]
            {
                @for (value, words) in options {
                    option value=(value) selected[*value == field.value] { (words) }
                }
            }
        }
    }
}

fn label(name: &str, words: &str, hint: &str, error: Option<&str>) -> Markup {
    html! {
        label for=(name) { (words) }
        @if !hint.is_empty() {
            p class="hint" id={ (name) "-hint" } { (hint) }
        }
        @if let Some(error) = error {
            p class="error" id={ (name) "-error" } { "▲ " (error) }
        }
    }
}

fn described(name: &str, hint: &str, error: Option<&str>) -> Option<String> {
    let mut ids = Vec::new();
    if !hint.is_empty() {
        ids.push(format!("{name}-hint"));
    }
    if error.is_some() {
        ids.push(format!("{name}-error"));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// A complaint on top of a form. `fields` are those the form shows beside the field itself; the summary then leads
/// there.
pub(crate) fn complaint_box(complaint: Option<&Complaint>, fields: &[&str]) -> Markup {
    html! {
        @if let Some(complaint) = complaint {
            div class="complaint" role="alert" {
                strong { "This was not done. " }
                @if complaint.field.is_empty() { (complaint.why) } @else if fields.contains(&complaint.field.as_str()) {
                    a href={ "#" (complaint.field) } { (complaint.why) }
                } @else { (complaint.field) ": " (complaint.why) }
            }
        }
    }
}

/// The main button of a form.
pub(crate) fn submit(words: &str) -> Markup {
    html! {
        button class="primary" { (words) }
    }
}
