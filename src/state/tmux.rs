//! What a tmux server gives to each new window. It is asked itself: what it was started with stays visible in its
//! process, also after `tmux set-environment -gu` has cured it.
//! Source: tmux 3.3a and 3.5a, run.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::State;
use crate::secret::Token;
use crate::system::{Process, System};

/// How long it may take to answer: it does within milliseconds, or it hangs.
const LIMIT: Duration = Duration::from_secs(1);

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its socket; `None`: the one that `TMUX` or tmux's own default names.
    pub socket: Option<PathBuf>,
}

impl Server {
    /// The one that this shell runs in.
    pub fn here(state: &State<'_>) -> Option<Self> {
        state.non_empty("TMUX").map(|_| Self { socket: None })
    }

    /// The one of a process: what it starts has its socket and its id in `TMUX`.
    pub fn of(system: &dyn System, server: &Process, all: &[Process]) -> Option<Self> {
        let id = server.pid.to_string();
        all.iter().filter(|p| p.parent == server.pid).find_map(|child| {
            let environment = system.environment_of(child.pid)?;
            let mut fields = environment.get("TMUX")?.split(|b| *b == b',');
            let socket = PathBuf::from(OsString::from_vec(fields.next()?.to_vec()));
            (fields.next() == Some(id.as_bytes())).then_some(Self { socket: Some(socket) })
        })
    }

    /// A command for it.
    pub fn command(&self, words: &[&str]) -> Vec<OsString> {
        let socket = self.socket.iter().flat_map(|s| ["-S".into(), s.clone().into_os_string()]);
        std::iter::once("tmux".into()).chain(socket).chain(words.iter().map(OsString::from)).collect()
    }

    /// What it gives to new windows, every variable; `None` where it does not answer.
    pub fn gives(&self, system: &dyn System) -> Option<Vec<(String, Token)>> {
        let command: Vec<String> = self
            .command(&["show-environment", "-g"])
            .into_iter()
            .map(|w| w.into_string().ok())
            .collect::<Option<_>>()?;
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let (program, args) = words.split_first()?;
        let said = Zeroizing::new(system.run_within(program, args, LIMIT)?);
        // `-NAME` is one that it takes away.
        let pair = |line: &[u8]| {
            let at = line.iter().position(|b| *b == b'=')?;
            Some((std::str::from_utf8(&line[..at]).ok()?.to_owned(), Token::new(line[at + 1..].to_vec())))
        };
        Some(said.split(|b| *b == b'\n').filter_map(pair).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    #[test]
    fn a_server_is_known_by_what_it_started() {
        let fake = Fake::home()
            .running(10, 1, "tmux: server", &[])
            .running(11, 10, "bash", &[("TMUX", "/tmp/a,9,0")])
            .running(12, 10, "bash", &[("TMUX", "/tmp/b c,10,3")])
            .answer("tmux -S /tmp/b c show-environment -g", "A=1\n-HF_TOKEN\nB=x=y\n");
        let all = fake.processes();
        let server = Server::of(&fake, &all[0], &all).unwrap();
        assert_eq!(server.socket.as_deref(), Some(std::path::Path::new("/tmp/b c")));
        let names: Vec<_> = server.gives(&fake).unwrap().into_iter().map(|(n, v)| (n, v.bytes().to_vec())).collect();
        assert_eq!(names, [("A".to_owned(), b"1".to_vec()), ("B".to_owned(), b"x=y".to_vec())]);
        assert_eq!(Server::of(&fake, &all[1], &all), None);
        assert!(Server { socket: None }.gives(&fake).is_none(), "it does not answer");
    }
}
