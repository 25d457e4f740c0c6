//! ordain-review
