//! What programs print that merely repeat, pick or cut what they are given: `cat`, `head`, `tr`, `grep`, `cut`, `find` and
//! the like, as start-up files read a secret, an `.env` or a directory with them. Of any other option than those named
//! here nothing is said. To leave them all unknown loses: then `export $(grep -v '^#' .env | xargs)` tells nothing.
//!
//! Source: GNU coreutils 9.1, grep 3.8 and findutils 4.9, run (`tests/startup/dotfiles.py`).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::edit::{Awk, Sed};
use super::expression::{expression, literal};
use super::posix::pattern::{self, Groups};
use crate::state::bracket::class;
use crate::system::{Kind, System, TEXT_LIMIT};

/// Most names that `find` and `**` bring.
const MOST: usize = 2000;
const DEEPEST: u32 = 16;

/// What a program did. It may have printed a token, so nothing shows it.
pub(super) struct Printed {
    pub(super) text: Vec<u8>,
    pub(super) success: bool,
    /// The lines may come in another order.
    pub(super) unordered: bool,
}

impl Printed {
    fn of(text: Vec<u8>) -> Self {
        Self { text, success: true, unordered: false }
    }

    fn failed() -> Self {
        Self { text: Vec::new(), success: false, unordered: false }
    }

    /// The text, where nobody can doubt it.
    pub(super) fn known(self) -> Option<Vec<u8>> {
        (!self.unordered || lines(&self.text).count() < 2).then_some(self.text)
    }
}

/// Where programs look, and what they read.
pub(super) struct Tools<'a> {
    pub(super) system: &'a dyn System,
    pub(super) directory: Option<&'a Path>,
    /// Standard input, where it is known.
    pub(super) input: Option<&'a [u8]>,
}

/// The machine's name, where the system tells it in a file: Linux does.
pub(super) fn host(system: &dyn System) -> Option<Vec<u8>> {
    let content = system.read(Path::new("/proc/sys/kernel/hostname"), TEXT_LIMIT).ok()?;
    Some(content.bytes.trim_ascii_end().to_vec()).filter(|host| !host.is_empty())
}

/// What `dirname` and `basename` make of a path.
fn split_last(path: &[u8]) -> (&[u8], &[u8]) {
    let trimmed = |path: &'_ [u8]| path.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    let whole = &path[..trimmed(path)];
    match whole.iter().rposition(|b| *b == b'/') {
        _ if whole.is_empty() && !path.is_empty() => (b"/", b"/"),
        None => (b".", whole),
        Some(at) => match &whole[..trimmed(&whole[..at])] {
            [] => (b"/", &whole[at + 1..]),
            parent => (parent, &whole[at + 1..]),
        },
    }
}

/// `expr`: a part of a text, or one operation on whole numbers.
fn calculated(arguments: &[&[u8]]) -> Option<Printed> {
    let number = |b: &[u8]| std::str::from_utf8(b).ok()?.parse::<i64>().ok();
    let text = match arguments {
        [b"substr", text, from, length] if text.is_ascii() => {
            let from = usize::try_from(number(from)?).ok()?.checked_sub(1)?;
            let length = usize::try_from(number(length)?).ok()?;
            text.iter().skip(from).take(length).copied().collect()
        }
        [b"length", text] if text.is_ascii() => text.len().to_string().into_bytes(),
        [left, operator, right] => {
            let (left, right) = (number(left)?, number(right)?);
            let result = match *operator {
                b"+" => left.checked_add(right)?,
                b"-" => left.checked_sub(right)?,
                b"*" => left.checked_mul(right)?,
                b"/" => left.checked_div(right)?,
                b"%" => left.checked_rem(right)?,
                b"=" => i64::from(left == right),
                b"!=" => i64::from(left != right),
                b"<" => i64::from(left < right),
                b"<=" => i64::from(left <= right),
                b">" => i64::from(left > right),
                b">=" => i64::from(left >= right),
                _ => return None,
            };
            result.to_string().into_bytes()
        }
        _ => return None,
    };
    let success = !matches!(text.as_slice(), b"" | b"0");
    Some(Printed { text: [text, b"\n".to_vec()].concat(), success, unordered: false })
}

impl Tools<'_> {
    /// What a program prints; `None` where that cannot be told. `sort` may have an input that is out of order.
    pub(super) fn run(&self, name: &[u8], arguments: &[&[u8]]) -> Option<Printed> {
        match (name, arguments) {
            (b"cat", [] | [b"-"]) => Some(Printed::of(self.input?.to_vec())),
            (b"cat", paths) if no_options(paths) => {
                let mut all = Vec::new();
                let mut success = true;
                for path in paths {
                    match self.content(path) {
                        Ok(more) => all.extend_from_slice(&more),
                        Err(true) => success = false,
                        Err(false) => return None,
                    }
                }
                Some(Printed { text: all, success, unordered: false })
            }
            (b"head", rest) => self.head(rest),
            (b"tr", rest) => Some(Printed::of(translated(self.input?, rest)?)),
            (b"cut", rest) => self.cut(rest),
            (b"grep" | b"egrep" | b"fgrep", rest) => self.grep(name, rest),
            (b"tail", rest) => self.tail(rest),
            (b"sed", rest) => {
                let sed = Sed::of(rest)?;
                self.edited(&sed.paths, |text| sed.print(text))
            }
            (b"awk" | b"gawk" | b"mawk", rest) => {
                let awk = Awk::of(rest)?;
                self.edited(&awk.paths, |text| awk.print(text))
            }
            (b"wc", [b"-l"]) => {
                let lines = self.input?.split(|b| *b == b'\n').count() - 1;
                Some(Printed::of(format!("{lines}\n").into_bytes()))
            }
            (b"readlink", [path]) if !path.starts_with(b"-") => Some(
                self.system
                    .read_link(&self.absolute(path))
                    .map_or_else(Printed::failed, |to| Printed::of([to.as_os_str().as_bytes(), b"\n"].concat())),
            ),
            (b"xargs", [] | [b"echo"]) => {
                Some(Printed::of([arguments_of(self.input?)?.join(&b' '), b"\n".to_vec()].concat()))
            }
            (b"xargs", [b"-d", b"\\n"] | [b"-d\\n"]) => {
                Some(Printed::of([lines(self.input?).collect::<Vec<_>>().join(&b' '), b"\n".to_vec()].concat()))
            }
            (b"sort", []) => Some(sorted(lines(self.input?).map(<[u8]>::to_vec).collect())),
            (b"ls", rest) => self.ls(rest),
            (b"find", rest) => self.find(rest),
            (b"seq", rest) => {
                let number = |b: &[u8]| std::str::from_utf8(b).ok()?.parse::<i32>().ok();
                let (from, to) = match rest {
                    [to] => (1, number(to)?),
                    [from, to] => (number(from)?, number(to)?),
                    _ => return None,
                };
                if i64::from(to) - i64::from(from) > 2000 {
                    return None;
                }
                Some(Printed::of((from..=to).flat_map(|n| format!("{n}\n").into_bytes()).collect()))
            }
            (b"uname", [] | [b"-s"]) => Some(Printed::of(match std::env::consts::OS {
                "macos" => b"Darwin\n".to_vec(),
                _ => b"Linux\n".to_vec(),
            })),
            (b"hostname", []) | (b"uname", [b"-n"]) => Some(Printed::of([host(self.system)?, b"\n".to_vec()].concat())),
            (b"hostname", [b"-s"]) => {
                let host = host(self.system)?;
                let short = host.split(|b| *b == b'.').next().unwrap_or_default();
                Some(Printed::of([short, b"\n"].concat()))
            }
            (b"whoami", []) | (b"id", [b"-un" | b"-nu"]) => Some(Printed::of([self.user()?, b"\n".to_vec()].concat())),
            (b"expr", rest) => calculated(rest),
            (b"base64", [b"-d" | b"-D" | b"--decode"]) => {
                let text: Vec<u8> = self.input?.iter().copied().filter(|b| *b != b'\n').collect();
                Some(Printed::of(STANDARD.decode(text).ok().filter(|text| !text.contains(&0))?))
            }
            (b"uname", [b"-m"]) => Some(Printed::of([std::env::consts::ARCH.as_bytes(), b"\n"].concat())),
            (b"id", [b"-u"]) => Some(Printed::of(format!("{}\n", self.system.uid()).into_bytes())),
            (b"dirname", [path] | [b"--", path]) => Some(Printed::of([split_last(path).0, b"\n"].concat())),
            (b"basename", [path, suffix @ ..]) if suffix.len() < 2 && !path.starts_with(b"-") => {
                let name = split_last(path).1;
                let cut = suffix.first().and_then(|suffix| name.strip_suffix(*suffix));
                Some(Printed::of([cut.filter(|n| !n.is_empty()).unwrap_or(name), b"\n"].concat()))
            }
            (b"readlink", [b"-f" | b"-e", path]) | (b"realpath", [path]) => {
                let real = self.system.canonical(&self.absolute(path))?;
                Some(Printed::of([real.as_os_str().as_bytes(), b"\n"].concat()))
            }
            _ => None,
        }
    }

    /// The person's name, where it is not kept elsewhere.
    fn user(&self) -> Option<Vec<u8>> {
        let content = self.system.read(Path::new("/etc/passwd"), TEXT_LIMIT).ok()?;
        let uid = self.system.uid().to_string();
        let mut users = lines(&content.bytes).map(|line| line.split(|b| *b == b':').collect::<Vec<_>>());
        users.find(|fields| fields.get(2) == Some(&uid.as_bytes())).map(|fields| fields[0].to_vec())
    }

    fn absolute(&self, path: &[u8]) -> PathBuf {
        let path = Path::new(OsStr::from_bytes(path));
        self.directory.map_or_else(|| path.to_owned(), |d| d.join(path))
    }

    /// The content of a file; `Err(true)` where there is none, `Err(false)` where nobody can tell.
    fn content(&self, path: &[u8]) -> Result<Vec<u8>, bool> {
        match self.system.read(&self.absolute(path), TEXT_LIMIT) {
            // A variable holds no NUL.
            Ok(content) if !content.truncated && !content.bytes.contains(&0) => Ok(content.bytes),
            Ok(_) => Err(false),
            Err(_) => Err(true),
        }
    }

    /// The files that are named, else standard input.
    fn text(&self, paths: &[&[u8]]) -> Option<Result<Vec<u8>, Printed>> {
        match paths {
            [] => self.input.map(|i| Ok(i.to_vec())),
            [path] if !path.starts_with(b"-") => match self.content(path) {
                Ok(text) => Some(Ok(text)),
                Err(true) => Some(Err(Printed::failed())),
                Err(false) => None,
            },
            _ => None,
        }
    }

    fn head(&self, arguments: &[&[u8]]) -> Option<Printed> {
        let number = |b: &[u8]| std::str::from_utf8(b).ok()?.parse::<usize>().ok();
        if let [b"-c", n, paths @ ..] = arguments {
            let end = number(n)?;
            return self.text(paths)?.map_or_else(Some, |text| Some(Printed::of(text[..text.len().min(end)].to_vec())));
        }
        let (count, paths) = match arguments {
            [b"-n", n, rest @ ..] => (number(n)?, rest),
            [option, rest @ ..] if option.starts_with(b"-n") => (number(&option[2..])?, rest),
            [option, rest @ ..] if option.len() > 1 && option[0] == b'-' => (number(&option[1..])?, rest),
            rest => (10, rest),
        };
        let text = match self.text(paths)? {
            Ok(text) => text,
            Err(failed) => return Some(failed),
        };
        Some(Printed::of(text.split_inclusive(|b| *b == b'\n').take(count).flatten().copied().collect()))
    }

    fn cut(&self, arguments: &[&[u8]]) -> Option<Printed> {
        let mut rest = arguments;
        let (mut by, mut fields) = (None, None);
        loop {
            match rest {
                [b"-d", value, more @ ..] => (by, rest) = (Some(*value), more),
                [b"-f", value, more @ ..] => (fields, rest) = (Some(*value), more),
                [option, more @ ..] if option.starts_with(b"-d") => (by, rest) = (Some(&option[2..]), more),
                [option, more @ ..] if option.starts_with(b"-f") => (fields, rest) = (Some(&option[2..]), more),
                _ => break,
            }
        }
        let by = match by {
            Some([by]) => *by,
            None => b'\t',
            Some(_) => return None,
        };
        let fields = std::str::from_utf8(fields?).ok()?;
        let (from, to) = match fields.split_once('-') {
            Some((from, "")) => (from.parse::<usize>().ok()?, usize::MAX),
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => (fields.parse().ok()?, fields.parse().ok()?),
        };
        if from == 0 || to < from {
            return None;
        }
        let text = match self.text(rest)? {
            Ok(text) => text,
            Err(failed) => return Some(failed),
        };
        let mut out = Vec::new();
        for line in lines(&text) {
            let parts: Vec<&[u8]> = line.split(|b| *b == by).collect();
            let end = parts.len().min(to);
            if parts.len() == 1 {
                out.extend_from_slice(line);
            } else if from <= end {
                out.extend_from_slice(&parts[from - 1..end].join(&by));
            }
            out.push(b'\n');
        }
        Some(Printed::of(out))
    }

    fn grep(&self, name: &[u8], arguments: &[&[u8]]) -> Option<Printed> {
        let (mut invert, mut quiet, mut extended, mut fixed) = (false, false, name == b"egrep", name == b"fgrep");
        let (mut any_case, mut only, mut most) = (false, false, usize::MAX);
        let mut rest = arguments;
        while let [option @ [b'-', letters @ ..], more @ ..] = rest {
            rest = more;
            if *option == b"--" || *option == b"-e" {
                break;
            }
            // As Debian's alias has it.
            if *option == b"--color=auto" {
                continue;
            }
            let (letters, count) = match letters.iter().position(|b| *b == b'm') {
                Some(at) => (&letters[..at], Some(&letters[at + 1..])),
                None => (letters, None),
            };
            if let Some(mut count) = count {
                if let (b"", [next, more @ ..]) = (count, rest) {
                    (count, rest) = (next, more);
                }
                most = std::str::from_utf8(count).ok()?.parse().ok()?;
            }
            for letter in letters {
                match letter {
                    b'i' => any_case = true,
                    b'o' => only = true,
                    b'v' => invert = true,
                    b'q' => quiet = true,
                    b'E' => extended = true,
                    b'F' => fixed = true,
                    b'h' | b's' => {}
                    _ => return None,
                }
            }
        }
        let (wanted, paths) = rest.split_first()?;
        let wanted = if fixed { literal(wanted) } else { expression(wanted, extended)? };
        let wanted = if any_case { wanted.in_any_case() } else { wanted };
        let text = match self.text(paths)? {
            Ok(text) => text,
            Err(failed) => return Some(failed),
        };
        let mut out = Vec::new();
        let mut found = false;
        for line in lines(&text).filter(|line| wanted.is_in(line) != invert).take(most) {
            found = true;
            if !only {
                out.extend_from_slice(line);
                out.push(b'\n');
                continue;
            }
            let mut from = 0;
            while let Some(Some(at)) = wanted.find(line, from).map(|found| found[0].clone()) {
                if !at.is_empty() {
                    out.extend_from_slice(&line[at.clone()]);
                    out.push(b'\n');
                }
                from = at.end + usize::from(at.is_empty());
                if from > line.len() {
                    break;
                }
            }
        }
        Some(Printed { text: if quiet { Vec::new() } else { out }, success: found, unordered: false })
    }

    /// What `sed` or `awk` makes of a text; in ASCII alone, where a character is a byte.
    fn edited(&self, paths: &[&[u8]], print: impl FnOnce(&[u8]) -> Vec<u8>) -> Option<Printed> {
        match self.text(paths)? {
            Ok(text) => text.is_ascii().then(|| Printed::of(print(&text))),
            Err(failed) => Some(failed),
        }
    }

    fn tail(&self, arguments: &[&[u8]]) -> Option<Printed> {
        let number = |b: &[u8]| std::str::from_utf8(b).ok()?.parse::<usize>().ok();
        let (count, paths) = match arguments {
            [b"-n", n, rest @ ..] => (*n, rest),
            [option, rest @ ..] if option.starts_with(b"-n") => (&option[2..], rest),
            [option, rest @ ..] if option.len() > 1 && option[0] == b'-' => (&option[1..], rest),
            rest => (&b"10"[..], rest),
        };
        let text = match self.text(paths)? {
            Ok(text) => text,
            Err(failed) => return Some(failed),
        };
        let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
        let skipped = match count.strip_prefix(b"+") {
            Some(first) => number(first)?.saturating_sub(1).min(lines.len()),
            None => lines.len().saturating_sub(number(count)?),
        };
        Some(Printed::of(lines[skipped..].concat()))
    }

    /// What `ls` prints where it is no terminal: the files that are named, or what one directory holds.
    fn ls(&self, arguments: &[&[u8]]) -> Option<Printed> {
        let (mut all, mut rest) = (false, arguments);
        while let [option @ [b'-', ..], more @ ..] = rest {
            match *option {
                b"-1" | b"--" | b"--color=never" | b"--color=auto" => {}
                b"-A" | b"-1A" | b"-A1" => all = true,
                _ => return None,
            }
            rest = more;
        }
        let is_dir = |path: &[u8]| self.system.stat(&self.absolute(path)).map(|s| s.kind == Kind::Dir);
        match rest {
            [] | [_] if rest.first().is_none_or(|path| is_dir(path) == Ok(true)) => {
                let names = self.system.list(&self.absolute(rest.first().unwrap_or(&&b"."[..]))).ok()?;
                let names = names.iter().map(|n| n.as_bytes().to_vec()).filter(|n| all || !n.starts_with(b"."));
                Some(sorted(names.collect()))
            }
            [path] if is_dir(path).is_err() => Some(Printed::failed()),
            some if some.iter().all(|path| is_dir(path) == Ok(false)) => {
                Some(sorted(some.iter().map(|p| p.to_vec()).collect()))
            }
            _ => None,
        }
    }

    /// Names, types and depths; in the order of the directory, which is not known.
    fn find(&self, arguments: &[&[u8]]) -> Option<Printed> {
        let starts = arguments.iter().take_while(|a| !a.starts_with(b"-") && !matches!(**a, b"(" | b"!")).count();
        let (mut starts, mut rest) = arguments.split_at(starts);
        if starts.is_empty() {
            starts = &[b"."];
        }
        let (mut most, mut least) = (u32::MAX, 0);
        let mut tests: Vec<(u8, &[u8])> = Vec::new();
        while let [option, value, more @ ..] = rest {
            let number = || std::str::from_utf8(value).ok()?.parse::<u32>().ok();
            match *option {
                b"-maxdepth" => most = number()?,
                b"-mindepth" => least = number()?,
                b"-name" => tests.push((b'n', value)),
                b"-type" if matches!(*value, b"f" | b"d") => tests.push((b't', value)),
                _ => return None,
            }
            rest = more;
        }
        if !matches!(rest, [] | [b"-print"]) {
            return None;
        }
        let (mut out, mut success) = (Vec::new(), true);
        let mut todo: Vec<(Vec<u8>, u32)> = starts.iter().rev().map(|s| (s.to_vec(), 0)).collect();
        let mut seen = 0;
        while let Some((path, depth)) = todo.pop() {
            seen += 1;
            if seen > MOST || depth > DEEPEST {
                return None;
            }
            let Ok(stat) = self.system.lstat(&self.absolute(&path)) else {
                success = false;
                continue;
            };
            let name = path.rsplit(|b| *b == b'/').find(|p| !p.is_empty()).unwrap_or(&path);
            let fits = |(test, value): &(u8, &[u8])| match test {
                b'n' => pattern::matches(value, name, Groups::None),
                _ => stat.kind == if *value == b"f" { Kind::File } else { Kind::Dir },
            };
            if depth >= least && tests.iter().all(fits) {
                out.extend_from_slice(&path);
                out.push(b'\n');
            }
            if stat.kind == Kind::Dir && depth < most {
                for name in self.system.list(&self.absolute(&path)).ok()? {
                    let slash: &[u8] = if path.ends_with(b"/") { b"" } else { b"/" };
                    todo.push(([&path, slash, name.as_bytes()].concat(), depth + 1));
                }
            }
        }
        Some(Printed { text: out, success, unordered: true })
    }
}

fn no_options(arguments: &[&[u8]]) -> bool {
    arguments.iter().all(|a| !a.starts_with(b"-"))
}

/// The lines of a text.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|b| *b == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}

/// Lines in the order of the locale: many pass over punctuation and case, and then nobody knows which locale it is.
fn sorted(mut names: Vec<Vec<u8>>) -> Printed {
    names.sort();
    let letters = |name: &Vec<u8>| -> Vec<u8> {
        name.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let text = names.iter().flat_map(|name| [name.as_slice(), b"\n"].concat()).collect();
    Printed { text, success: true, unordered: !names.is_sorted_by_key(letters) }
}

/// `tr`: `-d SET` and `SET SET`.
fn translated(text: &[u8], arguments: &[&[u8]]) -> Option<Vec<u8>> {
    match arguments {
        [b"-d", set] => {
            let set = set_of(set)?;
            Some(text.iter().copied().filter(|b| !set.contains(b)).collect())
        }
        [from, to] if no_options(arguments) => {
            let (from, to) = (set_of(from)?, set_of(to)?);
            let last = to.last()?;
            let new = |b: u8| from.iter().rposition(|f| *f == b).map_or(b, |at| *to.get(at).unwrap_or(last));
            Some(text.iter().map(|b| new(*b)).collect())
        }
        _ => None,
    }
}

fn set_of(text: &[u8]) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::new();
    let mut rest = text;
    while let Some((&b, more)) = rest.split_first() {
        rest = more;
        match (b, more) {
            (b'[', [b':', ..]) => {
                let end = more.windows(2).skip(1).position(|w| w == b":]")? + 3;
                let whole = [b"[".as_slice(), &more[..end], b"]"].concat();
                class(&whole, b'a')?;
                out.extend((0..=u8::MAX).filter(|b| class(&whole, *b).is_some_and(|(is, _)| is)));
                rest = &more[end..];
            }
            (b'\\', [escaped, more @ ..]) => {
                out.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0'..=b'9' => return None,
                    other => *other,
                });
                rest = more;
            }
            (_, [b'-', high, more @ ..]) if *high != b'\\' => {
                out.extend(b..=*high);
                rest = more;
            }
            _ => out.push(b),
        }
    }
    Some(out)
}

/// The arguments that `xargs` makes of a text.
fn arguments_of(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut out = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = text.iter();
    while let Some(&b) = bytes.next() {
        match b {
            b' ' | b'\t' | b'\n' => out.extend(word.take()),
            b'\'' | b'"' => {
                let word = word.get_or_insert_default();
                loop {
                    match bytes.next()? {
                        // A quote that its line does not close is an error.
                        b'\n' => return None,
                        end if *end == b => break,
                        inner => word.push(*inner),
                    }
                }
            }
            b'\\' => word.get_or_insert_default().push(*bytes.next()?),
            _ => word.get_or_insert_default().push(b),
        }
    }
    out.extend(word);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    fn prints(input: &str, command: &str) -> Option<String> {
        let fake = Fake::new().file("/h/.env", "# a\nA=1\nB='2 3'\n").file("/h/d/x.sh", "").file("/h/d/y.txt", "");
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        let tools = Tools { system: &fake, directory: Some(Path::new("/h")), input: Some(input.as_bytes()) };
        let printed = tools.run(words[0], &words[1..])?.known()?;
        Some(String::from_utf8_lossy(&printed).into_owned())
    }

    #[test]
    fn what_picks_and_cuts_is_worked_out() {
        for (input, command, out) in [
            ("a\nb\n", "cat", "a\nb\n"),
            ("", "cat .env", "# a\nA=1\nB='2 3'\n"),
            ("", "cat nope", ""),
            ("a\nb\n", "head -n1", "a\n"),
            ("a\nb\n", "head -n 1", "a\n"),
            ("a\nb\n", "head -1", "a\n"),
            (" a\r\n", "tr -d \\r\\n", " a"),
            (" a\n", "tr -d [:space:]", "a"),
            ("ab\n", "tr a-z A-Z", "AB\n"),
            ("A=b=c\nd\n", "cut -d= -f2", "b\nd\n"),
            ("A=b=c\n", "cut -d = -f 2-", "b=c\n"),
            ("", "grep -v ^# .env", "A=1\nB='2 3'\n"),
            ("", "grep -E ^A=|^C= .env", "A=1\n"),
            ("\n x\n", "grep -v ^\\s*$", " x\n"),
            ("a.b\naxb\n", "grep -F a.b", "a.b\n"),
            ("#\n\nx\n", "sed /^#/d", "\nx\n"),
            ("x\ny\n", "sed -n 2p", "y\n"),
            ("k: v\n", "sed s/.*:\\s*//", "v\n"),
            ("a=b\nc\n", "sed -n s/^a=//p", "b\n"),
            ("a=b\n", "sed -E s/(.)=(.)/\\2&/g", "ba=b\n"),
            ("a\nb\n", "sed -e s/^/x\\t/ -e 2q", "x\ta\nx\tb\n"),
            ("aXbXc\n", "sed s|X|/|g;s/$/!/", "a/b/c!\n"),
            ("abc\n", "sed s/x*/-/g", "-a-b-c-\n"),
            ("k v w\n", "awk {print$2}", "v\n"),
            ("k=v\nl=w\n", "awk -F= /^l/{print$2}", "w\n"),
            ("k=v\nl=w\n", "awk -F= $1==\"k\"{print$NF;exit}", "v\n"),
            ("a, b\n", "awk -F,\\s* {print$2,$1}", "b a\n"),
            ("x\ny\nz\n", "tail -n 1", "z\n"),
            ("x\ny\nz\n", "tail -n +2", "y\nz\n"),
            ("abcd", "head -c 3", "abc"),
            ("A=1\na=2\n", "grep -i -m1 ^a=", "A=1\n"),
            ("x: hf_1 hf_2\n", "grep -oE hf_[0-9]+", "hf_1\nhf_2\n"),
            ("a\nb\n", "wc -l", "2\n"),
            ("A=1\nB='2 3'\n", "xargs", "A=1 B=2 3\n"),
            ("b\na\n", "sort", "a\nb\n"),
            ("", "find d -name *.sh -type f", "d/x.sh\n"),
            ("", "ls d", "x.sh\ny.txt\n"),
            ("", "ls nope", ""),
            ("", "seq 2", "1\n2\n"),
            ("", "basename /a/b.sh .sh", "b\n"),
            ("", "dirname -- /a/b", "/a\n"),
        ] {
            assert_eq!(prints(input, command).as_deref(), Some(out), "{command}");
        }
    }

    #[test]
    fn what_is_not_modelled_is_not_guessed() {
        for command in [
            "awk END{print}",
            "grep \\(a\\)\\1",
            "cut -c1",
            "find d",
            "find . -delete",
            "tr -s a b",
            "ls -l",
            "sed s/a/\\U&/",
            "sed -i s/a/b/",
            "awk {print$1-$2}",
            "grep -P a",
        ] {
            assert_eq!(prints("a\n", command), None, "{command}");
        }
        assert_eq!(prints("it's\n", "xargs"), None);
    }
}
