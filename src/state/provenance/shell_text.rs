//! Assignments in shell text: POSIX shells, fish and csh at once, line by line.
//!
//! Seen are `export`, `declare`, `typeset`, `readonly` and plain assignments, fish's `set -x` and csh's `setenv`, also
//! after `;`, `&&`, `then` and the like. Not seen: what a quote or a backslash carries over a line's end, `eval`, and
//! whether a branch is taken, a function called or a here-document meant.

use std::ops::Range;

/// One assignment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// From 1.
    pub(crate) line: u32,
    /// `None` where it is not literal: a command or another variable gives it.
    pub(crate) value: Option<Vec<u8>>,
}

/// The assignments to a variable, in the order of the text.
pub(crate) fn assignments(text: &[u8], name: &str) -> Vec<Assignment> {
    let mut out = Vec::new();
    for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
        if !contains(line, name.as_bytes()) {
            continue;
        }
        for command in commands(line).0 {
            if let Some(word) = assigned(&command, name) {
                out.push(Assignment { line: number, value: word.literal.then_some(word.text) });
            }
        }
    }
    out
}

/// What a text that is run gives to a variable of the environment: the last assignment that is exported, unless the
/// variable is taken away behind it. A plain assignment is exported under `set -a`, by an `export` of the name, or where
/// the variable was `inherited`. Of lines for which `skip` says so nothing is seen.
pub(crate) fn exported(text: &[u8], name: &str, inherited: bool, skip: impl Fn(u32) -> bool) -> Option<Assignment> {
    if !contains(text, name.as_bytes()) {
        return None;
    }
    let (mut last, mut is_exported, mut all) = (None, inherited, false);
    for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
        // `set -a`, `setopt allexport`.
        let wanted = contains(line, name.as_bytes()) || contains(line, b"set");
        if !wanted || skip(number) {
            continue;
        }
        for command in commands(line).0 {
            let start = body(&command);
            let Some((first, rest)) = command[start..].split_first() else { continue };
            let has = |word: &[u8]| rest.iter().any(|w| w.text == word);
            // Short options, in one word or several.
            let option = |sign: u8, letter: u8| {
                rest.iter().any(|w| {
                    w.text.first() == Some(&sign) && w.text.get(1) != Some(&b'-') && w.text[1..].contains(&letter)
                })
            };
            let word = assigned(&command, name);
            let exports = match first.text.as_slice() {
                b"export" => Some(!option(b'-', b'n')),
                b"declare" | b"typeset" | b"readonly" if option(b'+', b'x') => Some(false),
                b"declare" | b"typeset" | b"readonly" => option(b'-', b'x').then_some(true),
                b"set" | b"setenv" if word.is_some() => Some(true),
                b"set" if option(b'-', b'a') || has(b"-o") && has(b"allexport") => {
                    all = true;
                    None
                }
                b"set" if option(b'+', b'a') || has(b"+o") && has(b"allexport") => {
                    all = false;
                    None
                }
                b"setopt" if has(b"allexport") || has(b"all_export") => {
                    all = true;
                    None
                }
                // In a branch or behind a condition it may not be reached.
                b"unset" | b"unsetenv" if has(name.as_bytes()) && first.at.start == 0 => {
                    (last, is_exported) = (None, false);
                    None
                }
                b"set" if has(name.as_bytes()) && option(b'-', b'e') && first.at.start == 0 => {
                    (last, is_exported) = (None, false);
                    None
                }
                _ => None,
            };
            match (word, exports) {
                (Some(word), exports) => {
                    last = Some(Assignment { line: number, value: word.literal.then_some(word.text) });
                    is_exported = exports.unwrap_or(is_exported || all);
                }
                (None, Some(exports)) if has(name.as_bytes()) => is_exported = exports,
                (None, _) => {}
            }
        }
    }
    last.filter(|_| is_exported)
}

/// The simple commands of a line, each as its words as they stand.
pub(crate) fn simple_commands(line: &[u8]) -> Vec<Vec<&[u8]>> {
    let commands = commands(line).0.into_iter();
    commands.map(|c| c[body(&c)..].iter().map(|word| &line[word.at.clone()]).collect()).collect()
}

/// Whether a text contains another.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.len() >= part.len() && text.windows(part.len()).any(|w| w == part)
}

/// Where a line gives a variable its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The simple command, in bytes of the line.
    pub(crate) command: Range<usize>,
    /// The word in it that names the variable.
    pub(crate) word: Range<usize>,
    /// Whether the command does nothing else.
    pub(crate) alone: bool,
}

/// The settings of a variable in one line, and whether anything else stands in it; `None` where the line does not end
/// what it begins: an open quote, a backslash at its end.
pub(crate) fn settings(line: &[u8], name: &str) -> Option<(Vec<Setting>, bool)> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (commands, whole) = commands(line);
    let mut found = Vec::new();
    let mut rest = false;
    for command in &commands {
        let start = body(command);
        rest |= start > 0;
        match assigned(command, name) {
            Some(word) => {
                let words = &command[start..];
                let targets = words[1..].iter().filter(|w| !w.text.starts_with(b"-")).count();
                let alone = match words[0].text.as_slice() {
                    b"export" | b"declare" | b"typeset" | b"readonly" => targets == 1,
                    b"set" | b"setenv" => true,
                    _ => words.len() == 1,
                };
                let end = words.last().map_or(word.at.end, |w| w.at.end);
                rest |= !alone;
                found.push(Setting { command: words[0].at.start..end, word: word.at, alone });
            }
            None => rest |= !command.is_empty(),
        }
    }
    whole.then_some((found, rest))
}

/// A word of a command, its quotes taken off.
#[derive(Debug, Clone)]
struct Word {
    text: Vec<u8>,
    literal: bool,
    /// In bytes of the line, quotes and all.
    at: Range<usize>,
}

/// Where the simple command begins, behind what opens a block before it.
fn body(command: &[Word]) -> usize {
    const OPENING: [&[u8]; 8] = [b"then", b"do", b"else", b"{", b"(", b"!", b"begin", b"builtin"];
    command.iter().take_while(|w| OPENING.contains(&w.text.as_slice())).count()
}

/// The value that a simple command gives to a variable of the environment.
fn assigned(command: &[Word], name: &str) -> Option<Word> {
    let start = body(command);
    let (first, rest) = command[start..].split_first()?;
    match first.text.as_slice() {
        b"export" | b"declare" | b"typeset" | b"readonly" => {
            rest.iter().rev().find_map(|word| after_equals(word, name))
        }
        b"setenv" => match rest {
            [var, value] if var.text == name.as_bytes() => Some(value.clone()),
            _ => None,
        },
        b"set" => {
            let options = rest.iter().take_while(|w| w.text.starts_with(b"-")).count();
            let exports = rest[..options]
                .iter()
                .any(|o| o.text == b"--export" || (!o.text.starts_with(b"--") && o.text.contains(&b'x')));
            match &rest[options..] {
                [var, value] if exports && var.text == name.as_bytes() => Some(value.clone()),
                _ => None,
            }
        }
        // With a command behind it, it is for that command alone.
        _ if command[start..].iter().any(|word| !word.text.contains(&b'=')) => None,
        _ => command[start..].iter().rev().find_map(|word| after_equals(word, name)),
    }
}

fn after_equals(word: &Word, name: &str) -> Option<Word> {
    let text = word.text.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?.to_vec();
    Some(Word { text, literal: word.literal, at: word.at.clone() })
}

/// The simple commands of a line, as words; a comment ends it. And whether the line ends what it begins.
fn commands(line: &[u8]) -> (Vec<Vec<Word>>, bool) {
    let mut out = Vec::new();
    let mut command = Vec::new();
    let mut word: Option<Word> = None;
    let mut whole = true;
    let mut bytes = line.iter().copied().enumerate().peekable();
    while let Some((at, b)) = bytes.next() {
        let fresh = || Word { text: Vec::new(), literal: true, at: at..at };
        match b {
            b' ' | b'\t' | b'\r' => command.extend(word.take()),
            b';' | b'&' | b'|' => {
                command.extend(word.take());
                out.push(std::mem::take(&mut command));
            }
            b'#' if word.is_none() => break,
            b'\'' => {
                let word = word.get_or_insert_with(fresh);
                let mut closed = false;
                for (_, b) in bytes.by_ref() {
                    closed = b == b'\'';
                    if closed {
                        break;
                    }
                    word.text.push(b);
                }
                whole &= closed;
            }
            b'"' => {
                let word = word.get_or_insert_with(fresh);
                let mut closed = false;
                while let Some((_, b)) = bytes.next() {
                    match b {
                        b'"' => {
                            closed = true;
                            break;
                        }
                        b'\\' => word.text.extend(bytes.next().map(|(_, b)| b)),
                        b'$' | b'`' => word.literal = false,
                        _ => word.text.push(b),
                    }
                }
                whole &= closed;
            }
            b'\\' => {
                let next = bytes.next().map(|(_, b)| b);
                whole &= next.is_some_and(|b| b != b'\r');
                word.get_or_insert_with(fresh).text.extend(next);
            }
            b'$' | b'`' => word.get_or_insert_with(fresh).literal = false,
            _ => word.get_or_insert_with(fresh).text.push(b),
        }
        if let Some(word) = &mut word {
            word.at.end = bytes.peek().map_or(line.len(), |(at, _)| *at);
        }
    }
    command.extend(word);
    out.push(command);
    (out, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        assignments(text.as_bytes(), "HF_TOKEN")
            .into_iter()
            .map(|a| format!("{}:{}", a.line, a.value.map_or("?".to_owned(), |v| String::from_utf8(v).unwrap())))
            .collect()
    }

    #[test]
    fn forms_that_assign() {
        for line in [
            "export HF_TOKEN=abc",
            "  export HF_TOKEN='abc' # why",
            "export HF_TOKEN=\"abc\"\r",
            "export \"HF_TOKEN=abc\"",
            "export A=1 HF_TOKEN=abc B=2",
            "HF_TOKEN=abc",
            "HF_TOKEN=abc; export HF_TOKEN",
            "declare -gx HF_TOKEN=abc",
            "typeset -x HF_TOKEN=abc",
            "[ -t 0 ] && export HF_TOKEN=abc",
            "if true; then export HF_TOKEN=abc; fi",
            "HF_TOKEN=a'b'\"c\"",
            "HF_TOKEN=ab\\c",
            "set -gx HF_TOKEN abc",
            "set -Ux HF_TOKEN 'abc'",
            "set --global --export HF_TOKEN abc",
            "setenv HF_TOKEN \"abc\"",
            "HF_TOKEN=zzz; HF_TOKEN=abc",
        ] {
            assert_eq!(values(line).last().map(String::as_str), Some("1:abc"), "{line}");
        }
    }

    #[test]
    fn what_reaches_the_environment() {
        // What is bash's was run by bash 5.2, `env` behind it.
        let ask = |text: &str, inherited: bool| {
            let last = exported(text.as_bytes(), "HF_TOKEN", inherited, |_| false)?;
            Some(format!("{}:{}", last.line, last.value.map_or("?".to_owned(), |v| String::from_utf8(v).unwrap())))
        };
        for (text, want) in [
            ("export HF_TOKEN=a", Some("1:a")),
            ("HF_TOKEN=a\nexport HF_TOKEN", Some("1:a")),
            ("export HF_TOKEN\nHF_TOKEN=a", Some("2:a")),
            ("set -a\nHF_TOKEN=a\nset +a", Some("2:a")),
            ("set -o allexport; HF_TOKEN=a", Some("1:a")),
            ("declare -gx HF_TOKEN=a", Some("1:a")),
            ("set -gx HF_TOKEN a", Some("1:a")),
            ("setenv HF_TOKEN a", Some("1:a")),
            ("HF_TOKEN=a", None),
            ("set -a; set +a; HF_TOKEN=a", None),
            ("declare HF_TOKEN=a", None),
            ("export HF_TOKEN=a\nunset HF_TOKEN", None),
            ("export HF_TOKEN=a\nexport -n HF_TOKEN", None),
            ("export HF_TOKEN=a\nif x; then\n  unset HF_TOKEN\nfi", Some("1:a")),
            ("unset HF_TOKEN\nexport HF_TOKEN=a", Some("2:a")),
            ("set -gx HF_TOKEN a\nset -eg HF_TOKEN", None),
        ] {
            assert_eq!(ask(text, false).as_deref(), want, "{text}");
        }
        assert_eq!(ask("HF_TOKEN=a", true).as_deref(), Some("1:a"));
    }

    #[test]
    fn forms_that_do_not() {
        for line in [
            "# export HF_TOKEN=abc",
            "echo hi # HF_TOKEN=abc",
            "HF_TOKEN=abc python train.py",
            "export MY_HF_TOKEN=abc HF_TOKEN_PATH=abc",
            "echo HF_TOKEN=abc",
            "alias x='HF_TOKEN=abc python'",
            "export HF_TOKEN",
            "unset HF_TOKEN",
            "set -g HF_TOKEN abc",
            "set -e HF_TOKEN",
            "echo 'export HF_TOKEN=abc'",
            "",
        ] {
            assert_eq!(values(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn what_is_not_literal() {
        for line in ["export HF_TOKEN=$(cat x)", "HF_TOKEN=\"$A\"", "HF_TOKEN=`pass hf`", "set -gx HF_TOKEN (cat x)$y"]
        {
            assert!(!values(line).iter().any(|v| v == "1:abc"), "{line}");
        }
        assert_eq!(values("x\nexport HF_TOKEN=$A\n"), ["2:?"]);
    }
}
