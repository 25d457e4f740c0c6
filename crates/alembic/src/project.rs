//! One project: where its things are.

use std::io;
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::error::ProjectError;
use crate::history::History;
use crate::settings::Settings;
use crate::source;

/// An Alembic project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of env.py.
    pub scripts: PathBuf,
    /// The folders of the revisions.
    pub versions: Vec<PathBuf>,
    pub(crate) file_template: String,
    pub(crate) truncate_slug_length: usize,
    pub(crate) timezone: Option<String>,
    recursive: bool,
    /// Whether programs are to be run over new files, which ordain does not do.
    pub has_hooks: bool,
    pub environment: Environment,
    /// The text of script.py.mako.
    pub(crate) template: Option<String>,
}

const FILE_TEMPLATE: &str = "%(rev)s_%(slug)s";
const SLUG_LENGTH: usize = 40;

impl Project {
    /// Reads the settings that `config` names, else those in the current folder.
    ///
    /// # Errors
    /// No settings, or settings that can't be read or do not say where the scripts are.
    pub fn open(config: Option<&Path>, section: &str) -> Result<Self, ProjectError> {
        let settings = Settings::find(config, section)?;
        let location = settings
            .text("script_location")?
            .ok_or_else(|| settings.wrong("script_location is not set".to_owned()))?;
        let near = settings.paths("prepend_sys_path")?;
        let scripts = resource(&location, &near)?;
        if !scripts.is_dir() {
            return Err(ProjectError::NoScripts(scripts));
        }
        let named = settings.paths("version_locations")?;
        let versions = if named.is_empty() {
            vec![scripts.join("versions")]
        } else {
            let paths = named.iter().map(|path| resource(&path.to_string_lossy(), &near));
            paths.collect::<Result<_, _>>()?
        };
        let length = settings.text("truncate_slug_length")?.filter(|text| !text.is_empty());
        let truncate_slug_length = match length.map(|text| (text.trim().parse(), text)) {
            None => SLUG_LENGTH,
            Some((Ok(0), _)) => SLUG_LENGTH,
            Some((Ok(length), _)) => length,
            Some((Err(_), text)) => {
                return Err(settings.wrong(format!("truncate_slug_length = {text} is no number")));
            }
        };
        let read = |name: &str| match source::read(&scripts.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(ProjectError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        };
        Ok(Self {
            file_template: settings.text("file_template")?.unwrap_or_else(|| FILE_TEMPLATE.into()),
            truncate_slug_length,
            timezone: settings.text("timezone")?.filter(|name| !name.is_empty()),
            recursive: settings.is_on("recursive_version_locations")?,
            has_hooks: settings.has_hooks(),
            environment: read("env.py")?.map(|text| Environment::read(&text)).unwrap_or_default(),
            template: read("script.py.mako")?,
            scripts,
            versions,
        })
    }

    /// The revisions that there are.
    ///
    /// # Errors
    /// A file that can't be read without running it, and a history with gaps.
    pub fn history(&self) -> Result<History, ProjectError> {
        History::read(&self.versions, self.recursive)
    }
}

/// A path; of `package:folder` the folder within the package, which is looked for and not imported.
fn resource(location: &str, near: &[PathBuf]) -> Result<PathBuf, ProjectError> {
    let path = Path::new(location);
    let Some((package, inner)) = location.split_once(':').filter(|_| !path.is_absolute()) else {
        return Ok(path.to_owned());
    };
    let package: PathBuf = package.split('.').collect();
    let around = near.iter().map(PathBuf::as_path).chain([Path::new("."), Path::new("src")]);
    let mut places = around.map(|place| place.join(&package).join(inner.replace(':', "/")));
    places.find(|place| place.exists()).ok_or_else(|| ProjectError::NoPackage(location.to_owned()))
}
