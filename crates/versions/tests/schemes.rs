//! Versions of packages: each ecosystem's own examples, laws of an order, and independent implementations where this
//! machine has them.

use proptest::prelude::*;
use std::cmp::Ordering;
use std::io::Write;
use std::process::{Command, Stdio};
use tallyward_core::testkit::skipped;
use tallyward_versions::{Ecosystem, Scheme};

const ALL: [Scheme; 8] = [
    Scheme::Semver,
    Scheme::Nuget,
    Scheme::Python,
    Scheme::Debian,
    Scheme::Rpm,
    Scheme::Alpine,
    Scheme::Maven,
    Scheme::Gem,
];

/// Each line ascends; versions joined by `=` are equal.
#[track_caller]
fn ascends(scheme: Scheme, line: &str) {
    let steps: Vec<Vec<&str>> = line.split_whitespace().map(|step| step.split('=').collect()).collect();
    for (at, step) in steps.iter().enumerate() {
        for (other_at, other) in steps.iter().enumerate() {
            for (a, b) in step.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
                assert_eq!(scheme.compare(a, b), Some(at.cmp(&other_at)), "{scheme:?}: {a} against {b}");
            }
        }
    }
}

#[test]
fn each_ecosystem_orders_by_its_own_rules() {
    ascends(
        Scheme::Semver,
        "0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0=v1.0.0=1.0.0+build.7 1.0.1 1.10.0 99999999999999999999.0.0",
    );
    ascends(Scheme::Nuget, "1.0.0-alpha=1.0.0-ALPHA 1.0.0-rc.1 1=1.0=1.0.0=1.0.0.0 1.0.0.1 1.0.1");
    ascends(
        Scheme::Python,
        "1.dev0 1.0.dev456 1.0a1=1.0.alpha-1 1.0a2.dev456 1.0a2 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1=1.0c1=1.0pre1 1=1.0=1.0.0=v1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456=1.0-456=1.0.rev456 1.1.dev1 1.10 1!0.1",
    );
    ascends(
        Scheme::Debian,
        "1.0~~ 1.0~~a 1.0~ 1.0~rc1-1 1.0=1.0-0=0:1.0-0 1.0-1~bpo1 1.0-1 1.0-1ubuntu2 1.0-1ubuntu10 1.0-1+deb12u1 1.0a 1.0+ 1.0.1-1 1.10 1:0.1",
    );
    ascends(
        Scheme::Rpm,
        "1.0~rc1-1 1.0-1=0:1.0-1 1.0-1.el8 1.0-1.el8_7 1.0-1.el9 1.0-2 1.0^20240101-1 1.0a-1 1.0.1-1 1.10-1",
    );
    ascends(
        Scheme::Alpine,
        "1.0_alpha1-r0 1.0_beta-r0 1.0_rc1-r0 1.0_rc2-r0 1.0-r0 1.0-r1 1.0-r10 1.0_git20240101-r0 1.0_p1-r0 1.0a-r0 1.0b-r0 1.0.0-r0 1.0.1-r0 1.1-r0 1.10-r0",
    );
    ascends(
        Scheme::Maven,
        "1-alpha-1=1-a1=1.alpha1 1-beta 1-milestone 1-rc=1-cr 1-SNAPSHOT 1=1.0=1.0.0=1-ga=1.final=1-0 1-sp 1-foo 1-1 1-2 1.1 1.2 1.10",
    );
    ascends(Scheme::Maven, "2.14.0-rc1 2.14.0 2.14.1 2.15.0 2.16.0=2.16 2.17");
    ascends(Scheme::Gem, "1.0.a 1.0.a2 1.0.b1 1.0.pre.1=1.0-1 1=1.0=1.0.0 1.0.1.rc1 1.0.1 1.2.b1 1.10");
}

#[test]
fn what_is_not_of_the_form_has_no_order() {
    for (scheme, bad) in [
        (Scheme::Semver, "1.2"),
        (Scheme::Semver, "1.02.3"),
        (Scheme::Semver, "1.2.3-"),
        (Scheme::Semver, "latest"),
        (Scheme::Nuget, "1.2.3.4.5"),
        (Scheme::Python, "2024a-something"),
        (Scheme::Python, "1.0+"),
        (Scheme::Debian, "a1.0"),
        (Scheme::Debian, "1.0_2"),
        (Scheme::Rpm, "x:1.0"),
        (Scheme::Rpm, "1.0-"),
        (Scheme::Alpine, "1.0_zeta"),
        (Scheme::Alpine, "1..0"),
        (Scheme::Maven, "${version}"),
        (Scheme::Gem, "1..0"),
        (Scheme::Gem, ""),
    ] {
        assert_eq!(scheme.compare(bad, "1.0.0"), None, "{scheme:?}: {bad}");
        assert_eq!(scheme.compare("1.0.0", bad), None, "{scheme:?}: {bad}");
    }
    // An epoch or a release that only one side states proves nothing.
    assert_eq!(Scheme::Rpm.compare("1:1.0-1", "1.0-2"), None);
    assert_eq!(Scheme::Rpm.compare("1.0", "1.0-2"), None);
    assert_eq!(Scheme::Rpm.compare("1.1", "1.0-2"), Some(Ordering::Greater));
    assert_eq!(Scheme::Semver.compare(&format!("1.0.{}", "1".repeat(300)), "1.0.0"), None);
}

#[test]
fn ecosystems_are_told_with_and_without_a_release() {
    let debian = Ecosystem::named("Debian:12").unwrap();
    assert_eq!((debian.name, debian.scheme, debian.purl_type), ("Debian", Scheme::Debian, "deb"));
    assert_eq!(Ecosystem::release("Ubuntu:Pro:18.04:LTS"), "Pro:18.04:LTS");
    assert_eq!(Ecosystem::release("npm"), "");
    assert_eq!(Ecosystem::named("Hackage"), None);
    // No line of the table is lost on the way.
    let lines = include_str!("../data/ecosystems.csv").lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(Ecosystem::all().count(), lines);
}

fn version() -> impl Strategy<Value = String> {
    prop_oneof![
        "(0|1|2|10)(\\.(0|1|2|10|01)){0,3}((-|~|\\.|_|\\+|\\^)?(a|b|rc|alpha|beta|pre|p|dev|post|sp|ga|git|foo)[0-9.]{0,2}){0,2}(-r?[0-3])?",
        "[0-9a-z.~^+:_-]{0,10}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_scheme_is_an_order(a in version(), b in version(), c in version()) {
        for scheme in ALL {
            prop_assert_eq!(scheme.compare(&a, &b), scheme.compare(&b, &a).map(Ordering::reverse), "{:?}", scheme);
            if scheme.compare(&a, &a).is_some() {
                prop_assert_eq!(scheme.compare(&a, &a), Some(Ordering::Equal), "{:?}", scheme);
            }
            let steps = (scheme.compare(&a, &b), scheme.compare(&b, &c), scheme.compare(&a, &c));
            if let (Some(first), Some(second), Some(whole)) = steps && first == second {
                prop_assert_eq!(whole, first, "{:?}", scheme);
            }
        }
    }

    #[test]
    fn any_text_is_survived(a in "\\PC{0,40}", b in "\\PC{0,40}") {
        for scheme in ALL {
            let _ = scheme.compare(&a, &b);
        }
    }
}

/// Pairs made from `pieces` by a generator without a source of chance.
fn pairs(first: &[&str], pieces: &[&str], count: usize) -> Vec<(String, String)> {
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let mut version = || {
        let mut text = first[next(first.len())].to_owned();
        for _ in 0..next(4) {
            text.push_str(pieces[next(pieces.len())]);
        }
        text
    };
    (0..count).map(|_| (version(), version())).collect()
}

#[test]
fn debian_agrees_with_dpkg() {
    if Command::new("dpkg").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        skipped("dpkg is not installed");
        return;
    }
    let pieces = [".0", ".1", ".10", "~rc1", "~", "+b", "a", "-1", "-2", "+deb12u1", "z"];
    for (a, b) in pairs(&["1", "1.0", "0:1", "1:1", "2"], &pieces, 150) {
        let holds = |relation| {
            Command::new("dpkg")
                .args(["--compare-versions", &a, relation, &b])
                .stderr(Stdio::null())
                .status()
                .unwrap()
                .success()
        };
        let said = if holds("lt") {
            Ordering::Less
        } else if holds("gt") {
            Ordering::Greater
        } else {
            Ordering::Equal
        };
        assert_eq!(Scheme::Debian.compare(&a, &b), Some(said), "{a} against {b}");
    }
}

#[test]
fn python_agrees_with_its_packaging_library() {
    const PEER: &str = "
import sys
try:
    from packaging.version import Version
except ImportError:
    from pip._vendor.packaging.version import Version
def read(text):
    try:
        return Version(text)
    except Exception:
        return None
for line in sys.stdin:
    a, b = map(read, line.split())
    print('none' if a is None or b is None else (a > b) - (a < b))
";
    let pieces =
        [".0", ".1", "a1", "b2", "rc1", ".dev1", ".post2", "-3", "+x.1", "+2", "c", "_", ".rev", "dev"];
    let pairs = pairs(&["1", "1.0", "0!1", "1!1", "v2", "1.0.0"], &pieces, 3000);
    let peer =
        Command::new("python3").args(["-c", PEER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut peer) = peer else {
        skipped("python3 is not installed");
        return;
    };
    let asked: String = pairs.iter().map(|(a, b)| format!("{a} {b}\n")).collect();
    let mut input = peer.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()).is_ok());
    let output = peer.wait_with_output().unwrap();
    writer.join().unwrap();
    if !output.status.success() {
        skipped("neither packaging nor pip is installed for python3");
        return;
    }
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), pairs.len());
    for ((a, b), said) in pairs.iter().zip(said.lines()) {
        let said = said.parse::<i8>().ok().map(|sign| sign.cmp(&0));
        assert_eq!(Scheme::Python.compare(a, b), said, "{a} against {b}");
    }
}
