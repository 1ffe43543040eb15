//! Tags of fields of every kind.

#![deny(warnings)]

use orchestrix::prelude::*;

#[derive(Id, Debug, Clone, PartialEq)]
struct CourseId(String);

#[derive(Event, Serialize, Deserialize)]
struct Subscribed {
    #[tag]
    course: CourseId,
    #[tag(name = "student")]
    by: u32,
    #[tag]
    r#type: Option<String>,
    #[tag(name = "room")]
    rooms: Vec<i8>,
    #[serde(skip)]
    #[tag]
    seen: Option<String>,
    pence: i64,
}

#[derive(Event, Serialize, Deserialize)]
enum Course {
    Defined {
        #[tag]
        course: CourseId,
        capacity: u32,
    },
    Moved(#[tag(name = "room")] i8, u8, #[tag(name = "room")] i8),
    Ended,
}

#[derive(Event, Serialize, Deserialize)]
struct Untagged(u8);

macro_rules! tagged {
    ($name:ident, $field:ident: $type:ty) => {
        #[derive(Event, Serialize, Deserialize)]
        struct $name {
            #[tag]
            $field: $type,
        }
    };
}

tagged!(ByMacro, course: u8);

fn check(event: impl Event, expected: &[&str]) {
    let tags = event.tags().expect("the values give tags");
    let texts: Vec<_> = tags.iter().map(|tag| tag.as_str()).collect();
    assert_eq!(texts, expected);
}

fn main() {
    let subscribed = |r#type: Option<String>, rooms| Subscribed {
        course: CourseId("c1".into()),
        by: 7,
        r#type,
        rooms,
        seen: Some("once".into()),
        pence: 5,
    };
    check(
        subscribed(Some("b".into()), vec![1, 2]),
        &["course:c1", "student:7", "type:b", "room:1", "room:2", "seen:once"],
    );
    check(subscribed(None, Vec::new()), &["course:c1", "student:7", "seen:once"]);
    assert!(subscribed(Some(String::new()), Vec::new()).tags().is_err());
    assert_eq!(subscribed(None, Vec::new()).pence, 5);

    let course = CourseId("c1".into());
    check(Course::Defined { course, capacity: 3 }, &["course:c1"]);
    check(Course::Moved(1, 0, 2), &["room:1", "room:2"]);
    check(Course::Ended, &[]);
    check(Untagged(1), &[]);
    check(ByMacro { course: 1 }, &["course:1"]);
}
