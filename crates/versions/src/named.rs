//! Names: models, part numbers, operating systems, components, conditions. A name that differs is rarely proof of a
//! different thing, so these say "no" only where two numbers of one shape stand against each other.

use crate::decide::{Outcome, quoted};
use crate::facts::{Facts, Missing};
use crate::value;
use crate::words::{self, Role};

pub(crate) fn model(names: &[String], facts: &Facts<'_>) -> Outcome {
    let listed = names.join(", ");
    let Some(model) = facts.model.map(str::trim).filter(|model| !words::is(&words::fold(model), Role::Junk))
    else {
        return Outcome::unknown(
            Missing::Model,
            format!("the clause names the model {listed}; the model is not known"),
        );
    };
    let codes = || model.split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '(' | ')' | ';'));
    let said = |name: &String| {
        let code = squeezed(name);
        squeezed(model) == code || codes().any(|word| squeezed(word) == code)
    };
    let shown = quoted(model);
    if let Some(name) = names.iter().find(|name| said(name)) {
        return Outcome::yes(format!("the model {shown} is the model named, {name}"));
    }
    if let Some(product) = facts.product.filter(|product| names_a_model(product)) {
        let why = format!(
            "the clause names the model {listed}, the product is {}: they do not fit",
            quoted(product)
        );
        return Outcome::unknown(Missing::Person, why);
    }
    if names.iter().all(|name| is_another(model, name)) {
        return Outcome::no(format!("the model {shown} is not the model named, {listed}"));
    }
    Outcome::unknown(Missing::Model, format!("the model {shown} may or may not be the model named, {listed}"))
}

fn squeezed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn names_a_model(product: &str) -> bool {
    product.contains(|c: char| c.is_ascii_digit())
}

/// Two model numbers of one shape that differ: the same opening letters, as many digits, neither the start of the
/// other. A trade name against a catalogue number proves nothing.
fn is_another(model: &str, name: &str) -> bool {
    if !value::is_code(model) {
        return false;
    }
    let (model, name) = (squeezed(model), squeezed(name));
    let shape = |code: &str| {
        let letters = code.bytes().take_while(u8::is_ascii_uppercase).count();
        let digits = code.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
        (code[..letters].to_owned(), digits)
    };
    shape(&model) == shape(&name) && !model.starts_with(&name) && !name.starts_with(&model)
}

pub(crate) fn part_number(number: &str, facts: &Facts<'_>) -> Outcome {
    match facts.model {
        Some(model) if squeezed(model) == squeezed(number) => {
            Outcome::yes(format!("the part number {number} is the one named"))
        }
        _ => {
            let text = format!("part number {number}");
            settled(&text, facts).unwrap_or_else(|| {
                let why = format!("the clause names the part number {number}; it is not known");
                Outcome::unknown(Missing::Condition(text), why)
            })
        }
    }
}

/// What a person said of a condition.
fn settled(text: &str, facts: &Facts<'_>) -> Option<Outcome> {
    let said = facts.settled.iter().find(|said| words::fold(said.text) == words::fold(text))?;
    Some(match said.holds {
        true => Outcome::yes(format!("the condition \"{text}\" holds, as {}", said.says)),
        false => Outcome::no(format!("the condition \"{text}\" does not hold, as {}", said.says)),
    })
}

pub(crate) fn operating_system(system: &str, facts: &Facts<'_>) -> Outcome {
    let Some(known) = facts.os.map(words::fold).filter(|os| !os.is_empty() && !words::is(os, Role::Junk))
    else {
        return Outcome::unknown(
            Missing::OperatingSystem,
            format!("the clause asks for {system}; the system is not known"),
        );
    };
    let asked = words::fold(system);
    if asked.split(' ').all(|word| known.split(' ').any(|other| other == word)) {
        return Outcome::yes(format!("the system {} is the one named, {system}", quoted(&known)));
    }
    match (windows(&known), windows(&asked)) {
        (Some(a), Some(b)) if a != b => Outcome::no(format!("the system {} is not {system}", quoted(&known))),
        _ => {
            let why = format!("the system {} may or may not be {system}", quoted(&known));
            Outcome::unknown(Missing::OperatingSystem, why)
        }
    }
}

/// The number right behind "windows", when it is a release number and not a build.
fn windows(folded: &str) -> Option<u8> {
    let mut words = folded.split(' ').skip_while(|word| *word != "windows");
    let number = words.nth(1)?;
    if number.len() <= 2 { number.parse().ok() } else { None }
}

pub(crate) fn condition(text: &str, facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = settled(text, facts) {
        return outcome;
    }
    let folded = words::fold(text);
    let bends = words::phrases(Role::Exclusion).any(|word| words::holds(&folded, word));
    let object = words::phrases(Role::Settles)
        .filter_map(|lead| folded.strip_prefix(lead)?.strip_prefix(' '))
        .min_by_key(|object| object.len());
    if let Some(object) = object.filter(|_| !bends) {
        let object = object.strip_prefix("the ").or(object.strip_prefix("a ")).unwrap_or(object);
        let named =
            [facts.component, facts.os].into_iter().flatten().find(|known| words::fold(known) == object);
        if let Some(named) = named {
            return Outcome::yes(format!("the condition \"{text}\" holds: {}", quoted(named)));
        }
        if words::phrases(Role::Os).any(|system| object.starts_with(system)) {
            let why = format!("whether \"{text}\" holds is not known");
            return Outcome::unknown(Missing::OperatingSystem, why);
        }
    }
    Outcome::unknown(Missing::Condition(text.to_owned()), format!("whether \"{text}\" holds is not known"))
}

/// Whether two names mean one component: the same words, a plural s aside, one possibly shorter.
pub(crate) fn same_component(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        words::fold(text).split(' ').map(|word| word.trim_end_matches('s').to_owned()).collect()
    };
    let (a, b) = (words(a), words(b));
    let within = |few: &[String], many: &[String]| few.iter().all(|word| many.contains(word));
    within(&a, &b) || within(&b, &a)
}
