//! git with one credential: a header of its own for the Hub, which git sends at once and before all else it knows
//! (URL, netrc, helpers), and no helper to ask.
//!
//! Source: git 2.39.5 and 2.47.3, run: `http.<url>.extraHeader` with `Authorization:` alone takes the header away, an
//! empty value clears the list, and `GIT_CONFIG_*` is read after every file.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use base64::Engine as _;

use super::{host, hub};
use crate::clients::endpoint;
use crate::secret::Token;
use crate::state::State;
use crate::system::Changes;

/// The addresses of the Hub.
const HUB: [&str; 2] = ["https://huggingface.co", "https://hf.co"];

/// Adds to git's configuration in the environment; what stands there already stays before it.
pub(super) fn configure(changes: &mut Changes, state: &State<'_>, token: Option<&Token>) {
    let count = state.var("GIT_CONFIG_COUNT");
    // git itself refuses to run with a count that is none: there is nothing to close.
    let Some(mut next) = count.map_or(Some(0), |n| n.to_str().and_then(|n| n.trim().parse::<u32>().ok())) else {
        return;
    };
    let mut add = |key: Vec<u8>, value: &[u8]| {
        changes.insert(format!("GIT_CONFIG_KEY_{next}").into(), Some(OsString::from_vec(key)));
        changes.insert(format!("GIT_CONFIG_VALUE_{next}").into(), Some(OsString::from_vec(value.to_vec())));
        next += 1;
    };
    let none = b"Authorization:".to_vec();
    let one = token.map_or_else(
        || none.clone(),
        |token| {
            // As git sends a stored credential; the Hub takes any user name beside a token.
            let pair = [b"hf_user:", token.bytes()].concat();
            format!("Authorization: Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)).into_bytes()
        },
    );
    for (url, header) in addresses(state, &one, &none) {
        add([b"credential.", &url[..], b".helper"].concat(), b"");
        let key = [b"http.", &url[..], b".extraHeader"].concat();
        add(key.clone(), b"");
        add(key, header);
    }
    changes.insert("GIT_CONFIG_COUNT".into(), Some(next.to_string().into()));
}

/// Each address with the header for it. With another endpoint the credential is for that alone.
fn addresses<'h>(state: &State<'_>, one: &'h [u8], none: &'h [u8]) -> Vec<(Vec<u8>, &'h [u8])> {
    let endpoint = hub(state);
    let is_hub = |host: &str| HUB.iter().any(|url| url.strip_prefix("https://") == Some(host));
    let foreign = !is_hub(&host(&endpoint));
    let of_hub = if foreign { none } else { one };
    let mut out: Vec<(Vec<u8>, &[u8])> = HUB.iter().map(|url| (url.as_bytes().to_vec(), of_hub)).collect();
    if foreign && let Some(origin) = origin(&endpoint) {
        out.push((origin.into_bytes(), one));
    }
    // A section for a longer URL would come before ours.
    for placed in &state.git().config.entries {
        if let (b"http", Some(url), b"extraheader") = placed.entry.parts()
            && let Ok(text) = std::str::from_utf8(url)
        {
            let host = host(text);
            let header = if is_hub(&host) {
                of_hub
            } else if foreign && host == self::host(&endpoint) {
                one
            } else {
                continue;
            };
            if !out.iter().any(|(known, _)| known == url) {
                out.push((url.to_vec(), header));
            }
        }
    }
    out
}

/// `scheme://host:port`; `None` where git could not talk to it.
fn origin(url: &str) -> Option<String> {
    let parts = endpoint::split(url).filter(|p| matches!(p.scheme.as_str(), "http" | "https") && !p.host.is_empty())?;
    let host = if parts.host.contains(':') { format!("[{}]", parts.host) } else { parts.host };
    Some(match parts.port {
        Some(port) => format!("{}://{host}:{port}", parts.scheme),
        None => format!("{}://{host}", parts.scheme),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;
    use crate::clients::{Instance, git::GIT, resolve};
    use crate::rules::testing::token;
    use crate::system::fake::Fake;
    use crate::system::overlay::Overlay;

    /// What git sends in the environment: the model is the one that was compared with git itself.
    fn sends(fake: &Fake, token: Option<&Token>) -> Option<Vec<u8>> {
        let mut changes = Changes::new();
        configure(&mut changes, &State::new(fake), token);
        let over = Overlay::new(fake, changes);
        let answer = resolve(&State::new(&over), &Instance::newest(&GIT));
        answer.outcome.token().map(|t| t.bytes().to_vec())
    }

    #[test]
    fn one_credential_whatever_git_knows() {
        let (a, b) = (token('A'), token('B'));
        let one = Token::new(a.clone().into_bytes());
        let config = format!(
            "[credential]\n\thelper = store\n[http]\n\textraHeader = Authorization: Bearer {b}\n\
             [http \"https://huggingface.co/o/\"]\n\textraHeader = Authorization: Bearer {b}\n"
        );
        let machine = Fake::home()
            .file("/home/u/.gitconfig", config)
            .file("/home/u/.git-credentials", format!("https://u:{b}@huggingface.co\n"))
            .file("/home/u/.netrc", format!("machine huggingface.co login u password {b}\n"));
        let remote = format!("[remote \"origin\"]\n\turl = https://u:{b}@huggingface.co/o/m\n");
        let repo = machine
            .clone()
            .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
            .file("/home/u/.git/config", remote)
            .file("/home/u/.git/objects/x", "")
            .file("/home/u/.git/refs/x", "");
        let counted = repo
            .clone()
            .var("GIT_CONFIG_COUNT", "1")
            .var("GIT_CONFIG_KEY_0", "http.https://huggingface.co/.extraHeader")
            .var("GIT_CONFIG_VALUE_0", format!("Authorization: Bearer {b}"));
        for fake in [Fake::home(), machine, repo, counted] {
            assert_eq!(sends(&fake, Some(&one)).as_deref(), Some(a.as_bytes()));
            assert_eq!(sends(&fake, None), None);
        }
    }

    #[test]
    fn another_endpoint_has_the_credential_for_itself() {
        let one = Token::new(token('A').into_bytes());
        let fake = Fake::home().var("HF_ENDPOINT", "http://hub.local:8080/");
        let mut changes = Changes::new();
        configure(&mut changes, &State::new(&fake), Some(&one));
        let header = |url: &str| {
            let keys = changes
                .iter()
                .filter(|(_, v)| v.as_deref().is_some_and(|v| v == format!("http.{url}.extraHeader").as_str()));
            let mut keys = keys;
            let name = keys.next_back().unwrap().0.to_str().unwrap().replace("KEY", "VALUE");
            changes[&OsString::from(name)].clone().unwrap()
        };
        assert_eq!(header("https://huggingface.co"), "Authorization:");
        assert!(header("http://hub.local:8080").as_bytes().starts_with(b"Authorization: Basic "));
    }
}
