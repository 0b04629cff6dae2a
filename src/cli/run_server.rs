//! `run server`.

use super::again;
use super::args::RunServerArgs;
use super::config;
use super::displays::Displays;
use super::draft::Draft;
use super::finish::{self, Finish};
use super::select::{configured, select, selection};
use super::signals::stop_on_signals;
use super::status::{Failure, Status};
use super::target_args::no_scheme;
use crate::audit::{Audit, AuditProfile as BuiltIn, ReachedServer, RunEvent, ServerAudit, over};
use crate::embedded;
use crate::report::repeat;
use crate::report::stored::{Circumstances, StoredRun};
use crate::runner::Assumed;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::oracle::{Record, Run, TargetInfo, VerdictKind};
use wsgauntlet_suite::transcript::Capabilities;
use wsgauntlet_wire::Role;

pub(super) fn main(args: RunServerArgs) -> Result<Status, Failure> {
    audit(args).map(|(status, _)| status)
}

/// Plays, judges and reports; returns the run too.
pub(super) fn audit(mut args: RunServerArgs) -> Result<(Status, StoredRun), Failure> {
    let (asked, chosen) = (selection(&args.select), args.select.profile.is_some());
    let typed = args.clone();
    let named = config::apply(&mut args)?;
    let profile = BuiltIn::parse(args.select.profile.as_deref())?;
    args.gate.strict |= profile.is_strict();
    let deadline = Duration::from_millis(args.timeout_ms.unwrap_or_else(|| profile.timeout_ms()));
    let instances = over(select(&args.select, Role::Server)?, args.target.http.into());
    let selection = match chosen {
        true => selection(&args.select),
        false => configured(selection(&args.select), asked),
    };
    args.gate.check(selection.is_filtered())?;
    let circumstances = Circumstances {
        started: Some(super::stored::now()),
        seed: args.seed,
        selection,
        built_in: args.url.is_none() && args.launch.is_none(),
        again: Some(again::of_server(&typed, named.as_deref(), deadline)),
        timeout_ms: Some(deadline.as_millis() as u64),
    };
    let draft = args.out.clone().map(|dir| Draft {
        dir,
        instances: instances.clone(),
        circumstances: circumstances.clone(),
    });
    let mut displays = Displays::new(draft, &args.reports, args.format)?;
    let runtime = super::runtime()?;
    let runs = runtime.block_on(async {
        let server = server_audit(&args, profile, deadline)?.reach().await?;
        let runs = play(&args, &server, &instances, &circumstances, &mut displays).await;
        server.end().await;
        runs
    });
    displays.end()?;
    let finish = Finish {
        gate: &args.gate,
        dirs: &args.select.dirs,
        out: args.out.as_deref(),
        reports: &args.reports,
        format: args.format,
        verbose: args.verbose,
    };
    let runs = runs.inspect_err(|failure| {
        // The reports are written all the same, and the failure is returned.
        if failure.status() == Status::Target
            && let Err(second) =
                finish::write_out(&unreached(&args, &instances, &circumstances, failure), &finish)
        {
            eprintln!("error: {second}");
        }
    })?;
    let mut run = repeat::fold(runs).ok_or_else(|| Failure::Harness("nothing was played".to_owned()))?;
    let status = finish::finish(&mut run, &finish)?;
    Ok((status, run))
}

/// The audit that the arguments describe.
fn server_audit(args: &RunServerArgs, profile: BuiltIn, deadline: Duration) -> Result<ServerAudit, Failure> {
    let mut audit = match (&args.launch, &args.url) {
        (Some(command), None) => Audit::launched_server(command),
        (Some(command), Some(url)) => Audit::launched_server(command).url(url),
        (None, Some(url)) => Audit::server(url),
        (None, None) => Audit::reference(args.tls),
    };
    if let Some(url) = &args.url {
        no_scheme(url)?;
    }
    let budget = args.budget.unwrap_or_else(|| profile.budget(deadline));
    audit = audit
        .timeout(deadline)
        .budget(if budget.is_zero() { Duration::MAX } else { budget })
        .seed(args.seed)
        .ready_within(args.ready_within)
        .crash_signs(args.crash_signs.clone())
        .memory_max(args.memory_max << 20)
        .assume(Assumed { driver: args.driver.then_some(true).or(args.assumed.driver), ..args.assumed })
        .stop_when(stop_on_signals());
    if let Some(jobs) = args.jobs {
        audit = audit.jobs(jobs.into());
    }
    if let Some(name) = &args.name {
        audit = audit.name(name);
    }
    args.target.apply(audit)
}

/// Plays everything once, or as often as `--repeat` and `--until-failure` say.
async fn play(
    args: &RunServerArgs,
    server: &ReachedServer,
    instances: &[Arc<Instance>],
    circumstances: &Circumstances,
    displays: &mut Displays,
) -> Result<Vec<StoredRun>, Failure> {
    let times = match (args.repeat, args.until_failure) {
        (Some(times), _) => times,
        (None, true) => u32::MAX,
        (None, false) => 1,
    };
    let mut runs: Vec<StoredRun> = Vec::new();
    for _ in 0..times {
        let mut sink = |event: RunEvent| displays.take(&event);
        let run = server.play(instances.to_vec(), &mut sink).await?;
        let stored = StoredRun::from_run(run, embedded::catalogue(), circumstances);
        let stopped = stored.interrupted.is_some();
        let failed = stored.instances.iter().any(|instance| instance.is_deviating(args.gate.strict));
        if stopped && args.until_failure && !runs.is_empty() {
            // The complete runs count.
            break;
        }
        let ends = stopped || !stored.deaths.is_empty() || (failed && args.until_failure);
        runs.push(stored);
        if ends {
            break;
        }
    }
    Ok(runs)
}

/// A run in which every instance is blocked, because the target could not be reached.
fn unreached(
    args: &RunServerArgs,
    instances: &[Arc<Instance>],
    circumstances: &Circumstances,
    failure: &Failure,
) -> StoredRun {
    let reason = failure.to_string();
    let url = args.url.clone().unwrap_or_default();
    let target = TargetInfo {
        role: Role::Server,
        name: args.name.clone().unwrap_or_else(|| url.clone()),
        url,
        capabilities: Capabilities::NONE,
        remarks: vec![reason.clone()],
    };
    let blocked = |instance: &Arc<Instance>| {
        Record::unplayed(instance.clone(), VerdictKind::Blocked, "the target was never reached")
    };
    let run = Run {
        target,
        records: instances.iter().map(blocked).collect(),
        cases: instances.iter().map(|instance| &instance.case).collect::<BTreeSet<_>>().len(),
        jobs: 0,
        duration: Duration::ZERO,
        interrupted: Some(reason),
        deaths: Vec::new(),
        crashes: Vec::new(),
    };
    StoredRun::of(&run, embedded::catalogue(), circumstances)
}
