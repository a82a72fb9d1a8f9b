//! The host that the token goes to.

use super::paths::is_true;
use super::version::Version;
use crate::system::System;
use crate::system::python_text::environ;

/// The Hub.
pub const DEFAULT: &str = "https://huggingface.co";

/// huggingface_hub's `ENDPOINT` at a release. `HF_ENDPOINT` is read from 0.5.0; staging wins over it from 0.29.0.
pub fn hub(system: &dyn System, version: Version) -> String {
    let staging = is_true(system, "HUGGINGFACE_CO_STAGING");
    let given = system
        .var("HF_ENDPOINT")
        .filter(|_| version >= Version::new(0, 5, 0))
        .map(|v| environ(system, &v))
        // An empty value is taken from 0.29.0 on; before, it meant the default.
        .filter(|v| !v.is_empty() || version >= Version::new(0, 29, 0));
    let default = || {
        let host = match (staging, version < Version::new(0, 8, 1)) {
            (false, _) => DEFAULT,
            (true, false) => "https://hub-ci.huggingface.co",
            (true, true) => "https://moon-staging.huggingface.co",
        };
        host.to_owned()
    };
    let endpoint = if staging && version >= Version::new(0, 29, 0) { default() } else { given.unwrap_or_else(default) };
    if version >= Version::new(0, 28, 0) { endpoint.trim_end_matches('/').to_owned() } else { endpoint }
}

/// A URL cut up as Python's `urllib.parse.urlsplit` (3.11) does it.
#[derive(Debug, PartialEq, Eq)]
pub struct Split<'a> {
    /// In lower case; empty where there is none.
    pub scheme: String,
    /// `user:password`, without the `@`.
    pub user: Option<&'a str>,
    /// In lower case, without brackets.
    pub host: String,
    /// What follows the colon after the host.
    pub port: Option<&'a str>,
}

/// Cuts up a URL; `None` where `urlsplit` raises ValueError.
pub fn split(url: &str) -> Option<Split<'_>> {
    // urlsplit drops leading controls and blanks; for tabs and line ends inside see `without_line_ends`.
    let url = url.trim_start_matches(|c: char| c <= ' ');
    let scheme = url.find(':').map(|i| &url[..i]).filter(|s| {
        s.starts_with(|c: char| c.is_ascii_alphabetic())
            && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    let rest = scheme.map_or(url, |s| &url[s.len() + 1..]);
    let scheme = scheme.unwrap_or_default().to_ascii_lowercase();
    let Some(rest) = rest.strip_prefix("//") else {
        return Some(Split { scheme, user: None, host: String::new(), port: None });
    };
    let netloc = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if netloc.contains('[') != netloc.contains(']') {
        return None;
    }
    if netloc.contains('[') && !brackets_hold_an_address(netloc) {
        return None;
    }
    if !netloc.is_ascii() && netloc.contains(LIKE_A_DELIMITER) {
        return None;
    }
    let (user, place) = match netloc.rfind('@') {
        Some(at) => (Some(&netloc[..at]), &netloc[at + 1..]),
        None => (None, netloc),
    };
    let (host, rest) = match place.split_once('[') {
        Some((_, bracketed)) => bracketed.split_once(']').unwrap_or((bracketed, "")),
        None => place.find(':').map_or((place, ""), |colon| place.split_at(colon)),
    };
    let port = rest.split_once(':').map(|(_, port)| port);
    Some(Split { scheme, user, host: host.to_lowercase(), port: port.filter(|p| !p.is_empty()) })
}

/// What `urlsplit` takes out of a URL before it looks at it.
pub fn without_line_ends(url: &str) -> String {
    url.replace(['\t', '\r', '\n'], "")
}

/// The characters that become `/`, `?`, `#`, `@` or `:` by NFKC: `urlsplit` raises where a host has one, since a
/// browser would then go to another host (`urllib.parse._checknetloc`; the same in Unicode 12 to 15).
const LIKE_A_DELIMITER: [char; 19] = [
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}', '\u{fe13}',
    '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}', '\u{ff1a}', '\u{ff1f}',
    '\u{ff20}',
];

/// `urllib.parse._check_bracketed_host`, in Python since 3.11.4.
fn brackets_hold_an_address(netloc: &str) -> bool {
    let inner = netloc.split('[').nth(1).and_then(|s| s.split(']').next()).unwrap_or_default();
    if let Some(future) = inner.strip_prefix('v') {
        let (hex, rest) = future.split_once('.').unwrap_or((future, ""));
        return !hex.is_empty() && hex.chars().all(|c| c.is_ascii_hexdigit()) && !rest.is_empty();
    }
    is_ipv6(inner)
}

/// Whether Python's `ipaddress.IPv6Address` takes it: an address, and a scope if `%` follows.
pub(super) fn is_ipv6(text: &str) -> bool {
    let (address, scope) = text.split_once('%').unwrap_or((text, "none"));
    address.parse::<std::net::Ipv6Addr>().is_ok() && !scope.is_empty() && !scope.contains('%')
}

/// Whether reading `.port` raises no ValueError: decimal digits, 65535 at most.
pub fn port_is_sound(port: Option<&str>) -> bool {
    port.is_none_or(|p| p.chars().all(|c| c.is_ascii_digit()) && p.parse::<u32>().is_ok_and(|n| n <= 65535))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_as_python_cuts_them() {
        let s = split("https://u:p@Hub.Example:81/x").unwrap();
        assert_eq!(
            (s.scheme.as_str(), s.user, s.host.as_str(), s.port),
            ("https", Some("u:p"), "hub.example", Some("81"))
        );
        assert_eq!(split("http://[::1]:80").unwrap().host, "::1");
        assert_eq!(split("hub.example").unwrap().host, "");
        assert_eq!(split("http://[::1"), None);
        assert_eq!(split("http://[x]"), None);
        assert_eq!(split("http://[::1%]"), None);
        assert_eq!(split("http://[::1]x:8").unwrap().port, Some("8"));
        assert_eq!(split("http://a\u{ff0f}b"), None);
        assert_eq!(split("http://h/\u{ff0f}").unwrap().host, "h");
        assert_eq!(without_line_ends("ht\ntp://h\t"), "http://h");
        assert!(!port_is_sound(split("http://h:abc").unwrap().port));
        assert!(!port_is_sound(Some("65536")));
    }
}
