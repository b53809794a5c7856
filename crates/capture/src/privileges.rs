//! Giving up what opening the ring took.

use crate::CaptureError;
use crate::sys;

/// Goes on as `user` when started as root, and in any case without capabilities and without the way to new ones. Call it before any
/// thread is started: capabilities belong to threads.
///
/// # Errors
/// When there is no such user, or the system refuses.
pub fn drop_privileges(user: Option<&str>) -> Result<(), CaptureError> {
    let failed = |what: &'static str| move |source| CaptureError::System { what, source };
    if let Some(name) = user.filter(|_| sys::is_root()) {
        let found = sys::user(name).map_err(failed("looking for the user"))?;
        let (user, group) = found.ok_or_else(|| CaptureError::NoUser(name.to_owned()))?;
        sys::become_user(user, group).map_err(failed("becoming the user"))?;
    }
    sys::no_new_privileges().map_err(failed("refusing new privileges"))?;
    if user.is_some() || !sys::is_root() {
        sys::no_capabilities().map_err(failed("giving up capabilities"))?;
    }
    Ok(())
}

/// Bytes of memory this process holds; 0 when the system does not say.
#[must_use]
pub fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1_024
}
