//! One more `[[ignore]]` in the text of a configuration: everything else stays, byte for byte.
//!
//! Text is put in, the file is not written anew from its values: comments, order and spacing are the person's.

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::schema::{self, Ignore};
use super::values::Date;

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The code of a rule.
    pub rule: &'static str,
    /// A variable or a pattern of paths; without one all findings of the rule are meant.
    pub place: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: Option<Date>,
}

impl NewEntry {
    /// `key = value` of each key that is there.
    fn pairs(&self) -> Vec<String> {
        let mut pairs = vec![format!("rule = {}", quoted(self.rule))];
        pairs.extend(self.place.as_deref().map(|p| format!("where = {}", quoted(p))));
        pairs.push(format!("reason = {}", quoted(&self.reason)));
        pairs.extend(self.until.map(|day| format!("until = {day}")));
        pairs
    }
}

/// A text as TOML's basic string.
fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = text.chars().fold(String::from("\""), |mut out, c| {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // Also what cannot be seen or turns text round: the person reads this file.
            c if crate::output::sanitize::is_harmful(c) => {
                let code = u32::from(c);
                let _ = if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
            c => out.push(c),
        }
        out
    });
    out.push('"');
    out
}

/// The list as it stands in the text.
#[derive(Default, Deserialize)]
struct Lists {
    ignore: Option<Spanned<Vec<Spanned<IgnoredAny>>>>,
}

/// The text with one more entry at the end of its list.
///
/// TOML has one value for a key: where `ignore = [...]` is a list, the entry goes into it, since an `[[ignore]]` beside
/// it would be an error.
pub fn with_entry(text: &str, entry: &NewEntry) -> Result<String, String> {
    let before = schema::parse(text)?.ignore.unwrap_or_default().len();
    let lists: Lists = toml::from_str(text).map_err(|e| e.message().to_owned())?;
    let inline = lists.ignore.filter(|list| is_inline(text, list));
    let out = match inline {
        Some(list) => into_list(text, &list, entry),
        None => at_the_end(text, entry),
    };
    // What was put in is read back: an odd text ends in a clear error and not in another configuration.
    let after = schema::parse(&out).ok().and_then(|file| file.ignore).unwrap_or_default();
    match after.last().map(Spanned::get_ref) {
        Some(Ignore::Entry(read)) if after.len() == before + 1 && read.is(entry) => Ok(out),
        _ => Err(format!("cannot be added to by hflint; add {{ {} }} to its ignore", entry.pairs().join(", "))),
    }
}

/// Whether the value is written `[...]`, and not as tables of their own.
fn is_inline(text: &str, list: &Spanned<Vec<Spanned<IgnoredAny>>>) -> bool {
    let value = text.get(list.span()).unwrap_or_default();
    value.starts_with('[') && !value.starts_with("[[") && value.ends_with(']')
}

fn at_the_end(text: &str, entry: &NewEntry) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = text.to_owned();
    if !text.is_empty() {
        if !text.ends_with('\n') {
            out.push_str(end);
        }
        out.push_str(end);
    }
    out.push_str("[[ignore]]");
    out.push_str(end);
    for pair in entry.pairs() {
        out.push_str(&pair);
        out.push_str(end);
    }
    out
}

fn into_list(text: &str, list: &Spanned<Vec<Spanned<IgnoredAny>>>, entry: &NewEntry) -> String {
    let table = format!("{{ {} }}", entry.pairs().join(", "));
    let (open, close) = (list.span().start, list.span().end - 1);
    let last = list.get_ref().last().map(|e| e.span().end);
    // Between the last element and the bracket: perhaps a comma, blanks, comments.
    let lacks_comma = last.filter(|end| !has_comma(&text[*end..close]));
    let line = text[..close].rfind('\n').map_or(0, |n| n + 1).max(open);
    let mut out = text.to_owned();
    if line > open && text[line..close].trim().is_empty() {
        // The bracket has a line of its own, and so gets the entry.
        let end = if text[..line].ends_with("\r\n") { "\r\n" } else { "\n" };
        let indent = last.map_or("    ", |at| indentation(text, open, at));
        out.insert_str(line, &format!("{indent}{table},{end}"));
        if let Some(end) = lacks_comma {
            out.insert(end, ',');
        }
    } else {
        let at = line + text[line..close].trim_end().len();
        let comma = if lacks_comma.is_some() { ", " } else { "" };
        let blank = if last.is_some() && comma.is_empty() { " " } else { "" };
        out.insert_str(at, &format!("{comma}{blank}{table}"));
    }
    out
}

/// Whether a comma stands outside comments.
fn has_comma(text: &str) -> bool {
    text.lines().any(|line| line.split('#').next().is_some_and(|code| code.contains(',')))
}

/// The blanks at the beginning of the line in which an element ends; those beside the opening bracket say nothing.
fn indentation(text: &str, open: usize, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let line = &text[start..at];
    if start <= open { "    " } else { &line[..line.len() - line.trim_start().len()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> NewEntry {
        NewEntry { rule: "HF101", place: Some("HF_TOKEN".into()), reason: "bot".into(), until: None }
    }

    const TABLE: &str = r#"{ rule = "HF101", where = "HF_TOKEN", reason = "bot" }"#;
    const TABLES: &str = "[[ignore]]\nrule = \"HF101\"\nwhere = \"HF_TOKEN\"\nreason = \"bot\"\n";

    #[test]
    fn tables_of_their_own_go_to_the_end() {
        for (text, want) in [
            ("", TABLES.to_owned()),
            ("# mine", format!("# mine\n\n{TABLES}")),
            ("warn = 'never'  # quiet\n", format!("warn = 'never'  # quiet\n\n{TABLES}")),
            (
                "[[ignore]]\nrule = 'HF109'\nreason = 'x' # y\n",
                format!("[[ignore]]\nrule = 'HF109'\nreason = 'x' # y\n\n{TABLES}"),
            ),
            ("warn = 'never'\r\n", format!("warn = 'never'\r\n\r\n{}", TABLES.replace('\n', "\r\n"))),
        ] {
            assert_eq!(with_entry(text, &entry()).as_ref(), Ok(&want), "{text:?}");
        }
    }

    #[test]
    fn a_list_takes_it_in() {
        for (text, want) in [
            ("ignore = []\n", format!("ignore = [{TABLE}]\n")),
            ("ignore = [ ] # none\n", format!("ignore = [{TABLE} ] # none\n")),
            ("ignore = ['HF109']\nwarn = 'never'\n", format!("ignore = ['HF109', {TABLE}]\nwarn = 'never'\n")),
            ("\"ignore\" = [ 'HF109' ]", format!("\"ignore\" = [ 'HF109', {TABLE} ]")),
            ("ignore = ['HF109', ]", format!("ignore = ['HF109', {TABLE} ]")),
            (
                "ignore = [\n  'HF109', # one, two\n  'HF103' # [three\n]\n",
                format!("ignore = [\n  'HF109', # one, two\n  'HF103', # [three\n  {TABLE},\n]\n"),
            ),
            ("ignore = [\n\t'HF109',\n]\n", format!("ignore = [\n\t'HF109',\n\t{TABLE},\n]\n")),
            ("ignore = [\n  # none yet\n]\n", format!("ignore = [\n  # none yet\n    {TABLE},\n]\n")),
            ("ignore = [\r\n  'HF109',\r\n]\r\n", format!("ignore = [\r\n  'HF109',\r\n  {TABLE},\r\n]\r\n")),
            ("ignore = ['HF109',\n 'HF103']\n", format!("ignore = ['HF109',\n 'HF103', {TABLE}]\n")),
            ("ignore = ['HF109'\n]\n", format!("ignore = ['HF109',\n    {TABLE},\n]\n")),
            (
                "ignore = [{ rule = 'HF109', reason = ']' }]\n",
                format!("ignore = [{{ rule = 'HF109', reason = ']' }}, {TABLE}]\n"),
            ),
        ] {
            assert_eq!(with_entry(text, &entry()).as_ref(), Ok(&want), "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for reason in ["it's \"so\" \\ \t\u{1b}[31m\n\u{202e}x \u{e0001} é", "]#,"] {
            let entry = NewEntry {
                rule: "HF301",
                place: Some("~/a b/\\[x\\]\u{7f}".into()),
                reason: reason.into(),
                until: "2028-02-29".parse().ok(),
            };
            for text in ["", "ignore = ['HF109']", "ignore = [\n]\n"] {
                let out = with_entry(text, &entry).unwrap();
                assert!(!out.contains(['\u{1b}', '\u{202e}', '\t']), "{out:?}");
                assert!(out.contains("until = 2028-02-29"), "{out}");
            }
        }
    }

    #[test]
    fn a_broken_text_is_left_alone() {
        assert!(with_entry("warn = \n", &entry()).is_err());
    }
}
