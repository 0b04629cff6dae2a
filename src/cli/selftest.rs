//! `selftest`: the suite against the reference, in memory.

use super::args::SelftestArgs;
use super::output::print;
use super::select::library_with;
use super::status::{Failure, Status};
use crate::case::Instance;
use crate::oracle::{self, VerdictKind};
use crate::peer::PlayConfig;
use crate::requirement::Catalogue;
use crate::runner::reference::{self, Link};

/// How many messages the cases of the volume profile exchange here: enough for their shapes.
const VOLUME_MESSAGES: u32 = 3;

pub fn main(args: SelftestArgs) -> Result<Status, Failure> {
    let library = library_with(&args.dirs, VOLUME_MESSAGES)?;
    let instances: Vec<&Instance> = library.cases.iter().flat_map(|case| &case.instances).collect();
    let (mut deviating, mut inapplicable) = (0, 0);
    for instance in &instances {
        let transcript = reference::play(
            instance,
            &PlayConfig::new("localhost"),
            reference::config(instance.role),
            Link::Direct,
        );
        let verdict = oracle::judge(instance, &transcript, Catalogue::embedded());
        inapplicable += usize::from(verdict.kind == VerdictKind::Inapplicable);
        if !matches!(verdict.kind, VerdictKind::Pass | VerdictKind::Info | VerdictKind::Inapplicable) {
            deviating += 1;
            let observed = verdict.failure.as_ref().map(|failure| failure.observed.as_str());
            print(&format!(
                "{} {}: {}\n",
                verdict.kind,
                instance.id,
                observed.or(verdict.reason.as_deref()).unwrap_or_default()
            ))?;
        }
    }
    print(&format!(
        "{} cases, {} instances, {deviating} deviating, {inapplicable} inapplicable\n",
        library.cases.len(),
        instances.len()
    ))?;
    Ok(if deviating == 0 { Status::Good } else { Status::Worse })
}
