//! The embedded case library as a whole.

use wsgauntlet::case::Library;
use wsgauntlet::case::library::embedded_sources;
use wsgauntlet::requirement::Catalogue;

/// Every embedded case loads, without a mistake.
#[test]
fn embedded_cases_load() {
    if let Err(mistakes) = Library::parse(&embedded_sources(), Catalogue::embedded()) {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{} mistakes:\n{}", lines.len(), lines.join("\n"));
    }
    assert!(!Library::embedded().cases.is_empty());
}
