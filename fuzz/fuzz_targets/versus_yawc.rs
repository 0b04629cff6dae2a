//! Glue: see `wsgauntlet_fuzz::run_versus_yawc`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| wsgauntlet_fuzz::run_versus_yawc(octets));

#[cfg(not(fuzzing))]
fn main() {
    wsgauntlet_fuzz::run_files(wsgauntlet_fuzz::run_versus_yawc);
}
