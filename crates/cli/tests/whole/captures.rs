//! Captures as people keep them: packed, in folders, through a pipe; read by one reader or several.

use crate::support::program::{arg, run, run_with};
use std::io::Write as _;
use tallyward_lab::{Plan, build};
use tempfile::tempdir;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What was printed, without the name of the file, which conversations say too.
fn told(out: &str, name: &str) -> String {
    out.replace(&format!("\"capture\":\"{name}\""), "").replace(&format!("\"{name}\""), "")
}

#[test]
fn packed_piped_and_shared_captures_teach_the_same() {
    let home = tempdir().unwrap();
    let capture = build(&Plan { devices: 25, ..Plan::default() }).capture();
    let folder = home.path().join("ward/2026");
    std::fs::create_dir_all(&folder).unwrap();
    let plain = folder.join("a.pcapng");
    std::fs::write(&plain, &capture).unwrap();
    let one = run(home.path(), &["read", "--json", "--flows", "--readers", "1", arg(&plain)]).expect_code(0);
    assert!(one.out.lines().count() > 50, "{}", one.out);
    let want = told(&one.out, "a.pcapng");
    for readers in ["2", "3"] {
        let ran = run(home.path(), &["read", "--json", "--flows", "--readers", readers, arg(&plain)]);
        assert_eq!(told(&ran.expect_code(0).out, "a.pcapng"), want, "{readers} readers");
    }
    let piped = run_with(home.path(), &["read", "--json", "--flows", "-"], &gzip(&capture)).expect_code(0);
    assert_eq!(told(&piped.out, "standard input"), want);

    std::fs::remove_file(&plain).unwrap();
    std::fs::write(folder.join("A.PCAPNG.GZ"), gzip(&capture)).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(&capture[..], ruzstd::encoding::CompressionLevel::Fastest);
    std::fs::write(folder.join("b.pcapng.zst"), zstd).unwrap();
    std::fs::write(folder.join("notes.txt.gz"), gzip(b"not a capture")).unwrap();
    let ran = run(home.path(), &["read", "--json", "--flows", "ward"]).expect_code(0);
    let both = told(&told(&ran.out, "A.PCAPNG.GZ"), "b.pcapng.zst");
    assert_eq!(both, format!("{want}{want}"));

    // The id of an import is that of what was packed.
    let first =
        run(home.path(), &["import", "capture", "--json", "ward/2026/A.PCAPNG.GZ"]).expect_code(0).json();
    let second =
        run(home.path(), &["import", "capture", "--json", "ward/2026/b.pcapng.zst"]).expect_code(0).json();
    assert_eq!(first["ingest"], second["ingest"]);
    assert_eq!((&first["seen_before"], &second["seen_before"]), (&false.into(), &true.into()));
}

#[test]
fn a_damaged_pack_gives_what_came_before_and_says_so() {
    let home = tempdir().unwrap();
    let packed = gzip(&build(&Plan { devices: 25, ..Plan::default() }).capture());
    std::fs::write(home.path().join("cut.pcapng.gz"), &packed[..packed.len() / 2]).unwrap();
    let ran = run(home.path(), &["read", "cut.pcapng.gz"]).expect_code(3);
    assert!(ran.out.contains(" packets, ") && ran.out.contains("MAC"), "{}", ran.out);
    assert!(ran.err.contains("failed to read on"), "{}", ran.err);

    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..80 {
        bomb.write_all(&[0; 1 << 20]).unwrap();
    }
    std::fs::write(home.path().join("bomb.pcap.gz"), bomb.finish().unwrap()).unwrap();
    let ran = run(home.path(), &["read", "bomb.pcap.gz"]).expect_code(3);
    assert!(ran.err.contains("captures do not pack that well"), "{}", ran.err);
}
