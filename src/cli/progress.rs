//! The line that tells on a terminal how far a long look got.

use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Global;
use crate::state::caches::Progress;

/// What is over sooner needs no word.
const PATIENCE: Duration = Duration::from_millis(500);

static START: OnceLock<Instant> = OnceLock::new();
static IS_SHOWN: AtomicBool = AtomicBool::new(false);

/// Who is to be told; `None` where nobody sits there.
pub(super) fn start(global: &Global) -> Option<Progress> {
    START.get_or_init(Instant::now);
    (!global.quiet && std::io::stderr().is_terminal()).then_some(tell as Progress)
}

fn tell(done: usize, of: usize) {
    let Some(elapsed) = START.get().map(Instant::elapsed).filter(|e| *e >= PATIENCE) else { return };
    IS_SHOWN.store(true, Ordering::Relaxed);
    let _ = write!(std::io::stderr(), "\r\x1b[K{}", line(done, of, elapsed));
}

/// `120 of 1000 repositories, about 3 s left`.
fn line(done: usize, of: usize, elapsed: Duration) -> String {
    let left = elapsed.as_millis().saturating_mul((of - done.min(of)) as u128) / (done.max(1) as u128);
    format!("hflint: {done} of {of} repositories, about {} s left", left.div_ceil(1000))
}

/// Takes the line away.
pub(super) fn end() {
    if IS_SHOWN.swap(false, Ordering::Relaxed) {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_time_spent() {
        let said = line(250, 1000, Duration::from_secs(1));
        assert_eq!(said, "hflint: 250 of 1000 repositories, about 3 s left");
        assert_eq!(line(0, 10, Duration::from_millis(500)), "hflint: 0 of 10 repositories, about 5 s left");
    }
}
