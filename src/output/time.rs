//! Moments, for people.

use crate::config::Date;
use crate::system::System;

/// A moment by the person's own clock: `2026-11-22 09:05`.
pub fn local(system: &dyn System, at: i64) -> String {
    let at = at.saturating_add(i64::from(system.local_offset(at)));
    let minutes = at.rem_euclid(86_400) / 60;
    format!("{} {:02}:{:02}", Date::of(at), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn by_the_persons_clock() {
        // date -u -d @1800000000
        assert_eq!(local(&Fake::home(), 1_800_000_000), "2027-01-15 08:00");
        assert_eq!(local(&Fake::home().offset(-8 * 3600 - 1800), 1_800_000_000), "2027-01-14 23:30");
        assert_eq!(local(&Fake::home().offset(19_800), 1_800_000_000), "2027-01-15 13:30");
        assert_eq!(local(&Fake::home(), -60), "1969-12-31 23:59");
    }
}
