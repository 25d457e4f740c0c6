//! The project's interpreter: found as the tools around Python do, and run.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// How the interpreter is started: a program, and what goes before its own arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    program: PathBuf,
    /// `run python` behind `uv`.
    before: Vec<OsString>,
    /// Why this one, for messages.
    why: &'static str,
}

impl Interpreter {
    fn at(program: impl Into<PathBuf>, why: &'static str) -> Self {
        Self { program: program.into(), before: Vec::new(), why }
    }

    pub fn shown(&self) -> String {
        let words = self.before.iter().map(|word| format!(" {}", word.to_string_lossy()));
        format!("{}{} ({})", self.program.display(), words.collect::<String>(), self.why)
    }
}

/// `--python`, the active environment, the project's own, what uv or poetry say it is, the system's.
pub(crate) fn find(given: Option<&Path>, folder: &Path) -> Interpreter {
    find_in(given, folder, &|name| env::var_os(name))
}

fn find_in(
    given: Option<&Path>,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Interpreter {
    if let Some(given) = given {
        // A folder is an environment.
        let inside = given.join("bin/python");
        let program = if given.is_dir() && inside.exists() { inside } else { given.into() };
        return Interpreter::at(program, "--python");
    }
    for (name, why) in [("VIRTUAL_ENV", "$VIRTUAL_ENV"), ("CONDA_PREFIX", "$CONDA_PREFIX")] {
        let python = variable(name).map(|dir| PathBuf::from(dir).join("bin/python"));
        if let Some(python) = python.filter(|path| path.exists()) {
            return Interpreter::at(python, why);
        }
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    for dir in folder.ancestors() {
        for name in [".venv", "venv"] {
            let python = dir.join(name).join("bin/python");
            if python.exists() {
                return Interpreter::at(python, "the project's environment");
            }
        }
        if let Some(managed) = managed(dir) {
            return managed;
        }
        // Nothing above the project is the project's.
        if dir.join(".git").exists() || dir.join("pyproject.toml").exists() {
            break;
        }
    }
    let python3 = on_path("python3").or_else(|| on_path("python"));
    Interpreter::at(python3.unwrap_or_else(|| "python3".into()), "the first on PATH")
}

/// A folder whose environment is kept elsewhere by a tool that can say where.
fn managed(dir: &Path) -> Option<Interpreter> {
    let project = fs::read_to_string(dir.join("pyproject.toml")).unwrap_or_default();
    if (dir.join("uv.lock").exists() || project.contains("[tool.uv")) && on_path("uv").is_some() {
        let before = ["run", "--quiet", "--no-sync", "python"].map(OsString::from).to_vec();
        return Some(Interpreter { program: "uv".into(), before, why: "uv's project" });
    }
    let poetry = dir.join("poetry.lock").exists() || project.contains("[tool.poetry");
    if poetry && on_path("poetry").is_some() {
        let python = answer(dir, "poetry", &["env", "info", "--executable"])?;
        return Some(Interpreter::at(python, "poetry's environment"));
    }
    if dir.join("Pipfile").exists() && on_path("pipenv").is_some() {
        let python = answer(dir, "pipenv", &["--py"])?;
        return Some(Interpreter::at(python, "pipenv's environment"));
    }
    None
}

fn answer(dir: &Path, program: &str, arguments: &[&str]) -> Option<PathBuf> {
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(dir).stdin(Stdio::null()).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    let path = PathBuf::from(path.trim());
    (output.status.success() && path.exists()).then_some(path)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// What the program prints for this argument. Errors are for a person.
pub(crate) fn run(
    interpreter: &Interpreter,
    program: &str,
    argument: &str,
) -> Result<Vec<u8>, String> {
    let mut command = Command::new(&interpreter.program);
    command.args(&interpreter.before).args(["-c", program, argument]);
    let output = command.stdin(Stdio::null()).output().map_err(|error| {
        format!(
            "{} can't be started: {error}\nhint: name the project's interpreter with --python PATH",
            interpreter.shown()
        )
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let how = output
            .status
            .code()
            .map_or("was killed".to_owned(), |code| format!("ended with exit code {code}"));
        return Err(format!("{} {how}\n{}", interpreter.shown(), said.trim_end()));
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).ok();
        }
        fs::write(path, "").ok();
    }

    #[test]
    fn the_projects_own_interpreter_comes_before_the_systems() -> std::io::Result<()> {
        let root = tempfile::tempdir()?;
        let root = root.path().canonicalize()?;
        let (project, inside) = (root.join("project"), root.join("project/src/app"));
        touch(&inside.join("models.py"));
        touch(&project.join("pyproject.toml"));
        touch(&root.join(".venv/bin/python"));
        let nothing = |_: &str| None;
        // What is above the project is not the project's.
        assert_eq!(find_in(None, &inside, &nothing).why, "the first on PATH");
        touch(&project.join(".venv/bin/python"));
        let found = find_in(None, &inside, &nothing);
        assert_eq!(found.program, project.join(".venv/bin/python"));

        touch(&root.join("active/bin/python"));
        let active =
            |name: &str| (name == "VIRTUAL_ENV").then(|| root.join("active").into_os_string());
        assert_eq!(find_in(None, &inside, &active).program, root.join("active/bin/python"));
        let given = find_in(Some(&root.join(".venv")), &inside, &active);
        assert_eq!(given.program, root.join(".venv/bin/python"));
        let given = find_in(Some(Path::new("python3.12")), &inside, &active);
        assert_eq!(given.program, PathBuf::from("python3.12"));
        Ok(())
    }
}
