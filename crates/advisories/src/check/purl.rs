//! Package URLs, part by part (the purl specification).

/// What is wrong with a package URL; `None` when nothing is.
pub(super) fn fault(purl: &str) -> Option<String> {
    let rest = purl.strip_prefix("pkg:")?.trim_start_matches('/');
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (path, qualifiers) = rest.split_once('?').map_or((rest, None), |(path, after)| (path, Some(after)));
    let Some((kind, path)) = path.split_once('/') else {
        return Some("it has no name".to_owned());
    };
    if kind.starts_with(|letter: char| letter.is_ascii_digit())
        || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte))
    {
        return Some(format!("{kind:?} is no type of package"));
    }
    let (namespace, last) = path.trim_matches('/').rsplit_once('/').unwrap_or(("", path.trim_matches('/')));
    // The version follows the last @; one at the start belongs to the name.
    let at = last.rfind('@').filter(|at| *at > 0);
    let (name, version) = at.map_or((last, ""), |at| (&last[..at], &last[at + 1..]));
    if name.replace("%20", "").is_empty() {
        return Some("it has no name".to_owned());
    }
    match kind.to_ascii_lowercase().as_str() {
        "maven" | "swift" if namespace.is_empty() => return Some(format!("{kind} asks for a namespace")),
        "cran" if version.is_empty() => return Some(format!("{kind} asks for a version")),
        _ => {}
    }
    qualifiers.and_then(|text| {
        let wrong = text.split('&').filter(|pair| !pair.is_empty()).find(|pair| !is_qualifier(pair))?;
        Some(format!("{wrong:?} is no qualifier"))
    })
}

fn is_qualifier(pair: &str) -> bool {
    let key = pair.split('=').next().unwrap_or_default();
    key.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for good in ["pkg:npm/%40a/b@1", "pkg:deb/debian/curl@7?arch=i386&distro=x", "pkg:generic/a#sub"] {
            assert_eq!(fault(good), None, "{good}");
        }
        assert!(fault("pkg:npm/").is_some() && fault("pkg:npm/%20@1").is_some());
        assert!(fault("pkg:maven/a@1").is_some() && fault("pkg:cran/a").is_some());
        assert!(fault("pkg:npm/a?1=b").is_some() && fault("pkg:n_m/a").is_some());
    }
}
