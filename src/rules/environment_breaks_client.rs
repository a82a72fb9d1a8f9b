//! HF508

use super::endpoints::{Kind, fault, target};
use super::places::called;
use crate::clients::model::{Check, Step, Wire};
use crate::clients::{Outcome, endpoint};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::{Resolved, Snapshot};
use crate::state::netrc;

const ENDPOINT: &str = "HF_ENDPOINT";

declare_rule! {
    /// ## What it does
    /// Finds a setting that makes the client here die at import or at every request.
    ///
    /// ## Why it matters
    /// huggingface_hub reads its settings when it is imported. A timeout that is set and empty, or `30s`, raises
    /// ValueError there, and every program that builds on it dies with it. An `HF_ENDPOINT` without `https://` makes
    /// every request fail with a message about a missing scheme; since 0.29 an empty one does too. Below 1.0 it reads
    /// the netrc file before every request, and one that is not UTF-8 ends each of them.
    ///
    /// ## Example
    /// ```text
    /// HF_HUB_ETAG_TIMEOUT=               ValueError: invalid literal for int()
    /// HF_ENDPOINT=hf-mirror.com          no scheme
    /// HF_ENDPOINT=http://[::1            ValueError: Invalid IPv6 URL
    /// TQDM_POSITION=top                  ValueError with tqdm 4.66 and newer
    /// EAGER_IMPORT=1                     ImportError with releases below 0.23
    /// ~/.netrc that is not UTF-8         UnicodeDecodeError with releases below 1.0
    /// ```
    ///
    /// ## How to fix
    /// Unset the variable, or give it a whole number or a whole address. Save the netrc file as UTF-8, or hide it from
    /// this shell with `NETRC=/dev/null`.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe.
    ///
    /// ## Exceptions
    /// Silent where the client here does not read the setting or takes the value: releases before 0.19 have no such
    /// timeouts, and up to 0.28 an empty `HF_ENDPOINT` means the default.
    ///
    /// ## References
    /// - huggingface_hub 0.5.0 to 2.4.0, `constants.py`; tqdm 4.65.2 to 4.70.1, `utils.py`; requests 2.34.2, httpx 0.28.1, httpx2 2.16.2; hf-hub 1.0.0
    pub(super) static RULE = {
        code: "HF508",
        name: "environment-breaks-client",
        summary: "a setting makes the client die at import or at every request",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let mut told: Vec<String> = Vec::new();
    for client in snapshot.here() {
        let Some((name, why, consequence)) = dies(client).or_else(|| fails(snapshot, client)) else {
            continue;
        };
        if told.contains(&name) {
            continue;
        }
        let at = Location::variable(&name);
        let value = state.var(&name).unwrap_or_default();
        let what = if value.is_empty() { "is set and empty" } else { why };
        let finding = Finding::new(&RULE, Severity::Error, format!("{name} {what}: {consequence}")).at(at);
        out.push(match mended(&value.to_string_lossy()).filter(|_| name == ENDPOINT) {
            Some(url) => finding.help(format!("export {ENDPOINT}={url}"), "then the client works again"),
            None => finding.unset(&[name.as_str()], "then the default counts, and the client works again"),
        });
        told.push(name);
    }
    out.extend(snapshot.here().into_iter().find_map(|client| undecodable(snapshot, client)));
}

/// A client whose every request dies of the netrc file.
fn undecodable(snapshot: &Snapshot<'_>, client: &Resolved) -> Option<Finding> {
    let file = snapshot.state.netrc();
    let at = Location::file(&file.path);
    let dies = matches!(client.answer.outcome, Outcome::Error(_)) && client.answer.source.as_ref() == Some(&at);
    (dies && file.fault == Some(netrc::Fault::NotUtf8)).then(|| {
        let called = called(&client.instance);
        let message = format!("netrc is not UTF-8: every request of {called} fails with UnicodeDecodeError");
        Finding::new(&RULE, Severity::Error, message)
            .at(at)
            .help("export NETRC=/dev/null", "then the file is not read in this shell; git's own use of it stays")
    })
}

/// The address that was meant, where it is the Hub's or a well-known mirror's: to any other the token is not helped on.
fn mended(value: &str) -> Option<String> {
    let bare = value.trim().trim_matches(['"', '\'']);
    let url = if bare.contains("://") { bare.to_owned() } else { format!("https://{bare}") };
    let target = target(&url, Wire::Httpx).filter(|t| matches!(t.kind, Kind::Hub | Kind::Mirror) && !t.has_user)?;
    Some(format!("https://{}", target.host))
}

/// The variable, what is wrong with it, and what comes of it.
type Fault = (String, &'static str, String);

/// A client that raises because of a setting, before it looks for a token.
fn dies(client: &Resolved) -> Option<Fault> {
    let Outcome::Error(class) = client.answer.outcome else {
        return None;
    };
    let Some(Location::Variable { name }) = &client.answer.source else {
        return None;
    };
    let why = |check: &Check| match check {
        Check::Int(n) => (n == name).then_some("is not a whole number"),
        Check::EagerImport => (name == "EAGER_IMPORT").then_some("is set"),
        Check::Tqdm => name.starts_with("TQDM_").then_some("is no number that tqdm takes"),
        Check::HomeKnown => (name == "HOME").then_some("names no home directory"),
        Check::EndpointParses | Check::EndpointParsesAlways | Check::EndpointPort => None,
    };
    let why = client.instance.steps().iter().find_map(|s| match s {
        Step::Import(checks) => checks.iter().find_map(why),
        _ => None,
    });
    let why = why.or((name == ENDPOINT).then_some("is malformed"))?;
    Some((name.clone(), why, format!("{} fails with {class} when it starts", called(&client.instance))))
}

/// huggingface_hub with an address that no request can be sent to.
fn fails(snapshot: &Snapshot<'_>, client: &Resolved) -> Option<Fault> {
    let system = snapshot.state.system;
    if !client.instance.is_hub() || system.var(ENDPOINT).is_none() {
        return None;
    }
    let url = endpoint::hub(system, client.instance.version);
    let why = fault(&url, client.instance.wire())?;
    Some((ENDPOINT.to_owned(), why, format!("every request of {} fails", called(&client.instance))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{crates, findings, python, run, token};
    use crate::system::fake::Fake;

    #[test]
    fn what_kills_the_newest() {
        for (name, value) in [
            ("HF_HUB_ETAG_TIMEOUT", ""),
            ("HF_HUB_DOWNLOAD_TIMEOUT", "30s"),
            ("TQDM_MININTERVAL", "1s"),
            (ENDPOINT, ""),
            (ENDPOINT, "hf-mirror.com"),
            (ENDPOINT, "http://[::1"),
            (ENDPOINT, "http://h:abc"),
            (ENDPOINT, " https://huggingface.co"),
            (ENDPOINT, "\"https://hf-mirror.com\""),
        ] {
            assert_eq!(
                findings(&RULE, &Fake::home().var(name, value).var("HF_TOKEN", token('A'))),
                ["error"],
                "{value}"
            );
        }
    }

    #[test]
    fn an_eager_import_goes_round_in_circles() {
        let eager = |version| python(Fake::home().var("EAGER_IMPORT", "1"), &[("huggingface_hub", version)]);
        assert_eq!(findings(&RULE, &eager("0.16.4")), ["error"]);
        assert!(findings(&RULE, &eager("2.4.0")).is_empty());
    }

    #[test]
    fn a_mirror_is_kept() {
        let command = |value: &str| run(&RULE, &Fake::home().var(ENDPOINT, value))[0].help.clone().unwrap().command;
        assert_eq!(command("hf-mirror.com"), "export HF_ENDPOINT=https://hf-mirror.com");
        assert_eq!(command(" \"https://hf-mirror.com/\""), "export HF_ENDPOINT=https://hf-mirror.com");
        assert_eq!(command("models.example.net"), "hflint fix --unset");
        assert_eq!(command(""), "hflint fix --unset");
    }

    #[test]
    fn what_older_releases_take() {
        let hub = |fake, version| python(fake, &[("huggingface_hub", version)]);
        let timeout = hub(Fake::home().var("HF_HUB_ETAG_TIMEOUT", ""), "0.18.0");
        let empty = hub(Fake::home().var(ENDPOINT, ""), "0.28.1");
        let blank = hub(Fake::home().var(ENDPOINT, " https://huggingface.co"), "0.36.2");
        let unread = hub(Fake::home().var(ENDPOINT, "x"), "0.4.0");
        let staging = Fake::home().var(ENDPOINT, "x").var("HUGGINGFACE_CO_STAGING", "1");
        let fine = Fake::home().var("HF_HUB_ETAG_TIMEOUT", " 1_0 ").var(ENDPOINT, "https://huggingface.co/");
        for fake in [timeout, empty, blank, unread, staging, fine] {
            assert!(findings(&RULE, &fake).is_empty());
        }
        assert_eq!(findings(&RULE, &hub(Fake::home().var(ENDPOINT, "http://[::1"), "0.36.2")), ["error"]);
    }

    #[test]
    fn a_netrc_that_does_not_decode() {
        let netrc = |version| {
            let fake = Fake::home().var("HF_TOKEN", token('A'));
            let fake = fake.file("/home/u/.netrc", b"machine x login u password caf\xe9\n".as_slice());
            python(fake, &[("huggingface_hub", version)])
        };
        assert_eq!(findings(&RULE, &netrc("0.36.2")), ["error"]);
        assert!(findings(&RULE, &netrc("1.0.0")).is_empty());
        assert!(findings(&RULE, &netrc("0.36.2").var("NETRC", "/dev/null")).is_empty());
    }

    #[test]
    fn one_finding_for_all_clients() {
        let fake = crates(Fake::home().var(ENDPOINT, "hf-mirror.com"), &[("hf-hub", "1.0.0")]);
        assert_eq!(findings(&RULE, &fake), ["error"]);
    }
}
