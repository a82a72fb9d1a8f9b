//! All clients, by name.

use super::hub::HUGGINGFACE_HUB;
use super::model::Client;
use super::{apps, git, hosts, js, native, python, rust, tools};

/// Every client that hflint can answer for.
pub fn all() -> impl Iterator<Item = &'static Client> {
    let hub: &'static Client = &HUGGINGFACE_HUB;
    std::iter::once(hub).chain(
        [
            git::CLIENTS,
            rust::CLIENTS,
            js::CLIENTS,
            python::CLIENTS,
            native::CLIENTS,
            apps::CLIENTS,
            tools::CLIENTS,
            hosts::CLIENTS,
        ]
        .into_iter()
        .flatten()
        .copied(),
    )
}

/// The client of a name, as written after `--client`.
pub fn by_name(name: &str) -> Option<&'static Client> {
    all().find(|c| c.name == name || c.aliases.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_models_ascend() {
        let mut seen = BTreeSet::new();
        for client in all() {
            for name in std::iter::once(&client.name).chain(client.aliases) {
                assert!(seen.insert(*name), "{name} twice");
            }
            assert!(!client.models.is_empty(), "{}", client.name);
            for pair in client.models.windows(2) {
                assert!(pair[0].since < pair[1].since, "{}", client.name);
            }
        }
    }
}
