//! `git credential-store`: its files, and what a `credential.helper` says of them.
//!
//! Source: git 2.39.5 and 2.47.3, run; `builtin/credential-store.c`, `credential.c`. Helpers are run by a shell, so
//! their words are read as a shell reads them; what needs a real shell is answered as unknown.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::url::Parts;
use crate::secret::Token;
use crate::state::State;
use crate::system::path::absolute;
use crate::system::{Kind, ReadError, System};

/// What a shell runs without a program of that name.
const BUILT_IN: [&[u8]; 15] = [
    b".", b":", b"[", b"command", b"echo", b"eval", b"exec", b"exit", b"export", b"false", b"printf", b"read", b"set",
    b"test", b"true",
];

/// One line that git can use.
pub struct Line {
    /// What is in it.
    pub parts: Parts,
    /// The password, as it arrives through the pipe.
    pub password: Token,
    /// From 1.
    pub number: u32,
}

/// The lines of a file, in order: those with a user and a password.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Line> {
    bytes.split(|&b| b == b'\n').zip(1..).filter_map(|(line, number)| {
        let line = line.split(|&b| b == 0).next().unwrap_or_default();
        let parts = Parts::new(line, false).filter(|parts| parts.user.is_some())?;
        let password = parts.password.clone()?;
        // The pipe that it comes through ends lines at CRLF, too.
        let password = password.strip_suffix(b"\r").map(<[u8]>::to_vec).unwrap_or(password);
        let password = Token::new(super::basic(parts.user.as_deref().unwrap_or_default(), password));
        Some(Line { parts, password, number })
    })
}

/// What a helper is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Helper {
    /// `store`, which reads these files.
    Store(Vec<PathBuf>),
    /// It cannot be run, or not like this: git asks the next one.
    Silent,
    /// It would have to be run.
    Other,
}

/// The files that `store` reads without `--file`.
pub fn default_files(system: &dyn System) -> Vec<PathBuf> {
    let home = system.var("HOME").map(|mut home| {
        home.push("/.git-credentials");
        PathBuf::from(home)
    });
    home.into_iter().chain(super::xdg(system, "credentials")).collect()
}

/// What a value of `credential.helper` means. `from`: where git runs its helpers.
pub fn helper(system: &dyn System, value: &[u8], from: &Path) -> Helper {
    let (text, own) = match value {
        [b'!', rest @ ..] => (rest.to_owned(), false),
        [b'/', ..] => (value.to_owned(), false),
        _ => ([b"git credential-", value].concat(), true),
    };
    let Some(words) = words(system, &[text.as_slice(), b" get"].concat()) else {
        return Helper::Other;
    };
    let mut words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    let Some(program) = words.first().copied() else {
        return Helper::Other;
    };
    if program == b"git" && words.len() > 1 {
        words.remove(0);
    } else {
        let name = program.rsplit(|&b| b == b'/').next().unwrap_or_default();
        let path = Path::new(OsStr::from_bytes(program));
        let there = if program.contains(&b'/') {
            system.stat(&from.join(path)).is_ok()
        } else if BUILT_IN.contains(&program) {
            return Helper::Other;
        } else {
            // Git puts its own commands before the PATH of what it runs.
            exec_path(system).is_some_and(|dir| system.stat(&dir.join(path)).is_ok())
                || super::program(system, &String::from_utf8_lossy(program)).is_some()
        };
        return match name.strip_prefix(b"git-") {
            _ if !there => Helper::Silent,
            Some(b"credential-store") => store(system, &words[1..], from),
            _ => Helper::Other,
        };
    }
    match words[0] {
        b"credential-store" => store(system, &words[1..], from),
        b"credential-cache" => cache(system, &words[1..]),
        _ if !own => Helper::Other,
        name => {
            let name = format!("git-{}", String::from_utf8_lossy(name));
            let there = exec_path(system).is_some_and(|dir| system.stat(&dir.join(&name)).is_ok())
                || super::program(system, &name).is_some();
            if there { Helper::Other } else { Helper::Silent }
        }
    }
}

/// Where git keeps its own commands.
fn exec_path(system: &dyn System) -> Option<PathBuf> {
    if let Some(path) = system.var("GIT_EXEC_PATH") {
        return Some(PathBuf::from(path));
    }
    let git = super::program(system, "git")?;
    let prefix = git.parent()?.parent()?;
    let places = [prefix.join("lib/git-core"), prefix.join("libexec/git-core")];
    places.into_iter().find(|dir| system.stat(dir).is_ok())
}

/// The words after `git credential-store`, with the `get` that git puts behind what the person wrote.
fn store(system: &dyn System, words: &[&[u8]], from: &Path) -> Helper {
    let mut file: Option<Vec<u8>> = None;
    let mut actions: Vec<&[u8]> = Vec::new();
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        if word == b"--" {
            actions.extend(words.by_ref());
            break;
        }
        let Some(option) = word.strip_prefix(b"--") else {
            if word.starts_with(b"-") {
                return Helper::Silent;
            }
            actions.push(word);
            continue;
        };
        let (name, value) = match option.iter().position(|&b| b == b'=') {
            Some(i) => (&option[..i], Some(&option[i + 1..])),
            None => (option, None),
        };
        // Any beginning of an option's name that is unique will do.
        if !name.is_empty() && b"file".starts_with(name) {
            let Some(value) = value.or_else(|| words.next()) else {
                return Helper::Silent;
            };
            file = Some(value.to_owned());
        } else if b"no-file".starts_with(name) && name.starts_with(b"no") && value.is_none() {
            file = None;
        } else {
            return Helper::Silent;
        }
    }
    if actions != [b"get"] {
        return Helper::Silent;
    }
    let files = match file {
        Some(file) if file.is_empty() => Vec::new(),
        Some(file) => vec![PathBuf::from(OsStr::from_bytes(&file))],
        None => default_files(system),
    };
    Helper::Store(files.into_iter().map(|file| from.join(file)).collect())
}

/// `git credential-cache` answers nothing while its daemon does not run.
fn cache(system: &dyn System, words: &[&[u8]]) -> Helper {
    if words.iter().any(|w| w.starts_with(b"--s")) {
        return Helper::Other;
    }
    let old = system.var("HOME").map(|home| PathBuf::from(home).join(".git-credential-cache"));
    let old = old.filter(|dir| system.stat(dir).is_ok_and(|s| s.kind == Kind::Dir));
    let base = system.var("XDG_CACHE_HOME").filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = base.or_else(|| system.var("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let socket = old.map(|dir| dir.join("socket")).or_else(|| base.map(|base| base.join("git/credential/socket")));
    match socket {
        Some(socket) if system.stat(&socket).is_ok() => Helper::Other,
        _ => Helper::Silent,
    }
}

/// A command's words as a POSIX shell makes them; `None` where it does more than put words together.
fn words(system: &dyn System, text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut rest = text;
    while let Some((&b, after)) = rest.split_first() {
        rest = after;
        match b {
            b' ' | b'\t' | b'\n' => {
                if b == b'\n' && !rest.trim_ascii().is_empty() {
                    return None;
                }
                words.extend(word.take());
            }
            b'\'' => {
                let end = rest.iter().position(|&b| b == b'\'')?;
                word.get_or_insert_default().extend_from_slice(&rest[..end]);
                rest = &rest[end + 1..];
            }
            b'"' => rest = double_quoted(system, rest, word.get_or_insert_default())?,
            b'\\' => {
                let (&b, after) = rest.split_first()?;
                rest = after;
                if b != b'\n' {
                    word.get_or_insert_default().push(b);
                }
            }
            b'$' => {
                // Unquoted, a value with blanks or stars in it would be cut up.
                let (value, after) = variable(system, rest)?;
                if value.iter().any(|b| b" \t\n*?[".contains(b)) {
                    return None;
                }
                if !value.is_empty() {
                    word.get_or_insert_default().extend(value);
                }
                rest = after;
            }
            b'~' if word.is_none() => {
                let end = rest.iter().position(|b| b" \t\n/".contains(b)).unwrap_or(rest.len());
                let home = match &rest[..end] {
                    b"" => PathBuf::from(system.var("HOME")?),
                    user if user.iter().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)) => {
                        system.password_home(Some(OsStr::from_bytes(user)))?
                    }
                    _ => return None,
                };
                word = Some(home.as_os_str().as_bytes().to_vec());
                rest = &rest[end..];
            }
            b'#' if word.is_none() => {
                let end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                rest = &rest[end..];
            }
            b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')' | b'`' | b'*' | b'?' | b'[' | b'{' | b'}' => return None,
            b'=' if words.is_empty() => return None,
            b => word.get_or_insert_default().push(b),
        }
    }
    words.extend(word);
    Some(words)
}

fn double_quoted<'a>(system: &dyn System, mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (&b, after) = rest.split_first()?;
        rest = after;
        match b {
            b'"' => return Some(rest),
            b'`' => return None,
            b'$' => {
                let (value, after) = variable(system, rest)?;
                word.extend(value);
                rest = after;
            }
            b'\\' => match rest.split_first()? {
                (b'\n', after) => rest = after,
                (b @ (b'"' | b'\\' | b'$' | b'`'), after) => {
                    word.push(*b);
                    rest = after;
                }
                _ => word.push(b'\\'),
            },
            b => word.push(b),
        }
    }
}

/// After `$`: a plain variable's value, empty where it is not set.
fn variable<'a>(system: &dyn System, text: &'a [u8]) -> Option<(Vec<u8>, &'a [u8])> {
    let (braced, text) = match text.strip_prefix(b"{") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let end = text.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(text.len());
    let name = std::str::from_utf8(&text[..end]).ok().filter(|n| n.starts_with(|c: char| !c.is_ascii_digit()))?;
    let after = if braced { text[end..].strip_prefix(b"}")? } else { &text[end..] };
    let value = system.var(name).map(|v| v.as_bytes().to_vec()).unwrap_or_default();
    Some((value, after))
}

/// The answer of `store` for what is asked: the first line that fits, of the first file that has one.
pub fn ask(state: &State<'_>, files: &[PathBuf], asked: &Parts) -> Option<(Line, PathBuf)> {
    for file in files {
        let content = state.credential(file);
        let content = match &*content {
            Ok(content) => content,
            Err(ReadError::NotFound | ReadError::Denied) => continue,
            // It dies, and the files after this one are not looked at.
            Err(_) => return None,
        };
        if let Some(line) = lines(&content.bytes).find(|line| asked.asks_for(&line.parts)) {
            return Some((line, absolute(state.system, file)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn words_of(text: &str) -> Option<Vec<String>> {
        let fake = Fake::home().var("X", "a b");
        let words = words(&fake, text.as_bytes())?;
        Some(words.into_iter().map(|w| String::from_utf8(w).unwrap()).collect())
    }

    #[test]
    fn words_as_a_shell_makes_them() {
        for (text, want) in [
            ("a  b", vec!["a", "b"]),
            ("a 'b c'\"d $X\" \\e", vec!["a", "b cd a b", "e"]),
            ("a #b", vec!["a"]),
            ("a ~/x --f=~/x", vec!["a", "/home/u/x", "--f=~/x"]),
            ("a $HOME/x ${HOME} \"\" $NOPE", vec!["a", "/home/u/x", "/home/u", ""]),
        ] {
            assert_eq!(words_of(text), Some(want.into_iter().map(str::to_owned).collect()), "{text}");
        }
        for text in ["a | b", "a $X", "a $(b)", "f() { x; }", "a 'b", "A=b c", "a *", "a `b`", "${X:-y}"] {
            assert_eq!(words_of(text), None, "{text}");
        }
    }

    #[test]
    fn helpers() {
        let program = |fake: Fake, path: &str| fake.mode(path, "", 0o755);
        let fake = program(Fake::home().var("PATH", "/bin"), "/bin/git-credential-other");
        let is = |value: &str| helper(&fake, value.as_bytes(), Path::new("/w"));
        let store = |files: &[&str]| Helper::Store(files.iter().map(PathBuf::from).collect());
        let defaults = store(&["/home/u/.git-credentials", "/home/u/.config/git/credentials"]);
        for value in ["store", "store --", "store --file=x --no-file", "!git credential-store"] {
            assert_eq!(is(value), defaults, "{value}");
        }
        assert_eq!(is("store --file ~/x"), store(&["/home/u/x"]));
        assert_eq!(is("store --file=~/x"), store(&["/w/~/x"]));
        assert_eq!(is("store --fi=rel"), store(&["/w/rel"]));
        assert_eq!(is("store --file="), store(&[]));
        for silent in
            ["store get", "store --bogus", "store --file", " store", "nowhere", "/nowhere/x", "Store", "cache"]
        {
            assert_eq!(is(silent), Helper::Silent, "{silent}");
        }
        for other in ["other", "!echo password=x", "!git credential-other", "store | tee x"] {
            assert_eq!(is(other), Helper::Other, "{other}");
        }
    }

    #[test]
    fn lines_with_user_and_password() {
        let text = "# c\nhttps://u:p@h\nhttps://u@h\nhttps://u:p%0d@h/x\r\n https://u:q@h\n";
        let read: Vec<(u32, Vec<u8>)> =
            lines(text.as_bytes()).map(|l| (l.number, l.password.bytes().to_vec())).collect();
        assert_eq!(read, [(2, b"p".to_vec()), (4, b"p".to_vec()), (5, b"q".to_vec())]);
    }
}
