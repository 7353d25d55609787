import DNS
import Propagation
import Storytelling

/// What is remembered, for programs: the document `propaga/history/1`, an object a domain.
package enum HistoryDocument {
    package struct Head: Encodable {
        let schema = "propaga/history/1"
        package init() {}
    }

    /// One domain: how far it has come, and its story, where that is asked for.
    package struct Domain: Encodable {
        private let summary: ChronicleSummary
        private let story: Chronicle?

        package init(_ summary: ChronicleSummary) {
            self.summary = summary
            story = nil
        }

        package init(_ chronicle: Chronicle) {
            summary = chronicle.summary
            story = chronicle
        }

        package func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: MemberName.self)
            let standing = summary.standing
            try members.encode(summary.domain, forKey: "domain")
            try members.encode(TargetStatus(summary.target), forKey: "target")
            try members.encode(standing.phase, forKey: "phase")
            try members.encode(standing.basis, forKey: "basis")
            try members.encode(Timestamp(summary.firstLook), forKey: "first_look")
            try members.encode(Timestamp(summary.lastLook), forKey: "last_look")
            try members.encode(Timestamp(summary.lastChange), forKey: "last_change")
            try members.encode(Timestamp(summary.targetSince), forKey: "target_since")
            try members.encode(Timestamp(standing.publishedAt), forKey: "published_at")
            try members.encode(Timestamp(standing.propagatedAt), forKey: "propagated_at")
            try members.encode(Timestamp(standing.secondPassAt), forKey: "second_pass_at")
            try members.encode(Timestamp(standing.decommissionAt), forKey: "decommission_at")
            try members.encode(Timestamp(standing.bound), forKey: "bound")
            try members.encode(standing.counted, forKey: "resolvers_counted")
            try members.encode(standing.clear, forKey: "resolvers_clear")
            guard let story else { return }
            try members.encode(story.entries.map(Entry.init), forKey: "events")
            try members.encode(story.served.map(Served.init), forKey: "served")
            try members.encode(story.resolvers.map(Resolver.init), forKey: "resolvers")
        }
    }

    private struct Entry: Encodable {
        let entry: Chronicle.Entry

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: MemberName.self)
            try members.encode(Timestamp(entry.at), forKey: "at")
            func begin(_ event: String, _ server: ServerLabel) throws {
                try members.encode(event, forKey: "event")
                try members.encode(server.name.escapedForDisplay, forKey: "resolver")
                try members.encode(server.endpoint, forKey: "address")
            }
            switch entry.kind {
            case .level(let level): try members.encode(level.rawValue, forKey: "event")
            case .transition(let server, let from, let to, let shown):
                try begin("transition", server)
                try members.encode(from, forKey: "from")
                try members.encode(to, forKey: "to")
                try members.encode(shown.exchanges, forKey: "mx")
                try members.encode(shown.ttl, forKey: "ttl")
            case .clear(let server, let isSo): try begin(isSo ? "clear" : "not_clear", server)
            case .overdue(let server, let isSo): try begin(isSo ? "overdue" : "not_overdue", server)
            case .clockWentBack(let seconds):
                try members.encode("clock_went_back", forKey: "event")
                try members.encode(seconds, forKey: "seconds")
            }
        }
    }

    private struct Served: Encodable {
        let name: String
        let address: Endpoint
        let state: MailState
        let mx: [ReadExchange]
        let ttl: TTL?
        let firstSeen: Timestamp
        let lastSeen: Timestamp
        let goneAt: Timestamp?

        init(_ span: ServedSpan) {
            name = span.server.name.escapedForDisplay
            address = span.server.endpoint
            state = span.state
            mx = span.exchanges
            ttl = span.ttl
            firstSeen = Timestamp(span.firstSeen)
            lastSeen = Timestamp(span.lastSeen)
            goneAt = Timestamp(span.goneAt)
        }
    }

    private struct Resolver: Encodable {
        let name: String
        let address: Endpoint
        let state: MailState
        let clear: Bool
        let overdue: Bool
        let excluded: String?
        let targetSince: Timestamp?
        let oldUntil: Timestamp?
        let cachesSeen: Int
        let checkedAt: Timestamp?

        init(_ resolver: RecordedResolver) {
            name = resolver.server.name.escapedForDisplay
            address = resolver.server.endpoint
            state = resolver.state
            clear = resolver.isClear
            overdue = resolver.isOverdue
            excluded = resolver.exclusion.map(Sentences.sentence)
            targetSince = Timestamp(resolver.targetSince)
            oldUntil = Timestamp(resolver.oldUntil)
            cachesSeen = resolver.cachesSeen
            checkedAt = Timestamp(resolver.checkedAt)
        }
    }
}
