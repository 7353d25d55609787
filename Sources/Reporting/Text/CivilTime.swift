/// Seconds since 1970 taken apart into a date and a time of day, in the proleptic Gregorian calendar.
///
/// It uses integer arithmetic: the C library's conversion takes a lock, and many rows need several conversions.
struct CivilTime: Hashable, Sendable {
    var year: Int64
    /// 1 to 12.
    var month: Int64
    /// 1 to 31.
    var day: Int64
    /// 0 to 86,399.
    var secondOfDay: Int64

    var hour: Int64 { secondOfDay / 3600 }
    var minute: Int64 { secondOfDay / 60 % 60 }
    var second: Int64 { secondOfDay % 60 }

    /// From 0000-03-01, the first day of a year that ends with its leap day, to 1970-01-01.
    private static let daysToEpoch: Int64 = 719_468
    private static let daysInFourCenturies: Int64 = 146_097

    init(year: Int64, month: Int64, day: Int64, secondOfDay: Int64) {
        (self.year, self.month, self.day, self.secondOfDay) = (year, month, day, secondOfDay)
    }

    init(seconds: Int64) {
        let dayNumber = floorDivision(seconds, 86400)
        secondOfDay = seconds - dayNumber * 86400
        let days = dayNumber + Self.daysToEpoch
        let cycle = floorDivision(days, Self.daysInFourCenturies)
        let dayOfCycle = days - cycle * Self.daysInFourCenturies
        // Leap days of the cycle before this day: one in four years, none in a century, one at its end.
        let leapDays = dayOfCycle / 1460 - dayOfCycle / 36524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100)
        // Counted from March, the months' lengths repeat every five months, 153 days.
        let monthFromMarch = (dayOfYear * 5 + 2) / 153
        day = dayOfYear - (monthFromMarch * 153 + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    /// Seconds since 1970 on a clock that shows UTC.
    var secondsSinceEpoch: Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let monthFromMarch = month <= 2 ? month + 9 : month - 3
        let cycle = floorDivision(yearFromMarch, 400)
        let yearOfCycle = yearFromMarch - cycle * 400
        let dayOfCycle =
            yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + (monthFromMarch * 153 + 2) / 5 + day - 1
        let dayNumber = cycle * Self.daysInFourCenturies + dayOfCycle - Self.daysToEpoch
        return dayNumber * 86400 + secondOfDay
    }

    static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Appends `2026-11-23`.
    func appendDate(to text: inout [UInt8]) {
        text.append(twoDigits: year / 100)
        text.append(twoDigits: year)
        text.append(UInt8(ascii: "-"))
        text.append(twoDigits: month)
        text.append(UInt8(ascii: "-"))
        text.append(twoDigits: day)
    }

    /// Appends `17:05:00`.
    func appendTime(to text: inout [UInt8]) {
        text.append(twoDigits: hour)
        text.append(UInt8(ascii: ":"))
        text.append(twoDigits: minute)
        text.append(UInt8(ascii: ":"))
        text.append(twoDigits: second)
    }
}

/// Division that rounds down, for a positive divisor.
func floorDivision(_ number: Int64, _ divisor: Int64) -> Int64 {
    number >= 0 ? number / divisor : (number + 1) / divisor - 1
}
