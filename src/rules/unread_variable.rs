//! HF104

use super::places::{names_read, variable};
use crate::clients::Outcome;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::state::variables::{self, Holds};

declare_rule! {
    /// ## What it does
    /// Finds a token in a variable that no client here reads, such as `HUGGINGFACE_TOKEN`.
    ///
    /// ## Why it matters
    /// The setting looks right and does nothing: the client goes out anonymous, and a gated or private repository
    /// answers 401 although "the token is set".
    ///
    /// ## Example
    /// ```text
    /// HUGGINGFACE_TOKEN=hf_****aaaa   and nothing else
    /// ```
    ///
    /// ## How to fix
    /// Export it under the name that is read: `export HF_TOKEN="$HUGGINGFACE_TOKEN"`.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`) where the clients here have another token. Silent where a client that is installed
    /// reads the name (LangChain, Haystack, LiteLLM, comfy-cli …), or where it holds the very token that is sent.
    ///
    /// ## References
    /// - the code of all huggingface_hub releases: `HF_TOKEN` (from 0.19) and `HUGGING_FACE_HUB_TOKEN` (from 0.6) only
    pub(super) static RULE = {
        code: "HF104",
        name: "unread-variable",
        summary: "a token in a variable that no client here reads",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let here = snapshot.here();
    let read: Vec<&str> = here.iter().flat_map(|r| names_read(&r.instance)).collect();
    let sent: Vec<_> = here.iter().filter_map(|r| r.answer.outcome.token()).collect();
    // Where an old client does not read one of the two official names, that is HF507.
    let unread: Vec<_> = variables::ALL
        .iter()
        .filter(|v| v.holds == Holds::Token && !v.is_official() && !read.contains(&v.name))
        .filter_map(|v| Some((v.name, variable(&snapshot.state, v.name)?)))
        .filter(|(_, token)| token.is_shaped() && !sent.contains(&token))
        .collect();
    let Some((first, token)) = unread.first() else {
        return;
    };
    let anonymous = here.iter().all(|r| matches!(r.answer.outcome, Outcome::Anonymous));
    let switched_off = here.iter().all(|r| r.answer.source.is_some());
    let severity = if anonymous && !switched_off { Severity::Warning } else { Severity::Info };
    let names = unread.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", ");
    let message = if unread.len() == 1 {
        format!("{names} holds a token, and no client here reads that name")
    } else {
        format!("{names} hold tokens, and no client here reads those names")
    };
    let mut finding = Finding::new(&RULE, severity, message).note("holds", token.masked());
    finding.locations = unread.iter().map(|(n, _)| Location::variable(*n)).collect();
    if let Some(known) = variables::by_name(first).filter(|v| unread.len() == 1 && !v.readers.is_empty()) {
        finding = finding.note("read by", known.readers);
    }
    out.push(if severity == Severity::Warning {
        finding
            .note("sends", "no token: the clients here have no other")
            .help(format!("export HF_TOKEN=\"${first}\""), format!("then every client sends {}", token.masked()))
    } else {
        finding.help(format!("unset {}", names.replace(',', "")), "nothing changes for the clients here")
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, token};
    use crate::system::fake::Fake;

    #[test]
    fn a_warning_where_there_is_no_other_token() {
        assert_eq!(findings(&RULE, &Fake::home().var("HUGGINGFACE_TOKEN", token('A'))), ["warning"]);
        let many = Fake::home().var("HUGGINGFACE_TOKEN", token('A')).var("HF_API_TOKEN", token('B'));
        assert_eq!(findings(&RULE, &many), ["warning"]);
    }

    #[test]
    fn worth_knowing_beside_another_token() {
        let fake = Fake::home().var("HUGGINGFACE_TOKEN", token('A')).var("HF_TOKEN", token('B'));
        assert_eq!(findings(&RULE, &fake), ["info"]);
    }

    #[test]
    fn silent_where_it_is_the_token_that_is_sent_or_no_token() {
        let same = Fake::home().var("HUGGINGFACE_TOKEN", token('A')).var("HF_TOKEN", token('A'));
        assert!(findings(&RULE, &same).is_empty());
        assert!(findings(&RULE, &Fake::home().var("HF_API_KEY", "sk-other")).is_empty());
    }
}
