//! What is written into the folder of `--save`.

use crate::fuzz::Finding;
use crate::fuzz::finding::AREA;
use std::io;
use std::path::{Path, PathBuf};

/// Writes findings as case files, each as soon as it is there.
#[derive(Clone, Debug)]
pub struct Keeper {
    dir: PathBuf,
}

impl Keeper {
    /// Makes the folder.
    pub fn new(dir: &Path) -> io::Result<Keeper> {
        let dir = dir.join(AREA);
        std::fs::create_dir_all(&dir)?;
        Ok(Keeper { dir })
    }

    /// The path of the file, which is written whole or not at all.
    pub fn keep(&self, finding: &Finding) -> io::Result<PathBuf> {
        let path = self.dir.join(format!("{}.toml", finding.name));
        let partial = self.dir.join(format!("{}.partial", finding.name));
        std::fs::write(&partial, finding.to_case_file())?;
        std::fs::rename(&partial, &path)?;
        for (index, session) in finding.history.iter().enumerate() {
            let before = Finding {
                name: format!("{}-before-{}", finding.name, index + 1),
                session: session.clone(),
                history: Vec::new(),
                ..finding.clone()
            };
            std::fs::write(self.dir.join(format!("{}.toml", before.name)), before.to_case_file())?;
        }
        Ok(path)
    }
}
