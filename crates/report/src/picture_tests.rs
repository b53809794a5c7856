use super::*;
use proptest::prelude::*;

fn part(word: &str, mark: &str, count: u64, pattern: Pattern) -> Part {
    let (word, mark) = (word.to_owned(), mark.to_owned());
    Part { class: word.clone(), link: format!("/devices?state={word}"), word, mark, count, pattern }
}

#[test]
fn a_coverage_bar_says_everything_in_words() {
    let bar = Bar {
        label: "State known".into(),
        parts: vec![
            part("known", "●", 399, Pattern::Solid),
            part("unknown", "◆", 1, Pattern::Lines),
            part("stale", "◌", 0, Pattern::Dots),
        ],
    };
    let svg = bars_svg("Coverage", &[bar, Bar { label: "Nothing".into(), parts: vec![] }]);
    for words in [
        "● known 399 (99 %)",
        "◆ unknown 1 (1 %)",
        "◌ stale 0 (0 %)",
        "nothing counted yet",
        "url(#p-lines)",
        "<title>Coverage</title>",
        "href=\"/devices?state=unknown\"",
    ] {
        assert!(svg.contains(words), "{words} not in {svg}");
    }
}

#[test]
fn a_ladder_tells_happened_from_planned() {
    let mark = |minute, word: &str, happened| LadderMark {
        minute,
        word: word.into(),
        when: "15:04 CET".into(),
        happened,
    };
    let picture = LadderPicture {
        title: "Notice N-12".into(),
        marks: vec![mark(60, "escalation", false), mark(0, "sent", true), mark(30, "reminder", true)],
        now: Some(41),
    };
    let svg = ladder_svg(&picture);
    assert_eq!((svg.matches("mark happened").count(), svg.matches("mark planned").count()), (2, 1));
    assert!(svg.contains("escalation +60 min") && svg.contains("now, 41 min after sending"));
}

proptest! {
    #[test]
    fn no_text_breaks_out_of_the_picture(words in "\\PC{0,30}|[<>\"'&\u{0}/:a-z]{0,30}", counts in prop::collection::vec(any::<u64>(), 0..6)) {
        let parts: Vec<Part> = counts.iter().map(|count| Part {
            word: words.clone(), mark: words.clone(), count: *count, pattern: Pattern::Lines, class: words.clone(), link: words.clone(),
        }).collect();
        let all: u64 = counts.iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
        let widths = widths(&parts, all);
        prop_assert!(counts.iter().zip(&widths).all(|(count, width)| (*count > 0) == (*width >= 2)));
        if counts.iter().try_fold(0u64, |sum, count| sum.checked_add(*count)).is_some() {
            prop_assert!(widths.iter().sum::<u64>() <= BAR_WIDTH);
        }
        let svg = bars_svg(&words, &[Bar { label: words.clone(), parts }]);
        let marks = vec![LadderMark { minute: 3, word: words.clone(), when: words.clone(), happened: true }];
        let svg = svg + &ladder_svg(&LadderPicture { title: words.clone(), marks, now: Some(u64::MAX) });
        // Every angle bracket and quotation mark is one of ours: tags balance and attributes close.
        prop_assert_eq!(svg.matches('<').count(), svg.matches('>').count());
        prop_assert_eq!(svg.matches('"').count() % 2, 0);
        let broken = svg.contains("<script") || svg.contains("href=\"j") || svg.contains('\u{0}');
        prop_assert!(!broken);
        prop_assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
    }
}
