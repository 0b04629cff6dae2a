//! The arguments that give the reference a fault, or a lawful difference.

use super::status::Failure;
use clap::Args;
use wsgauntlet_reference::{Config, Quirk, Variant};

#[derive(Clone, Debug, Default, Args)]
pub(super) struct FaultArgs {
    /// Give the reference this deliberate fault; `list --quirks` lists them
    #[arg(long, value_name = "NAME")]
    pub quirk: Option<Quirk>,
    /// Give the reference this lawful difference; `list --variants` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "quirk")]
    pub variant: Option<Variant>,
}

impl FaultArgs {
    /// Fails for a fault that cannot show in the role of `config`.
    pub(super) fn apply(&self, config: &mut Config) -> Result<(), Failure> {
        let role = config.role;
        let quirk = self.quirk.map(|quirk| (quirk.info().name, quirk.info().roles));
        let variant = self.variant.map(|variant| (variant.info().name, variant.info().roles));
        for (name, roles) in quirk.into_iter().chain(variant) {
            if !roles.contains(role) {
                return Err(Failure::Usage(format!(
                    "{name} applies to a {}, and this is a {role}",
                    role.peer()
                )));
            }
        }
        if let Some(quirk) = self.quirk {
            quirk.install(config);
        }
        if let Some(variant) = self.variant {
            variant.install(config);
        }
        Ok(())
    }
}
