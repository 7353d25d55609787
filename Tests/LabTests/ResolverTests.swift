import DNS
import Lab
import Testing

@Suite struct ResolverTests {
    static func world(_ resolvers: LabResolver..., minimum: UInt32 = 300) -> LabWorld {
        .switching(from: oldMail, to: newMail, at: seconds(50), resolvers: resolvers, minimum: minimum)
    }

    @Test("a copy counts down whole seconds and is fetched anew when it expires")
    func aCopyCountsDownWholeSecondsAndIsFetchedAnewWhenItExpires() {
        var world = Self.world(LabResolver("plain"))
        #expect(world.ask(at: 0.5).ttl == 100)
        #expect(world.ask(at: 1.4).ttl == 100)
        #expect(world.ask(at: 1.5).ttl == 99)
        let last = world.ask(at: 100.4)
        #expect(last.isOld && last.ttl == 1)
        let fresh = world.ask(at: 100.5)
        #expect(!fresh.isOld && fresh.ttl == 600)
        #expect(fresh.recursionAvailable && !fresh.isAuthoritative)
    }

    @Test("a cap shortens and a floor stretches")
    func aCapShortensAndAFloorStretches() {
        var world = Self.world(
            LabResolver("cap", policy: CachePolicy(cap: TTL(seconds: 30))),
            LabResolver("floor", policy: CachePolicy(floor: TTL(seconds: 250))))
        #expect(world.ask(0, at: 0).ttl == 30)
        #expect(world.ask(0, at: 30).ttl == 30)
        #expect(world.ask(1, at: 0).ttl == 250)
        #expect(world.ask(1, at: 249).isOld)
        #expect(!world.ask(1, at: 250).isOld)
        #expect(world.resolvers[0].policy.respectsTTL && !world.resolvers[1].policy.respectsTTL)
    }

    @Test("prefetch fetches anew in the last tenth, for the next one who asks")
    func prefetchFetchesAnewInTheLastTenthForTheNextOneWhoAsks() {
        var world = Self.world(LabResolver("prefetches", policy: CachePolicy(prefetches: true)))
        _ = world.ask(at: 0)
        #expect(world.ask(at: 89).ttl == 11)
        #expect(world.ask(at: 89.5).isOld)
        let last = world.ask(at: 90)
        #expect(last.isOld && last.ttl == 10)
        #expect(!world.ask(at: 90.1).isOld)
    }

    @Test("stale answers come until the refresh is done", arguments: [true, false])
    func staleAnswersComeUntilTheRefreshIsDone(saysSo: Bool) {
        let stale = CachePolicy.ServeStale(refreshesAfter: .seconds(5), saysSo: saysSo)
        var world = Self.world(LabResolver("stale", policy: CachePolicy(serveStale: stale)))
        _ = world.ask(at: 0)
        let first = world.ask(at: 120)
        #expect(first.isOld && first.ttl == 30)
        #expect(first.extendedErrors.map(\.code) == (saysSo ? [3] : []))
        #expect(world.ask(at: 124.9).isOld)
        let fresh = world.ask(at: 125)
        #expect(!fresh.isOld && fresh.extendedErrors.isEmpty)
    }

    @Test("while no authority answers, stale is all there is, and only so long")
    func whileNoAuthorityAnswersStaleIsAllThereIsAndOnlySoLong() {
        let stale = CachePolicy.ServeStale(maximumAge: .seconds(1000))
        var world = Self.world(
            LabResolver("stale", policy: CachePolicy(serveStale: stale)), LabResolver("plain"))
        _ = world.ask(0, at: 0)
        _ = world.ask(1, at: 0)
        world.authorities[0].conduct = .failing(.serverFailure)
        for time in [101.0, 500, 1099] { #expect(world.ask(0, at: time).isOld) }
        #expect(world.ask(0, at: 1100).responseCode == .serverFailure)
        #expect(world.ask(1, at: 101).responseCode == .serverFailure)
    }

    @Test("a port is pinned to a cache, and many ports meet all caches")
    func aPortIsPinnedToACacheAndManyPortsMeetAllCaches() {
        var world = Self.world(LabResolver("many", cacheCount: 8))
        for port in UInt16(2000)..<2100 {
            let first = world.ask(at: 0, port: port).nsid
            #expect(first != nil)
            for _ in 0..<5 { #expect(world.ask(at: 0, port: port).nsid == first) }
        }
        let seen = Set((UInt16(2000)..<2100).map { world.ask(at: 0, port: $0).nsid })
        #expect(seen.count == 8)
    }

    @Test("chance meets all caches from one port")
    func chanceMeetsAllCachesFromOnePort() {
        var world = Self.world(LabResolver("many", cacheCount: 4, balancing: .random))
        let seen = Set((0..<200).map { _ in world.ask(at: 0).nsid })
        #expect(seen.count == 4)
    }

    @Test("copies of different ages stand behind one address")
    func copiesOfDifferentAgesStandBehindOneAddress() {
        var world = Self.world(LabResolver("many", cacheCount: 4, balancing: .random))
        for cache in 0..<4 { world.warm(mx, resolver: 0, cache: cache, at: seconds(-10 * Double(cache))) }
        #expect(Set((0..<200).map { _ in world.ask(at: 0).ttl }) == [100, 90, 80, 70])
    }

    @Test("what is not there is remembered for the lesser of SOA TTL and MINIMUM")
    func whatIsNotThereIsRememberedForTheLesserOfSOATTLAndMINIMUM() {
        var world = LabWorld.switching(
            from: .absent, to: newMail, at: seconds(10), resolvers: [LabResolver("plain")], minimum: 40)
        let first = world.ask(at: 0)
        #expect(first.responseCode == .noError && first.answer.isEmpty)
        #expect(first.authority.map(\.type) == [.soa] && first.ttl == 40)
        #expect(world.ask(at: 39.9).answer.isEmpty)
        #expect(!world.ask(at: 40).answer.isEmpty)
        var gone = LabWorld.switching(
            from: .nonexistent, to: newMail, at: seconds(10), resolvers: [LabResolver("plain")])
        #expect(gone.ask(at: 0).responseCode == .nameError)
    }

    @Test("a lagging secondary refills a cache with what is old")
    func aLaggingSecondaryRefillsACacheWithWhatIsOld() {
        var world = Self.world(LabResolver("plain", policy: CachePolicy(cap: TTL(seconds: 1))))
        var secondary = world.authorities[0]
        secondary.lag = .seconds(100)
        world.authorities.append(secondary)
        let seen = (51..<150).map { world.ask(at: Double($0)).isOld }
        #expect(seen.contains(true) && seen.contains(false))
        #expect((150..<200).allSatisfy { !world.ask(at: Double($0)).isOld })
    }

    @Test("aliases are followed across zones, and a loop fails")
    func aliasesAreFollowedAcrossZonesAndALoopFails() {
        func alias(_ owner: DomainName, _ target: DomainName) -> ResourceRecord {
            ResourceRecord(owner: owner, type: .cname, ttl: TTL(seconds: 20), data: .cname(target))
        }
        var other = LabZone("other.example", nameServers: ["ns.other.example"])
        other.add(
            alias("mail.other.example", "example.it"), alias("loop.other.example", "loop.other.example"))
        var world = Self.world(LabResolver("plain"))
        world.authorities.append(LabAuthority("ns.other.example", zones: [other]))
        func ask(_ name: DomainName, at time: Double) -> LabAnswer {
            world.answer(
                of: .resolver(0), to: LabQuery(question: Question(name, .mx)), sourcePort: 1,
                at: seconds(time))
        }
        #expect(ask("mail.other.example", at: 0).answer.map(\.ttl.seconds) == [20, 100])
        #expect(ask("mail.other.example", at: 5).answer.map(\.ttl.seconds) == [15, 95])
        #expect(ask("loop.other.example", at: 0).responseCode == .serverFailure)
        #expect(ask("nobody.invalid", at: 0).responseCode == .serverFailure)
    }

    @Test("refusing, filtering, and questions without RD")
    func refusingFilteringAndQuestionsWithoutRD() {
        let filtered = ExtendedError(code: 15, text: "blocked")
        var world = Self.world(
            LabResolver("refuses", conduct: .failing(.refused)),
            LabResolver("filters", conduct: .filtering(filtered)), LabResolver("plain"))
        #expect(world.ask(0, at: 0).responseCode == .refused)
        #expect(world.ask(1, at: 0).extendedErrors == [filtered])
        let query = LabQuery(recursionDesired: false, question: mx)
        let answer = world.answer(of: .resolver(2), to: query, sourcePort: 1, at: seconds(0))
        #expect(answer.responseCode == .refused)
    }

    @Test("one seed makes one world")
    func oneSeedMakesOneWorld() {
        func run(_ seed: UInt64) -> [LabReply] {
            var world = Self.world(
                LabResolver(
                    "odd", cacheCount: 5, balancing: .random,
                    manners: LabManners(delay: .zero...(.seconds(1)), loss: 0.3, mischief: [.garbage(20)])))
            world = LabWorld(authorities: world.authorities, resolvers: world.resolvers, seed: seed)
            return (0..<50).flatMap { step in
                world.replies(
                    of: .resolver(0), to: LabQuery(question: mx, edns: .init(asksNSID: true)), over: .udp,
                    sourcePort: 9, at: seconds(Double(step)))
            }
        }
        #expect(run(1) == run(1))
        #expect(run(1) != run(2))
        #expect(run(1).count < 100 && run(1).count > 20)
    }
}

@Suite struct TruthTests {
    @Test("the truth knows every copy, and the last expiry")
    func theTruthKnowsEveryCopyAndTheLastExpiry() {
        var world = ResolverTests.world(LabResolver("many", cacheCount: 3), LabResolver("plain"))
        world.warm(mx, resolver: 0, cache: 0, at: seconds(0))
        world.warm(mx, resolver: 0, cache: 2, at: seconds(49))
        world.warm(mx, resolver: 1, at: seconds(60))
        let early = world.truth(about: mx, at: seconds(61), isTarget: isTarget)
        #expect(early.copies.count == 3 && early.oldCopies.count == 2)
        #expect(early.lastExpiry == seconds(149))
        #expect(early.authoritiesElsewhere.isEmpty)
        #expect(world.truth(about: mx, at: seconds(40), isTarget: isTarget).authoritiesElsewhere == [0])
        #expect(world.truth(about: mx, at: seconds(148.9), isTarget: isTarget).isOldSomewhere)
        let late = world.truth(about: mx, at: seconds(149), isTarget: isTarget)
        #expect(!late.isOldSomewhere && late.lastExpiry == nil && late.copies.count == 1)
    }

    @Test("stale copies are told from live ones")
    func staleCopiesAreToldFromLiveOnes() {
        let stale = CachePolicy.ServeStale(maximumAge: .seconds(1000))
        var world = ResolverTests.world(LabResolver("stale", policy: CachePolicy(serveStale: stale)))
        world.warm(mx, resolver: 0, at: seconds(0))
        let truth = world.truth(about: mx, at: seconds(500), isTarget: isTarget)
        #expect(truth.oldCopies.isEmpty && truth.staleCopies.count == 1 && truth.isOldSomewhere)
        #expect(!world.truth(about: mx, at: seconds(1100), isTarget: isTarget).isOldSomewhere)
    }

    @Test("the demonstration is over when it says", arguments: [1, 2, 3] as [UInt64])
    func theDemonstrationIsOverWhenItSays(seed: UInt64) {
        let start = seconds(1000)
        let demo = DemoWorld(seed: seed, start: start)
        let question = Question(demo.domain, .mx)
        var world = demo.world
        #expect(demo.characters.count >= 12)
        #expect(
            world.truth(about: question, at: start, isTarget: isTarget).copies.allSatisfy { !$0.isTarget })
        #expect(demo.timeline.over < start + .seconds(30))
        var now = start
        while now < demo.timeline.over {
            for (index, character) in demo.characters.enumerated() {
                _ = world.answer(
                    of: character.server, to: LabQuery(question: question),
                    sourcePort: UInt16(2000 + index), at: now)
            }
            now = now + .milliseconds(500)
        }
        let truth = world.truth(about: question, at: demo.timeline.over, isTarget: isTarget)
        #expect(truth.oldCopies.isEmpty)
        #expect(truth.authoritiesElsewhere.isEmpty)
        for character in demo.characters where !character.isOptional {
            for port in UInt16(2000)..<2040 {
                let answer = world.answer(
                    of: character.server, to: LabQuery(question: question), sourcePort: port,
                    at: demo.timeline.over)
                #expect(answer.exchanges == ["mx01.cbsolt.net", "mx02.qboxmail.com"], "\(character.name)")
            }
        }
    }
}
