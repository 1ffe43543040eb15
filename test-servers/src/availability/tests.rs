use super::{Availability, Verdict, verdict};

#[test]
fn a_missing_server_skips_on_a_desk_and_fails_in_ci() {
    let missing = || Availability::Missing("nothing installed".to_owned());
    let available = || Availability::Available("postgres://here".to_owned());
    let cases = [
        (
            available(),
            false,
            Verdict::Run("postgres://here".to_owned()),
        ),
        (
            available(),
            true,
            Verdict::Run("postgres://here".to_owned()),
        ),
        (
            missing(),
            false,
            Verdict::Skip("SKIP appends: nothing installed".to_owned()),
        ),
        (
            missing(),
            true,
            Verdict::Fail(
                "appends must not be skipped when CI is set: nothing installed".to_owned(),
            ),
        ),
    ];
    for (availability, ci, expected) in cases {
        assert_eq!(verdict("appends", availability, ci), expected);
    }
}
