//! Bounds checked over the raw bytes, before anything is built from them.

/// Largest document accepted, in bytes. The largest public CSAF documents are near a third of it.
pub const MAX_BYTES: usize = 50 * 1024 * 1024;

/// Deepest nesting of arrays and objects accepted.
pub const MAX_DEPTH: usize = 64;

/// Most JSON values accepted; bounds the memory of the tree to a few hundred megabytes.
pub const MAX_VALUES: usize = 4_000_000;

/// Why the bytes were refused, with the offset of the byte at fault.
pub(crate) struct Refused {
    pub offset: usize,
    pub what: String,
}

/// Checks size, depth and the number of values. Counts brackets and separators outside of texts; whether the
/// bytes are JSON at all is left to the parser.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Refused> {
    if bytes.len() > MAX_BYTES {
        let what = format!("the document has {} bytes; at most {MAX_BYTES} are read", bytes.len());
        return Err(Refused { offset: MAX_BYTES, what });
    }
    let (mut depth, mut values) = (0_usize, 1_usize);
    let (mut in_text, mut escaped) = (false, false);
    for (offset, &byte) in bytes.iter().enumerate() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                values += 1;
                if depth > MAX_DEPTH {
                    let what = format!("nested deeper than {MAX_DEPTH} levels; no advisory needs that");
                    return Err(Refused { offset, what });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > MAX_VALUES {
            let what = format!("more than {MAX_VALUES} values; the document is refused unread");
            return Err(Refused { offset, what });
        }
    }
    Ok(())
}
