//! The SQLite store runs the suite, in one file for each behaviour.

use tests::SqliteSubject;

orchestrix::testkit::conformance_tests!(SqliteSubject::new);
