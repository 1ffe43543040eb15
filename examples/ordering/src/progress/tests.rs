use super::*;

#[test]
fn templates_are_valid() {
    for template in [READING, SENDING] {
        assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
    }
}

#[test]
fn a_quiet_phase_counts_without_a_bar() {
    let sending = Progress::Quiet.sending(10);
    sending.advance(3);
    sending.advance(4);
    assert_eq!(sending.done(), 7);
    assert!(sending.bar.is_hidden());
}
