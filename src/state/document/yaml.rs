//! YAML, read as events: an alias is a copy of what it names within a budget, so that a bomb ends.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{DEPTH, Entry, Fault, Kind, Node, plain, text, utf8};

/// Values that all aliases together may unfold to.
const UNFOLDED: usize = 100_000;

/// The documents of a file.
///
/// A plain scalar that YAML 1.2's core schema takes for a number, a truth value or nothing is no text; merge keys
/// (`<<`) are followed, as compose and GitLab do.
pub fn yaml(bytes: &[u8]) -> Result<Vec<Node>, Fault> {
    let whole = utf8(bytes)?;
    let mut builder = Builder { open: Vec::new(), anchors: BTreeMap::new(), unfolded: 0, documents: Vec::new() };
    for event in Parser::new_from_str(whole) {
        let (event, span) = event.map_err(|e| Fault::Syntax { format: "YAML", line: number(e.marker().line()) })?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).max(1)
}

struct Open {
    line: u32,
    anchor: usize,
    items: Vec<Node>,
    map: bool,
}

struct Builder {
    open: Vec<Open>,
    /// With the number of values in each.
    anchors: BTreeMap<usize, (Node, usize)>,
    unfolded: usize,
    documents: Vec<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let line = number(span.start.line());
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                // `!reference [a, b]` of GitLab and the like stay what they are: a text or a list.
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                let kind = if is_plain { plain_scalar(&value) } else { text(&value) };
                self.put(Node { line, kind }, anchor);
            }
            Event::SequenceStart(anchor, _) => self.begin(line, anchor, false)?,
            Event::MappingStart(anchor, _) => self.begin(line, anchor, true)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(done) = self.open.pop() {
                    let kind = if done.map { Kind::Map(pairs(done.items)) } else { Kind::List(done.items) };
                    self.put(Node { line: done.line, kind }, done.anchor);
                }
            }
            Event::Alias(anchor) => {
                // One inside what it names has no value yet, and no parser of the owners takes it.
                let (node, size) = self.anchors.get(&anchor).ok_or(Fault::Aliases)?;
                self.unfolded += size;
                if self.unfolded > UNFOLDED {
                    return Err(Fault::Aliases);
                }
                let node = node.clone();
                self.put(node, 0);
            }
            Event::DocumentStart(_) => {
                self.open.clear();
                self.anchors.clear();
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, line: u32, anchor: usize, map: bool) -> Result<(), Fault> {
        if self.open.len() >= DEPTH {
            return Err(Fault::Deep);
        }
        self.open.push(Open { line, anchor, items: Vec::new(), map });
        Ok(())
    }

    fn put(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.documents.push(node),
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Map(entries) => 1 + entries.iter().map(|e| 1 + size(&e.value)).sum::<usize>(),
        _ => 1,
    }
}

/// Keys and values by turns. What a merge key brings stands first, so that the map's own keys count.
fn pairs(items: Vec<Node>) -> Vec<Entry> {
    let mut own = Vec::with_capacity(items.len() / 2);
    let mut merged = Vec::new();
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        let name = key.scalar().map(|k| String::from_utf8_lossy(k.bytes()).into_owned());
        match (name, value.kind) {
            (Some(name), Kind::Map(entries)) if name == "<<" => merged.splice(0..0, entries).for_each(drop),
            (Some(name), Kind::List(maps)) if name == "<<" => {
                for map in maps {
                    if let Kind::Map(entries) = map.kind {
                        merged.splice(0..0, entries).for_each(drop);
                    }
                }
            }
            (Some(key_text), kind) => {
                own.push(Entry { key: key_text, line: key.line, value: Node { line: value.line, kind } });
            }
            (None, _) => {}
        }
    }
    merged.append(&mut own);
    merged
}

/// Source: YAML 1.2.2, section 10.3.2 (core schema); `yes` and `no` are texts there and truths to older parsers, which
/// makes no difference to a token.
fn plain_scalar(value: &str) -> Kind {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => plain("true"),
        "false" | "False" | "FALSE" => plain("false"),
        _ if value.bytes().next().is_some_and(|b| b.is_ascii_digit() || b"+-.".contains(&b))
            && (value.parse::<f64>().is_ok() || value.starts_with("0x") || value.starts_with("0o")) =>
        {
            plain(value)
        }
        _ => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        yaml(text.as_bytes()).unwrap().remove(0)
    }

    #[test]
    fn values_and_lines() {
        let read = one("# c\na:\n  K: v # c\n  Q: \"w\\n\"\n  N:\n  B: true\n  T: 'true'\nl:\n  - K=v\n  - 1\n");
        let key = read.get("a").unwrap().entry("K").unwrap();
        assert_eq!((key.line, key.value.str()), (3, Some("v")));
        assert_eq!(read.at(&["a", "Q"]).unwrap().str(), Some("w\n"));
        assert!(matches!(read.at(&["a", "N"]).unwrap().kind, Kind::Null));
        assert!(read.at(&["a", "B"]).unwrap().is(true) && !read.at(&["a", "T"]).unwrap().is(true));
        assert_eq!(read.get("l").unwrap().items()[0].line, 9);
        assert_eq!(yaml(b"a: 1\n---\nb: 2\n").unwrap().len(), 2);
        assert!(yaml(b"").unwrap().is_empty());
    }

    #[test]
    fn aliases_and_merges() {
        let read = one("x: &e {K: v, M: m}\na:\n  <<: *e\n  K: own\nb:\n  <<: [*e, {M: late}]\nc: *e\n");
        assert_eq!(read.at(&["a", "K"]).unwrap().str(), Some("own"));
        assert_eq!(read.at(&["b", "M"]).unwrap().str(), Some("m"), "the first of several counts");
        assert_eq!(read.at(&["c", "M"]).unwrap().str(), Some("m"));
    }

    #[test]
    fn broken_texts() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            let alias = format!("*a{}", i - 1);
            bomb += &[&format!("a{i}: &a{i} ["), [alias.as_str(); 10].join(", ").as_str(), "]\n"].concat();
        }
        assert_eq!(yaml(bomb.as_bytes()).unwrap_err(), Fault::Aliases);
        assert_eq!(yaml(b"a: &a [*a]\n").unwrap_err(), Fault::Aliases);
        assert_eq!(yaml(b"a: b\n  c: [\n").map(|_| ()).unwrap_err(), Fault::Syntax { format: "YAML", line: 2 });
        assert!(yaml("[".repeat(1_000_000).as_bytes()).is_err());
        assert!(yaml("- ".repeat(400_000).as_bytes()).is_err());
        assert!(yaml(("a: ".repeat(1000) + "\n").as_bytes()).is_err());
    }
}
