//! `hflint verify`: which of the tokens here are alive. The person's own tool asks the hub; hflint opens no socket.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exec::{netrc, nowhere, prepare};
use super::fix::agreed;
use super::{Error, Format, Global, Outcome, print, trouble};
use crate::child::{Given, child};
use crate::clients::endpoint;
use crate::clients::version::Version;
use crate::explain::{Told, told};
use crate::finding::Location;
use crate::map::map;
use crate::output::{sanitize, verify as shown};
use crate::secret::Token;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::state::packages::Found;
use crate::state::record::verified::{plain, remember};
use crate::state::record::{self, Place, Sighting, What};
use crate::system::recorded::Recorded;
use crate::system::{Kind, System};

/// Options of `verify`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// only the token of this variable, file or stored name; named, also one that stands in a project's file alone
    #[arg(value_name = "TOKEN")]
    pub which: Vec<OsString>,
    /// send without asking
    #[arg(long)]
    pub yes: bool,
}

/// How long a tool may take for one token, in seconds: its own retries on a slow line included.
const PATIENCE: u64 = 60;
/// The release that brought `hf`; before it is `huggingface-cli`.
const BROUGHT_HF: Version = Version::first_of(0, 34, 0);

/// One token, with all places where it stands.
pub(crate) struct Asked {
    pub(crate) token: Token,
    /// The place, and what it is called there.
    pub(crate) places: Vec<(Location, Option<String>)>,
    /// What came of it; `None` where it was not asked about.
    pub(crate) answer: Option<Told>,
}

pub(super) fn run(options: &Options, global: &Global, system: &dyn System) -> Outcome {
    let once = Recorded::new(system);
    let config = global.load(&once, crate::config::Overrides::default())?;
    let snapshot = Snapshot::new(State::new(&once)).with_config(config);
    let (mut asked, left_out) = choose(options, &snapshot)?;
    let home = snapshot.state.var("HOME");
    if !left_out.is_empty() && !global.quiet && global.format == Format::Text {
        let list: Vec<String> = left_out.iter().map(|at| shown::place(at, home.as_deref())).collect();
        trouble(&format!("left out, since it stands in a project's file alone: {}", list.join(", ")));
    }
    if asked.is_empty() {
        print(&match global.format {
            Format::Json => shown::json("", &[])?,
            Format::Text => "no token to ask about\n".to_owned(),
        })?;
        return Ok(0);
    }
    let endpoint = plain(&endpoint::hub(system, snapshot.hub_version()));
    let command = tool(&snapshot).ok_or_else(|| {
        Error::Usage(
            "neither `hf` nor `huggingface-cli` is on PATH or in the environment here: hflint itself asks nobody; \
             'pip install huggingface_hub' brings it"
                .to_owned(),
        )
    })?;
    if !options.yes {
        let asks = global.format == Format::Text && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let tokens = if asked.len() == 1 { "1 token".to_owned() } else { format!("{} tokens", asked.len()) };
        let names: Vec<String> = asked.iter().map(|a| shown::name(a, home.as_deref())).collect();
        let what = format!(
            "{tokens} to {} through {}: {}",
            sanitize::line(&endpoint),
            sanitize::path(Path::new(&command[0]), home.as_deref()),
            names.join("; ")
        );
        if !asks {
            trouble(&format!("nobody can be asked here: hflint verify --yes sends {what}; nothing was sent"));
            return Ok(1);
        }
        if !agreed(&format!("send {what}?"), system)? {
            trouble("nothing was sent");
            return Ok(1);
        }
    }
    for one in &mut asked {
        one.answer = Some(ask(&command, &one.token, &snapshot, system));
    }
    let answers: Vec<(&Token, bool, Option<String>)> = asked
        .iter()
        .filter_map(|a| match &a.answer {
            Some(Told::Alive { user, .. }) => Some((&a.token, true, user.clone())),
            Some(Told::Dead { .. }) => Some((&a.token, false, None)),
            _ => None,
        })
        .collect();
    if !answers.is_empty() {
        remember(system, &endpoint, &answers).map_err(|(path, why)| {
            Error::Usage(format!("what the hub said cannot be written down: {}: {why}", sanitize::path(&path, None)))
        })?;
        note(system, &endpoint, &asked, &answers);
    }
    print(&match global.format {
        Format::Json => shown::json(&endpoint, &asked)?,
        Format::Text => shown::text(&endpoint, &asked, home.as_deref()),
    })?;
    Ok(u8::from(asked.iter().any(|a| !matches!(a.answer, Some(Told::Alive { .. })))))
}

/// Writes down where the tokens stand that the hub was asked about, and what it said of them.
fn note(system: &dyn System, endpoint: &str, asked: &[Asked], answers: &[(&Token, bool, Option<String>)]) {
    let place = |one: &Asked| -> Vec<Sighting> {
        let places = one.places.iter().filter_map(|(at, name)| Place::of(at, name.as_deref()));
        places.map(|place| Sighting { token: one.token.clone(), place }).collect()
    };
    record::observe(system, &asked.iter().flat_map(place).collect::<Vec<_>>());
    // The answers themselves are kept already: a record without them is no failure.
    let _ = record::note(system, &|named| {
        let what = |(token, alive, user): &(&Token, bool, Option<String>)| {
            What::answer(named, token, endpoint, (*alive, user.as_deref()))
        };
        answers.iter().map(what).collect()
    });
}

/// The tokens to ask about, each once, and the places that were left out.
fn choose(options: &Options, snapshot: &Snapshot<'_>) -> Result<(Vec<Asked>, Vec<Location>), Error> {
    let state = &snapshot.state;
    let mut asked: Vec<Asked> = Vec::new();
    let mut left_out: Vec<Location> = Vec::new();
    let mut met = vec![false; options.which.len()];
    for entry in map(snapshot) {
        // What is no token is told by HF202; the hub need not see it.
        if !entry.token.is_shaped() {
            continue;
        }
        let named = options.which.iter().position(|w| is(w, &entry.source, entry.name.as_deref(), snapshot));
        if let Some(index) = named {
            met[index] = true;
        } else if !options.which.is_empty() {
            continue;
        } else if is_of_project(&entry.source, state) {
            left_out.push(entry.source);
            continue;
        }
        let place = (entry.source, entry.name);
        match asked.iter_mut().find(|a| a.token == entry.token) {
            Some(known) => known.places.push(place),
            None => asked.push(Asked { token: entry.token, places: vec![place], answer: None }),
        }
    }
    // The same token in a place of the person's own is asked about all the same.
    if let Some(index) = met.iter().position(|m| !m) {
        let typed = sanitize::line(&sanitize::bytes(options.which[index].as_encoded_bytes()));
        return Err(Error::Usage(format!(
            "no token of the name '{typed}' here: a variable, a file or a stored name is meant ('hflint status --all' shows them)"
        )));
    }
    Ok((asked, left_out))
}

/// Whether what was typed means this place.
fn is(typed: &OsStr, source: &Location, name: Option<&str>, snapshot: &Snapshot<'_>) -> bool {
    let text = typed.to_str();
    match source {
        Location::Variable { name } => text == Some(name),
        other => {
            text.is_some() && text == name
                || other.path().is_some_and(|p| {
                    p == Path::new(typed)
                        || crate::system::path::absolute(snapshot.state.system, Path::new(typed)) == *p
                })
        }
    }
}

/// Whether a place is a file of the project here, which its author may have written.
fn is_of_project(source: &Location, state: &State<'_>) -> bool {
    let Some(path) = source.path() else { return false };
    let dotenv = state.dotenv().is_some_and(|d| d.path == *path);
    let remote = || state.git().embedded(state).iter().any(|r| r.source == *source);
    // `HF_HOME=''` and kin: whatever lies in the directory one stands in is taken for the login.
    let here = || state.system.cwd().is_some_and(|cwd| path.parent() == Some(cwd.as_path()));
    dotenv || here() || remote()
}

/// The person's own tool, with what makes it say whose a token is: of the environment in use first, then along PATH.
fn tool(snapshot: &Snapshot<'_>) -> Option<Vec<OsString>> {
    let state = &snapshot.state;
    // A `.venv` that merely lies here or above is the project's: its programs would be handed the token.
    let python = state.packages().python.as_ref().filter(|p| p.by != Found::Upward);
    let version = python.and_then(|p| p.packages.iter().find(|p| p.name == "huggingface-hub")).map(|p| p.version);
    let own = python.filter(|_| version.is_some()).map(|p| p.prefix.join("bin"));
    let path = state.var("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = own.iter().cloned().chain(std::env::split_paths(&path)).collect();
    let found = |name: &str, dirs: &[PathBuf]| {
        dirs.iter()
            .filter(|d| d.is_absolute())
            .map(|d| d.join(name))
            .find(|p| state.system.stat(p).is_ok_and(|s| s.kind == Kind::File && s.mode & 0o111 != 0))
    };
    let words = |program: PathBuf, words: &[&str]| -> Vec<OsString> {
        std::iter::once(program.into_os_string()).chain(words.iter().map(OsString::from)).collect()
    };
    if let Some(hf) = found("hf", &dirs) {
        return Some(words(hf, &["auth", "whoami"]));
    }
    // From 1.11 on `huggingface-cli` is there and does nothing.
    if let Some(old) =
        found("huggingface-cli", &dirs).filter(|_| version.is_none_or(|v| v < Version::first_of(1, 11, 0)))
    {
        return Some(words(old, &["whoami"]));
    }
    // An environment whose scripts were not installed: its interpreter, if it has the package, which is not looked for in
    // the current directory (-I).
    let interpreter = found("python3", &own.into_iter().collect::<Vec<_>>()).or_else(|| found("python", &dirs))?;
    Some(match version? {
        v if v < BROUGHT_HF => words(interpreter, &["-I", "-m", "huggingface_hub.commands.huggingface_cli", "whoami"]),
        _ => words(interpreter, &["-I", "-m", "huggingface_hub.cli.hf", "auth", "whoami"]),
    })
}

/// Has the tool ask about one token, in an environment that holds just that one.
fn ask(command: &[OsString], token: &Token, snapshot: &Snapshot<'_>, system: &dyn System) -> Told {
    let unknown = |why: String| Told::Unknown { why };
    let Ok(nowhere) = nowhere(system) else { return unknown("no home directory is known".to_owned()) };
    let given = Given { token: Some(token.clone()), ..Given::default() };
    let child = child(snapshot, &given, &nowhere);
    let mut changes = child.changes.clone();
    if let Err(why) = prepare(&child, system) {
        return unknown(why);
    }
    netrc(&child.netrc, &mut changes, system);
    // Nothing but the question: no colours to read, no news of releases.
    for (name, value) in [
        ("NO_COLOR", "1"),
        ("HF_HUB_DISABLE_TELEMETRY", "1"),
        ("HF_HUB_DISABLE_UPDATE_CHECK", "1"),
        ("PYTHONWARNINGS", "ignore"),
    ] {
        changes.insert(name.into(), Some(value.into()));
    }
    let answer = match system.ask(command, &changes, PATIENCE) {
        Ok((success, text)) => told(success, &text),
        Err(why) if why.kind() == std::io::ErrorKind::TimedOut => {
            unknown(format!("no answer within {PATIENCE} seconds"))
        }
        Err(why) => unknown(format!("the tool cannot be run: {}", crate::fix::journal::reason(&why))),
    };
    if let Some((dir, _)) = &child.directory {
        let _ = system.destroy(dir);
    }
    answer
}
