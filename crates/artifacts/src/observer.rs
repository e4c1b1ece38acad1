//! Being told of each writing: a point at which the test of recovery has a process crash.

use std::fmt;
use std::sync::Arc;

/// When something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has not been done yet.
    Before,
    /// It has been done.
    After,
}

/// Is told of each writing.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(Moment) + Send + Sync>);

impl Observer {
    /// One that calls `tell`.
    pub fn new(tell: impl Fn(Moment) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn notify(observer: Option<&Self>, moment: Moment) {
        if let Some(Self(tell)) = observer {
            tell(moment);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}
