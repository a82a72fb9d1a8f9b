//! What virtualenvs, conda and pixi environments, and the runners of Python projects set.
//!
//! Looked for are the active ones, those of the project, and those that virtualenvwrapper, pipenv, poetry and conda keep
//! in places of their own. Not seen: environments elsewhere, which nothing lists.
//! Source: the documentation of virtualenvwrapper, conda, pixi, pdm 2 (`_.env`), hatch 1 (`env-vars`), tox 4 (`set_env`),
//! pytest-env 1 and poethepoet; conda's `environments.txt`.

use std::path::{Path, PathBuf};

use super::{Cure, Found, Like, Reaches, Sighting, Value, dotenv, home, is_here, project, xdg};
use crate::finding::Location;
use crate::secret::Token;
use crate::state::document::{Node, toml, yaml};
use crate::state::dotenv::loaders::LOADERS;
use crate::state::environments::{self, Scripts, Setting, Source};
use crate::state::{State, startup};
use crate::system::{System, TEXT_LIMIT};

/// Most environments that are looked into: each costs a handful of looks.
const MOST: usize = 100;

/// The files as places read them: bounded, and what cannot be read is told.
struct Noted<'f, 's, 'm> {
    found: &'f mut Found,
    state: &'s State<'m>,
}

impl Source for Noted<'_, '_, '_> {
    fn system(&self) -> &dyn System {
        self.state.system
    }

    fn text(&mut self, path: &Path) -> Option<Token> {
        self.found.read_naming(self.state, path)
    }

    fn fault(&mut self, path: &Path, why: &str) {
        self.found.fault(path, why);
    }
}

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let names = startup::names();
    let system = state.system;
    let active = |name: &str| state.non_empty(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let (venv, conda) = (active("VIRTUAL_ENV"), active("CONDA_PREFIX"));
    for prefix in virtualenvs(state, venv.as_deref()) {
        let settings = environments::virtualenv(&mut Noted { found, state }, &prefix, Scripts::All, &names);
        for setting in settings {
            let hook =
                !setting.path.file_name().is_some_and(|n| n.to_string_lossy().to_lowercase().starts_with("activate"));
            let setter = if hook { "a virtualenvwrapper hook" } else { "the virtualenv's activate script" };
            add(state, found, setting, setter, Cure::CommentScript, venv.as_deref() == Some(&prefix));
        }
    }
    if let Some(hooks) = hooks(state) {
        for name in ["preactivate", "postactivate"] {
            let settings = environments::script(&mut Noted { found, state }, &hooks.join(name), &names);
            for mut setting in settings {
                let leave = ["predeactivate", "postdeactivate"].map(|leave| hooks.join(leave));
                let cleans = |path: &PathBuf| {
                    let text = system.read(path, TEXT_LIMIT).map(|c| Token::new(c.bytes));
                    text.is_ok_and(|t| environments::holds_word(t.bytes(), setting.variable.as_bytes()))
                };
                setting.leaks &= !leave.iter().any(cleans);
                add(state, found, setting, "a virtualenvwrapper hook", Cure::CommentScript, venv.is_some());
            }
        }
    }
    for prefix in condas(state, conda.as_deref()) {
        let before = found.sightings.len();
        let settings = environments::conda(&mut Noted { found, state }, &prefix, &names);
        for setting in settings {
            let cure = conda_cure(&prefix, &setting);
            add(state, found, setting, "conda", cure, conda.as_deref() == Some(&prefix));
        }
        found.last_counts(before);
    }
    let manifest = active("PIXI_PROJECT_MANIFEST");
    let mut manifests: Vec<PathBuf> = manifest.iter().cloned().collect();
    for dir in project(system) {
        manifests.extend(["pixi.toml", "pyproject.toml"].map(|name| dir.join(name)));
    }
    manifests.dedup();
    for path in manifests {
        let settings = environments::pixi(&mut Noted { found, state }, &path, &names);
        for setting in settings {
            add(state, found, setting, "pixi", Cure::Edit, manifest.as_deref() == Some(&path));
        }
    }
}

fn add(state: &State<'_>, found: &mut Found, setting: Setting, setter: &'static str, cure: Cure, active: bool) {
    let Setting { variable, value, path, line, leaks } = setting;
    let active = active && is_here(state, &variable, &value);
    let location = Location::File { path, line };
    let sighting = Sighting::new(&variable, value, location, setter, Reaches::Environment);
    found.add(Sighting { active, leaks, cure, ..sighting });
}

/// The directory of virtualenvwrapper's hooks for all environments.
fn hooks(state: &State<'_>) -> Option<PathBuf> {
    let given = |name: &str| state.non_empty(name).map(PathBuf::from).filter(|path| path.is_absolute());
    given("VIRTUALENVWRAPPER_HOOK_DIR")
        .or_else(|| given("WORKON_HOME"))
        .or_else(|| Some(home(state.system)?.join(".virtualenvs")))
}

/// The virtualenvs that are known of, the active one first.
fn virtualenvs(state: &State<'_>, active: Option<&Path>) -> Vec<PathBuf> {
    let system = state.system;
    let mut out: Vec<PathBuf> = active.map(Path::to_owned).into_iter().collect();
    for dir in project(system) {
        out.extend([".venv", "venv", "env", ".env", ".virtualenv"].map(|name| dir.join(name)));
    }
    let given = state.non_empty("WORKON_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let kept = [
        given,
        home(system).map(|home| home.join(".virtualenvs")),
        xdg(state, "XDG_DATA_HOME", ".local/share").map(|data| data.join("virtualenvs")),
        xdg(state, "XDG_CACHE_HOME", ".cache").map(|cache| cache.join("pypoetry/virtualenvs")),
    ];
    for dir in kept.into_iter().flatten() {
        out.extend(system.list(&dir).unwrap_or_default().into_iter().map(|name| dir.join(name)));
    }
    existing(system, out, "bin")
}

/// The conda environments that are known of, the active one first.
fn condas(state: &State<'_>, active: Option<&Path>) -> Vec<PathBuf> {
    let system = state.system;
    let mut out: Vec<PathBuf> = active.map(Path::to_owned).into_iter().collect();
    let Some(home) = home(system) else { return out };
    // conda writes down each environment that it makes.
    if let Ok(list) = system.read(&home.join(".conda/environments.txt"), TEXT_LIMIT) {
        let lines = list.bytes.split(|b| *b == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        out.extend(lines.map(|line| PathBuf::from(line.trim())).filter(|path| path.is_absolute()));
    }
    let given = state.non_empty("MAMBA_ROOT_PREFIX").map(PathBuf::from).filter(|path| path.is_absolute());
    let roots = ["miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda", ".local/share/mamba"];
    for root in given.into_iter().chain(roots.map(|name| home.join(name))) {
        let below = root.join("envs");
        out.push(root);
        out.extend(system.list(&below).unwrap_or_default().into_iter().map(|name| below.join(name)));
    }
    existing(system, out, "conda-meta")
}

/// Those with such a directory in them, each once.
fn existing(system: &dyn System, all: Vec<PathBuf>, inside: &str) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = Vec::new();
    for path in all {
        if out.len() < MOST && !out.contains(&path) && system.stat(&path.join(inside)).is_ok() {
            out.push(path);
        }
    }
    out
}

fn conda_cure(prefix: &Path, setting: &Setting) -> Cure {
    if setting.path.ends_with("conda-meta/state") {
        let words = ["conda", "env", "config", "vars", "unset", &setting.variable, "-p"];
        return Cure::Tool(words.iter().map(Into::into).chain([prefix.as_os_str().to_owned()]).collect());
    }
    if setting.path.starts_with(prefix.join("etc/conda/activate.d")) { Cure::CommentScript } else { Cure::Edit }
}

/// The files of what runs the commands of a project.
pub(super) fn runners(state: &State<'_>, found: &mut Found) {
    let dirs = project(state.system);
    for dir in &dirs {
        of_runners(state, found, dir);
    }
    let _ = dirs.iter().any(|dir| pipenv(state, found, dir));
}

fn of_runners(state: &State<'_>, found: &mut Found, dir: &Path) {
    let like = |setter| Like { setter, reaches: Reaches::Environment, cure: Cure::Edit, value: &expanded };
    for name in ["pyproject.toml", "pixi.toml", "hatch.toml"] {
        let path = dir.join(name);
        let Some(root) = found.parse_leading(state, &path, toml, &["env_file", "envfile"]) else { continue };
        if let Some(pixi) = environments::pixi_root(&root, &path).filter(|_| name != "hatch.toml") {
            for task in tasks(pixi) {
                map(found, &path, task.get("env"), &like("a pixi task"));
            }
        }
        let hatch = if name == "hatch.toml" { Some(&root) } else { root.at(&["tool", "hatch"]) };
        for env in hatch.and_then(|hatch| hatch.get("envs")).into_iter().flat_map(Node::entries) {
            map(found, &path, env.value.get("env-vars"), &like("hatch"));
        }
        let Some(tool) = root.get("tool").filter(|_| name == "pyproject.toml") else { continue };
        for script in tool.at(&["pdm", "scripts"]).into_iter().flat_map(Node::entries) {
            map(found, &path, script.value.get("env"), &like("a pdm script"));
            // The other form keeps what is exported.
            files(state, found, &path, script.value.at(&["env_file", "override"]), "a pdm script");
        }
        for (node, setter) in tool.get("poe").map(|poe| (poe, "poe")).into_iter().chain(
            tool.at(&["poe", "tasks"]).into_iter().flat_map(Node::entries).map(|task| (&task.value, "a poe task")),
        ) {
            let before = found.sightings.len();
            files(state, found, &path, node.get("envfile"), setter);
            map(found, &path, node.get("env"), &like(setter));
            found.last_counts(before);
        }
        // tox 4 and pytest-env also take TOML: texts, or a table with `value`.
        for at in [&["tox", "env_run_base", "set_env"][..], &["pytest_env"], &["pytest", "ini_options", "env"]] {
            map(found, &path, tool.at(at), &like(if at[0] == "tox" { "tox" } else { "pytest-env" }));
            for item in tool.at(at).into_iter().flat_map(Node::items) {
                pair(found, &path, item.line, item.text().map_or(&[], Token::bytes), "pytest-env", Cure::Edit);
            }
        }
        for env in tool.at(&["tox", "env"]).into_iter().flat_map(Node::entries) {
            map(found, &path, env.value.get("set_env"), &like("tox"));
        }
    }
    for name in ["tox.ini", "setup.cfg", "pytest.ini", "tox.toml"] {
        let path = dir.join(name);
        if name == "tox.toml" {
            let Some(root) = found.parse(state, &path, toml) else { continue };
            map(found, &path, root.at(&["env_run_base", "set_env"]), &like("tox"));
            for env in root.get("env").into_iter().flat_map(Node::entries) {
                map(found, &path, env.value.get("set_env"), &like("tox"));
            }
        } else if let Some(text) = found.read_naming(state, &path) {
            ini(found, &path, text.bytes());
        }
    }
    for name in ["environment.yml", "environment.yaml"] {
        let path = dir.join(name);
        // What it says is set when conda makes the environment.
        for root in found.parse(state, &path, yaml).into_iter().flatten() {
            map(found, &path, root.get("variables"), &like("conda's environment file"));
        }
    }
}

/// pipenv puts the `.env` beside the nearest Pipfile over the environment. Source: pipenv 2026.10, `load_dot_env`.
fn pipenv(state: &State<'_>, found: &mut Found, dir: &Path) -> bool {
    if state.system.stat(&dir.join("Pipfile")).is_err() {
        return false;
    }
    let on = |name: &str| {
        state.non_empty(name).is_some_and(|v| !["0", "false", "no", "off"].iter().any(|w| v.eq_ignore_ascii_case(w)))
    };
    if !on("PIPENV_DONT_LOAD_ENV") {
        let path = state.non_empty("PIPENV_DOTENV_LOCATION").map_or_else(|| dir.join(".env"), |path| dir.join(path));
        dotenv::file(state, found, &path, &LOADERS[..1], ("pipenv", Reaches::Project));
    }
    true
}

/// Files of variables, read as python-dotenv does: a text, a list, or by whether they must be there.
fn files(state: &State<'_>, found: &mut Found, path: &Path, given: Option<&Node>, setter: &'static str) {
    let dir = path.parent().unwrap_or(path);
    let kinds = ["optional", "expected"].iter().filter_map(|key| given?.get(key));
    for node in given.into_iter().chain(kinds) {
        for name in node.items().iter().chain([node]).filter_map(Node::str).filter(|name| !name.contains('$')) {
            dotenv::file(state, found, &dir.join(name), &LOADERS[..1], (setter, Reaches::Project));
        }
    }
}

/// `[tasks]`, also by feature and platform.
fn tasks(root: &Node) -> Vec<&Node> {
    let mut out = Vec::new();
    let mut open = vec![(root, 2)];
    while let Some((table, depth)) = open.pop() {
        out.extend(table.get("tasks").into_iter().flat_map(Node::entries).map(|entry| &entry.value));
        if depth > 0 {
            let inner = ["feature", "target"].iter().filter_map(|key| table.get(key)).flat_map(Node::entries);
            open.extend(inner.map(|entry| (&entry.value, depth - 1)));
        }
    }
    out
}

fn map(found: &mut Found, path: &Path, map: Option<&Node>, like: &Like<'_>) {
    if let Some(map) = map {
        found.add_map(path, map, false, like);
        // pytest-env: `NAME = { value = "x" }`; poe: `NAME.default = "x"`, where nothing else sets it.
        for entry in map.entries() {
            if let Some(text) = ["value", "default"].iter().find_map(|key| entry.value.get(key)?.text()) {
                found.add(like.sighting(&entry.key, (like.value)(text), Location::line(path, entry.line)));
            }
        }
    }
}

/// `$NAME`, `{env:NAME}` and `{env_file}` are put in when the command runs.
fn expanded(text: &Token) -> Value {
    let refers = text.bytes().contains(&b'$') || text.bytes().contains(&b'{');
    if refers { Value::Reference(text.clone()) } else { Value::Token(text.clone()) }
}

/// tox's `set_env` and pytest-env's `env`: a list of `NAME = value`, on the line of the key or indented below it.
fn ini(found: &mut Found, path: &Path, text: &[u8]) {
    let (mut setter, mut inside) = (None, false);
    for (number, line) in (1..).zip(text.split(|b| *b == b'\n')) {
        let trimmed = line.trim_ascii();
        let indented = line.first().is_some_and(u8::is_ascii_whitespace);
        if trimmed.first().is_none_or(|b| matches!(b, b'#' | b';')) {
            continue;
        }
        if trimmed.starts_with(b"[") && !indented {
            let tox = trimmed.starts_with(b"[testenv");
            let pytest = trimmed == b"[pytest]" || trimmed == b"[tool:pytest]";
            setter = if tox { Some("tox") } else { pytest.then_some("pytest-env") };
            inside = false;
            continue;
        }
        let Some(setter) = setter else { continue };
        if !indented {
            let at = trimmed.iter().position(|b| matches!(b, b'=' | b':'));
            let key = at.map_or(trimmed, |at| &trimmed[..at]).trim_ascii();
            inside = if setter == "tox" { key == b"set_env" || key == b"setenv" } else { key == b"env" };
            if inside && let Some(at) = at {
                // What is indented below it would go on with the key before.
                pair(found, path, number, trimmed[at + 1..].trim_ascii(), setter, Cure::Edit);
            }
        } else if inside {
            pair(found, path, number, trimmed, setter, Cure::CommentLine);
        }
    }
}

/// `NAME = value`; pytest-env writes `D:` and `R:` before a name.
fn pair(found: &mut Found, path: &Path, line: u32, text: &[u8], setter: &'static str, cure: Cure) {
    let Some(at) = text.iter().position(|b| *b == b'=') else { return };
    let Ok(name) = std::str::from_utf8(text[..at].trim_ascii()) else { return };
    let name = name.rsplit(':').next().unwrap_or(name);
    let value = expanded(&Token::new(text[at + 1..].trim_ascii().to_vec()));
    let sighting = Sighting::new(name, value, Location::line(path, line), setter, Reaches::Environment);
    found.add(Sighting { cure, ..sighting });
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;
    use super::*;
    use crate::system::fake::Fake;

    fn flags(fake: &Fake) -> Vec<(bool, bool)> {
        let mut found = Found::default();
        gather(&State::new(fake), &mut found);
        found.sightings.iter().map(|s| (s.active, s.leaks)).collect()
    }

    #[test]
    fn virtualenvs_here_and_kept() {
        let fake = Fake::home()
            .cwd("/home/u/p/src")
            .file("/home/u/p/.git/config", "")
            .file("/home/u/p/.venv/bin/activate", "deactivate () {\n}\nexport HF_TOKEN=a\n")
            .file("/home/u/.virtualenvs/w/bin/postactivate", "export HF_TOKEN=b\n")
            .file("/home/u/.virtualenvs/w/bin/predeactivate", "unset HF_TOKEN\n")
            .file("/home/u/.virtualenvs/postactivate", "export HF_TOKEN=c\n")
            .file("/home/u/.cache/pypoetry/virtualenvs/x-py3.11/bin/activate.fish", "set -gx HF_TOKEN d\n")
            .file("/home/u/other/.venv/bin/activate", "export HF_TOKEN=not here\n");
        assert_eq!(
            seen(&fake),
            [
                "HF_TOKEN =a /home/u/p/.venv/bin/activate:3 environment",
                "HF_TOKEN =b /home/u/.virtualenvs/w/bin/postactivate:1 environment",
                "HF_TOKEN =d /home/u/.cache/pypoetry/virtualenvs/x-py3.11/bin/activate.fish:1 environment",
                "HF_TOKEN =c /home/u/.virtualenvs/postactivate:1 environment",
            ]
        );
        assert_eq!(flags(&fake), [(false, true), (false, false), (false, true), (false, true)]);
        let active = fake.var("VIRTUAL_ENV", "/home/u/p/.venv").var("HF_TOKEN", "a");
        assert_eq!(flags(&active)[0], (true, true));
    }

    #[test]
    fn condas_by_its_own_list() {
        let fake = Fake::home()
            .file("/home/u/.conda/environments.txt", "/opt/c/envs/x\n/gone\n")
            .file("/opt/c/envs/x/conda-meta/state", "{\"env_vars\": {\"HF_TOKEN\": \"a\"}}")
            .file("/home/u/miniconda3/envs/y/etc/conda/activate.d/hf.sh", "export HF_TOKEN=b\n")
            .file("/home/u/miniconda3/envs/y/conda-meta/history", "");
        assert_eq!(
            seen(&fake),
            [
                "HF_TOKEN =a /opt/c/envs/x/conda-meta/state:1 environment",
                "HF_TOKEN =b /home/u/miniconda3/envs/y/etc/conda/activate.d/hf.sh:1 environment",
            ]
        );
        assert_eq!(flags(&fake), [(false, false), (false, true)]);
    }

    #[test]
    fn runners_of_projects() {
        let pyproject = "[tool.pixi.activation.env]\nHF_TOKEN = \"a\"\n[tool.pixi.tasks.train]\ncmd = \"x\"\n\
                         env = { HF_TOKEN = \"b\" }\n[tool.hatch.envs.default.env-vars]\nHF_TOKEN = \"{env:MY}\"\n\
                         [tool.pdm.scripts]\n_.env = { HF_TOKEN = \"c\" }\n[tool.poe.tasks.t]\nenv.HF_TOKEN = \"d\"\n\
                         [tool.pytest_env]\nHF_TOKEN = { value = \"e\", skip_if_set = true }\n";
        let tox = "[tox]\nset_env = HF_TOKEN=no\n[testenv:x]\nset_env =\n    # c\n    HF_TOKEN = f\n    A = b\ndeps =\n    HF_TOKEN=no\n";
        let fake = Fake::home()
            .cwd("/home/u/p")
            .file("/home/u/p/pyproject.toml", pyproject)
            .file("/home/u/p/tox.ini", tox)
            .file("/home/u/p/pytest.ini", "[pytest]\nenv =\n    D:HF_TOKEN=g\n")
            .file("/home/u/p/environment.yml", "name: x\nvariables:\n  HF_TOKEN: h\n");
        let got = seen(&fake);
        let of = |file: &str| -> Vec<String> {
            let all = got.iter().filter(|line| line.contains(&format!("/{file}:")));
            all.map(|line| line.replace("/home/u/p/", "").trim_end_matches(" environment").to_owned()).collect()
        };
        let mut toml = of("pyproject.toml");
        toml.sort();
        assert_eq!(
            toml,
            [
                "HF_TOKEN =a pyproject.toml:2",
                "HF_TOKEN =b pyproject.toml:5",
                "HF_TOKEN =c pyproject.toml:9",
                "HF_TOKEN =d pyproject.toml:11",
                "HF_TOKEN =e pyproject.toml:13",
                "HF_TOKEN ?{env:MY} pyproject.toml:7",
            ]
        );
        assert_eq!(of("tox.ini"), ["HF_TOKEN =f tox.ini:6"]);
        assert_eq!(of("pytest.ini"), ["HF_TOKEN =g pytest.ini:3"]);
        assert_eq!(of("environment.yml"), ["HF_TOKEN =h environment.yml:3"]);
    }

    #[test]
    fn a_script_that_only_pixi_names() {
        let fake = Fake::home()
            .cwd("/home/u/p")
            .file("/home/u/p/pixi.toml", "[activation]\nscripts = ['setup.sh']\n")
            .file("/home/u/p/setup.sh", "export HF_TOKEN=a\n");
        assert_eq!(seen(&fake), ["HF_TOKEN =a /home/u/p/setup.sh:1 environment"]);
    }

    #[test]
    fn broken_files_are_named_once() {
        let fake = Fake::home().cwd("/home/u/p").file("/home/u/p/pyproject.toml", "[tool\nHF_TOKEN = 1\n");
        let mut found = Found::default();
        gather(&State::new(&fake), &mut found);
        assert_eq!(found.unread.len(), 1);
        assert!(found.unread[0].1.starts_with("is no valid TOML: line "));
    }
}
