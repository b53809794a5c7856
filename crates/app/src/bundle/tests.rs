use super::contents::{Contents, FORMAT, Packed};
use super::{Bundle, KIND};
use crate::app::{hex, json};
use crate::originals::pack;
use crate::signing::tests::signed_by;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

fn packed(name: &str, bytes: &[u8]) -> Packed {
    Packed {
        name: name.to_owned(),
        sha256: hex(&Sha256::digest(bytes)),
        tlp: "TLP:CLEAR".to_owned(),
        source: "cisa".to_owned(),
        received: "2026-11-25T08:00:00Z".parse().unwrap(),
        gzip: pack(bytes),
    }
}

fn contents() -> Contents {
    Contents {
        format: FORMAT.to_owned(),
        documents: vec![packed("a.json", b"{\"a\": 1}"), packed("b.json", &[b' '; 4_000])],
        ..Contents::default()
    }
}

fn file(text: &str) -> Vec<u8> {
    serde_json::to_vec(&signed_by([7; 32], KIND, text)).unwrap()
}

fn why(bytes: &[u8]) -> String {
    Bundle::open("f", bytes).unwrap_err().to_string()
}

#[test]
fn a_bundle_is_read_as_it_was_written_and_only_for_what_it_was_signed() {
    let bundle = Bundle::open("f", &file(&json(&contents()))).unwrap();
    assert_eq!(bundle.contents, contents());
    let bytes: Vec<_> = bundle.contents.documents.iter().map(|one| one.bytes().unwrap().len()).collect();
    assert_eq!(bytes, [8, 4_000]);

    let other = serde_json::to_vec(&signed_by([7; 32], "model book", &json(&contents()))).unwrap();
    assert!(why(&other).contains("expected \"tallyward signed 1\" of \"advisory bundle\""));
    let newer = Contents { format: "tallyward bundle 9".to_owned(), ..contents() };
    assert!(
        why(&file(&json(&newer))).contains("expected \"tallyward bundle 1\", found \"tallyward bundle 9\"")
    );
    assert!(why(b"{}").contains("no signed file of ours"));
    assert!(why(&vec![b' '; super::MAX_BUNDLE + 1]).contains("larger than 256 MB"));
}

#[test]
fn a_document_that_is_not_what_its_hash_says_is_none() {
    let mut one = packed("a.json", b"{\"a\": 1}");
    one.gzip = pack(b"{\"a\": 2}");
    assert_eq!(one.bytes(), Err("its bytes are others than its hash says".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A bundle damaged on its way is refused, or is to the letter what was signed.
    #[test]
    fn a_damaged_file_is_refused(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let good = file(&json(&contents()));
        let mut bytes = good.clone();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(bundle) = Bundle::open("f", &bytes) {
            prop_assert_eq!(bundle, Bundle::open("f", &good).unwrap());
        }
    }

    /// Whatever a trusted key signs: no panic, and every document handed out is what its hash says.
    #[test]
    fn hostile_contents_hand_out_nothing_but_what_their_hashes_say(
        at in any::<prop::sample::Index>(), put in "[\"{}\\[\\],:a-f0-9=]{0,6}", gone in 0_usize..6,
    ) {
        let mut text = json(&contents());
        let at = at.index(text.len());
        let end = (at + gone).min(text.len());
        if text.is_char_boundary(at) && text.is_char_boundary(end) {
            text.replace_range(at..end, &put);
        }
        if let Ok(bundle) = Bundle::open("f", &file(&text)) {
            for one in &bundle.contents.documents {
                if let Ok(bytes) = one.bytes() {
                    prop_assert_eq!(hex(&Sha256::digest(&bytes)), one.sha256.clone());
                }
            }
        }
    }
}
