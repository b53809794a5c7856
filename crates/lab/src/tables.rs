//! The tables a hospital is built from (`data/*.csv`).

use tallyward_core::{Contact, Duty, Unit};

/// What one invented maker sells under one name and number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Key in the tables of this room.
    pub id: String,
    /// Manufacturer.
    pub maker: String,
    /// Model name.
    pub model: String,
    /// Model number.
    pub model_number: String,
    /// Code of the device class.
    pub class: String,
    /// Device type as a CMMS words it.
    pub description: String,
    /// First three bytes of the network cards.
    pub oui: [u8; 3],
    /// How it gets its address.
    pub network: Network,
    /// What it does on the network.
    pub speaks: Speaks,
    /// Wanders between units.
    pub mobile: bool,
    /// GTIN-14, valid, of the prefix GS1 keeps for examples (952).
    pub di: String,
    /// How serial numbers begin.
    pub serial_prefix: String,
    /// How host names begin.
    pub host_prefix: String,
    /// DHCP vendor class; empty for none.
    pub vendor_class: String,
    /// Software versions in circulation, oldest first.
    pub versions: Vec<String>,
}

/// How a model gets its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// From a server.
    Dhcp,
    /// Set by hand.
    Static,
    /// It has no network card.
    None,
}

/// What a model does on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// Sends images of this modality to the archive.
    Dicom(String),
    /// Queries the archive.
    Query,
    /// Is the archive.
    Archive,
    /// Reports to the pump gateway.
    Pump,
    /// Reports to a central station.
    Monitor,
    /// Talks to its maker over HTTP or TLS.
    Web,
    /// Nothing of its own.
    Nothing,
}

/// So many devices of a model in a unit, in a house of 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holding {
    pub model: usize,
    pub unit: usize,
    pub subnet: usize,
    pub pool: String,
    pub count: usize,
}

/// One subnet: a unit's, or the data centre's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ground {
    pub code: String,
    pub site: String,
    pub building: String,
    pub floor: String,
    pub watched: bool,
}

pub(crate) struct Tables {
    pub models: Vec<Model>,
    pub units: Vec<Unit>,
    /// Units' subnets in the order of `units`, then those that belong to none.
    pub grounds: Vec<Ground>,
    pub holdings: Vec<Holding>,
    pub contacts: Vec<Contact>,
}

impl Tables {
    /// # Panics
    /// When a shipped table is damaged; the tests of this room read every one.
    pub fn load() -> Self {
        let models: Vec<Model> =
            rows(include_str!("../data/models.csv")).iter().map(|row| model(row)).collect();
        let lines = rows(include_str!("../data/units.csv"));
        let units: Vec<Unit> = lines.iter().filter(|row| !row[1].is_empty()).map(|row| unit(row)).collect();
        let mut grounds: Vec<Ground> = lines.iter().map(|row| ground(row)).collect();
        grounds.sort_by_key(|ground| !units.iter().any(|unit| unit.code == ground.code));
        let holdings = rows(include_str!("../data/holdings.csv"))
            .iter()
            .map(|row| Holding {
                model: place(models.iter().map(|model| &model.id), &row[0]),
                unit: place(units.iter().map(|unit| &unit.code), &row[1]),
                subnet: place(grounds.iter().map(|ground| &ground.code), &row[2]),
                pool: row[3].clone(),
                count: row[4].parse().expect("holdings.csv: counts are numbers"),
            })
            .collect();
        let contacts = rows(include_str!("../data/contacts.csv"))
            .iter()
            .enumerate()
            .map(|(at, row)| Contact {
                id: format!("C-{:02}", at + 1),
                unit: row[0].clone(),
                duty: Duty::from_code(&row[1]).expect("contacts.csv: duties are those of core"),
                profession: row[2].clone(),
                name: row[3].clone(),
                email: row[4].clone(),
                phone: row[5].clone(),
            })
            .collect();
        Self { models, units, grounds, holdings, contacts }
    }
}

pub(crate) fn rows(text: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .records()
        .map(|row| row.expect("shipped tables are CSV").iter().map(str::to_owned).collect())
        .collect()
}

fn place<'a>(mut known: impl Iterator<Item = &'a String>, wanted: &str) -> usize {
    known.position(|name| name == wanted).unwrap_or_else(|| panic!("{wanted:?} is in no table of this room"))
}

fn several(cell: &str) -> Vec<String> {
    cell.split('|').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn model(row: &[String]) -> Model {
    let oui = u32::from_str_radix(&row[6], 16).expect("models.csv: six hexadecimal digits").to_be_bytes();
    let network = match row[7].as_str() {
        "dhcp" => Network::Dhcp,
        "static" => Network::Static,
        _ => Network::None,
    };
    let speaks = match row[8].as_str() {
        "query" => Speaks::Query,
        "archive" => Speaks::Archive,
        "pump" => Speaks::Pump,
        "monitor" => Speaks::Monitor,
        "web" => Speaks::Web,
        other => other
            .strip_prefix("dicom:")
            .map_or(Speaks::Nothing, |modality| Speaks::Dicom(modality.to_owned())),
    };
    Model {
        id: row[0].clone(),
        maker: row[1].clone(),
        model: row[2].clone(),
        model_number: row[3].clone(),
        class: row[4].clone(),
        description: row[5].clone(),
        oui: [oui[1], oui[2], oui[3]],
        network,
        speaks,
        mobile: row[9] == "yes",
        di: gtin(&row[10]),
        serial_prefix: row[11].clone(),
        host_prefix: row[12].clone(),
        vendor_class: row[13].clone(),
        versions: several(&row[14]),
    }
}

/// A GTIN-14 of the prefix GS1 keeps for demonstrations (952), from nine digits of company and item.
fn gtin(item: &str) -> String {
    let body = format!("0952{item}");
    let check = tallyward_identity::udi::gs1_check_digit(&body).expect("models.csv: items are digits");
    format!("{body}{check}")
}

fn unit(row: &[String]) -> Unit {
    Unit {
        code: row[0].clone(),
        name: row[1].clone(),
        site: row[2].clone(),
        building: row[3].clone(),
        floor: row[4].clone(),
        pools: several(&row[5]),
        aliases: several(&row[6]),
    }
}

fn ground(row: &[String]) -> Ground {
    Ground {
        code: row[0].clone(),
        site: row[2].clone(),
        building: row[3].clone(),
        floor: row[4].clone(),
        watched: row[7] == "yes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_agree_with_each_other() {
        let tables = Tables::load();
        assert_eq!(tables.holdings.iter().map(|line| line.count).sum::<usize>(), 400);
        assert_eq!(tables.units.len(), 12);
        for contact in &tables.contacts {
            assert!(contact.unit.is_empty() || tables.units.iter().any(|unit| unit.code == contact.unit));
            assert!(contact.email.ends_with(".example") && contact.phone.starts_with("555-01"));
        }
        for model in &tables.models {
            assert_eq!(tallyward_identity::udi::normal_gtin(&model.di).as_ref(), Some(&model.di));
            assert!(!model.versions.is_empty(), "{}", model.id);
            assert_eq!(model.oui[0] & 3, 0, "{}: a prefix of the global kind", model.id);
        }
        for holding in tables.holdings.iter().filter(|line| !line.pool.is_empty()) {
            assert!(tables.units[holding.unit].pools.contains(&holding.pool));
        }
    }
}
