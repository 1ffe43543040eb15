//! The PostgreSQL store runs the suite as a role that owns nothing, with row-level security.

use tests::PostgresRlsSubject;

orchestrix::testkit::conformance_tests!(PostgresRlsSubject::new);
