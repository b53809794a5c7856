//! The model book goes from house to house, with nothing of a house in it.

use crate::support::house::{House, administrator, hospital, lead, reader};
use tallyward_app::AppError;
use tallyward_app::model_book::{FromFile, MayRead, Reading, Written};
use tallyward_app::query::DeviceQuery;
use tallyward_app::signing::fingerprint;
use tallyward_core::Field;

fn with_book() -> House {
    let lab = hospital(7, 120);
    let house = House::of(&lab);
    for (name, bytes) in lab.model_book() {
        let file = FromFile::read(&name, &bytes).unwrap();
        house.app.import_model_book(&lead(), &file).unwrap();
    }
    house
}

fn reading(path: &str, when: MayRead) -> Reading {
    Reading {
        field: Field::SoftwareVersion,
        component: String::new(),
        path: path.to_owned(),
        when,
        minutes: Some(3),
        written: Written { document: "found on the device".to_owned(), ..Written::default() },
    }
}

#[test]
fn what_is_handed_out_names_nothing_of_the_house() {
    let house = with_book();
    house
        .app
        .write_reading(&lead(), "Corvane Systems", "Archivum", reading("Web page, foot", MayRead::WhileInUse))
        .unwrap();
    let signed = house.app.export_model_book(&lead(), "A house").unwrap();
    let text = serde_json::to_string(&signed).unwrap().to_lowercase();
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric() && letter != '-').collect();
    let mut looked_for = 0;
    let mut absent = |name: &str| {
        let name = name.to_lowercase();
        if name.chars().count() > 1 {
            looked_for += 1;
            assert!(!words.contains(&name.as_str()), "{name}");
            assert!(name.chars().count() < 6 || !text.contains(&name), "{name}");
        }
    };
    for row in
        house.app.devices(&DeviceQuery { limit: Some(1_000), ..DeviceQuery::default() }).unwrap().page.rows
    {
        for name in [&row.id.to_string(), &row.tag, &row.serial, &row.place.room] {
            absent(name);
        }
    }
    for unit in house.app.units().unwrap() {
        absent(&unit.code);
        absent(&unit.name);
    }
    for contact in house.app.contacts().unwrap() {
        absent(&contact.name);
        absent(&contact.email);
        absent(&contact.phone);
    }
    absent(&lead().name);
    assert!(looked_for > 300, "{looked_for}");
    assert!(text.contains("infuse 8 lvp") && text.contains("archivum"), "it is the book all the same");
}

#[test]
fn an_entry_that_names_something_of_the_house_stays_in() {
    let house = with_book();
    let row = house
        .app
        .devices(&DeviceQuery::default())
        .unwrap()
        .page
        .rows
        .into_iter()
        .find(|row| !row.tag.is_empty() && !row.serial.is_empty() && !row.place.room.is_empty())
        .unwrap();
    let contact = house.app.contacts().unwrap().remove(0);
    let unit = house.app.units().unwrap().remove(0);
    for name in [&row.id.to_string(), &row.tag, &row.serial, &row.place.room, &contact.name, &unit.code] {
        let path = format!("Menu, then as on ({name}), Versions");
        house
            .app
            .write_reading(&lead(), "Corvane Systems", "Archivum", reading(&path, MayRead::WhileInUse))
            .unwrap();
        let refused = house.app.export_model_book(&lead(), "A house");
        let Err(AppError::Refused(why)) = refused else { panic!("{name}: {refused:?}") };
        assert!(why.contains("Archivum") && why.contains(name.as_str()), "{why}");
    }
    house
        .app
        .write_reading(&lead(), "Corvane Systems", "Archivum", reading("Menu, Versions", MayRead::WhileInUse))
        .unwrap();
    house.app.export_model_book(&lead(), "A house").unwrap();
}

#[test]
fn another_house_takes_it_in_and_keeps_what_it_wrote_itself() {
    let (from, to) = (with_book(), House::of(&hospital(9, 60)));
    // The tests' randomness is a counter: moved on here, so that the two houses do not make the same key.
    to.app.first_link().unwrap();
    let ours = reading("Ours: behind the battery door", MayRead::ServiceMode);
    to.app.write_reading(&administrator(), "Norvik", "Vista 12", ours.clone()).unwrap();
    let signed = from.app.export_model_book(&lead(), "Larkfield").unwrap();
    let bytes = serde_json::to_vec(&signed).unwrap();
    let file = FromFile::read("book.json", &bytes).unwrap();
    assert!(!to.app.trusts(&file.key).unwrap() && to.app.trusts(&to.app.public_key().unwrap()).unwrap());
    let refused = to.app.import_model_book(&lead(), &file);
    assert!(
        matches!(&refused, Err(AppError::Refused(why)) if why.contains(&fingerprint(&file.key))),
        "{refused:?}"
    );
    assert!(matches!(to.app.import_model_book(&reader(), &file), Err(AppError::Refused(_))));
    assert!(to.app.trust_signer(&lead(), std::slice::from_ref(&file), "0000 1111").is_err());
    to.app.trust_signer(&lead(), std::slice::from_ref(&file), &fingerprint(&file.key)).unwrap();
    let intake = to.app.import_model_book(&lead(), &file).unwrap();
    assert!(intake.taken.len() > 15, "{intake:?}");
    assert_eq!(intake.kept, ["Norvik Vista 12: Software version"]);
    let kept = to.app.model_entry_for("Norvik", "Vista 12").unwrap();
    assert_eq!(kept.reading(Field::SoftwareVersion, "").unwrap().path, ours.path);
    let pump = to.app.model_entry_for("Halden Medical", "Infuse 8 LVP").unwrap();
    assert_eq!(pump.reading(Field::SoftwareVersion, "").unwrap().written.by, "Larkfield");
    // The same file again changes nothing; a later one of the same house replaces its own word, not ours.
    assert_eq!(to.app.import_model_book(&lead(), &file).unwrap().taken, Vec::<String>::new());
    from.app
        .write_reading(
            &lead(),
            "Halden Medical",
            "Infuse 8 LVP",
            reading("Another way", MayRead::NotOnPatient),
        )
        .unwrap();
    let later = serde_json::to_vec(&from.app.export_model_book(&lead(), "Larkfield").unwrap()).unwrap();
    let intake = to.app.import_model_book(&lead(), &FromFile::read("later.json", &later).unwrap()).unwrap();
    assert_eq!(intake.taken, ["Halden Medical Infuse 8 LVP: Software version"]);
    // One byte changed after signing.
    let tampered = String::from_utf8(bytes).unwrap().replacen("while_in_use", "service_mode", 1);
    assert!(FromFile::read("bad.json", tampered.as_bytes()).is_err());
}

#[test]
fn files_that_are_no_book_are_refused_with_a_reason() {
    let (name, good) = hospital(7, 20).model_book().remove(0);
    let good = String::from_utf8(good).unwrap();
    FromFile::read(&name, good.as_bytes()).unwrap();
    let long = format!("\"wipe\": \"{}", "x".repeat(3_000));
    for (from, to) in [
        ("tallyward model book 1", "tallyward model book 9"),
        ("\"software_version\"", "\"key_of_the_house\""),
        ("\"while_in_use\"", "\"whenever\""),
        ("\"wipe\": \"", long.as_str()),
        ("\"minutes\": 2", "\"minutes\": 99999"),
        ("\"wipe\"", "\"devices\""),
        ("{", "["),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let refused = FromFile::read("bad.json", bad.as_bytes());
        assert!(
            matches!(&refused, Err(AppError::Invalid { field, .. }) if field == "bad.json"),
            "{to}: {refused:?}"
        );
    }
}
