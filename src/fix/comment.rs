//! Takes lines out of a text without losing them: each stays where it is, behind a mark with the date.

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

/// The text without the settings of a variable in these lines (from 1); `None` where a line cannot be taken out alone,
/// because it is part of something longer.
///
/// Line ends stay as they are, and so does their absence at the end of the file.
pub fn out(text: &[u8], lines: &[u32], name: &str, mark: &str, kind: Text) -> Option<Vec<u8>> {
    let all: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    let mut new = Vec::with_capacity(text.len() + 64);
    for (number, line) in (1..).zip(&all) {
        if !lines.contains(&number) {
            new.extend_from_slice(line);
            continue;
        }
        let at = number as usize - 1;
        let rest = match kind {
            Text::Lines => None,
            // The line before may run on into this one.
            Text::Script if at > 0 && runs_on(all[at - 1]) => return None,
            Text::Script => rest(line, name, &all[..at], &all[at + 1..])?,
        };
        new.extend_from_slice(mark.as_bytes());
        let end: &[u8] = if line.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
        match rest {
            None => new.extend_from_slice(line),
            Some(rest) => {
                let body = line.strip_suffix(end).unwrap_or(line);
                new.extend_from_slice(body);
                new.extend_from_slice(end);
                new.extend_from_slice(&rest);
                new.extend_from_slice(&line[body.len()..]);
            }
        }
    }
    Some(new)
}

fn runs_on(line: &[u8]) -> bool {
    let line = trimmed(line);
    !line.starts_with(b"#") && line.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}

/// What of a line stays in force, without its end; the outer `None` where nobody can tell.
#[allow(clippy::option_option, reason = "not to be told, nothing, or a line")]
fn rest(line: &[u8], name: &str, before: &[&[u8]], after: &[&[u8]]) -> Option<Option<Vec<u8>>> {
    let (settings, more) = shell_text::settings(line, name)?;
    if settings.is_empty() {
        return None;
    }
    let body = line.strip_suffix(b"\n").unwrap_or(line);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    if !more {
        let indent = body.len() - body.trim_ascii_start().len();
        return Some(is_sole(before, after).then(|| [&body[..indent], b":"].concat()));
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
fn is_sole(before: &[&[u8]], after: &[&[u8]]) -> bool {
    const OPENS: [&[u8]; 4] = [b"then", b"do", b"else", b"{"];
    const CLOSES: [&[u8]; 8] = [b"fi", b"done", b"else", b"elif", b"}", b"esac", b";;", b")"];
    let counts = |line: &&&[u8]| !trimmed(line).is_empty() && !trimmed(line).starts_with(b"#");
    let last = before.iter().rev().find(counts).map(|l| trimmed(l)).unwrap_or_default();
    let word = last.rsplit(|b| b.is_ascii_whitespace() || *b == b';').next().unwrap_or_default();
    let opens = OPENS.contains(&word) || last.ends_with(b"(") || last.ends_with(b")") || last.ends_with(b"{");
    let next = after.iter().find(counts).map(|l| trimmed(l)).unwrap_or_default();
    let first = next.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let first = if first.starts_with(b";;") { &b";;"[..] } else { first.strip_suffix(b";").unwrap_or(first) };
    // `a &&` at the end of a line waits for this one.
    last.ends_with(b"&&") || last.ends_with(b"|") || opens && CLOSES.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str, lines: &[u32]) -> Option<String> {
        out(text.as_bytes(), lines, "HF_TOKEN", "# M: ", Text::Script).map(|t| String::from_utf8(t).unwrap())
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
}
