//! `tallyward explain`: why a device is held to be what it is.

use crate::args::{Explain, Read};
use crate::config::Config;
use crate::exit::{DONE, Failure, Outcome};
use crate::output;
use crate::ports::SystemClock;
use crate::wire;
use serde::Serialize;
use tallyward_app::ports::Clock as _;
use tallyward_core::DeviceId;
use tallyward_discovery::Learned;
use tallyward_identity::classify::{Answer, Explanation, Step, explain};
use tallyward_identity::reconcile::{Rules, reconcile};

pub fn run(args: &Explain, mut config: Config, json: bool) -> Outcome {
    let id: DeviceId = args.device.parse().map_err(|error| Failure::usage(format!("{error}")))?;
    if args.recog.is_some() {
        config.recog.clone_from(&args.recog);
    }
    let app = wire::open_to_read(&config)?.app;
    let explained = app.explain(id)?;
    if json {
        output::json(&explained);
        return Ok(DONE);
    }
    output::line(&format!("{} {}", explained.id, explained.name));
    if explained.explanation.answers.is_empty() {
        output::line("  No fact of it leads to a maker, a model, a class or a system.");
    }
    print(&explained.explanation, "  ");
    Ok(DONE)
}

#[derive(Serialize)]
struct Why<'a> {
    capture: &'a str,
    keys: Vec<String>,
    #[serde(flatten)]
    explanation: Explanation,
}

/// The rules for `read --explain`: those that ship, and recog files when some were named.
pub fn rules(args: &Read, mut config: Config) -> Result<Rules, Failure> {
    if args.recog.is_some() {
        config.recog.clone_from(&args.recog);
    }
    Ok(Rules::builtin().with_classification(wire::classification(&config)?))
}

/// What rules conclude of each device of what was read. Answers whether somebody still listens.
pub fn learned(name: &str, learned: &Learned, rules: &Rules, json: bool) -> bool {
    let now = SystemClock.now();
    reconcile(&learned.evidence, &[], rules, now).iter().all(|device| {
        let explanation = explain(device, rules, now);
        if explanation.answers.is_empty() {
            return true;
        }
        let keys: Vec<String> = device.keys.iter().map(tallyward_core::Key::plain).collect();
        if json {
            return output::json(&Why { capture: name, keys, explanation });
        }
        output::line(&format!("  why: {}", keys.join(" = "))) && print(&explanation, "    ")
    })
}

/// Prints every answer with its chain. Answers whether somebody still listens.
fn print(explanation: &Explanation, indent: &str) -> bool {
    let answers = explanation.answers.iter().all(|answer| print_answer(answer, indent));
    let fits = explanation.contradictions.is_empty();
    answers
        && (fits || output::line(&format!("{indent}What does not fit together:")))
        && explanation.contradictions.iter().all(|text| output::line(&format!("{indent}  {text}")))
}

fn print_answer(answer: &Answer, indent: &str) -> bool {
    let value = answer.value.as_deref().unwrap_or("unknown");
    let how = match (answer.stated, answer.score) {
        (true, _) => "stated".to_owned(),
        (false, Some(score)) => format!("concluded, score {score}"),
        (false, None) if answer.against.is_empty() => "nothing strong enough".to_owned(),
        (false, None) => "conclusions contradict each other".to_owned(),
    };
    let steps = |word: &str, steps: &[Step]| {
        steps.iter().all(|step| output::line(&format!("{indent}    {word} {}", chain(step))))
    };
    output::line(&format!("{indent}{}: {value} ({how})", answer.field.label()))
        && steps("because", &answer.why)
        && steps("against", &answer.against)
        && steps("hint   ", &answer.hints)
}

/// `DHCP vendor class "MSFT 5.0" (sensor ED-1, DHCP option 60, packet 17, 2026-…) -> dhcp.csv line 6, 0.60 -> Windows`
fn chain(step: &Step) -> String {
    let said = &step.said;
    let place = if said.place.is_empty() { String::new() } else { format!(", {}", said.place) };
    let old = if step.old { ", old" } else { "" };
    let from = format!("({}, {}{place}, {}{old})", said.source.name, said.basis, said.last);
    if step.rule.is_empty() {
        return format!("{:?} {from}", said.value);
    }
    let score = step.score.map(|score| format!(", score {score}")).unwrap_or_default();
    let source = if step.rule_source.is_empty() { String::new() } else { format!(" [{}]", step.rule_source) };
    format!("{} {:?} {from} -> {}{score}{source} -> {}", step.fact.label(), said.value, step.rule, step.value)
}
