//! HF202

use super::endpoints::is_foreign;
use super::places::called;
use super::values::{Value, becomes, found_nothing, login, values};
use crate::clients::Outcome;
use crate::clients::model::Step;
use crate::clients::paths;
use crate::clients::shape::{Dirt, Shape};
use crate::finding::{Applicability, Finding, Severity};
use crate::snapshot::{Resolved, Snapshot};
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Finds what is no token in a place where a client here looks for one: a placeholder, a whole header, text that
    /// was never expanded, a path, another service's key, half a token, an empty token file.
    ///
    /// ## Why it matters
    /// Clients never look at the value: they send it. A bad token is worse than none, since public repositories answer
    /// 401 to it, and it hides the good token behind it.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN=your_token_here
    /// HF_TOKEN=Bearer hf_****aaaa
    /// HF_TOKEN=${HF_TOKEN}
    /// ```
    ///
    /// ## How to fix
    /// Take it away (`unset HF_TOKEN`), or put a token there: <https://huggingface.co/settings/tokens>.
    ///
    /// ## Fix safety
    /// Unsetting a variable of this shell is safe; a new login writes the token file and is asked for.
    ///
    /// ## Exceptions
    /// Silent with an `HF_ENDPOINT` of another server, whose tokens look otherwise, and for a token file that no client
    /// here would open. Only worth knowing (`info`) where the value is set and no client here reads it. A token of an
    /// unusual length is a token: the Hub documents no length. What only clings to a good token is HF203.
    ///
    /// ## References
    /// - huggingface_hub 0.0.1 to 2.4.0: no release checks a token's shape, `api_org` at login apart
    /// - <https://huggingface.co/docs/hub/security-tokens>
    pub(super) static RULE = {
        code: "HF202",
        name: "token-shape",
        summary: "what stands where a token should is none",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    if is_foreign(snapshot) {
        return;
    }
    for value in values(snapshot) {
        let reading = &value.reading;
        // Bytes that no client can decode are one fact of their own, whatever they would spell.
        let undecodable = matches!(reading.dirt, Some(Dirt::Utf16 | Dirt::NotUtf8));
        if reading.shape.is_token() || undecodable || value.device {
            continue;
        }
        if reading.shape == Shape::Blank {
            // A blank variable is HF201.
            if !value.is_variable() {
                out.extend(empty_file(snapshot, value));
            }
            continue;
        }
        let senders: Vec<_> =
            value.decides_for(snapshot).into_iter().filter(|r| matches!(r.answer.outcome, Outcome::Token(_))).collect();
        let severity = if senders.is_empty() { Severity::Info } else { Severity::Error };
        let message = format!("{} holds {}", value.name(), reading.shape.words());
        let mut finding = Finding::new(&RULE, severity, message).at(value.at.clone());
        finding = match senders.first() {
            Some(client) => finding.note("sends", format!("it as it is, by {}", called(&client.instance))),
            None => finding.note("sends", "nothing of it: no client here gets to it"),
        };
        out.push(cure(snapshot, value, finding));
    }
}

/// A token file with nothing in it, where a client here opens it and finds nothing better.
fn empty_file(snapshot: &Snapshot<'_>, value: &Value) -> Option<Finding> {
    let here = snapshot.here();
    let client = here.iter().find(|r| {
        let decides = r.answer.source.as_ref() == Some(&value.at) && !matches!(r.answer.outcome, Outcome::Error(_));
        decides || (found_nothing(r) && opens(snapshot, r, value))
    })?;
    let finding = Finding::new(&RULE, Severity::Error, "the token file is empty").at(value.at.clone()).note(
        "sends",
        match client.answer.outcome {
            Outcome::Token(_) => format!("an empty token, by {}", called(&client.instance)),
            _ => format!("no token, by {}", called(&client.instance)),
        },
    );
    Some(finding.help(login(snapshot), "writes a token there"))
}

fn opens(snapshot: &Snapshot<'_>, client: &Resolved, value: &Value) -> bool {
    let system = snapshot.state.system;
    client.instance.steps().iter().any(|step| match step {
        Step::File { at, .. } => {
            paths::place(system, *at).is_some_and(|p| value.at.path() == Some(&*absolute(system, &p)))
        }
        _ => false,
    })
}

fn cure(snapshot: &Snapshot<'_>, value: &Value, finding: Finding) -> Finding {
    if value.is_variable() {
        finding.unset(&[value.name()], becomes(snapshot, &value.at))
    } else {
        finding.help(login(snapshot), "writes a token there")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python, run, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";

    #[test]
    fn placeholders_and_kin_are_errors() {
        let bearer = format!("Bearer {}", token('A'));
        for text in
            ["your_token_here", "none", "None", "null", "hf_xxxxxxxx", "<token>", "${HF_TOKEN}", "girl", &bearer]
        {
            assert_eq!(findings(&RULE, &Fake::home().var("HF_TOKEN", text)), ["error"], "{text}");
            assert_eq!(findings(&RULE, &Fake::home().file(LOGIN, text)), ["error"], "{text}");
        }
    }

    #[test]
    fn the_value_itself_is_never_shown() {
        let found = run(&RULE, &Fake::home().var("HF_TOKEN", "my-password-1234"));
        assert!(!format!("{found:?}").contains("password-1234"));
    }

    #[test]
    fn an_empty_token_file_counts_where_it_is_opened() {
        assert_eq!(findings(&RULE, &Fake::home().file(LOGIN, "")), ["error"]);
        assert_eq!(findings(&RULE, &Fake::home().file(LOGIN, " \n")), ["error"]);
        let old = python(Fake::home().file(LOGIN, ""), &[("huggingface_hub", "0.19.4")]);
        assert_eq!(findings(&RULE, &old), ["error"]);
        let hidden = Fake::home().file(LOGIN, "").var("HF_TOKEN", token('A'));
        assert!(findings(&RULE, &hidden).is_empty());
        let off = Fake::home().file(LOGIN, "").var("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
        assert!(findings(&RULE, &off).is_empty());
    }

    #[test]
    fn worth_knowing_where_no_client_reads_it() {
        let old = python(Fake::home().var("HF_TOKEN", "none"), &[("huggingface_hub", "0.16.4")]);
        assert_eq!(findings(&RULE, &old), ["info"]);
        let behind = Fake::home().var("HF_TOKEN", token('A')).var("HUGGING_FACE_HUB_TOKEN", "none");
        assert_eq!(findings(&RULE, &behind), ["info"]);
    }

    #[test]
    fn silent_for_tokens_and_for_other_servers() {
        let good = Fake::home().var("HF_TOKEN", token('A')).file(LOGIN, token('B') + "\n");
        let blank = Fake::home().var("HF_TOKEN", " ");
        let company = Fake::home().var("HF_TOKEN", "AKCp8something").var("HF_ENDPOINT", "https://repo.corp.example/hf");
        let key = Fake::home().var("OPENAI_API_KEY", "sk-none").var("API_KEY", "none");
        for fake in [good, blank, company, key] {
            assert!(findings(&RULE, &fake).is_empty());
        }
        let mirror = Fake::home().var("HF_TOKEN", "none").var("HF_ENDPOINT", "https://hf-mirror.com");
        assert_eq!(findings(&RULE, &mirror), ["error"]);
    }
}
