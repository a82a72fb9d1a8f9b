//! git-lfs: git's configuration and helpers, with a netrc reader of its own between them.
//!
//! Of two `insteadOf` with one prefix, and of two `http.<url>.extraHeader` whose URLs fit alike (one with the last slash, one
//! without), it takes the one or the other from run to run (a Go map); here the first counts, as for git.
//! Source: git-lfs 3.3.0 (`lfsapi/auth.go`, `config/url_config.go`, `creds/netrc.go`) with go-netrc of 2021-09-14; run.

use std::path::PathBuf;

use super::Candidate;
use super::git::{ask_helpers_for, credential, died};
use super::model::{Answered, Client, Found, Model, Step, Wire};
use super::version::Version;
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::git::url::Parts;
use crate::state::git::{Target, config};
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

/// The URL that netrc and the helpers are asked about: the remote's own, as it is written, while it is on the same host;
/// an empty user is none.
fn asked(state: &State<'_>) -> Parts {
    let rewritten = Parts::new(&state.git().target(state).url, false).unwrap_or_default();
    let written = Parts::new(&state.git().remote_as_written().0, false).unwrap_or_default();
    let same = written.scheme == rewritten.scheme && written.host == rewritten.host;
    let mut parts = if same { written } else { rewritten };
    parts.user = parts.user.filter(|u| !u.is_empty());
    parts
}

/// `.lfsconfig` at the root of the work tree; no entries for one that does not parse.
fn lfsconfig(state: &State<'_>) -> Option<(PathBuf, Option<Vec<config::Entry>>)> {
    let path = state.git().root.as_ref()?.join(".lfsconfig");
    let content = state.system.read(&path, TEXT_LIMIT).ok()?;
    Some((absolute(state.system, &path), config::parse(&content.bytes).ok()))
}

/// What ends it before its first request.
fn fatal(state: &State<'_>) -> Answered {
    let git = state.git();
    if let Some(fault) = &git.config.fault {
        return died(fault);
    }
    if let Some((path, None)) = lfsconfig(state) {
        return Answered::Error("fatal", Some(Location::file(path)));
    }
    // It looks for the base between `url.` and `.insteadof`, and crashes where the two overlap.
    if let Some(placed) = git.config.all("url", "insteadof").next() {
        return Answered::Error("fatal", Some(placed.source.clone()));
    }
    let target = git.target(state);
    // `.git/info/lfs` is put behind the URL as it is: behind a bare host it is part of the name.
    let nowhere = git.remote(state).is_some()
        && Parts::new(&target.url, false).is_some_and(|p| p.path.unwrap_or_default().is_empty());
    if nowhere || userinfo(&target.url).is_none() {
        return Answered::Error("fatal", target.source);
    }
    match headers(state).into_iter().find(|(header, _)| !header.is_sendable()) {
        Some((_, source)) => Answered::Error("fatal", Some(source)),
        None => Answered::Nothing,
    }
}

/// One header of `http.extraHeader`.
struct Header {
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Header {
    /// Whether Go's net/http takes it; curl sends some that it refuses.
    fn is_sendable(&self) -> bool {
        let in_name = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
        let in_value = |b: &u8| *b == b'\t' || (*b >= 0x20 && *b != 0x7f);
        !self.name.is_empty() && self.name.iter().all(in_name) && self.value.iter().all(in_value)
    }
}

/// The values of the one section that fits best, else those of `[http]`; what has no colon is passed over.
fn headers(state: &State<'_>) -> Vec<(Header, Location)> {
    let git = state.git();
    let Some(asked) = Parts::new(&state.git().target(state).url, false) else {
        return Vec::new();
    };
    let mut best: Option<(Score, &[u8])> = None;
    for (section, key, _) in git.config.under("http") {
        let score = (key == b"extraheader").then(|| Parts::new(section, false)).flatten().and_then(|p| fit(&asked, &p));
        if let Some(score) = score.filter(|score| best.is_none_or(|(known, _)| *score > known)) {
            best = Some((score, section));
        }
    }
    let placed = git.config.entries.iter().filter(|p| {
        let (section, subsection, key) = p.entry.parts();
        section == b"http" && key == b"extraheader" && subsection == best.map(|(_, section)| section)
    });
    placed
        .filter_map(|p| {
            let text = p.entry.value.as_deref()?;
            let colon = text.iter().position(|&b| b == b':')?;
            let value = text[colon + 1..].trim_ascii().to_vec();
            Some((Header { name: text[..colon].to_vec(), value }, p.source.clone()))
        })
        .collect()
}

/// Host, path, and whether the user is named: the order in which they count.
type Score = (usize, usize, bool);

/// How well a section's URL fits the one that is asked. Names are compared as they are written.
fn fit(asked: &Parts, section: &Parts) -> Option<Score> {
    if asked.scheme != section.scheme {
        return None;
    }
    let (name, port) = host_and_port(asked)?;
    let (pattern, pattern_port) = host_and_port(section)?;
    let labels = |host: &[u8]| host.split(|&b| b == b'.').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (name, pattern) = (labels(&name), labels(&pattern));
    let fits = name.len() == pattern.len() && name.iter().zip(&pattern).all(|(n, p)| p == b"*" || n == p);
    if !fits || port != pattern_port {
        return None;
    }
    let stars = pattern.iter().filter(|p| *p == b"*").count();
    let user = section.user.is_some();
    if user && asked.user != section.user {
        return None;
    }
    Some((name.len() + 1 - stars, path_score(asked, section)?, user))
}

fn host_and_port(parts: &Parts) -> Option<(Vec<u8>, Vec<u8>)> {
    let host = parts.host.as_deref()?;
    let mut split = host.splitn(2, |&b| b == b':');
    let name = split.next()?.to_vec();
    let usual: &[u8] = if parts.scheme.as_deref() == Some(b"http") { b"80" } else { b"443" };
    Some((name, split.next().unwrap_or(usual).to_vec()))
}

/// The parts of the section's path, each two points, one where it lacks the `.git` of the address that is asked.
fn path_score(asked: &Parts, section: &Parts) -> Option<usize> {
    fn parts(path: Option<&[u8]>) -> Vec<&[u8]> {
        path.unwrap_or_default().split(|&b| b == b'/').filter(|p| !p.is_empty()).collect()
    }
    let (asked, section) = (parts(asked.path.as_deref()), parts(section.path.as_deref()));
    let mut whole: Vec<Vec<u8>> = asked.iter().map(|p| p.to_vec()).collect();
    if let Some(last) = whole.last_mut()
        && !last.ends_with(b".git")
    {
        last.extend_from_slice(b".git");
    }
    let repository = whole.len();
    whole.extend([b"info".to_vec(), b"lfs".to_vec(), b"locks".to_vec()]);
    let mut score = 1;
    for (i, element) in section.iter().enumerate() {
        let here = whole.get(i)?;
        if here == element {
            score += 2;
        } else if i + 1 == repository && here.strip_suffix(b".git") == Some(*element) {
            score += 1;
        } else {
            return None;
        }
    }
    Some(score)
}

/// `http.extraHeader`; an Authorization without a value leaves the search open.
fn header(state: &State<'_>) -> Answered {
    let found = headers(state).into_iter().find(|(h, _)| h.name.eq_ignore_ascii_case(b"authorization"));
    match found {
        Some((header, source)) if !header.value.is_empty() => {
            Answered::Token(Candidate { token: Token::new(credential(&header.value)), source })
        }
        _ => Answered::Nothing,
    }
}

/// The helpers through `git credential fill`: what git dies of there comes after the first request. The path goes along
/// only where `useHttpPath` says so; without it git finds no section that is limited to one.
fn helpers(state: &State<'_>) -> Answered {
    let mut parts = asked(state);
    let with_path = state.git().credentials(parts.clone()).is_ok_and(|found| found.asked.path.is_some());
    parts.path = parts.path.filter(|_| with_path);
    match ask_helpers_for(state, parts, true) {
        Answered::Error(..) => Answered::Anonymous,
        other => other,
    }
}

/// `lfs.url`, of git's configuration or of `.lfsconfig` at the root of the work tree.
fn endpoint(state: &State<'_>) -> Answered {
    let git = state.git();
    let own = git.config.all("lfs", "url").last().and_then(|p| Some((p.entry.value.clone()?, p.source.clone())));
    let shared = || {
        let (path, entries) = lfsconfig(state)?;
        let entry = entries?.into_iter().rfind(|e| e.is("lfs", "url"))?;
        Some((entry.value?, Location::line(path, entry.line)))
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
    match (userinfo(&target.url), &target.source) {
        (Some((user, Some(password))), Some(source)) => {
            let token = Token::new(crate::state::git::basic(&user, password));
            if token.bytes().is_empty() {
                Answered::Anonymous
            } else {
                Answered::Token(Candidate { token, source: source.clone() })
            }
        }
        _ => Answered::Nothing,
    }
}

/// User and password of a URL as Go takes them apart; `None` where it refuses their escapes. Both empty without any.
fn userinfo(url: &[u8]) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let start = url.windows(3).position(|w| w == b"://").map_or(0, |i| i + 3);
    let rest = &url[start..];
    let authority = &rest[..rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len())];
    let Some(at) = authority.iter().rposition(|&b| b == b'@') else {
        return Some((Vec::new(), None));
    };
    let mut split = authority[..at].splitn(2, |&b| b == b':');
    let user = unescape(split.next()?)?;
    Some((user, split.next().map(unescape).map_or(Some(None), |p| p.map(Some))?))
}

/// Every `%` with two hexadecimal digits; `None` for one without.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        if first != b'%' {
            out.push(first);
            rest = after;
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    Some(out)
}

/// `$HOME/.netrc`; what does not parse is passed over.
fn netrc(state: &State<'_>) -> Answered {
    let Some(home) = state.non_empty("HOME") else { return Answered::Nothing };
    let path = absolute(state.system, &PathBuf::from(home).join(".netrc"));
    let content = state.credential(&path);
    let Some(entries) = content.as_ref().as_ref().ok().and_then(|c| parse(&c.bytes)) else {
        return Answered::Nothing;
    };
    let Parts { host, user, .. } = asked(state);
    let host = host.unwrap_or_default();
    let host = host.split(|&b| b == b':').next().unwrap_or_default();
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
    loop {
        // One character at a time: to look at all of the rest for each would take the square of its length.
        let head = &text[length..text.len().min(length + 4)];
        let first = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
        match first.filter(|c| c.is_whitespace()) {
            Some(space) => length += space.len_utf8(),
            None => return length,
        }
    }
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
        let limited =
            format!("{remote}[credential \"https://huggingface.co/o\"]\n\tusername = v\n").replace("u:r@", "");
        let without = |more: &str| fake(&format!("{limited}{more}")).file("/home/u/.netrc", "");
        assert_eq!(answer(&without("")), "s");
        assert_eq!(answer(&without("[credential]\n\tuseHttpPath = true\n")), "anonymous");
    }
}
