//! curl's `.curlrc`. Source: curl 7.88.1, `tool_parsecfg.c`, `tool_findfile.c`, `tool_getparam.c`; run.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{HOST, credential, is_c_space, sent};
use crate::clients::model::Answered;
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::git::netrc;
use crate::system::path::absolute;
use crate::system::{Kind, TEXT_LIMIT};

/// `config` files that lead to each other; curl itself has no such limit and dies of it.
const DEPTH: usize = 16;

/// What the files say about credentials.
#[derive(Default)]
struct Said {
    /// Headers named Authorization: the value, `None` for one without, which takes the header away.
    headers: Vec<(Option<Vec<u8>>, Location)>,
    user: Option<(Vec<u8>, Location)>,
    bearer: Option<(Vec<u8>, Location)>,
    netrc: bool,
    netrc_optional: bool,
    netrc_file: Option<PathBuf>,
}

/// What a plain `curl URL` sends to the Hub.
pub(super) fn ask(state: &State<'_>) -> Answered {
    let mut said = Said::default();
    if let Some(path) = find(state) {
        read(state, &path, &mut said, DEPTH);
    }
    if !said.headers.is_empty() {
        let first = said.headers.iter().find_map(|(value, at)| Some((value.as_ref()?, at)));
        return first.map_or(Answered::Anonymous, |(value, at)| credential(value, at));
    }
    if let Some((token, at)) = said.bearer {
        return sent(Token::new(token), at);
    }
    if let Some((user, at)) = said.user {
        // Without a password curl asks for it.
        let colon = user.iter().position(|&b| b == b':');
        return colon.map_or(Answered::Anonymous, |i| sent(Token::new(user[i + 1..].to_vec()), at));
    }
    if said.netrc || said.netrc_optional || said.netrc_file.is_some() {
        return from_netrc(state, said.netrc_file.as_deref());
    }
    Answered::Nothing
}

fn from_netrc(state: &State<'_>, file: Option<&Path>) -> Answered {
    let Some(path) = file.map(|f| absolute(state.system, f)).or_else(|| netrc::path(state)) else {
        return Answered::Nothing;
    };
    let content = state.credential(&path);
    let Ok(content) = &*content else { return Answered::Nothing };
    match netrc::read(&content.bytes, HOST.as_bytes(), None) {
        netrc::Answer::Nothing => Answered::Nothing,
        netrc::Answer::Password(token, line) => sent(token, Location::line(path, line)),
        netrc::Answer::Fails(line) => Answered::Error("fatal", Some(Location::line(path, line))),
    }
}

/// The first that can be opened. `.config/curlrc` counts only without `XDG_CONFIG_HOME`, whatever that holds; the home
/// of the password database comes last, also where HOME is set.
fn find(state: &State<'_>) -> Option<PathBuf> {
    let system = state.system;
    let set = |name| system.var(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let below = |base: Option<PathBuf>, name: &str| {
        base.map(|base| {
            let mut path = base.into_os_string();
            path.push(name);
            PathBuf::from(path)
        })
    };
    let xdg = system.var("XDG_CONFIG_HOME").is_some_and(|v| !v.is_empty());
    let mut places = vec![
        below(set("CURL_HOME"), "/.curlrc"),
        below(set("XDG_CONFIG_HOME"), "/.curlrc"),
        below(set("HOME"), "/.curlrc"),
    ];
    if !xdg {
        places.extend([below(set("CURL_HOME"), "/.config/curlrc"), below(set("HOME"), "/.config/curlrc")]);
    }
    places.push(below(system.password_home(None), "/.curlrc"));
    let opens = |path: &PathBuf| match system.stat(path) {
        Ok(stat) if stat.kind == Kind::File => system.read(path, 0).is_ok(),
        Ok(_) => true,
        Err(_) => false,
    };
    places.into_iter().flatten().find(opens)
}

fn read(state: &State<'_>, path: &Path, said: &mut Said, depth: usize) {
    let Ok(content) = state.system.read(path, TEXT_LIMIT) else { return };
    let path = absolute(state.system, path);
    // With its line end, which a quote that is never closed takes in.
    for (i, line) in content.bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        // A NUL ends the line for C; what follows it on the line is lost.
        let line = line.split(|&b| b == 0).next().unwrap_or_default();
        let Some((option, value)) = parse(line) else { continue };
        let at = Location::line(&path, u32::try_from(i + 1).unwrap_or(u32::MAX));
        option_of(state, option, value, &at, said, depth);
    }
}

/// The option and its value; `None` for a comment and an empty line. What is not quoted ends at white space.
fn parse(line: &[u8]) -> Option<(&[u8], Option<Vec<u8>>)> {
    let start = line.iter().position(|&b| !is_c_space(b))?;
    let line = &line[start..];
    if matches!(line[0], b'#' | b'/' | b'*') {
        return None;
    }
    let dashed = line[0] == b'-';
    let separates = |b: u8| is_c_space(b) || (!dashed && matches!(b, b'=' | b':'));
    let end = line.iter().position(|&b| separates(b)).unwrap_or(line.len());
    let (option, rest) = line.split_at(end);
    let rest = &rest[rest.iter().take_while(|b| separates(**b)).count()..];
    let value = match rest.split_first() {
        None => None,
        Some((b'"', quoted)) => Some(unquote(quoted)),
        Some(_) => Some(rest.split(|&b| is_c_space(b)).next().unwrap_or_default().to_vec()),
    };
    Some((option, value))
}

/// To the closing quote, or the end of the line.
fn unquote(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&b) = bytes.next() {
        match b {
            b'"' => break,
            b'\\' => match bytes.next() {
                None => break,
                Some(b't') => out.push(b'\t'),
                Some(b'n') => out.push(b'\n'),
                Some(b'r') => out.push(b'\r'),
                Some(b'v') => out.push(0x0b),
                Some(&b) => out.push(b),
            },
            b => out.push(b),
        }
    }
    out
}

/// The options that matter: the long name, and the shortest beginning that is no other option's. Of `netrc` and `user`
/// every shorter one is ambiguous.
const LONG: [(&str, usize); 7] = [
    ("config", 4),
    ("header", 5),
    ("netrc", 5),
    ("netrc-file", 7),
    ("netrc-optional", 7),
    ("oauth2-bearer", 2),
    ("user", 4),
];
/// One-letter options that take a value, which ends a cluster such as `-sSH`.
const WITH_VALUE: &[u8] = b"AbcCdDeEFhHKmoPQrtTuUwxXyYz";

fn option_of(state: &State<'_>, option: &[u8], value: Option<Vec<u8>>, at: &Location, said: &mut Said, depth: usize) {
    if option.starts_with(b"-") && !option.starts_with(b"--") {
        let mut letters = &option[1..];
        while let Some((letter, rest)) = letters.split_first() {
            if WITH_VALUE.contains(letter) {
                let glued = (!rest.is_empty()).then(|| rest.to_vec());
                let name = match letter {
                    b'H' => "header",
                    b'u' => "user",
                    b'K' => "config",
                    _ => return,
                };
                return apply(state, name, glued.or(value), true, at, said, depth);
            }
            if *letter == b'n' {
                said.netrc = true;
            }
            letters = rest;
        }
        return;
    }
    let word = option.strip_prefix(b"--").unwrap_or(option).to_ascii_lowercase();
    // `no-` takes no abbreviation; curl compares it as it is written.
    let (word, on) = match word.strip_prefix(b"no-") {
        Some(rest) => (rest, false),
        None => (word.as_slice(), true),
    };
    let named = LONG.iter().find(|(name, shortest)| {
        name.as_bytes() == word || (on && word.len() >= *shortest && name.as_bytes().starts_with(word))
    });
    if let Some((name, _)) = named {
        apply(state, name, value, on, at, said, depth);
    }
}

fn apply(
    state: &State<'_>,
    name: &str,
    value: Option<Vec<u8>>,
    on: bool,
    at: &Location,
    said: &mut Said,
    depth: usize,
) {
    match (name, value, on) {
        ("netrc", _, on) => said.netrc = on,
        ("netrc-optional", _, on) => said.netrc_optional = on,
        ("header", Some(value), true) => header(state, &value, at, said),
        ("user", Some(value), true) => said.user = Some((value, at.clone())),
        ("oauth2-bearer", Some(value), true) => said.bearer = Some((value, at.clone())),
        ("netrc-file", Some(value), true) => said.netrc_file = Some(PathBuf::from(OsStr::from_bytes(&value))),
        ("config", Some(value), true) if depth > 0 && value != b"-" => {
            read(state, Path::new(OsStr::from_bytes(&value)), said, depth - 1);
        }
        _ => {}
    }
}

/// A header, or a file of headers.
fn header(state: &State<'_>, text: &[u8], at: &Location, said: &mut Said) {
    if let Some(file) = text.strip_prefix(b"@") {
        let path = Path::new(OsStr::from_bytes(file));
        let Ok(content) = state.system.read(path, TEXT_LIMIT) else { return };
        let path = absolute(state.system, path);
        for (i, line) in content.bytes.split(|&b| b == b'\n').enumerate() {
            let at = Location::line(&path, u32::try_from(i + 1).unwrap_or(u32::MAX));
            line.split(|&b| b == b'\r').for_each(|part| one_header(part, &at, said));
        }
        return;
    }
    one_header(text, at, said);
}

/// `Authorization:` directly after the name; with nothing behind it the header is taken away, `;` sends it empty.
fn one_header(text: &[u8], at: &Location, said: &mut Said) {
    let Some((name, rest)) = text.split_at_checked("Authorization".len()) else { return };
    if !name.eq_ignore_ascii_case(b"authorization") {
        return;
    }
    let value = match rest {
        [b':', value @ ..] => Some(value).map(|v| &v[v.iter().take_while(|b| is_c_space(**b)).count()..]),
        [b';', ..] => None,
        _ => return,
    };
    said.headers.push((value.filter(|v| !v.is_empty()).map(<[u8]>::to_vec), at.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, by_name, resolve};
    use crate::system::fake::Fake;

    fn answer(fake: &Fake) -> Option<Vec<u8>> {
        let state = State::new(fake);
        match resolve(&state, &Instance::newest(by_name("curl").unwrap())).outcome {
            Outcome::Token(token) => Some(token.bytes().to_vec()),
            _ => None,
        }
    }

    #[test]
    fn options() {
        for (text, want) in [
            ("header = \"Authorization: Bearer x\"\n", Some("x")),
            ("-H \"authorization:Bearer x\"\n", Some("x")),
            ("-sH \"Authorization: Bearer x\"", Some("x")),
            ("--header=\"Authorization: Bearer x\"\n", None),
            ("heade \"Authorization: Bearer x\"\n", Some("x")),
            ("head \"Authorization: Bearer x\"\n", None),
            ("header = Authorization: Bearer x\n", None),
            ("user = \"u:p:q\"\n", Some("p:q")),
            ("user = u\n", None),
            ("oauth2-bearer = x\nuser = u:p\n", Some("x")),
            ("netrc\n", Some("n")),
            ("netrc\nno-netrc\n", None),
            ("netrc\nheader = \"Authorization;\"\n", None),
            ("config = /home/u/more\n", Some("y")),
            ("header = \"@/home/u/headers\"\n", Some("z")),
        ] {
            let fake = Fake::home()
                .file("/home/u/.curlrc", text)
                .file("/home/u/.netrc", "machine huggingface.co login u password n\n")
                .file("/home/u/more", "config = /home/u/more\nuser = u:y\n")
                .file("/home/u/headers", "X: 1\r\nAuthorization: Bearer z\r\n");
            assert_eq!(answer(&fake).as_deref(), want.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn places() {
        let rc = |token: &str| format!("user = u:{token}\n");
        let fake = Fake::home().file("/home/u/.config/curlrc", rc("config"));
        assert_eq!(answer(&fake).as_deref(), Some(&b"config"[..]));
        assert_eq!(answer(&fake.clone().var("XDG_CONFIG_HOME", "/home/u/.config")), None);
        let fake = fake.file("/home/u/.curlrc", rc("home"));
        assert_eq!(answer(&fake).as_deref(), Some(&b"home"[..]));
        let fake = fake.file("/c/.curlrc", rc("own")).var("CURL_HOME", "/c");
        assert_eq!(answer(&fake).as_deref(), Some(&b"own"[..]));
    }
}
