/// Authoritative servers. Each runs in the foreground as the user that runs the tests, keeps its files in
/// its own folder, opens no control port, and reads its zones again on SIGHUP.
enum AuthorityKind: String, CaseIterable, Sendable {
    case nsd, knot, named

    var program: String { self == .knot ? "knotd" : rawValue }

    /// Writes the configuration and returns the arguments.
    func configure(_ place: Place, origins: [String]) throws -> [String] {
        switch self {
        case .nsd:
            let zones = origins.map { origin in
                "zone:\n  name: \"\(origin)\"\n  zonefile: \"\(Zone.fileName(of: origin))\""
            }
            let file = try place.write(
                "nsd.conf",
                """
                server:
                  ip-address: \(place.address)@\(place.port)
                  username: ""
                  chroot: ""
                  database: ""
                  zonesdir: "\(place.path)"
                  pidfile: "\(place.path)/nsd.pid"
                  zonelistfile: "\(place.path)/zone.list"
                  xfrdfile: "\(place.path)/xfrd.state"
                  xfrdir: "\(place.path)"
                  zonefiles-check: yes
                  server-count: 1
                  rrl-ratelimit: 0
                remote-control:
                  control-enable: no
                \(zones.joined(separator: "\n"))

                """)
            return ["-d", "-c", file]
        case .knot:
            let zones = origins.map { "  - domain: \($0)" }
            let file = try place.write(
                "knot.conf",
                """
                server:
                  listen: \(place.address)@\(place.port)
                  rundir: "\(place.path)"
                  udp-workers: 1
                  tcp-workers: 1
                  background-workers: 1
                control:
                  listen: "\(place.path)/knot.sock"
                log:
                  - target: stderr
                    any: info
                database:
                  storage: "\(place.path)/database"
                template:
                  - id: default
                    storage: "\(place.path)"
                    file: "%s.zone"
                    journal-content: none
                zone:
                \(zones.joined(separator: "\n"))

                """)
            return ["-c", file]
        case .named:
            let zones = origins.map { origin in
                "zone \"\(origin)\" { type primary; file \"\(Zone.fileName(of: origin))\"; };"
            }
            let file = try place.write(
                "named.conf",
                """
                options {
                    directory "\(place.path)";
                    listen-on port \(place.port) { \(place.address); };
                    listen-on-v6 { none; };
                    pid-file none;
                    session-keyfile none;
                    recursion no;
                    dnssec-validation no;
                    notify no;
                    empty-zones-enable no;
                };
                controls { };
                \(zones.joined(separator: "\n"))

                """)
            return ["-g", "-n", "1", "-c", file]
        }
    }
}

/// Caching resolvers, each sending every question to one authoritative server, without DNSSEC and without
/// anything that would look for the world outside.
enum CacheKind: String, CaseIterable, Sendable {
    case unbound, kresd, pdnsRecursor = "pdns-recursor", named

    var program: String { self == .pdnsRecursor ? "pdns_recursor" : rawValue }

    /// Writes the configuration and returns the arguments.
    func configure(_ place: Place, authority: Server) throws -> [String] {
        switch self {
        case .unbound: try configureUnbound(place, authority)
        case .kresd: try configureKresd(place, authority)
        case .pdnsRecursor: try configureRecursor(place, authority)
        case .named: try configureNamed(place, authority)
        }
    }

    private func configureUnbound(_ place: Place, _ authority: Server) throws -> [String] {
        let file = try place.write(
            "unbound.conf",
            """
            server:
              interface: \(place.address)
              port: \(place.port)
              username: ""
              chroot: ""
              directory: "\(place.path)"
              pidfile: ""
              use-syslog: no
              module-config: "iterator"
              num-threads: 1
              do-not-query-localhost: no
              do-ip6: no
            remote-control:
              control-enable: no
            forward-zone:
              name: "."
              forward-addr: \(authority.address)@\(authority.port)

            """)
        return ["-d", "-p", "-c", file]
    }

    /// It sends from 127.0.0.1, so that the kernel lets none of its questions off the machine.
    static func configureUnbound(_ place: Place, root: Server) throws -> [String] {
        let hints = try place.write("root.hints", ". 3600 NS ns.zz.\nns.zz. 3600 A \(root.address)\n")
        let file = try place.write(
            "unbound.conf",
            """
            server:
              interface: \(place.address)
              port: \(place.port)
              outgoing-interface: 127.0.0.1
              username: ""
              chroot: ""
              directory: "\(place.path)"
              pidfile: ""
              use-syslog: no
              module-config: "iterator"
              num-threads: 1
              root-hints: "\(hints)"
              do-not-query-localhost: no
              do-ip6: no
            remote-control:
              control-enable: no

            """)
        return ["-d", "-p", "-c", file]
    }

    /// A resolver that validates what lies below the trust anchor in a file, and nothing else.
    static func configureUnbound(
        _ place: Place, authority: Server, trustAnchor file: String
    ) throws -> [String] {
        let file = try place.write(
            "unbound.conf",
            """
            server:
              interface: \(place.address)
              port: \(place.port)
              username: ""
              chroot: ""
              directory: "\(place.path)"
              pidfile: ""
              use-syslog: no
              module-config: "validator iterator"
              trust-anchor-file: "\(file)"
              num-threads: 1
              do-not-query-localhost: no
              do-ip6: no
            remote-control:
              control-enable: no
            forward-zone:
              name: "."
              forward-addr: \(authority.address)@\(authority.port)

            """)
        return ["-d", "-p", "-c", file]
    }

    private func configureKresd(_ place: Place, _ authority: Server) throws -> [String] {
        let file = try place.write(
            "kresd.conf",
            """
            net.listen('\(place.address)', \(place.port), { kind = 'dns' })
            net.ipv6 = false
            trust_anchors.remove('.')
            for _, name in ipairs({ 'ta_update', 'ta_signal_query', 'priming', 'detect_time_skew' }) do
                modules.unload(name)
            end
            cache.open(10 * MB, 'lmdb://\(place.path)/cache')
            cache.min_ttl(0)
            modules.load('policy')
            policy.add(policy.all(policy.STUB({ '\(authority.address)@\(authority.port)' })))

            """)
        return ["-n", "-c", file, place.path]
    }

    private func configureRecursor(_ place: Place, _ authority: Server) throws -> [String] {
        _ = try place.write(
            "recursor.conf",
            """
            local-address=\(place.address)
            local-port=\(place.port)
            forward-zones-recurse=.=\(authority.address):\(authority.port)
            dont-query=
            dnssec=off
            daemon=no
            write-pid=no
            disable-syslog=yes
            socket-dir=\(place.path)
            setuid=
            setgid=
            threads=1
            security-poll-suffix=
            max-negative-ttl=5

            """)
        return ["--config-dir=\(place.path)"]
    }

    private func configureNamed(_ place: Place, _ authority: Server) throws -> [String] {
        let file = try place.write(
            "named.conf",
            """
            options {
                directory "\(place.path)";
                listen-on port \(place.port) { \(place.address); };
                listen-on-v6 { none; };
                pid-file none;
                session-keyfile none;
                recursion yes;
                allow-query { any; };
                dnssec-validation no;
                empty-zones-enable no;
                forward only;
                forwarders { \(authority.address) port \(authority.port); };
            };
            controls { };

            """)
        return ["-g", "-n", "1", "-c", file]
    }
}
