//! `POST /devices/{id}/fact`

use super::page::show;
use super::query::id_of;
use crate::desk::saying;
use crate::fault::{Complaint, Fault};
use crate::html::see;
use crate::link;
use crate::posted::Posted;
use axum::extract::Path;
use axum::response::Response;
use tallyward_core::Field;

/// Fields that a person reads off a device or its label.
pub(crate) const ENTERED: [Field; 12] = [
    Field::SoftwareVersion,
    Field::Serial,
    Field::Model,
    Field::ModelNumber,
    Field::Manufacturer,
    Field::HardwareVersion,
    Field::ComponentVersion,
    Field::OperatingSystem,
    Field::ManufactureDate,
    Field::AssetTag,
    Field::Room,
    Field::OperatingUnit,
];

/// Records what a person read. From the finding page it goes back there.
pub(crate) async fn enter(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let device = id_of(&id)?;
    let (code, value) = (posted.fields.text("field"), posted.fields.text("value"));
    let entered = match code.parse::<Field>() {
        Ok(field) if ENTERED.contains(&field) => {
            let value = value.clone();
            posted.signed.act(move |app, who| app.enter_fact(who, device, field, &value)).await
        }
        _ => Err(Fault::App(tallyward_app::AppError::invalid("field", "Choose one of the fields offered."))),
    };
    match entered {
        Ok(settled) => {
            let back = posted.fields.get("back");
            let path = if back.starts_with("/findings/") || back.starts_with("/worklist") {
                back.to_owned()
            } else {
                link::device(device)
            };
            Ok(see(&saying(&path, "fact", settled)))
        }
        Err(fault) => {
            let mut complaint: Complaint = fault.complaint()?;
            if complaint.field == code {
                complaint.field = "value".to_owned();
            }
            show(posted.signed, &id, &code, &value, Some(&complaint)).await
        }
    }
}
