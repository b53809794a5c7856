//! From a JSON pointer back to line and column.
//!
//! The parser's tree knows no places. Instead of a second parser that keeps them, the few values at fault are
//! found again by walking the bytes, which are known to be JSON by then.

/// One step from a value to a value inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// The JSON pointer (RFC 6901) of a path.
pub(crate) fn pointer(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        text.push('/');
        match step {
            Step::Key(key) => text.push_str(&key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => text.push_str(&index.to_string()),
        }
    }
    text
}

/// Line and column, both from 1, of the byte at `offset`; the column counts bytes.
pub(crate) fn line_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = &bytes[..offset.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (line, before.len() - start + 1)
}

/// Offset of the value at `path`, or of the deepest value above it that exists.
pub(crate) fn offset(bytes: &[u8], path: &[Step]) -> usize {
    let mut walk = Walk { bytes, at: 0 };
    walk.blanks();
    for step in path {
        let start = walk.at;
        let found = match step {
            Step::Key(key) => walk.enter_key(key),
            Step::Index(index) => walk.enter_index(*index),
        };
        if !found {
            return start;
        }
    }
    walk.at
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Takes `byte` after blanks, and the blanks after it.
    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
            self.blanks();
        }
        found
    }

    /// Skips a text, giving its bytes with the quotes.
    fn text(&mut self) -> &[u8] {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => break,
                _ => {}
            }
        }
        self.at = self.at.min(self.bytes.len());
        &self.bytes[start..self.at]
    }

    fn value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.text();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' if depth == 0 => return,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn enter_key(&mut self, key: &str) -> bool {
        if !self.take(b'{') {
            return false;
        }
        while self.peek() == Some(b'"') {
            let found = serde_json::from_slice::<String>(self.text()).is_ok_and(|found| found == key);
            if !self.take(b':') {
                return false;
            }
            if found {
                return true;
            }
            self.value();
            if !self.take(b',') {
                return false;
            }
        }
        false
    }

    fn enter_index(&mut self, index: usize) -> bool {
        if !self.take(b'[') {
            return false;
        }
        for _ in 0..index {
            self.value();
            if !self.take(b',') {
                return false;
            }
        }
        self.peek() != Some(b']')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_again() {
        let text = "{\n \"a\": [1, {\"b,\\\"\": [[], \"x]\"], \"c/d\" : true}],\n \"e\": null }";
        let path = [Step::Key("a".into()), Step::Index(1), Step::Key("c/d".into())];
        assert_eq!(pointer(&path), "/a/1/c~1d");
        assert!(text[offset(text.as_bytes(), &path)..].starts_with("true"));
        let path = [Step::Key("e".into())];
        assert_eq!(line_column(text.as_bytes(), offset(text.as_bytes(), &path)), (3, 7));
        // Absent: the place is the object that lacks it.
        let path = [Step::Key("a".into()), Step::Index(1), Step::Key("no".into())];
        assert!(text[offset(text.as_bytes(), &path)..].starts_with("{\"b,"));
    }
}
