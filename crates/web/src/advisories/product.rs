//! `POST /advisories/product`: whether an advisory's product and a model here are the same.

use crate::desk::saying;
use crate::fault::Fault;
use crate::html::see;
use crate::posted::Posted;
use axum::response::Response;
use tallyward_app::error::Result as Outcome;
use tallyward_app::query::DeviceQuery;
use tallyward_app::{App, AppError};

/// Records the decision. The form names the advisory and both sides as the page showed them, maker and model in one
/// text; they are taken apart by what is on file, never by guessing where the maker's name ends.
pub(crate) async fn decide(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let (advisory, named, held) = (fields.text("advisory"), fields.text("named"), fields.text("held"));
    let same = fields.yes_or_no("same")?;
    let judged = posted
        .signed
        .act(move |app, who| {
            let (vendor, product) = app.product_named(&advisory, &named)?;
            let (maker, model) = model_of(app, &held)?;
            app.decide_product(who, &vendor, &product, &maker, &model, same)
        })
        .await?;
    let back = match fields.get("back").split('?').next().unwrap_or_default() {
        path if path.starts_with("/advisories/") || path.starts_with("/findings/") => path,
        _ => "/worklist",
    };
    Ok(see(&saying(back, "decided", judged as u64)))
}

/// Maker and model of some device here whose maker and model read `held`.
fn model_of(app: &App, held: &str) -> Outcome<(String, String)> {
    let cuts = std::iter::once(0).chain(held.match_indices(' ').map(|(at, _)| at));
    for cut in cuts {
        let (maker, model) = held.split_at(cut);
        let model = model.trim_start();
        let query = DeviceQuery {
            maker: (!maker.is_empty()).then(|| maker.to_owned()),
            model: Some(model.to_owned()),
            limit: Some(1),
            ..DeviceQuery::default()
        };
        let found = app.devices(&query)?.page.rows.into_iter().next();
        if let Some(line) = found.filter(|line| format!("{} {}", line.maker, line.model).trim() == held) {
            return Ok((line.maker, line.model));
        }
    }
    Err(AppError::invalid("held", format!("no device here is a {held:?}")))
}
