//! HF505

use std::path::{Path, PathBuf};

use super::places::called;
use crate::clients::model::Wire;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::path::absolute;
use crate::system::{Kind, ReadError, TEXT_LIMIT};

declare_rule! {
    /// ## What it does
    /// Finds variables for certificates that name no file with certificates in it.
    ///
    /// ## Why it matters
    /// Clients do not fall back to the certificates of the system. With httpx (huggingface_hub 1.0 and newer) a missing
    /// `SSL_CERT_FILE` raises a bare FileNotFoundError when the client is made; with requests a missing
    /// `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE` raises OSError at every request. Neither names the variable.
    ///
    /// ## Example
    /// ```text
    /// SSL_CERT_FILE=/etc/company/ca.pem      the file is gone
    /// ```
    ///
    /// ## How to fix
    /// Put the file back, or `unset SSL_CERT_FILE`.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Set and empty means not set. `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` may name a directory. Only worth knowing
    /// (`info`) where the clients here do not read the variable: `SSL_CERT_FILE` is for httpx, the other two for
    /// requests.
    ///
    /// ## References
    /// - requests 2.34.2 with huggingface_hub 0.36.2, httpx 0.28.1 with 1.33.0, httpx2 2.16.2 with 2.4.0: each run
    pub(super) static RULE = {
        code: "HF505",
        name: "ca-bundle-broken",
        summary: "a variable for certificates names no file with certificates",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// The variables, the HTTP library that reads each, and whether a directory will do.
const VARIABLES: [(&str, Wire, bool); 4] = [
    ("REQUESTS_CA_BUNDLE", Wire::Requests, true),
    ("CURL_CA_BUNDLE", Wire::Requests, true),
    ("SSL_CERT_FILE", Wire::Httpx, false),
    ("SSL_CERT_DIR", Wire::Httpx, true),
];

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    for (name, wire, directory) in VARIABLES {
        // The first of a pair counts alone.
        let second = match name {
            "CURL_CA_BUNDLE" => state.non_empty("REQUESTS_CA_BUNDLE").is_some(),
            "SSL_CERT_DIR" => state.non_empty("SSL_CERT_FILE").is_some(),
            _ => false,
        };
        let Some(value) = state.non_empty(name).filter(|_| !second) else {
            continue;
        };
        let path = PathBuf::from(&value);
        let Some(why) = fault(state, &path, directory, name == "SSL_CERT_DIR") else {
            continue;
        };
        let reader = snapshot.here().into_iter().find(|r| r.instance.is_hub() && r.instance.wire() == wire);
        // Of other programs in an environment that is not known, the worst is assumed.
        let severity = if reader.is_some() || reads(snapshot, wire) { Severity::Warning } else { Severity::Info };
        let at = Location::variable(name);
        let message = match reader {
            Some(client) => format!("{name} {why}: {} fails", called(&client.instance)),
            None => format!("{name} {why}"),
        };
        let finding = Finding::new(&RULE, severity, message)
            .at(at.clone())
            .at(Location::file(absolute(state.system, &path)))
            .help(format!("unset {name}"), "then the certificates of the client or of the system count");
        out.push(finding);
    }
}

/// Whether some program here may read the variable although huggingface_hub does not.
fn reads(snapshot: &Snapshot<'_>, wire: Wire) -> bool {
    match &snapshot.state.packages().python {
        None => true,
        Some(python) => wire == Wire::Requests && python.packages.iter().any(|p| p.name == "requests"),
    }
}

/// Why no certificates come of a path, after the variable's name.
fn fault(state: &State<'_>, path: &Path, directory: bool, only_directory: bool) -> Option<&'static str> {
    match state.system.stat(path) {
        Ok(stat) if stat.kind == Kind::Dir => (!directory).then_some("names a directory"),
        Ok(_) if only_directory => Some("names a file, where a directory is wanted"),
        Err(ReadError::Denied) => Some("names a file that may not be read"),
        Err(_) => Some("names a file that is not there"),
        Ok(_) => match state.system.read(path, TEXT_LIMIT) {
            Ok(content) if content.bytes.is_empty() => Some("names an empty file"),
            // requests takes such a file until the first certificate is wanted; httpx fails at once.
            Ok(content) if !has_certificate(&content.bytes) && !content.truncated => {
                Some("names a file without a certificate")
            }
            Ok(_) => None,
            Err(ReadError::Denied) => Some("names a file that may not be read"),
            Err(_) => Some("names what cannot be read"),
        },
    }
}

fn has_certificate(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    bytes.windows(BEGIN.len()).any(|w| w == BEGIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, python};
    use crate::system::fake::Fake;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    #[test]
    fn files_that_hold_no_certificate() {
        let gone = Fake::home().var("SSL_CERT_FILE", "/gone.pem");
        let literal = Fake::home().var("REQUESTS_CA_BUNDLE", "~/ca.pem");
        let directory = Fake::home().var("SSL_CERT_FILE", "/certs").file("/certs/x", PEM);
        let empty = Fake::home().var("SSL_CERT_FILE", "/ca.pem").file("/ca.pem", "");
        let garbage = Fake::home().var("SSL_CERT_FILE", "/ca.pem").file("/ca.pem", "x");
        let closed = Fake::home().var("CURL_CA_BUNDLE", "/ca.pem").mode("/ca.pem", PEM, 0);
        let file = Fake::home().var("SSL_CERT_DIR", "/ca.pem").file("/ca.pem", PEM);
        for fake in [gone, literal, directory, empty, garbage, closed, file] {
            assert_eq!(findings(&RULE, &fake), ["warning"]);
        }
    }

    #[test]
    fn the_client_here_decides() {
        let hub = |name: &str, version| python(Fake::home().var(name, "/gone.pem"), &[("huggingface_hub", version)]);
        assert_eq!(findings(&RULE, &hub("SSL_CERT_FILE", "2.4.0")), ["warning"]);
        assert_eq!(findings(&RULE, &hub("REQUESTS_CA_BUNDLE", "0.36.2")), ["warning"]);
        assert_eq!(findings(&RULE, &hub("SSL_CERT_FILE", "0.36.2")), ["info"]);
        assert_eq!(findings(&RULE, &hub("REQUESTS_CA_BUNDLE", "2.4.0")), ["info"]);
    }

    #[test]
    fn silent_for_what_is_there_or_empty() {
        let there = Fake::home().var("SSL_CERT_FILE", "/ca.pem").file("/ca.pem", PEM);
        let directory = Fake::home().var("REQUESTS_CA_BUNDLE", "/certs").file("/certs/x", PEM);
        let empty = Fake::home().var("SSL_CERT_FILE", "").var("REQUESTS_CA_BUNDLE", "").var("CURL_CA_BUNDLE", "");
        let second =
            Fake::home().var("REQUESTS_CA_BUNDLE", "/ca.pem").var("CURL_CA_BUNDLE", "/gone").file("/ca.pem", PEM);
        for fake in [there, directory, empty, second] {
            assert!(findings(&RULE, &fake).is_empty());
        }
    }
}
