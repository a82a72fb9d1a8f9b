//! What each client does to a value before it sends it, byte for byte.

/// A cleaning rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clean {
    /// Sent as it is.
    Raw,
    /// huggingface_hub 0.17 on: every CR and LF goes, wherever it stands, then Python's `str.strip()`.
    Hub,
    /// Python's `str.strip()`.
    PythonStrip,
    /// Rust's `str::trim` (Unicode `White_Space`, which lacks 1C to 1F).
    RustTrim,
    /// JavaScript's `String.prototype.trim`.
    JsTrim,
    /// Only CR and LF go, anywhere.
    Newlines,
    /// The fetch standard's header normalisation: blanks, tabs, CR and LF at both ends.
    Fetch,
    /// CR and LF at the end go.
    TrailingNewlines,
    /// All white space goes, anywhere.
    NoSpace,
    /// LiteLLM's `get_secret`: `true` and `false`, in any case and with white space around, become Python's booleans,
    /// of which the one is sent as the word `True` and the other is no key.
    PythonBool,
}

impl Clean {
    /// The bytes that are left.
    pub fn apply(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Raw => bytes.to_vec(),
            Self::Hub => {
                let joined = Self::Newlines.apply(bytes);
                trim(&joined, is_python_space).to_vec()
            }
            Self::PythonStrip => trim(bytes, is_python_space).to_vec(),
            Self::RustTrim => trim(bytes, char::is_whitespace).to_vec(),
            Self::JsTrim => trim(bytes, is_js_space).to_vec(),
            // Copied in one piece where there is none, as nearly always.
            Self::Newlines if !bytes.contains(&b'\n') && !bytes.contains(&b'\r') => bytes.to_vec(),
            Self::Newlines => bytes.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect(),
            Self::Fetch => trim(bytes, |c| matches!(c, ' ' | '\t' | '\r' | '\n')).to_vec(),
            Self::TrailingNewlines => {
                let end = bytes.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |i| i + 1);
                bytes[..end].to_vec()
            }
            Self::PythonBool => match trim(bytes, is_python_space).to_ascii_lowercase().as_slice() {
                b"true" => b"True".to_vec(),
                b"false" => Vec::new(),
                _ => bytes.to_vec(),
            },
            Self::NoSpace => {
                let text = String::from_utf8_lossy(bytes);
                text.chars().filter(|c| !c.is_whitespace()).collect::<String>().into_bytes()
            }
        }
    }
}

impl Clean {
    /// The same in an interpreter that knows ASCII only (`python_text::ascii_only`): what it did not decode, it does
    /// not strip.
    pub fn apply_ascii(self, bytes: &[u8]) -> Vec<u8> {
        let space = |c: char| c.is_ascii() && is_python_space(c);
        match self {
            Self::Hub => trim(&Self::Newlines.apply(bytes), space).to_vec(),
            Self::PythonStrip => trim(bytes, space).to_vec(),
            other => other.apply(bytes),
        }
    }
}

/// What Python's `str.strip()` and `str.isspace()` take for white space: Rust's set and 1C to 1F.
pub fn is_python_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// JavaScript's WhiteSpace and LineTerminator: Rust's set without 85, with the BOM.
fn is_js_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// Trims both ends of text that may hold bytes which are not UTF-8; such a byte is no white space.
fn trim(bytes: &[u8], space: impl Fn(char) -> bool) -> &[u8] {
    let mut rest = bytes;
    while let Some((c, len)) = first_char(rest)
        && space(c)
    {
        rest = &rest[len..];
    }
    while let Some((c, len)) = last_char(rest)
        && space(c)
    {
        rest = &rest[..rest.len() - len];
    }
    rest
}

fn first_char(bytes: &[u8]) -> Option<(char, usize)> {
    (1..=bytes.len().min(4)).find_map(|n| decode(&bytes[..n]))
}

fn last_char(bytes: &[u8]) -> Option<(char, usize)> {
    (1..=bytes.len().min(4)).find_map(|n| decode(&bytes[bytes.len() - n..]))
}

fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.chars().next().map(|c| (c, bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hub_joins_lines_and_strips_what_python_strips() {
        assert_eq!(Clean::Hub.apply(b" C\r\nD\n"), b"CD");
        assert_eq!(Clean::Hub.apply("\u{a0}C\u{1c}\u{85}".as_bytes()), b"C");
        assert_eq!(Clean::Hub.apply("\u{feff}C\u{200b}".as_bytes()), "\u{feff}C\u{200b}".as_bytes());
        assert_eq!(Clean::Hub.apply(b"C\xff \n"), b"C\xff");
        assert_eq!(Clean::Hub.apply_ascii("\u{a0}C\u{1c}".as_bytes()), "\u{a0}C".as_bytes());
        assert_eq!(Clean::Hub.apply(b"\xc2\xa0\xff\xc2\xa0"), b"\xff");
    }

    #[test]
    fn rust_keeps_the_separators_that_python_strips() {
        assert_eq!(Clean::RustTrim.apply(b"C\x1c"), b"C\x1c");
        assert_eq!(Clean::PythonStrip.apply(b"C\x1c"), b"C");
        assert_eq!(Clean::JsTrim.apply("\u{feff}C\u{85}".as_bytes()), "C\u{85}".as_bytes());
    }
}
