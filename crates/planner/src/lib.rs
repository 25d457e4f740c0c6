//! ordain-planner
