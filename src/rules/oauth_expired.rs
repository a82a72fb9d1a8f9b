//! HF205

use super::places::called;
use super::values::{becomes, login};
use crate::clients::Outcome;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::HubPath;
use crate::clients::paths;
use crate::clients::version::Version;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::snapshot::{Resolved, Snapshot};
use crate::state::stored_tokens;

declare_rule! {
    /// ## What it does
    /// Finds a login in the browser that is past its expiry and still in use, or has less than a day left and nothing
    /// to renew it with.
    ///
    /// ## Why it matters
    /// Such a token ends by itself. huggingface_hub 1.20 and newer renew it from `stored_tokens`; older releases, other
    /// clients and a copy in a variable go on sending it, and the Hub answers 401. A login or switch by a release from
    /// 0.26 to 1.19 drops what is needed for the renewal, silently.
    ///
    /// ## Example
    /// ```text
    /// token            hf_****aaaa
    /// stored_tokens    [oauth-me] hf_****aaaa, expired 2026-11-02, no refresh_token
    /// ```
    ///
    /// ## How to fix
    /// Log in again: `hf auth login`. Better with a huggingface_hub that renews by itself: 1.20 or newer.
    ///
    /// ## Fix safety
    /// A new login writes the token file and is asked for.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`) where every client here that sends the token renews it by itself. Silent for stored
    /// tokens that are not in use, and where no expiry is known.
    ///
    /// ## References
    /// - huggingface_hub 1.20.0 to 2.4.0, `utils/_auth.py` and `_oauth_device.py`: renewed when less than 24 hours are
    ///   left
    pub(super) static RULE = {
        code: "HF205",
        name: "oauth-expired",
        summary: "a login in the browser that has expired, or cannot be renewed",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// The first release that renews.
const RENEWS: Version = Version::first_of(1, 20, 0);
const DAY: i64 = 24 * 60 * 60;

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let hub = snapshot.hub_or_newest();
    let rule = if hub.instance.version < Version::first_of(0, 30, 0) { HubPath::TokenPath } else { HubPath::Expanded };
    let path = paths::hub_stored_tokens(state.system, rule);
    // What is written there is the same whichever release reads it: the newest knows all keys.
    let Some(stored) = stored_tokens::read(state, &path, HUGGINGFACE_HUB.newest) else {
        return;
    };
    let here = snapshot.here();
    let senders = |token| here.iter().filter(move |r| r.answer.outcome.token() == Some(token)).copied();
    let Some((section, sender)) = stored.tokens.iter().find_map(|s| Some((s, senders(&s.token).next()?))) else {
        return;
    };
    let Some(expires) = section.expires_at else {
        return;
    };
    let left = expires.saturating_sub(state.system.now());
    if left > 0 && (left >= DAY || section.refreshable) {
        return;
    }
    let renewed = section.refreshable && senders(&section.token).all(renews);
    let severity = if renewed { Severity::Info } else { Severity::Warning };
    let name = &section.name;
    let message = if left > 0 {
        format!("the login \"{name}\" ends in {}, and nothing can renew it", span(left))
    } else if renewed {
        format!("the login \"{name}\" has expired; the clients here renew it at their next call")
    } else {
        format!("the login \"{name}\" has expired {} ago and is still sent", span(-left))
    };
    let known_as = format!("{name} {}", if left > 0 { "ends" } else { "has expired" });
    let mut finding = Finding::new(&RULE, severity, message).known_as(known_as);
    finding.locations.extend(sender.answer.source.clone());
    finding = finding.at(stored.location(section)).note("sends", section.token.masked());
    finding = match senders(&section.token).find(|r| !renews(r)) {
        Some(_) if !section.refreshable => finding.note("why", "its refresh token is gone from stored_tokens"),
        Some(client) if from_variable(client) => finding.note("why", "a token in a variable is never renewed"),
        Some(client) => finding.note("why", format!("{} does not renew", called(&client.instance))),
        None if section.refreshable => finding,
        None => finding.note("why", "its refresh token is gone from stored_tokens"),
    };
    out.push(if let Some(at @ Location::Variable { name }) = &sender.answer.source {
        finding.unset(&[name], becomes(snapshot, at))
    } else {
        let finding = finding.help(login(snapshot), "writes a new token and its expiry");
        // Gone for good: without `--login` nothing of it is touched.
        let dead = left <= 0 && !section.refreshable;
        if dead { finding.offers(Remedy::Sections(vec![name.clone()])) } else { finding }
    });
}

/// Whether a client that sends the token exchanges it for a new one by itself.
fn renews(client: &Resolved) -> bool {
    let release = if client.instance.is_hub() { client.instance.version } else { client.instance.hub };
    let asks_hub = client.instance.is_hub()
        || client.instance.model.steps.iter().any(|s| matches!(s, crate::clients::model::Step::Hub));
    asks_hub && release >= RENEWS && !from_variable(client) && matches!(client.answer.outcome, Outcome::Token(_))
}

fn from_variable(client: &Resolved) -> bool {
    matches!(client.answer.source, Some(Location::Variable { .. }))
}

/// A length of time in its largest whole unit.
pub(super) fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        s if s >= 2 * DAY => (s / DAY, "day"),
        s if s >= 60 * 60 => (s / 3600, "hour"),
        s => (s / 60, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";
    const STORED: &str = "/home/u/.cache/huggingface/stored_tokens";
    const NOW: i64 = 1_800_000_000;

    fn oauth() -> String {
        format!("hf_oauth_{}", "a".repeat(34))
    }

    fn stored(refresh: bool, expires: &str) -> Fake {
        let refresh = if refresh { "refresh_token = r\n" } else { "" };
        let text = format!("[oauth-me]\nhf_token = {}\n{refresh}expires_at = {expires}\n", oauth());
        Fake::home().now(NOW).file(STORED, text)
    }

    fn active(refresh: bool, seconds: i64) -> Fake {
        stored(refresh, &(NOW + seconds).to_string()).file(LOGIN, oauth())
    }

    #[test]
    fn past_its_expiry() {
        assert_eq!(findings(&RULE, &active(false, -60)), ["warning"]);
        assert_eq!(findings(&RULE, &active(true, -60)), ["info"]);
        for version in ["0.36.2", "1.19.0"] {
            assert_eq!(findings(&RULE, &python(active(true, -60), &[("huggingface_hub", version)])), ["warning"]);
        }
        let two = python(active(true, -60), &[("huggingface_hub", "2.4.0"), ("polars", "2.1.0")]);
        assert_eq!(findings(&RULE, &two), ["warning"]);
        // A copy in a variable is never renewed.
        assert_eq!(findings(&RULE, &active(true, -60).var("HF_TOKEN", oauth())), ["warning"]);
    }

    #[test]
    fn about_to_expire() {
        assert_eq!(findings(&RULE, &active(false, 3600)), ["warning"]);
        assert!(findings(&RULE, &active(true, 3600)).is_empty());
        assert!(findings(&RULE, &active(false, 2 * DAY)).is_empty());
    }

    #[test]
    fn silent_where_nothing_is_known_or_it_is_not_in_use() {
        assert!(findings(&RULE, &stored(true, "soon").file(LOGIN, oauth())).is_empty());
        assert!(findings(&RULE, &stored(false, "1").file(LOGIN, token('A'))).is_empty());
        assert!(findings(&RULE, &stored(false, "1")).is_empty());
    }

    #[test]
    fn spans() {
        assert_eq!(
            (span(59), span(3600), span(DAY), span(3 * DAY)),
            ("0 minutes".into(), "1 hour".into(), "24 hours".into(), "3 days".into())
        );
    }
}
