//! What a tool's answer to "who am I" says of the token that it sent.

use super::log::Log;
use super::recognise::recognise_all;
use super::texts::Says;

/// What is known of a token after asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// The hub took it.
    Alive {
        /// Whose it is.
        user: Option<String>,
        /// What it may do, where the tool says so.
        role: Option<String>,
    },
    /// The hub refused it.
    Dead {
        /// In its words.
        why: String,
    },
    /// Nothing was learned.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Told {
    /// The word for it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Alive { .. } => "alive",
            Self::Dead { .. } => "dead",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// Reads what `hf auth whoami` or `huggingface-cli whoami` printed.
pub(crate) fn told(success: bool, printed: &[u8]) -> Told {
    let log = Log::new(printed);
    let (hits, request) = recognise_all(&log);
    let says = |what: &[Says]| hits.iter().any(|h| what.contains(&h.text.says));
    let unknown = |why: &str| Told::Unknown { why: why.to_owned() };
    if says(&[Says::OldCommand]) {
        return unknown("this `huggingface-cli` does nothing any more");
    }
    if says(&[Says::NoneFound]) {
        return unknown("the tool did not find the token that it was given");
    }
    if success {
        let field = |name: &str| {
            let value = log.text.lines().find_map(|l| l.trim().strip_prefix(name)?.strip_prefix(':'));
            value.and_then(|v| word(v.trim()))
        };
        let user = field("user").or_else(|| field("name")).or_else(|| log.text.lines().find_map(|l| word(l.trim())));
        let user = user.or_else(|| in_line(&log.text));
        return Told::Alive { user, role: field("role").or_else(|| field("permission")) };
    }
    if says(&[Says::Expired]) {
        return Told::Dead { why: "expired".to_owned() };
    }
    if says(&[Says::Offline]) {
        return unknown("the tool is in offline mode");
    }
    if says(&[Says::Rate, Says::RateOfIp, Says::RateOfAccount]) {
        return unknown("the hub was asked too often");
    }
    let refused =
        [Says::Refused, Says::RefusedVariable, Says::RefusedFile, Says::RefusedSomewhere, Says::AnonymousOrMissing];
    if says(&refused) || request.status == Some(401) {
        return Told::Dead { why: "refused".to_owned() };
    }
    if says(&[
        Says::Tls,
        Says::Proxy,
        Says::Connection,
        Says::Wrapped,
        Says::CacheMiss,
        Says::OtherServer,
        Says::Server,
    ]) {
        return unknown("the hub could not be reached");
    }
    match request.status {
        Some(status) => Told::Unknown { why: format!("the server answered {status}") },
        None => unknown("the tool failed in a way that is not known"),
    }
}

/// A name of the hub: one word of letters, digits and a few signs.
fn word(text: &str) -> Option<String> {
    let sound =
        !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    sound.then(|| text.to_owned())
}

/// `✓ Logged in` and `user=alice orgs=…`, as agents are told; `user: alice  orgs: …` in one line.
fn in_line(text: &str) -> Option<String> {
    text.split_whitespace().zip(text.split_whitespace().skip(1).chain(std::iter::once(""))).find_map(|(a, b)| {
        if let Some(value) = a.strip_prefix("user=") {
            return word(value);
        }
        matches!(a, "user:" | "name:").then(|| word(b.trim_end_matches(','))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_tools() {
        let alive = |user: &str| Told::Alive { user: Some(user.to_owned()), role: None };
        for (success, text, want) in [
            (true, "alice\norgs:  acme\n", alive("alice")),
            (true, "\u{1b}[1muser: \u{1b}[0m alice\n", alive("alice")),
            (true, "✓ Logged in\n  user: alice\n  orgs: acme\n", alive("alice")),
            (true, "user=alice orgs=acme\n", alive("alice")),
            (
                false,
                "Invalid user token. The token from HF_TOKEN environment variable is invalid.",
                Told::Dead { why: "refused".into() },
            ),
            (
                false,
                "huggingface_hub: 401 Client Error: Unauthorized for url: http://127.0.0.1:1/api/whoami-v2",
                Told::Dead { why: "refused".into() },
            ),
            (false, "401 Unauthorized: User Access Token \"x\" is expired", Told::Dead { why: "expired".into() }),
            (
                false,
                "huggingface_hub httpx.ConnectError: [Errno 111] Connection refused",
                Told::Unknown { why: "the hub could not be reached".into() },
            ),
            (
                true,
                "Not logged in\nhuggingface.co",
                Told::Unknown { why: "the tool did not find the token that it was given".into() },
            ),
            (
                false,
                "huggingface_hub 429 Client Error: Too Many Requests for url: https://huggingface.co/api/whoami-v2",
                Told::Unknown { why: "the hub was asked too often".into() },
            ),
        ] {
            assert_eq!(told(success, text.as_bytes()), want, "{text}");
        }
    }
}
