/// The queries of one lane by ID: those in progress, and those that are over. So no ID is used twice on a port, and
/// late answers are not mistaken for forged ones.
///
/// IDs are random, so they are their own hash. Nothing is ever removed, because a lane lives only for a few hundred
/// questions.
struct PendingTable {
    /// What is known of an ID.
    enum Entry: Equatable {
        case unknown
        case over
        case slot(Int)
    }

    /// Slots under way.
    private(set) var count = 0
    private var used = 0
    private var ids: [UInt16] = []
    private var values: [Int32] = []

    private static let empty: Int32 = -1
    private static let ended: Int32 = -2

    var isEmpty: Bool { count == 0 }

    /// The slots under way.
    var slots: [Int] { values.filter { $0 >= 0 }.map(Int.init) }

    subscript(id: UInt16) -> Entry {
        guard !ids.isEmpty else { return .unknown }
        let value = values[position(of: id)]
        return value == Self.empty ? .unknown : value == Self.ended ? .over : .slot(Int(value))
    }

    /// Takes an ID that must be unknown.
    mutating func insert(_ slot: Int, id: UInt16) {
        if used * 2 >= ids.count { grow() }
        let position = position(of: id)
        assert(values[position] == Self.empty)
        ids[position] = id
        values[position] = Int32(slot)
        used += 1
        count += 1
    }

    /// Ends what is under way with that ID.
    mutating func end(_ id: UInt16) {
        guard !ids.isEmpty else { return }
        let position = position(of: id)
        guard values[position] >= 0 else { return }
        values[position] = Self.ended
        count -= 1
    }

    /// The place of the ID, or the empty place for it. There is always an empty one.
    private func position(of id: UInt16) -> Int {
        let mask = ids.count - 1
        var position = Int(id) & mask
        while values[position] != Self.empty, ids[position] != id { position = (position + 1) & mask }
        return position
    }

    private mutating func grow() {
        let (oldIDs, oldValues) = (ids, values)
        let capacity = max(16, ids.count * 2)
        ids = Array(repeating: 0, count: capacity)
        values = Array(repeating: Self.empty, count: capacity)
        for (id, value) in zip(oldIDs, oldValues) where value != Self.empty {
            let position = position(of: id)
            ids[position] = id
            values[position] = value
        }
    }
}
