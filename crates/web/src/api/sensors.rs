//! What sensors send, and how they are.

use super::caller::{Caller, Problem};
use crate::console::Console;
use crate::fault::Fault;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use tallyward_app::AppError;
use tallyward_app::sensors::{BatchTaken, SensorCaller, SensorLine};

/// Tokens are short.
const LONGEST_TOKEN: usize = 200;

/// A sensor with a good token. Looked at before any of the body is read.
pub(super) struct Sender(SensorCaller);

impl FromRequestParts<Console> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let Path(name) =
            Path::<String>::from_request_parts(parts, console).await.map_err(|_| Problem(Fault::NoPage))?;
        let bearer = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned();
        if token.is_empty() || token.len() > LONGEST_TOKEN {
            let why = "a batch needs the token of its sensor: Authorization: Bearer".to_owned();
            return Err(Problem(Fault::App(AppError::Refused(why))));
        }
        console.call(move |app| app.sensor_caller(&name, &token)).await.map(Self).map_err(Problem)
    }
}

/// `POST /sensors/{id}/batches`
pub(super) async fn batch(
    sender: Sender,
    State(console): State<Console>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<BatchTaken>, Problem> {
    let body = body.map_err(|rejection| {
        Problem(if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Fault::TooLarge("16 MiB")
        } else {
            Fault::Unreadable("the batch broke off".to_owned())
        })
    })?;
    // Unpacked it is many times larger; so few at a time.
    let _place = console.uploads.acquire().await.map_err(|_| Problem(Fault::Defect))?;
    console.call(move |app| app.take_sensor_batch(&sender.0, &body)).await.map(Json).map_err(Problem)
}

/// `GET /sensors`
pub(super) async fn sensors(caller: Caller) -> Result<Json<Vec<SensorLine>>, Problem> {
    caller.call(|app| app.sensor_lines()).await.map(Json)
}
