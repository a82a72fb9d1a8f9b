//! No output of any case, in any format, with any flag, holds a secret of that case.

use crate::cases::{Case, load, on_all_cores};
use crate::common::token;
use crate::sandbox::{Output, Sandbox};

/// A piece of a secret this long may not be seen anywhere: the mask shows `hf_` and four characters at the end.
const WINDOW: usize = 6;

/// Every way to make hflint talk about the state here.
const COMMANDS: &[&[&str]] = &[
    &["check", "--color", "always", "-v"],
    &["check", "--deep", "--format", "json"],
    &["check", "--fail-on", "info", "--no-config"],
    &["check", "-q"],
    &["config", "--format", "json"],
    &["hook", "bash", "stamp"],
    &["hook", "zsh", "ctime"],
    &["status", "--all", "-v", "--color", "always"],
    &["status", "--all", "--fingerprint", "--format", "json"],
    &["status", "--client", "huggingface_hub@0.16.4", "--client", "huggingface_hub@0.19.4", "--client", "hf-hub@1.0.0"],
];

/// Every way to have a repair shown, with the lines that it changes.
const FIXES: &[&[&str]] = &[
    &["fix", "--diff"],
    &["fix", "--clear", "--login", "--diff", "--format", "json"],
    &["fix", "--rotate", "--diff"],
    &["fix", "--isolate", "--from-current", "--diff"],
];

/// What somebody may type by mistake, with a token in it.
const SLIPS: &[&[&str]] = &[
    &["{A}"],
    &["check", "{A}"],
    &["check", "--select", "{A}"],
    &["check", "--ignore", "{A}"],
    &["check", "--format", "{A}"],
    &["check", "--fail-on={A}"],
    &["check", "--color", "{A}"],
    &["check", "--config", "{HOME}/{A}"],
    &["check", "--{A}"],
    &["status", "--client", "{A}"],
    &["status", "--client", "huggingface_hub@{A}"],
    &["explain", "{A}"],
    &["verify", "{A}"],
    &["uninstall", "{A}"],
    &["trust", "{A}"],
    &["fix", "isolate", "{A}"],
    &["init", "{A}"],
];

/// The commands of a case: every one where `HFLINT_SECRETS` is `all` (two minutes on two cores), else each third, in turn
/// from case to case, so that every command meets a third of the cases and every kind of case every command.
fn of<'c>(at: usize, commands: &'c [&'c [&'c str]]) -> impl Iterator<Item = &'c &'c [&'c str]> {
    let all = std::env::var_os("HFLINT_SECRETS").is_some_and(|v| v == "all");
    commands.iter().enumerate().filter(move |(n, _)| all || (n + at).is_multiple_of(3)).map(|(_, command)| command)
}

#[test]
fn no_output_of_any_case() {
    let cases: Vec<(usize, Case)> = load().into_iter().filter(Case::can_be_built).enumerate().collect();
    let wrong: Vec<String> = on_all_cores(&cases, |(at, case)| {
        let sandbox = Sandbox::build(case);
        let secrets = Secrets::of(&sandbox, case);
        let mut wrong = Vec::new();
        for command in of(*at, COMMANDS) {
            let args: Vec<String> = command.iter().map(|a| (*a).to_owned()).collect();
            let out = sandbox.run(&args);
            let what = format!("{}: hflint {}", case.name, args.join(" "));
            // The hook ends itself at its deadline, which a busy machine may let it reach; whether it keeps to its time is
            // for its own tests.
            let stopped = out.code.is_none() && command[0] != "hook";
            if stopped || (out.code == Some(2) && !case.refuses_check()) {
                wrong.push(format!("{what}: exit {:?}: {}", out.code, out.stderr));
            }
            search(&what, &out, &secrets, &mut wrong);
        }
        wrong
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}\n{} leaks or failures", wrong.join("\n"), wrong.len());
}

#[test]
fn no_repair_of_any_case() {
    let cases: Vec<(usize, Case)> = load().into_iter().filter(Case::can_be_built).enumerate().collect();
    let wrong = on_all_cores(&cases, |(at, case)| {
        let sandbox = Sandbox::build(case);
        let secrets = Secrets::of(&sandbox, case);
        let mut wrong = Vec::new();
        for command in of(*at, FIXES) {
            let args: Vec<String> = command.iter().map(|a| (*a).to_owned()).collect();
            let out = sandbox.run(&args);
            let what = format!("{}: hflint {}", case.name, args.join(" "));
            // There may be no token to rotate, and no project to isolate.
            if !matches!(out.code, Some(0..=2)) {
                wrong.push(format!("{what}: exit {:?}: {}", out.code, out.stderr));
            }
            search(&what, &out, &secrets, &mut wrong);
        }
        wrong
    });
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{}\n{} leaks or failures", wrong.join("\n"), wrong.len());
}

#[test]
fn no_mistyped_command_line() {
    let case: Case = toml::from_str("about = \"an empty home\"").expect("a case");
    let sandbox = Sandbox::build(&case);
    let mut wrong = Vec::new();
    for slip in SLIPS {
        let args: Vec<String> = slip.iter().map(|a| (*a).to_owned()).collect();
        let out = sandbox.run(&args);
        let what = format!("hflint {}", args.join(" "));
        // `explain` takes any text: exit 1 says that it recognised nothing in it.
        if !matches!(out.code, Some(1 | 2)) {
            wrong.push(format!("{what}: exit {:?}", out.code));
        }
        search(&what, &out, &Secrets::new(&[token('A')]), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The tokens and passwords of a case, and what it names itself, to be looked for in what is printed.
struct Secrets {
    /// Every piece of them, sorted.
    windows: Vec<[u8; WINDOW]>,
    /// Whether a piece begins with these two bytes: of a long output most places are passed over by this alone.
    begins: Vec<bool>,
    /// What may not be seen though it is shorter than a piece.
    parts: Vec<String>,
}

impl Secrets {
    fn of(sandbox: &Sandbox, case: &Case) -> Self {
        let mut secrets = sandbox.template.secrets();
        secrets.extend(case.secrets.iter().map(|s| sandbox.template.fill(s)));
        Self::new(&secrets)
    }

    fn new(secrets: &[String]) -> Self {
        let mut windows: Vec<[u8; WINDOW]> =
            secrets.iter().flat_map(|s| s.as_bytes().windows(WINDOW)).filter_map(|w| w.try_into().ok()).collect();
        windows.sort_unstable();
        windows.dedup();
        let mut begins = vec![false; 1 << 16];
        for window in &windows {
            begins[pair(window[0], window[1])] = true;
        }
        // Four at the end may be seen, five not; and nothing after the prefix.
        let edges = secrets
            .iter()
            .filter(|s| s.starts_with("hf_") && s.is_ascii())
            .flat_map(|s| [s[s.len() - 5..].to_owned(), s[..4].to_owned()]);
        // Shorter ones can't be cut into windows.
        let parts = secrets.iter().filter(|s| s.len() < WINDOW).cloned().chain(edges).collect();
        Self { windows, begins, parts }
    }

    fn are_in(&self, text: &str) -> bool {
        // A file's own name, which shares six letters with "your_token_here".
        let without_name = text.replace("stored_tokens", " ");
        let seen = without_name.as_bytes().windows(WINDOW).any(|w| {
            self.begins[pair(w[0], w[1])]
                && <&[u8; WINDOW]>::try_from(w).is_ok_and(|w| self.windows.binary_search(w).is_ok())
        });
        seen || self.parts.iter().any(|p| text.contains(p))
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

fn search(what: &str, out: &Output, secrets: &Secrets, wrong: &mut Vec<String>) {
    for (name, text) in [("stdout", &out.stdout), ("stderr", &out.stderr)] {
        if secrets.are_in(text) {
            // The message holds the very leak: it is made of test tokens.
            wrong.push(format!("{what}: a secret in {name}:\n{text}"));
        }
    }
}

#[test]
fn the_search_finds_leaks() {
    let leak = |text: &str| {
        let out = Output { code: Some(0), stdout: text.to_owned(), stderr: String::new() };
        let mut wrong = Vec::new();
        search("", &out, &Secrets::new(&[token('A'), "girl".into()]), &mut wrong);
        !wrong.is_empty()
    };
    let a = token('A');
    assert!(leak(&a) && leak(&a[..9]) && leak(&a[20..27]) && leak(&a[32..]) && leak(&a[..4]) && leak("a girl"));
    assert!(!leak(&format!("hf_****{}", &a[33..])) && !leak("not token-shaped"));
}
