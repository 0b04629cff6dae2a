//! The snapshot of coverage, and what must be watched.

use wsgauntlet::case::Library;
use wsgauntlet::report::coverage;
use wsgauntlet::requirement::Catalogue;

/// `reports/coverage.txt` is what `wsgauntlet coverage` prints. `ci/snapshots` writes it.
#[test]
fn the_snapshot_of_coverage_is_fresh() {
    let fresh = coverage::render(Catalogue::embedded(), &Library::embedded().cases);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/coverage.txt");
    let stored = std::fs::read_to_string(path).expect("reports/coverage.txt");
    assert!(stored == fresh, "reports/coverage.txt is stale: run ci/snapshots");
}
