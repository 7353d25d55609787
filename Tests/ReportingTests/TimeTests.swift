import DNS
import Foundation
import Testing

@testable import Reporting

@Suite struct TimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_799, "2000-02-29T23:59:59Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
        (1_795_453_500, "2026-11-23T17:05:00Z"), (2_147_483_648, "2038-01-19T03:14:08Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
        (-62_167_219_200, "0000-01-01T00:00:00Z"),
    ]) func instantsGoToTextAndBack(_ seconds: Int64, _ text: String) throws {
        #expect(RFC3339.format(WallTime(milliseconds: seconds * 1000)) == text)
        #expect(try RFC3339.parse(text) == WallTime(milliseconds: seconds * 1000))
    }

    @Test func theCalendarAgreesWithTheCLibrarysOnEveryDay() {
        for day in Int64(-5)..<60_000 {
            var (seconds, parts) = (time_t(day * 86400 + 12_345), tm())
            gmtime_r(&seconds, &parts)
            let civil = CivilTime(seconds: Int64(seconds))
            guard civil.year == Int64(parts.tm_year) + 1900, civil.month == Int64(parts.tm_mon) + 1,
                civil.day == Int64(parts.tm_mday), civil.secondsSinceEpoch == Int64(seconds)
            else {
                Issue.record("day \(day): \(civil)")
                return
            }
        }
    }

    @Test(arguments: [
        ("2026-11-23T18:05:00+01:00", Int64(1_795_453_500_000)),
        ("2026-11-23T11:35:00-05:30", 1_795_453_500_000),
        ("2026-11-23 17:05:00z", 1_795_453_500_000), ("2026-11-23t17:05:00.25Z", 1_795_453_500_250),
        ("2026-11-23T17:05:00.1239999Z", 1_795_453_500_123), ("2027-01-01T00:30:00+01:00", 1_798_759_800_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("2017-01-01T00:59:60+01:00", 1_483_228_800_000),
        ("2026-11-23T17:05:00-00:00", 1_795_453_500_000),
    ]) func otherFormsAreRead(_ text: String, _ milliseconds: Int64) throws {
        #expect(try RFC3339.parse(text).milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("", "a year of four digits"), ("yesterday", "a year of four digits"), ("26-11-23", "a year of four"),
        ("2026/11/23T17:05:00Z", "“-” after character 4"), ("2026-13-01T00:00:00Z", "a month from 01 to 12"),
        ("2026-02-29T00:00:00Z", "a day from 01 to 28"), ("2100-02-29T00:00:00Z", "a day from 01 to 28"),
        ("2026-11-31T00:00:00Z", "a day from 01 to 30"), ("2026-11-00T00:00:00Z", "a day from 01"),
        ("2026-11-23", "“T” after character 10"), ("2026-11-23T24:00:00Z", "an hour from 00 to 23"),
        ("2026-11-23T17:60:00Z", "a minute"), ("2026-11-23T17:05:61Z", "a second from 00 to 59"),
        ("2026-11-23T17:05:60Z", "60 only at 23:59 UTC"), ("2026-11-23T17:05Z", "“:” after character 16"),
        ("2026-11-23T17:05:00", "Z or an offset"), ("2026-11-23T17:05:00.Z", "digits after the decimal"),
        ("2026-11-23T17:05:00+0100", "“:” after"), ("2026-11-23T17:05:00+24:00", "an offset"),
        ("2026-11-23T17:05:00Z ", "nothing after the offset"), ("２026-11-23T17:05:00Z", "a year"),
        ("2026-11-23T17:05:00 Z", "Z or an offset"), ("\u{1B}[2J", "“\\u{1B}[2J” is not an RFC 3339 time"),
    ]) func whatIsWrongIsSaid(_ text: String, _ expected: String) {
        let error = #expect(throws: TextError.self) { try RFC3339.parse(text) }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test func timesAreShownInTheZoneThatIsAskedFor() {
        let now = Timestamp(Situation.start.wall)
        let later = Timestamp(seconds: now.seconds + 1600)
        #expect(TimeText(zone: .utc, now: now).text(later) == "17:31:40 UTC")
        #expect(TimeText(zone: .fixed(3600), now: now).text(later) == "18:31:40 +0100")
        #expect(TimeText(zone: .fixed(-12600), now: now).text(later) == "14:01:40 -0330")
        #expect(TimeText(zone: .utc, now: now).full(later) == "2026-11-23 17:31:40 UTC")
        let evening = Timestamp(seconds: now.seconds + 6 * 3600)
        #expect(TimeText(zone: .utc, now: now).text(evening) == "23:05:00 UTC")
        #expect(TimeText(zone: .fixed(3600), now: now).text(evening) == "2026-11-24 00:05:00 +0100")
    }

    @Test func localTimeIsTheHosts() {
        let now = Timestamp(Situation.start.wall)
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss Z"
        let expected = formatter.string(from: Date(timeIntervalSince1970: Double(now.seconds)))
        #expect(TimeText(zone: .local, now: now).full(now) == expected)
    }

    @Test(arguments: [
        ("0s", 0), ("90s", 90), ("30m", 1800), ("6h", 21_600), ("2d", 172_800), ("36500d", 3_153_600_000),
    ]) func durationsAreRead(_ text: String, _ seconds: Int64) throws {
        #expect(try DurationText.parse(text) == .seconds(seconds))
    }

    @Test func aNumberAloneIsAskedForItsUnit() {
        let error = #expect(throws: TextError.self) { try DurationText.parse("5") }
        #expect(error?.message == "5 has no unit: write 5s, 5m, 5h or 5d")
    }

    @Test(arguments: [
        "", "s", "90 s", "1.5h", "-5s", "+5s", "5w", "5S", "h6", "１s", "36501d",
        "99999999999999999999s",
        "9223372036854775807d",
    ]) func noDurationIsRefusedWithTheFormThatIsAllowed(_ text: String) {
        let error = #expect(throws: TextError.self) { try DurationText.parse(text) }
        #expect(
            error?.message.contains("90s, 30m, 6h or 2d") == true || error?.message.contains("36500d") == true
        )
    }

    @Test(arguments: [
        (-3, "0s"), (0, "0s"), (58, "58s"), (99, "99s"), (100, "2m"), (1600, "27m"), (1621, "28m"),
        (5940, "99m"),
        (5941, "2h"), (21_600, "6h"), (169_200, "47h"), (169_201, "2d"), (172_800, "2d"), (604_800, "7d"),
    ]) func aCountdownHasTwoDigitsAndAUnit(_ seconds: Int64, _ text: String) {
        #expect(DurationText.compact(seconds: seconds) == text)
    }

    @Test(arguments: [
        (0, "0 s"), (58, "58 s"), (60, "1 min"), (90, "1 min 30 s"), (5400, "1 h 30 min"), (3605, "1 h"),
        (187_200, "2 d 4 h"), (172_800, "2 d"),
    ]) func longerLengthsAreWritten(_ seconds: Int64, _ text: String) {
        #expect(DurationText.long(seconds: seconds) == text)
    }
}
