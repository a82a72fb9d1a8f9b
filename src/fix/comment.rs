//! Takes lines out of a text without losing them: each stays where it is, behind a mark with the date.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::config::Date;
use crate::state::provenance::shell_text;

/// What a line is taken out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// A script: what else stands in the line stays, and no block is left without a command.
    Script,
    /// One setting a line (`.env`, TOML, an INI file).
    Lines,
}

/// The mark before a line that was taken out.
pub fn mark(now: i64) -> String {
    format!("# hflint {}: ", Date::of(now))
}

/// The mark at the start of a line, and what stands behind it.
pub fn marked(line: &[u8]) -> Option<(&[u8], &[u8])> {
    const DATE: usize = "YYYY-MM-DD: ".len();
    let rest = line.strip_prefix(b"# hflint ")?;
    let is_date = rest.get(..DATE)?.iter().zip(b"0000-00-00: ").all(|(b, form)| match form {
        b'0' => b.is_ascii_digit(),
        form => b == form,
    });
    is_date.then(|| line.split_at(line.len() - rest.len() + DATE))
}

/// A text from which settings were taken out.
#[derive(Debug)]
pub struct Out<'n> {
    /// What is left.
    pub text: Vec<u8>,
    /// The settings that stay, line and variable: they are part of something longer.
    pub held: Vec<(u32, &'n str)>,
    /// Whether every line that was taken out went as a whole.
    pub whole: bool,
    /// Of each line that is left, which one of the old text it was.
    origin: Vec<u32>,
}

impl Out<'_> {
    /// Which line of the old text (from 1) a line of the new one was: one that is kept in part becomes two.
    pub fn origin(&self, line: u32) -> u32 {
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        self.origin.get(at).copied().unwrap_or(line)
    }
}

/// The text without these settings: line (from 1) and variable. What cannot be taken out alone stays, and keeps nothing
/// else from going.
///
/// Line ends stay as they are, and so does their absence at the end of the file.
pub fn out<'n>(text: &[u8], settings: &[(u32, &'n str)], mark: &str, kind: Text) -> Out<'n> {
    let all: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    let mut new: Vec<Cow<'_, [u8]>> = all.iter().map(|line| Cow::Borrowed(*line)).collect();
    let mut twice = BTreeSet::new();
    let mut out = Out { text: Vec::new(), held: Vec::new(), whole: true, origin: Vec::new() };
    // From the end: whether a block is left without a command hangs on what is left of the lines below.
    let mut lines: Vec<u32> = settings.iter().map(|(line, _)| *line).collect();
    lines.sort_unstable();
    lines.dedup();
    for number in lines.into_iter().rev() {
        let at = (number as usize).wrapping_sub(1);
        let Some(line) = all.get(at) else { continue };
        let names: Vec<&'n str> = settings.iter().filter(|(n, _)| *n == number).map(|(_, name)| *name).collect();
        let (before, after) = (&all[..at], &new[at + 1..]);
        let held = out.held.len();
        let rest = match kind {
            Text::Lines => None,
            // The line before may run on into this one.
            Text::Script if at > 0 && runs_on(all[at - 1]) => {
                out.held.extend(names.iter().map(|name| (number, *name)));
                continue;
            }
            Text::Script => {
                let mut rest = Some(body(line).to_vec());
                for name in &names {
                    match rest.as_deref().map(|line| without(line, name)) {
                        Some(Some(less)) => rest = less,
                        Some(None) => out.held.push((number, name)),
                        None => {}
                    }
                }
                if out.held.len() - held == names.len() {
                    continue;
                }
                rest.or_else(|| is_sole(before, after).then(|| [indent(body(line)), b":"].concat()))
            }
        };
        let mut changed = mark.as_bytes().to_vec();
        match rest {
            None => changed.extend_from_slice(line),
            Some(rest) => {
                let (body, end) = (body(line), if line.ends_with(b"\r\n") { &b"\r\n"[..] } else { b"\n" });
                changed.extend_from_slice(body);
                changed.extend_from_slice(end);
                changed.extend_from_slice(&rest);
                changed.extend_from_slice(&line[body.len()..]);
                twice.insert(number);
                out.whole = false;
            }
        }
        new[at] = Cow::Owned(changed);
    }
    out.held.reverse();
    out.text = new.concat();
    for number in (1_u32..).take(all.len()) {
        out.origin.extend(std::iter::repeat_n(number, if twice.contains(&number) { 2 } else { 1 }));
    }
    out
}

fn runs_on(line: &[u8]) -> bool {
    let line = trimmed(line);
    !line.starts_with(b"#") && line.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}

/// A line without its end.
fn body(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn indent(body: &[u8]) -> &[u8] {
    &body[..body.len() - body.trim_ascii_start().len()]
}

/// What of a line stays in force, without its end; the outer `None` where nobody can tell.
#[allow(clippy::option_option, reason = "not to be told, nothing, or a line")]
fn without(body: &[u8], name: &str) -> Option<Option<Vec<u8>>> {
    let (settings, more) = shell_text::settings(body, name)?;
    if settings.is_empty() {
        return None;
    }
    if !more {
        return Some(None);
    }
    let mut out = Vec::new();
    let mut done = 0;
    for setting in &settings {
        // `:` does nothing in bash, zsh, fish and csh alike, and keeps `then`, `&&` and `{` complete.
        let (cut, instead): (_, &[u8]) = if setting.alone {
            (setting.command.clone(), b":")
        } else {
            let blanks = body[..setting.word.start].iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
            (setting.word.start - blanks..setting.word.end, b"")
        };
        out.extend_from_slice(body.get(done..cut.start)?);
        out.extend_from_slice(instead);
        done = cut.end;
    }
    out.extend_from_slice(body.get(done..)?);
    // The first word of a line leaves no blank behind.
    Some(Some(out))
}

/// Whether a block would be left without a command, which no POSIX shell takes.
fn is_sole(before: &[&[u8]], after: &[Cow<'_, [u8]>]) -> bool {
    const OPENS: [&[u8]; 4] = [b"then", b"do", b"else", b"{"];
    const CLOSES: [&[u8]; 8] = [b"fi", b"done", b"else", b"elif", b"}", b"esac", b";;", b")"];
    let counts = |line: &&[u8]| !line.is_empty() && !line.starts_with(b"#");
    let last = before.iter().rev().map(|l| trimmed(l)).find(counts).unwrap_or_default();
    let word = last.rsplit(|b| b.is_ascii_whitespace() || *b == b';').next().unwrap_or_default();
    let opens = OPENS.contains(&word) || last.ends_with(b"(") || last.ends_with(b")") || last.ends_with(b"{");
    let mut below = after.iter().flat_map(|l| l.split(|b| *b == b'\n'));
    let next = below.find_map(|l| Some(trimmed(l)).filter(counts)).unwrap_or_default();
    let first = next.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let first = if first.starts_with(b";;") { &b";;"[..] } else { first.strip_suffix(b";").unwrap_or(first) };
    // `a &&` at the end of a line waits for this one.
    last.ends_with(b"&&") || last.ends_with(b"|") || opens && CLOSES.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str, lines: &[u32]) -> Option<String> {
        let settings: Vec<_> = lines.iter().map(|line| (*line, "HF_TOKEN")).collect();
        let out = out(text.as_bytes(), &settings, "# M: ", Text::Script);
        assert!(out.held.is_empty() || out.text == text.as_bytes(), "{out:?}");
        out.held.is_empty().then(|| String::from_utf8(out.text).unwrap())
    }

    #[test]
    fn a_line_of_its_own() {
        for (text, lines, want) in [
            ("a\nexport HF_TOKEN=x\nb\n", &[2][..], "a\n# M: export HF_TOKEN=x\nb\n"),
            ("export HF_TOKEN=x", &[1], "# M: export HF_TOKEN=x"),
            ("a\r\nHF_TOKEN='x y'\r\nb", &[2], "a\r\n# M: HF_TOKEN='x y'\r\nb"),
            ("  set -gx HF_TOKEN x # mine\n", &[1], "# M:   set -gx HF_TOKEN x # mine\n"),
            ("setenv HF_TOKEN x\nsetenv HF_TOKEN x\n", &[1, 2], "# M: setenv HF_TOKEN x\n# M: setenv HF_TOKEN x\n"),
        ] {
            assert_eq!(script(text, lines).as_deref(), Some(want), "{text:?}");
        }
    }

    #[test]
    fn what_else_stands_there_stays() {
        for (line, rest) in [
            ("export A=1 HF_TOKEN=x", "export A=1"),
            ("export HF_TOKEN=\"x y\" A=1", "export A=1"),
            ("HF_TOKEN=x A=2", " A=2"),
            ("a; export HF_TOKEN=x; b", "a; :; b"),
            ("[ -n \"$X\" ] && export HF_TOKEN=x", "[ -n \"$X\" ] && :"),
            ("if true; then export HF_TOKEN=x; fi", "if true; then :; fi"),
            ("{ export HF_TOKEN=x; }", "{ :; }"),
        ] {
            assert_eq!(script(&format!("{line}\r\n"), &[1]), Some(format!("# M: {line}\r\n{rest}\r\n")));
            assert_eq!(script(line, &[1]), Some(format!("# M: {line}\n{rest}")));
        }
    }

    #[test]
    fn no_block_is_left_empty() {
        let text = "if x; then\n\n  export HF_TOKEN=x\n  # c\nfi\n";
        assert_eq!(script(text, &[3]).as_deref(), Some("if x; then\n\n# M:   export HF_TOKEN=x\n  :\n  # c\nfi\n"));
        let two = "f() {\nexport HF_TOKEN=x\necho\n}\n";
        assert_eq!(script(two, &[2]).as_deref(), Some("f() {\n# M: export HF_TOKEN=x\necho\n}\n"));
        let and = "true &&\nexport HF_TOKEN=x\n";
        assert_eq!(script(and, &[2]).as_deref(), Some("true &&\n# M: export HF_TOKEN=x\n:\n"));
    }

    #[test]
    fn what_runs_on_is_left_alone() {
        for text in ["export HF_TOKEN=x \\\n  A=1\n", "export HF_TOKEN='x\ny'\n", "export HF_TOKEN=\"x\n"] {
            assert_eq!(script(text, &[1]), None, "{text:?}");
        }
        assert_eq!(script("export A=1 \\\n  HF_TOKEN=x\n", &[2]), None);
        assert_eq!(script("export A=1\n", &[1]), None, "sets another");
    }

    #[test]
    fn a_mark_is_known_again() {
        let mark = mark(1_800_000_000);
        let line = mark.clone() + "a";
        assert_eq!(marked(line.as_bytes()), Some((mark.as_bytes(), &b"a"[..])));
        for other in ["# hflint 2026-11-2x: a", "# hflint 2026-11-22", "# hflint: a", "# a", ""] {
            assert_eq!(marked(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_stays_keeps_nothing_else_from_going() {
        let text =
            "export HF_TOKEN=x \\\n  A=1\nif y; then\n  export HF_TOKEN=x\n  HF_TOKEN=z\nfi\na; export HF_TOKEN=x\n";
        let settings = [1, 4, 5, 7].map(|line| (line, "HF_TOKEN"));
        let out = out(text.as_bytes(), &settings, "# M: ", Text::Script);
        assert_eq!(
            String::from_utf8(out.text.clone()).unwrap(),
            "export HF_TOKEN=x \\\n  A=1\nif y; then\n# M:   export HF_TOKEN=x\n  :\n# M:   HF_TOKEN=z\nfi\n# M: a; export HF_TOKEN=x\na; :\n"
        );
        assert_eq!((out.held.as_slice(), out.whole), (&[(1, "HF_TOKEN")][..], false));
        assert_eq!([1, 3, 4, 5, 6, 8, 9, 99].map(|line| out.origin(line)), [1, 3, 4, 4, 5, 7, 7, 99]);
    }

    #[test]
    fn two_variables_in_one_line() {
        for (line, want) in [
            ("export HF_TOKEN=x OLD=y", "# M: export HF_TOKEN=x OLD=y"),
            ("export HF_TOKEN=x A=1 OLD=y", "# M: export HF_TOKEN=x A=1 OLD=y\nexport A=1"),
            ("HF_TOKEN=x; OLD=y", "# M: HF_TOKEN=x; OLD=y\n:; :"),
        ] {
            let out = out(line.as_bytes(), &[(1, "HF_TOKEN"), (1, "OLD")], "# M: ", Text::Script);
            assert_eq!((String::from_utf8(out.text).unwrap().as_str(), out.held.len()), (want, 0));
        }
    }
}
