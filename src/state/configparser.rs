//! Python's `configparser` (3.11): the grammar of `stored_tokens` and of comfy-cli's `config.ini`.
//!
//! Source: the standard library's `RawConfigParser._read`, with the defaults of `ConfigParser()`: `=` and `:`, `#` and
//! `;` on lines of their own, no comment after a value, indented lines continue a value, blank lines belong to it,
//! nothing stands twice. `tests/parity/python_modules.py` compares it with the module itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use zeroize::Zeroizing;

use crate::clients::clean::is_python_space;
use crate::system::python_text::Text;

/// `configparser.MAX_INTERPOLATION_DEPTH`.
const DEPTH: usize = 10;
/// References followed for one value, and bytes that they may grow to. Python has no such limits: ten levels of a
/// hundred references each would keep the client busy for ever, and a linter must not follow it there.
const STEPS: usize = 10_000;
const GROWTH: usize = 1024 * 1024;

/// A file that parses.
#[derive(Debug, Default)]
pub struct Config {
    /// `[DEFAULT]`, which every section inherits and which is none itself.
    pub defaults: BTreeMap<String, Field>,
    /// In the order of the file.
    pub sections: Vec<Section>,
}

/// One section.
#[derive(Debug, Default)]
pub struct Section {
    /// What stands between the brackets, to the last `]` of the line.
    pub name: String,
    /// The line of its header, from 1.
    pub line: u32,
    /// By key, in lower case.
    pub fields: BTreeMap<String, Field>,
}

/// One value.
pub struct Field {
    /// Trimmed, its lines joined.
    pub value: Zeroizing<String>,
    /// The line of its key, from 1.
    pub line: u32,
}

impl fmt::Debug for Field {
    /// Values are tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field(redacted, line {})", self.line)
    }
}

/// Why the module raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: u32,
    /// What is wrong.
    pub kind: FaultKind,
}

/// The exceptions of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// `UnicodeDecodeError`.
    NotUtf8,
    /// `MissingSectionHeaderError`.
    NoHeader,
    /// `DuplicateSectionError`.
    SectionTwice,
    /// `DuplicateOptionError`.
    KeyTwice,
    /// `ParsingError`.
    NoDelimiter,
    /// `InterpolationSyntaxError`.
    Percent,
    /// `InterpolationMissingOptionError`.
    UnknownReference,
    /// `InterpolationDepthError`, or more references than hflint follows.
    TooDeep,
}

impl FaultKind {
    /// The name of Python's exception.
    pub fn python_class(self) -> &'static str {
        match self {
            Self::NotUtf8 => "UnicodeDecodeError",
            Self::NoHeader => "MissingSectionHeaderError",
            Self::SectionTwice => "DuplicateSectionError",
            Self::KeyTwice => "DuplicateOptionError",
            Self::NoDelimiter => "ParsingError",
            Self::Percent => "InterpolationSyntaxError",
            Self::UnknownReference => "InterpolationMissingOptionError",
            Self::TooDeep => "InterpolationDepthError",
        }
    }

    /// In a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not UTF-8",
            Self::NoHeader => "text before the first [section]",
            Self::SectionTwice => "a section that stands twice",
            Self::KeyTwice => "a key that stands twice in its section",
            Self::NoDelimiter => "a line that is neither `key = value` nor [section]",
            Self::Percent => "a `%` in a value",
            Self::UnknownReference => "a `%(…)s` in a value that refers to nothing",
            Self::TooDeep => "a `%(…)s` in a value that leads round in a circle",
        }
    }
}

/// What lines are being added to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Default,
    Section(usize),
}

impl Config {
    /// Reads a file; the fault is the one that the module raises.
    pub fn parse(text: &Text) -> Result<Self, Fault> {
        let mut config = Self::default();
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut at: Option<At> = None;
        let mut key: Option<String> = None;
        let mut indent = 0;
        // Lines that make no sense are raised together at the end; every other fault at once.
        let mut senseless: Option<Fault> = None;
        let mut line = 0;
        for raw in text.lines() {
            line += 1;
            let value = raw.trim_matches(is_python_space);
            if value.starts_with(['#', ';']) {
                continue;
            }
            if value.is_empty() {
                if let Some(field) = config.field(at, key.as_deref()) {
                    field.value.push('\n');
                }
                continue;
            }
            let depth = raw.chars().take_while(|c| is_python_space(*c)).count();
            if depth > indent
                && let Some(field) = config.field(at, key.as_deref())
            {
                field.value.push('\n');
                field.value.push_str(value);
                continue;
            }
            indent = depth;
            let fault = |kind| Fault { line, kind };
            if let Some(name) = header(value) {
                at = Some(if name == "DEFAULT" {
                    At::Default
                } else if names.insert(name) {
                    config.sections.push(Section { name: name.to_owned(), line, fields: BTreeMap::new() });
                    At::Section(config.sections.len() - 1)
                } else {
                    return Err(fault(FaultKind::SectionTwice));
                });
                key = None;
                continue;
            }
            let Some(here) = at else {
                return Err(fault(FaultKind::NoHeader));
            };
            let Some(delimiter) = value.find(['=', ':']) else {
                senseless = senseless.or(Some(fault(FaultKind::NoDelimiter)));
                continue;
            };
            // Both delimiters are one byte.
            let (name, rest) = (&value[..delimiter], &value[delimiter + 1..]);
            let name = name.trim_end_matches(is_python_space).to_lowercase();
            if name.is_empty() {
                senseless = senseless.or(Some(fault(FaultKind::NoDelimiter)));
            }
            let value = Zeroizing::new(rest.trim_matches(is_python_space).to_owned());
            if config.fields(here).insert(name.clone(), Field { value, line }).is_some() {
                return Err(fault(FaultKind::KeyTwice));
            }
            // A key without a name takes no continuation lines.
            key = Some(name).filter(|n| !n.is_empty());
        }
        if text.broken {
            return Err(Fault { line: line + 1, kind: FaultKind::NotUtf8 });
        }
        if let Some(fault) = senseless {
            return Err(fault);
        }
        for fields in std::iter::once(&mut config.defaults).chain(config.sections.iter_mut().map(|s| &mut s.fields)) {
            for field in fields.values_mut() {
                let end = field.value.trim_end_matches(is_python_space).len();
                field.value.truncate(end);
            }
        }
        Ok(config)
    }

    fn fields(&mut self, at: At) -> &mut BTreeMap<String, Field> {
        match at {
            At::Default => &mut self.defaults,
            At::Section(i) => &mut self.sections[i].fields,
        }
    }

    fn field(&mut self, at: Option<At>, key: Option<&str>) -> Option<&mut Field> {
        self.fields(at?).get_mut(key?)
    }

    /// The raw value of a key, its section's own or inherited.
    pub fn get<'a>(&'a self, section: &'a Section, key: &str) -> Option<&'a Field> {
        section.fields.get(key).or_else(|| self.defaults.get(key))
    }

    /// The value of a key as `BasicInterpolation` gives it: `%%` is a percent sign, `%(key)s` the value of a key of the
    /// section, anything else after a `%` a fault.
    pub fn interpolated(&self, section: &Section, key: &str) -> Result<Option<Zeroizing<String>>, Fault> {
        let Some(field) = self.get(section, key) else {
            return Ok(None);
        };
        let mut out = Zeroizing::new(String::new());
        let mut steps = STEPS;
        self.interpolate(section, &field.value, 1, &mut steps, &mut out)
            .map_err(|kind| Fault { line: field.line, kind })?;
        Ok(Some(out))
    }

    fn interpolate(
        &self,
        section: &Section,
        mut rest: &str,
        depth: usize,
        steps: &mut usize,
        out: &mut String,
    ) -> Result<(), FaultKind> {
        if depth > DEPTH {
            return Err(FaultKind::TooDeep);
        }
        while let Some(percent) = rest.find('%') {
            out.push_str(&rest[..percent]);
            rest = &rest[percent + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                out.push('%');
                rest = after;
                continue;
            }
            let (name, after) = reference(rest).ok_or(FaultKind::Percent)?;
            rest = after;
            let field = self.get(section, &name.to_lowercase()).ok_or(FaultKind::UnknownReference)?;
            *steps = steps.checked_sub(1).filter(|_| out.len() < GROWTH).ok_or(FaultKind::TooDeep)?;
            if field.value.contains('%') {
                self.interpolate(section, &field.value, depth + 1, steps, out)?;
            } else {
                out.push_str(&field.value);
            }
        }
        out.push_str(rest);
        Ok(())
    }
}

/// `\[(?P<header>.+)\]` at the start: to the last bracket, whatever follows it.
fn header(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('[')?;
    let end = inner.rfind(']')?;
    (end > 0).then(|| &inner[..end])
}

/// `\(([^)]+)\)s` at the start: the name, and what follows.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('(')?.split_once(')')?;
    if name.is_empty() {
        return None;
    }
    Some((name, after.strip_prefix('s')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, Fault> {
        Config::parse(&Text::utf8(text.as_bytes(), false))
    }

    fn fault(text: &str) -> (u32, FaultKind) {
        let fault = parse(text).err().unwrap();
        (fault.line, fault.kind)
    }

    fn value(text: &str) -> String {
        let config = parse(text).unwrap();
        config.get(&config.sections[0], "k").map(|f| f.value.to_string()).unwrap()
    }

    #[test]
    fn values_as_the_module_reads_them() {
        for (text, want) in [
            ("[s]\nk=v", "v"),
            ("[s]\nK : v = w", "v = w"),
            ("[s]\nk = v ; not a comment", "v ; not a comment"),
            ("[s]\n# c\n ; c\nk = a\n  b\n\n  c\n\n", "a\nb\n\nc"),
            ("[s]\nk = a\n# c\n  b", "a\nb"),
            ("[s]\nk =\n  b", "\nb"),
            ("[DEFAULT]\nk = d\n[s]", "d"),
            ("[s] ignored ] and this\nk = v", "v"),
            ("\u{a0}[s]\r\nk = v\r", "v"),
        ] {
            assert_eq!(value(text), want, "{text:?}");
        }
        assert_eq!(parse("[a]]\nk=v").unwrap().sections[0].name, "a]");
        assert!(parse("").unwrap().sections.is_empty());
    }

    #[test]
    fn an_indented_header_after_a_value_belongs_to_the_value() {
        assert_eq!(value("[s]\nk = a\n  [t]\n"), "a\n[t]");
    }

    #[test]
    fn faults_as_the_module_raises_them() {
        for (text, want) in [
            ("k = v", (1, FaultKind::NoHeader)),
            ("\u{feff}[s]\nk = v", (1, FaultKind::NoHeader)),
            ("[s]\n\n[s]", (3, FaultKind::SectionTwice)),
            ("[s]\nk=1\nK=2", (3, FaultKind::KeyTwice)),
            ("[s]\nword\n[t]\nother", (2, FaultKind::NoDelimiter)),
            ("[s]\n= v", (2, FaultKind::NoDelimiter)),
            ("[]\n", (1, FaultKind::NoHeader)),
            // A line without sense is raised at the end, after everything else.
            ("[s]\nword\n[s]", (3, FaultKind::SectionTwice)),
        ] {
            assert_eq!(fault(text), want, "{text:?}");
        }
        assert_eq!(parse("[DEFAULT]\na=1\n[DEFAULT]\nb=2").unwrap().defaults.len(), 2);
    }

    #[test]
    fn references_as_basic_interpolation_follows_them() {
        let get = |text: &str| {
            let config = parse(text).unwrap();
            config.interpolated(&config.sections[0], "k").map(|v| v.unwrap().to_string()).map_err(|f| f.kind)
        };
        assert_eq!(get("[DEFAULT]\nA=x%%\n[s]\nk=%%-%(A)s"), Ok("%-x%".into()));
        assert_eq!(get("[s]\nk=50%"), Err(FaultKind::Percent));
        assert_eq!(get("[s]\nk=%(x)"), Err(FaultKind::Percent));
        assert_eq!(get("[s]\nk=%(x)s"), Err(FaultKind::UnknownReference));
        assert_eq!(get("[s]\nk=%(k)s"), Err(FaultKind::TooDeep));
    }

    #[test]
    fn a_bomb_of_references_ends() {
        let mut text = "[s]\n".to_owned();
        for level in 0..9 {
            let next = format!("%(a{})s", level + 1).repeat(100);
            let name = if level == 0 { "k".to_owned() } else { format!("a{level}") };
            text += &[&name, " = ", &next, "\n"].concat();
        }
        text.push_str("a9 = %%\n");
        let config = parse(&text).unwrap();
        assert_eq!(config.interpolated(&config.sections[0], "k").err().map(|f| f.kind), Some(FaultKind::TooDeep));
    }
}
