//! HF101

use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::state::provenance;

declare_rule! {
    /// ## What it does
    /// Says when the environment holds a token and the login saved by `hf auth login` is a different one.
    ///
    /// ## Why it matters
    /// Every client with huggingface_hub 0.19 or newer sends the variable and never looks at the login. `hf auth login`
    /// and `hf auth switch` then seem to work and change nothing.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN=hf_****aaaa          in the environment
    /// ~/.cache/huggingface/token    hf_****bbbb
    /// ```
    /// Every request goes out as `hf_****aaaa`.
    ///
    /// ## How to fix
    /// `unset HF_TOKEN` here, and take it out of the file that sets it; or, if the variable is the right one, log in
    /// with that token.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; editing a start-up file asks first.
    ///
    /// ## Exceptions
    /// It is only worth knowing (`info`) where the variable provably comes from a place of its own for this project:
    /// an isolation, direnv, mise, conda, an activate script, a platform's secret.
    ///
    /// ## References
    /// - huggingface_hub 2.4.0, `utils/_auth.py`: `get_token`
    /// - <https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables#hftoken>
    pub(super) static RULE = {
        code: "HF101",
        name: "env-shadows-login",
        summary: "a token in the environment hides the saved login",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let hub = snapshot.hub_or_newest();
    let Some(Location::Variable { name }) = &hub.answer.source else {
        return;
    };
    let Some(token) = hub.answer.outcome.token() else {
        return;
    };
    let Some(hidden) = hub.answer.hides.iter().find(|h| matches!(h.source, Location::File { .. }) && h.token != *token)
    else {
        return;
    };
    let set_by = provenance::of(&snapshot.state, name);
    let severity = if set_by.as_ref().is_some_and(|s| s.own_to_project) { Severity::Info } else { Severity::Warning };
    out.push(
        Finding::new(&RULE, severity, format!("{name} hides the login saved by `hf auth login`"))
            .at(Location::variable(name))
            .at(hidden.source.clone())
            .note("sends", token.masked())
            .note("hidden", hidden.token.masked())
            .help(format!("unset {name}"), "then every client sends the login"),
    );
}
