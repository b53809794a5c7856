//! Entries of the model book, one open file a model, for some of the models: the others show what a page says when
//! nobody has written it down.

use crate::hospital::Hospital;
use crate::tables::rows;
use serde_json::{Value, json};

impl Hospital {
    /// File name and content, in the open form of the model book. Sample texts: nothing in them is about a real maker.
    #[must_use]
    pub fn model_book(&self) -> Vec<(String, Vec<u8>)> {
        let readings = rows(include_str!("../data/readings.csv"));
        let upkeep = rows(include_str!("../data/upkeep.csv"));
        let written = json!({
            "by": format!("{} biomed (sample)", self.name.trim_end_matches(" (sample)")),
            "on": self.plan.now.plus_days(-40).date(),
            "document": "sample text, made up",
        });
        let mut files = Vec::new();
        for model in &self.models {
            let read: Vec<Value> = readings
                .iter()
                .filter(|row| row[0] == model.id)
                .map(|row| {
                    let mut one = json!({
                        "field": row[1], "component": row[2], "path": row[3], "when": row[4], "written": written,
                    });
                    if let Ok(minutes) = row[5].parse::<u32>() {
                        one["minutes"] = json!(minutes);
                    }
                    one
                })
                .collect();
            let notes = upkeep.iter().find(|row| row[0] == model.id);
            if read.is_empty() && notes.is_none() {
                continue;
            }
            let note = |at: usize| notes.map(|row| row[at].clone()).unwrap_or_default();
            let entry = json!({
                "format": "tallyward model book 1",
                "maker": model.maker,
                "model": model.model,
                "model_number": model.model_number,
                "readings": read,
                "wipe": note(1),
                "services": note(2).split('|').filter_map(service).collect::<Vec<Value>>(),
                "maintenance": note(3),
                "written": written,
            });
            let text = serde_json::to_vec_pretty(&entry).expect("JSON of texts and numbers");
            files.push((format!("{}.json", model.id), text));
        }
        files
    }
}

fn service(text: &str) -> Option<Value> {
    let mut parts = text.splitn(4, ':');
    let (name, port, transport, with) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(json!({ "name": name, "port": port.parse::<u16>().ok()?, "transport": transport, "with": with }))
}

#[cfg(test)]
mod tests {
    use crate::{Plan, build};

    #[test]
    fn the_book_is_about_models_of_the_house_and_leaves_some_out() {
        let hospital = build(&Plan::default());
        let book = hospital.model_book();
        assert!(book.len() > 5 && book.len() < hospital.models.len());
        for row in crate::tables::rows(include_str!("../data/readings.csv")) {
            assert!(hospital.models.iter().any(|model| model.id == row[0]), "{}", row[0]);
            assert!(row[1].parse::<tallyward_core::Field>().is_ok(), "{}", row[1]);
        }
        for row in crate::tables::rows(include_str!("../data/upkeep.csv")) {
            assert!(hospital.models.iter().any(|model| model.id == row[0]), "{}", row[0]);
            assert!(super::service(&row[2]).is_some(), "{}", row[2]);
        }
    }
}
