//! git-lfs: git's configuration and helpers, with a netrc reader of its own between them.
//!
//! Source: git-lfs 3.3.0 (`lfsapi/auth.go`, `creds/netrc.go`) with go-netrc of 2021-09-14; run.

use std::path::PathBuf;

use super::Candidate;
use super::git::{died, header, helpers};
use super::model::{Answered, Client, Found, Model, Step, Wire};
use super::version::Version;
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::git::url::Parts;
use crate::state::git::{Git, Target, config};
use crate::system::TEXT_LIMIT;
use crate::system::path::absolute;

/// Large files of a repository on the Hub.
pub static GIT_LFS: Client = Client {
    name: "git-lfs",
    aliases: &[],
    title: "git-lfs",
    found: Found::Nowhere,
    newest: Version::new(3, 7, 1),
    models: &[Model {
        since: Version::first_of(2, 0, 0),
        wire: Wire::Plain,
        steps: &[
            Step::Own(fatal),
            Step::Own(header),
            Step::Own(endpoint),
            Step::Own(remote),
            Step::Own(netrc),
            Step::Own(helpers),
        ],
    }],
};

fn fatal(state: &State<'_>) -> Answered {
    state.git().config.fault.as_ref().map_or(Answered::Nothing, died)
}

/// `lfs.url`, of git's configuration or of `.lfsconfig` at the root of the work tree.
fn endpoint(state: &State<'_>) -> Answered {
    let git = state.git();
    let own = git.config.all("lfs", "url").last().and_then(|p| Some((p.entry.value.clone()?, p.source.clone())));
    let shared = || {
        let path = git.root.as_ref()?.join(".lfsconfig");
        let content = state.system.read(&path, TEXT_LIMIT).ok()?;
        let entries = config::parse(&content.bytes).ok()?;
        let entry = entries.into_iter().rfind(|e| e.is("lfs", "url"))?;
        let at = Location::line(absolute(state.system, &path), entry.line);
        Some((entry.value?, at))
    };
    match own.or_else(shared) {
        Some((url, source)) => password(&Target { url, source: Some(source) }),
        None => Answered::Nothing,
    }
}

/// The remote's own URL.
fn remote(state: &State<'_>) -> Answered {
    password(&state.git().target(state))
}

fn password(target: &Target) -> Answered {
    let parts = Parts::new(&target.url, false);
    let host = parts.as_ref().and_then(|p| p.host.as_deref()).unwrap_or_default();
    let name = host.split(|&b| b == b':').next().unwrap_or_default();
    if !name.eq_ignore_ascii_case(b"huggingface.co") {
        return Answered::Nothing;
    }
    match (parts.as_ref().and_then(Git::password), &target.source) {
        (Some(token), _) if token.bytes().is_empty() => Answered::Anonymous,
        (Some(token), Some(source)) => Answered::Token(Candidate { token, source: source.clone() }),
        _ => Answered::Nothing,
    }
}

/// `$HOME/.netrc`; what does not parse is passed over.
fn netrc(state: &State<'_>) -> Answered {
    let Some(home) = state.non_empty("HOME") else { return Answered::Nothing };
    let path = absolute(state.system, &PathBuf::from(home).join(".netrc"));
    let content = state.credential(&path);
    let Some(entries) = content.as_ref().as_ref().ok().and_then(|c| parse(&c.bytes)) else {
        return Answered::Nothing;
    };
    let parts = Parts::new(&state.git().target(state).url, false).unwrap_or_default();
    let host = parts.host.unwrap_or_default();
    let host = host.split(|&b| b == b':').next().unwrap_or_default();
    let user = parts.user.filter(|u| !u.is_empty());
    let named = |e: &&Entry| e.host == host && user.as_ref().is_none_or(|user| *user == e.login);
    let entry = entries.iter().find(named).or_else(|| entries.iter().rfind(|e| e.host.is_empty()));
    match entry {
        // An empty password is refused, and the helpers are asked.
        Some(entry) if !entry.password.is_empty() => {
            let token = Token::new(crate::state::git::basic(&entry.login, entry.password.clone()));
            Answered::Token(Candidate { token, source: Location::line(path, entry.line) })
        }
        _ => Answered::Nothing,
    }
}

#[derive(Default)]
struct Entry {
    /// Empty for `default`.
    host: Vec<u8>,
    login: Vec<u8>,
    password: Vec<u8>,
    account: Vec<u8>,
    line: u32,
}

/// The entries; `None` for what go-netrc refuses: a `machine` after `default`, a second `default`, a value that stands
/// twice or before any machine.
fn parse(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut has_default = false;
    let mut words = Words { rest: bytes, line: 1 };
    while let Some(word) = words.next() {
        let line = word.line;
        match word.text {
            // Keywords count inside a macro, too.
            b"macdef" => {
                words.next();
            }
            b"default" => {
                if std::mem::replace(&mut has_default, true) {
                    return None;
                }
                entries.push(Entry { line, ..Entry::default() });
            }
            b"machine" => {
                if has_default {
                    return None;
                }
                let host = words.next().map(|w| w.text.to_vec()).unwrap_or_default();
                entries.push(Entry { host, line, ..Entry::default() });
            }
            b"login" | b"password" | b"account" => {
                let entry = entries.last_mut()?;
                let field = match word.text {
                    b"login" => &mut entry.login,
                    b"password" => &mut entry.password,
                    _ => &mut entry.account,
                };
                if !field.is_empty() {
                    return None;
                }
                *field = words.next().map(|w| w.text.to_vec()).unwrap_or_default();
            }
            _ => {}
        }
    }
    Some(entries)
}

struct Word<'a> {
    text: &'a [u8],
    line: u32,
}

/// Words between white space (Unicode's); `#` at the start of one makes the rest of the line a word of its own.
struct Words<'a> {
    rest: &'a [u8],
    line: u32,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<Word<'a>> {
        let blank = space_length(self.rest);
        let before = &self.rest[..blank];
        self.line += u32::try_from(before.split(|b| *b == b'\n').skip(1).count()).unwrap_or(0);
        let rest = &self.rest[blank..];
        let end = if rest.first() == Some(&b'#') {
            rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
        } else {
            (0..rest.len()).find(|&i| space_length(&rest[i..]) > 0).unwrap_or(rest.len())
        };
        let (text, after) = rest.split_at(end);
        self.rest = after;
        (!text.is_empty()).then_some(Word { text, line: self.line })
    }
}

/// How many bytes of white space a text begins with, as Go's `unicode.IsSpace` sees it.
fn space_length(text: &[u8]) -> usize {
    let mut length = 0;
    for chunk in text.utf8_chunks().take(1) {
        length = chunk.valid().len() - chunk.valid().trim_start_matches(char::is_whitespace).len();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, resolve};
    use crate::system::fake::Fake;

    fn answer(fake: &Fake) -> String {
        match resolve(&State::new(fake), &Instance::newest(&GIT_LFS)).outcome {
            Outcome::Token(token) => String::from_utf8(token.bytes().to_vec()).unwrap(),
            other => other.word().to_owned(),
        }
    }

    #[test]
    fn netrc_of_its_own() {
        for (text, want) in [
            ("machine huggingface.co login u password n\n", "n"),
            ("# c d\nmachine huggingface.co\nlogin u # c\npassword \"n\"\n", "\"n\""),
            ("machine HuggingFace.co login u password n\n", "anonymous"),
            ("default login u password d\n", "d"),
            ("default login u password d\nmachine huggingface.co login u password n\n", "anonymous"),
            ("machine huggingface.co login u password n\nmachine huggingface.co login v password m\n", "n"),
            ("foo machine huggingface.co login u password n bar\n", "n"),
            ("machine huggingface.co password n password m\n", "anonymous"),
            ("login u machine huggingface.co password n\n", "anonymous"),
            ("machine x login u password y\u{a0}machine huggingface.co login u password n\n", "n"),
        ] {
            assert_eq!(answer(&Fake::home().file("/home/u/.netrc", text)), want, "{text}");
        }
    }

    #[test]
    fn header_then_url_then_netrc_then_helper() {
        let all = "[credential]\n\thelper = store\n";
        let fake = |more: &str| {
            Fake::home()
                .file("/home/u/.gitconfig", format!("{all}{more}"))
                .file("/home/u/.git-credentials", "https://u:s@huggingface.co\n")
                .file("/home/u/.netrc", "machine huggingface.co login u password n\n")
        };
        let lfs = "[lfs]\n\turl = https://u:l@huggingface.co/o/m.git/info/lfs\n";
        let remote = "[remote \"o\"]\n\turl = https://u:r@huggingface.co/o/m\n";
        assert_eq!(answer(&fake("")), "n");
        assert_eq!(answer(&fake(remote)), "r");
        assert_eq!(answer(&fake(&format!("{remote}{lfs}"))), "l");
        assert_eq!(answer(&fake(&format!("{lfs}[http]\n\textraHeader = Authorization: Bearer h\n"))), "h");
        assert_eq!(answer(&fake("").file("/home/u/.netrc", "")), "s");
    }
}
