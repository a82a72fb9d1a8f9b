//! The person's own time: a static program cannot ask the C library's rules, which `TZ` and `/etc/localtime` hold.

use std::path::Path;

use super::os::Os;
use super::{System as _, TEXT_LIMIT};

/// How far the person's clock is ahead of UTC at a moment, in seconds; 0 where it is not known.
/// `TZ` as POSIX and glibc read it; without it `/etc/localtime`.
pub(super) fn offset(at: i64) -> i32 {
    let zones = tz::TimeZoneSettings::new(tz::TimeZoneSettings::DEFAULT_DIRECTORIES, |path| {
        Ok(Os.read(Path::new(path), TEXT_LIMIT)?.bytes)
    });
    let zone = match Os.var("TZ").map(std::ffi::OsString::into_string) {
        None => zones.parse_local(),
        // An empty one is UTC, and so is one that means nothing.
        Some(Ok(name)) if !name.is_empty() => zones.parse_posix_tz(&name),
        Some(_) => return 0,
    };
    zone.ok().and_then(|zone| Some(zone.find_local_time_type(at).ok()?.ut_offset())).unwrap_or(0)
}
