//! The memory store runs the suite.

use tests::MemorySubject;

orchestrix::testkit::conformance_tests!(|_test| MemorySubject::default());
