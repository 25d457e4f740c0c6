//! The plan file. The format is published as docs/plan.schema.json.

use ordain_model::{FORMAT, Plan};

/// The plan as `plan --out` writes it: indented, with a final newline.
pub fn json(plan: &Plan) -> String {
    // A plan is plain data with string keys only: it always serialises.
    let mut text = serde_json::to_string_pretty(plan).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a plan file back.
pub fn read(text: &str) -> Result<Plan, ReadError> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| ReadError::NotJson(error.to_string()))?;
    let format = value.get("format").and_then(serde_json::Value::as_u64);
    match format {
        None => return Err(ReadError::NotAPlan),
        Some(format) if format != u64::from(FORMAT) => return Err(ReadError::Format(format)),
        Some(_) => {}
    }
    serde_json::from_value(value).map_err(|error| ReadError::Damaged(error.to_string()))
}

/// Why a file is no plan that this version can run.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it is not JSON: {0}")]
    NotJson(String),
    #[error("it is JSON, but not a plan: it has no \"format\"")]
    NotAPlan,
    #[error("its format is {0}, this version of ordain reads format {FORMAT}")]
    Format(u64),
    #[error("it is damaged: {0}")]
    Damaged(String),
}
