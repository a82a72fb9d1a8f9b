//! The netrc file as libcurl reads it, and so git: by other rules than Python.
//!
//! Source: libcurl 7.88.1 (`lib/netrc.c`) under git 2.39.5 and 2.47.3, run. Only `~/.netrc`; `NETRC`, `~/_netrc`, owner
//! and mode mean nothing to it.

use std::path::{Path, PathBuf};

use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::system::path::absolute;

/// What is read at once of a line; a longer line is passed over as a whole.
const PIECE: usize = 4095;

/// What libcurl takes from the file for a host.
#[derive(Debug)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// This password, which may be empty; the line of the entry.
    Password(Token, u32),
    /// The file cannot be read to its end (a quote without its other half): git dies. The line.
    Fails(u32),
}

/// The file, whether it is there or not.
pub fn path(state: &State<'_>) -> Option<PathBuf> {
    let home = match state.var("HOME") {
        Some(home) if !home.is_empty() => PathBuf::from(home),
        _ => state.system.password_home(None)?,
    };
    let mut path = home.into_os_string();
    path.push("/.netrc");
    Some(absolute(state.system, Path::new(&path)))
}

/// What libcurl sends to a host, as this user where the URL names one.
pub fn ask(state: &State<'_>, host: &[u8], user: Option<&[u8]>) -> (Answer, Option<Location>) {
    let Some(path) = path(state) else {
        return (Answer::Nothing, None);
    };
    let answer = match &*state.credential(&path) {
        Ok(content) => read(&content.bytes, host, user),
        Err(_) => Answer::Nothing,
    };
    let source = match &answer {
        Answer::Nothing => None,
        Answer::Password(_, line) | Answer::Fails(line) => Some(Location::line(&path, *line)),
    };
    (answer, source)
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Nothing,
    Machine,
    Ours,
    Macro,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Expect {
    #[default]
    Keyword,
    Login,
    Password,
}

/// Reads the bytes of a file.
pub fn read(bytes: &[u8], host: &[u8], user: Option<&[u8]>) -> Answer {
    let mut found = Found::default();
    let mut lines = Lines { rest: bytes, number: 0 };
    'lines: while let Some((line, number)) = lines.next() {
        let mut rest = line.as_slice();
        if found.at == At::Macro {
            if !matches!(rest.first(), Some(b'\n' | b'\r')) {
                continue;
            }
            found.at = At::Nothing;
        }
        loop {
            let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            rest = &rest[blanks..];
            if rest.is_empty() || rest[0] == b'#' {
                break;
            }
            // A line end after a blank makes an empty word of its own.
            let (word, used) = if rest[0] == b'"' {
                match quoted(&rest[1..]) {
                    Some((word, used)) => (word, used + 1),
                    None => return Answer::Fails(number),
                }
            } else {
                let used = rest.iter().position(|b| is_space(*b)).unwrap_or(rest.len());
                (rest[..used].to_owned(), used)
            };
            // One byte after the word is passed over, whatever it is.
            rest = rest.get(used + 1..).unwrap_or_default();
            found.word(word, host, user, number);
            if found.done() {
                break 'lines;
            }
        }
    }
    found.answer(user)
}

#[derive(Default)]
struct Found {
    at: At,
    expect: Expect,
    /// Whether an entry for the host was seen.
    hit: bool,
    login: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    has_login: bool,
    has_password: bool,
    /// Whether the login is the one that is wanted.
    ours: bool,
    line: u32,
    password_line: u32,
}

impl Found {
    fn word(&mut self, word: Vec<u8>, host: &[u8], user: Option<&[u8]>, line: u32) {
        let is = |keyword: &[u8]| word.eq_ignore_ascii_case(keyword);
        match self.at {
            At::Nothing if is(b"macdef") => self.at = At::Macro,
            At::Nothing if is(b"machine") => {
                self.machine(line);
                self.ours = false;
            }
            At::Nothing if is(b"default") => self.default_entry(line),
            At::Macro if word.is_empty() => self.at = At::Nothing,
            At::Nothing | At::Macro => {}
            At::Machine => {
                let hit = word.eq_ignore_ascii_case(host);
                self.at = if hit { At::Ours } else { At::Nothing };
                self.hit |= hit;
            }
            At::Ours => match self.expect {
                Expect::Login => {
                    self.ours = user.is_none_or(|user| user == word);
                    if user.is_none() {
                        self.login = Some(word);
                    }
                    self.has_login = true;
                    self.expect = Expect::Keyword;
                }
                Expect::Password => {
                    self.password = Some(word);
                    self.password_line = self.line;
                    self.has_password = true;
                    self.expect = Expect::Keyword;
                }
                Expect::Keyword if is(b"login") => self.expect = Expect::Login,
                Expect::Keyword if is(b"password") => self.expect = Expect::Password,
                // What was said of the login before stays, as libcurl leaves it.
                Expect::Keyword if is(b"machine") => self.machine(line),
                Expect::Keyword if is(b"default") => {
                    self.default_entry(line);
                    self.password = None;
                    self.login = None;
                }
                Expect::Keyword => {}
            },
        }
    }

    fn machine(&mut self, line: u32) {
        self.at = At::Machine;
        self.expect = Expect::Keyword;
        (self.has_login, self.has_password) = (false, false);
        self.password = None;
        self.login = None;
        self.line = line;
    }

    fn default_entry(&mut self, line: u32) {
        self.at = At::Ours;
        self.hit = true;
        self.line = line;
    }

    fn done(&self) -> bool {
        self.has_login && self.has_password && self.ours
    }

    fn answer(self, user: Option<&[u8]>) -> Answer {
        let (password, line) = match self.password {
            Some(password) => (password, self.password_line),
            None if self.ours => (Vec::new(), self.line),
            None => return Answer::Nothing,
        };
        if !self.hit {
            return Answer::Nothing;
        }
        let login = user.map(<[u8]>::to_owned).or(self.login).unwrap_or_default();
        Answer::Password(Token::new(super::basic(&login, password)), line)
    }
}

/// `Curl_get_line`: whole lines only, each with its line end.
struct Lines<'a> {
    rest: &'a [u8],
    number: u32,
}

impl Lines<'_> {
    fn next(&mut self) -> Option<(Vec<u8>, u32)> {
        let mut partial = false;
        loop {
            let end = self.rest.iter().take(PIECE).position(|&b| b == b'\n');
            let (piece, rest) = self.rest.split_at(end.map_or(self.rest.len().min(PIECE), |i| i + 1));
            let last = end.is_none() && piece.len() < PIECE;
            self.rest = rest;
            let line = self.number + 1;
            self.number += u32::from(end.is_some());
            // A NUL ends the piece, and hides its line end; at its start it ends the file.
            let text = piece.split(|&b| b == 0).next().unwrap_or_default();
            if text.is_empty() {
                return None;
            }
            if text.ends_with(b"\n") {
                if !partial {
                    return Some((text.to_owned(), line));
                }
                partial = false;
            } else if last {
                let whole = !partial && text.len() < PIECE;
                return whole.then(|| ([text, b"\n"].concat(), line));
            } else {
                partial = true;
            }
        }
    }
}

/// To the closing quote: the text, and how much was used with the quote.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    let mut bytes = text.iter().enumerate();
    loop {
        let (at, &b) = bytes.next()?;
        match b {
            b'"' => return Some((out, at + 1)),
            b'\\' => out.push(match *bytes.next()?.1 {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b => b,
            }),
            b => out.push(b),
        }
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str, user: Option<&str>) -> Option<(String, u32)> {
        match read(text.as_bytes(), b"h", user.map(str::as_bytes)) {
            Answer::Password(token, line) => Some((String::from_utf8(token.bytes().to_vec()).unwrap(), line)),
            Answer::Nothing => None,
            Answer::Fails(line) => Some(("fails".into(), line)),
        }
    }

    #[test]
    fn entries() {
        let is = |text: &str, password: &str, line: u32| {
            assert_eq!(ask(text, None), Some((password.into(), line)), "{text:?}");
        };
        is("machine h login u password p\n", "p", 1);
        is("# c\nMACHINE H\nLOGIN u\n# c\nPassword p", "p", 2);
        is("machine h password p", "p", 1);
        is("machine h login u", "", 1);
        is("default login d password q\nmachine h login u password p\n", "q", 1);
        is("machine x login u password p\ndefault login d password q", "q", 2);
        is("machine h login u password \"a \\\"b\"\n", "a \"b", 1);
        is("machine h login u password p#q\n", "p#q", 1);
        is("macdef m\nmachine h login u password q\n\nmachine h login u password p\n", "p", 4);
        is("machine h login u password \"open\n", "fails", 1);
        is("machine h login u password \"a\\tb\"\n", "a\tb", 1);
        is("machine h login u:v password p\n", "v:p", 1);
        is("machine x\0y\nmachine h login u password q\nmachine h login u password p\n", "p", 3);
        is(&format!("# {}\nmachine h login u password p", "x".repeat(9000)), "p", 2);
        for text in [
            "",
            "machine x login u password p",
            "machine h",
            "\u{feff}machine h login u password p",
            "default",
            "machine \n h login u password p",
            "\0\nmachine h password p",
        ] {
            assert_eq!(ask(text, None), None, "{text:?}");
        }
    }

    #[test]
    fn with_a_user_in_the_url() {
        let two = "machine h login u password p\nmachine h login v password q\n";
        assert_eq!(ask(two, Some("v")), Some(("q".into(), 2)));
        assert_eq!(ask(two, Some("u")), Some(("p".into(), 1)));
        // The last password goes out although its login is another one: so it is.
        assert_eq!(ask(two, Some("w")), Some(("q".into(), 2)));
    }
}
