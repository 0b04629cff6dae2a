//! `reference server`: the reference implementation, live.

use super::args::{ReferenceClientArgs, ReferenceServerArgs};
use super::status::{Failure, Status};
use crate::runner::Target;
use crate::runner::reference;
use crate::runner::reference_client::{self, LoopOptions};
use crate::runner::serve::{self, Acceptor, ReferenceServer};
use crate::runner::target::Trust;
use wsgauntlet_wire::Role;

pub(super) fn server(args: ReferenceServerArgs) -> Result<Status, Failure> {
    let runtime = super::runtime()?;
    runtime.block_on(async {
        let acceptor = if args.tls {
            let acceptor = Acceptor::self_signed().map_err(|e| Failure::Harness(format!("cannot make a certificate: {e}")))?;
            if let Some(path) = &args.certificate {
                std::fs::write(path, &acceptor.certificate_pem)
                    .map_err(|e| Failure::Usage(format!("cannot write {}: {e}", path.display())))?;
            }
            Some(acceptor)
        } else {
            None
        };
        let scheme = if args.tls { "wss" } else { "ws" };
        let mut config = reference::config(Role::Server);
        args.fault.apply(&mut config)?;
        let server = ReferenceServer::bind(&args.listen, config, acceptor)
            .await
            .map_err(|error| Failure::Usage(format!("cannot listen on {}: {error}", args.listen)))?;
        super::output::print(&format!("listening on {scheme}://{}\n", server.address))?;
        tokio::select! {
            served = server.serve() => served.map_err(|error| Failure::Harness(format!("cannot accept: {error}")))?,
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(Status::Good)
    })
}

pub(super) fn client(args: ReferenceClientArgs) -> Result<Status, Failure> {
    let trust = Trust { insecure: args.insecure, ca: args.ca.clone() };
    let mut config = reference::config(Role::Client);
    args.fault.apply(&mut config)?;
    if args.once {
        super::runtime()?.block_on(async {
            let ended = reference_client::once(&args.url, &trust, &config).await;
            if serve::spins() {
                std::future::pending::<()>().await;
            }
            ended
        })?;
        return Ok(Status::Good);
    }
    let target = Target::parse(&args.url, &trust)?;
    let options = LoopOptions { agent: args.agent, jobs: usize::from(args.jobs), config };
    let played = super::runtime()?.block_on(reference_client::run(&target, &options))?;
    super::output::print(&format!("{played} cases were played\n"))?;
    Ok(Status::Good)
}
