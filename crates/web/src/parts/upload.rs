//! A form that brings files: the same on every page that takes something in.

use maud::{Markup, html};

/// What is asked for, and where it goes.
pub(crate) struct UploadForm<'a> {
    /// Id of the panel, for links to it.
    pub id: &'a str,
    /// Its heading.
    pub title: &'a str,
    /// What may be brought, and what happens to it.
    pub text: Markup,
    /// Where the form goes.
    pub action: &'a str,
    /// Fields above the file.
    pub before: Markup,
    /// Id of the file field.
    pub field: &'a str,
    /// Its label.
    pub label: &'a str,
    /// Endings and media types that the browser offers; empty for all.
    pub accept: &'a str,
    /// More than one file at a time.
    pub many: bool,
    /// Fields below the file.
    pub after: Markup,
    /// The button.
    pub button: &'a str,
    /// What stands below the form.
    pub below: Markup,
}

impl Default for UploadForm<'_> {
    fn default() -> Self {
        Self {
            id: "",
            title: "",
            text: html! {},
            action: "",
            before: html! {},
            field: "file",
            label: "File",
            accept: "",
            many: false,
            after: html! {},
            button: "Take them in",
            below: html! {},
        }
    }
}

/// The panel with the form. The token stands before the file, so that a forged upload is refused before it is read.
pub(crate) fn upload(token: &Markup, form: &UploadForm<'_>) -> Markup {
    let title = format!("{}-title", form.id);
    html! {
        section class="panel" id=(form.id) aria-labelledby=(title) {
            h2 id=(title) { (form.title) }
            p { (form.text) }
            form method="post" action=(form.action) enctype="multipart/form-data" class="stack tight" data-once {
                (token)
                (form.before)
                div class="field" {
                    label for=(form.field) { (form.label) }
                    input
                        id=(form.field)
                        name="file"
                        type="file"
                        accept=[(!form.accept.is_empty()).then_some(form.accept)]
                        multiple[form.many]
                        required;
                }
                (form.after)
                button class="primary" data-busy="Reading …" { (form.button) }
            }
            (form.below)
        }
    }
}
