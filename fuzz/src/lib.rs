//! The bodies of the fuzz targets: each takes octets, and panics where something does not hold. They build on stable;
//! `tests` runs each over its seeds. Start reading in `ALL`.

mod codec;
mod differential;
mod endpoints;
mod heads;
pub mod inputs;
mod mutators;
mod readers;
pub mod seeds;
#[cfg(test)]
mod tests;
mod values;

pub use codec::{
    run_close_payload, run_deflate, run_extensions, run_frames, run_request, run_response, run_utf8,
};
pub use differential::{
    run_versus_fastwebsockets, run_versus_soketto, run_versus_tokio_websockets, run_versus_tungstenite,
    run_versus_yawc,
};
pub use endpoints::{run_player, run_reference_cuts, run_session};
pub use mutators::{Plain, mutate, structured};
pub use readers::{run_case_loader, run_notation, run_reports};
pub use values::{
    run_deflate_values, run_extension_values, run_frame_values, run_reference_values, run_request_values,
    run_response_values, run_script,
};

/// A target: its name, its body, and what its seeds are.
pub type Target = (&'static str, fn(&[u8]), seeds::Kind);

/// All targets. Those of the second group read a value through `Unstructured`, the others octets as a peer or a file has them.
pub const ALL: &[Target] = &[
    ("frames", run_frames, seeds::Kind::Frames),
    ("request", run_request, seeds::Kind::Requests),
    ("response", run_response, seeds::Kind::Responses),
    ("extensions", run_extensions, seeds::Kind::Extensions),
    ("utf8", run_utf8, seeds::Kind::Payloads),
    ("close_payload", run_close_payload, seeds::Kind::Payloads),
    ("deflate", run_deflate, seeds::Kind::Compressed),
    ("case_loader", run_case_loader, seeds::Kind::Cases),
    ("notation", run_notation, seeds::Kind::Frames),
    ("frame_values", run_frame_values, seeds::Kind::CutFrames),
    ("request_values", run_request_values, seeds::Kind::RequestEdits),
    ("response_values", run_response_values, seeds::Kind::ResponseEdits),
    ("extension_values", run_extension_values, seeds::Kind::ExtensionLists),
    ("deflate_values", run_deflate_values, seeds::Kind::Messages),
    ("reference_values", run_reference_values, seeds::Kind::CutFrames),
    ("script", run_script, seeds::Kind::Instances),
    ("player", run_player, seeds::Kind::PlayedFrames),
    ("session", run_session, seeds::Kind::Choices),
    ("reference_cuts", run_reference_cuts, seeds::Kind::Frames),
    ("reports", run_reports, seeds::Kind::Reports),
    ("versus_tungstenite", run_versus_tungstenite, seeds::Kind::CutFrames),
    ("versus_soketto", run_versus_soketto, seeds::Kind::CutFrames),
    ("versus_fastwebsockets", run_versus_fastwebsockets, seeds::Kind::CutFrames),
    ("versus_tokio_websockets", run_versus_tokio_websockets, seeds::Kind::CutFrames),
    ("versus_yawc", run_versus_yawc, seeds::Kind::CutFrames),
];

/// All of a target's file: under libFuzzer the target and its mutator, else a program that runs it over files.
#[macro_export]
macro_rules! glue {
    ($name:literal) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|octets: &[u8]| ($crate::target($name).1)(octets));
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], len: usize, len_max: usize, seed: u32| {
            $crate::mutate($crate::target($name).2, data, len, len_max, seed, libfuzzer_sys::fuzzer_mutate)
        });
        #[cfg(not(fuzzing))]
        fn main() {
            $crate::run_files($crate::target($name).1);
        }
    };
}

/// The target of a name.
///
/// # Panics
///
/// When there is none: the names stand in the glue.
pub fn target(name: &str) -> Target {
    *ALL.iter().find(|(known, ..)| *known == name).expect("a target of `ALL`")
}

/// Runs a body over the files that the command line names: what reproduces a crash on stable.
pub fn run_files(body: fn(&[u8])) {
    for path in std::env::args().skip(1) {
        match std::fs::read(&path) {
            Ok(octets) => body(&octets),
            Err(error) => eprintln!("cannot read {path}: {error}"),
        }
    }
}

/// The input in two: the first octet chooses where it is cut.
fn halves(octets: &[u8]) -> (&[u8], &[u8]) {
    let Some((&at, rest)) = octets.split_first() else { return (&[], &[]) };
    rest.split_at(rest.len() * usize::from(at) / 256)
}
