//! `reference server`: the reference implementation, live.

use super::args::ReferenceServerArgs;
use super::status::{Failure, Status};
use crate::runner::reference;
use crate::runner::serve::{Acceptor, ReferenceServer};
use crate::wire::Role;

pub fn server(args: ReferenceServerArgs) -> Result<Status, Failure> {
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
        let server = ReferenceServer::bind(&args.listen, reference::config(Role::Server), acceptor)
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
