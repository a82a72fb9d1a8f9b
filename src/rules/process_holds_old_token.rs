//! HF113

use super::places::variable;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::holders::Old;
use crate::fix::plan::Remedy;
use crate::map::{Fate, map};
use crate::output::time;
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::holders::{Holder, Kind, strangers};
use crate::state::variables::{CURRENT, OLD};
use crate::state::{isolation, provenance};

declare_rule! {
    /// ## What it does
    /// Names the programs of yours that were started with another token in `HF_TOKEN` (or `HUGGING_FACE_HUB_TOKEN`) than
    /// any that this shell or its login knows, and go on running with it: tmux and screen, editors and their remote
    /// servers, Jupyter, InvokeAI, servers of models, services.
    ///
    /// ## Why it matters
    /// A program keeps the environment that it was started with. After a login, a rotation or an edit of a start-up file
    /// the notebook still gets 401, and each new tmux window brings the old token back.
    ///
    /// ## Example
    /// ```text
    /// tmux: server (process 812), since 2026-11-20 09:12    HF_TOKEN=hf_****aaaa
    /// this shell                                           HF_TOKEN=hf_****bbbb
    /// ```
    ///
    /// ## How to fix
    /// `hflint fix --unset HF113` takes the variable out of what tmux gives to new windows; open windows keep theirs.
    /// Everything else has to be restarted, from a shell that has the token of today.
    ///
    /// ## Fix safety
    /// tmux itself is told (`tmux set-environment -gu`), asked for first, and `hflint undo` gives it back. No process is
    /// ended.
    ///
    /// ## Exceptions
    /// Counted is what goes on by itself. Not counted: what runs in the foreground of a terminal, where a person waits
    /// for it; shells, since nobody can see what they have now; what runs in a container; programs below one that is
    /// named already. No other token is: one that a place here still holds (a variable, the login, a netrc entry, git's
    /// store, an isolated project, a unit of systemd, what a new shell will have), one that the process provably has from its own project
    /// (its `.env`, direnv, mise, conda, an activate script, a platform's secret), and for a server that starts nothing
    /// else, a stored token that is not the login. What is not shaped like a token is not judged. A tmux server is asked
    /// what it gives today: one that was cured is silent. A process whose environment the system does not show (macOS
    /// shows none of its own programs') is not known, and not named.
    ///
    /// ## References
    /// - Linux, proc(5): `/proc/PID/environ` is the environment at the start; tmux 3.5a, `show-environment -g`, both run
    /// - <https://github.com/microsoft/vscode-remote-release/issues/1437>
    pub(super) static RULE = {
        code: "HF113",
        name: "process-holds-old-token",
        summary: "a running program holds another token than this shell",
        severity: Warning,
        since: "0.1.0",
        when: Deep,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let known = Known::of(snapshot);
    let mut holders = strangers(&snapshot.state, &|kind, token| known.is(kind, token));
    holders.sort_by_key(|h| (h.kind, h.process.started));
    let here = [CURRENT, OLD].into_iter().find_map(|name| variable(&snapshot.state, name));
    while !holders.is_empty() {
        let first = holders.remove(0);
        // A kernel for each notebook, a worker for each core: one fact.
        let alike = |h: &Holder| h.process.name == first.process.name && h.token == first.token && h.tmux.is_none();
        let (same, rest) =
            if first.tmux.is_some() { (Vec::new(), holders) } else { holders.into_iter().partition(alike) };
        holders = rest;
        out.push(finding(snapshot, &first, &same, here.as_ref()));
    }
}

fn finding(snapshot: &Snapshot<'_>, holder: &Holder, same: &[Holder], here: Option<&Token>) -> Finding {
    let Holder { process, kind, variable: name, token, .. } = holder;
    let who = match same.len() {
        0 => process.name.clone(),
        more => format!("{} processes of {}", more + 1, process.name),
    };
    let verb = match (kind.gives(), same.is_empty()) {
        (true, true) => "gives what it starts",
        (true, false) => "give what they start",
        (false, true) => "runs with",
        (false, false) => "run with",
    };
    let place = |h: &Holder| Location::Process { pid: h.process.pid, name: h.process.name.clone() };
    let mut finding = Finding::new(&RULE, Severity::Warning, format!("{who} {verb} another token than this shell has"))
        .at(place(holder))
        .note("holds", format!("{} in {name}", token.masked()))
        .note("here", here.map_or_else(|| format!("no token in {name}"), Token::masked))
        .note("since", time::local(snapshot.state.system, process.started));
    finding.locations.extend(same.iter().map(place));
    let below: usize = std::iter::once(holder).chain(same).map(|h| h.below).sum();
    if below > 0 {
        let what =
            if below == 1 { "a program that it started".to_owned() } else { format!("{below} programs below it") };
        finding = finding.note("also", what);
    }
    let (cure, command) = kind.cure(process, name, holder.unit.as_deref());
    let tmux = holder.tmux.clone().map(|server| (server, token.clone()));
    let by_tmux = tmux.is_some();
    let command = command.filter(|_| !by_tmux);
    let old = Old { at: place(holder), variable: name, tmux, cure, command: command.clone() };
    let remedy = Remedy::Process(Box::new(old));
    match command {
        _ if by_tmux => finding.remedy(remedy, format!("then new windows start without it; {cure}")),
        Some(command) => finding.help(command, cure).offers(remedy),
        None => finding.note("cure", cure).offers(remedy),
    }
}

/// The tokens that somebody here still means.
struct Known {
    /// In use, or in use elsewhere.
    all: Vec<Token>,
    /// Stored, and not chosen: fine for a server that was started so, but not for what a shell gets.
    sleeping: Vec<Token>,
}

impl Known {
    fn of(snapshot: &Snapshot<'_>) -> Self {
        let state = &snapshot.state;
        let (mut all, mut sleeping) = (Vec::new(), Vec::new());
        for entry in map(snapshot) {
            if entry.fate == Fate::Sleeping { &mut sleeping } else { &mut all }.push(entry.token);
        }
        for name in [CURRENT, OLD] {
            all.extend(provenance::next_values(state, name));
        }
        let system = state.system;
        let shared = isolation::base(system).map(|base| base.join("profiles"));
        let profiles =
            isolation::profiles(system).into_iter().filter_map(|name| Some(shared.as_ref()?.join(name).join("token")));
        let projects = isolation::all(system).into_iter().filter_map(|binding| binding.token(system));
        // What a place gives today is meant, by whoever wrote it there: a service's unit, an activate script.
        let places = state.places().sightings.iter().filter(|s| s.is_token());
        all.extend(places.filter_map(|s| s.value.literal().cloned()));
        for path in profiles.chain(projects) {
            all.extend(super::places::file(state, &path).map(|c| c.token));
        }
        Self { all, sleeping }
    }

    fn is(&self, kind: Kind, token: &Token) -> bool {
        self.all.contains(token) || !kind.gives() && self.sleeping.contains(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    fn machine() -> Fake {
        let own = token('A');
        Fake::home().var("HF_TOKEN", &own).running(1000, 900, "hflint", &[("HF_TOKEN", &own)]).running(
            900,
            1,
            "bash",
            &[("HF_TOKEN", &token('B'))],
        )
    }

    fn holds(fake: Fake, pid: u32, name: &str, letter: char) -> Fake {
        fake.running(pid, 1, name, &[("HF_TOKEN", &token(letter))])
    }

    #[test]
    fn what_goes_on_with_another_token() {
        let fake = holds(machine(), 10, "jupyter-lab", 'B');
        let found = run(&RULE, &fake);
        assert_eq!(found[0].message, "jupyter-lab gives what it starts another token than this shell has");
        assert_eq!(found[0].locations, [Location::Process { pid: 10, name: "jupyter-lab".into() }]);
        assert_eq!(found[0].notes[0].1, "hf_****BBBB in HF_TOKEN");
        assert_eq!(found[0].notes[2].1, "2027-01-15 07:00");
        assert_eq!(findings(&RULE, &holds(machine(), 10, "sleep", 'B')), ["warning"]);
        let old_name = machine().running(10, 1, "ollama", &[("HUGGING_FACE_HUB_TOKEN", &token('B'))]);
        assert_eq!(findings(&RULE, &old_name), ["warning"]);
    }

    #[test]
    fn one_fact_is_one_finding() {
        let fake = holds(machine(), 10, "jupyter-lab", 'B')
            .running(11, 10, "python3", &[("HF_TOKEN", &token('B'))])
            .running(12, 11, "sh", &[("HF_TOKEN", &token('B'))])
            .running(13, 12, "python3", &[("HF_TOKEN", &token('B'))]);
        let found = run(&RULE, &fake);
        assert_eq!((found.len(), found[0].notes[3].1.as_str()), (1, "2 programs below it"));
        let workers = holds(holds(machine(), 10, "uvicorn", 'B'), 11, "uvicorn", 'B');
        let found = run(&RULE, &workers);
        assert_eq!((found.len(), found[0].locations.len()), (1, 2));
        assert!(found[0].message.starts_with("2 processes of uvicorn run with"));
        // A child with a token of its own is another fact.
        let other = fake.running(14, 10, "python3", &[("HF_TOKEN", &token('C'))]);
        assert_eq!(run(&RULE, &other).len(), 2);
    }

    #[test]
    fn what_does_not_count() {
        let stranger = |name: &str| holds(machine(), 10, name, 'B');
        let silent = |fake: &Fake| assert!(findings(&RULE, fake).is_empty());
        silent(&machine());
        silent(&holds(machine(), 10, "jupyter-lab", 'A'));
        silent(&stranger("zsh"));
        silent(&stranger("sleep").details(10, |d| d.foreground = true));
        assert_eq!(findings(&RULE, &stranger("nvim").details(10, |d| d.foreground = true)), ["warning"]);
        silent(&stranger("ollama").details(10, |d| d.contained = true));
        silent(&machine().running(10, 1, "ollama", &[("HF_TOKEN", "not-shaped")]));
        silent(&machine().running(10, 1, "ollama", &[]));
        silent(&stranger("hflint"));
        // Tokens that are still meant.
        let unit = format!("[Service]\nEnvironment=HF_TOKEN={}\n", token('B'));
        silent(&stranger("ollama").file("/home/u/.config/systemd/user/ollama.service", unit));
        silent(&stranger("tmux: server").file("/home/u/.cache/huggingface/token", token('B')));
        silent(&stranger("tmux: server").file("/home/u/.bashrc", format!("export HF_TOKEN={}\n", token('B'))));
        let stored = format!("[work]\nhf_token = {}\n", token('B'));
        let path = "/home/u/.cache/huggingface/stored_tokens";
        silent(&stranger("ollama").file(path, &stored));
        assert_eq!(findings(&RULE, &stranger("tmux: server").file(path, &stored)), ["warning"], "new windows get it");
    }

    #[test]
    fn a_projects_own_token_is_deliberate() {
        let value = token('B');
        let silent = |fake: &Fake| assert!(findings(&RULE, fake).is_empty());
        let in_project = holds(machine(), 10, "uvicorn", 'B').details(10, |d| d.cwd = Some("/home/u/p".into()));
        assert_eq!(findings(&RULE, &in_project), ["warning"]);
        silent(&in_project.clone().file("/home/u/p/.env", format!("HF_TOKEN={value}\n")));
        assert_eq!(findings(&RULE, &in_project.file("/home/u/q/.env", format!("HF_TOKEN={value}\n"))), ["warning"]);
        let venv = [("HF_TOKEN", value.as_str()), ("VIRTUAL_ENV", "/home/u/v")];
        let venv = machine().running(10, 1, "uvicorn", &venv);
        assert_eq!(findings(&RULE, &venv), ["warning"]);
        silent(&venv.file("/home/u/v/bin/activate", format!("export HF_TOKEN={value}\n")));
    }

    #[test]
    fn a_tmux_server_is_asked() {
        let server = holds(machine(), 10, "tmux: server", 'B').running(11, 10, "bash", &[("TMUX", "/tmp/s,10,0")]);
        let asked = "tmux -S /tmp/s show-environment -g";
        let found = run(&RULE, &server.clone().answer(asked, &format!("HF_TOKEN={}\n", token('B'))));
        assert_eq!(found[0].help.as_ref().unwrap().command, "hflint fix --unset HF113");
        assert!(findings(&RULE, &server.clone().answer(asked, "PATH=/\n-HF_TOKEN\n")).is_empty(), "cured");
        assert!(findings(&RULE, &server.clone().answer(asked, &format!("HF_TOKEN={}\n", token('A')))).is_empty());
        let silent = run(&RULE, &server);
        assert_eq!(silent[0].help.as_ref().unwrap().command, "tmux set-environment -gu HF_TOKEN", "it does not answer");
    }

    #[test]
    fn cures_by_the_kind() {
        let help = |name: &str| run(&RULE, &holds(machine(), 10, name, 'B'))[0].help.clone().map(|h| h.command);
        assert_eq!(help("screen").as_deref(), Some("screen -S 10 -X unsetenv HF_TOKEN"));
        assert_eq!(help("invokeai-web"), None);
        let unit = holds(machine(), 10, "ollama", 'B').details(10, |d| d.unit = Some("ollama.service".into()));
        assert_eq!(run(&RULE, &unit)[0].help.as_ref().unwrap().command, "systemctl --user restart ollama.service");
    }
}
