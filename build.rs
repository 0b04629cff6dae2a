//! Reads the cases and the requirements, and writes them in the form that the binary embeds: nothing is parsed at run time.
//! Mistakes in a case file end the build, each with its place.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};
use wsgauntlet_suite::case::Library;
use wsgauntlet_suite::case::load::Source;
use wsgauntlet_suite::compiled;
use wsgauntlet_suite::requirement::Catalogue;

/// The folder below `cases/` whose files are requirements; all others hold cases.
const REQUIREMENTS: &str = "requirements";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=cases");
    // `include_dir` does not track what it reads.
    println!("cargo:rerun-if-changed=src/diagnosis/defects");
    let cases = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("cases");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut requirements = Vec::new();
    let mut sources = Vec::new();
    for folder in entries(&cases)?.into_iter().filter(|path| path.is_dir()) {
        let area = name(&folder);
        for file in
            entries(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "toml"))
        {
            let text = fs::read_to_string(&file)?;
            if area == REQUIREMENTS {
                requirements.push((name(&file), text));
                continue;
            }
            let suite = format!("{area}/{}", name(&file));
            let path = suite.trim_end_matches(".toml").to_owned();
            sources.push(Source { path, file: format!("cases/{suite}"), text });
        }
    }
    let requirements: Vec<(&str, &str)> =
        requirements.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let catalogue = Catalogue::parse(&requirements).map_err(|mistakes| listed(&mistakes))?;
    let library = Library::parse(&sources, &catalogue).map_err(|mistakes| listed(&mistakes))?;
    fs::write(out.join("requirements.bin"), compiled::encode_catalogue(&catalogue)?)?;
    fs::write(out.join("cases.bin"), compiled::encode_library(&library)?)?;
    Ok(())
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn listed<T: std::fmt::Display>(mistakes: &[T]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    format!("{} mistakes in cases/\n{}", lines.len(), lines.join("\n"))
}
