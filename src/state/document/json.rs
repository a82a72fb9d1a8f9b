//! JSON, and JSON as editors take it: with comments and commas too many.

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions};

use super::{DEPTH, Entry, Fault, Kind, Lines, Node, plain, text, utf8};

/// Strictly JSON: what Jupyter and conda read.
pub fn json(bytes: &[u8]) -> Result<Node, Fault> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    parse(bytes, &strict)
}

/// With comments and commas too many: VS Code, dev containers.
pub fn jsonc(bytes: &[u8]) -> Result<Node, Fault> {
    parse(bytes, &ParseOptions::default())
}

fn parse(bytes: &[u8], options: &ParseOptions) -> Result<Node, Fault> {
    let whole = utf8(bytes)?;
    let lines = Lines::of(whole);
    let parsed =
        jsonc_parser::parse_to_ast(whole, &CollectOptions::default(), options).map_err(|e| match e.kind() {
            ParseErrorKind::NestingDepthExceeded => Fault::Deep,
            _ => Fault::Syntax { format: "JSON", line: lines.line(e.range().start) },
        })?;
    match parsed.value {
        Some(value) => node(&value, &lines, DEPTH),
        None => Ok(Node { line: 1, kind: Kind::Null }),
    }
}

fn node(value: &Value<'_>, lines: &Lines, depth: usize) -> Result<Node, Fault> {
    let below = depth.checked_sub(1).ok_or(Fault::Deep)?;
    let kind = match value {
        Value::StringLit(literal) => text(&literal.value),
        Value::NumberLit(literal) => plain(literal.value),
        Value::BooleanLit(literal) => plain(if literal.value { "true" } else { "false" }),
        Value::NullKeyword(_) => Kind::Null,
        Value::Array(array) => {
            Kind::List(array.elements.iter().map(|v| node(v, lines, below)).collect::<Result<_, _>>()?)
        }
        Value::Object(object) => {
            let entry = |property: &jsonc_parser::ast::ObjectProp<'_>| {
                let key = match &property.name {
                    ObjectPropName::String(name) => name.value.to_string(),
                    ObjectPropName::Word(name) => name.value.to_owned(),
                };
                let line = lines.line(property.range.start);
                Ok(Entry { key, line, value: node(&property.value, lines, below)? })
            };
            Kind::Map(object.properties.iter().map(entry).collect::<Result<_, _>>()?)
        }
    };
    Ok(Node { line: lines.line(value.range().start), kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_lines() {
        let read =
            jsonc(b"\xef\xbb\xbf{\n// c\n\"a.b\": {\n  \"K\": \"v\\n\", },\n\"n\": null, \"l\": [1, true]}").unwrap();
        let key = read.get("a.b").unwrap().entry("K").unwrap();
        assert_eq!((key.line, key.value.str()), (4, Some("v\n")));
        assert!(matches!(read.get("n").unwrap().kind, Kind::Null));
        assert!(read.get("l").unwrap().items()[1].is(true));
        assert_eq!(json(b"{\"K\": 1, \"K\": 2}").unwrap().get("K").unwrap().scalar().unwrap().bytes(), b"2");
    }

    #[test]
    fn broken_texts() {
        assert_eq!(json(b"{\n\"a\": 1,\n}").unwrap_err(), Fault::Syntax { format: "JSON", line: 2 });
        assert!(json(b"{} // c").is_err() && jsonc(b"{} // c").is_ok());
        assert_eq!(jsonc(b"\xff").unwrap_err(), Fault::NotUtf8);
        assert_eq!(jsonc("[".repeat(1_000_000).as_bytes()).unwrap_err(), Fault::Deep);
        let deep = "[".repeat(300) + &"]".repeat(300);
        assert_eq!(jsonc(deep.as_bytes()).unwrap_err(), Fault::Deep);
        assert!(matches!(jsonc(b"").unwrap().kind, Kind::Null));
    }
}
