//! CPE names: who made a thing, what it is called and which version, in one text of either binding.

use crate::purl::percent_decoded;

/// A CPE name, taken apart, with underscores read as blanks; `*` and `-` are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cpe {
    /// `a` an application, `o` an operating system or firmware, `h` hardware.
    pub part: String,
    /// Who made it.
    pub vendor: String,
    /// What it is called.
    pub product: String,
    /// Its version, and its update behind a blank.
    pub version: String,
    /// What narrows it further: edition, language, target software and hardware.
    pub narrowed: String,
}

impl Cpe {
    /// Reads `cpe:2.3:part:vendor:product:version:update:…` (NISTIR 7695, formatted string) or `cpe:/part:vendor:…`
    /// (URI); `None` when it is neither, or names no product.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let after = |prefix: &str| {
            let start = text.get(..prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
        };
        let components = match after("cpe:2.3:") {
            Some(rest) => formatted(rest),
            None => after("cpe:/")?.split(':').map(percent_decoded).collect(),
        };
        Self::of(&components)
    }

    fn of(components: &[String]) -> Option<Self> {
        let said = |at: usize| {
            let component = components.get(at).map_or("", String::as_str);
            if matches!(component, "*" | "-") { String::new() } else { component.replace('_', " ") }
        };
        let joined = |range: std::ops::Range<usize>| {
            range.map(said).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let product = said(2);
        (!product.is_empty()).then(|| Self {
            part: said(0),
            vendor: said(1),
            product,
            version: joined(3..5),
            narrowed: joined(5..components.len().max(5)),
        })
    }
}

/// The components of a CPE 2.3 formatted string, unquoted.
fn formatted(rest: &str) -> Vec<String> {
    let (mut components, mut component, mut quoted) = (Vec::new(), String::new(), false);
    for letter in rest.chars() {
        match letter {
            _ if quoted => {
                component.push(letter);
                quoted = false;
            }
            '\\' => quoted = true,
            ':' => components.push(std::mem::take(&mut component)),
            _ => component.push(letter),
        }
    }
    components.push(component);
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bindings_are_taken_apart() {
        let of = |text: &str| {
            Cpe::read(text).map(|cpe| [cpe.part, cpe.vendor, cpe.product, cpe.version, cpe.narrowed])
        };
        let is = |parts: [&str; 5]| Some(parts.map(str::to_owned));
        assert_eq!(of("cpe:2.3:h:acme:pump_3:-:*:*:*:*:*:*:*"), is(["h", "acme", "pump 3", "", ""]));
        assert_eq!(
            of(r"cpe:2.3:o:acme:pump\:3:4.1:sp2:*:*:*:*:arm:*"),
            is(["o", "acme", "pump:3", "4.1 sp2", "arm"])
        );
        assert_eq!(of("CPE:/o:acme:pump_3:4.1"), is(["o", "acme", "pump 3", "4.1", ""]));
        for none in ["cpe:2.3:a:x:*", "cpe:/", "pkg:npm/x", "é", ""] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
