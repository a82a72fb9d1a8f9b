//! huggingface_hub, all releases.
//!
//! Source: the code of all releases from 0.0.1 to 2.4.0, run by `tests/parity`; the boundaries are those that the
//! runs showed. Each model names what is new in it.

use super::clean::Clean;
use super::model::{Blank, Check, Client, Decode, Found, HubPath, Model, Place, Set, Step, Switch, Text, Then, Wire};
use super::version::Version;

/// The Python library, the `hf` command, and whatever builds on them.
pub static HUGGINGFACE_HUB: Client = Client {
    name: "huggingface_hub",
    aliases: &["huggingface-hub", "python-huggingface-hub"],
    title: "huggingface_hub",
    found: Found::Python("huggingface-hub"),
    newest: Version::new(2, 4, 0),
    models: MODELS,
};

/// Any value of the old name counts, even an empty one; sent as it is.
const OLD_NAME: Step = Step::Env {
    names: &["HUGGING_FACE_HUB_TOKEN"],
    text: Text::Bytes,
    set: Set::Present,
    clean: Clean::Raw,
    blank: Blank::Sent,
};
/// `HF_TOKEN or HUGGING_FACE_HUB_TOKEN` on the raw values, cleaned afterwards: a blank that is not empty hides the
/// old name and is then nothing.
const EITHER_NAME: Step = Step::Env {
    names: &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
    text: Text::Bytes,
    set: Set::NonEmpty,
    clean: Clean::Hub,
    blank: Blank::Next,
};
/// The environment switch, asked only once the token was looked for.
const IMPLICIT_LATE: Step =
    Step::Disable { name: "HF_HUB_DISABLE_IMPLICIT_TOKEN", on: Switch::True, resolves_first: true };
/// 1.20 on: asked first.
const IMPLICIT_FIRST: Step =
    Step::Disable { name: "HF_HUB_DISABLE_IMPLICIT_TOKEN", on: Switch::True, resolves_first: false };

const fn file(at: HubPath, clean: Clean, blank: Blank) -> Step {
    Step::File { at: Place::Hub(at), decode: Decode::Python, clean, missing: Then::Next, failing: Then::Raises, blank }
}

/// What the import reads with `int()`.
const ETAG: Check = Check::Int("HF_HUB_ETAG_TIMEOUT");
const DOWNLOAD: Check = Check::Int("HF_HUB_DOWNLOAD_TIMEOUT");
/// 0.13 to 0.36.
const SYMLINKS: Check = Check::Int("HF_HUB_LOCAL_DIR_AUTO_SYMLINK_THRESHOLD");

/// tqdm is imported with all releases but 0.8, which leaves that to what shows a bar. Where a circle of imports breaks
/// hangs on Python's hash seed: before or after that.
const TQDM: Step = Step::Import(&[Check::Tqdm]);
/// 0.8 to 0.22: whatever else is set, the circle of imports comes first.
const CIRCLE: Step = Step::Import(&[Check::EagerImport]);
const EAGER: Step = Step::Import(&[Check::Tqdm, Check::EagerImport]);
/// 0.10 and 0.11: `Path("~/.huggingface/token").expanduser()` at import.
const EAGER_HOME: Step = Step::Import(&[Check::Tqdm, Check::EagerImport, Check::HomeKnown]);
const EAGER_SYMLINKS: Step = Step::Import(&[Check::Tqdm, Check::EagerImport, SYMLINKS]);
const EAGER_NUMBERS: Step = Step::Import(&[Check::Tqdm, Check::EagerImport, ETAG, DOWNLOAD, SYMLINKS]);
const NUMBERS: Step = Step::Import(&[Check::Tqdm, ETAG, DOWNLOAD, SYMLINKS]);
const NUMBERS_AND_ENDPOINT: Step = Step::Import(&[Check::Tqdm, Check::EndpointParsesAlways, ETAG, DOWNLOAD, SYMLINKS]);
const TIMEOUTS: Step = Step::Import(&[Check::Tqdm, ETAG, DOWNLOAD]);
const TIMEOUTS_AND_ENDPOINT: Step = Step::Import(&[Check::Tqdm, Check::EndpointParses, ETAG, DOWNLOAD]);
const TIMEOUTS_AND_PORT: Step =
    Step::Import(&[Check::Tqdm, Check::EndpointParses, ETAG, DOWNLOAD, Check::EndpointPort]);

const FILE_EXPANDED: Step = file(HubPath::Expanded, Clean::Hub, Blank::Next);
const FILE_TOKEN_PATH: Step = file(HubPath::TokenPath, Clean::Hub, Blank::Next);

const MODELS: &[Model] = &[
    // Only the legacy file, as it is.
    Model {
        since: Version::first_of(0, 0, 1),
        wire: Wire::Requests,
        steps: &[TQDM, file(HubPath::Legacy, Clean::Raw, Blank::Sent)],
    },
    // The first environment name.
    Model {
        since: Version::first_of(0, 6, 0),
        wire: Wire::Requests,
        steps: &[TQDM, OLD_NAME, file(HubPath::Legacy, Clean::Raw, Blank::Sent)],
    },
    // An import in a circle, where modules are asked for at once; tqdm only with what shows a bar.
    Model {
        since: Version::first_of(0, 8, 0),
        wire: Wire::Requests,
        steps: &[CIRCLE, OLD_NAME, file(HubPath::Legacy, Clean::Raw, Blank::Sent)],
    },
    Model {
        since: Version::first_of(0, 9, 0),
        wire: Wire::Requests,
        steps: &[EAGER, OLD_NAME, file(HubPath::Legacy, Clean::Raw, Blank::Sent)],
    },
    // Every call sends the token by itself, unless that is switched off.
    Model {
        since: Version::first_of(0, 10, 0),
        wire: Wire::Requests,
        steps: &[EAGER_HOME, IMPLICIT_LATE, OLD_NAME, file(HubPath::Legacy, Clean::Raw, Blank::Sent)],
    },
    // HF_HOME; the legacy file is copied there, and a failing copy is raised.
    Model {
        since: Version::first_of(0, 12, 0),
        wire: Wire::Requests,
        steps: &[
            EAGER,
            IMPLICIT_LATE,
            Step::LegacyCopy { raises: true, to: HubPath::Home },
            OLD_NAME,
            file(HubPath::Home, Clean::Raw, Blank::Sent),
        ],
    },
    // The first number that is read at import.
    Model {
        since: Version::first_of(0, 13, 0),
        wire: Wire::Requests,
        steps: &[
            EAGER_SYMLINKS,
            IMPLICIT_LATE,
            Step::LegacyCopy { raises: true, to: HubPath::Home },
            OLD_NAME,
            file(HubPath::Home, Clean::Raw, Blank::Sent),
        ],
    },
    // A failing copy is ignored.
    Model {
        since: Version::first_of(0, 15, 0),
        wire: Wire::Requests,
        steps: &[
            EAGER_SYMLINKS,
            IMPLICIT_LATE,
            Step::LegacyCopy { raises: false, to: HubPath::Home },
            OLD_NAME,
            file(HubPath::Home, Clean::Raw, Blank::Sent),
        ],
    },
    // Values are cleaned; an empty one is still sent.
    Model {
        since: Version::first_of(0, 17, 0),
        wire: Wire::Requests,
        steps: &[
            EAGER_SYMLINKS,
            IMPLICIT_LATE,
            Step::LegacyCopy { raises: false, to: HubPath::Home },
            Step::Env {
                names: &["HUGGING_FACE_HUB_TOKEN"],
                text: Text::Bytes,
                set: Set::Present,
                clean: Clean::Hub,
                blank: Blank::Sent,
            },
            file(HubPath::Home, Clean::Hub, Blank::Sent),
        ],
    },
    // HF_TOKEN; staging has a token file of its own; the timeouts are read at import.
    Model {
        since: Version::first_of(0, 19, 0),
        wire: Wire::Requests,
        steps: &[
            EAGER_NUMBERS,
            IMPLICIT_LATE,
            Step::LegacyCopy { raises: false, to: HubPath::Staging },
            Step::Env {
                names: &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
                text: Text::Bytes,
                set: Set::Present,
                clean: Clean::Hub,
                blank: Blank::Sent,
            },
            file(HubPath::Staging, Clean::Hub, Blank::Sent),
        ],
    },
    // An empty token is no token; the legacy file is no longer looked at.
    Model {
        since: Version::first_of(0, 20, 0),
        wire: Wire::Requests,
        steps: &[EAGER_NUMBERS, IMPLICIT_LATE, EITHER_NAME, file(HubPath::Staging, Clean::Hub, Blank::Next)],
    },
    // HF_TOKEN_PATH, taken literally.
    Model {
        since: Version::first_of(0, 23, 0),
        wire: Wire::Requests,
        steps: &[NUMBERS, IMPLICIT_LATE, EITHER_NAME, FILE_TOKEN_PATH],
    },
    // 0.28.0 alone parses the endpoint at import.
    Model {
        since: Version::first_of(0, 28, 0),
        wire: Wire::Requests,
        steps: &[NUMBERS_AND_ENDPOINT, IMPLICIT_LATE, EITHER_NAME, FILE_TOKEN_PATH],
    },
    Model {
        since: Version::first_of(0, 28, 1),
        wire: Wire::Requests,
        steps: &[NUMBERS, IMPLICIT_LATE, EITHER_NAME, FILE_TOKEN_PATH],
    },
    // `~` and `$VAR` in the paths.
    Model {
        since: Version::first_of(0, 30, 0),
        wire: Wire::Requests,
        steps: &[NUMBERS, IMPLICIT_LATE, EITHER_NAME, FILE_EXPANDED],
    },
    // httpx in place of requests: netrc no longer counts.
    Model {
        since: Version::first_of(1, 0, 0),
        wire: Wire::Httpx,
        steps: &[TIMEOUTS, IMPLICIT_LATE, EITHER_NAME, FILE_EXPANDED],
    },
    // The endpoint is parsed at import.
    Model {
        since: Version::first_of(1, 18, 0),
        wire: Wire::Httpx,
        steps: &[TIMEOUTS_AND_ENDPOINT, IMPLICIT_LATE, EITHER_NAME, FILE_EXPANDED],
    },
    // OIDC before everything.
    Model {
        since: Version::first_of(1, 19, 0),
        wire: Wire::Httpx,
        steps: &[TIMEOUTS_AND_ENDPOINT, IMPLICIT_LATE, Step::Oidc, EITHER_NAME, FILE_EXPANDED],
    },
    // The switch is asked first; OAuth tokens are renewed, for which `stored_tokens` is read.
    Model {
        since: Version::first_of(1, 20, 0),
        wire: Wire::Httpx,
        steps: &[
            TIMEOUTS_AND_ENDPOINT,
            IMPLICIT_FIRST,
            Step::Oidc,
            EITHER_NAME,
            FILE_EXPANDED,
            Step::StoredTokens { decodes: true },
        ],
    },
    // A `stored_tokens` that is not UTF-8 no longer matters.
    Model {
        since: Version::first_of(2, 1, 1),
        wire: Wire::Httpx,
        steps: &[
            TIMEOUTS_AND_ENDPOINT,
            IMPLICIT_FIRST,
            Step::Oidc,
            EITHER_NAME,
            FILE_EXPANDED,
            Step::StoredTokens { decodes: false },
        ],
    },
    // The port of the endpoint is read at import.
    Model {
        since: Version::first_of(2, 2, 0),
        wire: Wire::Httpx,
        steps: &[
            TIMEOUTS_AND_PORT,
            IMPLICIT_FIRST,
            Step::Oidc,
            EITHER_NAME,
            FILE_EXPANDED,
            Step::StoredTokens { decodes: false },
        ],
    },
];
