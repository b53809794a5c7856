//! A nurse's telephone: the signed link in a real browser, 360 pixels wide and without JavaScript.

use crate::support::browser::{Demo, Driver, http};
use crate::support::files::walk;
use crate::support::house::token;
use std::path::{Path, PathBuf};
use tempfile::tempdir;

const WIDTH: u32 = 360;

/// A link of the demo's mail, of a notice nobody has answered, with the notice's id.
fn open_link(demo: &Path, port: u16) -> (String, String) {
    // The server may be writing a reminder at this moment, under a name of another ending.
    let whole = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "eml");
    for path in walk(&demo.join("outbox")).into_iter().filter(whole) {
        let mail = std::fs::read_to_string(&path).unwrap().replace("=\r\n", "");
        let link = token(&mail);
        let (status, page) = http(port, "GET", &format!("/a/{link}"), "").unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let notice = name.split('-').next().unwrap().to_owned();
        if status == 200 && page.contains("Your answer") && !page.contains("Answers so far") {
            return (link, notice);
        }
    }
    panic!("the sample leaves some notices unanswered");
}

#[test]
fn the_link_is_opened_answered_and_seen_at_the_desk() {
    let Some(driver) = Driver::start() else { return };
    let home = tempdir().unwrap();
    let demo = Demo::serve(home.path());
    let (base, port) = (demo.base.as_str(), demo.port);
    let (link, notice) = open_link(&demo.dir, port);
    // Gateways fetch links before anybody reads them; that was done above, and is done again here.
    for _ in 0..3 {
        http(port, "GET", &format!("/a/{link}"), "").unwrap();
    }

    let desk = driver.open(1200, true);
    desk.go(&format!("{base}/notices/{notice}"));
    assert!(desk.url().contains("/sign-in"), "nothing of the desk without signing in");
    demo.sign_in(&desk);
    desk.go(&format!("{base}/notices/{notice}"));
    assert!(desk.text("body").contains("Nobody has answered yet"), "fetching a link is no answer");

    let phone = driver.open(WIDTH, false);
    phone.go("data:text/html,<p id=p>off</p><script>document.getElementById('p').textContent='on'</script>");
    assert_eq!(phone.text("#p"), "off", "JavaScript is off on this telephone");
    phone.go(&format!("{base}/a/{link}"));
    let text = phone.text("main");
    assert!(text.contains("Do not disconnect") || text.contains("devices"), "{text}");
    for part in ["main", "input[name=initials]", "button[value=got_it]", "button[value=need_help]"] {
        let (left, width, height) = phone.extent(part);
        assert!(
            left >= 0.0 && left + width <= f64::from(WIDTH) + 0.5,
            "{part} fits the width: {left} + {width}"
        );
        // WCAG 2.2, 2.5.8: a target is at least 24 by 24 pixels; a gloved thumb wants more.
        assert!(part == "main" || (width >= 44.0 && height >= 40.0), "{part}: {width} by {height}");
    }
    phone.fill("input[name=initials]", "QX");
    phone.tap("button[value=doing_it]");
    let thanks = phone.page_with("Thank you");
    assert!(thanks.to_lowercase().contains("doing it") && thanks.contains("QX"), "{thanks}");
    // Loading the page of thanks again answers nothing again.
    phone.go(&phone.url());

    desk.go(&format!("{base}/notices/{notice}"));
    let shown = desk.text("body");
    assert!(!shown.contains("Nobody has answered yet"), "{shown}");
    let answers = desk.text("section[aria-labelledby=answers] tbody");
    assert_eq!(answers.lines().filter(|line| line.contains("QX")).count(), 1, "{answers}");
    assert!(
        answers.to_lowercase().contains("doing it") && answers.to_lowercase().contains("link"),
        "{answers}"
    );
    let when = desk.attribute("section[aria-labelledby=answers] tbody time", "title");
    assert!(
        when.contains(':') && when.contains("20"),
        "the exact time stands behind the relative one: {when}"
    );
}
