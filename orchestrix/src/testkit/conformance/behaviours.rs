//! The list of all behaviours, which the tests of every store are made from.

use super::behaviour::Behaviour;
use super::subject::Capability;
use super::{
    append, cancellation, checkpoints, concurrency, documents, expectations, filters, lifecycle,
    model, names, payloads, read_all, read_models, read_stream, repeats, tailing,
};

/// Gives the list, area by area, each behaviour with the capabilities it needs, to the macro named `$then`. The one
/// place where behaviours are listed.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_behaviours {
    ($then:ident $with:tt) => {
        $crate::$then! { $with
            expectations {
                no_stream_is_met_by_an_absent_stream []
                no_stream_conflicts_with_an_existing_stream []
                stream_exists_is_met_by_an_existing_stream []
                stream_exists_conflicts_with_an_absent_stream []
                exact_is_met_by_its_version []
                exact_conflicts_with_other_versions []
                any_is_always_met []
                a_conflict_tells_stream_expected_and_actual []
                a_conflict_stores_nothing []
            }
            append {
                events_stand_in_the_order_given []
                an_append_over_streams_is_stored_whole []
                a_conflict_on_one_stream_stores_nothing []
                a_write_without_events_is_refused []
                a_stream_that_stands_twice_is_refused []
                an_id_that_stands_twice_is_refused []
                no_appends_have_no_outcomes []
                outcomes_stand_in_the_order_of_the_appends []
                a_refused_append_harms_no_neighbour []
                a_later_append_sees_the_earlier_ones_of_its_call []
                positions_increase_from_append_to_append []
                a_thousand_events_in_one_append []
            }
            repeats {
                a_repeat_gives_the_first_outcome []
                a_repeat_after_later_appends_gives_the_first_outcome []
                a_repeat_is_recognised_whatever_it_expects []
                a_repeat_over_streams_gives_the_first_outcome []
                a_repeat_within_one_call_gives_the_first_outcome []
                a_partial_repeat_is_a_duplicate []
                a_repeat_in_another_order_is_a_duplicate []
                an_id_of_another_stream_is_a_duplicate []
                an_id_of_another_tenant_is_free []
                ids_of_a_refused_append_stay_free []
            }
            read_stream {
                an_absent_stream_has_no_events []
                forward_reads_the_oldest_first []
                backward_reads_the_newest_first []
                from_and_to_are_inclusive []
                a_limit_takes_the_first_events []
                direction_bounds_and_limit_combine []
                bounds_beyond_the_end_are_no_error []
                a_long_stream_is_read_in_pages []
                a_read_sees_what_was_acknowledged []
            }
            read_all {
                an_empty_store_has_no_events_and_no_head []
                events_come_in_the_order_of_their_positions []
                versions_of_a_stream_come_in_their_order []
                after_is_exclusive []
                a_limit_takes_the_first_events_behind []
                a_position_behind_the_head_is_no_error []
                at_head_tells_whether_more_can_be_read []
                pages_together_give_the_whole_log []
                a_long_log_is_read_in_pages []
                the_head_is_behind_every_acknowledged_event []
            }
            filters {
                a_filter_takes_its_event_types []
                a_filter_takes_its_categories []
                a_filter_takes_its_tenant []
                filters_combine []
                tenants_with_equal_stream_names_are_apart []
                scanned_to_passes_what_does_not_match []
            }
            concurrency {
                one_of_sixteen_writers_wins []
                one_of_many_creators_wins []
                writers_that_expect_nothing_leave_no_hole []
                repeats_at_once_store_one_copy []
                appends_over_crossed_streams_do_not_stop_each_other []
            }
            cancellation {
                a_dropped_append_is_whole_or_absent []
                a_dropped_call_leaves_whole_appends []
                a_store_survives_dropped_calls []
            }
            tailing {
                a_tailing_reader_sees_every_event_once_in_order []
                an_append_wakes_a_waiting_reader []
                a_missed_wake_up_loses_nothing []
            }
            model {
                random_appends_agree_with_a_model []
            }
            names {
                hostile_stream_keys_are_kept_apart []
                hostile_categories_are_kept_apart []
                hostile_tenants_are_kept_apart []
                hostile_event_types_are_kept_apart []
                the_longest_names_are_stored []
                nul_never_cuts_a_name []
            }
            payloads {
                payloads_come_back_to_the_byte []
                a_payload_of_a_megabyte_comes_back []
                metadata_comes_back []
                hostile_metadata_comes_back []
                times_are_kept_in_microseconds []
                schema_versions_come_back []
                ids_of_every_kind_come_back []
                an_event_that_cannot_be_stored_harms_no_neighbour []
            }
            checkpoints {
                an_unknown_subscription_is_at_the_start []
                a_saved_checkpoint_is_loaded []
                a_moved_checkpoint_is_refused []
                a_checkpoint_can_move_back []
                checkpoints_are_apart_by_name []
                one_of_many_savers_wins []
            }
            read_models {
                a_commit_writes_documents_and_checkpoint []
                a_commit_without_writes_moves_the_checkpoint []
                a_moved_checkpoint_refuses_the_commit []
                documents_are_overwritten []
                documents_are_deleted []
                projections_have_their_own_checkpoints []
                one_of_many_committers_wins []
                a_dropped_commit_is_whole_or_absent []
            }
            documents {
                absent_documents_are_left_out []
                documents_are_apart_by_tenant []
                documents_are_apart_by_collection []
                a_scan_is_in_the_order_of_bytes []
                a_scan_is_read_in_pages []
                hostile_keys_are_kept_apart []
                a_thousand_documents_in_one_commit []
                bodies_come_back_to_the_byte []
            }
            lifecycle {
                reopening_keeps_events [Durable]
                reopening_keeps_ids [Durable]
                reopening_keeps_checkpoints [Durable]
                reopening_keeps_read_models [Durable]
                closing_twice_does_nothing []
                calls_after_the_end_fail [EndsOnClose]
                what_one_acknowledges_another_reads [Shared]
                writers_of_two_conflict_as_within_one [Shared]
                an_append_wakes_a_reader_of_another [Shared]
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_list {
    (() $($area:ident { $($name:ident [$($need:ident)*])* })*) => {
        /// Every behaviour, in the order of its areas.
        pub const BEHAVIOURS: &[Behaviour] = &[$($(Behaviour {
            area: stringify!($area),
            name: stringify!($name),
            needs: &[$(Capability::$need),*],
            function: |subject| Box::pin($area::$name(subject)),
        },)*)*];
    };
}

__conformance_behaviours!(__conformance_list());

/// Makes one `#[test]`, named after the behaviour, of each of the suite's [`BEHAVIOURS`].
///
/// The argument is called by each test with the behaviour's name, and gives the
/// [`StoreUnderTest`](crate::testkit::conformance::StoreUnderTest) for it: a database of its own. Tests run at once,
/// each on a tokio runtime of its own.
///
/// | written | makes |
/// |---|---|
/// | `conformance_tests!(f)` | a `#[test]` for each behaviour, on what `f(name)` gives |
///
/// It stands in a module of its own, since the tests take their names from the suite.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ($subject:expr) => {
        $crate::__conformance_behaviours!(__conformance_each_test($subject));
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_each_test {
    (($subject:expr) $($area:ident { $($name:ident [$($need:ident)*])* })*) => {$($(
        #[test]
        fn $name() {
            $crate::testkit::conformance::run_as_test(stringify!($name), $subject);
        }
    )*)*};
}
