//! GNU Wget's `.wgetrc` and its netrc. Source: Wget 1.21.3, `init.c`, `http.c`, `netrc.c`; run.

use std::path::{Path, PathBuf};

use super::{HOST, credential, is_c_space, sent_basic, trim_c};
use crate::clients::model::Answered;
use crate::finding::Location;
use crate::state::State;
use crate::system::TEXT_LIMIT;
use crate::system::path::absolute;

/// Every command, without its `-` and `_`: wget does not run where a file holds any other.
const COMMANDS: &str = "accept acceptregex addhostdir adjustextension alwaysrest askpassword authnochallenge background \
    backupconverted backups base bindaddress binddnsaddress bodydata bodyfile cacertificate cache cadirectory certificate \
    certificatetype checkcertificate chooseconfig ciphers compression connecttimeout contentdisposition contentonerror \
    continue convertfileonly convertlinks cookies crlfile cutdirs debug defaultpage deleteafter dirprefix dirstruct \
    dnscache dnsservers dnstimeout domains dotbytes dotsinline dotspacing dotstyle egdfile excludedirectories \
    excludedomains followftp followtags forcehtml ftppasswd ftppassword ftpproxy ftpscleardataconnection \
    ftpsfallbacktoftp ftpsimplicit ftpsresumessl ftpstmlf ftpuser glob header hsts hstsfile htmlextension htmlify \
    httpkeepalive httppasswd httppassword httpproxy httpsonly httpsproxy httpuser ifmodifiedsince ignorecase ignorelength \
    ignoretags includedirectories inet4only inet6only input inputmetalink iri keepbadhash keepsessioncookies limitrate \
    loadcookies localencoding logfile login maxredirect metalinkindex metalinkoverhttp method mirror netrc noclobber \
    noconfig noparent noproxy numtries outputdocument pagerequisites passiveftp passwd password pinnedpubkey postdata \
    postfile preferfamily preferredlocation preservepermissions privatekey privatekeytype progress protocoldirectories \
    proxypasswd proxypassword proxyuser quiet quota randomfile randomwait readtimeout reclevel recursive referer regextype \
    reject rejectedlog rejectregex relativeonly remoteencoding removelisting reportspeed restrictfilenames retrsymlinks \
    retryconnrefused retryonhosterror retryonhttperror robots savecookies saveheaders secureprotocol serverresponse \
    showalldnsentries showprogress spanhosts spider startpos strictcomments timeout timestamping tries trustservernames \
    unlink useaskpass useproxy user useragent useservertimestamps verbose wait waitretry warccdx warccdxdedup \
    warccompression warcdigests warcfile warcheader warckeeplog warcmaxsize warctempdir wdebug xattr";

/// What the files say about credentials.
struct Said {
    /// Headers named Authorization, in order; the last is sent.
    headers: Vec<(Vec<u8>, Location)>,
    http_user: Option<Vec<u8>>,
    http_password: Option<(Vec<u8>, Location)>,
    user: Option<Vec<u8>>,
    password: Option<(Vec<u8>, Location)>,
    netrc: bool,
}

/// What a plain `wget URL` answers to the Hub's challenge, or sends at once.
pub(super) fn ask(state: &State<'_>) -> Answered {
    match files(state) {
        Err(source) => Answered::Error("fatal", Some(source)),
        Ok(said) => answer(state, said),
    }
}

fn answer(state: &State<'_>, said: Said) -> Answered {
    if let Some((value, at)) = said.headers.last() {
        return credential(value, at);
    }
    let user = said.http_user.or(said.user);
    let password = said.http_password.or(said.password);
    if let (Some(user), Some((password, at))) = (&user, &password) {
        return sent_basic(user, password.clone(), at.clone());
    }
    let found = said.netrc.then(|| netrc(state)).flatten();
    let ours = |e: &Entry| e.host.as_deref().is_some_and(|h| h.eq_ignore_ascii_case(HOST.as_bytes()));
    let Some((path, entry)) = found.and_then(|(path, list)| Some((path, list.into_iter().find(ours)?))) else {
        // One half alone is not sent.
        return Answered::Nothing;
    };
    let own = entry.password.map(|p| (p, Location::line(path, entry.line)));
    let login = entry.login.unwrap_or_default();
    // The entry counts for its own user only.
    let pair = if user.is_some_and(|user| user != login) { None } else { own.or(password) };
    pair.map_or(Answered::Nothing, |(password, at)| sent_basic(&login, password, at))
}

/// The system's file, then the person's.
fn files(state: &State<'_>) -> Result<Said, Location> {
    let system = state.system;
    let mut said =
        Said { headers: Vec::new(), http_user: None, http_password: None, user: None, password: None, netrc: true };
    let whole = Path::new("/etc/wgetrc");
    let named = system.var("SYSTEM_WGETRC").map(PathBuf::from).filter(|p| readable(state, p));
    let is_system = named.is_none();
    let first = named.unwrap_or_else(|| whole.to_owned());
    if readable(state, &first) {
        read(state, &first, &mut said)?;
    }
    let own = match system.var("WGETRC").filter(|v| !v.is_empty()) {
        Some(path) if !readable(state, Path::new(&path)) => return Err(Location::variable("WGETRC")),
        Some(path) => Some(PathBuf::from(path)),
        None => below_home(state, "/.wgetrc").filter(|p| readable(state, p)),
    };
    match own {
        Some(path) if !(is_system && path == whole) => read(state, &path, &mut said)?,
        _ => {}
    }
    Ok(said)
}

/// HOME, also when it is empty, else the password database.
fn below_home(state: &State<'_>, name: &str) -> Option<PathBuf> {
    let home = state.var("HOME").or_else(|| state.system.password_home(None).map(PathBuf::into_os_string));
    home.map(|mut home| {
        home.push(name);
        PathBuf::from(home)
    })
}

/// A regular file that may be read.
fn readable(state: &State<'_>, path: &Path) -> bool {
    state.system.read(path, 0).is_ok()
}

fn read(state: &State<'_>, path: &Path, said: &mut Said) -> Result<(), Location> {
    let Ok(content) = state.system.read(path, TEXT_LIMIT) else { return Ok(()) };
    let path = absolute(state.system, path);
    let mut fault = None;
    for (i, line) in content.bytes.split(|&b| b == b'\n').enumerate() {
        let at = Location::line(&path, u32::try_from(i + 1).unwrap_or(u32::MAX));
        // A NUL ends the line for C.
        let line = trim_c(line.split(|&b| b == 0).next().unwrap_or_default());
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        if set(said, line, &at).is_none() {
            fault.get_or_insert(at);
        }
    }
    fault.map_or(Ok(()), Err)
}

/// One line; `None` for what wget does not run with.
fn set(said: &mut Said, line: &[u8], at: &Location) -> Option<()> {
    let end = line.iter().position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-')).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let value = trim_c(trim_c(rest).strip_prefix(b"=")?);
    let name: String =
        name.iter().filter(|b| !matches!(b, b'_' | b'-')).map(|b| char::from(b.to_ascii_lowercase())).collect();
    if !COMMANDS.split_ascii_whitespace().any(|c| c == name) {
        return None;
    }
    let text = || value.to_vec();
    match name.as_str() {
        "header" => return header(said, value, at),
        "httpuser" => said.http_user = Some(text()),
        "httppassword" | "httppasswd" => said.http_password = Some((text(), at.clone())),
        "user" => said.user = Some(text()),
        "password" => said.password = Some((text(), at.clone())),
        "netrc" => said.netrc = boolean(value)?,
        "authnochallenge" => {
            boolean(value)?;
        }
        _ => {}
    }
    Some(())
}

/// An empty one clears all of them.
fn header(said: &mut Said, value: &[u8], at: &Location) -> Option<()> {
    if value.is_empty() {
        said.headers.clear();
        return Some(());
    }
    let colon = value.iter().position(|&b| b == b':' || is_c_space(b)).filter(|i| *i > 0 && value[*i] == b':')?;
    if value[..colon].eq_ignore_ascii_case(b"authorization") {
        said.headers.push((trim_c(&value[colon + 1..]).to_vec(), at.clone()));
    }
    Some(())
}

fn boolean(value: &[u8]) -> Option<bool> {
    match value.to_ascii_lowercase().as_slice() {
        b"on" | b"yes" | b"1" => Some(true),
        b"off" | b"no" | b"0" => Some(false),
        _ => None,
    }
}

/// An entry of netrc that has a login; `None` as host is `default`, which is not for http.
#[derive(Default)]
struct Entry {
    host: Option<Vec<u8>>,
    login: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    line: u32,
}

fn netrc(state: &State<'_>) -> Option<(PathBuf, Vec<Entry>)> {
    let path = absolute(state.system, &below_home(state, "/.netrc")?);
    let content = state.credential(&path);
    match &*content {
        Ok(content) => Some((path, entries(&content.bytes))),
        Err(_) => None,
    }
}

/// What a word is the value of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Macdef,
    Machine,
    Login,
    Password,
    /// `account`, `port`, `force`: wget does nothing with their values.
    Other,
}

fn entries(bytes: &[u8]) -> Vec<Entry> {
    let mut list = Vec::new();
    let mut current: Option<Entry> = None;
    let mut after = After::Nothing;
    for (i, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        // A NUL ends the line for C.
        let line = line.split(|&b| b == 0).next().unwrap_or_default();
        let mut rest = &line[line.iter().take_while(|b| is_c_space(**b)).count()..];
        if after == After::Macdef && rest.is_empty() {
            after = After::Nothing;
        }
        while after != After::Macdef {
            rest = &rest[rest.iter().take_while(|b| is_c_space(**b)).count()..];
            if rest.is_empty() || rest[0] == b'#' {
                break;
            }
            let word;
            (word, rest) = next_word(rest);
            if after == After::Nothing {
                after = match word.as_slice() {
                    b"machine" => After::Machine,
                    b"login" => After::Login,
                    b"password" => After::Password,
                    b"macdef" => After::Macdef,
                    b"account" | b"port" | b"force" => After::Other,
                    b"default" => {
                        list.extend(current.replace(Entry::default()).filter(|e| e.login.is_some()));
                        After::Nothing
                    }
                    _ => After::Nothing,
                };
                continue;
            }
            match (after, &mut current) {
                (After::Machine, current) => {
                    let line = u32::try_from(i + 1).unwrap_or(u32::MAX);
                    let new = Entry { host: Some(word), line, ..Entry::default() };
                    list.extend(current.replace(new).filter(|e| e.login.is_some()));
                }
                (After::Login, Some(entry)) => entry.login = Some(word),
                (After::Password, Some(entry)) => entry.password = Some(word),
                _ => {}
            }
            after = After::Nothing;
        }
    }
    list.extend(current.filter(|e| e.login.is_some()));
    list
}

/// The word, and what follows the byte after it. A backslash takes the next byte as it is; a quote that is never closed
/// takes the line end in.
fn next_word(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let quoted = text.first() == Some(&b'"');
    let mut rest = if quoted { &text[1..] } else { text };
    let mut word = Vec::new();
    while let Some((&b, after)) = rest.split_first() {
        if if quoted { b == b'"' } else { is_c_space(b) } {
            break;
        }
        rest = after;
        if b == b'\\' {
            let Some((&escaped, after)) = rest.split_first() else { break };
            word.push(escaped);
            rest = after;
        } else {
            word.push(b);
        }
    }
    // The closing quote is squeezed out, and then one more byte is passed over.
    if quoted && !rest.is_empty() {
        rest = &rest[1..];
    }
    (word, rest.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Instance, Outcome, by_name, resolve};
    use crate::system::fake::Fake;

    fn answer(fake: &Fake) -> String {
        match resolve(&State::new(fake), &Instance::newest(by_name("wget").unwrap())).outcome {
            Outcome::Token(token) => String::from_utf8(token.bytes().to_vec()).unwrap(),
            other => other.word().to_owned(),
        }
    }

    #[test]
    fn commands() {
        for (text, want) in [
            ("header = Authorization: Bearer x\n", "x"),
            ("HEADER=authorization: Bearer x # y\n", "x # y"),
            ("header = \"Authorization: Bearer x\"\n", "n"),
            ("header = Authorization: Bearer x\nhead-er =\n", "n"),
            ("http_user = u\nhttp_password = p\n", "p"),
            ("user = v\n", "anonymous"),
            ("http-user = u\n", "n"),
            ("http_password = p\n", "n"),
            ("netrc = off\n", "anonymous"),
            ("netrc = maybe\n", "error"),
            ("unheard_of = 1\nheader = Authorization: Bearer x\n", "error"),
            ("header\n", "error"),
            ("# only\n\n", "n"),
        ] {
            let fake = Fake::home()
                .file("/home/u/.wgetrc", text)
                .file("/home/u/.netrc", "machine huggingface.co login u password n\n");
            assert_eq!(answer(&fake), want, "{text}");
        }
    }

    #[test]
    fn netrc_of_its_own() {
        for (text, want) in [
            ("machine h login u password p\nmachine HuggingFace.co login u password \"a \\b\"\n", "a b"),
            ("machine huggingface.co login u password p\nmachine huggingface.co login v password q\n", "p"),
            ("machine huggingface.co password p\n", "anonymous"),
            ("default login u password p\n", "anonymous"),
            ("#machine huggingface.co login u password q\nmachine huggingface.co\n login u\n password p\n", "p"),
            ("macdef m\nx\n\nmachine huggingface.co login u password p", "p"),
            ("machine huggingface.co login u password \"p\n", "p\n"),
        ] {
            assert_eq!(answer(&Fake::home().file("/home/u/.netrc", text)), want, "{text}");
        }
    }
}
