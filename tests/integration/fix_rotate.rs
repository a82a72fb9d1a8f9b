//! `hflint fix rotate`: the new token stands where the old one stood, and nowhere else is anything touched.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::common::token;
use crate::fix_states::{files, in_shell};
use crate::machine::{Machine, Said};

const LOGIN: &str = ".cache/huggingface/token";
const STORED: &str = ".cache/huggingface/stored_tokens";

fn no_token(said: &Said) {
    for letter in ['A', 'B', 'C', 'N'] {
        assert!(!said.out.contains(&token(letter)) && !said.err.contains(&token(letter)), "{said:?}");
    }
}

/// Every place of a token that this test knows, with the old one (`OLD`), another one (`OTHER`) and what looks alike.
const PLACES: &[(&str, &str)] = &[
    (LOGIN, "OLD"),
    (STORED, "[work]\nhf_token = OLD\n\n[home]\nhf_token = OTHER\n[again]\nhf_token=OLD\n"),
    (".huggingface/token", "OLD\n"),
    (
        ".bashrc",
        "alias l=ls\r\nexport HF_TOKEN='OLD' # mine\r\nexport A=OLD0 B=xOLD C=OTHER\r\n# was OLD\r\n. ~/.secrets\r\nlast",
    ),
    (".secrets", "export HF_TOKEN=OLD\nX=$(cat ~/.hf)\n"),
    (".hf", "OLD\n"),
    (".oh-my-zsh/custom/hf.zsh", "export HF_TOKEN=OLD\n"),
    (".local/share/jupyter/kernels/x/kernel.json", "{\"env\": {\"HF_TOKEN\": \"OLD\"}}"),
    ("p/.env.production", "HF_TOKEN=OLD\n"),
    (".zshrc", "typeset -x HF_TOKEN=\"OLD\""),
    (".profile", "export HF_TOKEN=OTHER\n"),
    (".config/fish/config.fish", "set -gx HF_TOKEN OLD\n"),
    (".config/fish/conf.d/hf.fish", "set -gx HF_TOKEN OLD\n"),
    (".config/environment.d/50-hf.conf", "HF_TOKEN=OLD\n"),
    (".netrc", "machine huggingface.co\n\tlogin me\n\tpassword OLD\nmachine github.com login me password OTHER\n"),
    (".git-credentials", "https://me:OLD@huggingface.co\nhttps://me:OTHER@github.com\n"),
    (".config/git/credentials", "https://me:OLD@hf.co\n"),
    (".gitconfig", "[http \"https://huggingface.co/\"]\n\textraHeader = \"Authorization: Bearer OLD\"\n"),
    (".curlrc", "header = \"Authorization: Bearer OLD\"\n"),
    (".config/comfy-cli/config.ini", "[DEFAULT]\nhf_api_token = OLD\n"),
    ("invokeai/invokeai.yaml", "remote_api_tokens:\n- url_regex: huggingface.co\n  token: OLD\n"),
    ("invokeai/models/tmpinstall_x/.invokeai_install.json", "{\"access_token\": \"OLD\", \"source\": \"x\"}"),
    ("p/.git/config", "[remote \"origin\"]\n\turl = https://me:OLD@huggingface.co/me/x\n"),
    ("p/.env", "A=1\nHF_TOKEN=\"OLD\"\n"),
    ("p/.envrc", "export HF_TOKEN=OLD\n"),
    ("p/mise.toml", "[env]\nHF_TOKEN = \"OLD\"\n"),
    ("p/.vscode/settings.json", "{\n  // x\n  \"terminal.integrated.env.linux\": {\"HF_TOKEN\": \"OLD\"}\n}\n"),
    (".local/share/hflint/isolated/q-0123/token", "OLD"),
    (".local/share/hflint/isolated/profiles/work/token", "OLD"),
    (".local/share/hflint/isolated/profiles/home/token", "OTHER"),
];

fn filled(text: &str, old: &str) -> String {
    text.replace("OLD", old).replace("OTHER", &token('B'))
}

fn crowded() -> Machine {
    let mut m = Machine::new();
    for (path, text) in PLACES {
        m.write(path, &filled(text, &token('A')));
    }
    for dir in ["objects", "refs"] {
        fs::create_dir_all(m.at("p/.git").join(dir)).unwrap();
    }
    m.write("p/.git/HEAD", "ref: refs/heads/main\n");
    fs::set_permissions(m.at(".bashrc"), fs::Permissions::from_mode(0o644)).unwrap();
    m.set("HF_TOKEN", token('A'));
    m.set_input(&(token('N') + "\n"));
    m.stand("p/sub");
    m
}

#[test]
fn everywhere_and_nothing_else() {
    let mut m = crowded();
    let before = files(&m);
    let diff = m.run(&["fix", "--rotate", "--diff"]);
    no_token(&diff);
    assert_eq!((diff.code, files(&m) == before), (Some(1), true), "{diff:?}");
    assert!(diff.out.contains("+export HF_TOKEN='hf_****") && diff.out.contains(", named \"work\" and \"again\""));

    let said = in_shell(&mut m, &["fix", "rotate", "--yes"]);
    no_token(&said);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("https://huggingface.co/settings/tokens"), "{said:?}");
    for (path, text) in PLACES {
        // Bytes that only look like it, and comments, which are as dead as the token that is put there.
        let want = filled(text, &token('N')).replace(&format!("{}0", token('N')), &format!("{}0", token('A')));
        let want = want.replace(&format!("x{}", token('N')), &format!("x{}", token('A')));
        assert_eq!(m.read(path), want, "{path}");
    }
    let after = files(&m);
    for (path, (_, mode, _)) in &before {
        assert_eq!(after[path].1, *mode, "{path}");
    }
    let said = m.run(&["status", "--format", "json", "--client", "huggingface_hub"]);
    let shown = said.json()["clients"][0]["token"].as_str().unwrap().to_owned();
    assert!(shown.ends_with(&token('N')[33..]), "this shell has it too: {shown}");
    no_token(&m.run(&["undo", "--list"]));
    let entry = m.read(".local/state/hflint/journal/1/entry.json");
    assert!(!entry.contains(&token('A')) && !entry.contains(&token('N')));

    assert_eq!(in_shell(&mut m, &["undo"]).code, Some(0));
    assert_eq!(files(&m), before);
}

#[test]
fn without_agreement_nothing_is_done() {
    let mut m = crowded();
    let before = files(&m);
    let said = in_shell(&mut m, &["fix", "rotate"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("; --yes makes them"), "{said:?}");
    assert_eq!(files(&m), before);
    let now = m.run(&["fix", "rotate", "--diff"]);
    assert!(now.out.contains("in HF_TOKEN"), "this shell keeps its own: {now:?}");
}

#[test]
fn a_new_token_that_is_none() {
    let mut m = crowded();
    let before = files(&m);
    let (new, other) = (token('N'), token('C'));
    for (input, why) in [
        (String::new(), "no new token was given"),
        (" \n".to_owned(), "no new token was given"),
        ("hf_short".to_owned(), "the beginning of a token only"),
        ("password".to_owned(), "no token"),
        (format!("Bearer {new}"), "a whole header"),
        (format!("HF_TOKEN={new}"), "a whole assignment"),
        (format!("\"{new}\""), "has quotes around it"),
        (format!("{new}\n{other}\n"), "has more than one line"),
        (format!("hf_{}", "x".repeat(34)), "a placeholder"),
        (format!("api_org_{}", &new[3..]), "one of an organization"),
        (token('A'), "the new token is the old one"),
    ] {
        m.set_input(&input);
        let said = in_shell(&mut m, &["fix", "--rotate", "--yes"]);
        no_token(&said);
        assert_eq!(said.code, Some(2), "{input:?}: {said:?}");
        assert!(said.err.contains(why) && said.err.contains("nothing was changed"), "{why}: {said:?}");
        assert_eq!(files(&m), before);
    }
    m.set_input(&format!("  {new}\r\n"));
    assert_eq!(in_shell(&mut m, &["fix", "--rotate", "--yes"]).code, Some(0), "blanks round it are nobody's fault");
}

#[test]
fn without_a_new_one_the_places_are_shown() {
    let mut m = crowded();
    m.set_input("");
    let said = m.run(&["fix", "--rotate", "--diff"]);
    no_token(&said);
    assert!(said.code == Some(1) && said.out.contains("by the new token in ~/.bashrc:2, 4"), "{said:?}");
    assert!(said.out.contains("https://huggingface.co/settings/tokens/new?tokenType=read"), "{said:?}");
    let json = m.run(&["fix", "--rotate", "--diff", "--format", "json"]).json();
    let kinds: Vec<_> = json["actions"].as_array().unwrap().iter().map(|a| a["kind"].as_str().unwrap()).collect();
    assert!(kinds[0] == "unset" && kinds[1..].iter().all(|k| *k == "edit-file"), "{kinds:?}");
}

#[test]
fn which_token_is_meant() {
    let mut m = Machine::new();
    m.set_input(&token('N'));
    let said = m.run(&["fix", "--rotate", "--yes"]);
    assert!(said.code == Some(2) && said.err.contains("sends no token here"), "{said:?}");

    // The login is hidden by a variable: the rule's first place is the variable, which is in effect as well.
    m.write(LOGIN, &token('B'));
    m.set("HF_TOKEN", token('A'));
    let said = m.run(&["fix", "--rotate", "HF101", "--diff"]);
    assert!(said.out.contains("in HF_TOKEN") && !said.out.contains("huggingface/token"), "{said:?}");

    // A token that is not in effect, by its rule.
    m.write(".huggingface/token", &token('C'));
    let said = m.run(&["fix", "rotate", "HF105", "--yes"]);
    assert!(said.code == Some(0) && m.read(".huggingface/token") == token('N'), "{said:?}");
    assert_eq!(m.read(LOGIN), token('B'));
    let said = m.run(&["fix", "rotate", "HF101", "HF105", "--yes"]);
    assert!(said.code == Some(2) && said.err.contains("several tokens were found"), "{said:?}");
    no_token(&said);
    let said = m.run(&["fix", "rotate", "HF301", "--yes"]);
    assert!(said.code == Some(2) && said.err.contains("nothing was found here"), "{said:?}");

    m.set("HF_TOKEN", "your_token_here");
    let said = m.run(&["fix", "--rotate", "--yes"]);
    assert!(said.code == Some(2) && said.err.contains("is a placeholder"), "{said:?}");
}

#[test]
fn what_cannot_be_written_is_named_and_the_rest_goes_on() {
    let outside = tempfile::tempdir().unwrap();
    let elsewhere = outside.path().join("bashrc");
    let text = format!("export HF_TOKEN={}\n", token('A'));
    fs::write(&elsewhere, &text).unwrap();
    let mut m = Machine::new();
    m.set_input(&token('N'));
    m.write(LOGIN, &token('A'));
    m.write("locked/.zshrc", &text);
    symlink(&elsewhere, m.at(".bashrc")).unwrap();
    let locked = m.at("locked");
    m.set("ZDOTDIR", &locked);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    let said = crate::fix::as_person(&m, &["fix", "--rotate", "--yes"]);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
    no_token(&said);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("locked/.zshrc:1, by hand: it lies in a directory that cannot be written"), "{said:?}");
    assert!(said.out.contains("which is outside the home directory"), "{said:?}");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), text);
    assert_eq!((m.read("locked/.zshrc"), m.read(LOGIN)), (text, token('N')));
}

#[test]
fn a_universal_variable_of_fish_and_a_tmux_server() {
    let mut m = Machine::new();
    m.set_input(&token('N'));
    m.write(LOGIN, &token('A'));
    m.write(".config/fish/fish_variables", &format!("# VERSION: 3.0\nSETUVAR --export HF_TOKEN:{}\n", token('A')));
    m.write("OLD", &format!("HF_TOKEN={}\n", token('A')));
    // What they are told on their standard input; what tmux says when it is asked.
    let told = "printf '%s\\n' \"$0 $*\" >> \"$HOME/CALLS\"; cat >> \"$HOME/TOLD\"";
    crate::fix::program(&mut m, "fish", told);
    crate::fix::program(&mut m, "tmux", &format!("case $1 in show*) cat \"$HOME/OLD\" ;; *) {told} ;; esac"));
    m.set("TMUX", "/tmp/x,1,0");
    let said = in_shell(&mut m, &["fix", "--rotate", "--yes"]);
    no_token(&said);
    assert_eq!(said.code, Some(0), "{said:?}");
    let calls = m.read("CALLS");
    assert!(calls.contains("-c read -l value; and set -U HF_TOKEN $value"), "{calls}");
    assert!(calls.contains("source-file -"), "{calls}");
    assert!(!calls.contains(&token('N')) && !calls.contains(&token('A')), "among the words of a process");
    assert_eq!(m.read("TOLD"), format!("{}\nset-environment -g HF_TOKEN '{0}'\n", token('N')));
    fs::remove_file(m.at("TOLD")).unwrap();
    assert_eq!(in_shell(&mut m, &["undo"]).code, Some(0));
    assert!(m.read("TOLD").contains(&token('A')) && !m.read("TOLD").contains(&token('N')));
}

#[test]
fn the_new_token_stays_nowhere_in_the_journal() {
    let mut m = crowded();
    assert_eq!(in_shell(&mut m, &["fix", "--rotate", "--yes"]).code, Some(0));
    let given = m.at(".local/state/hflint/journal/1/given");
    assert_eq!(fs::metadata(&given).unwrap().permissions().mode() & 0o777, 0o600, "for the shell that reads it");
    let entry = m.at(".local/state/hflint/journal/1/entry.json");
    let mut json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&entry).unwrap()).unwrap();
    json["at"] = (json["at"].as_i64().unwrap() - 61).into();
    fs::write(&entry, json.to_string()).unwrap();
    assert_eq!(m.run(&["undo", "--list"]).code, Some(0));
    assert!(!given.exists());
}

/// The command in the note is run as it stands: the helper forgets, and the new token in git's store stays.
#[test]
fn what_is_left_to_do_with_other_helpers_of_git() {
    let mut m = Machine::new();
    m.set_input(&token('N'));
    m.write(LOGIN, &token('A'));
    m.write(".git-credentials", &format!("https://me:{}@huggingface.co\n", token('A')));
    let keeper = "#!/bin/sh\nread -r a; read -r b\necho \"$0 $1 $a $b\" >> \"${LOG:?}\"\n";
    for path in ["bin/git-credential-libsecret", "opt/keeper"] {
        m.write(path, keeper);
        fs::set_permissions(m.at(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    symlink("/usr/bin/git", m.at("bin/git")).unwrap();
    let (bin, own) = (m.at("bin"), m.at("opt/keeper"));
    let own = own.to_str().unwrap();
    m.set("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    m.set("LOG", m.at("log"));
    m.write(
        ".gitconfig",
        &format!(
            "[credential]\n\thelper = store\n\thelper = libsecret\n\thelper = {own}\n\thelper = libsecret\n\
             \thelper = \"!f() {{ '{own}' \\\"$1\\\"; }}; f\"\n"
        ),
    );
    let said = in_shell(&mut m, &["fix", "--rotate", "--yes"]);
    no_token(&said);
    let notes: Vec<&str> = said.out.lines().filter(|line| line.contains("may hold")).collect();
    assert_eq!(notes.len(), 3, "{said:?}");
    assert!(
        notes.iter().all(|note| note.ends_with("git then asks for one at the next push, unless another helper has it"))
    );
    for note in notes {
        let command = note.split('`').nth(1).unwrap();
        let ran = m.program(std::path::Path::new("/bin/sh"), "", &["-c", command]).output().unwrap();
        assert!(ran.status.success(), "{note}: {ran:?}");
    }
    let log = m.read("log");
    assert_eq!(log.lines().count(), 3, "{log}");
    assert!(log.lines().all(|line| line.ends_with(" erase protocol=https host=huggingface.co")), "{log}");
    assert_eq!(m.read(".git-credentials"), format!("https://me:{}@huggingface.co\n", token('N')));
}
