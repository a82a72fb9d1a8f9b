//! `hflint exec`: becomes a command that has exactly one credential, or none.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Error, Global, Outcome};
use crate::child::{Child, Given, Netrc, child, token_of};
use crate::clients::Outcome as Sent;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::HubPath;
use crate::clients::paths;
use crate::finding::Location;
use crate::nearest::did_you_mean;
use crate::output::sanitize;
use crate::snapshot::Snapshot;
use crate::state::isolation::{self, Binding, Here};
use crate::state::{State, stored_tokens};
use crate::system::overlay::Overlay;
use crate::system::recorded::Recorded;
use crate::system::{Changes, Kind, System};

/// Options of `exec`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// the credential of this isolated project
    #[arg(long, value_name = "DIR", group = "whose")]
    pub project: Option<PathBuf>,
    /// this profile of `hflint fix isolate`, or the stored token of this name (`hf auth list`)
    #[arg(long, value_name = "NAME", group = "whose")]
    pub profile: Option<String>,
    /// no credential at all
    #[arg(long, group = "whose")]
    pub anonymous: bool,
    /// when the command fails, explain what it said on its standard error, which is passed through
    #[arg(long)]
    pub explain: bool,
    /// what to run, with its arguments; without a selector it has this project's isolation, else what huggingface_hub
    /// would send
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// A status of the shells': the command is not there.
const NOT_FOUND: u8 = 127;
/// A status of the shells': ended by Ctrl-C.
const INTERRUPTED: u8 = 130;
/// How much of what a command said last is kept: an error with its traceback, and what led to it.
const TAIL: usize = 1024 * 1024;
/// A status of the shells': it is there, and cannot be run.
const NOT_EXECUTABLE: u8 = 126;

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let once = Recorded::new(system);
    let snapshot = Snapshot::new(State::new(&once));
    let (given, title) = choose(options, &snapshot)?;
    let nowhere = nowhere(system)?;
    let child = child(&snapshot, &given, &nowhere);
    let mut changes = child.changes.clone();
    prepare(&child, system).map_err(Error::Usage)?;
    netrc(&child.netrc, &mut changes, system);
    let say = |text: String| {
        let _ = writeln!(anstream::stderr(), "hflint: {}", sanitize::line(&text));
    };
    for line in &child.defeated {
        say(line.clone());
    }
    if global.verbose {
        say(title);
    }
    let program = options.command.first().cloned().unwrap_or_default();
    let failed = if options.explain {
        match system.watch(&options.command, &changes, TAIL) {
            Ok((code, said)) => {
                explained(code, &said, &changes, global, system);
                if let Some((dir, _)) = &child.directory {
                    let _ = system.destroy(dir);
                }
                return Ok(code);
            }
            Err(failed) => failed,
        }
    } else {
        system.exec(&options.command, &changes)
    };
    // The kernel says "not found" of a script whose interpreter is missing too.
    let there = found(&program, system);
    let missing = failed.kind() == std::io::ErrorKind::NotFound && !there;
    say(format!("{}: {}", sanitize::bytes(program.as_encoded_bytes()), reason(&failed, there)));
    Ok(if missing { NOT_FOUND } else { NOT_EXECUTABLE })
}

/// Explains why a command failed, against the state that it had. Nothing is said where nothing is known, nor where the
/// person ended it.
fn explained(code: u8, said: &[u8], changes: &Changes, global: &Global, system: &dyn System) {
    if matches!(code, 0 | INTERRUPTED) {
        return;
    }
    let there = Overlay::new(system, changes.clone());
    let once = Recorded::new(&there);
    let snapshot = Snapshot::new(State::new(&once));
    let explained = crate::explain::explain(said, &snapshot);
    if !explained.causes.is_empty() {
        let text = crate::output::explain::text(&explained, &snapshot.state, global.verbose);
        let _ = write!(anstream::stderr(), "\nhflint explains:\n{text}");
    }
}

fn reason(failed: &std::io::Error, there: bool) -> &'static str {
    use std::io::ErrorKind as K;
    match failed.kind() {
        K::NotFound if there => "cannot be run: its interpreter is missing",
        K::NotFound => "command not found",
        K::PermissionDenied => "cannot be run: permission denied",
        K::ArgumentListTooLong => "cannot be run: the argument list is too long",
        K::InvalidInput => "cannot be run: an argument holds a NUL",
        _ => "cannot be run",
    }
}

/// Whether a command is there, as a path or along PATH.
fn found(program: &OsString, system: &dyn System) -> bool {
    let is_file = |path: &Path| system.stat(path).is_ok_and(|s| s.kind != Kind::Dir);
    let bytes = program.as_encoded_bytes();
    if bytes.contains(&b'/') {
        return system.stat(Path::new(program)).is_ok();
    }
    let path = system.var("PATH").unwrap_or_default();
    !bytes.is_empty() && std::env::split_paths(&path).any(|dir| is_file(&dir.join(program)))
}

/// The credential that was asked for, and what it is called.
fn choose(options: &Options, snapshot: &Snapshot<'_>) -> Result<(Given, String), Error> {
    let system = snapshot.state.system;
    if options.anonymous {
        return Ok((Given::default(), "no credential".to_owned()));
    }
    if let Some(name) = &options.profile {
        return profile(name, snapshot);
    }
    let here = match &options.project {
        None => snapshot.state.isolation().clone(),
        Some(dir) => {
            let shown = sanitize::bytes(dir.as_os_str().as_encoded_bytes());
            let real = system.canonical(dir).filter(|real| system.stat(real).is_ok_and(|s| s.kind == Kind::Dir));
            let real = real.ok_or_else(|| Error::Usage(format!("{shown}: no such directory")))?;
            match isolation::at_path(system, &real) {
                Here::Nothing => {
                    return Err(Error::Usage(format!("{shown} is not isolated: run 'hflint fix isolate' there first")));
                }
                here => here,
            }
        }
    };
    match here {
        Here::Project(binding) => isolated(&binding, system),
        Here::Broken(binding, why, dir) => Err(Error::Usage(format!(
            "{}: {}; 'hflint fix isolate --rebind' binds it again",
            sanitize::bytes(dir.as_os_str().as_encoded_bytes()),
            why.words(&binding)
        ))),
        Here::Nothing => ambient(snapshot),
    }
}

/// A project's own credential, or its profile's.
fn isolated(binding: &Binding, system: &dyn System) -> Result<(Given, String), Error> {
    let (Some(home), Some(file)) = (binding.credentials(system), binding.token(system)) else {
        return Err(Error::Usage("no home directory is known".to_owned()));
    };
    let token = read(&file, system)?;
    let of = binding.profile.as_ref().map_or_else(|| binding.root.clone(), PathBuf::from);
    let title = title(token.as_ref(), &format!("isolation of {}", sanitize::bytes(of.as_os_str().as_encoded_bytes())));
    Ok((Given { token, file: Some(file), home: Some(home), cache: binding.cache.clone() }, title))
}

fn title(token: Option<&crate::secret::Token>, from: &str) -> String {
    match token {
        Some(token) => format!("sends {} ({from})", token.masked()),
        None => format!("no credential yet ({from})"),
    }
}

fn read(file: &Path, system: &dyn System) -> Result<Option<crate::secret::Token>, Error> {
    token_of(system, file)
        .map_err(|why| Error::Usage(format!("{}: {why}", sanitize::bytes(file.as_os_str().as_encoded_bytes()))))
}

/// hflint's own profile of a name, else the login that `hf auth list` shows under it.
fn profile(name: &str, snapshot: &Snapshot<'_>) -> Result<(Given, String), Error> {
    let system = snapshot.state.system;
    let home = isolation::base(system)
        .filter(|_| isolation::is_profile_name(name))
        .map(|base| base.join(isolation::profile_directory(name)))
        .filter(|home| system.stat(home).is_ok_and(|s| s.kind == Kind::Dir));
    if let Some(home) = home {
        let file = home.join("token");
        let token = read(&file, system)?;
        let title = title(token.as_ref(), &format!("profile {}", sanitize::line(name)));
        return Ok((Given { token, file: Some(file), home: Some(home), cache: None }, title));
    }
    let path = paths::hub_stored_tokens(system, HubPath::Expanded);
    let stored = stored_tokens::read(&snapshot.state, &path, HUGGINGFACE_HUB.newest);
    let tokens = stored.iter().flat_map(|s| &s.tokens);
    if let Some(found) = tokens.clone().find(|s| s.name == name && !s.token.bytes().is_empty()) {
        let title = title(Some(&found.token), &format!("stored token {}", sanitize::line(name)));
        return Ok((Given { token: Some(found.token.clone()), ..Given::default() }, title));
    }
    let profiles = isolation::profiles(system);
    let names = tokens.map(|s| s.name.as_str()).chain(profiles.iter().map(String::as_str));
    let hint = did_you_mean(name, names);
    Err(Error::Usage(format!(
        "no profile and no stored token of the name '{}'{hint} ('hf auth list' shows the stored ones)",
        crate::secret::mask_text(&sanitize::line(name))
    )))
}

/// What huggingface_hub would send.
fn ambient(snapshot: &Snapshot<'_>) -> Result<(Given, String), Error> {
    let hub = snapshot.hub_or_newest();
    let from = hub.answer.source.as_ref();
    let name = |at: Option<&Location>| match at {
        Some(Location::Variable { name }) => name.clone(),
        Some(at) => at.path().map(|p| sanitize::bytes(p.as_os_str().as_encoded_bytes())).unwrap_or_default(),
        None => String::new(),
    };
    match &hub.answer.outcome {
        Sent::Token(token) => {
            // A variable's own file does not count: the token does not come from there.
            let file = from.and_then(Location::path).map(Path::to_owned);
            let title = title(Some(token), &name(from));
            Ok((Given { token: Some(token.clone()), file, ..Given::default() }, title))
        }
        Sent::Anonymous => Ok((Given::default(), "no credential: huggingface_hub finds none here".to_owned())),
        Sent::Error(class) => Err(Error::Usage(format!(
            "huggingface_hub {} raises {class} here ({}): name a credential with --project or --profile, or none with \
             --anonymous",
            hub.instance.version,
            name(from)
        ))),
        Sent::Unknown => Err(Error::Usage(
            "huggingface_hub would ask the network for a token here (HF_OIDC_RESOURCE): name a credential with \
             --project or --profile, or none with --anonymous"
                .to_owned(),
        )),
    }
}

/// A directory that only this process knows of: not made before it is needed. Those of processes that ended are taken
/// away, with what their programs may have left in them.
pub(super) fn nowhere(system: &dyn System) -> Result<PathBuf, Error> {
    let base = isolation::base(system).ok_or_else(|| Error::Usage("no home directory is known".to_owned()))?;
    let all = base.join("exec");
    for name in system.list(&all).unwrap_or_default() {
        let pid = name.to_str().and_then(|n| n.split_once('-')).and_then(|(pid, _)| pid.parse().ok());
        if pid.is_some_and(|pid: u32| !system.is_running(pid)) {
            let _ = system.destroy(&all.join(&name));
        }
    }
    let (seconds, nanos) = system.now_ns();
    Ok(all.join(format!("{}-{seconds}{nanos:09}", std::process::id())))
}

pub(super) fn prepare(child: &Child, system: &dyn System) -> Result<(), String> {
    let Some((dir, links)) = &child.directory else { return Ok(()) };
    let failed =
        |why: &dyn std::fmt::Display| format!("{}: {why}", sanitize::bytes(dir.as_os_str().as_encoded_bytes()));
    system.make_own_dir(dir, links).map_err(|why| failed(&why))?;
    if child.empty_token {
        system.store(&dir.join("token"), b"", None).map_err(|why| failed(&why))?;
    }
    Ok(())
}

pub(super) fn netrc(netrc: &Netrc, changes: &mut Changes, system: &dyn System) {
    let file = match netrc {
        Netrc::Kept => return,
        Netrc::Empty => None,
        Netrc::Others(bytes) => system.hold(bytes),
    };
    let file = file.unwrap_or_else(|| PathBuf::from("/dev/null"));
    changes.insert("NETRC".into(), Some(file.into()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::model::{Place, Step};
    use crate::clients::{Instance, all, resolve};
    use crate::rules::testing::token;
    use crate::secret::Token;
    use crate::system::fake::Fake;

    /// Clients with a file of their own that no variable moves: what `exec` can only say. git-lfs 3.3.0 reads
    /// `~/.netrc` where the Authorization header of git's configuration is empty (run).
    const FIXED: [&str; 5] = ["curl", "wget", "aria2", "hfd", "git-lfs"];

    /// The same for the places of the tables: a file below the home directory.
    fn is_fixed(instance: &Instance, at: Option<&Location>) -> bool {
        let below_home =
            |step: &Step| matches!(step, Step::File { at: Place::Home { .. } | Place::Hub(HubPath::Legacy), .. });
        let cache = at
            .and_then(Location::path)
            .is_some_and(|p| p.ends_with("huggingface/token") || p.ends_with(".huggingface/token"));
        cache && instance.steps().iter().any(|step| below_home(step))
    }

    fn machine() -> Fake {
        let b = token('B');
        let names = crate::state::variables::ALL.iter().map(|v| v.name);
        let fake = names.fold(Fake::home(), |fake, name| fake.var(name, &b));
        fake.var("HF_USER", "u")
            .var("HF_ENDPOINT", format!("https://u:{b}@huggingface.co"))
            .file("/home/u/.cache/huggingface/token", &b)
            .file("/home/u/.netrc", format!("machine huggingface.co login u password {b}\n"))
            .file("/home/u/.gitconfig", "[credential]\n\thelper = store\n")
            .file("/home/u/.git-credentials", format!("https://u:{b}@huggingface.co\n"))
            .file("/home/u/.config/comfy-cli/config.ini", format!("[DEFAULT]\nhf_api_token = {b}\n"))
    }

    fn others(given: &Given) -> Vec<String> {
        let fake = machine();
        let snapshot = Snapshot::new(State::new(&fake));
        let child = child(&snapshot, given, Path::new("/home/u/.local/share/hflint/isolated/exec/1-1"));
        let mut changes = child.changes;
        changes.insert("NETRC".into(), Some("/dev/null".into()));
        let over = Overlay::new(&fake, changes);
        let state = State::new(&over);
        let mut out = Vec::new();
        for client in all() {
            for model in client.models {
                let instance = Instance::new(client, model.since);
                let answer = resolve(&state, &instance);
                let sent = answer.outcome.token().filter(|t| !t.is_blank());
                let other = sent.is_some_and(|sent| Some(sent) != given.token.as_ref());
                if other && !is_fixed(&instance, answer.source.as_ref()) || answer.overridden_by.is_some() {
                    out.push(format!("{}@{}", client.name, model.since));
                }
            }
        }
        out.retain(|name| !FIXED.contains(&name.split('@').next().unwrap_or_default()));
        out
    }

    /// Of all releases of all clients, on a machine where every place holds another token.
    #[test]
    fn no_client_sends_another_credential() {
        let one = Given { token: Some(Token::new(token('A').into_bytes())), ..Given::default() };
        assert_eq!(others(&one), Vec::<String>::new());
        assert_eq!(others(&Given::default()), Vec::<String>::new());
    }
}
