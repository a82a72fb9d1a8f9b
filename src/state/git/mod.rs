//! What git holds for the Hub: credential stores, configuration, and the remotes of the repository here.
//!
//! Source: git 2.39.5 and 2.47.3 (libcurl 7.88.1), run against a stand-in for huggingface.co.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use self::load::{Config, Fault, Placed};
use self::store::Helper;
use self::url::{Fit, Normal, Parts};
use super::State;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::{Candidate, endpoint};
use crate::finding::Location;
use crate::secret::Token;
use crate::system::path::{Within as _, absolute};
use crate::system::{Kind, System};

pub mod config;
pub mod embedded;
pub mod glob;
pub mod ignore;
pub mod index;
pub mod load;
pub mod netrc;
pub mod repository;
pub mod store;
pub mod url;

/// Hosts that are the Hub, beside that of the endpoint.
const HOSTS: [&str; 2] = ["huggingface.co", "hf.co"];
/// What git talks to where no remote says otherwise.
const HUB: &[u8] = b"https://huggingface.co/";

/// Git's side.
#[derive(Debug, Default)]
pub struct Git {
    /// The root of the repository here.
    pub root: Option<PathBuf>,
    /// Lines of the credential stores that are for a host of the Hub, in the order in which git tries them; then those
    /// of the default files that nothing in git's configuration makes it read.
    pub stored: Vec<Stored>,
    /// All of git's configuration here.
    pub config: Config,
}

/// One line of a credential store.
#[derive(Debug)]
pub struct Stored {
    /// The host, in lower case, with its port.
    pub host: String,
    /// The user.
    pub user: String,
    /// The password and its line.
    pub credential: Candidate,
    /// Whether git's configuration makes it read this file for the Hub.
    pub read: bool,
}

/// What git would talk to here.
pub struct Target {
    /// After `insteadOf`.
    pub url: Vec<u8>,
    /// Where its user part stands.
    pub source: Option<Location>,
}

/// What `[credential]` says about a URL.
pub struct Credentials<'a> {
    /// In the order in which they are asked.
    pub helpers: Vec<&'a Placed>,
    /// What is asked of them.
    pub asked: Parts,
}

/// Reads them.
pub fn gather(state: &State<'_>) -> Git {
    let config = load::load(state.system);
    let mut git = Git { root: config.repository.as_ref().and_then(|r| r.root.clone()), config, stored: Vec::new() };
    git.stored = stored(state, &git);
    git
}

/// `$XDG_CONFIG_HOME/git/NAME`; unset or empty, `~/.config/git/NAME`.
fn xdg(system: &dyn System, name: &str) -> Option<PathBuf> {
    let base = system.var("XDG_CONFIG_HOME").filter(|v| !v.is_empty()).or_else(|| {
        let mut home = system.var("HOME")?;
        home.push("/.config");
        Some(home)
    });
    base.map(|base| PathBuf::from(base).join("git").join(name))
}

/// A program on the PATH.
fn program(system: &dyn System, name: &str) -> Option<PathBuf> {
    let path = system.var("PATH")?;
    let mut places = path.as_bytes().split(|&b| b == b':').map(|dir| Path::new(OsStr::from_bytes(dir)).within(name));
    places.find(|place| system.stat(place).is_ok_and(|s| s.kind == Kind::File && s.mode & 0o111 != 0))
}

/// Whether a host, with or without its port, is the Hub or what stands in for it here.
fn is_hub(state: &State<'_>, host: &[u8]) -> bool {
    let name = host.split(|&b| b == b':').next().unwrap_or_default();
    HOSTS.iter().any(|h| name.eq_ignore_ascii_case(h.as_bytes())) || is_endpoint(state, host)
}

fn is_endpoint(state: &State<'_>, host: &[u8]) -> bool {
    let url = endpoint::hub(state.system, HUGGINGFACE_HUB.newest);
    Normal::new(url.as_bytes(), false).is_some_and(|url| url.host_and_port().eq_ignore_ascii_case(host))
}

/// What a Basic header gives as the password: all that follows the first colon, also one in the user.
pub fn basic(user: &[u8], password: Vec<u8>) -> Vec<u8> {
    match user.iter().position(|&b| b == b':') {
        Some(colon) => [&user[colon + 1..], b":", &password].concat(),
        None => password,
    }
}

/// The password of a URL, or a token that stands in place of the user.
fn secret(parts: &Parts) -> Option<Token> {
    let password = parts.password.clone().filter(|p| !p.is_empty()).map(Token::new);
    password.or_else(|| parts.user.clone().map(Token::new).filter(Token::is_shaped))
}

fn stored(state: &State<'_>, git: &Git) -> Vec<Stored> {
    let asked = Parts::new(&git.target(state).url, false).unwrap_or_default();
    let credentials = git.credentials(asked).ok();
    let helpers = credentials.iter().flat_map(|c| &c.helpers);
    let mut files: Vec<(PathBuf, bool)> = Vec::new();
    for placed in helpers {
        if let Helper::Store(list) = git.helper(state, placed) {
            files.extend(list.into_iter().map(|file| (file, true)));
        }
    }
    files.extend(store::default_files(state.system).into_iter().map(|file| (file, false)));
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (file, read) in files {
        let path = absolute(state.system, &file);
        if !seen.insert(path.clone()) {
            continue;
        }
        let content = state.credential(&file);
        let Ok(content) = &*content else { continue };
        for line in store::lines(&content.bytes) {
            let host = line.parts.host.unwrap_or_default();
            if !is_hub(state, &host) {
                continue;
            }
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            out.push(Stored {
                host: text(&host).to_lowercase(),
                user: text(&line.parts.user.unwrap_or_default()),
                credential: Candidate { token: line.password, source: Location::line(&path, line.number) },
                read,
            });
        }
    }
    out
}

impl Git {
    /// What git would talk to here: the default remote where that is the Hub, else the Hub itself.
    pub fn target(&self, state: &State<'_>) -> Target {
        self.remote(state).unwrap_or_else(|| self.rewritten(HUB, None))
    }

    /// The default remote, where that is the Hub.
    pub fn remote(&self, state: &State<'_>) -> Option<Target> {
        let (url, source) = self.remote_as_written();
        let target = self.rewritten(&url, source);
        is_target(state, &target.url).then_some(target)
    }

    /// The URL of the default remote before `insteadOf`; its name where it has none.
    pub fn remote_as_written(&self) -> (Vec<u8>, Option<Location>) {
        let config = &self.config;
        let branch = config.repository.as_ref().and_then(|r| r.branch.as_deref());
        let mut names: Vec<&[u8]> = Vec::new();
        for (name, _, _) in config.under("remote").filter(|(name, _, _)| !name.starts_with(b"/")) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let tracked = config.under("branch").filter(|(name, key, _)| Some(*name) == branch && *key == b"remote");
        let name = tracked.filter_map(|(_, _, p)| p.entry.value.as_deref()).last();
        let default: &[u8] = match names.as_slice() {
            [only] => only,
            _ => &b"origin"[..],
        };
        let name = name.unwrap_or(default);
        // An empty URL takes back those before it.
        let urls = config.under("remote").filter(|(n, key, _)| *n == name && *key == b"url");
        let urls: Vec<&Placed> = urls.map(|(_, _, placed)| placed).collect();
        let start = urls.iter().rposition(|p| p.entry.value.as_deref() == Some(b"")).map_or(0, |i| i + 1);
        let first = urls[start..].first();
        let url = first.and_then(|p| p.entry.value.as_deref()).unwrap_or(name);
        (url.to_owned(), first.map(|p| p.source.clone()))
    }

    /// A URL after `url.<base>.insteadOf`: the longest prefix counts, of equal ones that of the base named first.
    fn rewritten(&self, url: &[u8], source: Option<Location>) -> Target {
        let mut bases: Vec<&[u8]> = Vec::new();
        let mut best: Option<(usize, usize, &[u8], &Placed)> = None;
        for (base, _, placed) in self.config.under("url").filter(|(_, key, _)| *key == b"insteadof") {
            let rank = bases.iter().position(|b| *b == base).unwrap_or_else(|| {
                bases.push(base);
                bases.len() - 1
            });
            let Some(prefix) = placed.entry.value.as_deref().filter(|p| url.starts_with(p)) else { continue };
            let better = best.is_none_or(|(len, r, _, _)| prefix.len() > len || (prefix.len() == len && rank < r));
            if better {
                best = Some((prefix.len(), rank, base, placed));
            }
        }
        let Some((len, _, base, placed)) = best else {
            return Target { url: url.to_owned(), source };
        };
        let source = if base.contains(&b'@') { Some(placed.source.clone()) } else { source };
        Target { url: [base, &url[len..]].concat(), source }
    }

    /// The values of `http.KEY` that count for a URL, in order: those of a section that is less specific than one
    /// before it do not.
    pub fn http<'a>(&'a self, key: &str, url: &[u8]) -> Vec<&'a Placed> {
        let url = Normal::new(url, false);
        let mut best: Option<Fit> = None;
        let mut out = Vec::new();
        for placed in &self.config.entries {
            let (section, subsection, name) = placed.entry.parts();
            if section != b"http" || name != key.as_bytes() {
                continue;
            }
            let fit = match subsection {
                None => Some(Fit::default()),
                Some(pattern) => Normal::new(pattern, true).zip(url.as_ref()).and_then(|(p, url)| p.fits(url)),
            };
            if let Some(fit) = fit.filter(|fit| best.is_none_or(|best| *fit >= best)) {
                best = Some(fit);
                out.push(placed);
            }
        }
        out
    }

    /// What `[credential]` says about a URL, all sections that fit it in reading order.
    pub fn credentials(&self, mut asked: Parts) -> Result<Credentials<'_>, Fault> {
        let url = Normal::new(&asked.url(), false);
        let named = asked.user.as_ref().is_some_and(|u| !u.is_empty());
        let mut helpers = Vec::new();
        let mut with_path = false;
        for placed in &self.config.entries {
            let (section, subsection, key) = placed.entry.parts();
            let fits = section == b"credential"
                && subsection.is_none_or(|pattern| match Normal::new(pattern, true) {
                    Some(pattern) => url.as_ref().is_some_and(|url| pattern.fits(url).is_some()),
                    None => Parts::new(pattern, true).is_some_and(|part| part.asks_for(&asked)),
                });
            if !fits {
                continue;
            }
            let fault = |words| Fault { source: placed.source.clone(), words, waits: false };
            let value = placed.entry.value.as_deref().ok_or_else(|| fault("a key of [credential] without a value"))?;
            match key {
                b"helper" if value.is_empty() => helpers.clear(),
                b"helper" => helpers.push(placed),
                b"username" if !named => asked.user = Some(value.to_owned()),
                b"usehttppath" => {
                    with_path = load::boolean(Some(value)).ok_or_else(|| fault("neither true nor false"))?;
                }
                _ => {}
            }
        }
        if !with_path {
            asked.path = None;
        }
        asked.password = None;
        Ok(Credentials { helpers, asked })
    }

    /// The password of the URL as the Hub would see it.
    pub fn password(parts: &Parts) -> Option<Token> {
        let user = parts.user.as_deref().unwrap_or_default();
        parts.password.clone().map(|password| Token::new(basic(user, password)))
    }

    /// What a helper is.
    pub fn helper(&self, state: &State<'_>, placed: &Placed) -> Helper {
        // Git goes to the top of the repository before it runs anything.
        let from = self.root.clone().or_else(|| state.system.cwd()).unwrap_or_default();
        store::helper(state.system, placed.entry.value.as_deref().unwrap_or_default(), &from)
    }
}

/// Whether a remote's URL is one that the Hub answers.
fn is_target(state: &State<'_>, url: &[u8]) -> bool {
    let Some(Parts { scheme: Some(scheme), host: Some(host), .. }) = Parts::new(url, false) else {
        return false;
    };
    let name = host.split(|&b| b == b':').next().unwrap_or_default();
    (scheme == b"https" && name.eq_ignore_ascii_case(HOSTS[0].as_bytes())) || is_endpoint(state, &host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    fn machine(config: &str) -> Fake {
        Fake::home().file("/home/u/.gitconfig", config)
    }

    fn git(fake: &Fake) -> Git {
        gather(&State::new(fake))
    }

    #[test]
    fn stores_in_the_order_in_which_git_reads_them() {
        let line = |letter: &str, host: &str| format!("https://u:{}@{host}\n", token(letter));
        let fake = machine("[credential]\n\thelper = store --file ~/own\n")
            .file("/home/u/.git-credentials", line("a", "github.com") + &line("b", "HuggingFace.co"))
            .file("/home/u/own", line("c", "hf.co"));
        let stored = git(&fake).stored;
        let seen: Vec<_> = stored.iter().map(|s| (s.host.as_str(), s.read, s.credential.source.clone())).collect();
        let at = |path: &str, line| Location::line(path, line);
        assert_eq!(
            seen,
            [("hf.co", true, at("/home/u/own", 1)), ("huggingface.co", false, at("/home/u/.git-credentials", 2))]
        );
        assert_eq!(stored[1].credential.token.bytes(), token("b").as_bytes());
    }

    fn target(fake: &Fake) -> String {
        let state = State::new(fake);
        String::from_utf8(git(fake).target(&state).url).unwrap()
    }

    #[test]
    fn the_remote_that_git_talks_to() {
        let two = "[remote \"origin\"]\n\turl = https://huggingface.co/a\n[remote \"up\"]\n\turl = https://huggingface.co/b\n";
        let repo = |config: &str| {
            machine("")
                .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
                .file("/home/u/.git/config", config)
                .file("/home/u/.git/objects/x", "")
                .file("/home/u/.git/refs/x", "")
        };
        assert_eq!(target(&machine("")), "https://huggingface.co/");
        assert_eq!(target(&repo(two)), "https://huggingface.co/a");
        assert_eq!(target(&repo(&format!("{two}[branch \"main\"]\n\tremote = up\n"))), "https://huggingface.co/b");
        assert_eq!(target(&repo("[remote \"x\"]\n\turl = https://huggingface.co/x\n")), "https://huggingface.co/x");
        assert_eq!(target(&repo("[remote \"origin\"]\n\turl = https://github.com/x\n")), "https://huggingface.co/");
        let own =
            repo("[remote \"origin\"]\n\turl = http://hub.local:8080/x\n").var("HF_ENDPOINT", "http://hub.local:8080");
        assert_eq!(target(&own), "http://hub.local:8080/x");
        let rewritten = "[url \"https://a@huggingface.co/\"]\n\tinsteadOf = hf:\n[remote \"o\"]\n\turl = hf:x\n";
        assert_eq!(target(&machine(rewritten)), "https://a@huggingface.co/x");
    }

    #[test]
    fn a_more_specific_section_silences_what_follows() {
        let text = "[http]\n\tk = 1\n[http \"https://huggingface.co\"]\n\tk = 2\n[http]\n\tk = 3\n\
                    [http \"https://huggingface.co\"]\n\tk = 4\n";
        let git = git(&machine(text));
        let values: Vec<_> = git.http("k", HUB).iter().map(|p| p.entry.value.clone().unwrap()).collect();
        assert_eq!(values, [b"1", b"2", b"4"]);
    }

    #[test]
    fn an_empty_helper_clears_the_list() {
        let text = "[credential]\n\thelper = a\n[credential \"huggingface.co\"]\n\thelper =\n\thelper = b\n\
                    \tusername = w\n[credential \"https://github.com\"]\n\thelper = c\n";
        let git = git(&machine(text));
        let found = git.credentials(Parts::new(HUB, false).unwrap()).ok().unwrap();
        let helpers: Vec<_> = found.helpers.iter().map(|p| p.entry.value.clone().unwrap()).collect();
        assert_eq!((helpers, found.asked.user), (vec![b"b".to_vec()], Some(b"w".to_vec())));
    }
}
