#!/bin/bash -eu
# Builds all targets with cargo-fuzz into $OUT, each with its seeds and its dictionary.
cd "$SRC/wsgauntlet/fuzz"
cargo run --quiet --bin export-seeds corpus
# LTO would only make the build longer.
export CARGO_PROFILE_RELEASE_LTO=off
cargo fuzz build --fuzz-dir . --target-dir target -O --debug-assertions
built=target/x86_64-unknown-linux-gnu/release
for source in fuzz_targets/*.rs; do
  target=$(basename "$source" .rs)
  cp "$built/$target" "$OUT/"
  zip -q -j "$OUT/${target}_seed_corpus.zip" "corpus/$target"/*
  if [ -f "dictionaries/$target.dict" ]; then cp "dictionaries/$target.dict" "$OUT/"; fi
done
