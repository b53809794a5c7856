//! The truth file: one device and what one leaf of one document says of it, a line each.

use crate::views::Damaged;
use serde::Deserialize;
use tallyward_core::{Advisory, Verdict};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Component, Configuration, Expected, Made, Truth, VersionState};

/// A line. What it leaves out is not known of the device.
#[derive(Deserialize)]
struct Case {
    advisory: String,
    vendor: String,
    product: String,
    product_id: String,
    verdict: Verdict,
    device_version: Option<String>,
    #[serde(default)]
    device_model: String,
    #[serde(default)]
    device_date: String,
    #[serde(default)]
    device_os: String,
    #[serde(default)]
    device_hw_version: String,
    #[serde(default)]
    device_component: String,
    #[serde(default)]
    component_version: String,
}

/// Adds the devices of `text` and what is so of them. Answers how many lines were left out: their document or leaf is
/// not among the files, they give the version of a component without its name, or their product level holds the word
/// "Version" and no product, so that no device can be called so.
pub(super) fn add_cases(
    text: &str,
    documents: &[Advisory],
    aliases: &Aliases,
    fleet: &mut Made,
    damaged: &mut Vec<Damaged>,
) -> usize {
    let mut left_out = 0;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let case: Case = match serde_json::from_str(line) {
            Ok(case) => case,
            Err(error) => {
                damaged.push(Damaged {
                    file: "truth".to_owned(),
                    place: format!("line {}", number + 1),
                    why: error.to_string(),
                });
                continue;
            }
        };
        let known = documents
            .iter()
            .any(|document| document.id == case.advisory && document.product(&case.product_id).is_some());
        let unnamed = case.product.trim().eq_ignore_ascii_case("version");
        let nameless = case.device_component.is_empty() && !case.component_version.is_empty();
        let Ok(device) = u32::try_from(fleet.devices.len()) else { return left_out };
        if !known || nameless || unnamed {
            left_out += 1;
            continue;
        }
        fleet.devices.push(configuration(&case, aliases));
        fleet.expected.push(Expected {
            device,
            advisory: case.advisory,
            leaf: Some(case.product_id),
            truth: match case.verdict {
                Verdict::Affected => Truth::Affected,
                Verdict::NotAffected => Truth::NotAffected,
                Verdict::Unknown => Truth::Open,
            },
        });
    }
    left_out
}

fn configuration(case: &Case, aliases: &Aliases) -> Configuration {
    let first = aliases.makers_in(&case.vendor).into_iter().next();
    let maker = first.map_or_else(|| case.vendor.clone(), |maker| maker.name);
    let software_version = case.device_version.clone().unwrap_or_default();
    let component = Component {
        name: case.device_component.clone(),
        version: case.component_version.clone(),
        stale: false,
    };
    Configuration {
        model: aliases.canonical_model(&maker, &case.product).name,
        maker,
        model_number: case.device_model.clone(),
        version_state: if software_version.is_empty() { VersionState::Missing } else { VersionState::Fresh },
        software_version,
        hardware_version: case.device_hw_version.clone(),
        components: if component.name.is_empty() { Vec::new() } else { vec![component] },
        operating_system: case.device_os.clone(),
        manufacture_date: case.device_date.clone(),
        ..Configuration::default()
    }
}
