//! Distributions in directories of packages, by the names of their metadata directories.
//! Source: PyPA "Recording installed projects"; setuptools' older `.egg-info`, `.egg`, `.egg-link`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::Package;
use crate::clients::version::Version;
use crate::system::{CREDENTIAL_LIMIT, Kind, System, TEXT_LIMIT};

/// The distributions of these (sorted) names; the first directory that has one counts, as for `import`.
pub(super) fn in_directories(system: &dyn System, dirs: &[PathBuf], names: &[&str]) -> Vec<Package> {
    let mut out: Vec<Package> = Vec::new();
    for dir in dirs {
        let Ok(entries) = system.list(dir) else { continue };
        for (name, version) in in_directory(system, dir, &entries, names) {
            if !out.iter().any(|p| p.name == name) {
                out.push(Package { name, version, at: dir.clone() });
            }
        }
    }
    out
}

fn in_directory(system: &dyn System, dir: &Path, entries: &[OsString], names: &[&str]) -> BTreeMap<String, Version> {
    let mut found: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    for entry in entries.iter().filter_map(|e| e.to_str()) {
        if let Some((name, version)) = metadata(system, dir, entry, names) {
            found.entry(name).or_default().push(version);
        }
    }
    // A source tree on PYTHONPATH, or a copy without metadata: the module itself is imported.
    for name in names {
        if !found.contains_key(*name)
            && entries.binary_search(&OsString::from(module(name))).is_ok()
            && let Some(version) = declared(system, dir, name)
        {
            found.insert((*name).to_owned(), vec![version]);
        }
    }
    found
        .into_iter()
        .filter_map(|(name, mut versions)| {
            versions.sort();
            versions.dedup();
            // Two after a broken upgrade: importlib.metadata answers with whichever the disk lists first, so the
            // module is asked; the newer one where it does not tell.
            let version = if versions.len() > 1 { declared(system, dir, &name) } else { None };
            Some((name, version.or_else(|| versions.pop())?))
        })
        .collect()
}

/// What an entry of a directory of packages says: a wanted name and its release.
fn metadata(system: &dyn System, dir: &Path, entry: &str, names: &[&str]) -> Option<(String, Version)> {
    let (stem, kind) = entry.rsplit_once('.')?;
    let (headers, stem) = match kind {
        "dist-info" => ("METADATA", stem),
        "egg-info" => ("PKG-INFO", without_python(stem)),
        "egg" => ("EGG-INFO/PKG-INFO", without_python(stem)),
        "egg-link" => ("", stem),
        _ => return None,
    };
    let (name, rest) = wanted(stem, names)?;
    let at = dir.join(entry);
    let version = match kind {
        "egg-link" => linked(system, &at, stem)?,
        // An old egg-info may be the PKG-INFO itself, or lack the release in its name.
        _ => match rest.parse() {
            Ok(version) => version,
            Err(_) if system.stat(&at).is_ok_and(|s| s.kind == Kind::File) => version_of(system, &at)?,
            Err(_) => version_of(system, &at.join(headers))?,
        },
    };
    Some((name, version))
}

/// `huggingface_hub-0.0.1-py3.7` without what setuptools adds.
fn without_python(stem: &str) -> &str {
    stem.find("-py")
        .filter(|at| stem[at + 3..].starts_with(|c: char| c.is_ascii_digit()))
        .map_or(stem, |at| &stem[..at])
}

/// The wanted name that a stem begins with, and what follows its hyphen. Old names hold hyphens themselves, so every
/// hyphen is tried.
fn wanted<'s>(stem: &'s str, names: &[&str]) -> Option<(String, &'s str)> {
    let ends = stem.match_indices('-').map(|(at, _)| at).chain(std::iter::once(stem.len()));
    ends.map(|at| (normalised(&stem[..at]), stem.get(at + 1..).unwrap_or_default())).find(|(name, rest)| {
        names.binary_search(&name.as_str()).is_ok() && !rest.starts_with(|c: char| c.is_alphabetic())
    })
}

/// PEP 503: lower case, runs of `-`, `_` and `.` as one hyphen.
fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.push(c.to_ascii_lowercase());
        }
    }
    out
}

/// The module that a distribution is imported as; those here follow the rule.
fn module(name: &str) -> String {
    name.replace('-', "_")
}

/// The `Version` header of a metadata file.
fn version_of(system: &dyn System, path: &Path) -> Option<Version> {
    let content = system.read(path, CREDENTIAL_LIMIT).ok()?;
    String::from_utf8_lossy(&content.bytes)
        .lines()
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.strip_prefix("Version:"))
        .and_then(|v| v.trim().parse().ok())
}

/// `setup.py develop`: the link names the source tree, which holds the metadata.
fn linked(system: &dyn System, link: &Path, stem: &str) -> Option<Version> {
    let content = system.read(link, CREDENTIAL_LIMIT).ok()?;
    let source = content.bytes.split(|b| *b == b'\n').next()?.trim_ascii();
    let info = format!("{}.egg-info/PKG-INFO", stem.replace('-', "_"));
    version_of(system, &Path::new(OsStr::from_bytes(source)).join(info))
}

/// The `__version__` that a module's source assigns as a literal.
fn declared(system: &dyn System, dir: &Path, name: &str) -> Option<Version> {
    let module = dir.join(module(name));
    ["__init__.py", "__version__.py", "_version.py", "version.py"].iter().find_map(|file| {
        let content = system.read(&module.join(file), TEXT_LIMIT).ok()?;
        String::from_utf8_lossy(&content.bytes).lines().find_map(|line| {
            let (_, value) = line.strip_prefix("__version__")?.split_once('=')?;
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            value[1..].split(quote).next()?.parse().ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    const NAMES: [&str; 4] = ["httpx", "huggingface-hub", "requests", "sentence-transformers"];

    fn found(fake: &Fake, dirs: &[&str]) -> Vec<String> {
        let dirs: Vec<PathBuf> = dirs.iter().map(PathBuf::from).collect();
        in_directories(fake, &dirs, &NAMES).iter().map(|p| format!("{} {}", p.name, p.version)).collect()
    }

    fn one(path: &str, content: &str) -> Vec<String> {
        found(&Fake::new().file(&format!("/s/{path}"), content), &["/s"])
    }

    #[test]
    fn names_of_metadata_directories() {
        for (path, want) in [
            ("huggingface_hub-0.36.2.dist-info/METADATA", "huggingface-hub 0.36.2"),
            ("Huggingface.Hub-1.0.0rc3.dist-info/METADATA", "huggingface-hub 1.0.0rc3"),
            ("huggingface_hub-0.0.1-py3.7.egg-info/PKG-INFO", "huggingface-hub 0.0.1"),
            ("huggingface_hub-0.0.1-py3.7.egg/EGG-INFO/PKG-INFO", "huggingface-hub 0.0.1"),
            ("sentence-transformers-2.2.2.dist-info/METADATA", "sentence-transformers 2.2.2"),
            ("huggingface_hub-0.37.0.dev0+g1234.dist-info/METADATA", "huggingface-hub 0.37.0.dev0"),
        ] {
            assert_eq!(one(path, "Version: 9.9.9\n"), [want], "{path}: the name decides, the file is not read");
        }
    }

    #[test]
    fn names_that_do_not_tell() {
        let text = "Metadata-Version: 2.1\nName: huggingface-hub\nVersion: 0.30.1\n\nVersion: 7\n";
        for path in
            ["huggingface_hub.egg-info/PKG-INFO", "huggingface_hub.dist-info/METADATA", "huggingface-hub.egg-info"]
        {
            assert_eq!(one(path, text), ["huggingface-hub 0.30.1"], "{path}");
        }
        let linked = Fake::new()
            .file("/s/huggingface-hub.egg-link", "/src/hub/src\n../\n")
            .file("/src/hub/src/huggingface_hub.egg-info/PKG-INFO", text);
        assert_eq!(found(&linked, &["/s"]), ["huggingface-hub 0.30.1"]);
    }

    #[test]
    fn others_are_left_out() {
        for path in [
            "huggingface_hub_extra-1.0.dist-info/METADATA",
            "huggingface_hub-stubs-1.0.dist-info/METADATA",
            "~uggingface_hub-0.30.0.dist-info/METADATA",
            "huggingface_hub-nonsense.dist-info/RECORD",
            "huggingface_hub-0.36.2.data/x",
            "huggingface_hub/no_version_here.py",
        ] {
            assert!(one(path, "").is_empty(), "{path}");
        }
    }

    #[test]
    fn two_of_one_package() {
        let both = Fake::new()
            .file("/s/huggingface_hub-0.36.2.dist-info/METADATA", "")
            .file("/s/huggingface_hub-1.2.0.dist-info/METADATA", "");
        assert_eq!(found(&both, &["/s"]), ["huggingface-hub 1.2.0"]);
        let old = both.file("/s/huggingface_hub/__init__.py", "import os\n__version__ = \"0.36.2\"\n");
        assert_eq!(found(&old, &["/s"]), ["huggingface-hub 0.36.2"]);
    }

    #[test]
    fn the_first_directory_counts() {
        let fake = Fake::new()
            .file("/src/huggingface_hub/__init__.py", "__version__: str = '2.5.0.dev0'\n")
            .file("/s/huggingface_hub-0.36.2.dist-info/METADATA", "")
            .file("/s/requests-2.34.2.dist-info/METADATA", "");
        assert_eq!(found(&fake, &["/none", "/src", "/s"]), ["huggingface-hub 2.5.0.dev0", "requests 2.34.2"]);
    }
}
