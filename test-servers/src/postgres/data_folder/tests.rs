use super::LockFile;

#[test]
fn the_lock_file_is_understood_at_every_stage_of_a_start() {
    let head = "4242\n/tmp/x/data\n1700000000\n15432\n\n127.0.0.1\n";
    let cases = [
        (String::new(), None),
        ("not a number\n".to_owned(), None),
        ("4242\n/tmp/x/data\n".to_owned(), Some(false)),
        (head.to_owned(), Some(false)),
        (format!("{head} 15432   98305\n"), Some(false)),
        (format!("{head} 15432   98305\nstarting\n"), Some(false)),
        (format!("{head} 15432   98305\nready   \n"), Some(true)),
        (format!("{head} 15432   98305\nstopping\n"), Some(false)),
    ];
    for (text, expected) in cases {
        let expected = expected.map(|ready| LockFile { pid: 4242, ready });
        assert_eq!(LockFile::parse(&text), expected, "{text:?}");
    }
}
