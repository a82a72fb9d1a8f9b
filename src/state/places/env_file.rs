//! Files of `NAME=value` as systemd reads them: `environment.d` and `EnvironmentFile=`.
//!
//! Source: systemd 252, whose `30-systemd-environment-d-generator` was run on each form of the test below.

use std::collections::BTreeSet;

use super::Cure;
use crate::secret::Token;

/// One assignment.
#[derive(Debug)]
pub(super) struct Assignment {
    /// From 1: where the name stands.
    pub(super) line: u32,
    /// Where the value ends.
    pub(super) last: u32,
    pub(super) name: String,
    /// Its quotes and escapes undone; what refers to other variables still does.
    pub(super) value: Token,
}

/// Where in an assignment the reading is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Key,
    Comment,
    /// Before the value, or behind a quoted part of it.
    Before,
    Value,
    Single,
    Double,
}

/// The assignments of a text, in its order, of each name the last; what is none is passed over, as systemd does after it complained.
pub(super) fn env_file(text: &[u8]) -> Vec<Assignment> {
    let mut out = Vec::new();
    let (mut at, mut line, mut start) = (At::Key, 1u32, 1u32);
    let (mut key, mut value) = (Vec::new(), Vec::new());
    // Blanks at the end of what is not quoted do not count.
    let mut solid = 0;
    let mut bytes = text.iter().copied().peekable();
    loop {
        let next = bytes.next();
        let ends = matches!(next, None | Some(b'\n' | b'\r'));
        match (at, next) {
            (At::Key | At::Comment, _) if ends => at = At::Key,
            (At::Before | At::Value, _) if ends => {
                value.truncate(solid);
                push(&mut out, (start, line), &key, &value);
                at = At::Key;
            }
            // A quote that is never closed: what stands before the end counts.
            (At::Single | At::Double, None) => push(&mut out, (start, line), &key, &value),
            (At::Key, Some(b'#' | b';')) if key.is_empty() => at = At::Comment,
            (At::Key, Some(b' ' | b'\t')) if key.is_empty() => {}
            (At::Key, Some(b'=')) => {
                (at, start, solid) = (At::Before, line, 0);
                value.clear();
            }
            (At::Key, Some(b)) => key.push(b),
            (At::Comment, Some(b'\\')) => line += u32::from(bytes.next() == Some(b'\n')),
            (At::Comment, Some(_))
            | (At::Before, Some(b' ' | b'\t'))
            | (At::Key | At::Comment | At::Before | At::Value, None) => {}
            (At::Before, Some(b'\'')) => at = At::Single,
            (At::Before, Some(b'"')) => at = At::Double,
            (At::Single, Some(b'\'')) | (At::Double, Some(b'"')) => at = At::Before,
            (At::Before | At::Value, Some(b'\\')) => {
                at = At::Value;
                match bytes.next() {
                    Some(b'\n') => line += 1,
                    Some(b) => {
                        value.push(b);
                        solid = value.len();
                    }
                    None => {}
                }
            }
            (At::Before | At::Value, Some(b)) => {
                at = At::Value;
                value.push(b);
                if !b.is_ascii_whitespace() {
                    solid = value.len();
                }
            }
            (At::Double, Some(b'\\')) => {
                match bytes.next() {
                    Some(b @ (b'"' | b'\\' | b'`' | b'$')) => value.push(b),
                    Some(b'\n') => line += 1,
                    Some(b) => value.extend([b'\\', b]),
                    None => {}
                }
                solid = value.len();
            }
            (At::Single | At::Double, Some(b)) => {
                value.push(b);
                solid = value.len();
            }
        }
        if at == At::Key && ends {
            key.clear();
        }
        line += u32::from(next == Some(b'\n'));
        if next.is_none() {
            return last_of_each(out);
        }
    }
}

/// Of one name the last counts.
fn last_of_each(all: Vec<Assignment>) -> Vec<Assignment> {
    let mut names = BTreeSet::new();
    let mut out: Vec<Assignment> = all.into_iter().rev().filter(|a| names.insert(a.name.clone())).collect();
    out.reverse();
    out
}

impl Assignment {
    /// A value over several lines is no line to comment out.
    pub(super) fn cure(&self) -> Cure {
        if self.last == self.line { Cure::CommentLine } else { Cure::Edit }
    }
}

fn push(out: &mut Vec<Assignment>, (line, last): (u32, u32), key: &[u8], value: &[u8]) {
    let Ok(name) = std::str::from_utf8(key.trim_ascii_end()) else { return };
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(letters) {
        out.push(Assignment { line, last, name: name.to_owned(), value: Token::new(value.to_vec()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the generator of systemd 252 made of the same lines, its expansion of `$` undone.
    #[test]
    fn as_systemd_reads_it() {
        for (text, wanted) in [
            ("A=plain # not comment", &["A=plain # not comment"][..]),
            ("A=\"quoted\" tail", &["A=quotedtail"]),
            ("A='single $HOME'", &["A=single $HOME"]),
            ("A4 = spaced", &["A4=spaced"]),
            ("export A5=x", &[]),
            ("A7=\"esc\\\"a\\$b\\\\c\\n\"", &["A7=esc\"a$b\\c\\n"]),
            ("A8=un\\quo\\ ted", &["A8=unquo ted"]),
            ("A9=cont\\\ninued", &["A9=continued"]),
            ("A10='a'\"b\"c", &["A10=abc"]),
            ("  A15=indented", &["A15=indented"]),
            ("A16=\"multi\nline\"", &["A16=multi\nline"]),
            ("A17=trail   ", &["A17=trail"]),
            ("A19=a\"b\"", &["A19=a\"b\""]),
            ("1A=x", &[]),
            ("A21='a\\'b'", &["A21=a\\b'"]),
            ("A22=#x", &["A22=#x"]),
            ("# A=x\n; B=y\n#c\\\nD=z\nE=1", &["E=1"]),
            ("A=1\r\nB=2\r\n", &["A=1", "B=2"]),
            ("no assignment\nA=1", &["A=1"]),
            ("A='open", &["A=open"]),
            ("", &[]),
        ] {
            let told = |a: Assignment| format!("{}={}", a.name, String::from_utf8_lossy(a.value.bytes()));
            let got: Vec<String> = env_file(text.as_bytes()).into_iter().map(told).collect();
            assert_eq!(got, wanted, "{text}");
        }
        let lines: Vec<u32> = env_file(b"A=\"x\ny\"\n\nB=\\\nc\nD=1").into_iter().map(|a| a.line).collect();
        assert_eq!(lines, [1, 4, 6]);
        let whole: Vec<bool> =
            env_file(b"A=\"x\ny\"\nB=\\\nc\nD=1").iter().map(|a| a.cure() == Cure::CommentLine).collect();
        assert_eq!(whole, [false, false, true]);
    }
}
