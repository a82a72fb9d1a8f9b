//! HF201

use super::places::called;
use super::values::{Value, becomes, values};
use crate::clients::Outcome;
use crate::clients::shape::Shape;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::{Resolved, Snapshot};

declare_rule! {
    /// ## What it does
    /// Finds a token variable that is set and holds nothing, or nothing but white space.
    ///
    /// ## Why it matters
    /// Blank is not unset. huggingface_hub up to 0.19, Polars, node-llama-cpp and others send it, as a header without a
    /// token, and even public downloads answer 401. python-dotenv never replaces a variable that exists, so the token
    /// in a project's `.env` is not loaded. A blank that is not empty also hides `HUGGING_FACE_HUB_TOKEN`.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN=                      from `HF_TOKEN: ${HF_TOKEN}` in a compose file
    /// ~/.cache/huggingface/token     hf_****bbbb
    /// ```
    ///
    /// ## How to fix
    /// `unset HF_TOKEN`, and take the assignment out of the file that sets it.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`) where every client here passes over a blank value, as huggingface_hub does since
    /// 0.20, and no `.env` is blocked: a secret that a build of a fork does not get is such a variable.
    ///
    /// ## References
    /// - huggingface_hub 0.6.0 to 2.4.0, `utils/_auth.py`; Polars 2.1.0; node-llama-cpp 3.22.1; hf-hub 1.0.0
    /// - python-dotenv, `load_dotenv(override=False)`
    pub(super) static RULE = {
        code: "HF201",
        name: "env-empty",
        summary: "a token variable is set but blank",
        severity: Warning,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    for value in values(snapshot).iter().filter(|v| v.is_variable() && v.reading.shape == Shape::Blank) {
        let name = value.name();
        let what = if value.raw.bytes().is_empty() { "is set and empty" } else { "is set and blank" };
        let dotenv = state.dotenv().and_then(|d| Some((d, d.get(name)?))).filter(|(_, entry)| {
            entry.value.as_ref().is_some_and(|v| !crate::secret::Token::new(v.clone()).is_blank())
        });
        let finding = if let Some(client) = sender(snapshot, value) {
            let does = match client.answer.outcome {
                Outcome::Token(_) => "sends that as the token",
                Outcome::Error(_) => "fails because of it",
                _ => "sends no token because of it",
            };
            Finding::new(&RULE, Severity::Warning, format!("{name} {what}, and {} {does}", called(&client.instance)))
                .at(value.at.clone())
                .unset(&[name], becomes(snapshot, &value.at))
        } else if let Some((file, entry)) = dotenv {
            Finding::new(&RULE, Severity::Warning, format!("{name} {what}, so the one in .env is never loaded"))
                .at(value.at.clone())
                .at(Location::line(&file.path, entry.line))
                .unset(&[name], "then programs that load .env take the token there")
        } else {
            Finding::new(&RULE, Severity::Info, format!("{name} {what}; the clients here pass over it"))
                .at(value.at.clone())
                .unset(&[name], "nothing changes for the clients here")
        };
        out.push(finding);
    }
}

/// An installed client that does not pass over the blank. One that ends its search there without a token is harmed
/// only where there was a token to find.
fn sender<'s>(snapshot: &'s Snapshot<'_>, value: &Value) -> Option<&'s Resolved> {
    snapshot.installed().iter().filter(|r| r.answer.source.as_ref() == Some(&value.at)).find(|r| {
        match r.answer.outcome {
            Outcome::Token(_) | Outcome::Error(_) => true,
            Outcome::Anonymous => !r.answer.hides.is_empty(),
            Outcome::Unknown => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";

    #[test]
    fn a_warning_where_an_installed_client_sends_it() {
        let home = || Fake::home().file(LOGIN, token('A'));
        let old = python(home().var("HF_TOKEN", ""), &[("huggingface_hub", "0.19.4")]);
        let older = python(home().var("HUGGING_FACE_HUB_TOKEN", " "), &[("huggingface_hub", "0.16.4")]);
        let polars = python(home().var("HF_TOKEN", ""), &[("huggingface_hub", "2.4.0"), ("polars", "2.1.0")]);
        let ramalama = python(home().var("HF_TOKEN", ""), &[("huggingface_hub", "2.4.0"), ("ramalama", "0.25.0")]);
        for fake in [old, older, polars, ramalama] {
            assert_eq!(findings(&RULE, &fake), ["warning"]);
        }
    }

    #[test]
    fn worth_knowing_where_it_is_passed_over() {
        let none = Fake::home().var("HF_TOKEN", "").file(LOGIN, token('A'));
        let new = python(Fake::home().var("HF_TOKEN", "\t"), &[("huggingface_hub", "0.36.2")]);
        // Nothing was lost: there is no token to find.
        let lost = python(Fake::home().var("HF_TOKEN", ""), &[("ramalama", "0.25.0")]);
        for fake in [none, new, lost] {
            assert_eq!(findings(&RULE, &fake), ["info"]);
        }
    }

    #[test]
    fn silent_where_it_is_not_set() {
        assert!(findings(&RULE, &Fake::home().file(LOGIN, "")).is_empty());
        assert!(findings(&RULE, &Fake::home().var("HF_TOKEN", token('A'))).is_empty());
    }
}
