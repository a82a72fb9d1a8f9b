//! fish: what its start-up text does to variables.
//!
//! The text is run as that of the other shells is (see `posix`). Not seen: events of the prompt and of
//! signals, `math`, what programs print, and abbreviations.

mod builtins;
mod expand;
mod flow;
mod function;
mod order;
mod output;
mod parse;
mod path;
mod paths;
mod regex;
mod run;
mod set;
mod string;
mod test;
mod words;
mod written;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::value::{Place, Truth, Value, Variable, Variables};
use super::{Mode, Started, path_of};
use crate::system::{System, TEXT_LIMIT};
use run::{EMPTY, Run, SEPARATOR, list_value};

/// Where fish's own functions are.
const SHIPPED: [&str; 3] =
    ["/usr/share/fish/functions", "/usr/local/share/fish/functions", "/opt/homebrew/share/fish/functions"];

/// It cannot be told.
struct Untold;

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
        run.user_paths();
        run.own("__fish_config_dir", user.as_os_str().as_bytes());
    }
    if let Some(data) = data.as_deref().and_then(Path::parent) {
        run.own("__fish_user_data_dir", data.as_os_str().as_bytes());
    }
    let functions = user.iter().map(|u| u.join("functions")).chain(["/etc/fish/functions".into()]);
    let vendors = data.iter().chain(&packages).map(|dir| dir.with_file_name("vendor_functions.d"));
    let shipped = SHIPPED.map(PathBuf::from).into_iter().filter(|dir| system.stat(dir).is_ok());
    let all: Vec<Vec<u8>> =
        functions.chain(vendors).chain(shipped).map(|dir| dir.as_os_str().as_bytes().to_vec()).collect();
    run.put_own("fish_function_path", list_value(&all));
    run.own("__fish_sysconf_dir", b"/etc/fish");
    let mut seen: Vec<OsString> = Vec::new();
    let dirs = user.iter().map(|u| u.join("conf.d")).chain(["/etc/fish/conf.d".into()]).chain(data).chain(packages);
    for dir in dirs {
        let mut names = system.list(&dir).unwrap_or_default();
        names.sort_by(|a, b| order::compare(a.as_bytes(), b.as_bytes()));
        for name in names {
            // `*.fish`; the first of a name hides the others.
            let hidden = name.as_bytes().starts_with(b".");
            if hidden || Path::new(&name).extension().is_none_or(|e| e != "fish") || seen.contains(&name) {
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
        let mut path_list = false;
        while let Some(option) = rest.strip_prefix(b"--") {
            let Some(end) = option.iter().position(|b| *b == b' ') else { break };
            exported |= &option[..end] == b"export";
            path_list |= &option[..end] == b"path";
            rest = &option[end + 1..];
        }
        let Some(colon) = rest.iter().position(|b| *b == b':') else { continue };
        let value = unescaped(&rest[colon + 1..]);
        let place = Place { path: path.into(), line };
        let variable = Variable::new(Value::of(&value), Truth::of(exported), Some(place));
        if path_list {
            run.world.paths.insert(rest[..colon].to_vec(), true);
        }
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
fn joined(path: bool, value: &Value) -> Value {
    match value {
        Value::Known(token) if token.bytes() == EMPTY => Value::of(b""),
        Value::Known(token) if token.bytes().contains(&SEPARATOR) => {
            let by = if path { b':' } else { b' ' };
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

    /// Each value is that of fish 3.6.
    #[test]
    fn names_functions_lists_and_what_goes_on_behind() {
        let value = |text: &str| {
            let fake = Fake::home()
                .file("/home/u/.config/fish/fish_variables", "SETUVAR --export --path HF_TOKEN:/a\\x1e/b\n")
                .file("/home/u/.config/fish/config.fish", text)
                .file("/home/u/.x.fish", "set -gx HF_TOKEN x\n")
                .dir("/home/u/b", 0o755);
            start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
        };
        for (text, want) in [
            ("", "/a:/b"),
            ("set -gx HF_TOKEN a &", "a"),
            ("begin; set -gx HF_TOKEN a; end &", "a"),
            ("function f; set -gx HF_TOKEN a; end; f &", "a"),
            ("true; and set -gx HF_TOKEN a &", "a"),
            ("source ~/.x.fish &", "x"),
            ("false; sleep 0 &; or set -gx HF_TOKEN a", "a"),
            ("set -gx HF-TOKEN b; or set -gx HF_TOKEN a", "a"),
            ("set -gx 'HF TOKEN' b; or set -gx HF_TOKEN a", "a"),
            ("echo b | read HF-TOKEN; or set -gx HF_TOKEN a", "a"),
            ("set -eU HF_TOKEN; set -l HF_TOKEN b; begin; export HF_TOKEN; end; set -el HF_TOKEN", ""),
            ("set -eU HF_TOKEN; begin; set -l HF_TOKEN b; export HF_TOKEN; end", ""),
            ("set -eU HF_TOKEN; begin; set -lx HF_TOKEN b; export HF_TOKEN; end", "b"),
            ("cd ~/none/../b; and set -gx HF_TOKEN $PWD", "/home/u/b"),
        ] {
            assert_eq!(value(text), Value::of(want.as_bytes()), "{text}");
        }
        assert_eq!(value("set x (some-program); source ~/\"$x\".fish"), Value::Unknown);
    }

    /// Each value is that of fish 3.6.
    #[test]
    fn scopes_paths_braces_and_errors() {
        let value = |text: &str| {
            let fake = Fake::home()
                .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/u:/bin/sh\n")
                .file("/home/u/.config/fish/fish_variables", "SETUVAR fish_user_paths:/x\\x1e/y\n")
                .file("/home/u/.config/fish/conf.d/a.fish", "set -gx HF_TOKEN before\n")
                .file("/home/u/.config/fish/config.fish", text)
                .dir("/home/u/bin", 0o755)
                .var("PATH", "/bin:/y")
                .var("USER", "other");
            start(&fake, Shell::Fish, Mode::Script, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
        };
        for (text, want) in [
            ("set -fx HF_TOKEN a", "a"),
            ("set -g A a; begin; set -l A b; begin; set -l A c; end; set -gx HF_TOKEN $A; end", "b"),
            ("set -l A a; begin; set -q -l A; and set -gx HF_TOKEN a; end", "a"),
            ("begin; set -l A a; begin; set -el A; end; set -q A; or set -gx HF_TOKEN a; end", "a"),
            ("set -g A a; set -qx A; or set -gx HF_TOKEN a; set -ql A; and set -gx HF_TOKEN b", "a"),
            ("set -gx --path HF_TOKEN a b; set -a HF_TOKEN c", "a:b:c"),
            ("set --path A a:b; set -gx HF_TOKEN $A[2]", "b"),
            ("set A a b; set -gx HF_TOKEN {$A}_c{1,2}", "a_c1 a_c2 b_c1 b_c2"),
            ("set A a b; set B 1 2; set -gx HF_TOKEN $A$B", "a1 b1 a2 b2"),
            ("set -gx HF_TOKEN {a} {} {{b,c}} {d,e{f,g}}", "{a} {} {b} {c} d ef eg"),
            ("set -gx HF_TOKEN a \\\n# comment\n# more\n b", "a b"),
            ("set -gx HF_TOKEN ${HOME}", "before"),
            ("set -gx HF_TOKEN a; function f; echo (echo $?); end", "before"),
            ("set -gx HF_TOKEN '${HOME}' # $?", "${HOME}"),
            ("set -gx HF_TOKEN $USER", "me"),
            ("set -gx HF_TOKEN \"$PATH\"", "/x:/y:/bin"),
            ("fish_add_path -g ~/bin ~/none; set -gx HF_TOKEN \"$PATH\"", "/home/u/bin:/x:/y:/bin"),
            ("fish_add_path -aP ~/bin; set -gx HF_TOKEN \"$PATH\"", "/x:/y:/bin:/home/u/bin"),
            ("set -eU fish_user_paths; contains -- /x $PATH; or set -gx HF_TOKEN \"$PATH\"", "/y:/bin"),
        ] {
            assert_eq!(value(text), Value::of(want.as_bytes()), "{text}");
        }
    }
}
