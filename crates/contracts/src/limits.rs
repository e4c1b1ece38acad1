//! How much people may add to the records of the registry, which are read as a whole.

/// Most tags of a model or a version.
pub const TAGS: usize = 100;
/// Longest value of a tag, in bytes.
pub const TAG_VALUE: usize = 1024;
/// Most notes of a version.
pub const NOTES: usize = 100;
/// Most aliases of a model.
pub const ALIASES: usize = 100;
/// Most versions of a run that are remembered beside its last.
pub const EARLIER_VERSIONS: usize = 1000;
