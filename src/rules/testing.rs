//! What the unit tests of the rules share.

use crate::finding::Finding;
use crate::rules::Rule;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::fake::Fake;

/// A fake token, put together here so that no text shaped like one stands in a file.
pub(crate) fn token(letter: char) -> String {
    format!("hf_{}", letter.to_string().repeat(34))
}

/// What a rule finds on a machine.
pub(crate) fn run(rule: &Rule, fake: &Fake) -> Vec<Finding> {
    let snapshot = Snapshot::new(State::new(fake));
    let mut out = Vec::new();
    (rule.check)(&snapshot, &mut out);
    out
}

/// The severities of what a rule finds.
pub(crate) fn findings(rule: &Rule, fake: &Fake) -> Vec<&'static str> {
    run(rule, fake).iter().map(|f| f.severity.word()).collect()
}

/// A machine with a virtual environment in use, and these distributions in it.
pub(crate) fn python(fake: Fake, packages: &[(&str, &str)]) -> Fake {
    let fake = fake
        .var("VIRTUAL_ENV", "/home/u/.venv")
        .file("/home/u/.venv/pyvenv.cfg", "home = /usr/bin\n")
        .file("/home/u/.venv/lib/python3.11/site-packages/_virtualenv.py", "");
    packages.iter().fold(fake, |fake, (name, version)| {
        let dir = format!("/home/u/.venv/lib/python3.11/site-packages/{name}-{version}.dist-info");
        fake.file(&format!("{dir}/METADATA"), format!("Name: {name}\nVersion: {version}\n"))
    })
}

/// A machine whose current directory holds a `Cargo.lock` with these crates.
pub(crate) fn crates(fake: Fake, packages: &[(&str, &str)]) -> Fake {
    let lock = packages.iter().fold("version = 4\n".to_owned(), |lock, (name, version)| {
        lock + &format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n")
    });
    fake.file("/home/u/Cargo.lock", lock)
}

/// A repository in the cache of `/home/u`.
pub(crate) const R: &str = "/home/u/.cache/huggingface/hub/models--o--n";

/// A commit of one letter.
pub(crate) fn commit(letter: char) -> String {
    letter.to_string().repeat(40)
}

/// A machine with a model in its cache: one commit, one file of two bytes, named by `main`.
pub(crate) fn cached(letter: char) -> Fake {
    let of = commit(letter);
    Fake::home()
        .file(&format!("{R}/refs/main"), &of)
        .file(&format!("{R}/blobs/b"), "{}")
        .link(&format!("{R}/snapshots/{of}/config.json"), "../../blobs/b")
}

/// The severities of what a rule finds where the caches are looked at as deep as can be.
pub(crate) fn deep(rule: &Rule, fake: &Fake) -> Vec<&'static str> {
    let snapshot = Snapshot::new(State::new(fake));
    snapshot.state.look(crate::state::caches::Depth::Deep);
    let mut out = Vec::new();
    (rule.check)(&snapshot, &mut out);
    out.iter().map(|f| f.severity.word()).collect()
}
