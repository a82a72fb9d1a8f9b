//! Trusted publishers: huggingface_hub 1.19 on asks the network for a token, where `HF_OIDC_RESOURCE` is set.
//!
//! What it would be given cannot be known here; what stops it before any request can. Source: `_oidc.py` and
//! `utils/_auth.py` of huggingface_hub 1.19.0 and 2.4.0, `_urlparse.py` of httpx 0.28.1 and httpx2 2.16.2; run.

use std::net::Ipv4Addr;

use super::{Outcome, endpoint, paths, python_number};
use crate::clients::version::Version;
use crate::state::State;
use crate::system::python_text::{UNDECODABLE, environ};

/// What becomes of the exchange; `None` where none is asked for.
pub(super) fn resolve(state: &State<'_>) -> Option<Outcome> {
    let non_empty = |name: &str| state.var(name).filter(|v| !v.is_empty()).map(|v| environ(state.system, &v));
    let resource = non_empty("HF_OIDC_RESOURCE")?;
    // Any release with the exchange will do: they read the endpoint in one way.
    let hub = endpoint::hub(state.system, Version::new(1, 19, 0));
    let fault = if let Some(token) = non_empty("HF_OIDC_ID_TOKEN") {
        let exchange = format!("{hub}/oauth/token");
        request_fault(state, &exchange, decodes(&token) && decodes(&resource))
    } else {
        let github = state.var("GITHUB_ACTIONS").is_some_and(|v| v == "true");
        let request = non_empty("ACTIONS_ID_TOKEN_REQUEST_URL").zip(non_empty("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
        match request.filter(|_| github) {
            // The first goes out as a header, the second in the query.
            Some((url, token)) => request_fault(state, &url, token.is_ascii() && decodes(&hub)),
            None => Some("OIDCError"),
        }
    };
    Some(fault.map_or(Outcome::Unknown, Outcome::Error))
}

/// The class that a request raises before it reaches the network. `encodes`: whether what goes with it can be sent.
fn request_fault(state: &State<'_>, url: &str, encodes: bool) -> Option<&'static str> {
    let url = match Url::parse(url) {
        Ok(url) => url,
        Err(class) => return Some(class),
    };
    if !encodes {
        Some("UnicodeEncodeError")
    } else if offline(state) {
        Some("OfflineModeIsEnabled")
    } else if url.host.is_empty() || !["http", "https", "ws", "wss"].contains(&url.scheme.as_str()) {
        Some("UnsupportedProtocol")
    } else {
        None
    }
}

/// `_is_true(HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE)`.
fn offline(state: &State<'_>) -> bool {
    let name = match state.var("HF_HUB_OFFLINE") {
        Some(v) if !v.is_empty() => "HF_HUB_OFFLINE",
        _ => "TRANSFORMERS_OFFLINE",
    };
    paths::is_true(state.system, name)
}

fn decodes(text: &str) -> bool {
    !text.contains(UNDECODABLE)
}

/// As much of a URL as decides whether httpx sends it.
struct Url {
    scheme: String,
    host: String,
}

impl Url {
    /// `httpx._urlparse.urlparse`, in its order. Names in other scripts are taken as sound: their rules fill a table.
    fn parse(url: &str) -> Result<Self, &'static str> {
        const INVALID: &str = "InvalidURL";
        if url.chars().count() > 65536 || url.contains(|c: char| c.is_ascii_control()) {
            return Err(INVALID);
        }
        let named = |s: &str| {
            s.is_empty()
                || s.starts_with(|c: char| c.is_ascii_alphabetic())
                    && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'))
        };
        let (scheme, rest) = url.split_once(':').filter(|(s, _)| named(s)).unwrap_or(("", url));
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
            None => ("", rest),
        };
        let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        if !decodes(user) {
            return Err("UnicodeEncodeError");
        }
        let end = match place.starts_with('[').then(|| place.rfind(']')).flatten() {
            Some(close) => close + 1,
            None => place.find(':').unwrap_or(place.len()),
        };
        let (host, port) = place.split_at(end);
        let port = port.strip_prefix(':').unwrap_or(port);
        if !host_is_sound(host) || !(port.is_empty() || python_number::is_int(port)) {
            return Err(INVALID);
        }
        if authority.is_empty() && scheme.is_empty() && (path.starts_with("//") || path.starts_with(':')) {
            return Err(INVALID);
        }
        if !decodes(path) {
            return Err("UnicodeEncodeError");
        }
        Ok(Self { scheme: scheme.to_ascii_lowercase(), host: host.to_owned() })
    }
}

fn host_is_sound(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return endpoint::is_ipv6(inner);
    }
    let parts: Vec<&str> = host.split('.').collect();
    if parts.len() == 4 && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    decodes(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn with(vars: &[(&str, &str)]) -> String {
        let mut fake = Fake::home();
        for (name, value) in vars {
            fake = fake.var(name, *value);
        }
        match resolve(&State::new(&fake)) {
            Some(Outcome::Error(class)) => class.to_owned(),
            Some(outcome) => outcome.word().to_owned(),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn what_the_endpoint_makes_of_it() {
        for (endpoint, want) in [
            ("https://h", "unknown"),
            ("HTTP://[::1]:8/x", "unknown"),
            ("", "UnsupportedProtocol"),
            ("h", "UnsupportedProtocol"),
            ("//h", "UnsupportedProtocol"),
            ("http://", "UnsupportedProtocol"),
            ("ftp://h", "UnsupportedProtocol"),
            ("http://h:abc", "InvalidURL"),
            ("http://h:80:90", "InvalidURL"),
            ("http://[::1]x", "InvalidURL"),
            ("http://1.2.3.999", "InvalidURL"),
            ("http://h\t", "InvalidURL"),
            ("http://h:-1", "unknown"),
        ] {
            let vars = [("HF_OIDC_RESOURCE", "a/b"), ("HF_OIDC_ID_TOKEN", "x"), ("HF_ENDPOINT", endpoint)];
            assert_eq!(with(&vars), want, "{endpoint:?}");
        }
    }

    #[test]
    fn where_the_id_token_comes_from() {
        assert_eq!(with(&[("HF_OIDC_RESOURCE", "")]), "none");
        assert_eq!(with(&[("HF_OIDC_RESOURCE", "a/b")]), "OIDCError");
        let github =
            [("HF_OIDC_RESOURCE", "a/b"), ("GITHUB_ACTIONS", "true"), ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://h")];
        assert_eq!(with(&github), "OIDCError");
        let minted = [&github[..], &[("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")]].concat();
        assert_eq!(with(&minted), "unknown");
        assert_eq!(with(&[&minted[..], &[("TRANSFORMERS_OFFLINE", "1")]].concat()), "OfflineModeIsEnabled");
        assert_eq!(with(&[&minted[..], &[("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "é")]].concat()), "UnicodeEncodeError");
    }
}
