//! HF504

use std::collections::BTreeMap;

use super::endpoints;
use super::places::called;
use crate::clients::endpoint::{port_is_sound, split};
use crate::clients::model::Wire;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::{Resolved, Snapshot};
use crate::state::State;

declare_rule! {
    /// ## What it does
    /// Looks at the proxy variables: schemes that the client here cannot use, and pairs that disagree.
    ///
    /// ## Why it matters
    /// httpx, on which huggingface_hub is built since 1.0, looks at all proxy variables when a client is made. Desktops
    /// export `all_proxy=socks://…`, a scheme that it does not know: every call raises ValueError, also where another
    /// variable names a proxy that works. For `socks5://` it needs the package socksio. requests, on which older
    /// releases are built, fails at every request that would take such a proxy.
    ///
    /// ## Example
    /// ```text
    /// all_proxy=socks://127.0.0.1:7891/      ValueError: Unknown scheme for proxy URL
    /// ALL_PROXY=socks5://127.0.0.1:1080      ImportError without socksio
    /// ```
    ///
    /// ## How to fix
    /// `unset all_proxy ALL_PROXY`, or write `socks5://` and install `httpx[socks]`.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`): the same variable in small and in capital letters with two values, a proxy that is
    /// itself reached over https, and `NO_PROXY` with the Hub in it. An ordinary proxy is silent.
    ///
    /// ## References
    /// - httpx 0.28.1 and httpx2 2.16.2 (`get_environment_proxies`, `Proxy`), requests 2.34.2 (`select_proxy`), both run
    ///   with huggingface_hub 0.36.2, 1.33.0 and 2.4.0; Python 3.11 `getproxies_environment`
    pub(super) static RULE = {
        code: "HF504",
        name: "proxy-suspicious",
        summary: "proxy variables that the client here can't use, or that disagree",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// One proxy in effect.
struct Proxy {
    variable: String,
    value: String,
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let proxies = in_effect(state);
    let fatal = snapshot.here().into_iter().find_map(|r| fatal(snapshot, r, &proxies).map(|f| (r, f)));
    if let Some((client, (proxy, why))) = &fatal {
        let at = Location::variable(&proxy.variable);
        let then = if proxies.values().any(|p| p.variable != proxy.variable) {
            "then the other proxy variable counts"
        } else {
            "then requests go out without a proxy"
        };
        let finding = Finding::new(
            &RULE,
            Severity::Warning,
            format!("{} {why}: every call of {} fails", proxy.variable, called(&client.instance)),
        )
        .at(at.clone())
        .help(format!("unset {}", proxy.variable), then);
        out.push(finding);
        return;
    }
    for name in ["https_proxy", "http_proxy", "all_proxy"] {
        disagreeing(state, name, out);
    }
    if let Some(proxy) = proxies.get("https").filter(|p| p.value.to_ascii_lowercase().starts_with("https://")) {
        out.push(
            Finding::new(
                &RULE,
                Severity::Info,
                format!("{} names a proxy that is itself reached over https", proxy.variable),
            )
            .at(Location::variable(&proxy.variable))
            .note("why", "most proxies speak plain http to the client, whatever is fetched through them")
            .help(format!("hflint explain {}", RULE.code), "tells which schemes clients know"),
        );
    }
    passed_by(snapshot, &proxies, out);
}

/// The proxies of the environment by scheme, as Python's `getproxies_environment` gives them: a name in small letters
/// wins, and takes the other away where it is empty.
fn in_effect(state: &State<'_>) -> BTreeMap<&'static str, Proxy> {
    let mut out = BTreeMap::new();
    if everything_is_passed_by(state) {
        return out;
    }
    for scheme in ["all", "http", "https"] {
        let small = format!("{scheme}_proxy");
        let capital = small.to_ascii_uppercase();
        let variable = if state.var(&small).is_some() { small } else { capital };
        if let Some(value) = state.non_empty(&variable) {
            out.insert(scheme, Proxy { value: value.to_string_lossy().trim().to_owned(), variable });
        }
    }
    out
}

fn no_proxy(state: &State<'_>) -> Option<(&'static str, String)> {
    ["no_proxy", "NO_PROXY"].into_iter().find_map(|n| Some((n, state.non_empty(n)?.to_string_lossy().into_owned())))
}

fn everything_is_passed_by(state: &State<'_>) -> bool {
    no_proxy(state).is_some_and(|(_, list)| list.split(',').any(|h| h.trim() == "*"))
}

/// A proxy with which a client fails, and why.
fn fatal<'p>(
    snapshot: &Snapshot<'_>,
    client: &Resolved,
    proxies: &'p BTreeMap<&'static str, Proxy>,
) -> Option<(&'p Proxy, &'static str)> {
    let has = |name: &str| {
        // Where the client is not installed, nobody knows what would stand beside it.
        client.instance.installed_at.is_none()
            || snapshot.state.packages().python.as_ref().is_none_or(|p| p.packages.iter().any(|p| p.name == name))
    };
    match client.instance.wire() {
        Wire::Httpx if client.instance.is_hub() => proxies.values().find_map(|p| match scheme(&p.value) {
            Some("http" | "https") => None,
            Some("socks5" | "socks5h") if has("socksio") => None,
            Some("socks5" | "socks5h") => Some((p, "names a SOCKS proxy, and the package socksio is missing")),
            Some(_) => Some((p, "has a scheme that httpx does not know")),
            None => Some((p, "is malformed")),
        }),
        Wire::Requests if client.instance.is_hub() => {
            let target = endpoints::here(snapshot)?;
            if is_passed_by(&snapshot.state, &target.host) {
                return None;
            }
            let key = if target.scheme == "http" { "http" } else { "https" };
            let proxy = proxies.get(key).or_else(|| proxies.get("all"))?;
            let why = match scheme(&proxy.value) {
                Some("http" | "https") => return None,
                Some("socks4" | "socks4a" | "socks5" | "socks5h") if has("pysocks") => return None,
                Some("socks4" | "socks4a" | "socks5" | "socks5h") => {
                    "names a SOCKS proxy, and the package PySocks is missing"
                }
                Some(_) => "has a scheme that requests does not know",
                None => "is malformed",
            };
            Some((proxy, why))
        }
        _ => None,
    }
}

/// The scheme of a proxy, in small letters; clients put `http://` before what has none. `None` where it is malformed.
fn scheme(value: &str) -> Option<&'static str> {
    let lower = value.to_ascii_lowercase();
    let url = if lower.contains("://") { lower } else { format!("http://{lower}") };
    let parts = split(&url).filter(|s| port_is_sound(s.port))?;
    let known = ["http", "https", "socks5", "socks5h", "socks4", "socks4a"];
    // A name that no client knows, `socks` among them.
    Some(known.into_iter().find(|k| *k == parts.scheme).unwrap_or("other"))
}

/// Whether a host is on the list of those that are reached without a proxy: itself, or a name above it.
fn is_passed_by(state: &State<'_>, host: &str) -> bool {
    no_proxy(state).is_some_and(|(_, list)| {
        list.split(',')
            .map(|h| h.trim().trim_start_matches('.').to_ascii_lowercase())
            .filter(|h| !h.is_empty())
            .any(|h| h == "*" || host == h || host.strip_suffix(h.as_str()).is_some_and(|rest| rest.ends_with('.')))
    })
}

fn disagreeing(state: &State<'_>, small: &'static str, out: &mut Vec<Finding>) {
    let capital = small.to_ascii_uppercase();
    let (Some(a), Some(b)) = (state.var(small), state.var(&capital)) else {
        return;
    };
    if a == b {
        return;
    }
    out.push(
        Finding::new(&RULE, Severity::Info, format!("{small} and {capital} name different proxies"))
            .at(Location::variable(small))
            .at(Location::variable(&capital))
            .note("counts", format!("{small} for Python and curl; others differ"))
            .help(format!("unset {capital}"), format!("then {small} counts everywhere")),
    );
}

/// The Hub is reached without the proxy that is set up.
fn passed_by(snapshot: &Snapshot<'_>, proxies: &BTreeMap<&'static str, Proxy>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let Some(target) = endpoints::here(snapshot).filter(|t| t.kind == endpoints::Kind::Hub) else {
        return;
    };
    let Some((name, _)) = no_proxy(state).filter(|_| !proxies.is_empty() && is_passed_by(state, &target.host)) else {
        return;
    };
    out.push(
        Finding::new(&RULE, Severity::Info, format!("{name} lets {} pass by the proxy", target.host))
            .at(Location::variable(name))
            .help(format!("hflint explain {}", RULE.code), "tells what it means"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python};
    use crate::system::fake::Fake;

    const SOCKS: &str = "socks://127.0.0.1:7891/";

    fn hub(fake: Fake, version: &str, also: &[(&str, &str)]) -> Fake {
        python(fake, &[&[("huggingface_hub", version)], also].concat())
    }

    #[test]
    fn httpx_looks_at_all_of_them() {
        let both = || Fake::home().var("all_proxy", SOCKS).var("https_proxy", "http://127.0.0.1:7890/");
        assert_eq!(findings(&RULE, &both()), ["warning"]);
        assert_eq!(findings(&RULE, &hub(both(), "2.4.0", &[])), ["warning"]);
        assert_eq!(findings(&RULE, &hub(Fake::home().var("http_proxy", SOCKS), "1.33.0", &[])), ["warning"]);
        let socks5 = || Fake::home().var("ALL_PROXY", "socks5://127.0.0.1:1080");
        assert_eq!(findings(&RULE, &hub(socks5(), "1.28.0", &[])), ["warning"]);
        assert!(findings(&RULE, &hub(socks5(), "1.28.0", &[("socksio", "1.0.0")])).is_empty());
        assert_eq!(findings(&RULE, &Fake::home().var("https_proxy", "\"http://p:1\"")), ["warning"]);
        assert_eq!(findings(&RULE, &Fake::home().var("https_proxy", "http://p:abc")), ["warning"]);
    }

    #[test]
    fn requests_looks_at_the_one_it_takes() {
        let both = Fake::home().var("all_proxy", SOCKS).var("https_proxy", "http://127.0.0.1:7890/");
        assert!(findings(&RULE, &hub(both, "0.36.2", &[])).is_empty());
        let alone = || Fake::home().var("ALL_PROXY", "socks5://127.0.0.1:1080");
        assert_eq!(findings(&RULE, &hub(alone(), "0.36.2", &[])), ["warning"]);
        assert!(findings(&RULE, &hub(alone(), "0.36.2", &[("PySocks", "1.7.1")])).is_empty());
        let passed = alone().var("no_proxy", "huggingface.co");
        assert!(!findings(&RULE, &hub(passed, "0.36.2", &[])).contains(&"warning"));
    }

    #[test]
    fn small_letters_win() {
        let fine = Fake::home().var("HTTPS_PROXY", SOCKS).var("https_proxy", "http://p:1");
        assert_eq!(findings(&RULE, &fine), ["info"]);
        let off = Fake::home().var("ALL_PROXY", SOCKS).var("all_proxy", "");
        assert_eq!(findings(&RULE, &off), ["info"]);
        assert!(findings(&RULE, &Fake::home().var("all_proxy", SOCKS).var("no_proxy", "*")).is_empty());
    }

    #[test]
    fn worth_knowing() {
        assert_eq!(findings(&RULE, &Fake::home().var("HTTPS_PROXY", "https://p:1")), ["info"]);
        let passed = Fake::home().var("https_proxy", "http://p:1").var("NO_PROXY", "localhost, .co");
        assert_eq!(findings(&RULE, &passed), ["info"]);
    }

    #[test]
    fn an_ordinary_proxy_is_silent() {
        let plain = Fake::home().var("https_proxy", "proxy.corp.example:3128");
        let elsewhere = python(Fake::home().var("ALL_PROXY", "socks5h://127.0.0.1:9050"), &[("requests", "2.34.2")]);
        let pair =
            Fake::home().var("https_proxy", "http://p:1").var("HTTPS_PROXY", "http://p:1").var("NO_PROXY", ".corp");
        for fake in [plain, elsewhere, pair, Fake::home()] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
