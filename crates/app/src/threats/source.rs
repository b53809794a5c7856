//! Lists of threats that a source publishes.

use super::{ReadFile, read_file};
use crate::App;
use crate::error::Result;
use crate::views::{Damaged, ThreatIntake};
use crate::who::Who;
use tallyward_advisories::threat::Threats;

/// Which list a source publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Kev,
    Epss,
    Records,
}

impl List {
    fn name(self) -> &'static str {
        match self {
            Self::Kev => "the KEV catalogue",
            Self::Epss => "an EPSS list",
            Self::Records => "CVE records",
        }
    }

    fn of(threats: &Threats) -> Self {
        match threats {
            Threats::Kev(_) => Self::Kev,
            Threats::Epss(_) => Self::Epss,
            Threats::Cve(_) | Threats::Records(_) => Self::Records,
        }
    }
}

impl App {
    /// Takes in what a source of `list` gave. Something else at its address is damage: nobody decided to fetch that.
    pub(crate) fn take_published(
        &self,
        who: &Who,
        list: List,
        name: String,
        bytes: &[u8],
    ) -> Result<ThreatIntake> {
        let mut read = Vec::new();
        read_file(name, bytes, &mut read);
        self.take_read(who, read.into_iter().map(|file| expected(list, file)).collect())
    }
}

fn expected(list: List, (name, outcome): ReadFile) -> ReadFile {
    let outcome = outcome.and_then(|read| {
        let found = List::of(&read.0);
        if found == list {
            return Ok(read);
        }
        let why = format!("expected {}, found {}", list.name(), found.name());
        Err(Damaged { file: name.clone(), place: String::new(), why })
    });
    (name, outcome)
}
