//! Walks a client's steps over the state here, and says what would be sent and what stays hidden.

use std::path::Path;

use super::clean::{Clean, is_python_space};
use super::model::{Answered, Blank, Check, Decode, Header, HubPath, Set, Step, Switch, Text, Then, Wire, Within};
use super::version::Version;
use super::{Answer, Candidate, Instance, Outcome, endpoint, oidc, paths, python_number, python_write, tqdm};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::{State, netrc, stored_tokens};
use crate::system::overlay::Overlay;
use crate::system::path::{absolute, pathlib};
use crate::system::{ReadError, System, python_text};

/// What one step says.
enum Said {
    /// Nothing: the next one.
    Nothing,
    /// A token, from here.
    Token(Candidate),
    /// The end, with this.
    End(Outcome, Option<Location>),
}

/// What a client at a release would send here.
pub fn resolve(state: &State<'_>, instance: &Instance) -> Answer {
    if let [Step::Within(change), ..] = instance.model.steps {
        return within(state, instance, change(state));
    }
    walk(state, instance)
}

/// The same below the environment that a program gives itself.
fn within(state: &State<'_>, instance: &Instance, inside: Within) -> Answer {
    let over = Overlay::new(state.system, inside.changes);
    let mut answer = walk(&State::new(&over), instance);
    let named = |at: &mut Location| {
        if let Some((_, from)) = inside.taken.iter().find(|(name, _)| *at == Location::variable(*name)) {
            *at = from.clone();
        }
    };
    answer.source.iter_mut().for_each(named);
    answer.hides.iter_mut().for_each(|hidden| named(&mut hidden.source));
    answer.hides.retain(|hidden| Some(&hidden.source) != answer.source.as_ref());
    answer
}

fn walk(state: &State<'_>, instance: &Instance) -> Answer {
    let mut walk = Walk { state, tqdm: instance.tqdm, copied: None, half_made: false };
    let mut switched_off = false;
    let mut decided: Option<(Outcome, Option<Location>)> = None;
    let mut hides: Vec<Candidate> = Vec::new();
    // Whether the client's own step decided, not one of huggingface_hub's.
    let mut own = false;
    let steps = instance.steps();
    for step in &steps {
        if let Step::Disable { name, on, resolves_first } = step {
            if is_on(state, name, *on) {
                if *resolves_first {
                    // A token that the program itself brings is no implicit one.
                    switched_off = decided.is_none();
                } else if decided.is_none() {
                    decided = Some((Outcome::Anonymous, Some(Location::variable(*name))));
                }
            }
            continue;
        }
        if let Step::Header(header) = step {
            if let Header::Router { looked_up } = header {
                // What the look-up sends by itself goes by the switch, what the program found does not.
                let looked_up = *looked_up && (own || !is_on(state, "HF_HUB_DISABLE_IMPLICIT_TOKEN", Switch::True));
                decided = Some(routed(decided.take(), looked_up, instance.hub));
            } else if let (Header::Raised(other), Some((Outcome::Error(class @ "ValueError"), _))) =
                (header, &mut decided)
            {
                *class = other;
            } else if let Some((outcome @ Outcome::Token(_), _)) = &mut decided {
                *outcome = on_the_wire(*header, outcome);
            }
            continue;
        }
        if decided.is_some() {
            hides.extend(walk.candidates(step));
            continue;
        }
        own = instance.model.steps.iter().any(|s| std::ptr::eq(s, *step));
        match walk.step(step) {
            Said::Nothing => {}
            Said::Token(found) => {
                hides.extend(walk.candidates(step).into_iter().filter(|c| c.source != found.source));
                decided = Some((Outcome::Token(found.token), Some(found.source)));
            }
            Said::End(outcome, source) => {
                hides.extend(walk.candidates(step).into_iter().filter(|c| Some(&c.source) != source.as_ref()));
                decided = Some((outcome, source));
            }
        }
        if let (Some((Outcome::Token(_), _)), Some(fault)) = (&decided, walk.fault_after(step, &steps)) {
            decided = Some(fault);
        }
    }
    let (mut outcome, mut source) = decided.unwrap_or((Outcome::Anonymous, None));
    if switched_off && let Outcome::Token(token) = &outcome {
        if let Some(source) = source.take() {
            hides.insert(0, Candidate { token: token.clone(), source });
        }
        outcome = Outcome::Anonymous;
        source = Some(Location::variable("HF_HUB_DISABLE_IMPLICIT_TOKEN"));
    }
    if !matches!(outcome, Outcome::Error(_))
        && let Some(at) = undecodable_netrc(state, instance)
    {
        if let (Outcome::Token(token), Some(source)) = (outcome, source) {
            hides.insert(0, Candidate { token, source });
        }
        (outcome, source) = (Outcome::Error("UnicodeDecodeError"), Some(at));
    }
    Answer { outcome, source, overridden_by: overridden_by(state, instance), hides }
}

fn is_on(state: &State<'_>, name: &str, on: Switch) -> bool {
    match on {
        Switch::True => paths::is_true(state.system, name),
        Switch::NonEmpty => state.var(name).and_then(|v| Text::Utf8.read(v)).is_some_and(|v| !v.is_empty()),
    }
}

struct Walk<'a> {
    state: &'a State<'a>,
    tqdm: Option<Version>,
    /// Text that a legacy copy has put into the token file, and where it stands now.
    copied: Option<(Vec<u8>, Location)>,
    /// Whether a legacy copy has failed on the way to the token file.
    half_made: bool,
}

impl Walk<'_> {
    fn step(&mut self, step: &Step) -> Said {
        match step {
            Step::Disable { .. }
            | Step::Header(_)
            | Step::Hub
            | Step::GetToken
            | Step::HubImport
            | Step::Within(_)
            | Step::StoredTokens { .. } => Said::Nothing,
            Step::Import(checks) => checks.iter().find_map(|c| self.import_fault(*c)).unwrap_or(Said::Nothing),
            Step::Oidc => match oidc::resolve(self.state) {
                Some(outcome) => Said::End(outcome, Some(Location::variable("HF_OIDC_RESOURCE"))),
                None => Said::Nothing,
            },
            Step::LegacyCopy { raises, to } => self.legacy_copy(*raises, *to),
            Step::Env { names, text, set, clean, blank } => self.env(names, *text, *set, *clean, *blank),
            Step::File { at, decode, clean, missing, failing, blank } => {
                let Some(path) = paths::place(self.state.system, *at) else {
                    return Said::Nothing;
                };
                self.file(&path, *decode, *clean, (*missing, *failing), *blank)
            }
            Step::Own(ask) => match ask(self.state) {
                Answered::Nothing => Said::Nothing,
                Answered::Token(found) => Said::Token(found),
                Answered::Anonymous => Said::End(Outcome::Anonymous, None),
                Answered::Error(class, at) => Said::End(Outcome::Error(class), at),
                Answered::Unknown => Said::End(Outcome::Unknown, None),
            },
        }
    }

    /// The tokens that a step would give if it were asked, for what a decided token hides.
    fn candidates(&mut self, step: &Step) -> Vec<Candidate> {
        match step {
            Step::Env { names, text, clean, .. } => names
                .iter()
                .filter_map(|name| {
                    let value = self.state.var(name).and_then(|v| text.read(v))?;
                    let token = Token::new(clean.apply(value.as_encoded_bytes()));
                    (!token.is_blank()).then(|| Candidate { token, source: Location::variable(*name) })
                })
                .collect(),
            Step::File { .. } | Step::Own(_) => match self.step(step) {
                Said::Token(found) if !found.token.is_blank() => vec![found],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn import_fault(&self, check: Check) -> Option<Said> {
        let system = self.state.system;
        let raises = |class, name: &str| Some(Said::End(Outcome::Error(class), Some(Location::variable(name))));
        match check {
            Check::Int(name) => {
                let value = python_text::environ(system, &self.state.var(name)?);
                if python_number::is_int(&value) { None } else { raises("ValueError", name) }
            }
            Check::EagerImport => {
                let on = self.state.var("EAGER_IMPORT").is_some_and(|v| !v.is_empty());
                if on { raises("ImportError", "EAGER_IMPORT") } else { None }
            }
            Check::Tqdm => raises("ValueError", &tqdm::fault(system, self.tqdm)?),
            Check::HomeKnown => {
                let home = crate::system::home::expanduser(system, "~".as_ref());
                if home.as_encoded_bytes().starts_with(b"~") { raises("RuntimeError", "HOME") } else { None }
            }
            Check::EndpointParses | Check::EndpointParsesAlways | Check::EndpointPort => {
                // Staging replaces the endpoint before it is parsed.
                let replaced = check != Check::EndpointParsesAlways;
                if replaced && paths::is_true(self.state.system, "HUGGINGFACE_CO_STAGING") {
                    return None;
                }
                let value = python_text::environ(system, &self.state.var("HF_ENDPOINT")?);
                let value = endpoint::without_line_ends(value.trim_end_matches('/'));
                let sound = match (endpoint::split(&value), check) {
                    (None, _) => false,
                    (Some(split), Check::EndpointPort) => endpoint::port_is_sound(split.port),
                    (Some(_), _) => true,
                };
                if sound { None } else { raises("ValueError", "HF_ENDPOINT") }
            }
        }
    }

    fn env(&self, names: &'static [&'static str], text: Text, set: Set, clean: Clean, blank: Blank) -> Said {
        let Some((name, value)) = names.iter().find_map(|name| {
            let value = self.state.var(name).and_then(|v| text.read(v))?;
            (set == Set::Present || !value.is_empty()).then_some((*name, value))
        }) else {
            return Said::Nothing;
        };
        let bytes = value.as_encoded_bytes();
        let ascii = !bytes.is_ascii() && python_text::ascii_only(self.state.system);
        settle(if ascii { clean.apply_ascii(bytes) } else { clean.apply(bytes) }, blank, Location::variable(name))
    }

    fn file(&self, path: &Path, decode: Decode, clean: Clean, on: (Then, Then), blank: Blank) -> Said {
        let (missing, failing) = on;
        let source = Location::line(absolute(self.state.system, path), 1);
        if let Some((text, legacy)) = &self.copied {
            return settle(clean.apply(text), blank, legacy.clone());
        }
        let content = match &*self.state.credential(path) {
            Ok(content) => content.clone(),
            Err(ReadError::NotFound) => {
                let met = self.half_made && python_write::has_impossible_name(path);
                let (then, error) = if met { (failing, ReadError::Other) } else { (missing, ReadError::NotFound) };
                return fail(then, error, source);
            }
            // A pipe or a device: the client would wait, or read what is not there yet.
            Err(ReadError::Fifo | ReadError::Special) => return Said::End(Outcome::Unknown, Some(source)),
            Err(e) => return fail(failing, *e, source),
        };
        let Some(text) = decode_text(self.state, &content.bytes, content.truncated, decode) else {
            return match failing {
                Then::Raises | Then::AnonymousOnOsError | Then::NextOnOsError => {
                    Said::End(Outcome::Error("UnicodeDecodeError"), Some(source))
                }
                other => fail(other, ReadError::Other, source),
            };
        };
        let cleaned = clean.apply(&text);
        if content.truncated {
            let token = Token::cut(cleaned);
            // 64 KiB of white space: what comes after them was not read.
            return if token.is_blank() {
                Said::End(Outcome::Unknown, Some(source))
            } else {
                Said::Token(Candidate { token, source })
            };
        }
        settle(cleaned, blank, source)
    }

    fn legacy_copy(&mut self, raises: bool, to: HubPath) -> Said {
        match self.try_legacy_copy(to) {
            Ok(copied) => {
                self.copied = copied;
                Said::Nothing
            }
            Err((class, at)) if raises => Said::End(Outcome::Error(class), Some(at)),
            Err(_) => {
                self.half_made = true;
                Said::Nothing
            }
        }
    }

    /// `HfFolder._copy_to_new_path_and_warn`: only where the old file exists and the new one does not.
    #[allow(clippy::type_complexity, reason = "one caller, right above")]
    fn try_legacy_copy(&self, to: HubPath) -> Result<Option<(Vec<u8>, Location)>, (&'static str, Location)> {
        let system = self.state.system;
        let old = pathlib(&paths::hub_token(system, HubPath::Legacy));
        let new = pathlib(&paths::hub_token(system, to));
        let old_at = || Location::line(absolute(system, &old), 1);
        let new_at = || Location::file(absolute(system, &new));
        let exists = |path: &Path| exists(system, path).map_err(ReadError::python_class);
        if !exists(&old).map_err(|c| (c, old_at()))? || exists(&new).map_err(|c| (c, new_at()))? {
            return Ok(None);
        }
        let content = match &*self.state.credential(&old) {
            Ok(content) => content.clone(),
            Err(e) => return Err((e.python_class(), old_at())),
        };
        let text = decode_text(self.state, &content.bytes, content.truncated, Decode::Python)
            .ok_or_else(|| ("UnicodeDecodeError", old_at()))?;
        python_write::fault(system, &new).map_or(Ok(()), |class| Err((class, new_at())))?;
        Ok(Some((text, old_at())))
    }

    /// What can still go wrong once a token was found.
    fn fault_after(&self, step: &Step, steps: &[&Step]) -> Option<(Outcome, Option<Location>)> {
        if !matches!(step, Step::File { .. }) {
            return None;
        }
        let decodes = steps.iter().find_map(|s| match s {
            Step::StoredTokens { decodes } => Some(*decodes),
            _ => None,
        })?;
        let path = paths::hub_stored_tokens(self.state.system, HubPath::Expanded);
        let raises = |class| Some((Outcome::Error(class), Some(Location::file(absolute(self.state.system, &path)))));
        match exists(self.state.system, &path) {
            Ok(false) => None,
            Err(e) => raises(e.python_class()),
            Ok(true) if !decodes => None,
            Ok(true) => {
                let file = stored_tokens::read(self.state, &path, RENEWS)?;
                if file.fault == Some(stored_tokens::Fault::NotUtf8) { raises("UnicodeDecodeError") } else { None }
            }
        }
    }
}

/// The release that reads `stored_tokens` for the token it sends.
const RENEWS: Version = Version::new(1, 20, 0);

/// `Path.exists()` (Python 3.11): it swallows three faults and raises the rest.
pub(super) fn exists(system: &dyn System, path: &Path) -> Result<bool, ReadError> {
    match system.stat(path) {
        Ok(_) => Ok(true),
        Err(ReadError::NotFound | ReadError::NotDir | ReadError::Loop) => Ok(false),
        Err(e) => Err(e),
    }
}

/// What Rust's `HeaderValue::from_str` takes (http 1): all but control characters, of which the tab passes.
pub(super) fn is_header_value(bytes: &[u8]) -> bool {
    !bytes.iter().any(|b| matches!(b, 0..=8 | 10..=31 | 127))
}

/// The release from which chat calls without a provider go to the Hub's own router.
const ROUTER: Version = Version::first_of(1, 0, 0);

/// What a chat call makes of what was found, see [`Header::Router`].
fn routed(decided: Option<(Outcome, Option<Location>)>, looked_up: bool, hub: Version) -> (Outcome, Option<Location>) {
    let (outcome, source) = decided.unwrap_or((Outcome::Anonymous, None));
    let refused = match &outcome {
        Outcome::Token(token) => !looked_up && !token.bytes().starts_with(b"hf_"),
        other => matches!(other, Outcome::Anonymous),
    };
    (if refused && hub >= ROUTER { Outcome::Error("ValueError") } else { outcome }, source)
}

/// What the HTTP library makes of a token.
fn on_the_wire(header: Header, outcome: &Outcome) -> Outcome {
    let Outcome::Token(token) = outcome else {
        return outcome.clone();
    };
    match header {
        Header::Router { .. } | Header::Raised(_) => outcome.clone(),
        Header::RustOrNone => {
            if is_header_value(token.bytes()) {
                outcome.clone()
            } else {
                Outcome::Anonymous
            }
        }
        Header::Fetch => {
            // Only the end: what leads the token follows the word Bearer in the header.
            let bytes = token.bytes();
            let end = bytes.iter().rposition(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')).map_or(0, |i| i + 1);
            let text = String::from_utf8_lossy(&bytes[..end]);
            let latin: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
            Outcome::Token(Token::new(latin.unwrap_or_else(|| text.into_owned().into_bytes())))
        }
    }
}

fn settle(value: Vec<u8>, blank: Blank, source: Location) -> Said {
    if !value.is_empty() {
        return Said::Token(Candidate { token: Token::new(value), source });
    }
    match blank {
        Blank::Sent => Said::Token(Candidate { token: Token::new(value), source }),
        Blank::Next => Said::Nothing,
        Blank::Anonymous => Said::End(Outcome::Anonymous, Some(source)),
        Blank::Raises(class) => Said::End(Outcome::Error(class), Some(source)),
    }
}

fn fail(then: Then, error: ReadError, source: Location) -> Said {
    match then {
        Then::Next | Then::NextOnOsError => Said::Nothing,
        // What is not there is no source.
        Then::Anonymous | Then::AnonymousOnOsError => {
            Said::End(Outcome::Anonymous, (error != ReadError::NotFound).then_some(source))
        }
        Then::Raises => Said::End(Outcome::Error(error.python_class()), Some(source)),
        Then::Fails(class) => Said::End(Outcome::Error(class), Some(source)),
    }
}

/// The text that a client makes of bytes; `None` where it fails.
fn decode_text(state: &State<'_>, bytes: &[u8], truncated: bool, decode: Decode) -> Option<Vec<u8>> {
    match decode {
        Decode::Bytes => Some(bytes.to_vec()),
        Decode::Lossy => Some(String::from_utf8_lossy(bytes).into_owned().into_bytes()),
        Decode::Utf8 => is_utf8(bytes, truncated).then(|| bytes.to_vec()),
        Decode::Python => {
            let read = python_text::Text::python(state.system, bytes, truncated);
            (!read.broken).then(|| read.text.into_bytes())
        }
    }
}

/// A sequence cut off by hflint's own limit is no fault of the file.
fn is_utf8(bytes: &[u8], truncated: bool) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(e) => truncated && e.error_len().is_none(),
    }
}

/// A Basic header that goes out in place of the token.
/// A netrc that is not UTF-8, under a client that has requests read it. requests passes over one that does not parse,
/// but lets UnicodeDecodeError through, before anything is sent.
/// Run: huggingface_hub 0.5.0, 0.12.1, 0.23.0 and 0.36.2 on requests 2.34.2, also with `LC_ALL=POSIX`; 1.0.0 sends.
fn undecodable_netrc(state: &State<'_>, instance: &Instance) -> Option<Location> {
    let reads = matches!(instance.wire(), Wire::Requests | Wire::RequestsToHub | Wire::Router)
        && !has_credential(state, instance);
    (reads && state.netrc().fault == Some(netrc::Fault::NotUtf8)).then(|| Location::file(&state.netrc().path))
}

/// Whether the session holds a credential of its own: requests asks netrc only for one without.
fn has_credential(state: &State<'_>, instance: &Instance) -> bool {
    instance.client.name == "tgwui" && super::apps::has_user_and_password(state)
}

fn overridden_by(state: &State<'_>, instance: &Instance) -> Option<Location> {
    if has_credential(state, instance) {
        return None;
    }
    let wire = instance.wire();
    if wire == Wire::RequestsToHub {
        return state.netrc().for_host("huggingface.co").map(netrc::Entry::location);
    }
    if wire == Wire::Router {
        return state.netrc().for_host("router.huggingface.co").map(netrc::Entry::location);
    }
    if matches!(wire, Wire::Plain | Wire::Hub) {
        return None;
    }
    let version = if instance.is_hub() { instance.version } else { instance.hub };
    let url = endpoint::hub(state.system, version);
    let split = endpoint::split(&url)?;
    let old_httpx = instance.httpx.is_some_and(|v| v < Version::new(0, 24, 0));
    let netrc = wire == Wire::Requests || (wire == Wire::Httpx && old_httpx && instance.is_hub());
    if wire == Wire::Requests
        && netrc
        && let Some(entry) = state.netrc().for_host(&split.host)
    {
        return Some(entry.location());
    }
    split.user.filter(|u| !u.chars().all(is_python_space)).map(|_| Location::variable("HF_ENDPOINT"))
}
