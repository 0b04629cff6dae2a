//! Writes the seeds of all targets into `DIR/TARGET/`, a file each.

use std::io;
use std::path::PathBuf;
use wsgauntlet_fuzz::{ALL, seeds};

fn main() -> io::Result<()> {
    let dir = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "corpus".to_owned()));
    for (name, _, kind) in ALL {
        let dir = dir.join(name);
        std::fs::create_dir_all(&dir)?;
        for (index, seed) in seeds::of(*kind).iter().enumerate() {
            std::fs::write(dir.join(format!("seed-{index:04}")), seed)?;
        }
    }
    Ok(())
}
