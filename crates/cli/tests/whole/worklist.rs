//! The worklist loop as a new user walks it: the sheet, a code typed on a telephone, a version, the verdict, and who
//! would be told. In a real browser.

use crate::support::browser::{Browser, Demo, Driver};
use std::collections::BTreeSet;
use tempfile::tempdir;

const WIDTH: u32 = 390;
/// Model, advisory, and the bound of its one clause.
const MODEL: &str = "Halden Medical Infuse 8 LVP";
const ADVISORY: &str = "SAMPLE-26-014-01";
const BOUND: &str = "8.2.2";

/// One reading on the sheet.
struct Entry {
    text: String,
    ward: String,
    code: String,
}

impl Entry {
    fn device(&self) -> &str {
        self.code.split('/').next().unwrap()
    }

    fn tag(&self) -> &str {
        self.text.split_whitespace().find(|word| word.starts_with("LGH-")).expect("its asset tag")
    }
}

/// The readings of the sheet of one site and unit, as a person sees them.
fn entries(desk: &Browser<'_>) -> Vec<Entry> {
    let sections = desk.texts("section.ward").len();
    let mut all = Vec::new();
    for at in 0..sections {
        // The filters and the note stand before the first section, so that sections are counted by type.
        let section = format!("section.ward:nth-of-type({})", at + 1);
        let ward = desk.text(&format!("{section} h2"));
        let texts = desk.texts(&format!("{section} article.to-read"));
        let codes = desk.texts(&format!("{section} article.to-read figcaption"));
        assert_eq!(texts.len(), codes.len(), "each reading has its code in letters");
        let of = |(text, code)| Entry { text, ward: ward.clone(), code };
        all.extend(texts.into_iter().zip(codes).map(of));
    }
    all
}

/// Drafts as listed: each row's text without the time it waits.
fn drafts(desk: &Browser<'_>, base: &str) -> BTreeSet<String> {
    desk.go(&format!("{base}/notices"));
    let rows = desk.texts("section[aria-labelledby=drafts] tbody tr");
    rows.into_iter().map(|row| row.split(" yes ").next().unwrap().to_owned()).collect()
}

/// Scans a code and types a value on the telephone; answers what the page says then.
fn type_back(phone: &Browser<'_>, base: &str, code: &str, value: &str) -> String {
    phone.go(&format!("{base}/w"));
    phone.fill("input[name=code]", code);
    phone.tap("form button");
    let asked = phone.page_with("Software version, as it stands there");
    assert!(asked.contains("Hold Options") && asked.contains("while it is in use"), "{asked}");
    for part in ["main", "input[name=value]", "button[value=read]", "button[value=absent]"] {
        let (left, width, height) = phone.extent(part);
        assert!(left >= 0.0 && left + width <= f64::from(WIDTH) + 0.5, "{part}: {left} + {width}");
        assert!(part == "main" || (width >= 44.0 && height >= 44.0), "{part}: {width} by {height}");
    }
    phone.fill("input[name=value]", value);
    phone.tap("button[value=read]");
    phone.page_with(&format!("Recorded: Software version {value}"));
    words(phone, "body")
}

/// The text of an element on one line.
fn words(browser: &Browser<'_>, css: &str) -> String {
    browser.text(css).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names in a list of people on a page.
fn names(lines: Vec<String>) -> BTreeSet<String> {
    lines.into_iter().map(|line| line.lines().next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_new_user_prints_types_a_version_back_and_sees_who_would_be_told() {
    let Some(driver) = Driver::start() else { return };
    let home = tempdir().unwrap();
    let demo = Demo::serve(home.path());
    let base = demo.base.as_str();

    // The worklist, and the sheet.
    let desk = driver.open(1280, true);
    desk.go(&format!("{base}/sign-in"));
    demo.sign_in(&desk);
    desk.go(&format!("{base}/worklist"));
    let worklist = words(&desk, "main");
    assert!(worklist.contains(&format!("{MODEL}: software version")), "{worklist}");
    desk.tap("a[href='/worklist/print']");
    desk.page_with("Never disconnect a device from a patient to read it.");
    let sheet = entries(&desk);
    let (boxes, bars) = (desk.texts("article .boxes").len(), desk.texts("article figure svg").len());
    assert!(!sheet.is_empty() && sheet.len() == boxes && sheet.len() == bars, "{boxes} boxes, {bars} codes");
    assert!(sheet.iter().all(|entry| entry.text.contains("It says") && entry.text.contains("Initials")));
    let (_, width, height) = desk.extent("article figure svg");
    assert!(width > 150.0 && height > 20.0, "bars a scanner can see: {width} by {height}");
    let mut pumps = sheet.iter().filter(|entry| entry.text.contains(MODEL));
    let old = pumps.next().expect("a pump of the model waits");
    let new = pumps.find(|entry| entry.ward != old.ward).expect("and another in another unit");

    // The finding before.
    let finding = |entry: &Entry| format!("{base}/findings/{}/{ADVISORY}/CVE-2099-00001", entry.device());
    desk.go(&finding(old));
    let before = words(&desk, "main");
    assert!(before.contains("So it is ◆ unknown"), "{before}");
    assert!(before.contains("The software version is not known."), "{before}");
    let (unit, drafts_before) = (desk.text("dl.facts a[href^='/devices?unit=']"), drafts(&desk, base));
    assert!(old.ward.ends_with(&unit), "{} is of {unit}", old.ward);

    // The telephone: an old version.
    let phone = driver.open(WIDTH, false);
    phone.go(&format!("{base}/sign-in"));
    demo.sign_in(&phone);
    let told = type_back(&phone, base, &old.code, "8.1.0");
    assert!(told.contains("2 findings: ▲ affected") && !told.contains("not affected"), "{told}");
    assert!(told.contains("Only these people would be told"), "{told}");
    let reached = names(phone.texts("main ul li"));
    assert!(told.contains(&format!("in charge of {unit}")), "{told}");

    // The finding after says who read it, and why that decides.
    desk.go(&finding(old));
    let after = words(&desk, "main");
    assert!(after.contains("So it is ▲ affected"), "{after}");
    assert!(after.contains(&format!("8.1.0 is below {BOUND}.")), "{after}");
    assert!(after.contains("Dr. Amara Osei, read on the device"), "{after}");

    // Whose verdict changed, and why: this device and no other.
    desk.go(&format!("{base}/changes"));
    let event = words(&desk, "main section");
    let cause = "Dr. Amara Osei read software version 8.1.0 on Infuse 8 LVP";
    assert!(event.starts_with(cause), "{event}");
    let rows = desk.texts("main section:first-of-type tbody tr");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in &rows {
        assert!(row.contains("unknown") && row.contains("affected") && row.contains(old.device()), "{row}");
        assert!(row.contains(&format!("8.1.0 is below {BOUND}.")), "{row}");
    }

    // The drafts that changed are those of this unit and of those who work on the device; nothing is sent.
    let drafts_after = drafts(&desk, base);
    let changed: Vec<&String> = drafts_after.difference(&drafts_before).collect();
    assert!(!changed.is_empty(), "{drafts_after:?}");
    for row in &changed {
        let of_unit = row.contains(&format!(" {unit} clinical"));
        assert!(of_unit || row.contains("biomed, security technical"), "nobody else: {row}");
    }
    assert!(changed.iter().any(|row| row.contains(&format!(" {unit} clinical"))), "{changed:?}");
    let (mut named, tag) = (BTreeSet::new(), old.tag());
    for link in desk_links(&desk, &changed) {
        desk.go(&format!("{base}{link}"));
        let page = words(&desk, "main");
        assert!(page.contains(&format!("· {tag}")), "it names the device {tag}: {page}");
        named.extend(names(desk.texts("details[id=recipients] li")));
    }
    assert_eq!(reached, named, "whom the telephone named are those whom the drafts would reach");

    // Another pump, in another unit, with the fixed version: not affected, and nobody's draft is touched.
    let told = type_back(&phone, base, &new.code, "8.3.0");
    assert!(told.contains("2 findings: ● not affected"), "{told}");
    assert!(told.contains("nobody would be told"), "{told}");
    desk.go(&finding(new));
    assert!(words(&desk, "main").contains("So it is ● not affected"));
    assert_eq!(drafts(&desk, base), drafts_after);
}

/// The links of these rows of the drafts.
fn desk_links(desk: &Browser<'_>, rows: &[&String]) -> Vec<String> {
    let all = desk.texts("section[aria-labelledby=drafts] tbody tr");
    let mut links = Vec::new();
    for (at, text) in all.iter().enumerate() {
        if rows.iter().any(|row| text.starts_with(row.as_str())) {
            let css = format!("section[aria-labelledby=drafts] tbody tr:nth-of-type({}) th a", at + 1);
            links.push(desk.attribute(&css, "href"));
        }
    }
    links
}
