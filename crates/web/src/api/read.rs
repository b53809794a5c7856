//! The endpoints. Each is the view of a page.

use super::caller::{Caller, Problem};
use crate::advisories::advisory_query;
use crate::devices::{device_query, id_of};
use crate::fault::Fault;
use crate::findings::finding_query;
use crate::link::Ask;
use crate::worklist::round_query;
use axum::Json;
use axum::extract::Path;
use tallyward_app::SourceLine;
use tallyward_app::letters::{LetterLine, LetterPage};
use tallyward_app::round::Round;
use tallyward_app::sboms::{SbomLine, SbomPage};
use tallyward_app::untold::{Arrival, UntoldList};
use tallyward_app::views::{
    AdvisoryLine, AdvisoryPage, CorrectionLine, DeviceList, DevicePage, Explained, FindingList, FindingPage,
    MatchList, NoticeLine, NoticePage, OnFile, Overview, PortList, ReviewList, RulesPage, RunList,
    VerdictChanges, Worklist,
};
use tallyward_app::written::WrittenLine;

/// `GET /overview`
pub(super) async fn overview(caller: Caller) -> Result<Json<Overview>, Problem> {
    caller.call(|app| app.overview()).await.map(Json)
}

/// `GET /devices`
pub(super) async fn devices(caller: Caller, ask: Ask) -> Result<Json<DeviceList>, Problem> {
    let query = device_query(&ask)?;
    caller.call(move |app| app.devices(&query)).await.map(Json)
}

/// `GET /devices/{id}`
pub(super) async fn device(caller: Caller, Path(id): Path<String>) -> Result<Json<DevicePage>, Problem> {
    let id = id_of(&id)?;
    caller.call(move |app| app.device(id)).await.map(Json)
}

/// `GET /devices/{id}/explanation`
pub(super) async fn explanation(caller: Caller, Path(id): Path<String>) -> Result<Json<Explained>, Problem> {
    let id = id_of(&id)?;
    caller.call(move |app| app.explain(id)).await.map(Json)
}

/// `GET /rules`
pub(super) async fn rules(caller: Caller) -> Result<Json<RulesPage>, Problem> {
    caller.call(|app| app.rule_tables()).await.map(Json)
}

/// `GET /advisories`
pub(super) async fn advisories(caller: Caller, ask: Ask) -> Result<Json<Vec<AdvisoryLine>>, Problem> {
    let query = advisory_query(&ask, caller.login())?;
    caller.call(move |app| app.advisories_where(&query)).await.map(Json)
}

/// `GET /advisories/{id}`
pub(super) async fn advisory(caller: Caller, Path(id): Path<String>) -> Result<Json<AdvisoryPage>, Problem> {
    caller.call(move |app| app.advisory(&id)).await.map(Json)
}

/// `GET /corrections`
pub(super) async fn corrections(caller: Caller) -> Result<Json<Vec<CorrectionLine>>, Problem> {
    caller.call(|app| app.corrections(None)).await.map(Json)
}

/// `GET /changes`
pub(super) async fn changes(caller: Caller, ask: Ask) -> Result<Json<VerdictChanges>, Problem> {
    let days = crate::changes::days_of(&ask);
    caller.call(move |app| app.verdict_changes(days)).await.map(Json)
}

/// `GET /backtest`
pub(super) async fn backtest(caller: Caller) -> Result<Json<OnFile>, Problem> {
    caller.call(|app| app.backtest_on_file(usize::MAX)).await.map(Json)
}

/// `GET /ports`
pub(super) async fn ports(caller: Caller) -> Result<Json<PortList>, Problem> {
    caller.call(|app| app.ports()).await.map(Json)
}

/// `GET /review`
pub(super) async fn review(caller: Caller) -> Result<Json<ReviewList>, Problem> {
    caller.call(|app| app.review()).await.map(Json)
}

/// `GET /worklist`
pub(super) async fn worklist(caller: Caller) -> Result<Json<Worklist>, Problem> {
    caller.call(|app| app.worklist()).await.map(Json)
}

/// `GET /round`
pub(super) async fn round(caller: Caller, ask: Ask) -> Result<Json<Round>, Problem> {
    let query = round_query(&ask, None)?;
    caller.call(move |app| app.round(&query)).await.map(Json)
}

/// `GET /matches`
pub(super) async fn matches(caller: Caller, ask: Ask) -> Result<Json<MatchList>, Problem> {
    let (advisory, product) = (ask.text("advisory"), ask.text("product"));
    caller.call(move |app| app.matches(advisory.as_deref(), product.as_deref())).await.map(Json)
}

/// `GET /runs`
pub(super) async fn runs(caller: Caller) -> Result<Json<RunList>, Problem> {
    caller.call(|app| app.runs()).await.map(Json)
}

/// `GET /untold`
pub(super) async fn untold(caller: Caller) -> Result<Json<UntoldList>, Problem> {
    caller.call(|app| app.untold()).await.map(Json)
}

/// `GET /untold/{kind}/{id}`
pub(super) async fn arrival(
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<Arrival>, Problem> {
    let kind = crate::untold::kind_of(&kind, &id)?;
    caller.call(move |app| app.arrival(kind, &id)).await.map(Json)
}

/// `GET /letters`
pub(super) async fn letters(caller: Caller) -> Result<Json<Vec<LetterLine>>, Problem> {
    caller.call(|app| app.letters()).await.map(Json)
}

/// `GET /letters/{id}`
pub(super) async fn letter(caller: Caller, Path(id): Path<String>) -> Result<Json<LetterPage>, Problem> {
    caller.call(move |app| app.letter(&id)).await.map(Json)
}

/// `GET /written`
pub(super) async fn written(caller: Caller) -> Result<Json<Vec<WrittenLine>>, Problem> {
    caller.call(|app| app.written()).await.map(Json)
}

/// `GET /findings`
pub(super) async fn findings(caller: Caller, ask: Ask) -> Result<Json<FindingList>, Problem> {
    let query = finding_query(&ask)?;
    caller.call(move |app| app.findings(&query)).await.map(Json)
}

/// `GET /findings/{device}/{advisory}/{vulnerability}`
pub(super) async fn finding(
    caller: Caller,
    Path((device, advisory, vulnerability)): Path<(String, String, String)>,
) -> Result<Json<FindingPage>, Problem> {
    let id = id_of(&device)?;
    caller.call(move |app| app.finding(id, &advisory, &vulnerability)).await.map(Json)
}

/// `GET /notices`
pub(super) async fn notices(caller: Caller) -> Result<Json<Vec<NoticeLine>>, Problem> {
    caller.call(|app| app.notices()).await.map(Json)
}

/// `GET /notices/{id}`
pub(super) async fn notice(caller: Caller, Path(id): Path<String>) -> Result<Json<NoticePage>, Problem> {
    caller.call(move |app| app.notice(&id)).await.map(Json)
}

/// `GET /sources`
pub(super) async fn sources(caller: Caller) -> Result<Json<Vec<SourceLine>>, Problem> {
    caller.call(|app| app.source_lines()).await.map(Json)
}

/// `GET /sboms`
pub(super) async fn sboms(caller: Caller) -> Result<Json<Vec<SbomLine>>, Problem> {
    caller.call(|app| app.sboms()).await.map(Json)
}

/// `GET /sboms/{id}`
pub(super) async fn sbom(caller: Caller, Path(id): Path<String>) -> Result<Json<SbomPage>, Problem> {
    caller.call(move |app| app.sbom(&id)).await.map(Json)
}

/// `GET /openapi.json`: the description, open to anybody.
pub(super) async fn description() -> Json<serde_json::Value> {
    Json(super::openapi())
}

/// Anything else.
pub(super) async fn nothing_here() -> Problem {
    Problem(Fault::NoPage)
}
