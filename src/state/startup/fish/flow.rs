//! Which way the text goes: branches and loops, both ways where nobody can tell, and what leaves them.

use super::expand::wild;
use super::parse::{Statement, Word};
use super::run::{Flow, MOST_ROUNDS, Run, World};
use crate::state::startup::value::{Truth, Value, Variable};

impl Run<'_> {
    pub(super) fn fork(&mut self, one: impl FnOnce(&mut Self) -> Flow, other: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let start = self.world.clone();
        let first = one(self);
        let first_status = self.status;
        let first_world = std::mem::replace(&mut self.world, start);
        let second = other(self);
        if first == second {
            self.world.merge(&first_world);
            if self.status != first_status {
                self.status = Truth::Maybe;
            }
            return second;
        }
        if second == Flow::Go {
            self.leave(first, first_world);
            return second;
        }
        let second_world = std::mem::replace(&mut self.world, first_world);
        self.status = first_status;
        self.leave(second, second_world);
        first
    }

    pub(super) fn leave(&mut self, flow: Flow, world: World) {
        let kept = match flow {
            Flow::Break => &mut self.broken,
            Flow::Next => &mut self.skipped,
            Flow::Return => &mut self.returned,
            Flow::End => &mut self.ended,
            Flow::Exit => &mut self.exited,
            Flow::Go => {
                self.world.merge(&world);
                return;
            }
        };
        match kept {
            Some(kept) => kept.merge(&world),
            None => *kept = Some(world),
        }
    }

    pub(super) fn arms(&mut self, arms: &[(Vec<Statement>, Vec<Statement>)], otherwise: &[Statement]) -> Flow {
        let Some(((condition, body), rest)) = arms.split_first() else {
            self.status = Truth::Yes;
            return self.block(otherwise);
        };
        let flow = self.statements(condition);
        if flow != Flow::Go {
            return flow;
        }
        match self.status {
            Truth::Yes => self.block(body),
            Truth::No => self.arms(rest, otherwise),
            Truth::Maybe => self.fork(|run| run.block(body), |run| run.arms(rest, otherwise)),
        }
    }

    /// A round of a loop; `Go` where another may follow.
    fn round(&mut self, body: &[Statement]) -> Flow {
        let outer = self.skipped.take();
        let flow = self.block(body);
        let skipped = std::mem::replace(&mut self.skipped, outer);
        self.joined(if flow == Flow::Next { Flow::Go } else { flow }, skipped)
    }

    pub(super) fn behind_loop(&mut self, flow: Flow, outer: Option<World>) -> Flow {
        let broken = std::mem::replace(&mut self.broken, outer);
        self.joined(if flow == Flow::Break { Flow::Go } else { flow }, broken)
    }

    /// Goes on with both the way that is left and one that was kept, where there is one.
    fn joined(&mut self, flow: Flow, kept: Option<World>) -> Flow {
        let Some(mut kept) = kept else { return flow };
        self.status = Truth::Maybe;
        if flow == Flow::Go {
            self.world.merge(&kept);
        } else {
            kept.locals.truncate(self.world.locals.len());
            let gone = std::mem::replace(&mut self.world, kept);
            self.leave(flow, gone);
        }
        Flow::Go
    }

    pub(super) fn while_(&mut self, condition: &[Statement], body: &[Statement]) -> Flow {
        let mut status = Truth::Yes;
        for _ in 0..MOST_ROUNDS {
            let flow = self.statements(condition);
            if flow != Flow::Go {
                return flow;
            }
            match self.status {
                Truth::Yes => {}
                Truth::No => {
                    self.status = status;
                    return flow;
                }
                Truth::Maybe => {
                    // Once or never stands for any number of times.
                    let end = |run: &mut Self| {
                        run.status = status;
                        Flow::Go
                    };
                    return self.fork(|run| run.round(body), end);
                }
            }
            let flow = self.round(body);
            if flow != Flow::Go {
                return flow;
            }
            status = self.status;
        }
        self.anything();
        Flow::Go
    }

    pub(super) fn for_(&mut self, name: &[u8], words: &[Word], body: &[Statement]) -> Flow {
        let place = self.place();
        let put = |run: &mut Self, value: Value| {
            let variable = Variable::new(value, Truth::No, Some(place.clone()));
            if let Some((local, _)) = run.world.locals.last_mut() {
                local.put(name, variable);
            }
            run.changed(name, "SET");
        };
        let values = self.fields(words);
        if self.escaped.is_some() {
            return Flow::Go;
        }
        let Some(values) = values else {
            return self.fork(
                |run| {
                    put(run, Value::Unknown);
                    run.round(body)
                },
                |_| Flow::Go,
            );
        };
        for value in values {
            put(self, Value::of(&value));
            let flow = self.round(body);
            if flow != Flow::Go {
                return flow;
            }
        }
        Flow::Go
    }

    pub(super) fn switch(&mut self, value: Option<&[u8]>, arms: &[(Vec<Word>, Vec<Statement>)]) -> Flow {
        let Some(((words, body), rest)) = arms.split_first() else { return Flow::Go };
        let mut matches = Truth::No;
        for word in words {
            let one = match (value, self.pattern(word)) {
                (_, Some(pattern)) if pattern == b"*" => Truth::Yes,
                (Some(value), Some(pattern)) => Truth::of(wild(&pattern, value)),
                _ => Truth::Maybe,
            };
            if one != Truth::No {
                matches = one;
            }
            if one == Truth::Yes {
                break;
            }
        }
        match matches {
            Truth::Yes => self.block(body),
            Truth::No => self.switch(value, rest),
            Truth::Maybe => self.fork(|run| run.block(body), |run| run.switch(value, rest)),
        }
    }
}
