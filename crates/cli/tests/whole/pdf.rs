//! PDF files: what they say is proposed, and one that would take for ever takes seconds.

use crate::support::program::{arg, run};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tallyward_core::testkit::skipped;
use tempfile::tempdir;

/// A PDF file of these objects; the first is its catalogue.
fn pdf(objects: &[String]) -> Vec<u8> {
    let (mut file, mut places) = ("%PDF-1.4\n".to_owned(), String::new());
    for (at, object) in objects.iter().enumerate() {
        places += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let (table, size) = (file.len(), objects.len() + 1);
    file += &format!(
        "xref\n0 {size}\n0000000000 65535 f \n{places}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF"
    );
    file.into_bytes()
}

fn stream(dictionary: &str, content: &str) -> String {
    format!("<<{dictionary}/Length {}>>stream\n{content}\nendstream", content.len())
}

/// Objects of a file of one page with this content and these resources.
fn page(content: &str, resources: &str) -> Vec<String> {
    vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<{resources}>>>>"),
        stream("", content),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ]
}

fn notice() -> Vec<u8> {
    let content = "BT /F1 12 Tf 72 700 Td (Infuse 8 LVP: CVE-2026-33333) Tj ET";
    pdf(&page(content, "/Font<</F1 5 0 R>>"))
}

/// Forms within forms, each drawn ten times by the one around it: 10^12 drawings in 3 KB.
fn endless() -> Vec<u8> {
    let draw = "/X Do ".repeat(10);
    let mut objects = page(&draw, "/XObject<</X 6 0 R>>");
    for next in 7..18 {
        let resources =
            format!("/Type/XObject/Subtype/Form/BBox[0 0 600 700]/Resources<</XObject<</X {next} 0 R>>>>");
        objects.push(stream(&resources, &draw));
    }
    objects.push(stream("/Type/XObject/Subtype/Form/BBox[0 0 600 700]", "0 0 1 1 re f"));
    pdf(&objects)
}

fn letters(home: &Path) -> Vec<Value> {
    run(home, &["--json", "letters", "list"]).expect_code(0).json().as_array().unwrap().clone()
}

#[test]
fn a_pdf_and_one_attached_to_a_mail_propose_what_they_name() {
    let home = tempdir().unwrap();
    let file = home.path().join("notice.pdf");
    std::fs::write(&file, notice()).unwrap();
    let mail = home.path().join("notice.eml");
    let mut text = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: see the file\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\n\
        Content-Type: application/pdf; name=\"n.pdf\"\r\nContent-Disposition: attachment\r\n\r\n"
        .to_vec();
    text.extend(String::from_utf8(notice()).unwrap().replace('\n', "\r\n").bytes());
    text.extend(b"\r\n--x--\r\n");
    std::fs::write(&mail, text).unwrap();
    run(home.path(), &["letters", "take", arg(&file), arg(&mail)]).expect_code(0);
    let letters = letters(home.path());
    assert_eq!(letters.len(), 2);
    for letter in letters {
        assert_eq!(letter["cves"], serde_json::json!(["CVE-2026-33333"]), "{letter}");
    }
}

#[test]
fn a_pdf_without_end_is_kept_and_its_reader_ended() {
    let home = tempdir().unwrap();
    let file = home.path().join("endless.pdf");
    std::fs::write(&file, endless()).unwrap();
    run(home.path(), &["letters", "take", arg(&file)]).expect_code(0);
    assert_eq!(letters(home.path()).len(), 1);
    let read = run(home.path(), &["pdf-text"]).expect_code(3);
    assert!(read.err.contains("no PDF"), "nothing on standard input: {}", read.err);
}

#[test]
fn a_page_printed_by_a_browser_is_read() {
    let home = tempdir().unwrap();
    let (page, file) = (home.path().join("page.html"), home.path().join("page.pdf"));
    std::fs::write(
        &page,
        "<meta charset=utf-8><h1>Urgent field safety notice</h1><p>The offline flow is affected by CVE-2026-44444.</p>\
         <table><tr><td>Infuse 8 LVP<td>8.2.1</table>",
    )
    .unwrap();
    let printed = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
        .arg(format!("--print-to-pdf={}", file.display()))
        .arg(format!("file://{}", page.display()))
        .output();
    if printed.is_err() || !file.exists() {
        skipped("chromium does not print");
        return;
    }
    run(home.path(), &["letters", "take", arg(&file)]).expect_code(0);
    assert_eq!(letters(home.path())[0]["cves"], serde_json::json!(["CVE-2026-44444"]));
    let out = Command::new(env!("CARGO_BIN_EXE_tallyward"))
        .arg("pdf-text")
        .stdin(std::fs::File::open(&file).unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("The offline flow is affected by CVE-2026-44444."), "{text}");
    assert!(text.contains("Infuse 8 LVP 8.2.1"), "{text}");
}
