//! Files of variables (`.env` and its kin): the nearest one upward, as python-dotenv reads it, and what every other
//! loader makes of the same file ([`loaders`]).
//!
//! Source: python-dotenv 1.2.4 (`find_dotenv(usecwd=True)`, `parser.py`, `variables.py`, `load_dotenv`), compared with
//! the package itself by `tests/parity/python_modules.py`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use super::State;
use crate::clients::clean::is_python_space;
use crate::finding::Location;
use crate::system::path::known_as;
use crate::system::python_text::Text;
use crate::system::{Kind, ReadError, System, TEXT_LIMIT};

mod compose;
mod direnv;
mod docker;
mod dotenvy;
mod hub;
pub mod loaders;
mod node;
mod npm;
mod vscode;

/// Bytes that all references together may grow to. Python has no such limit: thirty lines that name the line before
/// twice make a value of a gigabyte, and a linter must not follow it there.
const GROWTH: usize = 1024 * 1024;

/// The file and what it would set.
#[derive(Debug, Default)]
pub struct Dotenv {
    /// The file, absolute.
    pub path: PathBuf,
    /// In the order of the file, the last of a name counts.
    pub entries: Vec<Entry>,
    /// Lines that make no sense to python-dotenv, which warns and passes them over.
    pub senseless: Vec<u32>,
    /// Why nothing can be read from it.
    pub fault: Option<Fault>,
}

/// One assignment.
pub struct Entry {
    /// The name.
    pub name: String,
    /// As python-dotenv gives it, references followed; `None` for a name without `=`, which sets nothing.
    pub value: Option<Vec<u8>>,
    /// From 1.
    pub line: u32,
}

/// Why nothing can be read from a `.env`; python-dotenv raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read. A pipe, which password managers put there, is read by python-dotenv but never by hflint.
    Unreadable(ReadError),
    /// It is not UTF-8.
    NotUtf8,
}

impl fmt::Debug for Entry {
    /// Values are tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, redacted, line {})", self.name, self.line)
    }
}

impl Dotenv {
    /// The entry that counts for a name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|e| e.name == name)
    }

    /// Where an entry stands.
    pub fn location(&self, entry: &Entry) -> Location {
        Location::line(&self.path, entry.line)
    }
}

/// Reads it; `None` where there is none, or where `PYTHON_DOTENV_DISABLED` turns loading off.
pub fn gather(state: &State<'_>) -> Option<Dotenv> {
    let system = state.system;
    if disabled(system) {
        return None;
    }
    let path = find(system)?;
    let read = match system.read(&path, TEXT_LIMIT) {
        Ok(content) => {
            let text = Text::utf8(&content.bytes, content.truncated);
            if text.broken { Err(Fault::NotUtf8) } else { Ok(text) }
        }
        Err(e) => Err(Fault::Unreadable(e)),
    };
    Some(match read {
        Ok(text) => {
            let (entries, senseless) = parse(&text.text, |name| system.var(name));
            Dotenv { path, entries, senseless, fault: None }
        }
        Err(fault) => Dotenv { path, fault: Some(fault), ..Dotenv::default() },
    })
}

fn disabled(system: &dyn System) -> bool {
    system.var("PYTHON_DOTENV_DISABLED").is_some_and(|v| {
        let v = v.to_ascii_lowercase();
        ["1", "true", "t", "yes", "y"].iter().any(|t| v == *t)
    })
}

/// The first `.env` that is a file or a pipe, from the current directory up.
fn find(system: &dyn System) -> Option<PathBuf> {
    let shown = system.cwd()?;
    // Upward from where the directory really is, as `os.getcwd()` says, not along the links that led there.
    let real = system.real_cwd().unwrap_or(shown);
    let dir = real
        .ancestors()
        .find(|dir| system.stat(&dir.join(".env")).is_ok_and(|stat| matches!(stat.kind, Kind::File | Kind::Fifo)))?;
    Some(known_as(system, dir).join(".env"))
}

/// The files of variables in the directories of a project, the nearest first: `.env`, `.env.local`, `dev.env`. What is
/// there for people to copy (`.env.example`) is none.
pub fn files(system: &dyn System) -> Vec<PathBuf> {
    const EXAMPLES: [&str; 7] = ["example", "sample", "template", "dist", "tpl", "tmpl", "defaults"];
    let mut out = Vec::new();
    for dir in super::places::project(system) {
        for name in system.list(&dir).unwrap_or_default() {
            let Some(text) = name.to_str() else { continue };
            let named = text == ".flaskenv"
                || text.starts_with(".env.")
                || text.rsplit('.').next() == Some("env") && text != "env";
            if named && !text.split('.').any(|part| EXAMPLES.contains(&part)) {
                let path = dir.join(&name);
                if system.stat(&path).is_ok_and(|stat| stat.kind == Kind::File) {
                    out.push(path);
                }
            }
        }
    }
    out
}

/// The assignments of a file, with LF line ends, and the lines that make no sense.
pub fn parse(text: &str, env: impl Fn(&str) -> Option<OsString>) -> (Vec<Entry>, Vec<u32>) {
    let mut reader = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    let mut entries: Vec<Entry> = Vec::new();
    let mut senseless = Vec::new();
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let mut growth = GROWTH;
    loop {
        reader.skip(is_python_space);
        if reader.rest.is_empty() {
            return (entries, senseless);
        }
        let line = reader.line;
        match binding(&mut reader) {
            Ok(None) => {}
            Ok(Some((name, value))) => {
                let value = value.map(|value| {
                    // Without `override` the environment comes before the lines above.
                    follow(&value, &mut growth, |name| {
                        let set = variable(&env, name).map(Some);
                        set.or_else(|| Some(entries[*last.get(name)?].value.clone()))
                    })
                });
                last.insert(name.clone(), entries.len());
                entries.push(Entry { name, value, line });
            }
            Err(Senseless) => {
                senseless.push(line);
                reader.skip(|c| c != '\n');
            }
        }
    }
}

/// A name that no environment can hold is unknown.
fn variable(env: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<Vec<u8>> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    env(name).map(OsString::into_vec)
}

type Binding = (String, Option<String>);

/// A line that python-dotenv cannot parse.
struct Senseless;

/// One binding, to the end of its line; `None` for a comment.
fn binding(reader: &mut Reader<'_>) -> Result<Option<Binding>, Senseless> {
    if let Some(after) = reader.rest.strip_prefix("export")
        && after.starts_with(is_blank)
    {
        reader.rest = after;
        reader.skip(is_blank);
    }
    let name = match reader.peek() {
        Some('#') => "",
        Some('\'') => {
            let (name, _) = reader.rest[1..].split_once('\'').filter(|(name, _)| !name.is_empty()).ok_or(Senseless)?;
            reader.advance(name.len() + 2);
            name
        }
        _ => match reader.skip(|c| c != '=' && c != '#' && !is_python_space(c)) {
            "" => return Err(Senseless),
            name => name,
        },
    };
    reader.skip(is_blank);
    let mut value = None;
    if reader.peek() == Some('=') {
        reader.advance(1);
        let gap = !reader.skip(is_blank).is_empty();
        value = Some(match reader.peek() {
            Some('#') if gap => String::new(),
            Some(quote @ ('\'' | '"')) => quoted(reader, quote).ok_or(Senseless)?,
            _ => unquoted(reader.skip(|c| c != '\n')),
        });
    }
    reader.skip(is_blank);
    if reader.peek() == Some('#') {
        reader.skip(|c| c != '\n');
    }
    match reader.peek() {
        Some('\n') => reader.advance(1),
        None => {}
        Some(_) => return Err(Senseless),
    }
    Ok((!name.is_empty()).then(|| (name.to_owned(), value)))
}

/// To the closing quote, over line ends; a backslash keeps the character after it from closing.
fn quoted(reader: &mut Reader<'_>, quote: char) -> Option<String> {
    let mut value = String::new();
    let mut chars = reader.rest.char_indices().skip(1);
    loop {
        let (at, c) = chars.next()?;
        if c == quote {
            reader.advance(at + 1);
            return Some(value);
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let (_, escaped) = chars.next()?;
        match (escaped, quote) {
            ('\\' | '\'', _) | ('"', '"') => value.push(escaped),
            ('a', '"') => value.push('\x07'),
            ('b', '"') => value.push('\x08'),
            ('f', '"') => value.push('\x0c'),
            ('n', '"') => value.push('\n'),
            ('r', '"') => value.push('\r'),
            ('t', '"') => value.push('\t'),
            ('v', '"') => value.push('\x0b'),
            _ => value.extend(['\\', escaped]),
        }
    }
}

/// Without a comment, which needs white space before it.
fn unquoted(line: &str) -> String {
    let mut space = false;
    let comment = line.char_indices().find(|(_, c)| {
        let found = *c == '#' && space;
        space = is_python_space(*c);
        found
    });
    line[..comment.map_or(line.len(), |(at, _)| at)].trim_end_matches(is_python_space).to_owned()
}

/// `${NAME}` and `${NAME:-default}`, once; everything else stays.
fn follow(value: &str, growth: &mut usize, known: impl Fn(&str) -> Option<Option<Vec<u8>>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(open) = rest.find("${") {
        let inner = &rest[open + 2..];
        let Some(stop) = inner.find(['}', ':']) else { break };
        let (name, tail) = inner.split_at(stop);
        let (default, after) = if let Some(after) = tail.strip_prefix('}') {
            ("", after)
        } else if let Some(default) = tail.strip_prefix(":-") {
            // Without a brace in all that follows there is no reference at all.
            let Some(closed) = default.split_once('}') else { break };
            closed
        } else {
            // A colon without its dash: no reference begins between here and there.
            out.extend_from_slice(&rest.as_bytes()[..open + 2 + stop]);
            rest = tail;
            continue;
        };
        out.extend_from_slice(&rest.as_bytes()[..open]);
        let found = known(name).map_or_else(|| default.as_bytes().to_vec(), Option::unwrap_or_default);
        if let Some(left) = growth.checked_sub(found.len()) {
            *growth = left;
            out.extend_from_slice(&found);
        }
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn advance(&mut self, len: usize) {
        let (over, rest) = self.rest.split_at(len);
        self.line = over.bytes().filter(|&b| b == b'\n').fold(self.line, |line, _| line.saturating_add(1));
        self.rest = rest;
    }

    /// Over all characters that fit; what was passed.
    fn skip(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let len = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let passed = &self.rest[..len];
        self.advance(len);
        passed
    }
}

/// White space within a line.
fn is_blank(c: char) -> bool {
    is_python_space(c) && !matches!(c, '\r' | '\n')
}

/// The quote that closes a text which begins with one, as the regular expressions of npm's dotenv and of huggingface_hub
/// find it with all their backtracking: the first without a backslash before it, else the last with one, and behind it
/// nothing that counts.
fn closing(text: &str, quote: char, is_nothing: impl Fn(&str) -> bool) -> Option<usize> {
    let mut escaped = Vec::new();
    let mut plain = None;
    let mut before = quote;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && before == '\\' {
            escaped.push(at);
        } else if c == quote {
            plain = Some(at);
            break;
        }
        before = c;
    }
    plain.into_iter().chain(escaped.into_iter().rev()).find(|at| is_nothing(&text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn read(text: &str) -> Dotenv {
        gather(&State::new(&Fake::home().var("E", "env").file("/home/u/.env", text))).unwrap()
    }

    fn value(text: &str) -> String {
        String::from_utf8(read(text).get("K").unwrap().value.clone().unwrap()).unwrap()
    }

    #[test]
    fn the_quote_that_closes() {
        let ends = |rest: &str| rest.trim().is_empty() || rest.trim_start().starts_with('#');
        for (text, at) in [(r#""a\"b" # c"#, Some(5)), (r#""a\" # c"#, Some(3)), (r#""a"b"#, None), ("\"", None)] {
            assert_eq!(closing(text, '"', ends), at, "{text}");
        }
    }

    #[test]
    fn values_as_python_dotenv_reads_them() {
        for (text, want) in [
            ("K=v", "v"),
            ("\u{feff} export K = v w # c\r\n", "v w"),
            ("K=v#w", "v#w"),
            ("K=#w", "#w"),
            ("K= # c", ""),
            ("K='a b' # c", "a b"),
            ("K='a\\'\\n'", "a'\\n"),
            ("K=\"a\\n\\$\nb\"", "a\n\\$\nb"),
            ("'K'=v", "v"),
            ("K=1\nK=2", "2"),
            ("K=a\u{a0}", "a"),
        ] {
            assert_eq!(value(text), want, "{text:?}");
        }
        assert!(read("K").get("K").unwrap().value.is_none());
    }

    #[test]
    fn references_see_the_environment_first() {
        for (text, want) in [
            ("E=file\nK=${E}", "env"),
            ("A=file\nK='${A}'", "file"),
            ("K=${NO:-d}${NO}${NO-d}", "d"),
            ("A\nK=${A:-d}", ""),
            ("K=$E ${E:x} ${E", "$E ${E:x} ${E"),
            ("A=${E}\nB=$\nK=${B}{E}", "${E}"),
            ("K=${${E}", ""),
        ] {
            assert_eq!(value(text), want, "{text:?}");
        }
    }

    #[test]
    fn lines_and_what_makes_no_sense() {
        let read = read("# c\n\nA=1\n=x\nB='open\nC=\"two\nlines\" # c\nD=\"a\"b\nK=1\n");
        let lines: Vec<(&str, u32)> = read.entries.iter().map(|e| (e.name.as_str(), e.line)).collect();
        assert_eq!(lines, [("A", 3), ("C", 6), ("K", 9)]);
        assert_eq!(read.senseless, [4, 5, 8]);
        assert_eq!(read.location(&read.entries[1]), Location::line("/home/u/.env", 6));
    }

    #[test]
    fn the_nearest_file_upward() {
        let above = Fake::home().file("/home/.env", "K=1").file("/home/u/.env/x", "").file("/.env", "K=2");
        assert_eq!(gather(&State::new(&above)).unwrap().path, PathBuf::from("/home/.env"));
        assert!(gather(&State::new(&Fake::home())).is_none());
        let off = Fake::home().file("/home/u/.env", "K=1").var("PYTHON_DOTENV_DISABLED", "Yes");
        assert!(gather(&State::new(&off)).is_none());
    }

    #[test]
    fn what_cannot_be_read() {
        let fault = |fake: Fake| gather(&State::new(&fake)).unwrap().fault;
        assert_eq!(fault(Fake::home().file("/home/u/.env", b"K=1\n\xff")), Some(Fault::NotUtf8));
        let denied = Fake::home().mode("/home/u/.env", "K=1", 0);
        assert_eq!(fault(denied), Some(Fault::Unreadable(ReadError::Denied)));
    }

    #[test]
    fn bombs_end() {
        let mut text = "A0=xxxxxxxxxxxxxxxx\n".to_owned();
        for i in 1..60 {
            let above = format!("${{A{}}}", i - 1);
            text += &[&format!("A{i}="), above.as_str(), &above, "\n"].concat();
        }
        assert_eq!(read(&text).entries.len(), 60);
        assert_eq!(value(&format!("K={}:", "${".repeat(100_000))).len(), 200_001);
        assert_eq!(value(&format!("K={}", "${a:-".repeat(50_000))).len(), 250_000);
    }
}
