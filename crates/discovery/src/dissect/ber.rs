//! Elements of ASN.1 in basic encoding (ITU-T X.690), read where they lie: for SNMP, LDAP, Kerberos and their kin.
//!
//! Nothing is copied and nothing is built: [`Ber`] gives one element after the other as a slice of the message. Only tags of one
//! byte and definite lengths are read; anything else ends the reading, as does an element that lies beyond the end. An element that
//! the message is too short for is given as far as it is there, so that the head of a long message can be read.

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    /// Class, form and number in one byte, such as 0x30 for a sequence.
    pub tag: u8,
    /// Its content, or as much of it as is there.
    pub body: &'a [u8],
    /// Whether the content goes on beyond the bytes at hand.
    pub cut: bool,
}

/// Elements that lie one behind the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ber<'a>(&'a [u8]);

/// Tag of an integer.
pub(crate) const INTEGER: u8 = 0x02;
/// Tag of a string of bytes.
pub(crate) const OCTETS: u8 = 0x04;
/// Tag of an object identifier.
pub(crate) const OID: u8 = 0x06;
/// Tag of a sequence.
pub(crate) const SEQUENCE: u8 = 0x30;

impl<'a> Ber<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next element if it has this tag. Another element is not passed over.
    pub(crate) fn want(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() != Some(&tag) {
            return None;
        }
        self.next()
    }
}

impl<'a> Iterator for Ber<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (tag, head, length) = head(self.0)?;
        let rest = &self.0[head..];
        let length = usize::try_from(length).ok()?;
        let (body, rest, cut) = match rest.split_at_checked(length) {
            Some((body, rest)) => (body, rest, false),
            None => (rest, &[][..], true),
        };
        self.0 = rest;
        Some(Element { tag, body, cut })
    }
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub(crate) const fn inside(self) -> Ber<'a> {
        Ber(self.body)
    }

    /// A whole number of at most 8 bytes, if the content is one.
    pub(crate) fn number(self) -> Option<i64> {
        let [first, ..] = *self.body else { return None };
        if self.cut || self.body.len() > 8 {
            return None;
        }
        let start = if first & 0x80 == 0 { 0 } else { -1 };
        Some(self.body.iter().fold(start, |sum: i64, byte| sum << 8 | i64::from(*byte)))
    }
}

/// The tag of the element that begins here, how many bytes tag and length take, and how long the content is. For the framing of
/// messages over TCP. `None` if it is none or not all of its head is there.
pub(crate) fn head(bytes: &[u8]) -> Option<(u8, usize, u64)> {
    let [tag, first, rest @ ..] = bytes else { return None };
    if tag & 0x1f == 0x1f {
        return None;
    }
    match *first {
        short @ ..=0x7f => Some((*tag, 2, u64::from(short))),
        long @ 0x81..=0x84 => {
            let count = usize::from(long & 0x7f);
            let length = rest.get(..count)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            Some((*tag, 2 + count, length))
        }
        _ => None,
    }
}

/// The longest object identifier written out, in bytes of its encoding.
const LONGEST_OID: usize = 128;

/// The content of an object identifier in dotted form.
pub(crate) fn dotted(body: &[u8]) -> Option<String> {
    if body.is_empty() || body.len() > LONGEST_OID || body.last().is_some_and(|last| last & 0x80 != 0) {
        return None;
    }
    let mut out = String::new();
    let mut arc: u64 = 0;
    for byte in body {
        arc = arc.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if out.is_empty() {
            let root = (arc / 40).min(2);
            out = format!("{root}.{}", arc - root * 40);
        } else {
            out.push('.');
            out.push_str(&arc.to_string());
        }
        arc = 0;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_are_read_where_they_lie() {
        let bytes = [0x30, 7, 2, 1, 5, 4, 2, b'a', b'b', 6, 0x81, 1, 0x2b];
        let mut outer = Ber::new(&bytes);
        let mut inner = outer.want(SEQUENCE).unwrap().inside();
        assert_eq!(inner.want(OCTETS), None);
        assert_eq!(inner.want(INTEGER).unwrap().number(), Some(5));
        assert_eq!(inner.next(), Some(Element { tag: OCTETS, body: b"ab", cut: false }));
        assert_eq!(inner.next(), None);
        assert_eq!(outer.next(), Some(Element { tag: OID, body: &[0x2b], cut: false }));
        assert_eq!(head(&[0x60, 0x82, 1]), None);
        assert_eq!(head(&[0x60, 0x82, 1, 0]), Some((0x60, 4, 256)));
    }

    #[test]
    fn indefinite_lengths_and_long_tags_end_the_reading() {
        for bytes in [&[0x30, 0x80, 0, 0][..], &[0x3f, 0x81, 1, 0], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30]] {
            assert_eq!(Ber::new(bytes).next(), None);
        }
        let cut = Ber::new(&[4, 0x84, 0xff, 0xff, 0xff, 0xff, 1]).next();
        assert_eq!(cut, Some(Element { tag: 4, body: &[1], cut: true }));
    }

    #[test]
    fn object_identifiers_are_written_with_dots() {
        assert_eq!(dotted(&[0x2b, 6, 1, 4, 1, 0x8f, 0x51, 1]).as_deref(), Some("1.3.6.1.4.1.2001.1"));
        assert_eq!(dotted(&[0x88, 0x37, 3]).as_deref(), Some("2.999.3"));
        assert_eq!(dotted(&[0x2b, 0x86]), None);
        assert_eq!(dotted(&[]), None);
        assert_eq!(dotted(&[0xff; 129]), None);
    }

    #[test]
    fn numbers_have_a_sign() {
        let number = |body| Element { tag: INTEGER, body, cut: false }.number();
        assert_eq!(number(&[0x7f]), Some(127));
        assert_eq!(number(&[0xff]), Some(-1));
        assert_eq!(number(&[0, 0x80]), Some(128));
        assert_eq!(number(&[1; 9]), None);
        assert_eq!(number(&[]), None);
    }

    proptest! {
        #[test]
        fn noise_is_read_to_its_end_and_no_further(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let total: usize = Ber::new(&bytes).map(|element| element.body.len() + 2).sum();
            prop_assert!(total <= bytes.len());
            let _ = dotted(&bytes);
        }
    }
}
