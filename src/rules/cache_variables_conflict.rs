//! HF503

use std::path::PathBuf;

use super::offline_mode::switch;
use super::places::called;
use crate::clients::version::Version;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::output::sanitize;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::caches::places::{TRANSFORMERS, hub_in_home, place, same};

declare_rule! {
    /// ## What it does
    /// Finds variables that send the cached models to different places.
    ///
    /// ## Why it matters
    /// Models that were downloaded under one variable are not found under the other: they are downloaded once more, or,
    /// offline, are missing.
    ///
    /// ## Example
    /// ```text
    /// HF_HOME=/models                the models are in /models/hub
    /// HF_HUB_CACHE=/tmp/hf-cache     but are looked for here
    /// ```
    ///
    /// ## How to fix
    /// Keep one of them: `HF_HOME` for everything, or `HF_HUB_CACHE` for the models alone.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe.
    ///
    /// ## Exceptions
    /// Only worth knowing. `HF_HOME` beside `HF_HUB_CACHE` is a usual pair (a login of its own, models shared): it is
    /// named only where models lie in `HF_HOME`, or where the network is switched off. `TRANSFORMERS_CACHE` counts for
    /// transformers before 5. A huggingface_hub before 0.19 does not read `HF_HUB_CACHE` at all.
    ///
    /// ## References
    /// - huggingface_hub 0.19.0 to 2.4.0, `constants.py`; transformers 4.57.6, `utils/hub.py`
    pub(super) static RULE = {
        code: "HF503",
        name: "cache-variables-conflict",
        summary: "variables send the cached models to different places",
        severity: Info,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    if let Some(finding) = unread(snapshot) {
        out.push(finding);
        return;
    }
    let state = &snapshot.state;
    let home = place(state, "HF_HOME").map(|_| hub_in_home(state));
    // HF_HUB_CACHE is read from 0.19, and first.
    let new = place(state, "HF_HUB_CACHE").filter(|_| snapshot.hub_version() >= Version::first_of(0, 19, 0));
    let old = place(state, "HUGGINGFACE_HUB_CACHE");
    let decides = new.clone().map(|p| ("HF_HUB_CACHE", p)).or(old.clone().map(|p| ("HUGGINGFACE_HUB_CACHE", p)));
    let Some((name, cache)) = decides.or_else(|| Some(("HF_HOME", home.clone()?))) else {
        return;
    };
    let mut others: Vec<(&'static str, PathBuf)> = Vec::new();
    if name == "HF_HUB_CACHE" {
        others.extend(old.map(|p| ("HUGGINGFACE_HUB_CACHE", p)));
    }
    if name != "HF_HOME"
        && let Some(models) = home
        && (holds_models(state, &models) || switch(snapshot).is_some())
    {
        others.push(("HF_HOME", models));
    }
    if !has_new_transformers(state) {
        others.extend(TRANSFORMERS.iter().find_map(|n| Some((*n, place(state, n)?))));
    }
    others.retain(|(_, p)| !same(state, p, &cache));
    if others.is_empty() {
        return;
    }
    let user = state.var("HOME");
    let names = others.iter().map(|(n, _)| *n).collect::<Vec<_>>();
    let mut finding = Finding::new(
        &RULE,
        Severity::Info,
        format!("{name} and {} name different places for models", names.join(", ")),
    )
    .at(Location::variable(name))
    .note("cache", format!("{} ({name})", sanitize::path(&cache, user.as_deref())));
    for (other, path) in &others {
        finding = finding
            .at(Location::variable(*other))
            .note("other", format!("{} ({other})", sanitize::path(path, user.as_deref())));
    }
    let spare: Vec<&str> = names.into_iter().filter(|n| *n != "HF_HOME").collect();
    out.push(if spare.is_empty() {
        finding.unset(&[name], "then models are looked for in HF_HOME")
    } else {
        finding.unset(&spare, format!("then models are looked for in {name} alone"))
    });
}

/// The huggingface_hub here goes past `HF_HUB_CACHE`, and what it reads instead leads elsewhere.
fn unread(snapshot: &Snapshot<'_>) -> Option<Finding> {
    let state = &snapshot.state;
    let hub = snapshot.hub().filter(|h| h.instance.version < Version::first_of(0, 19, 0))?;
    let new = place(state, "HF_HUB_CACHE")?;
    let read = place(state, "HUGGINGFACE_HUB_CACHE").unwrap_or_else(|| hub_in_home(state));
    let user = state.var("HOME");
    (!same(state, &new, &read)).then(|| {
        let hub = called(&hub.instance);
        Finding::new(&RULE, Severity::Info, format!("{hub} does not read HF_HUB_CACHE, and has its models elsewhere"))
            .at(Location::variable("HF_HUB_CACHE"))
            .note("cache", format!("{} (for huggingface_hub 0.19 and newer)", sanitize::path(&new, user.as_deref())))
            .note("here", sanitize::path(&read, user.as_deref()))
            .help("export HUGGINGFACE_HUB_CACHE=\"$HF_HUB_CACHE\"", "then both look in one place")
    })
}

fn holds_models(state: &State<'_>, hub: &std::path::Path) -> bool {
    let names = state.system.list(hub).unwrap_or_default();
    names
        .iter()
        .filter_map(|n| n.to_str())
        .any(|n| ["models--", "datasets--", "spaces--"].iter().any(|p| n.starts_with(p)))
}

fn has_new_transformers(state: &State<'_>) -> bool {
    let python = state.packages().python.as_ref();
    python
        .is_some_and(|p| p.packages.iter().any(|p| p.name == "transformers" && p.version >= Version::first_of(5, 0, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python};
    use crate::system::fake::Fake;

    #[test]
    fn two_names_two_places() {
        let names = Fake::home().var("HF_HUB_CACHE", "/a").var("HUGGINGFACE_HUB_CACHE", "/b");
        let old = Fake::home().var("HF_HUB_CACHE", "/a").var("TRANSFORMERS_CACHE", "/b");
        let home =
            Fake::home().var("HF_HOME", "/m").var("HF_HUB_CACHE", "/c").file("/m/hub/models--o--n/refs/main", "x");
        let offline = Fake::home().var("HF_HOME", "/m").var("HF_HUB_CACHE", "/c").var("HF_HUB_OFFLINE", "1");
        for fake in [names, old, home, offline] {
            assert_eq!(findings(&RULE, &fake), ["info"]);
        }
    }

    #[test]
    fn an_old_client_goes_past_the_new_name() {
        let new = Fake::home().var("HF_HUB_CACHE", "/a");
        let with = |fake: &Fake, version| python(fake.clone(), &[("huggingface_hub", version)]);
        assert_eq!(findings(&RULE, &with(&new, "0.16.4")), ["info"]);
        assert!(findings(&RULE, &with(&new, "0.19.0")).is_empty());
        let both = new.var("HUGGINGFACE_HUB_CACHE", "/a");
        assert!(findings(&RULE, &with(&both, "0.16.4")).is_empty());
        assert_eq!(findings(&RULE, &with(&both.var("HUGGINGFACE_HUB_CACHE", "/b"), "0.16.4")), ["info"]);
    }

    #[test]
    fn silent_where_there_is_one_place() {
        let one = Fake::home().var("HF_HUB_CACHE", "/a");
        let same = Fake::home().var("HF_HUB_CACHE", "/a").var("HUGGINGFACE_HUB_CACHE", "/a/");
        let pair = Fake::home().var("HF_HOME", "/p/.hf").var("HF_HUB_CACHE", "/shared/hub");
        let old = python(
            Fake::home().var("HF_HUB_CACHE", "/a").var("TRANSFORMERS_CACHE", "/b"),
            &[("huggingface_hub", "2.4.0"), ("transformers", "5.23.0")],
        );
        for fake in [one, same, pair, old] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
