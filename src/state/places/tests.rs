//! Each kind of place on a machine in memory.

use super::*;
use crate::system::fake::Fake;

pub(super) fn token(letter: &str) -> String {
    format!("hf_{}", letter.repeat(34))
}

/// `variable value path:line reaches`, with `A` for a token of As.
pub(super) fn seen(fake: &Fake) -> Vec<String> {
    let found = gather(&State::new(fake));
    assert_eq!(found.unread, []);
    found.sightings.iter().map(line).collect()
}

fn line(s: &Sighting) -> String {
    let value = match &s.value {
        Value::Token(t) if t.is_shaped() => String::from_utf8_lossy(&t.bytes()[3..4]).into_owned(),
        Value::Token(t) => format!("={}", String::from_utf8_lossy(t.bytes())),
        Value::Reference(t) => format!("?{}", String::from_utf8_lossy(t.bytes())),
        Value::Unset => "-".to_owned(),
    };
    let Location::File { path, line } = &s.location else { panic!("a file") };
    let line = line.map_or_else(String::new, |n| format!(":{n}"));
    let shadowed = if s.shadowed { " shadowed" } else { "" };
    format!("{} {value} {}{line} {}{shadowed}", s.variable, path.display(), s.reaches.word())
}

#[test]
fn vscode_settings() {
    let a = token("A");
    let own = format!(
        "{{\n  // mine\n  \"terminal.integrated.env.linux\": {{\n    \"HF_TOKEN\": \"{a}\",\n    \"HF_HOME\": null, \"OTHER\": \"x\",\n  }},\n}}"
    );
    let launch = format!(
        "{{\"configurations\": [\n{{\"name\": \"x\", \"env\": {{\"HF_TOKEN\": \"{a}\"}}}},\n{{\"env\": {{\"HF_TOKEN\": \"${{env:HF_TOKEN}}\"}}}}]}}"
    );
    let fake = Fake::home()
        .cwd("/home/u/p/src")
        .file("/home/u/p/.git/config", "")
        .file("/home/u/.config/Code/User/settings.json", own)
        .file("/home/u/p/.vscode/launch.json", launch)
        .file(
            "/home/u/p/x.code-workspace",
            format!("{{\"settings\": {{\"terminal.integrated.env.linux\": {{\"HF_TOKEN\": \"{a}\"}}}}}}"),
        )
        .file("/home/u/.vscode/settings.json", "{ not read: above the project, HF_TOKEN");
    assert_eq!(
        seen(&fake),
        [
            "HF_TOKEN A /home/u/.config/Code/User/settings.json:4 editor",
            "HF_HOME - /home/u/.config/Code/User/settings.json:5 editor",
            "HF_TOKEN A /home/u/p/.vscode/launch.json:2 editor",
            "HF_TOKEN ?${env:HF_TOKEN} /home/u/p/.vscode/launch.json:3 editor",
            "HF_TOKEN A /home/u/p/x.code-workspace:1 editor",
        ]
    );
}

#[test]
fn files_that_editors_name() {
    let fake = Fake::home()
        .cwd("/home/u/p")
        .file("/home/u/p/.git/config", "")
        .file("/home/u/p/.vscode/settings.json", "{\"python.envFile\": \"${workspaceFolder}/a.vars\"}")
        .file("/home/u/p/.vscode/launch.json", "{\"configurations\": [{\"envFile\": \"${workspaceFolder}/b.vars\"}]}")
        .file("/home/u/p/.devcontainer/devcontainer.json", "{\"runArgs\": [\"--env-file\", \".devcontainer/c.vars\"]}")
        .file("/home/u/p/a.vars", "HF_TOKEN=a\n")
        .file("/home/u/p/b.vars", "HF_TOKEN=b\n")
        .file("/home/u/p/.devcontainer/c.vars", "HF_TOKEN='c'\n");
    assert_eq!(
        seen(&fake),
        [
            "HF_TOKEN =a /home/u/p/a.vars:1 editor",
            "HF_TOKEN =b /home/u/p/b.vars:1 editor",
            "HF_TOKEN ='c' /home/u/p/.devcontainer/c.vars:1 container",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_told_once() {
    let fake = Fake::home()
        .file("/home/u/.vscode/settings.json", "{\n \"HF_TOKEN")
        .file("/home/u/.config/Code/User/settings.json", format!("// HF_TOKEN\n{}", " ".repeat(2_000_000)))
        .mode("/home/u/.config/VSCodium/User/settings.json", "HF_TOKEN", 0)
        .file("/home/u/.vscode/tasks.json", "{ broken, and no business of ours");
    let found = gather(&State::new(&fake));
    let said: Vec<String> = found.unread.iter().map(|(p, why)| format!("{} {why}", p.display())).collect();
    assert_eq!(
        said,
        [
            "/home/u/.config/Code/User/settings.json is larger than 1 MiB",
            "/home/u/.config/VSCodium/User/settings.json permission denied",
            "/home/u/.vscode/settings.json is no valid JSON: line 2",
        ]
    );
    assert!(found.sightings.is_empty());
}

#[test]
fn projects_files() {
    let (a, b) = (token("A"), token("B"));
    let fake = Fake::home()
        .cwd("/home/u/p")
        .file("/home/u/p/.git/config", "")
        .file("/home/u/p/.envrc", format!("export HF_TOKEN={a}\ndotenv\n"))
        .file("/home/u/p/.env", format!("# c\nHUGGING_FACE_HUB_TOKEN='{b}' # mine\nHF_TOKEN=\n"))
        .file("/home/u/p/.env.example", format!("HF_TOKEN={a}\n"))
        .file("/home/u/p/dev.env", "HF_HOME=/x\n")
        .file("/home/u/p/mise.toml", format!("[env]\nHF_TOKEN = \"{b}\"\nHF_HOME = false\n_.file = 'm.json'\n[tasks.t]\nrun = 'x'\nenv = {{ HF_TOKEN = '{{{{ x }}}}' }}\n"))
        .file("/home/u/p/m.json", format!("{{\"HF_TOKEN\": \"{a}\"}}"))
        .file("/home/u/p/Makefile", "export HF_TOKEN := $(shell pass hf)\n")
        .file("/home/u/p/justfile", format!("export HF_TOKEN := '{a}'\n"))
        .file("/home/u/p/.run/x.run.xml", format!("<component>\n<envs>\n<env name=\"HF_TOKEN\" value=\"{b}\" />\n</envs></component>"))
        .file("/home/u/p/compose.yaml", "services:\n  a:\n    environment:\n      HF_TOKEN: ${HF_TOKEN:?}\n    env_file: c.vars\n")
        .file("/home/u/p/c.vars", format!("HF_TOKEN={a}\n"))
        .file("/home/u/p/Dockerfile", format!("FROM x\nENV HF_TOKEN={a}\n"))
        .file("/home/u/p/.devcontainer/devcontainer.json", format!("{{\"remoteEnv\": {{\"HF_TOKEN\": \"${{localEnv:HF_TOKEN}}\"}},\n\"runArgs\": [\"-e\", \"HF_TOKEN={b}\"]}}"))
        .file("/home/u/p/.github/workflows/a.yml", format!("env:\n  HF_TOKEN: ${{{{ secrets.HF }}}}\njobs:\n  x:\n    steps:\n      - env:\n          HF_TOKEN: {b}\n"))
        .file("/home/u/p/.gitlab-ci.yml", format!("variables:\n  HF_TOKEN:\n    value: {a}\n"));
    assert_eq!(
        seen(&fake),
        [
            "HF_TOKEN A /home/u/p/.envrc:1 project",
            "HUGGING_FACE_HUB_TOKEN B /home/u/p/.env:2 project",
            "HF_TOKEN B /home/u/p/mise.toml:2 project shadowed",
            "HF_HOME - /home/u/p/mise.toml:3 project",
            "HF_TOKEN A /home/u/p/m.json:1 project",
            "HF_TOKEN ?{{ x }} /home/u/p/mise.toml:7 task",
            "HF_HOME =/x /home/u/p/dev.env:1 project",
            "HF_TOKEN ?$(shell pass hf) /home/u/p/Makefile:1 task",
            "HF_TOKEN A /home/u/p/justfile:1 task",
            "HF_TOKEN B /home/u/p/.run/x.run.xml:3 editor",
            "HF_TOKEN A /home/u/p/c.vars:1 container shadowed",
            "HF_TOKEN ?${HF_TOKEN:?} /home/u/p/compose.yaml:4 container",
            "HF_TOKEN A /home/u/p/Dockerfile:2 container",
            "HF_TOKEN ?${localEnv:HF_TOKEN} /home/u/p/.devcontainer/devcontainer.json:1 container",
            "HF_TOKEN B /home/u/p/.devcontainer/devcontainer.json:2 container",
            "HF_TOKEN ?${{ secrets.HF }} /home/u/p/.github/workflows/a.yml:2 ci",
            "HF_TOKEN B /home/u/p/.github/workflows/a.yml:7 ci",
            "HF_TOKEN A /home/u/p/.gitlab-ci.yml:2 ci",
        ]
    );
}

#[test]
fn notebooks_and_applications() {
    let (a, b) = (token("A"), token("B"));
    let fake = Fake::home()
        .var("VIRTUAL_ENV", "/home/u/ai/.venv")
        .file(
            "/home/u/.local/share/jupyter/kernels/k/kernel.json",
            format!("{{\"argv\": [],\n\"env\": {{\"HF_TOKEN\": \"{a}\"}}}}"),
        )
        .file("/home/u/.ipython/profile_default/startup/00.py", format!("import os\nos.environ['HF_TOKEN'] = '{b}'\n"))
        .file("/home/u/.jupyter/jupyter_server_config.py", "import os\nos.environ['HF_HOME'] = '/x'\n")
        .file(
            "/home/u/ai/invokeai.yaml",
            format!(
                "remote_api_tokens:\n  - url_regex: civitai\n    token: x\n  - url_regex: huggingface\n    token: {a}\n"
            ),
        )
        .file("/home/u/ai/models/tmpinstall_1/.invokeai_install.json", format!("{{\"access_token\": \"{b}\"}}"))
        .file("/home/u/.config/comfy-cli/config.ini", format!("[DEFAULT]\nhf_api_token = {a}\n"));
    assert_eq!(
        seen(&fake),
        [
            "HF_TOKEN A /home/u/.local/share/jupyter/kernels/k/kernel.json:2 notebook",
            "HF_TOKEN B /home/u/.ipython/profile_default/startup/00.py:2 notebook",
            "HF_HOME =/x /home/u/.jupyter/jupyter_server_config.py:2 notebook",
            "HF_TOKEN A /home/u/ai/invokeai.yaml:5 app",
            "HF_TOKEN B /home/u/ai/models/tmpinstall_1/.invokeai_install.json:1 app",
            "HF_TOKEN A /home/u/.config/comfy-cli/config.ini:2 app",
        ]
    );
}

/// What direnv 2.32 writes when a file is allowed.
#[test]
fn direnvs_mark() {
    let a = token("A");
    let text = format!("source_up\nexport HF_TOKEN={a}\n");
    let mark = crate::secret::sha256(format!("/home/u/p/.envrc\n{text}").as_bytes());
    let blocked = Fake::home()
        .cwd("/home/u/p")
        .file("/home/u/p/.envrc", &text)
        .file("/home/u/.envrc", format!("export HF_HOME={a}\n"));
    let setters =
        |fake: &Fake| -> Vec<&'static str> { gather(&State::new(fake)).sightings.iter().map(|s| s.setter).collect() };
    assert_eq!(setters(&blocked), ["a .envrc that direnv does not allow"; 2]);
    let allowed = blocked
        .clone()
        .file(&format!("/home/u/.local/share/direnv/allow/{mark}"), "/home/u/p/.envrc\n")
        .var("HF_TOKEN", &a);
    assert_eq!(setters(&allowed), ["direnv"; 2]);
    let active: Vec<bool> = gather(&State::new(&allowed)).sightings.iter().map(|s| s.active).collect();
    assert_eq!(active, [true, false]);
}

#[test]
fn hostile_files_end() {
    let texts: [Vec<u8>; 6] = [
        [b"HF_TOKEN=".as_slice(), "x".repeat(10_000_000).as_bytes()].concat(),
        [b"HF_TOKEN ".as_slice(), &(0..=255).cycle().take(50_000).collect::<Vec<u8>>()].concat(),
        [b"HF_TOKEN: ".as_slice(), "[{\"a\":".repeat(5_000).as_bytes()].concat(),
        [b"HF_TOKEN=".as_slice(), "${N:-".repeat(5_000).as_bytes()].concat(),
        ["HF_TOKEN=\"a".as_bytes(), "\\\"\n'".repeat(5_000).as_bytes()].concat(),
        "HF_TOKEN <env=\" \\\n<<X ".repeat(3_000).into_bytes(),
    ];
    let names = [
        ".envrc",
        ".env",
        "mise.toml",
        "devenv.nix",
        "Makefile",
        "justfile",
        ".vscode/settings.json",
        ".vscode/launch.json",
        ".idea/workspace.xml",
        "compose.yaml",
        "Dockerfile",
        ".devcontainer.json",
        ".gitlab-ci.yml",
        "invokeai/invokeai.yaml",
        ".ipython/profile_default/startup/a.py",
        ".local/share/jupyter/kernels/k/kernel.json",
        ".curlrc",
    ];
    for text in texts {
        for name in names {
            let fake = Fake::home().file(&format!("/home/u/{name}"), &text);
            let before = std::time::Instant::now();
            let found = gather(&State::new(&fake));
            let told = found.unread.iter().filter(|(path, _)| path.ends_with(name)).count();
            assert!(told <= 1, "{name}");
            assert!(before.elapsed().as_secs() < 20, "{name} took {:?}", before.elapsed());
        }
    }
}

#[test]
fn one_file_is_looked_at_so_far() {
    let fake = Fake::home().cwd("/home/u/p").file("/home/u/p/Makefile", "export HF_TOKEN := x\n".repeat(5000));
    let found = gather(&State::new(&fake));
    assert_eq!(found.sightings.len(), MOST_OF_A_FILE);
    assert_eq!(found.unread[0].0, Path::new("/home/u/p/Makefile"));
}

/// Each as direnv 2.32 loaded it.
#[test]
fn what_an_envrc_leads_to() {
    let ask = |envrc: &str| {
        let fake = Fake::home()
            .cwd("/home/u/p")
            .file("/home/u/p/.git/config", "")
            .file("/home/u/p/.envrc", envrc)
            .file("/home/u/s.env", "HF_TOKEN=s\n")
            .file("/home/u/p/q/in", "HF_TOKEN=s\n")
            .file("/home/u/p/q/.env", "HF_TOKEN=n\n")
            .file("/home/u/p/q/.envrc", "export HF_TOKEN=q\n");
        seen(&fake).into_iter().map(|line| line.replace("/home/u/", "").replace(" project", "")).collect::<Vec<_>>()
    };
    for envrc in [
        "dotenv ~/s.env",
        "dotenv $HOME/s.env",
        "dotenv \"${HOME}/s.env\"",
        "dotenv_if_exists $PWD/q/in",
        "[[ -f ~/s.env ]] && dotenv ~/s.env",
        "if true; then dotenv ~/s.env; fi",
        "set -a; source ~/s.env; set +a",
    ] {
        let got = ask(envrc);
        assert!(got.len() == 1 && got[0].starts_with("HF_TOKEN =s "), "{envrc}: {got:?}");
    }
    for envrc in ["source_env q", "source_env_if_exists ./q/.envrc", ". q/.envrc"] {
        let got = ask(envrc);
        assert!(got.len() == 1 && got[0].starts_with("HF_TOKEN =q "), "{envrc}: {got:?}");
    }
    for envrc in ["HF_TOKEN=x", "export HF_TOKEN=x\nunset HF_TOKEN", "source ~/s.env", "dotenv q", "dotenv $(x)/s.env"]
    {
        assert_eq!(ask(envrc), [""; 0], "{envrc}");
    }
}

#[test]
fn an_envrc_that_direnv_is_told_to_trust() {
    let setter = |settings: &str| {
        let fake = Fake::home()
            .cwd("/home/u/p")
            .file("/home/u/p/.envrc", "export HF_TOKEN=a\n")
            .file("/home/u/.config/direnv/direnv.toml", format!("[whitelist]\n{settings}\n"));
        gather(&State::new(&fake)).sightings[0].setter
    };
    for settings in ["prefix = ['/home/u/p']", "prefix = ['~/p']", "exact = ['~/p']", "exact = ['/home/u/p/.envrc']"] {
        assert_eq!(setter(settings), "direnv", "{settings}");
    }
    for settings in ["prefix = ['/home/u/pp']", "exact = ['/home/u']"] {
        assert_eq!(setter(settings), "a .envrc that direnv does not allow", "{settings}");
    }
}

/// Each as `mise env` of mise 2026.9 told it.
#[test]
fn what_counts_of_mise() {
    let ask = |near: &str, far: &str| {
        let fake = Fake::home()
            .cwd("/home/u/p/q")
            .file("/home/u/p/.git/config", "")
            .file("/home/u/p/q/mise.toml", near)
            .file("/home/u/p/mise.toml", far)
            .file("/home/u/p/q/a.conf", "HF_TOKEN=a\n")
            .file("/home/u/p/q/b.conf", "HF_TOKEN=b\n")
            .file("/home/u/p/q/s.sh", "export HF_TOKEN=s\n");
        let told = seen(&fake).into_iter().filter(|line| !line.ends_with(" shadowed"));
        told.map(|line| line.split(' ').nth(1).unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for (near, far, want) in [
        ("[env]\n_.file = ['a.conf', 'b.conf']", "", "=b"),
        ("[env]\n_.file = 'a.conf'\nHF_TOKEN = 'k'", "", "=k"),
        ("[env]\nHF_TOKEN = 'k'\n_.file = 'a.conf'", "", "=a"),
        ("[env]\n_.source = 's.sh'\n_.file = 'a.conf'", "", "=a"),
        ("[env]\n_.file = 'a.conf'\n_.source = 's.sh'", "", "=s"),
        ("[[env]]\nHF_TOKEN = 'k'\n[[env]]\nHF_TOKEN = 'l'", "", "=l"),
        ("[env]\nHF_TOKEN = { default = 'd' }", "", "=d"),
        ("[env]\n_.file = 'a.conf'", "[env]\nHF_TOKEN = 'far'", "=a"),
        ("[env]\nX = '1'", "[env]\nHF_TOKEN = 'far'", "=far"),
        ("[env]\nmise.file = 'a.conf'", "", "=a"),
        ("env_file = 'a.conf'", "", "=a"),
        ("[env]\nHF_TOKEN = { default = 'd' }", "[env]\nHF_TOKEN = 'far'", "=far"),
        ("[settings]\nenv_file = 'a.conf'\n[env]\nHF_TOKEN = 'k'", "", "=k"),
        ("[env]\nHF_TOKEN = '$HOME/x'", "", "?$HOME/x"),
    ] {
        assert_eq!(ask(near, far), [want], "{near}");
    }
}
