//! Nix shells and devenv, by the look of their text: Nix is a language, and what it comes to is known when it has run.
//!
//! Seen are `env.NAME = "…";` and `NAME = "…";` in `devenv.nix`, `shell.nix`, `flake.nix` and their kin, `env = { … }` over
//! several lines, `export NAME=…` in a hook, and `devenv.yaml`'s and `devenv.nix`' `dotenv.enable`, whose files are told
//! as such. Not seen: functions, imports, conditions, texts over several lines.

use super::{Cure, Found, Reaches, Sighting, Value, named_in, project};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::provenance::shell_text;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    for dir in project(state.system) {
        for name in ["devenv.nix", "devenv.local.nix", "shell.nix", "flake.nix", "default.nix"] {
            let path = dir.join(name);
            let Some(text) = found.read_naming(state, &path) else { continue };
            let text = String::from_utf8_lossy(text.bytes());
            let setter = if name.starts_with("devenv") { "devenv" } else { "the Nix shell" };
            for variable in named_in(text.as_bytes()) {
                for (line, value, alone) in assignments(&text, variable) {
                    let at = Location::line(&path, line);
                    let sighting = Sighting::new(variable, value, at, setter, Reaches::Environment);
                    let cure = if alone { Cure::CommentLine } else { Cure::Edit };
                    found.add(Sighting { cure, ..sighting });
                }
            }
        }
    }
}

/// Each with its line, and whether nothing else stands in that.
fn assignments(text: &str, variable: &str) -> Vec<(u32, Value, bool)> {
    let mut out = Vec::new();
    for (line, raw) in (1..).zip(text.lines()) {
        let code = raw.trim_start();
        if code.starts_with('#') || !code.contains(variable) {
            continue;
        }
        for part in code.split([';', '{']) {
            let part = part.trim().strip_prefix("env.").unwrap_or(part.trim());
            let Some((name, rest)) = part.split_once('=') else { continue };
            if name.trim().trim_matches('"') != variable || rest.starts_with('=') {
                continue;
            }
            let inner = rest.trim().strip_prefix('"').and_then(|r| r.strip_suffix('"'));
            let literal = inner.filter(|i| !i.contains("${") && !i.contains(['"', '\\']));
            let value = literal.map_or_else(
                || Value::Reference(Token::new(rest.trim().as_bytes().to_vec())),
                |inner| Value::Token(Token::new(inner.as_bytes().to_vec())),
            );
            let braces = code.contains(['{', '}']) || code.contains("''");
            let alone = !braces && code.trim_end().ends_with(';') && code.matches(';').count() == 1;
            out.push((line, value, alone));
        }
        if code.starts_with("export ") {
            for set in shell_text::assignments(code.as_bytes(), variable) {
                let value =
                    set.value.map_or_else(|| Value::Reference(Token::new(Vec::new())), |v| Value::Token(Token::new(v)));
                out.push((line, value, !code.contains([';', '&', '|']) && !code.contains("''")));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen() {
        let text = "{ pkgs, ... }: {\n  # env.K = \"no\";\n  env.K = \"v\";\n  env = { K = \"w\"; };\n  K = builtins.getEnv \"K\";\n  enterShell = ''\n    export K=x\n  '';\n  a = K == \"v\";\n}\n";
        let told: Vec<String> = assignments(text, "K")
            .into_iter()
            .map(|(line, value, alone)| match value {
                Value::Token(t) => format!("{line}={}{alone}", String::from_utf8_lossy(t.bytes())),
                _ => format!("{line}?{alone}"),
            })
            .collect();
        assert_eq!(told, ["3=vtrue", "4=wfalse", "5?true", "7=xtrue"]);
    }
}
