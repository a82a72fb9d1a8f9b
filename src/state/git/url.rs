//! URLs as git takes them apart: one way for matching configuration sections, another for credentials.
//!
//! Source: git 2.39.5 and 2.47.3, run; `urlmatch.c`, `credential.c`, `url.c`.

/// A URL in the form in which git compares it: scheme and host in lower case, the default port dropped, the path
/// without dot segments, percent signs in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    scheme: Vec<u8>,
    /// Without a password.
    user: Option<Vec<u8>>,
    host: Vec<u8>,
    port: Vec<u8>,
    path: Vec<u8>,
}

/// How well a section fits a URL; the greater one is more specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Fit {
    host: usize,
    path: usize,
    user: bool,
}

const RESERVED: &[u8] = b":/?#[]@!$&'()*+,;=";
const UNSAFE: &[u8] = b" <>\"%{}|\\^`";

impl Normal {
    /// Takes a URL apart; `None` for what is no full URL. `stars`: whether the host may hold `*`.
    pub fn new(url: &[u8], stars: bool) -> Option<Self> {
        let (scheme, rest) = split_scheme(url)?;
        let end = rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len());
        let at = rest[..end].iter().position(|&b| b == b'@');
        let user = match at {
            Some(at) => {
                let user = escapes(&rest[..at])?;
                let colon = user.iter().position(|&b| b == b':').unwrap_or(user.len());
                Some(user[..colon].to_owned())
            }
            None => None,
        };
        let place = &rest[at.map_or(0, |at| at + 1)..end];
        let file = scheme == b"file";
        if (place.is_empty() || place[0] == b':') && !file {
            return None;
        }
        // The port follows the last colon that no bracket closes.
        let colon = place.iter().rposition(|b| matches!(b, b':' | b']')).filter(|i| place[*i] == b':');
        let (host, port) = place.split_at(colon.unwrap_or(place.len()));
        let letter = |b: &u8| b.is_ascii_alphanumeric() || b".-_[:]".contains(b) || (stars && *b == b'*');
        if !host.iter().all(letter) || (file && host.is_empty() && port.len() > 1) {
            return None;
        }
        let port = normal_port(&scheme, port.get(1..).unwrap_or_default())?;
        let path = normal_path(&rest[end..])?;
        Some(Self { scheme, user, host: host.to_ascii_lowercase(), port, path })
    }

    /// How a section with this URL fits another one; `None` where it does not.
    pub fn fits(&self, url: &Self) -> Option<Fit> {
        let user = match &self.user {
            Some(user) if url.user.as_ref() != Some(user) => return None,
            user => user.is_some(),
        };
        if self.scheme != url.scheme || self.port != url.port || !host_fits(&self.host, &url.host) {
            return None;
        }
        let prefix = self.path.strip_suffix(b"/").unwrap_or(&self.path);
        let rest = url.path.strip_prefix(prefix)?;
        let whole = rest.is_empty() || rest[0] == b'/';
        whole.then_some(Fit { host: self.host.len(), path: prefix.len() + 1, user })
    }

    /// The host, in lower case, with a port that is not the scheme's own.
    pub fn host_and_port(&self) -> Vec<u8> {
        let mut out = self.host.clone();
        if !self.port.is_empty() {
            out.push(b':');
            out.extend_from_slice(&self.port);
        }
        out
    }
}

fn split_scheme(url: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let end = url.iter().position(|b| !b.is_ascii_alphanumeric() && !b"+.-".contains(b))?;
    let rest = url[end..].strip_prefix(b"://")?;
    url[0].is_ascii_alphabetic().then(|| (url[..end].to_ascii_lowercase(), rest))
}

fn host_fits(pattern: &[u8], host: &[u8]) -> bool {
    // A dot at the end says nothing more.
    let ended = |host: &[u8]| host.strip_suffix(b".").map_or_else(|| host.to_vec(), <[u8]>::to_vec);
    let (pattern, host) = (ended(pattern), ended(host));
    let labels: Vec<&[u8]> = host.split(|b| *b == b'.').collect();
    let wanted: Vec<&[u8]> = pattern.split(|b| *b == b'.').collect();
    labels.len() == wanted.len() && wanted.iter().zip(labels).all(|(want, label)| *want == b"*" || *want == label)
}

/// After the colon: without leading zeros; empty for the scheme's own.
fn normal_port(scheme: &[u8], port: &[u8]) -> Option<Vec<u8>> {
    let digits = port.iter().position(|b| *b != b'0').map_or(&port[port.len().saturating_sub(1)..], |i| &port[i..]);
    let own = (scheme == b"http" && digits == b"80") || (scheme == b"https" && digits == b"443");
    if digits.is_empty() || own {
        return Some(Vec::new());
    }
    let number = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    number.parse::<u16>().ok().filter(|n| *n > 0).map(|_| digits.to_owned())
}

/// Dot segments resolved; `None` where `..` leads above the root.
fn normal_path(path: &[u8]) -> Option<Vec<u8>> {
    let end = path.iter().position(|b| b"?#".contains(b)).unwrap_or(path.len());
    let (path, query) = path.split_at(end);
    let mut out = b"/".to_vec();
    let mut segments = path.strip_prefix(b"/").unwrap_or(path).split(|&b| b == b'/').peekable();
    while let Some(segment) = segments.next() {
        let start = out.len();
        out.extend(escapes(segment)?);
        let mut slash = true;
        match &out[start..] {
            b"." => {
                // The first slash stays.
                slash = start > 1;
                out.truncate(if slash { start - 1 } else { start });
            }
            b".." => {
                let above = out[..start - 1].iter().rposition(|&b| b == b'/')?;
                slash = above > 0;
                out.truncate(above.max(1));
            }
            _ => {}
        }
        if slash && segments.peek().is_some() {
            out.push(b'/');
        }
    }
    out.extend(escapes(query)?);
    Some(out)
}

/// Percent signs in one spelling: what needs none is decoded, what needs one gets it, delimiters stay as they are.
fn escapes(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let (b, escaped, after) = match first {
            b'%' => (hex(after.get(..2)?)?, true, &after[2..]),
            b => (b, false, after),
        };
        rest = after;
        if b <= 0x1f || b >= 0x7f || UNSAFE.contains(&b) || (escaped && RESERVED.contains(&b)) {
            out.extend_from_slice(format!("%{b:02X}").as_bytes());
        } else {
            out.push(b);
        }
    }
    Some(out)
}

fn hex(two: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(two).ok().filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

/// What git takes from a URL as a credential.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// Before `://`.
    pub scheme: Option<Vec<u8>>,
    /// Decoded.
    pub user: Option<Vec<u8>>,
    /// Decoded.
    pub password: Option<Vec<u8>>,
    /// Decoded, with its port.
    pub host: Option<Vec<u8>>,
    /// Decoded, without slashes at its ends.
    pub path: Option<Vec<u8>>,
}

impl Parts {
    /// Takes a URL apart; `None` where git refuses it. `partial`: whether parts may be missing, as in
    /// `[credential "example.com"]`.
    pub fn new(url: &[u8], partial: bool) -> Option<Self> {
        let scheme = find(url, b"://");
        if !partial && scheme.is_none_or(|i| i == 0) {
            return None;
        }
        let rest = &url[scheme.map_or(0, |i| i + 3)..];
        let end = rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len());
        let at = rest.iter().position(|&b| b == b'@').filter(|at| *at < end);
        let colon = rest.iter().position(|&b| b == b':');
        let mut parts = Self { scheme: scheme.filter(|i| *i > 0).map(|i| url[..i].to_owned()), ..Self::default() };
        if let Some(at) = at {
            let user_end = colon.filter(|c| *c < at).unwrap_or(at);
            parts.user = Some(decode(&rest[..user_end]));
            parts.password = (user_end < at).then(|| decode(&rest[user_end + 1..at]));
        }
        let host = &rest[at.map_or(0, |at| at + 1)..end];
        parts.host = (!partial || !host.is_empty()).then(|| decode(host));
        let slashes = rest[end..].iter().take_while(|b| **b == b'/').count();
        let path = &rest[end + slashes..];
        if !path.is_empty() {
            let mut path = decode(path);
            while path.len() > 1 && path.last() == Some(&b'/') {
                path.pop();
            }
            parts.path = Some(path);
        }
        let all = [&parts.scheme, &parts.user, &parts.password, &parts.host, &parts.path];
        let sound = all.into_iter().flatten().all(|part| !part.contains(&b'\n'));
        sound.then_some(parts)
    }

    /// Whether everything that this asks for is the same in the other.
    pub fn asks_for(&self, other: &Self) -> bool {
        let same = |want: &Option<Vec<u8>>, have: &Option<Vec<u8>>| want.is_none() || want == have;
        same(&self.scheme, &other.scheme)
            && same(&self.host, &other.host)
            && same(&self.path, &other.path)
            && same(&self.user, &other.user)
    }

    /// The URL that sections `[credential "…"]` are compared with.
    pub fn url(&self) -> Vec<u8> {
        let encode = |text: &[u8], slash: bool| -> String {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b) || (!slash && b == b'/');
            text.iter().map(|&b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02x}") }).collect()
        };
        let mut out = self.scheme.clone().unwrap_or_default();
        out.extend_from_slice(b"://");
        if let Some(user) = self.user.as_deref().filter(|u| !u.is_empty()) {
            out.extend_from_slice(encode(user, true).as_bytes());
            out.push(b'@');
        }
        out.extend_from_slice(self.host.as_deref().unwrap_or_default());
        if let Some(path) = &self.path {
            out.push(b'/');
            out.extend_from_slice(encode(path, false).as_bytes());
        }
        out
    }
}

/// `%XX` to bytes; what is no such sequence stays, and so does `%00`. Text before a colon is never decoded, since
/// git takes it for a scheme.
fn decode(text: &[u8]) -> Vec<u8> {
    let colon = text.iter().position(|&b| b == b':').unwrap_or(0);
    let mut out = text[..colon].to_vec();
    let mut rest = &text[colon..];
    while let Some((&first, after)) = rest.split_first() {
        match after.get(..2).filter(|_| first == b'%').and_then(hex) {
            Some(b) if b != 0 => {
                out.push(b);
                rest = &after[2..];
            }
            _ => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(section: &str, url: &str) -> Option<Fit> {
        Normal::new(section.as_bytes(), true)?.fits(&Normal::new(url.as_bytes(), false)?)
    }

    #[test]
    fn sections_that_speak_of_a_url() {
        let url = "https://u@huggingface.co/o/m";
        for section in [
            "https://huggingface.co",
            "HTTPS://HuggingFace.co:0443/",
            "https://huggingface.co:",
            "https://*.co",
            "https://huggingface.co/o",
            "https://huggingface.co/o/",
            "https://huggingface.co/x/../o/./m",
            "https://huggingface.co/%6f",
            "https://u@huggingface.co",
            "https://%75:p@huggingface.co",
        ] {
            assert!(fit(section, url).is_some(), "{section}");
        }
        for section in [
            "huggingface.co",
            "",
            "https://",
            "https://hugging*.co",
            "https://hugging%66ace.co",
            "https://*",
            "http://huggingface.co",
            "https://huggingface.co:8443",
            "https://huggingface.co/O",
            "https://huggingface.co/oo",
            "https://v@huggingface.co",
            "https://@huggingface.co",
            "https://huggingface.co:99999",
            "https://huggingface.co/../o",
            "https://huggingface.co?x",
        ] {
            assert_eq!(fit(section, url), None, "{section}");
        }
    }

    #[test]
    fn host_before_path_before_user() {
        let url = "https://u@huggingface.co/o";
        let order = ["https://*.co", "https://huggingface.co", "https://u@huggingface.co", "https://huggingface.co/o"];
        for pair in order.windows(2) {
            assert!(fit(pair[0], url) < fit(pair[1], url), "{pair:?}");
        }
        assert!(Fit::default() < fit("https://*.co", url).unwrap());
    }

    fn parts(url: &str) -> Option<(String, String, String, String)> {
        let text = |part: Option<Vec<u8>>| part.map_or_else(|| "-".into(), |p| String::from_utf8(p).unwrap());
        Parts::new(url.as_bytes(), false).map(|p| (text(p.user), text(p.password), text(p.host), text(p.path)))
    }

    #[test]
    fn credentials_in_a_url() {
        let is = |url: &str, user: &str, password: &str, host: &str, path: &str| {
            assert_eq!(parts(url), Some((user.into(), password.into(), host.into(), path.into())), "{url}");
        };
        is("https://u:p@h/x/", "u", "p", "h", "x");
        is("https://u%40x:a%2Fb%zz%00@h:1//x", "u@x", "a/b%zz%00", "h:1", "x");
        is("https://:@h", "", "", "h", "-");
        is("https://u@h?q", "u", "-", "h", "?q");
        is("https://h/a@b", "-", "-", "h", "a@b");
        is("https://u:a%41:b@h", "u", "a%41:b", "h", "-");
        is("https://u:a@b@h", "u", "a", "b@h", "-");
        assert_eq!(parts("h/x"), None);
        assert_eq!(parts("https://u:%0a@h"), None);
    }

    #[test]
    fn parts_of_a_url_ask_for_no_more_than_they_say() {
        let url = Parts::new(b"https://u@h/o", false).unwrap();
        for (section, want) in [("h", true), ("https://", true), ("", true), ("/o", true), ("v@h", false), ("H", false)]
        {
            assert_eq!(Parts::new(section.as_bytes(), true).unwrap().asks_for(&url), want, "{section}");
        }
        assert_eq!(url.url(), b"https://u@h/o");
    }
}
