//! Ends this process when it takes too long: a prompt must not wait for a file system that does not answer.
//!
//! On Linux a timer of the kernel's, whose signal also ends a process that waits for a network file system. Elsewhere a
//! thread.

use std::time::{Duration, Instant};

/// Until the configuration says otherwise.
const USUAL: Duration = Duration::from_secs(1);

/// A limit for this process, counted from the start of the watchdog.
#[derive(Debug)]
pub struct Watchdog {
    start: Instant,
    alarm: alarm::Alarm,
}

impl Watchdog {
    /// Starts to count.
    pub fn start() -> Self {
        Self { start: Instant::now(), alarm: alarm::Alarm::new(USUAL) }
    }

    /// Sets another limit; none where it is zero.
    pub fn set(&mut self, limit: Duration) {
        if limit == USUAL {
            return;
        }
        // A limit that is over already ends the process at once: a timer of no time is none.
        let left = limit.saturating_sub(self.start.elapsed()).max(Duration::from_nanos(1));
        self.alarm.set(if limit.is_zero() { None } else { Some(left) });
    }
}

/// Keeps Ctrl-Z from stopping this process: inside `$(…)` it would stop with nobody to wake it, and hang the shell.
/// Blocked and not ignored, since to ignore a signal takes unsafe code; nobody unblocks it.
pub(super) fn hold_still() {
    #[cfg(target_os = "linux")]
    {
        let mut stop = nix::sys::signal::SigSet::empty();
        stop.add(nix::sys::signal::Signal::SIGTSTP);
        let _ = stop.thread_block();
    }
}

#[cfg(target_os = "linux")]
mod alarm {
    use std::time::Duration;

    use nix::sys::signal::{SigEvent, SigevNotify, Signal};
    use nix::sys::time::TimeSpec;
    use nix::sys::timer::{Expiration, Timer, TimerSetTimeFlags};
    use nix::time::ClockId;

    /// What the shell scripts know as "looking around took too long" is the death by this signal: status 142.
    #[derive(Debug)]
    pub(super) struct Alarm(Option<Timer>);

    impl Alarm {
        pub(super) fn new(limit: Duration) -> Self {
            let event = SigEvent::new(SigevNotify::SigevSignal { signal: Signal::SIGALRM, si_value: 0 });
            // Where no timer can be had, the hook runs without a limit rather than not at all.
            let mut alarm = Self(Timer::new(ClockId::CLOCK_MONOTONIC, event).ok());
            alarm.set(Some(limit));
            alarm
        }

        pub(super) fn set(&mut self, limit: Option<Duration>) {
            if let Some(timer) = &mut self.0 {
                let once = Expiration::OneShot(TimeSpec::from_duration(limit.unwrap_or_default()));
                let _ = timer.set(once, TimerSetTimeFlags::empty());
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod alarm {
    use std::sync::mpsc::{self, RecvTimeoutError, Sender};
    use std::time::Duration;

    /// 128 and the number of SIGALRM.
    const STATUS: i32 = 142;

    #[derive(Debug)]
    pub(super) struct Alarm(Sender<Option<Duration>>);

    impl Alarm {
        #[allow(clippy::exit, reason = "the one way to leave while another thread waits for the kernel")]
        pub(super) fn new(limit: Duration) -> Self {
            let (tell, told) = mpsc::channel();
            // Where no thread can be had, the hook runs without a limit rather than not at all.
            let _ = std::thread::Builder::new().stack_size(16 * 1024).spawn(move || {
                let mut limit = Some(limit);
                loop {
                    let next = match limit {
                        Some(left) => told.recv_timeout(left),
                        None => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
                    };
                    match next {
                        Ok(new) => limit = new,
                        Err(RecvTimeoutError::Timeout) => std::process::exit(STATUS),
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            });
            Self(tell)
        }

        pub(super) fn set(&mut self, limit: Option<Duration>) {
            let _ = self.0.send(limit);
        }
    }
}
