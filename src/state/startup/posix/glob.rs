//! Names that a pattern matches.
//!
//! Source: bash 5.2, zsh 5.9, dash 0.5.12, run (`tests/startup/dotfiles.py`).

use std::os::unix::ffi::OsStrExt as _;

use super::Dialect;
use super::expand::{Field, MOST};
use super::fault::Fault;
use super::output::logical;
use super::pattern::{self, Groups};
use super::run::Run;
use super::words::is_plain;
use crate::system::Kind;

/// Deepest directory below one that `**` stands for.
const DEEPEST: u32 = 16;

/// What a pattern asks for besides its text.
#[derive(Default)]
struct Wanted {
    /// Nothing is no error, and leaves nothing.
    nothing: bool,
    hidden: bool,
    any_case: bool,
    /// What each must be.
    tests: Vec<Test>,
    order: Order,
    backwards: bool,
    /// Those from and up to here, counted from 1.
    picked: Option<(usize, usize)>,
    /// Modifiers of each name: `:t`.
    modifiers: Vec<u8>,
}

/// What a file must be, or must not; of a link, what it leads to counts where that is asked for.
struct Test {
    asks: Asks,
    negated: bool,
    follows: bool,
}

enum Asks {
    Kind(Kind),
    /// One of these permissions.
    Mode(u32),
    /// It may be run.
    Program,
    /// A directory with something in it.
    Full,
    /// Of this size, or of more or less bytes than that.
    Size(std::cmp::Ordering, u64),
    /// So many days old, or more or less.
    Age(std::cmp::Ordering, i64, i64),
}

/// How zsh puts names in order.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Name,
    /// As the directory has them.
    None,
    /// By the time of the last change, the newest first.
    Age,
    Size,
}

impl Run<'_> {
    /// What stands for a group in a pattern here.
    pub(super) fn groups(&self) -> Groups {
        match self.dialect {
            Dialect::Zsh => Groups::Plain,
            Dialect::Bash if self.option("extglob") => Groups::Prefixed,
            Dialect::Bash | Dialect::Sh | Dialect::Dash => Groups::None,
        }
    }

    /// Whether a pattern matches all of a value, in `case` and `[[ … ]]`, where bash always knows groups; its `nocasematch`
    /// counts.
    pub(super) fn fits(&self, pattern: &[u8], value: &[u8], in_condition: bool) -> bool {
        let bash = self.dialect == Dialect::Bash;
        let groups = if bash && in_condition { Groups::Prefixed } else { self.groups() };
        if bash && self.option("nocasematch") {
            pattern::matches(&pattern.to_ascii_lowercase(), &value.to_ascii_lowercase(), groups)
        } else {
            pattern::matches(pattern, value, groups)
        }
    }

    /// zsh: whether a group of KSH_GLOB stands in a pattern, which is not followed.
    pub(super) fn has_ksh_group(&self, pattern: &[u8]) -> bool {
        self.option("kshglob") && pattern.windows(2).any(|w| w[1] == b'(' && b"@*+?!".contains(&w[0]))
    }

    /// Paths of which a part is not known: a star stands for it, whatever it begins with.
    pub(super) fn fitting(&self, outline: &[u8], out: &mut Vec<Field>) {
        let wanted = Wanted { nothing: true, hidden: true, ..Wanted::default() };
        if !pattern::is_pattern(outline, Groups::None) {
            return out.push(Field::Known(pattern::unescaped(outline)));
        }
        if self.may_be_written(outline) {
            return self.not_listed(outline, out);
        }
        match self.found_names(outline, &wanted) {
            Some(found) => out.extend(found.into_iter().map(Field::Known)),
            None => self.not_listed(outline, out),
        }
    }

    /// Names that a pattern matches; the text itself where none does.
    pub(super) fn glob(&self, text: &[u8], out: &mut Vec<Field>) {
        let zsh = self.dialect == Dialect::Zsh;
        let mut wanted = Wanted {
            nothing: self.option("nullglob"),
            hidden: self.option("dotglob") || self.option("globdots"),
            any_case: self.option("nocaseglob"),
            ..Wanted::default()
        };
        if self.has_ksh_group(text) {
            return self.not_listed(text, out);
        }
        let bare = match qualifiers(text) {
            // Without EXTENDED_GLOB no file has such an attribute.
            Some((_, [b'#', ..])) if zsh && !self.option("extendedglob") => {
                self.no_match.set(true);
                return;
            }
            Some((bare, letters)) if zsh => {
                let letters = letters.strip_prefix(b"#q").unwrap_or(letters);
                if !wanted.take(letters) {
                    return self.not_listed(bare, out);
                }
                bare
            }
            _ => text,
        };
        let negates = zsh && self.option("extendedglob") && pattern::unquoted(bare).contains(&b'^');
        let is_pattern = negates || pattern::is_pattern(bare, self.groups());
        if self.option("noglob") || !is_pattern && bare.len() == text.len() {
            return out.push(Field::Known(pattern::unescaped(text)));
        }
        let (mut bare, mut without) = (bare, None);
        if zsh && self.option("extendedglob") {
            // `^PATTERN` is seen to at each directory.
            let inner = pattern::unquoted(bare).windows(2).any(|w| w[1] == b'^' && w[0] != b'/');
            if inner || pattern::unquoted(bare).contains(&b'#') {
                return self.not_listed(bare, out);
            }
            if let Some(at) = bare.iter().position(|b| *b == b'~').filter(|at| *at > 0 && bare[at - 1] != b'\\') {
                (bare, without) = (&bare[..at], Some(&bare[at + 1..]));
            }
        }
        if self.may_be_written(bare) {
            return self.not_listed(bare, out);
        }
        let Some(mut found) = self.found_names(bare, &wanted) else { return self.not_listed(bare, out) };
        if let Some(without) = without {
            found.retain(|path| !pattern::matches(without, path, self.groups()));
        }
        found.retain(|path| wanted.tests.iter().all(|test| self.passes(test, path)));
        let stat = |path: &Vec<u8>| self.system.lstat(&self.absolute(path)).ok();
        match wanted.order {
            // In which order the directory has several nobody can tell.
            Order::None if found.len() > 1 => return self.not_listed(bare, out),
            Order::Name | Order::None => {}
            Order::Age => found.sort_by_key(|path| stat(path).map(|s| std::cmp::Reverse((s.mtime, s.mtime_ns)))),
            Order::Size => found.sort_by_key(|path| stat(path).map(|s| s.size)),
        }
        if wanted.backwards {
            found.reverse();
        }
        if let Some((from, to)) = wanted.picked {
            found = found.into_iter().take(to).skip(from.saturating_sub(1)).collect();
        }
        if !wanted.modifiers.is_empty() {
            let all: Option<Vec<_>> = found.iter().map(|path| self.modified_text(path, &wanted.modifiers)).collect();
            let Some(all) = all else { return self.not_listed(bare, out) };
            found = all;
        }
        if !found.is_empty() || wanted.nothing {
            out.extend(found.into_iter().map(Field::Known));
        } else if zsh && !self.option("nonomatch") {
            self.no_match.set(true);
        } else if self.option("failglob") && !zsh {
            self.note(Fault::Expansion);
        } else {
            out.push(Field::Known(pattern::unescaped(text)));
        }
    }

    /// Whether what a text has written may be among what a pattern matches, or may hold it.
    fn may_be_written(&self, pattern: &[u8]) -> bool {
        if self.written.is_empty() {
            return false;
        }
        let start = pattern.iter().position(|b| !is_plain(*b)).unwrap_or(pattern.len());
        let start = pattern[..start].iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        let directory = logical(&self.absolute(&pattern[..start]));
        let pattern = pattern[start..].to_ascii_lowercase();
        self.written.keys().any(|path| {
            let Ok(below) = path.strip_prefix(&directory) else { return directory.starts_with(path) };
            let (mut names, mut at) = (below.iter(), directory.clone());
            for part in pattern.split(|b| *b == b'/').filter(|part| !part.is_empty()) {
                let Some(name) = names.next() else { return true };
                let is_extended = part.iter().any(|b| matches!(b, b'^' | b'~' | b'#'));
                if part == b"**" {
                    return true;
                }
                if !is_extended && !pattern::matches(part, &name.as_bytes().to_ascii_lowercase(), self.groups()) {
                    return false;
                }
                at.push(name);
            }
            // What was there before stays, whatever is written in it.
            names.next().is_none() || self.system.lstat(&at).is_err()
        })
    }

    /// Notes a pattern that is not modelled: what it may match may be read next.
    fn not_listed(&self, pattern: &[u8], out: &mut Vec<Field>) {
        let plain = pattern.iter().position(|b| !is_plain(*b)).unwrap_or(pattern.len());
        let directory = pattern[..plain].iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        self.not_listed.borrow_mut().push(pattern[..directory].to_vec());
        out.push(Field::Unknown);
    }

    /// The paths that are there, in their order; `None` where that cannot be told.
    fn found_names(&self, bare: &[u8], wanted: &Wanted) -> Option<Vec<Vec<u8>>> {
        let absolute = bare.starts_with(b"/");
        let mut found: Vec<Vec<u8>> = vec![if absolute { b"/".to_vec() } else { Vec::new() }];
        let parts: Vec<&[u8]> = bare.split(|b| *b == b'/').filter(|p| !p.is_empty()).collect();
        let mut deep = false;
        let extended = self.dialect == Dialect::Zsh && self.option("extendedglob");
        for (i, part) in parts.iter().enumerate() {
            let recursive = *part == b"**" && (self.dialect == Dialect::Zsh || self.option("globstar"));
            if recursive && i + 1 < parts.len() {
                deep = true;
                found = found.iter().flat_map(|base| self.below(base, wanted, DEEPEST)).take(MOST).collect();
                continue;
            }
            if recursive && self.dialect == Dialect::Bash {
                return None;
            }
            let mut next = Vec::new();
            for base in &found {
                let negated = extended && part.starts_with(b"^");
                if !negated && !pattern::is_pattern(part, self.groups()) {
                    let path = join(base, &pattern::unescaped(part));
                    if self.system.lstat(&self.absolute(&path)).is_ok() {
                        next.push(path);
                    }
                    continue;
                }
                let directory = if base.is_empty() { b".".as_slice() } else { base };
                for name in self.system.list(&self.absolute(directory)).unwrap_or_default() {
                    let name = name.as_bytes();
                    let hidden = name.starts_with(b".") && !part.starts_with(b".") && !wanted.hidden;
                    let part = &part[usize::from(negated)..];
                    let fits = if wanted.any_case {
                        pattern::matches(&part.to_ascii_lowercase(), &name.to_ascii_lowercase(), self.groups())
                    } else {
                        pattern::matches(part, name, self.groups())
                    };
                    if fits != negated && !hidden {
                        next.push(join(base, name));
                    }
                }
            }
            next.truncate(MOST);
            found = next;
        }
        if deep {
            found.sort();
        }
        Some(found)
    }

    /// A directory, and those below it; links are not followed.
    fn below(&self, base: &[u8], wanted: &Wanted, depth: u32) -> Vec<Vec<u8>> {
        let mut out = vec![base.to_vec()];
        let directory = if base.is_empty() { b".".as_slice() } else { base };
        if depth == 0 {
            return out;
        }
        for name in self.system.list(&self.absolute(directory)).unwrap_or_default() {
            let path = join(base, name.as_bytes());
            let hidden = name.as_bytes().starts_with(b".") && !wanted.hidden;
            if !hidden
                && out.len() < MOST
                && self.system.lstat(&self.absolute(&path)).is_ok_and(|s| s.kind == Kind::Dir)
            {
                out.extend(self.below(&path, wanted, depth - 1));
            }
        }
        out
    }
}

impl Run<'_> {
    fn passes(&self, test: &Test, path: &[u8]) -> bool {
        let path = self.absolute(path);
        let stat = if test.follows { self.system.stat(&path) } else { self.system.lstat(&path) };
        let passes = stat.is_ok_and(|stat| match test.asks {
            Asks::Kind(kind) => stat.kind == kind,
            Asks::Mode(bits) => stat.mode & bits != 0,
            Asks::Program => stat.kind == Kind::File && stat.mode & 0o111 != 0,
            Asks::Full => stat.kind == Kind::Dir && self.system.list(&path).is_ok_and(|names| !names.is_empty()),
            Asks::Size(order, size) => stat.size.cmp(&size) == order,
            Asks::Age(order, unit, count) => ((self.system.now() - stat.mtime) / unit).cmp(&count) == order,
        });
        passes != test.negated
    }
}

impl Wanted {
    /// zsh's letters behind a pattern; false where one is not modelled.
    fn take(&mut self, letters: &[u8]) -> bool {
        let (mut negated, mut follows) = (false, false);
        let mut rest = letters;
        while let Some((&letter, after)) = rest.split_first() {
            rest = after;
            let asks = match letter {
                b'N' => {
                    self.nothing = !negated;
                    continue;
                }
                b'D' => {
                    self.hidden = !negated;
                    continue;
                }
                b'^' => {
                    negated = !negated;
                    continue;
                }
                b'-' => {
                    follows = !follows;
                    continue;
                }
                b'o' | b'O' => {
                    let Some((by, after)) = rest.split_first() else { return false };
                    rest = after;
                    self.order = match by {
                        b'n' => Order::Name,
                        b'N' => Order::None,
                        b'm' => Order::Age,
                        b'L' => Order::Size,
                        _ => return false,
                    };
                    self.backwards = letter == b'O';
                    continue;
                }
                b'[' => {
                    let Some(end) = rest.iter().position(|b| *b == b']') else { return false };
                    let Some(picked) = picked(&rest[..end]) else { return false };
                    (self.picked, rest) = (Some(picked), &rest[end + 1..]);
                    continue;
                }
                b':' => {
                    // Each with its colon.
                    let all: Option<Vec<u8>> = letters_of(after);
                    let Some(all) = all else { return false };
                    self.modifiers = all;
                    return true;
                }
                b'.' => Asks::Kind(Kind::File),
                b'/' => Asks::Kind(Kind::Dir),
                b'@' => Asks::Kind(Kind::Link),
                b'*' => Asks::Program,
                b'F' => Asks::Full,
                b'r' => Asks::Mode(0o400),
                b'w' => Asks::Mode(0o200),
                b'x' => Asks::Mode(0o100),
                b'R' => Asks::Mode(0o004),
                b'W' => Asks::Mode(0o002),
                b'X' => Asks::Mode(0o001),
                b'L' => {
                    let Some((order, number, after)) = compared(rest) else { return false };
                    rest = after;
                    Asks::Size(order, number)
                }
                b'm' => {
                    let unit = match rest.first() {
                        Some(b's') => 1,
                        Some(b'm') => 60,
                        Some(b'h') => 3600,
                        Some(b'w') => 7 * 86400,
                        _ => 86400,
                    };
                    rest = &rest[usize::from(matches!(rest.first(), Some(b's' | b'm' | b'h' | b'w' | b'd')))..];
                    let Some((order, number, after)) = compared(rest) else { return false };
                    rest = after;
                    let Ok(number) = i64::try_from(number) else { return false };
                    Asks::Age(order, unit, number)
                }
                _ => return false,
            };
            self.tests.push(Test { asks, negated, follows });
        }
        true
    }
}

/// `+5`, `-5`, `5`: more, less, as much; and what follows.
fn compared(text: &[u8]) -> Option<(std::cmp::Ordering, u64, &[u8])> {
    let (order, digits) = match text {
        [b'+', rest @ ..] => (std::cmp::Ordering::Greater, rest),
        [b'-', rest @ ..] => (std::cmp::Ordering::Less, rest),
        rest => (std::cmp::Ordering::Equal, rest),
    };
    let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = std::str::from_utf8(&digits[..length]).ok()?.parse().ok()?;
    Some((order, number, &digits[length..]))
}

/// `1`, `2,5`
fn picked(text: &[u8]) -> Option<(usize, usize)> {
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<usize>().ok().filter(|n| *n > 0);
    match text.iter().position(|b| *b == b',') {
        Some(comma) => Some((number(&text[..comma])?, number(&text[comma + 1..])?)),
        None => number(text).map(|n| (n, n)),
    }
}

/// The modifiers in `t:r`.
fn letters_of(text: &[u8]) -> Option<Vec<u8>> {
    let one = |part: &[u8]| match part {
        [letter] => Some(*letter),
        _ => None,
    };
    text.split(|b| *b == b':').map(one).collect()
}

/// A pattern of zsh's with the letters that stand in parentheses behind it. With a bar in them it is a group.
pub(super) fn qualifiers(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_suffix(b")")?;
    let open = inner.iter().rposition(|b| *b == b'(')?;
    let letters = &inner[open + 1..];
    let escaped = text[..open].ends_with(b"\\") || inner.ends_with(b"\\");
    (!escaped && !letters.is_empty() && !letters.contains(&b'|')).then_some((&text[..open], letters))
}

fn join(base: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = base.to_vec();
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}
