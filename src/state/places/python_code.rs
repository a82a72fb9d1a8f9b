//! Assignments to the environment in Python text, line by line.
//!
//! Seen are `os.environ["NAME"] = …`, `os.environ.setdefault("NAME", …)`, `os.putenv("NAME", …)`, `environ.pop` and
//! `del`, IPython's `%env` and `%set_env`, and `login("hf_…")`, whose token replaces the saved one. Not seen: whether the
//! line is reached, `environ.update`, what spreads over several lines, and values that a call gives.

use super::{Cure, Value};
use crate::secret::Token;

/// One assignment.
#[derive(Debug)]
pub(super) struct Set {
    /// From 1.
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) value: Value,
    /// Whether its line does nothing else and opens or fills no block: it can be commented out.
    pub(super) alone: bool,
}

/// In the order of the text.
pub(super) fn assignments(text: &str) -> Vec<Set> {
    let mut out = Vec::new();
    let mut in_text: Option<&str> = None;
    for (line, raw) in (1..).zip(text.lines()) {
        // A docstring is no code.
        let marks = ["\"\"\"", "'''"];
        if let Some(mark) = in_text {
            if raw.contains(mark) {
                in_text = None;
            }
            continue;
        }
        if let Some(mark) = marks.iter().find(|m| raw.matches(**m).count() % 2 == 1) {
            in_text = Some(mark);
        }
        // A text that stands alone is an item of a list.
        if !raw.trim_start().starts_with(['"', '\'']) {
            out.extend(of_line(line, raw));
        }
    }
    out
}

/// A text in quotes in a program, its escapes undone. It may hold a token, so nothing shows it.
pub(super) struct Quoted {
    /// From 1.
    pub(super) line: u32,
    pub(super) text: String,
    /// Whether its line is this item of a list.
    pub(super) alone: bool,
}

/// The texts in quotes of a program, comments left out: lines of code that a setting holds, names of files. Those over
/// several lines are not seen.
pub(super) fn quoted(text: &str) -> Vec<Quoted> {
    let mut out = Vec::new();
    for (line, raw) in (1..).zip(text.lines()) {
        let mut chars = raw.chars();
        let mut open: Option<(char, String)> = None;
        while let Some(c) = chars.next() {
            match &mut open {
                None if c == '#' => break,
                None if matches!(c, '"' | '\'') => open = Some((c, String::new())),
                None => {}
                Some((quote, text)) if c == *quote => {
                    let alone = raw.trim_start().starts_with(*quote) && matches!(chars.as_str().trim(), "" | ",");
                    out.push(Quoted { line, text: std::mem::take(text), alone });
                    open = None;
                }
                Some((_, text)) if c == '\\' => text.extend(chars.next()),
                Some((_, text)) => text.push(c),
            }
        }
    }
    out
}

/// What a line of code that a setting holds sets.
pub(super) fn of_line(line: u32, code: &str) -> Vec<Set> {
    let statements = || code.split(';').map(str::trim);
    let others = statements().filter(|s| !s.is_empty() && !s.starts_with("import ")).count();
    let alone = others == 1 && !code.starts_with(char::is_whitespace) && !code.trim_end().ends_with(':');
    let sets = statements().filter_map(|statement| {
        let (name, value) = statement_of(statement)?;
        // `if x: os.environ[…] = …` may have an `else` below it.
        let alone = alone && !["if ", "else", "try", "with ", "for "].iter().any(|word| statement.starts_with(word));
        Some(Set { line, name, value, alone })
    });
    sets.collect()
}

/// How such a line is undone.
pub(super) fn cure(alone: bool) -> Cure {
    if alone { Cure::CommentLine } else { Cure::Edit }
}

fn statement_of(text: &str) -> Option<(String, Value)> {
    if text.starts_with('#') {
        return None;
    }
    for magic in ["%env ", "%set_env "] {
        if let Some(rest) = text.strip_prefix(magic) {
            let (name, value) = rest.split_once('=').or_else(|| rest.trim().split_once(' '))?;
            let value = value.trim();
            let refers = value.contains(['$', '{']);
            let token = Token::new(value.as_bytes().to_vec());
            return Some((name.trim().to_owned(), if refers { Value::Reference(token) } else { Value::Token(token) }));
        }
    }
    if let Some((_, rest)) = split_call(text, "environ") {
        let rest = rest.trim_start();
        if let Some(key) = rest.strip_prefix('[') {
            let (name, rest) = literal(key)?;
            let rest = rest.trim_start().strip_prefix(']')?.trim_start();
            if text.starts_with("del ") {
                return Some((name, Value::Unset));
            }
            let value = rest.strip_prefix('=').filter(|r| !r.starts_with('='))?;
            return Some((name, value_of(value)));
        }
        if let Some(arguments) = rest.strip_prefix(".setdefault(") {
            return pair(arguments);
        }
        let (name, _) = literal(rest.strip_prefix(".pop(")?)?;
        return Some((name, Value::Unset));
    }
    if let Some((_, rest)) = split_call(text, "putenv") {
        return pair(rest.trim_start().strip_prefix('(')?);
    }
    let (before, rest) = split_call(text, "login")?;
    if before.ends_with('.') && !before.ends_with("huggingface_hub.") && !before.ends_with("hf.") {
        return None;
    }
    let arguments = rest.trim_start().strip_prefix('(')?.trim_start();
    let (value, _) =
        literal(arguments.strip_prefix("token").map_or(arguments, |r| r.trim_start().trim_start_matches('=')))?;
    let token = Token::new(value.into_bytes());
    token.is_shaped().then(|| ("HF_TOKEN".to_owned(), Value::Token(token)))
}

/// What stands before and behind a name that is a word of its own.
fn split_call<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let at = text.find(name)?;
    let (before, rest) = (&text[..at], &text[at + name.len()..]);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    (!before.ends_with(word) && !rest.starts_with(word)).then_some((before, rest))
}

fn pair(arguments: &str) -> Option<(String, Value)> {
    let (name, rest) = literal(arguments)?;
    Some((name, value_of(rest.trim_start().strip_prefix(',')?)))
}

/// A literal, and nothing else behind it, is known.
fn value_of(text: &str) -> Value {
    if let Some((value, rest)) = literal(text)
        && matches!(rest.trim_start().chars().next(), None | Some('#' | ')'))
    {
        return Value::Token(Token::new(value.into_bytes()));
    }
    Value::Reference(Token::new(text.trim().as_bytes().to_vec()))
}

/// A text in quotes at the start, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let text = text.strip_prefix(['r', 'b', 'u']).filter(|t| t.starts_with(['"', '\''])).unwrap_or(text);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let end = text[1..].find(quote)? + 1;
    let value = &text[1..end];
    // Escapes are not followed; no token has one.
    (!value.contains('\\')).then(|| (value.to_owned(), &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let token = format!("hf_{}", "a".repeat(34));
        let text = format!(
            "import os\nos.environ['A'] = 'x' # c\nos.environ.setdefault(\"B\", \"y\")\nif True: os.putenv('C', 'z')\ndel os.environ['D']\nos.environ[\"E\"] = get()\n%env F=v\nlogin(token=\"{token}\")\nos.environ.pop('G', None)\n"
        );
        let found: Vec<String> = assignments(&text)
            .into_iter()
            .map(|s| {
                let value = match s.value {
                    Value::Token(t) if t.is_shaped() => "token".to_owned(),
                    Value::Token(t) => String::from_utf8(t.bytes().to_vec()).unwrap(),
                    Value::Reference(_) => "?".to_owned(),
                    Value::Unset => "-".to_owned(),
                };
                format!("{} {} {value}", s.line, s.name)
            })
            .collect();
        assert_eq!(found, ["2 A x", "3 B y", "4 C z", "5 D -", "6 E ?", "7 F v", "8 HF_TOKEN token", "9 G -"]);
    }

    #[test]
    fn code_in_quotes() {
        let text = "c.x = ['a\\'b', \"import os; os.environ['K']='v'\"] # 'no'\n# 'no'\n    '%env L=w',\n";
        let told: Vec<String> = quoted(text).into_iter().map(|q| format!("{} {}", q.line, q.text)).collect();
        assert_eq!(told, ["1 a'b", "1 import os; os.environ['K']='v'", "3 %env L=w"]);
        assert!(quoted("  'a' ,")[0].alone && !quoted("x = ['a']")[0].alone);
        let alone = |code: &str| of_line(1, code)[0].alone;
        assert!(alone("import os; os.environ['K']='v'"));
        assert!(!alone("    os.environ['K']='v'"), "the only line of a block, perhaps");
        assert!(!alone("os.environ['K']='v'; run()"));
        assert!(!alone("if x: os.environ['K']='v'"));
        assert_eq!(of_line(1, "import os; os.environ['K']='v'")[0].name, "K");
        assert!(assignments("    'os.environ[\"K\"]=\"v\"',\n").is_empty());
    }

    #[test]
    fn what_sets_nothing() {
        let text = "# os.environ['A'] = 'x'\nif os.environ['A'] == 'x': pass\nx = os.environ['A']\nmy_environ['A'] = 'x'\n\"\"\"\nos.environ['A'] = 'x'\n\"\"\"\nwandb.login(key='k')\nlogin()\nprint('environ')\n";
        assert!(assignments(text).is_empty(), "{:?}", assignments(text));
    }
}
