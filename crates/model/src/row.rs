//! How a kind reads its rows without knowing the database driver.

use crate::ObjectId;

/// The columns of one row, read from left to right in the order of the kind's SELECT list.
///
/// A kind's query returns, first, the OID of the row's own address (`oid`) and its sub-id (`int4`); the
/// introspector takes those two. What follows is read by [`Definition::read`](crate::Definition::read).
pub trait Row {
    /// `text`.
    fn text(&mut self) -> Result<String, ReadError>;
    /// `text`, nullable.
    fn opt_text(&mut self) -> Result<Option<String>, ReadError>;
    /// `bool`.
    fn flag(&mut self) -> Result<bool, ReadError>;
    /// `int8`.
    fn int(&mut self) -> Result<i64, ReadError>;
    /// `int8`, nullable.
    fn opt_int(&mut self) -> Result<Option<i64>, ReadError>;
    /// `text[]`; NULL reads as empty.
    fn texts(&mut self) -> Result<Vec<String>, ReadError>;
    /// Two columns, `oid, int2[]`: the names of these columns of that relation, NULL reading as none. Far cheaper than
    /// having the server look each of them up. [`ReadError::Unknown`] as for [`object`](Row::object).
    fn columns(&mut self) -> Result<Vec<String>, ReadError>;
    /// Three columns, `classid oid, objid oid, objsubid int4`: the object with that address.
    /// [`ReadError::Unknown`] when it is not modelled, belongs to an extension or to the system: the row is then left out.
    fn object(&mut self) -> Result<ObjectId, ReadError>;
    /// As [`object`](Row::object), `None` when the OID is NULL or 0.
    fn opt_object(&mut self) -> Result<Option<ObjectId>, ReadError>;
}

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The address of a satellite's parent is not an object of this catalog.
    #[error("no modelled object has the address {class}/{object}/{sub}")]
    Unknown { class: u32, object: u32, sub: i32 },
    #[error("column {column}: {message}")]
    Column { column: usize, message: String },
    #[error("unexpected value {value:?} for {what}")]
    Value { what: &'static str, value: String },
}
