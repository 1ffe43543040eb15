SELECT max(
    coalesce((SELECT max(position) FROM events), 0),
    coalesce((SELECT max(position) FROM archived_events), 0)
)
