//! XML: the elements of a file with their attributes and lines, in their order. No entity is defined by a file: those
//! of XML itself are all that is known, so that nothing unfolds.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{DEPTH, Fault, Lines, utf8};
use crate::secret::Token;

/// The start of an element.
#[derive(Debug)]
pub struct Element {
    /// Its name, with its prefix.
    pub name: String,
    /// From 1.
    pub line: u32,
    /// Elements around it, the outermost first.
    pub within: Vec<String>,
    /// Names and values.
    pub attributes: Vec<(String, Token)>,
    /// The text right behind its start, without blanks around it.
    pub text: Token,
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&Token> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }
}

/// Every element of a file.
pub fn xml(bytes: &[u8]) -> Result<Vec<Element>, Fault> {
    let whole = utf8(bytes)?;
    let lines = Lines::of(whole);
    let mut reader = Reader::from_str(whole);
    let mut open: Vec<String> = Vec::new();
    let mut out: Vec<Element> = Vec::new();
    // Whether text that comes next is that of the last element.
    let mut fresh = false;
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let fault = |at: usize| Fault::Syntax { format: "XML", line: lines.line(at) };
        let event = reader.read_event().map_err(|_| fault(before))?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                let name = start.name().as_ref().to_owned();
                let mut attributes = Vec::new();
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|_| fault(before))?;
                    let key = attribute.key.as_ref().to_owned();
                    let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| fault(before))?;
                    attributes.push((key, Token::new(value.as_bytes().to_vec())));
                }
                let line = lines.line(before + usize::from(!whole[before..].starts_with('\n')));
                let text = Token::new(Vec::new());
                out.push(Element { name: name.clone(), line, within: open.clone(), attributes, text });
                fresh = matches!(event, Event::Start(_));
                if fresh {
                    if open.len() >= DEPTH {
                        return Err(Fault::Deep);
                    }
                    open.push(name);
                }
            }
            Event::End(_) => {
                fresh = false;
                open.pop();
            }
            Event::Text(text) if fresh => add(&mut out, text.trim()),
            Event::CData(text) if fresh => add(&mut out, &text),
            Event::GeneralRef(name) if fresh => {
                let name = format!("&{};", &*name);
                add(&mut out, &quick_xml::escape::unescape(&name).map_err(|_| fault(before))?);
            }
            Event::Eof if open.is_empty() => return Ok(out),
            Event::Eof => return Err(fault(before)),
            _ => {}
        }
    }
}

fn add(out: &mut [Element], text: &str) {
    if let Some(last) = out.last_mut() {
        last.text = Token::new([last.text.bytes(), text.as_bytes()].concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements() {
        let text = "<?xml version=\"1.0\"?>\n<a>\n  <!-- <env name=\"no\"/> -->\n  <env name='K' value=\"v&amp;&#x77;\" />\n<key>\n t&lt;u </key></a>\n";
        let read = xml(text.as_bytes()).unwrap();
        let env = &read[1];
        assert_eq!((env.name.as_str(), env.line, env.within.as_slice()), ("env", 4, &["a".to_owned()][..]));
        assert_eq!(env.attribute("value").unwrap().bytes(), b"v&w");
        assert_eq!((read[2].line, read[2].text.bytes()), (5, &b"t<u"[..]));
    }

    #[test]
    fn broken_texts() {
        for text in ["<a>", "<a></b>", "<a b=c/>", "<a b=\"&x;\"/>", "<a>&x;</a>", "<a"] {
            assert!(xml(text.as_bytes()).is_err(), "{text}");
        }
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;\">]>\n<a>&y;</a>";
        assert_eq!(xml(bomb.as_bytes()).unwrap_err(), Fault::Syntax { format: "XML", line: 2 });
        assert_eq!(xml("<a>".repeat(300_000).as_bytes()).unwrap_err(), Fault::Deep);
    }
}
