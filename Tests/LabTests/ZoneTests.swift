import DNS
import Lab
import Testing

@Suite struct ZoneTests {
    static func zone() -> LabZone {
        var zone = LabZone(
            "example.it", nameServers: ["ns1.example.it", "ns2.example.it"], serial: 7, minimum: 60)
        zone.add("ns1.example.it", .labDefault)
        zone.add(
            ResourceRecord(
                owner: "shop.example.it", type: .cname, ttl: TTL(seconds: 50), data: .cname("example.it")))
        zone.add("deep.under.example.it", .labDefaultV6)
        zone.add(
            ResourceRecord(
                owner: "*.wild.example.it", type: .txt, ttl: TTL(seconds: 5), data: .txt([[65]])))
        zone.setMail(oldMail)
        return zone
    }

    @Test("a change shows from its instant on, with the next serial")
    func aChangeShowsFromItsInstantOnWithTheNextSerial() {
        var zone = Self.zone()
        zone.switchMail(at: seconds(10), to: newMail)
        #expect(zone.find(mx, at: seconds(9.999)).exchanges?.map(\.exchange) == ["mail.old.example"])
        #expect(zone.find(mx, at: seconds(10)).exchanges?.count == 2)
        #expect(zone.serial(at: seconds(9)).value == 7)
        #expect(zone.serial(at: seconds(10)).value == 8)
    }

    @Test("a rollback brings the records back under a new serial")
    func aRollbackBringsTheRecordsBackUnderANewSerial() {
        var zone = Self.zone()
        zone.switchMail(at: seconds(10), to: newMail)
        zone.rollBack(at: seconds(20))
        #expect(isTarget(zone.find(mx, at: seconds(19))))
        #expect(!isTarget(zone.find(mx, at: seconds(20))))
        #expect(zone.serial(at: seconds(20)).value == 9)
        #expect(zone.changes == [seconds(10), seconds(20)])
    }

    @Test("each way of having no mail is its own")
    func eachWayOfHavingNoMailIsItsOwn() throws {
        var zone = Self.zone()
        zone.switchMail(at: seconds(1), to: .absent)
        zone.switchMail(at: seconds(2), to: .null(ttl: TTL(seconds: 9)))
        zone.switchMail(at: seconds(3), to: .nonexistent)
        guard case .noData(let start) = zone.find(mx, at: seconds(1)) else { Issue.record("NODATA"); return }
        #expect(start.type == .soa && start.owner == "example.it")
        #expect(zone.find(mx, at: seconds(2)).exchanges?.first?.isNull == true)
        guard case .nameError = zone.find(mx, at: seconds(3)) else { Issue.record("NXDOMAIN"); return }
    }

    @Test("names, aliases, wildcards and what lies between")
    func namesAliasesWildcardsAndWhatLiesBetween() {
        let zone = Self.zone()
        func kind(_ name: DomainName, _ type: RecordType) -> String {
            switch zone.find(Question(name, type), at: seconds(0)) {
            case .records(let records): "records of \(records[0].owner)"
            case .alias(_, let target): "alias to \(target)"
            case .noData: "no data"
            case .nameError: "no name"
            case .referral: "referral"
            case .failure: "failure"
            }
        }
        #expect(kind("shop.example.it", .mx) == "alias to example.it")
        #expect(kind("shop.example.it", .cname) == "records of shop.example.it")
        #expect(kind("EXAMPLE.it", .soa) == "records of example.it")
        #expect(kind("under.example.it", .a) == "no data")
        #expect(kind("nowhere.example.it", .a) == "no name")
        #expect(kind("any.wild.example.it", .txt) == "records of any.wild.example.it")
        #expect(kind("any.wild.example.it", .a) == "no data")
        #expect(kind("example.com", .a) == "failure")
    }

    @Test("a parent refers with glue and without AA")
    func aParentRefersWithGlueAndWithoutAA() {
        var parent = LabZone("it", nameServers: ["a.nic.it"])
        parent.add(
            ResourceRecord(
                owner: "example.it", type: .ns, ttl: TTL(seconds: 3600), data: .ns("ns1.example.it")))
        parent.add("ns1.example.it", .labDefault)
        let server = LabAuthority("a.nic.it", zones: [parent])
        let answer = server.answer(Question("www.example.it", .mx), at: seconds(0))
        #expect(!answer.isAuthoritative)
        #expect(answer.answer.isEmpty)
        #expect(answer.authority.map(\.data) == [.ns("ns1.example.it")])
        #expect(answer.additional.map(\.data) == [.address(.labDefault)])
        #expect(server.answer(Question("it", .ns), at: seconds(0)).isAuthoritative)
    }

    @Test("a secondary lags, a lame server refuses, another lacks AA")
    func aSecondaryLagsALameServerRefusesAnotherLacksAA() {
        var zone = Self.zone()
        zone.switchMail(at: seconds(10), to: newMail)
        var server = LabAuthority("ns2.example.it", zones: [zone], lag: .seconds(5))
        #expect(server.answer(mx, at: seconds(14)).isOld)
        #expect(!server.answer(mx, at: seconds(15)).isOld)
        #expect(server.answer(mx, at: seconds(15)).isAuthoritative)
        server.conduct = .withoutAuthority
        #expect(!server.answer(mx, at: seconds(15)).isAuthoritative)
        server.conduct = .lame
        #expect(server.answer(mx, at: seconds(15)) == LabAnswer(.refused))
        server.conduct = .failing(.serverFailure)
        #expect(server.answer(mx, at: seconds(15)).responseCode == .serverFailure)
        server.conduct = .authoritative
        #expect(server.answer(Question("example.com", .mx), at: seconds(0)).responseCode == .refused)
    }

    @Test("a chain of aliases is answered whole")
    func aChainOfAliasesIsAnsweredWhole() {
        let server = LabAuthority("ns1.example.it", zones: [Self.zone()])
        let answer = server.answer(Question("shop.example.it", .mx), at: seconds(0))
        #expect(answer.answer.map(\.type) == [.cname, .mx])
    }
}
