//! The numbers that tqdm reads from the environment when it is imported, with huggingface_hub.
//!
//! tqdm lets `TQDM_` and a parameter's name, in upper or lower case, replace that parameter's default. What is no number
//! raises ValueError at import. Source: tqdm 4.65.2, 4.66.0, 4.66.1, 4.67.1 and 4.70.1, `utils.envwrap` and
//! `std.tqdm.__init__`, run with huggingface_hub 0.9.1 and 2.4.0.

use std::ffi::OsString;

use super::python_number;
use super::version::Version;
use crate::system::{System, python_text};

const PREFIX: &str = "TQDM_";

/// How the value of a parameter is read.
#[derive(Clone, Copy)]
enum Number {
    Int,
    Float,
}
use Number::{Float, Int};

/// Since when which parameter is a number, by the name in lower case; what is missing takes any text.
const NUMBERS: &[(&str, Version, Number)] = &[
    ("delay", Version::new(4, 66, 0), Int),
    ("delay", Version::new(4, 66, 1), Float),
    ("initial", Version::new(4, 66, 0), Int),
    ("maxinterval", Version::new(4, 66, 0), Float),
    ("mininterval", Version::new(4, 66, 0), Float),
    ("miniters", Version::new(4, 66, 1), Float),
    ("ncols", Version::new(4, 66, 1), Int),
    ("nrows", Version::new(4, 66, 1), Int),
    ("position", Version::new(4, 66, 1), Int),
    ("smoothing", Version::new(4, 66, 0), Float),
    ("total", Version::new(4, 66, 1), Float),
    ("unit_divisor", Version::new(4, 66, 0), Int),
];

/// The variable that makes the import of a release of tqdm fail; `None` for the release means the newest.
pub(super) fn fault(system: &dyn System, release: Option<Version>) -> Option<String> {
    if system.vars_like(PREFIX).is_empty() {
        return None;
    }
    // In the order of the environment: of two spellings of one parameter the later counts.
    let mut given: Vec<(String, String, OsString)> = Vec::new();
    for (name, value) in system.vars() {
        let Some((name, parameter)) = name.to_str().and_then(|n| Some((n, n.strip_prefix(PREFIX)?))) else {
            continue;
        };
        let parameter = parameter.to_ascii_lowercase();
        given.retain(|(other, ..)| *other != parameter);
        given.push((parameter, name.to_owned(), value));
    }
    given
        .into_iter()
        .find(|(parameter, _, value)| !is_taken(system, release, parameter, value))
        .map(|(_, name, _)| name)
}

fn is_taken(system: &dyn System, release: Option<Version>, parameter: &str, value: &OsString) -> bool {
    let known = |(name, since, _): &&(&str, Version, Number)| *name == parameter && release.is_none_or(|r| *since <= r);
    let Some((.., number)) = NUMBERS.iter().rev().find(known) else {
        return true;
    };
    let text = python_text::environ(system, value);
    match number {
        Int => python_number::is_int(&text),
        Float => python_number::is_float(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn what_is_no_number() {
        let fault = |name: &str, value: &str, release| fault(&Fake::home().var(name, value), release).is_some();
        for (name, value, want) in [
            ("TQDM_POSITION", "x", true),
            ("TQDM_position", "x", true),
            ("tqdm_POSITION", "x", false),
            ("TQDM_POSITION", "", true),
            ("TQDM_POSITION", "-1", false),
            ("TQDM_POSITION", "1.5", true),
            ("TQDM_MININTERVAL", "1.5", false),
            ("TQDM_MININTERVAL", "1,5", true),
            ("TQDM_DISABLE", "x", false),
            ("TQDM_ASCII", "", false),
        ] {
            assert_eq!(fault(name, value, None), want, "{name}={value}");
        }
        for (name, value, release, want) in [
            ("TQDM_DELAY", "x", Version::new(4, 65, 2), false),
            ("TQDM_DELAY", "0.5", Version::new(4, 66, 0), true),
            ("TQDM_DELAY", "0.5", Version::new(4, 66, 1), false),
            ("TQDM_POSITION", "x", Version::new(4, 66, 0), false),
            ("TQDM_POSITION", "x", Version::new(4, 66, 1), true),
        ] {
            assert_eq!(fault(name, value, Some(release)), want, "{name}={value} {release}");
        }
    }
}
