//! Style sheets, the script and the mark, served under names that change with their content.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

/// A file compiled in.
pub(crate) struct Asset {
    /// Its path, with a hash of its content, so that browsers may keep it for ever.
    pub path: String,
    body: &'static str,
    kind: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, body: &'static str) -> Self {
        Self { path: format!("/assets/{name}.{:016x}.{extension}", fingerprint(body)), body, kind }
    }

    /// The file as a response.
    pub(crate) fn response(&self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.kind),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        (headers, self.body).into_response()
    }
}

/// FNV-1a, 64 bits: names a version of our own file, guards nothing.
fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The console's style sheet.
pub(crate) static CONSOLE_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "css", "text/css; charset=utf-8", include_str!("../assets/console.css"))
});

/// The answer page's style sheet.
pub(crate) static ANSWER_CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("answer", "css", "text/css; charset=utf-8", include_str!("../assets/answer.css"))
});

/// The console's script; every page works without it.
pub(crate) static CONSOLE_JS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "js", "text/javascript; charset=utf-8", include_str!("../assets/console.js"))
});

/// The mark in the browser's tab.
pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("tallyward", "svg", "image/svg+xml", include_str!("../assets/tallyward.svg"))
});
