//! The shape of what is known about a client: data, which `eval` walks.
//!
//! A [`Client`] has one [`Model`] for each stretch of releases that behave alike; a model is an ordered list of
//! [`Step`]s. A step either decides (a token, anonymous, an error) or leaves the decision to the next one.

use super::clean::Clean;
use super::version::Version;
use crate::state::State;
use crate::system::Changes;

/// One client, with all its releases.
#[derive(Debug)]
pub struct Client {
    /// The name for `--client`, as in the contract.
    pub name: &'static str,
    /// Other names that mean the same.
    pub aliases: &'static [&'static str],
    /// What a person calls it.
    pub title: &'static str,
    /// How an installed copy is recognised.
    pub found: Found,
    /// Ascending by `since`.
    pub models: &'static [Model],
    /// The newest release whose behaviour is known.
    pub newest: Version,
}

/// How an installed copy of a client is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A distribution in the Python environment, by its normalised name.
    Python(&'static str),
    /// A package in `node_modules`, by the names that it has had.
    Node(&'static [&'static str]),
    /// A crate in `Cargo.lock`.
    Crate(&'static str),
    /// Not looked for.
    Nowhere,
}

/// A stretch of releases that behave alike.
#[derive(Debug)]
pub struct Model {
    /// The first release of the stretch.
    pub since: Version,
    /// Where it looks, in order.
    pub steps: &'static [Step],
    /// What can replace its Bearer header on the wire.
    pub wire: Wire,
}

/// What the HTTP library does with other credentials than the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Nothing replaces the header.
    Plain,
    /// What the huggingface_hub beside it does.
    Hub,
    /// Python requests: a netrc entry for the host, else the URL's user part, replaces the header.
    /// Source: requests 2.34.2 `Session.prepare_request`; huggingface_hub up to 0.36.2.
    Requests,
    /// The same for a program that talks to huggingface.co whatever `HF_ENDPOINT` says.
    RequestsToHub,
    /// Inference calls of the huggingface_hub beside it, which go to `router.huggingface.co` whatever `HF_ENDPOINT` says:
    /// with a release on requests, netrc counts for that host.
    Router,
    /// httpx and httpx2: only the URL's user part. httpx below 0.24 also reads netrc, but only where no header is set.
    /// Source: huggingface_hub 1.x with httpx 0.28.1 and 0.23.3, 2.x with httpx2 2.16.2.
    Httpx,
}

/// One place or switch, at its turn.
#[derive(Debug)]
pub enum Step {
    /// Variables that make the import of the library fail.
    Import(&'static [Check]),
    /// A switch that turns the implicit token off.
    Disable {
        /// The variable.
        name: &'static str,
        /// Which of its values count.
        on: Switch,
        /// Whether the token is looked for (and faults are raised) before the switch counts.
        resolves_first: bool,
    },
    /// huggingface_hub 1.19 on: `HF_OIDC_RESOURCE`.
    Oidc,
    /// huggingface_hub 0.12 to 0.19: the legacy file is copied to the new place first.
    LegacyCopy {
        /// Whether a failing copy is raised (0.12 to 0.14) or ignored.
        raises: bool,
        /// Where the copy goes.
        to: HubPath,
    },
    /// Environment variables.
    Env {
        /// In order; the first that is set decides.
        names: &'static [&'static str],
        /// How the bytes of a value become text.
        text: Text,
        /// What counts as set.
        set: Set,
        /// What is done to the value.
        clean: Clean,
        /// What a value means that is blank after cleaning.
        blank: Blank,
    },
    /// A token file.
    File {
        /// Where.
        at: Place,
        /// How bytes become text.
        decode: Decode,
        /// What is done to the text.
        clean: Clean,
        /// What a missing file means.
        missing: Then,
        /// What any other failure means.
        failing: Then,
        /// What a text means that is blank after cleaning.
        blank: Blank,
    },
    /// What the HTTP library makes of the token that was found; must come last.
    Header(Header),
    /// huggingface_hub 1.20 on: once a token came from the file, `stored_tokens` beside it is read.
    StoredTokens {
        /// Whether a file that does not decode is raised.
        decodes: bool,
    },
    /// All that the huggingface_hub beside it does, at its release.
    Hub,
    /// As [`Step::Hub`], but through `get_token()` itself, to which `HF_HUB_DISABLE_IMPLICIT_TOKEN` means nothing.
    GetToken,
    /// Only what the import of the huggingface_hub beside it checks.
    HubImport,
    /// The variables that the program sets or unsets in itself before it reads anything; must come first. All further
    /// steps see the environment that this leaves.
    Within(fn(&State) -> Within),
    /// A place with rules of its own: the function answers.
    Own(fn(&State) -> Answered),
}

/// What a [`Step::Within`] makes of the environment.
#[derive(Debug, Default)]
pub struct Within {
    /// What changes.
    pub changes: Changes,
    /// The place that a variable's new value was taken from, where that is another one.
    pub taken: Vec<(&'static str, crate::finding::Location)>,
}

/// What a [`Step::Own`] found.
#[derive(Debug)]
pub enum Answered {
    /// Nothing: the next step.
    Nothing,
    /// A token.
    Token(super::Candidate),
    /// No token, and no further step is tried.
    Anonymous,
    /// The client raises this class.
    Error(&'static str, Option<crate::finding::Location>),
    /// Another program or the network would have to be asked.
    Unknown,
}

/// A test on a variable at import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Python's `int()` must take the value, if it is set.
    Int(&'static str),
    /// `urllib.parse.urlparse` must take `HF_ENDPOINT` (`http://[::1` fails).
    EndpointParses,
    /// The same, whether staging replaces the endpoint or not (0.28.0).
    EndpointParsesAlways,
    /// A home directory must be known: where `~` stays `~`, `Path.home()` raises RuntimeError (0.10 and 0.11).
    HomeKnown,
    /// The port of `HF_ENDPOINT` must be a number from 0 to 65535.
    EndpointPort,
    /// `EAGER_IMPORT` must be unset or empty: the modules import each other in a circle.
    EagerImport,
    /// What tqdm reads must be numbers (see `tqdm`).
    Tqdm,
}

/// Which values of a switch count as on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// `1`, `ON`, `YES`, `TRUE` in any case (huggingface_hub's `_is_true`).
    True,
    /// Any non-empty UTF-8 value, `0` and `false` too (hf-hub 1.0).
    NonEmpty,
}

/// What counts as set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Present, also when empty.
    Present,
    /// Present and not empty.
    NonEmpty,
}

/// How a variable's bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Any bytes pass (Python's surrogateescape, C, Go).
    Bytes,
    /// What is not UTF-8 counts as not set (Rust's `std::env::var`).
    Utf8,
    /// U+FFFD for what is not UTF-8 (JavaScript).
    Lossy,
}

/// What an HTTP library makes of a token, where it is not simply sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// Rust's `HeaderValue::from_str`, whose failure hf-hub 1.0 passes over in silence: no header goes out.
    RustOrNone,
    /// Chat calls of huggingface_hub 1.0 on, which its own router serves: without a token, or with one that does not begin
    /// with `hf_`, they raise ValueError. Releases before look for a provider first.
    /// Source: `inference/_providers/_common.py`, `_prepare_api_key` and `AutoRouterConversationalTask`. Run: 1.18.0, 2.4.0.
    Router {
        /// Whether the client has looked the model up with the token before, so that one of any kind was sent.
        looked_up: bool,
    },
    /// A ValueError so far is raised as this class. Within a validator of pydantic's a ValidationError, as at the import
    /// of huggingface_hub (run: langchain-huggingface 1.2.3); PydanticAI makes a UserError of it, and says that it does
    /// not know the model (run: 2.68.0).
    Raised(&'static str),
    /// fetch: blanks, tabs and line ends around the whole header value go, then it is sent as Latin-1 where it fits.
    Fetch,
}

/// What a value means of which cleaning leaves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// It is the token: an empty Bearer goes out.
    Sent,
    /// As if it were not there.
    Next,
    /// The search ends without a token.
    Anonymous,
    /// The client raises this class.
    Raises(&'static str),
}

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The next step is tried.
    Next,
    /// The search ends without a token.
    Anonymous,
    /// The client raises what Python's `open` raises.
    Raises,
    /// The search ends without a token where Python's `open` raises; text that does not decode is raised.
    AnonymousOnOsError,
    /// The next step is tried where Python's `open` raises; text that does not decode is raised.
    NextOnOsError,
    /// The client fails with this class.
    Fails(&'static str),
}

/// How the bytes of a file become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decode {
    /// Python's text mode: the interpreter's encoding, strict, and universal newlines.
    Python,
    /// UTF-8 or the read fails (Rust's `read_to_string`).
    Utf8,
    /// UTF-8 with U+FFFD for what is not (JavaScript).
    Lossy,
    /// Bytes.
    Bytes,
}

/// Where a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// huggingface_hub's own rule.
    Hub(HubPath),
    /// A path below the value of a variable; the step is passed over where the variable is not set.
    Var {
        /// The variable.
        name: &'static str,
        /// What counts as set.
        set: Set,
        /// What follows the value, with its slash; may be empty.
        then: &'static str,
        /// What is expanded in the value.
        expand: Expand,
        /// How the bytes of the value become text.
        text: Text,
    },
    /// A path below the home directory.
    Home {
        /// How the client finds home.
        by: Home,
        /// What follows, with its slash.
        then: &'static str,
    },
    /// A path below the current directory.
    Here(&'static str),
}

/// What is expanded in a path variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expand {
    /// Nothing.
    No,
    /// A leading `~` or `~user`, as Python does it.
    Tilde,
    /// Node's `path.join`: `..` is taken away as text, before the kernel sees it.
    NodeJoin,
}

/// How a client finds the home directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// Python's `expanduser("~")`.
    Python,
    /// The crates `dirs` and `home`: HOME if not empty, else the password database.
    Rust,
    /// Node's `os.homedir()`: HOME if set, also when empty, else the password database; then `path.join`.
    Node,
    /// HOME, and `/tmp` where it is not set or not UTF-8 (hf-hub 1.0).
    OrTmp,
    /// HOME only; without it the step is passed over.
    Variable,
}

/// huggingface_hub's token path, by release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubPath {
    /// Up to 0.11: `~/.huggingface/token`, nothing configures it.
    Legacy,
    /// 0.12 to 0.18: `HF_HOME`, `XDG_CACHE_HOME`, with `~`.
    Home,
    /// 0.19 to 0.22: as before; staging has a place of its own.
    Staging,
    /// 0.23 to 0.29: `HF_TOKEN_PATH` first, taken literally.
    TokenPath,
    /// 0.30 on: `~` and `$VAR` in all of them.
    Expanded,
}
