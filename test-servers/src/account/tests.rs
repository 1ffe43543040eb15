use super::Account;

#[test]
fn accounts_are_found_by_their_whole_name() {
    let passwd = "root:x:0:0:root:/root:/bin/bash\n\
                  postgres-old:x:7:7::/:/bin/sh\n\
                  \n\
                  + + +\n\
                  broken:x:seven:8::/:/bin/sh\n\
                  postgres:x:105:113:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";
    let postgres = Account {
        name: "postgres".to_owned(),
        uid: 105,
        gid: 113,
    };
    let cases = [
        ("postgres", Some(postgres)),
        ("post", None),
        ("broken", None),
        ("nobody", None),
        ("", None),
    ];
    for (name, expected) in cases {
        assert_eq!(Account::find(passwd, name), expected, "{name:?}");
    }
}
