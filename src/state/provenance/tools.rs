//! direnv and mise: what they left in the environment tells what they set.
//! Source: direnv 2.32 (`gzenv`, `env_diff`), mise 2026.9 (`env_diff`), both run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use super::{Certainty, Secret, SetBy, Variable, home, shell_text, text};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::{State, document};
use crate::system::path::Within as _;
use crate::system::{Kind, System, TEXT_LIMIT};

/// direnv: `DIRENV_DIFF` holds the value under `n`.
pub(super) fn direnv(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    #[derive(Deserialize)]
    struct Diff {
        n: BTreeMap<String, Secret>,
    }
    let bytes = decoded(state, "DIRENV_DIFF", &URL_SAFE)?;
    let diff: Diff = serde_json::from_slice(inflated(bytes).bytes()).ok()?;
    if diff.n.get(variable.name)?.0 != variable.value {
        return None;
    }
    let file = state.non_empty("DIRENV_FILE").map(PathBuf::from).or_else(|| {
        // Older releases tell only the directory, behind a hyphen.
        let dir = state.non_empty("DIRENV_DIR")?.into_string().ok()?;
        Some(Path::new(dir.strip_prefix('-')?).join(".envrc"))
    });
    let location = file.as_deref().map(|file| {
        let content = text(state.system, file);
        let found = content.map(|c| shell_text::assignments(c.bytes(), variable.name)).unwrap_or_default();
        let line = found.last().map(|a| a.line);
        Location::File { path: file.to_owned(), line }
    });
    // An .envrc in the home directory is in force nearly everywhere.
    let own = file.as_deref().and_then(Path::parent) != home(state.system).as_deref();
    Some(SetBy { location, certainty: Certainty::Certain, setter: "direnv", own_to_project: own })
}

/// mise: `__MISE_DIFF` holds the value under `new`.
pub(super) fn mise(state: &State<'_>, variable: &Variable<'_>) -> Option<SetBy> {
    #[derive(Deserialize)]
    struct Diff {
        #[serde(default)]
        new: BTreeMap<String, Secret>,
    }
    let bytes = decoded(state, "__MISE_DIFF", &STANDARD)?;
    let diff: Diff = rmp_serde::from_slice(inflated(bytes).bytes()).ok()?;
    if diff.new.get(variable.name)?.0 != variable.value {
        return None;
    }
    let (location, own) = mise_file(state, variable).map_or((None, true), |(at, own)| (Some(at), own));
    Some(SetBy { location, certainty: Certainty::Certain, setter: "mise", own_to_project: own })
}

/// The file whose `[env]` has the name, and whether it is a project's.
fn mise_file(state: &State<'_>, variable: &Variable<'_>) -> Option<(Location, bool)> {
    mise_files(state).into_iter().find_map(|(path, own)| Some((in_env_table(state.system, &path, variable)?, own)))
}

/// The files that mise reads here, there or not, and whether each is a project's: the one that counts most first. Those
/// of the nearest directory before all, then the person's own, which are for every project, and the machine's.
/// Order: mise 2026.9 with all of these in one directory, and the winner taken away until none was left.
pub(in crate::state) fn mise_files(state: &State<'_>) -> Vec<(PathBuf, bool)> {
    const PLAIN: [&str; 7] =
        [".mise", "mise", "mise/config", ".mise/config", ".config/mise", ".config/mise/mise", ".config/mise/config"];
    const PROFILED: [&str; 6] = [".mise", ".mise/config", "mise", "mise/config", ".config/mise", ".config/mise/config"];
    let system = state.system;
    let home = home(system);
    let profile = state.non_empty("MISE_ENV").and_then(|e| e.into_string().ok());
    let profiles: Vec<&str> = profile.iter().flat_map(|p| p.split(',')).map(str::trim).rev().collect();
    let named = |plain: &[&str], profiled: &[&str]| -> Vec<String> {
        let ends = |p: &&str| [format!(".{p}.local"), format!(".{p}")];
        let profiled =
            profiles.iter().flat_map(ends).flat_map(|end| profiled.iter().map(move |n| format!("{n}{end}.toml")));
        let plain = [".local", ""].iter().flat_map(|end| plain.iter().map(move |n| format!("{n}{end}.toml")));
        profiled.chain(plain).collect()
    };
    let names = named(&PLAIN, &PROFILED);
    let own_names = named(&["mise", "config"], &["config"]);
    let mut out: Vec<(PathBuf, bool)> = Vec::new();
    let mut add = |path: PathBuf, own: bool| {
        // By their bytes: to compare paths part by part costs more here than all else of a check.
        if !out.iter().any(|(p, _)| p.as_os_str() == path.as_os_str()) {
            out.push((path, own));
        }
    };
    let parts = |dir: PathBuf| {
        let mut names = system.list(&dir).unwrap_or_default();
        names.retain(|name| {
            let name = name.as_encoded_bytes();
            name.ends_with(b".toml") && !name.starts_with(b".")
        });
        names.into_iter().rev().map(move |name| dir.within(name))
    };
    for dir in system.cwd().iter().flat_map(|d| d.ancestors()) {
        let own = Some(dir) != home.as_deref();
        for name in &names {
            add(dir.within(name), own);
        }
        parts(dir.within(".config/mise/conf.d")).for_each(|path| add(path, own));
    }
    let config = state.non_empty("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(home?.join(".config")));
    for dir in config.into_iter().map(|dir| dir.within("mise")).chain([PathBuf::from("/etc/mise")]) {
        for name in &own_names {
            add(dir.within(name), false);
        }
        parts(dir.within("conf.d")).for_each(|path| add(path, false));
    }
    out
}

/// The place of a variable in a file's `[env]`; its line, where the value stands as a literal.
fn in_env_table(system: &dyn System, path: &Path, variable: &Variable<'_>) -> Option<Location> {
    if system.stat(path).ok()?.kind != Kind::File {
        return None;
    }
    let content = text(system, path)?;
    let table = document::toml(content.bytes()).ok()?;
    let entry = table.get("env")?.entry(variable.name)?;
    let given = entry.value.get("value").unwrap_or(&entry.value);
    let line = given.scalar().filter(|value| **value == variable.value).map(|_| entry.line);
    Some(Location::File { path: path.to_owned(), line })
}

/// The bytes behind a variable in base64, padded or not.
fn decoded(state: &State<'_>, name: &str, alphabet: &Alphabet) -> Option<Token> {
    let value = state.non_empty(name)?.into_string().ok()?;
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config).decode(value).ok().map(Token::new)
}

/// Inflated, where it is zlib (mise 2026.9 compresses; its format allows both); a megabyte at most.
fn inflated(bytes: Token) -> Token {
    match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(bytes.bytes(), TEXT_LIMIT) {
        Ok(plain) => Token::new(plain),
        Err(_) => bytes,
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec_zlib;

    use super::*;
    use crate::system::fake::Fake;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    fn encode(alphabet: &Alphabet, plain: &[u8], padded: bool) -> String {
        let config = GeneralPurposeConfig::new().with_encode_padding(padded);
        GeneralPurpose::new(alphabet, config).encode(compress_to_vec_zlib(plain, 6))
    }

    fn direnv_diff(value: &str) -> String {
        encode(
            &URL_SAFE,
            format!(r#"{{"p":{{"HF_TOKEN":"old"}},"n":{{"HF_TOKEN":"{value}","A":""}}}}"#).as_bytes(),
            true,
        )
    }

    fn ask(
        fake: &Fake,
        by: fn(&State<'_>, &Variable<'_>) -> Option<SetBy>,
    ) -> Option<(Option<Location>, Certainty, bool)> {
        let state = State::new(fake);
        let value = Token::new(fake.var("HF_TOKEN")?.into_encoded_bytes());
        by(&state, &Variable { name: "HF_TOKEN", value }).map(|s| (s.location, s.certainty, s.own_to_project))
    }

    #[test]
    fn direnv_proves_what_it_set() {
        let machine = Fake::home()
            .var("HF_TOKEN", token("a"))
            .var("DIRENV_DIFF", direnv_diff(&token("a")))
            .var("DIRENV_FILE", "/home/u/p/.envrc")
            .file("/home/u/p/.envrc", format!("# ours\nexport HF_TOKEN={}\n", token("a")));
        let certain = |location| Some((Some(location), Certainty::Certain, true));
        assert_eq!(ask(&machine, direnv), certain(Location::line("/home/u/p/.envrc", 2)));
        let sourced = machine.clone().file("/home/u/p/.envrc", "dotenv\n");
        assert_eq!(ask(&sourced, direnv), certain(Location::file("/home/u/p/.envrc")));
        let older = machine.clone().var("DIRENV_FILE", "").var("DIRENV_DIR", "-/home/u/p");
        assert_eq!(ask(&older, direnv), certain(Location::line("/home/u/p/.envrc", 2)));
        let everywhere = machine.clone().var("DIRENV_FILE", "/home/u/.envrc");
        assert_eq!(ask(&everywhere, direnv), Some((Some(Location::file("/home/u/.envrc")), Certainty::Certain, false)));
        // Exported over it since.
        assert_eq!(ask(&machine.var("HF_TOKEN", token("b")), direnv), None);
    }

    #[test]
    fn broken_states_prove_nothing() {
        let bomb = encode(&URL_SAFE, &vec![b' '; 4 * 1024 * 1024], true);
        for diff in ["", "eJx-not-zlib", "====", "e30=", &bomb, &encode(&URL_SAFE, b"[1]", false)] {
            let machine = Fake::home().var("HF_TOKEN", token("a")).var("DIRENV_DIFF", diff).var("__MISE_DIFF", diff);
            assert_eq!(ask(&machine, direnv), None);
            assert_eq!(ask(&machine, mise), None);
        }
        // A map that says it has four thousand million entries.
        let lying = encode(&STANDARD, &[0x81, 0xa3, b'n', b'e', b'w', 0xdf, 0xff, 0xff, 0xff, 0xff], false);
        assert_eq!(ask(&Fake::home().var("HF_TOKEN", token("a")).var("__MISE_DIFF", lying), mise), None);
    }

    /// As mise 2026.9 writes it: a map of three, keys as text.
    fn mise_diff(value: &str, packed: bool) -> String {
        let mut plain = b"\x83\xa3old\x80\xa3new\x82\xa8HF_TOKEN\xd9".to_vec();
        plain.push(u8::try_from(value.len()).unwrap());
        plain.extend_from_slice(value.as_bytes());
        plain.extend_from_slice(b"\xa5OTHER\xa1x\xa4path\x91\xa2/x");
        if packed {
            return encode(&STANDARD, &plain, false);
        }
        GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new()).encode(plain)
    }

    /// mise 2026.9 took the winner of the same files, one after the other.
    #[test]
    fn which_of_mises_files_counts() {
        let names = [
            ".config/mise/conf.d/a.toml",
            ".config/mise/conf.d/b.toml",
            ".config/mise/conf.d/c.conf",
            ".config/mise/conf.d/.d.toml",
        ];
        let fake =
            names.iter().fold(Fake::home().cwd("/home/u/q"), |fake, name| fake.file(&format!("/home/u/q/{name}"), ""));
        let told = |fake: &Fake| -> Vec<String> {
            let all = mise_files(&State::new(fake)).into_iter();
            all.filter_map(|(path, _)| Some(path.strip_prefix("/home/u/q").ok()?.to_str()?.to_owned())).collect()
        };
        let plain = [
            ".mise.local.toml",
            "mise.local.toml",
            "mise/config.local.toml",
            ".mise/config.local.toml",
            ".config/mise.local.toml",
            ".config/mise/mise.local.toml",
            ".config/mise/config.local.toml",
            ".mise.toml",
            "mise.toml",
            "mise/config.toml",
            ".mise/config.toml",
            ".config/mise.toml",
            ".config/mise/mise.toml",
            ".config/mise/config.toml",
            ".config/mise/conf.d/b.toml",
            ".config/mise/conf.d/a.toml",
        ];
        assert_eq!(told(&fake), plain);
        let profiled = told(&fake.var("MISE_ENV", "dev,prod"));
        let first = [
            ".mise.prod.local.toml",
            ".mise/config.prod.local.toml",
            "mise.prod.local.toml",
            "mise/config.prod.local.toml",
            ".config/mise.prod.local.toml",
            ".config/mise/config.prod.local.toml",
            ".mise.prod.toml",
        ];
        assert_eq!(profiled[..7], first);
        assert_eq!(profiled[12..14], [".mise.dev.local.toml", ".mise/config.dev.local.toml"]);
        assert_eq!(profiled[24..], plain);
    }

    #[test]
    fn mise_proves_what_it_set() {
        let machine = Fake::home().var("HF_TOKEN", token("a")).var("__MISE_DIFF", mise_diff(&token("a"), true));
        assert_eq!(ask(&machine, mise), Some((None, Certainty::Certain, true)));
        let plain = machine.clone().var("__MISE_DIFF", mise_diff(&token("a"), false));
        assert_eq!(ask(&plain, mise), Some((None, Certainty::Certain, true)));
        assert_eq!(ask(&machine.clone().var("HF_TOKEN", token("b")), mise), None);

        let global = machine.file("/home/u/.config/mise/config.toml", format!("[env]\nHF_TOKEN = '{}'\n", token("a")));
        let at =
            |path: &str, line, own| Some((Some(Location::File { path: path.into(), line }), Certainty::Certain, own));
        assert_eq!(ask(&global, mise), at("/home/u/.config/mise/config.toml", Some(2), false));
        let here = global.file("/home/mise.toml", "[env]\nHF_TOKEN = \"{{ get_env(name='X') }}\"\n");
        let here = here.file("/home/u/.config/mise/config.toml", "[env]\nOTHER = 'x'\n");
        assert_eq!(ask(&here, mise), at("/home/mise.toml", None, true));
    }
}
