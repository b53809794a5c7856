//! Every page of the console in a real browser, on a telephone and at a desk: nothing is cut, every target can be
//! tapped, every field has its name, and the ink can be read.

use crate::support::browser::{Browser, Demo, Driver};
use std::fmt::Write as _;
use tempfile::tempdir;

const PHONE: u32 = 390;
const DESK: u32 = 1280;

/// Pages that need no name of a thing.
const PAGES: [&str; 34] = [
    "/",
    "/devices",
    "/ports",
    "/advisories",
    "/advisories/corrections",
    "/letters",
    "/written",
    "/written/new",
    "/review",
    "/matches",
    "/runs",
    "/sboms",
    "/backtest",
    "/findings",
    "/changes",
    "/worklist",
    "/worklist?minutes=60",
    "/model-book",
    "/notices",
    "/untold",
    "/untold?state=undecided",
    "/huddle",
    "/paths",
    "/import",
    "/imports",
    "/settings",
    "/settings/rules",
    "/settings/house",
    "/settings/sensors",
    "/settings/sources",
    "/settings/bundles",
    "/settings/audit",
    "/settings/you",
    "/search?q=infuse",
];

/// A page, and what leads from it to one thing: the first link that begins so and says more.
const THINGS: [(&str, &str); 8] = [
    ("/devices", "/devices/D"),
    ("/advisories", "/advisories/SAMPLE"),
    ("/findings", "/findings/D"),
    ("/notices", "/drafts/"),
    ("/notices", "/notices/N"),
    ("/untold", "/untold/advisory/"),
    ("/model-book", "/model-book/entry?"),
    ("/huddle", "/huddle/"),
];

/// What is wrong with the page that is open, in words. Folded parts are opened first.
const LOOK: &str = r#"
const wrong = [], width = document.documentElement.clientWidth, phone = width < 500;
document.querySelectorAll('details:not(.menu)').forEach(one => one.open = true);
const name = one => one.tagName.toLowerCase() + '.' + one.className + ' "' + (one.textContent || one.name || '').trim().slice(0, 40) + '"';
const hidden = one => one.closest('.hidden, .skip, .list > thead, .fields > thead, details.menu:not([open]) > :not(summary), .print-only');
const say = (what, one) => { if (wrong.length < 12) wrong.push(what + ': ' + name(one)); };
if (document.documentElement.scrollWidth > width) wrong.push('the page is ' + document.documentElement.scrollWidth + ' wide');
const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => { const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
const ground = one => { for (; one; one = one.parentElement) { const c = parse(getComputedStyle(one).backgroundColor); if (c.length < 4 || c[3] > 0.99) return c; } return [255, 255, 255]; };
for (const one of document.body.querySelectorAll('*')) {
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  if (!box.width || !box.height || hidden(one) || one.closest('svg')) continue;
  if (phone && box.right > width + 1 && style.position !== 'absolute') say('reaches out of the page', one);
  if (phone && style.overflowX === 'hidden' && one.scrollWidth > one.clientWidth + 1) say('is cut', one);
  if (style.overflowX === 'auto' && one.scrollWidth > one.clientWidth + 1) say('scrolls sideways', one);
  const tick = one.matches('input[type=checkbox], input[type=radio]');
  const target = tick ? (one.closest('label') || document.querySelector('label[for="' + one.id + '"]') || one) : one;
  const inText = style.display === 'inline' || one.matches('sup, .chain a, blockquote a');
  if (phone && one.matches('a, button, summary, select, textarea, input:not([type=hidden])') && !inText && target.getBoundingClientRect().height < 43.5) say('is ' + Math.round(target.getBoundingClientRect().height) + ' high', one);
  if (one.matches('select, textarea, input:not([type=hidden])') && !one.labels.length && !one.getAttribute('aria-label')) say('has no label', one);
  if (one.matches('table') && !one.querySelector('th')) say('has no heads', one);
  if (one.matches('th') && !one.getAttribute('scope')) say('has no scope', one);
  if (one.matches('img') && one.getAttribute('alt') === null) say('has no words', one);
  const text = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  if (text) {
    const [a, b] = [light(parse(style.color)), light(ground(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) say('contrast ' + ratio.toFixed(2), one);
  }
}
const seen = new Set();
for (const one of document.querySelectorAll('[id]')) { if (seen.has(one.id)) say('the id ' + one.id + ' stands twice', one); seen.add(one.id); }
if (document.querySelectorAll('h1').length !== 1) wrong.push(document.querySelectorAll('h1').length + ' main headings');
return wrong.join('\n');
"#;

/// Paths of one thing of each kind, as the pages link them.
fn things(desk: &Browser<'_>, base: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (page, begins) in THINGS {
        desk.go(&format!("{base}{page}"));
        let script = format!(
            "return [...document.querySelectorAll('main a')].map(one => one.getAttribute('href')).find(href => href.startsWith('{begins}') && href.length > {}) || ''",
            begins.len()
        );
        let path = desk.ask(&script).as_str().unwrap().to_owned();
        assert!(!path.is_empty(), "{page} leads to no {begins}");
        found.push(path);
    }
    found
}

#[test]
fn no_page_is_cut_everything_can_be_tapped_named_and_read_and_rows_are_cards_on_a_telephone() {
    let Some(driver) = Driver::start() else { return };
    let home = tempdir().unwrap();
    let demo = Demo::serve(home.path());
    let (mut wrong, mut rows) = (String::new(), Vec::new());
    for width in [PHONE, DESK] {
        let browser = driver.open(width, true);
        browser.go(&format!("{}/sign-in", demo.base));
        demo.sign_in(&browser);
        rows.push(row(&browser, &demo.base));
        let pages: Vec<String> =
            PAGES.iter().map(|&page| page.to_owned()).chain(things(&browser, &demo.base)).collect();
        for page in pages {
            browser.go(&format!("{}{page}", demo.base));
            let said = browser.ask(LOOK).as_str().unwrap().to_owned();
            if !said.is_empty() {
                let _ = writeln!(wrong, "{page} at {width}:\n{said}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let [phone, desk] = rows.as_slice() else { unreachable!("two widths") };
    assert!(phone.starts_with("true|") && phone.contains("\"Verdict\""), "a card: {phone}");
    assert!(desk.starts_with("false|") && !desk.contains("Verdict"), "a row: {desk}");
}

/// The first row of the findings: whether its cells stand below each other, and what stands before each.
fn row(browser: &Browser<'_>, base: &str) -> String {
    browser.go(&format!("{base}/findings"));
    let script = "const cells = [...document.querySelector('.list tbody tr').children]; \
         const lines = new Set(cells.map(one => Math.round(one.getBoundingClientRect().top / 8))); \
         const label = one => getComputedStyle(one, '::before').content; \
         return [lines.size > 3, cells.filter(one => one.tagName === 'TD').map(label).join(' ')].join('|')";
    browser.ask(script).as_str().unwrap().to_owned()
}
