//! `source`, `.` and `eval`: texts that run in the shell itself.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::Dialect;
use super::arguments::Arguments;
use super::expand::Field;
use super::fault::Fault;
use super::parse;
use super::run::{Flow, Run};
use crate::state::startup::value::{Meant, Truth, Value};
use crate::system::Kind;

impl Run<'_> {
    pub(super) fn eval(&mut self, arguments: &[Field]) -> Flow {
        let arguments = match arguments {
            [Field::Known(dashes), rest @ ..] if dashes == b"--" => rest,
            _ => arguments,
        };
        let mut text = Vec::new();
        for argument in arguments {
            let Some(bytes) = argument.bytes() else {
                self.runs_unknown();
                return Flow::Go;
            };
            if !text.is_empty() {
                text.push(b' ');
            }
            text.extend_from_slice(bytes);
        }
        self.inline(&text)
    }

    /// A text that stands in a line of another: a `return` in it leaves the other as well.
    pub(super) fn inline(&mut self, text: &[u8]) -> Flow {
        let program = parse::program(text, 1, self.dialect, self.option("extglob"));
        let fixed = std::mem::replace(&mut self.fixed_line, true);
        let mut flow = self.lines(&program, 0..program.commands.len());
        self.fixed_line = fixed;
        if flow == Flow::Go && program.wrong {
            flow = self.fault(Fault::Syntax);
        }
        if flow == Flow::Abort { Flow::Go } else { flow }
    }

    pub(super) fn source(&mut self, builtin: &[u8], arguments: &[Field]) -> Flow {
        let arguments = match arguments {
            [Field::Known(dashes), rest @ ..] if dashes == b"--" => rest,
            _ => arguments,
        };
        let Some((file, rest)) = arguments.split_first() else {
            self.status = Truth::No;
            return Flow::Go;
        };
        let outer = (!rest.is_empty()).then(|| std::mem::replace(&mut self.arguments, Arguments::of(rest)));
        let zero = self.zero.clone();
        if let Field::Known(name) = file {
            self.zero = Value::of(name);
        }
        let flow = match file {
            Field::Known(name) if matches!(name.as_slice(), b"/dev/stdin" | b"/dev/fd/0") => {
                if let Some(text) = self.rest_of_input() {
                    let fixed = std::mem::replace(&mut self.fixed_line, true);
                    let flow = self.text(&text, 1);
                    self.fixed_line = fixed;
                    Some(flow)
                } else {
                    self.runs_unknown();
                    Some(Flow::Go)
                }
            }
            Field::Known(name) if name.contains(&b'/') && self.is_lost(name) => {
                self.status = Truth::Maybe;
                self.anything(true);
                Some(Flow::Go)
            }
            Field::Known(name) => match self.sourced(builtin, name) {
                Ok(Some(path)) => self.read_file(&path),
                Ok(None) => None,
                Err(here) => {
                    if let Some(here) = here {
                        self.suspect(here.as_os_str().as_bytes());
                    }
                    self.outline = Some([&b"*/"[..], &super::pattern::escaped(name)].concat());
                    self.sources_unknown();
                    Some(Flow::Go)
                }
            },
            Field::Process(text, line) => {
                if let Value::Known(text) = self.output(text, *line) {
                    let fixed = std::mem::replace(&mut self.fixed_line, true);
                    let flow = self.text(text.bytes(), 1);
                    self.fixed_line = fixed;
                    Some(flow)
                } else {
                    self.runs_unknown();
                    Some(Flow::Go)
                }
            }
            Field::Unknown | Field::One | Field::Assigned(..) | Field::Array(..) | Field::Pairs(..) => {
                self.sources_unknown();
                Some(Flow::Go)
            }
        };
        if let Some(outer) = outer {
            self.arguments = outer;
        }
        self.zero = zero;
        let fault = if self.option("posixbuiltins") { Fault::Builtin } else { Fault::Usage };
        flow.unwrap_or_else(|| self.fault(fault))
    }

    /// `source` of a path of which a part is not known.
    pub(super) fn sources_unknown(&mut self) {
        let outline = self.outline.take().unwrap_or_default();
        let patterns = match Meant::by(&outline) {
            Meant::Fitting => vec![outline],
            Meant::Package => Meant::own(&outline, &self.value(b"HOME")),
            Meant::Any => {
                self.status = Truth::Maybe;
                return self.anything(true);
            }
        };
        let mut fitting = Vec::new();
        for pattern in patterns {
            self.fitting(&pattern, &mut fitting);
        }
        self.no_match.take();
        let not_listed = self.not_listed.take();
        for path in fitting.iter().filter_map(Field::bytes).chain(not_listed.iter().map(Vec::as_slice)) {
            self.suspect(path);
        }
        self.runs_unknown();
    }

    /// The file that a name without a slash means: on PATH, then here; zsh's `source` looks here first. An error where nobody
    /// can tell the PATH, with the file that is here.
    pub(super) fn sourced(&self, builtin: &[u8], name: &[u8]) -> Result<Option<PathBuf>, Option<PathBuf>> {
        if name.contains(&b'/') {
            return Ok(Some(self.absolute(name)));
        }
        let is_file = |path: &PathBuf| self.system.stat(path).is_ok_and(|s| s.kind == Kind::File);
        let here = Some(self.absolute(name)).filter(is_file);
        let zsh_here = self.dialect == Dialect::Zsh && builtin == b"source";
        let path = match self.value(b"PATH") {
            Value::Known(path) => path,
            Value::Unset => return Ok(here),
            Value::Unknown => return if zsh_here && here.is_some() { Ok(here) } else { Err(here) },
        };
        let on_path = path
            .bytes()
            .split(|b| *b == b':')
            .filter(|d| !d.is_empty())
            .map(|dir| self.absolute(dir).join(OsStr::from_bytes(name)))
            .find(is_file);
        Ok(match self.dialect {
            _ if zsh_here => here.or(on_path),
            Dialect::Bash => on_path.or(here),
            _ => on_path,
        })
    }
}
