//! TOML.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{DEPTH, Entry, Fault, Kind, Lines, Node, plain, text, utf8};

/// A whole file: a map.
pub fn toml(bytes: &[u8]) -> Result<Node, Fault> {
    let whole = utf8(bytes)?;
    let lines = Lines::of(whole);
    let table = DeTable::parse(whole)
        .map_err(|e| Fault::Syntax { format: "TOML", line: e.span().map_or(1, |span| lines.line(span.start)) })?;
    Ok(Node { line: 1, kind: map(table.get_ref(), &lines, DEPTH)? })
}

fn map(table: &DeTable<'_>, lines: &Lines, depth: usize) -> Result<Kind, Fault> {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<std::borrow::Cow<'_, str>> = key;
        let line = lines.line(key.span().start);
        Ok(Entry { key: key.get_ref().to_string(), line, value: node(value, lines, depth)? })
    };
    Ok(Kind::Map(table.iter().map(entry).collect::<Result<_, _>>()?))
}

fn node(value: &Spanned<DeValue<'_>>, lines: &Lines, depth: usize) -> Result<Node, Fault> {
    let below = depth.checked_sub(1).ok_or(Fault::Deep)?;
    let kind = match value.get_ref() {
        DeValue::String(value) => text(value),
        DeValue::Integer(value) => plain(value.as_str()),
        DeValue::Float(value) => plain(value.as_str()),
        DeValue::Boolean(value) => plain(if *value { "true" } else { "false" }),
        DeValue::Datetime(value) => plain(&value.to_string()),
        DeValue::Array(array) => Kind::List(array.iter().map(|v| node(v, lines, below)).collect::<Result<_, _>>()?),
        DeValue::Table(table) => map(table, lines, below)?,
    };
    Ok(Node { line: lines.line(value.span().start), kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_lines() {
        let read = toml(b"a.K = \"v\"\n[env]\nK = 'w' # c\nN = false\nT = { A = 1,\n B = \"\"\"x\"\"\" }\n").unwrap();
        let lines = |keys: &[&str], last: &str| read.at(keys).unwrap().entry(last).unwrap().line;
        assert_eq!((lines(&["a"], "K"), lines(&["env"], "K"), lines(&["env", "T"], "B")), (1, 3, 6));
        assert_eq!(read.at(&["env", "T", "B"]).unwrap().str(), Some("x"));
        assert!(read.at(&["env", "N"]).unwrap().is(false));
    }

    #[test]
    fn broken_texts() {
        assert_eq!(toml(b"[env]\nK = \n").unwrap_err(), Fault::Syntax { format: "TOML", line: 2 });
        assert!(toml(format!("a = {}", "[".repeat(500_000)).as_bytes()).is_err());
        assert!(toml(b"a = 1\na = 2\n").is_err());
    }
}
