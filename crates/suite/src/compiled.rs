//! Requirements and cases in a form that is read without parsing. A build script writes it, so that a program which embeds
//! the suite has it at hand at once. It is read by the build that wrote it and by no other: it has no version.
//!
//! A script is decoded when it is first looked at: most programs look at few of them.

use crate::case::{Case, Instance, InstanceId, LazyScript, Library, Need, Profile, Script};
use crate::requirement::{Catalogue, Requirement, RequirementId};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::sync::Arc;
use wsgauntlet_wire::Role;

/// Why octets are not a compiled suite.
#[derive(Debug, thiserror::Error)]
#[error("not what this build wrote: {0}")]
pub struct CompiledError(#[from] postcard::Error);

#[derive(Serialize, Deserialize)]
struct CompiledCase<'a> {
    path: &'a str,
    doc: &'a str,
    verifies: Vec<RequirementId>,
    roles: Vec<Role>,
    origin: Option<&'a str>,
    profile: Profile,
    info: bool,
    #[serde(borrow)]
    instances: Vec<CompiledInstance<'a>>,
}

/// What an instance has that its case has not.
#[derive(Serialize, Deserialize)]
struct CompiledInstance<'a> {
    id: InstanceId,
    doc: Option<&'a str>,
    verifies: Option<Vec<RequirementId>>,
    role: Role,
    autobahn: Vec<String>,
    needs: Vec<Need>,
    #[serde(borrow)]
    script: CompiledScript<'a>,
}

/// A script, encoded by itself.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum CompiledScript<'a> {
    Plain(&'a [u8]),
    /// Deflated (RFC 1951): floods say the same many times over.
    Deflated(&'a [u8]),
}

/// A script of more octets is deflated.
const PLAIN_LEN_MAX: usize = 1024;

/// Encodes the requirements of a catalogue.
///
/// # Errors
///
/// None is known: the encoding has a form for every value.
pub fn encode_catalogue(catalogue: &Catalogue) -> Result<Vec<u8>, CompiledError> {
    let requirements: Vec<&Requirement> = catalogue.iter().collect();
    Ok(postcard::to_allocvec(&requirements)?)
}

/// Encodes the cases of a library.
///
/// # Errors
///
/// None is known: the encoding has a form for every value.
pub fn encode_library(library: &Library) -> Result<Vec<u8>, CompiledError> {
    let mut scripts = Vec::new();
    for instance in library.cases.iter().flat_map(|case| &case.instances) {
        let plain = postcard::to_allocvec(&***instance.script)?;
        let deflated = plain.len() > PLAIN_LEN_MAX;
        scripts.push((
            deflated,
            if deflated { all(DeflateEncoder::new(&plain[..], Compression::best())) } else { plain },
        ));
    }
    let mut scripts_left = scripts.iter();
    let cases: Vec<CompiledCase<'_>> = library
        .cases
        .iter()
        .map(|case| CompiledCase {
            path: &case.path,
            doc: &case.doc,
            verifies: case.verifies.clone(),
            roles: case.roles.clone(),
            origin: case.origin.as_deref(),
            profile: case.profile,
            info: case.info,
            instances: case
                .instances
                .iter()
                .zip(&mut scripts_left)
                .map(|(instance, (deflated, octets))| {
                    let script = if *deflated {
                        CompiledScript::Deflated(octets)
                    } else {
                        CompiledScript::Plain(octets)
                    };
                    compiled_instance(case, instance, script)
                })
                .collect(),
        })
        .collect();
    Ok(postcard::to_allocvec(&cases)?)
}

fn compiled_instance<'a>(
    case: &Case,
    instance: &'a Instance,
    script: CompiledScript<'a>,
) -> CompiledInstance<'a> {
    CompiledInstance {
        id: instance.id.clone(),
        doc: (instance.doc != case.doc).then_some(instance.doc.as_str()),
        verifies: (instance.verifies != case.verifies).then(|| instance.verifies.clone()),
        role: instance.role,
        autobahn: instance.autobahn.clone(),
        needs: instance.needs.clone(),
        script,
    }
}

/// Reads what [`encode_catalogue`] wrote.
///
/// # Errors
///
/// The octets are not from this build.
pub fn decode_catalogue(octets: &[u8]) -> Result<Catalogue, CompiledError> {
    let requirements: Vec<Requirement> = postcard::from_bytes(octets)?;
    Ok(Catalogue::of(requirements))
}

/// Reads what [`encode_library`] wrote. The scripts are read later, from `octets`.
///
/// # Errors
///
/// The octets are not from this build.
pub fn decode_library(octets: &'static [u8]) -> Result<Library, CompiledError> {
    let compiled: Vec<CompiledCase<'static>> = postcard::from_bytes(octets)?;
    let cases = compiled.into_iter().map(case).collect();
    Ok(Library { cases })
}

fn case(compiled: CompiledCase<'static>) -> Case {
    let mut case = Case {
        path: compiled.path.to_owned(),
        doc: compiled.doc.to_owned(),
        verifies: compiled.verifies,
        roles: compiled.roles,
        origin: compiled.origin.map(str::to_owned),
        profile: compiled.profile,
        info: compiled.info,
        instances: Vec::with_capacity(compiled.instances.len()),
    };
    for instance in compiled.instances {
        let instance = self::instance(&case, instance);
        case.instances.push(instance);
    }
    case
}

fn instance(case: &Case, compiled: CompiledInstance<'static>) -> Instance {
    Instance {
        id: compiled.id,
        case: case.path.clone(),
        doc: compiled.doc.unwrap_or(&case.doc).to_owned(),
        verifies: compiled.verifies.unwrap_or_else(|| case.verifies.clone()),
        role: compiled.role,
        autobahn: compiled.autobahn,
        origin: case.origin.clone(),
        profile: case.profile,
        info: case.info,
        needs: compiled.needs,
        script: script(compiled.script),
        plain: None,
    }
}

fn script(compiled: CompiledScript<'static>) -> Arc<LazyScript> {
    let decode = move || {
        let script: Result<Script, _> = match compiled {
            CompiledScript::Plain(octets) => postcard::from_bytes(octets),
            CompiledScript::Deflated(octets) => postcard::from_bytes(&all(DeflateDecoder::new(octets))),
        };
        Box::new(script.expect("the build that wrote it reads it"))
    };
    Arc::new(LazyScript::new(Box::new(decode)))
}

/// All octets of a reader over memory.
fn all(mut reader: impl Read) -> Vec<u8> {
    let mut octets = Vec::new();
    reader.read_to_end(&mut octets).expect("memory can be read, and what this build deflated inflates");
    octets
}
