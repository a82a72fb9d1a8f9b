//! What every start of a Python runs before the program: `sitecustomize.py`, `usercustomize.py`, and the lines of `.pth`
//! files that begin with `import`.
//!
//! Looked for are the active environments, the virtualenvs of the project, and the person's own site-packages. What
//! stands there is in no shell: Python has a token of which the environment says nothing. Not seen: the packages of the
//! system, and what the programs call.
//! Source: CPython 3.11's `site` module, run: `sitecustomize` goes over the shell's variable, `usercustomize` is not
//! imported in a virtualenv.

use std::path::{Path, PathBuf};

use super::{Found, Reaches, Sighting, home, project, python_code};
use crate::finding::Location;
use crate::state::State;

pub(super) fn gather(state: &State<'_>, found: &mut Found) {
    let given = |name: &str| state.non_empty(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let mut prefixes: Vec<PathBuf> = ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|name| given(name)).collect();
    for dir in project(state.system) {
        prefixes.extend([".venv", "venv"].map(|name| dir.join(name)));
    }
    let own = given("PYTHONUSERBASE").or_else(|| Some(home(state.system)?.join(".local")));
    prefixes.extend(own.clone());
    let mut seen: Vec<PathBuf> = Vec::new();
    for prefix in prefixes {
        if seen.contains(&prefix) {
            continue;
        }
        let lib = prefix.join("lib");
        let versions = state.system.list(&lib).unwrap_or_default();
        for version in versions.iter().filter(|name| name.as_encoded_bytes().starts_with(b"python3")) {
            of_packages(state, found, &lib.join(version).join("site-packages"), own.as_ref() == Some(&prefix));
        }
        seen.push(prefix);
    }
}

fn of_packages(state: &State<'_>, found: &mut Found, dir: &Path, own: bool) {
    for name in state.system.list(dir).unwrap_or_default() {
        let bytes = name.as_encoded_bytes();
        let is_pth = bytes.ends_with(b".pth");
        if !is_pth && bytes != b"sitecustomize.py" && !(own && bytes == b"usercustomize.py") {
            continue;
        }
        let path = dir.join(&name);
        let Some(text) = found.read_naming(state, &path) else { continue };
        let text = String::from_utf8_lossy(text.bytes());
        for set in python_code::assignments(&text) {
            // Of a `.pth` file any other line is a path.
            let line = usize::try_from(set.line).ok().and_then(|n| text.lines().nth(n - 1)).unwrap_or_default();
            if is_pth && !line.starts_with("import ") && !line.starts_with("import\t") {
                continue;
            }
            let setter = if is_pth { "a .pth file of Python" } else { "Python's start-up" };
            let at = Location::line(&path, set.line);
            let sighting = Sighting::new(&set.name, set.value, at, setter, Reaches::Python);
            found.add(Sighting { cure: python_code::cure(set.alone), ..sighting });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::seen;
    use crate::system::fake::Fake;

    #[test]
    fn what_python_runs_first() {
        let packages = "/home/u/p/.venv/lib/python3.11/site-packages";
        let own = "/home/u/.local/lib/python3.12/site-packages";
        let fake = Fake::home()
            .cwd("/home/u/p")
            .file("/home/u/p/.git/config", "")
            .file(&format!("{packages}/sitecustomize.py"), "import os\nos.environ[\"HF_TOKEN\"] = \"a\"\n")
            .file(&format!("{packages}/usercustomize.py"), "import os\nos.environ[\"HF_TOKEN\"] = \"not in a venv\"\n")
            .file(
                &format!("{packages}/hf.pth"),
                "./x\nimport os; os.environ.setdefault(\"HF_TOKEN\", \"b\")\nos.environ[\"HF_TOKEN\"] = \"a path\"\n",
            )
            .file(&format!("{packages}/hf.py"), "os.environ[\"HF_TOKEN\"] = \"a package\"\n")
            .file(&format!("{own}/usercustomize.py"), "import os\nos.environ[\"HF_TOKEN\"] = \"c\"\n");
        assert_eq!(
            seen(&fake),
            [
                format!("HF_TOKEN =b {packages}/hf.pth:2 python"),
                format!("HF_TOKEN =a {packages}/sitecustomize.py:2 python"),
                format!("HF_TOKEN =c {own}/usercustomize.py:2 python"),
            ]
        );
    }
}
