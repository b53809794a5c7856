//! All of the unsafe code: system calls, and the memory shared with the kernel. Each function is safe to call with any arguments.
#![expect(
    unsafe_code,
    reason = "system calls and shared memory have no safe form; every block says why it is sound"
)]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// Offset of `block_status` in `struct tpacket_block_desc` (linux/if_packet.h): version and `offset_to_priv` stand before it.
const STATUS: usize = 8;

fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// A packet socket that receives nothing until it is bound.
pub fn packet_socket() -> io::Result<OwnedFd> {
    // SAFETY: takes no pointer; the answer is checked before it is owned.
    let fd = checked(unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: the descriptor was opened right above and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Sets an option of level `SOL_PACKET` to a plain value.
fn set<T: Copy>(socket: &OwnedFd, option: libc::c_int, value: &T) -> io::Result<()> {
    let length = size_of::<T>() as libc::socklen_t;
    let pointer = std::ptr::from_ref(value).cast();
    // SAFETY: pointer and length describe `value`, which lives through the call and is only read.
    checked(unsafe { libc::setsockopt(socket.as_raw_fd(), libc::SOL_PACKET, option, pointer, length) })?;
    Ok(())
}

/// Sets a number.
pub fn set_number(socket: &OwnedFd, option: libc::c_int, value: libc::c_int) -> io::Result<()> {
    set(socket, option, &value)
}

/// Asks for a TPACKET_V3 ring of whole blocks.
pub fn set_ring(socket: &OwnedFd, block: u32, blocks: u32, patience: u32) -> io::Result<()> {
    // A frame is at most a block; the kernel wants the number of the smallest frames that fit, and ignores it otherwise.
    let frame = 2_048;
    let request = libc::tpacket_req3 {
        tp_block_size: block,
        tp_block_nr: blocks,
        tp_frame_size: frame,
        tp_frame_nr: block / frame * blocks,
        tp_retire_blk_tov: patience,
        tp_sizeof_priv: 0,
        tp_feature_req_word: 0,
    };
    set(socket, libc::PACKET_RX_RING, &request)
}

/// Asks for frames that are addressed to others, for as long as the socket is open.
pub fn set_promiscuous(socket: &OwnedFd, interface: u32) -> io::Result<()> {
    let request = libc::packet_mreq {
        mr_ifindex: interface as libc::c_int,
        mr_type: libc::PACKET_MR_PROMISC as libc::c_ushort,
        mr_alen: 0,
        mr_address: [0; 8],
    };
    set(socket, libc::PACKET_ADD_MEMBERSHIP, &request)
}

/// Begins to receive every protocol from one interface.
pub fn bind(socket: &OwnedFd, interface: u32) -> io::Result<()> {
    let address = libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
        sll_ifindex: interface as libc::c_int,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
    let pointer = std::ptr::from_ref(&address).cast();
    // SAFETY: pointer and length describe `address`, which lives through the call and is only read.
    checked(unsafe { libc::bind(socket.as_raw_fd(), pointer, length) })?;
    Ok(())
}

/// What `PACKET_STATISTICS` counted since it was asked last: packets including those dropped, and dropped ones.
pub fn statistics(socket: &OwnedFd) -> io::Result<(u32, u32)> {
    let mut counted = libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
    let mut length = size_of::<libc::tpacket_stats_v3>() as libc::socklen_t;
    let pointer = std::ptr::from_mut(&mut counted).cast();
    let (level, option) = (libc::SOL_PACKET, libc::PACKET_STATISTICS);
    // SAFETY: pointer and length describe `counted`, a plain value that any bytes are valid for.
    checked(unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, pointer, &raw mut length) })?;
    Ok((counted.tp_packets, counted.tp_drops))
}

/// The number of an interface.
pub fn interface_index(name: &str) -> io::Result<u32> {
    let name = CString::new(name)?;
    // SAFETY: a text that ends in zero and lives through the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        index => Ok(index),
    }
}

/// The descriptor of a wake-up: written by whoever ends a wait.
pub fn event() -> io::Result<OwnedFd> {
    // SAFETY: takes no pointer; the answer is checked before it is owned.
    let fd = checked(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
    // SAFETY: the descriptor was opened right above and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Takes the pending error off a socket. A link that went down is none: it may come back.
fn take_error(socket: &OwnedFd) -> io::Result<()> {
    let mut error: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    let pointer = std::ptr::from_mut(&mut error).cast();
    let (level, option) = (libc::SOL_SOCKET, libc::SO_ERROR);
    // SAFETY: pointer and length describe `error`, a plain number.
    checked(unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, pointer, &raw mut length) })?;
    match error {
        0 | libc::ENETDOWN => Ok(()),
        other => Err(io::Error::from_raw_os_error(other)),
    }
}

/// Waits until one of two descriptors can be read, at most so many milliseconds. Whether the first can.
pub fn wait(socket: &OwnedFd, other: &impl AsRawFd, milliseconds: u32) -> io::Result<bool> {
    let poll = |fd: &dyn AsRawFd| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let mut asked = [poll(socket), poll(other)];
    let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
    // SAFETY: pointer and count describe `asked`, which lives through the call.
    let answer = unsafe { libc::poll(asked.as_mut_ptr(), 2, milliseconds) };
    match checked(answer) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        Err(error) => Err(error),
        Ok(_) if asked[0].revents & libc::POLLERR != 0 => {
            take_error(socket)?;
            Ok(false)
        }
        Ok(_) => Ok(asked[0].revents != 0),
    }
}

/// The memory of a ring: `blocks` of `size` bytes each, shared with the kernel.
///
/// A block belongs to the kernel or to us; its status word says to whom. It is only looked into while it is ours, and given back by
/// [`Mapping::release`], which takes the mapping for itself so that no slice of the block can be alive then.
#[derive(Debug)]
pub struct Mapping {
    start: NonNull<u8>,
    size: usize,
    blocks: usize,
}

// SAFETY: the memory is reached through this value alone; the kernel's side is ordered by the status word, which is atomic.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps the ring of a socket for which [`set_ring`] asked for these numbers.
    pub fn new(socket: &OwnedFd, size: usize, blocks: usize) -> io::Result<Self> {
        let length = size.checked_mul(blocks).ok_or_else(|| io::Error::other("a ring larger than memory"))?;
        let (rights, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: a new mapping where the kernel likes; it refuses a length that is not the ring's.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), length, rights, flags, socket.as_raw_fd(), 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or_else(|| io::Error::other("a ring at address zero"))?;
        Ok(Self { start, size, blocks })
    }

    fn status(&self, block: usize) -> &AtomicU32 {
        let at = (block % self.blocks) * self.size + STATUS;
        // SAFETY: within the mapping, since a block is larger than its header; aligned, since blocks are whole pages; the kernel
        // writes this word as a whole, which is what an atomic is for.
        unsafe { AtomicU32::from_ptr(self.start.add(at).as_ptr().cast()) }
    }

    /// A block, if the kernel has handed it over.
    pub fn block(&self, block: usize) -> Option<&[u8]> {
        if self.status(block).load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            return None;
        }
        let at = (block % self.blocks) * self.size;
        // SAFETY: within the mapping; the kernel does not write into a block that is ours, and it stays ours until `release`, which
        // cannot be called while this slice lives.
        Some(unsafe { std::slice::from_raw_parts(self.start.add(at).as_ptr(), self.size) })
    }

    /// Gives a block back to the kernel.
    pub fn release(&mut self, block: usize) {
        self.status(block).store(libc::TP_STATUS_KERNEL, Ordering::Release);
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: exactly what `new` mapped; no slice of it outlives `self`.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.size * self.blocks) };
    }
}

/// User and group number of a user.
pub fn user(name: &str) -> io::Result<Option<(libc::uid_t, libc::gid_t)>> {
    let name = CString::new(name)?;
    let mut buffer = vec![0_u8; 16 * 1024];
    let mut found = std::ptr::null_mut();
    // SAFETY: `passwd` is a plain structure of numbers and pointers, for which zero is a value.
    let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
    // SAFETY: all pointers are to values of this function with the lengths they have; the entry points into `buffer`.
    let error = unsafe {
        libc::getpwnam_r(
            name.as_ptr(),
            &raw mut entry,
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut found,
        )
    };
    match error {
        0 if found.is_null() => Ok(None),
        0 => Ok(Some((entry.pw_uid, entry.pw_gid))),
        libc::ENOENT | libc::ESRCH => Ok(None),
        other => Err(io::Error::from_raw_os_error(other)),
    }
}

/// Whether this process is root.
pub fn is_root() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// Becomes another user for good, in no other group.
pub fn become_user(user: libc::uid_t, group: libc::gid_t) -> io::Result<()> {
    // SAFETY: no groups are handed over, so the pointer is not read; the C library carries this to all threads.
    checked(unsafe { libc::setgroups(0, std::ptr::null()) })?;
    // SAFETY: plain numbers.
    checked(unsafe { libc::setresgid(group, group, group) })?;
    // SAFETY: plain numbers.
    checked(unsafe { libc::setresuid(user, user, user) })?;
    Ok(())
}

/// No program started from here gets rights that this process has not.
pub fn no_new_privileges() -> io::Result<()> {
    // SAFETY: plain numbers, as prctl(2) wants them for this option.
    checked(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1_u64, 0_u64, 0_u64, 0_u64) })?;
    Ok(())
}

#[repr(C)]
struct CapabilityHeader {
    version: u32,
    process: libc::c_int,
}

/// Gives up every capability of the calling thread.
pub fn no_capabilities() -> io::Result<()> {
    // SAFETY: plain numbers, as prctl(2) wants them for this option.
    checked(unsafe {
        libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0_u64, 0_u64, 0_u64)
    })?;
    // _LINUX_CAPABILITY_VERSION_3: two sets of effective, permitted and inheritable.
    let header = CapabilityHeader { version: 0x2008_0522, process: 0 };
    let none = [0_u32; 6];
    // SAFETY: header and data are of the size that version 3 says, and live through the call.
    let answer = unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Names of the interfaces.
pub fn interfaces() -> Vec<String> {
    let mut names = Vec::new();
    // SAFETY: gives an array that ends with an entry of index 0, or null.
    let all = unsafe { libc::if_nameindex() };
    let Some(first) = NonNull::new(all) else { return names };
    let mut at = first;
    loop {
        // SAFETY: `at` walks the array and stops at its last entry.
        let entry = unsafe { at.as_ref() };
        if entry.if_index == 0 || entry.if_name.is_null() {
            break;
        }
        // SAFETY: the name ends in zero and lives until it is freed below.
        names.push(unsafe { CStr::from_ptr(entry.if_name) }.to_string_lossy().into_owned());
        // SAFETY: the entry was not the last.
        at = unsafe { at.add(1) };
    }
    // SAFETY: exactly what `if_nameindex` gave, once.
    unsafe { libc::if_freenameindex(first.as_ptr()) };
    names
}
