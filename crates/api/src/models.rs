//! Models and versions.

pub mod compare;
pub mod view;
