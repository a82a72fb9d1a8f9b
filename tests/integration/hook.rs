//! `hflint hook`: what it tells the shell scripts, when, and what it leaves behind.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use crate::common::token;
use crate::machine::{Machine, Said};

const STATE: &str = ".local/state/hflint";

/// The records of an answer: operation, A, B.
fn records(said: &Said) -> Vec<(String, String, String)> {
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines[0], "hflint1");
    assert_eq!(lines.len() % 3, 1, "{lines:?}");
    lines[1..].chunks(3).map(|r| (r[0].to_owned(), r[1].to_owned(), r[2].to_owned())).collect()
}

/// What is said to the person, `%XX` undone for what matters here.
fn messages(machine: &Machine, cwd: &str) -> Vec<String> {
    let all = records(&machine.run_in(cwd, &["hook", "bash", "stamp"]));
    all.iter().filter(|r| r.0 == "m").map(|r| r.1.replace("%28", "(").replace("%29", ")")).collect()
}

fn watched(machine: &Machine, cwd: &str, operation: &str) -> Vec<String> {
    let home = machine.at("").display().to_string();
    let all = records(&machine.run_in(cwd, &["hook", "bash", "stamp"]));
    all.iter().filter(|r| r.0 == operation).map(|r| r.1.replace(&home, "~")).collect()
}

/// Makes a file old enough that no edit can hide in its tick.
fn age(machine: &Machine, path: &str, seconds: u64) {
    let time = SystemTime::now() - Duration::from_secs(seconds);
    fs::File::options().write(true).open(machine.at(path)).unwrap().set_modified(time).unwrap();
}

fn files(machine: &Machine, dir: &str) -> usize {
    fs::read_dir(machine.at(STATE).join(dir)).map_or(0, Iterator::count)
}

#[test]
fn one_line_for_one_fault_in_all_terminals() {
    let mut machine = Machine::shadowed();
    let told = messages(&machine, "");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("hflint: HF_TOKEN hides your saved login"), "{told:?}");
    // The same in the next terminal, in another directory, with another client's release in a virtualenv.
    assert_eq!(messages(&machine, "elsewhere"), [""; 0]);
    machine.write("v/lib/python3.11/site-packages/huggingface_hub-0.30.0.dist-info/METADATA", "");
    machine.write("v/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
    machine.set("VIRTUAL_ENV", machine.at("v"));
    assert_eq!(messages(&machine, ""), [""; 0]);
    machine.unset("VIRTUAL_ENV");
    assert_eq!(records(&machine.run(&["hook", "fish"])).iter().find(|r| r.0 == "p").unwrap().1, "hf:1");

    // A second fault beside the first: only that one is news.
    machine.write("project/.env", &format!("HF_TOKEN={}\n", token('C')));
    let more = messages(&machine, "project");
    assert_eq!(more.len(), 1, "{more:?}");
    assert!(more[0].contains(".env"), "{more:?}");
    // An edit that leaves the fault what it was is none; another token is.
    machine.write("project/.env", &format!("# a line\nHF_TOKEN={}\n", token('C')));
    assert_eq!(messages(&machine, "project"), [""; 0]);
    machine.write("project/.env", &format!("HF_TOKEN={}\n", token('D')));
    assert_eq!(messages(&machine, "project").len(), 1);
    assert_eq!(files(&machine, "told"), 3);
}

#[test]
fn panes_that_start_together_say_it_once() {
    let machine = Machine::shadowed();
    let running: Vec<_> = (0..8)
        .map(|_| machine.command("", &["hook", "zsh", "ctime"]).stdout(Stdio::piped()).spawn().unwrap())
        .collect();
    let answers: Vec<Said> = running.into_iter().map(|c| c.wait_with_output().unwrap().into()).collect();
    let told = answers.iter().filter(|a| records(a).iter().any(|r| r.0 == "m")).count();
    assert_eq!(told, 1);
}

#[test]
fn again_after_a_while() {
    let mut machine = Machine::shadowed();
    assert_eq!(messages(&machine, "").len(), 1);
    let mark = fs::read_dir(machine.at(STATE).join("told")).unwrap().next().unwrap().unwrap().path();
    let mark = mark.strip_prefix(machine.at("")).unwrap().to_str().unwrap().to_owned();
    age(&machine, &mark, 23 * 3600);
    assert_eq!(messages(&machine, "").len(), 0);
    machine.set("HFLINT_REPEAT_AFTER", "22h");
    assert_eq!(messages(&machine, "").len(), 1, "sooner, as the person wants it");
    machine.unset("HFLINT_REPEAT_AFTER");
    age(&machine, &mark, 25 * 3600);
    assert_eq!(messages(&machine, "").len(), 1);
    assert_eq!(messages(&machine, "").len(), 0);
}

#[test]
fn how_much_the_person_wants_to_hear() {
    let mut machine = Machine::shadowed();
    machine.set("HFLINT_WARN", "never");
    assert_eq!(messages(&machine, "").len(), 0);
    machine.set("HFLINT_WARN", "always");
    assert_eq!((messages(&machine, "").len(), messages(&machine, "").len()), (1, 1));
    machine.set("HFLINT_WARN", "change").set("HFLINT_MIN_SEVERITY", "error");
    assert_eq!(messages(&machine, "").len(), 0);
    machine.unset("HFLINT_MIN_SEVERITY");
    // In a subshell nobody would see it, so it is not told, and not remembered as told.
    let quiet = records(&machine.run(&["hook", "bash", "stamp", "quiet"]));
    assert!(quiet.iter().all(|r| r.0 != "m"), "{quiet:?}");
    assert_eq!(messages(&machine, "").len(), 1);
    machine.run(&["ignore", "HF101"]);
    let accepted = records(&machine.run(&["hook", "bash", "stamp"]));
    assert_eq!(accepted.iter().find(|r| r.0 == "p").unwrap().1, "-", "{accepted:?}");
}

#[test]
fn watches_what_a_login_or_an_edit_makes() {
    let machine = Machine::shadowed();
    machine.write("project/.env", "A=1\n");
    for file in [".cache/huggingface/token", "project/.env"] {
        age(&machine, file, 100);
    }
    let there = watched(&machine, "project", "w");
    assert_eq!(there, ["~/.cache/huggingface/token", "~/project/.env"]);
    let absent = watched(&machine, "project", "a");
    for path in ["~/.config/hflint/config.toml", "~/.cache/huggingface/stored_tokens"] {
        assert!(absent.iter().any(|a| a == path), "{path}: {absent:?}");
    }
    let below = watched(&machine, "project/src", "a");
    assert!(below.iter().any(|a| a == "~/project/src/.env"), "{below:?}");
    // The project's layer of the configuration: in the directory itself, since each path costs the guard a test.
    let layers: Vec<_> = below.iter().filter(|a| a.ends_with(".hflint.toml")).collect();
    assert_eq!(layers, ["~/project/src/.hflint.toml"]);
    let login = watched(&Machine::new(), "", "a");
    assert!(login.iter().any(|a| a == "~/.cache/huggingface/token"), "{login:?}");
    assert!(there.len() + absent.len() <= 16, "the guard would be felt: {absent:?}");
    assert!(absent.iter().all(|a| !a.contains("node_modules") && !a.contains("Cargo.lock")), "{absent:?}");

    // Stamps have the age of what they stand for.
    let all = records(&machine.run_in("project", &["hook", "bash", "stamp"]));
    let stamp = &all.iter().find(|r| r.0 == "w").unwrap().2;
    let time = |path: &std::path::Path| fs::metadata(path).unwrap().modified().unwrap();
    assert_eq!(time(stamp.as_ref()), time(&machine.at(".cache/huggingface/token")));
    assert!(all.iter().all(|r| r.0 != "r"), "nothing here is fresh: {all:?}");
    machine.write("project/.env", "A=2\n");
    // Written just now, however long the machine takes until the hook looks.
    let soon = SystemTime::now() + Duration::from_secs(30);
    fs::File::options().write(true).open(machine.at("project/.env")).unwrap().set_modified(soon).unwrap();
    let fresh = records(&machine.run_in("project", &["hook", "bash", "stamp", "coarse"]));
    assert!(fresh.iter().any(|r| r.0 == "r"), "{fresh:?}");
}

/// What was written a moment ago is asked about again, and nothing else is: each such prompt starts a process.
#[test]
fn only_a_file_of_this_moment_is_racy() {
    let machine = Machine::shadowed();
    let racy = |time: SystemTime| {
        let token = machine.at(".cache/huggingface/token");
        fs::File::options().write(true).open(token).unwrap().set_modified(time).unwrap();
        records(&machine.run(&["hook", "bash", "stamp"])).iter().any(|r| r.0 == "r")
    };
    let now = SystemTime::now();
    let whole = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
    };
    assert!(!racy(now - Duration::from_mins(10)));
    assert!(racy(now + Duration::from_secs(30)), "by a file server whose clock is ahead");
    // Unpacked, set by hand, or from before the clock was set back: what is written now has another time.
    assert!(!racy(now + Duration::from_hours(2)));
    assert!(!racy(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 33)));
    // A file system without fractions has one time for two seconds.
    assert!(racy(whole(now + Duration::from_secs(30))));
    assert!(!racy(whole(now - Duration::from_mins(10))));
}

#[test]
fn what_it_leaves_behind_is_bounded() {
    let machine = Machine::shadowed();
    for dir in ["told", "stamps"] {
        let dir = machine.at(STATE).join(dir);
        fs::create_dir_all(&dir).unwrap();
        for i in 0..2000 {
            fs::write(dir.join(format!("old{i}")), "").unwrap();
        }
    }
    assert_eq!(messages(&machine, "").len(), 1);
    assert!(files(&machine, "told") < 500, "{}", files(&machine, "told"));
    assert_eq!(messages(&machine, "").len(), 0, "what was just told is kept");
    // One stamp in sixteen clears up: after so many, one has.
    for i in 0..200 {
        age(&machine, ".cache/huggingface/token", 1000 + i);
        machine.run(&["hook", "bash", "stamp"]);
    }
    assert!(files(&machine, "stamps") < 700, "{}", files(&machine, "stamps"));
}

#[test]
fn a_state_directory_that_cannot_be_written_breaks_nothing() {
    let machine = Machine::shadowed();
    machine.write(".local/state/hflint", "a file where a directory should be");
    age(&machine, ".cache/huggingface/token", 100);
    // Past the tick of the clock: a change time cannot be set to long ago.
    std::thread::sleep(Duration::from_millis(50));
    for _ in 0..2 {
        let all = records(&machine.run(&["hook", "bash", "stamp"]));
        assert_eq!(all.iter().filter(|r| r.0 == "m").count(), 1, "better twice than never: {all:?}");
        assert!(all.iter().any(|r| r.0 == "r"), "without a stamp it looks again: {all:?}");
        let zsh = records(&machine.run(&["hook", "zsh", "ctime"]));
        assert!(zsh.iter().any(|r| r.0 == "w") && zsh.iter().all(|r| r.0 != "r"), "zsh needs none: {zsh:?}");
    }
    // The directory that the system gives each person does as well, unless others may write there.
    let mut machine = machine;
    machine.set("XDG_RUNTIME_DIR", machine.at("run"));
    for (mode, silent) in [(0o777, false), (0o700, true)] {
        fs::create_dir_all(machine.at("run")).unwrap();
        fs::set_permissions(machine.at("run"), fs::Permissions::from_mode(mode)).unwrap();
        let first = records(&machine.run(&["hook", "bash", "stamp"]));
        assert_eq!(first.iter().filter(|r| r.0 == "m").count(), 1, "{first:?}");
        let second = records(&machine.run(&["hook", "bash", "stamp"]));
        assert_eq!(second.iter().all(|r| r.0 != "m" && r.0 != "r"), silent, "{mode:o}: {second:?}");
    }
    machine.unset("XDG_RUNTIME_DIR");
    // Nor does a home that is not there, or none.
    for home in ["/nonexistent/home", ""] {
        let mut machine = Machine::new();
        machine.set("HOME", home).set("HF_TOKEN", token('A'));
        records(&machine.run(&["hook", "bash", "stamp"]));
    }
}

/// A umask that takes away from the person, too, must not leave directories behind that they can put nothing into.
#[test]
fn its_directories_can_be_written_whatever_the_umask() {
    let machine = Machine::shadowed();
    let line = "umask 0777; exec \"$0\" hook bash stamp";
    let hflint = env!("CARGO_BIN_EXE_hflint");
    let said: Said = machine.program("/bin/sh".as_ref(), "", &["-c", line, hflint]).output().unwrap().into();
    assert_eq!(records(&said).iter().filter(|r| r.0 == "m").count(), 1);
    for dir in ["", "told", "stamps"] {
        let mode = fs::metadata(machine.at(STATE).join(dir)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700, "{dir}");
    }
    assert_eq!(messages(&machine, "").len(), 0);
}

#[test]
fn never_reads_standard_input_and_never_fails() {
    let machine = Machine::shadowed();
    let mut command = machine.command("", &["hook", "bash", "stamp"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // The pipe stays open: whoever reads it waits for ever.
    let _open = child.stdin.take();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert!(child.wait().unwrap().success() && out.starts_with("hflint1\n"));

    for args in [&["hook"][..], &["hook", "--help"], &["hook", "tcsh", "x", "\u{1b}"]] {
        records(&machine.run(args));
    }
    machine.write(".config/hflint/config.toml", "warn = nonsense");
    records(&machine.run(&["hook", "bash", "stamp"]));
    let mut closed = machine.command("", &["hook", "bash"]);
    let mut child = closed.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
#[cfg(target_os = "linux")]
fn gives_up_in_time() {
    use std::os::unix::process::ExitStatusExt as _;
    let mut machine = Machine::shadowed();
    // So short that it is over before the first look.
    machine.write(".config/hflint/config.toml", "hook-timeout = \"1ms\"\n");
    machine.set("PATH", (0..3000).map(|i| format!("/nonexistent/{i}")).collect::<Vec<_>>().join(":"));
    let status = machine.command("", &["hook", "bash"]).stdout(Stdio::null()).status().unwrap();
    // SIGALRM, which a shell shows as 142.
    assert_eq!(status.signal(), Some(14), "{status:?}");
    machine.write(".config/hflint/config.toml", "hook-timeout = \"0s\"\n");
    records(&machine.run(&["hook", "bash"]));
}

#[test]
fn a_shell_that_reads_is_told_what_to_read() {
    let machine = Machine::shadowed();
    machine.write("small/.env", "A=1\n");
    machine.write("large/.env", &format!("A={}\n", "x".repeat(70_000)));
    for (dir, told) in [("small", "content"), ("large", "-")] {
        let all = records(&machine.run_in(dir, &["hook", "nu", "content"]));
        let file = machine.at(dir).join(".env").display().to_string();
        let found: Vec<_> = all.iter().filter(|r| r.0 == "w" && r.1 == file).map(|r| r.2.as_str()).collect();
        assert_eq!(found, [told], "{all:?}");
        // What was just written is compared as it is, so no tick of a clock matters.
        assert!(all.iter().all(|r| r.0 != "r"), "{all:?}");
    }
    assert_eq!(files(&machine, "stamps"), 0);
}
