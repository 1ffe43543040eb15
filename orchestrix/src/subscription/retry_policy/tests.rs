use proptest::prelude::*;

use super::*;
use crate::randomness::SeededRandomness;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Always the same fraction.
#[derive(Debug)]
struct Always(f64);

impl Randomness for Always {
    fn fraction(&self) -> f64 {
        self.0
    }
}

/// The waits after the 1st, 2nd, ... failure, in milliseconds, and then the end.
#[track_caller]
fn check(policy: Result<RetryPolicy, RetryPolicyError>, waits: &[u32]) {
    let policy = policy.unwrap();
    let expected: Vec<_> = waits.iter().map(|wait| Some(MS * *wait)).collect();
    let actual: Vec<_> = (1..)
        .zip(waits)
        .map(|(failures, _)| policy.wait(failures, &Always(0.9)))
        .collect();
    assert_eq!(actual, expected, "{policy}");
    assert_eq!(policy.retries(), Some(waits.len() as u32), "{policy}");
    for failures in [waits.len() as u32 + 1, u32::MAX] {
        assert_eq!(policy.wait(failures, &Always(0.9)), None, "{policy}");
    }
}

#[test]
fn waits() {
    check(Ok(RetryPolicy::none()), &[]);
    check(RetryPolicy::fixed(0, MS), &[]);
    check(RetryPolicy::fixed(3, 20 * MS), &[20, 20, 20]);
    check(
        RetryPolicy::linear(5, 10 * MS, 35 * MS),
        &[10, 20, 30, 35, 35],
    );
    check(RetryPolicy::linear(2, MS, MS), &[1, 1]);
    check(
        RetryPolicy::exponential(6, 100 * MS, SECOND),
        &[100, 200, 400, 800, 1000, 1000],
    );
    check(
        RetryPolicy::exponential(4, 100 * MS, SECOND).and_then(|it| it.with_multiplier(3.0)),
        &[100, 300, 900, 1000],
    );
    check(
        RetryPolicy::exponential(4, 200 * MS, SECOND).and_then(|it| it.with_multiplier(1.5)),
        &[200, 300, 450, 675],
    );
    check(
        RetryPolicy::exponential(3, 7 * MS, SECOND).and_then(|it| it.with_multiplier(1.0)),
        &[7, 7, 7],
    );
}

#[test]
fn retries_are_one_less_than_calls() {
    let policy = RetryPolicy::fixed(3, MS).unwrap();
    let mut calls = 0;
    loop {
        calls += 1;
        if policy.wait(calls, &Always(0.0)).is_none() {
            break;
        }
    }
    assert_eq!(calls, 4);
}

#[test]
fn no_failure_counts_as_one() {
    let policy = RetryPolicy::linear(2, 10 * MS, SECOND).unwrap();
    assert_eq!(policy.wait(0, &Always(0.0)), Some(10 * MS));
    assert_eq!(RetryPolicy::none().wait(0, &Always(0.0)), None);
}

#[test]
fn for_ever_stays_at_the_longest() {
    let policies = [
        RetryPolicy::fixed(1, SECOND),
        RetryPolicy::linear(1, MS, SECOND),
        RetryPolicy::exponential(1, MS, SECOND),
    ];
    for policy in policies {
        let policy = policy.and_then(RetryPolicy::for_ever).unwrap();
        assert_eq!(policy.retries(), None);
        for failures in [1_000, u32::MAX] {
            let wait = policy.wait(failures, &Always(0.0));
            assert_eq!(wait, Some(SECOND), "{policy}");
        }
    }
}

#[test]
fn nothing_overflows() {
    let longest = Duration::MAX;
    let policies = [
        RetryPolicy::fixed(u32::MAX, longest),
        RetryPolicy::linear(u32::MAX, longest / 2, longest),
        RetryPolicy::exponential(u32::MAX, longest / 2, longest),
        RetryPolicy::exponential(u32::MAX, MS, longest).and_then(|it| it.with_multiplier(f64::MAX)),
        RetryPolicy::exponential(u32::MAX, longest, longest),
    ];
    for policy in policies {
        let policy = policy.unwrap();
        let wait = policy.wait(u32::MAX, &Always(0.0));
        assert_eq!(wait, Some(longest), "{policy}");
        let spread = policy.with_jitter(1.0).unwrap();
        let wait = spread.wait(u32::MAX, &Always(1.0));
        assert_eq!(wait, Some(Duration::ZERO), "{spread}");
    }
}

#[test]
fn jitter_is_drawn_evenly_from_its_band() {
    const DRAWS: u32 = 10_000;
    let seed = 20;
    let random = SeededRandomness::new(seed);
    for jitter in [0.1, 0.5, 1.0] {
        let policy = RetryPolicy::fixed(1, SECOND)
            .and_then(|it| it.with_jitter(jitter))
            .unwrap();
        let lowest = SECOND.mul_f64(1.0 - jitter);
        let mut tenths = [0; 10];
        for _ in 0..DRAWS {
            let wait = policy.wait(1, &random).unwrap();
            assert!(
                (lowest..=SECOND).contains(&wait),
                "seed {seed}, {policy}: {wait:?}"
            );
            let place = (SECOND - wait).as_secs_f64() / jitter;
            tenths[((place * 10.0) as usize).min(9)] += 1;
        }
        // Expected are 1000 of each, with a standard deviation of 30.
        for count in tenths {
            assert!(
                (850..1150).contains(&count),
                "seed {seed}, {policy}: {tenths:?}"
            );
        }
    }
}

#[test]
fn one_seed_gives_the_same_waits() {
    let policy = RetryPolicy::exponential(8, MS, SECOND)
        .and_then(|it| it.with_jitter(0.5))
        .unwrap();
    let [one, same, other] = [1, 1, 2].map(|seed| {
        let random = SeededRandomness::new(seed);
        let waits: Vec<_> = (1..=9)
            .map(|failures| policy.wait(failures, &random))
            .collect();
        waits
    });
    assert_eq!(one, same);
    assert_ne!(one, other);
}

#[test]
fn jitter_at_its_bounds() {
    let cases = [
        (0.0, 0.9, 1000),
        (0.5, 0.0, 1000),
        (0.5, 0.5, 750),
        (1.0, 0.25, 750),
        // What no randomness should draw does no harm.
        (0.5, 1.0, 500),
        (0.5, 7.0, 500),
        (0.5, -1.0, 1000),
        (0.5, f64::NAN, 1000),
        (1.0, f64::INFINITY, 0),
    ];
    for (jitter, drawn, expected) in cases {
        let policy = RetryPolicy::fixed(1, SECOND)
            .and_then(|it| it.with_jitter(jitter))
            .unwrap();
        let wait = policy.wait(1, &Always(drawn));
        assert_eq!(wait, Some(MS * expected), "jitter {jitter}, drawn {drawn}");
    }
}

#[test]
fn parameters_are_checked() {
    #[track_caller]
    fn check(policy: Result<RetryPolicy, RetryPolicyError>, message: &str) {
        assert_eq!(policy.unwrap_err().to_string(), message);
    }
    let zero = "the wait before a retry must be longer than zero";
    check(RetryPolicy::fixed(1, Duration::ZERO), zero);
    check(RetryPolicy::linear(1, Duration::ZERO, SECOND), zero);
    check(RetryPolicy::linear(1, MS, Duration::ZERO), zero);
    check(RetryPolicy::exponential(1, Duration::ZERO, SECOND), zero);
    check(RetryPolicy::exponential(1, MS, Duration::ZERO), zero);
    let longer = "the first wait (1s) is longer than the longest (1ms)";
    check(RetryPolicy::linear(1, SECOND, MS), longer);
    check(RetryPolicy::exponential(1, SECOND, MS), longer);

    let exponential = RetryPolicy::exponential(1, MS, SECOND).unwrap();
    for (multiplier, shown) in [
        (0.999, "0.999"),
        (-2.0, "-2"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
    ] {
        check(
            exponential.clone().with_multiplier(multiplier),
            &format!(
                "the multiplier of the waits must be a finite number of at least 1, not {shown}"
            ),
        );
    }
    for (jitter, shown) in [(-0.1, "-0.1"), (1.1, "1.1"), (f64::NAN, "NaN")] {
        check(
            exponential.clone().with_jitter(jitter),
            &format!("the jitter must be a fraction from 0 to 1, not {shown}"),
        );
    }
    let not_exponential = "only an exponential retry policy has a multiplier";
    for policy in [
        RetryPolicy::none(),
        RetryPolicy::fixed(1, MS).unwrap(),
        RetryPolicy::linear(1, MS, MS).unwrap(),
    ] {
        check(policy.with_multiplier(2.0), not_exponential);
    }
    let no_waits = "a policy of no retries has no waits to spread or to go on with for ever";
    check(RetryPolicy::none().with_jitter(0.5), no_waits);
    check(RetryPolicy::none().for_ever(), no_waits);
}

#[test]
fn in_words() {
    #[track_caller]
    fn check(policy: Result<RetryPolicy, RetryPolicyError>, words: &str) {
        assert_eq!(policy.unwrap().to_string(), words);
    }
    let exponential = RetryPolicy::exponential(5, 100 * MS, 30 * SECOND);
    check(Ok(RetryPolicy::none()), "no retries");
    check(
        RetryPolicy::fixed(0, MS).and_then(|it| it.with_jitter(0.5)),
        "no retries",
    );
    check(
        RetryPolicy::fixed(1, 1500 * MS),
        "1 retry, each after 1.5 s",
    );
    check(
        RetryPolicy::linear(3, SECOND, 10 * SECOND),
        "3 retries, from 1 s by 1 s more to 10 s",
    );
    check(
        exponential.clone(),
        "5 retries, from 100 ms doubling to 30 s",
    );
    check(
        exponential.clone().and_then(|it| it.with_jitter(0.5)),
        "5 retries, from 100 ms doubling to 30 s, jitter 50 %",
    );
    check(
        exponential.and_then(|it| it.with_multiplier(1.5)?.with_jitter(0.29)?.for_ever()),
        "retries for ever, from 100 ms times 1.5 to 30 s, jitter 29 %",
    );
}

fn durations() -> impl Strategy<Value = (Duration, Duration)> {
    let nanos = 1..=Duration::from_secs(86_400 * 365).as_nanos() as u64;
    (nanos.clone(), nanos).prop_map(|(one, other)| {
        let [one, other] = [one, other].map(Duration::from_nanos);
        (one.min(other), one.max(other))
    })
}

proptest! {
    #[test]
    fn waits_grow_within_their_bounds(
        (first, longest) in durations(),
        multiplier in 1.0..10.0_f64,
        jitter in 0.0..=1.0_f64,
        drawn in 0.0..1.0_f64,
        failures in prop_oneof![1..100_u32, 1..u32::MAX],
    ) {
        let policies = [
            RetryPolicy::fixed(1, longest),
            RetryPolicy::linear(1, first, longest),
            RetryPolicy::exponential(1, first, longest),
            RetryPolicy::exponential(1, first, longest).and_then(|it| it.with_multiplier(multiplier)),
        ];
        for policy in policies {
            let policy = policy.and_then(RetryPolicy::for_ever).unwrap();
            let [wait, next] = [failures, failures + 1].map(|n| policy.wait(n, &Always(0.0)).unwrap());
            prop_assert!(first <= wait && wait <= next && next <= longest, "{policy}: {wait:?}, {next:?}");

            let spread = policy.with_jitter(jitter).unwrap();
            let spread = spread.wait(failures, &Always(drawn)).unwrap();
            // What is cut off is rounded to a nanosecond, or to what an `f64` holds of a year's nanoseconds.
            let lowest = scaled(wait, 1.0 - jitter).saturating_sub(Duration::from_nanos(16));
            prop_assert!(lowest <= spread && spread <= wait, "{wait:?}: {spread:?}");
        }
    }
}
