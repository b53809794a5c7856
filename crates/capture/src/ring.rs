//! One ring on one interface.

use crate::block::{Packets, link_of};
use crate::sys::{self, Mapping};
use crate::{CaptureError, RingOptions};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use tallyward_discovery::Live;

/// A socket that receives everything an interface sees, and the memory it lies in. It sends nothing.
#[derive(Debug)]
pub struct Ring {
    // Dropped before the socket.
    mapping: Mapping,
    socket: OwnedFd,
    wake: Arc<File>,
    next: usize,
    drops: u64,
    scratch: Vec<u8>,
    damaged: u64,
}

/// Ends the wait of a ring from another thread.
#[derive(Clone, Debug)]
pub struct Waker(Arc<File>);

impl Waker {
    /// Ends the present wait, and all later ones at once.
    pub fn wake(&self) {
        // A full counter wakes just as well.
        let _ = (&*self.0).write(&1_u64.to_ne_bytes());
    }
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> CaptureError {
    move |source| CaptureError::System { what, source }
}

impl Ring {
    /// Opens a ring on an interface.
    ///
    /// # Errors
    /// When the right is missing, there is no such interface, it brings frames that are not read, or memory is short.
    pub fn open(interface: &str, options: &RingOptions) -> Result<Self, CaptureError> {
        let index = sys::interface_index(interface).map_err(|_| CaptureError::NoInterface {
            interface: interface.to_owned(),
            there: sys::interfaces().join(", "),
        })?;
        let kind = std::fs::read_to_string(format!("/sys/class/net/{interface}/type"));
        if let Some(kind) = kind.ok().and_then(|text| text.trim().parse::<u16>().ok())
            && link_of(kind).is_none()
        {
            return Err(CaptureError::Kind { interface: interface.to_owned(), kind });
        }
        let socket = sys::packet_socket().map_err(|source| match source.kind() {
            io::ErrorKind::PermissionDenied => CaptureError::NotAllowed { interface: interface.to_owned() },
            _ => CaptureError::System { what: "opening a packet socket", source },
        })?;
        let version = libc::tpacket_versions::TPACKET_V3 as libc::c_int;
        sys::set_number(&socket, libc::PACKET_VERSION, version).map_err(failed("asking for TPACKET_V3"))?;
        let (block, blocks) = (options.block, (options.bytes / options.block).max(2));
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        sys::set_ring(&socket, number(block), number(blocks), options.patience)
            .map_err(failed("setting up the ring (is there memory for it? --ring takes less)"))?;
        let mapping = Mapping::new(&socket, block, blocks).map_err(failed("mapping the ring"))?;
        // Older kernels do not know it; then outgoing packets are passed over one by one.
        let _ = sys::set_number(&socket, libc::PACKET_IGNORE_OUTGOING, 1);
        if options.promiscuous {
            sys::set_promiscuous(&socket, index).map_err(failed("asking for frames addressed to others"))?;
        }
        sys::bind(&socket, index).map_err(failed("binding to the interface"))?;
        if let Some(group) = options.fanout {
            // Symmetric hash of the conversation, with fragments put together first so that they stay with it.
            let flags = libc::PACKET_FANOUT_HASH | libc::PACKET_FANOUT_FLAG_DEFRAG;
            let value = i32::from(group) | (flags as i32) << 16;
            sys::set_number(&socket, libc::PACKET_FANOUT, value).map_err(failed("sharing the interface"))?;
        }
        let wake = Arc::new(File::from(sys::event().map_err(failed("opening a wake-up"))?));
        Ok(Self { mapping, socket, wake, next: 0, drops: 0, scratch: Vec::new(), damaged: 0 })
    }

    /// Ends waits from elsewhere.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.wake))
    }

    /// Reads the next block if one comes within so many milliseconds; gives how many packets it held.
    ///
    /// # Errors
    /// When the interface went away.
    pub fn read(&mut self, milliseconds: u32, live: &mut Live) -> Result<u64, CaptureError> {
        if self.mapping.block(self.next).is_none() {
            sys::wait(&self.socket, &self.wake.as_fd(), milliseconds)
                .map_err(failed("waiting for packets"))?;
        }
        let Some(block) = self.mapping.block(self.next) else { return Ok(0) };
        let mut count = 0;
        let mut packets = Packets::of(block);
        for packet in packets.by_ref().filter(|packet| !packet.outgoing) {
            packet.read(&mut self.scratch, live);
            count += 1;
        }
        self.damaged += u64::from(packets.left());
        self.mapping.release(self.next);
        self.next = self.next.wrapping_add(1);
        Ok(count)
    }

    /// Packets lost since the ring was opened: those the kernel had no room for, and those that could not be found in a block.
    ///
    /// # Errors
    /// When the socket does not answer.
    pub fn drops(&mut self) -> Result<u64, CaptureError> {
        let (_, drops) = sys::statistics(&self.socket).map_err(failed("reading the drops"))?;
        self.drops += u64::from(drops);
        Ok(self.drops + self.damaged)
    }
}
