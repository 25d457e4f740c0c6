//! ordain-load
