//! Continuous integration: what jobs get from the files in the repository. A reference to a secret is how it should be.
//!
//! Sources: the references of GitHub Actions (`env` of a workflow, a job, a step, a container), GitLab (`variables`),
//! CircleCI (`environment`), Azure and Bitbucket (`variables`). Any map of such a name counts, wherever it stands.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Like, Reaches, Value, project};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::document::{Kind, Node, yaml};

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    for dir in project(state.system) {
        for path in files(state, &dir) {
            for document in found.parse(state, &path, yaml).unwrap_or_default() {
                walk(found, &path, &document);
            }
        }
    }
}

fn files(state: &State<'_>, dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for folder in [".github/workflows", ".gitlab/ci", ".forgejo/workflows", ".gitea/workflows"] {
        let folder = dir.join(folder);
        let names = state.system.list(&folder).unwrap_or_default();
        let yaml = |name: &std::ffi::OsString| {
            let name = name.as_encoded_bytes();
            name.ends_with(b".yml") || name.ends_with(b".yaml")
        };
        out.extend(names.into_iter().filter(yaml).map(|name| folder.join(name)));
    }
    let single = [
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        ".drone.yml",
        ".woodpecker.yml",
        "action.yml",
        "action.yaml",
    ];
    out.extend(single.map(|name| dir.join(name)));
    out
}

/// The tree is as deep as the reader of YAML allows, and no deeper.
fn walk(found: &mut Found, path: &Path, node: &Node) {
    let like = Like { setter: "the CI file", reaches: Reaches::Ci, cure: Cure::Edit, value: &value };
    for entry in node.entries() {
        if matches!(entry.key.as_str(), "env" | "variables" | "environment") {
            found.add_map(path, &entry.value, false, &like);
            for given in entry.value.entries() {
                // GitLab: `NAME: {value: …, description: …}`.
                if let Some(text) = given.value.get("value").and_then(Node::scalar) {
                    found.add(like.sighting(&given.key, value(text), Location::line(path, given.line)));
                }
            }
            for item in entry.value.items() {
                // Azure: `- name: NAME` with `value: …`; Bitbucket and others the same.
                if let (Some(name), Some(text)) =
                    (item.get("name").and_then(Node::str), item.get("value").and_then(Node::scalar))
                {
                    found.add(like.sighting(name, value(text), Location::line(path, item.line)));
                }
            }
        }
        walk(found, path, &entry.value);
    }
    if let Kind::List(items) = &node.kind {
        for item in items {
            walk(found, path, item);
        }
    }
}

/// `${{ secrets.X }}`, `$X`, `$(X)`.
fn value(text: &Token) -> Value {
    if text.bytes().contains(&b'$') { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
}
