//! Which way the text goes: branches, loops, and what holds where nobody can tell.

use std::rc::Rc;

use super::expand::{Field, MOST};
use super::run::{Flow, Run};
use super::syntax::{Arm, Command, Next, Word};
use super::written::merged;
use crate::state::startup::value::{Truth, Value, Variables};

/// Most rounds of a loop.
const MOST_ROUNDS: u32 = 1000;
/// Most commands of a process of its own: what it does comes to nothing but what it prints.
const MOST_STEPS_APART: u32 = 300;
/// Most rounds of a loop of which nobody can tell how many it has: each can only make more unknown.
const MOST_UNTOLD_ROUNDS: u32 = 3;

impl Run<'_> {
    /// In a process of its own: nothing but the status comes back.
    pub(super) fn apart(&mut self, what: impl FnOnce(&mut Self)) {
        let variables = self.variables.clone();
        let (functions, aliases) = (self.functions.clone(), self.aliases.clone());
        let options = self.options.clone();
        let (returned, exited) = (self.returned.take(), self.exited.take());
        let left = (self.skipped.take(), self.broken.take());
        let (directory, directories, arguments) =
            (self.directory.clone(), self.directories.clone(), self.arguments.clone());
        let (locals, loops, styles) = (self.locals.clone(), self.loops, self.styles.clone());
        let log = self.log.len();
        let ends = self.ends_apart;
        let end = ends.unwrap_or(self.steps + MOST_STEPS_APART);
        self.ends_apart = Some(end);
        what(self);
        self.ends_apart = ends;
        if self.steps > end {
            (self.status, self.failure) = (Truth::Maybe, None);
            self.prints_unknown();
        }
        (self.locals, self.loops, self.styles) = (locals, loops, styles);
        self.log.truncate(log);
        (self.variables, self.functions, self.options) = (variables, functions, options);
        self.aliases = aliases;
        (self.returned, self.exited) = (returned, exited);
        (self.skipped, self.broken) = left;
        (self.directory, self.directories, self.arguments) = (directory, directories, arguments);
    }

    /// Two ways of which nobody can tell which is taken.
    pub(super) fn fork(&mut self, one: impl FnOnce(&mut Self) -> Flow, other: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let start = self.variables.clone();
        let options = self.options.clone();
        let written = self.written.clone();
        let styles = self.styles.clone();
        let (capture, stdin) = (self.capture.clone(), self.stdin.clone());
        self.forks += 1;
        let first = one(self);
        let first_status = self.status();
        let first_failure = self.failure;
        let first_capture = std::mem::replace(&mut self.capture, capture);
        let first_stdin = std::mem::replace(&mut self.stdin, stdin);
        let first_world = std::mem::replace(&mut self.variables, start);
        let first_written = std::mem::replace(&mut self.written, written);
        let first_options = std::mem::replace(&mut self.options, options);
        let first_styles = std::mem::replace(&mut self.styles, styles);
        let second = other(self);
        self.forks -= 1;
        self.styles.unsure |= self.styles != first_styles;
        self.options.extend(first_options);
        self.written = merged(&first_written, &self.written);
        if self.capture != first_capture {
            self.prints_unknown();
        }
        if self.stdin != first_stdin {
            self.stdin = None;
        }
        if self.failure != first_failure {
            self.failure = None;
        }
        if first == second {
            self.variables.merge(&first_world);
            if self.status() != first_status {
                self.status = Truth::Maybe;
            }
            return second;
        }
        // The way that leaves is put aside, and the other one goes on.
        if second == Flow::Go {
            self.leave(first, first_world);
            return second;
        }
        let second_world = std::mem::replace(&mut self.variables, first_world);
        self.status = first_status;
        self.leave(second, second_world);
        first
    }

    pub(super) fn leave(&mut self, flow: Flow, world: Variables) {
        let kept = match flow {
            Flow::Return | Flow::Abort | Flow::Fail => &mut self.returned,
            Flow::Exit => &mut self.exited,
            Flow::Continue(0 | 1) => &mut self.skipped,
            Flow::Break(0 | 1) => &mut self.broken,
            // Where it goes on is further out than is followed.
            Flow::Break(_) | Flow::Continue(_) => {
                self.anything(true);
                return;
            }
            Flow::Go | Flow::Discard => {
                self.variables.merge(&world);
                return;
            }
        };
        match kept {
            Some(kept) => kept.merge(&world),
            None => *kept = Some(world),
        }
    }

    pub(super) fn and_or(&mut self, first: &Command, rest: &[(bool, Command)]) -> Flow {
        let last = rest.len();
        let mut flow = self.checked(|run| run.command(first));
        for (i, (and, command)) in rest.iter().enumerate() {
            let run = |run: &mut Self| {
                if i + 1 < last { run.checked(|run| run.command(command)) } else { run.command(command) }
            };
            if flow != Flow::Go {
                return flow;
            }
            let wanted = if *and { self.status() } else { self.status().not() };
            flow = match wanted {
                Truth::Yes => run(self),
                Truth::No => continue,
                // Where the second is not run, the first has told the status.
                Truth::Maybe => self.fork(run, |run| {
                    run.status = Truth::of(!and);
                    Flow::Go
                }),
            };
        }
        flow
    }

    pub(super) fn arms(&mut self, arms: &[(Vec<Command>, Vec<Command>)], otherwise: &[Command]) -> Flow {
        let Some(((condition, body), rest)) = arms.split_first() else {
            self.status = Truth::Yes;
            return self.commands(otherwise);
        };
        let flow = self.checked(|run| run.commands(condition));
        if flow != Flow::Go {
            return flow;
        }
        match self.status() {
            Truth::Yes => self.commands(body),
            Truth::No => self.arms(rest, otherwise),
            Truth::Maybe => self.fork(|run| run.commands(body), |run| run.arms(rest, otherwise)),
        }
    }

    pub(super) fn case(&mut self, value: Option<&[u8]>, arms: &[Arm]) -> Flow {
        let Some((arm, rest)) = arms.split_first() else {
            self.status = Truth::Yes;
            return Flow::Go;
        };
        let mut matches = Truth::No;
        for word in &arm.patterns {
            let one = match (value, self.pattern(word)) {
                (_, Some(pattern)) if pattern == b"*" => Truth::Yes,
                (Some(value), Some(pattern)) => Truth::of(self.fits(&pattern, value, false)),
                _ => Truth::Maybe,
            };
            if one != Truth::No {
                matches = one;
            }
            if one == Truth::Yes {
                break;
            }
        }
        let taken = |run: &mut Self| {
            run.status = Truth::Yes;
            let flow = run.commands(&arm.body);
            match arm.next {
                _ if flow != Flow::Go => flow,
                Next::End => flow,
                Next::Look => run.case(value, rest),
                Next::Fall => {
                    let mut flow = Flow::Go;
                    for arm in rest {
                        flow = run.commands(&arm.body);
                        if flow != Flow::Go || arm.next != Next::Fall {
                            break;
                        }
                    }
                    flow
                }
            }
        };
        match matches {
            Truth::Yes => taken(self),
            Truth::No => self.case(value, rest),
            Truth::Maybe => self.fork(taken, |run| run.case(value, rest)),
        }
    }

    /// A round of a loop: whether it goes on, and how it ends else.
    pub(super) fn round(&mut self, body: &[Command]) -> Result<(), Flow> {
        self.loops += 1;
        let outer = self.skipped.take();
        let flow = self.commands(body);
        if let Some(skipped) = std::mem::replace(&mut self.skipped, outer) {
            // It goes on with the next round, also where the rest of this one ends the loop.
            match flow {
                Flow::Go | Flow::Continue(0 | 1) => self.variables.merge(&skipped),
                _ => self.leave(Flow::Break(1), skipped),
            }
        }
        self.loops -= 1;
        match flow {
            Flow::Go | Flow::Continue(0 | 1) => Ok(()),
            Flow::Break(0 | 1) => Err(Flow::Go),
            Flow::Break(n) => Err(Flow::Break(n - 1)),
            Flow::Continue(n) => Err(Flow::Continue(n - 1)),
            Flow::Return | Flow::Discard | Flow::Abort | Flow::Fail | Flow::Exit => Err(flow),
        }
    }

    /// A loop: what holds behind it may be what a round left it with.
    pub(super) fn looped(&mut self, rounds: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let outer = self.broken.take();
        let flow = rounds(self);
        if let Some(broken) = std::mem::replace(&mut self.broken, outer) {
            match flow {
                Flow::Go => self.variables.merge(&broken),
                flow => {
                    let world = std::mem::replace(&mut self.variables, broken);
                    self.leave(flow, world);
                    return Flow::Go;
                }
            }
        }
        flow
    }

    /// Any number of rounds: one or none, and again from all that may hold then, until nothing new comes of it.
    pub(super) fn rounds(&mut self, mut round: impl FnMut(&mut Self) -> Result<(), Flow>) -> Flow {
        for _ in 0..MOST_UNTOLD_ROUNDS {
            let before = self.variables.clone();
            let flow = self.fork(|run| round(run).err().unwrap_or(Flow::Go), |_| Flow::Go);
            if flow != Flow::Go || self.variables == before {
                return flow;
            }
        }
        Flow::Go
    }

    pub(super) fn while_(&mut self, until: bool, condition: &[Command], body: &[Command]) -> Flow {
        for _ in 0..MOST_ROUNDS {
            let before = surroundings(self);
            let flow = self.checked(|run| run.commands(condition));
            if flow != Flow::Go {
                return flow;
            }
            match if until { self.status().not() } else { self.status() } {
                Truth::No => {
                    self.status = Truth::Yes;
                    return Flow::Go;
                }
                Truth::Yes => {
                    if let Err(flow) = self.round(body) {
                        return flow;
                    }
                    // Nothing is another one for the next round: only what nobody can tell ends the loop.
                    if surroundings(self) == before {
                        self.status = Truth::Maybe;
                        return Flow::Go;
                    }
                }
                Truth::Maybe => return self.rounds(|run| run.round(body)),
            }
        }
        self.gives_up();
        Flow::Go
    }

    /// `for ((FIRST; CONDITION; STEP))`
    pub(super) fn count(&mut self, [first, condition, step]: &[Rc<[u8]>; 3], body: &[Command]) -> Flow {
        self.arithmetic(first);
        for _ in 0..MOST_ROUNDS {
            // Without a condition it goes on.
            let goes_on = if condition.trim_ascii().is_empty() { Some(1) } else { self.arithmetic(condition) };
            match goes_on {
                Some(0) => {
                    self.status = Truth::Yes;
                    return Flow::Go;
                }
                Some(_) => {
                    if let Err(flow) = self.round(body) {
                        return flow;
                    }
                }
                None => {
                    self.status = Truth::Maybe;
                    return self.rounds(|run| run.round(body));
                }
            }
            self.arithmetic(step);
        }
        self.gives_up();
        Flow::Go
    }

    /// zsh: `repeat COUNT`
    pub(super) fn times(&mut self, times: &Word, body: &[Command]) -> Flow {
        let times = self.whole(times, false);
        let Some(times) = times.bytes().map(<[u8]>::to_vec).and_then(|text| self.arithmetic(&text)) else {
            return self.rounds(|run| run.round(body));
        };
        for _ in 0..times.min(i64::from(MOST_ROUNDS)) {
            if let Err(flow) = self.round(body) {
                return flow;
            }
        }
        Flow::Go
    }

    pub(super) fn for_(&mut self, names: &[Vec<u8>], words: Option<&[Word]>, body: &[Command]) -> Flow {
        // What is known of those that are not known in whole.
        let mut outlines = Vec::new();
        let mut values: Vec<Field> = Vec::new();
        match words {
            Some(words) => {
                for word in words {
                    self.shape = None;
                    values.append(&mut self.fields(std::slice::from_ref(word)));
                    outlines.resize(values.len(), self.shape.take());
                    if values.len() > MOST {
                        break;
                    }
                }
            }
            None => values = self.arguments.fields(),
        }
        if let Some(flow) = self.taken_fault() {
            return flow;
        }
        if self.no_match.take() {
            return Flow::Abort;
        }
        self.status = Truth::Yes;
        let untold = |run: &mut Self, outline: Option<Vec<u8>>| {
            run.rounds(|run| {
                for name in names {
                    run.assign(name, Value::Unknown);
                    run.keep_outline(name, outline.clone());
                }
                run.round(body)
            })
        };
        // Which value comes to which name cannot be told where one stands for any number of them.
        if names.len() > 1 && values.iter().any(|value| value.bytes().is_none()) {
            return untold(self, None);
        }
        for (at, values) in values.chunks(names.len()).enumerate() {
            if values.iter().all(|value| value.bytes().is_some()) {
                for (i, name) in names.iter().enumerate() {
                    self.assign(name, Value::of(values.get(i).and_then(Field::bytes).unwrap_or_default()));
                }
                if let Err(flow) = self.round(body) {
                    return flow;
                }
            } else {
                let flow = untold(self, outlines.get(at).cloned().flatten());
                if flow != Flow::Go {
                    return flow;
                }
            }
        }
        Flow::Go
    }
}

/// All that one round of a loop may leave to the next.
fn surroundings<'s>(run: &Run<'s>) -> impl PartialEq + use<'s> {
    (
        (run.variables.clone(), run.arguments.clone(), run.directory.clone(), run.options.clone()),
        (run.stdin.clone(), run.capture.clone(), run.written.clone()),
        (run.functions.len(), run.aliases.len(), run.option_at),
    )
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    #[test]
    fn a_loop_in_which_nothing_changes_ends() {
        let text = "f() { while true; do x=$(some-program) || x=; [ -z \"$x\" ] && break; y=$x; done; }\n\
                    for i in 1 2 3 4 5 6 7 8 9; do f; f; f; f; f; f; f; f; f; f; f; f; f; f; done\nexport HF_TOKEN=a\n";
        let fake = Fake::home().file("/home/u/.bashrc", text).mode("/usr/bin/some-program", "\x7fELF", 0o755);
        let fake = fake.var("PATH", "/usr/bin");
        let started = start(&fake, Shell::Bash, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
        assert_eq!(started.variable("HF_TOKEN").value, Value::of(b"a"));
    }

    #[test]
    fn the_condition_goes_on_where_the_round_changes_nothing() {
        for text in [
            "while IFS= read -r l; do\n  case $l in '#'*) continue;; esac\n  export \"$l\"\ndone <<'E'\n# a\n# b\nHF_TOKEN=a\nE\n",
            "c() { while getopts vt: o; do case $o in t) export HF_TOKEN=$OPTARG;; esac; done; }\nc -vvvv -t a\n",
        ] {
            let fake = Fake::home().file("/home/u/.bashrc", text);
            let started = start(&fake, Shell::Bash, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(started.variable("HF_TOKEN").value, Value::of(b"a"), "{text}");
        }
    }

    #[test]
    fn what_is_passed_over_may_set_anything() {
        for text in [
            "for a in {1..400}; do for b in {1..400}; do :; done; done\nexport HF_TOKEN=a\n",
            "f() { if [ $1 -gt 90 ]; then export HF_TOKEN=a; else f $(($1+1)); fi; }\nf 0\n",
            "f() { if [ $1 -gt 90 ]; then echo a; else f $(($1+1)); fi; }\nexport HF_TOKEN=b$(f 0)\n",
        ] {
            let fake = Fake::home().file("/home/u/.bashrc", [text, ": HF_TOKEN\n"].concat());
            let started = start(&fake, Shell::Bash, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
            assert_eq!(started.variable("HF_TOKEN").value, Value::Unknown, "{text}");
        }
    }

    /// What is printed by a process that takes too long to follow is not known; what stands behind it is.
    #[test]
    fn a_process_that_takes_too_long_is_given_up() {
        let text =
            "x=$(while some-program; do for i in {1..400}; do some-program; done; done; echo b)\nexport HF_TOKEN=a\n";
        let fake = Fake::home()
            .file("/home/u/.bashrc", format!("{text}[ \"$x\" = b ] && export HF_HOME=a\n"))
            .mode("/usr/bin/some-program", "\x7fELF", 0o755)
            .var("PATH", "/usr/bin");
        let next = start(&fake, Shell::Bash, Mode::Interactive, From::Terminal, &["HF_TOKEN", "HF_HOME"]);
        assert_eq!(next.variable("HF_TOKEN").value, Value::of(b"a"));
        assert_eq!(next.variable("HF_HOME").value, Value::Unknown);
    }

    /// What one round leaves may be what the next one begins with.
    #[test]
    fn a_loop_of_unknown_length_may_have_several_rounds() {
        for text in [
            "for x in $(some-program); do [ -n \"$seen\" ] && export HF_TOKEN=a; seen=$x; done\n",
            "while some-program; do [ \"$seen\" = 2 ] && export HF_TOKEN=a; [ \"$seen\" = 1 ] && seen=2; : ${seen:=1}; done\n",
            "for x in $(some-program); do l=\"$l $x\"; done\nfor x in $l; do export HF_TOKEN=$x; done\n",
        ] {
            let fake = Fake::home()
                .file("/home/u/.bashrc", text)
                .file("/home/u/.zshrc", text)
                .mode("/usr/bin/some-program", "\x7fELF", 0o755)
                .var("PATH", "/usr/bin");
            for shell in [Shell::Bash, Shell::Zsh] {
                let next = start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]);
                assert_eq!(next.variable("HF_TOKEN").value, Value::Unknown, "{} {text}", shell.name());
            }
        }
    }
}
