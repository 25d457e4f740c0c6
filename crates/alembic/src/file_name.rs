//! What a new file is called.

use jiff::Zoned;
use std::path::PathBuf;

use crate::error::ProjectError;
use crate::percent::{self, Value};

/// The path below the versions folder, as `file_template` says it.
pub(crate) fn file_name(
    template: &str,
    id: &str,
    message: &str,
    length: usize,
    at: &Zoned,
) -> Result<PathBuf, ProjectError> {
    let value = |name: &str| {
        Ok(match name {
            "rev" => Value::Text(id.to_owned()),
            "slug" => Value::Text(slug(message, length)),
            "epoch" => Value::Number(at.timestamp().as_second()),
            "year" => Value::Number(at.year().into()),
            "month" => Value::Number(at.month().into()),
            "day" => Value::Number(at.day().into()),
            "hour" => Value::Number(at.hour().into()),
            "minute" => Value::Number(at.minute().into()),
            "second" => Value::Number(at.second().into()),
            other => return Err(format!("%({other})s is no token")),
        })
    };
    let name = percent::format(template, &value)
        .map_err(|what| ProjectError::FileTemplate { template: template.to_owned(), what })?;
    Ok(PathBuf::from(format!("{name}.py")))
}

/// The words of the message, cut behind a whole one.
fn slug(message: &str, length: usize) -> String {
    let words = message.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let slug = words.join("_").to_lowercase();
    if slug.chars().count() <= length {
        return slug;
    }
    let cut: String = slug.chars().take(length).collect();
    let whole = cut.rsplit_once('_').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole}_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_template() {
        let at: Zoned = "2024-03-05T06:07:08[UTC]".parse().expect("a time");
        let name = |template: &str| {
            let path = file_name(template, "ab12", "Add Status, \"now\"!", 12, &at);
            path.map(|path| path.to_string_lossy().into_owned()).map_err(|error| error.to_string())
        };
        assert_eq!(name("%(rev)s_%(slug)s").as_deref(), Ok("ab12_add_status_.py"));
        assert_eq!(
            name("%(year)d/%(month).2d/%(day).2d_%(hour).2d%(minute).2d_%(second).2d_%(rev)s")
                .as_deref(),
            Ok("2024/03/05_0607_08_ab12.py")
        );
        assert_eq!(name("%(epoch)s").as_deref(), Ok("1709618828.py"));
        assert!(name("%(nothing)s").is_err());
    }
}
