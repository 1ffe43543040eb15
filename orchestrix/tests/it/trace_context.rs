//! Trace context against the test vectors of the W3C, which drive a service over HTTP: each
//! vector is a request's headers and statements, in Python, about the headers which the service
//! sends on.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use orchestrix::message::{SpanId, TraceContext, TraceFlags, TraceId};
use serde_json::Value;

type Headers = Vec<(String, String)>;

/// What a service does with a request: it continues the caller's trace if there is a usable one
/// and starts its own otherwise. `request` makes its ids distinct.
fn serve(request: u64, headers: &Headers) -> Headers {
    let own_span = SpanId::from_bytes((0xabcd_0000 + request).to_be_bytes()).unwrap();
    let received = TraceContext::from_headers(headers.iter().map(|(name, value)| (name, value)));
    let context = match received {
        Ok(Some(context)) => context.child(own_span),
        Ok(None) | Err(_) => {
            let own_trace = u128::from(0xfeed_0000 + request).to_be_bytes();
            TraceContext::new(
                TraceId::from_bytes(own_trace).unwrap(),
                own_span,
                TraceFlags::NONE,
            )
        }
    };
    let traceparent = Some(("traceparent".to_owned(), context.traceparent()));
    let tracestate = context
        .tracestate()
        .map(|text| ("tracestate".to_owned(), text));
    traceparent.into_iter().chain(tracestate).collect()
}

/// What the harness knows while it runs the steps of one case.
#[derive(Default)]
struct Harness {
    variables: HashMap<String, String>,
    requests: u64,
    /// Every context sent on so far, the last one being what statements are about.
    sent: Vec<TraceContext>,
    trace_ids: HashSet<String>,
    parent_ids: HashSet<String>,
}

impl Harness {
    fn send(&mut self, headers: &Headers) {
        self.requests += 1;
        let sent = serve(self.requests, headers);
        let traceparent = sent
            .iter()
            .find_map(|(name, value)| (name == "traceparent").then_some(value))
            .unwrap();
        assert!(is_traceparent(traceparent), "{traceparent}");
        let context = TraceContext::from_headers(sent).unwrap().unwrap();
        self.trace_ids.insert(context.trace_id().to_string());
        self.parent_ids.insert(context.parent_id().to_string());
        self.sent.push(context);
    }

    fn last(&self) -> &TraceContext {
        self.sent.last().expect("a request was sent")
    }

    /// The text of a Python expression: string literals, `'c' * n` and variables, added up.
    fn text(&self, expression: &str) -> String {
        let term = |term: &str| match (literal(term), term.split_once(" * ")) {
            (Some(text), _) => text.to_owned(),
            (None, Some((unit, count))) => literal(unit)
                .unwrap_or_else(|| panic!("not a literal: {unit}"))
                .repeat(count.parse().unwrap()),
            (None, None) => self
                .variables
                .get(term)
                .unwrap_or_else(|| panic!("unknown variable: {term}"))
                .clone(),
        };
        expression.split(" + ").map(term).collect()
    }

    /// The header pairs in Python source: one `['name', expression],` per line.
    fn headers_in(&self, source: &str) -> Headers {
        source
            .lines()
            .filter_map(|line| line.trim().strip_prefix('[')?.strip_suffix("],"))
            .map(|pair| {
                let (name, value) = pair.split_once(", ").unwrap();
                (self.text(name), self.text(value))
            })
            .collect()
    }

    fn run(&mut self, step: &Value) {
        if let Some(headers) = step.get("send_headers") {
            let headers: Headers = serde_json::from_value(headers.clone()).unwrap();
            self.send(&headers);
        }
        if let Some(expression) = step.get("send_headers_expr") {
            let headers = self.headers_in(expression.as_str().unwrap());
            assert!(headers.len() >= 2, "{headers:?}");
            self.send(&headers);
        }
        if let Some(control) = step.get("control") {
            let control = control.as_str().unwrap();
            assert!(
                control.starts_with("for response in self.make_request(["),
                "{control}"
            );
            let headers = self.headers_in(control);
            let repetitions = if control.contains("], 3):") { 3 } else { 0 };
            assert_ne!(repetitions, 0, "{control}");
            for _ in 0..repetitions {
                self.send(&headers);
            }
        }
        for statement in step["then"].as_array().unwrap() {
            self.execute(statement.as_str().unwrap());
        }
    }

    fn execute(&mut self, statement: &str) {
        if let Some((name, expression)) = statement.split_once(" = ").filter(|(name, _)| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        }) {
            self.assign(name, expression);
        } else if let Some((left, right)) = call(statement, "assertEqual") {
            assert_eq!(self.value(left), self.value(right), "{statement}");
        } else if let Some((left, right)) = call(statement, "assertNotEqual") {
            assert_ne!(self.value(left), self.value(right), "{statement}");
        } else if let Some((key, "tracestate")) = call(statement, "assertIn") {
            let key = self.text(key);
            assert!(self.last().state().get(&key).is_some(), "{statement}");
        } else if let Some(("KeyError", access)) = call(statement, "assertRaises") {
            let key = access
                .strip_prefix("lambda: tracestate[")
                .and_then(|rest| rest.strip_suffix(']'))
                .unwrap();
            let key = self.text(key);
            assert_eq!(self.last().state().get(&key), None, "{statement}");
        } else if let Some(condition) = argument(statement, "assertTrue") {
            assert!(self.holds(condition), "{statement}");
        } else if let Some(condition) = argument(statement, "assertFalse") {
            assert!(!self.holds(condition), "{statement}");
        } else if statement.starts_with("self.assert_bit_set(traceparent.trace_flags, 2,") {
            assert!(self.last().flags().is_random(), "{statement}");
        } else {
            panic!("unknown statement: {statement}");
        }
    }

    fn assign(&mut self, name: &str, expression: &str) {
        let characters = |ranges: &[(u8, u8)]| -> String {
            let ranges = ranges.iter().flat_map(|&(first, last)| first..=last);
            ranges.map(char::from).collect()
        };
        let value = match name {
            "trace_ids" | "parent_ids" => {
                assert_eq!(expression, "set()");
                return;
            }
            // The two which are computed with more Python than the rest.
            "key_without_vendor" => characters(&[(b'a', b'z'), (b'0', b'9')]) + "_-*/",
            "value" => characters(&[(0x20, 0x2b), (0x2d, 0x3c), (0x3e, 0x7e)]),
            _ => self.text(expression),
        };
        self.variables.insert(name.to_owned(), value);
    }

    /// The value of one side of a comparison, as text.
    fn value(&self, expression: &str) -> String {
        let length_of_state = |context: &TraceContext| context.state().len().to_string();
        match expression {
            "traceparent.trace_id.hex()" => self.last().trace_id().to_string(),
            "traceparent.parent_id.hex()" => self.last().parent_id().to_string(),
            "len(tracestate)" => length_of_state(self.last()),
            "len(tracestate1)" => length_of_state(&self.sent[0]),
            "len(tracestate2)" => length_of_state(&self.sent[1]),
            "len(trace_ids)" => self.trace_ids.len().to_string(),
            "len(parent_ids)" => self.parent_ids.len().to_string(),
            number if number.parse::<usize>().is_ok() => number.to_owned(),
            other => {
                let entry = other.strip_prefix("tracestate[");
                match entry.and_then(|rest| rest.strip_suffix(']')) {
                    Some(key) => {
                        let key = self.text(key);
                        let value = self.last().state().get(&key);
                        value.unwrap_or_else(|| panic!("no {key}")).to_owned()
                    }
                    None => self.text(other),
                }
            }
        }
    }

    fn holds(&self, condition: &str) -> bool {
        let state = self.last().state().to_string();
        if condition == "not tracestate or tracestate != ''" {
            return self.last().tracestate() != Some(String::new());
        }
        if let Some((left, right)) = condition.split_once(" or ") {
            return self.holds(left) || self.holds(right);
        }
        if let Some((left, right)) = condition.split_once(" < ") {
            let index = |side: &str| {
                let wanted = argument_of(side, "str(tracestate).index").and_then(literal);
                state.find(wanted.unwrap()).unwrap()
            };
            return index(left) < index(right);
        }
        let (wanted, container) = condition.split_once(" in ").unwrap();
        let wanted = literal(wanted).unwrap();
        match container {
            "str(tracestate)" => state.contains(wanted),
            "trace_ids" => self.trace_ids.contains(wanted),
            other => panic!("unknown container: {other}"),
        }
    }
}

/// The text of a Python string literal without escapes.
fn literal(source: &str) -> Option<&str> {
    ['\'', '"'].into_iter().find_map(|quote| {
        let text = source.strip_prefix(quote)?.strip_suffix(quote)?;
        (!text.contains(quote)).then_some(text)
    })
}

/// What stands between the parentheses of `function(…)`.
fn argument_of<'text>(source: &'text str, function: &str) -> Option<&'text str> {
    source
        .strip_prefix(function)?
        .strip_prefix('(')?
        .strip_suffix(')')
}

/// The single argument of the assertion `self.name(…)`.
fn argument<'text>(statement: &'text str, name: &str) -> Option<&'text str> {
    argument_of(statement.strip_prefix("self.")?, name)
}

/// The two arguments of the assertion `self.name(…, …)`.
fn call<'text>(statement: &'text str, name: &str) -> Option<(&'text str, &'text str)> {
    argument(statement, name)?.split_once(", ")
}

/// Version 00, checked without the code under test.
fn is_traceparent(text: &str) -> bool {
    let is_lower_hex = |field: &str| {
        field
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let fields: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = fields.iter().map(|field| field.len()).collect();
    lengths == [2, 32, 16, 2]
        && fields[0] == "00"
        && fields.iter().all(|field| is_lower_hex(field))
        && fields[1..3]
            .iter()
            .all(|id| id.bytes().any(|byte| byte != b'0'))
}

#[test]
fn vectors_of_the_w3c_hold() {
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/trace-context/w3c-vectors.json"
    ));
    if !path.is_file() {
        eprintln!("SKIP vectors_of_the_w3c_hold: no data folder");
        return;
    }
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 41);
    let mut requests = 0;
    for case in cases {
        eprintln!("case {}", case["name"]);
        let mut harness = Harness::default();
        for step in case["steps"].as_array().unwrap() {
            harness.run(step);
        }
        assert_ne!(harness.requests, 0, "{}", case["name"]);
        requests += harness.requests;
    }
    // Every request of the file was sent: those with headers, and three callbacks for each of
    // the cases which ask for several.
    assert_eq!(requests, expected_requests(cases));
}

fn expected_requests(cases: &[Value]) -> u64 {
    let steps = cases
        .iter()
        .flat_map(|case| case["steps"].as_array().unwrap());
    steps
        .map(|step| {
            let single = ["send_headers", "send_headers_expr"];
            let singles = single
                .iter()
                .filter(|key| step.get(**key).is_some())
                .count() as u64;
            singles + 3 * u64::from(step.get("control").is_some())
        })
        .sum()
}
