//! What went wrong, as a page that says what, where and what now.

use crate::assets;
use crate::html::Page;
use crate::link::encode;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tallyward_app::AppError;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The use case said so.
    #[error(transparent)]
    App(#[from] AppError),
    /// Nobody is signed in and a page was asked for.
    #[error("nobody is signed in")]
    SignIn {
        /// Where to go afterwards, path and query.
        next: String,
    },
    /// The session ended while a form was open.
    #[error("the session has ended")]
    SessionEnded,
    /// The form does not carry the session's token, or comes from another site.
    #[error("the form does not carry this session's token")]
    Forged,
    /// More bytes than are accepted.
    #[error("more than {0} were sent")]
    TooLarge(&'static str),
    /// The body is no form.
    #[error("the form could not be read: {0}")]
    Unreadable(String),
    /// There is no page at this path.
    #[error("there is no page here")]
    NoPage,
    /// A use case died.
    #[error("the program failed")]
    Defect,
}

/// A refusal that belongs beside the form it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// The field, empty for the whole form.
    pub field: String,
    /// What is wrong and what was expected.
    pub why: String,
    /// Status of the page that shows the form again.
    pub status: StatusCode,
}

impl Complaint {
    /// A field that is not usable.
    pub(crate) fn field(field: &str, why: &str) -> Self {
        Self { field: field.to_owned(), why: why.to_owned(), status: StatusCode::UNPROCESSABLE_ENTITY }
    }
}

impl Fault {
    /// The status it answers.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::App(AppError::NotFound { .. }) | Self::NoPage => StatusCode::NOT_FOUND,
            Self::App(AppError::Refused(_)) | Self::Forged => StatusCode::FORBIDDEN,
            Self::App(AppError::Invalid { .. }) | Self::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::App(AppError::Conflict) => StatusCode::CONFLICT,
            Self::App(AppError::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::SessionEnded => StatusCode::UNAUTHORIZED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::App(_) | Self::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What can be shown beside the form that caused it, so that nothing typed is lost; anything else stays a fault.
    pub(crate) fn complaint(self) -> Result<Complaint, Self> {
        let status = self.status();
        match self {
            Self::App(AppError::Invalid { field, why }) => Ok(Complaint { field, why, status }),
            Self::App(AppError::Refused(why)) => Ok(Complaint { field: String::new(), why, status }),
            Self::App(AppError::Conflict) => {
                Ok(Complaint { field: String::new(), why: AppError::Conflict.to_string(), status })
            }
            other => Err(other),
        }
    }

    /// What happened, in a few words.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::App(AppError::NotFound { .. }) | Self::NoPage => "Not found",
            Self::App(AppError::Refused(_)) => "Not allowed",
            Self::App(AppError::Invalid { .. }) | Self::Unreadable(_) => "That cannot be used",
            Self::App(AppError::Conflict) => "Somebody else was faster",
            Self::App(AppError::Store(_)) => "The records cannot be reached",
            Self::SignIn { .. } => "Sign in",
            Self::SessionEnded => "You have been signed out",
            Self::Forged => "This form is no longer valid",
            Self::TooLarge(_) => "That is too large",
            Self::App(_) | Self::Defect => "Something went wrong here",
        }
    }

    /// What happened, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let text = self.to_string();
        let mut letters = text.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
        format!("{first}{}{stop}", letters.as_str())
    }

    fn what_now(&self) -> Markup {
        html! {
            @match self {
                Self::App(AppError::NotFound { .. }) | Self::NoPage => {
                    p { "Check the address, or search for a tag, serial, room, CVE or advisory." }
                    form class="row" action="/search" role="search" {
                        label class="hidden" for="q" { "Search" }
                        input id="q" name="q" type="search";
                        button { "Search" }
                    }
                }
                Self::App(AppError::Refused(_)) => p { "Go back, or ask somebody whose role allows it." },
                Self::App(AppError::Invalid { .. }) | Self::Unreadable(_) => {
                    p { "Go back: what you typed is still there. Mend it and send it again." }
                }
                Self::App(AppError::Conflict) => p { "Go back, load the page again and repeat what you did." },
                Self::App(AppError::Store(_)) => {
                    p {
                        "Nothing was changed. Try again in a minute; if it stays, whoever runs Tallyward can "
                        "run "
                        code { "tallyward doctor" }
                        " to see why."
                    }
                }
                Self::SignIn { .. } | Self::SessionEnded => {
                    p {
                        a href="/sign-in" target="_blank" rel="noopener" { "Sign in in a new tab" }
                        ", then go back and send the form again: what you typed is still there."
                    }
                }
                Self::Forged => {
                    p { "Nothing was changed. Go back, load the page again and repeat what you did." }
                }
                Self::TooLarge(_) => p { "Nothing was kept. Split the file, or use the command line." },
                Self::App(_) | Self::Defect => {
                    p { "Nothing was changed. This is a defect of Tallyward; its log says more." }
                }
            }
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        if let Self::SignIn { next } = &self {
            let path =
                if next == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", encode(next)) };
            return Redirect::to(&path).into_response();
        }
        Page(
            self.status(),
            bare(
                self.title(),
                html! {
                    p class="lead" { (self.sentence()) }
                    (self.what_now())
                },
            ),
        )
        .into_response()
    }
}

/// A page without rail and search: before sign-in, and for faults.
pub(crate) fn bare(title: &str, body: Markup) -> Markup {
    html! {
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Tallyward" }
                link rel="stylesheet" href=(assets::CONSOLE_CSS.path);
                link rel="icon" href=(assets::ICON.path);
            }
            body class="bare" {
                main id="main" {
                    a class="brand" href="/" {
                        img src=(assets::ICON.path) alt="" width="28" height="28";
                        "Tallyward"
                    }
                    div class="card" {
                        h1 { (title) }
                        (body)
                    }
                }
            }
        }
    }
}
