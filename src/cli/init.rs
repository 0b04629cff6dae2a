//! `init`: a wsgauntlet.toml to begin with.

use super::config::{self, Begin, template};
use super::near::{is_address, with_scheme};
use super::output::print;
use super::setup_args::InitArgs;
use super::status::{Failure, Status};
use std::path::Path;

pub(super) fn main(args: InitArgs) -> Result<Status, Failure> {
    if let Some(url) = &args.url
        && !url.starts_with("ws://")
        && !url.starts_with("wss://")
    {
        let guess = with_scheme(url).or_else(|| is_address(url).then(|| format!("ws://{url}")));
        let guess = guess.map(|guess| format!("; did you mean {guess}?")).unwrap_or_default();
        return Err(Failure::Usage(format!("{url:?} is not a URL such as ws://127.0.0.1:9001{guess}")));
    }
    let text = template(&Begin { url: args.url, launch: args.launch });
    write_new(Path::new(config::FILE), &text, args.force)?;
    print(&format!("wrote {}; next: wsgauntlet run server\n", config::FILE))?;
    Ok(Status::Good)
}

/// Writes a file that does not exist yet, or any with `force`.
pub(super) fn write_new(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if path.exists() && !force {
        return Err(Failure::Usage(format!("{} exists; --force writes over it", path.display())));
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::Usage(format!("cannot write into {}: {error}", folder.display())))?;
    }
    std::fs::write(path, text)
        .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))
}
