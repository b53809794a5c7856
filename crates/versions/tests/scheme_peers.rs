//! The published orders against the programs that made them: rpm, node-semver, Maven (dpkg and Python's packaging in
//! `schemes.rs`).
//! Thousands of made pairs each, the same at every run.

mod common;

use proptest::prelude::any;
use proptest::sample::Index;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cmp::Ordering;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tallyward_core::testkit::skipped;
use tallyward_versions::Scheme;

const RPM: &str = r#"%{lua:
for line in io.lines() do
  local a, b = line:match("(%S+) (%S+)")
  print(rpm.vercmp(a, b) .. "\n")
end
}"#;

const NODE: &str = r#"
const { execSync } = require('child_process')
let semver
try { semver = require('semver') } catch {
  semver = require(execSync('npm root -g').toString().trim() + '/npm/node_modules/semver')
}
for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
  console.log(semver.compare(...line.split(' ')))
}
"#;

fn pairs(scheme: Scheme, count: usize) -> Vec<(String, String)> {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let cuts = (any::<Index>(), any::<Index>(), any::<bool>());
    let strategy = (common::version(scheme), common::version(scheme), cuts);
    let near = |(a, b, (cut, from, near)): (String, String, (Index, Index, bool))| {
        // Every other pair begins alike, for there the rules are fine.
        let spliced = format!("{}{}", &a[..cut.index(a.len())], &b[from.index(b.len())..]);
        let other = if near && scheme.compare(&a, &spliced).is_some() { spliced } else { b };
        (a, other)
    };
    (0..count).map(|_| near(strategy.new_tree(&mut runner).expect("a pair").current())).collect()
}

/// What a program prints for the pairs, one a line; `None` when it is not there.
fn run(program: &str, arguments: &[&str], pairs: &[(String, String)]) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().expect("a pipe");
    let text: String = pairs.iter().map(|(a, b)| format!("{a} {b}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the peer ends");
    // A peer that stops reading early is told by its status below.
    let _ = writer.join().expect("the writer ends");
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(String::from_utf8(output.stdout).expect("the peer prints text"))
}

fn agree(scheme: Scheme, pairs: &[(String, String)], answers: &[i64]) {
    assert_eq!(answers.len(), pairs.len(), "{scheme}: the peer answers every pair");
    let mut seen = [0; 3];
    for ((a, b), answer) in pairs.iter().zip(answers) {
        let ours = scheme.compare(a, b).expect("a version of the kind");
        let number = ours as i64;
        assert_eq!(number, *answer, "{scheme}: {a} and {b}");
        seen[usize::from(ours == Ordering::Equal) + 2 * usize::from(ours == Ordering::Greater)] += 1;
    }
    eprintln!("{scheme}: {} pairs agree ({seen:?} less, equal, greater)", pairs.len());
    assert!(seen.iter().all(|count| *count > 0), "{scheme}: every answer occurs");
}

fn lines(text: &str) -> Vec<i64> {
    text.split_whitespace().map(|line| line.parse().expect("-1, 0 or 1")).collect()
}

#[test]
fn rpm_orders_as_rpm_does() {
    let pairs = pairs(Scheme::Rpm, 3000);
    match run("rpm", &["--eval", RPM], &pairs) {
        Some(answers) => agree(Scheme::Rpm, &pairs, &lines(&answers)),
        None => skipped("rpm is not installed"),
    }
}

#[test]
fn npm_orders_as_node_semver_does() {
    let pairs = pairs(Scheme::Semver, 3000);
    match run("node", &["-e", NODE], &pairs) {
        Some(answers) => agree(Scheme::Semver, &pairs, &lines(&answers)),
        None => skipped("node with the npm package semver is not installed"),
    }
}

/// Maven's own class prints each version and how the next one stands to it.
#[test]
fn maven_orders_as_maven_does() {
    let jars = ["/usr/share/java/maven-artifact-3.x.jar", "/usr/share/java/commons-lang3.jar"];
    let pairs = pairs(Scheme::Maven, 1500);
    let mut arguments = vec![
        "-cp".to_owned(),
        jars.join(":"),
        "org.apache.maven.artifact.versioning.ComparableVersion".to_owned(),
    ];
    arguments.extend(pairs.iter().flat_map(|(a, b)| [a.clone(), b.clone()]));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let there = jars.iter().all(|jar| Path::new(jar).exists());
    let Some(answers) = there.then(|| run("java", &arguments, &[])).flatten() else {
        return skipped("java with Maven's libraries is not installed");
    };
    let sign = |line: &str| match line.split_whitespace().nth(1) {
        Some("<") => Some(-1),
        Some("==") => Some(0),
        Some(">") => Some(1),
        _ => None,
    };
    let compared: Vec<i64> = answers.lines().filter(|line| line.starts_with(' ')).filter_map(sign).collect();
    agree(Scheme::Maven, &pairs, &compared.into_iter().step_by(2).collect::<Vec<_>>());
}
