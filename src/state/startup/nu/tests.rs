//! Each value is that of nushell 0.115.

use crate::state::startup::{From, Mode, Shell, Value, start};
use crate::system::fake::Fake;

fn next(text: &str) -> Value {
    let fake = Fake::home()
        .var("PATH", "/usr/bin")
        .file("/home/u/.config/nushell/config.nu", text)
        .file("/home/u/.tok", "abc\n")
        .file("/home/u/a.nu", "$env.HF_TOKEN = 'abc'\n")
        .file("/home/u/.config/nushell/scripts/s.nu", "$env.HF_TOKEN = 'abc'\n")
        .file("/home/u/m.nu", "export-env { $env.HF_TOKEN = 'x' }\n");
    start(&fake, Shell::Nu, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
}

#[test]
fn settings() {
    for text in [
        "$env.HF_TOKEN = \"abc\"\n",
        "$env.HF_TOKEN = 'abc' # ours",
        "$env.HF_TOKEN = r#'abc'#; print x",
        "# it's \"one\n$env.HF_TOKEN = ('abc' # don't\n | str trim)",
        "$env.\"HF_TOKEN\" = $\"a(\"b\")c\"",
        "load-env { HF_TOKEN: abc, A: 1 }",
        "load-env {\n  A: 1 # one\n  \"HF_TOKEN\": \"abc\"\n}",
        "$env.HF_TOKEN = 'x'\n$env.hf_token = 'abc'",
        "let t = 'abc'\n$env.HF_TOKEN = $t",
        "$env.HF_TOKEN = ($env.HF_TOKEN? | default 'abc')",
        "$env.HF_TOKEN = ('a' + 'bc')",
        "$env.HF_TOKEN = (open ~/.tok | str trim)",
        "if false { $env.HF_TOKEN = 'x' } else if true {\n  $env.HF_TOKEN = 'abc'\n} else { $env.HF_TOKEN = 'y' }",
        "if ('~/.tok' | path exists) { $env.HF_TOKEN = 'abc' }",
        "if not ('HF_TOKEN' in $env) { $env.HF_TOKEN = 'abc' }",
        "source ~/a.nu",
        "source s.nu",
        "export-env { $env.HF_TOKEN = 'abc' }",
        "$env.HF_TOKEN = 'abc'\ndef f [] { $env.HF_TOKEN = 'x' }\nf\nwith-env { HF_TOKEN: x } { print y }",
        "$env.config = { show_banner: false }\n$env.PATH = ($env.PATH | split row (char esep) | prepend '~/bin')\n\
         alias ll = ls -la\n$env.HF_TOKEN = 'abc'",
    ] {
        assert_eq!(next(text), Value::of(b"abc"), "{text}");
    }
    for (text, want) in [
        ("$env.HF_TOKEN = $env.HOME\n  | path join 'a' b", "/home/u/a/b"),
        ("$env.HF_TOKEN = $\"($env.HOME)/x\"", "/home/u/x"),
        ("$env.HF_TOKEN = 007", "7"),
        ("$env.HF_TOKEN = true", "true"),
        ("$env.HF_TOKEN = \"a\\tb\"", "a\tb"),
        ("$env.HF_TOKEN = ('~/x' | path expand)", "/home/u/x"),
        ("$env.HF_TOKEN = (open --raw ~/.tok)", "abc\n"),
    ] {
        assert_eq!(next(text), Value::of(want.as_bytes()), "{text}");
    }
}

#[test]
fn nothing_is_set() {
    for text in [
        "# $env.HF_TOKEN = 'abc'",
        "$env.HF_TOKEN = 'abc'\nhide-env HF_TOKEN",
        "$env.HF_TOKEN = null",
        "let text = \"\n$env.HF_TOKEN = 'abc'\n\"",
        "def --env f [] { $env.HF_TOKEN = 'abc' }",
        "do { $env.HF_TOKEN = 'abc' }",
        "return\n$env.HF_TOKEN = 'abc'",
        "error make {msg: 'x'}\n$env.HF_TOKEN = 'abc'",
        "hide-env HF_TOKEN\n$env.HF_TOKEN = 'abc'",
        "",
    ] {
        assert_eq!(next(text), Value::Unset, "{text}");
    }
}

#[test]
fn what_is_not_modelled_is_not_told() {
    for text in [
        "$env.HF_TOKEN = (open x)",
        "$env.HF_TOKEN = abc",
        "$env.HF_TOKEN='abc'",
        "$env.HF_TOKEN = 'abc'\nlet x = (",
        "$env.HF_TOKEN = 'abc'\nsource ~/nope.nu",
        "$env.HF_TOKEN = 'abc'\nuse ~/nope.nu *",
        "some-program\n$env.HF_TOKEN = 'abc'",
        "let x = (^some-program)\n$env.HF_TOKEN = 'abc'",
        "for x in [a b] { $env.HF_TOKEN = $x }",
        "def --env f [] { $env.HF_TOKEN = 'abc' }\nf",
        "{ HF_TOKEN: abc } | load-env",
        "use ~/m.nu",
        "let x = (some-program)\nsource $x",
        "load-env $record",
        "$env.config.hooks.pre_prompt = [{ $env.HF_TOKEN = 'x' }]",
        "if (some-program) { $env.HF_TOKEN = 'abc' }",
        "try { $env.HF_TOKEN = 'abc' }",
        "$env.HF_TOKEN = 'abc'\n$env.HF_TOKEN ++= 'x'",
        "$env.HF_TOKEN = 10kb",
        "$env.HF_TOKEN = ~/x",
        "$env.HF_TOKEN = 'abc'\nprint $undefined",
        "$env.HF_TOKEN = 'abc'\nlet-env A = 'x'",
        "$env.A = $env.NOBODY_SETS_IT\n$env.HF_TOKEN = 'abc'",
        "open ~/e.json | load-env",
        "HF_TOKEN=abc",
    ] {
        assert_eq!(next(text), Value::Unknown, "{text}");
    }
}

#[test]
fn the_order_of_files() {
    let fake = Fake::home()
        .file("/home/u/.config/nushell/env.nu", "$env.HF_TOKEN = 'e'")
        .file("/home/u/.config/nushell/login.nu", "$env.HF_TOKEN = 'l'")
        .file("/home/u/.config/nushell/autoload/b.nu", "\n$env.HF_HOME = 'own'")
        .file("/home/u/.local/share/nushell/vendor/autoload/a.nu", "$env.HF_HOME = 'v'; $env.HF_TOKEN = 'v'");
    let names = ["HF_TOKEN", "HF_HOME"];
    let started = start(&fake, Shell::Nu, Mode::Login, From::Terminal, &names);
    assert_eq!(started.variable("HF_TOKEN").value, Value::of(b"v"));
    let home = started.variable("HF_HOME");
    assert_eq!(home.value, Value::of(b"own"));
    assert_eq!(home.place, Some(crate::finding::Location::line("/home/u/.config/nushell/autoload/b.nu", 2)));
    let script = start(&fake, Shell::Nu, Mode::Script, From::Terminal, &names);
    assert_eq!(script.variable("HF_TOKEN").value, Value::Unset);
}
