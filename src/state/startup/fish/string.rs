//! `string`: what it prints, and how it ends.

use crate::state::startup::posix::pattern::{self, Groups};
use crate::state::startup::tools::{Printed, lines};

/// `string SUBCOMMAND …`, with the options that start-up files use; `None` for any other.
pub(super) fn run(arguments: &[&[u8]], input: Option<&[u8]>) -> Option<Printed> {
    let (sub, rest) = arguments.split_first()?;
    let (mut quiet, mut invert, mut regex, mut all) = (false, false, false, false);
    let (mut most, mut chars): (Option<usize>, Option<&[u8]>) = (None, None);
    let mut rest = rest;
    let number = |b: &[u8]| std::str::from_utf8(b).ok()?.parse::<usize>().ok();
    while let [option, more @ ..] = rest {
        if !option.starts_with(b"-") || option.len() < 2 || *sub == b"join" && !matches!(*option, b"-q" | b"--") {
            break;
        }
        rest = more;
        match *option {
            b"--" => break,
            b"-q" | b"--quiet" => quiet = true,
            b"-v" | b"--invert" => invert = true,
            b"-r" | b"--regex" => regex = true,
            b"-a" | b"--all" => all = true,
            b"-m" | b"--max" => {
                let (n, more) = rest.split_first()?;
                (most, rest) = (Some(number(n)?), more);
            }
            b"-c" | b"--chars" => {
                let (value, more) = rest.split_first()?;
                (chars, rest) = (Some(*value), more);
            }
            _ => {
                if let Some(n) = option.strip_prefix(b"-m").or_else(|| option.strip_prefix(b"--max=")) {
                    most = Some(number(n)?);
                } else if let Some(value) = option.strip_prefix(b"--chars=").or_else(|| option.strip_prefix(b"-c")) {
                    chars = Some(value);
                } else {
                    return None;
                }
            }
        }
    }
    if regex {
        return None;
    }
    let operands = match *sub {
        b"split" | b"match" | b"join" => 1,
        b"replace" => 2,
        _ => 0,
    };
    let (fixed, words) = rest.split_at_checked(operands)?;
    // Options may also end behind the first operand.
    let words = words.strip_prefix(&[b"--".as_slice()]).unwrap_or(words);
    let texts: Vec<&[u8]> = if words.is_empty() { lines(input?).collect() } else { words.to_vec() };
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut success = false;
    match *sub {
        b"trim" => {
            let chars = chars.unwrap_or(b" \t\n\r\x0b\x0c");
            for text in texts {
                let start = text.iter().take_while(|b| chars.contains(b)).count();
                let end = text[start..].iter().rev().take_while(|b| chars.contains(b)).count();
                success |= start + end > 0;
                out.push(text[start..text.len() - end].to_vec());
            }
        }
        b"lower" | b"upper" => {
            for text in texts {
                let new = if *sub == b"lower" { text.to_ascii_lowercase() } else { text.to_ascii_uppercase() };
                success |= new != text;
                out.push(new);
            }
        }
        b"length" => {
            for text in texts {
                success |= !text.is_empty();
                out.push(std::str::from_utf8(text).ok()?.chars().count().to_string().into_bytes());
            }
        }
        b"join" => {
            success = texts.len() > 1;
            out.push(texts.join(fixed[0]));
        }
        b"split" if !fixed[0].is_empty() => {
            for text in texts {
                let mut rest = text;
                let mut left = most.unwrap_or(usize::MAX);
                while left > 0
                    && let Some(at) = rest.windows(fixed[0].len()).position(|w| w == fixed[0])
                {
                    out.push(rest[..at].to_vec());
                    rest = &rest[at + fixed[0].len()..];
                    left -= 1;
                    success = true;
                }
                out.push(rest.to_vec());
            }
        }
        b"match" => {
            for text in texts {
                if pattern::matches(fixed[0], text, Groups::None) != invert {
                    success = true;
                    out.push(text.to_vec());
                }
            }
        }
        b"replace" if !fixed[0].is_empty() => {
            for text in texts {
                let mut new = Vec::new();
                let mut rest = text;
                while let Some(at) = rest.windows(fixed[0].len()).position(|w| w == fixed[0]) {
                    new.extend_from_slice(&rest[..at]);
                    new.extend_from_slice(fixed[1]);
                    rest = &rest[at + fixed[0].len()..];
                    success = true;
                    if !all {
                        break;
                    }
                }
                new.extend_from_slice(rest);
                out.push(new);
            }
        }
        _ => return None,
    }
    let text = if quiet { Vec::new() } else { out.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect() };
    Some(Printed { text, success, unordered: false })
}
