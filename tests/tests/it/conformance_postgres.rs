//! The PostgreSQL store runs the suite, in one database for each behaviour.

use tests::PostgresSubject;

orchestrix::testkit::conformance_tests!(PostgresSubject::new);

/// Fails where no server is there and `CI` is set; elsewhere the suite is skipped with a line that says so.
#[test]
fn a_server_is_there_where_tests_are_a_gate() {
    test_servers::require_or_skip("PostgreSQL's conformance", test_servers::postgres_url());
}
