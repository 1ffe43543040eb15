use std::fs;

use super::Binaries;

#[test]
fn only_whole_installations_of_a_usable_version_count() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let installed = |name: &str, programs: &[&str]| {
        let bin = folder.path().join(name).join("bin");
        fs::create_dir_all(&bin).expect("a folder");
        for program in programs {
            fs::write(bin.join(program), "").expect("a file");
        }
    };
    let both = &["initdb", "postgres"];
    installed("9", both);
    installed("14", both);
    installed("15", both);
    installed("17", both);
    installed("18", &["psql"]);
    installed("common", both);
    installed("pg-16", both);

    let versions = |prefix| {
        let mut found: Vec<u32> = Binaries::versions_in(folder.path(), prefix)
            .into_iter()
            .map(|(version, _)| version)
            .collect();
        found.sort_unstable();
        found
    };
    assert_eq!(versions(""), [15, 17]);
    assert_eq!(versions("pg-"), [16]);
    assert_eq!(versions("nothing"), [0; 0]);
}
