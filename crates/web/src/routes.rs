//! Every path, and what answers there.

use crate::console::{Console, ConsoleOptions};
use crate::fault::Fault;
use crate::{
    advisories, answer, api, assets, backtest, changes, devices, drafts, findings, headers, huddle, import,
    letters, matches, model_book, notices, overview, paths, posted, review, sboms, search, settings, signin,
    threats, untold, upload, worklist, written,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::response::Redirect;
use axum::routing::{get, post};
use tallyward_app::App;

/// The whole console: pages, the API and, when wanted, the answer pages.
pub fn router(app: App, options: ConsoleOptions) -> Router {
    let answers = options.answers_here.then(|| answer::routes(app.clone()));
    let console = Console::new(app, options);
    let pages = Router::new()
        .merge(people())
        .merge(inventory())
        .merge(arrived())
        .merge(response())
        .merge(setup())
        .nest("/api/v1", api::routes())
        .layer(DefaultBodyLimit::max(posted::LIMIT))
        .merge(uploads())
        .merge(files(answers.is_none()))
        .fallback(|| async { Fault::NoPage })
        .with_state(console);
    let all = match answers {
        Some(answers) => pages.merge(answers),
        None => pages,
    };
    all.layer(from_fn(headers::harden))
}

/// Only the answer pages, for a listener of their own with nothing else on it.
pub fn answer_router(app: App) -> Router {
    answer::routes(app).fallback(answer::nothing_here).layer(from_fn(headers::harden))
}

fn people() -> Router<Console> {
    Router::new()
        .route("/sign-in", get(signin::form).post(signin::enter))
        .route("/sign-out", post(signin::leave))
        .route("/first/{token}", get(signin::first).post(signin::make_first))
        .route("/", get(overview::page))
        .route("/search", get(search::page))
}

fn inventory() -> Router<Console> {
    Router::new()
        .route("/devices", get(devices::list))
        .route("/devices.csv", get(devices::list_csv))
        .route("/ports", get(devices::ports).post(devices::place))
        .route("/ports.csv", get(devices::ports_csv))
        .route("/cmms.csv", get(devices::cmms_csv))
        .route("/devices/{id}", get(devices::page))
        .route("/devices/{id}/fact", post(devices::enter))
        .route("/advisories", get(advisories::list))
        .route("/advisories/product", post(advisories::decide))
        .route("/advisories/correct", post(advisories::correct))
        .route("/advisories/corrections", get(advisories::corrections).post(advisories::look_again))
        .route("/advisories.csv", get(advisories::list_csv))
        .route("/matches.csv", get(matches::list_csv))
        .route("/flows.csv", get(settings::flows_csv))
        .route("/advisories/corrections.csv", get(advisories::corrections_csv))
        .route("/advisories/{id}", get(advisories::page))
        .route("/advisories/{id}/original", get(advisories::original))
        .route("/advisories/{id}/compare", get(advisories::compare))
        .route("/advisories/{id}/remedy", post(advisories::mark_all))
        .route("/advisories/{id}/comment", post(advisories::comment))
        .route("/advisories/{id}/read", post(advisories::read))
        .route("/advisories/{id}/match", post(advisories::run))
        .route("/advisories/{id}/remove", post(advisories::remove))
        .route("/matches", get(matches::page))
        .route("/runs", get(matches::runs))
        .route("/devices/{id}/match", post(devices::run))
        .route("/backtest", get(backtest::page))
        .route("/backtest.csv", get(backtest::list_csv))
        .route("/sboms", get(sboms::list))
        .route("/sboms.csv", get(sboms::list_csv))
        .route("/sboms/{id}", get(sboms::page))
        .route("/sboms/{id}/parts.csv", get(sboms::page_csv))
        .route("/sboms/{id}/remove", post(sboms::remove))
        .route("/changes", get(changes::page))
        .route("/changes.csv", get(changes::list_csv))
        .route("/findings", get(findings::list))
        .route("/findings/condition", post(findings::settle))
        .route("/findings.csv", get(findings::list_csv))
        .route("/findings/{device}/{advisory}/{vulnerability}", get(findings::page))
        .route("/findings/{device}/{advisory}/{vulnerability}/remedy", post(findings::mark))
        .route("/findings/{device}/{advisory}/{vulnerability}/triage", post(findings::set))
        .route("/review", get(review::page).post(review::decide))
        .route("/review.csv", get(review::list_csv))
        .route("/worklist", get(worklist::page))
        .route("/worklist.csv", get(worklist::list_csv))
        .route("/worklist/print", get(worklist::print))
        .route("/w", get(worklist::scan))
        .route("/w/{device}/{field}", get(worklist::ask).post(worklist::answer))
        .route("/model-book", get(model_book::list))
        .route("/model-book/entry", get(model_book::page))
        .route("/model-book/reading", post(model_book::write_reading))
        .route("/model-book/notes", post(model_book::write_notes))
        .route("/model-book/export", post(model_book::export))
}

/// What arrives and is no document, and what is written of it.
fn arrived() -> Router<Console> {
    Router::new()
        .route("/letters", get(letters::list))
        .route("/letters/{id}", get(letters::page))
        .route("/letters/{id}/original", get(letters::original))
        .route("/letters/{id}/about", post(untold::about))
        .route("/untold", get(untold::list))
        .route("/untold.csv", get(untold::list_csv))
        .route("/untold/group", get(untold::group))
        .route("/untold/{kind}/{id}", get(untold::page))
        .route("/untold/{kind}/{id}/sign", post(untold::sign))
        .route("/untold/{kind}/{id}/close", post(untold::close))
        .route("/untold/{kind}/{id}/reopen", post(untold::reopen))
        .route("/written", get(written::list).post(written::begin))
        .route("/written/new", get(written::fresh))
        .route("/written/preview", post(written::preview))
        .route("/written/preview/part", post(written::preview_part))
        .route("/written/{id}", get(written::page).post(written::write_on))
        .route("/written/{id}/hand-over", post(written::hand_over))
        .route("/written/{id}/send-back", post(written::send_back))
        .route("/written/{id}/agree", post(written::agree))
        .route("/written/{id}/again", post(written::write_again))
        .route("/written/{id}/csaf.json", get(written::csaf))
}

fn response() -> Router<Console> {
    Router::new()
        .route("/drafts", get(|| async { Redirect::permanent("/notices#drafts") }))
        .route("/drafts/{id}", get(drafts::page))
        .route("/drafts/{id}/edit", post(drafts::edit))
        .route("/drafts/{id}/release", post(drafts::release))
        .route("/drafts/{id}/discard", post(drafts::discard))
        .route("/notices", get(notices::list))
        .route("/notices/{id}", get(notices::page))
        .route("/notices/{id}/answer", post(notices::answer))
        .route("/notices/{id}/correct", post(notices::correct))
        .route("/notices/{id}/stand-down", post(notices::stand_down))
        .route("/huddle", get(huddle::list))
        .route("/huddle/{unit}", get(huddle::sheet))
        .route("/paths", get(paths::page).post(paths::record))
}

fn setup() -> Router<Console> {
    Router::new()
        .route("/import", get(import::start))
        .route("/import/list/{staged}", get(import::staged).post(import::apply))
        .route("/imports", get(import::done))
        .route("/imports/{id}/undo", post(import::undo))
        .route("/settings", get(settings::mode))
        .route("/settings/sign", post(settings::sign))
        .route("/settings/live", post(settings::live))
        .route("/settings/shadow", post(settings::shadow))
        .route("/settings/tables", get(settings::tables))
        .route("/settings/rules", get(settings::rules))
        .route("/settings/rules.csv", get(settings::rules_csv))
        .route("/settings/rules/remove", post(settings::remove_rules))
        .route("/settings/house", get(settings::house))
        .route("/settings/sensors", get(settings::sensors))
        .route("/settings/sensors.csv", get(settings::sensors_csv))
        .route("/settings/sensors/add", post(settings::add_sensor))
        .route("/settings/sensors/revoke", post(settings::revoke_sensor))
        .route("/settings/sources", get(settings::sources).post(settings::sync))
        .route("/settings/sources/add", post(settings::add))
        .route("/settings/sources/remove", post(settings::remove))
        .route("/settings/sources.csv", get(settings::sources_csv))
        .route("/settings/bundles", get(settings::bundles))
        .route("/settings/bundles/write", post(settings::write_bundle))
        .route("/settings/bundles/distrust", post(settings::distrust))
        .route("/settings/refused.csv", get(settings::refused_csv))
        .route("/settings/accounts", get(settings::accounts).post(settings::create))
        .route("/settings/accounts/{login}", post(settings::change))
        .route("/settings/audit", get(settings::audit))
        .route("/settings/you", get(settings::you).post(settings::password))
}

/// Forms with files have a limit of their own.
fn uploads() -> Router<Console> {
    Router::new()
        .route("/import/list", post(import::stage))
        .route("/import/capture", post(import::capture))
        .route("/import/table", post(import::table))
        .route("/advisories/import", post(advisories::take_in))
        .route("/settings/bundles/read", post(settings::read_bundle))
        .route("/model-book/import", post(model_book::take_in))
        .route("/letters/import", post(letters::take_in))
        .route("/sboms/import", post(sboms::take_in))
        .route("/threats/import", post(threats::take_in))
        .layer(DefaultBodyLimit::max(upload::LIMIT))
}

/// The style sheet of the answer pages is here too when they are served elsewhere: pages at the device wear it.
fn files(bedside: bool) -> Router<Console> {
    let files = if bedside {
        Router::new().route(&assets::ANSWER_CSS.path, get(|| async { assets::ANSWER_CSS.response() }))
    } else {
        Router::new()
    };
    files
        .route(&assets::CONSOLE_CSS.path, get(|| async { assets::CONSOLE_CSS.response() }))
        .route(&assets::CONSOLE_JS.path, get(|| async { assets::CONSOLE_JS.response() }))
        .route(&assets::ICON.path, get(|| async { assets::ICON.response() }))
        .route("/favicon.ico", get(|| async { assets::ICON.response() }))
}
