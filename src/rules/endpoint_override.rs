//! HF305

use super::endpoints::{self, Kind, Target};
use crate::clients::Outcome;
use crate::clients::shape;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::secret::Token;
use crate::snapshot::Snapshot;

const ENDPOINT: &str = "HF_ENDPOINT";

declare_rule! {
    /// ## What it does
    /// Says when the token goes to a host that is not huggingface.co.
    ///
    /// ## Why it matters
    /// Clients have no list of hosts that may see the token: it goes wherever `HF_ENDPOINT` points, over plain http as
    /// well. Who runs that host, or listens on the way, can act as the person.
    ///
    /// ## Example
    /// ```text
    /// HF_ENDPOINT=https://models.example.net
    /// HF_TOKEN=hf_****aaaa
    /// ```
    ///
    /// ## How to fix
    /// `unset HF_ENDPOINT`; or, for a host that may have the token, list it under `endpoints` in hflint's configuration.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`): a well-known mirror, a host listed in `endpoints`, a server on this machine, and a
    /// company's server with a token of its own kind. Silent where no token would be sent. Never excused: plain http to
    /// another machine, a name that looks like the Hub's, and an endpoint that a `.env` here would set for programs
    /// that load it.
    ///
    /// ## References
    /// - huggingface_hub 0.5.0 to 2.4.0, `constants.py`; measured: the token reaches any endpoint
    pub(super) static RULE = {
        code: "HF305",
        name: "endpoint-override",
        summary: "the token goes to a host that is not huggingface.co",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    in_effect(snapshot, out);
    by_directory(snapshot, out);
}

/// The endpoint of this shell.
fn in_effect(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let Some(target) = endpoints::here(snapshot) else {
        return;
    };
    // The Hub itself, as nearly everywhere: whatever is sent goes where it belongs.
    if target.kind == Kind::Hub && !target.has_user && target.scheme != "http" {
        return;
    }
    let Some((what, source)) = sent(snapshot) else {
        return;
    };
    let Some((severity, message)) = judge(snapshot, target, &what) else {
        return;
    };
    let at = Location::variable(ENDPOINT);
    let mut finding = Finding::new(&RULE, severity, message).at(at.clone());
    finding.locations.extend(source);
    finding = finding.note("sends", what.words());
    if target.has_user {
        finding = finding.note("user", "the address holds a user, whose credentials replace the token");
    }
    out.push(match what {
        // Another server's token would be of no use to the Hub, and is none of its business.
        Sent::Other(_) => {
            finding.help(format!("hflint explain {}", RULE.code), "tells how to list a host that you trust")
        }
        Sent::Hub(_) | Sent::Identity => {
            // A known mirror is there on purpose.
            let then = "then the token goes to huggingface.co";
            if severity == Severity::Info {
                finding.help(format!("unset {ENDPOINT}"), then)
            } else {
                finding.unset(&[ENDPOINT], then)
            }
        }
    });
}

/// What is sent to the endpoint.
enum Sent {
    /// A token of the Hub.
    Hub(Token),
    /// A token of another kind.
    Other(Token),
    /// The id token of a CI, for an exchange.
    Identity,
}

impl Sent {
    fn words(&self) -> String {
        match self {
            Self::Hub(token) | Self::Other(token) => token.masked(),
            Self::Identity => "the id token of this CI".to_owned(),
        }
    }
}

/// What a client here would send, and from where. A token of the Hub weighs more than any other.
fn sent(snapshot: &Snapshot<'_>) -> Option<(Sent, Option<Location>)> {
    let mut out = None;
    for client in snapshot.here() {
        let source = client.answer.source.clone();
        match &client.answer.outcome {
            Outcome::Token(token) if token.is_blank() => {}
            Outcome::Token(token) if shape::read(token.bytes()).token.is_some() => {
                return Some((Sent::Hub(token.clone()), source));
            }
            Outcome::Token(token) => out = out.or(Some((Sent::Other(token.clone()), source))),
            Outcome::Unknown if matches!(source, Some(Location::Variable { .. })) => {
                out = out.or(Some((Sent::Identity, source)));
            }
            _ => {}
        }
    }
    out
}

fn judge(snapshot: &Snapshot<'_>, target: &Target, what: &Sent) -> Option<(Severity, String)> {
    let host = &target.host;
    if target.scheme == "http" && target.kind != Kind::Loopback {
        return Some((Severity::Warning, format!("the token goes over plain http to {host}")));
    }
    Some(match (target.kind, what) {
        (Kind::LookAlike, _) => {
            (Severity::Warning, format!("the token goes to {host}, whose name only looks like the Hub's"))
        }
        (Kind::Hub, _) if target.has_user => {
            (Severity::Info, format!("{ENDPOINT} holds credentials, which are sent in place of the token"))
        }
        (Kind::Hub, _) => return None,
        (Kind::Mirror, _) => (Severity::Info, format!("the token goes to the mirror {host}")),
        (Kind::Loopback, _) => (Severity::Info, format!("the token goes to a server on this machine ({host})")),
        (Kind::Other, _) if is_trusted(snapshot, target) => {
            (Severity::Info, format!("the token goes to {host}, a host that you trust"))
        }
        (Kind::Other, Sent::Other(_)) => (Severity::Info, format!("a token of another kind goes to {host}")),
        (Kind::Other, Sent::Hub(_) | Sent::Identity) => (Severity::Warning, format!("the token goes to {host}")),
    })
}

/// Whether the person's configuration lists the host, with or without its port.
fn is_trusted(snapshot: &Snapshot<'_>, target: &Target) -> bool {
    let with_port = target.port.as_ref().map(|port| format!("{}:{port}", target.host));
    snapshot.config.trusts(&target.host) || with_port.is_some_and(|h| snapshot.config.trusts(&h))
}

/// The endpoint that a `.env` here would give to programs that load it. They keep a variable that is set, and so
/// neither an exported endpoint nor an exported token is replaced.
fn by_directory(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    if state.var(ENDPOINT).is_some() {
        return;
    }
    let Some((file, entry)) = state.dotenv().and_then(|d| Some((d, d.get(ENDPOINT)?))) else {
        return;
    };
    let value = entry.value.as_deref().unwrap_or_default();
    let hub = snapshot.hub_or_newest();
    let Some(target) = endpoints::target(&String::from_utf8_lossy(value), hub.instance.wire()) else {
        return;
    };
    if matches!(target.kind, Kind::Hub | Kind::Loopback) && (target.scheme == "https" || target.kind == Kind::Loopback)
    {
        return;
    }
    let Some((what, source)) = sent(snapshot) else {
        return;
    };
    // The file's own token goes to the file's own host.
    let of_its_own = file.get("HF_TOKEN").and_then(|e| e.value.as_ref()).is_some_and(|v| !v.is_empty());
    if of_its_own && state.non_empty("HF_TOKEN").is_none() {
        return;
    }
    let message = format!("a .env here would send the token to {}", target.host);
    let mut finding = Finding::new(&RULE, Severity::Warning, message).at(Location::line(&file.path, entry.line));
    finding.locations.extend(source);
    out.push(
        finding
            .note("sends", what.words())
            .help(format!("export {ENDPOINT}=https://huggingface.co"), "then programs that load .env keep to the Hub"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";

    fn at(endpoint: &str) -> Fake {
        Fake::home().var(ENDPOINT, endpoint).var("HF_TOKEN", token('A'))
    }

    #[test]
    fn warnings() {
        for endpoint in [
            "https://models.example.net",
            "http://models.example.net:8080",
            "http://hf-mirror.com",
            "http://huggingface.co",
            "https://hugginface.co",
            "https://huggingface.co.example.net",
            "https://huggingface.co@models.example.net",
        ] {
            assert_eq!(findings(&RULE, &at(endpoint)), ["warning"], "{endpoint}");
        }
    }

    #[test]
    fn worth_knowing() {
        for endpoint in ["https://hf-mirror.com/", "http://127.0.0.1:8090", "https://me:secret@huggingface.co"] {
            assert_eq!(findings(&RULE, &at(endpoint)), ["info"], "{endpoint}");
        }
        let company = Fake::home().var(ENDPOINT, "https://repo.corp.example/hf").var("HF_TOKEN", "AKCpSomething");
        assert_eq!(findings(&RULE, &company), ["info"]);
        let found = run(&RULE, &at("https://me:secret@huggingface.co"));
        assert!(!format!("{found:?}").contains("secret@"));
    }

    #[test]
    fn silent_at_the_hub_and_without_a_token() {
        let none = Fake::home().var(ENDPOINT, "https://models.example.net");
        let broken = at("models.example.net");
        for fake in [at("https://HuggingFace.co:443/"), none, broken, Fake::home().var("HF_TOKEN", token('A'))] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }

    #[test]
    fn what_a_directory_would_set() {
        let cloned = |text: &str| Fake::home().file(LOGIN, token('A')).file("/home/u/p/.env", text).cwd("/home/u/p");
        assert_eq!(findings(&RULE, &cloned("HF_ENDPOINT=https://models.example.net\n")), ["warning"]);
        assert_eq!(findings(&RULE, &cloned("HF_ENDPOINT=https://hf-mirror.com\n")), ["warning"]);
        let own = format!("HF_ENDPOINT=https://models.example.net\nHF_TOKEN={}\n", token('B'));
        assert!(findings(&RULE, &cloned(&own)).is_empty());
        assert_eq!(findings(&RULE, &cloned(&own).var("HF_TOKEN", token('C'))), ["warning"]);
        let exported = cloned("HF_ENDPOINT=https://models.example.net\n").var(ENDPOINT, "https://huggingface.co");
        assert!(findings(&RULE, &exported).is_empty());
        assert!(findings(&RULE, &cloned("HF_ENDPOINT=https://huggingface.co\n")).is_empty());
    }
}
