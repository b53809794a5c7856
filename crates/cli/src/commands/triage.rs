//! `tallyward triage`: how urgent a finding is and why; a named person sets an input.

use crate::args::{Finding, Triage, TriageSet};
use crate::config::Config;
use crate::exit::{DONE, Failure, Outcome};
use crate::output;
use crate::wire;
use tallyward_app::views::{FindingPage, TriageLine};
use tallyward_app::{App, AppError, TriageInput, Who};
use tallyward_core::DeviceId;

pub fn run(args: &Triage, config: &Config, json: bool) -> Outcome {
    match args {
        Triage::Show(finding) => {
            let app = wire::open_to_read(config)?.app;
            shown(&found(&app, finding)?, json);
        }
        Triage::Set(set) => {
            let app = wire::open(config)?.app;
            change(&app, set)?;
            shown(&found(&app, &set.finding)?, json);
        }
    }
    Ok(DONE)
}

fn handle(finding: &Finding) -> Result<DeviceId, Failure> {
    let why = || AppError::invalid("device", format!("{:?} is no handle such as D1042", finding.device));
    finding.device.parse().map_err(|_| Failure::from(why()))
}

fn found(app: &App, finding: &Finding) -> Result<FindingPage, Failure> {
    Ok(app.finding(handle(finding)?, &finding.advisory, &finding.vulnerability)?)
}

fn change(app: &App, set: &TriageSet) -> Result<(), Failure> {
    let input = TriageInput::from_code(&set.input).ok_or_else(|| {
        let known = TriageInput::ALL.map(TriageInput::code).join(", ");
        AppError::invalid("input", format!("{:?}: expected one of {known}", set.input))
    })?;
    let finding = &set.finding;
    let value = (set.value != "back").then_some(set.value.as_str());
    let because = format!("{} (at the command line)", set.because.trim());
    let who = person(app, &set.by)?;
    app.set_triage(
        &who,
        handle(finding)?,
        &finding.advisory,
        &finding.vulnerability,
        input,
        value,
        if set.because.trim().is_empty() { "" } else { &because },
    )?;
    Ok(())
}

/// The account in whose name it is set; who can run the program on the house's data is trusted to name it.
fn person(app: &App, login: &str) -> Result<Who, Failure> {
    let account = app.accounts()?.into_iter().find(|one| one.login == login && !one.disabled);
    let account = account.ok_or_else(|| AppError::not_found("account", login))?;
    Ok(Who { name: account.name, login: account.login, role: account.role })
}

fn shown(page: &FindingPage, json: bool) {
    if json {
        output::json(page);
        return;
    }
    let line = &page.line;
    let words = |code: &str| code.replace('_', " ");
    output::line(&format!(
        "{} {} on {}: {}",
        line.advisory,
        line.vulnerability,
        line.name,
        line.verdict.code()
    ));
    output::line(&if line.calmest == line.strictest {
        format!("SSVC: {}, tier {}", words(&line.outcome), line.tier)
    } else {
        format!(
            "SSVC: {}, tier {}; not all is known, it may turn out anything from {} to {}",
            words(&line.outcome),
            line.tier,
            words(&line.calmest),
            words(&line.strictest)
        )
    });
    page.inputs.iter().for_each(input);
    for score in &page.scores {
        output::line(&format!("CVSS {} {} {} {}", score.version, score.base, score.severity, score.vector));
    }
    for one in &page.beside {
        output::line(&format!("beside: {one}"));
    }
}

fn input(line: &TriageLine) {
    let value = match (&line.words, &line.taken) {
        (Some(words), _) => words.clone(),
        (None, Some(taken)) => {
            format!("not known, taken as {taken}, because {}", line.taken_because)
        }
        (None, None) => "not known".to_owned(),
    };
    output::line(&format!("{}: {value}", line.label));
    for why in &line.why {
        output::line(&format!("    {why}"));
    }
}
