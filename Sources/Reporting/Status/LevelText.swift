import Propagation

/// One of the four levels in words for people.
struct LevelText {
    let condition: Condition

    init(_ condition: Condition) { self.condition = condition }

    /// At the start of a sentence: `Second pass`.
    var title: String {
        switch condition {
        case .published: "Published"
        case .propagated: "Propagated"
        case .secondPass: "Second pass"
        case .decommission: "Decommission"
        }
    }

    /// Of so many domains that have reached it: `published`, `safe for the second pass`.
    var participle: String {
        switch condition {
        case .published: "published"
        case .propagated: "propagated"
        case .secondPass: "safe for the second pass"
        case .decommission: "safe to decommission"
        }
    }

    /// Since when it is reached; `nil` if it is not.
    func reachedAt(_ status: DomainStatus) -> Timestamp? {
        switch condition {
        case .published: status.published.at
        case .propagated: status.propagated.at
        case .secondPass: status.secondPass.at
        case .decommission: status.decommission.safe ? status.decommission.notBefore : nil
        }
    }

    /// An estimate of when it comes; `nil` if there is none.
    func notBefore(_ status: DomainStatus) -> Timestamp? {
        switch condition {
        case .published: nil
        case .propagated: status.propagated.notBefore
        case .secondPass: status.secondPass.notBefore
        case .decommission: status.decommission.notBefore
        }
    }
}
