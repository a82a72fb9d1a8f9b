//! netrc without the Hub: Python's requests puts an entry for the host over every token.

use super::{host, hub};
use crate::state::State;
use crate::state::netrc::{Entry, Fault};

/// What becomes of the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Netrc {
    /// It says nothing of the Hub and stays as it is.
    Kept,
    /// Nothing is left of it.
    Empty,
    /// The entries of other hosts, which a program may need for a package index.
    Others(Vec<u8>),
}

/// The file in effect without what would be sent to the Hub: its hosts, that of the endpoint, and `default`.
pub(super) fn neutral(state: &State<'_>) -> Netrc {
    let netrc = state.netrc();
    match netrc.fault {
        Some(Fault::Unreadable(_)) => return Netrc::Kept,
        // Another release of Python may read what this one's rules refuse.
        Some(Fault::NotUtf8 | Fault::Syntax(..)) => return Netrc::Empty,
        None => {}
    }
    let endpoint = host(&hub(state));
    let is_hub = |entry: &&Entry| {
        let Some(machine) = entry.machine.as_deref().map(str::to_ascii_lowercase) else { return true };
        let below = |name: &str| machine == name || machine.ends_with(&format!(".{name}"));
        below("huggingface.co") || below("hf.co") || machine == endpoint
    };
    if !netrc.entries.iter().any(|e| is_hub(&e)) {
        return Netrc::Kept;
    }
    let others: Vec<u8> = netrc.entries.iter().filter(|e| !is_hub(e)).flat_map(lines).collect();
    if others.is_empty() { Netrc::Empty } else { Netrc::Others(others) }
}

fn lines(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::new();
    let password = entry.password.bytes();
    let words =
        [("machine", entry.machine.as_deref().unwrap_or_default().as_bytes()), ("login", entry.login.as_bytes())];
    for (key, value) in words.into_iter().chain([("account", entry.account.as_bytes()), ("password", password)]) {
        if value.is_empty() {
            continue;
        }
        out.extend_from_slice(key.as_bytes());
        out.push(b' ');
        quote(&mut out, value);
        out.push(b'\n');
    }
    out
}

/// As it is where every release of the module reads it so; in double quotes otherwise.
fn quote(out: &mut Vec<u8>, value: &[u8]) {
    let plain = |b: &u8| b.is_ascii_graphic() && !b"\"'\\#".contains(b) || *b >= 0x80;
    if value.iter().all(plain) {
        out.extend_from_slice(value);
        return;
    }
    out.push(b'"');
    for &b in value {
        if b"\"\\".contains(&b) {
            out.push(b'\\');
        }
        out.push(b);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::netrc::parse;
    use crate::system::fake::Fake;
    use crate::system::python_text::Text;
    use std::path::Path;

    fn of(text: &str) -> Netrc {
        neutral(&State::new(&Fake::home().file("/home/u/.netrc", text)))
    }

    #[test]
    fn a_file_without_the_hub_stays() {
        assert_eq!(of("machine pypi.example login a password b\n"), Netrc::Kept);
        assert_eq!(neutral(&State::new(&Fake::home())), Netrc::Kept);
    }

    #[test]
    fn other_hosts_stay_and_read_the_same() {
        let text = "machine huggingface.co login u password p\nmachine cdn-lfs.hf.co login u password p\n\
                    machine pypi.example login \"a b\" account c password \"d\\\"#e\\\\\"\ndefault login x password y\n";
        let Netrc::Others(left) = of(text) else { panic!("nothing left") };
        let read = parse(Path::new("/n"), &Text::utf8(&left, false)).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].login.as_str(), read[0].account.as_str()), ("a b", "c"));
        assert_eq!(read[0].password.bytes(), b"d\"#e\\");
    }

    #[test]
    fn nothing_is_left_of_a_default_or_a_broken_file() {
        assert_eq!(of("default login x password y\n"), Netrc::Empty);
        assert_eq!(of("#machine x\nmachine huggingface.co"), Netrc::Empty);
    }
}
