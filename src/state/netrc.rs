//! The netrc file, as Python's requests finds it and Python's `netrc` module reads it.
//!
//! Source: requests 2.34.2 `get_netrc_auth`, Python 3.11 `netrc`; run. requests names the file, so the module's test
//! of owner and mode (for its own default only) never happens. `tests/parity/python_modules.py` compares the reader
//! with the module. git and curl read the same file by other rules: `state::git`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::State;
use crate::finding::Location;
use crate::secret::Token;
use crate::system::path::absolute;
use crate::system::python_text::Text;
use crate::system::{ReadError, home};

/// The file and its entries; empty where there is none or it does not parse.
#[derive(Debug, Default)]
pub struct Netrc {
    /// The file in effect, absolute; empty where there is none.
    pub path: PathBuf,
    /// As written.
    pub entries: Vec<Entry>,
    /// Why nothing is taken from the file.
    pub fault: Option<Fault>,
}

/// One `machine` or `default` entry.
#[derive(Debug)]
pub struct Entry {
    /// `None` for `default`.
    pub machine: Option<String>,
    /// May be empty.
    pub login: String,
    /// May be empty; sent as the user name where `login` is empty.
    pub account: String,
    /// The password, which may be a token.
    pub password: Token,
    /// The file.
    pub path: PathBuf,
    /// The line of the entry's first word, from 1.
    pub line: u32,
}

/// Why nothing is taken from the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read, and is passed over.
    Unreadable(ReadError),
    /// It is not UTF-8: every call of a requests-based client raises UnicodeDecodeError.
    NotUtf8,
    /// It does not parse, and is passed over; the line, and what is wrong in a few words.
    Syntax(u32, &'static str),
}

impl Entry {
    /// Where it stands.
    pub fn location(&self) -> Location {
        Location::line(&self.path, self.line)
    }
}

impl Netrc {
    /// The entry that requests sends to a host: its own, else `default`. Host names are compared as they are written
    /// (`machine Huggingface.co` is never found), and an entry that holds nothing sends nothing.
    pub fn for_host(&self, host: &str) -> Option<&Entry> {
        if host.is_empty() {
            return None;
        }
        let of = |machine: Option<&str>| self.entries.iter().rev().find(|e| e.machine.as_deref() == machine);
        let entry = of(Some(host).filter(|h| *h != "default")).or_else(|| of(None))?;
        let sent = !entry.login.is_empty() || !entry.account.is_empty() || !entry.password.bytes().is_empty();
        sent.then_some(entry)
    }
}

/// Reads the file in effect: `$NETRC` and nothing else where that is set, else the first of `~/.netrc` and `~/_netrc`.
pub fn gather(state: &State<'_>) -> Netrc {
    let system = state.system;
    let expanded = |path: &OsStr| PathBuf::from(home::expanduser(system, path));
    let places = match state.var("NETRC") {
        Some(path) => vec![expanded(&path)],
        None => ["~/.netrc", "~/_netrc"].iter().map(|p| expanded(OsStr::new(p))).collect(),
    };
    let Some(place) = places.into_iter().find(|p| !p.as_os_str().is_empty() && system.stat(p).is_ok()) else {
        return Netrc::default();
    };
    let path = absolute(system, &place);
    let read = match &*state.credential(&place) {
        Ok(content) => parse(&path, &Text::python(system, whole_lines(&content.bytes, content.truncated), false)),
        Err(e) => Err(Fault::Unreadable(*e)),
    };
    match read {
        Ok(entries) => Netrc { path, entries, fault: None },
        Err(fault) => Netrc { path, entries: Vec::new(), fault: Some(fault) },
    }
}

/// Of a file longer than hflint reads, what is whole.
fn whole_lines(bytes: &[u8], truncated: bool) -> &[u8] {
    match bytes.iter().rposition(|&b| b == b'\n') {
        Some(end) if truncated => &bytes[..=end],
        _ => bytes,
    }
}

/// The entries of a file, later ones last.
pub fn parse(path: &Path, text: &Text) -> Result<Vec<Entry>, Fault> {
    let mut lexer = Lexer { rest: text.text.as_bytes(), broken: text.broken, line: 1, ends: 0, pushed: None };
    let mut entries = Vec::new();
    loop {
        let before = lexer.ends;
        let word = lexer.word()?;
        let machine = match word.text.as_slice() {
            b"" => return Ok(entries),
            [b'#', rest @ ..] => {
                // As in the module: a comment is passed over to its end only where its mark stands alone and the
                // word needed no line end to be found. A comment after a blank line is a fault.
                if rest.is_empty() && lexer.ends == before {
                    lexer.rest_of_line()?;
                }
                continue;
            }
            b"machine" => Some(lexer.word()?.text),
            b"default" => None,
            b"macdef" => {
                lexer.word()?;
                lexer.macro_body()?;
                continue;
            }
            _ => return Err(Fault::Syntax(word.line, "a word where `machine` or `default` should stand")),
        };
        if machine.as_ref().is_some_and(Vec::is_empty) {
            return Err(Fault::Syntax(word.line, "`machine` without a name"));
        }
        entries.push(entry(&mut lexer, path, machine, word.line)?);
    }
}

fn entry(lexer: &mut Lexer<'_>, path: &Path, machine: Option<Vec<u8>>, line: u32) -> Result<Entry, Fault> {
    let string = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (mut login, mut account, mut password) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let before = lexer.ends;
        let word = lexer.word()?;
        match word.text.as_slice() {
            [b'#', ..] => {
                if lexer.ends == before {
                    lexer.rest_of_line()?;
                }
            }
            b"" | b"machine" | b"default" | b"macdef" => {
                lexer.pushed = Some(word);
                // A machine of the name `default` is the default entry.
                let machine = machine.map(string).filter(|m| m != "default");
                let (login, account, password) = (string(login), string(account), Token::new(password));
                return Ok(Entry { machine, login, account, password, path: path.to_owned(), line });
            }
            b"login" | b"user" => login = lexer.word()?.text,
            b"account" => account = lexer.word()?.text,
            b"password" => password = lexer.word()?.text,
            _ => return Err(Fault::Syntax(word.line, "a word that no entry has")),
        }
    }
}

/// A word, and the line of its first character.
struct Word {
    text: Vec<u8>,
    line: u32,
}

/// `netrc._netrclex`, over bytes: all that it looks for is ASCII.
struct Lexer<'a> {
    rest: &'a [u8],
    broken: bool,
    /// The line that comes next.
    line: u32,
    /// Line ends that words have used up, which the module counts instead of lines.
    ends: u32,
    pushed: Option<Word>,
}

impl Lexer<'_> {
    /// The next character; `None` at the end.
    fn next(&mut self) -> Result<Option<u8>, Fault> {
        let Some((&b, rest)) = self.rest.split_first() else {
            return if self.broken { Err(Fault::NotUtf8) } else { Ok(None) };
        };
        self.rest = rest;
        if b == b'\n' {
            self.line += 1;
            self.ends += 1;
        }
        Ok(Some(b))
    }

    /// The next word; empty at the end of the file, and for `""`, which the module takes for the end.
    fn word(&mut self) -> Result<Word, Fault> {
        if let Some(word) = self.pushed.take() {
            return Ok(word);
        }
        let mut text = Vec::new();
        let mut line = self.line;
        let first = loop {
            match self.next()? {
                None => return Ok(Word { text, line }),
                Some(b) if is_space(b) => line = self.line,
                Some(b) => break b,
            }
        };
        let quoted = first == b'"';
        if first == b'\\' {
            text.extend(self.next()?);
        } else if !quoted {
            text.push(first);
        }
        while let Some(b) = self.next()? {
            match b {
                b'"' if quoted => break,
                b if !quoted && is_space(b) => break,
                b'\\' => text.extend(self.next()?),
                b => text.push(b),
            }
        }
        Ok(Word { text, line })
    }

    /// `readline`: the rest of the line with its end; empty at the end of the file.
    fn rest_of_line(&mut self) -> Result<&[u8], Fault> {
        let end = self.rest.iter().position(|&b| b == b'\n');
        if end.is_none() && self.broken {
            return Err(Fault::NotUtf8);
        }
        let (line, rest) = self.rest.split_at(end.map_or(self.rest.len(), |i| i + 1));
        self.rest = rest;
        self.line += u32::from(end.is_some());
        Ok(line)
    }

    /// The lines of a macro, to the first empty one.
    fn macro_body(&mut self) -> Result<(), Fault> {
        loop {
            match self.rest_of_line()? {
                b"" => return Err(Fault::Syntax(self.line, "`macdef` without an empty line at its end")),
                b"\n" => return Ok(()),
                _ => {}
            }
        }
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b'\n' | b'\t' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn netrc(text: impl AsRef<[u8]>) -> Netrc {
        gather(&State::new(&Fake::home().file("/home/u/.netrc", text)))
    }

    fn sent(text: &str, host: &str) -> Option<(String, String, u32)> {
        let netrc = netrc(text);
        let entry = netrc.for_host(host)?;
        Some((entry.login.clone(), String::from_utf8(entry.password.bytes().to_vec()).unwrap(), entry.line))
    }

    fn is(text: &str, host: &str, login: &str, password: &str, line: u32) {
        assert_eq!(sent(text, host), Some((login.into(), password.into(), line)), "{text:?}");
    }

    #[test]
    fn the_entry_for_the_host_then_the_default() {
        let text = "# c\nmachine h\n login a\n password b\ndefault user c password d\nmachine h password e";
        is(text, "h", "", "e", 6);
        is(text, "x", "c", "d", 5);
        assert_eq!(sent(text, ""), None);
        assert_eq!(sent("machine H password b", "h"), None);
        is("machine default password b", "h", "", "b", 1);
        assert_eq!(sent("machine h\ndefault password b", "h"), None);
        is("machine h account a", "h", "", "", 1);
    }

    #[test]
    fn words_with_quotes_and_backslashes() {
        is(r#"machine h password "a b\"c"login x"#, "h", "x", "a b\"c", 1);
        is(r"machine h password a\ b\\", "h", "", "a b\\", 1);
        // An empty word ends everything.
        assert_eq!(sent("machine h password a \"\" default password x", "i"), None);
    }

    #[test]
    fn macros_end_with_an_empty_line() {
        let text = "macdef m\nmachine h password a\n\nmachine h password b";
        is(text, "h", "", "b", 4);
        assert_eq!(netrc("macdef m\nx\n").fault, Some(Fault::Syntax(3, "`macdef` without an empty line at its end")));
    }

    #[test]
    fn faults_leave_no_entry() {
        for (text, line) in [
            ("machine h password a\nnonsense", 2),
            ("machine h password a\n\n# a comment after a blank line\n", 3),
            ("\u{feff}machine h password a", 1),
            ("machine", 1),
            ("#two words", 1),
        ] {
            let read = netrc(text);
            let fault = matches!(read.fault, Some(Fault::Syntax(at, _)) if at == line);
            assert!(fault && read.entries.is_empty(), "{text:?} {:?}", read.fault);
        }
        assert_eq!(netrc(b"machine h password \xff").fault, Some(Fault::NotUtf8));
    }

    #[test]
    fn one_place_counts() {
        let both = Fake::home().file("/home/u/.netrc", "").file("/home/u/_netrc", "default password a");
        assert!(gather(&State::new(&both)).entries.is_empty());
        let second = Fake::home().file("/home/u/_netrc", "default password a");
        assert_eq!(gather(&State::new(&second)).entries.len(), 1);
        let set = second.clone().var("NETRC", "~/none");
        assert_eq!(gather(&State::new(&set)).path, PathBuf::new());
        let empty = second.clone().var("NETRC", "");
        assert!(gather(&State::new(&empty)).entries.is_empty());
        let directory = second.var("NETRC", "/home");
        assert_eq!(gather(&State::new(&directory)).fault, Some(Fault::Unreadable(ReadError::IsDir)));
    }
}
