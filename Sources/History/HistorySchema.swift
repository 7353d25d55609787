import GRDB

/// The tables, version by version. A released version never changes: a new version follows it.
///
///     subject ──┬─► resolver   the last state of each
///      (domain  ├─► event      levels, transitions
///       and     ├─► served     authoritative RRsets with their TTLs, first and last seen
///       target) └─► look       from when to when somebody looked
///     boot ◄── subject, resolver: which start of the machine their instants count from
///     mail_set ◄── event, served: the exchanges, of which a domain has two or three sets
enum HistorySchema {
    /// "prpg": the mark of a propaga file.
    static let applicationID: Int32 = 0x7072_7067

    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: version1)
        }
        return migrator
    }()

    /// Instants without a clock in their name are wall times, in milliseconds since 1970. `memory` is the core's
    /// own state as JSON, whose instants are nanoseconds of the monotonic clock; `boot`, `instant` and `wall` are
    /// both clocks at the moment when it was taken; `ahead` is how much further time had gone than the wall clock told,
    /// in milliseconds.
    private static let version1 = """
        CREATE TABLE boot (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE mail_set (
            id INTEGER PRIMARY KEY,
            exchanges TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE subject (
            id INTEGER PRIMARY KEY,
            domain TEXT NOT NULL,
            target_key TEXT NOT NULL,
            target TEXT NOT NULL,
            first_look INTEGER NOT NULL,
            last_look INTEGER NOT NULL,
            last_change INTEGER,
            phase TEXT NOT NULL,
            basis TEXT NOT NULL,
            published_at INTEGER,
            propagated_at INTEGER,
            second_pass_at INTEGER,
            decommission_at INTEGER,
            bound INTEGER,
            counted INTEGER NOT NULL,
            clear INTEGER NOT NULL,
            memory TEXT NOT NULL,
            boot INTEGER NOT NULL REFERENCES boot,
            instant INTEGER NOT NULL,
            wall INTEGER NOT NULL,
            ahead INTEGER NOT NULL,
            UNIQUE (domain, target_key)
        ) STRICT;

        CREATE TABLE resolver (
            subject INTEGER NOT NULL REFERENCES subject ON DELETE CASCADE,
            address TEXT NOT NULL,
            name TEXT NOT NULL,
            position INTEGER NOT NULL,
            is_listed INTEGER NOT NULL,
            state TEXT NOT NULL,
            is_clear INTEGER NOT NULL,
            is_overdue INTEGER NOT NULL,
            exclusion TEXT,
            target_since INTEGER,
            old_until INTEGER,
            caches_seen INTEGER NOT NULL,
            checked_at INTEGER,
            memory TEXT NOT NULL,
            boot INTEGER NOT NULL REFERENCES boot,
            instant INTEGER NOT NULL,
            wall INTEGER NOT NULL,
            ahead INTEGER NOT NULL,
            UNIQUE (subject, address)
        ) STRICT;

        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            subject INTEGER NOT NULL REFERENCES subject ON DELETE CASCADE,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            address TEXT,
            name TEXT,
            from_state TEXT,
            to_state TEXT,
            mail_set INTEGER REFERENCES mail_set,
            ttl INTEGER,
            value INTEGER
        ) STRICT;
        CREATE INDEX event_subject ON event (subject, address);

        CREATE TABLE served (
            id INTEGER PRIMARY KEY,
            subject INTEGER NOT NULL REFERENCES subject ON DELETE CASCADE,
            address TEXT NOT NULL,
            name TEXT NOT NULL,
            state TEXT NOT NULL,
            mail_set INTEGER NOT NULL REFERENCES mail_set,
            ttl INTEGER,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            gone_at INTEGER
        ) STRICT;
        CREATE INDEX served_subject ON served (subject, address);

        CREATE TABLE look (
            id INTEGER PRIMARY KEY,
            subject INTEGER NOT NULL REFERENCES subject ON DELETE CASCADE,
            began INTEGER NOT NULL,
            ended INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX look_subject ON look (subject);
        CREATE INDEX subject_boot ON subject (boot);
        CREATE INDEX resolver_boot ON resolver (boot);
        CREATE INDEX event_mail_set ON event (mail_set);
        CREATE INDEX served_mail_set ON served (mail_set);
        """
}
