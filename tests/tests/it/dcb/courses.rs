//! A rule that concerns a course and a student at once.

use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, NameError, QueryItem, Tag};

#[derive(Debug, Event, Serialize, Deserialize)]
pub(super) enum CourseEvent {
    CourseDefined {
        #[tag]
        course: String,
        capacity: u32,
    },
    SeatTaken {
        #[tag]
        course: String,
        #[tag]
        student: u32,
    },
}

/// Of one course.
#[derive(Default)]
pub(super) struct Seats {
    capacity: u32,
    taken: u32,
}

impl DecisionModel for Seats {
    type Event = CourseEvent;

    fn apply(&mut self, event: &CourseEvent) {
        match event {
            CourseEvent::CourseDefined { capacity, .. } => self.capacity = *capacity,
            CourseEvent::SeatTaken { .. } => self.taken += 1,
        }
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the course is fully booked")]
pub(super) struct FullyBooked;

impl Seats {
    /// No seat beyond the capacity.
    pub(super) fn take(&self, course: &str, student: u32) -> Result<[CourseEvent; 1], FullyBooked> {
        match self.taken < self.capacity {
            true => Ok([CourseEvent::SeatTaken {
                course: course.to_owned(),
                student,
            }]),
            false => Err(FullyBooked),
        }
    }
}

/// All events of a course.
pub(super) fn of_course(course: &str) -> Result<EventQuery, NameError> {
    Ok(EventQuery::tagged([Tag::of("course", course)?]))
}

/// All events of a course, and those of a student in it once more, so that the two items overlap.
pub(super) fn of_both(course: &str, student: u32) -> Result<EventQuery, NameError> {
    let tags = [Tag::of("course", course)?, Tag::of("student", &student)?];
    let seat = QueryItem::tagged(tags).event_types(["SeatTaken"]);
    Ok(of_course(course)?.or(seat))
}
