//! The list of all behaviours, which the tests of every store are made from.

use super::behaviour::Behaviour;
use super::subject::Capability;
use super::{
    append, archive, archiving, binary, cancellation, checkpoints, concurrency, conditions,
    dead_letters, decisions, document_indexes, document_queries, documents, dropping, due_letters,
    expectations, fences, filters, firing, free_keys, health, idempotency_keys, inline,
    inline_builds, inline_races, inline_refusals, key_lookups, leases, lifecycle, limits, locks,
    lookup, model, names, payloads, progress, queries, read_all, read_models, read_stream,
    rebuild_lists, rebuilds, repeats, resets, schedules, selections, streaming, switch_races,
    switching, tags, tailing, unindexed,
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
            idempotency_keys {
                a_key_again_gives_the_first_outcome []
                a_key_after_later_appends_gives_the_first_outcome []
                a_key_is_recognised_whatever_comes_with_it []
                a_key_over_streams_gives_the_first_outcome []
                a_key_within_one_call_gives_the_first_outcome []
                a_key_at_once_stores_one_copy []
                reopening_keeps_idempotency_keys [Durable]
                a_key_in_two_stores_one_copy [Shared]
            }
            free_keys {
                idempotency_keys_are_apart_by_tenant []
                hostile_idempotency_keys_are_kept_apart []
                the_longest_idempotency_keys_are_kept []
                the_key_of_a_refused_append_stays_free []
                the_key_of_a_repeat_by_ids_stays_free []
            }
            key_lookups {
                the_outcome_of_a_key_is_found []
                the_outcome_of_a_key_after_later_appends_is_the_first []
                a_key_without_a_stored_append_has_no_outcome []
                outcomes_are_found_by_tenant_and_key []
            }
            schedules {
                what_is_scheduled_is_kept_as_it_is []
                a_schedule_again_changes_nothing []
                a_schedule_id_is_taken_by_its_request []
                a_cancelled_schedule_is_gone []
                schedules_are_listed_by_tenant_and_id []
            }
            firing {
                what_is_due_is_claimed_in_order []
                a_claim_holds_until_its_time []
                a_claim_that_is_extended_holds_longer []
                claims_at_once_are_apart []
                the_next_time_is_told []
                what_is_postponed_comes_again []
                what_was_fired_stays_fired []
                a_claim_of_what_was_cancelled_changes_nothing []
                fired_ids_are_forgotten []
            }
            conditions {
                a_condition_that_is_met_stores []
                a_matching_event_behind_the_position_refuses []
                a_matching_event_up_to_the_position_does_not_refuse []
                a_condition_sees_only_its_tenant []
                a_refused_condition_stores_nothing []
                a_condition_sees_earlier_appends_of_its_call []
                a_condition_does_not_see_later_appends_of_its_call []
                conditions_and_expectations_combine []
                a_condition_covers_all_streams_of_an_append []
            }
            queries {
                items_of_a_condition_are_alternatives []
                tags_of_an_item_are_all_needed []
                types_of_an_item_are_alternatives []
                an_item_of_types_only_matches_by_type []
                a_condition_on_everything_sees_every_event []
            }
            decisions {
                one_of_sixteen_deciders_wins []
                one_of_many_with_overlapping_tags_wins []
                deciders_about_other_tags_do_not_conflict []
                nothing_slips_behind_a_condition []
                deciders_and_expecting_writers_exclude_each_other []
                deciders_of_two_conflict_as_within_one [Shared]
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
            selections {
                a_filter_takes_its_tags []
                a_filter_takes_its_query []
                a_filter_takes_its_times []
                times_of_filters_are_instants []
                all_parts_of_a_filter_combine []
                scanned_to_passes_what_has_other_tags []
            }
            lookup {
                an_event_is_found_by_its_id []
                an_unknown_id_finds_nothing []
                an_event_is_found_in_its_tenant_only []
                an_event_of_an_archived_stream_is_found []
            }
            archive {
                an_archived_stream_has_no_events []
                an_archived_stream_is_read_by_asking []
                the_log_keeps_archived_events []
                an_archived_stream_takes_no_more []
                a_condition_sees_archived_events []
                a_key_outlives_archiving []
            }
            archiving {
                archiving_holds_to_its_expectation []
                an_absent_stream_is_not_archived []
                archiving_twice_changes_nothing []
                archived_streams_are_apart_by_tenant []
                an_archived_stream_ends_at_the_version_told []
                positions_go_on_after_archiving []
                reopening_keeps_archived_streams [Durable]
            }
            streaming {
                the_log_is_streamed_in_pages []
                a_stream_is_streamed_in_pages []
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
            binary {
                binary_payloads_come_back_to_the_byte []
                a_binary_payload_of_a_megabyte_comes_back []
                json_and_binary_stand_side_by_side []
            }
            tags {
                tags_come_back_sorted_and_once []
                hostile_tags_are_kept_apart []
                the_most_and_longest_tags_are_kept []
            }
            limits {
                the_bytes_of_a_payload_are_limited []
                the_bytes_of_metadata_are_limited []
                the_tags_of_an_event_are_limited []
                the_depth_of_json_is_limited []
                the_events_of_an_append_are_limited []
                the_bytes_of_an_append_are_limited []
                the_items_of_a_condition_are_limited []
                event_types_that_are_no_names_are_refused []
                what_is_above_a_limit_harms_no_neighbour []
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
                a_binary_body_is_refused []
            }
            document_queries {
                documents_are_found_by_their_places []
                all_conditions_must_hold []
                found_documents_are_in_order []
                a_query_is_read_in_pages []
                documents_are_counted []
            }
            document_indexes {
                places_move_with_their_documents []
                documents_leave_indexes []
                documents_without_a_place_are_not_found []
                a_commit_that_does_not_fit_its_indexes_is_refused []
                a_refused_commit_moves_no_places []
                places_move_beside_dead_letters []
                places_are_apart []
                a_thousand_documents_are_indexed_in_one_commit []
                reopening_keeps_places [Durable]
            }
            unindexed {
                indexes_that_lack_documents_are_told []
                indexes_lack_documents_of_any_tenant []
                a_build_has_indexes_of_its_own []
            }
            inline {
                an_append_writes_its_documents []
                an_append_ends_a_document []
                inline_appends_harm_no_neighbour []
                an_append_over_read_models_is_written_whole []
                inline_documents_are_apart_by_tenant []
            }
            inline_refusals {
                a_refused_append_writes_no_documents []
                a_moved_progress_refuses_the_append []
                a_repeat_writes_no_documents []
                inline_writes_that_do_not_fit_are_refused []
            }
            inline_builds {
                an_append_follows_the_build_under_way []
                a_build_has_progress_of_its_own []
                dropped_progress_is_deleted_in_batches []
            }
            inline_races {
                an_append_or_a_commit_folds_an_event []
                documents_are_never_behind_their_events []
                a_dropped_append_writes_all_or_nothing []
            }
            progress {
                a_commit_moves_progress []
                a_moved_progress_refuses_the_commit []
                progress_is_apart_by_name []
            }
            dead_letters {
                dead_letters_move_with_the_checkpoint []
                dead_letters_change_where_the_checkpoint_stays []
                a_refused_move_changes_no_dead_letters []
                settling_what_is_not_parked_changes_nothing []
                a_dead_letter_that_fails_again_keeps_when_it_was_parked []
                dead_letters_come_back_as_parked []
                a_thousand_dead_letters_in_one_move []
                dead_letters_are_apart_by_subscription []
                one_of_two_settles_a_dead_letter []
                a_dropped_move_is_whole_or_absent []
                reopening_keeps_dead_letters [Durable]
            }
            due_letters {
                dead_letters_are_listed_by_position []
                dead_letters_are_selected []
                dead_letters_are_apart_by_tenant []
                the_first_of_each_stream_is_due []
                a_request_waits_for_the_first_of_its_stream []
                the_last_request_counts []
                dead_letters_are_counted []
                a_request_by_one_is_due_for_another [Shared]
            }
            rebuilds {
                a_rebuild_has_the_next_number []
                rebuilds_begun_at_once_are_one []
                a_build_is_seen_from_its_switch_on []
                a_build_that_is_behind_is_not_switched []
                a_refused_switch_changes_nothing []
                tenants_are_apart_through_a_switch []
                reopening_keeps_rebuilds [Durable]
            }
            switching {
                the_old_build_takes_no_more_commits []
                the_new_build_takes_commits []
                dead_letters_are_switched_with_their_build []
                only_a_build_under_way_takes_documents []
            }
            switch_races {
                commits_of_the_old_build_race_with_the_switch []
                commits_of_a_build_race_with_its_switch []
                commits_of_a_build_race_with_giving_it_up []
            }
            dropping {
                dropped_documents_are_deleted_in_batches []
                what_was_not_dropped_is_not_purged []
                a_rebuild_shares_no_number_with_what_is_being_deleted []
                a_dropped_read_model_is_gone_at_once []
                a_dropped_read_model_comes_back_anew []
                a_dropped_build_leaves_what_is_read []
                dropping_a_build_that_is_not_under_way_does_nothing []
                a_read_model_is_dropped_with_its_build []
            }
            rebuild_lists {
                rebuilds_are_listed_with_their_positions []
                read_models_are_listed_by_prefix []
            }
            locks {
                a_lock_excludes_others []
                a_released_lock_is_free []
                a_dropped_lock_becomes_free []
                a_lock_is_waited_for []
                a_wait_for_a_lock_ends []
                locks_are_apart_by_tenant []
                hostile_lock_names_are_kept_apart []
                held_locks_are_counted []
                a_held_lock_says_so []
                one_of_sixteen_takes_a_lock []
                locks_of_two_exclude_each_other [Shared]
            }
            leases {
                a_lease_is_taken_by_one []
                a_renewal_sets_when_leases_end []
                an_ended_lease_can_be_taken []
                an_ended_lease_is_not_renewed []
                a_released_lease_is_free []
                a_retired_node_is_forgotten []
                nodes_are_told []
                leases_that_hold_are_told []
                a_lease_that_is_wanted_twice_is_taken_once []
                no_lease_is_longer_than_the_longest []
                hostile_names_of_leases_are_kept_apart []
                a_hundred_leases_in_one_call []
                each_of_a_hundred_leases_goes_to_one []
                leases_of_two_exclude_each_other [Shared]
                reopening_keeps_tokens [Durable]
            }
            fences {
                a_lease_that_holds_lets_the_checkpoint_move []
                an_old_token_is_fenced []
                an_ended_lease_is_fenced []
                a_lease_that_was_given_back_is_fenced []
                a_lease_that_was_never_taken_is_fenced []
                a_move_without_a_fence_needs_no_lease []
                a_fence_replaces_no_other_check []
                lanes_have_their_own_checkpoints []
                dead_letters_of_lanes_are_the_subscriptions []
                lane_checkpoints_are_listed []
                lane_checkpoints_are_apart_by_name []
            }
            resets {
                a_reset_sets_a_subscription_back []
                a_reset_takes_the_lanes_away []
                a_move_from_before_a_reset_is_refused []
                a_lanes_first_move_from_before_a_reset_is_refused []
                a_reset_of_nothing_changes_nothing []
                resets_are_counted []
                a_reset_beside_its_lanes_is_whole []
                checkpoints_are_listed_by_name []
                reopening_keeps_resets [Durable]
            }
            health {
                an_open_store_answers []
                a_closed_store_is_not_well [EndsOnClose]
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
