//! Files of the repository here in which a token stands in clear.
//!
//! Looked at: in the current directory and above it, up to the root of the repository, the files that people keep
//! settings in, scripts and notebooks; of the folders of editors and of CI those that hold settings. Not looked at:
//! prose, templates (`.env.example`), lock files, other directories, what git keeps itself.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::State;
use crate::clients::shape::{self, Shape};
use crate::secret::Token;
use crate::system::path::Within as _;
use crate::system::{System, TEXT_LIMIT};

/// Most files that are read, and most bytes of them together: a project is not searched, its settings are.
const FILES: usize = 400;
const BYTES: usize = 16 * 1024 * 1024;
/// Most tokens of one file that are told apart.
const TOKENS: usize = 64;

/// What a file is, which decides where its token belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A file that is there to hold secrets or one person's settings: git should not see it.
    Private,
    /// A compose file.
    Compose,
    /// The recipe of an image.
    Image,
    /// A job of CI.
    Ci,
    /// A program or a notebook.
    Code,
    /// Anything else that is shared on purpose.
    Shared,
}

/// A file, and the tokens in it.
#[derive(Debug)]
pub struct Holder {
    /// Absolute.
    pub path: PathBuf,
    /// What it is.
    pub role: Role,
    /// Each token once, with the first line on which it stands (from 1).
    pub tokens: Vec<(u32, Token)>,
}

/// The files of the repository here that hold a token, the nearest first.
pub(super) fn gather(state: &State<'_>) -> Vec<Holder> {
    let (Some(root), Some(cwd)) = (state.git().root.clone(), state.system.cwd()) else { return Vec::new() };
    let mut left = (FILES, BYTES);
    let mut out = Vec::new();
    for dir in cwd.ancestors().take_while(|dir| dir.starts_with(&root)) {
        for (path, role) in candidates(state.system, dir) {
            if left.0 == 0 || left.1 == 0 {
                return out;
            }
            left.0 -= 1;
            let Ok(content) = state.system.read(&path, TEXT_LIMIT) else { continue };
            left.1 = left.1.saturating_sub(content.bytes.len());
            let text = Token::new(content.bytes);
            let tokens = tokens(text.bytes());
            if !tokens.is_empty() {
                out.push(Holder { path, role, tokens });
            }
        }
    }
    out
}

/// The files of a directory that are looked at.
fn candidates(system: &dyn System, dir: &Path) -> Vec<(PathBuf, Role)> {
    let list = |dir: &Path| system.list(dir).unwrap_or_default();
    let mut out = Vec::new();
    for name in list(dir) {
        let bytes = name.as_bytes();
        if let Some(role) = role(bytes) {
            out.push((dir.within(&name), role));
            continue;
        }
        let folder = dir.within(&name);
        let mut below = |folder: &Path, ends: &[&str], role: Role| {
            for inner in list(folder) {
                if ends.iter().any(|end| inner.as_bytes().ends_with(end.as_bytes())) {
                    out.push((folder.within(&inner), role));
                }
            }
        };
        match bytes {
            b".vscode" => below(&folder, &[".json", ".env"], Role::Shared),
            b".idea" => {
                below(&folder, &["workspace.xml"], Role::Private);
                below(&folder.within("runConfigurations"), &[".xml"], Role::Shared);
            }
            b".run" => below(&folder, &[".run.xml"], Role::Shared),
            b".streamlit" => below(&folder, &["secrets.toml"], Role::Private),
            b".github" => below(&folder.within("workflows"), &[".yml", ".yaml"], Role::Ci),
            b".mise" | b"mise" => below(&folder, &[".toml"], Role::Shared),
            b".config" => {
                below(&folder, &["mise.toml", "mise.local.toml"], Role::Shared);
                below(&folder.within("mise"), &[".toml"], Role::Shared);
            }
            b".devcontainer" => {
                below(&folder, &["devcontainer.json", ".env"], Role::Shared);
                for inner in list(&folder) {
                    below(&folder.within(&inner), &["devcontainer.json"], Role::Shared);
                }
            }
            _ => {}
        }
    }
    out
}

/// Ends of the names of programs.
const CODE: [&str; 17] = [
    ".py", ".ipynb", ".sh", ".bash", ".zsh", ".fish", ".ps1", ".js", ".mjs", ".cjs", ".ts", ".r", ".jl", ".rs", ".go",
    ".sbatch", ".slurm",
];

/// What a file is by its name; `None` where it is not looked at.
fn role(name: &[u8]) -> Option<Role> {
    let lower = name.to_ascii_lowercase();
    let starts = |start: &str| lower.starts_with(start.as_bytes());
    let ends = |all: &[&str]| all.iter().any(|end| lower.ends_with(end.as_bytes()));
    let template = ["example", "sample", "template", "dist", "tmpl", "tpl", "default", "defaults"];
    let parts = || lower.split(|b| matches!(b, b'.' | b'-' | b'_'));
    if parts().any(|part| template.iter().any(|word| part == word.as_bytes()))
        || ends(&["lock", "lock.json", "-lock.yaml"])
    {
        return None;
    }
    let is = |names: &[&str]| names.iter().any(|n| lower == n.as_bytes());
    if starts(".env") || ends(&[".env"]) || starts(".flaskenv") || is(&["secrets.toml", "secrets.yaml", "secrets.yml"])
    {
        return Some(Role::Private);
    }
    if is(&["token", ".token", "hf_token", ".hf_token", "hf-token", "mise.local.toml", ".mise.local.toml", ".netrc"]) {
        return Some(Role::Private);
    }
    if (starts("compose") || starts("docker-compose")) && ends(&[".yml", ".yaml"]) {
        return Some(Role::Compose);
    }
    if starts("dockerfile") || starts("containerfile") || ends(&[".dockerfile"]) {
        return Some(Role::Image);
    }
    if is(&[".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", "jenkinsfile"]) {
        return Some(Role::Ci);
    }
    if ends(&CODE) {
        return Some(Role::Code);
    }
    let shared = is(&["makefile", "gnumakefile", "justfile", ".justfile", "procfile"])
        || ends(&[
            ".yaml",
            ".yml",
            ".toml",
            ".json",
            ".ini",
            ".cfg",
            ".conf",
            ".txt",
            ".code-workspace",
            ".nix",
            ".xml",
            ".mk",
        ]);
    shared.then_some(Role::Shared)
}

/// The tokens in a text, each once. Stricter than what is masked in output: a name such as `hf_hub_download_and_retry`
/// is no token, and neither is what a document shows for one.
pub(crate) fn tokens(text: &[u8]) -> Vec<(u32, Token)> {
    let mut out: Vec<(u32, Token)> = Vec::new();
    let mut at = 0;
    // Counted on from the one before.
    let (mut line, mut counted) = (1_u32, 0);
    while let Some(found) = text[at..].iter().position(|b| matches!(b, b'h' | b'a')).map(|i| at + i) {
        at = found + 1;
        let before = found.checked_sub(1).map(|i| text[i]);
        if before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') && !is_escape(text, found) {
            continue;
        }
        let (token, length) = match (length(&text[found..]), encoded(&text[found..])) {
            (Some(length), _) => (Token::new(text[found..found + length].to_vec()), length),
            (None, Some(encoded)) => encoded,
            (None, None) => continue,
        };
        at = found + length;
        if is_made_up(token.bytes()) || is_allowed(line_of(text, found)) {
            continue;
        }
        if shape::read(token.bytes()).shape != Shape::Placeholder && !out.iter().any(|(_, known)| *known == token) {
            line += text[counted..found].split(|b| *b == b'\n').skip(1).fold(0, |n, _| n + 1);
            counted = found;
            out.push((line, token));
            if out.len() >= TOKENS {
                break;
            }
        }
    }
    out
}

/// Whether the letter before is that of `\n` or `\t` in the text of a notebook.
fn is_escape(text: &[u8], at: usize) -> bool {
    at >= 2 && text[at - 2] == b'\\' && matches!(text[at - 1], b'n' | b't' | b'r')
}

/// The length of the token that begins here.
fn length(text: &[u8]) -> Option<usize> {
    let letters = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    for prefix in [&b"hf_oauth_"[..], b"hf_jwt_"] {
        if let Some(rest) = text.strip_prefix(prefix) {
            let body = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
            let body = rest[..body].iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |i| i + 1);
            return (body >= 20).then_some(prefix.len() + body);
        }
    }
    for prefix in [&b"hf_"[..], b"api_org_"] {
        if let Some(rest) = text.strip_prefix(prefix) {
            let body = letters(rest);
            let ended = rest.get(body).is_none_or(|b| *b != b'_');
            // 34 as far as anybody has seen; a little room on both sides.
            return (ended && (30..=64).contains(&body)).then_some(prefix.len() + body);
        }
    }
    None
}

/// The token that begins here in base64, as a Secret of Kubernetes holds it, and the length of that.
fn encoded(text: &[u8]) -> Option<(Token, usize)> {
    // `hf_`.
    text.strip_prefix(b"aGZf")?;
    let end = text.iter().position(|b| !(b.is_ascii_alphanumeric() || b"+/".contains(b))).unwrap_or(text.len());
    let token = Token::new(STANDARD_NO_PAD.decode(&text[..end.min(128)]).ok()?);
    let plain = token.bytes().trim_ascii_end();
    (length(plain) == Some(plain.len())).then(|| (Token::new(plain.to_vec()), end))
}

/// Whether it is one that stands for a token in an example or a test: a few letters repeated, the alphabet, digits in
/// their order.
fn is_made_up(token: &[u8]) -> bool {
    let body = token.strip_prefix(b"hf_").or_else(|| token.strip_prefix(b"api_org_")).unwrap_or(token);
    let lower = body.to_ascii_lowercase();
    let mut seen = [false; 256];
    for b in &lower {
        seen[usize::from(*b)] = true;
    }
    let few = seen.iter().filter(|s| **s).count() <= 5;
    // One after the other, upward.
    let run = lower.windows(2).fold((0, 0), |(run, longest): (u32, u32), pair| {
        let run = if pair[1] == pair[0].wrapping_add(1) || pair == b"90" { run + 1 } else { 0 };
        (run, longest.max(run))
    });
    let words: [&[u8]; 5] = [b"your", b"token", b"example", b"placeholder", b"secret"];
    few || run.1 >= 7 || words.iter().any(|word| lower.windows(word.len()).any(|w| w == *word))
}

fn line_of(text: &[u8], at: usize) -> &[u8] {
    let start = text[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let end = text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| at + i);
    &text[start..end]
}

/// Whether the line is marked, for one of the known searchers for secrets, as one that may stay.
/// Source: detect-secrets, gitleaks, trufflehog (documentation).
fn is_allowed(line: &[u8]) -> bool {
    // A notebook may be one line of a megabyte.
    let line = &line[..line.len().min(4096)];
    let marks: [&[u8]; 3] = [b"pragma: allowlist secret", b"gitleaks:allow", b"trufflehog:ignore"];
    marks.iter().any(|mark| line.windows(mark.len()).any(|w| w == *mark))
}

/// The path of a file of the repository as git names it, relative to its root.
pub fn relative<'p>(root: &Path, path: &'p Path) -> Option<&'p [u8]> {
    path.strip_prefix(root).ok().map(Path::as_os_str).map(OsStr::as_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here, so that no text shaped like a token stands in a file.
    fn real() -> String {
        ["hf", "_QkZ7rB2mXw9LdY4s", "TnVc8pGh3JfK6aEuRo"].concat()
    }

    fn lines(text: &str) -> Vec<u32> {
        tokens(text.as_bytes()).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn tokens_in_text() {
        let t = real();
        let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        for (text, want) in [
            (format!("data:\n  token: {}\n", encoded(&t)), vec![2]),
            (format!("  token: {}  # with its end of line", encoded(&format!("{t}\n"))), vec![1]),
            (encoded("hf_transfer is no token, however long it gets"), vec![]),
            (format!("HF_TOKEN={t}\n"), vec![1]),
            (format!("x\nlogin(token=\"{t}\")"), vec![2]),
            (format!("\"source\": [\"a\\n{t}\\n\"]"), vec![1]),
            (format!("https://user:{t}@huggingface.co/o/m"), vec![1]),
            (format!("{t} {t}\n{t}"), vec![1]),
            (["hf_oauth", "_eyJhbGciOi.JIUzI1_NiIs-x"].concat(), vec![1]),
        ] {
            assert_eq!(lines(&text), want, "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        let t = real();
        for text in [
            "hf_hub_download_with_retries_and_a_long_name".to_owned(),
            "hf_model_name_or_path_for_the_tokenizer".to_owned(),
            format!("my{t}"),
            format!("{t}_suffix"),
            format!("hf_{}", "x".repeat(34)),
            format!("hf_{}", "abcdefghijklmnopqrstuvwxyz01234567"),
            format!("hf_{}", "YourTokenGoesHere1234YourTokenGoes"),
            format!("{t}  # pragma: allowlist secret"),
            "hf_short".to_owned(),
            "${HF_TOKEN}".to_owned(),
            String::new(),
        ] {
            assert_eq!(lines(&text), [0; 0], "{text}");
        }
    }

    #[test]
    fn which_files_are_looked_at() {
        for (name, want) in [
            (".env", Some(Role::Private)),
            (".env.local", Some(Role::Private)),
            (".envrc", Some(Role::Private)),
            ("prod.env", Some(Role::Private)),
            ("docker-compose.override.yml", Some(Role::Compose)),
            ("Dockerfile.gpu", Some(Role::Image)),
            ("train.py", Some(Role::Code)),
            ("Untitled.ipynb", Some(Role::Code)),
            ("mise.toml", Some(Role::Shared)),
            ("Makefile", Some(Role::Shared)),
            (".env.example", None),
            ("env.sample", None),
            ("uv.lock", None),
            ("package-lock.json", None),
            ("README.md", None),
            ("model.safetensors", None),
        ] {
            assert_eq!(role(name.as_bytes()), want, "{name}");
        }
    }
}
