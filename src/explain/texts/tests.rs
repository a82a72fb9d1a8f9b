//! Every text as it is printed, and texts that are about something else.

use super::*;
use crate::explain::log::Log;
use crate::explain::recognise::recognise;

#[test]
fn every_text_is_found_as_printed_wrapped_and_coloured() {
    for text in texts() {
        // Wrapped in the middle of a word, in red, behind a bar of progress, in capitals where it is of the hub.
        let half = text.like.char_indices().nth(text.like.chars().count() / 2).map_or(0, |(at, _)| at);
        let (a, b) = text.like.split_at(half);
        for log in [
            text.like.to_owned(),
            format!("\u{1b}[31m{a}\r\n{b}\u{1b}[0m"),
            format!("model.safetensors:  12%|█▏        | 12/100 [00:01<00:09, 9.1it/s]{}\n", text.like),
            format!("│ {a} │\n│ {b} │"),
        ] {
            let log = format!("huggingface\n{log}");
            let found = recognise(&Log::new(log.as_bytes()));
            assert!(found.iter().any(|h| std::ptr::eq(h.text, text)), "{} {:?} in {log:?}", text.id, text.pieces);
        }
    }
}

#[test]
fn what_is_not_about_hugging_face_is_nothing() {
    for log in [
        "",
        "ERROR: HTTP error 401 while getting https://pkgs.dev.azure.com/x/_packaging/y/pypi/simple/",
        "WARNING: 401 Error, Credentials not correct for https://pypi.corp/simple/transformers/",
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "npm ERR! code E401\nnpm ERR! Unable to authenticate, your authentication token seems to be invalid.",
        "Error response from daemon: Head \"https://ghcr.io/v2/o/n/manifests/latest\": unauthorized: authentication required",
        "botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the GetObject operation: The provided token has expired.",
        "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://api.github.com/user",
        "AttributeError: 'NoneType' object has no attribute 'to'",
        "zsh: command not found: node",
        "zsh: command not found: hfsutils",
        "'hfs' is not recognized as an internal or external command",
        "wandb: ERROR api_key not configured (no-tty). call wandb.login(key=[your_api_key])",
        "PermissionError: [Errno 13] Permission denied: '/home/u/.cache/pip'",
        "pipe = Pipeline.from_pretrained(name)\nConnectionError: connection refused",
        "401 Client Error: Unauthorized for url: https://api.openai.com/v1/models",
        "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided'}}",
        "httpx.LocalProtocolError: Illegal header value b'Bearer '",
        "fatal: Authentication failed for 'https://github.com/org/name/'",
        "remote: Invalid username or token. Password authentication is not supported for Git operations.",
        "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
        "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
        "docker: Error response from daemon: pull access denied, repository does not exist",
        "npm ERR! 403 Forbidden - GET https://registry.npmjs.org/x",
        "botocore.exceptions.ClientError: An error occurred (403) when calling the HeadObject operation: Forbidden",
        "psycopg2.OperationalError: FATAL:  password authentication failed for user \"u\"",
        "KeyError: 'HOME'",
        "InvalidHeaderValue",
        "dial tcp: lookup registry-1.docker.io: no such host",
        "fatal: unable to access 'https://github.com/o/n/': Failed to connect to github.com port 443: Connection timed out",
        "OSError: [WinError 1314] A required privilege is not held by the client: 'a' -> 'b'",
        "requests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        "416 Client Error: Requested Range Not Satisfiable for url: https://example.org/x",
        "OSError: Couldn't reach server on the hub floor",
        "PermissionError: [Errno 13] Permission denied: '/var/run/docker.sock'",
        "Error: Could not locate file: https://example.org/x",
        "410 Gone: https://api.example.org/v1",
    ] {
        let found = recognise(&Log::new(log.as_bytes()));
        assert!(found.is_empty(), "{:?} in {log:?}", found.iter().map(|h| h.text.id).collect::<Vec<_>>());
    }
}

#[test]
fn every_text_has_a_source_and_is_long_enough() {
    for text in texts() {
        assert!(!text.source.is_empty() && text.pieces[0].len() >= 7, "{}", text.id);
    }
}
