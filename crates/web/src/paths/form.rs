//! `POST /paths`

use super::page::show;
use crate::desk::saying;
use crate::fault::{Complaint, Fault};
use crate::html::see;
use crate::posted::{Fields, Posted};
use axum::response::{IntoResponse, Response};
use tallyward_app::views::{PathEntry, PathStep};

/// Steps that the form offers.
pub(super) const STEPS: usize = 6;

/// Records a dated baseline.
pub(crate) async fn record(posted: Posted) -> Result<Response, Fault> {
    let (entry, complaint) = read(&posted.fields);
    if let Some(complaint) = complaint {
        return Ok(show(posted.signed, entry, Some(&complaint)).await?.into_response());
    }
    let wanted = entry.clone();
    match posted.signed.act(move |app, who| app.record_path(who, &wanted)).await {
        Ok(()) => Ok(see(&saying("/paths", "path", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, entry, Some(&complaint)).await?.into_response())
        }
    }
}

/// The entry as typed, and the complaint that keeps it from being recorded.
fn read(fields: &Fields) -> (PathEntry, Option<Complaint>) {
    let mut entry = PathEntry {
        unit: fields.text("unit"),
        kind: fields.text("kind"),
        remark: fields.text("remark"),
        ..PathEntry::default()
    };
    let mut complaint = None;
    for number in 1..=STEPS {
        let (by, channel) = (fields.text(&format!("by{number}")), fields.text(&format!("channel{number}")));
        let minutes = fields.get(&format!("minutes{number}"));
        if by.is_empty() && channel.is_empty() && minutes.is_empty() {
            continue;
        }
        let read = minutes.parse().ok();
        if read.is_none() {
            complaint.get_or_insert_with(|| {
                Complaint::field(
                    &format!("minutes{number}"),
                    "Type how many minutes this step takes, such as 90.",
                )
            });
        }
        entry.steps.push(PathStep { by, channel, minutes: read.unwrap_or(0) });
    }
    if entry.steps.is_empty() {
        complaint = Some(Complaint::field("by1", "Name at least one step: who passes it on, by what."));
    }
    (entry, complaint)
}
