//! aria2's `aria2.conf` and its netrc. Source: aria2 1.36.0, `OptionParser.cc`, `Netrc.cc`, `MultiUrlRequestInfo.cc`;
//! run.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{HOST, credential, sent_basic};
use crate::clients::model::Answered;
use crate::finding::Location;
use crate::state::State;
use crate::system::path::absolute;
use crate::system::{Kind, TEXT_LIMIT};

/// What the file says about credentials.
#[derive(Default)]
struct Said {
    /// Headers named `Authorization:`; all are sent.
    headers: Vec<(Vec<u8>, Location)>,
    user: Vec<u8>,
    password: Option<(Vec<u8>, Location)>,
    no_netrc: bool,
    /// Credentials go out when the server asks for them, as the Hub does.
    on_challenge: bool,
    netrc_path: Option<PathBuf>,
}

/// What a plain `aria2c URL` sends.
pub(super) fn ask(state: &State<'_>) -> Answered {
    let said = match configuration(state) {
        Ok(said) => said,
        Err(at) => return Answered::Error("fatal", Some(at)),
    };
    // The file is read before the first request, whatever else there is to send.
    let entry = match if said.no_netrc { Ok(None) } else { netrc(state, said.netrc_path.as_deref()) } {
        Ok(entry) => entry,
        Err(at) => return Answered::Error("fatal", Some(at)),
    };
    if let Some((value, at)) = said.headers.iter().find(|(value, _)| !value.is_empty()) {
        return credential(value, at);
    }
    if !said.headers.is_empty() {
        return Answered::Anonymous;
    }
    if !said.user.is_empty() {
        return said.password.map_or(Answered::Anonymous, |(password, at)| sent_basic(&said.user, password, at));
    }
    // Then one without a login does not count.
    let entry = entry.filter(|(entry, _)| !said.on_challenge || !entry.login.is_empty());
    entry.map_or(Answered::Nothing, |(entry, at)| sent_basic(&entry.login, entry.password, at))
}

fn home(state: &State<'_>) -> PathBuf {
    let home = state.var("HOME").map(PathBuf::from).or_else(|| state.system.password_home(None));
    home.unwrap_or_default()
}

fn below(base: &Path, then: &str) -> PathBuf {
    let mut path = base.as_os_str().to_owned();
    path.push(then);
    PathBuf::from(path)
}

fn configuration(state: &State<'_>) -> Result<Said, Location> {
    let mut path = below(&home(state), "/.aria2/aria2.conf");
    if state.system.stat(&path).is_err() {
        // Only an absolute XDG_CONFIG_HOME counts.
        let xdg = state.var("XDG_CONFIG_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
        path = below(&xdg.unwrap_or_else(|| below(&home(state), "/.config")), "/aria2/aria2.conf");
    }
    let mut said = Said::default();
    let Ok(content) = state.system.read(&path, TEXT_LIMIT) else { return Ok(said) };
    let path = absolute(state.system, &path);
    for (i, line) in content.bytes.split(|&b| b == b'\n').enumerate() {
        if line.first() == Some(&b'#') {
            continue;
        }
        let equals = line.iter().position(|&b| b == b'=').unwrap_or(line.len());
        let value = strip(line.get(equals + 1..).unwrap_or_default());
        let at = Location::line(&path, u32::try_from(i + 1).unwrap_or(u32::MAX));
        match strip(&line[..equals]) {
            b"header" => said.headers.extend(authorization(value).map(|v| (v, at))),
            b"http-user" => said.user = value.to_vec(),
            b"http-passwd" => said.password = Some((value.to_vec(), at)),
            b"no-netrc" => said.no_netrc = boolean(value).ok_or(at)?,
            b"http-auth-challenge" => said.on_challenge = boolean(value).ok_or(at)?,
            b"netrc-path" => said.netrc_path = Some(PathBuf::from(OsStr::from_bytes(value))),
            _ => {}
        }
    }
    Ok(said)
}

fn authorization(header: &[u8]) -> Option<Vec<u8>> {
    let (name, value) = header.split_at_checked("Authorization:".len())?;
    name.eq_ignore_ascii_case(b"authorization:").then(|| strip(value).to_vec())
}

fn boolean(value: &[u8]) -> Option<bool> {
    match value {
        b"true" | b"" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

fn strip(text: &[u8]) -> &[u8] {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    let start = text.iter().position(|b| !blank(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !blank(b)).map_or(start, |i| i + 1);
    &text[start..end]
}

/// Permission bits of the group and of all others.
const OF_OTHERS: u32 = 0o077;

/// The password for the Hub. A file that others may touch is passed over; one that does not parse ends aria2.
fn netrc(state: &State<'_>, given: Option<&Path>) -> Result<Option<(Entry, Location)>, Location> {
    let path = given.map_or_else(|| below(&home(state), "/.netrc"), Path::to_owned);
    match state.system.stat(&path) {
        Ok(stat) if stat.kind == Kind::File && stat.mode & OF_OTHERS == 0 => {}
        _ => return Ok(None),
    }
    let path = absolute(state.system, &path);
    let content = state.credential(&path);
    let Ok(content) = &*content else { return Err(Location::file(&path)) };
    let fault = |line: u32| Location::line(&path, line);
    let entries = parse(&content.bytes).map_err(fault)?;
    let found = entries.into_iter().find(|e| e.host.as_deref().is_none_or(matches));
    // `default` is found where it comes first, but not used for http.
    let found = found.filter(|e| e.host.as_ref().is_some_and(|h| !h.is_empty()));
    Ok(found.map(|entry| {
        let at = fault(entry.line);
        (entry, at)
    }))
}

/// The host itself, or its domain with a dot before it.
fn matches(host: &[u8]) -> bool {
    host == HOST.as_bytes() || host.first() == Some(&b'.') && HOST.as_bytes().ends_with(host)
}

#[derive(Default)]
struct Entry {
    /// `None` for `default`.
    host: Option<Vec<u8>>,
    login: Vec<u8>,
    password: Vec<u8>,
    line: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Machine,
    Login,
    Password,
    /// `account`.
    Other,
    Macdef,
}

/// The entries, or the line on which aria2 gives up.
fn parse(bytes: &[u8]) -> Result<Vec<Entry>, u32> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut after = After::Nothing;
    let mut number = 0;
    let mut lines = bytes.split_inclusive(|&b| b == b'\n');
    while let Some(line) = lines.next() {
        number += 1;
        let line = line.split(|&b| b == 0).next().unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first() == Some(&b'#') {
            continue;
        }
        for word in line.split(|b| matches!(b, b' ' | b'\t')).map(strip).filter(|w| !w.is_empty()) {
            match after {
                After::Macdef => {
                    // Its lines, to an empty one.
                    for line in lines.by_ref() {
                        number += 1;
                        if matches!(line.first(), None | Some(b'\n' | b'\r')) {
                            break;
                        }
                    }
                }
                After::Machine => {
                    if let Some(entry) = entries.last_mut() {
                        entry.host = Some(word.to_vec());
                    }
                }
                After::Login => {
                    if let Some(entry) = entries.last_mut() {
                        entry.login = word.to_vec();
                    }
                }
                After::Password => {
                    if let Some(entry) = entries.last_mut() {
                        entry.password = word.to_vec();
                    }
                }
                After::Nothing | After::Other => {}
            }
            if after != After::Nothing {
                after = After::Nothing;
                continue;
            }
            after = match word {
                b"machine" => {
                    entries.push(Entry { host: Some(Vec::new()), line: number, ..Entry::default() });
                    After::Machine
                }
                b"default" => {
                    entries.push(Entry { line: number, ..Entry::default() });
                    After::Nothing
                }
                _ if entries.is_empty() => return Err(number),
                b"password" => After::Password,
                b"login" => After::Login,
                b"account" => After::Other,
                b"macdef" => After::Macdef,
                _ => After::Nothing,
            };
        }
    }
    if after == After::Nothing { Ok(entries) } else { Err(number) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, by_name, resolve};
    use crate::system::fake::Fake;

    fn answer(fake: &Fake) -> String {
        match resolve(&State::new(fake), &Instance::newest(by_name("aria2").unwrap())).outcome {
            Outcome::Token(token) => String::from_utf8(token.bytes().to_vec()).unwrap(),
            other => other.word().to_owned(),
        }
    }

    #[test]
    fn configuration_and_netrc() {
        let netrc = "machine huggingface.co login u password n\n";
        for (conf, netrc, want) in [
            ("header=Authorization: Bearer x\n", netrc, "x"),
            (" header = authorization:Bearer x \n", netrc, "x"),
            ("#header=Authorization: Bearer x\n", netrc, "n"),
            ("header=\"Authorization: Bearer x\"\n", netrc, "n"),
            ("header=Authorization:\n", netrc, "anonymous"),
            ("http-user=u\nhttp-passwd=p\n", netrc, "p"),
            ("http-user=u\n", netrc, "anonymous"),
            ("no-netrc=true\n", netrc, "anonymous"),
            ("no-netrc=perhaps\n", netrc, "error"),
            ("", "default login u password d\nmachine huggingface.co login u password n\n", "anonymous"),
            ("", "machine .co login u password d\n", "d"),
            ("", "foo\n", "error"),
            ("", "machine huggingface.co login", "error"),
            ("", "machine x\nmacdef m\nls\n\nmachine huggingface.co login u password \"n\"\n", "\"n\""),
        ] {
            let fake = Fake::home().file("/home/u/.aria2/aria2.conf", conf).file("/home/u/.netrc", netrc);

            assert_eq!(answer(&fake), want, "{conf} {netrc}");
        }
        let open = Fake::home().mode("/home/u/.netrc", netrc, 0o640);
        assert_eq!(answer(&open), "anonymous");
    }
}
