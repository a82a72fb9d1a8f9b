//! The words that stand in place of a token, and how the keys of other services begin.

/// Words that templates write after `hf_`, or in place of a whole token. A real body has no such words in 34 letters,
/// other than by a chance that the underscore rules out.
pub(super) fn says_placeholder(body: &str) -> bool {
    matches!(body, "token" | "key" | "secret" | "test" | "dummy" | "fake" | "example" | "none" | "")
        || ["your", "token_", "_token", "_here", "placeholder", "changeme", "replace_", "insert_", "example_"]
            .iter()
            .any(|w| body.contains(w) && (body.contains('_') || body.len() < super::BODY))
}

/// In lower case.
pub(super) fn is_placeholder(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "none",
        "null",
        "nil",
        "undefined",
        "nan",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "0",
        "1",
        "n/a",
        "na",
        "tbd",
        "todo",
        "token",
        "hf-token",
        "hf_token",
        "key",
        "api_key",
        "apikey",
        "secret",
        "password",
        "changeme",
        "change_me",
        "change-me",
        "replaceme",
        "replace_me",
        "replace-me",
        "fixme",
        "test",
        "testing",
        "dummy",
        "fake",
        "foo",
        "bar",
        "example",
        "sample",
        "placeholder",
        "redacted",
        "hidden",
        "empty",
        "blank",
        "unset",
        "default",
        "string",
        "value",
        "hf_",
        "hf",
        "huggingface_token",
        "huggingface-token",
        "huggingface_hub_token",
        "-",
        "--",
        "?",
        "...",
        "…",
    ];
    if WORDS.contains(&text) || text.chars().all(|c| matches!(c, '*' | '.' | 'x' | '•' | '#' | '_' | '-')) {
        return true;
    }
    let bracketed = (text.starts_with('<') && text.ends_with('>') && !text.contains("</"))
        || (text.starts_with("{{") && text.ends_with("}}"))
        || (text.starts_with('[') && text.ends_with(']') && !text.contains('"'));
    bracketed
        || text.contains("your_")
        || text.contains("your-")
        || text.contains("your ")
        || text.starts_with("my_hf_")
        || text.starts_with("my-hf-")
        || text == "my_token"
        || text == "my-token"
        || text.ends_with("_here")
        || text.ends_with("-here")
        || text.ends_with(" here")
        || text.starts_with("insert")
        || text.starts_with("paste")
        || text.starts_with("replace")
        || text.contains("placeholder")
}

pub(super) fn unexpanded(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphabetic() || c == '_';
    if let Some(rest) = text.strip_prefix('$') {
        return rest.starts_with(['{', '(']) || rest.starts_with(name);
    }
    (text.starts_with('%') && text.ends_with('%') && text[1..].starts_with(name))
        || text.starts_with("!secret ")
        || text.starts_with("secrets.")
}

/// The service whose keys begin like this. Source: the prefixes that the services document, as gitleaks lists them.
pub(super) fn other_service(text: &str) -> Option<&'static str> {
    const PREFIXES: &[(&str, &str)] = &[
        ("sk-ant-", "Anthropic"),
        ("sk-or-", "OpenRouter"),
        ("sk-", "OpenAI"),
        ("AKIA", "AWS"),
        ("ASIA", "AWS"),
        ("ghp_", "GitHub"),
        ("gho_", "GitHub"),
        ("ghu_", "GitHub"),
        ("ghs_", "GitHub"),
        ("ghr_", "GitHub"),
        ("github_pat_", "GitHub"),
        ("glpat-", "GitLab"),
        ("xoxb-", "Slack"),
        ("xoxp-", "Slack"),
        ("AIza", "Google"),
        ("ya29.", "Google"),
        ("r8_", "Replicate"),
        ("gsk_", "Groq"),
        ("nvapi-", "NVIDIA"),
        ("pypi-", "PyPI"),
        ("npm_", "npm"),
        ("dckr_pat_", "Docker"),
        ("hvs.", "Vault"),
        ("pk.eyJ", "Mapbox"),
        ("fw_", "Fireworks"),
        ("tgp_v1_", "Together"),
        ("pplx-", "Perplexity"),
        ("xai-", "xAI"),
        ("api_", "the old inference API"),
        ("eyJ", "another service (a JSON web token)"),
    ];
    // Shorter than this it is a word that happens to begin so.
    PREFIXES.iter().find(|(p, _)| text.starts_with(p) && text.len() >= p.len() + 12).map(|(_, s)| *s)
}
