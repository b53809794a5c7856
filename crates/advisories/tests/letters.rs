//! Letters: what is read of a mail, a page and an opaque file, and that nothing hostile stops the reader.

use proptest::prelude::*;
use tallyward_advisories::{cve_ids, pdfs_in, read_letter, split_mbox};

const MAIL: &[u8] = b"From: Product Security <psirt@maker.example>\r\nTo: biomed@house.example\r\n\
Subject: =?utf-8?q?Pump_notice_CVE-2024-1234?=\r\nDate: Mon, 02 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
<p>See cve-2024-99999 <script>x</script></p>\r\n--b\r\nContent-Type: application/pdf\r\n\
Content-Disposition: attachment; filename=\"../../n.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n";

#[test]
fn a_mail_gives_sender_date_ids_and_hashed_attachments() {
    let letter = read_letter(MAIL, "1.eml");
    assert_eq!(letter.form, "mail");
    assert_eq!(letter.sender, "Product Security <psirt@maker.example>");
    assert_eq!(letter.date.unwrap().to_string(), "2026-11-02T09:00:00Z");
    assert_eq!(letter.cves, ["CVE-2024-1234", "CVE-2024-99999"]);
    assert_eq!((letter.attachments[0].name.as_str(), letter.attachments[0].size), ("n.pdf", 4));
    assert_eq!(letter, read_letter(MAIL, "2"), "a mail is known without its ending");
}

#[test]
fn the_text_of_an_opaque_file_is_not_claimed() {
    let letter = read_letter(b"%PDF-1.7 CVE-2024-1234", "notice.pdf");
    assert!(letter.text.is_empty() && letter.cves.is_empty());
    assert!(letter.note.contains("open the original"));
}

#[test]
fn only_whole_ids_count() {
    assert_eq!(cve_ids("CVE-2024-123 XCVE-2024-1234 CVE-24-1234 (CVE-2024-12345)."), ["CVE-2024-12345"]);
}

#[test]
fn a_mailbox_comes_apart() {
    let file = b"From a Mon\nSubject: 1\n\nFrom here on\n\nFrom b Tue\nSubject: 2\n\nx\n";
    assert_eq!(split_mbox(file).len(), 3, "RFC 4155 wants such a line quoted: a bare one begins a message");
    assert!(split_mbox(b"Subject: 1\n\nFrom b Tue\n").is_empty());
}

#[test]
fn messages_nested_without_end_are_not_taken_apart() {
    let deep = b"Content-Type: message/rfc822\n\n".repeat(100_000);
    assert!(read_letter(&deep, "deep.eml").note.contains("not taken apart"));
    let hidden = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQUJD";
    assert!(read_letter(hidden, "hidden.eml").note.contains("not taken apart"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn mutated_mails_are_read(cuts in prop::collection::vec((0usize..600, any::<u8>()), 0..24), end in 0usize..700) {
        let mut bytes = MAIL.to_vec();
        for (at, byte) in cuts {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(end.max(1));
        let letter = read_letter(&bytes, "m.eml");
        prop_assert!(letter.attachments.iter().all(|one| !one.name.contains(['/', '\\', '\n'])));
        prop_assert_eq!(letter, read_letter(&bytes, "m.eml"));
        let _ = split_mbox(&bytes);
    }
}

#[test]
fn pdf_files_are_found_in_a_mail_and_what_they_say_is_added_or_why_not() {
    let mail = b"From: a@b.example\nTo: c@d.example\nSubject: notice\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nsee CVE-2026-11111\n--x\n\
        Content-Type: application/pdf; name=\"a.pdf\"\n\n%PDF-1.4 one\n--x\nContent-Type: text/plain; name=\"b.pdf\"\n\
        Content-Disposition: attachment\n\nno pdf\n--x--\n";
    let found = pdfs_in(mail, "1.eml");
    assert_eq!(found, [("a.pdf".to_owned(), b"%PDF-1.4 one".to_vec())]);
    let mut letter = read_letter(mail, "1.eml");
    letter.add_pdf("a.pdf", Ok("Infuse 8 LVP, CVE-2026-22222\n".to_owned()));
    letter.add_pdf("c.pdf", Err("its pages hold no text".to_owned()));
    assert_eq!(letter.form, "mail");
    assert_eq!(letter.cves, ["CVE-2026-11111", "CVE-2026-22222"]);
    assert!(letter.text.contains("see CVE-2026-11111") && letter.text.contains("[a.pdf]\nInfuse 8 LVP"));
    assert_eq!(letter.note, "c.pdf: its pages hold no text; open the original");

    let file = b"%PDF-1.7 x";
    let mut letter = read_letter(file, "notice.pdf");
    assert_eq!(pdfs_in(file, "notice.pdf"), [("notice.pdf".to_owned(), file.to_vec())]);
    letter.add_pdf("notice.pdf", Ok("CVE-2026-33333".to_owned()));
    assert_eq!((letter.form.as_str(), letter.note.as_str()), ("pdf", ""));
    assert_eq!(letter.cves, ["CVE-2026-33333"]);
}
