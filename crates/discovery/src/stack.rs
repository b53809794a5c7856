//! How a TCP stack opens and answers connections: a signature of its SYN and SYN-ACK in a notation of our own.
//!
//! `opens hops=64 window=mss*44 mss=1460 scale=7 options=mss,sack,time,pad,scale`. The hop limit is taken only at a usual starting
//! value, so that no router has passed the packet on and the options are as the sender wrote them. docs/reference/tcp-stack.md says
//! what each part means. Nothing here names an operating system: that is for rules.

use crate::ip::Ip;
use std::fmt;

/// Options told; a stack sends a handful, the header holds forty bytes.
const MOST: usize = 12;

/// One signature, small enough to be noted for every connection and spelled out only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Signature {
    answers: bool,
    hops: u8,
    window: u16,
    /// 0 when the option is missing.
    segment: u16,
    scale: Option<u8>,
    /// Kinds of the options in order; 0, the end of the list, where there is none.
    options: [u8; MOST],
    count: u8,
}

impl Signature {
    /// The signature of a SYN or SYN-ACK; `None` for other segments, for packets that may have passed a router, and for headers
    /// that are cut or make no sense.
    pub(crate) fn of(ip: &Ip<'_>) -> Option<Self> {
        let head = ip.payload.first_chunk::<20>()?;
        let (length, flags) = (usize::from(head[12] >> 4) * 4, head[13]);
        if flags & 0x07 != 0x02 || !matches!(ip.hops, 32 | 64 | 128 | 255) {
            return None;
        }
        let mut signature = Self {
            answers: flags & 0x10 != 0,
            hops: ip.hops,
            window: u16::from_be_bytes([head[14], head[15]]),
            segment: 0,
            scale: None,
            options: [0; MOST],
            count: 0,
        };
        let mut rest = ip.payload.get(20..length)?;
        while let [kind, tail @ ..] = rest {
            if usize::from(signature.count) < MOST {
                signature.options[usize::from(signature.count)] = *kind;
                signature.count += 1;
            }
            rest = match (kind, tail) {
                (0, _) => break,
                (1, _) => tail,
                (_, [size @ 2..=40, ..]) => {
                    let value = rest.get(2..usize::from(*size))?;
                    match (kind, value) {
                        (2, [high, low]) => signature.segment = u16::from_be_bytes([*high, *low]),
                        (3, [scale]) => signature.scale = Some(*scale),
                        _ => {}
                    }
                    &rest[usize::from(*size)..]
                }
                _ => return None,
            };
        }
        Some(signature)
    }

    /// What the statement rests on.
    pub(crate) const fn basis(&self) -> &'static str {
        if self.answers { "TCP SYN-ACK" } else { "TCP SYN" }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.answers { "answers" } else { "opens" };
        write!(out, "{verb} hops={} window=", self.hops)?;
        match (self.window, self.segment) {
            (window, 1..) if window > 0 && window % self.segment == 0 => {
                write!(out, "mss*{}", window / self.segment)?;
            }
            (window, _) => write!(out, "{window}")?,
        }
        match self.segment {
            0 => out.write_str(" mss=-")?,
            segment => write!(out, " mss={segment}")?,
        }
        match self.scale {
            None => out.write_str(" scale=-")?,
            Some(scale) => write!(out, " scale={scale}")?,
        }
        out.write_str(" options=")?;
        for (at, kind) in self.options[..usize::from(self.count)].iter().enumerate() {
            if at > 0 {
                out.write_str(",")?;
            }
            match kind {
                0 => out.write_str("end")?,
                1 => out.write_str("pad")?,
                2 => out.write_str("mss")?,
                3 => out.write_str("scale")?,
                4 => out.write_str("sack")?,
                8 => out.write_str("time")?,
                30 => out.write_str("multipath")?,
                34 => out.write_str("fast")?,
                other => write!(out, "{other}")?,
            }
        }
        if self.count == 0 { out.write_str("-") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(hops: u8, flags: u8, window: u16, options: &[u8]) -> Option<String> {
        let mut payload = vec![0; 20];
        payload[12] = (((20 + options.len()) / 4) << 4) as u8;
        payload[13] = flags;
        payload[14..16].copy_from_slice(&window.to_be_bytes());
        payload.extend(options);
        let here = [10, 0, 0, 1].into();
        let ip =
            Ip { source: here, target: here, protocol: 6, hops, payload: &payload, missing: 0, piece: None };
        Signature::of(&ip).map(|signature| signature.to_string())
    }

    const MANY: [u8; 20] = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];

    #[test]
    fn the_parts_are_told_in_order() {
        assert_eq!(
            of(64, 0x02, 64_240, &MANY).as_deref(),
            Some("opens hops=64 window=mss*44 mss=1460 scale=7 options=mss,sack,time,pad,scale")
        );
        assert_eq!(
            of(128, 0x12, 8_192, &[2, 4, 5, 180]).as_deref(),
            Some("answers hops=128 window=8192 mss=1460 scale=- options=mss")
        );
        assert_eq!(
            of(255, 0x02, 4_096, &[]).as_deref(),
            Some("opens hops=255 window=4096 mss=- scale=- options=-")
        );
        assert_eq!(
            of(64, 0xc2, 0, &[34, 2, 77, 2, 0, 0, 0, 0]).as_deref(),
            Some("opens hops=64 window=0 mss=- scale=- options=fast,77,end"),
            "with explicit congestion notification"
        );
    }

    #[test]
    fn what_a_router_passed_on_and_other_segments_have_none() {
        assert_eq!(of(63, 0x02, 64_240, &MANY), None);
        assert_eq!(of(64, 0x10, 64_240, &MANY), None);
        assert_eq!(of(64, 0x06, 64_240, &MANY), None, "SYN with RST");
        assert_eq!(of(64, 0x02, 64_240, &[2, 1, 0, 0]), None, "a length that makes no sense");
        assert_eq!(of(64, 0x02, 64_240, &[2, 9, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn noise_is_survived(payload in prop::collection::vec(any::<u8>(), 0..80)) {
            let here = [10, 0, 0, 1].into();
            let mut payload = payload;
            if let Some(flags) = payload.get_mut(13) {
                *flags = 2;
            }
            let ip = Ip { source: here, target: here, protocol: 6, hops: 64, payload: &payload, missing: 0, piece: None };
            if let Some(signature) = Signature::of(&ip) {
                prop_assert!(signature.to_string().len() < 200);
            }
        }
    }
}
