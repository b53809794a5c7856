//! Leaves of a product tree that name no product: the title of a vulnerability, an operating system, a literal word.

use crate::contradictions::called;
use tallyward_core::advisory::{Advisory, Contradiction, Product};

/// Operating systems by the first words of their names, and who makes them.
const SYSTEMS: &[(&str, &[&str])] = &[
    ("windows", &["microsoft"]),
    ("microsoft windows", &["microsoft"]),
    ("linux", &["linux", "kernel"]),
    ("ubuntu", &["canonical", "ubuntu"]),
    ("debian", &["debian"]),
    ("red hat enterprise linux", &["red hat"]),
    ("android", &["google", "android"]),
    ("macos", &["apple"]),
    ("ios", &["apple", "cisco"]),
    ("vxworks", &["wind river"]),
    ("qnx", &["qnx", "blackberry"]),
];

/// Words that stand in a product's place when a tree was filled by a machine.
const PLACEHOLDERS: &[&str] = &["version", "versions", "product", "all", "n/a", "none", "unknown", "tbd"];

pub(crate) fn products(advisory: &Advisory, found: &mut Vec<Contradiction>) {
    for leaf in &advisory.products {
        if let Some(what) = misnamed(leaf, advisory) {
            found.push(Contradiction {
                vulnerability: String::new(),
                product: leaf.id.clone(),
                version: String::new(),
                text: format!(
                    "The tree lists {:?} as a product of {:?} ({}), but that is {what}.",
                    leaf.product,
                    leaf.vendor,
                    called(leaf)
                ),
            });
        }
    }
}

fn misnamed(leaf: &Product, advisory: &Advisory) -> Option<String> {
    let name = leaf.product.trim().to_lowercase();
    let vendor = leaf.vendor.to_lowercase();
    if name.is_empty() {
        return None;
    }
    if PLACEHOLDERS.contains(&name.as_str()) {
        return Some("a word that stands in for a product".to_owned());
    }
    let of = advisory.vulnerabilities.iter().find(|flaw| {
        let weakness = flaw.cwe.split_once(' ').map_or("", |(_, name)| name);
        [flaw.title.as_str(), flaw.id.as_str(), weakness]
            .iter()
            .any(|title| title.trim().to_lowercase() == name)
    });
    if let Some(flaw) = of {
        return Some(format!("what {} is called", flaw.id));
    }
    if name.starts_with("cve-") || name.starts_with("cwe-") || name.ends_with(" vulnerability") {
        return Some("the name of a vulnerability".to_owned());
    }
    let system = SYSTEMS.iter().find(|(system, makers)| {
        let rest = name.strip_prefix(system);
        let whole = rest.is_some_and(|rest| rest.is_empty() || is_release(rest));
        whole && !makers.iter().any(|maker| vendor.contains(maker))
    });
    system.map(|_| "an operating system".to_owned())
}

/// ` 7`, ` XP Embedded`, ` 10 IoT`: what may follow the name of an operating system that stands alone.
fn is_release(rest: &str) -> bool {
    const WORDS: &[&str] = &[
        "xp",
        "nt",
        "vista",
        "embedded",
        "iot",
        "enterprise",
        "ltsc",
        "ltsb",
        "server",
        "ce",
        "professional",
        "pro",
        "home",
        "sp1",
        "sp2",
        "sp3",
        "os",
        "kernel",
        "lts",
        "standard",
        "posready",
    ];
    rest.starts_with(' ')
        && rest.split_whitespace().all(|word| {
            WORDS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyward_core::advisory::Vulnerability;

    #[test]
    fn what_is_no_product() {
        let flaw = Vulnerability {
            id: "CVE-2024-1000".to_owned(),
            cwe: "CWE-287 Improper Authentication".to_owned(),
            ..Vulnerability::default()
        };
        let advisory = Advisory { vulnerabilities: vec![flaw], ..Advisory::default() };
        let says = |vendor: &str, product: &str| {
            let leaf =
                Product { vendor: vendor.to_owned(), product: product.to_owned(), ..Product::default() };
            misnamed(&leaf, &advisory)
        };
        for bad in ["Version", "Improper Authentication", "CVE-2020-1", "Windows XP Embedded", "Linux"] {
            assert!(says("Acme", bad).is_some(), "{bad}");
        }
        for good in ["Windows Viewer", "Linux Gateway 3", "Pump", "", "Version Manager"] {
            assert!(says("Acme", good).is_none(), "{good}");
        }
        assert!(says("Microsoft", "Windows 7").is_none());
    }
}
