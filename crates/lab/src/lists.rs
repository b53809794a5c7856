//! The tidy files: places, units, contacts.

use crate::hospital::Hospital;
use std::collections::BTreeSet;

impl Hospital {
    /// The places file, UTF-8, comma-separated: `subnet,vlan,site,building,floor,unit,watched`; `unit` is a
    /// code or empty, `watched` is the day since when somebody listens there, or `no`.
    #[must_use]
    pub fn places_csv(&self) -> String {
        let rows = self.subnets.iter().map(|subnet| {
            let unit = self.units.iter().find(|unit| unit.code == subnet.code);
            vec![
                format!("{}/{}", subnet.network, subnet.bits),
                subnet.vlan.to_string(),
                subnet.place.site.clone(),
                subnet.place.building.clone(),
                subnet.place.floor.clone(),
                unit.map(|unit| unit.code.clone()).unwrap_or_default(),
                if subnet.watched { self.listening_since().date() } else { "no".to_owned() },
            ]
        });
        table(&["subnet", "vlan", "site", "building", "floor", "unit", "watched"], rows)
    }

    /// The units file: `code,name,site,building,floor,pools,aliases`; several pools or aliases are separated
    /// by `|`.
    #[must_use]
    pub fn units_csv(&self) -> String {
        let rows = self.units.iter().map(|unit| {
            vec![
                unit.code.clone(),
                unit.name.clone(),
                unit.site.clone(),
                unit.building.clone(),
                unit.floor.clone(),
                unit.pools.join("|"),
                unit.aliases.join("|"),
            ]
        });
        table(&["code", "name", "site", "building", "floor", "pools", "aliases"], rows)
    }

    /// The contacts file: `unit,duty,profession,name,email,phone`; an empty unit means the whole house, `duty`
    /// is a code of [`tallyward_core::Duty`].
    #[must_use]
    pub fn contacts_csv(&self) -> String {
        let rows = self.contacts.iter().map(|contact| {
            vec![
                contact.unit.clone(),
                contact.duty.code().to_owned(),
                contact.profession.clone(),
                contact.name.clone(),
                contact.email.clone(),
                contact.phone.clone(),
            ]
        });
        table(&["unit", "duty", "profession", "name", "email", "phone"], rows)
    }

    /// The house's own maker table, `alias,maker,relation,related`: the invented makers under their right names,
    /// which no shipped table can know. Misspellings are left out on purpose.
    #[must_use]
    pub fn maker_aliases_csv(&self) -> String {
        let makers: BTreeSet<&str> = self.models.iter().map(|model| model.maker.as_str()).collect();
        let rows = makers
            .into_iter()
            .map(|maker| vec![maker.to_owned(), maker.to_owned(), "canonical".to_owned(), String::new()]);
        table(&["alias", "maker", "relation", "related"], rows)
    }

    /// The house's own model table, `maker,alias,model`: every model under its name and its number.
    #[must_use]
    pub fn model_aliases_csv(&self) -> String {
        let rows = self.models.iter().flat_map(|model| {
            [&model.model, &model.model_number]
                .map(|alias| vec![model.maker.clone(), alias.clone(), model.model.clone()])
        });
        table(&["maker", "alias", "model"], rows)
    }
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = std::iter::once(header.iter().map(|name| (*name).to_owned()).collect()).chain(rows);
    for row in rows {
        writer.write_record(&row).expect("writing to memory does not fail, and rows have one length");
    }
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("cells are text")
}
