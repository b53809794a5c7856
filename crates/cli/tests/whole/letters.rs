//! What arrives as mail or file is kept byte for byte, counts once, and names what is held here.

use crate::support::house::{House, hospital, lead, reader};
use crate::support::program::{Running, arg, eventually, free_port, run, tallyward};
use tallyward_app::AppError;
use tallyward_app::untold::ArrivalState;

const MAIL: &str = "From: Product Security <psirt@halden.example>\r\nTo: biomed@house.example\r\n\
    Subject: Infuse 8 LVP: security notice\r\nDate: Mon, 02 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    Halden Medical: Infuse 8 LVP before 8.4 is affected by CVE-2026-11111 and CVE-2026-22222.\r\n\
    <script>alert(1)</script>\r\n--b1\r\nContent-Type: application/pdf; name=\"../../notice.pdf\"\r\n\
    Content-Disposition: attachment; filename=\"../../notice.pdf\"\r\n\r\n%PDF-1.4 not really\r\n--b1--\r\n";

/// SHA-256 of it, as `sha256sum` says.
const HASH: &str = "a15eae596945c7a642cc3549cc600a7aa6ef6e0d9290fdd118a530df9a3da165";

fn one(name: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    vec![(name.to_owned(), bytes.to_vec())]
}

#[test]
fn a_mail_is_kept_byte_for_byte_and_counts_once() {
    let house = House::of(&hospital(7, 60));
    let intake = house.app.take_letters(&lead(), one("notice.eml", MAIL.as_bytes())).unwrap();
    assert_eq!((intake.taken.len(), intake.held, intake.refused.len()), (1, 0, 0));
    let hash = HASH.to_owned();
    assert_eq!(intake.taken, [hash.as_str()]);
    assert_eq!(house.app.letter_original(&hash).unwrap().bytes, MAIL.as_bytes());
    let again = house.app.take_letters(&lead(), one("other name.eml", MAIL.as_bytes())).unwrap();
    assert_eq!((again.taken.len(), again.held), (0, 1));
    assert_eq!(house.app.letters().unwrap().len(), 1);

    let page = house.app.letter(&hash).unwrap();
    assert_eq!(page.line.cves, ["CVE-2026-11111", "CVE-2026-22222"]);
    assert_eq!(page.line.sender, "Product Security <psirt@halden.example>");
    assert_eq!(page.line.state, ArrivalState::Unsaid);
    assert_eq!(page.attachments.len(), 1);
    assert_eq!(page.attachments[0].name, "notice.pdf");
    let pump = page.proposals.iter().find(|one| one.model == "Infuse 8 LVP").unwrap();
    assert!(pump.maker == "Halden Medical" && pump.devices > 0, "{pump:?}");
    assert_eq!(page.line.names, ["Halden Medical Infuse 8 LVP"]);

    assert!(matches!(house.app.take_letters(&reader(), one("a.txt", b"a")), Err(AppError::Refused(_))));
    let audit = house.app.store().audit_of(&format!("letter {hash}"), 10).unwrap();
    assert_eq!(audit.len(), 1, "taken in once, on record once");
    assert_eq!(audit[0].who, "maro");
}

#[test]
fn too_large_and_empty_are_refused_and_the_rest_is_kept() {
    let house = House::empty();
    let large = vec![b'a'; 20 * 1024 * 1024 + 1];
    let fits = vec![b'b'; 20 * 1024 * 1024];
    let files = vec![
        ("large.txt".to_owned(), large),
        ("empty.eml".to_owned(), Vec::new()),
        ("scan.pdf".to_owned(), b"%PDF-1.7\n\0\x01".to_vec()),
        ("fits.bin".to_owned(), fits.clone()),
    ];
    let intake = house.app.take_letters(&lead(), files).unwrap();
    let refused: Vec<&str> = intake.refused.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(refused, ["large.txt", "empty.eml"]);
    assert_eq!(intake.taken.len(), 2);
    let scan = house.app.letter(&intake.taken[0]).unwrap();
    assert!(scan.text.is_empty() && !scan.note.is_empty(), "what cannot be read says so");
    assert_eq!(house.app.letter_original(&intake.taken[1]).unwrap().bytes, fits);
    assert!(matches!(house.app.letter("no such"), Err(AppError::NotFound { .. })));
}

#[test]
fn a_mailbox_and_a_maildir_are_taken_from_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let second = "From: a@b.example\nTo: c@d.example\nSubject: second\n\nAbout CVE-2026-33333.\n";
    let mbox = format!(
        "From a@b.example Mon Nov  2 08:00:00 2026\n{second}\nFrom x Mon Nov  2 08:00:00 2026\n{}",
        MAIL.replace('\r', "")
    );
    std::fs::write(home.path().join("box.mbox"), &mbox).unwrap();
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(home.path().join("Maildir").join(part)).unwrap();
    }
    let place = |name: &str| home.path().join("Maildir").join(name);
    std::fs::write(place("cur/1764.host:2,S"), MAIL).unwrap();
    std::fs::write(place("new/1765.host"), second.replace("second", "third")).unwrap();
    std::fs::write(place("tmp/1766.host"), second.replace("second", "half")).unwrap();

    let took = run(home.path(), &["--json", "letters", "take", "box.mbox", "Maildir"]).expect_code(0).json();
    assert_eq!(took["taken"].as_array().unwrap().len(), 4, "{took}");
    let again = run(home.path(), &["--json", "letters", "take", arg(&place(""))]).expect_code(0).json();
    assert_eq!((again["held"].as_u64(), again["taken"].as_array().map(Vec::len)), (Some(2), Some(0)));
    let listed = run(home.path(), &["--json", "letters", "list"]).expect_code(0).json();
    let mut subjects: Vec<&str> =
        listed.as_array().unwrap().iter().map(|line| line["subject"].as_str().unwrap()).collect();
    subjects.sort_unstable();
    let pump = "Infuse 8 LVP: security notice";
    assert_eq!(subjects, [pump, pump, "second", "third"], "what is still being written is left alone");
    std::fs::write(home.path().join("empty.txt"), "").unwrap();
    let bad = run(home.path(), &["letters", "take", "empty.txt"]);
    assert!(bad.code != 0 && bad.out.contains("empty"), "{} {}", bad.code, bad.out);
}

#[test]
fn letters_that_arrive_in_the_folder_are_taken_in_by_serve_and_stay_where_they_are() {
    let home = tempfile::tempdir().unwrap();
    let (mail, listen) = (home.path().join("mail"), format!("127.0.0.1:{}", free_port()));
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(mail.join(part)).unwrap();
    }
    let arrived = mail.join("new").join("1.host");
    std::fs::write(&arrived, MAIL).unwrap();
    std::fs::write(mail.join("tmp").join("2.host"), "half a mess").unwrap();
    std::fs::write(home.path().join("tallyward.toml"), format!("[letters]\nfolder = {mail:?}\n")).unwrap();
    let mut server = Running::start(tallyward(home.path(), &["serve", "--listen", &listen]));
    let listed = eventually("the letter", || {
        let ran = run(home.path(), &["--json", "letters", "list"]);
        (ran.code == 0)
            .then(|| ran.json())
            .filter(|list| list.as_array().is_some_and(|list| !list.is_empty()))
    });
    assert!(server.kill());
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["id"], HASH);
    assert_eq!(std::fs::read(&arrived).unwrap(), MAIL.as_bytes());

    std::fs::remove_dir_all(&mail).unwrap();
    let checks = run(home.path(), &["--json", "doctor"]).json();
    let letters = checks.as_array().unwrap().iter().find(|one| one["what"] == "letters").unwrap();
    assert_eq!(letters["ok"], false);
}
