//! A disk that is full, or nearly: with each amount of room that is left, a file is wholly old or wholly new.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::token;
use crate::machine::Machine;

/// Run in a mount namespace of its own, with a small file system for a home that goes with it. Prints one line for each
/// amount of room: kilobytes, exit code, what became of the file, whether undo works, what was complained of.
const SCRIPT: &str = r##"
set -u
hflint=$1 token=$2
mount -t tmpfs -o size=256k,mode=700 none "$HOME" || exit 9
mkdir -p "$HOME/.cache/huggingface"
printf %s "$3" > "$HOME/.cache/huggingface/token"
chmod 600 "$HOME/.cache/huggingface/token"
{ seq 3000; printf 'export HF_TOKEN=%s\n' "$token"; } > "$HOME/.bashrc"
old=$(cksum < "$HOME/.bashrc")
for free in 0 4 8 12 16 20 24 28 32 36 40 48; do
    rm -rf "$HOME/.local"
    dd if=/dev/zero of="$HOME/fill" bs=4k 2> /dev/null
    if [ "$free" -gt 0 ]; then truncate -s "-${free}k" "$HOME/fill"; fi
    errors=$(HF_TOKEN=$token "$hflint" fix --unset --yes 2>&1 > /dev/null 3> /dev/null) && code=0 || code=$?
    if [ "$(cksum < "$HOME/.bashrc")" = "$old" ]; then now=old
    elif [ "$(tail -n 1 "$HOME/.bashrc" | cut -c 1-9)" = "# hflint " ] && [ "$(wc -l < "$HOME/.bashrc")" -eq 3001 ]; then now=new
    else now=torn; fi
    left=$(find "$HOME" -name '*.hflint-*' | wc -l)
    rm "$HOME/fill"
    "$hflint" undo > /dev/null 2>&1
    if [ "$(cksum < "$HOME/.bashrc")" = "$old" ]; then undone=undone; else undone=lost; fi
    printf '%s %s %s %s %s %s\n' "$free" "$code" "$now" "$left" "$undone" "$(printf %s "$errors" | tr '\n' ' ')"
done
"##;

#[test]
fn with_any_room_that_is_left() {
    let m = Machine::new();
    let unshare = ["/usr/bin/unshare", "/bin/unshare"].into_iter().find(|p| Path::new(p).exists()).expect("util-linux");
    let mut command = Command::new(unshare);
    // Without root, as the root of a user namespace of one's own.
    command.arg(if rustix::process::getuid().is_root() { "-m" } else { "-mr" });
    command.args(["sh", "-c", SCRIPT, "sh", env!("CARGO_BIN_EXE_hflint"), &token('A'), &token('B')]);
    let home = m.at("home");
    fs::create_dir(&home).unwrap();
    let out = command.env_clear().env("HOME", &home).env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").output().unwrap();
    let (text, errors) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
    assert!(!text.contains(&token('A')) && !text.contains(&token('B')), "a token in {text}");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.splitn(6, ' ').collect()).collect();
    assert_eq!(lines.len(), 12, "{text}{errors}");
    for line in &lines {
        let [free, code, now, left, undone, said] = line.as_slice() else { panic!("{line:?}") };
        // This shell has no hook: something is always left to type.
        assert_eq!((*code, *left, *undone), ("1", "0", "undone"), "{line:?}");
        match *now {
            "old" => assert!(said.contains(": no space left on device"), "{free} KB: {said}"),
            "new" => assert!(!said.contains("no space left"), "{free} KB: {said}"),
            other => panic!("{free} KB: {other}"),
        }
    }
    let states: Vec<&str> = lines.iter().map(|line| line[2]).collect();
    assert!(states.first() == Some(&"old") && states.last() == Some(&"new"), "{states:?}");
    let whats: Vec<&str> = lines.iter().map(|line| line[5]).collect();
    assert!(whats.iter().any(|w| w.contains("nothing was changed: the journal ")), "{whats:?}");
    assert!(whats.iter().any(|w| w.contains("could not comment out line 3001 of ~/.bashrc")), "{whats:?}");
}
