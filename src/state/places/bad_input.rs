//! Whatever stands in the place of a file that is read: it is passed over or told in one line, in bounded time.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;
use crate::map;
use crate::rules::RULES;
use crate::snapshot::Snapshot;
use crate::system::fake::Fake;
use crate::system::recorded::Recorded;

/// Files of every kind, so that directories that are listed hold one.
const FILES: &[&str] = &[
    "/etc/environment",
    "/etc/security/pam_env.conf",
    "/etc/pam.d/login",
    "/etc/environment.d/50-x.conf",
    "/etc/ssh/ssh_config",
    "/etc/ssh/sshd_config",
    "/etc/crontab",
    "/etc/cron.d/x",
    "/etc/systemd/user/x.service",
    "/etc/mise/config.toml",
    "/etc/ipython/startup/x.py",
    "~/.pam_environment",
    "~/.config/environment.d/x.conf",
    "~/.config/plasma-workspace/env/x.sh",
    "~/.config/systemd/user/x.service",
    "~/.config/systemd/user/x.service.d/x.conf",
    "~/.config/systemd/user.conf.d/x.conf",
    "~/.config/containers/systemd/x.container",
    "~/.config/direnv/direnv.toml",
    "~/.config/mise/conf.d/x.toml",
    "~/.config/Code/User/profiles/x/settings.json",
    "~/.config/fish/conf.d/x.fish",
    "~/.config/nushell/autoload/x.nu",
    "~/.xprofile",
    "~/.ssh/config",
    "~/.ssh/environment",
    "~/Library/LaunchAgents/x.plist",
    "~/.virtualenvs/x/bin/activate",
    "~/.virtualenvs/x/bin/postactivate",
    "~/.conda/environments.txt",
    "~/miniconda3/envs/x/conda-meta/state",
    "~/miniconda3/envs/x/etc/conda/activate.d/x.sh",
    "~/miniconda3/envs/x/etc/conda/env_vars.d/x.json",
    "~/.local/lib/python3.11/site-packages/usercustomize.py",
    "~/.local/lib/python3.11/site-packages/x.pth",
    "~/.local/share/jupyter/kernels/x/kernel.json",
    "~/.ipython/profile_default/ipython_config.py",
    "~/.ipython/profile_default/startup/x.py",
    "~/invokeai/invokeai.yaml",
    "~/invokeai/models/tmpinstall_x/.invokeai_install.json",
    "~/p/.env",
    "~/p/x.env",
    "~/p/Pipfile",
    "~/p/justfile",
    "~/p/Makefile",
    "~/p/Taskfile.yml",
    "~/p/.idea/runConfigurations/x.xml",
    "~/p/.run/x.run.xml",
    "~/p/x.code-workspace",
    "~/p/Dockerfile",
    "~/p/.devcontainer/x/devcontainer.json",
    "~/p/.github/workflows/x.yml",
    "~/p/.venv/bin/activate",
    "~/p/.venv/lib/python3.11/site-packages/sitecustomize.py",
    "~/p/.config/mise/conf.d/x.toml",
    "~/p/.git/config",
];

fn machine(put: impl Fn(Fake, &str) -> Fake, paths: impl IntoIterator<Item = PathBuf>) -> Fake {
    let base = Fake::home().cwd("/home/u/p").var("VIRTUAL_ENV", "/home/u/p/.venv").var("USER", "u");
    paths.into_iter().filter_map(|path| path.to_str().map(str::to_owned)).fold(base, |fake, path| put(fake, &path))
}

fn listed() -> BTreeSet<PathBuf> {
    FILES.iter().map(|path| PathBuf::from(path.replacen('~', "/home/u", 1))).collect()
}

/// Everything that is asked of the machine, those that are not there as well, and what is told of it.
fn look(fake: &Fake) -> (BTreeSet<PathBuf>, Vec<(PathBuf, String)>) {
    let recorded = Recorded::new(fake);
    let snapshot = Snapshot::new(State::new(&recorded));
    let mut findings = Vec::new();
    for rule in RULES {
        (rule.check)(&snapshot, &mut findings);
    }
    let told = snapshot.state.places().unread.clone();
    drop(map::all(&snapshot));
    let asked = recorded.seen(|path, _, seen| {
        let is_dir = seen.as_ref().is_ok_and(|stat| stat.kind == crate::system::Kind::Dir);
        (!is_dir && path.starts_with("/home/u") || path.starts_with("/etc")).then_some(())
    });
    (asked.into_iter().map(|((), path, _)| path).collect(), told)
}

#[test]
fn in_the_place_of_every_file() {
    // What is asked for where nothing else is there: each of those may be a file.
    let (asked, _) = look(&machine(|fake, path| fake.file(path, "# HF_TOKEN\n"), listed()));
    // Of two where one is the directory of the other, the deeper.
    let parents: BTreeSet<PathBuf> =
        asked.iter().chain(&listed()).flat_map(|p| p.ancestors().skip(1).map(Path::to_owned)).collect();
    let all: Vec<PathBuf> = asked.union(&listed()).filter(|path| !parents.contains(*path)).cloned().collect();
    assert!(all.len() > 250, "{}", all.len());
    let token = token();
    let wide: Vec<u8> = format!("HF_TOKEN={token}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let contents: Vec<(&str, Vec<u8>)> = vec![
        ("binary", [b"HF_TOKEN=".to_vec(), (0..=255).cycle().take(4096).collect()].concat()),
        ("NUL", format!("HF_TOKEN=a\0b\n\0\0{token}\n").into_bytes()),
        ("CRLF", format!("[env]\r\nHF_TOKEN={token}\r\n").into_bytes()),
        ("BOM", format!("\u{feff}HF_TOKEN={token}\n").into_bytes()),
        ("UTF-16", [b"\xff\xfe".to_vec(), wide].concat()),
        ("one line", [b"HF_TOKEN=", b"{[(\"'$`".repeat(2_000).as_slice()].concat()),
        ("no line", b"HF_TOKEN".to_vec()),
    ];
    let mut machines: Vec<(&str, Fake)> = Vec::new();
    for (name, content) in &contents {
        machines.push((name, machine(|fake, path| fake.file(path, content), all.clone())));
    }
    machines.push(("pipe", machine(|fake, path| fake.special(path, crate::system::Kind::Fifo), all.clone())));
    machines.push(("device", machine(|fake, path| fake.special(path, crate::system::Kind::Other), all.clone())));
    machines.push(("link to itself", machine(|fake, path| fake.link(path, path), all.clone())));
    machines.push(("closed", machine(|fake, path| fake.mode(path, "HF_TOKEN=a\n", 0), all.clone())));
    machines.push(("directory", machine(|fake, path| fake.file(&format!("{path}/x"), "HF_TOKEN"), all.clone())));
    for (name, fake) in machines {
        let before = std::time::Instant::now();
        let (_, told) = look(&fake);
        assert!(before.elapsed().as_secs() < 60, "{name}: {:?}", before.elapsed());
        let paths: BTreeSet<&PathBuf> = told.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), told.len(), "{name}: a file is told twice");
        for (path, why) in &told {
            assert!(why.len() < 80 && !why.contains('\n'), "{name}: {} {why}", path.display());
        }
        // A link to itself is not there on this machine; the real one says that it is one.
        assert_eq!(told.is_empty(), matches!(name, "directory" | "link to itself"), "{name}: {told:?}");
    }
    // One at a time: a hundred of this size are too much for a test.
    let large = [b"HF_TOKEN=a\n".to_vec(), vec![b'#'; crate::system::TEXT_LIMIT]].concat();
    for path in listed().into_iter().filter(|path| !parents.contains(path)) {
        let rest = listed().into_iter().filter(|other| *other != path);
        let fake = machine(|fake, path| fake.file(path, ""), rest);
        let mut found = Found::default();
        let fake = fake.file(path.to_str().unwrap(), &large);
        for kind in KINDS {
            kind(&State::new(&fake), &mut found);
        }
        assert!(found.unread.len() <= 1, "{:?}", found.unread);
    }
}

fn token() -> String {
    super::tests::token("A")
}
