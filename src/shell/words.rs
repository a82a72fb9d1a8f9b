//! The commands of help lines, which are written for POSIX shells, in the words of other shells.

/// A command in another shell's words; as it is where that shell has the same, or where nobody could say it in one line.
///
/// `shell` is the name of its program. fish knows `export`, and has `set -e` for `unset`; xonsh, elvish and nushell (`nu`)
/// have words of their own for all that touches a variable.
pub fn translated(command: &str, shell: &str) -> String {
    let parts: Vec<&str> = command.split("; ").collect();
    let words = match (shell, parts.as_slice()) {
        ("fish" | "xonsh" | "elvish" | "nu", [read, _]) if read.starts_with("read -rs ") => {
            asked(read.trim_start_matches("read -rs "), shell).map(|one| vec![one])
        }
        ("fish", [one]) => part(one, shell).map(|one| vec![one]),
        ("xonsh" | "elvish" | "nu", all) => all.iter().map(|one| part(one, shell)).collect(),
        _ => None,
    };
    words.map_or_else(|| command.to_owned(), |words| words.join("; "))
}

/// Reads a value without showing it, and exports it.
fn asked(name: &str, shell: &str) -> Option<String> {
    Some(match shell {
        "fish" => format!("read -gxs {name}"),
        "xonsh" => format!("import getpass; ${name} = getpass.getpass()"),
        "elvish" => format!("stty -echo; set-env {name} (read-line); stty echo"),
        "nu" => format!("$env.{name} = (input -s)"),
        _ => return None,
    })
}

fn part(command: &str, shell: &str) -> Option<String> {
    if let Some(names) = command.strip_prefix("unset ") {
        if names.contains([';', '&', '|']) {
            return None;
        }
        let each = |f: &dyn Fn(&str) -> String| names.split(' ').map(f).collect::<Vec<_>>();
        return Some(match shell {
            "xonsh" => format!("del {}", each(&|n| format!("${n}")).join(", ")),
            "elvish" => each(&|n| format!("unset-env {n}")).join("; "),
            "nu" => format!("hide-env {names}"),
            _ => format!("set -e {names}"),
        });
    }
    if shell == "fish" {
        return None;
    }
    if let Some((name, value)) = command.strip_prefix("export ").and_then(|rest| rest.split_once('=')) {
        let value = expression(value, shell)?;
        return Some(match shell {
            "xonsh" => format!("${name} = {value}"),
            "elvish" => format!("set-env {name} {value}"),
            _ => format!("$env.{name} = {value}"),
        });
    }
    // Words without meaning to any shell are the same in all of them.
    (!command.contains(['$', '`', '\'', '"', '\\', ';', '&', '|', '<', '>'])).then(|| command.to_owned())
}

/// The right-hand side of an assignment.
fn expression(value: &str, shell: &str) -> Option<String> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-+=:,@%".contains(&b));
    if plain(value) {
        return Some(format!("'{value}'"));
    }
    let inside = value.strip_prefix('"')?.strip_suffix('"')?;
    if let Some(command) = inside.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')) {
        let known = command.bytes().all(|b| b.is_ascii_lowercase() || b == b' ' || b == b'-');
        return known.then(|| match shell {
            "xonsh" => format!("$({command}).strip()"),
            _ => format!("({command})"),
        });
    }
    let rest = inside.strip_prefix('$')?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (name, tail) = rest.split_at(end);
    if !plain(tail) {
        return None;
    }
    Some(match (shell, tail) {
        ("xonsh", "") => format!("${name}"),
        ("xonsh", _) => format!("${name} + '{tail}'"),
        ("elvish", _) => format!("$E:{name}{tail}"),
        (_, "") => format!("$env.{name}"),
        _ => format!("$\"($env.{name}){tail}\""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_unsets_in_its_own_way() {
        assert_eq!(translated("unset HF_TOKEN", "zsh"), "unset HF_TOKEN");
        assert_eq!(translated("unset HF_TOKEN", "fish"), "set -e HF_TOKEN");
        assert_eq!(translated("unset A B", "xonsh"), "del $A, $B");
        assert_eq!(translated("unset A B", "elvish"), "unset-env A; unset-env B");
        assert_eq!(translated("unset A B", "nu"), "hide-env A B");
        for shell in ["bash", "fish", "xonsh", "elvish", "nu"] {
            assert_eq!(translated("hf auth login", shell), "hf auth login");
        }
    }

    #[test]
    fn a_value_is_read_unseen() {
        let command = "read -rs HF_TOKEN; export HF_TOKEN";
        assert_eq!(translated(command, "bash"), command);
        assert_eq!(translated(command, "fish"), "read -gxs HF_TOKEN");
        assert_eq!(translated(command, "nu"), "$env.HF_TOKEN = (input -s)");
    }

    #[test]
    fn exports_are_assignments() {
        let of = |shell| {
            ["export NETRC=/dev/null", "export A=\"$B\"; unset B", "export P=\"$HOME/x\"", "export D=\"$(mktemp -d)\""]
                .map(|command| translated(command, shell))
        };
        assert_eq!(
            of("xonsh"),
            ["$NETRC = '/dev/null'", "$A = $B; del $B", "$P = $HOME + '/x'", "$D = $(mktemp -d).strip()"]
        );
        assert_eq!(
            of("elvish"),
            [
                "set-env NETRC '/dev/null'",
                "set-env A $E:B; unset-env B",
                "set-env P $E:HOME/x",
                "set-env D (mktemp -d)"
            ]
        );
        assert_eq!(
            of("nu"),
            [
                "$env.NETRC = '/dev/null'",
                "$env.A = $env.B; hide-env B",
                "$env.P = $\"($env.HOME)/x\"",
                "$env.D = (mktemp -d)"
            ]
        );
        // What can't be said as shortly stays: half a translation would be neither.
        let odd = "export A=\"$(printf %s \"$A\" | tr -d x)\"; unset B";
        assert_eq!(translated(odd, "nu"), odd);
    }
}
