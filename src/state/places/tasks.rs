//! make and just: variables that recipes get.
//!
//! Sources: GNU make 4.3, run (`export`, `unexport`, `.EXPORT_ALL_VARIABLES`, target-specific variables; a plain assignment
//! reaches a recipe only where the variable came with the environment or is exported); just's manual. Not seen: what an
//! `include` brings, conditionals, `define`, values that a function or a shell gives, and recipes' own lines.

use super::{Cure, Found, Reaches, Sighting, Value, project};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let dirs = project(state.system);
    // make looks here only; the first name counts.
    if let Some(dir) = dirs.first() {
        for name in ["GNUmakefile", "makefile", "Makefile"] {
            let path = dir.join(name);
            if state.system.stat(&path).is_err() {
                continue;
            }
            if let Some(text) = found.read_naming(state, &path) {
                let inherited = |name: &str| state.var(name).is_some();
                for set in makefile(&String::from_utf8_lossy(text.bytes()), &inherited) {
                    let at = Location::line(&path, set.line);
                    let sighting = Sighting::new(&set.name, set.value, at, "the Makefile", Reaches::Task);
                    found.add(Sighting { cure: Cure::CommentLine, ..sighting });
                }
            }
            break;
        }
    }
    // just looks upward.
    let names = ["justfile", "Justfile", "JUSTFILE", ".justfile"];
    let justfile = dirs.iter().flat_map(|dir| names.map(|name| dir.join(name)));
    if let Some(path) = justfile.into_iter().find(|path| state.system.stat(path).is_ok())
        && let Some(text) = found.read_naming(state, &path)
    {
        for set in just(&String::from_utf8_lossy(text.bytes())) {
            let at = Location::line(&path, set.line);
            let sighting = Sighting::new(&set.name, set.value, at, "the justfile", Reaches::Task);
            found.add(Sighting { cure: Cure::CommentLine, ..sighting });
        }
    }
}

/// A variable that recipes get.
#[derive(Debug)]
struct Set {
    line: u32,
    name: String,
    value: Value,
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn makefile(text: &str, inherited: &dyn Fn(&str) -> bool) -> Vec<Set> {
    let mut out: Vec<(Set, bool)> = Vec::new();
    let mut exported: Vec<String> = Vec::new();
    let mut hidden: Vec<String> = Vec::new();
    let mut all = false;
    let mut continued = false;
    for (line, raw) in (1..).zip(text.lines()) {
        let skipped = std::mem::replace(&mut continued, raw.ends_with('\\')) || raw.starts_with('\t');
        let code = raw.split('#').next().unwrap_or_default().trim();
        if skipped || code.is_empty() {
            continue;
        }
        if code.starts_with(".EXPORT_ALL_VARIABLES") {
            all = true;
            continue;
        }
        if let Some(names) = code.strip_prefix("unexport ") {
            hidden.extend(names.split_whitespace().map(str::to_owned));
            continue;
        }
        // `target: export NAME := value`.
        let target = code.split_once(':').filter(|(before, after)| {
            !before.contains(['=', '$'])
                && !before.trim_start().starts_with("export ")
                && !after.starts_with(['=', ':'])
        });
        let (code, of_target) = target.map_or((code, false), |(_, after)| (after.trim(), true));
        let code = code.strip_prefix("override ").map_or(code, str::trim);
        let (code, export) = code
            .strip_prefix("export")
            .filter(|r| r.is_empty() || r.starts_with([' ', '\t']))
            .map_or((code, false), |rest| (rest.trim(), true));
        let code = code.strip_prefix("override ").map_or(code, str::trim);
        if export && code.is_empty() {
            all = true;
            continue;
        }
        let Some((before, value)) = code.split_once('=') else {
            if export {
                exported.extend(code.split_whitespace().map(str::to_owned));
            }
            continue;
        };
        let operator = before.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, how) = (operator.trim(), before[operator.len()..].trim());
        if !is_name(name) || (of_target && !export) {
            continue;
        }
        let value = value.trim();
        let token = Token::new(value.as_bytes().to_vec());
        let known = !value.contains('$') && matches!(how, "" | ":" | "::" | ":::");
        // `?=` leaves alone what came with the environment.
        if how == "?" && inherited(name) {
            continue;
        }
        let known = known || how == "?" && !value.contains('$');
        let value = if known { Value::Token(token) } else { Value::Reference(token) };
        out.push((Set { line, name: name.to_owned(), value }, export));
    }
    let reaches = |set: &Set, export: bool| {
        (export || all || exported.contains(&set.name) || inherited(&set.name)) && !hidden.contains(&set.name)
    };
    out.into_iter().filter(|(set, export)| reaches(set, *export)).map(|(set, _)| set).collect()
}

fn just(text: &str) -> Vec<Set> {
    let code = |raw: &str| (!raw.starts_with([' ', '\t', '#'])).then(|| raw.trim().to_owned());
    let all = text
        .lines()
        .filter_map(code)
        .any(|l| l == "set export" || l == "set export := true" || l == "set export:=true");
    let mut out = Vec::new();
    for (line, raw) in (1..).zip(text.lines()) {
        let Some(code) = code(raw) else { continue };
        let (code, export) = code.strip_prefix("export ").map_or((code.as_str(), false), |rest| (rest.trim(), true));
        let Some((name, value)) = code.split_once(":=") else { continue };
        let name = name.trim();
        if !(export || all) || !is_name(name) {
            continue;
        }
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|quote| {
            let (inner, rest) = value.strip_prefix(*quote)?.split_once(*quote)?;
            let rest = rest.trim();
            (rest.is_empty() || rest.starts_with('#')).then_some(inner).filter(|inner| !inner.contains('\\'))
        });
        let value = match quoted {
            Some(inner) => Value::Token(Token::new(inner.as_bytes().to_vec())),
            None => Value::Reference(Token::new(value.as_bytes().to_vec())),
        };
        out.push(Set { line, name: name.to_owned(), value });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sets: &[Set]) -> Vec<String> {
        let value = |v: &Value| match v {
            Value::Token(t) => format!("={}", String::from_utf8_lossy(t.bytes())),
            Value::Reference(_) => "?".to_owned(),
            Value::Unset => "-".to_owned(),
        };
        sets.iter().map(|s| format!("{}{}{}", s.line, s.name, value(&s.value))).collect()
    }

    #[test]
    fn makefiles() {
        let none = |_: &str| false;
        let read = |text: &str| told(&makefile(text, &none));
        assert_eq!(read("export K = v # c\n"), ["1K=v"]);
        assert_eq!(read("export K := $(shell pass)\nK=x\n\texport L=v\nall: export M ?= w\n"), ["1K?", "4M=w"]);
        assert_eq!(read("K=v\n"), [""; 0], "not exported");
        assert_eq!(read("K=v\nexport K\n"), ["1K=v"]);
        assert_eq!(read("K=v\nexport\n"), ["1K=v"]);
        assert_eq!(read(".EXPORT_ALL_VARIABLES:\nK=v\nunexport K\n"), [""; 0]);
        assert_eq!(told(&makefile("K=v\nL?=w\n", &|n| n == "K" || n == "L")), ["1K=v"]);
    }

    #[test]
    fn justfiles() {
        assert_eq!(told(&just("export K := \"v\"\nL := 'w'\n")), ["1K=v"]);
        assert_eq!(told(&just("set export\nL := 'w' # c\nM := `pass`\nall:\n  export N := 'x'\n")), ["2L=w", "3M?"]);
    }
}
