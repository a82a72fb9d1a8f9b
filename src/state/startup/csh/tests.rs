//! Each value is that of tcsh 6.24.

use crate::state::startup::{From, Mode, Shell, Value, start};
use crate::system::fake::Fake;

fn next(text: &str, mode: Mode) -> Value {
    let fake = Fake::home()
        .file("/home/u/.cshrc", text)
        .file("/home/u/other", "setenv HF_TOKEN other\n")
        .file("/home/u/line", "a  b\n")
        .file("/home/u/stops", "setenv HF_TOKEN abc\nexit 1\nsetenv HF_TOKEN no\n")
        .file("/home/u/d/here", "setenv HF_TOKEN abc\n")
        .file("/home/u/argued", "setenv HF_TOKEN $2\n");
    start(&fake, Shell::Tcsh, mode, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
}

fn same(cases: &[&str], want: &str) {
    for text in cases {
        assert_eq!(next(text, Mode::Interactive), Value::of(want.as_bytes()), "{text}");
    }
}

#[test]
fn words() {
    same(
        &[
            "setenv HF_TOKEN abc",
            "setenv\tHF_TOKEN\t'abc' ; unsetenv X",
            "setenv A b\nsetenv HF_TOKEN \"a${A}c\" # ours",
            "setenv HF_TOKEN \\\n  abc",
            "setenv HF_TOKEN abc#no",
            "setenv HF_TOKEN 'a'\"b\"c",
            "set x=(a b c)\nsetenv HF_TOKEN $x[1]$x[2]$x[3]",
            "set f=/x/abc.d\nsetenv HF_TOKEN $f:t:r",
            "setenv HF_TOKEN `echo abc`",
            "setenv HF_TOKEN `echo abc | tr -d '\\n'`",
            "setenv HF_TOKEN \"`echo -n abc`\"",
            "set l=(a b c)\nset l[2] = B\nset l[2]=b\nsetenv HF_TOKEN \"$l[1]$l[2]$l[3]\"",
            "setenv E ''\nsetenv HF_TOKEN a$E\"b\"${E}c",
            "cat <<EOF > /dev/null\nsetenv HF_TOKEN no\nEOF\nsetenv HF_TOKEN abc",
        ],
        "abc",
    );
    for (text, want) in [
        ("setenv HF_TOKEN 'a$c'", "a$c"),
        ("setenv HF_TOKEN \"a\\b\\!\"", "a\\b!"),
        ("setenv HF_TOKEN a\\ b", "a b"),
        ("setenv HF_TOKEN", ""),
        ("setenv HF_TOKEN ~/x", "/home/u/x"),
        ("setenv HF_TOKEN {a,b}", "a b"),
        ("setenv HF_TOKEN `cat ~/line`", "a b"),
        ("setenv HF_TOKEN \"`cat ~/line`\"", "a  b"),
        ("setenv HF_TOKEN ~/oth*", "/home/u/other"),
        ("set x=(a \"y z\")\nsetenv HF_TOKEN \"$#x $x[2-2] $x\"", "2 y z a y z"),
        ("set l=(a '' b)\nsetenv HF_TOKEN $#l", "3"),
        ("set path = (/a ~/b)\nsetenv HF_TOKEN \"$PATH\"", "/a:/home/u/b"),
        ("setenv HOME /z\nsetenv HF_TOKEN ~/x", "/z/x"),
        ("set a=b c = d\nsetenv HF_TOKEN $a$c", "bd"),
        ("set HF_TOKEN=own\nsetenv HF_TOKEN other\nsetenv HF_TOKEN $HF_TOKEN", "own"),
        ("@ i = 10 - 2 - 3\n@ i++\n@ i += 2 * ( 3 + 4 )\nsetenv HF_TOKEN $i", "20"),
        ("set x = `echo a b`\nsetenv HF_TOKEN $#x", "2"),
    ] {
        same(&[text], want);
    }
}

#[test]
fn blocks() {
    same(
        &[
            "if ($?prompt) then\nsetenv HF_TOKEN abc\nendif",
            "if (! $?prompt) then\nsetenv HF_TOKEN x\nelse\nsetenv HF_TOKEN abc\nendif",
            "if (0) then\nelse if (1) then\nsetenv HF_TOKEN abc\nelse\nsetenv HF_TOKEN x\nendif",
            "if (0) then\nif (1) then\nendif\nelse setenv HF_TOKEN abc\nendif",
            "if ( \"a b\" == 'a b' && ( 2 > 1 || 0 ) && ! -e ~/nope ) setenv HF_TOKEN abc",
            "if ($HOME =~ \"/home/*\") setenv HF_TOKEN abc",
            "if ($HOME =~ /home/*) setenv HF_TOKEN abc",
            "if ( 2 << 1 == 4 || 1 ) setenv HF_TOKEN abc",
            "if ( { true } ) setenv HF_TOKEN abc",
            "if (0) setenv A b; setenv HF_TOKEN abc",
            "setenv A abc\nif ($?A && -f ~/other) setenv HF_TOKEN $A",
            "test -f ~/other\nif ($status == 0) setenv HF_TOKEN abc",
            "[ -f ~/nope ] || setenv HF_TOKEN abc",
            "foreach i (x abc y)\nsetenv HF_TOKEN $i\nif ($i == abc) break\nend",
            "foreach i (x abc y)\nif ($i != abc) continue\nsetenv HF_TOKEN $i\nend",
            "set i=0\nwhile ($i < 3)\n@ i++\nsetenv HF_TOKEN a$i\nend\nif ($HF_TOKEN == a3) setenv HF_TOKEN abc",
            "switch ($HOME)\ncase /x*:\nsetenv HF_TOKEN x\nbreaksw\ncase *u:\nsetenv HF_TOKEN abc\nbreaksw\n\
             default:\nsetenv HF_TOKEN y\nendsw",
            "switch (abc)\ncase 'a*':\nsetenv HF_TOKEN abc\nendsw",
            "switch (q)\ncase 'a':\ndefault:\nsetenv HF_TOKEN abc\nendsw",
            "if (`some-program` == a) then\nsetenv HF_TOKEN abc\nelse\nsetenv HF_TOKEN abc\nendif",
            "foreach i (`some-program`)\nsetenv HF_TOKEN abc\nend\nsetenv HF_TOKEN abc",
        ],
        "abc",
    );
    assert_eq!(next("if ($?prompt) setenv HF_TOKEN abc", Mode::Script), Value::Unset);
}

#[test]
fn commands() {
    same(
        &[
            "alias e 'setenv HF_TOKEN'\ne abc",
            "alias e setenv \\!:1 \\!:2\ne HF_TOKEN abc",
            "alias e 'setenv HF_TOKEN \"\\!*\"'\ne abc",
            "alias e 'setenv HF_TOKEN `echo \\!^`'\ne abc",
            "alias periodic 'setenv HF_TOKEN abc'",
            "eval setenv HF_TOKEN abc",
            "eval \"setenv HF_TOKEN 'abc'; setenv A b\"",
            "source ~/stops",
            "source ~/argued x abc",
            "cd ~/d\nsource here",
            "if (-e ~/d/here) source ~/d/here",
            "setenv HF_TOKEN abc\n( setenv HF_TOKEN x )\nsetenv HF_TOKEN y | cat\nsetenv HF_TOKEN z &",
            "setenv HF_TOKEN abc\nset A = b\nunsetenv HF_TO\nunset HF_TOKEN",
            "alias precmd 'setenv HF_TOKEN abc'",
            "setenv HF_TOKEN abc\nsome-program ~/nope*",
            "repeat 2 setenv HF_TOKEN abc",
        ],
        "abc",
    );
    for text in [
        "alias e setenv\nif (1) e HF_TOKEN abc",
        "set HF_TOKEN=abc",
        "setenv HF_TOKEN a\nunsetenv HF_*",
        "exit\nsetenv HF_TOKEN abc",
        "env HF_TOKEN=abc true",
    ] {
        assert_eq!(next(text, Mode::Interactive), Value::Unset, "{text}");
    }
}

/// An error ends all of the start-up.
#[test]
fn errors() {
    for text in [
        "setenv A $UNDEFINED",
        "if ($?UNDEFINED) echo $UNDEFINED",
        "source ~/nope",
        "setenv A b c",
        "setenv A=b",
        "setenv A nope*",
        "echo nope*",
        "setenv A \"b",
        "setenv A b!c",
        "setenv P $PATH:/bin",
        "if (abc) setenv A b",
        "if (a==a) setenv A b",
        "cd ~/nope",
        "set x=(a b)\necho $x[3]",
        "if (0) then\nsetenv A b",
    ] {
        assert_eq!(next(&format!("{text}\nsetenv HF_TOKEN abc"), Mode::Interactive), Value::Unset, "{text}");
    }
    let fake = Fake::home().file("/home/u/.cshrc", "echo $NOPE\n").file("/home/u/.login", "setenv HF_TOKEN l\n");
    let next = start(&fake, Shell::Tcsh, Mode::Login, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN");
    assert_eq!(next.value, Value::Unset);
}

#[test]
fn what_is_not_modelled_is_not_told() {
    for text in [
        "setenv HF_TOKEN `some-program`",
        "if (`some-program` == a) setenv HF_TOKEN abc",
        "set x = `some-program`\nif ($x > 2) setenv HF_TOKEN abc",
        "some-program && setenv HF_TOKEN abc",
        "eval `some-program HF_TOKEN`",
        "setenv `some-program` abc",
        "source `some-program`",
        "setenv HF_TOKEN \"`awk '{print $1}' ~/line`\"",
        "set histchars = ''\nsetenv HF_TOKEN a!b",
        "set backslash_quote\nsetenv HF_TOKEN \"a\\\"b\"",
        "goto x\nsetenv HF_TOKEN abc\nx:",
        "setenv HF_TOKEN abc\nif (`some-program` == a) exit\nunsetenv HF_TOKEN",
        "foreach i (`some-program`)\nsetenv HF_TOKEN $i\nend",
        "echo 'setenv HF_TOKEN abc' > ~/other\nsource ~/other",
        "setenv HF_TOKEN a\nsetenv HF_TOKEN $HOME:s/a/b/",
    ] {
        assert_eq!(next(text, Mode::Interactive), Value::Unknown, "{text}");
    }
}

#[test]
fn the_first_file_hides_the_second() {
    let fake = Fake::home()
        .file("/home/u/.cshrc", "setenv HF_TOKEN a\n")
        .file("/home/u/.tcshrc", "\n")
        .file("/home/u/.login", "setenv HF_TOKEN l\n");
    let value = |mode| start(&fake, Shell::Tcsh, mode, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN");
    assert_eq!(value(Mode::Interactive).value, Value::Unset);
    assert_eq!(value(Mode::Login).value, Value::of(b"l"));
    assert_eq!(value(Mode::Login).place, Some(crate::finding::Location::line("/home/u/.login", 1)));
}

/// Text of no sense ends, and in bounded time.
#[test]
fn odd_texts_end() {
    for text in [
        "while (1)\nsetenv A $?B\nend",
        "alias a 'b; b'\nalias b 'a; a'\na",
        "source ~/.cshrc\nsource ~/.cshrc",
        "eval eval eval eval setenv HF_TOKEN x",
        "if ((((((((((",
        "switch (a)\ncase",
        "foreach x",
        "foreach",
        "@",
        "@ x",
        "set =",
        "set x[",
        "${",
        "$x[$x[",
        "`",
        "<<",
        "> ",
        "if (",
        "if",
        "else if",
        "alias x x\nx",
        "setenv A {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
        "repeat 1000 repeat 1000 repeat 1000 true",
    ] {
        let _ended = next(text, Mode::Login);
    }
}
