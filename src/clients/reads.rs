//! Which variables a client reads a token from.

use super::Instance;
use super::model::Step;
use crate::state::variables;

/// Whether a client at its release takes a token from a variable.
pub fn reads(instance: &Instance, name: &str) -> bool {
    let listed = instance.steps().iter().any(|s| matches!(s, Step::Env { names, .. } if names.contains(&name)));
    listed || variables::by_name(name).is_some_and(|v| v.clients.contains(&instance.client.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::hub::HUGGINGFACE_HUB;
    use crate::clients::model::Step;
    use crate::clients::registry;
    use crate::clients::version::Version;

    #[test]
    fn hf_token_came_with_0_19() {
        let at = |minor| Instance::new(&HUGGINGFACE_HUB, Version::new(0, minor, 0));
        assert!(!reads(&at(18), "HF_TOKEN"));
        assert!(reads(&at(19), "HF_TOKEN"));
        assert!(reads(&at(18), "HUGGING_FACE_HUB_TOKEN"));
        assert!(!reads(&at(19), "HF_API_TOKEN"));
    }

    /// A table that reads a name which `variables` does not know would have its token overlooked by the rules.
    #[test]
    fn every_variable_of_every_table_is_known() {
        for client in registry::all() {
            for step in client.models.iter().flat_map(|m| m.steps) {
                if let Step::Env { names, .. } = step {
                    for name in *names {
                        assert!(variables::by_name(name).is_some(), "{} reads {name}", client.name);
                    }
                }
            }
        }
    }
}
