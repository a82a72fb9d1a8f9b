//! HF114

use super::places::{are_two, file, login_path, variable};
use crate::clients::shape;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::places::{Reaches, Sighting};
use crate::state::startup::Mode;
use crate::state::variables::{self, Holds};

declare_rule! {
    /// ## What it does
    /// Finds places that give a token of their own to what is started there: the activate script of a virtualenv, a conda
    /// or pixi environment, an editor's terminals and runs, a notebook kernel, the next session of the desktop, a service
    /// or a job at set times.
    ///
    /// ## Why it matters
    /// `hf auth whoami` in the shell then says another name than the notebook or the editor sends. And a token that an
    /// `activate` exports and `deactivate` does not unset goes on into the next project.
    ///
    /// ## Example
    /// ```text
    /// .venv/bin/activate:76     export HF_TOKEN=hf_****bbbb     deactivate leaves it there
    /// ```
    ///
    /// ## How to fix
    /// Where it is on purpose, nothing. Else take the line out; `hflint fix --isolate` gives a project a credential of its
    /// own that goes when it is left.
    ///
    /// ## Fix safety
    /// Asked for, and undone by `hflint undo`. A bare `hflint fix` leaves alone what is only worth knowing.
    ///
    /// ## Exceptions
    /// It is only worth knowing (`info`) unless it leaks on. Silent where the place gives the token of the login, of this
    /// shell or of the next one, where it takes it from elsewhere (`${HF_TOKEN}`, `$(pass show hf)`), and where the
    /// environment is in effect here: what it hides is then told by HF101.
    ///
    /// ## References
    /// - CPython's venv 3.11, virtualenvwrapper 6.1, run; conda 24 (`activate.py`), pixi, VS Code, Jupyter (documentation)
    pub(super) static RULE = {
        code: "HF114",
        name: "environment-sets-token",
        summary: "an environment, editor or notebook sets a token of its own",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

/// Sightings that are one thing to know: of one setter, one variable and one token, in one directory.
struct Group<'s> {
    first: &'s Sighting,
    token: &'s Token,
    leaks: bool,
    places: Vec<Location>,
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let mut groups: Vec<Group<'_>> = Vec::new();
    // What another line takes the place of is no finding by itself, and goes with the line that has the same token.
    let (shadowed, counting): (Vec<_>, Vec<_>) = state.places().sightings.iter().partition(|s| s.shadowed);
    for sighting in counting.into_iter().chain(shadowed) {
        let Some(token) = counts(sighting) else { continue };
        let dir = |at: &Location| at.path().and_then(std::path::Path::parent).map(std::path::Path::to_owned);
        let same = |g: &&mut Group<'_>| {
            let first = g.first;
            first.setter == sighting.setter
                && first.variable == sighting.variable
                && g.token == token
                && dir(&first.location) == dir(&sighting.location)
        };
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.leaks |= sighting.leaks;
                group.places.push(sighting.location.clone());
            }
            None if sighting.shadowed => {}
            None => groups.push(Group {
                first: sighting,
                token,
                leaks: sighting.leaks,
                places: vec![sighting.location.clone()],
            }),
        }
    }
    for group in groups {
        let in_effect = group.first.active && !group.leaks;
        if !in_effect && !is_usual(snapshot, &group) {
            out.push(finding(snapshot, &group));
        }
    }
}

/// The token that a place gives, where that is a place and a variable to be told of.
fn counts(sighting: &Sighting) -> Option<&Token> {
    let told = matches!(
        sighting.reaches,
        Reaches::Session
            | Reaches::Environment
            | Reaches::Editor
            | Reaches::Python
            | Reaches::Notebook
            | Reaches::Service
            | Reaches::Schedule
    );
    // A variable that one program alone reads is set for that program.
    let holds = variables::by_name(&sighting.variable).map(|v| v.holds);
    let token = sighting.value.literal()?;
    let counts = told && holds == Some(Holds::Token) && shape::read(token.bytes()).shape.is_token();
    counts.then_some(token)
}

/// Whether it is the token that the person has anyway: of the login, of this shell, of the next one.
fn is_usual(snapshot: &Snapshot<'_>, group: &Group<'_>) -> bool {
    let state = &snapshot.state;
    let name = &group.first.variable;
    let is = |token: &Token| !are_two(group.token, token);
    // What the environment itself put here says nothing.
    let here = || !group.first.active && variable(state, name).as_ref().is_some_and(is);
    let login = || file(state, login_path(snapshot)).is_some_and(|login| is(&login.token));
    let next = || {
        let value = state.next_shell(Mode::Interactive, name).1.value;
        value.bytes().is_some_and(|bytes| is(&Token::new(bytes.to_vec())))
    };
    here() || login() || next()
}

fn finding(snapshot: &Snapshot<'_>, group: &Group<'_>) -> Finding {
    let Sighting { setter, variable: name, reaches, .. } = group.first;
    let (severity, message, then) = if group.leaks {
        let message = format!("{name} of {setter} stays when the environment is left");
        (Severity::Warning, message, "then the token does not go on into the next project")
    } else {
        let message = format!("{name} gets a token of its own from {setter}");
        (Severity::Info, message, "then what is started there has the token of everything else")
    };
    let mut finding = Finding::new(&RULE, severity, message);
    for place in &group.places {
        finding = finding.at(place.clone());
    }
    let here = snapshot.hub_or_newest().answer.outcome.token();
    let sent = here.filter(|_| !group.first.active).map_or_else(|| "no token".to_owned(), Token::masked);
    finding = finding.note("there", format!("{}, for {}", group.token.masked(), reaches.words()));
    if !group.first.active {
        finding = finding.note("here", sent);
    }
    finding.remedy(Remedy::Places(name.clone(), group.places.clone()), then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    const SETTINGS: &str = "/home/u/.config/Code/User/settings.json";

    fn settings(value: &str) -> Fake {
        let os = if cfg!(target_os = "macos") { "osx" } else { "linux" };
        let path = if cfg!(target_os = "macos") {
            "/home/u/Library/Application Support/Code/User/settings.json"
        } else {
            SETTINGS
        };
        Fake::home().file(path, format!("{{\n\"terminal.integrated.env.{os}\": {{\n\"HF_TOKEN\": \"{value}\"}}}}"))
    }

    #[test]
    fn an_editor_with_a_token_of_its_own() {
        let found = run(&RULE, &settings(&token('B')).file("/home/u/.cache/huggingface/token", token('A')));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Info);
        assert!(found[0].notes.iter().any(|(label, text)| *label == "here" && text == "hf_****AAAA"));
    }

    #[test]
    fn silent_for_the_usual_token_and_for_references() {
        let b = token('B');
        let login = settings(&b).file("/home/u/.cache/huggingface/token", &b);
        let here = settings(&b).var("HF_TOKEN", &b);
        let next = settings(&b).file("/home/u/.bashrc", format!("export HF_TOKEN={b}\n"));
        for fake in [login, here, next, settings("${env:HF_TOKEN}"), settings("hf_xxx"), settings("")] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
