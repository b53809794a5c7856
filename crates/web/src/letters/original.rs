//! `/letters/{id}/original`: the bytes as they arrived, to be saved and never to be shown by the browser.

use super::short;
use crate::fault::Fault;
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

/// Hands out the original. Its type is never its own: a hostile page must not run here.
pub(crate) async fn original(signed: Signed, Path(id): Path<String>) -> Result<Response, Fault> {
    let (id, original) = signed
        .console
        .call(move |app| {
            let original = app.letter_original(&id)?;
            Ok((id, original))
        })
        .await?;
    let name = format!("letter-{}.{}", short(&id), ending(&original.name));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (HeaderName::from_static("x-download-options"), "noopen".to_owned()),
    ];
    Ok((headers, original.bytes).into_response())
}

/// The ending of the name it arrived under, if it is a plain one.
fn ending(name: &str) -> &str {
    let given = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let plain = (1..=5).contains(&given.len()) && given.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match given {
        _ if !plain => "bin",
        // One message of a mailbox is a mail.
        "mbox" => "eml",
        given => given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_puts_words_into_the_header() {
        for (name, wanted) in [
            ("a.eml", "eml"),
            ("inbox.mbox", "eml"),
            ("a.\"x\r\nY: 1", "bin"),
            ("1764:2,S", "bin"),
            ("a.", "bin"),
        ] {
            assert_eq!(ending(name), wanted);
        }
    }
}
