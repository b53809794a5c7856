//! What providers publish beside their documents, sound and damaged.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on stops its test")]

use pgp::composed::{ArmorOptions, DetachedSignature, KeyType, SecretKeyParamsBuilder, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::types::Password;
use proptest::prelude::*;
use sha2::Digest as _;
use tallyward_advisories::label;
use tallyward_advisories::provider::*;
use tallyward_core::Timestamp;
use tallyward_core::testkit::shared;
use url::Url;

fn example(path: &str) -> Option<Vec<u8>> {
    let folder = shared("csaf_examples")?;
    Some(std::fs::read(folder.join("csaf_2.0/examples").join(path)).unwrap())
}

#[test]
fn the_standards_own_examples_are_read() {
    let Some(bytes) = example("provider-metadata/example-01-provider-metadata.json") else { return };
    let metadata = read_metadata(&bytes, "m").unwrap();
    assert_eq!((metadata.feeds.len(), metadata.keys.len(), metadata.notes.len()), (1, 1, 0));
    assert_eq!(metadata.feeds[0].1, "WHITE");
    let Some(bytes) = example("ROLIE/example-01-feed-tlp-white.json") else { return };
    let feed = read_feed(&bytes, "f").unwrap();
    assert_eq!((feed.entries.len(), feed.notes.len()), (1, 0));
    let entry = &feed.entries[0];
    assert!(entry.url.path().ends_with("2020-ESA-001.json") && entry.updated.is_some());
    assert!(entry.hashes[0].path().ends_with(".sha512") && entry.signature.is_some());
}

#[test]
fn listings_stay_inside_their_directory() {
    let folder = Url::parse("https://p.example/csaf/").unwrap();
    let (found, notes) =
        read_index(b"2024/a.json\r\n../../etc/x.json\nhttps://evil.example/b.json\n2024/a.txt\n", &folder);
    assert_eq!((found.len(), notes.len()), (1, 2), "{notes:?}");
    let csv =
        b"\"2024/a.json\",\"2024-01-02T00:00:00Z\"\n2024/a.json,2023-01-02T00:00:00Z\nb.json,soon\nc.json\n";
    let (found, notes) = read_changes(csv, &folder);
    assert_eq!((found.len(), notes.len()), (2, 2), "{notes:?}");
    assert_eq!(found[0].updated, Some("2024-01-02T00:00:00Z".parse().unwrap()));
    assert_eq!(found[1].updated, None);
}

#[test]
fn hashes_fit_or_do_not() {
    let hex: String = sha2::Sha512::digest(b"abc").iter().map(|byte| format!("{byte:02X}")).collect();
    let digest = read_digest(format!("{hex}  a.json\n").as_bytes()).unwrap();
    assert!(digest.fits(b"abc") && !digest.fits(b"abd"));
    for bad in
        ["", "xyz", "0123", &hex[1..], "+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1"]
    {
        assert!(read_digest(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn labels_that_nobody_knows_stay_in_the_house() {
    let of = |text: &str| {
        label(format!("{{\"document\":{{\"distribution\":{{\"tlp\":{{\"label\":{text}}}}}}}}}").as_bytes())
    };
    assert!(of("\"WHITE\"").may_leave() && of("\"TLP:CLEAR\"").may_leave() && of("\"GREEN\"").may_leave());
    for kept in ["\"AMBER\"", "\"AMBER+STRICT\"", "\"RED\"", "\"PURPLE\"", "7"] {
        assert!(!of(kept).may_leave(), "{kept}");
    }
    assert!(label(b"{}").may_leave() && !label(b"no json").may_leave());
}

#[test]
fn security_txt_names_the_metadata() {
    let text = b"# csaf: https://no.example/\nContact: mailto:a@b\nCSAF: https://p.example/m.json\ncsaf: http://p.example/n.json\n";
    assert_eq!(metadata_links(text), [Url::parse("https://p.example/m.json").unwrap()]);
}

fn key() -> pgp::composed::SignedSecretKey {
    let mut params = SecretKeyParamsBuilder::default();
    params
        .key_type(KeyType::Ed25519Legacy)
        .can_certify(true)
        .can_sign(true)
        .primary_user_id("p <p@p.example>".into());
    params.build().unwrap().generate(rand08::thread_rng()).unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the key is made now, so it is judged now")]
fn a_signature_counts_when_a_key_of_theirs_made_it() {
    let (theirs, strangers) = (key(), key());
    let sign = |key: &pgp::composed::SignedSecretKey| {
        let made = DetachedSignature::sign_binary_data(
            rand08::thread_rng(),
            &key.primary_key,
            &Password::empty(),
            HashAlgorithm::Sha512,
            b"text".as_slice(),
        );
        made.unwrap().to_armored_bytes(ArmorOptions::default()).unwrap()
    };
    let public = SignedPublicKey::from(theirs.clone());
    let armoured = public.to_armored_bytes(ArmorOptions::default()).unwrap();
    let now = Timestamp::from_seconds(jiff::Timestamp::now().as_second());
    let mut ring = Keyring::default();
    assert!(ring.add(&armoured, "0123").is_err());
    ring.add(&armoured, "").unwrap();
    let good = sign(&theirs);
    assert!(ring.verify(b"text", &good, now).is_ok());
    assert_eq!(ring.verify(b"texts", &good, now), Err(SignatureFault::NotByThem));
    assert_eq!(ring.verify(b"text", &sign(&strangers), now), Err(SignatureFault::NotByThem));
    assert!(matches!(ring.verify(b"text", b"nothing", now), Err(SignatureFault::Unreadable(_))));
    let before = now.plus_days(-3);
    assert!(matches!(ring.verify(b"text", &good, before), Err(SignatureFault::NotNow(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damaged_files_never_stop_a_reader(at in any::<usize>(), bit in 0..8_u8, cut in any::<bool>(), noise in proptest::collection::vec(any::<u8>(), 0..64)) {
        let folder = Url::parse("https://p.example/csaf/").unwrap();
        let real = [
            example("provider-metadata/example-01-provider-metadata.json"),
            example("ROLIE/example-01-feed-tlp-white.json"),
            Some(b"\"2024/a.json\",\"2024-01-02T00:00:00Z\"\nb.json,2024-01-02T00:00:00Z\n".to_vec()),
        ];
        for mut bytes in real.into_iter().flatten().chain([noise]) {
            if !bytes.is_empty() {
                let at = at % bytes.len();
                bytes[at] ^= 1 << bit;
                if cut { bytes.truncate(at); }
            }
            let _ = (read_metadata(&bytes, "m"), read_digest(&bytes), label(&bytes), metadata_links(&bytes));
            if let Ok(feed) = read_feed(&bytes, "f") {
                prop_assert!(feed.entries.iter().all(|entry| entry.url.host_str().is_some()));
            }
            for listed in read_index(&bytes, &folder).0.iter().chain(&read_changes(&bytes, &folder).0) {
                prop_assert!(listed.url.as_str().starts_with(folder.as_str()));
            }
            let _ = Keyring::default().add(&bytes, "");
        }
    }
}
