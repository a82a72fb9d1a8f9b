//! What services and jobs at set times get: units of the person's systemd, quadlets, crontabs.
//!
//! Only what can be read without asking a daemon: not `systemctl --user set-environment`, and not the crontab of a person
//! whose system keeps it in a place of its own.
//! Source: systemd.exec(5), systemd-system.conf(5), podman-systemd.unit(5), crontab(5) of cron 3.0 and cronie, read.

use std::path::{Path, PathBuf};

use super::env_file::env_file;
use super::session::{Words, literal, matches, words};
use super::{Cure, Found, Like, Reaches, Sighting, Value, ending, home, names_any, xdg};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::{State, startup};
use crate::system::TEXT_LIMIT;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    for unit in units(state) {
        one(state, found, &unit);
    }
    cron(state, found);
}

/// A unit with its drop-ins, in the order in which they are read.
struct Unit {
    /// `x.service`, `x@instance.service`; of a template that nothing is known to start, `x@.service`.
    name: String,
    files: Vec<PathBuf>,
    setter: &'static str,
    reaches: Reaches,
}

fn units(state: &State<'_>) -> Vec<Unit> {
    let system = state.system;
    let config = xdg(state, "XDG_CONFIG_HOME", ".config");
    let data = xdg(state, "XDG_DATA_HOME", ".local/share");
    let dirs: Vec<PathBuf> = [config.as_ref().map(|c| c.join("systemd/user")), data.map(|d| d.join("systemd/user"))]
        .into_iter()
        .flatten()
        .chain([PathBuf::from("/etc/systemd/user")])
        .collect();
    let mut names: Vec<String> = Vec::new();
    let entries = |dir: &PathBuf| system.list(dir).unwrap_or_default();
    for dir in &dirs {
        let below = entries(dir).into_iter().filter(|name| {
            // What is started with something else: `default.target.wants/x@instance.service`.
            [".wants", ".requires"].iter().any(|end| name.as_encoded_bytes().ends_with(end.as_bytes()))
        });
        let wanted = below.flat_map(|folder| entries(&dir.join(folder)));
        for name in entries(dir).into_iter().chain(wanted) {
            let text = name.to_string_lossy();
            let unit = text.strip_suffix(".d").unwrap_or(&text);
            // `service.d` is for every service.
            if (unit.ends_with(".service") || unit == "service") && !names.iter().any(|n| n == unit) {
                names.push(unit.to_owned());
            }
        }
    }
    // A template is nothing but what is started of it.
    let started: Vec<String> =
        names.iter().filter(|name| !name.contains("@.")).filter_map(|name| template(name)).collect();
    names.retain(|name| !started.contains(name));
    let mut out: Vec<Unit> = Vec::new();
    for name in names {
        let template = template(&name);
        let called: Vec<&str> = [Some(name.as_str()), template.as_deref()].into_iter().flatten().collect();
        let all = called.iter().flat_map(|name| dirs.iter().map(|dir| dir.join(*name)));
        let mut files: Vec<PathBuf> = all.filter(|p| system.stat(p).is_ok()).take(1).collect();
        let mut drop_ins: Vec<PathBuf> = Vec::new();
        for folder in called.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(format!("{name}.d")))) {
            let new = ending(system, &folder, ".conf");
            drop_ins.extend(new.into_iter().filter(|p| !dirs_hold(&drop_ins, p)).collect::<Vec<_>>());
        }
        drop_ins.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
        files.extend(drop_ins);
        out.push(Unit { name, files, setter: "a systemd user service", reaches: Reaches::Service });
    }
    if let Some(config) = config {
        let mut files = vec![config.join("systemd/user.conf")];
        files.extend(ending(system, &config.join("systemd/user.conf.d"), ".conf"));
        let name = "user.conf".to_owned();
        out.push(Unit { name, files, setter: "the user's systemd", reaches: Reaches::Session });
        for path in ending(system, &config.join("containers/systemd"), ".container") {
            let name =
                path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned() + ".service");
            out.push(Unit { name, files: vec![path], setter: "a quadlet", reaches: Reaches::Container });
        }
    }
    out
}

/// `x@.service` of `x@instance.service`.
fn template(name: &str) -> Option<String> {
    let (before, after) = name.split_once('@')?;
    let instance = after.strip_suffix(".service")?;
    (!instance.is_empty()).then(|| format!("{before}@.service"))
}

fn dirs_hold(all: &[PathBuf], path: &Path) -> bool {
    all.iter().any(|other| other.file_name() == path.file_name())
}

/// A variable with its value, as a unit gives it.
type Given = (String, Value, Location, Cure);

fn one(state: &State<'_>, found: &mut Found, unit: &Unit) {
    // By what goes over what: the manager's own variables, those of the unit, those of its files.
    let (mut passed, mut own, mut files): (Vec<Given>, Vec<Given>, Vec<Vec<u8>>) = Default::default();
    // Taken back by an empty setting.
    let mut dropped: Vec<Given> = Vec::new();
    // For one command alone.
    let mut commands: Vec<Given> = Vec::new();
    let mut unset: Vec<String> = Vec::new();
    let strings = |value: &[u8]| words(value, Words::Systemd).into_iter().filter_map(|w| String::from_utf8(w).ok());
    for path in &unit.files {
        let Ok(content) = state.system.read(path, TEXT_LIMIT) else {
            drop(found.read_naming(state, path));
            continue;
        };
        let text = Token::new(content.bytes);
        for (line, key, value) in settings(text.bytes()) {
            let at = Location::line(path, line);
            match key.as_str() {
                // An empty one takes back what stands before it.
                "Environment" | "DefaultEnvironment" | "ManagerEnvironment" if value.is_empty() => {
                    dropped.append(&mut own);
                }
                "Environment" | "DefaultEnvironment" | "ManagerEnvironment" => {
                    let words = words(&value, Words::Systemd);
                    let cure = if words.len() == 1 { Cure::CommentLine } else { Cure::Edit };
                    for word in words {
                        let Some(eq) = word.iter().position(|b| *b == b'=') else { continue };
                        let Ok(name) = String::from_utf8(word[..eq].to_vec()) else { continue };
                        own.push((name, specified(state, unit, &word[eq + 1..]), at.clone(), cure.clone()));
                    }
                }
                "PassEnvironment" if value.is_empty() => passed.clear(),
                "PassEnvironment" => {
                    for name in strings(&value) {
                        let value = Value::Reference(Token::new(format!("${name}").into_bytes()));
                        passed.push((name, value, at.clone(), Cure::Edit));
                    }
                }
                "UnsetEnvironment" if value.is_empty() => unset.clear(),
                "UnsetEnvironment" => unset.extend(strings(&value)),
                "EnvironmentFile" if value.is_empty() => files.clear(),
                "EnvironmentFile" => files.push(value),
                // `ExecStart=env NAME=value program`.
                key if key.starts_with("Exec") => {
                    let given = job_line(&value).into_iter();
                    commands.extend(given.map(|(name, value)| (name, value, at.clone(), Cure::Edit)));
                }
                _ => {}
            }
        }
    }
    let before = found.sightings.len();
    for (name, value, at, cure) in dropped.into_iter().chain(passed).chain(own) {
        let like = Like { setter: unit.setter, reaches: unit.reaches, cure, value: &literal };
        found.add(like.sighting(&name, value, at));
    }
    let like = Like { setter: unit.setter, reaches: unit.reaches, cure: Cure::CommentLine, value: &literal };
    for file in files {
        for path in named(state, unit, &file) {
            let Some(text) = found.read_naming(state, &path) else { continue };
            for assignment in env_file(text.bytes()) {
                let value = (like.value)(&assignment.value);
                let sighting = like.sighting(&assignment.name, value, Location::line(&path, assignment.line));
                found.add(Sighting { cure: assignment.cure(), ..sighting });
            }
        }
    }
    found.last_counts(before);
    // Last of all, whatever set it: a name, or a name with one value.
    for sighting in &mut found.sightings[before..] {
        let value = sighting.value.literal().map(Token::bytes);
        sighting.shadowed |= unset.iter().any(|unset| {
            let pair =
                unset.split_once('=').is_some_and(|(name, v)| name == sighting.variable && value == Some(v.as_bytes()));
            *unset == sighting.variable || pair
        });
    }
    for (name, value, at, cure) in commands {
        let like = Like { setter: unit.setter, reaches: unit.reaches, cure, value: &literal };
        found.add(like.sighting(&name, value, at));
    }
}

/// Keys with their values, in the order of a unit's text; a backslash at the end of a line goes on in the next.
fn settings(text: &[u8]) -> Vec<(u32, String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut open: Option<(u32, Vec<u8>)> = None;
    for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
        let line = line.trim_ascii();
        // A comment within what goes on is left out of it.
        if line.first().is_some_and(|b| matches!(b, b'#' | b';')) {
            continue;
        }
        let (start, mut whole) = open.take().unwrap_or((number, Vec::new()));
        match line.strip_suffix(b"\\") {
            Some(part) => {
                whole.extend_from_slice(part);
                whole.push(b' ');
                open = Some((start, whole));
                continue;
            }
            None => whole.extend_from_slice(line),
        }
        if let Some(eq) = whole.iter().position(|b| *b == b'=')
            && let Ok(key) = std::str::from_utf8(whole[..eq].trim_ascii())
        {
            out.push((start, key.to_owned(), whole[eq + 1..].trim_ascii().to_vec()));
        }
    }
    out
}

/// The value of an `Environment=`, what systemd puts in put in.
fn specified(state: &State<'_>, unit: &Unit, value: &[u8]) -> Value {
    match specifiers(state, unit, value) {
        Some(plain) => Value::Token(Token::new(plain)),
        None => Value::Reference(Token::new(value.to_vec())),
    }
}

/// A text with `%h` and the like put in; `%%` is a percent sign. `None` where one cannot be told here.
fn specifiers(state: &State<'_>, unit: &Unit, text: &[u8]) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt as _;
    let name = unit.name.strip_suffix(".service").unwrap_or(&unit.name);
    let (prefix, instance) = name.split_once('@').unwrap_or((name, ""));
    let bytes = |path: PathBuf| path.into_os_string().into_vec();
    let mut rest = text;
    let mut plain = Vec::with_capacity(text.len());
    while let Some((b, after)) = rest.split_first() {
        rest = after;
        let letter = after.first().filter(|letter| *b == b'%' && (letter.is_ascii_alphabetic() || **letter == b'%'));
        let Some(letter) = letter else {
            plain.push(*b);
            continue;
        };
        rest = &after[1..];
        plain.extend(match letter {
            b'%' => b"%".to_vec(),
            b'h' => bytes(home(state.system)?),
            b't' => state.non_empty("XDG_RUNTIME_DIR")?.into_vec(),
            b'E' => bytes(xdg(state, "XDG_CONFIG_HOME", ".config")?),
            b'C' => bytes(xdg(state, "XDG_CACHE_HOME", ".cache")?),
            b'U' => state.system.uid().to_string().into_bytes(),
            b'u' => state.non_empty("USER")?.into_vec(),
            // Nothing is known to start the template.
            b'i' | b'I' | b'n' | b'N' if name.ends_with('@') => return None,
            b'n' => unit.name.clone().into_bytes(),
            b'N' => name.as_bytes().to_vec(),
            b'p' => prefix.as_bytes().to_vec(),
            b'i' => instance.as_bytes().to_vec(),
            // Unescaped: the same where nothing is escaped.
            b'I' if !instance.contains(['-', '\\']) => instance.as_bytes().to_vec(),
            _ => return None,
        });
    }
    Some(plain)
}

/// The files of an `EnvironmentFile=`, which is one path, blanks and quotes and all: `-` before it forgives that it is
/// missing. Run: systemd 252, `systemd-analyze verify`.
fn named(state: &State<'_>, unit: &Unit, value: &[u8]) -> Vec<PathBuf> {
    let path = specifiers(state, unit, value.strip_prefix(b"-").unwrap_or(value));
    let path = path.and_then(|path| String::from_utf8(path).ok()).map(PathBuf::from);
    let Some(path) = path.filter(|path| path.is_absolute()) else { return Vec::new() };
    let (Some(dir), Some(pattern)) = (path.parent(), path.file_name()) else { return Vec::new() };
    let pattern = pattern.as_encoded_bytes();
    if !pattern.iter().any(|b| matches!(b, b'*' | b'?')) {
        return vec![path];
    }
    let fits = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            let name = name.as_encoded_bytes();
            // As in a shell, a name that begins with a dot has to be named.
            matches(pattern, name) && (!name.starts_with(b".") || pattern.starts_with(b"."))
        })
    };
    ending(state.system, dir, "").into_iter().filter(fits).collect()
}

/// Crontabs, as far as they can be read: lines `NAME = value`, and a variable before a job's command.
fn cron(state: &State<'_>, found: &mut Found) {
    let system = state.system;
    let mut files = vec![PathBuf::from("/etc/crontab"), PathBuf::from("/etc/anacrontab")];
    files.extend(ending(system, Path::new("/etc/cron.d"), ""));
    if let Some(user) = state.non_empty("USER").or_else(|| state.non_empty("LOGNAME")) {
        // Debian's place, Fedora's and Arch's, macOS'.
        let dirs = ["/var/spool/cron/crontabs", "/var/spool/cron", "/usr/lib/cron/tabs"];
        files.extend(dirs.map(|dir| Path::new(dir).join(&user)));
    }
    for path in files {
        // Most people may not read it: `crontab -l` is the way, and no fault of the file.
        let Ok(content) = system.read(&path, TEXT_LIMIT) else { continue };
        let text = Token::new(content.bytes);
        if !names_any(text.bytes()) {
            continue;
        }
        let cure = |line: bool| if line { Cure::CommentLine } else { Cure::Edit };
        for (number, line) in (1..).zip(text.bytes().split(|b| *b == b'\n')) {
            let at = Location::line(&path, number);
            let like =
                |line| Like { setter: "a crontab", reaches: Reaches::Schedule, cure: cure(line), value: &literal };
            if let Some((name, value)) = table_line(line) {
                found.add(like(true).sighting(&name, Value::Token(value), at));
                continue;
            }
            for (name, value) in job_line(line) {
                found.add(like(false).sighting(&name, value, at.clone()));
            }
        }
    }
}

/// `NAME = "value"`: nothing is expanded.
fn table_line(line: &[u8]) -> Option<(String, Token)> {
    let line = line.trim_ascii();
    let eq = line.iter().position(|b| *b == b'=').filter(|_| !line.starts_with(b"#"))?;
    let unquoted = |text: &[u8]| {
        let text = text.trim_ascii();
        let inner = |q: u8| text.strip_prefix(&[q])?.strip_suffix(&[q]).map(<[u8]>::to_vec);
        inner(b'"').or_else(|| inner(b'\'')).unwrap_or_else(|| text.to_vec())
    };
    let name = String::from_utf8(unquoted(&line[..eq])).ok()?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain.then(|| (name, Token::new(unquoted(&line[eq + 1..]))))
}

/// `0 5 * * * HF_TOKEN=… command`, and `export HF_TOKEN=…;` in it.
fn job_line(line: &[u8]) -> Vec<(String, Value)> {
    if line.trim_ascii_start().starts_with(b"#") {
        return Vec::new();
    }
    let known = startup::names();
    let words = line.split(|b| b.is_ascii_whitespace() || *b == b';');
    let pair = |word: &[u8]| {
        let eq = word.iter().position(|b| *b == b'=')?;
        let name = std::str::from_utf8(&word[..eq]).ok()?;
        let value = word[eq + 1..].trim_ascii();
        let bare = |b: &u8| !matches!(b, b'"' | b'\'');
        let value: Vec<u8> = value.iter().copied().filter(bare).collect();
        let refers = value.iter().any(|b| matches!(b, b'$' | b'`'));
        let token = Token::new(value);
        let value = if refers { Value::Reference(token) } else { Value::Token(token) };
        known.contains(&name).then(|| (name.to_owned(), value))
    };
    words.filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;
    use crate::system::fake::Fake;

    #[test]
    fn units_with_their_drop_ins() {
        let dir = "/home/u/.config/systemd/user";
        let fake = Fake::home()
            .file(
                &format!("{dir}/a.service"),
                "[Service]\nEnvironment=HF_TOKEN=a\nEnvironment=\"HF_HOME=/x y\" B=c \\\n  HF_ENDPOINT=https://x\n",
            )
            .file(
                &format!("{dir}/a.service.d/10.conf"),
                "[Service]\n# Environment=HF_TOKEN=z\nEnvironment=HF_TOKEN=b\n",
            )
            .file(&format!("{dir}/b.service"), "Environment=HF_TOKEN=a\nEnvironment=\nPassEnvironment=HF_TOKEN\n")
            .file(&format!("{dir}/c.service"), "Environment=HF_HOME=%h/hf\nUnsetEnvironment=HF_HOME\n")
            .file(&format!("{dir}/d.timer"), "HF_TOKEN=a\n");
        assert_eq!(
            seen(&fake),
            [
                format!("HF_TOKEN =a {dir}/a.service:2 service shadowed"),
                format!("HF_HOME =/x y {dir}/a.service:3 service"),
                format!("HF_ENDPOINT =https://x {dir}/a.service:3 service"),
                format!("HF_TOKEN =b {dir}/a.service.d/10.conf:3 service"),
                format!("HF_TOKEN =a {dir}/b.service:1 service shadowed"),
                format!("HF_TOKEN ?$HF_TOKEN {dir}/b.service:3 service"),
                format!("HF_HOME =/home/u/hf {dir}/c.service:1 service shadowed"),
            ]
        );
    }

    #[test]
    fn what_goes_over_what() {
        // systemd.exec(5): files go over `Environment=`, and `UnsetEnvironment=` comes last.
        let dir = "/home/u/.config/systemd/user";
        let fake = Fake::home()
            .file("/home/u/hf.env", "HF_TOKEN=f\n")
            .file(&format!("{dir}/a.service"), "EnvironmentFile=%h/hf.env\nEnvironment=HF_TOKEN=a\n")
            .file(&format!("{dir}/b.service"), "Environment=HF_TOKEN=b\nUnsetEnvironment=HF_TOKEN\n")
            .file(&format!("{dir}/c.service"), "Environment=HF_TOKEN=c\nEnvironment=\nEnvironment=HF_TOKEN=d\n")
            .file(&format!("{dir}/d.service"), "ExecStart=/usr/bin/env HF_TOKEN=e /usr/bin/x\n")
            .file(&format!("{dir}/e.service"), "Environment=HF_TOKEN=h\nUnsetEnvironment=HF_TOKEN=h\n")
            .file(&format!("{dir}/f.service"), "Environment=HF_TOKEN=i\nUnsetEnvironment=HF_TOKEN=h\n")
            .file(&format!("{dir}/service.d/all.conf"), "[Service]\nEnvironment=HF_TOKEN=g\n");
        assert_eq!(
            seen(&fake),
            [
                format!("HF_TOKEN =a {dir}/a.service:2 service shadowed"),
                "HF_TOKEN =f /home/u/hf.env:1 service".to_owned(),
                format!("HF_TOKEN =b {dir}/b.service:1 service shadowed"),
                format!("HF_TOKEN =c {dir}/c.service:1 service shadowed"),
                format!("HF_TOKEN =d {dir}/c.service:3 service"),
                format!("HF_TOKEN =e {dir}/d.service:1 service"),
                format!("HF_TOKEN =h {dir}/e.service:1 service shadowed"),
                format!("HF_TOKEN =i {dir}/f.service:1 service"),
                format!("HF_TOKEN =g {dir}/service.d/all.conf:2 service"),
            ]
        );
    }

    #[test]
    fn files_of_units() {
        let fake = Fake::home()
            .file("/home/u/.config/systemd/user/a.service", "[Service]\nEnvironmentFile=-%h/secrets/hf.env\n")
            .file("/home/u/secrets/hf.env", "# x\nHF_TOKEN='a'\n")
            .file("/home/u/.config/systemd/user.conf", "[Manager]\nDefaultEnvironment=HF_TOKEN=m\n")
            .file("/home/u/.config/containers/systemd/x.container", "[Container]\nEnvironment=HF_TOKEN=q\n");
        assert_eq!(
            seen(&fake),
            [
                "HF_TOKEN =a /home/u/secrets/hf.env:2 service",
                "HF_TOKEN =m /home/u/.config/systemd/user.conf:2 session",
                "HF_TOKEN =q /home/u/.config/containers/systemd/x.container:2 container",
            ]
        );
    }

    #[test]
    fn what_systemd_puts_in() {
        let dir = "/home/u/.config/systemd/user";
        let fake = Fake::home()
            .file(&format!("{dir}/x@.service"), "EnvironmentFile=%h/%i.env\nEnvironment=HF_HOME=/d/%n/%p\n")
            .file(&format!("{dir}/x@b.service.d/o.conf"), "[Service]\nEnvironment=HF_ENDPOINT=%N%%%i\n")
            .link(&format!("{dir}/default.target.wants/x@a.service"), "../x@.service")
            .file(&format!("{dir}/y@.service"), "EnvironmentFile=%h/%i.env\nEnvironment=HF_HOME=/d/%i\n")
            .file(&format!("{dir}/z.service"), "EnvironmentFile=%E/a b/*.env\nEnvironmentFile=\"%h/a.env\"\n")
            .file("/home/u/.config/a b/1.env", "HF_TOKEN=1\n")
            .file("/home/u/.config/a b/.2.env", "HF_TOKEN=2\n")
            .file("/home/u/a.env", "HF_TOKEN=a\n")
            .file("/home/u/b.env", "HF_TOKEN=%h\n");
        let mut got = seen(&fake);
        got.sort();
        assert_eq!(
            got,
            [
                format!("HF_ENDPOINT =x@b%b {dir}/x@b.service.d/o.conf:2 service"),
                format!("HF_HOME =/d/x@b.service/x {dir}/x@.service:2 service"),
                format!("HF_HOME ?/d/%i {dir}/y@.service:2 service"),
                "HF_TOKEN =%h /home/u/b.env:1 service".to_owned(),
                "HF_TOKEN =1 /home/u/.config/a b/1.env:1 service".to_owned(),
                "HF_TOKEN =a /home/u/a.env:1 service".to_owned(),
            ]
        );
    }

    #[test]
    fn crontabs_that_can_be_read() {
        let text =
            "# HF_TOKEN=no\nHF_TOKEN = \"a\"\n0 5 * * * HF_TOKEN=b HF_HOME=$HOME/x python sync.py\n@daily true\n";
        let fake = Fake::home().var("USER", "u").file("/var/spool/cron/crontabs/u", text);
        assert_eq!(
            seen(&fake),
            [
                "HF_TOKEN =a /var/spool/cron/crontabs/u:2 schedule",
                "HF_TOKEN =b /var/spool/cron/crontabs/u:3 schedule",
                "HF_HOME ?$HOME/x /var/spool/cron/crontabs/u:3 schedule",
            ]
        );
        let closed = fake.owner("/var/spool/cron/crontabs/u", 0, 0);
        assert_eq!(seen(&closed), [""; 0], "`crontab -l` is the way");
    }
}
