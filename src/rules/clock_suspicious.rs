//! HF506

use super::oauth_expired::span;
use super::places::login_path;
use crate::finding::{Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Says when this machine's clock is before the release of this hflint, or more than a day before the last writing
    /// of the token file.
    ///
    /// ## Why it matters
    /// With a late clock, certificates are not valid yet, so every request fails with a TLS error, and expiry dates of
    /// tokens mean nothing.
    ///
    /// ## Example
    /// ```text
    /// ~/.cache/huggingface/token     written 30 days from now
    /// ```
    ///
    /// ## How to fix
    /// Set the clock: `sudo timedatectl set-ntp true`.
    ///
    /// ## Exceptions
    /// A file up to a day ahead is silent: file servers and machines that share a home have clocks of their own.
    ///
    /// ## References
    /// - `hwclock(8)`, `timedatectl(1)`
    pub(super) static RULE = {
        code: "HF506",
        name: "clock-suspicious",
        summary: "this machine's clock is late",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: None,
        check: check,
    }
}

/// 2026-11-21, when this version was being written; to be moved on with every release. A date from the compiler would
/// make two builds of one source differ.
const WRITTEN: i64 = 1_795_219_200;
const DAY: i64 = 24 * 60 * 60;

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let system = snapshot.state.system;
    let now = system.now();
    let token = login_path(snapshot);
    let stored = token.with_file_name("stored_tokens");
    let ahead = [token.to_owned(), stored]
        .into_iter()
        .filter_map(|p| Some((system.stat(&p).ok()?.mtime.saturating_sub(now), absolute(system, &p))))
        .filter(|(ahead, _)| *ahead > DAY)
        .max();
    let finding = if now < WRITTEN {
        let late = span(WRITTEN.saturating_sub(now));
        Finding::new(&RULE, Severity::Warning, format!("the clock is at least {late} late: this hflint is newer"))
    } else if let Some((ahead, path)) = ahead {
        let message = format!("a file of the login was written {} from now, says this clock", span(ahead));
        Finding::new(&RULE, Severity::Warning, message).at(Location::file(path))
    } else {
        return;
    };
    out.push(
        finding
            .help("sudo timedatectl set-ntp true", "then certificates and expiry dates are judged by the right time"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";
    const NOW: i64 = 1_800_000_000;

    #[test]
    fn a_clock_before_this_release() {
        let found = run(&RULE, &Fake::home().now(WRITTEN - 3 * DAY));
        assert_eq!(found[0].message, "the clock is at least 3 days late: this hflint is newer");
        assert_eq!(findings(&RULE, &Fake::home().now(0)), ["warning"]);
        assert_eq!(findings(&RULE, &Fake::home().now(i64::MIN)), ["warning"]);
    }

    #[test]
    fn files_of_the_login_from_the_future() {
        let file = Fake::home().now(NOW).file(LOGIN, token('A')).written(LOGIN, NOW + 30 * DAY);
        let stored = "/home/u/.cache/huggingface/stored_tokens";
        let both = file.clone().file(stored, "").written(stored, NOW + 2 * DAY);
        for fake in [file, both] {
            assert_eq!(findings(&RULE, &fake), ["warning"]);
        }
    }

    #[test]
    fn silent_for_a_little_and_for_the_past() {
        for seconds in [30, DAY, -1000 * DAY] {
            let fake = Fake::home().now(NOW).file(LOGIN, token('A')).written(LOGIN, NOW + seconds);
            assert!(findings(&RULE, &fake).is_empty());
        }
        assert!(findings(&RULE, &Fake::home().now(WRITTEN)).is_empty());
    }

    /// The date is moved on with the version: a release may not be older than the last date in the changelog.
    #[test]
    fn the_date_is_not_before_the_last_release() {
        let changelog = include_str!("../../CHANGELOG.md");
        let last = changelog.lines().find_map(|l| l.strip_prefix("## ")?.split(" - ").nth(1));
        if let Some(date) = last {
            let mut parts = date.trim().split('-').map(|p| p.parse::<i64>().expect(date));
            let (year, month) = (parts.next().expect(date), parts.next().expect(date));
            // Good to a month.
            let least = (year - 1970) * 365 * DAY + (month - 1) * 30 * DAY;
            assert!(WRITTEN >= least, "move WRITTEN on to {date}");
        }
        assert!(changelog.starts_with("# Changelog"));
    }
}
