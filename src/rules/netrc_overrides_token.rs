//! HF109

use super::places::called;
use crate::clients::model::Wire;
use crate::clients::{Outcome, endpoint};
use crate::finding::{Applicability, Finding, Severity};
use crate::fix::plan::Remedy;
use crate::snapshot::Snapshot;

declare_rule! {
    /// ## What it does
    /// Finds an entry for the Hub, or a `default` entry, in the netrc file.
    ///
    /// ## Why it matters
    /// Python's requests replaces the Authorization header by the entry's login and password. Every huggingface_hub
    /// below 1.0 then sends Basic credentials in place of the token, whatever the token is, and the Hub answers
    /// "Invalid credentials in Authorization header". The message blames HF_TOKEN or the login.
    ///
    /// ## Example
    /// ```text
    /// ~/.netrc:3    machine huggingface.co login me password ***
    /// ```
    ///
    /// ## How to fix
    /// Comment every line of the entry out with `# ` (with the blank: Python's parser refuses `#machine`), or upgrade
    /// to huggingface_hub 1.0, whose HTTP library does not read the file.
    ///
    /// ## Fix safety
    /// Editing the file asks first; git and curl may use the entry too.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`) where no client that is installed sits on requests. `NETRC=/dev/null` turns it off
    /// for one shell.
    ///
    /// ## References
    /// - requests 2.34.2, `Session.prepare_request`; huggingface_hub 0.36.2, 1.33.0, 2.4.0
    /// - <https://github.com/huggingface/huggingface_hub/issues/2765>, <https://github.com/huggingface/huggingface_hub/issues/3302>
    pub(super) static RULE = {
        code: "HF109",
        name: "netrc-overrides-token",
        summary: "a netrc entry replaces the token of requests-based clients",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let hub = snapshot.hub_or_newest();
    let url = endpoint::hub(state.system, hub.instance.version);
    let Some(host) = endpoint::split(&url).map(|s| s.host) else {
        return;
    };
    let Some(entry) = state.netrc().for_host(&host) else {
        return;
    };
    let hit = snapshot
        .installed()
        .iter()
        .find(|r| r.instance.wire() == Wire::Requests && !matches!(r.answer.outcome, Outcome::Error(_)));
    let what = match &entry.machine {
        Some(_) => format!("an entry for {host}"),
        None => format!("a default entry, which counts for {host} too"),
    };
    let finding = match hit {
        Some(r) => {
            let sends = match r.answer.outcome.token() {
                Some(t) => format!("{} is replaced by Basic credentials", t.masked()),
                None => "Basic credentials, although no token is set up".to_owned(),
            };
            Finding::new(
                &RULE,
                Severity::Warning,
                format!("netrc has {what}, and {} sends that in place of the token", called(&r.instance)),
            )
            .at(entry.location())
            .note("sends", sends)
            .remedy(Remedy::Netrc, "then the token is sent; git asks its helpers for the Hub")
        }
        None => {
            Finding::new(&RULE, Severity::Info, format!("netrc has {what}; clients built on requests would send it"))
                .at(entry.location())
                .note("reads", "huggingface_hub below 1.0, git, wget, aria2, pip; none of the Python clients here")
                .help("hflint explain HF109", "tells which clients read it")
        }
    };
    out.push(finding);
}
