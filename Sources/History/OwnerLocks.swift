import Glibc
import Synchronization

/// Which process writes about which domain, as locks on octets of an empty file. A killed process loses its locks,
/// and they work across containers.
///
/// They are open file description locks (fcntl(2)), so that two `OwnerLocks` in one process exclude each other too.
final class OwnerLocks: Sendable {
    private let descriptor: Int32
    private let held = Mutex<Set<Int64>>([])

    init(path: String) throws {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw HistoryError(.cannotCreate, path: path, HistoryStore.errnoText(errno))
        }
    }

    deinit {
        // Unlock by hand: a child process at its start may share the description for a moment, and with it the locks.
        _ = lock(0, Int16(F_UNLCK), length: 0)
        close(descriptor)
    }

    /// - Returns: whether this one has the slot now.
    func take(_ slot: Int64) -> Bool {
        held.withLock { held in
            if held.contains(slot) { return true }
            guard lock(slot, Int16(F_WRLCK)) else { return false }
            held.insert(slot)
            return true
        }
    }

    func release(_ slot: Int64) {
        held.withLock { held in
            if held.remove(slot) != nil { _ = lock(slot, Int16(F_UNLCK)) }
        }
    }

    /// Lets only one process at a time create a file or update it.
    func exclusively(_ body: () throws -> Void) throws {
        // This octet is no slot: slots are below 2⁶².
        let slot = Int64.max - 1
        _ = lock(slot, Int16(F_WRLCK), waits: true)
        defer { _ = lock(slot, Int16(F_UNLCK)) }
        try body()
    }

    /// - Parameter length: 0 for all that follow.
    private func lock(_ slot: Int64, _ type: Int16, length: off_t = 1, waits: Bool = false) -> Bool {
        var range = flock()
        range.l_type = type
        range.l_whence = Int16(SEEK_SET)
        range.l_start = off_t(slot)
        range.l_len = length
        let command = waits ? Self.awaitOpenFileDescriptionLock : Self.setOpenFileDescriptionLock
        while unsafe fcntl(descriptor, command, &range) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }

    /// `F_OFD_SETLK` and `F_OFD_SETLKW` of Linux's fcntl.h, which only shows them where _GNU_SOURCE is defined.
    private static let setOpenFileDescriptionLock: Int32 = 37
    private static let awaitOpenFileDescriptionLock: Int32 = 38
}
