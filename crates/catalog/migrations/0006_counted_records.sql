-- Up to which record of the queue events are in event_counts: after a crash, counting goes on there.
CREATE TABLE counted_records (
    id BIGINT NOT NULL PRIMARY KEY,
    next_record BIGINT NOT NULL
);
