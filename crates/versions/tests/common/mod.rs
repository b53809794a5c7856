//! Versions of each published order, for its laws and its peers.

use proptest::prelude::*;
use tallyward_versions::Scheme;

fn number() -> impl Strategy<Value = String> {
    prop_oneof![4 => (0_u32..4).prop_map(|n| n.to_string()), 1 => (0_u32..30).prop_map(|n| n.to_string())]
}

fn numbers(least: usize, most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(number(), least..=most).prop_map(|numbers| numbers.join("."))
}

fn maybe(strategy: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop::option::of(strategy).prop_map(Option::unwrap_or_default)
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "rc", "alpha", "beta", "dev", "x", "Z", "rc1", "b2"])
        .prop_map(str::to_owned)
}

fn semantic() -> impl Strategy<Value = String> {
    let label = prop_oneof![number(), word(), Just("0a".to_owned()), Just("x-y".to_owned())];
    let labels =
        maybe(prop::collection::vec(label, 1..4).prop_map(|labels| format!("-{}", labels.join("."))));
    let build = maybe(prop::sample::select(vec!["+1", "+b.7", "+001"]).prop_map(str::to_owned));
    (numbers(3, 3), labels, build).prop_map(|(head, labels, build)| format!("{head}{labels}{build}"))
}

fn packaged(signs: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = || prop_oneof![3 => number(), 1 => word(), 1 => (0_u32..20).prop_map(|n| format!("{n:03}"))];
    let sign = || prop::sample::select(signs);
    let tail = prop::collection::vec((sign(), piece()), 0..4)
        .prop_map(|tail| tail.into_iter().map(|(sign, piece)| format!("{sign}{piece}")).collect::<String>());
    let epoch = maybe((0_u32..3).prop_map(|epoch| format!("{epoch}:")));
    let release = maybe(
        (number(), maybe(Just("~bpo1".to_owned())), maybe(Just(".el9".to_owned())))
            .prop_map(|(a, b, c)| format!("-{a}{b}{c}")),
    );
    (epoch, number(), tail, release)
        .prop_map(|(epoch, head, tail, release)| format!("{epoch}{head}{tail}{release}"))
}

fn alpine_suffix() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "_alpha1", "_rc2", "_p1", "_git20240101"]).prop_map(str::to_owned)
}

fn maven() -> impl Strategy<Value = String> {
    let words =
        vec!["alpha", "a", "b", "beta", "m", "rc", "cr", "snapshot", "final", "ga", "sp", "foo", "Bar"];
    let sign = prop::sample::select(vec!["-", ".", ""]);
    let tail = maybe(
        (sign, prop::sample::select(words), maybe(number())).prop_map(|(a, b, c)| format!("{a}{b}{c}")),
    );
    let build = maybe(number().prop_map(|n| format!("-{n}")));
    (numbers(1, 4), tail, build).prop_map(|(head, tail, build)| format!("{head}{tail}{build}"))
}

fn python() -> impl Strategy<Value = String> {
    let epoch = maybe((0_u32..2).prop_map(|epoch| format!("{epoch}!")));
    let pre = maybe(
        (prop::sample::select(vec!["a", "b", "rc", ".alpha", "-beta"]), number())
            .prop_map(|(a, b)| format!("{a}{b}")),
    );
    let post = maybe(number().prop_map(|n| format!(".post{n}")));
    let dev = maybe(number().prop_map(|n| format!(".dev{n}")));
    let local = maybe(prop::sample::select(vec!["+1", "+abc", "+abc.5", "+5.1"]).prop_map(str::to_owned));
    (epoch, numbers(1, 4), pre, post, dev, local)
        .prop_map(|(epoch, head, pre, post, dev, local)| format!("{epoch}{head}{pre}{post}{dev}{local}"))
}

fn instant() -> impl Strategy<Value = String> {
    let zone = prop::sample::select(vec!["Z", "+00:00", "+02:00", "-05:30"]);
    let fraction = prop::sample::select(vec!["", ".5", ".50", ".25"]);
    (2023_u32..2025, 1_u32..13, 1_u32..29, 0_u32..24, fraction, zone).prop_map(
        |(year, month, day, hour, fraction, zone)| {
            format!("{year}-{month:02}-{day:02}T{hour:02}:30:00{fraction}{zone}")
        },
    )
}

/// Versions of the kind.
pub fn version(scheme: Scheme) -> BoxedStrategy<String> {
    match scheme {
        Scheme::Debian => packaged(&[".", "", "+", "~", ".", "-"]).boxed(),
        // One that leaves out its epoch or release stands open to one that does not: see the cases.
        Scheme::Rpm => packaged(&[".", "", "_", "~", "^", "."])
            .prop_map(|text| {
                let text = if text.contains(':') { text } else { format!("0:{text}") };
                if text.contains('-') { text } else { format!("{text}-1") }
            })
            .boxed(),
        Scheme::Alpine => {
            (numbers(1, 4), maybe(alpine_suffix()), maybe(number().prop_map(|n| format!("-r{n}"))))
                .prop_map(|(head, suffix, revision)| format!("{head}{suffix}{revision}"))
                .boxed()
        }
        Scheme::Maven => maven().boxed(),
        Scheme::Python => python().boxed(),
        Scheme::Gem => (
            numbers(1, 4),
            maybe((prop::sample::select(vec![".", "-", ""]), word()).prop_map(|(a, b)| format!("{a}{b}"))),
            maybe(number().prop_map(|n| format!(".{n}"))),
        )
            .prop_map(|(a, b, c)| format!("{a}{b}{c}"))
            .boxed(),
        Scheme::Nuget => (
            numbers(1, 4),
            maybe(
                (word(), maybe(number().prop_map(|n| format!(".{n}")))).prop_map(|(a, b)| format!("-{a}{b}")),
            ),
        )
            .prop_map(|(a, b)| format!("{a}{b}"))
            .boxed(),
        Scheme::Intdot => (numbers(1, 5), maybe(word())).prop_map(|(a, b)| format!("{a}{b}")).boxed(),
        Scheme::Lexicographic => "[!-~]{1,6}".boxed(),
        Scheme::Datetime => instant().boxed(),
        _ => semantic().boxed(),
    }
}
