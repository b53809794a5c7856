//! Files sent by a form.

use crate::console::Console;
use crate::fault::Fault;
use crate::posted::{Fields, check_token};
use crate::signed::Signed;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::StatusCode;

/// The most bytes one upload may have: a capture of a quarter of an hour on a busy ward.
pub(crate) const LIMIT: usize = 256 * 1024 * 1024;

/// The most files one form may bring.
const FILES: usize = 2_000;

/// The most bytes a field beside the files may have.
const FIELD: usize = 8 * 1024;

/// A form with files of a signed-in person, with the right token.
pub(crate) struct Uploaded {
    pub signed: Signed,
    pub fields: Fields,
    /// Name and content, in order; empty choices are left out.
    pub files: Vec<(String, Vec<u8>)>,
}

impl FromRequest<Console> for Uploaded {
    type Rejection = Fault;

    /// The token comes first in our forms, so a forged upload is refused before its file is read.
    async fn from_request(request: Request, console: &Console) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, console).await?;
        let mut form = Multipart::from_request(Request::from_parts(parts, body), console)
            .await
            .map_err(|_| Fault::Unreadable("expected a form with a file".to_owned()))?;
        let _place = console.uploads.acquire().await.map_err(|_| Fault::Defect)?;
        let (mut fields, mut files) = (Fields::default(), Vec::new());
        let mut trusted = false;
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            if let Some(file) = field.file_name().map(base_name) {
                if !trusted {
                    return Err(Fault::Forged);
                }
                let bytes = field.bytes().await.map_err(broken)?;
                if !bytes.is_empty() && files.len() < FILES {
                    files.push((file, Vec::from(bytes)));
                }
                continue;
            }
            let value = small(field).await?;
            if name == "csrf" {
                check_token(&signed, &value)?;
                trusted = true;
            }
            fields.0.push((name, value));
        }
        if trusted { Ok(Self { signed, fields, files }) } else { Err(Fault::Forged) }
    }
}

/// Browsers may send a path; only its last part names the file.
fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(200).collect()
}

async fn small(mut field: Field<'_>) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > FIELD {
            return Err(Fault::TooLarge("8 KB in one field"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn broken(error: MultipartError) -> Fault {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge("256 MB"),
        _ => Fault::Unreadable("the upload broke off; send it again".to_owned()),
    }
}
