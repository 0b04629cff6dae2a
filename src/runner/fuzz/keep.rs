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

    /// The path of the file, which is written whole or not at all. `None`: no case of the finding fails on the target, and a
    /// case that cannot fail is not kept.
    pub fn keep(&self, finding: &Finding) -> io::Result<Option<PathBuf>> {
        let Some(case) = &finding.case else { return Ok(None) };
        let path = self.dir.join(format!("{}.toml", finding.name));
        let partial = self.dir.join(format!("{}.partial", finding.name));
        std::fs::write(&partial, case)?;
        std::fs::rename(&partial, &path)?;
        for (index, session) in finding.history.iter().enumerate() {
            let before = Finding {
                name: format!("{}-before-{}", finding.name, index + 1),
                session: session.clone(),
                history: Vec::new(),
                ..finding.clone()
            };
            if let Some((text, _)) = before.forms().into_iter().next() {
                std::fs::write(self.dir.join(format!("{}.toml", before.name)), text)?;
            }
        }
        Ok(Some(path))
    }
}
