//! Ends this process when it takes too long: a prompt must not wait for a file system that does not answer.
//!
//! A thread, not a timer of the kernel's: `setitimer` would need unsafe code. Neither helps against a look that the
//! kernel itself does not interrupt.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What the shell scripts know as "looking around took too long": 128 and the number of SIGALRM.
const STATUS: i32 = 142;
/// Until the configuration says otherwise.
const USUAL: Duration = Duration::from_secs(1);

/// A limit for this process.
#[derive(Debug)]
pub struct Watchdog {
    limit: Arc<AtomicU64>,
}

impl Watchdog {
    /// Starts to count.
    #[allow(clippy::exit, reason = "the one way to leave while another thread waits for the kernel")]
    pub fn start() -> Self {
        let limit = Arc::new(AtomicU64::new(millis(USUAL)));
        let watched = Arc::clone(&limit);
        let start = Instant::now();
        // Where no thread can be had, the hook runs without a limit rather than not at all.
        let _ = std::thread::Builder::new().stack_size(16 * 1024).spawn(move || {
            loop {
                let limit = Duration::from_millis(watched.load(Ordering::Relaxed));
                match limit.checked_sub(start.elapsed()) {
                    Some(left) if !left.is_zero() => std::thread::sleep(left),
                    _ => std::process::exit(STATUS),
                }
            }
        });
        Self { limit }
    }

    /// Sets another limit, counted from the start.
    pub fn set(&self, limit: Duration) {
        self.limit.store(millis(limit), Ordering::Relaxed);
    }
}

fn millis(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)
}
