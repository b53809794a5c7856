//! One group of operators: exactly which devices; and how many groups are untold in all.

use super::{ArrivalKind, GROUP_DEVICES, GroupDevice, GroupDevices, Telling, UntoldGlance, telling_id};
use crate::App;
use crate::error::{AppError, Result};
use crate::views::Moment;
use tallyward_core::Verdict;

/// Findings up to which the overview works the untold out; beyond, only what is worked out already is shown.
const QUICK: u64 = 200_000;

impl App {
    /// The devices of one group that an advisory concerns, those of pools its unit draws from among them.
    pub fn untold_devices(&self, advisory: &str, key: &str) -> Result<GroupDevices> {
        let (concerns, ground) = (self.concerns()?, self.ground()?);
        let concern = concerns
            .by_advisory
            .get(advisory)
            .and_then(|groups| groups.get(key))
            .ok_or_else(|| AppError::not_found("group of operators", key))?;
        let telling = ground.tellings.get(&telling_id(ArrivalKind::Advisory, advisory));
        let (open, mut devices) = (self.open_actions()?, Vec::new());
        let affected = concern.affected.iter().map(|id| (*id, Verdict::Affected));
        let unknown = concern.unknown.iter().map(|id| (*id, Verdict::Unknown));
        for (id, verdict) in affected.chain(unknown).take(GROUP_DEVICES) {
            if let Some(row) = self.store.device(id)? {
                let line = self.device_line(row, &open)?;
                devices.push(GroupDevice { line, verdict, told: ground.has_told(key, id) });
            }
        }
        let group = ground.group(key, concern, telling);
        Ok(GroupDevices { group, devices, as_of: Moment(self.now()) })
    }

    /// How many groups are untold; nothing where that takes long and nobody has asked yet since findings changed.
    pub(crate) fn untold_glance(&self, findings: u64) -> Result<Option<UntoldGlance>> {
        if findings > QUICK && !self.concerns_held() {
            return Ok(None);
        }
        self.state.glance.or(self.moment(), || self.glance()).map(Some)
    }

    fn glance(&self) -> Result<UntoldGlance> {
        let (concerns, ground) = (self.concerns()?, self.ground()?);
        let mut glance = UntoldGlance::default();
        for (advisory, groups) in &concerns.by_advisory {
            let telling = ground.tellings.get(&telling_id(ArrivalKind::Advisory, advisory));
            let stand = groups.iter().map(|(key, concern)| ground.group(key, concern, telling).telling);
            let (mut untold, mut unassigned) = (0, 0);
            for telling in stand {
                untold += u64::from(telling.is_untold());
                unassigned += u64::from(telling == Telling::Unassigned);
            }
            glance.groups += untold;
            glance.advisories += u64::from(untold > 0);
            glance.unassigned += unassigned;
        }
        Ok(glance)
    }
}
