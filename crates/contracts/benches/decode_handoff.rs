//! What every agent does with every message: bytes to a checked handoff, and back.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    dead_code,
    reason = "a benchmark, which uses a part of the tests' samples"
)]

use std::hint::black_box;

use contracts::{Agent, ValidHandoff, encoding};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

#[path = "../tests/it/samples.rs"]
mod samples;

fn decode_handoff(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode_handoff");
    for (name, handoff) in [
        ("first", samples::first()),
        ("to_model_trainer", samples::to(Agent::ModelTrainer)),
        ("result", samples::result()),
    ] {
        let bytes = encoding::encode(handoff.as_message());
        group.throughput(Throughput::Bytes(bytes.len().try_into().unwrap()));
        group.bench_function(format!("decode_and_validate/{name}"), |b| {
            b.iter(|| encoding::decode_handoff(None, black_box(&bytes)).unwrap());
        });
        group.bench_function(format!("validate/{name}"), |b| {
            b.iter_batched(
                || handoff.as_message().clone(),
                |message| ValidHandoff::try_from(message).unwrap(),
                criterion::BatchSize::SmallInput,
            );
        });
        group.bench_function(format!("encode/{name}"), |b| {
            b.iter(|| encoding::encode(black_box(handoff.as_message())));
        });
    }
    group.finish();
}

criterion_group!(benches, decode_handoff);
criterion_main!(benches);
