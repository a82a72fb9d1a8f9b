//! Packages of `node_modules`, as node's own `require` finds them. Source: Node 20, `Module._nodeModulePaths`.

use std::path::{Path, PathBuf};

use super::Package;
use crate::system::path::Within as _;
use crate::system::{Kind, System, TEXT_LIMIT};

/// For each name the nearest copy, in the current directory or above.
pub(super) fn upward_of(system: &dyn System, dirs: &[PathBuf], names: &[&str]) -> Vec<Package> {
    let mut out: Vec<Package> = Vec::new();
    for modules in dirs.iter().filter(|d| !d.ends_with("node_modules")).map(|d| d.within("node_modules")) {
        if !system.stat(&modules).is_ok_and(|s| s.kind == Kind::Dir) {
            continue;
        }
        for name in names {
            if !out.iter().any(|p| p.name == *name)
                && let Some(package) = read(system, &modules.within(name), name)
            {
                out.push(package);
            }
        }
    }
    out
}

/// From the current directory.
pub(super) fn upward(system: &dyn System, names: &[&str]) -> Vec<Package> {
    upward_of(system, &super::upward(system), names)
}

#[derive(serde::Deserialize)]
struct Manifest {
    version: String,
}

fn read(system: &dyn System, dir: &Path, name: &str) -> Option<Package> {
    let content = system.read(&dir.within("package.json"), TEXT_LIMIT).ok()?;
    let manifest: Manifest = serde_json::from_slice(&content.bytes).ok()?;
    // Pre-releases of npm have any name (`4.0.0-next.1`): where it is none of PEP 440's, the release that it leads to
    // answers.
    let plain = manifest.version.split('-').next().unwrap_or_default();
    let version = manifest.version.parse().or_else(|_| plain.parse()).ok()?;
    Some(Package { name: name.to_owned(), version, at: dir.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    const HUB: &str = "@huggingface/hub";

    fn found(fake: &Fake) -> Vec<(String, String)> {
        upward(fake, &[HUB, "@huggingface/transformers"])
            .into_iter()
            .map(|p| (p.at.to_string_lossy().into_owned(), p.version.to_string()))
            .collect()
    }

    #[test]
    fn the_nearest_copy_of_each() {
        let fake = Fake::home()
            .file("/home/u/node_modules/@huggingface/hub/package.json", r#"{"name": "x", "version": "2.17.5"}"#)
            .file("/home/node_modules/@huggingface/hub/package.json", r#"{"version": "1.0.0"}"#)
            .file("/node_modules/@huggingface/transformers/package.json", r#"{"version": "4.0.0-next.1"}"#);
        let want =
            [("/home/u/node_modules/@huggingface/hub", "2.17.5"), ("/node_modules/@huggingface/transformers", "4.0.0")];
        assert_eq!(found(&fake), want.map(|(at, version)| (at.to_owned(), version.to_owned())));
    }

    #[test]
    fn broken_manifests_are_none() {
        for text in ["", "{", "[]", r#"{"version": 1}"#, r#"{"version": "latest"}"#, "\u{0}"] {
            let fake = Fake::home().file("/home/u/node_modules/@huggingface/hub/package.json", text);
            assert!(found(&fake).is_empty(), "{text}");
        }
    }
}
