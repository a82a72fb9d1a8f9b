//! git-xet, the transfer agent for large files: the one program on git's side that reads `HF_TOKEN`.
//!
//! Source: huggingface/xet-core, `git_xet/src/auth.rs` and `auth/git.rs` at release 0.2.1; read. It ships as a program
//! of its own that needs a running LFS transfer, so it was not run.

use super::Candidate;
use super::clean::Clean;
use super::git::{died, helpers};
use super::model::{Answered, Blank, Client, Found, Model, Set, Step, Text, Wire};
use super::version::Version;
use crate::secret::Token;
use crate::state::State;
use crate::state::git::url::Parts;

/// Large files of a repository on the Hub, through Xet.
pub static GIT_XET: Client = Client {
    name: "git-xet",
    aliases: &[],
    title: "git-xet",
    found: Found::Nowhere,
    newest: Version::new(0, 2, 1),
    models: &[Model {
        since: Version::first_of(0, 1, 0),
        wire: Wire::Plain,
        steps: &[
            Step::Own(access),
            Step::Own(url),
            Step::Env {
                names: &["HF_TOKEN"],
                text: Text::Utf8,
                set: Set::Present,
                clean: Clean::Raw,
                blank: Blank::Sent,
            },
            Step::Own(netrc),
            Step::Own(helper),
        ],
    }],
};

/// `lfs.URL/info/lfs.access` of the remote: `none` ends the search, a word that it does not know ends the program.
fn access(state: &State<'_>) -> Answered {
    let git = state.git();
    if let Some(fault) = &git.config.fault {
        return died(fault);
    }
    let url = git.target(state).url;
    let base = url.strip_suffix(b"/").unwrap_or(&url);
    let base = base.strip_suffix(b".git").unwrap_or(base);
    let server = [base, b".git/info/lfs"].concat();
    let set = git.config.under("lfs").filter(|(name, key, _)| *name == server && *key == b"access");
    let Some(placed) = set.map(|(_, _, placed)| placed).last() else {
        return Answered::Nothing;
    };
    match placed.entry.value.as_deref().unwrap_or_default().to_ascii_lowercase().as_slice() {
        b"none" => Answered::Anonymous,
        b"basic" | b"private" | b"negotiate" | b"" => Answered::Nothing,
        _ => Answered::Error("GitXetError", Some(placed.source.clone())),
    }
}

/// `user:token@` in the remote's URL: only both of them count.
fn url(state: &State<'_>) -> Answered {
    let target = state.git().target(state);
    let Some(Parts { user: Some(_), password: Some(password), .. }) = Parts::new(&target.url, false) else {
        return Answered::Nothing;
    };
    match target.source {
        Some(source) => Answered::Token(Candidate { token: Token::new(password), source }),
        None => Answered::Nothing,
    }
}

/// The entry of the very host name, never `default`; its password becomes a Bearer token.
fn netrc(state: &State<'_>) -> Answered {
    let parts = Parts::new(&state.git().target(state).url, false).unwrap_or_default();
    let host = parts.host.unwrap_or_default();
    let netrc = state.netrc();
    match netrc.entries.iter().rfind(|e| e.machine.as_deref().is_some_and(|m| m.as_bytes() == host)) {
        Some(entry) => Answered::Token(Candidate { token: entry.password.clone(), source: entry.location() }),
        None => Answered::Nothing,
    }
}

/// `git credential fill`, whose answer loses all white space.
fn helper(state: &State<'_>) -> Answered {
    match helpers(state) {
        Answered::Token(Candidate { token, source }) => {
            Answered::Token(Candidate { token: Token::new(Clean::NoSpace.apply(token.bytes())), source })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, resolve};
    use crate::system::fake::Fake;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    fn sends(fake: &Fake) -> Option<String> {
        match resolve(&State::new(fake), &Instance::newest(&GIT_XET)).outcome {
            Outcome::Token(t) => Some(String::from_utf8_lossy(t.bytes()).into_owned()),
            _ => None,
        }
    }

    fn repository(config: &str) -> Fake {
        Fake::home()
            .file("/home/u/.gitconfig", "[credential]\n\thelper = store\n")
            .file("/home/u/.git-credentials", format!("https://u:{}@huggingface.co\n", token("a")))
            .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
            .file("/home/u/.git/config", config)
            .file("/home/u/.git/objects/x", "")
            .file("/home/u/.git/refs/x", "")
    }

    #[test]
    fn url_then_variable_then_netrc_then_helper() {
        let plain = "[remote \"origin\"]\n\turl = https://huggingface.co/o/m\n";
        let helper = repository(plain);
        assert_eq!(sends(&helper), Some(token("a")));
        let netrc = helper.file("/home/u/.netrc", format!("machine huggingface.co login u password {}\n", token("b")));
        assert_eq!(sends(&netrc), Some(token("b")));
        let variable = netrc.clone().var("HF_TOKEN", token("c"));
        assert_eq!(sends(&variable), Some(token("c")));
        assert_eq!(sends(&netrc.var("HF_TOKEN", "")), Some(String::new()));
        let named = format!("[remote \"origin\"]\n\turl = https://u:{}@huggingface.co/o/m\n", token("d"));
        assert_eq!(sends(&repository(&named).var("HF_TOKEN", token("c"))), Some(token("d")));
        let off = format!("{plain}[lfs \"https://huggingface.co/o/m.git/info/lfs\"]\n\taccess = none\n");
        assert_eq!(sends(&repository(&off).var("HF_TOKEN", token("c"))), None);
    }
}
