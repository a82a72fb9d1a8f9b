//! Node's own `--env-file`, `process.loadEnvFile` and `util.parseEnv`.
//!
//! Source: Node 22.23 and 24.9, run; 20 reads tabs, `export` and open quotes otherwise. It refuses no file, and follows no reference.

use super::loaders::{Env, Read};

const SPACE: [char; 3] = [' ', '\t', '\n'];

pub(super) fn read(bytes: &[u8], _: &Env<'_>) -> Read {
    let text = String::from_utf8_lossy(bytes).replace('\r', "");
    let mut out = Read::default();
    // What is left is always the end of this.
    let whole = text.trim_matches(SPACE);
    let lead = text.len() - text.trim_start_matches(SPACE).len();
    let mut line = 1 + newlines(&text[..lead]);
    let mut passed = 0;
    let mut rest = whole;
    while let Some(first) = rest.chars().next() {
        if matches!(first, '\n' | '#') {
            rest = below(rest);
            continue;
        }
        let Some(at) = rest.find(['=', '\n']) else { break };
        if rest[at..].starts_with('\n') {
            rest = rest[at + 1..].trim_matches(SPACE);
            continue;
        }
        let name = rest[..at].trim_matches(SPACE);
        let here = whole.len() - rest.len();
        line = line.saturating_add(newlines(&whole[passed..here]));
        passed = here;
        rest = &rest[at + 1..];
        if name.is_empty() {
            continue;
        }
        // Without a value `export` stays part of the name.
        if rest.is_empty() || rest.starts_with('\n') {
            out.push(name, "", line);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let name = name.strip_prefix("export ").map_or(name, |name| name.trim_matches(SPACE));
        rest = rest.trim_matches(SPACE);
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let closed = quote.and_then(|quote| rest[1..].find(quote)).map(|at| at + 1);
        if let Some(end) = closed {
            let inner = &rest[1..end];
            let value = if quote == Some('"') { inner.replace("\\n", "\n") } else { inner.to_owned() };
            out.push(name, value, line);
            rest = below(&rest[end + 1..]);
            continue;
        }
        let (whole, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let value = match quote {
            // An open quote is part of a value to the end of its line.
            Some(_) => whole,
            None => whole.split('#').next().unwrap_or_default().trim_matches(SPACE),
        };
        out.push(name, value, line);
        rest = after;
    }
    out
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// What comes after this line.
fn below(rest: &str) -> &str {
    rest.split_once('\n').map_or("", |(_, after)| after)
}
