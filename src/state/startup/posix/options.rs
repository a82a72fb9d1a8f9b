//! `set`, `setopt`, `shopt`.

use super::Dialect;
use super::arguments::Arguments;
use super::expand::Field;
use super::fault::Fault;
use super::run::{Flow, Run};
use crate::state::startup::value::Truth;

/// Options of `shopt` that are off in a fresh bash.
const SHOPT_OFF: [&[u8]; 7] =
    [b"dotglob", b"extglob", b"failglob", b"globstar", b"nocaseglob", b"nocasematch", b"nullglob"];

/// What `set -o` of dash knows.
const DASH_OPTIONS: [&[u8]; 17] = [
    b"errexit",
    b"noglob",
    b"ignoreeof",
    b"interactive",
    b"monitor",
    b"noexec",
    b"stdin",
    b"xtrace",
    b"verbose",
    b"vi",
    b"emacs",
    b"noclobber",
    b"allexport",
    b"notify",
    b"nounset",
    b"nolog",
    b"debug",
];

impl Run<'_> {
    /// `set -a`.
    pub(in crate::state::startup) fn export_all(&mut self) {
        self.option_set(b"allexport", true);
    }

    pub(super) fn option_set(&mut self, name: &[u8], on: bool) {
        let mut name: Vec<u8> =
            name.iter().filter(|b| **b != b'_' && **b != b'-').map(u8::to_ascii_lowercase).collect();
        let mut on = on;
        if self.dialect == Dialect::Zsh && name.starts_with(b"no") && name != b"notify" && name != b"nomatch" {
            name.drain(..2);
            on = !on;
        }
        // zsh turns these off, and the rest of the files is not read.
        if on {
            self.options.insert(name.clone());
            self.options.remove([b"no", name.as_slice()].concat().as_slice());
        } else {
            self.options.remove(&name);
            self.options.insert([b"no", name.as_slice()].concat());
        }
    }

    pub(super) fn set(&mut self, arguments: &[Field]) -> Flow {
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(text) = argument.bytes() else {
                self.arguments = Arguments::unknown();
                return Flow::Go;
            };
            let on = text.starts_with(b"-");
            if text == b"--" || !(on || text.starts_with(b"+")) {
                let first = (text != b"--").then_some(argument);
                self.arguments = Arguments::of(first.into_iter().chain(rest));
                return Flow::Go;
            }
            let letters = text[1..].to_vec();
            for letter in letters {
                match letter {
                    b'a' => self.option_set(b"allexport", on),
                    b'u' => self.option_set(b"nounset", on),
                    b'e' => self.option_set(b"errexit", on),
                    b'x' => self.option_set(b"xtrace", on),
                    b'v' => self.option_set(b"verbose", on),
                    b'C' => self.option_set(b"noclobber", on),
                    b'k' if self.dialect == Dialect::Bash => self.option_set(b"keyword", on),
                    // zsh's is `-F`.
                    b'f' if self.dialect != Dialect::Zsh => self.option_set(b"noglob", on),
                    b'F' if self.dialect == Dialect::Zsh => self.option_set(b"noglob", on),
                    b'o' => {
                        if let Some(name) = rest.next().and_then(Field::bytes) {
                            let name = name.to_vec();
                            if self.dialect.is_sh() && !DASH_OPTIONS.contains(&name.as_slice()) {
                                return self.fault(Fault::Usage);
                            }
                            self.option_set(&name, on);
                        }
                    }
                    _ if self.dialect.is_sh() && !b"efIimnsxvVECbp".contains(&letter) => {
                        return self.fault(Fault::Usage);
                    }
                    _ => {}
                }
            }
        }
        Flow::Go
    }

    pub(super) fn setopt(&mut self, on: bool, arguments: &[Field]) {
        for argument in arguments {
            match argument.bytes() {
                Some(b"-a") => self.option_set(b"allexport", on),
                Some(name) if name != b"-o" => {
                    let name = name.to_vec();
                    self.option_set(&name, on);
                }
                _ => {}
            }
        }
    }

    /// `shopt`: the options that count here are those of patterns and aliases.
    pub(super) fn shopt(&mut self, arguments: &[Field]) {
        let (mut set, mut asks) = (None, false);
        let mut known = Truth::Yes;
        for argument in arguments {
            match argument.bytes() {
                Some(option) if option.starts_with(b"-") => {
                    asks |= option.contains(&b'q');
                    if option.contains(&b's') {
                        set = Some(true);
                    } else if option.contains(&b'u') {
                        set = Some(false);
                    }
                }
                Some(name) => match set {
                    Some(on) => self.option_set(name, on),
                    None if name == b"login_shell" => known = Truth::of(self.login),
                    None if SHOPT_OFF.contains(&name) => {
                        let name: Vec<u8> = name.iter().filter(|b| **b != b'_').copied().collect();
                        known = Truth::of(self.options.contains(&name));
                    }
                    None => known = Truth::Maybe,
                },
                None => known = Truth::Maybe,
            }
        }
        if set.is_none() {
            self.status = if asks || !arguments.is_empty() { known } else { Truth::Yes };
        }
    }
}
