//! New files of a project.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::{Timestamp, Zoned, tz::TimeZone};

use crate::error::ProjectError;
use crate::file_name::file_name;
use crate::history::Script;
use crate::project::Project;
use crate::template::{Filling, PLAIN, filled};

/// What is written down as one revision.
#[derive(Clone, Debug)]
pub struct NewRevision {
    pub id: String,
    /// The revision that it follows.
    pub down: Option<String>,
    pub message: String,
    /// The message as it stands in a docstring.
    pub docstring: String,
    /// `from … import …`, a line each.
    pub imports: String,
    /// The statements of the functions, indented by four spaces.
    pub upgrade: String,
    pub downgrade: String,
}

/// A file on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    pub path: PathBuf,
    pub text: String,
}

impl Project {
    /// The text and the path of a revision, and whether the project's template could be used.
    ///
    /// # Errors
    /// A folder, a file name or a time zone that the settings do not tell, a template for several databases.
    pub fn file(
        &self,
        revision: &NewRevision,
        folder: &Path,
    ) -> Result<(NewFile, bool), ProjectError> {
        let now = self.now()?;
        let name = file_name(
            &self.file_template,
            &revision.id,
            &revision.message,
            self.truncate_slug_length,
            &now,
        )?;
        // As Python's datetime prints itself.
        let format = if self.timezone.is_some() {
            "%Y-%m-%d %H:%M:%S.%6f%:z"
        } else {
            "%Y-%m-%d %H:%M:%S.%6f"
        };
        let filling = Filling {
            message: &revision.docstring,
            up_revision: &revision.id,
            down_revision: revision.down.as_deref(),
            create_date: &now.strftime(format).to_string(),
            imports: &revision.imports,
            upgrades: &revision.upgrade,
            downgrades: &revision.downgrade,
        };
        if self.template.as_ref().is_some_and(|template| template.contains("engine_name")) {
            return Err(ProjectError::Multidb);
        }
        let own = self.template.as_ref().and_then(|template| filled(template, &filling));
        let used = own.is_some() || self.template.is_none();
        let text = own.or_else(|| filled(PLAIN, &filling)).unwrap_or_default();
        Ok((NewFile { path: folder.join(name), text }, used))
    }

    /// Where a revision behind `head` goes: into the only folder, the one that was asked for, or that of the head.
    ///
    /// # Errors
    /// None or another than those of the settings.
    pub fn folder(
        &self,
        head: Option<&Script>,
        asked: Option<&Path>,
    ) -> Result<PathBuf, ProjectError> {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if let Some(asked) = asked {
            let known = self.versions.iter().any(|folder| absolute(folder) == absolute(asked));
            return match known {
                true => Ok(asked.to_owned()),
                false => Err(ProjectError::OtherLocation(asked.to_owned())),
            };
        }
        if let [one] = &self.versions[..] {
            return Ok(one.clone());
        }
        let within = |folder: &&PathBuf| head.is_some_and(|head| head.path.starts_with(folder));
        self.versions.iter().find(within).cloned().ok_or(ProjectError::WhichLocation)
    }

    fn now(&self) -> Result<Zoned, ProjectError> {
        let zone = match &self.timezone {
            None => TimeZone::system(),
            Some(name) => TimeZone::get(name).map_err(|_| ProjectError::Timezone(name.clone()))?,
        };
        Ok(Timestamp::now().to_zoned(zone))
    }
}

/// Writes all files or none. A file that is there already is never overwritten.
///
/// # Errors
/// What the file system says.
pub fn write(files: &[NewFile]) -> Result<(), ProjectError> {
    let mut written: Vec<&Path> = Vec::new();
    for file in files {
        if let Err(source) = write_one(file) {
            for path in written {
                let _ = fs::remove_file(path);
            }
            return Err(match source.kind() {
                io::ErrorKind::AlreadyExists => ProjectError::Exists(file.path.clone()),
                _ => ProjectError::Write { path: file.path.clone(), source },
            });
        }
        written.push(&file.path);
    }
    Ok(())
}

fn write_one(file: &NewFile) -> io::Result<()> {
    let folder = file.path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::with_prefix_in(".ordain", folder)?;
    temporary.write_all(file.text.as_bytes())?;
    temporary.as_file().sync_all()?;
    let file = temporary.persist_noclobber(&file.path).map_err(|error| error.error)?;
    readable(&file)
}

/// A temporary file is its owner's alone; a revision is everybody's who reads the project.
fn readable(file: &fs::File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

/// Twelve random hexadecimal digits, as Alembic's own.
///
/// # Errors
/// The machine has no randomness.
pub fn new_id() -> io::Result<String> {
    let mut bytes = [0_u8; 6];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
