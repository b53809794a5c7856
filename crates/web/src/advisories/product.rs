//! `POST /advisories/product`: whether an advisory's product and a model here are the same.

use crate::desk::saying;
use crate::fault::Fault;
use crate::html::see;
use crate::posted::Posted;
use axum::response::Response;

/// Records the decision. `held` is `maker model` as listed, or `maker` and `model` come apart.
pub(crate) async fn decide(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let (vendor, product) = (fields.text("vendor"), fields.text("product"));
    let same = match fields.get("same") {
        "yes" => true,
        "no" => false,
        _ => return Err(Fault::App(tallyward_app::AppError::invalid("same", "Say yes or no."))),
    };
    let (maker, model) = match fields.get("held") {
        "" => (fields.text("maker"), fields.text("model")),
        held => split(held),
    };
    let judged = posted
        .signed
        .act(move |app, who| app.decide_product(who, &vendor, &product, &maker, &model, same))
        .await?;
    let back = match fields.get("back").split('?').next().unwrap_or_default() {
        path if path.starts_with("/advisories/") || path.starts_with("/findings/") || path == "/worklist" => {
            path
        }
        _ => "/worklist",
    };
    Ok(see(&saying(back, "decided", judged as u64)))
}

/// `maker: model` or `maker model` with a maker of one word.
fn split(held: &str) -> (String, String) {
    let (maker, model) = held.split_once(": ").or_else(|| held.split_once(' ')).unwrap_or(("", held));
    (maker.to_owned(), model.to_owned())
}
