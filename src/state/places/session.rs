//! What a session begins with, before any shell: environment.d, PAM, X, launchd, WSL, ssh.
//!
//! Source: systemd 252 (`environment.d`, run), Linux-PAM 1.5.2 (`pam_env`, run), OpenSSH 9.2 (`ssh -G`, run),
//! launchd.plist(5), Microsoft's page on `WSLENV` and sshd_config(5) (read).

use std::path::{Path, PathBuf};

use super::env_file::env_file;
use super::{Cure, Found, Like, Reaches, Sighting, Value, ending, home, is_here, xdg};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::document::{Element, xml};
use crate::state::provenance::shell_text;
use crate::state::{State, startup};
use crate::system::TEXT_LIMIT;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let before = found.sightings.len();
    pam(state, found);
    environment_d(state, found);
    desktop(state, found);
    launchd(state, found);
    for sighting in &mut found.sightings[before..] {
        sighting.active = is_here(state, &sighting.variable, &sighting.value);
    }
    wsl(state, found);
    ssh(state, found);
}

fn session<'l>(setter: &'static str, value: &'l dyn Fn(&Token) -> Value) -> Like<'l> {
    Like { setter, reaches: Reaches::Session, cure: Cure::CommentLine, value }
}

/// `$NAME` and `${NAME…}` are put in when the session begins.
pub(super) fn expanded(text: &Token) -> Value {
    let refers = |w: &[u8]| w[0] == b'$' && (w[1] == b'{' || w[1] == b'_' || w[1].is_ascii_alphabetic());
    if text.bytes().windows(2).any(refers) { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
}

pub(super) fn literal(text: &Token) -> Value {
    Value::Token(text.clone())
}

/// `environment.d`: files in the order of their names, over all directories; of two of one name the person's counts.
fn environment_d(state: &State<'_>, found: &mut Found) {
    let own = xdg(state, "XDG_CONFIG_HOME", ".config").map(|config| config.join("environment.d"));
    let system = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map(|dir| Path::new(dir).join("environment.d"));
    let mut files: Vec<PathBuf> = Vec::new();
    for dir in own.into_iter().chain(system) {
        for path in ending(state.system, &dir, ".conf") {
            // Debian links /etc/environment here, which PAM reads by other rules.
            let other = state.system.read_link(&path).is_some_and(|to| to.ends_with("environment"));
            if !other && !files.iter().any(|file| file.file_name() == path.file_name()) {
                files.push(path);
            }
        }
    }
    files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    let like = session("environment.d", &expanded);
    let before = found.sightings.len();
    for path in files {
        let Some(text) = found.read_naming(state, &path) else { continue };
        // Without a value systemd refuses the line.
        for assignment in env_file(text.bytes()).into_iter().filter(|a| !a.value.bytes().is_empty()) {
            let value = (like.value)(&assignment.value);
            let sighting = like.sighting(&assignment.name, value, Location::line(&path, assignment.line));
            found.add(Sighting { cure: assignment.cure(), ..sighting });
        }
    }
    found.last_counts(before);
}

/// `/etc/environment`, `pam_env.conf`, and the person's own file where PAM is told to read it.
fn pam(state: &State<'_>, found: &mut Found) {
    let system = state.system;
    let like = session("/etc/environment", &literal);
    let path = Path::new("/etc/environment");
    if let Some(text) = found.read_naming(state, path) {
        for (line, name, value) in plain(text.bytes()) {
            found.add(like.sighting(&name, (like.value)(&value), Location::line(path, line)));
        }
    }
    let like = session("pam_env", &in_pam);
    let path = Path::new("/etc/security/pam_env.conf");
    if let Some(text) = found.read_naming(state, path) {
        rules(found, path, text.bytes(), &like);
    }
    let reads = |path: &PathBuf| {
        let text = system.read(path, TEXT_LIMIT).map(|c| c.bytes).unwrap_or_default();
        text.split(|b| *b == b'\n').any(|line| {
            !line.trim_ascii_start().starts_with(b"#")
                && shell_text::contains(line, b"pam_env")
                && shell_text::contains(line, b"user_readenv=1")
        })
    };
    let Some(path) = home(system).map(|home| home.join(".pam_environment")) else { return };
    let Some(text) = found.read_naming(state, &path) else { return };
    // Off by default since 1.4, and to be dropped: mostly it is dead text.
    if ending(system, Path::new("/etc/pam.d"), "").iter().any(reads) {
        rules(found, &path, text.bytes(), &like);
        for (line, name, value) in plain(text.bytes()) {
            found.add(like.sighting(&name, (like.value)(&value), Location::line(&path, line)));
        }
    }
}

/// `@{HOME}` and `${NAME}`.
fn in_pam(text: &Token) -> Value {
    let refers = text.bytes().windows(2).any(|w| w == b"${" || w == b"@{");
    if refers { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
}

/// `NAME=value` lines of `/etc/environment`: `#` cuts wherever it stands, blanks at the end stay, nothing is expanded;
/// the last of a name counts.
fn plain(text: &[u8]) -> Vec<(u32, String, Token)> {
    let mut out: Vec<(u32, String, Token)> = Vec::new();
    for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
        let line = line.trim_ascii_start();
        let line = line.split(|b| *b == b'#').next().unwrap_or_default();
        let line = line.strip_prefix(b"export ").unwrap_or(line).trim_ascii_start();
        let Some(at) = line.iter().position(|b| *b == b'=') else { continue };
        let (name, value) = (&line[..at], &line[at + 1..]);
        let Ok(name) = std::str::from_utf8(name) else { continue };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        // Only a quote that is the very first goes, and one that is the very last.
        let quote = |b: Option<&u8>| matches!(b, Some(b'"' | b'\''));
        let inner = if quote(value.first()) { &value[1..] } else { value };
        let inner = if quote(value.first()) && quote(inner.last()) { &inner[..inner.len() - 1] } else { inner };
        out.retain(|(_, n, _)| n != name);
        out.push((number, name.to_owned(), Token::new(inner.to_vec())));
    }
    out
}

/// `NAME DEFAULT=value OVERRIDE=value`; the override counts where it is not empty.
fn rules(found: &mut Found, path: &Path, text: &[u8], like: &Like<'_>) {
    for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
        let words = words(line, Words::Ssh);
        let Some((Ok(name), rest)) = words.split_first().map(|(n, rest)| (std::str::from_utf8(n), rest)) else {
            continue;
        };
        let given = |key: &[u8]| rest.iter().find_map(|w| w.strip_prefix(key)).filter(|v| !v.is_empty());
        if let Some(value) = given(b"OVERRIDE=").or_else(|| given(b"DEFAULT=")) {
            let value = (like.value)(&Token::new(value.to_vec()));
            found.add(like.sighting(name, value, Location::line(path, number)));
        }
    }
}

/// Scripts that a desktop's session runs.
fn desktop(state: &State<'_>, found: &mut Found) {
    let Some(home) = home(state.system) else { return };
    let mut files: Vec<PathBuf> =
        [".xprofile", ".xsessionrc", ".xinitrc", ".xsession"].map(|name| home.join(name)).into();
    if let Some(config) = xdg(state, "XDG_CONFIG_HOME", ".config") {
        files.extend(ending(state.system, &config.join("plasma-workspace/env"), ".sh"));
    }
    for path in files {
        let Some(text) = found.read_naming(state, &path) else { continue };
        for name in startup::names() {
            let inherited = state.var(name).is_some();
            let Some(last) = shell_text::exported(text.bytes(), name, inherited, |_| false) else { continue };
            let value = match last.value {
                Some(literal) => Value::Token(Token::new(literal)),
                None => Value::Reference(Token::new(Vec::new())),
            };
            let like = Like { cure: Cure::CommentScript, ..session("the desktop's session", &literal) };
            found.add(like.sighting(name, value, Location::line(&path, last.line)));
        }
    }
}

/// LaunchAgents: `launchctl setenv NAME VALUE` for what is started later, `EnvironmentVariables` for the job.
fn launchd(state: &State<'_>, found: &mut Found) {
    let own = home(state.system).map(|home| home.join("Library/LaunchAgents"));
    let dirs = ["/Library/LaunchAgents", "/Library/LaunchDaemons"].map(PathBuf::from);
    for dir in own.into_iter().chain(dirs) {
        for path in ending(state.system, &dir, ".plist") {
            let Some(text) = found.read_naming(state, &path) else { continue };
            if text.bytes().starts_with(b"bplist") {
                found.fault(&path, "is a binary property list: `plutil -convert xml1` makes it one that is read");
                continue;
            }
            if let Some(elements) = found.parsed(&path, xml(text.bytes())) {
                plist(found, &path, &elements);
            }
        }
    }
}

fn plist(found: &mut Found, path: &Path, elements: &[Element]) {
    let text = |e: &Element| String::from_utf8_lossy(e.text.bytes()).into_owned();
    for (at, element) in elements.iter().enumerate().filter(|(_, e)| e.name == "key") {
        let key = text(element);
        let Some(container) = elements.get(at + 1) else { continue };
        let inner = || elements[at + 2..].iter().take_while(|e| e.within.len() > container.within.len());
        if key == "EnvironmentVariables" && container.name == "dict" {
            let like = Like { reaches: Reaches::Service, cure: Cure::Edit, ..session("a LaunchAgent", &literal) };
            let inner: Vec<&Element> = inner().collect();
            for pair in inner.windows(2).filter(|p| p[0].name == "key" && p[1].name == "string") {
                let value = (like.value)(&pair[1].text);
                found.add(like.sighting(&text(pair[0]), value, Location::line(path, pair[1].line)));
            }
        } else if key == "ProgramArguments" && container.name == "array" {
            let words: Vec<&Element> = inner().filter(|e| e.name == "string").collect();
            for word in words.windows(3).filter(|w| text(w[0]) == "setenv") {
                let cure = Cure::Command(format!("launchctl unsetenv {}", text(word[1])));
                let like = Like { cure, ..session("a LaunchAgent", &literal) };
                let value = (like.value)(&word[2].text);
                found.add(like.sighting(&text(word[1]), value, Location::line(path, word[2].line)));
            }
            // `sh -c "launchctl setenv NAME VALUE"`.
            for word in &words {
                let script = text(word);
                let words: Vec<&str> = script.split_whitespace().collect();
                for call in words.windows(4).filter(|w| w[0].ends_with("launchctl") && w[1] == "setenv") {
                    let value = Token::new(call[3].trim_matches(['"', '\'', ';']).as_bytes().to_vec());
                    let like = session("a LaunchAgent", &expanded);
                    found.add(like.sighting(call[2], (like.value)(&value), Location::line(path, word.line)));
                }
            }
        }
    }
}

/// `WSLENV=NAME/u:OTHER`: Windows gives the variable to Linux, where no file has it. `/w` is the other way only.
fn wsl(state: &State<'_>, found: &mut Found) {
    let Some(list) = state.non_empty("WSLENV").and_then(|v| v.into_string().ok()) else { return };
    for entry in list.split(':') {
        let (name, flags) = entry.split_once('/').unwrap_or((entry, ""));
        if flags.contains('w') && !flags.contains('u') {
            continue;
        }
        let value = Value::Reference(Token::new(format!("%{name}%").into_bytes()));
        let cure = Cure::Command(format!("setx {name} \"\""));
        let sighting = Sighting::new(name, value, Location::variable("WSLENV"), "Windows, by WSLENV", Reaches::Session);
        found.add(Sighting { active: state.var(name).is_some(), cure, ..sighting });
    }
}

/// What ssh gives to sessions elsewhere, and what it sets for sessions here.
fn ssh(state: &State<'_>, found: &mut Found) {
    let system = state.system;
    let own = home(system).map(|home| home.join(".ssh"));
    let mut files: Vec<PathBuf> = own.iter().map(|dir| dir.join("config")).collect();
    files.push("/etc/ssh/ssh_config".into());
    files.extend(ending(system, Path::new("/etc/ssh/ssh_config.d"), ".conf"));
    let mut at = 0;
    // Files that files include; each once.
    while let Some(path) = files.get(at).cloned().filter(|_| at < 64) {
        at += 1;
        let Ok(content) = system.read(&path, TEXT_LIMIT) else {
            // What is not there is not noted, what cannot be read is.
            drop(found.read_naming(state, &path));
            continue;
        };
        let text = Token::new(content.bytes);
        for included in client(state, found, &path, text.bytes(), own.as_deref()) {
            if !files.contains(&included) {
                files.push(included);
            }
        }
    }
    let Some(path) = own.map(|dir| dir.join("environment")) else { return };
    let permits = |path: &Path| {
        let text = system.read(path, TEXT_LIMIT).map(|c| c.bytes).unwrap_or_default();
        text.split(|b| *b == b'\n').map(|line| words(line, Words::Ssh)).any(|words| {
            let is = |at: usize, text: &[u8]| words.get(at).is_some_and(|w| w.eq_ignore_ascii_case(text));
            is(0, b"PermitUserEnvironment") && words.len() > 1 && !is(1, b"no")
        })
    };
    let mut servers = vec![PathBuf::from("/etc/ssh/sshd_config")];
    servers.extend(ending(system, Path::new("/etc/ssh/sshd_config.d"), ".conf"));
    if servers.iter().any(|path| permits(path))
        && let Some(text) = found.read_naming(state, &path)
    {
        let like = session("~/.ssh/environment", &literal);
        for (number, line) in (1..).zip(text.bytes().split(|b| *b == b'\n')) {
            let Some(at) = line.iter().position(|b| *b == b'=').filter(|_| !line.starts_with(b"#")) else { continue };
            let Ok(name) = std::str::from_utf8(line[..at].trim_ascii()) else { continue };
            let value = (like.value)(&Token::new(line[at + 1..].to_vec()));
            found.add(like.sighting(name, value, Location::line(&path, number)));
        }
    }
}

/// Whose words a line is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// ssh's, and PAM's: a `#` that begins a word ends the line.
    Ssh,
    /// systemd's: some escapes as in C.
    Systemd,
}

/// The words of a line, quotes and backslashes undone.
pub(super) fn words(line: &[u8], whose: Words) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut bytes = line.iter().copied();
    while let Some(b) = bytes.next() {
        match (quote, b) {
            (Some(q), b) if b == q => quote = None,
            (None, b'"' | b'\'') => {
                quote = Some(b);
                word.get_or_insert_default();
            }
            (None, b'#') if word.is_none() && whose == Words::Ssh => break,
            (None, b) if b.is_ascii_whitespace() => out.extend(word.take()),
            (_, b'\\') => {
                let next = match (whose, bytes.next()) {
                    (Words::Systemd, Some(b'n')) => Some(b'\n'),
                    (Words::Systemd, Some(b't')) => Some(b'\t'),
                    (Words::Systemd, Some(b's')) => Some(b' '),
                    (_, next) => next,
                };
                word.get_or_insert_default().extend(next);
            }
            (_, b) => word.get_or_insert_default().push(b),
        }
    }
    out.extend(word);
    out
}

/// `SetEnv` and `SendEnv` of ssh's configuration; the files that it includes are returned.
fn client(state: &State<'_>, found: &mut Found, path: &Path, text: &[u8], own: Option<&Path>) -> Vec<PathBuf> {
    let mut included = Vec::new();
    for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
        let mut line = line.trim_ascii().to_vec();
        // `Keyword=value` is `Keyword value`.
        if let Some(at) = line.iter().position(|b| b.is_ascii_whitespace() || *b == b'=').filter(|at| line[*at] == b'=')
        {
            line[at] = b' ';
        }
        let words = words(&line, Words::Ssh);
        let Some((keyword, rest)) = words.split_first() else { continue };
        let like = |setter| Like {
            cure: if rest.len() == 1 { Cure::CommentLine } else { Cure::Edit },
            ..session(setter, &literal)
        };
        if keyword.eq_ignore_ascii_case(b"SetEnv") {
            for word in rest {
                let Some(at) = word.iter().position(|b| *b == b'=') else { continue };
                let Ok(name) = std::str::from_utf8(&word[..at]) else { continue };
                let value = Value::Token(Token::new(word[at + 1..].to_vec()));
                found.add(like("ssh, for hosts that accept it").sighting(name, value, Location::line(path, number)));
            }
        } else if keyword.eq_ignore_ascii_case(b"SendEnv") {
            for name in startup::names() {
                let sent = rest.iter().any(|pattern| matches(pattern, name.as_bytes()));
                if sent && (state.var(name).is_some() || rest.iter().any(|p| p == name.as_bytes())) {
                    let value = Value::Reference(Token::new(format!("${name}").into_bytes()));
                    let like = like("ssh, for hosts that accept it");
                    found.add(like.sighting(name, value, Location::line(path, number)));
                }
            }
        } else if keyword.eq_ignore_ascii_case(b"Include") {
            for word in rest {
                included.extend(include(state, word, own));
            }
        }
    }
    included
}

/// The files that a word of `Include` names; below `~/.ssh` where it is relative.
fn include(state: &State<'_>, word: &[u8], own: Option<&Path>) -> Vec<PathBuf> {
    let Ok(word) = std::str::from_utf8(word) else { return Vec::new() };
    let path = match word.strip_prefix("~/") {
        Some(below) => home(state.system).map(|home| home.join(below)),
        None => own.map(|own| own.join(word)),
    };
    let Some(path) = path else { return Vec::new() };
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return Vec::new() };
    let pattern = name.as_encoded_bytes();
    if !pattern.iter().any(|b| matches!(b, b'*' | b'?')) {
        return vec![path];
    }
    let all = ending(state.system, dir, "");
    all.into_iter().filter(|p| p.file_name().is_some_and(|n| matches(pattern, n.as_encoded_bytes()))).collect()
}

/// `*` is any text, `?` any character.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(b) if *b == b'?' || *b == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::super::tests::token;
    use super::*;
    use crate::system::fake::Fake;

    /// `variable=value place:line` and `*` where it is in effect.
    fn told(fake: &Fake) -> Vec<String> {
        let state = State::new(fake);
        let mut found = Found::default();
        gather(&state, &mut found);
        assert_eq!(found.unread, []);
        let one = |s: &Sighting| {
            let value = match &s.value {
                Value::Token(t) => String::from_utf8_lossy(t.bytes()).into_owned(),
                Value::Reference(t) => format!("?{}", String::from_utf8_lossy(t.bytes())),
                Value::Unset => "-".to_owned(),
            };
            let at = match &s.location {
                Location::File { path, line } => {
                    format!("{}:{}", path.file_name().unwrap().to_string_lossy(), line.unwrap_or(0))
                }
                other => format!("{other:?}"),
            };
            format!("{}={value} {at}{}", s.variable, if s.active { " *" } else { "" })
        };
        found.sightings.iter().map(one).collect()
    }

    #[test]
    fn environment_d_in_its_order() {
        let fake = Fake::home()
            .var("HF_TOKEN", "b")
            .file("/home/u/.config/environment.d/40-mine.conf", "HF_TOKEN=a # part of it\nHF_HOME=$HOME/hf\n")
            .file("/etc/environment.d/50-all.conf", "HF_TOKEN=b\nexport HF_HOME=x\nHF_TOKEN_PATH=\n")
            .file("/home/u/.config/environment.d/90-x.conf", "OTHER=1\n")
            .file("/etc/environment.d/90-x.conf", "HF_TOKEN=masked by the person's own\n");
        assert_eq!(
            told(&fake),
            [
                "HF_TOKEN=a # part of it 40-mine.conf:1",
                "HF_HOME=?$HOME/hf 40-mine.conf:2",
                "HF_TOKEN=b 50-all.conf:1 *"
            ]
        );
    }

    #[test]
    fn pam_as_it_reads() {
        let ask = |text: &str| told(&Fake::home().file("/etc/environment", text));
        for (text, wanted) in [
            ("HF_TOKEN=a", &["HF_TOKEN=a environment:1"][..]),
            ("export HF_TOKEN=a#b", &["HF_TOKEN=a environment:1"]),
            ("HF_TOKEN=\"v\" # c", &["HF_TOKEN=v\"  environment:1"]),
            ("HF_TOKEN='v'", &["HF_TOKEN=v environment:1"]),
            ("HF_TOKEN = v", &[]),
            ("#HF_TOKEN=v", &[]),
            ("HF_TOKEN=$HOME/x", &["HF_TOKEN=$HOME/x environment:1"]),
            ("HF_TOKEN=a\nHF_TOKEN=b", &["HF_TOKEN=b environment:2"]),
        ] {
            assert_eq!(ask(text), wanted, "{text}");
        }
        let own = Fake::home()
            .file("/home/u/.pam_environment", "HF_TOKEN DEFAULT=a OVERRIDE=b\nHF_HOME DEFAULT=@{HOME}/x\n")
            .file("/etc/security/pam_env.conf", "# HF_TOKEN DEFAULT=x\nHF_ENDPOINT DEFAULT=\"https://x\"\n");
        let system = "HF_ENDPOINT=https://x pam_env.conf:2";
        assert_eq!(told(&own), [system], "nobody is told to read it");
        let told_to = own.file("/etc/pam.d/sshd", "# x\nsession required pam_env.so user_readenv=1 envfile=x\n");
        assert_eq!(told(&told_to), [system, "HF_TOKEN=b .pam_environment:1", "HF_HOME=?@{HOME}/x .pam_environment:2"]);
    }

    #[test]
    fn scripts_of_the_desktop() {
        let fake = Fake::home()
            .file("/home/u/.xprofile", "export HF_TOKEN=a\n")
            .file("/home/u/.config/plasma-workspace/env/hf.sh", "export HF_TOKEN=$(pass hf)\n");
        assert_eq!(told(&fake), ["HF_TOKEN=a .xprofile:1", "HF_TOKEN=? hf.sh:1"]);
    }

    #[test]
    fn launch_agents() {
        let setenv = "<plist><dict><key>Label</key><string>x</string>\n<key>ProgramArguments</key><array>\n\
                      <string>/bin/launchctl</string><string>setenv</string>\n<string>HF_TOKEN</string>\n\
                      <string>a</string></array></dict></plist>";
        let job = "<plist><dict><key>EnvironmentVariables</key>\n<dict><key>PATH</key><string>x</string>\n\
                   <key>HF_TOKEN</key><string>b</string></dict><key>HF_HOME</key><string>no</string></dict></plist>";
        let shell = "<plist><dict><key>ProgramArguments</key><array><string>sh</string><string>-c</string>\
                     <string>launchctl setenv HF_TOKEN 'c'; true</string></array></dict></plist>";
        let dir = "/home/u/Library/LaunchAgents";
        let fake = Fake::home()
            .file(&format!("{dir}/a.plist"), setenv)
            .file(&format!("{dir}/b.plist"), job)
            .file(&format!("{dir}/c.plist"), shell);
        assert_eq!(told(&fake), ["HF_TOKEN=a a.plist:5", "HF_TOKEN=b b.plist:3", "HF_TOKEN=c c.plist:1"]);
        let binary = Fake::home().file(&format!("{dir}/a.plist"), "bplist00\x01HF_TOKEN");
        let mut found = Found::default();
        gather(&State::new(&binary), &mut found);
        assert!(found.unread[0].1.starts_with("is a binary property list"));
    }

    #[test]
    fn windows_gives_what_it_is_told_to() {
        let ask = |list: &str| told(&Fake::home().var("WSLENV", list).var("HF_TOKEN", "x")).len();
        assert_eq!(ask("GOPATH/l:HF_TOKEN/u"), 1);
        assert_eq!(ask("HF_TOKEN"), 1);
        assert_eq!((ask("HF_TOKEN/w"), ask("HF_TOKEN_OLD/u"), ask("")), (0, 0, 0));
    }

    #[test]
    fn what_ssh_takes_along() {
        // `ssh -G` of OpenSSH 9.2 says the same of these lines.
        let fake = Fake::home()
            .var("HF_TOKEN", "now")
            .file(
                "/home/u/.ssh/config",
                "Host *\n  SetEnv HF_TOKEN=abc HF_HOME=\"/x y\" A=b # c\nsendenv=LANG HF_*\nInclude conf.d/*.conf\n",
            )
            .file("/home/u/.ssh/conf.d/a.conf", "SetEnv 'HF_TOKEN=a b'\n")
            .file("/home/u/.ssh/conf.d/b.txt", "SetEnv HF_TOKEN=no\n");
        assert_eq!(
            told(&fake),
            ["HF_TOKEN=abc config:2", "HF_HOME=/x y config:2", "HF_TOKEN=?$HF_TOKEN config:3", "HF_TOKEN=a b a.conf:1"]
        );
        let here = Fake::home().file("/home/u/.ssh/environment", "HF_TOKEN=a\n");
        assert_eq!(told(&here), [""; 0], "the server does not read it");
        let permitted = here.file("/etc/ssh/sshd_config", "#PermitUserEnvironment no\npermituserenvironment yes\n");
        assert_eq!(told(&permitted), ["HF_TOKEN=a environment:1"]);
    }

    #[test]
    fn secrets_are_not_taken_apart() {
        let a = token("A");
        let fake = Fake::home().file("/home/u/.config/environment.d/a.conf", format!("HF_TOKEN='{a}'\n"));
        let mut found = Found::default();
        gather(&State::new(&fake), &mut found);
        assert!(found.sightings[0].value.shows_token());
    }

    #[test]
    fn globs() {
        for (pattern, text, wanted) in [
            ("HF_*", "HF_TOKEN", true),
            ("*", "", true),
            ("?F*N", "HF_TOKEN", true),
            ("HF", "HF_", false),
            ("*a*b", "xaxb", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), wanted, "{pattern} {text}");
        }
    }
}
