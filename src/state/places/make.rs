//! make: variables that recipes get.
//!
//! Source: GNU make 4.3, run on each form of the tests (`export`, `unexport`, `.EXPORT_ALL_VARIABLES`, `include`,
//! `define`, target-specific variables; a plain assignment reaches a recipe only where the variable came with the
//! environment or is exported). What stands in a conditional may or may not count. Not seen: values that a function, a
//! shell or another variable gives, and recipes' own lines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Cure, Found, Reaches, Sighting, Value};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;

/// Files that one Makefile may include.
const FOLLOWED: usize = 16;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    // make looks here only; the first name counts.
    let Some(dir) = state.system.cwd() else { return };
    let names = ["GNUmakefile", "makefile", "Makefile"].map(|name| dir.join(name));
    let Some(path) = names.into_iter().find(|path| state.system.stat(path).is_ok()) else { return };
    let inherited = |name: &str| state.var(name).is_some();
    let mut make = Make { inherited: &inherited, ..Make::default() };
    let mut files = vec![path];
    let mut read = |path: &Path| found.read(state, path);
    make.file(&dir, &mut files, 0, &mut read);
    for set in make.told() {
        let at = Location::line(&files[set.file], set.line);
        let sighting = Sighting::new(&set.name, set.value, at, "the Makefile", Reaches::Task);
        found.add(Sighting { cure: Cure::CommentLine, shadowed: set.shadowed, ..sighting });
    }
}

/// A variable that recipes get.
#[derive(Debug)]
struct Set {
    file: usize,
    line: u32,
    name: String,
    value: Value,
    /// Whether a later line takes its place.
    shadowed: bool,
    /// Of one target alone.
    of_target: bool,
    /// For itself alone; else by what is said of its name.
    export: bool,
}

struct Make<'m> {
    inherited: &'m dyn Fn(&str) -> bool,
    sets: Vec<Set>,
    /// What was said last of a name: whether it is exported.
    exports: BTreeMap<String, bool>,
    all: bool,
}

impl Default for Make<'_> {
    fn default() -> Self {
        Self { inherited: &|_| false, sets: Vec::new(), exports: BTreeMap::new(), all: false }
    }
}

impl Make<'_> {
    /// One file, and in its place each that it includes.
    fn file(&mut self, dir: &Path, files: &mut Vec<PathBuf>, at: usize, read: &mut dyn FnMut(&Path) -> Option<Token>) {
        let Some(text) = read(&files[at]) else { return };
        let text = String::from_utf8_lossy(text.bytes());
        // Conditionals that are open, and a definition of several lines.
        let (mut open, mut defining) = (0u32, false);
        let mut lines = (1u32..).zip(text.lines());
        while let Some((line, raw)) = lines.next() {
            let mut whole = raw.to_owned();
            while let Some(kept) = whole.strip_suffix('\\').map(|kept| kept.trim_end().to_owned())
                && let Some((_, next)) = lines.next()
            {
                whole = kept + " " + next.trim_start();
            }
            let code = uncommented(&whole);
            let word = code.split_whitespace().next().unwrap_or_default();
            if defining {
                defining = word != "endef";
                continue;
            }
            match word {
                _ if raw.starts_with('\t') => {}
                "" | "else" => {}
                "ifdef" | "ifndef" | "ifeq" | "ifneq" => open += 1,
                "endif" => open = open.saturating_sub(1),
                "include" | "-include" | "sinclude" => {
                    for name in code.split_whitespace().skip(1).filter(|name| !name.contains(['$', '*'])) {
                        let path = dir.join(name.strip_prefix("./").unwrap_or(name));
                        if files.len() <= FOLLOWED && !files.contains(&path) {
                            files.push(path);
                            self.file(dir, files, files.len() - 1, read);
                        }
                    }
                }
                _ => defining = self.line(&code, at, line, open > 0),
            }
        }
    }

    /// Whether a definition of several lines begins.
    fn line(&mut self, code: &str, file: usize, line: u32, maybe: bool) -> bool {
        let code = code.trim_start();
        if code.starts_with(".EXPORT_ALL_VARIABLES") {
            self.all = true;
            return false;
        }
        // `target: export NAME := value`.
        let target = code.split_once(':').filter(|(before, after)| {
            !before.contains(['=', '$', '?', '+', '!'])
                && !after.starts_with(['=', ':'])
                && modifiers(before).1 == *before
        });
        let (said, code) = modifiers(target.map_or(code, |(_, after)| after));
        let name = code.trim();
        if said.unexport {
            if name.is_empty() {
                self.all = false;
            }
            self.exports.extend(name.split_whitespace().map(|name| (name.to_owned(), false)));
            return false;
        }
        if let Some(name) = code.strip_prefix("undefine ") {
            let gone = |set: &Set| set.name == name.trim() && !maybe;
            self.sets.retain(|set| !gone(set));
            return false;
        }
        let defined = code.strip_prefix("define ").map(|rest| rest.trim().trim_end_matches(['=', ':', '+', '?', '!']));
        // What a command or a variable names is mostly all that a file gives.
        let pair = code.split_once('=').filter(|(before, _)| !before.contains('$'));
        let (name, how, value) = match (defined, pair) {
            (Some(name), _) => (name.trim_end(), "define", ""),
            (None, Some((before, value))) => {
                let name = before.trim_end_matches([':', '?', '+', '!']);
                (name.trim(), &before[name.len()..], value.trim_start())
            }
            (None, None) => {
                self.all |= said.export && target.is_none() && (name.is_empty() || name.contains('$'));
                if said.export && target.is_none() {
                    self.exports.extend(name.split_whitespace().map(|name| (name.to_owned(), true)));
                }
                return false;
            }
        };
        let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if plain(name) {
            self.set(
                Set {
                    file,
                    line,
                    name: name.to_owned(),
                    value: self.value(name, how, value),
                    shadowed: false,
                    of_target: target.is_some(),
                    export: said.export && target.is_some(),
                },
                how,
                maybe,
            );
            if said.export && target.is_none() {
                self.exports.insert(name.to_owned(), true);
            }
        }
        defined.is_some()
    }

    fn set(&mut self, set: Set, how: &str, maybe: bool) {
        let is_before = |other: &Set| other.name == set.name && !other.of_target;
        // `?=` leaves alone what is there.
        if how == "?" && ((self.inherited)(&set.name) || self.sets.iter().any(is_before)) {
            return;
        }
        if !maybe && !set.of_target {
            self.sets.iter_mut().filter(|other| is_before(other)).for_each(|other| other.shadowed = true);
        }
        self.sets.push(set);
    }

    fn value(&self, name: &str, how: &str, value: &str) -> Value {
        let plain = value.replace("$$", "");
        let known = !plain.contains('$') && matches!(how, "" | ":" | "::" | ":::" | "?" | "+");
        let mut text = value.replace("$$", "$");
        let mut known = known;
        if how == "+" {
            let last = self.sets.iter().rev().find(|set| set.name == name && !set.of_target).map(|set| &set.value);
            match last {
                Some(Value::Token(last)) => text = format!("{} {text}", String::from_utf8_lossy(last.bytes())),
                None if !(self.inherited)(name) => {}
                _ => known = false,
            }
        }
        if known {
            Value::Token(Token::new(text.into_bytes()))
        } else {
            Value::Reference(Token::new(value.as_bytes().to_vec()))
        }
    }

    /// Those that a recipe gets.
    fn told(self) -> Vec<Set> {
        let exported = |set: &Set| {
            let said = self.exports.get(&set.name).copied();
            set.export || said.unwrap_or(self.all || (self.inherited)(&set.name))
        };
        self.sets.into_iter().filter(exported).collect()
    }
}

/// Words before a variable.
#[derive(Default, Clone, Copy)]
struct Said {
    export: bool,
    unexport: bool,
}

fn modifiers(code: &str) -> (Said, &str) {
    let (mut said, mut rest) = (Said::default(), code.trim_start());
    loop {
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        match word {
            "export" => said.export = true,
            "unexport" => said.unexport = true,
            "override" | "private" => {}
            _ => return (said, rest),
        }
        rest = after.trim_start();
    }
}

/// Without a comment; `\#` is the sign itself. Blanks at the end stay, as make keeps them.
fn uncommented(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.trim_end_matches('\r').chars() {
        if c == '#' {
            if !out.ends_with('\\') {
                break;
            }
            out.pop();
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `line NAME=value`, `*` where a later line takes its place; files beside it as pairs.
    fn read(text: &str, others: &[(&str, &str)], inherited: &[&str]) -> Vec<String> {
        let inherited = |name: &str| inherited.contains(&name);
        let mut make = Make { inherited: &inherited, ..Make::default() };
        let mut files = vec![PathBuf::from("/p/Makefile")];
        make.file(Path::new("/p"), &mut files, 0, &mut |path| {
            let name = path.strip_prefix("/p").ok()?.to_str()?;
            let other = others.iter().find(|(other, _)| *other == name).map(|(_, text)| *text);
            (name == "Makefile").then_some(text).or(other).map(|text| Token::new(text.as_bytes().to_vec()))
        });
        let value = |v: &Value| match v {
            Value::Token(t) => format!("={}", String::from_utf8_lossy(t.bytes())),
            Value::Reference(_) => "?".to_owned(),
            Value::Unset => "-".to_owned(),
        };
        let told = |s: &Set| format!("{}{}{}{}", s.line, s.name, value(&s.value), if s.shadowed { "*" } else { "" });
        make.told().iter().map(told).collect()
    }

    /// Each as GNU make 4.3 gave it to a recipe.
    #[test]
    fn what_recipes_get() {
        for (text, want) in [
            ("export K = v", &["1K=v"][..]),
            ("export K = v # c", &["1K=v "]),
            ("export K=a\\#b", &["1K=a#b"]),
            ("export K='v'", &["1K='v'"]),
            ("export K=$$v", &["1K=$v"]),
            ("export K=a\\\n b", &["1K=a b"]),
            ("K=v", &[]),
            ("K=v\nexport K", &["1K=v"]),
            ("K=v\nexport L K", &["1K=v"]),
            ("export K\nK=v", &["2K=v"]),
            ("K=v\nexport", &["1K=v"]),
            ("K=v\nexport # all", &["1K=v"]),
            (".EXPORT_ALL_VARIABLES:\nK=v\nunexport K", &[]),
            ("unexport K\nexport K:=v", &["2K=v"]),
            ("export K=v\nundefine K", &[]),
            ("override export K=v", &["1K=v"]),
            ("export override K=v", &["1K=v"]),
            ("export private K=v", &["1K=v"]),
            ("export K=v\nK=w", &["1K=v*", "2K=w"]),
            ("export K=v\nK?=w", &["1K=v"]),
            ("export K?=v", &["1K=v"]),
            ("export K=v\nK+=w", &["1K=v*", "2K=v w"]),
            ("export K!=echo hi", &["1K?"]),
            ("export K := $(shell pass)\n\texport L=v\nall: export M ?= w", &["1K?", "3M=w"]),
            ("K=v\nall: export K=w\nall: K=u", &["2K=w"]),
            ("export K=v\nall: K=w", &["1K=v", "2K=w"]),
            ("define K\nx\nendef\nexport K", &["1K?"]),
            ("ifdef CI\nexport K=a\nelse\nexport K=b\nendif", &["2K=a", "4K=b"]),
            ("export A=1 K=2", &["1A=1 K=2"]),
            ("-include no.env\nexport K=v", &["2K=v"]),
        ] {
            assert_eq!(read(text, &[], &[]), want, "{text}");
        }
        assert_eq!(read("K=v\nL?=w\n", &[], &["K", "L"]), ["1K=v"]);
        assert_eq!(read("export K+=v\n", &[], &["K"]), ["1K?"], "behind what came with the environment");
        assert_eq!(read("K=v\nunexport\n", &[], &["K"]), ["1K=v"]);
    }

    #[test]
    fn what_it_includes() {
        let env = [(".env", "# c\nK=f\n"), ("loop.mk", "include Makefile loop.mk\nexport K=l\n")];
        for (text, want) in [
            ("include .env\nexport", &["2K=f"][..]),
            ("-include ./.env\nexport K", &["2K=f"]),
            ("sinclude .env no.env\nexport $(shell sed 's/=.*//' .env)", &["2K=f"]),
            ("include .env", &[]),
            ("include .env\nK=v\nexport K", &["2K=f*", "2K=v"]),
            ("K=v\ninclude .env\nexport K", &["1K=v*", "2K=f"]),
            ("include loop.mk", &["2K=l"]),
        ] {
            assert_eq!(read(text, &env, &[]), want, "{text}");
        }
        assert_eq!(read("include .env", &env, &["K"]), ["2K=f"], "over what came with the environment");
    }
}
