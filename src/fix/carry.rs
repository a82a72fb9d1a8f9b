//! The places of other tools that carry an isolation into a shell: activate scripts, `.envrc`, `mise.local.toml`.
//!
//! Only paths are written there, never a token. What stands between the two marks is hflint's, and goes with `--off`;
//! all else in the file stays as it is.
#![allow(clippy::format_push_string, clippy::format_collect, reason = "scripts are put together line by line")]
#![allow(clippy::unnecessary_wraps, reason = "one signature for all places")]

use std::path::{Path, PathBuf};

use super::diff;
use super::isolate::{carried, own, shown};
use super::plan::{Action, Kind, Step};
use crate::finding::{Applicability, Location};
use crate::shell::{quote, quote_path};
use crate::snapshot::Snapshot;
use crate::state::isolation::{Binding, By};
use crate::system::{FileImage, Image, Kind as Is, System};

const BEGIN: &str = "# hflint isolate: begin (`hflint fix --isolate --off` takes it out)";
const END: &str = "# hflint isolate: end";

/// Whose words a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Sh,
    Fish,
}

/// The environment whose scripts carry it; `None` for a tool that keeps its place in the project.
pub fn environment(system: &dyn System, root: &Path, by: By) -> Result<Option<PathBuf>, String> {
    let variable = |name: &str| system.var(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match by {
        By::Hook | By::Direnv | By::Mise => Ok(None),
        By::Conda => {
            let prefix = variable("CONDA_PREFIX").ok_or("no conda environment is active here")?;
            Ok(Some(prefix))
        }
        By::Venv => {
            let own = [".venv", "venv"].map(|name| root.join(name));
            let is_venv = |dir: &PathBuf| system.stat(&dir.join("bin/activate")).is_ok_and(|s| s.kind == Is::File);
            let found = own.into_iter().chain(variable("VIRTUAL_ENV")).find(is_venv);
            found.map(Some).ok_or_else(|| format!("no virtual environment in {}, and none is active", shown(root)))
        }
    }
}

/// What it takes to write the paths into the tool's own place.
pub fn actions(snapshot: &Snapshot<'_>, binding: &Binding) -> Result<Vec<Action>, String> {
    let system = snapshot.state.system;
    if binding.by == By::Mise && binding.export {
        return Err("mise cannot export what a file holds: leave --export out".to_owned());
    }
    places(binding).into_iter().map(|place| edit(system, binding, &place)).filter_map(Result::transpose).collect()
}

/// What it takes to take them out again; what cannot be edited is named.
pub fn removal(snapshot: &Snapshot<'_>, binding: &Binding) -> Vec<Action> {
    let system = snapshot.state.system;
    let mut out = Vec::new();
    for (path, _) in places(binding) {
        let target = Location::file(&path);
        match own(system, &path) {
            Ok(taken) => {
                let Some(bytes) = taken.image.bytes() else { continue };
                let left = without(bytes);
                if left == bytes {
                    continue;
                }
                // A file that held nothing else was made for this.
                let after = match &taken.image {
                    Image::File(file) if !left.trim_ascii().is_empty() => Image::File(file.with(left)),
                    _ => Image::Absent,
                };
                out.push(action(target, "take the isolation out of", &path, taken.path, taken.image, after));
            }
            Err(why) => out.push(Action::manual(
                target,
                format!("take the isolation out of {why}"),
                format!("${{EDITOR:-vi}} {}", quote_path(Some(&path))),
            )),
        }
    }
    out
}

fn action(target: Location, verb: &str, at: &Path, path: PathBuf, before: Image, after: Image) -> Action {
    let text = |image: &Image| image.bytes().unwrap_or_default().to_vec();
    let shown_diff = diff::lines(at, &text(&before), &text(&after), diff::secrets);
    let kind = if before == Image::Absent { Kind::Create } else { Kind::EditFile };
    Action::new(kind, Applicability::Unsafe, target, format!("{verb} {}", shown(at))).diff(shown_diff).step(Step::Put {
        path,
        before,
        after,
    })
}

/// A file, and where in it the paths are set (or, on leaving, put back).
type Written = (PathBuf, fn(&Binding, &dyn System, &str) -> Option<String>);

fn places(binding: &Binding) -> Vec<Written> {
    let at = binding.at.clone().unwrap_or_default();
    match binding.by {
        By::Hook => Vec::new(),
        By::Direnv => vec![(binding.root.join(".envrc"), envrc)],
        By::Mise => vec![(binding.root.join("mise.local.toml"), mise)],
        By::Venv => vec![(at.join("bin/activate"), activate), (at.join("bin/activate.fish"), activate_fish)],
        By::Conda => vec![
            (at.join("etc/conda/activate.d/hflint.sh"), enter_sh),
            (at.join("etc/conda/activate.d/hflint.fish"), enter_fish),
            (at.join("etc/conda/deactivate.d/hflint.sh"), leave_sh),
            (at.join("etc/conda/deactivate.d/hflint.fish"), leave_fish),
        ],
    }
}

fn edit(system: &dyn System, binding: &Binding, (path, write): &Written) -> Result<Option<Action>, String> {
    let taken = own(system, path)?;
    // virtualenv leaves the scripts of other shells out where it is told to.
    if binding.by == By::Venv && taken.image == Image::Absent {
        return Ok(None);
    }
    let before = taken.image.bytes().unwrap_or_default();
    let text = String::from_utf8(without(before)).map_err(|_| format!("{} is not UTF-8", shown(path)))?;
    let text =
        write(binding, system, &text).ok_or_else(|| format!("{} is not as expected: it is left alone", shown(path)))?;
    if binding.by == By::Mise
        && let Err(why) = toml::from_str::<toml::Table>(&text)
    {
        return Err(format!("{} would not parse: {}", shown(path), why.message()));
    }
    if text.as_bytes() == before {
        return Ok(None);
    }
    let after = match &taken.image {
        Image::File(file) => Image::File(file.with(text.into_bytes())),
        _ => Image::File(FileImage::private(text.into_bytes())),
    };
    Ok(Some(action(Location::file(path), "write the isolation's paths into", path, taken.path, taken.image, after)))
}

/// The text without what stands between the marks.
fn without(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut inside = false;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let bare = line.trim_ascii();
        if bare == BEGIN.as_bytes() {
            inside = true;
        }
        if !inside {
            out.extend_from_slice(line);
        }
        if bare == END.as_bytes() {
            inside = false;
        }
    }
    // A mark without its end is somebody's own work.
    if inside { bytes.to_vec() } else { out }
}

fn block(lines: &str) -> String {
    format!("{BEGIN}\n{lines}{END}\n")
}

fn appended(text: &str, lines: &str) -> String {
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{gap}{}", block(lines))
}

/// After the first line that begins so; `None` where there is none.
fn inserted(text: &str, start: &str, lines: &str) -> Option<String> {
    let at = text.split_inclusive('\n').scan(0, |sum, line| {
        *sum += line.len();
        Some((line, *sum))
    });
    let end = at.into_iter().find(|(line, _)| line.starts_with(start) && line.ends_with('\n'))?.1;
    Some(format!("{}{}{}", &text[..end], block(lines), &text[end..]))
}

/// The assignments, without remembering what was there.
fn plain(binding: &Binding, system: &dyn System) -> String {
    let (set, unset) = carried(binding, system);
    let mut out = format!("unset {}\n", unset.join(" "));
    for (name, value) in set {
        out += &format!("export {name}={}\n", quote(&value));
    }
    out + &exported(binding, system, Words::Sh)
}

fn exported(binding: &Binding, system: &dyn System, words: Words) -> String {
    let Some(token) = binding.token(system).filter(|_| binding.export) else { return String::new() };
    let path = quote_path(Some(&token));
    match words {
        Words::Sh => format!("if [ -r {path} ]; then export HF_TOKEN=\"$(cat {path})\"; fi\n"),
        Words::Fish => format!("if test -r {path}; set -gx HF_TOKEN (cat {path}); end\n"),
    }
}

fn envrc(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    Some(appended(text, &plain(binding, system)))
}

fn mise(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    let (set, unset) = carried(binding, system);
    let mut lines: String = unset.iter().map(|name| format!("{name} = false\n")).collect();
    for (name, value) in set {
        // TOML has no bytes: a path that is not UTF-8 cannot be written there. JSON's strings are strings of TOML.
        lines += &format!("{name} = {}\n", serde_json::to_string(&value.into_string().ok()?).ok()?);
    }
    inserted(text, "[env]", &lines).or_else(|| Some(appended(text, &format!("[env]\n{lines}"))))
}

/// All names that are changed.
fn names(binding: &Binding, system: &dyn System) -> Vec<&'static str> {
    let (set, unset) = carried(binding, system);
    unset.into_iter().chain(set.into_iter().map(|(name, _)| name)).collect()
}

/// Remembers, once, then changes. The memory is not exported: a child shell has what it needs.
fn entering(binding: &Binding, system: &dyn System, words: Words) -> String {
    let mut out = String::new();
    for name in names(binding, system) {
        out += &match words {
            Words::Sh => format!(
                "if [ -z \"${{_HFLINT_HAD_{name}+x}}\" ]; then\n    _HFLINT_HAD_{name}=\"${{{name}+x}}\"\n    _HFLINT_OLD_{name}=\"${{{name}-}}\"\nfi\n"
            ),
            Words::Fish => {
                format!(
                    "if not set -q _HFLINT_OLD_{name}\n    set -g _HFLINT_OLD_{name}\n    set -q {name}; and set -g _HFLINT_OLD_{name} \"${name}\"\nend\n"
                )
            }
        };
    }
    let (set, unset) = carried(binding, system);
    match words {
        Words::Sh => out += &plain(binding, system),
        Words::Fish => {
            for name in unset {
                // A universal one would shine through; clients take an empty token for none.
                out += &format!("set -eg {name}\nset -q {name}; and set -gx {name} ''\n");
            }
            for (name, value) in set {
                out += &format!("set -gx {name} {}\n", quote(&value));
            }
            out += &exported(binding, system, words);
        }
    }
    out
}

/// Puts back what was remembered.
fn leaving(binding: &Binding, system: &dyn System, words: Words) -> String {
    let mut out = String::new();
    for name in names(binding, system) {
        out += &match words {
            Words::Sh => format!(
                "if [ -n \"${{_HFLINT_HAD_{name}+x}}\" ]; then\n    if [ -n \"$_HFLINT_HAD_{name}\" ]; then export {name}=\"$_HFLINT_OLD_{name}\"; else unset {name}; fi\n    unset _HFLINT_HAD_{name} _HFLINT_OLD_{name}\nfi\n"
            ),
            Words::Fish => format!(
                "if set -q _HFLINT_OLD_{name}\n    set -eg {name}\n    test (count $_HFLINT_OLD_{name}) -gt 0; and set -gx {name} \"$_HFLINT_OLD_{name}\"\n    set -eg _HFLINT_OLD_{name}\nend\n"
            ),
        };
    }
    out
}

fn activate(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    let text = inserted(text, "deactivate () {", &leaving(binding, system, Words::Sh))?;
    Some(appended(&text, &entering(binding, system, Words::Sh)))
}

fn activate_fish(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    let text = inserted(text, "function deactivate", &leaving(binding, system, Words::Fish))?;
    Some(appended(&text, &entering(binding, system, Words::Fish)))
}

fn enter_sh(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    Some(appended(text, &entering(binding, system, Words::Sh)))
}

fn enter_fish(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    Some(appended(text, &entering(binding, system, Words::Fish)))
}

fn leave_sh(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    Some(appended(text, &leaving(binding, system, Words::Sh)))
}

fn leave_fish(binding: &Binding, system: &dyn System, text: &str) -> Option<String> {
    Some(appended(text, &leaving(binding, system, Words::Fish)))
}

/// What the person has to do once for the tool to take it up.
pub fn note(by: By) -> Option<&'static str> {
    match by {
        By::Hook => None,
        By::Venv => Some("activate the virtual environment again; `python -m venv` over it takes the lines away"),
        By::Conda => Some("activate the conda environment again"),
        By::Direnv => Some("direnv takes it up after `direnv allow`"),
        By::Mise => Some("mise takes it up after `mise trust`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out_byte_by_byte() {
        for text in ["", "a\nb\n", "deactivate () {\n}\nx\n", "a\r\nb\r\n"] {
            assert_eq!(without(appended(text, "x\n").as_bytes()), text.as_bytes(), "{text:?}");
        }
        let text = "x\ndeactivate () {\n    y\n}\n";
        let both = appended(&inserted(text, "deactivate () {", "z\n").unwrap(), "w\n");
        assert_eq!(without(both.as_bytes()), text.as_bytes());
        let torn = format!("a\n{BEGIN}\nmine\n");
        assert_eq!(without(torn.as_bytes()), torn.as_bytes());
        assert_eq!(inserted("no such line\n", "deactivate () {", ""), None);
    }
}
