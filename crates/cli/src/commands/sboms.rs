//! `tallyward sboms`: parts lists of models and versions, and which of their parts have a known flaw.

use crate::args::Sboms;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::wire;
use tallyward_app::sboms::{FlawFound, PartFound, PartHit, SbomOf, SbomPage, SbomsTaken};
use tallyward_app::views::Damaged;
use tallyward_app::{App, Who};

/// Flaws printed of one parts list; `--json` has all.
const SHOWN: usize = 40;

pub fn run(args: &Sboms, config: &Config, json: bool) -> Outcome {
    match args {
        Sboms::Add { files, maker, model, version } => {
            let of = |text: &Option<String>| text.clone().unwrap_or_default();
            let of = SbomOf { maker: of(maker), model: of(model), version: of(version) };
            add(&wire::open(config)?.app, files, &of, json)
        }
        Sboms::List => list(&wire::open_to_read(config)?.app, json),
        Sboms::Show { id } => show(&wire::open_to_read(config)?.app, id, json),
        Sboms::Find { text } => find(&wire::open_to_read(config)?.app, text, json),
        Sboms::Remove { id } => {
            wire::open(config)?.app.remove_sbom(&Who::program(), id)?;
            output::line(&format!("removed {id}"));
            Ok(DONE)
        }
    }
}

fn add(app: &App, paths: &[std::path::PathBuf], of: &SbomOf, json: bool) -> Outcome {
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    for path in files::expand(paths, &["json", "spdx", "zip", "gz"])? {
        match files::read_within(&path, tallyward_app::MAX_DOCUMENT) {
            Ok(bytes) => read.push((files::name(&path), bytes)),
            Err(failure) => refused.push(Damaged {
                file: files::name(&path),
                place: "the file".to_owned(),
                why: failure.to_string(),
            }),
        }
    }
    let mut taken = app.add_sboms(&Who::program(), read, of)?;
    taken.damaged.extend(refused);
    if json {
        output::json(&taken);
    } else {
        for line in summary(&taken) {
            output::line(&line);
        }
    }
    Ok(if taken.damaged.is_empty() { DONE } else { BAD_INPUT })
}

fn summary(taken: &SbomsTaken) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &taken.taken {
        lines.push(format!(
            "{} {}: {} {} {}, {} parts, {} of them without a package URL",
            one.what, one.id, one.maker, one.model, one.version, one.parts, one.nameless
        ));
        lines.extend(one.noted.iter().map(|bad| format!("  read past ({}): {}", bad.place, bad.why)));
    }
    lines.extend(taken.damaged.iter().map(|bad| format!("{} ({}): {}", bad.file, bad.place, bad.why)));
    lines
}

fn list(app: &App, json: bool) -> Outcome {
    let lines = app.sboms()?;
    let head = [
        "id",
        "maker",
        "model",
        "version",
        "parts",
        "no purl",
        "flawed",
        "affected",
        "unknown",
        "not affected",
        "devices",
    ];
    output::listing(&lines, json, &head, |line| {
        let numbers =
            [line.parts, line.nameless, line.flawed, line.affected, line.unknown, line.not_affected];
        let named = [&line.id, &line.maker, &line.model, &line.version].map(String::clone);
        named
            .into_iter()
            .chain(numbers.map(|one| one.to_string()))
            .chain([line.devices.to_string()])
            .collect()
    });
    Ok(DONE)
}

fn show(app: &App, id: &str, json: bool) -> Outcome {
    let page = app.sbom(id)?;
    if json {
        output::json(&page);
        return Ok(DONE);
    }
    for line in head(&page) {
        output::line(&line);
    }
    for hit in page.hits.iter().take(SHOWN) {
        for line in told(hit) {
            output::line(&line);
        }
    }
    if page.hits.len() > SHOWN {
        output::line(&format!("and {} more; --json has all", page.hits.len() - SHOWN));
    }
    Ok(DONE)
}

fn head(page: &SbomPage) -> Vec<String> {
    let line = &page.line;
    let mut lines = vec![
        format!("{} {} {}", line.maker, line.model, line.version),
        format!("  {} of {} ({})", line.format, page.product, page.file),
        format!(
            "  {} parts, {} without a package URL: these were held against nothing",
            line.parts, line.nameless
        ),
        format!(
            "  {} devices; {} of this model without a recorded version",
            line.devices, line.devices_unversioned
        ),
    ];
    if page.records == 0 {
        lines.push(
            "  no known flaws of packages are on file (OSV); take some in with: tallyward advisories FILE"
                .to_owned(),
        );
    }
    if line.more {
        lines.push("  there are more flaws than were looked at".to_owned());
    }
    lines.push(format!(
        "  flaws of parts: {} affected, {} unknown, {} not affected",
        line.affected, line.unknown, line.not_affected
    ));
    lines
}

fn told(hit: &PartHit) -> Vec<String> {
    let mut lines = vec![format!(
        "{}  {}{}  {} {}  {}  {}",
        hit.verdict.label(),
        hit.flaw,
        if hit.in_kev == Some(true) { " (used in attacks)" } else { "" },
        hit.name,
        hit.part_version,
        hit.base(),
        hit.summary
    )];
    lines.extend(hit.reasons.iter().map(|reason| format!("    {}", reason.text)));
    if !hit.missing.is_empty() {
        lines.push(format!("    missing: {}", hit.missing));
    }
    lines
}

fn find(app: &App, text: &str, json: bool) -> Outcome {
    if text.trim().is_empty() {
        return Err(Failure::input("say which part or flaw to look for".to_owned()));
    }
    let found = app.find_in_sboms(text)?;
    if json {
        output::json(&found);
        return Ok(DONE);
    }
    for FlawFound { sbom, hit } in &found.flaws {
        output::line(&format!(
            "{} {} {}, {} devices ({})",
            sbom.maker, sbom.model, sbom.version, sbom.devices, sbom.id
        ));
        for line in told(hit) {
            output::line(&format!("  {line}"));
        }
    }
    if !found.parts.is_empty() || found.flaws.is_empty() {
        output::table(
            &["part", "part version", "maker", "model", "version", "devices", "id"],
            &rows(found.parts),
        );
    }
    Ok(DONE)
}

fn rows(parts: Vec<PartFound>) -> Vec<Vec<String>> {
    let row = |one: PartFound| {
        let named = [one.part.name, one.part.version, one.maker, one.model, one.version];
        named.into_iter().chain([one.devices.to_string(), one.sbom]).collect()
    };
    parts.into_iter().map(row).collect()
}
