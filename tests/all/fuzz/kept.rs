//! What `fuzz --save` keeps of a live server, and what `replay` and `promote` make of it.

use super::found::find;
use crate::support::BIN;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use wsgauntlet::fuzz::memory;
use wsgauntlet::runner::fuzz::Keeper;
use wsgauntlet::runner::serve::ReferenceServer;
use wsgauntlet_reference::Quirk;
use wsgauntlet_wire::Role;

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("wsgauntlet-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over hurts nobody.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn run(dir: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(BIN);
    command.args(words).current_dir(dir).output().expect("the binary runs")
}

#[track_caller]
fn check(dir: &Path, words: &[&str], status: i32) -> String {
    let output = run(dir, words);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(status), "{words:?}\n{said}");
    said
}

/// A fault of the opening is kept as a case that fails on the server with the fault, before and after it is promoted.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_an_opening_gates() {
    let mut config = memory::config(Role::Server);
    config.quirks.insert("accept-connection-absent".parse::<Quirk>().expect("a quirk"));
    let server = ReferenceServer::bind("127.0.0.1:0", config, None).await.expect("a free port");
    let url = format!("ws://{}/", server.address);
    tokio::spawn(server.serve());
    let folder = Folder::new("kept");
    let dir = folder.0.clone();
    tokio::task::spawn_blocking(move || {
        let words = [
            "fuzz",
            "server",
            &url,
            "--no-seeds",
            "--runs",
            "1200",
            "--save",
            "findings",
            "--timeout-ms",
            "400",
        ];
        let said = check(&dir, &words, 1);
        let name = "connection-upgrade-required";
        let found: Vec<PathBuf> = std::fs::read_dir(dir.join("findings/found"))
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.to_string_lossy().contains(name))
            .collect();
        let [file] = &found[..] else { panic!("{found:?}\n{said}") };
        let file = file.to_str().expect("a path of ours");
        check(&dir, &["replay", file], 0);
        check(&dir, &["replay", file, &url], 1);
        check(&dir, &["promote", file, "no-connection-field", "--into", "own"], 0);
        check(&dir, &["replay", "own/found/no-connection-field.toml"], 0);
        check(&dir, &["replay", "own/found/no-connection-field.toml", &url], 1);
    })
    .await
    .expect("it does not panic");
}

/// A case that observes only is not promoted, and stays where it is; one that a monitor judges is.
#[test]
fn what_gates_nothing_is_not_promoted() {
    let folder = Folder::new("idle");
    let case = |requirement: &str| {
        format!(
            "doc = \"A finding.\"\n[[case]]\nname = \"a-finding\"\ndoc = \"A finding.\"\nverifies = [\"{requirement}\"]\n\
             only = \"server\"\ninfo = true\nproof = false\nsteps = []\n"
        )
    };
    let path = folder.0.join("finding.toml");
    std::fs::write(&path, case("rfc6455/4.2.1/connection-upgrade-required")).expect("a file");
    let said = check(&folder.0, &["promote", "finding.toml", "idle", "--into", "own"], 2);
    assert!(said.contains("nothing that a target does fails it"), "{said}");
    assert!(path.exists() && !folder.0.join("own").exists());
    std::fs::write(&path, case("rfc9110/7.8/426-has-upgrade")).expect("a file");
    check(&folder.0, &["promote", "finding.toml", "watched", "--into", "own"], 0);
}

/// A finding of which no case fails on the target leaves no file.
#[test]
fn what_cannot_fail_is_not_kept() {
    let folder = Folder::new("unkept");
    let mut config = memory::config(Role::Server);
    config.quirks.insert("accept-unmasked".parse::<Quirk>().expect("a quirk"));
    let mut finding = find(&config, 1, 20_000).expect("it is found");
    let keeper = Keeper::new(&folder.0).expect("a folder");
    assert_eq!(keeper.keep(&finding).expect("it writes"), None);
    assert_eq!(std::fs::read_dir(folder.0.join("found")).expect("the folder").count(), 0);
    finding.case = finding.forms().into_iter().next().map(|(text, _)| text);
    assert!(keeper.keep(&finding).expect("it writes").is_some_and(|path| path.exists()));
}
