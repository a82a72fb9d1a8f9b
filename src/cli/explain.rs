//! `hflint explain`: a rule's page, the list of rules, or an error text against the state here.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use clap::Args;

use super::{Error, Format, Global, Outcome, print, trouble};
use crate::explain::{LIMIT, explain, is_known};
use crate::output::{explain as shown, json, sanitize};
use crate::rules::{RULES, Rule, by_name, unknown};
use crate::shell::words::translated;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::{Kind, System};

/// Options of `explain`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// a rule's code (HF101) or name (env-shadows-login); a file with an error; an error text; - for standard input
    #[arg(value_name = "RULE|FILE|TEXT|-", conflicts_with = "list")]
    pub what: Vec<OsString>,
    /// list all rules
    #[arg(long)]
    pub list: bool,
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    if options.list {
        let text = match global.format {
            Format::Json => json::rules(RULES)?,
            Format::Text => list(),
        };
        print(&text)?;
        return Ok(0);
    }
    let typed = options.what.join(" ".as_ref());
    let typed = typed.as_bytes();
    let text = match options.what.as_slice() {
        [] if std::io::stdin().is_terminal() => {
            let why = "nothing to explain: name a rule, a file or an error text, or give one on standard input \
                       ('hflint explain --list' shows all rules)";
            return Err(Error::Usage(why.to_owned()));
        }
        [] => standard_input()?,
        [one] if one == "-" => standard_input()?,
        [one] => match single(one, system)? {
            Single::Rule(rule) => return page_of(rule, global),
            Single::Text(text) => text,
        },
        _ => typed.to_vec(),
    };
    // One word that is no known text either was meant as a rule.
    let is_word = options.what.len() == 1 && !typed.contains(&b' ') && text == typed;
    if is_word && !is_known(typed) {
        return Err(Error::Usage(unknown(&sanitize::bytes(typed))));
    }
    against_state(&text, global, system)
}

/// What one word means.
enum Single {
    Rule(&'static Rule),
    Text(Vec<u8>),
}

fn single(word: &OsString, system: &dyn System) -> Result<Single, Error> {
    if let Some(rule) = word.to_str().and_then(by_name) {
        return Ok(Single::Rule(rule));
    }
    let path = Path::new(word);
    // What is too long for a path, or holds a line end, is a text without a look at the disk.
    let bytes = word.as_bytes();
    let is_name = bytes.len() < 4096 && !bytes.contains(&b'\n');
    match system.stat(path) {
        Ok(stat) if is_name && stat.kind == Kind::File => {
            let named = sanitize::bytes(bytes);
            let content = system.read(path, LIMIT).map_err(|why| Error::Usage(format!("{named}: {why}")))?;
            if content.truncated {
                let size = LIMIT / 1024 / 1024;
                trouble(&format!(
                    "{named}: only its first {size} MiB were read; 'tail -c {size}M FILE | hflint explain' reads the end"
                ));
            }
            Ok(Single::Text(content.bytes))
        }
        Ok(_) if is_name => Err(Error::Usage(format!(
            "{}: is not a regular file; 'hflint explain - < FILE' reads it",
            sanitize::bytes(bytes)
        ))),
        _ if is_name && bytes.contains(&b'/') && !bytes.contains(&b' ') && !bytes.contains(&b':') => {
            let why = system.stat(path).err().map_or_else(String::new, |why| format!(": {why}"));
            Err(Error::Usage(format!("{}{why}", sanitize::bytes(bytes))))
        }
        _ => Ok(Single::Text(bytes.to_vec())),
    }
}

/// Standard input to its end; of more than the limit, its beginning and its end.
fn standard_input() -> Result<Vec<u8>, Error> {
    ends(&mut std::io::stdin().lock(), LIMIT).map_err(|why| Error::Usage(format!("standard input: {why}")))
}

/// All of a stream, or its first and its last half of so many bytes: an error stands at the end, its cause may stand at
/// the beginning.
fn ends(from: &mut dyn Read, limit: usize) -> std::io::Result<Vec<u8>> {
    let half = limit / 2;
    let mut text = Vec::new();
    from.take(limit as u64).read_to_end(&mut text)?;
    if text.len() < limit {
        return Ok(text);
    }
    let mut tail = text.split_off(half);
    let mut block = vec![0; 1 << 16];
    loop {
        match from.read(&mut block) {
            Ok(0) => break,
            Ok(n) => tail.extend_from_slice(&block[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
        if tail.len() > 2 * half {
            tail.drain(..tail.len() - half);
        }
    }
    tail.drain(..tail.len().saturating_sub(half));
    text.push(b'\n');
    text.append(&mut tail);
    Ok(text)
}

/// Explains a text; 1 where nothing in it was recognised.
fn against_state(text: &[u8], global: &Global, system: &dyn System) -> Outcome {
    let config = global.load(system, crate::config::Overrides::default())?;
    let snapshot = Snapshot::new(State::new(system)).with_config(config);
    let mut explained = explain(text, &snapshot);
    match global.format {
        Format::Json => print(&shown::json(&explained)?)?,
        Format::Text => {
            if let Some(shell) = system.parent() {
                for help in explained.causes.iter_mut().filter_map(|c| c.help.as_mut()) {
                    help.command = translated(&help.command, &shell);
                }
            }
            print(&shown::text(&explained, &snapshot.state, global.verbose))?;
        }
    }
    Ok(u8::from(explained.causes.is_empty()))
}

fn page_of(rule: &'static Rule, global: &Global) -> Outcome {
    let text = match global.format {
        Format::Json => json::rules(&[rule])?,
        Format::Text => format!(
            "# {code} {}\n\n{}\n\n{}\n## To accept it\n`hflint ignore {code}` accepts what it finds here, until that changes; \
             with `--here`, in this directory alone.\n",
            rule.name,
            rule.summary,
            page(rule.page),
            code = rule.code,
        ),
    };
    print(&text)?;
    Ok(0)
}

/// Doc comments begin each line with a blank.
fn page(doc: &str) -> String {
    doc.lines().fold(String::new(), |mut out, line| {
        out.push_str(line.strip_prefix(' ').unwrap_or(line));
        out.push('\n');
        out
    })
}

fn list() -> String {
    let width = RULES.iter().map(|r| r.name.len()).max().unwrap_or(0);
    RULES.iter().fold(String::new(), |mut out, r| {
        let _ = writeln!(
            out,
            "{}  {:width$}  {:7}  {:6}  {:12}  {}",
            r.code,
            r.name,
            r.severity.word(),
            r.when.word(),
            r.fix.map_or("-", crate::finding::Applicability::word),
            r.summary
        );
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_stream_both_ends_are_kept() {
        let text: Vec<u8> = (0..500_000_u32).flat_map(|n| format!("{n:08}\n").into_bytes()).collect();
        assert_eq!(ends(&mut text.as_slice(), text.len() + 1).unwrap(), text);
        let cut = ends(&mut text.as_slice(), 9_000).unwrap();
        assert!(cut.starts_with(b"00000000\n") && cut.ends_with(b"00499999\n"));
        assert_eq!(cut.len(), 9_001);
    }
}
