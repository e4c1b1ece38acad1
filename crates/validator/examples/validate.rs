//! Evaluates a suite on a file: `validate DATA SUITE FORMAT` writes the result as JSON.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use dataset::Source;
use expectations::Suite;
use validator::{Options, validate};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, suite, format] = arguments.as_slice() else {
        return Err("expected DATA SUITE FORMAT".into());
    };
    let suite = Suite::parse(&std::fs::read(suite)?)?;
    let options = Options { telling: format.parse()?, ..Options::default() };
    let result = validate(Source::open_local(Path::new(data))?, &suite, &options, &|_| ())?;
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &result)?;
    writeln!(out)?;
    Ok(())
}
