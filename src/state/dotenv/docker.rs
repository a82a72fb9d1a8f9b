//! `docker run --env-file` and `podman run --env-file`: no quotes, no comments behind a value, no references.
//!
//! Source: docker's `kvfile` (read), and its documentation. A name alone takes the value that is set here.

use super::loaders::{Env, Read};

pub(super) fn read(bytes: &[u8], env: &Env<'_>) -> Read {
    let mut out = Read::default();
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Read { broken: true, ..out };
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').map_or((line, None), |(name, value)| (name, Some(value)));
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Read { broken: true, ..out };
        }
        if let Some(value) = value.map(str::to_owned).or_else(|| env(name)) {
            out.push(name, value, number);
        }
    }
    out
}
