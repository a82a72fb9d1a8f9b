//! Where the token goes: the host of `HF_ENDPOINT`, and what is known of it.

use crate::clients::endpoint;
use crate::clients::model::Wire;
use crate::nearest::distance;
use crate::snapshot::Snapshot;

/// What a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The Hub, or its staging site.
    Hub,
    /// A mirror that guides and READMEs name; it is handed the person's token on purpose.
    Mirror,
    /// This machine.
    Loopback,
    /// A name made to be taken for the Hub's.
    LookAlike,
    /// Any other.
    Other,
}

/// The address that the huggingface_hub which counts here talks to.
#[derive(Debug)]
pub(crate) struct Target {
    /// In lower case.
    pub(super) host: String,
    /// What follows the colon after the host.
    pub(super) port: Option<String>,
    /// `http` or `https`.
    pub(super) scheme: String,
    /// Whether the address holds a user, whose Basic header replaces the token.
    pub(super) has_user: bool,
    /// What the host is.
    pub(super) kind: Kind,
}

/// The address of a URL; `None` where nothing could be sent there.
pub(super) fn target(url: &str, wire: Wire) -> Option<Target> {
    if fault(url, wire).is_some() {
        return None;
    }
    let split = endpoint::split(url)?;
    Some(Target {
        kind: kind(&split.host),
        has_user: split.user.is_some_and(|u| !u.is_empty()),
        port: split.port.map(str::to_owned),
        host: split.host,
        scheme: split.scheme,
    })
}

/// The address that counts here; `None` where it is broken (that is HF508).
pub(super) fn here<'s>(snapshot: &'s Snapshot<'_>) -> Option<&'s Target> {
    let find = || {
        let hub = snapshot.hub_or_newest();
        target(&endpoint::hub(snapshot.state.system, hub.instance.version), hub.instance.wire())
    };
    snapshot.target.get_or_init(find).as_ref()
}

/// Why every request to an address fails, in a few words after "the endpoint"; `None` where it can be sent.
/// Run: huggingface_hub 0.18.0, 0.28.1, 0.36.2 with requests 2.34.2, 1.33.0 with httpx 0.28.1, 2.4.0 with httpx2 2.16.2.
pub(super) fn fault(url: &str, wire: Wire) -> Option<&'static str> {
    if url.is_empty() {
        return Some("is empty");
    }
    let blank = |c: char| c.is_whitespace() || c.is_control();
    // requests takes leading white space off, httpx does not.
    if wire != Wire::Requests && url.starts_with(blank) {
        return Some("starts with a blank");
    }
    let url = url.trim_start();
    let lower = url.to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return Some(match url.chars().next() {
            Some('"' | '\'') => "is in quotes",
            _ if url.contains("://") => "is neither http nor https",
            _ => "has no scheme (`https://`)",
        });
    }
    let Some(split) = endpoint::split(url) else {
        return Some("is malformed");
    };
    let place = lower.split_once("://").map_or("", |(_, rest)| rest);
    let place = place.split(['/', '?', '#']).next().unwrap_or_default();
    if split.host.is_empty() {
        Some("names no host")
    } else if place.contains(blank) || (wire != Wire::Requests && url.contains(char::is_control)) {
        Some("has a blank in it")
    } else if !endpoint::port_is_sound(split.port) {
        Some("has a malformed port")
    } else {
        None
    }
}

/// Whether tokens may look otherwise here, since another server than the Hub or a mirror of it takes them.
pub(super) fn is_foreign(snapshot: &Snapshot<'_>) -> bool {
    here(snapshot).is_some_and(|t| !matches!(t.kind, Kind::Hub | Kind::Mirror))
}

/// The Hub and its short name, with all below them (`hub-ci.`, `moon-staging.` and others in `constants.py` of
/// huggingface_hub 2.4.0). Names below `hf.space` are not among them: anybody can have one.
const HUB: [&str; 2] = ["huggingface.co", "hf.co"];
/// Of ten public files with an `HF_ENDPOINT` in them, ten name this one.
const MIRRORS: [&str; 2] = ["hf-mirror.com", "www.hf-mirror.com"];

fn kind(host: &str) -> Kind {
    let host = host.trim_end_matches('.');
    if HUB.iter().any(|h| host.strip_suffix(h).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))) {
        Kind::Hub
    } else if MIRRORS.contains(&host) {
        Kind::Mirror
    } else if is_loopback(host) {
        Kind::Loopback
    } else if looks_like_the_hub(host) {
        Kind::LookAlike
    } else {
        Kind::Other
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

/// Names that are one slip or one trick away: `hugginface.co`, `hugging-face.co`, `huggingface.co.example.net`,
/// `huggingface-co.example.net`, letters of other scripts. A company's `huggingface.corp.example` is none of them.
fn looks_like_the_hub(host: &str) -> bool {
    const NAME: &str = "huggingface.co";
    let labels: Vec<&str> = host.split('.').collect();
    let inside = labels.windows(2).any(|w| matches!(w, ["huggingface" | "hf", "co"]));
    let joined = labels.iter().any(|l| l.starts_with("huggingface-co"));
    // The name that somebody bought: the last two labels.
    let bought = labels[labels.len().saturating_sub(2)..].join(".");
    let near = distance(&bought, NAME) <= 2;
    inside || joined || near || in_another_script(&bought)
}

/// A letter that only looks like a Latin one, as it is or in the encoding that names have on the wire (`xn--`), which
/// keeps the Latin letters in front of its last hyphen.
fn in_another_script(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    let latin: String = match first.strip_prefix("xn--") {
        Some(rest) => rest.rsplit_once('-').map_or_else(String::new, |(latin, _)| latin.to_owned()),
        None if first.is_ascii() => return false,
        None => first.chars().filter(char::is_ascii).collect(),
    };
    distance(&latin, "huggingface") <= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Kind {
        target(url, Wire::Httpx).unwrap_or_else(|| panic!("{url}")).kind
    }

    #[test]
    fn hosts() {
        for (url, want) in [
            ("https://huggingface.co/", Kind::Hub),
            ("https://HuggingFace.co:443", Kind::Hub),
            ("https://hub-ci.huggingface.co", Kind::Hub),
            ("https://hf-mirror.com/", Kind::Mirror),
            ("http://localhost:8090", Kind::Loopback),
            ("http://127.0.0.1:8090", Kind::Loopback),
            ("http://[::1]:80", Kind::Loopback),
            ("https://hugginface.co", Kind::LookAlike),
            ("https://hugging-face.co", Kind::LookAlike),
            ("https://hugg1ngface.co", Kind::LookAlike),
            ("https://huggingface.com", Kind::LookAlike),
            ("https://cdn.hugginface.co", Kind::LookAlike),
            ("https://huggingface.co.example.net", Kind::LookAlike),
            ("https://huggingface-co.example.net", Kind::LookAlike),
            ("https://hf.co.example.net", Kind::LookAlike),
            ("https://hugg\u{456}ngface.co", Kind::LookAlike),
            ("https://xn--huggngface-k3h.co", Kind::LookAlike),
            ("https://huggingface.corp.example", Kind::Other),
            ("https://models.example.net", Kind::Other),
            ("https://xn--mller-kva.example", Kind::Other),
            ("https://artifactory.corp.example/artifactory/api/huggingfaceml/hf-remote", Kind::Other),
            ("https://huggingface.co@models.example.net", Kind::Other),
        ] {
            assert_eq!(of(url), want, "{url}");
        }
    }

    #[test]
    fn what_nothing_can_be_sent_to() {
        for url in [
            "",
            "hf-mirror.com",
            "localhost:80",
            "//huggingface.co",
            "http:/huggingface.co",
            "http://",
            "http:///x",
            "http://[::1",
            "http://h:abc",
            "http://h:99999",
            "http://a b",
            "http://h\n",
            "http://h ",
            "ftp://h",
            "\"https://huggingface.co\"",
        ] {
            assert!(fault(url, Wire::Httpx).is_some(), "{url:?}");
            assert!(fault(url, Wire::Requests).is_some(), "{url:?}");
        }
        for url in ["HTTPS://huggingface.co", "http://h:81/x?y", "http://u:p@h", "http://a_b.example"] {
            assert_eq!(fault(url, Wire::Httpx), None, "{url:?}");
        }
        assert_eq!(fault(" https://h", Wire::Requests), None);
        assert!(fault(" https://h", Wire::Httpx).is_some());
        let with_user = target("https://me:pw@huggingface.co", Wire::Httpx);
        assert!(with_user.is_some_and(|t| t.has_user && t.kind == Kind::Hub));
    }

    #[test]
    fn distances() {
        for (a, b, want) in [("", "", 0), ("a", "", 1), ("hugginface", "huggingface", 1), ("abc", "cba", 2)] {
            assert_eq!(distance(a, b), want);
        }
    }
}
