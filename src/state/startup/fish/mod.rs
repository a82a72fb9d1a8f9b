//! fish: what its start-up text does to variables.
//!
//! The text is run as that of the other shells is (see `posix`). Not seen: events (`--on-variable`), `string` beyond
//! `trim`, `math`, what programs print, and abbreviations.

mod builtins;
mod expand;
mod parse;
mod run;
mod set;
mod string;
mod words;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::value::{Place, Truth, Value, Variable, Variables};
use super::{Mode, Started, path_of};
use crate::system::{System, TEXT_LIMIT};
use run::{EMPTY, Run, SEPARATOR};

/// Universal variables, `conf.d` of the person, of the machine and of packages, then `config.fish` of both: always.
/// Source: fish 3.6.0, `share/config.fish` and `read_init`, run.
pub(super) fn start(system: &dyn System, mode: Mode, variables: Variables, names: &[&str]) -> Started {
    let home = path_of(&variables.value(b"HOME"));
    let user = path_of(&variables.value(b"XDG_CONFIG_HOME"))
        .or_else(|| home.as_ref().map(|h| h.join(".config")))
        .map(|c| c.join("fish"));
    let data = path_of(&variables.value(b"XDG_DATA_HOME"))
        .or_else(|| home.as_ref().map(|h| h.join(".local/share")))
        .map(|d| d.join("fish/vendor_conf.d"));
    let packages: Vec<PathBuf> = match variables.value(b"XDG_DATA_DIRS") {
        Value::Known(dirs) if !dirs.bytes().is_empty() => dirs
            .bytes()
            .split(|b| *b == b':')
            .map(|d| PathBuf::from(std::ffi::OsStr::from_bytes(d)).join("fish/vendor_conf.d"))
            .collect(),
        _ => ["/usr/local/share", "/usr/share"].map(|d| Path::new(d).join("fish/vendor_conf.d")).to_vec(),
    };
    let mut run = Run::new(system, (mode == Mode::Login, mode != Mode::Script), variables, names);
    if let Some(user) = &user {
        universal(&mut run, &user.join("fish_variables"));
        run.own("__fish_config_dir", user.as_os_str().as_bytes());
    }
    run.function_dirs = user.iter().map(|u| u.join("functions")).chain(["/etc/fish/functions".into()]).collect();
    run.own("__fish_sysconf_dir", b"/etc/fish");
    let mut seen: Vec<OsString> = Vec::new();
    let dirs = user.iter().map(|u| u.join("conf.d")).chain(["/etc/fish/conf.d".into()]).chain(data).chain(packages);
    for dir in dirs {
        for name in system.list(&dir).unwrap_or_default() {
            // The first of a name hides the others.
            if Path::new(&name).extension().is_none_or(|e| e != "fish") || seen.contains(&name) {
                continue;
            }
            let path = dir.join(&name);
            seen.push(name);
            if !run.start_up(&path) {
                return run.finish();
            }
        }
    }
    if run.start_up(Path::new("/etc/fish/config.fish"))
        && let Some(user) = &user
    {
        run.start_up(&user.join("config.fish"));
    }
    run.finish()
}

/// The variables of `fish_variables`, `SETUVAR --export NAME:VALUE`.
fn universal(run: &mut Run<'_>, path: &Path) {
    let Ok(content) = run.system.read(path, TEXT_LIMIT) else { return };
    let text = crate::secret::Token::new(content.bytes);
    run.has_read(path);
    for (line, text) in (1..).zip(text.bytes().split(|b| *b == b'\n')) {
        // Before 3.0: `SET` and `SET_EXPORT`.
        let (mut rest, mut exported) = match text.strip_prefix(b"SETUVAR ") {
            Some(rest) => (rest, false),
            None => match (text.strip_prefix(b"SET "), text.strip_prefix(b"SET_EXPORT ")) {
                (Some(rest), _) => (rest, false),
                (_, Some(rest)) => (rest, true),
                _ => continue,
            },
        };
        while let Some(option) = rest.strip_prefix(b"--") {
            let Some(end) = option.iter().position(|b| *b == b' ') else { break };
            exported |= &option[..end] == b"export";
            rest = &option[end + 1..];
        }
        let Some(colon) = rest.iter().position(|b| *b == b':') else { continue };
        let value = unescaped(&rest[colon + 1..]);
        let place = Place { path: path.into(), line };
        let variable = Variable::new(Value::of(&value), Truth::of(exported), Some(place));
        run.universal(&rest[..colon], variable);
    }
}

/// `\xHH`, `\uHHHH`, `\\`; list elements are apart by `\x1e`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&b, more)) = rest.split_first() {
        rest = more;
        if b != b'\\' {
            out.push(b);
            continue;
        }
        let (digits, wide) = match rest.first() {
            Some(b'x') => (2, false),
            Some(b'u') => (4, true),
            Some(b'U') => (8, true),
            Some(&other) => {
                out.push(match other {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    _ => other,
                });
                rest = &rest[1..];
                continue;
            }
            None => break,
        };
        let hex = &rest[1..];
        let length = hex.iter().take(digits).take_while(|b| b.is_ascii_hexdigit()).count();
        let code = std::str::from_utf8(&hex[..length]).ok().and_then(|h| u32::from_str_radix(h, 16).ok()).unwrap_or(0);
        rest = &hex[length..];
        if let (false, Ok(byte)) = (wide, u8::try_from(code)) {
            out.push(byte);
        } else {
            let c = char::from_u32(code).unwrap_or('\u{fffd}');
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out
}

/// How a list stands in the environment: in words, or as a path.
fn joined(name: &[u8], value: &Value) -> Value {
    match value {
        Value::Known(token) if token.bytes() == EMPTY => Value::of(b""),
        Value::Known(token) if token.bytes().contains(&SEPARATOR) => {
            let by = if name.ends_with(b"PATH") { b':' } else { b' ' };
            Value::of(&token.bytes().iter().map(|b| if *b == SEPARATOR { by } else { *b }).collect::<Vec<_>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    #[test]
    fn exit_ends_a_file_and_exec_the_shell() {
        let value = |file: &str| {
            let fake = Fake::home()
                .file("/home/u/.config/fish/conf.d/a.fish", format!("set -gx HF_TOKEN a\n{file}\nset -gx HF_TOKEN b\n"))
                .file("/home/u/.config/fish/config.fish", "set -gx HF_TOKEN $HF_TOKEN-c\n");
            start(&fake, Shell::Fish, Mode::Login, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
        };
        assert_eq!(value("exit"), Value::of(b"a-c"));
        assert_eq!(value("function f; exit 1; end; f"), Value::of(b"a-c"));
        assert_eq!(value("exec true"), Value::of(b"a"));
        assert_eq!(value("if not status is-interactive; exit; end"), Value::of(b"b-c"));
        assert_eq!(value("if some-program; exit; end"), Value::Unknown);
        assert_eq!(value("if some-program; exec true; end; exit"), Value::Unknown);
    }
}
