//! ordain-introspect
