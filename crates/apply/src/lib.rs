//! ordain-apply
