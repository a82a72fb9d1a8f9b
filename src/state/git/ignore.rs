//! Which files git ignores, as `git check-ignore` answers: `.gitignore` of each directory, `info/exclude`,
//! `core.excludesFile`.
//!
//! Source: git 2.39.5 and 2.47.3, run; `dir.c`. Written by hand on the globs that are here for `includeIf`: the `ignore`
//! crate brings a regular expression engine, and matches a pattern with a slash otherwise than git (`a**/b`).
//! `tests/integration/git_ignore.rs` compares with `git check-ignore` over trees generated anew in each run.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::config::until_nul;
use super::load::{self, Config};
use super::{glob, xdg};
use crate::system::path::{Within as _, absolute};
use crate::system::{Kind, System, TEXT_LIMIT};

/// Steps of all matches of one question together: a repository of somebody else's may hold any pattern.
const BUDGET: u32 = 5_000_000;

/// One line.
struct Pattern {
    text: Vec<u8>,
    negative: bool,
    must_be_dir: bool,
    /// Without a slash in it: it is compared with the last part of the path.
    name_only: bool,
    /// How many bytes at the start stand for themselves.
    literal: usize,
}

/// The lines of one file, and the directory (relative to the root, empty or with a slash at its end) that they are
/// about.
struct List {
    base: Vec<u8>,
    patterns: Vec<Pattern>,
}

/// Whether git ignores a file that it does not track; `None` where this cannot be told: it is not in the repository, or
/// the patterns are out of all bounds.
pub fn is_ignored(system: &dyn System, config: &Config, path: &Path) -> Option<bool> {
    let repository = config.repository.as_ref()?;
    let root = repository.root.as_ref()?;
    let relative = path.strip_prefix(root).ok()?.as_os_str().as_bytes();
    let fold = config
        .all("core", "ignorecase")
        .last()
        .is_some_and(|p| load::boolean(p.entry.value.as_deref()).unwrap_or(false));
    let read = |file: &Path, base: &[u8]| {
        let text = system.read(file, TEXT_LIMIT).ok().filter(|c| !c.truncated).map(|c| c.bytes).unwrap_or_default();
        List { base: base.to_vec(), patterns: parse(&text) }
    };
    // The weakest first: each later list is asked before it.
    let mut lists = Vec::new();
    lists.extend(excludes_file(system, config, root).map(|file| read(&file, b"")));
    lists.push(read(&repository.common_dir.join("info/exclude"), b""));
    let mut budget = BUDGET;
    let mut ask = |lists: &[List], relative: &[u8], is_dir: bool| -> Option<Option<bool>> {
        for list in lists.iter().rev() {
            for pattern in list.patterns.iter().rev() {
                let hit = fits(pattern, &list.base, relative, is_dir, fold, &mut budget);
                if budget == 0 {
                    return None;
                }
                if hit {
                    return Some(Some(!pattern.negative));
                }
            }
        }
        Some(None)
    };
    let mut dirs: Vec<usize> = vec![0];
    dirs.extend(relative.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(i, _)| i + 1));
    for end in dirs {
        let base = &relative[..end];
        // What is in an ignored directory is ignored, whatever else is said of it.
        if end > 0 && ask(&lists, &base[..end - 1], true)? == Some(true) {
            return Some(true);
        }
        let file = root.join(OsStr::from_bytes(base)).within(".gitignore");
        // A link is not followed there.
        if system.lstat(&file).is_ok_and(|s| s.kind == Kind::File) {
            lists.push(read(&file, base));
        }
    }
    Some(ask(&lists, relative, false)? == Some(true))
}

/// `core.excludesFile`; without it `$XDG_CONFIG_HOME/git/ignore`.
fn excludes_file(system: &dyn System, config: &Config, root: &Path) -> Option<PathBuf> {
    match config.all("core", "excludesfile").last() {
        Some(placed) => {
            let value = placed.entry.value.as_deref().filter(|v| !v.is_empty())?;
            // git has gone to the top of the work tree.
            load::interpolate(system, value, false).map(|path| absolute(system, &root.join(path)))
        }
        None => xdg(system, "ignore"),
    }
}

fn parse(text: &[u8]) -> Vec<Pattern> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.split(|b| *b == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#")).map(pattern).collect()
}

fn pattern(line: &[u8]) -> Pattern {
    let line = until_nul(line.strip_suffix(b"\r").unwrap_or(line).to_vec());
    let text = without_blanks(&line);
    let (negative, text) = match text {
        [b'!', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (must_be_dir, text) = match text {
        [rest @ .., b'/'] => (true, rest),
        _ => (false, text),
    };
    let literal = text.iter().position(|b| b"*?[\\".contains(b)).unwrap_or(text.len());
    Pattern { text: text.to_vec(), negative, must_be_dir, name_only: !text.contains(&b'/'), literal }
}

/// Blanks at the end go, unless a backslash stands before them.
fn without_blanks(line: &[u8]) -> &[u8] {
    let mut last = None;
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b' ' => last = last.or(Some(at)),
            b'\\' => {
                at += 1;
                if at >= line.len() {
                    return line;
                }
                last = None;
            }
            _ => last = None,
        }
        at += 1;
    }
    &line[..last.unwrap_or(line.len())]
}

fn fits(pattern: &Pattern, base: &[u8], path: &[u8], is_dir: bool, fold: bool, budget: &mut u32) -> bool {
    if pattern.must_be_dir && !is_dir {
        return false;
    }
    let same = |a: &[u8], b: &[u8]| if fold { a.eq_ignore_ascii_case(b) } else { a == b };
    let Some((head, name)) = path.split_at_checked(base.len()) else { return false };
    if !same(head, base) {
        return false;
    }
    if pattern.name_only {
        let name = name.rsplit(|b| *b == b'/').next().unwrap_or_default();
        return if pattern.literal == pattern.text.len() {
            same(&pattern.text, name)
        } else {
            glob::matches_within(&pattern.text, name, fold, budget)
        };
    }
    let (text, literal) = match pattern.text.as_slice() {
        [b'/', rest @ ..] => (rest, pattern.literal.saturating_sub(1)),
        text => (text, pattern.literal),
    };
    // git takes the literal start off both before it matches, so that a `**` behind it counts as one at the start.
    let (start, rest) = text.split_at(literal.min(text.len()));
    let Some((head, name)) = name.split_at_checked(start.len()) else { return false };
    if !same(head, start) {
        return false;
    }
    if rest.is_empty() { name.is_empty() } else { glob::matches_within(rest, name, fold, budget) }
}

/// The line of a `.gitignore` that means this file of its directory (or of one below: a relative path), and it alone.
pub fn line_for(relative: &[u8]) -> Vec<u8> {
    let mut out = b"/".to_vec();
    for (at, b) in relative.iter().enumerate() {
        if b"*?[\\".contains(b) || (*b == b' ' && at + 1 == relative.len()) {
            out.push(b'\\');
        }
        out.push(*b);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::State;
    use crate::system::fake::Fake;

    fn repository() -> Fake {
        Fake::home()
            .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
            .file("/home/u/.git/config", "")
            .file("/home/u/.git/objects/x", "")
            .file("/home/u/.git/refs/x", "")
    }

    fn ignored(fake: &Fake, path: &str) -> Option<bool> {
        let state = State::new(fake);
        is_ignored(fake, &state.git().config, Path::new(path))
    }

    #[test]
    fn the_deepest_and_last_line_counts() {
        let fake = repository()
            .file("/home/u/.gitignore", ".env*\n!.env.ci\n/build/\n")
            .file("/home/u/a/.gitignore", "!.env\n*.key\n")
            .file("/home/u/.git/info/exclude", "notes\n")
            .file("/home/u/.config/git/ignore", "*.swp\n!notes\n");
        for (path, want) in [
            (".env", true),
            (".env.local", true),
            (".env.ci", false),
            ("a/.env", false),
            ("a/.env.local", true),
            ("a/b/x.key", true),
            ("build/x", true),
            ("a/build/x", false),
            ("notes", true),
            ("x.swp", true),
            ("x", false),
        ] {
            assert_eq!(ignored(&fake, &format!("/home/u/{path}")), Some(want), "{path}");
        }
        assert_eq!(ignored(&fake, "/etc/x"), None);
    }

    #[test]
    fn a_hostile_file_ends() {
        let many = "*a*a*a*a*a*a*a*a*a*a*b\n".repeat(20_000);
        let fake = repository().file("/home/u/.gitignore", many);
        assert_eq!(ignored(&fake, &format!("/home/u/{}", "a".repeat(200))), None);
    }

    #[test]
    fn the_line_for_a_file() {
        for name in ["a b", "a*", "[x]", "a ", "#x", "!x", "\\", "a\tb", "d/.env"] {
            let line = [line_for(name.as_bytes()), b"\n".to_vec()].concat();
            let fake = repository().file("/home/u/.gitignore", String::from_utf8(line).unwrap());
            assert_eq!(ignored(&fake, &format!("/home/u/{name}")), Some(true), "{name:?}");
        }
    }
}
