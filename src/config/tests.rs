//! Layers, errors and sources, over a machine in memory.

use super::*;
use crate::system::fake::Fake;

const FILE: &str = "/home/u/.config/hflint/config.toml";

fn machine(text: &str) -> Fake {
    Fake::home().file(FILE, text)
}

fn loaded(fake: &Fake) -> Config {
    load(fake, From::Person, Overrides::default()).unwrap()
}

fn fault(text: &str) -> String {
    load(&machine(text), From::Person, Overrides::default()).unwrap_err().to_string()
}

fn at(line: u32) -> Source {
    Source::File(Location::line(FILE, line))
}

#[test]
fn every_key_of_the_file_is_read() {
    let config = loaded(&machine(
        r#"# the keys of the manual
select = ["HF1", "unused-ignore"]
ignore = ["HF109", { rule = "HF101", reason = "bot", where = "HF_TOKEN", until = 2027-01-31 }]
fail-on = "error"
warn = "always"
min-severity = "info"
repeat-after = "36h"
rotate-after = "26w"
journal-keep = "7d"
endpoints = ["Hub.corp.example", "localhost:8080"]
hook-timeout = "250ms"
"#,
    ));
    assert_eq!(config.select.source, at(2));
    assert_eq!(config.ignore[0].source, at(3));
    assert_eq!((config.fail_on.value, config.fail_on.source.clone()), (Severity::Error, at(4)));
    assert_eq!((config.warn.value, config.warn.source.clone()), (Warn::Always, at(5)));
    assert_eq!((config.min_severity.value, config.min_severity.source.clone()), (Severity::Info, at(6)));
    assert_eq!((config.repeat_after.value, config.repeat_after.source.clone()), (Period::hours(36), at(7)));
    assert_eq!((config.rotate_after.value, config.rotate_after.source.clone()), (Period::days(182), at(8)));
    assert_eq!((config.journal_keep.value, config.journal_keep.source.clone()), (Period::days(7), at(9)));
    assert!(config.trusts("hub.corp.example") && config.trusts("LOCALHOST:8080"));
    assert!(!config.trusts("localhost") && !config.trusts("x.hub.corp.example"));
    assert_eq!(
        (config.hook_timeout.value.to_string(), config.hook_timeout.source.clone()),
        ("250ms".to_owned(), at(11))
    );
    let [entry] = config.accepted.as_slice() else { panic!("{:?}", config.accepted) };
    assert_eq!(entry.location, Location::line(FILE, 3));
    assert_eq!(entry.until.unwrap().to_string(), "2027-01-31");
    assert_eq!(config.file.as_deref(), Some(FILE.as_ref()));
    let rules = config.rules();
    assert!(rules.iter().all(|r| r.code.starts_with("HF1") || r.code == "HF902"));
    assert!(rules.iter().any(|r| r.code == "HF101") && !rules.iter().any(|r| r.code == "HF109"));
}

#[test]
fn without_a_file_the_defaults_hold() {
    for fake in [Fake::home(), Fake::new(), machine(""), Fake::home().mode(FILE, "", 0o400)] {
        let config = loaded(&fake);
        assert_eq!(config.fail_on, Setting { value: Severity::Warning, source: Source::Default });
        assert_eq!(config.rules().len(), RULES.len());
        assert_eq!(config.repeat_after.value.to_string(), "24h");
        assert_eq!(config.rotate_after.value.to_string(), "90d");
    }
}

#[test]
fn entries_know_their_line() {
    let config = loaded(&machine(
        "fail-on = 'info'\n\n[[ignore]]\nrule = 'HF101'\nreason = 'x'\n\n# why\n[[ignore]]\nreason = 'y'\nrule = 'HF109'\n",
    ));
    let lines: Vec<_> = config.accepted.iter().map(|e| e.location.clone()).collect();
    assert_eq!(lines, [Location::line(FILE, 3), Location::line(FILE, 8)]);
}

#[test]
fn layers_cover_each_other() {
    let file = machine("fail-on = 'error'\nselect = ['HF1']\nignore = ['HF101']\nwarn = 'never'\n");
    let with = |fake: &Fake, overrides: Overrides| load(fake, From::Person, overrides).unwrap();
    let codes = |c: &Config| c.rules().iter().map(|r| r.code).collect::<Vec<_>>();

    let variables =
        file.clone().var("HFLINT_FAIL_ON", "info").var("HFLINT_IGNORE", "HF102, HF103").var("HFLINT_WARN", "");
    let config = with(&variables, Overrides::default());
    assert_eq!(config.fail_on.source, Source::Variable("HFLINT_FAIL_ON".into()));
    assert_eq!(config.warn.source, at(4), "an empty variable is not set");
    assert_eq!(config.ignore.len(), 3, "what is ignored adds up");
    assert!(codes(&config).iter().all(|c| c.starts_with("HF1") && !["HF101", "HF102", "HF103"].contains(c)));

    // A select of a higher layer takes back what lower ones left out.
    let chosen = with(&variables, Overrides { select: vec!["HF101".parse().unwrap()], ..Overrides::default() });
    assert_eq!(codes(&chosen), ["HF101"]);
    assert_eq!(codes(&with(&file.var("HFLINT_SELECT", "HF101"), Overrides::default())), ["HF101"]);

    let option = with(&variables, Overrides { fail_on: Some(Severity::Warning), ..Overrides::default() });
    assert_eq!(option.fail_on, Setting { value: Severity::Warning, source: Source::Option("--fail-on") });
}

#[test]
fn which_file() {
    let fake = machine("fail-on = 'error'\n").file("/x.toml", "fail-on = 'info'\n");
    let fail_on = |from| load(&fake, from, Overrides::default()).map(|c| c.fail_on.value);
    assert_eq!(fail_on(From::Person).unwrap(), Severity::Error);
    assert_eq!(fail_on(From::File("/x.toml".as_ref())).unwrap(), Severity::Info);
    assert_eq!(fail_on(From::Nowhere).unwrap(), Severity::Warning);
    let missing = fail_on(From::File("/none.toml".as_ref())).unwrap_err().to_string();
    assert_eq!(missing, "cannot read the configuration /none.toml: no such file or directory");
    let closed = Fake::home().mode(FILE, "", 0);
    assert!(load(&closed, From::Person, Overrides::default()).unwrap_err().to_string().ends_with("permission denied"));
}

#[test]
fn faults_are_shown_where_they_stand() {
    let text = fault("warn = 'always'\nfail-onn = 'error'\n");
    assert!(text.starts_with("/home/u/.config/hflint/config.toml: TOML parse error at line 2, column 1\n"), "{text}");
    assert!(text.contains("2 | fail-onn = 'error'\n  | ^^^^^^^^\n"), "{text}");
    assert!(text.ends_with("; did you mean 'fail-on'?"), "{text}");

    for (file, line, piece) in [
        ("fail-on = \n", 1, ""),
        ("fail-on = 'wrning'\n", 1, "'wrning' is none of error, warning, info; did you mean 'warning'?"),
        ("fail-on = 3\n", 1, "expected a string"),
        ("\nselect = ['HF1O1']\n", 2, "unknown rule 'HF1O1'; did you mean 'HF101'?"),
        ("select = 'HF1'\n", 1, "expected a sequence"),
        ("ignore = ['HF101', 'env-shadow-login']\n", 1, "did you mean 'env-shadows-login'?"),
        ("ignore = [3]\n", 1, "expected a rule, or a table with rule, where, reason, until"),
        ("[[ignore]]\nrule = 'HF101'\n", 1, "missing field `reason`"),
        ("[[ignore]]\nreason = 'x'\n", 1, "missing field `rule`"),
        ("[[ignore]]\nrule = 'HF101'\nreason = ' '\n", 3, "a reason says why this is accepted"),
        ("[[ignore]]\nrule = 'HF101'\nreson = 'x'\n", 3, "did you mean 'reason'?"),
        ("[[ignore]]\nrule = 'HF101'\nreason = 'x'\nuntil = '2026-02-29'\n", 4, "'2026-02-29' is no date"),
        ("[[ignore]]\nrule = 'HF101'\nreason = 'x'\nuntil = 2026-02-20T10:00:00\n", 4, "a date without a time"),
        ("[[ignore]]\nrule = 'HF101'\nreason = 'x'\nwhere = 'src/x'\n", 4, "a place is a variable's name"),
        ("repeat-after = '1 day'\n", 1, "'1 day' is no length of time"),
        ("endpoints = ['https://hub.corp.example']\n", 1, "without scheme and path"),
        ("warn = 'change'\nwarn = 'never'\n", 2, "duplicate key"),
        ("ignore = ['HF101']\n\n[[ignore]]\nrule = 'HF102'\nreason = 'x'\n", 3, "the list and [[ignore]] are one"),
        ("[prompt]\nwarn = 'never'\n", 1, "unknown field `prompt`"),
    ] {
        let text = fault(file);
        assert!(text.contains(&format!("at line {line}, ")), "{file}: {text}");
        assert!(text.contains(piece), "{file}: {text}");
    }
    let fake = Fake::home().file(FILE, b"warn = '\xff'\n");
    assert_eq!(
        load(&fake, From::Person, Overrides::default()).unwrap_err().to_string(),
        "/home/u/.config/hflint/config.toml: is not UTF-8"
    );
}

#[test]
fn faults_of_variables() {
    for (name, value, why) in [
        ("HFLINT_FAIL_ON", "never", "'never' is none of error, warning, info"),
        ("HFLINT_SELECT", "HF101,,HF102", "unknown rule ''"),
        ("HFLINT_REPEAT_AFTER", "24", "'24' is no length of time"),
    ] {
        let fake = Fake::home().var(name, value);
        let text = load(&fake, From::Nowhere, Overrides::default()).unwrap_err().to_string();
        assert!(text.starts_with(&format!("{name}: {why}")), "{text}");
    }
    let fake = Fake::home().var("HFLINT_FALE_ON", "error").var("HFLINT_PROJECT", "x").var("HFLINT", "0");
    assert_eq!(loaded(&fake).unknown_variables, ["HFLINT_FALE_ON"]);
}

#[test]
fn periods() {
    for (text, shown) in [
        ("24h", "24h"),
        ("1d", "24h"),
        ("90d", "90d"),
        ("2w", "14d"),
        ("36h", "36h"),
        ("90s", "90s"),
        ("120s", "2m"),
        ("250ms", "250ms"),
        ("0s", "0s"),
        ("0d", "0s"),
    ] {
        assert_eq!(text.parse::<Period>().unwrap().to_string(), shown, "{text}");
    }
    for text in
        ["", "24", "h", "-1h", "+1h", "1.5h", "1 h", "1h ", "1H", "1y", "99999999999999999999d", "999999d", "1h30m"]
    {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
}

#[test]
fn dates() {
    let end = |text: &str| text.parse::<Date>().unwrap().end();
    assert_eq!(end("1970-01-01"), 86_400);
    assert_eq!(end("2000-02-29"), 951_868_800);
    assert_eq!(end("2026-11-21"), 1_795_305_600);
    // Days of 400 years there and back, to their last second.
    for day in (0..146_097).step_by(11) {
        assert_eq!(Date::of(day * 86_400 + 86_399).end(), (day + 1) * 86_400);
    }
    assert_eq!(Date::of(951_782_400).to_string(), "2000-02-29");
    assert_eq!(Date::of(-1).to_string(), "1969-12-31");
    assert!(Date::of(i64::MAX).to_string().starts_with("9999-"));
    for text in
        ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "2026-01-01T00", "+026-01-01", "2026-01-é"]
    {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
}
