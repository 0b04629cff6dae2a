//! The binary: everything is in the library's `cli`.

/// Runs make and drop many small values; the system's allocator costs a sixth of a self-test.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    wsgauntlet::cli::main()
}
