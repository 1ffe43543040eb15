use super::*;

const OPEN_FOR: Duration = Duration::from_secs(10);

/// What happens to a breaker, and what it must say.
enum Step {
    Pass(u64),
    Succeed,
    Fail,
    LetTry,
    Allowed,
    /// Refused, for so many seconds.
    Refused(u64),
    Is(CircuitState),
}
use Step::*;

fn closed(failures: u32) -> Step {
    Is(CircuitState::Closed { failures })
}

fn open(seconds: u64) -> Step {
    Is(CircuitState::Open {
        remaining: Duration::from_secs(seconds),
    })
}

fn half_open() -> Step {
    Is(CircuitState::HalfOpen)
}

async fn check(threshold: u32, steps: impl IntoIterator<Item = Step>) {
    let mut breaker = CircuitBreaker::new(threshold, OPEN_FOR).unwrap();
    for (at, step) in steps.into_iter().enumerate() {
        let now = Instant::now();
        match step {
            Pass(seconds) => tokio::time::advance(Duration::from_secs(seconds)).await,
            Succeed => breaker.succeeded(),
            Fail => breaker.failed(now),
            LetTry => breaker.let_try(),
            Allowed => assert_eq!(breaker.may_try(now), Ok(()), "step {at}"),
            Refused(seconds) => assert_eq!(
                breaker.may_try(now),
                Err(Duration::from_secs(seconds)),
                "step {at}"
            ),
            Is(state) => assert_eq!(breaker.state(now), state, "step {at}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tries_at_once_where_it_is_let() {
    check(
        1,
        [
            LetTry,
            closed(0),
            Allowed,
            Fail,
            open(10),
            LetTry,
            half_open(),
            // The outcome of a call that began before.
            Succeed,
            half_open(),
            Allowed,
            Refused(10),
            Fail,
            open(10),
            LetTry,
            Allowed,
            Succeed,
            closed(0),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn opens_at_the_threshold_and_not_before() {
    check(
        3,
        [
            closed(0),
            Allowed,
            Fail,
            closed(1),
            Allowed,
            Fail,
            closed(2),
            Allowed,
            Fail,
            open(10),
            Refused(10),
        ],
    )
    .await;
    check(1, [Allowed, Fail, open(10)]).await;
}

#[tokio::test(start_paused = true)]
async fn only_failures_in_a_row_count() {
    check(
        2,
        [
            Fail,
            Succeed,
            closed(0),
            Fail,
            closed(1),
            Allowed,
            Fail,
            open(10),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn lets_one_call_try_when_the_time_is_over() {
    check(
        1,
        [
            Fail,
            Pass(9),
            open(1),
            Refused(1),
            Pass(1),
            half_open(),
            Allowed,
            half_open(),
            Refused(10),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_succeeds_closes() {
    check(
        2,
        [
            Fail,
            Fail,
            Pass(10),
            Allowed,
            Succeed,
            closed(0),
            Allowed,
            Allowed,
            Fail,
            closed(1),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_fails_opens_for_the_whole_time_again() {
    check(
        3,
        [
            Fail,
            Fail,
            Fail,
            Pass(10),
            Allowed,
            Pass(4),
            Fail,
            open(10),
            Refused(10),
            Pass(10),
            Allowed,
            Succeed,
            closed(0),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_trial_does_not_keep_it_half_open_for_ever() {
    check(
        1,
        [
            Fail,
            Pass(10),
            Allowed,
            Pass(9),
            Refused(1),
            Pass(1),
            Allowed,
            Refused(10),
            Succeed,
            closed(0),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn late_outcomes_of_earlier_calls_change_nothing_while_open() {
    check(
        1,
        [
            Fail,
            Pass(4),
            Fail,
            open(6),
            Succeed,
            open(6),
            Refused(6),
            Pass(6),
            Allowed,
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn breakers_are_apart() {
    let [mut handler, mut store] = [(); 2].map(|()| CircuitBreaker::new(5, OPEN_FOR).unwrap());
    let now = Instant::now();
    for _ in 0..5 {
        handler.failed(now);
    }
    assert_eq!(handler.may_try(now), Err(OPEN_FOR));
    assert_eq!(store.may_try(now), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn bounds() {
    let mut breaker = CircuitBreaker::new(u32::MAX, Duration::MAX).unwrap();
    let start = Instant::now();
    // A clock that stands still or is looked at out of order is no reason to fail.
    tokio::time::advance(Duration::from_secs(1)).await;
    breaker.circuit = Circuit::Closed {
        failures: u32::MAX - 1,
    };
    breaker.failed(Instant::now());
    assert_eq!(breaker.may_try(start), Err(Duration::MAX));
}

#[test]
fn parameters_are_checked() {
    let cases = [
        (0, OPEN_FOR, CircuitBreakerError::ZeroThreshold),
        (1, Duration::ZERO, CircuitBreakerError::ZeroOpenFor),
    ];
    for (threshold, open_for, expected) in cases {
        let refused = CircuitBreaker::new(threshold, open_for).unwrap_err();
        assert_eq!(refused, expected);
    }
}

#[test]
fn in_words() {
    let cases = [
        (CircuitState::Closed { failures: 0 }, "closed"),
        (
            CircuitState::Closed { failures: 2 },
            "closed, 2 failure(s) in a row",
        ),
        (
            CircuitState::Open {
                remaining: OPEN_FOR,
            },
            "open for another 10s",
        ),
        (CircuitState::HalfOpen, "half-open"),
    ];
    for (state, words) in cases {
        assert_eq!(state.to_string(), words);
    }
}
