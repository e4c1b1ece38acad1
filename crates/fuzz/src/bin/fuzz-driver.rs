//! What libFuzzer calls: the target that `FUZZ_TARGET` names, with each input.
#![no_main]
#![allow(unsafe_code, reason = "the entry that libFuzzer calls has a name of C")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::panic::Location;
use std::sync::{LazyLock, Mutex, PoisonError};

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Option<&'static Target>> = LazyLock::new(|| {
    let named = std::env::var("FUZZ_TARGET").unwrap_or_default();
    Target::named(&named)
});
/// Where decoders broke off, each told once.
static BROKEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Panics end the process, but for those of decoders, which their guard makes an error.
fn end_at_panics_of_our_own() {
    let end = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !guard::is_decoding() {
            return end(panic);
        }
        let place = panic.location().map(Location::to_string).unwrap_or_default();
        let mut known = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
        if known.insert(place.clone()) {
            let _ = writeln!(std::io::stderr(), "decoder broke off at {place}");
        }
    }));
}

fuzz_target!(init: end_at_panics_of_our_own(), |input: &[u8]| {
    if let Some(target) = *TARGET {
        target.run(input);
    }
});
