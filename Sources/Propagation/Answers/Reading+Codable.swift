import DNS

/// Defaults are left out: a history holds hundreds of thousands of readings.
extension Reading: Codable {
    private enum CodingKeys: String, CodingKey {
        case state, exchanges, ttl, lifetime, absence, hasUnequalTTLs, canonicalName, danglingAlias
        case responseCode, isAuthoritative, nsid, extendedErrors, error, isRefusal, hasNoRoute, isWithoutEDNS
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(state: try values.decode(MailState.self, forKey: .state))
        exchanges = try values.decodeIfPresent([ReadExchange].self, forKey: .exchanges) ?? []
        ttl = try values.decodeIfPresent(TTL.self, forKey: .ttl)
        lifetime =
            values.contains(.lifetime) ? try values.decodeIfPresent(TTL.self, forKey: .lifetime) : ttl
        absence = try values.decodeIfPresent(Absence.self, forKey: .absence)
        hasUnequalTTLs = try values.decodeIfPresent(Bool.self, forKey: .hasUnequalTTLs) ?? false
        canonicalName = try values.decodeIfPresent(DomainName.self, forKey: .canonicalName)
        danglingAlias = try values.decodeIfPresent(DomainName.self, forKey: .danglingAlias)
        responseCode = try values.decodeIfPresent(ResponseCode.self, forKey: .responseCode)
        isAuthoritative = try values.decodeIfPresent(Bool.self, forKey: .isAuthoritative) ?? false
        nsid = try values.decodeIfPresent([UInt8].self, forKey: .nsid)
        extendedErrors = try values.decodeIfPresent([ExtendedError].self, forKey: .extendedErrors) ?? []
        error = try values.decodeIfPresent(String.self, forKey: .error)
        isRefusal = try values.decodeIfPresent(Bool.self, forKey: .isRefusal) ?? false
        hasNoRoute = try values.decodeIfPresent(Bool.self, forKey: .hasNoRoute) ?? false
        isWithoutEDNS = try values.decodeIfPresent(Bool.self, forKey: .isWithoutEDNS) ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(state, forKey: .state)
        if !exchanges.isEmpty { try values.encode(exchanges, forKey: .exchanges) }
        try values.encodeIfPresent(ttl, forKey: .ttl)
        if lifetime != ttl { try values.encode(lifetime, forKey: .lifetime) }
        try values.encodeIfPresent(absence, forKey: .absence)
        if hasUnequalTTLs { try values.encode(true, forKey: .hasUnequalTTLs) }
        try values.encodeIfPresent(canonicalName, forKey: .canonicalName)
        try values.encodeIfPresent(danglingAlias, forKey: .danglingAlias)
        try values.encodeIfPresent(responseCode, forKey: .responseCode)
        if isAuthoritative { try values.encode(true, forKey: .isAuthoritative) }
        try values.encodeIfPresent(nsid, forKey: .nsid)
        if !extendedErrors.isEmpty { try values.encode(extendedErrors, forKey: .extendedErrors) }
        try values.encodeIfPresent(error, forKey: .error)
        if isRefusal { try values.encode(true, forKey: .isRefusal) }
        if hasNoRoute { try values.encode(true, forKey: .hasNoRoute) }
        if isWithoutEDNS { try values.encode(true, forKey: .isWithoutEDNS) }
    }
}

/// Encoded as the value itself.
extension Shared: Codable where Value: Codable {
    convenience init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Value.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
