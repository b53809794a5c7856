//! XDMCP (X Display Manager Control Protocol, version 1).
//!
//! Copied: the host name of a display manager that says it is willing. Status, authentication, addresses and sessions are passed over.

use super::{DatagramProtocol, Probe, Visit, text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// XDMCP.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "xdmcp",
    ports: &[177],
    probe,
    read: |data, visit| {
        tell(data, visit);
    },
};

const WILLING: u8 = 5;

fn probe(data: &[u8]) -> Probe {
    match data {
        [0, 1, 0, 1..=13, high, low, rest @ ..]
            if rest.len() == usize::from(u16::from_be_bytes([*high, *low])) =>
        {
            Probe::Maybe
        }
        _ => Probe::No,
    }
}

fn tell(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let &[_, _, _, WILLING, _, _, high, low, ref rest @ ..] = data else { return None };
    let rest = rest.get(usize::from(u16::from_be_bytes([high, low]))..)?;
    let (length, rest) = rest.split_first_chunk()?;
    let name = text(rest.get(..usize::from(u16::from_be_bytes(*length)))?).filter(|name| !is_junk(name))?;
    visit.say(Field::HostName, &name, SourceKind::WireNetwork, "XDMCP willing");
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_willing_host_says_its_name() {
        let mut data = b"\0\x01\0\x05\0\x13\0\x03MIT\0\x04ws-1\0\x06SECRET".to_vec();
        let want = [says(Field::HostName, "ws-1", "XDMCP willing")];
        assert_eq!(trial::datagram(&DATAGRAM, &data, (177, 40_000)).unwrap(), want);
        assert_eq!(trial::datagram(&DATAGRAM, &data, (178, 40_000)), None);
        data.pop();
        assert_eq!(probe(&data), Probe::No);
    }

    proptest! {
        #[test]
        fn noise_is_read_within_bounds(noise in prop::collection::vec(any::<u8>(), 0..80)) {
            trial::visit((177, 1), |visit| {
                tell(&noise, visit);
                tell(&[&[0, 1, 0, WILLING, 0, 9][..], &noise].concat(), visit);
            });
            let _ = probe(&noise);
        }
    }
}
