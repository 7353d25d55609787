import Foundation
import Testing

/// This machine once more, for one test: its programs and settings with Debian packages unpacked over them,
/// where every change goes to memory, and a network of its own that has nothing but loopback.
///
/// So a recipe's files lie where it puts them, its commands run as they are printed, servers take port 25 of a
/// machine that is not there, and whatever runs is gone when the test is. It takes root: mail servers change
/// to users of their own, and there is one alone in a namespace that anyone may have.
struct ScratchMachine {
    /// What came of one step.
    struct Finding {
        var code: Int32
        /// Standard output and error as they came.
        var output: String
    }

    /// What came of all steps.
    struct Findings {
        fileprivate var steps: [String: Finding] = [:]

        subscript(_ step: String) -> Finding {
            steps[step] ?? Finding(code: -1, output: "there is no step '\(step)'")
        }
    }

    /// Debian's programs by the names of their folders in `.build/mail-servers`.
    let servers: [String]
    /// Names beside `localhost`, each with its address. No other name can be looked up.
    var hosts: [(address: String, name: String)] = [
        ("127.0.0.1", "old.example.net"), ("127.0.99.1", "mx01.cbsolt.net"),
    ]

    static let place = URL(filePath: #filePath).appending(path: "../../../../.build/mail-servers")
        .standardizedFileURL

    /// Whether tests with these programs are to run: see `Executable.runs`.
    static func runs(with servers: [String]) -> Bool {
        geteuid() == 0
            && (ProcessInfo.processInfo.environment["CI"] == "true"
                || hasNamespaces && servers.allSatisfy { isUnpacked($0) })
    }

    /// Why such a test is left out.
    static let needs: Comment = "needs root, namespaces, and what .ci/mail-servers unpacks"

    private static func isUnpacked(_ server: String) -> Bool {
        FileManager.default.fileExists(atPath: place.appending(path: "\(server)/usr").path)
    }

    private static let namespaces = ["--net", "--mount", "--uts", "--pid", "--fork", "--kill-child"]

    private static let hasNamespaces: Bool = {
        guard let unshare = Executable.find("unshare") else { return false }
        let process = Process()
        process.executableURL = URL(filePath: unshare)
        process.arguments =
            namespaces + [
                "sh", "-c",
                """
                mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work &&
                mount -t overlay overlay -o lowerdir=/usr,upperdir=/mnt/upper,workdir=/mnt/work /mnt
                """,
            ]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// Runs scripts one after another, whatever becomes of each, by `bash -e`.
    ///
    /// - Throws: `HarnessError` where the machine cannot be made, or `limit` passes.
    func run(
        _ steps: [(name: String, script: String)], within limit: Duration = .seconds(60)
    ) async throws -> Findings {
        for server in servers where !Self.isUnpacked(server) {
            throw HarnessError("\(server) is not unpacked; `make test` does that (.ci/mail-servers)")
        }
        return try await withTemporaryFolder { folder in
            for (name, script) in steps {
                try script.write(
                    to: folder.appending(path: "\(name).sh"), atomically: true, encoding: .utf8)
            }
            let names = hosts.map { "\($0.address) \($0.name)\n" }.joined() + "127.0.0.1 localhost\n"
            try names.write(to: folder.appending(path: "hosts"), atomically: true, encoding: .utf8)
            let machine = try Child(
                Executable.require("unshare"),
                Self.namespaces + ["bash", "-c", Self.boot, "scratch", folder.path, hosts[0].name]
                    + steps.map(\.name) + ["--"] + servers.map { Self.place.appending(path: $0).path },
                name: servers[0], folder: folder)
            guard try await machine.end(within: limit) == .exited(0) else {
                throw HarnessError("the scratch machine does not come up\n\(machine.transcript)")
            }
            return try steps.reduce(into: Findings()) { findings, step in
                findings.steps[step.name] = try Self.finding(step.name, in: folder)
            }
        }
    }

    private static func finding(_ name: String, in folder: URL) throws -> Finding {
        let code = try String(contentsOf: folder.appending(path: "\(name).code"), encoding: .utf8)
        guard let code = Int32(code.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw HarnessError("\(name) left no exit code")
        }
        let output = try Data(contentsOf: folder.appending(path: "\(name).out"))
        return Finding(code: code, output: String(decoding: output, as: UTF8.self))
    }

    /// A command that ends when `condition` holds, and fails when it does not within 20 seconds. No `'` in it.
    static func wait(until condition: String) -> String {
        "timeout 20 bash -c 'until \(condition); do sleep 0.05; done 2>/dev/null'"
    }

    /// A command that prints the line by which an SMTP server greets, as soon as one does.
    static func greeting(_ address: String) -> String {
        wait(until: "exec 3<>/dev/tcp/\(address)/25 && timeout 5 head -n 1 <&3")
    }

    /// FOLDER HOSTNAME STEP… -- TREE…
    ///
    /// The packages bring no users, which is done when they are installed; so those are added here.
    private static let boot = #"""
        set -euo pipefail
        folder=$1 name=$2 steps=()
        shift 2
        while [ "$1" != -- ]; do steps+=("$1"); shift; done
        shift
        ip link set lo up
        hostname "$name"
        mount -t tmpfs tmpfs /mnt
        mkdir -p /mnt/tree/usr /mnt/work /mnt/machine
        for tree in "$@"; do cp -a --no-preserve=ownership "$tree/." /mnt/tree/; done
        machine=/mnt/machine
        cd $machine
        mkdir dev etc proc root run scratch tmp usr
        mount -t overlay overlay -o lowerdir=/usr,upperdir=/mnt/tree/usr,workdir=/mnt/work usr
        cp -a /etc/. etc/
        # A mail server that this machine has configured is not the one that is looked at.
        rm -rf etc/aliases etc/exim4 etc/haproxy etc/mail etc/postfix etc/smtpd.conf
        cp -a /mnt/tree/etc/. etc/
        mkdir -p /mnt/tree/var
        mv /mnt/tree/var var
        mkdir -p var/lib var/log var/mail var/spool var/tmp
        ln -s /run var/run
        for link in bin sbin lib lib64; do [ ! -e /$link ] || ln -s usr/$link $link; done
        id=6000
        for user in postfix postdrop Debian-exim smmta smmsp opensmtpd opensmtpq haproxy; do
            id=$((id + 1))
            ! grep -q "^$user:" $machine/etc/group || continue
            echo "$user:x:$id:" >>$machine/etc/group
            echo "$user:x:$id:$id::/nonexistent:/usr/sbin/nologin" >>$machine/etc/passwd
        done
        rm -f $machine/etc/resolv.conf $machine/etc/hosts
        echo "nameserver 127.0.0.1" >$machine/etc/resolv.conf
        cp "$folder/hosts" $machine/etc/hosts
        echo "$name" >$machine/etc/mailname
        mount --rbind /dev $machine/dev
        mount -t proc proc $machine/proc
        chmod 1777 $machine/tmp $machine/var/tmp
        mount --bind "$folder" $machine/scratch
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
        for step in "${steps[@]}"; do
            code=0
            chroot $machine /bin/bash -e "/scratch/$step.sh" >"$folder/$step.out" 2>&1 </dev/null || code=$?
            echo $code >"$folder/$step.code"
        done
        """#
}
