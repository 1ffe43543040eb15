use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use super::*;

const DRAWS: usize = 10_000;

#[test]
fn the_whole_range_is_used_and_never_left() {
    let sources: [&dyn Randomness; 2] = [&SystemRandomness, &SeededRandomness::new(0)];
    for source in sources {
        let mut tenths = [0; 10];
        for _ in 0..DRAWS {
            let drawn = source.fraction();
            assert!((0.0..1.0).contains(&drawn), "{source:?}: {drawn}");
            tenths[(drawn * 10.0) as usize] += 1;
        }
        // Expected are 1000 of each, with a standard deviation of 30.
        for count in tenths {
            assert!((700..1300).contains(&count), "{source:?}: {tenths:?}");
        }
    }
}

#[test]
fn the_ends_of_the_range() {
    assert_eq!(fraction_of(0), 0.0);
    assert_eq!(fraction_of(u64::MAX), 1.0 - f64::EPSILON / 2.0);
}

#[test]
fn a_seed_gives_the_numbers_of_the_published_algorithm() {
    // The first outputs of SplitMix64 for the seed 1234567.
    let published = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ];
    let source = SeededRandomness::new(1_234_567);
    for expected in published {
        assert_eq!(source.fraction(), fraction_of(expected));
    }
}

#[test]
fn threads_share_one_row_of_numbers() {
    let shared = Arc::new(SeededRandomness::new(42));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let drawn: Vec<u64> = (0..500).map(|_| shared.fraction().to_bits()).collect();
                drawn
            })
        })
        .collect();
    let drawn: HashSet<u64> = threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect();
    let alone = SeededRandomness::new(42);
    let expected: HashSet<u64> = (0..2000).map(|_| alone.fraction().to_bits()).collect();
    assert_eq!(drawn, expected);
}
