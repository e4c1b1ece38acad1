//! Where a version can stand, and where it can go from there.

use contracts::v1::{ModelStage, ModelVersion};

/// The stages in their order.
pub const STAGES: [ModelStage; 5] = [
    ModelStage::None,
    ModelStage::Staging,
    ModelStage::Shadow,
    ModelStage::Production,
    ModelStage::Archived,
];

/// Whether a version may go from one stage to another. Anything that was not put away can be.
#[must_use]
pub const fn is_legal(from: ModelStage, to: ModelStage) -> bool {
    use ModelStage::{Archived, None, Production, Shadow, Staging};
    matches!(
        (from, to),
        (None, Staging)
            | (Staging, Shadow | Production)
            | (Shadow, Production)
            | (None | Staging | Shadow | Production, Archived)
    )
}

/// The stages that a version can go to.
pub fn legal_from(from: ModelStage) -> impl Iterator<Item = ModelStage> {
    STAGES.into_iter().filter(move |to| is_legal(from, *to))
}

/// The stages that a version can go to, for a message.
pub(crate) fn legal_from_text(from: ModelStage) -> String {
    let legal: Vec<&str> = legal_from(from).map(stage_name).collect();
    if legal.is_empty() { "no stages".to_owned() } else { legal.join(", ") }
}

/// A stage's name for people.
#[must_use]
pub const fn stage_name(stage: ModelStage) -> &'static str {
    match stage {
        ModelStage::Unspecified | ModelStage::None => "none",
        ModelStage::Staging => "staging",
        ModelStage::Shadow => "shadow",
        ModelStage::Production => "production",
        ModelStage::Archived => "archived",
    }
}

/// The stage of a name.
#[must_use]
pub fn stage_of(name: &str) -> Option<ModelStage> {
    STAGES.into_iter().find(|stage| stage_name(*stage) == name)
}

/// Whether a version has ever been in production, as one that answered and was put away since has.
#[must_use]
pub fn was_in_production(version: &ModelVersion) -> bool {
    version.transitions.iter().any(|step| step.to() == ModelStage::Production)
}
