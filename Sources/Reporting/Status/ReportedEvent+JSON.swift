import DNS
import Propagation

/// An event as `--format ndjson` writes it, one a line.
extension ReportedEvent: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: MemberName.self)
        try members.encode(name, forKey: "event")
        try members.encode(Timestamp(at), forKey: "at")
        try members.encode(domain, forKey: "domain")
        if let resolver {
            try members.encode(resolver.name.escapedForDisplay, forKey: "resolver")
            try members.encode(resolver.endpoint, forKey: "address")
        }
        switch kind {
        case .sample(let sample):
            try members.encode(sample.state, forKey: "state")
            try sample.encode(to: encoder)
        case .transition(let from, let to, let sample, let since):
            try members.encode(from, forKey: "from")
            try members.encode(to, forKey: "to")
            try members.encode(Timestamp(since), forKey: "target_since")
            try sample.encode(to: encoder)
        case .level(let level):
            guard let taken = level.takenBack else { break }
            try members.encode(taken.rawValue, forKey: "level")
            try members.encode(true, forKey: "evidence")
        case .doubt(let edits, let from, let until):
            try members.encode(edits, forKey: "edits")
            try members.encode(Timestamp(from), forKey: "from")
            try members.encode(Timestamp(until), forKey: "until")
        }
    }

    /// Any level taken back is a `regression`; its `level` tells which. An answer has contradicted it: a `doubt` alone
    /// takes none back.
    private var name: String {
        switch kind {
        case .sample: "sample"
        case .transition: "transition"
        case .level(let level): (level.takenBack == nil ? level : .regression).rawValue
        case .doubt: "doubt"
        }
    }

    /// The last line of ndjson.
    package struct Last: Encodable {
        let event = "status"
        let at: Timestamp
        let status: Status

        package init(_ status: Status) {
            at = status.generatedAt
            self.status = status
        }
    }
}

extension LevelChange {
    /// The level that was reached before; `nil` where this one was reached now.
    fileprivate var takenBack: LevelChange? {
        switch self {
        case .regression: .published
        case .unpropagated: .propagated
        case .secondPassUnsafe: .secondPassSafe
        case .published, .propagated, .secondPassSafe, .decommissionSafe: nil
        }
    }
}
