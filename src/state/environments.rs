//! Environments that a person enters: virtualenv, conda, pixi, and what their files set on the way in.
//!
//! Read by two: `provenance`, which asks who set a variable that is set now, and `places`, which tells what they will
//! set. Source: CPython 3.11's venv, virtualenv 20 and virtualenvwrapper 6 (scripts run), conda's `activate.py` and
//! pixi's manifest reference (read).

use std::path::{Path, PathBuf};

use super::document::{Node, json, toml};
use super::places::Value;
use super::provenance::shell_text;
use crate::secret::Token;
use crate::system::{System, TEXT_LIMIT};

/// What a file of an environment gives to a variable.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) variable: String,
    pub(super) value: Value,
    pub(super) path: PathBuf,
    pub(super) line: Option<u32>,
    /// Leaving the environment does not take it away.
    pub(super) leaks: bool,
}

/// Where the files come from, and who is told of those that cannot be read.
pub(super) trait Source {
    fn system(&self) -> &dyn System;
    fn text(&mut self, path: &Path) -> Option<Token>;
    fn fault(&mut self, path: &Path, why: &str);
}

/// Which of a virtualenv's scripts are read: each is for one kind of shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    /// Those of bash, zsh, fish and csh.
    Shells,
    /// Also those of PowerShell and nushell.
    All,
}

/// The activate scripts of a virtualenv and its virtualenvwrapper hooks, in the order of their effect.
pub(super) fn virtualenv(source: &mut dyn Source, prefix: &Path, which: Scripts, names: &[&str]) -> Vec<Setting> {
    let bin = prefix.join("bin");
    let scripts: &[&str] = match which {
        Scripts::Shells => &["activate.csh", "activate.fish", "activate", "postactivate"],
        Scripts::All => {
            &["preactivate", "activate.nu", "Activate.ps1", "activate.csh", "activate.fish", "activate", "postactivate"]
        }
    };
    let mut out = Vec::new();
    for name in scripts {
        out.extend(script(source, &bin.join(name), names));
    }
    // virtualenvwrapper runs hooks of its own when the environment is left; nobody asks of it at a prompt.
    for setting in out.iter_mut().filter(|s| s.leaks && which == Scripts::All) {
        let hooks = ["predeactivate", "postdeactivate"].map(|name| bin.join(name));
        setting.leaks = !hooks.iter().any(|hook| mentions(source, hook, &setting.variable));
    }
    out
}

/// The last setting of each variable in a script.
pub(super) fn script(source: &mut dyn Source, path: &Path, names: &[&str]) -> Vec<Setting> {
    let Some(text) = source.text(path) else { return Vec::new() };
    let leaving = leaving(text.bytes());
    let extension = path.extension().and_then(std::ffi::OsStr::to_str);
    let mut out = Vec::new();
    for name in names {
        let last = match extension {
            Some("ps1") => prefixed(text.bytes(), "$env:", name),
            Some("nu") => prefixed(text.bytes(), "$env.", name),
            // A line inside of what runs when the environment is left puts something back.
            _ => {
                let inherited = source.system().var(name).is_some();
                shell(text.bytes(), name, inherited, |line| leaving.as_ref().is_some_and(|l| l.contains(&line)))
            }
        };
        let Some((line, value)) = last else { continue };
        let handled = leaving.clone().is_some_and(|lines| {
            let all = (1..).zip(text.bytes().split(|b| *b == b'\n'));
            all.filter(|(at, _)| lines.contains(at)).any(|(_, line)| holds_word(line, name.as_bytes()))
        });
        let (variable, path) = ((*name).to_owned(), path.to_owned());
        out.push(Setting { variable, value, path, line: Some(line), leaks: !handled });
    }
    out
}

/// What is exported by a script of a POSIX shell, fish or csh.
fn shell(text: &[u8], name: &str, inherited: bool, skip: impl Fn(u32) -> bool) -> Option<(u32, Value)> {
    let last = shell_text::exported(text, name, inherited, skip)?;
    let value = match last.value {
        Some(literal) => Value::Token(Token::new(literal)),
        None => Value::Reference(Token::new(line_of(text, last.line).trim_ascii().to_vec())),
    };
    Some((last.line, value))
}

/// `$env:NAME = "value"` of PowerShell, `$env.NAME = "value"` of nushell.
fn prefixed(text: &[u8], mark: &str, name: &str) -> Option<(u32, Value)> {
    let set = |(number, line): (u32, &[u8])| {
        let line = line.trim_ascii();
        let (head, rest) = line.split_at_checked(mark.len())?;
        let rest = rest.strip_prefix(name.as_bytes()).filter(|_| head.eq_ignore_ascii_case(mark.as_bytes()))?;
        let value = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
        let quoted = |quote: &[u8]| value.strip_prefix(quote)?.strip_suffix(quote);
        let token = |bytes: &[u8]| Token::new(bytes.to_vec());
        let value = match (quoted(b"'"), quoted(b"\"")) {
            (Some(inner), _) => Value::Token(token(inner)),
            (None, Some(inner)) if !inner.contains(&b'$') => Value::Token(token(inner)),
            _ => Value::Reference(token(value)),
        };
        Some((number, value))
    };
    (1..).zip(text.split(|b| *b == b'\n')).filter_map(set).last()
}

fn line_of(text: &[u8], number: u32) -> &[u8] {
    let at = usize::try_from(number).unwrap_or(0).saturating_sub(1);
    text.split(|b| *b == b'\n').nth(at).unwrap_or_default()
}

/// The lines of the function, or of csh's alias, that leaves the environment, from the line of its name on.
fn leaving(text: &[u8]) -> Option<std::ops::RangeInclusive<u32>> {
    const STARTS: [&[u8]; 6] = [
        b"deactivate ()",
        b"deactivate()",
        b"function deactivate",
        b"function global:deactivate",
        b"alias deactivate",
        b"export alias deactivate",
    ];
    let lines = || (1u32..).zip(text.split(|b| *b == b'\n'));
    let (start, first) = lines().find(|(_, line)| STARTS.iter().any(|s| line.to_ascii_lowercase().starts_with(s)))?;
    if first.starts_with(b"alias") || first.starts_with(b"export alias") {
        return Some(start..=start);
    }
    // Its end stands in the first column, as in every template.
    let ends = |line: &[u8]| matches!(line.trim_ascii_end(), b"}" | b"end");
    let end = lines().find(|(at, line)| *at > start && ends(line)).map_or(u32::MAX, |(at, _)| at);
    Some(start..=end)
}

/// Whether a text holds a name that is no part of a longer one.
pub(super) fn holds_word(text: &[u8], name: &[u8]) -> bool {
    let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    text.windows(name.len()).enumerate().any(|(at, window)| {
        window == name && !part(at.checked_sub(1).and_then(|i| text.get(i))) && !part(text.get(at + name.len()))
    })
}

fn mentions(source: &mut dyn Source, path: &Path, name: &str) -> bool {
    source.text(path).is_some_and(|text| holds_word(text.bytes(), name.as_bytes()))
}

/// What conda sets: the files of `env_vars.d`, over them `conda env config vars`, over both the scripts.
pub(super) fn conda(source: &mut dyn Source, prefix: &Path, names: &[&str]) -> Vec<Setting> {
    let etc = prefix.join("etc/conda");
    let mut out = Vec::new();
    for path in listed(source.system(), &etc.join("env_vars.d")) {
        if let Some(root) = parsed(source, &path, json) {
            out.extend(of_map(&root, &path, names));
        }
    }
    let path = prefix.join("conda-meta/state");
    if let Some(root) = parsed(source, &path, json)
        && let Some(map) = root.get("env_vars")
    {
        out.extend(of_map(map, &path, names));
    }
    for path in listed(source.system(), &etc.join("activate.d")) {
        let settings = script(source, &path, names);
        for mut setting in settings {
            let leave = listed(source.system(), &etc.join("deactivate.d"));
            setting.leaks = !leave.iter().any(|script| mentions(source, script, &setting.variable));
            out.push(setting);
        }
    }
    out
}

fn listed(system: &dyn System, dir: &Path) -> Vec<PathBuf> {
    system.list(dir).unwrap_or_default().into_iter().map(|name| dir.join(name)).collect()
}

fn parsed(
    source: &mut dyn Source,
    path: &Path,
    parser: fn(&[u8]) -> Result<Node, super::document::Fault>,
) -> Option<Node> {
    let text = source.text(path)?;
    parser(text.bytes()).map_err(|why| source.fault(path, &why.to_string())).ok()
}

/// The names that a map gives.
fn of_map(map: &Node, path: &Path, names: &[&str]) -> Vec<Setting> {
    // conda writes this where a variable is to be taken away.
    const UNSET: &[u8] = b"***unset***";
    let wanted = map.entries().iter().filter(|entry| names.contains(&entry.key.as_str()));
    let setting = |entry: &super::document::Entry| {
        let text = entry.value.text()?;
        let value = if text.bytes() == UNSET { Value::Unset } else { Value::Token(text.clone()) };
        Some(Setting {
            variable: entry.key.clone(),
            value,
            path: path.to_owned(),
            line: Some(entry.line),
            leaks: false,
        })
    };
    wanted.filter_map(setting).collect()
}

/// `[activation.env]` of a pixi workspace, also by feature and platform.
pub(super) fn pixi(source: &mut dyn Source, manifest: &Path, names: &[&str]) -> Vec<Setting> {
    // A manifest that names no variable of ours may lead to a script that does.
    let leads = |text: &[u8]| holds_word(text, b"activation") && holds_word(text, b"scripts");
    let read = source.system().read(manifest, TEXT_LIMIT).ok().map(|content| Token::new(content.bytes));
    let leading = read.filter(|text| leads(text.bytes())).and_then(|text| toml(text.bytes()).ok());
    let Some(root) = leading.or_else(|| parsed(source, manifest, toml)) else { return Vec::new() };
    let Some(root) = pixi_root(&root, manifest) else { return Vec::new() };
    let mut out = Vec::new();
    activation(source, root, manifest, names, 2, &mut out);
    out
}

/// The part of a manifest that is pixi's.
pub(super) fn pixi_root<'n>(root: &'n Node, manifest: &Path) -> Option<&'n Node> {
    if manifest.ends_with("pyproject.toml") { root.at(&["tool", "pixi"]) } else { Some(root) }
}

fn activation(source: &mut dyn Source, table: &Node, path: &Path, names: &[&str], depth: u8, out: &mut Vec<Setting>) {
    // Its own variables go over those of its scripts. Both are gone with the shell that pixi started.
    for name in table.at(&["activation", "scripts"]).into_iter().flat_map(Node::items).filter_map(Node::str) {
        let path = path.parent().unwrap_or(path).join(name);
        out.extend(script(source, &path, names).into_iter().map(|s| Setting { leaks: false, ..s }));
    }
    if let Some(env) = table.at(&["activation", "env"]) {
        // What a shell would expand is expanded when the environment is entered.
        let expands = |s: &Setting| s.value.literal().is_some_and(|t| t.bytes().contains(&b'$'));
        out.extend(of_map(env, path, names).into_iter().map(|mut setting| {
            if expands(&setting)
                && let Value::Token(text) = setting.value
            {
                setting.value = Value::Reference(text);
            }
            setting
        }));
    }
    if depth > 0 {
        for inner in ["feature", "target"].iter().filter_map(|key| table.get(key)).flat_map(Node::entries) {
            activation(source, &inner.value, path, names, depth - 1, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    struct Files(Fake);

    impl Source for Files {
        fn system(&self) -> &dyn System {
            &self.0
        }

        fn text(&mut self, path: &Path) -> Option<Token> {
            self.0.read(path, 1 << 20).ok().map(|c| Token::new(c.bytes))
        }

        fn fault(&mut self, path: &Path, why: &str) {
            panic!("{}: {why}", path.display());
        }
    }

    fn told(settings: &[Setting]) -> Vec<String> {
        let value = |value: &Value| match value {
            Value::Token(t) => String::from_utf8_lossy(t.bytes()).into_owned(),
            Value::Reference(_) => "?".to_owned(),
            Value::Unset => "-".to_owned(),
        };
        let told = |s: &Setting| {
            let leaks = if s.leaks { " leaks" } else { "" };
            format!("{}={}:{}{leaks}", s.variable, value(&s.value), s.line.unwrap_or(0))
        };
        settings.iter().map(told).collect()
    }

    #[test]
    fn an_activate_script_leaks_unless_it_cleans_up() {
        let ask = |name: &str, text: &str| {
            let path = format!("/v/bin/{name}");
            told(&script(&mut Files(Fake::home().file(&path, text)), Path::new(&path), &["HF_TOKEN"]))
        };
        let template = "deactivate () {\n    unset VIRTUAL_ENV\n}\ndeactivate nondestructive\n";
        assert_eq!(ask("activate", &format!("{template}export HF_TOKEN=a\n")), ["HF_TOKEN=a:5 leaks"]);
        let cleans = template.replace("unset VIRTUAL_ENV", "unset HF_TOKEN");
        assert_eq!(ask("activate", &format!("{cleans}export HF_TOKEN=a\n")), ["HF_TOKEN=a:5"]);
        let other = template.replace("unset VIRTUAL_ENV", "unset HF_TOKEN_PATH");
        assert_eq!(ask("activate", &format!("{other}export HF_TOKEN=a\n")), ["HF_TOKEN=a:5 leaks"]);
        let restores = template.replace("unset VIRTUAL_ENV", "export HF_TOKEN=\"$_OLD\"");
        assert_eq!(ask("activate", &restores), [""; 0], "it only puts something back");
        assert_eq!(ask("activate", &format!("{template}export HF_TOKEN=$(pass hf)\n")), ["HF_TOKEN=?:5 leaks"]);
        let fish = "function deactivate -d x\n    set -e HF_TOKEN\nend\nset -gx HF_TOKEN a\n";
        assert_eq!(ask("activate.fish", fish), ["HF_TOKEN=a:4"]);
        let csh = "alias deactivate 'unsetenv HF_TOKEN; unalias deactivate'\nsetenv HF_TOKEN a\n";
        assert_eq!(ask("activate.csh", csh), ["HF_TOKEN=a:2"]);
        let ps1 = "function global:deactivate ([switch]$x) {\n}\n$Env:HF_TOKEN = \"a\"\n";
        assert_eq!(ask("Activate.ps1", ps1), ["HF_TOKEN=a:3 leaks"]);
        assert_eq!(ask("activate.nu", "$env.HF_TOKEN = 'a'\n"), ["HF_TOKEN=a:1 leaks"]);
    }

    #[test]
    fn hooks_of_virtualenvwrapper_clean_up_too() {
        let fake = Fake::home().file("/v/bin/postactivate", "export HF_TOKEN=a\n");
        let ask =
            |fake: &Fake| told(&virtualenv(&mut Files(fake.clone()), Path::new("/v"), Scripts::All, &["HF_TOKEN"]));
        assert_eq!(ask(&fake), ["HF_TOKEN=a:1 leaks"]);
        assert_eq!(ask(&fake.file("/v/bin/predeactivate", "unset HF_TOKEN\n")), ["HF_TOKEN=a:1"]);
    }

    #[test]
    fn conda_in_its_order() {
        let fake = Fake::home()
            .file("/c/etc/conda/env_vars.d/a.json", r#"{"HF_TOKEN": "a", "X": "y"}"#)
            .file("/c/conda-meta/state", "{\"env_vars\": {\n\"HF_TOKEN\": \"b\", \"HF_HOME\": \"***unset***\"}}")
            .file("/c/etc/conda/activate.d/x.sh", "export HF_TOKEN=c\n");
        let ask = |fake: &Fake| told(&conda(&mut Files(fake.clone()), Path::new("/c"), &["HF_TOKEN", "HF_HOME"]));
        assert_eq!(ask(&fake), ["HF_TOKEN=a:1", "HF_TOKEN=b:2", "HF_HOME=-:2", "HF_TOKEN=c:1 leaks"]);
        let left = fake.file("/c/etc/conda/deactivate.d/x.sh", "unset HF_TOKEN\n");
        assert_eq!(ask(&left).last().unwrap(), "HF_TOKEN=c:1");
    }

    #[test]
    fn pixi_expands_when_it_is_entered() {
        let text = "[activation.env]\nHF_TOKEN = \"$MY_TOKEN\"\n[feature.x.activation.env]\nHF_HOME = '/x'\n";
        let mut files = Files(Fake::home().file("/p/pixi.toml", text));
        assert_eq!(
            told(&pixi(&mut files, Path::new("/p/pixi.toml"), &["HF_TOKEN", "HF_HOME"])),
            ["HF_TOKEN=?:2", "HF_HOME=/x:4"]
        );
        let text = "[activation]\nscripts = [\"env/setup.sh\"]\n[activation.env]\nHF_TOKEN = \"over\"\n";
        let script = "HF_HOME=/not/exported\nexport HF_TOKEN=under\n";
        let mut files = Files(Fake::home().file("/p/pixi.toml", text).file("/p/env/setup.sh", script));
        let all = pixi(&mut files, Path::new("/p/pixi.toml"), &["HF_TOKEN", "HF_HOME"]);
        assert_eq!(told(&all), ["HF_TOKEN=under:2", "HF_TOKEN=over:4"]);
    }
}
