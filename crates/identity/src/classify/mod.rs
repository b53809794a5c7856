//! From facts to maker, model, device class, operating system and software, by rules that are data.
//!
//! A rule reads one fact as a source said it (a DHCP vendor class, an SNMP description, an implementation UID) and
//! gives values with a score. What follows is a pure function of a device's fields and the tables, so better rules
//! speak about old evidence as well.
//!
//! Key decision: what rules conclude stands below everything anybody states. A conclusion fills a field nobody
//! stated; against a stated value it is dissent and nothing more; and where two conclusions of like strength
//! disagree, nothing holds and both are shown. The price is a field left open where a bolder program would guess.

mod alike;
mod apply;
mod conclude;
mod explain;
mod recog;
mod registry;
mod rule;
mod systems;
mod tables;

pub use alike::{Alike, alike};
pub use conclude::{Conclusion, HOLDS_FROM, MARGIN};
pub use explain::{Answer, Explanation, Step, explain};
pub use recog::{Recog, RecogError};
pub use registry::{Registry, RegistryError};
pub use rule::{GIVEN, RuleError, Score};
pub use tables::{RuleTables, TableInfo};

pub(crate) use apply::apply;
pub(crate) use conclude::Kept;

use tallyward_core::{Device, Field, Source, SourceKind, Voice};

/// The name under which conclusions speak as a source.
pub const RULES: &str = "rules";

/// Whether a voice is a conclusion of rules rather than something somebody said.
#[must_use]
pub fn is_conclusion(voice: &Voice) -> bool {
    voice.source.kind == SourceKind::Guess && voice.source.name == RULES
}

/// The value of a field unless rules only concluded it.
#[must_use]
pub fn stated(device: &Device, field: Field) -> Option<&str> {
    let held = device.fields.get(&field)?;
    let concluded = !held.support.is_empty() && held.support.iter().all(is_conclusion);
    (!concluded).then_some(held.value.as_str())
}

/// The source of every conclusion.
fn rules_source() -> Source {
    Source { kind: SourceKind::Guess, name: RULES.to_owned() }
}
