use super::Found;

fn good() -> Found {
    Found {
        server_version: "17.2".to_owned(),
        server_version_num: 170_002,
        fsync: "on".to_owned(),
        full_page_writes: "on".to_owned(),
        synchronous_commit: "on".to_owned(),
        transaction_isolation: "read committed".to_owned(),
        transaction_read_only: "off".to_owned(),
        sequence_increment: 1,
        sequence_cache: 1,
    }
}

/// The names of the settings that break a promise.
fn broken(change: impl FnOnce(&mut Found)) -> Vec<&'static str> {
    let mut found = good();
    change(&mut found);
    let verdicts = found.verdicts().into_iter();
    verdicts
        .filter(|setting| !setting.holds)
        .map(|setting| setting.name)
        .collect()
}

#[test]
fn each_promise_rests_on_its_own_setting() {
    assert_eq!(broken(|_| {}), [""; 0]);
    assert_eq!(broken(|found| found.fsync = "off".to_owned()), ["fsync"]);
    assert_eq!(
        broken(|found| found.full_page_writes = "off".to_owned()),
        ["full_page_writes"]
    );
    assert_eq!(
        broken(|found| found.synchronous_commit = "off".to_owned()),
        ["synchronous_commit"]
    );
    assert_eq!(
        broken(|found| found.transaction_isolation = "serializable".to_owned()),
        ["transaction_isolation"]
    );
    assert_eq!(
        broken(|found| found.transaction_read_only = "on".to_owned()),
        ["transaction_read_only"]
    );
    assert_eq!(
        broken(|found| found.server_version_num = 149_999),
        ["server_version"]
    );
    assert_eq!(
        broken(|found| found.sequence_cache = 32),
        ["events_position_seq"]
    );
    assert_eq!(
        broken(|found| found.sequence_increment = -1),
        ["events_position_seq"]
    );
}

#[test]
fn commits_that_wait_for_the_local_disk_survive_a_crash() {
    for kept in ["on", "local", "remote_write", "remote_apply"] {
        assert_eq!(
            broken(|found| found.synchronous_commit = kept.to_owned()),
            [""; 0]
        );
    }
}

#[test]
fn values_are_told_as_the_server_told_them() {
    let verdicts = good().verdicts();
    let told: Vec<_> = verdicts
        .iter()
        .map(|setting| (setting.name, setting.value.as_str()))
        .collect();
    assert_eq!(told[0], ("server_version", "17.2"));
    assert_eq!(told[6], ("events_position_seq", "increment 1, cache 1"));
}
