//! The interpreter fails on what it does not know, instead of coming to something.

use serde_json::json;

use super::evaluate::{Names, evaluate};
use super::expression::parse;
use super::template;

fn names() -> Names {
    let state = json!({ "count": 2, "name": "n", "none": null, "list": [1] });
    Names::from([
        ("state".to_owned(), Some(state)),
        ("nothing".to_owned(), None),
    ])
}

#[test]
fn what_occurs_is_computed() -> Result<(), String> {
    let check = |text: &str, expected: serde_json::Value| {
        let value = evaluate(&parse(text)?, &names())?;
        assert_eq!(value, Some(expected), "{text}");
        Ok::<_, String>(())
    };
    check("true", json!(true))?;
    check("state.count + 1", json!(3))?;
    check("!state.count", json!(false))?;
    check("!nothing", json!(true))?;
    check("state.count >= 2", json!(true))?;
    check("state.count > 2", json!(false))?;
    check("state.count <= 1", json!(false))?;
    check("nothing?.count <= 1", json!(false))?;
    check("nothing?.count > 1 || state.count === 2", json!(true))?;
    check("({...state, count: 3})", {
        let mut state = names()["state"].clone().unwrap_or_default();
        state["count"] = json!(3);
        state
    })?;
    assert_eq!(
        template::text("a:{state.count}/{state.name}", &names())?,
        "a:2/n"
    );
    assert_eq!(
        template::data(&json!({ "all": "{state.list}" }), &names())?,
        json!({ "all": [1] })
    );
    Ok(())
}

#[test]
fn unknown_forms_are_refused() {
    for text in [
        "",
        "state.count - 1",
        "state.count == 2",
        "state.count < 2",
        "state.count && true",
        "\"text\"",
        "state[0]",
        "count()",
        "{a: 1}",
        "({a: 1)",
        "({...})",
        "1.5",
        "state.",
        "5state",
        "a ? b : c",
    ] {
        assert!(parse(text).is_err(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn unknown_values_are_refused() -> Result<(), String> {
    for text in [
        "unbound",
        "nothing.count",
        "state.none.count",
        "state.count.more",
        "state.name + 1",
        "state.name > 1",
        "state.name > state.name",
        "state.list > 1",
        "({...nothing})",
    ] {
        let value = evaluate(&parse(text)?, &names());
        assert!(value.is_err(), "{text}: {value:?}");
    }
    for text in ["{nothing}", "{state.list}", "{state.count"] {
        assert!(template::text(text, &names()).is_err(), "{text}");
    }
    for data in [json!("{nothing}"), json!([1]), json!(1)] {
        assert!(template::data(&data, &names()).is_err(), "{data}");
    }
    Ok(())
}
