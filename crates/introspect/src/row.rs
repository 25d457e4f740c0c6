//! The driver's rows, as kinds read them.

use ordain_model::{ObjectId, ReadError, Row};
use postgres::types::Type;

use crate::address::{Address, Addresses};

/// A cursor over one row; starts behind the two columns of the address.
pub(crate) struct PgRow<'a> {
    row: &'a postgres::Row,
    addresses: &'a Addresses,
    next: usize,
}

/// `oid, int4`: the first two columns of every kind's query. The OID may be NULL or 0 for what has no address of its own.
pub(crate) fn address(row: &postgres::Row, class: u32) -> Result<Address, ReadError> {
    let object = oid_at(row, 0)?.unwrap_or_default();
    let sub = int_at(row, 1)?.unwrap_or_default();
    Ok((class, object, sub as i32))
}

impl<'a> PgRow<'a> {
    pub fn new(row: &'a postgres::Row, addresses: &'a Addresses) -> Self {
        Self { row, addresses, next: 2 }
    }

    /// The index of the next column, and its type.
    fn take(&mut self) -> Result<(usize, &'a Type), ReadError> {
        let column = self.next;
        self.next += 1;
        type_at(self.row, column).map(|kind| (column, kind))
    }

    fn address(&mut self) -> Result<Option<Address>, ReadError> {
        let (class, _) = self.take()?;
        let (object, _) = self.take()?;
        let (sub, _) = self.take()?;
        let object = oid_at(self.row, object)?.unwrap_or_default();
        if object == 0 {
            return Ok(None);
        }
        let class = oid_at(self.row, class)?.unwrap_or_default();
        Ok(Some((class, object, int_at(self.row, sub)?.unwrap_or_default() as i32)))
    }

    fn missing(&self) -> ReadError {
        ReadError::Column { column: self.next - 1, message: "is null".into() }
    }
}

impl Row for PgRow<'_> {
    fn text(&mut self) -> Result<String, ReadError> {
        self.opt_text()?.ok_or_else(|| self.missing())
    }

    fn opt_text(&mut self) -> Result<Option<String>, ReadError> {
        let (column, kind) = self.take()?;
        if *kind == Type::CHAR {
            let byte: Option<i8> = get(self.row, column)?;
            return Ok(
                byte.map(|b| if b == 0 { String::new() } else { char::from(b as u8).into() })
            );
        }
        get(self.row, column)
    }

    fn flag(&mut self) -> Result<bool, ReadError> {
        let (column, _) = self.take()?;
        get::<Option<bool>>(self.row, column)?.ok_or_else(|| self.missing())
    }

    fn int(&mut self) -> Result<i64, ReadError> {
        self.opt_int()?.ok_or_else(|| self.missing())
    }

    fn opt_int(&mut self) -> Result<Option<i64>, ReadError> {
        let (column, _) = self.take()?;
        int_at(self.row, column)
    }

    fn texts(&mut self) -> Result<Vec<String>, ReadError> {
        let (column, kind) = self.take()?;
        if *kind == Type::CHAR_ARRAY {
            let bytes: Option<Vec<i8>> = get(self.row, column)?;
            return Ok(bytes.into_iter().flatten().map(|b| char::from(b as u8).into()).collect());
        }
        Ok(get::<Option<Vec<String>>>(self.row, column)?.unwrap_or_default())
    }

    fn columns(&mut self) -> Result<Vec<String>, ReadError> {
        let (relation, _) = self.take()?;
        let (numbers, _) = self.take()?;
        let relation = oid_at(self.row, relation)?.unwrap_or_default();
        let numbers: Option<Vec<i16>> = get(self.row, numbers)?;
        let name = |number: i16| {
            let address = (self.addresses.relations, relation, i32::from(number));
            Ok(find(self.addresses, address)?.base().to_owned())
        };
        numbers.unwrap_or_default().into_iter().map(name).collect()
    }

    fn object(&mut self) -> Result<ObjectId, ReadError> {
        let address = self.address()?.ok_or_else(|| self.missing())?;
        find(self.addresses, address)
    }

    fn opt_object(&mut self) -> Result<Option<ObjectId>, ReadError> {
        self.address()?.map(|address| find(self.addresses, address)).transpose()
    }
}

fn find(addresses: &Addresses, address: Address) -> Result<ObjectId, ReadError> {
    let (class, object, sub) = address;
    let id = addresses.exact(address).filter(|_| !addresses.is_extension_member(address));
    id.cloned().ok_or(ReadError::Unknown { class, object, sub })
}

fn type_at(row: &postgres::Row, column: usize) -> Result<&Type, ReadError> {
    match row.columns().get(column) {
        Some(found) => Ok(found.type_()),
        None => Err(ReadError::Column { column, message: "is not in the query".into() }),
    }
}

fn get<'a, T: postgres::types::FromSql<'a>>(
    row: &'a postgres::Row,
    column: usize,
) -> Result<T, ReadError> {
    row.try_get(column).map_err(|error| {
        use std::error::Error;
        let reason = error.source().map(ToString::to_string).unwrap_or_default();
        ReadError::Column { column, message: format!("{error} {reason}") }
    })
}

/// An `oid` or one of the types that print as a name but hold an OID (`regclass`, …).
fn oid_at(row: &postgres::Row, column: usize) -> Result<Option<u32>, ReadError> {
    Ok(int_at(row, column)?.map(|n| n as u32))
}

/// Any integer type.
fn int_at(row: &postgres::Row, column: usize) -> Result<Option<i64>, ReadError> {
    Ok(match *type_at(row, column)? {
        Type::INT2 => get::<Option<i16>>(row, column)?.map(i64::from),
        Type::INT4 => get::<Option<i32>>(row, column)?.map(i64::from),
        Type::INT8 => get(row, column)?,
        _ => get::<Option<Oid>>(row, column)?.map(|oid| i64::from(oid.0)),
    })
}

/// Four bytes that are an OID, whatever alias type the column has.
struct Oid(u32);

impl<'a> postgres::types::FromSql<'a> for Oid {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(u32::from_be_bytes(raw.try_into()?)))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::OID
                | Type::REGCLASS
                | Type::REGTYPE
                | Type::REGPROC
                | Type::REGPROCEDURE
                | Type::REGNAMESPACE
                | Type::REGROLE
                | Type::REGOPER
                | Type::REGOPERATOR
                | Type::REGCONFIG
                | Type::REGDICTIONARY
                | Type::REGCOLLATION
        )
    }
}
