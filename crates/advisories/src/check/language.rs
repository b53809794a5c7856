//! Language tags (RFC 5646): well formed, and of registered subtags.
//!
//! The prefixes that the registry asks of some subtags are not looked at.

const REGISTERED: &str = include_str!("../../data/subtags.txt");

/// Tags that the form of CSAF 2.0 names besides, and private ones.
fn stands_apart(tag: &str) -> bool {
    matches!(tag, "i-default" | "i-mingo") || tag.starts_with("x-")
}

fn letters(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The parts of a tag by kind; `None` when it is not well formed.
fn parts(tag: &str) -> Option<Vec<(&'static str, &str)>> {
    let mut rest = tag.split('-').peekable();
    let language = rest.next().filter(|it| (2..=8).contains(&it.len()) && letters(it))?;
    let mut parts = vec![("language", language)];
    while parts.len() < 4 && language.len() <= 3 {
        let Some(extended) = rest.next_if(|it| it.len() == 3 && letters(it)) else { break };
        parts.push(("extlang", extended));
    }
    parts.extend(rest.next_if(|it| it.len() == 4 && letters(it)).map(|it| ("script", it)));
    let region = |it: &str| (it.len() == 2 && letters(it)) || (it.len() == 3 && it.parse::<u16>().is_ok());
    parts.extend(rest.next_if(|it| region(it)).map(|it| ("region", it)));
    let variant = |it: &str| {
        (5..=8).contains(&it.len()) || (it.len() == 4 && it.starts_with(|one: char| one.is_ascii_digit()))
    };
    while let Some(it) = rest.next_if(|it| variant(it)) {
        parts.push(("variant", it));
    }
    while let Some(singleton) = rest.next() {
        let private = singleton == "x";
        let mut count = 0;
        while rest.next_if(|it| it.len() <= 8 && it.len() >= if private { 1 } else { 2 }).is_some() {
            count += 1;
        }
        if singleton.len() != 1 || count == 0 || (private && rest.peek().is_some()) {
            return None;
        }
        if !private {
            parts.push(("extension", singleton));
        }
    }
    Some(parts)
}

fn well_bytes(tag: &str) -> bool {
    tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether the tag is well formed.
pub(super) fn is_formed(tag: &str) -> bool {
    let folded = tag.to_ascii_lowercase();
    well_bytes(tag) && (stands_apart(&folded) || parts(&folded).is_some())
}

/// The first part of a well-formed tag that nobody registered or that stands twice.
pub(super) fn unregistered(tag: &str) -> Option<String> {
    let folded = tag.to_ascii_lowercase();
    if stands_apart(&folded) || !well_bytes(tag) {
        return None;
    }
    let parts = parts(&folded)?;
    let twice =
        |at: usize| matches!(parts[at].0, "variant" | "extension") && parts[..at].contains(&parts[at]);
    let wrong = (0..parts.len()).find(|&at| twice(at) || !registered(parts[at].0, parts[at].1))?;
    Some(parts[wrong].1.to_owned())
}

fn registered(kind: &str, part: &str) -> bool {
    if kind == "extension" {
        // RFC 6067 and RFC 6497.
        return matches!(part, "u" | "t");
    }
    let row = REGISTERED.lines().find_map(|line| line.strip_prefix(kind));
    row.unwrap_or_default().split_whitespace().any(|held| match held.split_once("..") {
        Some((first, last)) => part.len() == first.len() && first <= part && part <= last,
        None => held == part,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        for good in
            ["en", "de-CH", "zh-Hant-TW", "sl-rozaj", "en-US-x-ours", "x-ours", "i-default", "qaa", "es-419"]
        {
            assert!(is_formed(good) && unregistered(good).is_none(), "{good}");
        }
        for bad in ["", "e", "en_US", "en-", "en-x", "-en", "en--US", "12"] {
            assert!(!is_formed(bad), "{bad}");
        }
        assert_eq!(unregistered("ez").as_deref(), Some("ez"));
        assert_eq!(unregistered("en-XYZ").as_deref(), Some("xyz"));
        assert_eq!(unregistered("de-1996-1996").as_deref(), Some("1996"));
    }
}
