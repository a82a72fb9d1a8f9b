//! `hflint uninstall`: the hook's lines, the isolations and the journal go; nothing else does.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::common::token;
use crate::machine::Machine;

const BASHRC: &str = "export A=1\n\n# hflint\neval \"$(hflint init bash)\"\nexport B=2";

/// Two start-up files with the hook, a project with a login, a fix in the journal, a configuration.
fn lived_in() -> Machine {
    let machine = Machine::shadowed();
    machine.write(".bashrc", BASHRC);
    fs::set_permissions(machine.at(".bashrc"), fs::Permissions::from_mode(0o640)).unwrap();
    machine.write(
        ".config/fish/config.fish",
        "if status is-interactive\n    hflint init fish | source\nend\nset -gx A 1\n",
    );
    machine.write(".config/hflint/config.toml", "rotate-after = \"90d\"\n");
    fs::create_dir_all(machine.at("p/.git")).unwrap();
    let said = machine.run_in("p", &["fix", "isolate", "--yes", "--profile", "work"]);
    assert!(machine.at(".local/share/hflint/isolated/profiles/work").is_dir(), "{said:?}");
    machine
}

#[test]
fn all_of_it_goes_and_nothing_else() {
    let machine = lived_in();
    let said = machine.run(&["uninstall", "--yes"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(machine.read(".bashrc"), "export A=1\n\n# hflint\nexport B=2");
    assert_eq!(fs::metadata(machine.at(".bashrc")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(machine.read(".config/fish/config.fish"), "if status is-interactive\nend\nset -gx A 1\n");
    assert!(!machine.at(".local/share/hflint").exists() && !machine.at(".local/state/hflint").exists());
    assert!(machine.at(".config/hflint/config.toml").exists() && machine.at("p/.git").exists());
    // The logins that hflint did not make stay.
    assert_eq!(machine.read(".cache/huggingface/token"), token('B'));
    for word in ["profiles work", "your configuration stays: ~/.config/hflint", "the program stays: "] {
        assert!(said.out.contains(word), "{said:?}");
    }
    let again = machine.run(&["uninstall"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("hflint keeps nothing here"), "{again:?}");
}

#[test]
fn it_is_shown_and_asked_for() {
    let machine = lived_in();
    let said = machine.run(&["uninstall", "--diff"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.out.contains("-eval \"$(hflint init bash)\"") && said.out.contains("end the isolation of"),
        "{said:?}"
    );
    let said = machine.run(&["uninstall"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("nobody can be asked here") && said.err.contains("nothing was changed"), "{said:?}");
    assert_eq!(machine.read(".bashrc"), BASHRC);
    assert!(machine.at(".local/share/hflint/isolated").exists());
}

#[test]
fn a_line_that_does_more_is_the_persons() {
    let machine = Machine::new();
    let text = "if true; then\n  eval \"$(hflint init bash)\"\nfi\nalias hf='hflint exec -- hf'\n";
    machine.write(".bashrc", text);
    let said = machine.run(&["uninstall", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(machine.read(".bashrc"), text);
    assert!(said.out.contains(".bashrc:2: it is all that stands between two words"), "{said:?}");
    assert!(said.out.contains(".bashrc:4: the line does more"), "{said:?}");
}

#[test]
fn with_a_configuration_that_cannot_be_read() {
    let machine = Machine::new();
    machine.write(".config/hflint/config.toml", "no = such\n");
    machine.write(".zshrc", "eval \"$(hflint init zsh)\"\n");
    let said = machine.run(&["uninstall", "--yes"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(machine.read(".zshrc"), "");
}
