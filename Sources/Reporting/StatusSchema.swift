/// The JSON Schema (2020-12) of `propaga/status/1`, which `propaga check --schema` prints.
///
/// It is strict: every member is required and no other is allowed. So the tests fail if the document changes without
/// a new version.
package let statusSchema = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:propaga:status:1",
      "title": "propaga/status/1",
      "description": "How far MX changes have come, as propaga sees it. Durations and TTLs are whole seconds, instants are RFC 3339 in UTC, absent knowledge is null.",
      "type": "object",
      "additionalProperties": false,
      "required": ["schema", "generated_at", "condition", "exit_code", "deadline_passed", "target", "domains"],
      "properties": {
        "schema": { "const": "propaga/status/1" },
        "generated_at": { "$ref": "#/$defs/instant" },
        "condition": { "enum": ["published", "propagated", "second-pass", "decommission"] },
        "exit_code": { "description": "0 met, 1 not yet, 2 cannot tell; 130 and 143 interrupted.", "type": "integer", "minimum": 0, "maximum": 255 },
        "deadline_passed": { "type": "boolean" },
        "target": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "primary", "accepted"],
          "properties": {
            "name": { "type": "string", "minLength": 1 },
            "primary": { "$ref": "#/$defs/domain_name" },
            "accepted": { "type": "array", "items": { "$ref": "#/$defs/domain_name" } }
          }
        },
        "domains": { "type": "array", "items": { "$ref": "#/$defs/domain" } }
      },
      "$defs": {
        "instant": {
          "type": "string",
          "format": "date-time",
          "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
        },
        "instant_or_null": { "anyOf": [{ "$ref": "#/$defs/instant" }, { "type": "null" }] },
        "domain_name": { "description": "Presentation form without the final dot (RFC 1035 §5.1); the root is a dot.", "type": "string", "minLength": 1, "maxLength": 1004 },
        "domain_name_or_null": { "anyOf": [{ "$ref": "#/$defs/domain_name" }, { "type": "null" }] },
        "address": {
          "description": "An IPv4 address and a port, or an IPv6 address in brackets and a port.",
          "type": "string",
          "pattern": "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+\\]):[0-9]{1,5}$"
        },
        "state": { "enum": ["target", "mixed", "previous", "no_mx", "failing", "silent"] },
        "seconds_or_null": { "type": ["integer", "null"], "minimum": 0 },
        "ttl_or_null": { "type": ["integer", "null"], "minimum": 0, "maximum": 604800 },
        "serial_or_null": { "type": ["integer", "null"], "minimum": 0, "maximum": 4294967295 },
        "milliseconds_or_null": { "type": ["number", "null"], "minimum": 0 },
        "text_or_null": { "type": ["string", "null"], "minLength": 1 },
        "sentences": { "type": "array", "items": { "type": "string", "minLength": 1 } },
        "count": { "type": "integer", "minimum": 0 },
        "mx": {
          "description": "By preference, then name.",
          "type": "array",
          "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["preference", "exchange", "accepted"],
            "properties": {
              "preference": { "type": "integer", "minimum": 0, "maximum": 65535 },
              "exchange": { "$ref": "#/$defs/domain_name" },
              "accepted": { "type": "boolean" }
            }
          }
        },
        "domain": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "domain", "phase", "condition_met", "published", "propagated", "second_pass", "decommission",
            "reasons", "warnings", "assumptions", "resolvers_counted", "resolvers_clear", "resolvers_excluded",
            "authority", "resolvers"
          ],
          "properties": {
            "domain": { "$ref": "#/$defs/domain_name" },
            "phase": { "enum": ["undetermined", "unpublished", "publishing", "propagating", "propagated", "second_pass_safe", "decommission_safe"] },
            "condition_met": { "type": "boolean" },
            "published": {
              "type": "object",
              "additionalProperties": false,
              "required": ["reached", "at", "basis"],
              "properties": {
                "reached": { "type": "boolean" },
                "at": { "$ref": "#/$defs/instant_or_null" },
                "basis": { "enum": ["authority", "operator", "resolvers"] }
              }
            },
            "propagated": {
              "type": "object",
              "additionalProperties": false,
              "required": ["reached", "at", "not_before"],
              "properties": {
                "reached": { "type": "boolean" },
                "at": { "$ref": "#/$defs/instant_or_null" },
                "not_before": { "$ref": "#/$defs/instant_or_null" }
              }
            },
            "second_pass": {
              "type": "object",
              "additionalProperties": false,
              "required": ["safe", "at", "not_before", "bound", "settle"],
              "properties": {
                "safe": { "type": "boolean" },
                "at": { "$ref": "#/$defs/instant_or_null" },
                "not_before": { "$ref": "#/$defs/instant_or_null" },
                "bound": { "$ref": "#/$defs/instant_or_null" },
                "settle": { "type": "integer", "minimum": 0, "maximum": 604800 }
              }
            },
            "decommission": {
              "type": "object",
              "additionalProperties": false,
              "required": ["safe", "not_before"],
              "properties": {
                "safe": { "type": "boolean" },
                "not_before": { "$ref": "#/$defs/instant_or_null" }
              }
            },
            "reasons": { "$ref": "#/$defs/sentences" },
            "warnings": { "$ref": "#/$defs/sentences" },
            "assumptions": { "description": "What the verdict assumes.", "$ref": "#/$defs/sentences" },
            "resolvers_counted": { "$ref": "#/$defs/count" },
            "resolvers_clear": { "$ref": "#/$defs/count" },
            "resolvers_excluded": { "$ref": "#/$defs/count" },
            "authority": {
              "type": "object",
              "additionalProperties": false,
              "required": ["zone", "consistent", "servers"],
              "properties": {
                "zone": { "$ref": "#/$defs/domain_name_or_null" },
                "consistent": { "type": ["boolean", "null"] },
                "servers": { "type": "array", "items": { "$ref": "#/$defs/authority_server" } }
              }
            },
            "resolvers": { "type": "array", "items": { "$ref": "#/$defs/resolver" } }
          }
        },
        "authority_server": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "address", "state", "mx", "ttl", "soa_serial", "rtt_ms", "error"],
          "properties": {
            "name": { "$ref": "#/$defs/domain_name_or_null" },
            "address": { "$ref": "#/$defs/address" },
            "state": { "anyOf": [{ "$ref": "#/$defs/state" }, { "type": "null" }] },
            "mx": { "$ref": "#/$defs/mx" },
            "ttl": { "$ref": "#/$defs/ttl_or_null" },
            "soa_serial": { "$ref": "#/$defs/serial_or_null" },
            "rtt_ms": { "$ref": "#/$defs/milliseconds_or_null" },
            "error": { "$ref": "#/$defs/text_or_null" }
          }
        },
        "resolver": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name", "address", "transport", "state", "target_since", "clear", "overdue", "excluded", "mx", "ttl",
            "ttl_remaining", "expires_at", "old_until", "caches_seen", "confirmations", "soa_serial", "rcode",
            "nsid", "ede", "rtt_ms", "checked_at", "error"
          ],
          "properties": {
            "name": { "type": "string", "minLength": 1 },
            "address": { "$ref": "#/$defs/address" },
            "transport": { "enum": ["udp"] },
            "state": { "$ref": "#/$defs/state" },
            "target_since": { "$ref": "#/$defs/instant_or_null" },
            "clear": { "type": "boolean" },
            "overdue": { "type": "boolean" },
            "excluded": { "$ref": "#/$defs/text_or_null" },
            "mx": { "$ref": "#/$defs/mx" },
            "ttl": { "$ref": "#/$defs/ttl_or_null" },
            "ttl_remaining": { "$ref": "#/$defs/seconds_or_null" },
            "expires_at": { "$ref": "#/$defs/instant_or_null" },
            "old_until": { "$ref": "#/$defs/instant_or_null" },
            "caches_seen": { "$ref": "#/$defs/count" },
            "confirmations": { "$ref": "#/$defs/count" },
            "soa_serial": { "$ref": "#/$defs/serial_or_null" },
            "rcode": { "$ref": "#/$defs/text_or_null" },
            "nsid": { "$ref": "#/$defs/text_or_null" },
            "ede": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["code", "text"],
                "properties": {
                  "code": { "type": "integer", "minimum": 0, "maximum": 65535 },
                  "text": { "$ref": "#/$defs/text_or_null" }
                }
              }
            },
            "rtt_ms": { "$ref": "#/$defs/milliseconds_or_null" },
            "checked_at": { "$ref": "#/$defs/instant_or_null" },
            "error": { "$ref": "#/$defs/text_or_null" }
          }
        }
      }
    }

    """#
