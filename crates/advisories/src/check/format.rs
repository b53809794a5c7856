//! The forms of texts that CSAF 2.0 prescribes.

use super::version;

fn all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(fits)
}

fn digits(text: &str) -> bool {
    all(text, |byte| byte.is_ascii_digit())
}

/// A URI with its scheme (RFC 3986).
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_fits = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && all(scheme, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !scheme_fits || rest.is_empty() {
        return false;
    }
    let (before, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = before.split_once('?').unwrap_or((before, ""));
    let (authority, path) = match path.strip_prefix("//") {
        Some(after) => after.split_at(after.find('/').unwrap_or(after.len())),
        None => ("", path),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // Only an IPv6 address has square brackets.
    let host = match host.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((address, port)) if all(address, |byte| byte.is_ascii_hexdigit() || b":.".contains(&byte)) => {
            port
        }
        _ => host,
    };
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    [(user, ":"), (host, ":"), (path, ":@/"), (query, ":@/?"), (fragment, ":@/?")]
        .iter()
        .all(|(part, more)| is_encoded(part, more))
}

/// Letters, digits, the signs of RFC 3986's *unreserved* and *sub-delims*, `more`, and `%` with two digits.
fn is_encoded(text: &str, more: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let plain = byte.is_ascii_alphanumeric()
            || b"-._~!$&'()*+,;=".contains(&byte)
            || more.as_bytes().contains(&byte);
        let mut hex = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        let encoded = byte == b'%' && hex() && hex();
        if !plain && !encoded {
            return false;
        }
    }
    true
}

/// RFC 3339 with a time and an offset.
pub(super) fn is_moment(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => return false,
    };
    is_date(date) && is_clock(clock) && is_offset(offset)
}

fn number(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && digits(text)).then(|| text.parse().ok()).flatten()
}

fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut next = |length| parts.next().and_then(|part| number(part, length));
    let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_clock(text: &str) -> bool {
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let mut parts = whole.splitn(3, ':');
    let mut next = |most| parts.next().and_then(|part| number(part, 2)).is_some_and(|held| held <= most);
    // A leap second is the last of a day in UTC; the offset is left to whoever reads the moment.
    next(23) && next(59) && next(60) && part.is_none_or(digits)
}

fn is_offset(text: &str) -> bool {
    if matches!(text, "Z" | "z") {
        return true;
    }
    let Some((hours, minutes)) = text.get(1..).and_then(|rest| rest.split_once(':')) else { return false };
    number(hours, 2).is_some_and(|held| held <= 23) && number(minutes, 2).is_some_and(|held| held <= 59)
}

/// `3`, or semantic versioning (clause 3.1.11).
pub(super) fn is_version(text: &str) -> bool {
    version::is_integer(text) || version::is_semantic(text)
}

/// `CVE-2024-12345`.
pub(super) fn is_cve(text: &str) -> bool {
    let number = text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    number
        .is_some_and(|(year, number)| year.len() == 4 && digits(year) && number.len() >= 4 && digits(number))
}

/// `CWE-79`.
pub(super) fn is_cwe(text: &str) -> bool {
    text.strip_prefix("CWE-")
        .is_some_and(|number| digits(number) && number.len() <= 6 && !number.starts_with('0'))
}

/// No blank and none of `-_.` at either end (clause 3.2.1.3).
pub(super) fn is_category(text: &str) -> bool {
    let fits = |letter: Option<char>| letter.is_some_and(|it| !it.is_whitespace() && !"-_.".contains(it));
    fits(text.chars().next()) && fits(text.chars().next_back()) && !text.contains(['\n', '\r'])
}

/// No blank at either end (clause 3.2.1.12.4).
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r'])
}

/// A hash value (clause 3.1.3.3.2).
pub(super) fn is_hash(text: &str) -> bool {
    text.len() >= 32 && all(text, |byte| byte.is_ascii_hexdigit())
}

/// The outer form of a package URL; [`super::purl`] looks into it.
pub(super) fn is_purl(text: &str) -> bool {
    let parts = text.strip_prefix("pkg:").and_then(|rest| rest.split_once('/'));
    let kind = |kind: &str| {
        !kind.starts_with(|letter: char| letter.is_ascii_digit())
            && all(kind, |byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
    };
    parts.is_some_and(|(kind_, rest)| kind(kind_) && !rest.trim_start_matches('/').is_empty()) && is_uri(text)
}

/// The outer form of a language tag (RFC 5646); [`super::language`] asks whether its parts are registered.
pub(super) fn is_language(text: &str) -> bool {
    super::language::is_formed(text)
}

/// A CPE 2.3 in eleven parts, or a CPE 2.2 in up to seven (clause 3.1.3.3.1).
pub(super) fn is_cpe(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("cpe:2.3:") {
        let parts = unescaped_parts(rest);
        let Some((kind, attributes)) = parts.split_first() else { return false };
        return attributes.len() == 10
            && matches!(*kind, "a" | "h" | "o" | "*" | "-")
            && attributes.iter().enumerate().all(|(at, part)| {
                matches!(*part, "*" | "-") || if at == 5 { is_cpe_language(part) } else { is_cpe_part(part) }
            });
    }
    let Some((start, rest)) = text.split_once(":/") else { return false };
    if !(start.starts_with('c') && start.eq_ignore_ascii_case("cpe")) {
        return false;
    }
    let mut parts = rest.split(':');
    let kind = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~%".contains(&byte);
    matches!(kind.to_ascii_lowercase().as_str(), "" | "a" | "h" | "o")
        && rest.len() <= 6
        && rest.iter().all(|part| part.bytes().all(fits))
        && text.len() >= 5
}

/// Splits at colons that no backslash escapes.
fn unescaped_parts(text: &str) -> Vec<&str> {
    let mut escaped = false;
    text.split(|letter| {
        let splits = letter == ':' && !escaped;
        escaped = letter == '\\' && !escaped;
        splits
    })
    .collect()
}

/// Letters, digits, escaped signs; question marks or an asterisk at the ends.
fn is_cpe_part(part: &str) -> bool {
    let inner = part.trim_start_matches('?').trim_end_matches('?');
    let inner = inner.strip_prefix('*').unwrap_or(inner);
    let inner = match inner.strip_suffix('*') {
        Some(shorter) if !shorter.ends_with('\\') => shorter,
        _ => inner,
    };
    let mut letters = inner.bytes();
    while let Some(letter) = letters.next() {
        let plain = letter.is_ascii_alphanumeric() || b"-._".contains(&letter);
        let escaped = letter == b'\\' && letters.next().is_some_and(|it| it.is_ascii_punctuation());
        if !plain && !escaped {
            return false;
        }
    }
    !inner.is_empty()
}

fn is_cpe_language(part: &str) -> bool {
    let (language, region) = part.split_once('-').map_or((part, None), |(a, b)| (a, Some(b)));
    let letters = |text: &str| all(text, |byte| byte.is_ascii_alphabetic());
    (2..=3).contains(&language.len())
        && letters(language)
        && region.is_none_or(|it| (it.len() == 2 && letters(it)) || (it.len() == 3 && digits(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for good in ["2024-02-29T23:59:60Z", "2024-01-01t00:00:00.123+05:30", "2024-01-01T00:00:00-00:00"] {
            assert!(is_moment(good), "{good}");
        }
        for bad in [
            "2023-02-29T00:00:00Z",
            "2024-01-01",
            "2024-01-01T00:00:00",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00Z",
            "24-01-01T00:00:00Z",
            "2024-01-01T00:00:00+5:30",
        ] {
            assert!(!is_moment(bad), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in
            ["https://a.example/b?c=d#e/f?", "urn:x", "http://[::1]:80/", "mailto:a@b.example", "a:%41"]
        {
            assert!(is_uri(good), "{good}");
        }
        for bad in
            ["www.example.org", "http://a b", "1a:b", "a:", "http://a/[b]", "a:%4", "a:#b#c", ":a", "a:ä"]
        {
            assert!(!is_uri(bad), "{bad}");
        }
    }

    #[test]
    fn product_names_of_the_registers() {
        for good in [
            "cpe:2.3:h:acme:pump_3:-:*:*:*:*:*:*:*",
            "cpe:2.3:a:a\\:b:c*:1.0:*:*:de-ch:*:*:x:*",
            "cpe:/h:acme:pump",
        ] {
            assert!(is_cpe(good), "{good}");
        }
        for bad in [
            "cpe:2.3:h:acme",
            "cpe:2.3:x:a:b:-:*:*:*:*:*:*:*",
            "cpe:/h:a:b:c:d:e:f:g",
            "cpe:2.3:h:a b:c:-:*:*:*:*:*:*:*",
        ] {
            assert!(!is_cpe(bad), "{bad}");
        }
        assert!(
            is_purl("pkg:npm/%40a/b@1") && !is_purl("pkg:npm") && !is_purl("pkg:1x/a") && !is_purl("npm/a")
        );
        assert!(is_cve("CVE-2024-1234") && !is_cve("CVE-24-1234") && !is_cve("CVE-2024-123"));
        assert!(is_cwe("CWE-79") && !is_cwe("CWE-079") && !is_cwe("79"));
    }
}
