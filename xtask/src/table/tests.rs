use super::{Align, render};

#[test]
fn columns_are_as_wide_as_their_widest_cell_in_characters() {
    let rows = [
        ["append".to_owned(), "12 µs".to_owned()],
        ["x".to_owned(), "1.5 ms".to_owned()],
    ];
    let expected = "name      time\n\
                    ------  ------\n\
                    append   12 µs\n\
                    x       1.5 ms\n";
    assert_eq!(
        render([("name", Align::Left), ("time", Align::Right)], &rows),
        expected
    );
}

#[test]
fn a_table_without_rows_is_its_head() {
    assert_eq!(render([("name", Align::Left)], &[]), "name\n----\n");
}
