//! Flaws in what is kept of tags.

use orchestrix::store::Tag;

use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "tags are dropped",
            &["tags_come_back_sorted_and_once"],
            |mutant| mutant.storing(|event| *event = event.clone().with_tags([])),
        ),
        flaw(
            "tags are kept in one text, with commas between them",
            &["hostile_tags_are_kept_apart"],
            |mutant| tagging(mutant, |text| text.split(',').map(str::to_owned).collect()),
        ),
        flaw(
            "tags are compared without their case",
            &["hostile_tags_are_kept_apart"],
            |mutant| tagging(mutant, |text| vec![text.to_lowercase()]),
        ),
        flaw(
            "tags are cut",
            &["the_most_and_longest_tags_are_kept"],
            |mutant| tagging(mutant, |text| vec![text.chars().take(255).collect()]),
        ),
        flaw(
            "an event has fifteen tags",
            &["the_most_and_longest_tags_are_kept"],
            |mutant| {
                mutant.storing(|event| {
                    let kept: Vec<_> = event.tags().iter().take(15).cloned().collect();
                    *event = event.clone().with_tags(kept);
                })
            },
        ),
    ]
}

/// Stores other tags for each, of those that are names.
fn tagging(mutant: Mutant, change: fn(&str) -> Vec<String>) -> Mutant {
    mutant.storing(move |event| {
        let tags = event.tags().iter().flat_map(|tag| change(tag.as_str()));
        let tags: Vec<_> = tags.filter_map(|text| Tag::new(text).ok()).collect();
        *event = event.clone().with_tags(tags);
    })
}
