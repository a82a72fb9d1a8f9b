//! `path`: what it prints of the paths that it is given.
//!
//! Source: fish 3.6.0, run.

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::builtins::shortened;
use super::run::Run;
use crate::state::startup::tools::Printed;
use crate::system::Kind;

impl Run<'_> {
    /// `path SUBCOMMAND PATH…`, without options but those of a kind of file; `None` for any other.
    pub(super) fn paths(&self, arguments: &[&[u8]]) -> Option<Printed> {
        let (sub, rest) = arguments.split_first()?;
        let (fixed, rest) = match (*sub, rest) {
            (b"change-extension", [extension, rest @ ..]) => (*extension, rest),
            (b"is" | b"filter", [kind, rest @ ..]) if kind.starts_with(b"-") => (*kind, rest),
            _ => (b"".as_slice(), rest),
        };
        if rest.is_empty() || self.world.stdin.direct || rest.iter().any(|path| path.starts_with(b"-")) {
            return None;
        }
        let (mut out, mut success) = (Vec::new(), false);
        for path in rest {
            let new: Option<Vec<u8>> = match *sub {
                b"basename" => Some(basename(path)?.to_vec()),
                b"dirname" => Some(dirname(path)?.to_vec()),
                b"extension" => Some(extension(path)?.to_vec()),
                b"change-extension" => {
                    let stem = &path[..path.len() - extension(path)?.len()];
                    let dot: &[u8] = if fixed.is_empty() || fixed.starts_with(b".") { b"" } else { b"." };
                    Some([stem, dot, fixed].concat())
                }
                b"normalize" if path.starts_with(b"/") && !path.starts_with(b"//") => {
                    Some(shortened(&PathBuf::from(std::ffi::OsStr::from_bytes(path))).as_os_str().as_bytes().to_vec())
                }
                b"resolve" => Some(self.system.canonical(&self.absolute(path)?)?.as_os_str().as_bytes().to_vec()),
                b"is" | b"filter" => {
                    let stat = self.system.stat(&self.absolute(path)?).ok();
                    let fits = match fixed {
                        b"" => stat.is_some(),
                        b"-d" => stat.is_some_and(|s| s.kind == Kind::Dir),
                        b"-f" => stat.is_some_and(|s| s.kind == Kind::File),
                        _ => return None,
                    };
                    fits.then(|| path.to_vec())
                }
                _ => return None,
            };
            success |= match *sub {
                b"extension" => new.as_ref().is_some_and(|new| !new.is_empty()),
                b"is" | b"filter" => new.is_some(),
                b"basename" | b"dirname" | b"resolve" => true,
                // Whether it changed.
                _ => new.as_deref() != Some(*path),
            };
            if let Some(new) = new.filter(|_| *sub != b"is") {
                out.extend_from_slice(&new);
                out.push(b'\n');
            }
        }
        Some(Printed { text: out, success, unordered: false })
    }
}

/// The last part; `None` of what ends in a slash.
fn basename(path: &[u8]) -> Option<&[u8]> {
    let name = path.rsplit(|b| *b == b'/').next()?;
    (!name.is_empty()).then_some(name)
}

fn dirname(path: &[u8]) -> Option<&[u8]> {
    let name = basename(path)?;
    match &path[..path.len() - name.len()] {
        b"" => Some(b"."),
        b"/" => Some(b"/"),
        dir => dir.strip_suffix(b"/").filter(|dir| !dir.ends_with(b"/")),
    }
}

/// From the last dot on, unless the name begins with it.
fn extension(path: &[u8]) -> Option<&[u8]> {
    let name = basename(path)?;
    if matches!(name, b"." | b"..") {
        return None;
    }
    let at = name.iter().rposition(|b| *b == b'.').filter(|at| *at > 0);
    Some(at.map_or(b"", |at| &name[at..]))
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    /// Each value is that of fish 3.6.
    #[test]
    fn parts_of_paths() {
        for (text, want) in [
            ("path basename /a/b.c", Some("b.c")),
            ("path dirname /a/b a /a", Some("/a . /")),
            ("path extension a.tar.gz .b", Some(".gz ")),
            ("path change-extension txt a.c", Some("a.txt")),
            ("path change-extension '' /x.d/a", Some("/x.d/a")),
            ("path normalize /a/../b/./c", Some("/b/c")),
            ("path filter -d /usr /nope", Some("/usr")),
            ("path basename a/", None),
            ("path sort b a", None),
        ] {
            let text = format!("set -gx HF_TOKEN ({text})");
            let fake = Fake::home().file("/home/u/.config/fish/config.fish", text.clone()).dir("/usr", 0o755);
            let next = start(&fake, Shell::Fish, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            let want = want.map_or(Value::Unknown, |want| Value::of(want.as_bytes()));
            assert_eq!(next.variable("HF_TOKEN").value, want, "{text}");
        }
    }
}
