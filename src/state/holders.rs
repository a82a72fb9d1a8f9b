//! Programs that run with a token of their own: those that were started with one in their environment.
//!
//! What a process was given at its start is what it goes on with and what it gives to all that it starts, unless it
//! changes it itself, as shells do.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::State;
use super::tmux::Server;
use super::variables::{CURRENT, OLD};
use super::{processes, provenance};
use crate::clients::clean::Clean;
use crate::secret::Token;
use crate::shell::words::translated;
use crate::system::overlay::Overlay;
use crate::system::{Changes, Details, Environment, Process, System};

/// What kind of program a process runs, by its name and its command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A tmux server.
    Tmux,
    /// GNU screen's server.
    Screen,
    /// Another that keeps shells alive.
    Multiplexer,
    /// An editor, or the server of a remote one.
    Editor,
    /// emacs
    Emacs,
    /// A notebook's server or kernel.
    Notebook,
    /// InvokeAI
    InvokeAi,
    /// A server of models or of web pages.
    Server,
    /// The one process of all windows of a terminal.
    Terminal,
    /// What a desktop or a user's services are started by.
    Session,
    /// A shell: what it has now is not to be seen.
    Shell,
    /// Anything else.
    Other,
}

/// Names of programs, as far as Linux keeps them: 15 bytes.
const NAMES: &[(Kind, &[&str])] = &[
    (Kind::Multiplexer, &["zellij", "dtach", "abduco", "shpool", "mosh-server"]),
    (
        Kind::Editor,
        &["code", "code-insiders", "code-oss", "codium", "code-server", "cursor", "windsurf", "zed", "zed-editor"],
    ),
    (Kind::Editor, &["pycharm", "idea", "dataspell", "fleet", "nvim", "subl", "sublime_text"]),
    (Kind::Notebook, &["jupyter", "jupyterhub", "marimo", "ipykernel_launcher"]),
    (Kind::InvokeAi, &["invokeai-web"]),
    (Kind::Server, &["ollama", "llama-server", "vllm", "sglang", "litellm", "text-generation-launcher", "tabby"]),
    (Kind::Server, &["text-generation-server", "text-embeddings-router", "open-webui", "comfyui", "koboldcpp"]),
    (Kind::Server, &["uvicorn", "gunicorn", "streamlit", "gradio", "chainlit", "raylet", "celery", "mlflow"]),
    (Kind::Terminal, &["gnome-terminal-", "gnome-terminal-server", "konsole", "xfce4-terminal", "kitty", "alacritty"]),
    (Kind::Terminal, &["wezterm-gui", "ghostty", "tilix", "terminator", "foot", "xterm", "ptyxis", "kgx", "iTerm2"]),
    (Kind::Session, &["systemd", "gnome-shell", "gnome-session-b", "plasmashell", "kwin_wayland", "kwin_x11"]),
    (Kind::Session, &["startplasma-x11", "startplasma-way", "xfce4-session", "sway", "Hyprland", "i3", "launchd"]),
];

/// Where the servers of remote editors lie in a home directory.
const EDITOR_PATHS: [&[u8]; 6] = [
    b"/.vscode-server/",
    b"/.vscode-server-insiders/",
    b"/.vscode-remote/",
    b"/.cursor-server/",
    b"/.windsurf-server/",
    b"/JetBrains/",
];

impl Kind {
    /// The kind of a process.
    pub fn of(name: &str, command: &[OsString]) -> Self {
        if name.starts_with("tmux") {
            return if name == "tmux: client" { Self::Other } else { Self::Tmux };
        }
        if name.eq_ignore_ascii_case("screen") {
            return Self::Screen;
        }
        if name.starts_with("emacs") {
            return Self::Emacs;
        }
        // Of the last two no start-up file can be read here.
        if super::startup::Shell::of_program(OsStr::new(name)).is_some() || ["xonsh", "elvish"].contains(&name) {
            return Self::Shell;
        }
        let named = |name: &str| {
            let whole = NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(kind, _)| *kind);
            whole.or_else(|| name.starts_with("jupyter-").then_some(Self::Notebook))
        };
        // A program in Python, Node or Java is named by its first words: `python3 -m jupyter lab`.
        let words = || command.iter().take(4).map(|w| w.as_bytes());
        let within = |word: &[u8]| EDITOR_PATHS.iter().any(|p| word.windows(p.len()).any(|w| w == *p));
        let by_word = |word: &[u8]| Path::new(OsStr::from_bytes(word)).file_name()?.to_str().and_then(named);
        named(name)
            .or_else(|| words().any(within).then_some(Self::Editor))
            .or_else(|| words().find_map(by_word))
            .unwrap_or(Self::Other)
    }

    /// Whether it is there to start other programs, which get what it has.
    pub fn gives(self) -> bool {
        !matches!(self, Self::InvokeAi | Self::Server | Self::Other)
    }

    /// What cures it: in words, and as a command where there is one.
    pub fn cure(self, process: &Process, name: &str, unit: Option<&str>) -> (&'static str, Option<String>) {
        match (self, unit) {
            (Self::Session, _) => (
                "log out and in again; until then its services and windows keep it",
                Some(format!("systemctl --user unset-environment {name}")).filter(|_| process.name == "systemd"),
            ),
            (Self::Shell, _) => {
                ("type it there, or close it", Some(translated(&format!("unset {name}"), &process.name)))
            }
            (Self::Tmux, _) => ("windows that are open keep theirs", Some(format!("tmux set-environment -gu {name}"))),
            (Self::Screen, _) => {
                ("windows that are open keep theirs", Some(format!("screen -S {} -X unsetenv {name}", process.pid)))
            }
            (Self::Emacs, _) => {
                ("for what it starts from then on", Some(format!("emacsclient -e '(setenv \"{name}\")'")))
            }
            (_, Some(unit)) => ("restart the service", Some(format!("systemctl --user restart {unit}"))),
            (Self::Multiplexer, _) => ("end its sessions and start it again", None),
            (Self::Editor, _) => ("close it; of a remote editor, kill its server and connect again", None),
            (Self::Notebook, _) => ("restart the server: kernels have what it was started with", None),
            (Self::InvokeAi, _) => {
                ("restart it; an install that was paused goes on with the token that it began with", None)
            }
            (Self::Terminal, _) => ("close all its windows: one process has them all", None),
            (Self::Server | Self::Other, None) => ("restart it", None),
        }
    }
}

/// A process that holds a token.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The process.
    pub process: Process,
    /// What it runs.
    pub kind: Kind,
    /// The variable that holds it.
    pub variable: &'static str,
    /// As huggingface_hub cleans it.
    pub token: Token,
    /// The service of the person's systemd that it belongs to.
    pub unit: Option<String>,
    /// The tmux server that still gives it to new windows.
    pub tmux: Option<Server>,
    /// How many programs below it hold the same.
    pub below: usize,
}

/// The token that an environment gives to huggingface_hub.
fn token(environment: &Environment) -> Option<(&'static str, Token)> {
    [CURRENT, OLD].into_iter().find_map(|name| {
        let token = Token::new(Clean::Hub.apply(environment.get(name)?));
        (!token.bytes().is_empty()).then_some((name, token))
    })
}

/// The programs of the person that run with a token which `is_known` does not know, and will for long.
///
/// Left out: the shell that asks and what stands between; other shells, of which nobody can see what they have now;
/// what a person waits for in the foreground of a terminal, unless it is a kind that stays; containers; a token that a
/// project's own place gives there; what a cured tmux server was once started with. What a program below another holds
/// alike is that one's.
pub fn strangers(state: &State<'_>, is_known: &dyn Fn(Kind, &Token) -> bool) -> Vec<Holder> {
    let system = state.system;
    let all = system.processes();
    let own = processes::own(system);
    // Another of these, in another shell's prompt, is gone before anybody reads of it.
    let this = system.process(None).map(|p| p.name);
    let mut kept: Vec<Holder> = Vec::new();
    for process in all.iter().filter(|p| !own.contains(&p.pid) && Some(&p.name) != this.as_ref()) {
        let Some(environment) = system.environment_of(process.pid) else { continue };
        let Some((variable, token)) = token(&environment).filter(|(_, token)| token.is_shaped()) else { continue };
        let kind = Kind::of(&process.name, &system.command_of(process.pid));
        if kind == Kind::Shell || is_known(kind, &token) {
            continue;
        }
        let details = system.details_of(process.pid);
        if details.contained
            || kind == Kind::Other && details.foreground
            || is_deliberate(system, variable, &environment, &details)
        {
            continue;
        }
        let mut holder =
            Holder { process: process.clone(), kind, variable, token, unit: details.unit, tmux: None, below: 0 };
        if kind == Kind::Tmux && !still_gives(system, &mut holder, &all, is_known) {
            continue;
        }
        kept.push(holder);
    }
    fold(kept, &all)
}

/// Asks a tmux server; where it does not answer, what it was started with counts.
fn still_gives(
    system: &dyn System,
    holder: &mut Holder,
    all: &[Process],
    is_known: &dyn Fn(Kind, &Token) -> bool,
) -> bool {
    let Some(server) = Server::of(system, &holder.process, all) else { return true };
    let Some(given) = server.gives(system) else { return true };
    let Some((_, value)) = given.into_iter().find(|(name, _)| name == holder.variable) else { return false };
    let now = Token::new(Clean::Hub.apply(value.bytes()));
    let strange = now.is_shaped() && !is_known(holder.kind, &now);
    holder.token = now;
    holder.tmux = Some(server);
    strange
}

/// Whether a place of a project's own gives the value there: to judge by what the process was given, and where it runs.
fn is_deliberate(system: &dyn System, variable: &str, environment: &Environment, details: &Details) -> bool {
    let mut changes: Changes = system.vars().into_iter().map(|(name, _)| (name, None)).collect();
    changes.extend(environment.vars().into_iter().map(|(name, value)| (name, Some(value))));
    let mut there = Overlay::new(system, changes);
    if let Some(cwd) = &details.cwd {
        there = there.at(cwd);
    }
    let there = State::new(&there);
    let by_dotenv = || {
        let entry = there.dotenv()?.entries.iter().rfind(|entry| entry.name == variable)?;
        Some(entry.value.as_deref() == environment.get(variable))
    };
    provenance::is_own_to_project(&there, variable) || details.cwd.is_some() && by_dotenv() == Some(true)
}

/// Counts what holds the same token below another with that one.
fn fold(kept: Vec<Holder>, all: &[Process]) -> Vec<Holder> {
    let parent = |pid: u32| all.binary_search_by_key(&pid, |p| p.pid).ok().map(|at| all[at].parent);
    let above = |holder: &Holder| {
        let mut top = None;
        let mut pid = holder.process.pid;
        // No chain is longer, unless the list was taken while it changed.
        for _ in 0..64 {
            let Some(next) = parent(pid) else { break };
            if kept.iter().any(|k| k.process.pid == next && k.token == holder.token) {
                top = Some(next);
            }
            pid = next;
        }
        top
    };
    let tops: Vec<Option<u32>> = kept.iter().map(above).collect();
    let count = |pid: u32| tops.iter().filter(|top| **top == Some(pid)).count();
    let counts: Vec<usize> = kept.iter().map(|k| count(k.process.pid)).collect();
    let mut kept = kept;
    for (holder, below) in kept.iter_mut().zip(counts) {
        holder.below = below;
    }
    kept.into_iter().zip(tops).filter(|(_, top)| top.is_none()).map(|(holder, _)| holder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, command: &[&str]) -> Kind {
        Kind::of(name, &command.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn kinds_by_name_and_command() {
        for (name, command, wanted) in [
            ("tmux: server", &["tmux"][..], Kind::Tmux),
            ("tmux: client", &["tmux", "a"], Kind::Other),
            ("SCREEN", &["SCREEN", "-S", "x"], Kind::Screen),
            ("jupyter-lab", &["/usr/bin/python3", "/v/bin/jupyter-lab"], Kind::Notebook),
            ("python3", &["/v/bin/python3", "/v/bin/jupyter-server", "--port=1"], Kind::Notebook),
            ("python3", &["python3", "-m", "ipykernel_launcher", "-f", "x.json"], Kind::Notebook),
            ("python3", &["python3", "train.py", "--model", "x"], Kind::Other),
            (
                "node",
                &["/home/u/.vscode-server/bin/1/node", "/home/u/.vscode-server/bin/1/out/server-main.js"],
                Kind::Editor,
            ),
            ("node", &["node", "server.js"], Kind::Other),
            ("python3.11", &["/v/bin/python", "/v/bin/invokeai-web"], Kind::InvokeAi),
            ("VLLM::EngineCor", &["VLLM::EngineCore"], Kind::Other),
            ("vllm", &["python", "/v/bin/vllm", "serve"], Kind::Server),
            ("gnome-terminal-", &["/usr/libexec/gnome-terminal-server"], Kind::Terminal),
            ("systemd", &["/lib/systemd/systemd", "--user"], Kind::Session),
            ("emacs-gtk", &["emacs", "--daemon"], Kind::Emacs),
            ("bash", &["-bash"], Kind::Shell),
            ("sleep", &["sleep", "9"], Kind::Other),
        ] {
            assert_eq!(kind(name, command), wanted, "{name}");
        }
    }
}
